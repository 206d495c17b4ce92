/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "devices/net/e1000.h"

static const struct pci_register map[] = {
    { PCI_VENDOR_ID,       4, .reset = 0x100e8086 },
    { PCI_COMMAND,         2, .writable = 0x0157 },
    { PCI_STATUS,          2, .reset = 0x0220, .clear = 0xf900 },
    { PCI_REVISION_ID,     1, .reset = 0x02 },
    { PCI_CLASS_CODE,      3, .reset = 0x020000 },      /* Ethernet controller */
    { PCI_CACHE_LINE_SIZE, 1, .writable = 0xff },
    { PCI_LATENCY_TIMER,   1, .writable = 0xff },
    { PCI_BASE_ADDRESS(0), 4, .writable = ~(E1000_REGISTERS_LENGTH - 1) },
    { PCI_BASE_ADDRESS(2), 4, .reset = PCI_BASE_IO, .writable = ~(E1000_PORTS_LENGTH - 1) },
    { PCI_SUBSYSTEM_ID,    4, .reset = 0x001e8086 },    /* PRO/1000 MT Desktop Adapter */
    { PCI_INTERRUPT_LINE,  1, .writable = 0xff },
    { PCI_INTERRUPT_PIN,   1, .reset = 1 },
    { PCI_MIN_GNT,         1, .reset = 0xff },
    { PCI_ROM_ADDRESS,     4, .writable = ~(NIC_ROM_BYTES - 1) | PCI_ROM_ENABLE },  /* last: not on every card */
};

static void allow_master(struct bus_master *master, bool allowed)
{
    (void)master, (void)allowed;
}

static uint32_t register_read(void *dev, uint32_t offset, unsigned int size)
{
    (void)dev, (void)offset, (void)size;
    return 0;
}

static void register_write(void *dev, uint32_t offset, unsigned int size, uint32_t value)
{
    (void)dev, (void)offset, (void)size, (void)value;
}

const struct io_ops e1000_register_ops = { .read = register_read, .write = register_write, .sizes = IO_DWORD };
const struct io_ops e1000_port_ops = { .read = register_read, .write = register_write, .sizes = IO_DWORD };

void e1000_init(struct e1000 *chip, uint8_t devfn, const struct nic_wiring *wiring)
{
    struct pci_function *function = &chip->card.function;

    *chip = (struct e1000){ .wiring = *wiring, .master.allow = allow_master };
    pci_card_init(&chip->card, devfn, map, sizeof(map) / sizeof(map[0]) - !wiring->rom, &chip->master);
    function->bars[0].window = wiring->registers;
    function->bars[2].window = wiring->ports;
    function->bars[PCI_BAR_ROM].window = wiring->rom;
    pci_card_reset(&chip->card);
}
