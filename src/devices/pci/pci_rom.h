/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A PCI function's expansion ROM (PCI Local Bus Specification 2.1, 6.2.5.2 and 6.3): memory that can only be read, as
 * the register block of the window at the function's ROM base address.
 */
#ifndef REFLEX_DEVICES_PCI_ROM_H
#define REFLEX_DEVICES_PCI_ROM_H

#include <stdint.h>

#include "backends/io.h"

struct pci_rom {
    /* configuration */
    const uint8_t *image;
    uint32_t length;                        /* bytes; the window may be longer, and reads as all-ones behind them */
};

/* dev is the struct pci_rom. */
extern const struct io_ops pci_rom_ops;

/* The image for a device, among `length` bytes of images that follow one another: the one with the IDs that `id` has
 * as the first register of configuration space does.  length 0: there is none. */
struct pci_rom pci_rom_find(const uint8_t *images, uint32_t length, uint32_t id);

#endif
