/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The frontend is not trusted: what it writes to the ring is copied before it is looked at, and a ring that cannot be
 * is served no more.  It is a 32-bit one, whose requests have another layout than this program's own.
 */
#include "drive.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xen/io/blkif.h>
#include <xen/io/protocols.h>
#include <xen/io/xenbus.h>

#include "tools/common/message.h"
#include "xen/medium.h"

#define SECTOR     512u
#define PAGE       4096u
#define SLOTS      32u                  /* what fits the page, rounded down to a power of two */
#define BLOCK_SECTORS (MEDIUM_BLOCK_SIZE / SECTOR)

/* struct blkif_request as a 32-bit frontend lays it out. */
struct request32 {
    uint8_t operation, nr_segments;
    uint16_t handle;
    uint64_t id, sector;
    struct {
        uint32_t ref;
        uint8_t first, last;
        uint16_t padding;
    } segments[BLKIF_MAX_SEGMENTS_PER_REQUEST];
} __attribute__((packed, aligned(4)));

struct ring_page {
    volatile uint32_t req_prod, req_event, rsp_prod, rsp_event;
    uint32_t reserved[12];
    union {
        struct request32 request;
        struct {
            uint32_t id_low, id_high;
            uint8_t operation, padding;
            int16_t status;
        } response;
    } slots[SLOTS];
    uint8_t unused[MEDIUM_RECORD_OFFSET - 64 - SLOTS * sizeof(struct request32)];
    volatile struct medium_record medium;
};

_Static_assert(sizeof(struct request32) == 108, "as blkif.h has it for x86_32");
_Static_assert(sizeof(struct ring_page) == PAGE, "one page");

/* --- requests --- */

static bool read_image(const struct drive *drive, uint8_t *data, uint32_t length, uint64_t sector)
{
    while (length) {
        ssize_t part = pread(drive->image, data, length, (off_t)(sector * SECTOR));

        if (part < 0 && errno == EINTR)
            continue;
        if (part <= 0 || part % SECTOR)
            return false;
        data += part;
        length -= (uint32_t)part;
        sector += (uint32_t)part / SECTOR;
    }
    return true;
}

static bool read_medium(struct drive *drive, const struct request32 *request)
{
    static uint8_t data[BLKIF_MAX_SEGMENTS_PER_REQUEST * PAGE];
    uint32_t length[BLKIF_MAX_SEGMENTS_PER_REQUEST], total = 0;
    uint64_t end = (uint64_t)drive->blocks * BLOCK_SECTORS;

    if (request->nr_segments > BLKIF_MAX_SEGMENTS_PER_REQUEST)
        return false;
    for (unsigned int i = 0; i < request->nr_segments; i++) {
        if (request->segments[i].first > request->segments[i].last || request->segments[i].last >= PAGE / SECTOR)
            return false;
        length[i] = (request->segments[i].last - request->segments[i].first + 1u) * SECTOR;
        total += length[i];
    }
    if (request->sector > end || total / SECTOR > end - request->sector ||
        !read_image(drive, data, total, request->sector))
        return false;
    total = 0;
    for (unsigned int i = 0; i < request->nr_segments; i++) {
        if (!xen_copy_to_guest(drive->xen, request->segments[i].ref, request->segments[i].first * SECTOR,
                               data + total, length[i]))
            return false;
        total += length[i];
    }
    return true;
}

static int16_t perform(struct drive *drive, const struct request32 *request)
{
    switch (request->operation) {
    case BLKIF_OP_READ:
        return read_medium(drive, request) ? BLKIF_RSP_OKAY : BLKIF_RSP_ERROR;
    case BLKIF_OP_WRITE:
        return BLKIF_RSP_ERROR;
    default:
        return BLKIF_RSP_EOPNOTSUPP;
    }
}

static void answer(struct drive *drive, const struct request32 *request, int16_t status)
{
    struct ring_page *ring = drive->ring;
    uint32_t slot = drive->answered++ % SLOTS, before;

    ring->slots[slot].response.id_low = (uint32_t)request->id;
    ring->slots[slot].response.id_high = (uint32_t)(request->id >> 32);
    ring->slots[slot].response.operation = request->operation;
    ring->slots[slot].response.status = status;
    __sync_synchronize();               /* the response is there before it is announced */
    before = ring->rsp_prod;
    ring->rsp_prod = drive->answered;
    __sync_synchronize();               /* and announced before the frontend's wish is read */
    if (drive->answered - ring->rsp_event < drive->answered - before)
        xen_notify(drive->xen, drive->port);
}

