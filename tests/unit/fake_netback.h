/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A simulated network backend: connects and checks as Linux's does, and answers when, what and in what order the test
 * says. */
#ifndef REFLEX_TESTS_FAKE_NETBACK_H
#define REFLEX_TESTS_FAKE_NETBACK_H

#include "fake_xen.h"

#include <stdbool.h>
#include <xen/io/netif.h>
#include <xen/io/xenbus.h>

#define FAKE_PACKET_SLOTS 18

/* A packet that was taken off the ring. */
struct fake_packet {
    uint8_t bytes[65536];
    uint32_t length;
    unsigned int slots, extras;
    struct netif_tx_request requests[FAKE_PACKET_SLOTS];
    struct netif_extra_info extra;          /* the last, if there are any */
};

struct fake_netback {
    char frontend[64], backend[64];
    domid_t domain;
    /* behaviour, set before the frontend attaches */
    unsigned int stuck_in;                  /* a state that it never leaves; 0: none */
    bool rx_copy, sg, gso4, gso6, no_csum, csum6;
    bool keeps_pages;                       /* never unmaps what it mapped for a packet */
    bool keeps_rings;                       /* never unmaps the rings, and never closes */
    uint32_t slot_bytes, slot_offset;       /* how much of a frame goes into a slot, and where: 4096, 0 */
    /* what the test looks at */
    enum xenbus_state state;
    grant_ref_t tx_ref, rx_ref;
    evtchn_port_t port;
    struct netif_tx_back_ring tx;
    struct netif_rx_back_ring rx;
};

/* An interface with every feature, described in xenstore as device/vif/<name>; the address is 00:16:3e:0a:0b:0c. */
void fake_netback_init(struct fake_netback *back, const char *name);
/* Its half of the state machine; run by fake_xen while the domain waits. */
void fake_netback_step(void *back);
/* The domain was restored: another backend waits for its frontend. */
void fake_netback_restore(struct fake_netback *back);

/* Takes the next packet off the ring, checks it, and maps its pages.  False: there is none. */
bool fake_netback_take(struct fake_netback *back, struct fake_packet *packet);
/* Unmaps and answers it; or any answer at all. */
void fake_netback_answer(struct fake_netback *back, const struct fake_packet *packet, int16_t status);
void fake_netback_answer_raw(struct fake_netback *back, uint16_t id, int16_t status);
/* Takes and answers until there is no more; returns how many packets. */
unsigned int fake_netback_run(struct fake_netback *back);

/* How many pages for frames there are. */
unsigned int fake_netback_pages(struct fake_netback *back);
/* Sends a frame, with NETRXF_* for its first slot.  False: there are not enough pages. */
bool fake_netback_send(struct fake_netback *back, const void *bytes, uint32_t length, uint16_t flags);
/* Uses a page up and has a response of any content; NULL: a right one of `length` bytes.  The frontend is told of
 * nothing before fake_netback_push(). */
void fake_netback_respond(struct fake_netback *back, const void *response, int16_t length, uint16_t flags);
void fake_netback_push(struct fake_netback *back);

#endif
