/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * PACKET (T13/1410D 8.23 and clause 9): the packet from the host, then data in DRQ blocks or by DMA, then the status.
 *
 * Whole blocks of user data that go by DMA pass straight between the medium and the host's memory (dma.c).  Everything
 * else goes through the channel's buffer, in rounds: t.at to t.filled is what the host has yet to take, t.sectors what
 * is still on the medium.
 */
#include "devices/ide/atapi_internal.h"
#include "lib/string.h"

static void received(struct ide_device *device);
static void pio_in(struct ide_device *device);
static void pio_out(struct ide_device *device);
static void dma_in(struct ide_device *device);
static void dma_out(struct ide_device *device);

/* The phases of a packet, as the commands that the rest of the channel takes them for. */
static const struct ide_command receiving = { received, IDE_BY_PACKET | IDE_WRITE };
static const struct ide_command giving = { pio_in, IDE_BY_PACKET };
static const struct ide_command taking = { pio_out, IDE_BY_PACKET | IDE_WRITE };
static const struct ide_command giving_dma = { dma_in, IDE_BY_PACKET | IDE_DMA };
static const struct ide_command taking_dma = { dma_out, IDE_BY_PACKET | IDE_DMA | IDE_WRITE };
static const struct ide_command passing_dma = { NULL, IDE_BY_PACKET | IDE_DMA };

/* A DRQ block stands ready: the next `length` bytes of the buffer. */
static void request_data(struct ide_device *device, uint32_t length, uint8_t reason, bool interrupt)
{
    struct ide_transfer *t = &device->channel->t;

    t->end = t->at + length;
    device->r.current[IDE_LBA_MID] = (uint8_t)length;
    device->r.current[IDE_LBA_HIGH] = (uint8_t)(length >> 8);
    device->r.current[IDE_SECTOR_COUNT] = reason;
    device->r.status = IDE_IDLE_STATUS | IDE_STATUS_DRQ;
    device->r.interrupt |= interrupt;
    ide_update_irq(device->channel);
}

/* --- the packet --- */

static void received(struct ide_device *device)
{
    memcpy(device->atapi.r.packet, device->channel->buffer, ATAPI_PACKET_SIZE);
    device->r.status = IDE_STATUS_BSY;
    atapi_execute(device);
}

/* PACKET.  Features: DMA or PIO; LBA Mid and High: byte count limit.  The packet is asked for without INTRQ. */
void atapi_packet(struct ide_device *device)
{
    struct ide_transfer *t = &device->channel->t;
    const uint8_t *current = device->r.current;

    if (current[IDE_FEATURES] & ATAPI_OVL) {
        ide_abort(device);
        return;
    }
    device->atapi.r.dma = current[IDE_FEATURES] & ATAPI_DMA;
    device->atapi.r.limit = (uint16_t)(current[IDE_LBA_MID] | current[IDE_LBA_HIGH] << 8);
    device->r.power = IDE_POWER_ACTIVE;
    t->command = &receiving;
    t->filled = ATAPI_PACKET_SIZE;
    request_data(device, ATAPI_PACKET_SIZE, ATAPI_REASON_CD, false);
}

/* --- DRQ blocks --- */

/* Bytes in all but the last DRQ block of `total`; 0: the host leaves no room for any.  An odd limit holds for a
 * transfer that fits, and is one byte less for one that does not. */
static uint32_t burst(const struct ide_device *device, uint32_t total)
{
    uint32_t limit = device->atapi.r.limit;

    if (total <= limit && total <= ATAPI_BURST)
        return total;
    return ide_min(limit & ~1u, ATAPI_BURST);
}

/* --- from the medium to the buffer --- */

/* One answer that says "failed" may mean any of its blocks: then they are read one by one. */
static bool part_answered(struct ide_channel *channel, enum blk_status status)
{
    struct ide_transfer *t = &channel->t;

    if (status == BLK_OK) {
        t->sector += t->part;
        t->sectors -= t->part;
    } else if (t->careful) {
        atapi_medium_error(channel);
        return false;
    }
    t->careful |= status != BLK_OK;
    return true;
}

/* Turns the `blocks` blocks of user data behind t.filled into what the host wants of them: more than they were, so the
 * last one first. */
static void make_fields(struct ide_device *device, uint32_t first, uint32_t blocks)
{
    struct ide_transfer *t = &device->channel->t;
    uint8_t *base = &device->channel->buffer[t->filled], fields = device->atapi.r.fields;
    uint32_t size = atapi_fields_size(fields);

    for (uint32_t i = blocks; i-- > 0;)
        atapi_make_fields(base + i * size, base + i * ATAPI_BLOCK_SIZE, first + i, fields);
    t->filled += blocks * size;
}

static void fetched(struct ide_channel *channel, enum blk_status status)
{
    struct ide_transfer *t = &channel->t;
    uint32_t first = (uint32_t)(t->sector / ATAPI_BLOCK_SECTORS);

    if (!part_answered(channel, status))
        return;
    if (status == BLK_OK)
        make_fields(t->device, first, t->part / ATAPI_BLOCK_SECTORS);
    t->command->start(t->device);
}

