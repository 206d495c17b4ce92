/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* How every transfer between the medium and the host ends; the commands that stop at the medium. */
#include "devices/ide/internal.h"
#include "lib/log.h"

#define VERIFY_SECTORS (IDE_BUFFER_SIZE / BLK_SECTOR_SIZE)

/* ATA/ATAPI-6 knows UNC for reads alone; a write or a flush that fails is a device fault. */
void ide_medium_error(struct ide_channel *channel)
{
    struct ide_device *device = channel->t.device;

    if (channel->t.command->flags & IDE_BY_PACKET) {
        atapi_medium_error(channel);
        return;
    }
    log_limited(LOG_WARNING, "ide%u: device %u: the backend fails at sector %llu", channel->number, device->number,
                (unsigned long long)channel->t.sector);
    ide_put_address(device, channel->t.sector);
    ide_put_count(device, channel->t.sectors);
    if (channel->t.command->flags & IDE_WRITE)
        ide_fail(device, IDE_STATUS_DF, IDE_ERROR_ABRT);
    else
        ide_fail(device, 0, IDE_ERROR_UNC);
    ide_smart_note_error(device);
}

static void flushed(struct ide_channel *channel, enum blk_status status)
{
    struct ide_device *device = channel->t.device;

    /* BLK_UNSUPPORTED: as if the backend had not offered to flush (see ide_flush()). */
    if (status == BLK_ERROR) {
        log_limited(LOG_WARNING, "ide%u: device %u: the backend fails to flush", channel->number, device->number);
        ide_fail(device, IDE_STATUS_DF, IDE_ERROR_ABRT);
        return;
    }
    ide_end(device);
}

static bool must_be_durable(const struct ide_device *device, uint8_t flags)
{
    return (flags & IDE_FUA) || ((flags & IDE_WRITE) && !device->r.settings.write_cache);
}

/* Every sector has passed.  With the write cache off, "written" means "durable". */
void ide_finish(struct ide_channel *channel)
{
    struct ide_device *device = channel->t.device;

    if (channel->t.command->flags & IDE_BY_PACKET) {
        atapi_finish(channel);
        return;
    }
    ide_put_address(device, channel->t.sector - 1);
    ide_put_count(device, 0);
    if (must_be_durable(device, channel->t.command->flags))
        ide_flush(channel, flushed);
    else
        ide_end(device);
}

/* FLUSH CACHE, and the power modes in which a disk has nothing left to lose. */
void ide_flush_cache(struct ide_device *device)
{
    ide_flush(device->channel, flushed);
}

static void verified(struct ide_channel *channel, enum blk_status status);

static void verify(struct ide_channel *channel)
{
    uint32_t part = channel->t.careful ? 1 : ide_min(channel->t.sectors, VERIFY_SECTORS);

    ide_request_buffer(channel, BLK_READ, 0, part, verified);
}

static void verified(struct ide_channel *channel, enum blk_status status)
{
    if (!ide_part_answered(channel, status))
        return;
    if (channel->t.sectors)
        verify(channel);
    else
        ide_finish(channel);
}

/* READ VERIFY SECTOR(S) (EXT): reads, and keeps what it read to itself. */
void ide_read_verify(struct ide_device *device)
{
    if (ide_decode_address(device))
        verify(device->channel);
}
