/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * PCI bus 0 as the processor reaches it: configuration mechanism 1, ports 0cf8h to 0cffh
 * (PCI Local Bus Specification 2.1, 3.7.4.1; 82441FX, order number 290549, registers CONFADD and CONFDATA).
 *
 * One difference: the chip has no use for the two low bits that are written to CONFADD, and the port alone gives the
 * byte.  Here they count for it as well, as in QEMU, on which there is software that leaves them set (its own test
 * suites, for one).  Whoever gives them by the port, as hardware wants it, gets the same register either way.
 */
#ifndef REFLEX_DEVICES_PCI_CONFIG_H
#define REFLEX_DEVICES_PCI_CONFIG_H

#include <stdint.h>

#include "backends/io.h"
#include "backends/state.h"
#include "devices/pci/pci_function.h"

struct pci_bus {
    /* wiring */
    struct pci_function *functions[256];    /* by device and function number; NULL: nothing there */
    const struct io_region *reset_control;  /* a register of one byte, read and written at its
                                               offset 0 for byte accesses to port 0cf9h; NULL: none */
    /* registers */
    struct pci_bus_registers {
        uint32_t confadd;
        uint8_t low_bits;                   /* as written; they read as 0 */
    } registers;
};

/* Puts `count` functions on the bus, each at its own devfn (two at one place are the board's mistake:
 * panic).  The functions stay the caller's.  There is no reset control register until the board sets one. */
void pci_bus_init(struct pci_bus *bus, struct pci_function *const *functions, unsigned int count);

/* RST# for mechanism 1 itself; the functions have their own resets. */
void pci_bus_reset(struct pci_bus *bus);

/* The eight ports; dev is the struct pci_bus. */
extern const struct io_ops pci_config_ops;
extern const struct state_map pci_bus_state, pci_function_state;

#endif
