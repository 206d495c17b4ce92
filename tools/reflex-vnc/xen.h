/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What the program asks of Xen and xenstore about its one domain.  xen.c answers on a Xen host; tests put a simulated
 * one in its place. */
#ifndef REFLEX_VNC_XEN_H
#define REFLEX_VNC_XEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct xen;

/* NULL, after a message, when this is not dom0 of a Xen host. */
struct xen *xen_open(uint32_t domid);
void xen_close(struct xen *xen);

/* False when it is gone or being destroyed. */
bool xen_domain_exists(struct xen *xen);
/* To be freed; NULL when it has none. */
char *xen_domain_name(struct xen *xen);

/* Device 0 of a class ("vfb", "vkbd"): its frontend's nodes, which the guest writes, and our own as its backend.
 * number: a decimal one; false when there is none.  text: to be freed, NULL when there is none. */
bool xen_frontend_number(struct xen *xen, const char *device, const char *leaf, uint64_t *number);
char *xen_frontend_text(struct xen *xen, const char *device, const char *leaf);
bool xen_backend_number(struct xen *xen, const char *device, const char *leaf, uint64_t *number);
bool xen_backend_write(struct xen *xen, const char *device, const char *leaf, unsigned int number);

/* Readable when xen_next_event has something to say. */
int xen_event_fd(struct xen *xen);
enum xen_event {
    XEN_EVENT_NONE,
    XEN_EVENT_STATE,            /* a state of one of the devices may have changed; once at the start, too */
    XEN_EVENT_RELEASE,          /* some domain died, perhaps this one */
    XEN_EVENT_PORT,             /* *port, of ours, which is silent until xen_listen() */
};
/* Does not wait.  xenstore's events come first: some of them are not the domain's. */
enum xen_event xen_next_event(struct xen *xen, int *port);

/* Maps frames of the domain; mapped[i] says of which that was possible, and no other may be touched.  What is mapped
 * stays, whatever the domain does.  NULL: none of them. */
void *xen_map(struct xen *xen, const uint64_t *frames, size_t count, bool writable, bool *mapped);
void xen_unmap(struct xen *xen, void *memory, size_t count);

/* The local port that is bound to the domain's; -1: failed. */
int xen_bind(struct xen *xen, uint32_t port);
void xen_unbind(struct xen *xen, int port);
void xen_notify(struct xen *xen, int port);
void xen_listen(struct xen *xen, int port);

#endif
