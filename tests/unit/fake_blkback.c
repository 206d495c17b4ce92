/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "fake_blkback.h"

#include "support.h"
#include "xen/medium.h"

#include <stdio.h>
#include <stdlib.h>

#include <xen/io/protocols.h>

static void set(struct fake_blkback *back, const char *leaf, unsigned long long value)
{
    char path[96];

    snprintf(path, sizeof(path), "%s/%s", back->backend, leaf);
    fake_store_set_number(path, value);
}

static void set_state(struct fake_blkback *back, enum xenbus_state state)
{
    back->state = state;
    set(back, "state", state);
}

static unsigned long front_number(struct fake_blkback *back, const char *leaf)
{
    char path[96];
    const char *value;

    snprintf(path, sizeof(path), "%s/%s", back->frontend, leaf);
    value = fake_store_get(path);
    return value ? strtoul(value, NULL, 10) : 0;
}

static void set_front(struct fake_blkback *back, const char *leaf, const char *value)
{
    char path[96];

    snprintf(path, sizeof(path), "%s/%s", back->frontend, leaf);
    fake_store_set(path, value);
}

void fake_blkback_init(struct fake_blkback *back, const char *name, unsigned int virtual_device)
{
    char path[96];

    memset(back, 0, sizeof(*back));
    snprintf(back->frontend, sizeof(back->frontend), "device/vbd/%s", name);
    snprintf(back->backend, sizeof(back->backend), "/local/domain/3/backend/vbd/7/%s", name);
    back->domain = 3;
    back->sector_size = 512;
    back->sectors = FAKE_DISK_SECTORS;
    back->flush = back->discard = true;
    for (size_t i = 0; i < sizeof(back->disk); i++)
        back->disk[i] = (uint8_t)(i / 512 * 7 + i);

    set_front(back, "backend", back->backend);
    set_front(back, "backend-id", "3");
    set_front(back, "state", "1");
    set_front(back, "device-type", "disk");
    snprintf(path, sizeof(path), "%s/virtual-device", back->frontend);
    fake_store_set_number(path, virtual_device);
    snprintf(path, sizeof(path), "%s/params", back->backend);
    fake_store_set(path, "/dev/vg/disk");
    set_state(back, XenbusStateInitialising);
    fake_xen.others = fake_blkback_step;
    fake_xen.others_owner = back;
}

void fake_blkback_restore(struct fake_blkback *back)
{
    char number[8];

    fake_store_forget(back->backend);
    back->ring.sring = NULL;
    back->request_count = 0;
    back->domain++;
    snprintf(back->backend, sizeof(back->backend), "/local/domain/%u/backend/vbd/8/768", back->domain);
    set_front(back, "backend", back->backend);
    snprintf(number, sizeof(number), "%u", back->domain);
    set_front(back, "backend-id", number);
    set_front(back, "state", "1");
    set_state(back, XenbusStateInitialising);
}

struct medium_record *fake_blkback_record(struct fake_blkback *back)
{
    return (struct medium_record *)((uint8_t *)back->ring.sring + MEDIUM_RECORD_OFFSET);
}

void fake_blkback_change(struct fake_blkback *back, uint32_t blocks)
{
    back->sectors = blocks * 4;
    fake_blkback_record(back)->blocks = blocks;
    fake_blkback_record(back)->changes++;
    fake_send(back->port);
}

void fake_blkback_wish(struct fake_blkback *back)
{
    fake_blkback_record(back)->eject_wishes++;
    fake_send(back->port);
}

static void connect_ring(struct fake_blkback *back)
{
    char path[96];
    struct blkif_sring *shared;

    snprintf(path, sizeof(path), "%s/protocol", back->frontend);
    assert_string_equal(fake_store_get(path), XEN_IO_PROTO_ABI_NATIVE);
    back->ring_ref = (grant_ref_t)front_number(back, "ring-ref");
    back->port = (evtchn_port_t)front_number(back, "event-channel");
    shared = fake_map(back->ring_ref, back->domain, true);
    assert_non_null(shared);
    assert_int_equal(fake_port(back->port)->remote, back->domain);
    BACK_RING_INIT(&back->ring, shared, XEN_PAGE_SIZE);
    set(back, "sectors", back->sectors);
    set(back, "sector-size", back->sector_size);
    set(back, "info", back->info);
    set(back, "feature-flush-cache", back->flush);
    set(back, "feature-barrier", back->barrier);
    set(back, "feature-discard", back->discard);
    if (back->medium) {
        fake_blkback_record(back)->blocks = back->sectors / 4;
        fake_blkback_record(back)->changes = fake_blkback_record(back)->eject_wishes = UINT32_MAX;
        set(back, "feature-medium", 1);
    }
    set(back, "feature-persistent", 1);
    set(back, "feature-max-indirect-segments", 256);
}

static void disconnect_ring(struct fake_blkback *back)
{
    if (back->ring.sring && !back->keeps_ring)
        fake_unmap(back->ring_ref);
    back->ring.sring = NULL;
}

