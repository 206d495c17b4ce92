/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Request n has page n % NETFRONT_RX_PAGES and that as its id, and its response comes in the same place on the ring
 * (netif.h, "rx response"), whatever covers it: so pages are given and taken in their order.
 *
 *      rx_released         rsp_cons                rx_seen                 req_prod_pvt
 *      | the frame held    | responses to look at  | pages with the backend |
 *
 * What is left of rx_released goes to the backend again.
 */
#include "xen/netfront_ring.h"

#include <stddef.h>

#include "lib/inet_checksum.h"
#include "lib/log.h"
#include "lib/string.h"

#define FRAME_SLOTS_MAX XEN_NETIF_NR_SLOTS_MIN
#define ENTRY_RESPONSES 256u            /* after so many at a time the backend gets no pages until the next event */

/* --- frames ----------------------------------------------------------------------------------------------- */

static void copy_headers(const struct net_frame *frame, uint8_t *headers, uint32_t length)
{
    for (const struct net_piece *piece = frame->pieces; length; piece++) {
        uint32_t step = piece->length < length ? piece->length : length;

        memcpy(headers, piece->bytes, step);
        headers += step;
        length -= step;
    }
}

/* The sum over bytes [start, start + length), which are in the frame. */
static void sum_frame(struct inet_sum *sum, const struct net_frame *frame, uint32_t start, uint32_t length)
{
    for (const struct net_piece *piece = frame->pieces; length; piece++) {
        uint32_t offset = start < piece->length ? start : piece->length, step = piece->length - offset;

        if (step > length)
            step = length;
        inet_sum_add(sum, piece->bytes + offset, step);
        start -= offset;
        length -= step;
    }
}

/* The piece is const for the chip only: it is a page of ours. */
static void put_byte(const struct net_frame *frame, uint32_t offset, uint8_t value)
{
    const struct net_piece *piece = frame->pieces;

    while (offset >= piece->length)
        offset -= piece++->length;
    *(uint8_t *)(uintptr_t)(piece->bytes + offset) = value;
}

/* The sender left the checksum to hardware that there is none of; the sum over the pseudo-header is in its place
 * already.  False: there is no such place. */
static bool complete_checksum(const struct net_frame *frame)
{
    uint32_t available = frame->length < INET_HEADERS_MAX ? frame->length : INET_HEADERS_MAX;
    uint8_t headers[INET_HEADERS_MAX];
    struct inet_packet packet;
    struct inet_sum sum = { 0 };
    uint16_t checksum;

    copy_headers(frame, headers, available);
    if (!inet_find(headers, available, frame->length, &packet))
        return false;
    sum_frame(&sum, frame, packet.transport, packet.transport_length);
    checksum = inet_checksum(&sum, packet.protocol);
    put_byte(frame, packet.checksum, (uint8_t)(checksum >> 8));
    put_byte(frame, packet.checksum + 1u, (uint8_t)checksum);
    return true;
}

/* --- off the ring ----------------------------------------------------------------------------------------- */

static const char endless[] = "a frame without an end";

/* One frame's responses, as they are read. */
struct reading {
    RING_IDX at;                        /* the next */
    unsigned int slots;                 /* those with data */
    uint16_t flags;                     /* the first one's */
    const char *wrong;                  /* the backend has done what it must not */
    bool dropped;                       /* no frame for a chip */
};

/* False: it has not come yet, or never will, because the frame has every page already. */
static bool read_response(struct netfront *front, struct reading *reading, struct netif_rx_response *response)
{
    if (reading->at - front->rx.rsp_cons == NETFRONT_RX_PAGES)
        netfront_fail(front, endless);
    if (reading->at == front->rx_seen || front->failed)
        return false;
    RING_COPY_RESPONSE(&front->rx, reading->at, response);
    reading->at++;
    return true;
}

