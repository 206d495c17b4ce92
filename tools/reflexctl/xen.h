/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What the program asks of Xen and xenstore: which domains there are, a look at their memory, and an event channel.
 * xen.c answers on a Xen host; tests put a simulated one in its place. */
#ifndef REFLEXCTL_XEN_H
#define REFLEXCTL_XEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct xen;

struct xen_domain {
    uint32_t id;
    bool hvm;
    bool ended;                             /* shut down, crashed, or on its way out */
    const char *state;                      /* in a word: "running", "crashed" */
};

/* NULL, after a message, when this is not dom0 of a Xen host, or not root. */
struct xen *xen_open(void);
void xen_close(struct xen *xen);

/* The first domain whose number is `from` or above.  False: there is none. */
bool xen_find_domain(struct xen *xen, uint32_t from, struct xen_domain *domain);
/* To be freed; NULL when it has none. */
char *xen_domain_name(struct xen *xen, uint32_t domain);

/* Maps pages of a domain's memory, read only; the domain may be writing there.  NULL when one of them is missing. */
const volatile void *xen_map(struct xen *xen, uint32_t domain, uint64_t first_gfn, size_t pages);
void xen_unmap(struct xen *xen, const volatile void *memory, size_t pages);
/* One page, to be written as well. */
void *xen_map_writable(struct xen *xen, uint32_t domain, uint64_t gfn);

/* Binds a domain's event channel that is for dom0; nobody else can until xen_unbind().  Returns ours, or -1. */
int xen_bind(struct xen *xen, uint32_t domain, uint32_t port);
void xen_unbind(struct xen *xen, int port);
void xen_notify(struct xen *xen, int port);
/* Until the domain notifies, at most that long. */
void xen_wait(struct xen *xen, unsigned int ms);

#endif
