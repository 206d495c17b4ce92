/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* An interface whose backend goes away and comes back: the frontend's half of the record in xen/link.h. */
#include "xen/netfront_ring.h"

#include "lib/log.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "xen/link.h"

#include <xen/errno.h>

#define DOM0 0u

static struct link_record *record_of(struct netfront *front)
{
    return (struct link_record *)front->pages->link;
}

static void follow(struct netfront *front, uint32_t state)
{
    front->link_state = state;
    xen_wmb(); /* what belongs to the state is there before it */
    record_of(front)->state = state;
    event_notify(&front->link_event);
}

/* Nothing of ours is mapped any more, or never will be had back. */
static void let_go(struct netfront *front)
{
    netfront_end(front);
    follow(front, LINK_GONE);
}

static void offer(struct netfront *front)
{
    struct link_record *record = record_of(front);
    int rc = front->pages_lost ? -XEN_EBUSY : netfront_begin(front, DOM0);

    if (rc) {
        log_limited(LOG_WARNING, "%s: no other backend: nothing to offer it (error %d)", front->bus.frontend, -rc);
        return;
    }
    format(front->bus.frontend, sizeof(front->bus.frontend), "device/vif/%u", read_once(record->number));
    record->tx_ref = front->refs[NETFRONT_REF_TX_RING];
    record->rx_ref = front->refs[NETFRONT_REF_RX_RING];
    record->port = front->event.port;
    follow(front, LINK_OFFERED);
}

static void connected(struct netfront *front)
{
    uint32_t features = read_once(record_of(front)->features);
    const struct netfront_features offered = {
        .sg = features & LINK_FEATURE_SG,
        .no_csum = features & LINK_FEATURE_NO_CSUM,
        .csum_ipv6 = features & LINK_FEATURE_CSUM_IPV6,
        .gso_tcpv4 = features & LINK_FEATURE_GSO_TCPV4,
        .gso_tcpv6 = features & LINK_FEATURE_GSO_TCPV6,
    };

    follow(front, LINK_CONNECTED);
    netfront_go(front, &offered);
}

static void on_event(void *owner)
{
    struct netfront *front = owner;
    uint32_t wish = read_once(record_of(front)->wish);

    xen_rmb(); /* what belongs to the wish is not older */
    if (wish == LINK_GONE && front->link_state != LINK_GONE)
        let_go(front);
    else if (wish == LINK_OFFERED && front->link_state == LINK_GONE)
        offer(front);
    else if (wish == LINK_CONNECTED && front->link_state == LINK_OFFERED)
        connected(front);
}

static int publish(struct netfront *front)
{
    int rc = xenbus_write_number(&front->bus, LINK_REF_NODE, front->link_ref);

    return rc ? rc : xenbus_write_number(&front->bus, LINK_PORT_NODE, front->link_event.port);
}

void netfront_link_begin(struct netfront *front)
{
    int rc;

    memset(front->pages->link, 0, sizeof(front->pages->link));
    front->link_state = front->failed ? LINK_GONE : LINK_CONNECTED;
    record_of(front)->wish = record_of(front)->state = front->link_state;
    if (!grant_take(front->grants, 1, &front->link_ref))
        return;
    rc = event_alloc(front->events, DOM0, on_event, front, &front->link_event);
    if (rc) {
        grant_give(front->grants, 1, &front->link_ref);
        return;
    }
    front->linked = true;
    grant_access(front->grants, front->link_ref, DOM0, gpa_of(front->pages->link) >> XEN_PAGE_SHIFT, false);
    rc = publish(front);
    if (rc)
        log_warning("%s: its backend cannot be changed (error %d)", front->bus.frontend, -rc);
}

void netfront_link_end(struct netfront *front)
{
    if (!front->linked)
        return;
    front->linked = false;
    event_close(front->events, &front->link_event);
    if (grant_end(front->grants, front->link_ref))
        grant_give(front->grants, 1, &front->link_ref);
    else
        front->pages_lost = true;
}

void netfront_link_forget(struct netfront *front)
{
    if (front->linked)
        event_close(front->events, &front->link_event);
    front->linked = false;
}
