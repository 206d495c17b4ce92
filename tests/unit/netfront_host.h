/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What tests of netfront share: an interface with its backend, packets and what became of them, a chip that listens. */
#ifndef REFLEX_TESTS_NETFRONT_HOST_H
#define REFLEX_TESTS_NETFRONT_HOST_H

#include "support.h"

#include "fake_netback.h"
#include "fake_xen.h"
#include "xen/guest_memory.h"
#include "xen/netfront.h"

#define PAGE 4096u
#define RAM  FAKE_RAM_START
#define HOST_GRANTS (NETFRONT_RX_PAGES + 3) /* with nothing to send: both rings, the link's record */

struct packet {
    struct net_packet packet;
    struct net_segment segments[NET_SEGMENTS_MAX];
    unsigned int done;
    bool sent;
    struct packet *then;                    /* submitted from done() */
};

/* A chip that keeps copies of what it takes. */
struct chip {
    struct net_listener listener;
    unsigned int room;                      /* frames that it takes yet */
    unsigned int frames, refused, pushes, link_changes;
    uint8_t bytes[65536];                   /* the last frame's */
    uint32_t length;
    unsigned int pieces;
    enum net_checksum checksum;
    uint32_t next;                          /* what is behind the next one's header, if `numbered` */
    bool numbered;
};

struct netfront_host {
    struct xenstore store;
    struct grant_table grants;
    struct event_table events;
    struct xen_guest_memory guest, firmware;
    struct netfront front;
    struct fake_netback back;
    struct chip chip;
    unsigned int finished;
    struct packet *last_finished;
    bool in_done;
};

extern struct netfront_host host;
extern uint8_t own_buffer[4 * PAGE];        /* the firmware's */

int host_setup_detached(void **state);      /* the backend's behaviour is the test's to change yet */
int host_setup(void **state);               /* attached, with a chip that has room */
int host_teardown(void **state);            /* nothing has failed, all is given back */
int host_attach(void);
void host_assert_no_leak(void);
void host_restore(void);                    /* saved and restored; netfront_resume() is the test's to call */

void packet_init(struct packet *packet);
void packet_add(struct packet *packet, uint64_t address, uint32_t length);
void packet_at(struct packet *packet, uint64_t address, uint32_t length);  /* one segment */
void submit(struct packet *packet);
void flush(void);
void poll_events(void);
void run(void);                             /* backend and frontend in turn, until both rest */
void fill(void *bytes, size_t length, unsigned int seed);

#endif
