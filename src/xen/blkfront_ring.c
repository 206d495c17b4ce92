/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A blk_request waits in the queue (first, last, linked by `next`) until its last part is on the ring; requests
 * start in the order they came.  From then on `next` points to the request itself, and it is over when `pending`,
 * its parts on the ring, reaches 0.
 */
#include "xen/blkfront_ring.h"

#include <stddef.h>

#include "lib/log.h"
#include "lib/string.h"

#define PAGE_SECTORS   (XEN_PAGE_SIZE / BLK_SECTOR_SIZE)
#define ALL_BOUNCE     ((1u << BLKFRONT_BOUNCE_PAGES) - 1)
#define GRANT_GFN_BITS 32       /* grant_entry_v1.frame */
#define SETTLE_TIMEOUT_NS 10000000000ull

/* Consecutive bytes of a request inside one segment and one page. */
struct piece {
    uint64_t address;
    uint32_t length;
};

static struct piece piece_at(const struct blk_request *request, uint32_t segment, uint32_t offset)
{
    uint64_t address = request->segments[segment].address + offset;
    uint32_t left = request->segments[segment].length - offset;
    uint32_t in_page = XEN_PAGE_SIZE - ((uint32_t)address & (XEN_PAGE_SIZE - 1));

    return (struct piece){ .address = address, .length = left < in_page ? left : in_page };
}

/* Goes on by `bytes`, which end inside the segment or with it, to the next byte that there is. */
static void advance(const struct blk_request *request, uint32_t *segment, uint32_t *offset, uint32_t bytes)
{
    *offset += bytes;
    while (*segment < request->segment_count && *offset == request->segments[*segment].length) {
        ++*segment;
        *offset = 0;
    }
}

/* The backend gets to see, and on a read to write, the whole page: a page of the guest's, but not of ours. */
static bool is_direct(const struct blkfront *front, struct piece piece)
{
    return !(((uint32_t)piece.address | piece.length) & (BLK_SECTOR_SIZE - 1)) &&
           !(piece.address >> XEN_PAGE_SHIFT >> GRANT_GFN_BITS) &&
           front->guest->is_ram(front->guest, piece.address, piece.length);
}

static bool is_transfer(const struct blk_request *request)
{
    return request->op == BLK_READ || request->op == BLK_WRITE;
}

static uint32_t sectors_left(const struct blk_request *request)
{
    return request->sectors - (uint32_t)(request->next_sector - request->sector);
}

/* Between the request's memory and the slot's bounce pages.  False: the memory has gone. */
static bool bounce_copy(struct blkfront *front, const struct blkfront_slot *slot, bool to_request)
{
    uint32_t segment = slot->segment, offset = slot->offset, done = 0;

    while (done < slot->bytes) { /* which end with a page or with the request */
        struct piece piece = piece_at(slot->request, segment, offset);
        uint32_t at = done & (XEN_PAGE_SIZE - 1), room = XEN_PAGE_SIZE - at;
        uint8_t *page = front->bounce[slot->bounce[done >> XEN_PAGE_SHIFT]];
        struct guest_memory *memory = front->guest;

        if (piece.length > room)
            piece.length = room;
        if (!memory->is_ram(memory, piece.address, piece.length))
            memory = front->firmware;
        if (to_request ? !memory->write(memory, piece.address, page + at, piece.length)
                       : !memory->read(memory, piece.address, page + at, piece.length))
            return false;
        done += piece.length;
        advance(slot->request, &segment, &offset, piece.length);
    }
    return true;
}

/* --- onto the ring ---------------------------------------------------------------------------------------- */

/* The lowest free slot, or NULL. */
static struct blkfront_slot *free_slot(struct blkfront *front)
{
    return ~front->busy ? &front->slots[__builtin_ctz(~front->busy)] : NULL;
}

static struct blkif_request *ring_request(struct blkfront *front, struct blkfront_slot *slot, uint8_t operation)
{
    struct blkif_request *out = RING_GET_REQUEST(&front->ring, front->ring.req_prod_pvt);

    slot->operation = operation;
    out->operation = operation;
    out->nr_segments = slot->pages;
    out->handle = (blkif_vdev_t)front->virtual_device;
    out->id = (uint64_t)(slot - front->slots);
    return out;
}

