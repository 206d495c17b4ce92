/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "devices/dma8237.h"

#define ALL_CHANNELS 0x0fu

void dma8237_init(struct dma8237 *dma, unsigned int address_shift)
{
    *dma = (struct dma8237) { .address_shift = address_shift };
    dma8237_reset(dma);
}

void dma8237_reset(struct dma8237 *dma)
{
    dma->registers = (struct dma8237_registers) { .mask = ALL_CHANNELS };
}

static void master_clear(struct dma8237_registers *r)
{
    r->request = 0;
    r->mask = ALL_CHANNELS;
    r->high_byte = false;
}

/* The 16-bit registers pass through an 8-bit port; which half is next, the flip-flop knows. */
static uint8_t read_word(struct dma8237_registers *r, uint32_t offset)
{
    unsigned int shift = r->high_byte ? 8 : 0;

    r->high_byte = !r->high_byte;
    return r->words[offset] >> shift;
}

static void write_word(struct dma8237_registers *r, uint32_t offset, uint8_t value)
{
    unsigned int shift = r->high_byte ? 8 : 0;

    r->high_byte = !r->high_byte;
    r->words[offset] = (r->words[offset] & 0xff00u >> shift) | value << shift;
}

static uint8_t with_channel(uint8_t bits, uint8_t value)
{
    uint8_t channel = 1u << (value & 3);

    return value & DMA8237_SET ? bits | channel : bits & ~channel;
}

static uint32_t dma8237_read(void *dev, uint32_t offset, unsigned int size)
{
    struct dma8237 *dma = dev;
    struct dma8237_registers *r = &dma->registers;

    (void)size;
    offset >>= dma->address_shift;
    if (offset < DMA8237_STATUS)
        return read_word(r, offset);
    switch (offset) {
    case DMA8237_STATUS:
        return r->request << 4;
    case DMA8237_TEMPORARY:
        return 0;
    case DMA8237_MASK:
        return r->mask;
    default:
        return 0xff;
    }
}

static void dma8237_write(void *dev, uint32_t offset, unsigned int size, uint32_t value)
{
    struct dma8237 *dma = dev;
    struct dma8237_registers *r = &dma->registers;

    (void)size;
    offset >>= dma->address_shift;
    if (offset < DMA8237_COMMAND) {
        write_word(r, offset, value);
        return;
    }
    switch (offset) {
    case DMA8237_REQUEST:
        r->request = with_channel(r->request, value);
        break;
    case DMA8237_MASK_ONE:
        r->mask = with_channel(r->mask, value);
        break;
    case DMA8237_CLEAR_FF:
        r->high_byte = false;
        break;
    case DMA8237_CLEAR:
        master_clear(r);
        break;
    case DMA8237_CLEAR_MASK:
        r->mask = 0;
        break;
    case DMA8237_MASK:
        r->mask = value & ALL_CHANNELS;
        break;
    }
}

const struct io_ops dma8237_ops = { .read = dma8237_read, .write = dma8237_write, .sizes = IO_BYTE };

void dma_pages_reset(struct dma_pages *pages)
{
    *pages = (struct dma_pages) { { 0 } };
}

static uint32_t dma_pages_read(void *dev, uint32_t offset, unsigned int size)
{
    struct dma_pages *pages = dev;

    (void)size;
    return pages->page[offset];
}

static void dma_pages_write(void *dev, uint32_t offset, unsigned int size, uint32_t value)
{
    struct dma_pages *pages = dev;

    (void)size;
    pages->page[offset] = value;
}

const struct io_ops dma_pages_ops = { .read = dma_pages_read, .write = dma_pages_write, .sizes = IO_BYTE };
