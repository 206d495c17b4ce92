/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The drive's side of a DMA transfer (T13/1410D clause 9, the DMA protocol): the disk reads and writes guest memory
 * where the bus master's table points, in as many requests as the segment array makes necessary.
 *
 * BSY stays set from the command to its end.  A drive whose bus master stands still waits: not started yet, stopped
 * under way, or at the end of a table that was too short.
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

/* Moves on if there is a DMA command in execution, and the bus master is ready for it. */
void ide_dma_continue(struct ide_channel *channel)
{
    struct ide_transfer *t = &channel->t;
    unsigned int segments;

    if (!t->device || !(t->command->flags & IDE_DMA) || channel->state != IDE_REQUEST_FREE)
        return;
    switch (bmdma_gather(channel, t->careful ? 1 : t->sectors, &segments)) {
    case BMDMA_READY:
        channel->bm.stopped = false;
        ide_request(channel, t->command->flags & IDE_WRITE ? BLK_WRITE : BLK_READ, t->part, segments, passed);
        break;
    case BMDMA_WAIT:
        break;
    case BMDMA_FAULT:
        ide_abort(t->device);
        break;
    }
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
