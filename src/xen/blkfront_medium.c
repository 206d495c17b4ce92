/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A drive's medium that changes while the domain runs: the frontend's half of the record in xen/medium.h. */
#include "xen/blkfront_ring.h"

#include "lib/log.h"
#include "xen/medium.h"

_Static_assert(sizeof(struct medium_record) == XEN_PAGE_SIZE - MEDIUM_RECORD_OFFSET, "ends with the page");
_Static_assert(sizeof(struct blkif_sring) + (BLKFRONT_SLOTS - 1) * sizeof(union blkif_sring_entry) <=
               MEDIUM_RECORD_OFFSET, "behind the ring");

static struct medium_record *record_of(struct blkfront *front)
{
    return (struct medium_record *)&front->ring_page[MEDIUM_RECORD_OFFSET];
}

static uint64_t sectors_now(struct blkfront *front)
{
    return (uint64_t)read_once(record_of(front)->blocks) * (MEDIUM_BLOCK_SIZE / BLK_SECTOR_SIZE);
}

/* The backend has connected and keeps a record: what is in it now is no change. */
void blkfront_medium_begin(struct blkfront *front)
{
    struct medium_record *record = record_of(front);

    front->removable = true;
    front->changes = read_once(record->changes);
    front->eject_wishes = read_once(record->eject_wishes);
    xen_rmb(); /* `blocks` is not older than `changes` */
    front->backend.info.sectors = sectors_now(front);
    record->locked = front->locked;
}

void blkfront_medium_changed(struct blkfront *front)
{
    struct blk_listener *listener = front->backend.listener;

    log_info("%s: %s", front->bus.frontend, front->backend.info.sectors ? "another medium" : "no medium any more");
    if (listener)
        listener->changed(listener);
}

/* Before answers are given out: they may be from another medium than the one the chip knows of. */
void blkfront_medium_poll(struct blkfront *front)
{
    struct medium_record *record = record_of(front);
    struct blk_listener *listener = front->backend.listener;
    uint32_t changes = read_once(record->changes), wishes = read_once(record->eject_wishes);

    if (!front->removable)
        return;
    if (changes != front->changes) {
        front->changes = changes;
        xen_rmb(); /* as above */
        front->backend.info.sectors = sectors_now(front);
        blkfront_medium_changed(front);
    }
    if (wishes != front->eject_wishes) {
        front->eject_wishes = wishes;
        if (listener)
            listener->eject_asked(listener);
    }
}

void blkfront_lock(struct blk_backend *backend, bool locked)
{
    struct blkfront *front = (struct blkfront *)backend;

    front->locked = locked;
    if (!front->removable || front->failed)
        return;
    record_of(front)->locked = locked;
    event_notify(&front->event);
}
