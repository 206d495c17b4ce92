/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A net_packet waits in the queue (first, last, linked by `next`) until all of it is on the ring, in slots of one page
 * each.  A packet that was copied as a whole is over then.  Any other is when `pending`, its slots without an answer,
 * reaches 0.
 *
 * Requests on the ring are either slots under way (`busy`) or extra-info (`extras`), which the backend answers by
 * NETIF_RSP_NULL: as long as each answer ends one of them, a free place on the ring means a free slot as well.
 */
#include "xen/netfront_ring.h"

#include <stddef.h>

#include "lib/inet_checksum.h"
#include "lib/log.h"
#include "lib/string.h"

/* Packets up to this length are copied: acknowledgements, short datagrams.  A page to grant costs two ordered writes
 * here, and a frame in two segments two such pages, each of which the backend copies from or maps by itself; above all,
 * of what was copied no answer is waited for, and an event is an entry into the firmware.  A full frame's copy would
 * cost more than its grants. */
#define COPY_MAX            256u
#define SETTLE_LOOK_NS      100000000u  /* what the backend has not begun to read by then is taken from it */
#define SETTLE_TIMEOUT_NS   10000000000ull
#define GRANT_GFN_BITS      32          /* grant_entry_v1.frame */
#define ETHERNET_TYPE       12u
#define TYPE_IPV4           0x0800
#define TYPE_IPV6           0x86dd
#define UDP_CHECKSUM_OFFSET 6u

#define IN_PAGE(address) ((uint32_t)(address) & (XEN_PAGE_SIZE - 1))

/* --- copies ----------------------------------------------------------------------------------------------- */

/* netfront_slot.copy: page << 1 | half, */
#define COPY_WHOLE 0x40u                /* or both halves of the page, */
#define COPY_NONE  0xffu                /* or nothing */
#define HALF_PAGE  (XEN_PAGE_SIZE / 2)
#define COPIES_MAX (NET_PACKET_MAX / XEN_PAGE_SIZE + 1)

/* A packet's copied part in as many pages as it takes; the last may be a half. */
static bool has_room_for_copy(const struct netfront *front, uint32_t bytes)
{
    uint32_t rest = IN_PAGE(bytes), whole = front->free_halves[0] & front->free_halves[1];
    unsigned int pages = bytes >> XEN_PAGE_SHIFT, free_pages = 0;

    if (rest > HALF_PAGE || (rest && whole == (front->free_halves[0] | front->free_halves[1])))
        pages++;
    for (; whole; whole &= whole - 1)
        free_pages++;
    return pages <= free_pages;
}

/* Room for so many bytes, up to a page.  There is some.  Halves of pages that are in use already come first. */
static uint8_t take_copy(struct netfront *front, uint32_t bytes)
{
    uint32_t *halves = front->free_halves, single = halves[0] ^ halves[1];
    unsigned int page, half;

    if (bytes > HALF_PAGE || !single) {
        page = (unsigned int)__builtin_ctz(halves[0] & halves[1]);
        half = 0;
    } else {
        page = (unsigned int)__builtin_ctz(single);
        half = !(halves[0] >> page & 1);
    }
    halves[half] &= ~(1u << page);
    if (bytes <= HALF_PAGE)
        return (uint8_t)(page << 1 | half);
    halves[1] &= ~(1u << page);
    return (uint8_t)(COPY_WHOLE | page << 1);
}

static void give_copy(struct netfront *front, uint8_t copy)
{
    uint32_t page = 1u << (copy >> 1 & (NETFRONT_COPY_PAGES - 1));

    if (copy == COPY_NONE)
        return;
    front->free_halves[copy & 1] |= page;
    if (copy & COPY_WHOLE)
        front->free_halves[1] |= page;
}

static uint8_t *bytes_of_copy(const struct netfront *front, uint8_t copy)
{
    return &front->pages->copies[copy >> 1 & (NETFRONT_COPY_PAGES - 1)][copy & 1 ? HALF_PAGE : 0];
}

/* --- a packet's memory ------------------------------------------------------------------------------------ */

/* How far we are in the packet. */
struct cursor {
    unsigned int segment;
    uint32_t offset;
};

