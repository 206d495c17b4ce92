/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The backend's half of a PV device's life (xen/io/xenbus.h), as far as the two devices of this program have it in
 * common: one page that the frontend names by its frame, and one event channel.
 *
 * A frontend that is connected already, when the program starts, had another backend, which has died: its page and its
 * channel are taken over as they are, and it does not notice.
 */
#ifndef REFLEX_VNC_DEVICE_H
#define REFLEX_VNC_DEVICE_H

#include "xen.h"

#define DEVICE_PAGE_BYTES 4096u

struct device {
    struct xen *xen;
    const char *name;                       /* "vfb", "vkbd" */
    volatile void *page;                    /* NULL: not connected */
    int port;
    bool failed;                            /* the frontend does not keep to the protocol */
};

/* A frontend may have changed its state: follows it.  True: it has page and channel now, and had not before; what is
 * left to do is to look at the page, and then device_ready(). */
bool device_follow(struct device *device);
void device_ready(struct device *device);
/* Lets go of the page, and is done with this frontend until it begins anew.  With a message, if there is one. */
void device_fail(struct device *device, const char *why);
/* The program ends. */
void device_close(struct device *device);

#endif
