/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The domain's network interfaces, as far as xl network-detach and network-attach go: xenstore's frontend folders are
 * the guest's while it runs, so this program says there what the firmware has to say to a backend, and tells the
 * firmware of the backend (xen/link.h).  Packets do not come here.
 */
#ifndef REFLEX_DM_NIC_H
#define REFLEX_DM_NIC_H

#include <stdbool.h>
#include <stdint.h>

#include "xen.h"

#define NICS_MAX 4

struct link_record;

struct nic {
    struct link_record *record;
    int port;
    unsigned int number;            /* of its present, or last, device/vif/<number> */
    char *address;                  /* by which another vif is known to be the same interface */
    uint32_t wish;                  /* LINK_*, as last written */
    bool told;                      /* the backend that was offered knows the rings */
};

struct nics {
    struct xen *xen;
    struct nic nic[NICS_MAX];
    unsigned int count;
    uint32_t met;                   /* a bit for each number whose record is mapped */
};

/* An interface that cannot be looked after is only a message. */
void nics_open(struct nics *nics, struct xen *xen);

/* Something has changed in the folders of a vif, or of XEN_ANY. */
void nics_look(struct nics *nics, int which);
/* The event of a port: the firmware of its interface may have followed. */
void nics_hear(struct nics *nics, int port);

#endif
