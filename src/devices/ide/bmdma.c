/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The bus master: its registers, and the walk through the descriptor table (Intel 290550, bus master function).
 *
 * The datasheet's rules for software that a kind controller need not enforce are not enforced: a region may straddle
 * 64 KiB, and so may the table.  RWCON is kept but the drive's command decides the direction, since the drive drives
 * the bus.
 *
 * How a transfer shows in BMISTA (SFF-8038i 3.1): the table as long as the transfer, IDEINTS alone; longer, BMIDEA
 * too; shorter, neither.  A bus master that is started without permission reaches no memory: BMIDEA stays set, what a
 * drive gives it is lost, and a drive that wants data waits.
 */
#include "devices/ide/internal.h"
#include "lib/log.h"

/* Reads the next descriptor into *at. */
static enum bmdma_result next_region(struct ide_channel *channel, struct bmdma_cursor *at)
{
    struct bmdma_prd prd;

    if (at->last)
        return BMDMA_END;
    if (!channel->memory->read(channel->memory, at->next, &prd, sizeof(prd)))
        return BMDMA_FAULT;
    at->next += sizeof(prd);
    at->address = prd.base & ~1u;
    at->left = prd.count_eot & PRD_COUNT ? prd.count_eot & PRD_COUNT : 65536;
    at->last = prd.count_eot & PRD_EOT;
    return BMDMA_READY;
}

/* Appends up to `wanted` bytes of the present region to the segments. */
static enum bmdma_result next_segment(struct ide_channel *channel, struct bmdma_cursor *at, uint32_t wanted,
                                      struct blk_segment *segment)
{
    enum bmdma_result result = at->left ? BMDMA_READY : next_region(channel, at);

    if (result != BMDMA_READY)
        return result;
    *segment = (struct blk_segment){ .address = at->address, .length = ide_min(at->left, wanted) };
    if (!channel->memory->is_ram(channel->memory, segment->address, segment->length))
        return BMDMA_FAULT;
    at->address += segment->length;
    at->left -= segment->length;
    return BMDMA_READY;
}

/* The walk has met the end of the table (END) or memory that is none (FAULT) where the drive needs data. */
static enum bmdma_result halt(struct ide_channel *channel, enum bmdma_result why)
{
    channel->bm.bmista &= ~BMISTA_BMIDEA;
    if (why == BMDMA_FAULT) {
        channel->bm.bmista |= BMISTA_ERROR;
        log_limited(LOG_INFO, "ide%u: descriptor table at %x leads outside of RAM", channel->number,
                    (unsigned int)channel->bm.bmidtp);
    }
    return why;
}

/*
 * Fills channel->segments with the memory of the next 1 to `sectors` whole sectors; their number goes to t.part, the
 * segments' to *segments.  Trouble behind the first whole sector is left for the next call to find.
 */
enum bmdma_result bmdma_gather(struct ide_channel *channel, uint32_t sectors, unsigned int *segments)
{
    struct bmdma *bm = &channel->bm;
    struct bmdma_cursor at = bm->at;
    enum bmdma_result result = BMDMA_READY;
    uint32_t wanted = sectors * BLK_SECTOR_SIZE, total = 0, tail, last_length = 0;

    if (!(bm->bmista & BMISTA_BMIDEA))
        return BMDMA_WAIT;
    if (bm->blind)
        return BMDMA_BLIND;
    *segments = 0;
    channel->t.part = 0;
    for (unsigned int i = 0; i < IDE_SEGMENTS && total < wanted; i++) {
        struct blk_segment *segment = &channel->segments[i];

        result = next_segment(channel, &at, wanted - total, segment);
        if (result != BMDMA_READY)
            break;
        total += segment->length;
        tail = total % BLK_SECTOR_SIZE;
        if (tail >= segment->length)
            continue;
        /* A sector ends inside this segment, `tail` bytes before its end. */
        *segments = i + 1;
        last_length = segment->length - tail;
        channel->t.part = total / BLK_SECTOR_SIZE;
        bm->after = at;
        bm->after.address -= tail;
        bm->after.left += tail;
    }
    if (!*segments)
        return halt(channel, result);
    channel->segments[*segments - 1].length = last_length;
    return BMDMA_READY;
}

/* What bmdma_gather() found has been moved, and t.sectors are left.  Where the transfer and the last region end
 * together, the controller is idle; a region that ends too early is for the next bmdma_gather() to find. */
void bmdma_commit(struct ide_channel *channel)
{
    struct bmdma *bm = &channel->bm;

    bm->at = bm->after;
    if (!channel->t.sectors && !bm->at.left && bm->at.last)
        bm->bmista &= ~BMISTA_BMIDEA;
}

/*
 * Moves the buffer from t.at to t.filled to memory or the other way, and t.at with it.  The bus has 16 bits: an odd
 * length moves one byte more.  READY: all of it.  What has been moved before the end of the table, or before a fault,
 * has been moved.
 */
enum bmdma_result bmdma_copy(struct ide_channel *channel, bool to_memory)
{
    struct bmdma *bm = &channel->bm;
    struct guest_memory *memory = channel->memory;
    struct ide_transfer *t = &channel->t;
    uint32_t end = (t->filled + 1) & ~1u;

