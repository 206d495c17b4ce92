/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The Bochs display interface: modes beyond IBM's, by eleven words. */
#include "devices/vga/internal.h"

#include "lib/string.h"

#define ENABLE_BITS (DISPI_ENABLED | DISPI_GETCAPS | DISPI_8BIT_DAC | DISPI_LFB_ENABLED | DISPI_NOCLEARMEM)

/* 15 bits are two bytes. */
static uint32_t pixel_bits(const struct vga *vga)
{
    uint32_t bpp = vga->regs.dispi[DISPI_BPP];

    return bpp == 15 ? 16 : bpp;
}

uint32_t vga_dispi_pitch(const struct vga *vga)
{
    return vga->regs.dispi[DISPI_VIRT_WIDTH] * pixel_bits(vga) / 8;
}

/* Four planes begin at a multiple of 8 pixels. */
uint32_t vga_dispi_start(const struct vga *vga)
{
    const uint16_t *dispi = vga->regs.dispi;
    uint32_t x = dispi[DISPI_BPP] == 4 ? dispi[DISPI_X_OFFSET] & ~7u : dispi[DISPI_X_OFFSET];

    return dispi[DISPI_Y_OFFSET] * vga_dispi_pitch(vga) + x * pixel_bits(vga) / 8;
}

static uint16_t limit(uint32_t value, uint32_t min, uint32_t max)
{
    return value < min ? min : value > max ? max : value;
}

/* While a mode is on, all of the picture lies in the memory: what does not fit is made to. */
static void fit(struct vga *vga)
{
    uint16_t *dispi = vga->regs.dispi;
    uint32_t lines;

    dispi[DISPI_XRES] = limit(dispi[DISPI_XRES] & ~7u, 8, DISPLAY_WIDTH_MAX);
    dispi[DISPI_VIRT_WIDTH] = limit(dispi[DISPI_VIRT_WIDTH] & ~7u, dispi[DISPI_XRES], 0xfff8);
    lines = vga->memory->length / vga_dispi_pitch(vga);
    dispi[DISPI_VIRT_HEIGHT] = limit(lines, 1, 0xffff);
    dispi[DISPI_YRES] = limit(dispi[DISPI_YRES], 1, DISPLAY_HEIGHT_MAX);
    dispi[DISPI_YRES] = limit(dispi[DISPI_YRES], 1, dispi[DISPI_VIRT_HEIGHT]);
    dispi[DISPI_X_OFFSET] = limit(dispi[DISPI_X_OFFSET], 0, dispi[DISPI_VIRT_WIDTH] - dispi[DISPI_XRES]);
    dispi[DISPI_Y_OFFSET] = limit(dispi[DISPI_Y_OFFSET], 0, dispi[DISPI_VIRT_HEIGHT] - dispi[DISPI_YRES]);
}

static bool depth_exists(uint16_t bpp)
{
    return bpp == 4 || bpp == 8 || bpp == 15 || bpp == 16 || bpp == 24 || bpp == 32;
}

static void enable(struct vga *vga, uint16_t value)
{
    uint16_t *dispi = vga->regs.dispi;
    bool rises = value & ~dispi[DISPI_ENABLE] & DISPI_ENABLED;

    dispi[DISPI_ENABLE] = value & ENABLE_BITS;
    if (!(value & DISPI_ENABLED))
        dispi[DISPI_BANK] = 0;
    if (!rises)
        return;
    dispi[DISPI_VIRT_WIDTH] = dispi[DISPI_X_OFFSET] = dispi[DISPI_Y_OFFSET] = 0;
    fit(vga);
    if (value & DISPI_NOCLEARMEM)
        return;
    vga_view_sync(vga);                     /* what has been written through an old view is older than this */
    memset(vga->memory->bytes, 0, (size_t)dispi[DISPI_YRES] * vga_dispi_pitch(vga));
}

uint16_t vga_dispi_read(const struct vga *vga, unsigned int index)
{
    const uint16_t *dispi = vga->regs.dispi;
    bool most = dispi[DISPI_ENABLE] & DISPI_GETCAPS;

    if (index == DISPI_VIDEO_MEMORY_64K)
        return vga->memory->length >> 16;
    if (index >= DISPI_REGISTERS)
        return 0;
    if (most && index == DISPI_XRES)
        return DISPLAY_WIDTH_MAX;
    if (most && index == DISPI_YRES)
        return DISPLAY_HEIGHT_MAX;
    if (most && index == DISPI_BPP)
        return 32;
    return dispi[index];
}

void vga_dispi_write(struct vga *vga, unsigned int index, uint16_t value)
{
    uint16_t *dispi = vga->regs.dispi;

    switch (index) {
    case DISPI_ID:
        if (value >= DISPI_ID0 && value <= DISPI_ID5)
            dispi[index] = value;
        break;
    case DISPI_ENABLE:
        enable(vga, value);
        break;
    case DISPI_BANK:
        dispi[index] = value & ((vga->memory->length >> 16) - 1);
        break;
    case DISPI_BPP:
        dispi[index] = depth_exists(value) ? value : 8;
        break;
    case DISPI_XRES:
    case DISPI_YRES:
    case DISPI_VIRT_WIDTH:
    case DISPI_X_OFFSET:
    case DISPI_Y_OFFSET:
        dispi[index] = value;
        break;
    }
    if (vga_dispi_enabled(vga))
        fit(vga);
    if (index != DISPI_BANK)                /* which is switched in the midst of painting */
        vga->stale = true;
    vga_view_update(vga);
}

static uint32_t dispi_read(void *dev, uint32_t offset, unsigned int size)
{
    const struct vga *vga = dev;

    (void)size;
    return offset ? vga_dispi_read(vga, vga->regs.dispi_index) : vga->regs.dispi_index;
}

static void dispi_write(void *dev, uint32_t offset, unsigned int size, uint32_t value)
{
    struct vga *vga = dev;

    (void)size;
    if (offset)
        vga_dispi_write(vga, vga->regs.dispi_index, value);
    else
        vga->regs.dispi_index = value;
}

const struct io_ops vga_dispi_ops = { .read = dispi_read, .write = dispi_write, .sizes = IO_WORD };
