/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * DATA SET MANAGEMENT with its one function, TRIM (T13/1699D, ATA8-ACS): a list of ranges comes by DMA, and the
 * backend discards them one after another.
 *
 * A list is taken whole or not at all: one range beyond the disk, and nothing is discarded.  The work for one command
 * is bounded by the list's size (word 105).
 */
#include "devices/ide/internal.h"
#include "lib/log.h"
#include "lib/string.h"

/* An entry of the list: LBA in 47:0, sectors in 63:48.  One without sectors says nothing. */
struct range {
    uint64_t sector;
    uint32_t sectors;
};
#define RANGE_LENGTH 8u

static struct range range_at(const struct ide_channel *channel, uint32_t offset)
{
    uint64_t entry;

    memcpy(&entry, &channel->buffer[offset], sizeof(entry));
    return (struct range){ .sector = entry & 0xffffffffffffull, .sectors = entry >> 48 };
}

static bool list_is_on_disk(const struct ide_channel *channel)
{
    uint64_t end = channel->t.device->disk->info.sectors;

    for (uint32_t at = 0; at < channel->t.filled; at += RANGE_LENGTH) {
        struct range range = range_at(channel, at);

        if (range.sectors && (range.sector >= end || range.sectors > end - range.sector))
            return false;
    }
    return true;
}

static void discarded(struct ide_channel *channel, enum blk_status status);

static void discard_next(struct ide_channel *channel)
{
    struct ide_transfer *t = &channel->t;

    while (t->at < t->filled) {
        struct range range = range_at(channel, t->at);

        t->at += RANGE_LENGTH;
        if (!range.sectors)
            continue;
        t->sector = range.sector;
        ide_request(channel, BLK_DISCARD, range.sectors, 0, discarded);
        return;
    }
    ide_end(t->device);
}

static void discarded(struct ide_channel *channel, enum blk_status status)
{
    struct ide_device *device = channel->t.device;

    switch (status) {
    case BLK_OK:
        discard_next(channel);
        break;
    case BLK_UNSUPPORTED:
        ide_abort(device);
        break;
    case BLK_ERROR:
        log_limited(LOG_WARNING, "ide%u: device %u: the backend fails to discard", channel->number, device->number);
        ide_fail(device, IDE_STATUS_DF, IDE_ERROR_ABRT);
        break;
    }
}

/* The list is in the buffer, up to `filled`, and no longer the guest's to change. */
void ide_trim(struct ide_channel *channel)
{
    channel->t.at = 0;
    if (list_is_on_disk(channel))
        discard_next(channel);
    else
        ide_abort(channel->t.device);
}

bool ide_can_trim(const struct ide_device *device)
{
    return device->disk->info.discard && !device->disk->info.read_only;
}

/* Sector Count: sectors of the list.  Its upper byte is not looked at: it is zero in every count that word 105 allows,
 * and not every host writes it. */
void ide_data_set_management(struct ide_device *device)
{
    uint32_t blocks = device->r.current[IDE_SECTOR_COUNT];

    if (!ide_can_trim(device) || device->r.current[IDE_FEATURES] != IDE_DSM_TRIM || !blocks ||
        blocks > IDE_TRIM_BLOCKS) {
        ide_abort(device);
        return;
    }
    device->r.power = IDE_POWER_ACTIVE;
    device->channel->t.filled = blocks * BLK_SECTOR_SIZE;
    ide_dma_continue(device->channel);
}
