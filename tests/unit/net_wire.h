/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A network backend that remembers what a chip sends, and brings what a test has for it. */
#ifndef REFLEX_TESTS_NET_WIRE_H
#define REFLEX_TESTS_NET_WIRE_H

#include "support.h"

#include "backends/net.h"

#define WIRE_SENT 128
#define WIRE_WAITING 256

struct wire_packet {
    uint32_t length;
    unsigned int segments;
    struct net_offload offload;
    uint8_t bytes[NET_PACKET_MAX];
};

struct wire_frame {
    uint32_t length;
    enum net_checksum checksum;
    uint8_t bytes[2048];
};

struct net_wire {
    struct net_backend backend;
    struct test_memory *memory;
    bool deferred;                          /* packets wait in `queue`; else they are done inside submit() */
    bool fail;                              /* they end as not sent */
    struct net_packet *queue;
    unsigned int queued, flushes, readies, settles;
    unsigned int sent_count;                /* beyond WIRE_SENT they are counted only */
    struct wire_packet sent[WIRE_SENT];
    unsigned int waiting_first, waiting_count;
    struct wire_frame waiting[WIRE_WAITING];
};

/* The wire is up, has address 52:54:00:12:34:56, and offers nothing. */
void net_wire_init(struct net_wire *wire, struct test_memory *memory);
/* The oldest waiting packet is done.  False: there is none. */
bool net_wire_complete(struct net_wire *wire);
/* A frame comes in, in up to three pieces; what has no room waits. */
void net_wire_push(struct net_wire *wire, const void *bytes, uint32_t length, enum net_checksum checksum);
void net_wire_set_up(struct net_wire *wire, bool up);

/* What net_offload leaves to do, done: the checksum of a packet in one piece. */
void net_wire_finish(struct wire_packet *packet);

#endif
