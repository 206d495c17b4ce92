/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Between netfront.c, which connects an interface, netfront_tx.c and netfront_rx.c. */
#ifndef REFLEX_XEN_NETFRONT_RING_H
#define REFLEX_XEN_NETFRONT_RING_H

#include "xen/netfront.h"

/* Its places in refs[]. */
#define NETFRONT_REF_RX      NETFRONT_TX_SLOTS
#define NETFRONT_REF_TX_RING (NETFRONT_REF_RX + NETFRONT_RX_PAGES)
#define NETFRONT_REF_RX_RING (NETFRONT_REF_TX_RING + 1)

/* The backend has done what it must not: the link is down for good, nothing is under way any more, and what the backend
 * keeps mapped is lost.  `why` for the log. */
void netfront_fail(struct netfront *front, const char *why);

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
