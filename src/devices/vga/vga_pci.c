/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "devices/vga/vga_pci.h"

#define VGA_SUBSYSTEM           0x11001af4u
#define PREFETCHABLE            0x00000008u

static const struct pci_register map[] = {
    { PCI_VENDOR_ID,       4, .reset = VGA_PCI_ID },
    { PCI_COMMAND,         2, .writable = PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER },
    { PCI_REVISION_ID,     1, .reset = 0x01 },
    { PCI_CLASS_CODE,      3, .reset = 0x030000 },      /* VGA compatible controller */
    { PCI_BASE_ADDRESS(0), 4, .reset = PREFETCHABLE, .writable = ~(VGA_MEMORY_BYTES - 1) },
    { PCI_BASE_ADDRESS(2), 4, .writable = ~(VGA_MMIO_BYTES - 1) },
    { PCI_SUBSYSTEM_ID,    4, .reset = VGA_SUBSYSTEM },
    { PCI_ROM_ADDRESS,     4, .writable = ~(VGA_PCI_ROM_BYTES - 1) | PCI_ROM_ENABLE },
};

static void aperture_moved(struct pci_window *window, bool enabled, uint32_t base)
{
    struct vga_pci *card = (struct vga_pci *)((uint8_t *)window - offsetof(struct vga_pci, aperture));

    if (!enabled)
        return;
    card->vga->memory->ops->move(card->vga->memory, base);
    vga_memory_moved(card->vga);
}

static void written(struct pci_function *function)
{
    struct vga_pci *card = (struct vga_pci *)function;
    bool io = pci_function_commands(function, PCI_COMMAND_IO);
    bool memory = pci_function_commands(function, PCI_COMMAND_MEMORY);

    pci_decode_update(&card->ports, io, VGA_PCI_MONO_PORTS);
    pci_decode_update(&card->dispi, io, VGA_PCI_DISPI_PORTS);
    pci_decode_update(&card->legacy, memory, VIDEO_WINDOW);
    if (memory != card->vga->decodes_memory)
        vga_decode_memory(card->vga, memory);
}

void vga_pci_init(struct vga_pci *card, uint8_t devfn, struct vga *vga, const struct vga_pci_windows *windows)
{
    *card = (struct vga_pci) {
        .vga = vga, .aperture.moved = aperture_moved, .ports.window = windows->ports, .dispi.window = windows->dispi,
        .legacy.window = windows->legacy,
    };
    pci_function_init(&card->function, devfn, map, sizeof(map) / sizeof(map[0]), written);
    card->function.bars[0].window = &card->aperture;
    card->function.bars[2].window = windows->mmio;
    card->function.bars[PCI_BAR_ROM].window = windows->rom;
    vga_pci_reset(card);
}

void vga_pci_reset(struct vga_pci *card)
{
    pci_function_reset(&card->function);
}
