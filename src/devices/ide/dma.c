/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The drive's side of a DMA transfer (T13/1410D clause 9, the DMA protocol): the disk reads and writes guest memory
 * where the bus master's table points, in as many requests as the segment array makes necessary.
 *
 * A drive whose bus master stands still waits under BSY: not started yet, or stopped under way.  At the end of a table
 * that was too short it waits, too, but not under BSY, so that a host that never comes with the rest finds it ready.
 */
#include "devices/ide/internal.h"

static void passed(struct ide_channel *channel, enum blk_status status)
{
    /* Stopped and perhaps started again meanwhile: to the drive these sectors have not passed. */
    if (channel->bm.stopped) {
        ide_dma_continue(channel);
        return;
    }
    if (!ide_part_answered(channel, status))
        return;
    if (status == BLK_OK)
        bmdma_commit(channel);
    if (channel->t.sectors)
        ide_dma_continue(channel);
    else
        ide_finish(channel);
}

/* Nobody hears what the drive reads. */
static void read_in_vain(struct ide_channel *channel)
{
    channel->t.sector += channel->t.sectors;
    channel->t.sectors = 0;
    ide_finish(channel);
}

/* True: the bus master was ready for the drive.  If not, the drive waits, or its command has ended. */
bool ide_dma_ready(struct ide_channel *channel, enum bmdma_result result)
{
    struct ide_transfer *t = &channel->t;

    switch (result) {
    case BMDMA_READY:
        channel->bm.stopped = false;
        t->device->r.status = IDE_STATUS_BSY;
        return true;
    case BMDMA_WAIT:
        break;
    case BMDMA_END:
        t->device->r.status = IDE_IDLE_STATUS;
        break;
    case BMDMA_FAULT:
        ide_abort(t->device);
        break;
    case BMDMA_BLIND:
        if (!(t->command->flags & IDE_WRITE))
            read_in_vain(channel);
        break;
    }
    return false;
}

static void pass_sectors(struct ide_channel *channel)
{
    struct ide_transfer *t = &channel->t;
    unsigned int segments;

    if (ide_dma_ready(channel, bmdma_gather(channel, t->careful ? 1 : t->sectors, &segments)))
        ide_request(channel, t->command->flags & IDE_WRITE ? BLK_WRITE : BLK_READ, t->part, segments, passed);
}

static void take_list(struct ide_channel *channel)
{
    if (ide_dma_ready(channel, bmdma_copy(channel, false)))
        ide_trim(channel);
}

/* Moves on if there is a DMA command in execution, and the bus master is ready for it. */
void ide_dma_continue(struct ide_channel *channel)
{
    struct ide_transfer *t = &channel->t;

    if (!t->device || !(t->command->flags & IDE_DMA) || channel->state != IDE_REQUEST_FREE)
        return;
    if (t->command->start && t->command->flags & IDE_BY_PACKET)
        t->command->start(t->device);
    else if (t->command->flags & IDE_LIST)
        take_list(channel);
    else
        pass_sectors(channel);
}

/* READ DMA, WRITE DMA and their EXT forms. */
void ide_dma(struct ide_device *device)
{
    if (!ide_decode_address(device))
        return;
    if ((device->channel->t.command->flags & IDE_WRITE) && device->disk->info.read_only)
        ide_abort(device);
    else
        ide_dma_continue(device->channel);
}
