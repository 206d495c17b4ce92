/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "nic.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xen/io/xenbus.h>

#include "lib/parse.h"
#include "tools/common/message.h"
#include "xen/link.h"

#define NUMBERS 8u                  /* vifs that there can be: xl takes the number behind the highest in use */

/* --- xenstore --- */

static char *front_read(struct nics *nics, unsigned int number, const char *leaf)
{
    char node[64];

    snprintf(node, sizeof(node), "device/vif/%u/%s", number, leaf);
    return xen_store_read(nics->xen, node);
}

static bool front_write(struct nics *nics, unsigned int number, const char *leaf, uint32_t value)
{
    char node[64], digits[12];

    snprintf(node, sizeof(node), "device/vif/%u/%s", number, leaf);
    snprintf(digits, sizeof(digits), "%u", value);
    if (xen_store_write(nics->xen, node, digits))
        return true;
    message_limited("vif %u: cannot write to its xenstore folder: %s", number, strerror(errno));
    return false;
}

/* Of a node's value, which is freed; 0: there is none, or it is no number. */
static uint32_t number_of(char *value)
{
    char *end = "";
    unsigned long number = value ? strtoul(value, &end, 10) : 0;

    number = *end || number > UINT32_MAX ? 0 : number;
    free(value);
    return (uint32_t)number;
}

static uint32_t front_number(struct nics *nics, unsigned int number, const char *leaf)
{
    return number_of(front_read(nics, number, leaf));
}

static uint32_t back_number(struct nics *nics, unsigned int number, const char *leaf)
{
    return number_of(xen_vif_read(nics->xen, number, leaf));
}

/* --- one interface --- */

static void wish(struct nics *nics, struct nic *nic, uint32_t wish)
{
    nic->wish = wish;
    __sync_synchronize();           /* what belongs to the wish is there before it */
    nic->record->wish = wish;
    xen_notify(nics->xen, nic->port);
}

/* A backend that is to close waits for its frontend, and xl for the backend. */
static void part(struct nics *nics, const struct nic *nic)
{
    uint32_t state = front_number(nics, nic->number, "state");

    if (state && state != XenbusStateClosed)
        front_write(nics, nic->number, "state", XenbusStateClosed);
}

/* A new vif of the interface's: its backend is ready, and nobody has answered it. */
static bool find_again(struct nics *nics, struct nic *nic)
{
    for (unsigned int number = 0; number < NUMBERS; number++) {
        char *address = front_read(nics, number, "mac");
        bool same = address && strcmp(address, nic->address) == 0;

        free(address);
        if (!same || back_number(nics, number, "state") != XenbusStateInitWait ||
            front_number(nics, number, "state") != XenbusStateInitialising)
            continue;
        nic->number = number;
        return true;
    }
    return false;
}

/* As netfront does at start (src/xen/netfront.c). */
static bool tell_backend(struct nics *nics, const struct nic *nic)
{
    const struct {
        const char *leaf;
        uint32_t number;
    } nodes[] = {
        { "tx-ring-ref", nic->record->tx_ref },
        { "rx-ring-ref", nic->record->rx_ref },
        { "event-channel", nic->record->port },
        { "request-rx-copy", 1 },
        { "feature-rx-notify", 1 },
        { "feature-sg", 1 },
        { "feature-ipv6-csum-offload", 1 },
        { "state", XenbusStateConnected },
    };

    for (unsigned int i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++)
        if (!front_write(nics, nic->number, nodes[i].leaf, nodes[i].number))
            return false;
    return true;
}

static uint32_t features_of(struct nics *nics, unsigned int number)
{
    static const struct {
        const char *leaf;
        uint32_t feature;
    } nodes[] = {
        { "feature-sg", LINK_FEATURE_SG },
        { "feature-no-csum-offload", LINK_FEATURE_NO_CSUM },
        { "feature-ipv6-csum-offload", LINK_FEATURE_CSUM_IPV6 },
        { "feature-gso-tcpv4", LINK_FEATURE_GSO_TCPV4 },
        { "feature-gso-tcpv6", LINK_FEATURE_GSO_TCPV6 },
    };
    uint32_t features = 0;

    for (unsigned int i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++)
        if (back_number(nics, number, nodes[i].leaf))
            features |= nodes[i].feature;
    return features;
}