void fake_blkback_step(void *owner)
{
    struct fake_blkback *back = owner;

    if (back->stuck_in && back->state == back->stuck_in)
        return;
    switch (front_number(back, "state")) {
    case XenbusStateInitialising:
        if (back->state == XenbusStateInitialising || back->state == XenbusStateClosed)
            set_state(back, XenbusStateInitWait);
        break;
    case XenbusStateInitialised:
        if (back->state == XenbusStateInitWait) {
            connect_ring(back);
            set_state(back, XenbusStateConnected);
        }
        break;
    case XenbusStateClosing:
        if (back->keeps_ring)
            break;
        disconnect_ring(back);
        set_state(back, XenbusStateClosing);
        break;
    case XenbusStateClosed:
        if (!back->keeps_ring)
            set_state(back, XenbusStateClosed);
        break;
    }
}

unsigned int fake_blkback_take(struct fake_blkback *back)
{
    bool more = true;

    while (more) {
        RING_IDX produced = back->ring.sring->req_prod;

        assert_false(RING_REQUEST_PROD_OVERFLOW(&back->ring, produced));
        while (back->ring.req_cons != produced) {
            assert_true(back->request_count < FAKE_BLKBACK_MAX);
            RING_COPY_REQUEST(&back->ring, back->ring.req_cons, &back->requests[back->request_count++]);
            back->ring.req_cons++;
        }
        RING_FINAL_CHECK_FOR_REQUESTS(&back->ring, more);
    }
    return back->request_count;
}

void fake_blkback_answer_raw(struct fake_blkback *back, uint64_t id, uint8_t operation, int16_t status)
{
    struct blkif_response *response = RING_GET_RESPONSE(&back->ring, back->ring.rsp_prod_pvt);
    bool notify;

    *response = (struct blkif_response){ .id = id, .operation = operation, .status = status };
    back->ring.rsp_prod_pvt++;
    RING_PUSH_RESPONSES_AND_CHECK_NOTIFY(&back->ring, notify);
    if (notify)
        fake_send(back->port);
}

/* As Linux's blkback checks it; false: refused. */
static bool transfer(struct fake_blkback *back, const struct blkif_request *request)
{
    bool to_disk = request->operation == BLKIF_OP_WRITE;
    uint64_t sector = request->sector_number;

    if (request->nr_segments == 0 || request->nr_segments > BLKIF_MAX_SEGMENTS_PER_REQUEST)
        return false;
    for (unsigned int i = 0; i < request->nr_segments; i++) {
        const struct blkif_request_segment *segment = &request->seg[i];
        unsigned int sectors = segment->last_sect - segment->first_sect + 1u;
        uint8_t *page, *data = back->disk + sector * 512;

        if (segment->last_sect < segment->first_sect || segment->last_sect > 7 ||
            sector + sectors > FAKE_DISK_SECTORS)
            return false;
        page = fake_map(segment->gref, back->domain, !to_disk);
        if (!page) {
            back->refused_grants++;
            return false;
        }
        if (to_disk)
            memcpy(data, page + segment->first_sect * 512, sectors * 512);
        else
            memcpy(page + segment->first_sect * 512, data, sectors * 512);
        if (!back->keeps_pages)
            fake_unmap(segment->gref);
        sector += sectors;
    }
    return true;
}

static bool perform(struct fake_blkback *back, const struct blkif_request *request)
{
    switch (request->operation) {
    case BLKIF_OP_READ:
        back->reads++;
        return transfer(back, request);
    case BLKIF_OP_WRITE:
        back->writes++;
        return transfer(back, request);
    case BLKIF_OP_FLUSH_DISKCACHE:
        back->flushes++;
        return request->nr_segments == 0;
    case BLKIF_OP_WRITE_BARRIER:
        back->barriers++;
        return request->nr_segments == 0;
    case BLKIF_OP_DISCARD: {
        const struct blkif_request_discard *discard = (const struct blkif_request_discard *)request;

        back->discards++;
        if (discard->sector_number + discard->nr_sectors > FAKE_DISK_SECTORS || discard->flag)
            return false;
        memset(back->disk + discard->sector_number * 512, 0, discard->nr_sectors * 512);
        return true;
    }
    }
    return false;
}

void fake_blkback_answer(struct fake_blkback *back, unsigned int n, int16_t status)
{
    struct blkif_request request;

    assert_true(n < back->request_count);
    request = back->requests[n];
    back->request_count--;
    memmove(&back->requests[n], &back->requests[n + 1], (back->request_count - n) * sizeof(request));
    if (status == BLKIF_RSP_OKAY && !perform(back, &request))
        status = BLKIF_RSP_ERROR;
    fake_blkback_answer_raw(back, request.id, request.operation, status);
}

void fake_blkback_run(struct fake_blkback *back)
{
    while (fake_blkback_take(back))
        fake_blkback_answer(back, 0, BLKIF_RSP_OKAY);
}
