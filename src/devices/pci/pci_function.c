/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "devices/pci/pci_function.h"

void pci_decode_update(struct pci_decode *decode, bool enabled, uint32_t base)
{
    if (!enabled)
        base = 0;
    if (decode->enabled == enabled && decode->base == base)
        return;
    decode->enabled = enabled;
    decode->base = base;
    if (decode->window)
        decode->window->moved(decode->window, enabled, base);
}

static const struct pci_register *find_register(const struct pci_function *function, unsigned int offset)
{
    for (unsigned int i = 0; i < function->map_length; i++) {
        const struct pci_register *reg = &function->map[i];

        if (offset >= reg->offset && offset < (unsigned int)reg->offset + reg->size)
            return reg;
    }
    return NULL;
}

bool pci_function_commands(const struct pci_function *function, uint16_t mask)
{
    return (pci_function_read(function, PCI_COMMAND, 2) & mask) == mask;
}

/* Which part of a base address register is no address, and what makes it decode (6.2.5). */
struct bar_kind {
    uint32_t flags, last;                   /* last: the highest address of the space */
    uint16_t command;
    uint32_t enable;                        /* a bit of the register itself that must be set too */
};

static const struct bar_kind *bar_kind(unsigned int bar, uint32_t value)
{
    static const struct bar_kind io = { PCI_BASE_IO_FLAGS, 0xffff, PCI_COMMAND_IO, 0 };
    static const struct bar_kind memory = { PCI_BASE_MEMORY_FLAGS, 0xffffffff, PCI_COMMAND_MEMORY, 0 };
    static const struct bar_kind rom = { PCI_ROM_FLAGS, 0xffffffff, PCI_COMMAND_MEMORY, PCI_ROM_ENABLE };

    if (bar == PCI_BAR_ROM)
        return &rom;
    return value & PCI_BASE_IO ? &io : &memory;
}

/* The length of a window is the lowest address bit that can be written. */
static void update_bar(struct pci_function *function, unsigned int bar)
{
    unsigned int offset = bar == PCI_BAR_ROM ? PCI_ROM_ADDRESS : PCI_BASE_ADDRESS(bar);
    const struct pci_register *reg = find_register(function, offset);

    if (!reg)
        return;

    uint32_t value = pci_function_read(function, offset, 4);
    const struct bar_kind *kind = bar_kind(bar, value);
    uint32_t mask = reg->writable & ~kind->flags;
    uint32_t base = value & mask, length = mask & -mask;
    bool placed = base != 0 && base < kind->last - (length - 1);
    bool on = pci_function_commands(function, kind->command) && (value & kind->enable) == kind->enable;

    pci_decode_update(&function->bars[bar], placed && on, base);
}

static void update(struct pci_function *function)
{
    for (unsigned int bar = 0; bar < PCI_BARS; bar++)
        if (function->bars[bar].window)
            update_bar(function, bar);
    if (function->written)
        function->written(function);
}

void pci_function_init(struct pci_function *function, uint8_t devfn, const struct pci_register *map,
                       unsigned int map_length, void (*written)(struct pci_function *function))
{
    *function = (struct pci_function) {
        .devfn = devfn, .map = map, .map_length = map_length, .written = written,
    };
}

void pci_function_reset(struct pci_function *function)
{
    function->registers = (struct pci_function_registers) { { 0 } };
    for (unsigned int i = 0; i < function->map_length; i++) {
        const struct pci_register *reg = &function->map[i];

        for (unsigned int byte = 0; byte < reg->size; byte++)
            function->registers.config[reg->offset + byte] = reg->reset >> 8 * byte;
    }
    update(function);
}

uint32_t pci_function_read(const struct pci_function *function, unsigned int offset, unsigned int size)
{
    uint32_t value = 0;

    for (unsigned int i = 0; i < size; i++) {
        uint32_t byte = offset + i < PCI_CONFIG_SIZE ? function->registers.config[offset + i] : 0xff;

        value |= byte << 8 * i;
    }
    return value;
}

static void write_byte(struct pci_function *function, unsigned int offset, uint8_t value)
{
    const struct pci_register *reg = find_register(function, offset);

    if (!reg)
        return;

    unsigned int shift = 8 * (offset - reg->offset);
    uint8_t writable = reg->writable >> shift, clear = reg->clear >> shift;
    uint8_t *byte = &function->registers.config[offset];

    *byte = ((*byte & ~writable) | (value & writable)) & ~(value & clear);
}

void pci_function_write(struct pci_function *function, unsigned int offset, unsigned int size, uint32_t value)
{
    for (unsigned int i = 0; i < size; i++)
        write_byte(function, offset + i, value >> 8 * i);
    update(function);
}

static uint32_t ops_read(void *dev, uint32_t offset, unsigned int size)
{
    return pci_function_read(dev, offset, size);
}

static void ops_write(void *dev, uint32_t offset, unsigned int size, uint32_t value)
{
    pci_function_write(dev, offset, size, value);
}

const struct io_ops pci_function_ops = {
    .read = ops_read, .write = ops_write, .sizes = IO_BYTE | IO_WORD | IO_DWORD,
};