/* Extra-info is about what we have not asked for, and so about nothing, or about a frame that was to be cut yet. */
static bool read_extras(struct netfront *front, struct reading *reading)
{
    struct netif_rx_response response;
    struct netif_extra_info extra;

    do {
        if (!read_response(front, reading, &response))
            return false;
        memcpy(&extra, &response, sizeof(extra));
        if (extra.type == XEN_NETIF_EXTRA_TYPE_NONE || extra.type >= XEN_NETIF_EXTRA_TYPE_MAX)
            reading->wrong = "extra-info of no type";
        if (extra.type == XEN_NETIF_EXTRA_TYPE_GSO)
            reading->dropped = true;
    } while (extra.flags & XEN_NETIF_EXTRA_FLAG_MORE && !reading->wrong);
    return true;
}

static void add_piece(struct netfront *front, struct reading *reading, unsigned int page,
                      const struct netif_rx_response *response)
{
    struct net_frame *frame = &front->frame;

    reading->slots++;
    if (response->id != page)
        reading->wrong = "a response in another's place";
    else if (response->status > 0 && (uint32_t)response->offset + (uint32_t)response->status > XEN_PAGE_SIZE)
        reading->wrong = "a frame beyond its page";
    else if (reading->slots > FRAME_SLOTS_MAX)
        reading->wrong = endless;
    else if (response->status <= 0 || reading->slots > NET_PIECES_MAX)
        reading->dropped = true;
    if (reading->wrong || reading->dropped)
        return;
    front->pieces[frame->piece_count++] = (struct net_piece){
        .bytes = &front->pages->rx[page][response->offset], .length = (uint32_t)response->status,
    };
    frame->length += (uint32_t)response->status;
}

/* All of the next frame's slots.  False: some are still to come. */
static bool read_frame(struct netfront *front, struct reading *reading)
{
    struct netif_rx_response response;

    front->frame = (struct net_frame){ .pieces = front->pieces };
    do {
        unsigned int page = reading->at % NETFRONT_RX_PAGES;

        if (!read_response(front, reading, &response))
            return false;
        add_piece(front, reading, page, &response);
        if (reading->slots > 1)
            continue;
        reading->flags = response.flags;
        if (response.flags & NETRXF_extra_info && !reading->wrong && !read_extras(front, reading))
            return false;
    } while (response.flags & NETRXF_more_data && !reading->wrong);
    return true;
}

static bool take_pages_back(struct netfront *front, RING_IDX end)
{
    for (RING_IDX i = front->rx.rsp_cons; i != end; i++)
        if (!netfront_take_back(front, NETFRONT_REF_RX + i % NETFRONT_RX_PAGES))
            return false;
    return true;
}

/* The frame is one for a chip, once its pages are ours alone. */
static bool finish_frame(struct netfront *front, const struct reading *reading)
{
    struct net_frame *frame = &front->frame;

    if (reading->dropped || front->pieces[0].length < NET_HEADER_BYTES)
        return false;
    if (reading->flags & NETRXF_csum_blank && !complete_checksum(frame))
        return false;
    frame->checksum = reading->flags & (NETRXF_csum_blank | NETRXF_data_validated) ? NET_CHECKSUM_GOOD
                                                                                   : NET_CHECKSUM_UNKNOWN;
    return true;
}

/* Takes the next frame off the ring, to be held.  False: there is no whole one, or the interface has failed. */
static bool take_frame(struct netfront *front)
{
    struct reading reading;

    do {
        reading = (struct reading){ .at = front->rx.rsp_cons };
        if (front->failed || !read_frame(front, &reading))
            return false;
        if (!reading.wrong && !take_pages_back(front, reading.at))
            reading.wrong = "a frame in a page that it keeps";
        if (reading.wrong) {
            netfront_fail(front, reading.wrong);
            return false;
        }
        front->rx_released = front->rx.rsp_cons;
        front->rx.rsp_cons = reading.at;
        front->held = finish_frame(front, &reading);
        front->dropped += !front->held;
    } while (!front->held);
    return true;
}

/* False: the chip has no room for it. */
static bool deliver(struct netfront *front)
{
    struct net_listener *listener = front->backend.listener;

    if (listener && !listener->receive(listener, &front->frame))
        return false;
    front->held = false;
    front->received++;
    return true;
}

