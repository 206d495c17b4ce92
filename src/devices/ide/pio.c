/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * PIO data: DRQ blocks between the host and the channel's buffer (T13/1410D clause 9, the PIO data-in and
 * data-out protocols), and rounds of up to a whole
 * buffer between the buffer and the disk.
 *
 * A written block that is still in the buffer is not lost to anybody who was promised it: no command has ended while
 * the buffer holds one of its blocks.
 */
#include "devices/ide/internal.h"
#include "lib/string.h"

/* The data port as nobody drives it. */
#define NO_DATA 0xffffffffu

/* The next DRQ block of this round stands ready. */
static void request_data(struct ide_channel *channel, bool interrupt)
{
    struct ide_transfer *t = &channel->t;

    t->end = ide_min(t->at + t->block, t->filled);
    t->device->r.status = IDE_IDLE_STATUS | IDE_STATUS_DRQ;
    t->device->r.interrupt |= interrupt;
    ide_update_irq(channel);
}

/* Gives the host the buffer's first `bytes`. */
void ide_pio_in(struct ide_channel *channel, uint32_t bytes)
{
    channel->t.block = channel->t.filled = bytes;
    request_data(channel, true);
}

/* Takes `bytes` from the host into the buffer; taken() follows, and the disk hears nothing of it. */
void ide_pio_out(struct ide_channel *channel, uint32_t bytes, void (*taken)(struct ide_channel *channel))
{
    channel->t.block = channel->t.filled = bytes;
    channel->t.taken = taken;
    request_data(channel, false);
}

/* Bytes per DRQ block; 0: READ or WRITE MULTIPLE without a SET MULTIPLE MODE, and the command has ended. */
static uint32_t block_size(struct ide_device *device)
{
    if (!(device->channel->t.command->flags & IDE_MULTIPLE))
        return BLK_SECTOR_SIZE;
    if (!device->r.settings.multiple)
        ide_abort(device);
    return device->r.settings.multiple * BLK_SECTOR_SIZE;
}

/* --- in --- */

static void fetched(struct ide_channel *channel, enum blk_status status);

static void fetch(struct ide_channel *channel)
{
    struct ide_transfer *t = &channel->t;
    uint32_t part = t->careful ? 1 : ide_min(t->sectors, (IDE_BUFFER_SIZE - t->filled) / BLK_SECTOR_SIZE);

    t->device->r.status = IDE_STATUS_BSY;
    ide_request_buffer(channel, BLK_READ, t->filled, part, fetched);
}

static void fetched(struct ide_channel *channel, enum blk_status status)
{
    struct ide_transfer *t = &channel->t;

    if (!ide_part_answered(channel, status))
        return;
    if (status == BLK_OK)
        t->filled += t->part * BLK_SECTOR_SIZE;
    if (t->filled < t->block && t->sectors) {
        fetch(channel);
        return;
    }
    if (!t->sectors) {
        ide_put_address(t->device, t->sector - 1);
        ide_put_count(t->device, 0);
    }
    request_data(channel, true);
}

/* READ SECTOR(S), READ MULTIPLE and their EXT forms. */
void ide_pio_read(struct ide_device *device)
{
    struct ide_transfer *t = &device->channel->t;

    t->block = block_size(device);
    if (t->block && ide_decode_address(device))
        fetch(device->channel);
}

static void in_round_taken(struct ide_channel *channel)
{
    if (channel->t.sectors) {
        channel->t.at = channel->t.filled = 0;
        fetch(channel);
    } else {
        ide_idle(channel->t.device);
    }
}

/* --- out --- */

static void collect(struct ide_channel *channel, bool interrupt)
{
    struct ide_transfer *t = &channel->t;

    t->at = t->stored = 0;
    t->filled = ide_min(t->sectors * BLK_SECTOR_SIZE, IDE_BUFFER_SIZE);
    request_data(channel, interrupt);
}

static void stored(struct ide_channel *channel, enum blk_status status);

static void store(struct ide_channel *channel)
{
    struct ide_transfer *t = &channel->t;
    uint32_t part = t->careful ? 1 : (t->filled - t->stored) / BLK_SECTOR_SIZE;

    t->device->r.status = IDE_STATUS_BSY;
    ide_request_buffer(channel, BLK_WRITE, t->stored, part, stored);
}

static void stored(struct ide_channel *channel, enum blk_status status)
{
    struct ide_transfer *t = &channel->t;

    if (!ide_part_answered(channel, status))
        return;
    if (status == BLK_OK)
        t->stored += t->part * BLK_SECTOR_SIZE;
    if (t->stored < t->filled)
        store(channel);
    else if (t->sectors)
        collect(channel, true);
    else
        ide_finish(channel);
}

/* WRITE SECTOR(S), WRITE MULTIPLE and their EXT forms.  The first DRQ block comes without INTRQ. */
void ide_pio_write(struct ide_device *device)
{
    struct ide_transfer *t = &device->channel->t;

    t->block = block_size(device);
    if (!t->block || !ide_decode_address(device))
        return;
    if (device->disk->info.read_only)
        ide_abort(device);
    else
        collect(device->channel, false);
}

/* --- the data port --- */

/* True while the selected device, and then the command is its own, wants data moved in this direction. */
static bool data_phase(struct ide_channel *channel, uint8_t direction)
{
    return (ide_selected(channel)->r.status & IDE_STATUS_DRQ) &&
           (channel->t.command->flags & IDE_WRITE) == direction;
}

static void moved(struct ide_channel *channel, uint32_t bytes)
{
    struct ide_transfer *t = &channel->t;

    t->at += bytes;
    if (t->at < t->end)
        return;
    if (t->command->flags & IDE_BY_PACKET)
        t->command->start(t->device);
    else if (t->at < t->filled)
        request_data(channel, true);
    else if (t->taken)
        t->taken(channel);
    else if (t->command->flags & IDE_WRITE)
        store(channel);
    else
        in_round_taken(channel);
}

/* The device moves 16 bits at least, whatever part of them the host looks at. */
static uint32_t data_width(const struct ide_transfer *t, unsigned int size)
{
    return ide_min(size == IO_DWORD ? 4 : 2, t->end - t->at);
}

uint32_t ide_data_read(struct ide_channel *channel, unsigned int size)
{
    uint32_t bytes, value = 0;

    if (!data_phase(channel, 0))
        return NO_DATA;
    bytes = data_width(&channel->t, size);
    memcpy(&value, &channel->buffer[channel->t.at], bytes);
    moved(channel, bytes);
    return value;
}

void ide_data_write(struct ide_channel *channel, unsigned int size, uint32_t value)
{
    uint32_t bytes;

    if (!data_phase(channel, IDE_WRITE))
        return;
    bytes = data_width(&channel->t, size);
    memcpy(&channel->buffer[channel->t.at], &value, bytes);
    moved(channel, bytes);
}
