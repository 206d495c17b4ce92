/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "fake_netback.h"

#include "support.h"

#include <stdio.h>
#include <stdlib.h>

static void set(struct fake_netback *back, const char *leaf, unsigned long long value)
{
    char path[96];

    snprintf(path, sizeof(path), "%s/%s", back->backend, leaf);
    fake_store_set_number(path, value);
}

static void set_state(struct fake_netback *back, enum xenbus_state state)
{
    back->state = state;
    set(back, "state", state);
}

static unsigned long front_number(struct fake_netback *back, const char *leaf)
{
    char path[96];
    const char *value;

    snprintf(path, sizeof(path), "%s/%s", back->frontend, leaf);
    value = fake_store_get(path);
    return value ? strtoul(value, NULL, 10) : 0;
}

static void set_front(struct fake_netback *back, const char *leaf, const char *value)
{
    char path[96];

    snprintf(path, sizeof(path), "%s/%s", back->frontend, leaf);
    fake_store_set(path, value);
}

static void announce(struct fake_netback *back)
{
    char number[8];

    snprintf(number, sizeof(number), "%u", back->domain);
    set_front(back, "backend", back->backend);
    set_front(back, "backend-id", number);
    set_front(back, "state", "1");
    set_state(back, XenbusStateInitialising);
}

void fake_netback_init(struct fake_netback *back, const char *name)
{
    memset(back, 0, sizeof(*back));
    snprintf(back->frontend, sizeof(back->frontend), "device/vif/%s", name);
    snprintf(back->backend, sizeof(back->backend), "/local/domain/3/backend/vif/7/%s", name);
    back->domain = 3;
    back->rx_copy = back->sg = back->gso4 = back->gso6 = back->csum6 = true;
    back->slot_bytes = XEN_PAGE_SIZE;
    announce(back);
    set_front(back, "mac", "00:16:3e:0a:0b:0c");
    fake_xen.others = fake_netback_step;
    fake_xen.others_owner = back;
}

void fake_netback_restore(struct fake_netback *back)
{
    fake_store_forget(back->backend);
    back->tx.sring = NULL;
    back->rx.sring = NULL;
    back->domain++;
    snprintf(back->backend, sizeof(back->backend), "/local/domain/%u/backend/vif/8/0", back->domain);
    announce(back);
}

static void offer(struct fake_netback *back)
{
    set(back, "feature-rx-copy", back->rx_copy);
    set(back, "feature-sg", back->sg);
    set(back, "feature-gso-tcpv4", back->gso4);
    set(back, "feature-gso-tcpv6", back->gso6);
    set(back, "feature-ipv6-csum-offload", back->csum6);
    if (back->no_csum)
        set(back, "feature-no-csum-offload", 1);
    set(back, "feature-split-event-channels", 1);
    set(back, "multi-queue-max-queues", 2);
}

static void connect_rings(struct fake_netback *back)
{
    struct netif_tx_sring *tx;
    struct netif_rx_sring *rx;

    assert_int_equal(front_number(back, "request-rx-copy"), 1);
    assert_int_equal(front_number(back, "feature-rx-notify"), 1);
    back->tx_ref = (grant_ref_t)front_number(back, "tx-ring-ref");
    back->rx_ref = (grant_ref_t)front_number(back, "rx-ring-ref");
    back->port = (evtchn_port_t)front_number(back, "event-channel");
    tx = fake_map(back->tx_ref, back->domain, true);
    rx = fake_map(back->rx_ref, back->domain, true);
    assert_non_null(tx);
    assert_non_null(rx);
    assert_int_equal(fake_port(back->port)->remote, back->domain);
    BACK_RING_INIT(&back->tx, tx, XEN_PAGE_SIZE);
    BACK_RING_INIT(&back->rx, rx, XEN_PAGE_SIZE);
}

static void disconnect_rings(struct fake_netback *back)
{
    if (back->tx.sring && !back->keeps_rings) {
        fake_unmap(back->tx_ref);
        fake_unmap(back->rx_ref);
    }
    back->tx.sring = NULL;
    back->rx.sring = NULL;
}

void fake_netback_step(void *owner)
{
    struct fake_netback *back = owner;

    if (back->stuck_in && back->state == back->stuck_in)
        return;
    switch (front_number(back, "state")) {
    case XenbusStateInitialising:
        if (back->state == XenbusStateInitialising || back->state == XenbusStateClosed) {
            offer(back);
            set_state(back, XenbusStateInitWait);
        }
        break;
    case XenbusStateConnected:
        if (back->state == XenbusStateInitWait) {
            connect_rings(back);
            set_state(back, XenbusStateConnected);
        }
        break;
    case XenbusStateClosing:
        if (back->keeps_rings)
            break;
        disconnect_rings(back);
        set_state(back, XenbusStateClosing);
        break;
    case XenbusStateClosed:
        if (!back->keeps_rings)
            set_state(back, XenbusStateClosed);
        break;
    }
}

/* --- packets ---------------------------------------------------------------------------------------------- */

static struct netif_tx_request *next_request(struct fake_netback *back)
{
    assert_true(back->tx.req_cons != back->tx.sring->req_prod);
    return RING_GET_REQUEST(&back->tx, back->tx.req_cons++);
}

static void take_extras(struct fake_netback *back, struct fake_packet *packet)
{
    do {
        packet->extra = *(struct netif_extra_info *)next_request(back);
        packet->extras++;
    } while (packet->extra.flags & XEN_NETIF_EXTRA_FLAG_MORE);
}

