/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What every program of dom0 begins with: Xen's control interface, and xenstore. */
#ifndef REFLEX_COMMON_HOST_H
#define REFLEX_COMMON_HOST_H

#include <stdbool.h>
#include <xenctrl.h>
#include <xenstore.h>

struct host {
    xc_interface *control;
    struct xs_handle *store;
};

/* False, after a message, when this is not dom0 of a Xen host, or not root. */
bool host_open(struct host *host);
/* Also of one that could not be opened. */
void host_close(struct host *host);

#endif
