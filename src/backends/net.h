/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * An Ethernet link as a network chip needs it, answered by netfront in a domain and by a wire in tests.
 *
 * Frames are without preamble and FCS, from the destination address on.  Sending: after submit() the packet, its
 * segments and the memory that they name belong to the backend until it calls done(), exactly once, on any later event
 * or before submit() returns.  Receiving: the backend pushes, and keeps what the chip has no room for.
 */
#ifndef REFLEX_BACKENDS_NET_H
#define REFLEX_BACKENDS_NET_H

#include <stdbool.h>
#include <stdint.h>

#define NET_ADDRESS_BYTES 6
#define NET_HEADER_BYTES  14                /* destination, source, type */
#define NET_FRAME_MIN     60                /* shorter ones are padded by who sends them */
#define NET_FRAME_MAX     1514              /* of a link without jumbo frames; a VLAN tag makes it 4 longer */
#define NET_PACKET_MAX    65535             /* that is to be cut into frames (enum net_gso), headers included */
#define NET_SEGMENTS_MAX  18                /* of a packet.  What has more is copied together by the chip */
#define NET_PIECES_MAX    5                 /* of a received frame */

/* Guest-physical bytes, any address and length but 0.  Firmware buffers are guest-physical too. */
struct net_segment {
    uint64_t address;
    uint32_t length;
};

enum net_gso { NET_GSO_NONE, NET_GSO_TCPV4, NET_GSO_TCPV6 };

/* What is left to do to a packet before it is on the wire.  Chips ask only for what net_info offers. */
struct net_offload {
    /* The 16-bit ones' complement sum at checksum_start + checksum_offset, over everything from checksum_start on,
     * is to be completed; the sum over the pseudo-header is there already.  TCP or UDP. */
    bool checksum;
    uint16_t checksum_start, checksum_offset;
    /* To be cut into frames with segment_bytes of TCP payload each.  Wants `checksum`, too; lengths and
     * identification of the IP header are as if the packet went out in one piece.  No VLAN tag. */
    enum net_gso gso;
    uint16_t segment_bytes;
};

struct net_packet {
    const struct net_segment *segments;     /* the first holds all headers, as far as `offload` needs them */
    unsigned int segment_count;             /* 1 to NET_SEGMENTS_MAX */
    uint32_t length;                        /* the segments' together: NET_HEADER_BYTES to NET_FRAME_MAX + 4, or
                                               NET_PACKET_MAX with gso */
    struct net_offload offload;
    /* sent: the backend has taken it, which is all that a wire promises.  The memory is the submitter's again. */
    void (*done)(struct net_packet *packet, bool sent);
    void *owner;                            /* the submitter's, not looked at by the backend */
    /* the backend's, until done() */
    struct net_packet *next;
    uint32_t sequence;
    unsigned int pending;
    bool refused;
};

enum net_checksum { NET_CHECKSUM_UNKNOWN, NET_CHECKSUM_GOOD };

/* A received frame: firmware memory, the chip's during the call only. */
struct net_piece {
    const uint8_t *bytes;
    uint32_t length;
};
struct net_frame {
    const struct net_piece *pieces;         /* the first holds NET_HEADER_BYTES at least */
    unsigned int piece_count;               /* 1 to NET_PIECES_MAX */
    uint32_t length;                        /* the pieces' together */
    /* Of TCP or UDP: somebody has looked at it.  A checksum that the sender has left out is in place already. */
    enum net_checksum checksum;
};

/* Set by the chip. */
struct net_listener {
    /* False: there is no room for it now.  The backend keeps it and asks again after ready().  A chip that does not
     * listen at all, or does not want it, takes it and drops it. */
    bool (*receive)(struct net_listener *listener, const struct net_frame *frame);
    /* net_info's `up` has changed. */
    void (*link_changed)(struct net_listener *listener);
    /* What was pushed in one go is over: time for an interrupt. */
    void (*pushed)(struct net_listener *listener);
};

struct net_info {
    uint8_t address[NET_ADDRESS_BYTES];     /* the interface's own */
    bool up;                                /* the far end is there */
    /* What it does for the sender. */
    bool checksum_v4, checksum_v6, gso_tcpv4, gso_tcpv6;
};

struct net_backend;
struct net_backend_ops {
    /* Takes the packet, or fails it by done(); never blocks. */
    void (*submit)(struct net_backend *backend, struct net_packet *packet);
    /* What was submitted in one go is over: time to tell the far end. */
    void (*flush)(struct net_backend *backend);
    /* The chip has room for frames again; receive() may be called before this returns. */
    void (*ready)(struct net_backend *backend);
    /* Waits until done() has been called for every packet.  The wait is bounded: a far end that hangs has its packets
     * failed once it cannot reach their memory any more, and if it can the link is down for good. */
    void (*settle)(struct net_backend *backend);
};

struct net_backend {
    const struct net_backend_ops *ops;
    struct net_info info;                   /* `address` is constant; the rest may change with link_changed() */
    struct net_listener *listener;          /* NULL: frames are dropped */
};

#endif