static void disconnect(struct drive *drive);

/* False: there is nothing more to do, and the frontend will notify when there is. */
static bool serve_requests(struct drive *drive)
{
    struct ring_page *ring = drive->ring;
    uint32_t produced = ring->req_prod;

    if (produced - drive->taken > SLOTS) {
        message_limited("drive %u: its ring has more requests than fit; it is served no more", drive->virtual_device);
        disconnect(drive);
        return false;
    }
    __sync_synchronize();               /* the index was read before the requests */
    while (drive->taken != produced) {
        struct request32 request;

        memcpy(&request, (const void *)&ring->slots[drive->taken++ % SLOTS].request, sizeof(request));
        answer(drive, &request, perform(drive, &request));
    }
    ring->req_event = drive->taken + 1;
    __sync_synchronize();               /* before the last look */
    return ring->req_prod != drive->taken;
}

void drives_hear(struct drives *drives, int port)
{
    for (struct drive *drive = drives->drive; drive < drives->drive + drives->count; drive++)
        if (drive->ring && drive->port == port)
            drive->rung = true;
}

bool drives_serve(struct drives *drives)
{
    bool more = false;

    for (struct drive *drive = drives->drive; drive < drives->drive + drives->count; drive++) {
        drive->rung = drive->rung && serve_requests(drive);
        more |= drive->rung;
    }
    return more;
}

/* --- the frontend --- */

static bool front_number(struct drive *drive, const char *leaf, unsigned int *number)
{
    char node[64], *value, *end;

    snprintf(node, sizeof(node), "device/vbd/%u/%s", drive->virtual_device, leaf);
    value = xen_store_read(drive->xen, node);
    if (!value)
        return false;
    *number = (unsigned int)strtoul(value, &end, 10);
    end = *end ? NULL : end;
    free(value);
    return end;
}

static bool speaks_our_protocol(struct drive *drive)
{
    char node[64], *value;
    bool right;

    snprintf(node, sizeof(node), "device/vbd/%u/protocol", drive->virtual_device);
    value = xen_store_read(drive->xen, node);
    right = value && strcmp(value, XEN_IO_PROTO_ABI_X86_32) == 0;
    free(value);
    return right;
}

static bool say(struct drive *drive, const char *leaf, unsigned long long number)
{
    char value[24];

    snprintf(value, sizeof(value), "%llu", number);
    if (xen_backend_write(drive->xen, drive->virtual_device, leaf, value))
        return true;
    message_limited("drive %u: cannot write to its backend's xenstore folder: %s", drive->virtual_device,
                    strerror(errno));
    return false;
}

static void disconnect(struct drive *drive)
{
    if (!drive->ring)
        return;
    xen_unbind(drive->xen, drive->port);
    xen_unmap_page(drive->xen, drive->ring);
    drive->ring = NULL;
    drive->rung = false;
}

static bool attach_ring(struct drive *drive)
{
    unsigned int ref, port;

    if (!speaks_our_protocol(drive) || !front_number(drive, "ring-ref", &ref) ||
        !front_number(drive, "event-channel", &port)) {
        message_limited("drive %u: its frontend is none of ours", drive->virtual_device);
        return false;
    }
    drive->ring = xen_map_page(drive->xen, ref);
    drive->port = drive->ring ? xen_bind(drive->xen, port) : -1;
    if (drive->port >= 0)
        return true;
    message_limited("drive %u: its ring cannot be mapped: %s", drive->virtual_device, strerror(errno));
    if (drive->ring)
        xen_unmap_page(drive->xen, drive->ring);
    drive->ring = NULL;
    return false;
}

static void connect(struct drive *drive)
{
    if (drive->ring || !attach_ring(drive))
        return;
    drive->taken = drive->answered = drive->ring->rsp_prod;
    drive->ring->medium.blocks = drive->blocks;
    if (say(drive, "sectors", (uint64_t)drive->blocks * BLOCK_SECTORS) && say(drive, "sector-size", SECTOR) &&
        say(drive, "info", VDISK_CDROM | VDISK_READONLY | VDISK_REMOVABLE) && say(drive, "feature-medium", 1))
        say(drive, "state", XenbusStateConnected);
}

