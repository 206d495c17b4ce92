/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The checksum of IPv4, TCP and UDP (RFC 1071), over bytes that come in pieces, and where a frame has it.
 *
 * Sums and checksums are numbers as the protocols write them: the high byte comes first in memory.
 */
#ifndef REFLEX_LIB_INET_CHECKSUM_H
#define REFLEX_LIB_INET_CHECKSUM_H

#include <stdbool.h>
#include <stdint.h>

#define INET_TCP 6u                     /* IPv4's Protocol, IPv6's Next Header */
#define INET_UDP 17u
#define INET_HEADERS_MAX 192u           /* as much of a frame as inet_find() ever needs of what is seen on networks:
                                           two VLAN tags, IPv6 with 112 bytes of extensions, TCP without options */

/* A sum in the making: { 0 } is that of nothing. */
struct inet_sum {
    uint32_t value;
    bool odd;                           /* the next byte is the second of a 16-bit word */
};

/* Goes on with the next bytes, any number of them. */
void inet_sum_add(struct inet_sum *sum, const void *bytes, uint32_t length);
/* And with a 16-bit number; after an even number of bytes. */
void inet_sum_add_number(struct inet_sum *sum, uint16_t number);
/* The ones' complement sum of all, not complemented: 0xffff for data whose own checksum is right. */
uint16_t inet_sum_result(const struct inet_sum *sum);

/* The checksum that goes with the sum: its complement.  UDP says 0xffff, the same number in this arithmetic, where that
 * is 0, because 0 stands for none there (RFC 768).  protocol: INET_TCP, INET_UDP; 0: any other, as IPv4's header. */
uint16_t inet_checksum(const struct inet_sum *sum, uint8_t protocol);

/* What is in an Ethernet frame.  Places count from the frame's first byte. */
struct inet_packet {
    uint8_t version;                    /* 4 or 6 */
    uint8_t protocol;                   /* INET_TCP or INET_UDP */
    uint16_t ip;                        /* where the IP header begins, */
    uint16_t transport;                 /* the TCP or UDP header, */
    uint16_t payload;                   /* and what it carries */
    uint16_t checksum;                  /* where the transport's checksum is */
    uint32_t transport_length;          /* of TCP's or UDP's header and payload, which end in the frame or before */
};

/* Looks through the headers of a frame: Ethernet with up to two VLAN tags, IPv4 with options, or IPv6 with
 * hop-by-hop options, routing, destination options and a fragment header of a whole packet; then TCP or UDP.
 * `headers` are the frame's first `available` bytes, of `length`.  False: it is not such a frame, it is a fragment, or
 * a header does not fit into the frame, its own length, or what is available.  On true all of [0, payload) is
 * available, and transport + transport_length <= length. */
bool inet_find(const uint8_t *headers, uint32_t available, uint32_t length, struct inet_packet *packet);

/* Adds the pseudo-header of a packet that inet_find() has found in `headers`, were it `transport_length` long. */
void inet_sum_add_pseudo_header(struct inet_sum *sum, const uint8_t *headers, const struct inet_packet *packet,
                                uint32_t transport_length);

#endif
