/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Between netfront.c, which connects an interface, netfront_tx.c and netfront_rx.c. */
#ifndef REFLEX_XEN_NETFRONT_RING_H
#define REFLEX_XEN_NETFRONT_RING_H

#include "xen/netfront.h"

/* Its places in refs[]. */
#define NETFRONT_REF_RX      NETFRONT_TX_SLOTS
#define NETFRONT_REF_TX_RING (NETFRONT_REF_RX + NETFRONT_RX_PAGES)
#define NETFRONT_REF_RX_RING (NETFRONT_REF_TX_RING + 1)

/* The backend has done what it must not: the link is down, nothing is under way any more, and what the backend
 * keeps mapped is lost.  `why` for the log. */
void netfront_fail(struct netfront *front, const char *why);

/* What the backend has said that it can do: its "feature-" nodes. */
struct netfront_features {
    bool sg, no_csum, csum_ipv6, gso_tcpv4, gso_tcpv6;
};

/* Gets all ready for a backend in `domain`, which has yet to be told of it; 0 or a negative errno.  Goes on with what
 * it offers.  Ends everything under way and takes back what was granted. */
int netfront_begin(struct netfront *front, domid_t domain);
void netfront_go(struct netfront *front, const struct netfront_features *features);
void netfront_end(struct netfront *front);

/* The record of an interface that has been told of its first backend, or has failed to.  No record is no failure.
 * forget: in a restored domain, where nobody has it any more. */
void netfront_link_begin(struct netfront *front);
void netfront_link_end(struct netfront *front);
void netfront_link_forget(struct netfront *front);

/* Takes a page back, if it is lent at all.  False: the backend keeps it. */
bool netfront_take_back(struct netfront *front, unsigned int ref);

/* net_backend_ops' */
void netfront_submit(struct net_backend *backend, struct net_packet *packet);
void netfront_flush(struct net_backend *backend);
void netfront_ready(struct net_backend *backend);
void netfront_settle(struct net_backend *backend);

/* Empty rings, and all slots and copy pages free. */
void netfront_tx_init(struct netfront *front);
void netfront_rx_init(struct netfront *front);
/* What the event is for.  The backend gets pages for frames with the first netfront_rx_poll(). */
void netfront_tx_poll(struct netfront *front);
void netfront_rx_poll(struct netfront *front);

/* Of an interface that has failed: all packets end, those on the ring and those that wait, as not sent; and the pages
 * for frames are taken back.  What the backend keeps is lost. */
void netfront_tx_give_up(struct netfront *front);
void netfront_rx_give_up(struct netfront *front);
/* Packets on the ring wait again, before all others; the ring is empty. */
void netfront_tx_rewind(struct netfront *front);

#endif
