/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A range of ports or addresses that a PCI function decodes: a base address register's, or a fixed one. */
#ifndef REFLEX_BACKENDS_PCI_WINDOW_H
#define REFLEX_BACKENDS_PCI_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

/*
 * moved: the guest has switched the window on, has switched it off, or has moved it while it was on; never
 * called for anything else.  base: port number or guest-physical address of the first byte, a multiple of
 * the window's length; 0 when not enabled.  A window that moves gets one call, with the new base.
 *
 * The place is the guest's choice: it may be RAM or another chip's registers, and whether the window can be
 * had there is the board's decision.  A window of addresses is placed only strictly inside 0 to the end of
 * its space, so that a register which still holds 0, or the all-ones of a size probe, asks for nothing.
 */
struct pci_window {
    void (*moved)(struct pci_window *window, bool enabled, uint32_t base);
};

#endif
