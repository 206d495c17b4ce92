/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * How a network interface changes its backend while the domain runs (xl network-detach, network-attach): a page of its
 * own, granted to dom0, and an event channel.  netif has xenstore for this, which is the guest's by then.  The frontend
 * leaves both numbers in its folder when it starts, as LINK_REF_NODE and LINK_PORT_NODE; reflex-dm looks after the
 * folder from then on (tools/reflex-dm/nic.c).
 *
 * Each side writes its own half only, and then notifies.  dom0 wishes, the frontend follows, in this order only:
 *
 *   LINK_CONNECTED  the backend is there, and offers `features`
 *   LINK_GONE       it is not, and has unmapped everything: all is to be taken back
 *   LINK_OFFERED    another one, in dom0, is ready for device/vif/<number>: the frontend grants it its rings and makes
 *                   an event channel, of which dom0 tells it; then LINK_CONNECTED, or LINK_GONE
 */
#ifndef REFLEX_XEN_LINK_H
#define REFLEX_XEN_LINK_H

#include <stdint.h>

#define LINK_REF_NODE  "reflex-link-ref"
#define LINK_PORT_NODE "reflex-link-port"

enum { LINK_CONNECTED, LINK_GONE, LINK_OFFERED };

/* The backend's "feature-" nodes. */
#define LINK_FEATURE_SG        0x01u
#define LINK_FEATURE_NO_CSUM   0x02u
#define LINK_FEATURE_CSUM_IPV6 0x04u
#define LINK_FEATURE_GSO_TCPV4 0x08u
#define LINK_FEATURE_GSO_TCPV6 0x10u

struct link_record {
    /* dom0's */
    uint32_t wish;                      /* LINK_* */
    uint32_t number;                    /* with LINK_OFFERED */
    uint32_t features;                  /* with LINK_CONNECTED */
    uint32_t reserved0[5];
    /* the frontend's */
    uint32_t state;                     /* the last wish that it has followed */
    uint32_t tx_ref, rx_ref, port;      /* with LINK_OFFERED */
    uint32_t reserved1[4];
};

#endif
