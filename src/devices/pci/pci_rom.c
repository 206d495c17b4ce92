/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "devices/pci/pci_rom.h"

static uint32_t rom_read(void *dev, uint32_t offset, unsigned int size)
{
    const struct pci_rom *rom = dev;
    uint32_t value = 0;

    for (unsigned int i = 0; i < size; i++)
        value |= (uint32_t)(offset + i < rom->length ? rom->image[offset + i] : 0xff) << 8 * i;
    return value;
}

static void rom_write(void *dev, uint32_t offset, unsigned int size, uint32_t value)
{
    (void)dev, (void)offset, (void)size, (void)value;
}

const struct io_ops pci_rom_ops = { .read = rom_read, .write = rom_write, .sizes = IO_BYTE | IO_WORD | IO_DWORD };
