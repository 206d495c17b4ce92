/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Accesses to the legacy window that are more than RAM's: the graphics controller between processor and planes. */
#include "devices/vga/internal.h"

#include "lib/string.h"

#define PLANE_MASK 0xffffu                  /* addresses of a plane without the display interface */

/* Where an access goes: an address of each plane, and which of them take part. */
struct target {
    uint32_t address;                       /* in the planes */
    uint8_t write, read;                    /* write: a bit for each plane; read: one plane */
};

/* Bytes are taken by the display interface's linear modes as they come. */
static bool is_linear(const struct vga *vga)
{
    return vga_dispi_enabled(vga) && vga->regs.dispi[DISPI_BPP] >= 8;
}

/* False: the chip does not answer at this offset of the window. */
static bool find_offset(const struct vga *vga, uint32_t *offset)
{
    uint32_t page = *offset / VIDEO_PAGE_BYTES, decoded = vga->view.decoded;

    if (page >= VIDEO_WINDOW_PAGES || !(decoded & 1u << page))
        return false;
    *offset -= __builtin_ctz(decoded) * VIDEO_PAGE_BYTES;
    if (vga_dispi_enabled(vga))
        *offset += (uint32_t)vga->regs.dispi[DISPI_BANK] << 16;
    return true;
}

static struct target find_target(const struct vga *vga, uint32_t offset)
{
    const struct vga_registers *regs = &vga->regs;
    uint8_t mask = regs->sequencer[SEQ_MAP_MASK], select = regs->graphics[GFX_READ_MAP_SELECT];
    uint8_t memory_mode = regs->sequencer[SEQ_MEMORY_MODE];
    uint32_t wrap = vga_dispi_enabled(vga) ? vga->memory->length / 4 - 1 : PLANE_MASK;
    struct target target = { offset & wrap, mask, select };

    if (memory_mode & MEMORY_CH4) {
        target.address = offset / 4 & wrap;
        target.read = offset & 3;
        target.write = mask & 1u << target.read;
        return target;
    }
    if (regs->graphics[GFX_MISC] & MISC_CHAIN_OE)
        target.address = offset / 2 & wrap;
    if (!(memory_mode & MEMORY_OE))
        target.write = mask & 0x5u << (offset & 1);
    if (regs->graphics[GFX_MODE] & MODE_OE)
        target.read = (select & 2) | (offset & 1);
    return target;
}

/* Read mode 1: a bit for each dot whose colour is the one that is looked for. */
static uint8_t compare(const struct vga_registers *regs)
{
    uint8_t differ = 0;

    for (unsigned int plane = 0; plane < 4; plane++) {
        uint8_t wanted = regs->graphics[GFX_COLOR_COMPARE] & 1u << plane ? 0xff : 0;

        if (regs->graphics[GFX_COLOR_DONT_CARE] & 1u << plane)
            differ |= regs->latch[plane] ^ wanted;
    }
    return ~differ;
}

static uint8_t planar_read(struct vga *vga, uint32_t offset)
{
    struct vga_registers *regs = &vga->regs;
    struct target target = find_target(vga, offset);

    memcpy(regs->latch, &vga->memory->bytes[4 * target.address], 4);
    return regs->graphics[GFX_MODE] & MODE_RM ? compare(regs) : regs->latch[target.read];
}

static uint8_t rotate_right(uint8_t value, unsigned int count)
{
    return value >> count | value << (8 - count);
}

/* What the processor offers to a plane, before the latches come in. */
static uint8_t offer(const struct vga_registers *regs, uint8_t value, unsigned int plane)
{
    const uint8_t *graphics = regs->graphics;
    uint8_t bit = 1u << plane;

    switch (graphics[GFX_MODE] & MODE_WRITE_MODE) {
    case 0:
        if (graphics[GFX_ENABLE_SET_RESET] & bit)
            return graphics[GFX_SET_RESET] & bit ? 0xff : 0;
        return rotate_right(value, graphics[GFX_DATA_ROTATE] & 7);
    case 2:
        return value & bit ? 0xff : 0;
    default:                                /* 3 */
        return graphics[GFX_SET_RESET] & bit ? 0xff : 0;
    }
}

static uint8_t combine(uint8_t function, uint8_t value, uint8_t latch)
{
    switch (function >> 3 & 3) {
    case 1:
        return value & latch;
    case 2:
        return value | latch;
    case 3:
        return value ^ latch;
    default:
        return value;
    }
}

static uint8_t plane_byte(const struct vga_registers *regs, uint8_t value, unsigned int plane)
{
    const uint8_t *graphics = regs->graphics;
    uint8_t latch = regs->latch[plane], mask = graphics[GFX_BIT_MASK];
    unsigned int mode = graphics[GFX_MODE] & MODE_WRITE_MODE;

    if (mode == 1)
        return latch;
    if (mode == 3)
        mask &= rotate_right(value, graphics[GFX_DATA_ROTATE] & 7);
    return (combine(graphics[GFX_DATA_ROTATE], offer(regs, value, plane), latch) & mask) | (latch & ~mask);
}

static void planar_write(struct vga *vga, uint32_t offset, uint8_t value)
{
    const struct vga_registers *regs = &vga->regs;
    struct target target = find_target(vga, offset);
    uint8_t *bytes = &vga->memory->bytes[4 * target.address];

    for (unsigned int plane = 0; plane < 4; plane++)
        if (target.write & 1u << plane)
            bytes[plane] = plane_byte(regs, value, plane);
    vga_touch(vga, 4 * target.address);
    if (!(regs->graphics[GFX_MISC] & MISC_GRAPHICS) || vga->mode.kind == VGA_TEXT)
        vga->stale |= target.write & 0xc;   /* fonts */
}

static uint32_t window_read(void *dev, uint32_t offset, unsigned int size)
{
    struct vga *vga = dev;
    const uint8_t *byte = vga_view_byte(vga, offset);

    (void)size;
    if (byte)
        return *byte;
    if (!find_offset(vga, &offset))
        return 0xff;
    return is_linear(vga) ? vga->memory->bytes[offset] : planar_read(vga, offset);
}

static void window_write(void *dev, uint32_t offset, unsigned int size, uint32_t value)
{
    struct vga *vga = dev;
    uint8_t *byte = vga_view_byte(vga, offset);

    (void)size;
    if (byte) {
        *byte = value;
    } else if (find_offset(vga, &offset)) {
        if (is_linear(vga)) {
            vga->memory->bytes[offset] = value;
            vga_touch(vga, offset);
        } else {
            planar_write(vga, offset, value);
        }
    }
}

const struct io_ops vga_window_ops = { .read = window_read, .write = window_write, .sizes = IO_BYTE };
