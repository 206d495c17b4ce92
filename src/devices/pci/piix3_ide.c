/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "devices/pci/piix3_ide.h"
#include "devices/pci/piix3_regs.h"

static const struct pci_register map[] = {
    { PCI_VENDOR_ID,     4, .reset = PIIX3_IDE_VID_DID },
    { PCI_COMMAND,       2, .writable = PCI_COMMAND_IO | PCI_COMMAND_MASTER },
    { PCI_STATUS,        2, .reset = 0x0280, .clear = 0x3800 },
    { PCI_CLASS_CODE,    3, .reset = 0x010180 },    /* IDE, bus master, both channels fixed in legacy mode */
    { PCI_LATENCY_TIMER, 1, .writable = 0xf0 },
    { PIIX3_BMIBA,       4, .reset = PCI_BASE_IO, .writable = 0x0000fff0 },
    { PIIX3_IDETIM,      2, .writable = 0xf3ff },
    { PIIX3_IDETIM + 2,  2, .writable = 0xf3ff },
    { PIIX3_SIDETIM,     1, .writable = 0xff },
};

static void update_channels(struct pci_function *function)
{
    static const uint16_t base[PIIX3_IDE_CHANNELS] = { PIIX3_IDE_PRIMARY, PIIX3_IDE_SECONDARY };
    struct piix3_ide *ide = (struct piix3_ide *)function;
    bool io = pci_function_commands(function, PCI_COMMAND_IO);

    for (unsigned int i = 0; i < PIIX3_IDE_CHANNELS; i++) {
        bool decoded = pci_function_read(function, PIIX3_IDETIM + 2 * i, 2) & IDETIM_IDE;

        pci_decode_update(&ide->channels[i], io && decoded, base[i]);
    }
}

void piix3_ide_init(struct piix3_ide *ide, uint8_t devfn, struct pci_window *bus_master,
                    struct pci_window *primary, struct pci_window *secondary)
{
    *ide = (struct piix3_ide) { .channels = { { .window = primary }, { .window = secondary } } };
    pci_function_init(&ide->function, devfn, map, sizeof(map) / sizeof(map[0]), update_channels);
    ide->function.bars[4].window = bus_master;
    piix3_ide_reset(ide);
}

void piix3_ide_reset(struct piix3_ide *ide)
{
    pci_function_reset(&ide->function);
}