static void on_ring(struct blkfront *front, struct blkfront_slot *slot)
{
    front->busy |= 1u << (slot - front->slots);
    slot->sequence = front->ring.req_prod_pvt++;
    slot->request->pending++;
}

static void add_page(struct blkfront *front, struct blkfront_slot *slot, uint32_t gfn, uint32_t first_byte,
                     uint32_t length)
{
    struct blkif_request *out = RING_GET_REQUEST(&front->ring, front->ring.req_prod_pvt);
    grant_ref_t ref = front->free_refs[--front->free_ref_count];

    grant_access(front->grants, ref, front->bus.backend_id, gfn, slot->request->op == BLK_WRITE);
    out->seg[slot->pages] = (struct blkif_request_segment){
        .gref = ref,
        .first_sect = (uint8_t)(first_byte / BLK_SECTOR_SIZE),
        .last_sect = (uint8_t)((first_byte + length) / BLK_SECTOR_SIZE - 1),
    };
    slot->refs[slot->pages++] = ref;
    slot->bytes += length;
}

static void lose_page(struct blkfront *front, const struct blkfront_slot *slot, unsigned int i)
{
    log_limited(LOG_ERROR, "%s: domain %u keeps grant %u mapped; page lost", front->bus.frontend,
                front->bus.backend_id, slot->refs[i]);
    front->pages_lost = true;
    if (slot->bounced) {
        front->lost_bounce |= (uint8_t)(1u << slot->bounce[i]);
        front->lost_refs[slot->bounce[i]] = slot->refs[i];
    }
}

/* Takes the slot's pages back from the backend; those that it does not give are lost. */
static void release_pages(struct blkfront *front, struct blkfront_slot *slot)
{
    for (unsigned int i = 0; i < slot->pages; i++) {
        if (!grant_end(front->grants, slot->refs[i])) {
            lose_page(front, slot, i);
            continue;
        }
        front->free_refs[front->free_ref_count++] = slot->refs[i];
        if (slot->bounced)
            front->free_bounce |= (uint8_t)(1u << slot->bounce[i]);
    }
    slot->pages = 0;
}

/* As many pages as can be granted from where the request stands. */
static void add_direct(struct blkfront *front, struct blkfront_slot *slot)
{
    struct blk_request *request = slot->request;

    while (request->next_segment < request->segment_count && slot->pages < BLKIF_MAX_SEGMENTS_PER_REQUEST &&
           front->free_ref_count) {
        struct piece piece = piece_at(request, request->next_segment, request->next_offset);

        if (!is_direct(front, piece))
            return;
        add_page(front, slot, (uint32_t)(piece.address >> XEN_PAGE_SHIFT),
                 (uint32_t)piece.address & (XEN_PAGE_SIZE - 1), piece.length);
        advance(request, &request->next_segment, &request->next_offset, piece.length);
    }
}

/* As much as there are bounce pages for. */
static bool add_bounced(struct blkfront *front, struct blkfront_slot *slot)
{
    struct blk_request *request = slot->request;
    uint32_t sectors = sectors_left(request), bytes;

    slot->bounced = true;
    while (sectors && front->free_bounce && front->free_ref_count) {
        uint32_t in_page = sectors < PAGE_SECTORS ? sectors : PAGE_SECTORS;
        uint8_t page = (uint8_t)__builtin_ctz(front->free_bounce);

        front->free_bounce &= (uint8_t)~(1u << page);
        slot->bounce[slot->pages] = page;
        add_page(front, slot, gpa_of(front->bounce[page]) >> XEN_PAGE_SHIFT, 0, in_page * BLK_SECTOR_SIZE);
        sectors -= in_page;
    }
    if (request->op == BLK_WRITE && !bounce_copy(front, slot, false))
        return false;
    for (bytes = slot->bytes; bytes;) {
        struct piece piece = piece_at(request, request->next_segment, request->next_offset);
        uint32_t step = piece.length < bytes ? piece.length : bytes;

        advance(request, &request->next_segment, &request->next_offset, step);
        bytes -= step;
    }
    return true;
}