/* Consecutive bytes in one page. */
struct piece {
    uint64_t address;
    uint32_t length;
};

static void advance(const struct net_packet *packet, struct cursor *cursor, uint32_t bytes)
{
    cursor->offset += bytes;
    if (cursor->offset == packet->segments[cursor->segment].length) {
        cursor->segment++;
        cursor->offset = 0;
    }
}

/* As much of the segment as lies in this page. */
static struct piece piece_at(const struct net_packet *packet, const struct cursor *cursor)
{
    const struct net_segment *segment = &packet->segments[cursor->segment];
    uint64_t address = segment->address + cursor->offset;
    uint32_t left = segment->length - cursor->offset, room = XEN_PAGE_SIZE - IN_PAGE(address);

    return (struct piece){ .address = address, .length = left < room ? left : room };
}

/* Segments that follow each other in memory, as drivers cut large buffers, share their page.  False: no more. */
static bool next_piece(const struct net_packet *packet, struct cursor *cursor, struct piece *piece)
{
    if (cursor->segment == packet->segment_count)
        return false;
    *piece = piece_at(packet, cursor);
    advance(packet, cursor, piece->length);
    while (cursor->segment < packet->segment_count && IN_PAGE(piece->address + piece->length)) {
        struct piece more = piece_at(packet, cursor);

        if (more.address != piece->address + piece->length)
            break;
        piece->length += more.length;
        advance(packet, cursor, more.length);
    }
    return true;
}

/* False: the memory has gone. */
static bool read_bytes(struct netfront *front, const struct net_packet *packet, struct cursor *cursor, uint8_t *to,
                       uint32_t length)
{
    while (length) {
        struct piece piece = piece_at(packet, cursor);
        struct guest_memory *memory = front->guest;

        if (piece.length > length)
            piece.length = length;
        if (!memory->is_ram(memory, piece.address, piece.length))
            memory = front->firmware;
        if (!memory->read(memory, piece.address, to, piece.length))
            return false;
        advance(packet, cursor, piece.length);
        to += piece.length;
        length -= piece.length;
    }
    return true;
}

/* The backend gets to see the whole page: one of the guest's, but none of ours. */
static bool is_direct(const struct netfront *front, struct piece piece)
{
    return !(piece.address >> XEN_PAGE_SHIFT >> GRANT_GFN_BITS) &&
           front->guest->is_ram(front->guest, piece.address, piece.length);
}

/* --- what the backend does for it ------------------------------------------------------------------------- */

static uint16_t ethernet_type(struct netfront *front, const struct net_packet *packet)
{
    struct cursor cursor = { 0 };
    uint8_t header[NET_HEADER_BYTES];

    if (!read_bytes(front, packet, &cursor, header, sizeof(header)))
        return 0;
    return (uint16_t)(header[ETHERNET_TYPE] << 8 | header[ETHERNET_TYPE + 1]);
}

/* The backend finds a checksum's place by itself, behind an Ethernet header without a tag: Linux' drops all else. */
static bool backend_sums(struct netfront *front, const struct net_packet *packet)
{
    const struct net_info *info = &front->backend.info;
    uint16_t type = packet->offload.checksum ? ethernet_type(front, packet) : 0;

    return (type == TYPE_IPV4 && info->checksum_v4) || (type == TYPE_IPV6 && info->checksum_v6);
}

static bool backend_cuts(const struct netfront *front, const struct net_packet *packet)
{
    switch (packet->offload.gso) {
    case NET_GSO_TCPV4:
        return front->backend.info.gso_tcpv4;
    case NET_GSO_TCPV6:
        return front->backend.info.gso_tcpv6;
    default:
        return true;
    }
}

/* What the backend cannot do, here: in a copy of the whole packet. */
static void complete_checksum(const struct net_packet *packet, uint8_t *bytes)
{
    const struct net_offload *offload = &packet->offload;
    uint32_t at = (uint32_t)offload->checksum_start + offload->checksum_offset;
    struct inet_sum sum = { 0 };
    uint16_t checksum;

    if (at + 2 > packet->length)
        return;
    inet_sum_add(&sum, &bytes[offload->checksum_start], packet->length - offload->checksum_start);
    checksum = inet_checksum(&sum, offload->checksum_offset == UDP_CHECKSUM_OFFSET ? INET_UDP : INET_TCP);
    bytes[at] = (uint8_t)(checksum >> 8);
    bytes[at + 1] = (uint8_t)checksum;
}