    if (!(bm->bmista & BMISTA_BMIDEA))
        return BMDMA_WAIT;
    if (bm->blind)
        return BMDMA_BLIND;
    while (t->at < end) {
        uint8_t *bytes = &channel->buffer[t->at];
        struct blk_segment segment;
        enum bmdma_result result = next_segment(channel, &bm->at, end - t->at, &segment);

        if (result == BMDMA_READY && !(to_memory ? memory->write(memory, segment.address, bytes, segment.length)
                                                 : memory->read(memory, segment.address, bytes, segment.length)))
            result = BMDMA_FAULT;
        if (result != BMDMA_READY)
            return halt(channel, result);
        t->at += segment.length;
    }
    if (!t->sectors && !bm->at.left && bm->at.last)
        bm->bmista &= ~BMISTA_BMIDEA;
    return BMDMA_READY;
}

static void stop(struct bmdma *bm)
{
    bm->bmista &= ~BMISTA_BMIDEA;
    bm->stopped = true;
}

void ide_allow_master(struct ide_channel *channel, bool allowed)
{
    channel->bm.allowed = allowed;
    if (allowed)
        return;
    stop(&channel->bm);
    for (unsigned int i = 0; i < 2; i++) {
        struct blk_backend *disk = channel->devices[i].disk;

        if (disk)
            disk->ops->settle(disk);
    }
}

/* --- registers --- */

static void bmicom_write(struct ide_channel *channel, uint8_t value)
{
    struct bmdma *bm = &channel->bm;
    uint8_t changed = bm->bmicom ^ value;

    bm->bmicom = value & (BMICOM_SSBM | BMICOM_RWCON);
    if (!(changed & BMICOM_SSBM))
        return;
    if (value & BMICOM_SSBM) {
        bm->bmista |= BMISTA_BMIDEA;
        bm->blind = !bm->allowed;
        bm->at = (struct bmdma_cursor){ .next = bm->bmidtp };
        ide_dma_continue(channel);
    } else {
        stop(bm);
    }
}

static void bmista_write(struct bmdma *bm, uint8_t value)
{
    const uint8_t rw = BMISTA_DMA0CAP | BMISTA_DMA1CAP, rw1c = BMISTA_ERROR | BMISTA_IDEINTS;

    bm->bmista = (bm->bmista & ~rw & ~(value & rw1c)) | (value & rw);
}

static uint8_t byte_read(const struct bmdma *bm, uint32_t offset)
{
    switch (offset) {
    case BMICOM:
        return bm->bmicom;
    case BMISTA:
        return bm->bmista;
    case BMIDTP ... BMIDTP + 3:
        return bm->bmidtp >> (8 * (offset - BMIDTP));
    default:
        return 0;
    }
}

static void byte_write(struct ide_channel *channel, uint32_t offset, uint8_t value)
{
    struct bmdma *bm = &channel->bm;
    unsigned int shift = 8 * (offset - BMIDTP);

    switch (offset) {
    case BMICOM:
        bmicom_write(channel, value);
        break;
    case BMISTA:
        bmista_write(bm, value);
        break;
    case BMIDTP ... BMIDTP + 3:
        bm->bmidtp = ((bm->bmidtp & ~(0xffu << shift)) | (uint32_t)value << shift) & ~3u;
        break;
    }
}

static uint32_t bmdma_read(void *dev, uint32_t offset, unsigned int size)
{
    const struct ide_channel *channel = dev;
    uint32_t value = 0;

    for (unsigned int i = 0; i < size; i++)
        value |= (uint32_t)byte_read(&channel->bm, offset + i) << (8 * i);
    return value;
}

static void bmdma_write(void *dev, uint32_t offset, unsigned int size, uint32_t value)
{
    for (unsigned int i = 0; i < size; i++)
        byte_write(dev, offset + i, value >> (8 * i));
}

/* No read has an effect. */
static bool peek(void *dev, uint32_t offset, uint32_t *value)
{
    const struct ide_channel *channel = dev;

    *value = byte_read(&channel->bm, offset);
    return true;
}

/* BMICOM starts and stops; but what is idle cannot be stopped. */
static bool post_bmicom(void *dev, uint32_t offset, uint8_t *mask, uint8_t *match)
{
    const struct ide_channel *channel = dev;

    (void)offset;
    *mask = BMICOM_SSBM;
    *match = 0;
    return !(channel->bm.bmista & BMISTA_BMIDEA);
}

/* The other two are notes until the next start. */
static bool post(void *dev, uint32_t offset, uint8_t *mask, uint8_t *match)
{
    (void)dev;
    (void)offset;
    *mask = *match = 0;
    return true;
}

static const struct io_shadow bmdma_shadows[] = {
    { BMICOM, 1, peek, post_bmicom }, { BMISTA, 1, peek, post }, { BMIDTP, 4, NULL, post },
};

const struct io_ops ide_bmdma_ops = {
    .read = bmdma_read,
    .write = bmdma_write,
    .sizes = IO_BYTE | IO_WORD | IO_DWORD,
    .alone = true,
    .shadows = bmdma_shadows,
    .shadow_count = sizeof(bmdma_shadows) / sizeof(bmdma_shadows[0]),
};