/* Puts the request's next part on the ring.  False: it must wait. */
static bool start_part(struct blkfront *front, struct blk_request *request)
{
    struct blkfront_slot *slot = free_slot(front);
    struct blkif_request *out;

    if (!slot || !front->free_ref_count)
        return false;
    *slot = (struct blkfront_slot){
        .request = request, .segment = request->next_segment, .offset = request->next_offset,
    };
    add_direct(front, slot);
    if (!slot->pages && !front->free_bounce)
        return false;
    if (!slot->pages && !add_bounced(front, slot)) {
        release_pages(front, slot);
        request->status = BLK_ERROR;
        return true;
    }
    out = ring_request(front, slot, request->op == BLK_WRITE ? BLKIF_OP_WRITE : BLKIF_OP_READ);
    out->sector_number = request->next_sector;
    request->next_sector += slot->bytes / BLK_SECTOR_SIZE;
    on_ring(front, slot);
    return true;
}

static bool start_transfer(struct blkfront *front, struct blk_request *request)
{
    while (request->status == BLK_OK && sectors_left(request)) {
        if (!start_part(front, request))
            return false;
    }
    return true;
}

static bool start_discard(struct blkfront *front, struct blk_request *request)
{
    struct blkfront_slot *slot = free_slot(front);
    struct blkif_request_discard *out;

    if (!slot)
        return false;
    *slot = (struct blkfront_slot){ .request = request };
    out = (struct blkif_request_discard *)ring_request(front, slot, BLKIF_OP_DISCARD);
    out->flag = 0;
    out->sector_number = request->sector;
    out->nr_sectors = request->sectors;
    on_ring(front, slot);
    return true;
}

/* Only writes that were answered are sure to be in the cache that a flush empties.  A backend that offers no flush
 * has no such cache: then the answers are all there is to wait for. */
static bool start_flush(struct blkfront *front, struct blk_request *request)
{
    struct blkfront_slot *slot = &front->slots[0];

    if (front->busy)
        return false;
    if (front->flush_operation == BLKFRONT_NO_FLUSH)
        return true;
    *slot = (struct blkfront_slot){ .request = request };
    ring_request(front, slot, front->flush_operation)->sector_number = 0;
    on_ring(front, slot);
    return true;
}

static bool start(struct blkfront *front, struct blk_request *request)
{
    switch (request->op) {
    case BLK_FLUSH:
        return start_flush(front, request);
    case BLK_DISCARD:
        return start_discard(front, request);
    default:
        return start_transfer(front, request);
    }
}

/* After how many answers there is something to do: nobody hears of a request before its last part, unless something
 * waits for a place on the ring. */
static RING_IDX answers_awaited(const struct blkfront *front)
{
    const struct blk_request *request = NULL;

    if (front->first)
        return 1;
    for (uint32_t left = front->busy; left; left &= left - 1) {
        const struct blkfront_slot *slot = &front->slots[__builtin_ctz(left)];

        if (request && slot->request != request)
            return 1;
        request = slot->request;
    }
    return request ? front->ring.req_prod_pvt - front->ring.rsp_cons : 1;
}

/* The event is put off alone: one that is due earlier than before could have been missed by now. */
static void notify(struct blkfront *front)
{
    RING_IDX awaited = answers_awaited(front);
    bool wanted;

    if (awaited > 1)
        front->ring.sring->rsp_event = front->ring.rsp_cons + awaited;
    RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&front->ring, wanted);
    if (wanted)
        event_notify(&front->event);
}

static void done_if_over(struct blk_request *request)
{
    if (request->next == request && !request->pending)
        request->done(request, request->status);
}

static void fail(struct blkfront *front, const char *why)
{
    log_error("%s: %s: %s; the disk is gone", front->bus.frontend, front->bus.backend, why);
    blkfront_give_up(front);
}

/* Starts what can start.  done() may submit more, and so come back here. */
static void run_queue(struct blkfront *front)
{
    while (front->first) {
        struct blk_request *request = front->first;

        if (!start(front, request))
            break;
        front->first = request->next;
        if (!front->first)
            front->last = NULL;
        request->next = request;
        done_if_over(request);
    }
    notify(front);
    if (front->first && !front->busy)
        fail(front, "the backend keeps every page that it was granted");
}

/* --- off the ring ----------------------------------------------------------------------------------------- */

/* Ahead of everything that waits. */
static void put_first(struct blkfront *front, struct blk_request *request)
{
    request->next = front->first;
    front->first = request;
    if (!front->last)
        front->last = request;
}