/* --- onto the ring ---------------------------------------------------------------------------------------- */

/* How a packet goes onto the ring: its first pieces copied together, the others as they are. */
struct plan {
    bool sums;                          /* the backend completes its checksum */
    unsigned int pieces, copied;
    uint32_t copied_bytes;
    unsigned int requests;
};

static unsigned int pages_of(uint32_t bytes)
{
    return (bytes + XEN_PAGE_SIZE - 1) >> XEN_PAGE_SHIFT;
}

/* As little is copied as has to be: all of a small packet, or up to the last piece that cannot be granted, or the front
 * part (headers and odd ends, as a rule) until the rest is few enough slots. */
static struct plan plan_packet(struct netfront *front, const struct net_packet *packet)
{
    struct plan plan = { .sums = backend_sums(front, packet) };
    struct cursor cursor = { 0 };
    unsigned int to_copy = 0;
    struct piece piece;

    while (next_piece(packet, &cursor, &piece)) {
        plan.pieces++;
        if (!is_direct(front, piece))
            to_copy = plan.pieces;
    }
    if (packet->length <= COPY_MAX || (packet->offload.checksum && !plan.sums))
        to_copy = plan.pieces;
    cursor = (struct cursor){ 0 };
    while (plan.copied < to_copy ||
           pages_of(plan.copied_bytes) + plan.pieces - plan.copied > front->packet_slots) {
        if (!next_piece(packet, &cursor, &piece))
            break;
        plan.copied++;
        plan.copied_bytes += piece.length;
    }
    plan.requests = pages_of(plan.copied_bytes) + plan.pieces - plan.copied + (packet->offload.gso != NET_GSO_NONE);
    return plan;
}

/* The part that is copied, in copies[]; false: the memory has gone, and nothing is taken. */
static bool make_copies(struct netfront *front, const struct net_packet *packet, struct cursor *cursor, uint32_t bytes,
                        uint8_t *copies)
{
    for (unsigned int i = 0; bytes; i++) {
        uint32_t step = bytes < XEN_PAGE_SIZE ? bytes : XEN_PAGE_SIZE;

        copies[i] = take_copy(front, step);
        if (!read_bytes(front, packet, cursor, bytes_of_copy(front, copies[i]), step)) {
            do
                give_copy(front, copies[i]);
            while (i--);
            return false;
        }
        bytes -= step;
    }
    return true;
}

static void add_extra(struct netfront *front, const struct net_packet *packet)
{
    struct netif_extra_info *extra =
        (struct netif_extra_info *)RING_GET_REQUEST(&front->tx, front->tx.req_prod_pvt);

    front->tx.req_prod_pvt++;
    front->extras++;
    *extra = (struct netif_extra_info){
        .type = XEN_NETIF_EXTRA_TYPE_GSO,
        .u.gso.size = packet->offload.segment_bytes,
        .u.gso.type = packet->offload.gso == NET_GSO_TCPV4 ? XEN_NETIF_GSO_TYPE_TCPV4 : XEN_NETIF_GSO_TYPE_TCPV6,
    };
}

/* The packet's next slot.  The first tells the length of all, and is followed by the extra-info; each but the last says
 * that there are more. */
static void add_slot(struct netfront *front, struct net_packet *packet, const struct plan *plan, RING_IDX begin,
                     uint8_t copy, struct piece piece)
{
    unsigned int id = front->first_free;
    struct netfront_slot *slot = &front->slots[id];
    struct netif_tx_request *request = RING_GET_REQUEST(&front->tx, front->tx.req_prod_pvt);
    bool is_first = front->tx.req_prod_pvt == begin, has_extra = is_first && packet->offload.gso != NET_GSO_NONE;

    front->first_free = slot->next_free;
    *slot = (struct netfront_slot){
        .packet = plan->copied < plan->pieces ? packet : NULL, .busy = true, .copy = copy,
    };
    grant_access(front->grants, front->refs[id], front->bus.backend_id, (uint32_t)(piece.address >> XEN_PAGE_SHIFT),
                 true);
    *request = (struct netif_tx_request){
        .gref = front->refs[id],
        .offset = (uint16_t)IN_PAGE(piece.address),
        .id = (uint16_t)id,
        .size = (uint16_t)(is_first ? packet->length : piece.length),
        .flags = (is_first && plan->sums ? NETTXF_csum_blank | NETTXF_data_validated : 0) |
                 (has_extra ? NETTXF_extra_info : 0),
    };
    front->tx.req_prod_pvt++;
    packet->pending++;
    if (has_extra)
        add_extra(front, packet);
    if (front->tx.req_prod_pvt - begin < plan->requests)
        request->flags |= NETTXF_more_data;
}

