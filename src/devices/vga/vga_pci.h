/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The VGA as a PCI function, with the numbers of QEMU's stdvga, by which drivers know it.  Revision 1: without the byte
 * order register that QEMU's revision 2 stands for.
 *
 * Base address 0 is the memory, 2 the registers as memory, and there is an expansion ROM.  The memory has to be
 * somewhere: while the function does not decode it, it stays where it was last, and can be seen there.
 */
#ifndef REFLEX_DEVICES_VGA_PCI_H
#define REFLEX_DEVICES_VGA_PCI_H

#include "devices/pci/pci_function.h"
#include "devices/vga/vga.h"

#define VGA_PCI_ID              0x11111234u /* first register of configuration space */
#define VGA_PCI_MONO_PORTS      0x3b0       /* and VGA_PCI_PORTS, in one window */
#define VGA_PCI_PORTS           0x3c0
#define VGA_PCI_DISPI_PORTS     0x1ce
#define VGA_PCI_ROM_BYTES       0x10000u

/* Windows that the board places; each may be NULL. */
struct vga_pci_windows {
    struct pci_window *ports, *dispi;       /* at VGA_PCI_MONO_PORTS and VGA_PCI_DISPI_PORTS */
    struct pci_window *legacy;              /* addresses, at VIDEO_WINDOW */
    struct pci_window *mmio;                /* VGA_MMIO_BYTES */
    struct pci_window *rom;                 /* VGA_PCI_ROM_BYTES */
};

struct vga_pci {
    struct pci_function function;           /* first: the function's callback finds the card by it */
    /* wiring */
    struct vga *vga;
    struct pci_window aperture;
    struct pci_decode ports, dispi, legacy;
};

/* devfn: where the board puts it.  vga: a chip that is initialised. */
void vga_pci_init(struct vga_pci *card, uint8_t devfn, struct vga *vga, const struct vga_pci_windows *windows);
void vga_pci_reset(struct vga_pci *card);

#endif
