/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The registers again, as memory: what QEMU's stdvga has at its base address 2, but for the byte order register, so
 * that its drivers find everything without ports.  The monitor's data is nowhere else.
 */
#include "devices/vga/internal.h"

static bool is_port(uint32_t offset)
{
    return offset - VGA_MMIO_PORTS < VGA_PORTS;
}

static bool is_dispi(uint32_t offset)
{
    return offset - VGA_MMIO_DISPI < 2 * DISPI_INDICES;
}

static uint8_t read_byte(struct vga *vga, uint32_t offset)
{
    if (offset < VGA_MMIO_PORTS)
        return offset < EDID_BYTES ? vga_edid[offset] : 0;
    if (is_port(offset))
        return vga_port_read(vga, offset - VGA_MMIO_PORTS);
    if (is_dispi(offset))
        return vga_dispi_read(vga, (offset - VGA_MMIO_DISPI) / 2) >> 8 * (offset & 1);
    return 0xff;
}

static uint32_t mmio_read(void *dev, uint32_t offset, unsigned int size)
{
    uint32_t low = read_byte(dev, offset);

    return size == 1 ? low : low | read_byte(dev, offset + 1) << 8;
}

static void mmio_write(void *dev, uint32_t offset, unsigned int size, uint32_t value)
{
    if (is_dispi(offset)) {
        if (size == 2 && !(offset & 1))
            vga_dispi_write(dev, (offset - VGA_MMIO_DISPI) / 2, value);
        return;
    }
    for (unsigned int i = 0; i < size; i++)
        if (is_port(offset + i))
            vga_port_write(dev, offset + i - VGA_MMIO_PORTS, value >> 8 * i);
}

const struct io_ops vga_mmio_ops = { .read = mmio_read, .write = mmio_write, .sizes = IO_BYTE | IO_WORD };