static void add_copies(struct netfront *front, struct net_packet *packet, const struct plan *plan, RING_IDX begin,
                       const uint8_t *copies)
{
    for (uint32_t done = 0; done < plan->copied_bytes; done += XEN_PAGE_SIZE) {
        uint32_t left = plan->copied_bytes - done;
        struct piece piece = {
            .address = gpa_of(bytes_of_copy(front, *copies)), .length = left < XEN_PAGE_SIZE ? left : XEN_PAGE_SIZE,
        };

        add_slot(front, packet, plan, begin, *copies++, piece);
    }
}

static void over(struct netfront *front, struct net_packet *packet, bool sent)
{
    front->sent += sent;
    packet->done(packet, sent);
}

/* Puts the packet on the ring, from where it is the backend's or is over, or finds out that it cannot be sent.  False:
 * it must wait. */
static bool start(struct netfront *front, struct net_packet *packet)
{
    struct plan plan = plan_packet(front, packet);
    RING_IDX begin = front->tx.req_prod_pvt;
    struct cursor cursor = { 0 };
    uint8_t copies[COPIES_MAX];
    struct piece piece;

    if (plan.requests > RING_FREE_REQUESTS(&front->tx) || !has_room_for_copy(front, plan.copied_bytes))
        return false;
    if (!make_copies(front, packet, &cursor, plan.copied_bytes, copies)) {
        over(front, packet, false);
        return true;
    }
    if (packet->offload.checksum && !plan.sums)
        complete_checksum(packet, bytes_of_copy(front, copies[0]));
    packet->pending = 0;
    packet->sequence = ++front->sequence;
    add_copies(front, packet, &plan, begin, copies);
    while (next_piece(packet, &cursor, &piece))
        add_slot(front, packet, &plan, begin, COPY_NONE, piece);
    if (plan.copied < plan.pieces)
        front->lent++;
    else
        over(front, packet, true);
    return true;
}

static bool can_be_sent(struct netfront *front, const struct net_packet *packet)
{
    return !front->failed && !packet->refused && backend_cuts(front, packet) &&
           (packet->offload.gso == NET_GSO_NONE || backend_sums(front, packet));
}

static void put_first(struct netfront *front, struct net_packet *packet)
{
    packet->next = front->first;
    front->first = packet;
    if (!front->last)
        front->last = packet;
}

static struct net_packet *take_first(struct netfront *front)
{
    struct net_packet *packet = front->first;

    front->first = packet->next;
    if (!front->first)
        front->last = NULL;
    return packet;
}

/* Starts what can start.  done() may submit more: that is seen to here, not deeper down. */
static void run_queue(struct netfront *front)
{
    if (front->sending)
        return;
    front->sending = true;
    while (front->first) {
        struct net_packet *packet = take_first(front);

        if (!can_be_sent(front, packet)) {
            over(front, packet, false);
        } else if (!start(front, packet)) {
            put_first(front, packet);
            break;
        }
    }
    front->sending = false;
}

/* --- off the ring ----------------------------------------------------------------------------------------- */

static void free_slot(struct netfront *front, unsigned int id)
{
    struct netfront_slot *slot = &front->slots[id];

    give_copy(front, slot->copy);
    slot->busy = false;
    slot->packet = NULL;
    slot->next_free = front->first_free;
    front->first_free = (uint8_t)id;
}

