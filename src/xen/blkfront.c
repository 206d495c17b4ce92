/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Finding a disk's backend and agreeing with it, as "Startup" in xen/io/blkif.h draws it. */
#include "xen/blkfront.h"

#include "lib/log.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "xen/blkfront_ring.h"

#include <xen/errno.h>
#include <xen/io/protocols.h>

/* xen-vbd-interface(7): major << 8 | unit << shift | partition */
#define IDE0_MAJOR     3u
#define IDE1_MAJOR     22u
#define IDE_UNIT_SHIFT 6
#define XVD_MAJOR      202u
#define XVD_UNIT_SHIFT 4
#define IDE_DRIVES     4u

int blkfront_ide_position(uint32_t virtual_device)
{
    uint32_t major = virtual_device >> 8, minor = virtual_device & 0xff;

    switch (major) {
    case IDE0_MAJOR:
    case IDE1_MAJOR:
        if (minor != 0 && minor != 1u << IDE_UNIT_SHIFT)
            return -1;
        return (major == IDE1_MAJOR ? 2 : 0) + (int)(minor >> IDE_UNIT_SHIFT);
    case XVD_MAJOR:
        if (minor >= IDE_DRIVES << XVD_UNIT_SHIFT || minor & ((1u << XVD_UNIT_SHIFT) - 1))
            return -1;
        return (int)(minor >> XVD_UNIT_SHIFT);
    default:
        return -1;
    }
}

static bool has_feature(struct blkfront *front, const char *feature)
{
    uint64_t value;

    return !xenstore_read_u64(front->bus.store, front->bus.backend, feature, &value) && value;
}

/* Where the toolstack leaves `params` of a drive without a medium empty, or out, a backend waits for the frontend
 * already or will never come. */
static bool will_connect(struct blkfront *front)
{
    char first[2];
    int rc = xenstore_read(front->bus.store, front->bus.backend, "params", first, sizeof(first));

    return (rc != 0 && rc != -XEN_ENOENT) || xenbus_backend_state(&front->bus) != XenbusStateInitialising;
}

static int identify(struct blkfront *front, struct xenstore *store, const char *name)
{
    char type[16] = "";
    uint64_t number;
    int rc = xenbus_open(&front->bus, store, "vbd", name);

    if (!rc)
        rc = xenstore_read_u64(store, front->bus.frontend, "virtual-device", &number);
    if (!rc && number > UINT32_MAX)
        rc = -XEN_EINVAL;
    if (rc) {
        log_error("device/vbd/%s: not a disk (error %d)", name, -rc);
        return rc;
    }
    front->virtual_device = (uint32_t)number;
    xenstore_read(store, front->bus.frontend, "device-type", type, sizeof(type));
    front->backend.info.cdrom = !strcmp(type, "cdrom");
    return 0;
}

static void on_event(void *owner)
{
    blkfront_poll(owner);
}

/* The ring's reference and those of its requests, and the event channel. */
static int reserve(struct blkfront *front)
{
    int rc;

    if (!grant_take(front->grants, 1, &front->ring_ref))
        return -XEN_ENOSPC;
    if (!grant_take(front->grants, BLKFRONT_REFS, front->free_refs)) {
        rc = -XEN_ENOSPC;
        goto no_refs;
    }
    rc = event_alloc(front->events, front->bus.backend_id, on_event, front, &front->event);
    if (rc)
        goto no_event;
    front->free_ref_count = BLKFRONT_REFS;
    blkfront_ring_init(front);
    grant_access(front->grants, front->ring_ref, front->bus.backend_id, gpa_of(front->ring_page) >> XEN_PAGE_SHIFT,
                 false);
    return 0;

no_event:
    grant_give(front->grants, BLKFRONT_REFS, front->free_refs);
no_refs:
    grant_give(front->grants, 1, &front->ring_ref);
    return rc;
}

static void unreserve(struct blkfront *front)
{
    if (grant_end(front->grants, front->ring_ref)) {
        grant_give(front->grants, 1, &front->ring_ref);
    } else {
        log_error("%s: domain %u keeps the ring mapped; page lost", front->bus.frontend, front->bus.backend_id);
        front->pages_lost = true;
    }
    grant_give(front->grants, front->free_ref_count, front->free_refs);
    front->free_ref_count = 0;
    event_close(front->events, &front->event);
}

static int publish(struct blkfront *front)
{
    int rc = xenbus_write_number(&front->bus, "ring-ref", front->ring_ref);

    if (!rc)
        rc = xenbus_write_number(&front->bus, "event-channel", front->event.port);
    if (!rc)
        rc = xenstore_write(front->bus.store, front->bus.frontend, "protocol", XEN_IO_PROTO_ABI_NATIVE);
    if (!rc)
        rc = xenbus_set_state(&front->bus, XenbusStateInitialised);
    return rc;
}

