/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A PV network interface (xen/io/netif.h) as a net_backend: netfront.c connects it, netfront_tx.c sends, netfront_rx.c
 * receives, netfront_link.c lets dom0 give it another backend.
 *
 * Sending: pages of the guest are granted to the backend as they are.  Small packets are copied into pages of the
 * interface instead, and the guest's memory is its own again at once; copied is also the front part of a packet that
 * would have too many pieces, and what cannot be granted.  A packet that finds no room on the ring waits its turn.
 * Receiving: the backend copies frames into pages of the interface, which it cannot reach any more when the chip looks
 * at them.  Large packets to be cut into frames are not asked for.  A frame that the chip has no room for stays where
 * it is, and all behind it.
 *
 * The backend is not trusted: an answer that cannot be fails the interface, for the guest a link that is down until
 * dom0 gives it another backend, and what the backend keeps mapped is never used again.
 */
#ifndef REFLEX_XEN_NETFRONT_H
#define REFLEX_XEN_NETFRONT_H

#include "backends/guest_memory.h"
#include "backends/net.h"
#include "backends/state.h"
#include "xen/event.h"
#include "xen/grant.h"
#include "xen/xenbus.h"

#include <xen/io/netif.h>

#define NETFRONT_TX_SLOTS   256             /* what one ring page holds; their numbers fit a byte */
#define NETFRONT_RX_SLOTS   256
#define NETFRONT_RX_PAGES   64              /* with the backend at a time: 96 KB of full frames */
#define NETFRONT_COPY_PAGES 32              /* each in two halves; a bit each in `free_halves` */
#define NETFRONT_REFS       (NETFRONT_TX_SLOTS + NETFRONT_RX_PAGES + 2)

/* The interface's pages, which the image has no room for. */
struct netfront_pages {
    uint8_t tx_ring[XEN_PAGE_SIZE], rx_ring[XEN_PAGE_SIZE];
    uint8_t link[XEN_PAGE_SIZE];            /* struct link_record */
    uint8_t rx[NETFRONT_RX_PAGES][XEN_PAGE_SIZE];
    uint8_t copies[NETFRONT_COPY_PAGES][XEN_PAGE_SIZE];
};

#define NETFRONT_PAGES (sizeof(struct netfront_pages) / XEN_PAGE_SIZE)

/* A request to send, under its id. */
struct netfront_slot {
    struct net_packet *packet;              /* which is not over before the answer; NULL: nobody waits for it */
    bool busy;                              /* not answered */
    uint8_t next_free;                      /* another slot, if not busy */
    uint8_t copy;                           /* what it has of `copies`; see netfront_tx.c */
};

struct netfront {
    struct net_backend backend;             /* first: what the chip holds */
    /* configuration */
    struct xenbus_device bus;
    /* wiring */
    struct grant_table *grants;
    struct event_table *events;
    struct guest_memory *guest, *firmware;
    struct netfront_pages *pages;
    struct event event;
    grant_ref_t refs[NETFRONT_REFS];        /* of each tx slot, of each rx page, of both rings */
    grant_ref_t link_ref;
    struct event link_event;
    struct netif_tx_front_ring tx;
    struct netif_rx_front_ring rx;
    /* state */
    bool reserved;                          /* references and event channel are ours */
    bool failed;                            /* or has never been connected */
    bool pages_lost;                        /* the backend keeps pages granted to it */
    bool linked;                            /* dom0 may change the backend: */
    uint32_t link_state;                    /* LINK_* (xen/link.h) */
    /* sending */
    unsigned int packet_slots;              /* that a packet may have, extra-info aside */
    bool sending;                           /* what is submitted meanwhile is seen to already */
    struct net_packet *first, *last;        /* waiting, in order */
    uint32_t sequence;                      /* of the packet that went onto the ring last */
    unsigned int lent;                      /* packets on the ring whose memory is the backend's */
    unsigned int extras;                    /* extra-info on the ring */
    uint8_t first_free;
    uint32_t free_halves[2];                /* lower and upper halves of copy pages */
    struct netfront_slot slots[NETFRONT_TX_SLOTS];
    /* receiving */
    bool receiving;
    bool held;                              /* `frame` waits for the chip */
    RING_IDX rx_seen;                       /* the backend's responses that we know of end here */
    RING_IDX rx_released;                   /* the oldest request whose page is not to be had yet */
    struct net_frame frame;
    struct net_piece pieces[NET_PIECES_MAX];
    uint32_t sent, received, dropped;       /* packets, frames, and what had come that no chip would want */
};

/* Connects device/vif/<name>.  Segments of later packets lie in `guest` or in `firmware`, each whole in one.  Waits for
 * the backend as xenbus.h says.  An interface whose backend does not connect is there all the same: its link is down.
 * 0, or a negative errno with its reason in the log, and then there is no interface:
 *   -XEN_EINVAL   it has no address, or one that is none
 *   others        from xenstore */
int netfront_attach(struct netfront *front, struct xenstore *store, struct grant_table *grants,
                    struct event_table *events, const char *name, struct guest_memory *guest,
                    struct guest_memory *firmware, struct netfront_pages *pages);
/* The twin of an attach that returned 0.  Packets on their way end as not sent.  If the backend keeps pages
 * (pages_lost, also when the link has gone down), they must never be used for anything else. */
void netfront_detach(struct netfront *front);

/* In a restored domain: connects to the new backend, as attach does.  Packets that the old one did not answer are sent
 * again, in their order; of those that were copied, and of frames that nobody had looked at, some are lost, as on any
 * wire.  If it fails, the reason is in the log, and the link is down; also if a page is mapped since before a soft
 * reset. */
void netfront_resume(struct netfront *front);

/* Takes answers and frames.  Runs on the interface's event; more often does no harm. */
void netfront_poll(struct netfront *front);

extern const struct state_map netfront_state;

#endif
