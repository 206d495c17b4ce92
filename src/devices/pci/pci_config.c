/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "devices/pci/pci_config.h"
#include "lib/log.h"

void pci_bus_init(struct pci_bus *bus, struct pci_function *const *functions, unsigned int count)
{
    *bus = (struct pci_bus) { .reset_control = NULL };
    for (unsigned int i = 0; i < count; i++) {
        struct pci_function **slot = &bus->functions[functions[i]->devfn];

        if (*slot)
            panic("two PCI functions at devfn 0x%02x", functions[i]->devfn);
        *slot = functions[i];
    }
    pci_bus_reset(bus);
}

void pci_bus_reset(struct pci_bus *bus)
{
    bus->registers = (struct pci_bus_registers) { .confadd = 0 };
}

/* The function that CONFADD selects; NULL when it selects none: a cycle that nobody claims. */
static struct pci_function *selected(const struct pci_bus *bus)
{
    uint32_t confadd = bus->registers.confadd;

    if (!(confadd & CONFADD_ENABLE) || (confadd >> 16 & 0xff) != 0)
        return NULL;
    return bus->functions[confadd >> 8 & 0xff];
}

/* Port 0cfch + lane.  Software gives the low two bits of a register's number by the port; some gives them in CONFADD,
 * too, or there alone. */
static unsigned int register_at(const struct pci_bus *bus, uint32_t lane)
{
    return (bus->registers.confadd & 0xff) | bus->registers.low_bits | lane;
}

/* Ports 0cfch + lane to 0cffh. */
static uint32_t read_confdata(const struct pci_bus *bus, uint32_t lane, unsigned int size)
{
    struct pci_function *function = selected(bus);

    return function ? pci_function_read(function, register_at(bus, lane), size) : ~0u;
}

static void write_confdata(const struct pci_bus *bus, uint32_t lane, unsigned int size, uint32_t value)
{
    struct pci_function *function = selected(bus);

    if (function)
        pci_function_write(function, register_at(bus, lane), size, value);
}

/* The reset control register takes byte accesses only, so that none to CONFADD can reach it. */
static const struct io_region *reset_control(const struct pci_bus *bus, uint32_t offset, unsigned int size)
{
    return offset == PCI_RESET_CONTROL && size == IO_BYTE ? bus->reset_control : NULL;
}

/*
 * How many of the bytes belong to the low four ports, where nobody answers what is neither CONFADD's nor
 * reset control's.  The claim is all eight ports, so an unaligned access may arrive here that lies across
 * both dwords; on the bus it is two cycles.
 */
static unsigned int bytes_below_confdata(uint32_t offset, unsigned int size)
{
    if (offset >= PCI_CONFDATA)
        return 0;
    return size < PCI_CONFDATA - offset ? size : PCI_CONFDATA - offset;
}

static uint32_t pci_config_read(void *dev, uint32_t offset, unsigned int size)
{
    const struct pci_bus *bus = dev;
    const struct io_region *reset = reset_control(bus, offset, size);
    unsigned int low = bytes_below_confdata(offset, size);

    if (offset == PCI_CONFADD && size == IO_DWORD)
        return bus->registers.confadd;
    if (reset)
        return reset->ops->read(reset->dev, 0, IO_BYTE);
    if (low == size)
        return ~0u;
    return read_confdata(bus, offset + low - PCI_CONFDATA, size - low) << 8 * low | ((1u << 8 * low) - 1);
}

static void pci_config_write(void *dev, uint32_t offset, unsigned int size, uint32_t value)
{
    struct pci_bus *bus = dev;
    const struct io_region *reset = reset_control(bus, offset, size);
    unsigned int low = bytes_below_confdata(offset, size);

    if (offset == PCI_CONFADD && size == IO_DWORD)
        bus->registers = (struct pci_bus_registers) { value & CONFADD_IMPLEMENTED, value & CONFADD_LOW_BITS };
    else if (reset)
        reset->ops->write(reset->dev, 0, IO_BYTE, value);
    else if (low < size)
        write_confdata(bus, offset + low - PCI_CONFDATA, size - low, value >> 8 * low);
}

const struct io_ops pci_config_ops = {
    .read = pci_config_read, .write = pci_config_write, .sizes = IO_BYTE | IO_WORD | IO_DWORD,
};