/* One part of its request is over. */
static void finish_part(struct blkfront_slot *slot, enum blk_status status)
{
    struct blk_request *request = slot->request;

    request->pending--;
    if (request->status == BLK_OK)
        request->status = status;
    done_if_over(request);
}

/* The backend offered a flush and does not know it after all (blkif.h allows that): try the next best. */
static void flush_again(struct blkfront *front, struct blk_request *request)
{
    bool to_barrier = front->barrier && front->flush_operation == BLKIF_OP_FLUSH_DISKCACHE;

    log_warning("%s: the backend refuses to flush by operation %u", front->bus.frontend, front->flush_operation);
    front->flush_operation = to_barrier ? BLKIF_OP_WRITE_BARRIER : BLKFRONT_NO_FLUSH;
    request->pending--;
    put_first(front, request);
}

static enum blk_status status_of(int16_t status)
{
    switch (status) {
    case BLKIF_RSP_OKAY:
        return BLK_OK;
    case BLKIF_RSP_EOPNOTSUPP:
        return BLK_UNSUPPORTED;
    default:
        return BLK_ERROR;
    }
}

/* False: no request has this answer. */
static bool take_response(struct blkfront *front, const struct blkif_response *response)
{
    enum blk_status status = status_of(response->status);
    struct blkfront_slot *slot;

    if (response->id >= BLKFRONT_SLOTS || !(front->busy & (1u << response->id)))
        return false;
    slot = &front->slots[response->id];
    if (response->operation != slot->operation)
        return false;

    front->busy &= ~(1u << response->id);
    release_pages(front, slot);
    if (slot->request->op == BLK_FLUSH && status == BLK_UNSUPPORTED) {
        flush_again(front, slot->request);
        return true;
    }
    if (slot->bounced && slot->request->op == BLK_READ && status == BLK_OK && !bounce_copy(front, slot, true))
        status = BLK_ERROR;
    finish_part(slot, status);
    return true;
}

/* False: the disk has failed. */
static bool take_responses(struct blkfront *front)
{
    RING_IDX produced = read_once(front->ring.sring->rsp_prod);

    if (front->failed)
        return false;
    xen_rmb(); /* the index was read before the responses, and before what came before them */
    blkfront_medium_poll(front);
    if (produced - front->ring.rsp_cons > front->ring.req_prod_pvt - front->ring.rsp_cons) {
        fail(front, "more answers than requests");
        return false;
    }
    while (front->ring.rsp_cons != produced && !front->failed) {
        struct blkif_response response;

        RING_COPY_RESPONSE(&front->ring, front->ring.rsp_cons, &response);
        front->ring.rsp_cons++;
        if (!take_response(front, &response))
            fail(front, "an answer to no request");
    }
    return !front->failed;
}

/* Or else an event will come, with those that are awaited. */
static bool await_responses(struct blkfront *front)
{
    if (RING_HAS_UNCONSUMED_RESPONSES(&front->ring))
        return true;
    front->ring.sring->rsp_event = front->ring.rsp_cons + answers_awaited(front);
    xen_mb();
    return RING_HAS_UNCONSUMED_RESPONSES(&front->ring);
}

void blkfront_poll(struct blkfront *front)
{
    bool more = true;

    while (more && take_responses(front)) {
        run_queue(front);
        more = await_responses(front);
    }
}

void blkfront_give_up(struct blkfront *front)
{
    struct blk_request *queued = front->first;

    front->failed = true;
    front->first = front->last = NULL;
    while (front->busy) {
        struct blkfront_slot *slot = &front->slots[__builtin_ctz(front->busy)];

        front->busy &= front->busy - 1;
        release_pages(front, slot);
        finish_part(slot, BLK_ERROR);
    }
    while (queued) {
        struct blk_request *request = queued;

        queued = request->next;
        request->next = request;
        request->status = BLK_ERROR;
        done_if_over(request);
    }
}

/* --- after a restore -------------------------------------------------------------------------------------- */

