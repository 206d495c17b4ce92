/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "devices/pci/piix3_ide.h"
#include "devices/pci/piix3_regs.h"

static const struct pci_register map[] = {
    { PCI_VENDOR_ID,     4, .reset = PIIX3_IDE_VID_DID },
    { PCI_COMMAND,       2, .writable = PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER },
    { PCI_STATUS,        2, .reset = 0x0280, .clear = 0x3800 },
    { PCI_CLASS_CODE,    3, .reset = 0x010180 },    /* IDE, bus master, both channels fixed in legacy mode */
    { PCI_LATENCY_TIMER, 1, .writable = 0xf0 },
    { PIIX3_BMIBA,       4, .reset = PCI_BASE_IO, .writable = 0x0000fff0 },
    { PIIX3_IDETIM,      2, .writable = 0xf3ff },
    { PIIX3_IDETIM + 2,  2, .writable = 0xf3ff },
    { PIIX3_SIDETIM,     1, .writable = 0xff },
};

static void update_channels(struct piix3_ide *ide)
{
    static const uint16_t base[PIIX3_IDE_CHANNELS] = { PIIX3_IDE_PRIMARY, PIIX3_IDE_SECONDARY };
    bool io = pci_function_commands(&ide->function, PCI_COMMAND_IO);

    for (unsigned int i = 0; i < PIIX3_IDE_CHANNELS; i++) {
        bool decoded = pci_function_read(&ide->function, PIIX3_IDETIM + 2 * i, 2) & IDETIM_IDE;

        pci_decode_update(&ide->channels[i], io && decoded, base[i]);
    }
}

static void update_master(struct piix3_ide *ide)
{
    bool allowed = pci_function_commands(&ide->function, PCI_COMMAND_MASTER);

    if (allowed == ide->allowed)
        return;
    ide->allowed = allowed;
    if (ide->master)
        ide->master->allow(ide->master, allowed);
}

static void written(struct pci_function *function)
{
    struct piix3_ide *ide = (struct piix3_ide *)function;

    update_channels(ide);
    update_master(ide);
}

void piix3_ide_init(struct piix3_ide *ide, uint8_t devfn, struct bus_master *master, struct pci_window *bus_master,
                    struct pci_window *primary, struct pci_window *secondary)
{
    *ide = (struct piix3_ide) { .channels = { { .window = primary }, { .window = secondary } }, .master = master };
    pci_function_init(&ide->function, devfn, map, sizeof(map) / sizeof(map[0]), written);
    ide->function.bars[4].window = bus_master;
    piix3_ide_reset(ide);
}

void piix3_ide_reset(struct piix3_ide *ide)
{
    pci_function_reset(&ide->function);
}
