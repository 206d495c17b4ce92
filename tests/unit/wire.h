/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A network to which one card is connected: a net_backend that remembers what was sent, and sends what a test likes. */
#ifndef REFLEX_TESTS_WIRE_H
#define REFLEX_TESTS_WIRE_H

#include "support.h"

#include "backends/net.h"

#define WIRE_FRAMES  64
#define WIRE_WAITING 64

struct wire_frame {
    uint8_t bytes[NET_PACKET_MAX];
    uint32_t length;
    unsigned int segments;
    struct net_offload offload;
};

struct wire {
    struct net_backend backend;
    struct test_memory *memory;             /* what segments name, besides the test's own memory */
    bool deferred;                          /* packets stay out until wire_complete() or settle() */
    bool fail;                              /* they come back as not sent */
    struct net_packet *out;                 /* those, the oldest first */
    unsigned int sent, flushes, readies, settles;
    struct wire_frame *frames;              /* what was sent: frames[n % WIRE_FRAMES] is the nth */
    struct waiting {
        uint8_t bytes[2048];
        uint32_t length;
        enum net_checksum checksum;
    } waiting[WIRE_WAITING];                /* frames that the card had no room for */
    unsigned int waiting_count;
};

/* The link is up; it offers nothing but to send frames. */
void wire_init(struct wire *wire, struct test_memory *memory, const uint8_t address[NET_ADDRESS_BYTES]);
void wire_free(struct wire *wire);
/* The last frame that was sent. */
struct wire_frame *wire_last(struct wire *wire);
/* What net_offload leaves to do for the checksum of a packet in one piece, done. */
void wire_finish(struct wire_frame *frame);
/* Gives back packet `i` of those that are out; false when there are not so many. */
bool wire_complete(struct wire *wire, unsigned int i);
void wire_link(struct wire *wire, bool up);

/* A frame for the card, in one piece or in two, as one batch.  True: it was taken, or dropped; else it waits. */
bool wire_push(struct wire *wire, const void *frame, uint32_t length, enum net_checksum checksum);
bool wire_push_split(struct wire *wire, const void *frame, uint32_t length, uint32_t first, enum net_checksum checksum);

#endif