/* One of its slots is over. */
static void finish_part(struct netfront *front, struct net_packet *packet, bool sent)
{
    if (!sent)
        packet->refused = true;
    if (--packet->pending)
        return;
    front->lent--;
    over(front, packet, !packet->refused);
}

/* NULL, or what is wrong with the answer. */
static const char *take_answer(struct netfront *front, const struct netif_tx_response *answer)
{
    struct net_packet *packet;

    if (answer->status == NETIF_RSP_NULL) {
        if (!front->extras)
            return "an answer to extra-info that there was not";
        front->extras--;
        return NULL;
    }
    if (answer->id >= NETFRONT_TX_SLOTS || !front->slots[answer->id].busy)
        return "an answer to no request";
    if (!netfront_take_back(front, answer->id))
        return "an answer to a request whose page it keeps";
    packet = front->slots[answer->id].packet;
    free_slot(front, answer->id);
    if (packet)
        finish_part(front, packet, answer->status == NETIF_RSP_OKAY);
    return NULL;
}

static void take_answers(struct netfront *front)
{
    RING_IDX produced = read_once(front->tx.sring->rsp_prod);

    xen_rmb(); /* the index was read before the answers */
    if (produced - front->tx.rsp_cons > front->tx.req_prod_pvt - front->tx.rsp_cons) {
        netfront_fail(front, "more answers than requests");
        return;
    }
    while (front->tx.rsp_cons != produced && !front->failed) {
        struct netif_tx_response answer;
        const char *wrong;

        RING_COPY_RESPONSE(&front->tx, front->tx.rsp_cons, &answer);
        front->tx.rsp_cons++;
        wrong = take_answer(front, &answer);
        if (wrong)
            netfront_fail(front, wrong);
    }
}

/* Asks for an event when half of what is on the ring is answered, if anybody waits for that: what was copied is
 * collected when its place is needed.  True: so much is answered already. */
static bool ask_for_event(struct netfront *front)
{
    RING_IDX half = (front->tx.req_prod_pvt - front->tx.rsp_cons) / 2;

    if (front->failed || (!front->first && !front->lent))
        return false;
    front->tx.sring->rsp_event = front->tx.rsp_cons + half + 1;
    xen_mb(); /* either the backend sees our wish, or we its answers */
    return read_once(front->tx.sring->rsp_prod) - front->tx.rsp_cons > half;
}

static void push(struct netfront *front)
{
    bool wanted;

    RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&front->tx, wanted);
    if (wanted)
        event_notify(&front->event);
}

void netfront_tx_poll(struct netfront *front)
{
    if (front->sending)
        return;
    do {
        if (front->failed)
            return;
        front->sending = true;
        take_answers(front);
        front->sending = false;
        run_queue(front);
        if (!front->failed)
            push(front);
    } while (ask_for_event(front));
}

/* --- the end ---------------------------------------------------------------------------------------------- */

void netfront_tx_give_up(struct netfront *front)
{
    bool sending = front->sending;

    front->sending = true; /* what done() submits joins the queue, and ends with it */
    for (unsigned int id = 0; id < NETFRONT_TX_SLOTS; id++) {
        struct net_packet *packet = front->slots[id].packet;

        if (!front->slots[id].busy)
            continue;
        if (!netfront_take_back(front, id))
            front->pages_lost = true;
        free_slot(front, id);
        if (packet)
            finish_part(front, packet, false);
    }
    front->extras = 0;
    front->sending = sending;
    run_queue(front);
}

void netfront_tx_init(struct netfront *front)
{
    struct netif_tx_sring *shared = (struct netif_tx_sring *)front->pages->tx_ring;

    memset(front->pages->tx_ring, 0, sizeof(front->pages->tx_ring));
    XEN_FRONT_RING_INIT(&front->tx, shared, XEN_PAGE_SIZE);
    for (unsigned int id = 0; id < NETFRONT_TX_SLOTS; id++)
        front->slots[id] = (struct netfront_slot){ .next_free = (uint8_t)(id + 1), .copy = COPY_NONE };
    front->first_free = 0;
    front->free_halves[0] = front->free_halves[1] = UINT32_MAX;
    front->extras = 0;
}