/* The first request's size is what the others leave of the whole. */
static void take_requests(struct fake_netback *back, struct fake_packet *packet)
{
    struct netif_tx_request *request = next_request(back);

    packet->length = request->size;
    packet->requests[packet->slots++] = *request;
    if (request->flags & NETTXF_extra_info)
        take_extras(back, packet);
    while (packet->requests[packet->slots - 1].flags & NETTXF_more_data) {
        assert_true(packet->slots < FAKE_PACKET_SLOTS && back->sg);
        request = next_request(back);
        assert_false(request->flags & NETTXF_extra_info);
        assert_true(request->size && request->size < packet->requests[0].size);
        packet->requests[0].size -= request->size;
        packet->requests[packet->slots++] = *request;
    }
    assert_true(packet->requests[0].size > 0);
}

bool fake_netback_take(struct fake_netback *back, struct fake_packet *packet)
{
    uint32_t at = 0;
    int more;

    RING_FINAL_CHECK_FOR_REQUESTS(&back->tx, more);
    if (!more)
        return false;
    assert_false(RING_REQUEST_PROD_OVERFLOW(&back->tx, back->tx.sring->req_prod));
    packet->slots = packet->extras = 0;
    take_requests(back, packet);
    for (unsigned int i = 0; i < packet->slots; i++) {
        const struct netif_tx_request *request = &packet->requests[i];
        const uint8_t *page = fake_map(request->gref, back->domain, false);

        assert_non_null(page);
        assert_null(fake_map(request->gref, back->domain, true));
        assert_true((uint32_t)request->offset + request->size <= XEN_PAGE_SIZE);
        memcpy(packet->bytes + at, page + request->offset, request->size);
        at += request->size;
    }
    assert_int_equal(at, packet->length);
    return true;
}

static void respond(struct fake_netback *back, uint16_t id, int16_t status)
{
    *RING_GET_RESPONSE(&back->tx, back->tx.rsp_prod_pvt) = (struct netif_tx_response){ .id = id, .status = status };
    back->tx.rsp_prod_pvt++;
}

static void push_answers(struct fake_netback *back)
{
    bool notify;

    RING_PUSH_RESPONSES_AND_CHECK_NOTIFY(&back->tx, notify);
    if (notify)
        fake_send(back->port);
}

void fake_netback_answer(struct fake_netback *back, const struct fake_packet *packet, int16_t status)
{
    for (unsigned int i = 0; i < packet->slots; i++) {
        if (!back->keeps_pages)
            fake_unmap(packet->requests[i].gref);
        respond(back, packet->requests[i].id, status);
        for (unsigned int extra = 0; i == 0 && extra < packet->extras; extra++)
            respond(back, 0xeeee, NETIF_RSP_NULL);
    }
    push_answers(back);
}

void fake_netback_answer_raw(struct fake_netback *back, uint16_t id, int16_t status)
{
    respond(back, id, status);
    push_answers(back);
}

unsigned int fake_netback_run(struct fake_netback *back)
{
    static struct fake_packet packet;
    unsigned int packets = 0;

    while (fake_netback_take(back, &packet)) {
        fake_netback_answer(back, &packet, NETIF_RSP_OKAY);
        packets++;
    }
    return packets;
}

/* --- frames ----------------------------------------------------------------------------------------------- */

unsigned int fake_netback_pages(struct fake_netback *back)
{
    assert_false(RING_REQUEST_PROD_OVERFLOW(&back->rx, back->rx.sring->req_prod));
    return back->rx.sring->req_prod - back->rx.req_cons;
}

/* The page, mapped, of the next request, and its response. */
static uint8_t *next_page(struct fake_netback *back, struct netif_rx_request *request)
{
    uint8_t *page;

    assert_true(fake_netback_pages(back) > 0);
    RING_COPY_REQUEST(&back->rx, back->rx.req_cons, request);
    assert_int_equal(back->rx.req_cons, back->rx.rsp_prod_pvt);
    back->rx.req_cons++;
    page = fake_map(request->gref, back->domain, true);
    assert_non_null(page);
    return page;
}

static void put_response(struct fake_netback *back, const void *response)
{
    memcpy(RING_GET_RESPONSE(&back->rx, back->rx.rsp_prod_pvt), response, sizeof(struct netif_rx_response));
    back->rx.rsp_prod_pvt++;
}

void fake_netback_respond(struct fake_netback *back, const void *response, int16_t length, uint16_t flags)
{
    struct netif_rx_request request;
    struct netif_rx_response own = { .status = length, .flags = flags };

    next_page(back, &request);
    if (!back->keeps_pages)
        fake_unmap(request.gref);
    own.id = request.id;
    put_response(back, response ? response : &own);
}

void fake_netback_push(struct fake_netback *back)
{
    bool notify;

    RING_PUSH_RESPONSES_AND_CHECK_NOTIFY(&back->rx, notify);
    if (notify)
        fake_send(back->port);
}

bool fake_netback_send(struct fake_netback *back, const void *bytes, uint32_t length, uint16_t flags)
{
    const uint8_t *from = bytes;

    if (fake_netback_pages(back) < (length + back->slot_bytes - 1) / back->slot_bytes) {
        back->rx.sring->req_event = back->rx.sring->req_prod + 1;
        return false;
    }
    while (length) {
        uint32_t step = length < back->slot_bytes ? length : back->slot_bytes;
        struct netif_rx_request request;
        struct netif_rx_response response = { .offset = (uint16_t)back->slot_offset, .status = (int16_t)step };

        memcpy(next_page(back, &request) + back->slot_offset, from, step);
        if (!back->keeps_pages)
            fake_unmap(request.gref);
        response.id = request.id;
        response.flags = (uint16_t)(flags | (step < length ? NETRXF_more_data : 0));
        put_response(back, &response);
        from += step;
        length -= step;
        flags = 0;
    }
    fake_netback_push(back);
    return true;
}
