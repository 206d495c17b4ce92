/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The palette DAC: 256 colours of three parts, of 6 bits each, or 8 when the display interface says so. */
#include "devices/vga/internal.h"

static uint8_t next_part(struct vga_registers *regs, uint8_t *index)
{
    uint8_t part = regs->pel_part;

    regs->pel_part = part == 2 ? 0 : part + 1;
    if (part == 2)
        ++*index;
    return part;
}

uint8_t vga_dac_read(struct vga *vga, uint32_t offset)
{
    struct vga_registers *regs = &vga->regs;
    uint8_t index = regs->pel_read;

    switch (offset) {
    case VGA_PEL_MASK:
        return regs->pel_mask;
    case VGA_DAC_STATE:
        return regs->pel_state;
    case VGA_PEL_WRITE:
        return regs->pel_write;
    default:
        return regs->palette[index][next_part(regs, &regs->pel_read)];
    }
}

void vga_dac_write(struct vga *vga, uint32_t offset, uint8_t value)
{
    struct vga_registers *regs = &vga->regs;
    uint8_t index = regs->pel_write;

    switch (offset) {
    case VGA_PEL_MASK:
        regs->pel_mask = value;
        vga->stale = true;
        break;
    case VGA_PEL_READ:
        regs->pel_read = value;
        regs->pel_part = 0;
        regs->pel_state = DAC_STATE_READ;
        break;
    case VGA_PEL_WRITE:
        regs->pel_write = value;
        regs->pel_part = 0;
        regs->pel_state = 0;
        break;
    default:
        regs->palette[index][next_part(regs, &regs->pel_write)] =
            regs->dispi[DISPI_ENABLE] & DISPI_8BIT_DAC ? value : value & 0x3f;
        vga->stale = true;
    }
}