/* The firmware has followed to LINK_GONE. */
static void offer(struct nics *nics, struct nic *nic)
{
    if (!find_again(nics, nic))
        return;
    message_limited("vif %u: another backend for %s", nic->number, nic->address);
    nic->told = false;
    nic->record->number = nic->number;
    wish(nics, nic, LINK_OFFERED);
}

/* Between the firmware's answer and the backend's. */
static void introduce(struct nics *nics, struct nic *nic, uint32_t backend)
{
    if (!nic->told && nic->record->state == LINK_OFFERED)
        nic->told = tell_backend(nics, nic);
    if (!nic->told || backend != XenbusStateConnected ||
        !front_write(nics, nic->number, "state", XenbusStateInitialised))       /* where it rests (src/xen/xenbus.h) */
        return;
    nic->record->features = features_of(nics, nic->number);
    wish(nics, nic, LINK_CONNECTED);
}

static void look_at(struct nics *nics, struct nic *nic)
{
    uint32_t backend = back_number(nics, nic->number, "state");

    if (nic->wish == LINK_GONE) {
        if (nic->record->state == LINK_GONE)
            offer(nics, nic);
    } else if (backend == XenbusStateClosing) {
        part(nics, nic);
    } else if (backend == XenbusStateClosed || backend == XenbusStateUnknown) {
        message_limited("vif %u: its backend is gone", nic->number);
        wish(nics, nic, LINK_GONE);
    } else if (nic->wish == LINK_OFFERED) {
        introduce(nics, nic, backend);
    }
}

/* --- all of them --- */

static bool bind_record(struct nics *nics, struct nic *nic, uint32_t ref, uint32_t port)
{
    nic->record = xen_map_page(nics->xen, ref);
    nic->port = nic->record ? xen_bind(nics->xen, port) : -1;
    if (nic->port >= 0)
        return true;
    message_limited("vif %u: its record cannot be mapped: %s", nic->number, strerror(errno));
    if (nic->record)
        xen_unmap_page(nics->xen, nic->record);
    return false;
}

/* Of backends in other domains we hear nothing. */
static bool is_served_here(struct nics *nics, unsigned int number)
{
    char *domain = front_read(nics, number, "backend-id");
    bool here = domain && strcmp(domain, "0") == 0;

    free(domain);
    return here;
}

/* The firmware has connected its interface, and left its record's numbers last. */
static void meet(struct nics *nics, unsigned int number)
{
    struct nic *nic = &nics->nic[nics->count];
    uint8_t address[6];
    uint32_t port, ref;

    if (nics->count == NICS_MAX || nics->met & 1u << number)
        return;
    port = front_number(nics, number, LINK_PORT_NODE);
    ref = front_number(nics, number, LINK_REF_NODE);
    if (!port || !ref || !is_served_here(nics, number))
        return;
    *nic = (struct nic){ .number = number, .address = front_read(nics, number, "mac") };
    /* The node is the guest's, and its text goes into dom0's log. */
    if (!nic->address || !parse_mac(nic->address, address) || !bind_record(nics, nic, ref, port)) {
        free(nic->address);
        return;
    }
    nic->wish = nic->record->wish;
    nics->met |= 1u << number;
    nics->count++;
}

/* Any vif may be what an interface without a backend waits for. */
void nics_look(struct nics *nics, int which)
{
    for (unsigned int number = 0; number < NUMBERS; number++)
        if (which == XEN_ANY || number == (unsigned int)which)
            meet(nics, number);
    for (struct nic *nic = nics->nic; nic < nics->nic + nics->count; nic++)
        if (which == XEN_ANY || nic->number == (unsigned int)which || nic->wish == LINK_GONE)
            look_at(nics, nic);
}

void nics_hear(struct nics *nics, int port)
{
    for (struct nic *nic = nics->nic; nic < nics->nic + nics->count; nic++)
        if (nic->port == port)
            look_at(nics, nic);
}

void nics_open(struct nics *nics, struct xen *xen)
{
    *nics = (struct nics){ .xen = xen };
    if (!xen_open_rings(xen) || !xen_watch_vifs(xen))
        message("network interfaces cannot be detached and attached (%s)", strerror(errno));
}
