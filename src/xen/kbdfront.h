/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Keyboard and mouse of the PV keyboard's protocol (xen/io/kbdif.h) as an input_backend: one page, whose ring of
 * events somebody else fills.  Who that is turns out at start-up, and anew after a restore:
 *
 * - The backend of a vkbd device, if xenstore names one that connects.  It is a person's, who types ahead of a guest
 *   that is slow: when the keyboard's buffer is full (input_full()) a key stays on the ring, and what comes after it,
 *   until the guest has read all of that (input_behind()).  A guest that does not read its keyboard at all so gets no
 *   motion of its mouse either.
 * - Otherwise reflexctl in dom0, which finds page and port by struct stats (image/stats.h).  It types by itself: a key
 *   that goes down stays on the ring until the keyboard has none for the guest any more (input_ready()).
 *
 * What waits is looked at again at the far end's next event.  reflexctl and reflex-vnc send one now and then while
 * the ring is not empty; behind another backend it takes the next key or motion.
 *
 * Left out: absolute positions and touch, which are not asked for, and the keyboard's lights, for which the protocol
 * has no event.  Indices and events are not trusted: an impossible index ends the input for good, any event at all is
 * one that a chip knows or none.
 */
#ifndef REFLEX_XEN_KBDFRONT_H
#define REFLEX_XEN_KBDFRONT_H

#include "backends/input.h"
#include "backends/state.h"
#include "xen/event.h"
#include "xen/grant.h"
#include "xen/xenbus.h"

#include <xen/io/kbdif.h>

struct kbdfront {
    struct input_backend backend;           /* first: what the chips hold */
    /* wiring */
    struct xenstore *store;
    struct grant_table *grants;
    struct event_table *events;
    struct xenbus_device bus;               /* all zero when the page is for dom0 */
    struct event event;
    grant_ref_t page_ref;                   /* a backend's; 0: none, and dom0 needs none */
    /* state */
    bool for_dom0;
    bool waiting;                           /* a key on the ring, for the keyboard to be read */
    bool failed;                            /* no event is taken any more */
    uint32_t taken;                         /* events, as in_cons tells the far end */
    uint8_t page[XEN_PAGE_SIZE] __attribute__((aligned(4096)));
};

/* Connects to the first of device/vkbd/ that has a backend, waiting for it as xenbus.h says; without one, offers the
 * page to dom0.  What goes wrong is in the log, and then nobody touches keyboard and mouse. */
void kbdfront_attach(struct kbdfront *front, struct xenstore *store, struct grant_table *grants,
                     struct event_table *events);
/* The same in a restored domain, unless the page is mapped since before a soft reset.  All keys come up. */
void kbdfront_resume(struct kbdfront *front);

/* Takes what there is on the ring.  Runs on the event; more often does no harm. */
void kbdfront_poll(struct kbdfront *front);

/* The port for reflexctl.  0: the page is not for it. */
evtchn_port_t kbdfront_dom0_port(const struct kbdfront *front);

extern const struct state_map kbdfront_state;

#endif
