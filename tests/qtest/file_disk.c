/* SPDX-License-Identifier: LGPL-3.0-or-later */
#define _GNU_SOURCE
#include "file_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "message.h"

/* The whole of a segment, or an error: a file that is shorter than it was is a broken disk. */
static bool transfer_segment(const struct file_disk *disk, enum blk_op op, void *bytes, uint32_t length, off_t at)
{
    ssize_t passed = op == BLK_READ ? pread(disk->fd, bytes, length, at) : pwrite(disk->fd, bytes, length, at);

    return passed == (ssize_t)length;
}

static enum blk_status transfer(const struct file_disk *disk, const struct blk_request *request)
{
    off_t at = (off_t)(request->sector * BLK_SECTOR_SIZE);

    for (unsigned int i = 0; i < request->segment_count; i++) {
        const struct blk_segment *segment = &request->segments[i];
        void *bytes = memory_segment(disk->memory, segment->address, segment->length);

        if (!bytes || !transfer_segment(disk, request->op, bytes, segment->length, at))
            return BLK_ERROR;
        at += segment->length;
    }
    return BLK_OK;
}

static enum blk_status discard(const struct file_disk *disk, const struct blk_request *request)
{
    off_t at = (off_t)(request->sector * BLK_SECTOR_SIZE), length = (off_t)request->sectors * BLK_SECTOR_SIZE;

    if (!fallocate(disk->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, at, length))
        return BLK_OK;
    return errno == EOPNOTSUPP ? BLK_UNSUPPORTED : BLK_ERROR;
}

static enum blk_status execute(const struct file_disk *disk, const struct blk_request *request)
{
    bool changes = request->op == BLK_WRITE || request->op == BLK_DISCARD;

    if (changes && disk->backend.info.read_only)
        return BLK_ERROR;
    switch (request->op) {
    case BLK_READ:
    case BLK_WRITE:
        return transfer(disk, request);
    case BLK_FLUSH:
        return fdatasync(disk->fd) ? BLK_ERROR : BLK_OK;
    case BLK_DISCARD:
        return discard(disk, request);
    }
    return BLK_UNSUPPORTED;
}

static void submit(struct blk_backend *backend, struct blk_request *request)
{
    request->done(request, execute((struct file_disk *)backend, request));
}

/* There is nothing to wait for. */
static void settle(struct blk_backend *backend)
{
    (void)backend;
}

void file_disk_empty(struct file_disk *disk, const struct memory *memory)
{
    static const struct blk_backend_ops ops = { .submit = submit, .settle = settle };

    *disk = (struct file_disk){ .backend.ops = &ops, .memory = memory, .fd = -1 };
}

void file_disk_open(struct file_disk *disk, const struct memory *memory, const char *path, bool read_only)
{
    off_t size;

    file_disk_empty(disk, memory);
    disk->fd = open(path, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
    if (disk->fd < 0)
        fail("cannot open %s: %s", path, strerror(errno));
    size = lseek(disk->fd, 0, SEEK_END);
    if (size < (off_t)BLK_SECTOR_SIZE)
        fail("%s has not one sector", path);
    disk->backend.info = (struct blk_info){
        .sectors = (uint64_t)size / BLK_SECTOR_SIZE, .read_only = read_only, .flush = true, .discard = !read_only,
    };
}
