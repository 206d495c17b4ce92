/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The far end of a domain's PV keyboard (xen/io/kbdif.h, src/xen/kbdfront.h): this program puts events on the ring in
 * the firmware's memory, the one page that it writes, and waits until they are taken.  The page is the guest's, who
 * may write there as well: indices are checked on a copy, and go forward only.
 */
#ifndef REFLEXCTL_KEYBOARD_H
#define REFLEXCTL_KEYBOARD_H

#include "domain.h"
#include "keys.h"

#include <xen/io/kbdif.h>

/* Events that belong together: what goes down comes up. */
struct gesture {
    unsigned int count;
    union xenkbd_in_event events[2 * CHORD_KEYS];
};

struct keyboard {
    const struct domain *domain;
    struct xen *xen;
    volatile struct xenkbd_page *page;
    uint32_t put, taken;                    /* the ring's indices; ours to say, and as the firmware has said */
    int port;
};

/* Nobody else can do so until it is closed.  False, after a message. */
bool keyboard_open(struct keyboard *keyboard, struct xen *xen, const struct domain *domain,
                   const struct snapshot *snapshot);
void keyboard_close(struct keyboard *keyboard);

/* Returns when the firmware has taken them all.  False, after a message: it does not take them; no key is held then,
 * and what was not taken is withdrawn. */
bool keyboard_send(struct keyboard *keyboard, const struct gesture *gestures, size_t count);

#endif