static void meet_frontend(struct drive *drive)
{
    unsigned int state;

    if (!front_number(drive, "state", &state))
        return;
    switch (state) {
    case XenbusStateInitialising:       /* again, after Closed */
        if (drive->closed)
            drive->closed = !say(drive, "state", XenbusStateInitWait);
        break;
    case XenbusStateInitialised:
        connect(drive);
        break;
    case XenbusStateClosing:
        say(drive, "state", XenbusStateClosing);
        break;
    case XenbusStateClosed:
        disconnect(drive);
        drive->closed = true;
        say(drive, "state", XenbusStateClosed);
        break;
    }
}

void drives_meet_frontend(struct drives *drives, int which)
{
    for (struct drive *drive = drives->drive; drive < drives->drive + drives->count; drive++)
        if (which == XEN_ANY || drive->virtual_device == (unsigned int)which)
            meet_frontend(drive);
}

/* --- media --- */

/* Size in blocks; a part of one at the end is left out.  0: nothing to read. */
static uint32_t size_of(int image)
{
    struct stat stat;
    uint64_t bytes = 0;

    if (fstat(image, &stat))
        return 0;
    if (S_ISREG(stat.st_mode))
        bytes = (uint64_t)stat.st_size;
    else if (!S_ISBLK(stat.st_mode) || ioctl(image, BLKGETSIZE64, &bytes))
        return 0;
    bytes /= MEDIUM_BLOCK_SIZE;
    return bytes < UINT32_MAX ? (uint32_t)bytes : UINT32_MAX;
}

static void change(struct drive *drive, int image, uint32_t blocks)
{
    if (drive->image >= 0)
        close(drive->image);
    drive->image = image;
    drive->blocks = blocks;
    if (!drive->ring)
        return;
    drive->ring->medium.blocks = blocks;
    __sync_synchronize();
    drive->ring->medium.changes++;
    xen_notify(drive->xen, drive->port);
}

bool drive_eject(struct drive *drive)
{
    if (drive->image < 0)
        return true;
    if (drive->ring && drive->ring->medium.locked) {
        drive->ring->medium.eject_wishes++;
        xen_notify(drive->xen, drive->port);
        return false;
    }
    change(drive, -1, 0);
    return true;
}

bool drive_insert(struct drive *drive, int image)
{
    uint32_t blocks = size_of(image);

    if (!blocks)
        return false;
    change(drive, image, blocks);
    return true;
}

struct drive *drives_find(struct drives *drives, const char *id)
{
    char name[16];

    for (unsigned int i = 0; i < drives->count; i++) {
        snprintf(name, sizeof(name), "ide-%u", drives->drive[i].virtual_device);
        if (strcmp(name, id) == 0)
            return &drives->drive[i];
    }
    return NULL;
}

/* --- start-up --- */

static void insert_first(struct drive *drive, const struct args_drive *args)
{
    char path[4096];
    int image;

    if (!args->file)
        return;
    snprintf(path, sizeof(path), "%.*s", (int)args->file_length, args->file);
    image = open(path, O_RDONLY | O_CLOEXEC);
    if (image < 0) {
        message("drive %u: %s: %s; it starts empty", drive->virtual_device, path, strerror(errno));
    } else if (!drive_insert(drive, image)) {
        message("drive %u: %s has no block to read; it starts empty", drive->virtual_device, path);
        close(image);
    }
}

bool drives_open(struct drives *drives, struct xen *xen, const struct args *args)
{
    *drives = (struct drives){ .count = args->nr_drives };

    if (args->nr_drives && !xen_open_rings(xen)) {
        message("no access to grants and event channels (%s)", strerror(errno));
        return false;
    }
    for (unsigned int i = 0; i < args->nr_drives; i++) {
        struct drive *drive = &drives->drive[i];

        *drive = (struct drive){ .xen = xen, .virtual_device = args->drives[i].virtual_device, .image = -1 };
        insert_first(drive, &args->drives[i]);
        if (!say(drive, "state", XenbusStateInitWait))
            return false;
    }
    return true;
}
