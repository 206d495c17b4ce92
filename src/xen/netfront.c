/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Finding an interface's backend and agreeing with it, as xen/io/netif.h says. */
#include "xen/netfront.h"

#include <stddef.h>

#include "lib/log.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "xen/netfront_ring.h"

#include <xen/errno.h>

#define MAC_TEXT_MAX 24                 /* "00:16:3e:12:34:56", and room to see that it is longer */

static const struct net_backend_ops operations = {
    .submit = netfront_submit, .flush = netfront_flush, .ready = netfront_ready, .settle = netfront_settle,
};

static uint64_t backend_number(struct netfront *front, const char *leaf, uint64_t otherwise)
{
    uint64_t value;

    return xenstore_read_u64(front->bus.store, front->bus.backend, leaf, &value) ? otherwise : value;
}

/* One station's address: neither a group's nor nobody's. */
static bool is_station(const uint8_t *address)
{
    static const uint8_t nobody[NET_ADDRESS_BYTES];

    return !(address[0] & 1) && memcmp(address, nobody, sizeof(nobody));
}

static int read_address(struct netfront *front)
{
    char text[MAC_TEXT_MAX];
    uint8_t *address = front->backend.info.address;
    int rc = xenstore_read(front->bus.store, front->bus.frontend, "mac", text, sizeof(text));

    if (rc == -XEN_ENOENT)
        rc = xenstore_read(front->bus.store, front->bus.backend, "mac", text, sizeof(text));
    if (rc < 0)
        return rc;
    return parse_mac(text, address) && is_station(address) ? 0 : -XEN_EINVAL;
}

static int identify(struct netfront *front, struct xenstore *store, const char *name)
{
    int rc = xenbus_open(&front->bus, store, "vif", name);

    if (!rc)
        rc = read_address(front);
    if (rc)
        log_error("device/vif/%s: not a network interface with an address (error %d)", name, -rc);
    return rc;
}

static void on_event(void *owner)
{
    netfront_poll(owner);
}

static void grant_ring(struct netfront *front, unsigned int ref, const uint8_t *page)
{
    grant_access(front->grants, front->refs[ref], front->bus.backend_id, gpa_of(page) >> XEN_PAGE_SHIFT, false);
}

/* All references and the event channel. */
int netfront_begin(struct netfront *front, domid_t domain)
{
    int rc;

    front->bus.backend_id = domain;
    if (!grant_take(front->grants, NETFRONT_REFS, front->refs))
        return -XEN_ENOSPC;
    rc = event_alloc(front->events, front->bus.backend_id, on_event, front, &front->event);
    if (rc) {
        grant_give(front->grants, NETFRONT_REFS, front->refs);
        return rc;
    }
    netfront_tx_init(front);
    netfront_rx_init(front);
    grant_ring(front, NETFRONT_REF_TX_RING, front->pages->tx_ring);
    grant_ring(front, NETFRONT_REF_RX_RING, front->pages->rx_ring);
    front->reserved = true;
    return 0;
}

static void unreserve(struct netfront *front)
{
    for (unsigned int ref = 0; ref < NETFRONT_REFS; ref++) {
        if (netfront_take_back(front, ref))
            grant_give(front->grants, 1, &front->refs[ref]);
        else
            front->pages_lost = true;
    }
    if (front->pages_lost)
        log_error("%s: domain %u keeps pages mapped", front->bus.frontend, front->bus.backend_id);
    event_close(front->events, &front->event);
    front->reserved = false;
}

/* What we ask of the backend; there is no large receive, and so frames have at most a few pieces. */
static int publish(struct netfront *front)
{
    const struct {
        const char *leaf;
        uint32_t number;
    } nodes[] = {
        { "tx-ring-ref", front->refs[NETFRONT_REF_TX_RING] },
        { "rx-ring-ref", front->refs[NETFRONT_REF_RX_RING] },
        { "event-channel", front->event.port },
        { "request-rx-copy", 1 },
        { "feature-rx-notify", 1 },
        { "feature-sg", 1 },
        { "feature-ipv6-csum-offload", 1 },
    };
    int rc = 0;

    for (unsigned int i = 0; i < sizeof(nodes) / sizeof(nodes[0]) && !rc; i++)
        rc = xenbus_write_number(&front->bus, nodes[i].leaf, nodes[i].number);
    return rc ? rc : xenbus_set_state(&front->bus, XenbusStateConnected);
}

static bool offers(struct netfront *front, const char *feature)
{
    return backend_number(front, feature, 0) != 0;
}

static struct netfront_features read_features(struct netfront *front)
{
    return (struct netfront_features){
        .sg = offers(front, "feature-sg"),
        .no_csum = offers(front, "feature-no-csum-offload"),
        .csum_ipv6 = offers(front, "feature-ipv6-csum-offload"),
        .gso_tcpv4 = offers(front, "feature-gso-tcpv4"),
        .gso_tcpv6 = offers(front, "feature-gso-tcpv6"),
    };
}

/* Large packets are in several pages, and leave their checksum to the backend. */
static void accept_features(struct netfront *front, const struct netfront_features *features)
{
    struct net_info *info = &front->backend.info;

    front->packet_slots = features->sg ? XEN_NETIF_NR_SLOTS_MIN : 1;
    info->checksum_v4 = !features->no_csum;
    info->checksum_v6 = features->csum_ipv6;
    info->gso_tcpv4 = features->sg && info->checksum_v4 && features->gso_tcpv4;
    info->gso_tcpv6 = features->sg && info->checksum_v6 && features->gso_tcpv6;
}

