/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Watches of xenstore (xen/io/xs_wire.h) on a connection of their own.  libxenstore's would need a thread, which the
 * static library does not have: its descriptor for poll() never becomes readable.
 */
#ifndef REFLEX_DM_WATCHES_H
#define REFLEX_DM_WATCHES_H

#include <stdbool.h>
#include <stdint.h>

#include <xen/io/xs_wire.h>

struct watches {
    int fd;                             /* to poll for input; -1: closed */
    const char *below;                  /* of the last event: where below the watched path, "" or "/5632/state" */
    uint32_t length;                    /* bytes of the present message so far */
    struct {
        struct xsd_sockmsg head;
        char body[XENSTORE_PAYLOAD_MAX];
    } message;
};

/* path: of xenstored's socket.  False, with errno: it cannot be reached. */
bool watches_open(struct watches *watches, const char *path);
void watches_close(struct watches *watches);
/* `number`, 0 to 9, stands for the path in events; there is one at once.  False, with errno. */
bool watches_add(struct watches *watches, const char *path, unsigned int number);
/* The next event's number; -1 with errno EAGAIN: none for now; -1 with another: xenstored is lost. */
int watches_next(struct watches *watches);

#endif