/* All that there is, or as much as the chip takes.  True: it took something. */
static bool deliver_frames(struct netfront *front)
{
    bool any = false;

    while (front->held || take_frame(front)) {
        if (!deliver(front))
            break;
        any = true;
    }
    return any;
}

/* --- onto the ring ---------------------------------------------------------------------------------------- */

/* The backend gets every page that is free.  It wants to know of it only when it has run out of them. */
static void post_pages(struct netfront *front)
{
    bool wanted;

    if (!front->held)
        front->rx_released = front->rx.rsp_cons;
    while (front->rx.req_prod_pvt - front->rx_released < NETFRONT_RX_PAGES) {
        unsigned int page = front->rx.req_prod_pvt % NETFRONT_RX_PAGES;
        grant_ref_t ref = front->refs[NETFRONT_REF_RX + page];

        grant_access(front->grants, ref, front->bus.backend_id, gpa_of(front->pages->rx[page]) >> XEN_PAGE_SHIFT,
                     false);
        *RING_GET_REQUEST(&front->rx, front->rx.req_prod_pvt) =
            (struct netif_rx_request){ .id = (uint16_t)page, .gref = ref };
        front->rx.req_prod_pvt++;
    }
    RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&front->rx, wanted);
    if (wanted)
        event_notify(&front->event);
}

/* What the backend has produced, which is no more than it was asked for.  False: it is. */
static bool see_responses(struct netfront *front)
{
    RING_IDX produced = read_once(front->rx.sring->rsp_prod);

    xen_rmb(); /* the index was read before the responses */
    if (produced - front->rx.rsp_cons > front->rx.req_prod_pvt - front->rx.rsp_cons) {
        netfront_fail(front, "more frames than pages");
        return false;
    }
    front->rx_seen = produced;
    return true;
}

/* Asks for an event with the next response.  True: it is there.  A chip without room asks itself. */
static bool ask_for_event(struct netfront *front)
{
    if (front->held)
        return false;
    front->rx.sring->rsp_event = front->rx_seen + 1;
    xen_mb(); /* either the backend sees our wish, or we its response */
    return read_once(front->rx.sring->rsp_prod) != front->rx_seen;
}

/* The backend uses the pages that it is given meanwhile, and might for ever.  After ENTRY_RESPONSES it is given none
 * until all is taken and an event is asked for, which comes with whatever goes into those pages then. */
void netfront_rx_poll(struct netfront *front)
{
    struct net_listener *listener = front->backend.listener;
    RING_IDX begin = front->rx.rsp_cons;
    bool any = false, enough = false;

    if (front->receiving)
        return;
    front->receiving = true;
    while (!front->failed && see_responses(front)) {
        any |= deliver_frames(front);
        if (front->failed)
            break;
        enough = front->rx.rsp_cons - begin >= ENTRY_RESPONSES;
        if (!enough)
            post_pages(front);
        if (!ask_for_event(front))
            break;
    }
    if (enough && !front->failed)
        post_pages(front);
    front->receiving = false;
    if (any && listener)
        listener->pushed(listener);
}

void netfront_ready(struct net_backend *backend)
{
    struct netfront *front = (struct netfront *)backend;

    if (front->held)
        netfront_rx_poll(front);
}

void netfront_rx_give_up(struct netfront *front)
{
    for (unsigned int page = 0; page < NETFRONT_RX_PAGES; page++)
        if (!netfront_take_back(front, NETFRONT_REF_RX + page))
            front->pages_lost = true;
    front->held = false;
}

void netfront_rx_init(struct netfront *front)
{
    struct netif_rx_sring *shared = (struct netif_rx_sring *)front->pages->rx_ring;

    memset(front->pages->rx_ring, 0, sizeof(front->pages->rx_ring));
    XEN_FRONT_RING_INIT(&front->rx, shared, XEN_PAGE_SIZE);
    front->rx_seen = front->rx_released = 0;
    front->held = false;
}
