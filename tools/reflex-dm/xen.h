/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What the program asks of Xen and xenstore about its one domain.  xen.c answers on a Xen host; tests put a
 * simulated one in its place. */
#ifndef REFLEX_DM_XEN_H
#define REFLEX_DM_XEN_H

#include <stdbool.h>
#include <stdint.h>

struct xen;

/* NULL, after a message, when this is not dom0 of a Xen host. */
struct xen *xen_open(uint32_t domid);
void xen_close(struct xen *xen);

/* Lets the domain's firmware serve its I/O (HVM_PARAM_REFLECT).  0 or a negative errno value: -EINVAL from a Xen
 * that does not know the parameter, -EOPNOTSUPP from one that was not booted with hvm-reflect or when the domain
 * is of a kind that cannot have it. */
int xen_enable_reflection(struct xen *xen);
/* False when it is gone or being destroyed. */
bool xen_domain_exists(struct xen *xen);
/* vCPUs that the domain can have; 0 when it is gone. */
unsigned int xen_vcpus(struct xen *xen);

/* A node below /local/domain/<domid>.  read: NULL when it is missing or empty, else to be freed. */
char *xen_store_read(struct xen *xen, const char *node);
bool xen_store_write(struct xen *xen, const char *node, const char *value);
/* Makes a node that the guest may read but not write; nodes written below it are the same. */
bool xen_store_make_readable(struct xen *xen, const char *node);
/* A node of the folder of a vbd's backend, which is a qdisk of this domain's. */
bool xen_backend_write(struct xen *xen, unsigned int virtual_device, const char *leaf, const char *value);
/* A node of the folder of a vif's backend, which is in dom0.  As xen_store_read. */
char *xen_vif_read(struct xen *xen, unsigned int number, const char *leaf);
/* Makes device/vfb/0, which libxl makes for PV domains only, and tells both ends of vkbd 0, which it makes for all but
 * when told not to, that somebody will serve it.  libxl takes both away with the domain. */
bool xen_add_screen(struct xen *xen);
/* Tells libxl that the device model is ready. */
bool xen_store_announce_running(struct xen *xen);

/* Readable when xen_next_event has something to say. */
int xen_event_fd(struct xen *xen);
enum xen_event {
    XEN_EVENT_NONE,
    XEN_EVENT_CONSOLE,          /* console/tty may have changed; once at the start, too */
    XEN_EVENT_RELEASE,          /* some domain died, perhaps this one */
    XEN_EVENT_FRONTEND,         /* something below device/vbd/<which> may have changed; XEN_ANY at the start, too */
    XEN_EVENT_VIF,              /* something in the folders of vif <which> or its backend; after xen_watch_vifs() */
    XEN_EVENT_RING,             /* the event channel that is bound to the local port <which> */
};
#define XEN_ANY (-1)
/* Does not wait.  xenstore's events come first: some of them are the toolstack's, the ports' are the domain's. */
enum xen_event xen_next_event(struct xen *xen, int *which);

/* --- for a backend: what a frontend in the domain has granted and offered.  Failures leave errno.  --- */

/* First of all; twice does no harm. */
bool xen_open_rings(struct xen *xen);
bool xen_watch_vifs(struct xen *xen);
void *xen_map_page(struct xen *xen, uint32_t ref);
void xen_unmap_page(struct xen *xen, void *page);
bool xen_copy_to_guest(struct xen *xen, uint32_t ref, uint32_t offset, const void *bytes, uint32_t length);
/* The local port that is bound to the domain's; -1: failed. */
int xen_bind(struct xen *xen, uint32_t port);
void xen_unbind(struct xen *xen, int port);
void xen_notify(struct xen *xen, int port);

#endif
