/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The screen of the PV framebuffer's protocol (xen/io/fbif.h) as a display_backend: one page with the picture's shape,
 * a ring of what has changed, a ring of what the far end says, and the list of frames of the video memory.
 *
 * The far end maps the video memory by frame numbers, once, when it connects: the protocol knows no grants, so that it
 * lives in a domain that may map any memory of this one (dom0).  Pages that the guest moves later are the same pages to
 * it; the list is kept by the memory's owner for the next far end.
 *
 * The firmware has no clock that rings, so it is the far end that makes the chip draw.  Each XENFB_TYPE_REFRESH_PERIOD
 * that it sends is an order to bring the picture up to date, and says how long somebody will look at it at that rate:
 * until XENFB_NO_REFRESH.  reflex-vnc sends one for each picture that a viewer shall have.  QEMU's backend says its
 * period only when that changes; for it the picture is brought up to date whenever the firmware is entered and that
 * time has passed.  While nobody looks nothing is drawn and nothing is sent, not even a change of the mode: the shape
 * is sent when somebody begins to look.
 *
 * A far end that has died and a new one that binds the same event channel and maps the same page are alike to this end:
 * the rings go on where they were.  Indices and events are not trusted: an impossible index ends the screen until the
 * domain is restored; of the only event that there is, every value has a meaning.
 */
#ifndef REFLEX_XEN_FBFRONT_H
#define REFLEX_XEN_FBFRONT_H

#include "backends/display.h"
#include "backends/state.h"
#include "backends/video_memory.h"
#include "xen/event.h"
#include "xen/xenbus.h"

#include <xen/io/fbif.h>

/* Where the page directory is for a far end that is told "x86_32-abi", whatever unsigned long is here, and how many of
 * its places lie before the rings. */
#define FBFRONT_DIRECTORY       36
#define FBFRONT_DIRECTORY_PAGES ((XENFB_IN_RING_OFFS - FBFRONT_DIRECTORY) / 4)
#define FBFRONT_FRAMES_IN_PAGE  (XEN_PAGE_SIZE / 4)

struct fbfront {
    struct display_backend backend;         /* first: what the chip holds */
    /* wiring */
    const struct video_memory *memory;
    struct xenstore *store;
    struct event_table *events;
    struct xenbus_device bus;
    struct event event;                     /* port 0: nobody is at the other end */
    /* state */
    bool failed;                            /* no ring is looked at any more */
    bool wants_updates;                     /* the far end asks to be told of changes */
    uint32_t period_ms;                     /* 0: nobody looks */
    uint32_t taken, put;                    /* events of the far end's ring, and of ours */
    struct display_picture picture;
    bool shape_is_due, all_is_due;          /* to be sent; to be drawn */
    struct display_rectangle late;          /* around all that had no room on the ring; width 0: nothing */
    bool has_looked;                        /* since fbfront_tick() */
    uint64_t looked_at;                     /* in its ticks */
    uint8_t page[XEN_PAGE_SIZE] __attribute__((aligned(4096)));
};

/* Connects to the first of device/vfb/ whose backend does, waiting for it as xenbus.h says.  Without one the chip draws
 * for nobody.  What goes wrong is in the log. */
void fbfront_attach(struct fbfront *front, struct xenstore *store, struct event_table *events,
                    const struct video_memory *memory);
/* The same in a restored domain.  The picture stays what it was. */
void fbfront_resume(struct fbfront *front);

/* Takes what there is on the ring, and lets the chip draw if that asks for it.  Runs on the event. */
void fbfront_poll(struct fbfront *front);

/* To be called at the end of every entry into the firmware: lets the chip draw if that is due.  ticks: of the cheap
 * clock; ticks_per_ms 0: there is none, and the far end has to ask. */
void fbfront_tick(struct fbfront *front, uint64_t ticks, uint32_t ticks_per_ms);

extern const struct state_map fbfront_state;

#endif
