/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A block device as a disk chip needs it, answered by blkfront in a domain and by a RAM disk in tests.
 *
 * One rule carries all others: after submit() the request, its segment array and the memory that the
 * segments name belong to the backend until it calls done(), exactly once, on any later poll() or before
 * submit() returns.
 *
 * The medium of a drive (info.cdrom) comes and goes.  info.sectors is then another's, 0 for none, and the listener is
 * told before any request is answered from the new one.
 */
#ifndef REFLEX_BACKENDS_BLK_H
#define REFLEX_BACKENDS_BLK_H

#include <stdbool.h>
#include <stdint.h>

#define BLK_SECTOR_SIZE 512u

enum blk_op { BLK_READ, BLK_WRITE, BLK_FLUSH, BLK_DISCARD };

/* BLK_OK: read data is in memory; written data is accepted (durable only after a later BLK_FLUSH).
 * BLK_ERROR: the medium or the backend failed; nothing is known about the data.
 * BLK_UNSUPPORTED: the backend does not know the operation. */
enum blk_status { BLK_OK, BLK_ERROR, BLK_UNSUPPORTED };

/* Guest-physical bytes, any even address and length.  Firmware buffers are guest-physical too. */
struct blk_segment {
    uint64_t address;
    uint32_t length;
};

struct blk_request {
    enum blk_op op;
    uint64_t sector;                        /* first, in BLK_SECTOR_SIZE units */
    uint32_t sectors;                       /* the segments' lengths add up to sectors * BLK_SECTOR_SIZE;
                                               0 for BLK_FLUSH */
    const struct blk_segment *segments;     /* NULL for BLK_FLUSH and BLK_DISCARD */
    unsigned int segment_count;
    void (*done)(struct blk_request *request, enum blk_status status);
    void *owner;                            /* the submitter's, not looked at by the backend */
    /* the backend's, until done() */
    uint32_t pending;                       /* parts still out */
    uint32_t next_segment, next_offset;     /* what submit() has yet to hand out */
    uint64_t next_sector;
    enum blk_status status;
    struct blk_request *next;
};

/* Where sectors lie on a drive that is addressed by cylinder, head and sector. */
struct blk_geometry {
    uint16_t cylinders;
    uint8_t heads, sectors_per_track;
};

struct blk_info {
    uint64_t sectors;                       /* capacity, in BLK_SECTOR_SIZE units; 0: a drive without a medium */
    bool read_only, cdrom;
    bool flush, discard;                    /* what the backend offers */
    /* What the drive is to call itself (ASCII, cut to the chip's fields); NULL and zeroes: as the chip likes. */
    const char *serial, *version, *model;
    struct blk_geometry geometry;
};

/* What becomes of a drive's medium.  Set by the chip. */
struct blk_listener {
    void (*changed)(struct blk_listener *listener);         /* there is another, or none any more */
    void (*eject_asked)(struct blk_listener *listener);     /* somebody would like to have it, but it is locked in */
};

struct blk_backend;
struct blk_backend_ops {
    /* Takes the request; never blocks.  The caller has checked sector + sectors <= info.sectors. */
    void (*submit)(struct blk_backend *backend, struct blk_request *request);
    /* Waits until done() has been called for every request.  The wait is bounded: a backend that hangs keeps the
     * rest, and the log says so. */
    void (*settle)(struct blk_backend *backend);
    /* Of a drive: nobody shall take the medium out, or anybody may.  NULL if the medium is fixed. */
    void (*lock)(struct blk_backend *backend, bool locked);
};

struct blk_backend {
    const struct blk_backend_ops *ops;
    struct blk_info info;                   /* constant while a chip uses the backend, but for a drive's sectors */
    struct blk_listener *listener;          /* NULL: nobody is told */
};

#endif
