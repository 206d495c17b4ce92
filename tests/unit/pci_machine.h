/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A PCI bus as the board makes it, and the processor's instructions that reach it. */
#ifndef REFLEX_TESTS_PCI_MACHINE_H
#define REFLEX_TESTS_PCI_MACHINE_H

#include "backends/pci_link.h"
#include "backends/pci_window.h"
#include "devices/pci/i440fx.h"
#include "devices/pci/pci_config.h"
#include "devices/pci/piix3_ide.h"
#include "devices/pci/piix3_isa.h"
#include "devices/pci/piix4_pm.h"

struct recorded_window {
    struct pci_window window;
    bool enabled;
    uint32_t base;
    unsigned int calls;
};
void recorded_window_init(struct recorded_window *window);

struct recorded_router {
    struct pci_link link;
    unsigned int irq[PCI_LINKS];
    unsigned int calls;
};
void recorded_router_init(struct recorded_router *router);

#define HOST_DEVFN  PCI_DEVFN(0, 0)
#define ISA_DEVFN   PCI_DEVFN(1, 0)
#define IDE_DEVFN   PCI_DEVFN(1, 1)
#define PM_DEVFN    PCI_DEVFN(1, 3)

struct pci_machine {
    struct pci_bus bus;
    struct i440fx host;
    struct piix3_isa isa;
    struct piix3_ide ide;
    struct piix4_pm pm;
    struct recorded_router router;
    struct recorded_window bus_master, primary, secondary;
};
void pci_machine_init(struct pci_machine *machine);

/* IN and OUT of 1, 2 or 4 bytes at ports 0cf8h to 0cffh. */
uint32_t port_in(struct pci_bus *bus, uint16_t port, unsigned int size);
void port_out(struct pci_bus *bus, uint16_t port, unsigned int size, uint32_t value);

/* A configuration cycle by way of the ports, on bus 0. */
uint32_t config_read(struct pci_bus *bus, uint8_t devfn, uint8_t reg, unsigned int size);
void config_write(struct pci_bus *bus, uint8_t devfn, uint8_t reg, unsigned int size, uint32_t value);

#endif