/* The next round.  What is left of the last one is the beginning of a DRQ block. */
static void refill(struct ide_device *device)
{
    struct ide_channel *channel = device->channel;
    struct ide_transfer *t = &channel->t;
    uint32_t blocks = t->sectors / ATAPI_BLOCK_SECTORS;

    if (!atapi_medium_ready(device))
        return;
    memmove(channel->buffer, &channel->buffer[t->at], t->filled - t->at);
    t->filled -= t->at;
    t->at = 0;
    blocks = ide_min(blocks, (IDE_BUFFER_SIZE - t->filled) / atapi_fields_size(device->atapi.r.fields));
    device->r.status = IDE_STATUS_BSY;
    ide_request_buffer(channel, BLK_READ, t->filled, (t->careful ? 1 : blocks) * ATAPI_BLOCK_SECTORS, fetched);
}

/* --- to the host --- */

static void pio_in(struct ide_device *device)
{
    struct ide_transfer *t = &device->channel->t;
    uint32_t ready = t->filled - t->at;

    if (!ready && !t->sectors)
        atapi_end(device);
    else if (ready < t->block && t->sectors)
        refill(device);
    else
        request_data(device, ide_min(ready, t->block), ATAPI_REASON_IO, true);
}

/* Should the bus master's table lead nowhere, the command is aborted, and the sense data says why. */
static void begin_dma(struct ide_device *device, const struct ide_command *phase)
{
    device->atapi.r.sense = (struct atapi_sense){ .key = ATAPI_ABORTED_COMMAND, .code = ATAPI_DATA_PHASE_ERROR };
    device->r.current[IDE_SECTOR_COUNT] = ATAPI_REASON_CD | ATAPI_REASON_IO;
    device->channel->t.command = phase;
    ide_dma_continue(device->channel);
}

static void dma_in(struct ide_device *device)
{
    struct ide_transfer *t = &device->channel->t;

    if (t->at == t->filled && t->sectors)
        refill(device);
    else if (ide_dma_ready(device->channel, bmdma_copy(device->channel, true)))
        (t->sectors ? refill : atapi_end)(device);
}

/* Begins to give what is in the buffer, and after it what is on the medium. */
static void give(struct ide_device *device, uint32_t total)
{
    struct ide_transfer *t = &device->channel->t;

    t->block = burst(device, total);
    t->command = &giving;
    if (!total)
        atapi_end(device);
    else if (device->atapi.r.dma)
        begin_dma(device, &giving_dma);
    else if (t->block)
        pio_in(device);
    else
        ide_abort(device);
}

/* Room for an answer in the buffer: `size` bytes, all zero. */
uint8_t *atapi_answer(struct ide_device *device, uint32_t size)
{
    return memset(device->channel->buffer, 0, size);
}

/* Gives the buffer's first `length` bytes, but not more than the packet has allocated for them. */
void atapi_give(struct ide_device *device, uint32_t length, uint32_t allocated)
{
    struct ide_transfer *t = &device->channel->t;

    t->at = 0;
    t->filled = ide_min(length, allocated);
    give(device, t->filled);
}

/* Gives `fields` of the medium's blocks; the caller has checked that there are such blocks. */
void atapi_transfer_medium(struct ide_device *device, uint32_t block, uint32_t blocks, uint8_t fields)
{
    struct ide_transfer *t = &device->channel->t;
    struct atapi_registers *r = &device->atapi.r;
    uint32_t size = atapi_fields_size(fields);

    r->block = block + blocks;
    r->fields = fields;
    t->at = t->filled = 0;
    t->sector = (uint64_t)block * ATAPI_BLOCK_SECTORS;
    t->sectors = size ? blocks * ATAPI_BLOCK_SECTORS : 0;
    if (!t->sectors || !r->dma || fields != ATAPI_FIELD_USER) {
        give(device, ide_min(blocks, 64) * size);       /* 64 blocks are more than any limit */
        return;
    }
    begin_dma(device, &passing_dma);
}

/* --- from the host: the parameter list of MODE SELECT, the only one --- */

static void pio_out(struct ide_device *device)
{
    struct ide_transfer *t = &device->channel->t;

    if (t->at < t->filled)
        request_data(device, ide_min(t->filled - t->at, t->block), 0, true);
    else
        atapi_mode_selected(device, device->channel->buffer, t->filled);
}

static void dma_out(struct ide_device *device)
{
    if (ide_dma_ready(device->channel, bmdma_copy(device->channel, false)))
        atapi_mode_selected(device, device->channel->buffer, device->channel->t.filled);
}

/* Takes `length` bytes, up to 64 KiB - 1, for atapi_mode_selected(). */
void atapi_take(struct ide_device *device, uint32_t length)
{
    struct ide_transfer *t = &device->channel->t;

    t->at = 0;
    t->filled = length;
    t->block = burst(device, length);
    t->command = &taking;
    if (device->atapi.r.dma)
        begin_dma(device, &taking_dma);
    else if (t->block)
        pio_out(device);
    else
        ide_abort(device);
}
