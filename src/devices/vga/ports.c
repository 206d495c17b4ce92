/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The ports 3b0h to 3dfh: general registers, and which pair a port belongs to. */
#include "devices/vga/internal.h"

/* The CRTC, Input Status 1 and Feature Control are at 3dxh or at 3bxh. */
static bool at_3d(const struct vga *vga)
{
    return vga->regs.misc & MISC_IOS;
}

/* Retrace begins and ends at once: each read finds the other half of a frame. */
static uint8_t input_status_1(struct vga *vga)
{
    vga->regs.attribute_data = false;
    vga->regs.status_1 ^= STATUS_1_DD | STATUS_1_VR;
    return vga->regs.status_1;
}

/* offset: from 3d0h or 3b0h. */
static uint8_t crtc_port_read(struct vga *vga, uint32_t offset)
{
    switch (offset) {
    case VGA_CRTC - 0x10:
        return vga->regs.crtc_index;
    case VGA_CRTC - 0x10 + 1:
        return vga_crtc_read(vga);
    case VGA_INPUT_STATUS_1 - 0x10:
        return input_status_1(vga);
    default:
        return 0xff;
    }
}

static void crtc_port_write(struct vga *vga, uint32_t offset, uint8_t value)
{
    switch (offset) {
    case VGA_CRTC - 0x10:
        vga->regs.crtc_index = value;
        break;
    case VGA_CRTC - 0x10 + 1:
        vga_crtc_write(vga, value);
        break;
    case VGA_FEATURE_WRITE - 0x10:
        vga->regs.feature = value & FEATURE_BITS;
        break;
    }
}

uint8_t vga_port_read(struct vga *vga, uint32_t offset)
{
    const struct vga_registers *regs = &vga->regs;

    if (offset >= 0x10)
        return at_3d(vga) ? crtc_port_read(vga, offset - 0x10) : 0xff;
    switch (offset) {
    case VGA_ATTRIBUTE:
        return regs->attribute_index;
    case VGA_ATTRIBUTE_DATA:
        return vga_attribute_read(vga);
    case VGA_INPUT_STATUS_0:
        return 0;
    case VGA_SUBSYSTEM_ENABLE:
        return regs->subsystem;
    case VGA_SEQUENCER:
        return regs->sequencer_index;
    case VGA_SEQUENCER + 1:
        return vga_sequencer_read(vga);
    case VGA_PEL_MASK:
    case VGA_DAC_STATE:
    case VGA_PEL_WRITE:
    case VGA_PEL_DATA:
        return vga_dac_read(vga, offset);
    case VGA_FEATURE_READ:
        return regs->feature;
    case VGA_MISC_READ:
        return regs->misc;
    case VGA_GRAPHICS:
        return regs->graphics_index;
    case VGA_GRAPHICS + 1:
        return vga_graphics_read(vga);
    default:
        return 0xff;
    }
}

static void general_write(struct vga *vga, uint32_t offset, uint8_t value)
{
    struct vga_registers *regs = &vga->regs;

    switch (offset) {
    case VGA_ATTRIBUTE:
        vga_attribute_write(vga, value);
        break;
    case VGA_MISC_WRITE:
        regs->misc = value & 0xef;
        break;
    case VGA_SUBSYSTEM_ENABLE:
        regs->subsystem = value & 1;
        break;
    case VGA_SEQUENCER:
        regs->sequencer_index = value & 0x07;
        break;
    case VGA_SEQUENCER + 1:
        vga_sequencer_write(vga, value);
        break;
    case VGA_PEL_MASK:
    case VGA_PEL_READ:
    case VGA_PEL_WRITE:
    case VGA_PEL_DATA:
        vga_dac_write(vga, offset, value);
        break;
    case VGA_GRAPHICS:
        regs->graphics_index = value & 0x0f;
        break;
    case VGA_GRAPHICS + 1:
        vga_graphics_write(vga, value);
        break;
    }
}

void vga_port_write(struct vga *vga, uint32_t offset, uint8_t value)
{
    if (offset < 0x10)
        general_write(vga, offset, value);
    else if (at_3d(vga))
        crtc_port_write(vga, offset - 0x10, value);
    vga_view_update(vga);
}

static uint32_t ports_read(void *dev, uint32_t offset, unsigned int size)
{
    (void)size;
    return vga_port_read(dev, offset);
}

static void ports_write(void *dev, uint32_t offset, unsigned int size, uint32_t value)
{
    (void)size;
    vga_port_write(dev, offset, value);
}

const struct io_ops vga_ports_ops = { .read = ports_read, .write = ports_write, .sizes = IO_BYTE };

static uint32_t mono_read(void *dev, uint32_t offset, unsigned int size)
{
    (void)size;
    return at_3d(dev) ? 0xff : crtc_port_read(dev, offset);
}

static void mono_write(void *dev, uint32_t offset, unsigned int size, uint32_t value)
{
    (void)size;
    if (!at_3d(dev))
        crtc_port_write(dev, offset, value);
    vga_view_update(dev);
}

const struct io_ops vga_mono_ports_ops = { .read = mono_read, .write = mono_write, .sizes = IO_BYTE };