bool blkfront_pages_are_kept(const struct blkfront *front)
{
    bool kept = grant_kept(front->grants, front->ring_ref);

    for (uint32_t left = front->busy; left; left &= left - 1) {
        const struct blkfront_slot *slot = &front->slots[__builtin_ctz(left)];

        for (unsigned int i = 0; i < slot->pages; i++)
            kept |= grant_kept(front->grants, slot->refs[i]);
    }
    for (uint32_t left = front->lost_bounce; left; left &= left - 1)
        kept |= grant_kept(front->grants, front->lost_refs[__builtin_ctz(left)]);
    return kept;
}

static void to_beginning(struct blk_request *request)
{
    request->pending = 0;
    request->next_sector = request->sector;
    request->next_segment = request->next_offset = 0;
    if (is_transfer(request))
        advance(request, &request->next_segment, &request->next_offset, 0);
}

/* The slot that went onto the ring last. */
static struct blkfront_slot *newest(struct blkfront *front)
{
    struct blkfront_slot *found = &front->slots[__builtin_ctz(front->busy)];

    for (uint32_t left = front->busy; left; left &= left - 1) {
        struct blkfront_slot *slot = &front->slots[__builtin_ctz(left)];

        if ((int32_t)(slot->sequence - found->sequence) > 0)
            found = slot;
    }
    return found;
}

/* A request's parts follow each other on the ring.  One that has a part yet to start is first in the queue still.
 * Answers in the ring page count for nothing: while the backend had it mapped, a live migration did not see it
 * change.  To do a part twice does no harm: its memory and its sectors are in nobody else's hands before done(). */
void blkfront_rewind(struct blkfront *front)
{
    while (front->busy) {
        struct blkfront_slot *slot = newest(front);

        front->busy &= ~(1u << (slot - front->slots));
        to_beginning(slot->request);
        if (front->first != slot->request)
            put_first(front, slot->request);
    }
}

/* --- the chip's side -------------------------------------------------------------------------------------- */

/* BLK_OK, or why the request is refused: its memory was not looked at by anybody yet. */
static enum blk_status check(const struct blkfront *front, const struct blk_request *request)
{
    uint64_t bytes = 0;

    if (front->failed)
        return BLK_ERROR;
    if (request->op == BLK_DISCARD && !front->backend.info.discard)
        return BLK_UNSUPPORTED;
    if (!is_transfer(request))
        return BLK_OK;
    for (unsigned int i = 0; i < request->segment_count; i++) {
        const struct blk_segment *segment = &request->segments[i];

        if (!front->guest->is_ram(front->guest, segment->address, segment->length) &&
            !front->firmware->is_ram(front->firmware, segment->address, segment->length))
            return BLK_ERROR;
        bytes += segment->length;
    }
    if (bytes != (uint64_t)request->sectors * BLK_SECTOR_SIZE)
        panic("%s: %u sectors in other than as many bytes", front->bus.frontend, request->sectors);
    return BLK_OK;
}

static void submit(struct blk_backend *backend, struct blk_request *request)
{
    struct blkfront *front = (struct blkfront *)backend;

    request->status = check(front, request);
    request->next = NULL;
    if (request->status != BLK_OK) {
        request->done(request, request->status);
        return;
    }
    to_beginning(request);
    if (front->last)
        front->last->next = request;
    else
        front->first = request;
    front->last = request;
    run_queue(front);
}

/* Any event of the firmware's ends a wait at once until it is taken: all are served, not this disk's alone. */
static void settle(struct blk_backend *backend)
{
    struct blkfront *front = (struct blkfront *)backend;
    uint64_t deadline = system_time_ns() + SETTLE_TIMEOUT_NS;

    while (front->busy || front->first) {
        if (system_time_ns() >= deadline) {
            log_warning("%s: the backend does not finish, and may yet touch the guest's memory", front->bus.frontend);
            return;
        }
        wait_until_ns(deadline);
        event_dispatch(front->events);
    }
}

const struct blk_backend_ops blkfront_ops = { .submit = submit, .settle = settle, .lock = blkfront_lock };

void blkfront_ring_init(struct blkfront *front)
{
    struct blkif_sring *shared = (struct blkif_sring *)front->ring_page;

    memset(front->ring_page, 0, sizeof(front->ring_page));
    XEN_FRONT_RING_INIT(&front->ring, shared, XEN_PAGE_SIZE);
    front->free_bounce = ALL_BOUNCE;
    front->lost_bounce = 0;
    front->busy = 0;
}