static int connect(struct netfront *front)
{
    struct netfront_features features;
    int rc;

    if (!offers(front, "feature-rx-copy")) {
        log_error("%s: backend %s does not copy what we receive", front->bus.frontend, front->bus.backend);
        return -XEN_ENODEV;
    }
    rc = publish(front);
    if (rc) {
        log_error("%s: cannot be written (error %d)", front->bus.frontend, -rc);
        return rc;
    }
    if (!xenbus_wait_backend(&front->bus, XENBUS_STATE(XenbusStateConnected), "to connect"))
        return -XEN_ENODEV;
    rc = xenbus_set_state(&front->bus, XenbusStateInitialised);     /* where a frontend of ours rests (xenbus.h) */
    if (rc)
        return rc;
    features = read_features(front);
    accept_features(front, &features);
    front->failed = false;
    return 0;
}

static void set_link(struct netfront *front, bool up)
{
    struct net_listener *listener = front->backend.listener;

    if (front->backend.info.up == up)
        return;
    front->backend.info.up = up;
    log_info("%s: link %s", front->bus.frontend, up ? "up" : "down");
    if (listener)
        listener->link_changed(listener);
}

bool netfront_take_back(struct netfront *front, unsigned int ref)
{
    return !front->reserved || grant_end(front->grants, front->refs[ref]);
}

static void end_everything(struct netfront *front)
{
    front->failed = true;
    netfront_tx_give_up(front);
    netfront_rx_give_up(front);
    set_link(front, false);
}

void netfront_fail(struct netfront *front, const char *why)
{
    if (front->failed)
        return;
    log_error("%s: %s: %s; the link is down", front->bus.frontend, front->bus.backend, why);
    end_everything(front);
}

void netfront_end(struct netfront *front)
{
    end_everything(front);
    if (front->reserved)
        unreserve(front);
}

void netfront_go(struct netfront *front, const struct netfront_features *features)
{
    accept_features(front, features);
    front->failed = false;
    set_link(front, true);
    netfront_poll(front);
}

static void disconnect(struct netfront *front)
{
    if (!front->reserved)
        return;
    xenbus_close(&front->bus);
    netfront_poll(front); /* the backend finishes what it has before it says Closed */
    netfront_end(front);
}

/* On failure nothing is granted any more, or pages_lost says so. */
static int bring_up(struct netfront *front)
{
    int rc = xenbus_meet(&front->bus);

    if (rc)
        return rc;
    rc = netfront_begin(front, front->bus.backend_id);
    if (rc) {
        log_error("%s: no grant references or no event channel (error %d)", front->bus.frontend, -rc);
        return rc;
    }
    rc = connect(front);
    if (rc)
        disconnect(front);
    return rc;
}

int netfront_attach(struct netfront *front, struct xenstore *store, struct grant_table *grants,
                    struct event_table *events, const char *name, struct guest_memory *guest,
                    struct guest_memory *firmware, struct netfront_pages *pages)
{
    int rc;

    *front = (struct netfront){
        .backend.ops = &operations,
        .grants = grants, .events = events, .guest = guest, .firmware = firmware, .pages = pages,
        .failed = true,
    };
    rc = identify(front, store, name);
    if (rc)
        return rc;
    rc = bring_up(front);
    netfront_link_begin(front);
    if (rc) {
        log_warning("%s: its link stays down", front->bus.frontend);
        return 0;
    }
    front->backend.info.up = true;
    log_info("%s: link up%s%s%s", front->bus.frontend, front->backend.info.checksum_v4 ? ", checksums" : "",
             front->backend.info.gso_tcpv4 ? ", segmentation" : "",
             front->packet_slots > 1 ? "" : ", one page for a packet");
    netfront_rx_poll(front);
    return 0;
}

void netfront_detach(struct netfront *front)
{
    disconnect(front);
    netfront_link_end(front);
}

/* The chip goes on with the address that it was told at first, and the link was never down. */
static int reconnect(struct netfront *front)
{
    int rc = xenbus_reopen(&front->bus);

    if (rc) {
        log_error("%s: no backend is named (error %d)", front->bus.frontend, -rc);
        return rc;
    }
    return bring_up(front);
}

/* An interface without a link may be given another backend now. */
static void resume_without_link(struct netfront *front)
{
    front->failed = true;
    netfront_link_begin(front);
}

/* After a soft reset somebody may have what we granted before it, or before the last one. */
static bool pages_are_kept(const struct netfront *front)
{
    bool kept = (front->linked || front->pages_lost) && grant_kept(front->grants, front->link_ref);

    if (front->reserved || front->pages_lost)
        for (unsigned int ref = 0; ref < NETFRONT_REFS; ref++)
            kept |= grant_kept(front->grants, front->refs[ref]);
    return kept;
}

/* References and event channels are gone with the old domain, and their numbers are others' by now. */
static void forget(struct netfront *front)
{
    front->pages_lost = pages_are_kept(front);
    if (front->reserved)
        event_close(front->events, &front->event);
    front->reserved = false;
    netfront_link_forget(front);
}

void netfront_resume(struct netfront *front)
{
    bool failed = front->failed;

    forget(front);
    if (front->pages_lost) {
        log_error("%s: pages are mapped since before the reset; its link stays down", front->bus.frontend);
        end_everything(front);
        return;
    }
    if (failed) {
        resume_without_link(front);
        return;
    }
    netfront_tx_rewind(front);
    if (reconnect(front)) {
        log_error("%s: lost in the restore", front->bus.frontend);
        end_everything(front);
        resume_without_link(front);
        return;
    }
    netfront_link_begin(front);
    log_info("%s: connected again", front->bus.frontend);
    netfront_poll(front);
}

void netfront_poll(struct netfront *front)
{
    if (!front->failed)
        netfront_tx_poll(front);
    if (!front->failed)
        netfront_rx_poll(front);
}