/* Reads what the connected backend has to offer. */
static int read_properties(struct blkfront *front)
{
    struct blk_info *info = &front->backend.info;
    struct xenstore *store = front->bus.store;
    uint64_t sector_size = BLK_SECTOR_SIZE, flags = 0;
    int rc = xenstore_read_u64(store, front->bus.backend, "sectors", &info->sectors);

    if (rc || info->sectors > UINT64_MAX / BLK_SECTOR_SIZE) {
        log_error("%s: backend %s does not say how many sectors it has", front->bus.frontend, front->bus.backend);
        return -XEN_ENODEV;
    }
    xenstore_read_u64(store, front->bus.backend, "sector-size", &sector_size);
    if (sector_size != BLK_SECTOR_SIZE) {
        log_error("%s: backend %s has sectors of %u bytes, not 512", front->bus.frontend, front->bus.backend,
                  (uint32_t)sector_size);
        return -XEN_ENODEV;
    }
    xenstore_read_u64(store, front->bus.backend, "info", &flags);
    info->read_only = flags & VDISK_READONLY;
    info->cdrom |= !!(flags & VDISK_CDROM);
    if (info->cdrom && has_feature(front, "feature-medium"))
        blkfront_medium_begin(front);
    info->discard = has_feature(front, "feature-discard");
    front->barrier = has_feature(front, "feature-barrier");
    front->flush_operation = has_feature(front, "feature-flush-cache") ? BLKIF_OP_FLUSH_DISKCACHE :
                             front->barrier ? BLKIF_OP_WRITE_BARRIER : BLKFRONT_NO_FLUSH;
    info->flush = front->flush_operation != BLKFRONT_NO_FLUSH;
    return 0;
}

static int connect(struct blkfront *front)
{
    int rc = publish(front);

    if (rc) {
        log_error("%s: cannot be written (error %d)", front->bus.frontend, -rc);
        return rc;
    }
    if (!xenbus_wait_backend(&front->bus, XENBUS_STATE(XenbusStateConnected), "to connect"))
        return -XEN_ENODEV;
    return read_properties(front);
}

/* On failure nothing is granted any more, or pages_lost says so. */
static int bring_up(struct blkfront *front)
{
    int rc = xenbus_meet(&front->bus);

    if (rc)
        return rc;
    rc = reserve(front);
    if (rc) {
        log_error("%s: no grant references or no event channel (error %d)", front->bus.frontend, -rc);
        return rc;
    }
    rc = connect(front);
    if (rc)
        blkfront_detach(front);
    return rc;
}

static int be_unserved(struct blkfront *front)
{
    front->unserved = front->failed = true;
    front->removable = false;
    front->backend.info = (struct blk_info){ .cdrom = true, .read_only = true };
    log_info("%s: cdrom, no medium", front->bus.frontend);
    return 0;
}

int blkfront_attach(struct blkfront *front, struct xenstore *store, struct grant_table *grants,
                    struct event_table *events, const char *name, struct guest_memory *guest,
                    struct guest_memory *firmware)
{
    int rc;

    memset(front, 0, sizeof(*front));
    front->backend.ops = &blkfront_ops;
    front->grants = grants;
    front->events = events;
    front->guest = guest;
    front->firmware = firmware;

    rc = identify(front, store, name);
    if (rc)
        return rc;
    rc = front->backend.info.cdrom && !will_connect(front) ? -XEN_ENODEV : bring_up(front);
    if (rc && front->backend.info.cdrom)
        return be_unserved(front);
    if (rc)
        return rc;
    log_info("%s: %u MiB%s%s%s", front->bus.frontend, (uint32_t)(front->backend.info.sectors >> 11),
             front->backend.info.cdrom ? ", cdrom" : "", front->backend.info.read_only ? ", read-only" : "",
             front->backend.info.flush ? "" : ", no flush");
    return 0;
}

void blkfront_detach(struct blkfront *front)
{
    if (front->unserved)
        return;
    xenbus_close(&front->bus);
    blkfront_poll(front); /* the backend finishes what it has before it says Closed */
    blkfront_give_up(front);
    unreserve(front);
}

/* The chip goes on with what it was told at first (blk.h: info is constant), so that this must be the same disk.  A
 * drive's medium need not be. */
static int reconnect(struct blkfront *front)
{
    struct blk_info info = front->backend.info;
    int rc = xenbus_reopen(&front->bus);

    if (rc) {
        log_error("%s: no backend is named (error %d)", front->bus.frontend, -rc);
        return rc;
    }
    rc = bring_up(front);
    if (!rc && front->removable && front->backend.info.sectors != info.sectors) {
        info.sectors = front->backend.info.sectors;
        blkfront_medium_changed(front);
    }
    if (!rc && front->backend.info.sectors != info.sectors) {
        log_error("%s: the disk has another size than before", front->bus.frontend);
        blkfront_detach(front);
        rc = -XEN_ENODEV;
    }
    front->backend.info = info;
    return rc;
}

void blkfront_resume(struct blkfront *front)
{
    if (front->failed)
        return;
    event_close(front->events, &front->event);
    front->pages_lost = blkfront_pages_are_kept(front);
    if (front->pages_lost)
        log_error("%s: pages are mapped since before the reset", front->bus.frontend);
    blkfront_rewind(front);
    if (front->pages_lost || reconnect(front)) {
        log_error("%s: lost in the restore", front->bus.frontend);
        blkfront_give_up(front);
        return;
    }
    log_info("%s: connected again", front->bus.frontend);
    blkfront_poll(front);
}
