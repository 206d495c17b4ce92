/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The domain's screen: the far end of the PV framebuffer (xen/io/fbif.h), and a private copy of the picture, of which
 * viewers are served.
 *
 * The domain is not trusted.  Its page and its picture are read once, into copies, and what is checked is the copy;
 * what there is to do is bounded by time, not by what the domain sends: events are taken once for each screen_ask(), and not
 * at all while nobody asks.
 */
#ifndef REFLEX_VNC_SCREEN_H
#define REFLEX_VNC_SCREEN_H

#include "device.h"

/* More than any video memory has: 32 MiB. */
#define SCREEN_PAGES_MAX 8192u

/* Of the picture as it lies in the video memory. */
struct shape {
    uint32_t width, height, stride, depth, offset;
};

struct area {
    uint32_t x, y, width, height;           /* width 0: nothing */
};

struct screen_listener {
    /* The picture has another size: `pixels` is where it is from now on, all of it changed. */
    void (*resized)(struct screen_listener *listener);
    void (*changed)(struct screen_listener *listener, const struct area *area);
};

struct screen {
    struct device device;
    struct screen_listener *listener;
    /* the video memory */
    const volatile uint8_t *memory;         /* NULL: not mapped */
    uint32_t pages;
    bool *mapped;                           /* of each page */
    struct shape shape;
    uint32_t taken;                         /* events */
    struct area dirty;                      /* not copied yet */
    /* the copy: lines of width pixels, red in the lowest byte, then green, blue, 0 */
    uint32_t width, height;
    uint32_t *pixels;
};

/* The copy is a dark screen until the domain shows one.  False: no memory. */
bool screen_open(struct screen *screen, struct xen *xen, struct screen_listener *listener);
void screen_close(struct screen *screen);

/* A state may have changed. */
void screen_follow(struct screen *screen);

/* Somebody looks: asks the domain for what is new; its answer is an event on device.port, if there is any. */
void screen_ask(struct screen *screen);
/* That event: tells the listener.  True: something has changed. */
bool screen_take(struct screen *screen);
/* Nobody looks any more. */
void screen_rest(struct screen *screen);

#endif
