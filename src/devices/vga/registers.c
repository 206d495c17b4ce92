/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The registers behind the index and data pairs: which bits there are, and whether the picture depends on them. */
#include "devices/vga/internal.h"

/* Returns whether the register has changed. */
static bool set(uint8_t *reg, uint8_t value)
{
    bool changed = *reg != value;

    *reg = value;
    return changed;
}

uint8_t vga_sequencer_read(const struct vga *vga)
{
    const struct vga_registers *regs = &vga->regs;

    return regs->sequencer_index < SEQ_REGISTERS ? regs->sequencer[regs->sequencer_index] : 0;
}

void vga_sequencer_write(struct vga *vga, uint8_t value)
{
    static const uint8_t bits[SEQ_REGISTERS] = { 0x03, 0x3d, 0x0f, 0x3f, 0x0e };
    unsigned int index = vga->regs.sequencer_index;

    if (index < SEQ_REGISTERS && set(&vga->regs.sequencer[index], value & bits[index]) && index != SEQ_RESET)
        vga->stale = true;
}

uint8_t vga_graphics_read(const struct vga *vga)
{
    const struct vga_registers *regs = &vga->regs;

    return regs->graphics_index < GFX_REGISTERS ? regs->graphics[regs->graphics_index] : 0;
}

/* Of these the picture depends on the shift modes and on text or graphics alone: programs rewrite the others for every
 * few dots. */
void vga_graphics_write(struct vga *vga, uint8_t value)
{
    static const uint8_t bits[GFX_REGISTERS] = { 0x0f, 0x0f, 0x0f, 0x1f, 0x03, 0x7b, 0x0f, 0x0f, 0xff };
    unsigned int index = vga->regs.graphics_index;

    if (index < GFX_REGISTERS && set(&vga->regs.graphics[index], value & bits[index]) &&
        (index == GFX_MODE || index == GFX_MISC))
        vga->stale = true;
}

uint8_t vga_crtc_read(const struct vga *vga)
{
    const struct vga_registers *regs = &vga->regs;

    return regs->crtc_index < CRTC_REGISTERS ? regs->crtc[regs->crtc_index] : 0;
}

static bool is_cursor(unsigned int index)
{
    return index == CRTC_CURSOR_START || index == CRTC_CURSOR_END || index == CRTC_CURSOR_HIGH ||
           index == CRTC_CURSOR_LOW;
}

void vga_crtc_write(struct vga *vga, uint8_t value)
{
    unsigned int index = vga->regs.crtc_index;
    uint8_t *crtc = vga->regs.crtc;

    if (index >= CRTC_REGISTERS)
        return;
    if (index <= CRTC_OVERFLOW && crtc[CRTC_VRE] & CRTC_PROTECT) {
        if (index != CRTC_OVERFLOW)
            return;
        value = (crtc[CRTC_OVERFLOW] & ~OVERFLOW_LC8) | (value & OVERFLOW_LC8);
    }
    if (set(&crtc[index], value) && !is_cursor(index))
        vga->stale = true;
}

uint8_t vga_attribute_read(const struct vga *vga)
{
    const struct vga_registers *regs = &vga->regs;
    unsigned int index = regs->attribute_index & ~ATTR_IPAS;

    return index < ATTR_REGISTERS ? regs->attribute[index] : 0;
}

/* Index and data take turns at one port. */
void vga_attribute_write(struct vga *vga, uint8_t value)
{
    static const uint8_t bits[ATTR_REGISTERS] = {
        0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f,
        0xef, 0xff, 0x3f, 0x0f, 0x0f,
    };
    struct vga_registers *regs = &vga->regs;
    bool data = regs->attribute_data;
    uint8_t before = regs->attribute_index;

    regs->attribute_data = !data;
    if (!data) {
        regs->attribute_index = value & 0x3f;
        vga->stale |= (before ^ value) & ATTR_IPAS;
    } else if ((before & ~ATTR_IPAS) < ATTR_REGISTERS) {
        unsigned int index = before & ~ATTR_IPAS;

        vga->stale |= set(&regs->attribute[index], value & bits[index]);
    }
}
