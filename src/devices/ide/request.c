/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The channel's one request to a backend, and what follows its answer; or another's, that the channel waits for.
 *
 * A continuation (ide_next) may make the next request, and a backend may answer before submit() returns; pump() keeps
 * the two from nesting, so that the longest transfer needs no more stack than the shortest.
 */
#include "devices/ide/internal.h"
#include "lib/log.h"

static void pump(struct ide_channel *channel)
{
    struct blk_backend *disk;

    channel->pumping = true;
    for (;;) {
        if (channel->state == IDE_REQUEST_QUEUED) {
            channel->state = IDE_REQUEST_OUT;
            disk = channel->t.device->disk;
            disk->ops->submit(disk, &channel->request);
        } else if (channel->state == IDE_REQUEST_ANSWERED) {
            channel->state = IDE_REQUEST_FREE;
            channel->next(channel, channel->status);
        } else {
            break;
        }
    }
    channel->pumping = false;
}

static void end(struct ide_channel *channel, enum blk_status status)
{
    if (channel->state != IDE_REQUEST_OUT)
        panic("ide%u: an answer to no request", channel->number);
    channel->status = status;
    channel->state = IDE_REQUEST_ANSWERED;
    if (!channel->pumping)
        pump(channel);
}

static void answered(struct blk_request *request, enum blk_status status)
{
    end(request->owner, status);
}

/* Asks for `sectors` at the transfer's place; the caller has filled the first `segments` of channel->segments. */
void ide_request(struct ide_channel *channel, enum blk_op op, uint32_t sectors, unsigned int segments, ide_next *next)
{
    if (channel->state != IDE_REQUEST_FREE)
        panic("ide%u: a second request", channel->number);
    channel->t.part = sectors;
    channel->next = next;
    channel->request = (struct blk_request){
        .op = op,
        .sector = channel->t.sector,
        .sectors = sectors,
        .segments = segments ? channel->segments : NULL,
        .segment_count = segments,
        .done = answered,
        .owner = channel,
    };
    channel->state = IDE_REQUEST_QUEUED;
    if (!channel->pumping)
        pump(channel);
}

/* The same, between the disk and the channel's buffer from `offset` (bytes) on. */
void ide_request_buffer(struct ide_channel *channel, enum blk_op op, uint32_t offset, uint32_t sectors, ide_next *next)
{
    channel->segments[0] = (struct blk_segment){
        .address = (uintptr_t)&channel->buffer[offset],
        .length = sectors * BLK_SECTOR_SIZE,
    };
    ide_request(channel, op, sectors, 1, next);
}

/* The part in flight has been answered.  A backend says that a request failed, not where: it is asked again, sector
 * by sector, until the failing sector is the transfer's next.  False: that one has failed, and the command has ended. */
bool ide_part_answered(struct ide_channel *channel, enum blk_status status)
{
    struct ide_transfer *t = &channel->t;

    if (status == BLK_OK) {
        t->sector += t->part;
        t->sectors -= t->part;
    } else if (t->part > 1) {
        t->careful = true;
    } else {
        ide_medium_error(channel);
        return false;
    }
    return true;
}

/* Makes what was written durable.  A backend that offers no flush has no volatile cache that we could empty: what it
 * has accepted is as safe as it ever gets, and `next` follows at once. */
void ide_flush(struct ide_channel *channel, ide_next *next)
{
    if (channel->t.device->disk->info.flush)
        ide_request(channel, BLK_FLUSH, 0, 0, next);
    else
        next(channel, BLK_OK);
}

static void no_command(struct ide_channel *channel, enum blk_status status)
{
    (void)channel, (void)status;
}

/* Somebody else has a request for one of the channel's drives, which is free: what comes by the registers waits for
 * its end as for a command's that nobody wants any more. */
void ide_hold(struct ide_channel *channel)
{
    if (channel->state != IDE_REQUEST_FREE)
        panic("ide%u: held while it has a request", channel->number);
    channel->state = IDE_REQUEST_OUT;
    channel->next = no_command;
}

void ide_let_go(struct ide_channel *channel)
{
    end(channel, BLK_OK);
}