/* Into the queue by its sequence, but before all that has never been on the ring, which begins at `fresh`. */
static void put_back(struct netfront *front, struct net_packet *packet, const struct net_packet *fresh)
{
    struct net_packet **place = &front->first;

    while (*place != fresh && (int32_t)((*place)->sequence - packet->sequence) < 0)
        place = &(*place)->next;
    packet->refused = false;
    packet->next = *place;
    *place = packet;
    if (!packet->next)
        front->last = packet;
}

void netfront_tx_rewind(struct netfront *front)
{
    const struct net_packet *fresh = front->first;

    for (unsigned int id = 0; id < NETFRONT_TX_SLOTS; id++) {
        struct net_packet *packet = front->slots[id].packet;

        if (!packet || --packet->pending)
            continue;
        put_back(front, packet, fresh);
    }
    front->lent = 0;
    netfront_tx_init(front);
}

/* --- the chip's side -------------------------------------------------------------------------------------- */

/* The packet can be read, as far as that can be known in advance. */
static bool is_sound(const struct netfront *front, const struct net_packet *packet)
{
    uint32_t bytes = 0;

    for (unsigned int i = 0; i < packet->segment_count; i++) {
        const struct net_segment *segment = &packet->segments[i];

        if (!front->guest->is_ram(front->guest, segment->address, segment->length) &&
            !front->firmware->is_ram(front->firmware, segment->address, segment->length))
            return false;
        bytes += segment->length;
    }
    if (bytes != packet->length)
        panic("%s: a packet of %u bytes in segments of %u", front->bus.frontend, packet->length, bytes);
    return packet->length >= NET_HEADER_BYTES &&
           packet->length <= (packet->offload.gso == NET_GSO_NONE ? NET_FRAME_MAX + 4 : NET_PACKET_MAX);
}

void netfront_submit(struct net_backend *backend, struct net_packet *packet)
{
    struct netfront *front = (struct netfront *)backend;

    packet->next = NULL;
    packet->refused = !is_sound(front, packet);
    if (front->last)
        front->last->next = packet;
    else
        front->first = packet;
    front->last = packet;
    run_queue(front);
}

void netfront_flush(struct net_backend *backend)
{
    struct netfront *front = (struct netfront *)backend;

    if (front->failed)
        return;
    push(front);
    if (!front->sending && ask_for_event(front))
        netfront_tx_poll(front);
}

/* What the backend has not begun to read is taken from it; an answer may come yet, and frees the slot. */
static void revoke(struct netfront *front)
{
    front->sending = true;
    for (unsigned int id = 0; id < NETFRONT_TX_SLOTS; id++) {
        struct net_packet *packet = front->slots[id].packet;

        if (!packet || !netfront_take_back(front, id))
            continue;
        front->slots[id].packet = NULL;
        finish_part(front, packet, false);
    }
    front->sending = false;
}

/* Packets that wait are not on the ring, and need no place there to be failed. */
static void fail_queue(struct netfront *front)
{
    struct net_packet *last = front->last;
    bool more = front->first;

    front->sending = true;
    while (more) {
        struct net_packet *packet = take_first(front);

        more = packet != last;
        over(front, packet, false);
    }
    front->sending = false;
}

/* Any event of the firmware's ends a wait at once until it is taken: all are served, not this interface's alone.  Of
 * the last answers no event tells (ask_for_event()).  False: there is something left. */
static bool wait_for_answers(struct netfront *front, uint64_t deadline)
{
    uint64_t now = system_time_ns();

    while ((front->lent || front->first) && now < deadline) {
        wait_until_ns(now + SETTLE_LOOK_NS);
        event_dispatch(front->events);
        netfront_tx_poll(front);
        now = system_time_ns();
    }
    return !front->lent && !front->first;
}

void netfront_settle(struct net_backend *backend)
{
    struct netfront *front = (struct netfront *)backend;
    uint64_t start = system_time_ns();

    netfront_flush(backend);
    if (wait_for_answers(front, start + SETTLE_LOOK_NS))
        return;
    log_limited(LOG_WARNING, "%s: the backend does not finish", front->bus.frontend);
    revoke(front);
    fail_queue(front);
    if (!wait_for_answers(front, start + SETTLE_TIMEOUT_NS))
        netfront_fail(front, "it may yet read the guest's memory");
}
