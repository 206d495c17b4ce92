/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* This PC: which chips there are, where their registers lie, and what they are wired to. */
#ifndef REFLEX_BOARD_H
#define REFLEX_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "backends/blk.h"
#include "backends/char.h"
#include "backends/guest_memory.h"
#include "backends/irq_line.h"
#include "backends/pci_link.h"
#include "backends/pci_window.h"
#include "backends/power.h"
#include "devices/acpi_pm.h"
#include "devices/cmos.h"
#include "devices/dma8237.h"
#include "devices/i8042.h"
#include "devices/ide/ide.h"
#include "devices/pci/i440fx.h"
#include "devices/pci/pci_config.h"
#include "devices/pci/piix3_ide.h"
#include "devices/pci/piix3_isa.h"
#include "devices/pci/piix4_pm.h"
#include "devices/reset_ports.h"
#include "devices/uart16550.h"
#include "reflect/dispatch.h"
#include "xen/shadow.h"

#define BOARD_DRIVES 4                      /* primary master, primary slave, secondary master, secondary slave */

/* What the domain's configuration plugs into the board. */
struct board_config {
    struct blk_backend *drives[BOARD_DRIVES];   /* NULL: no drive */
    struct char_backend *serial;                /* NULL: nothing on the serial port */
    struct guest_memory *guest;
    struct power *power;
    unsigned int vcpus;
    uint64_t ram_below_4g, ram_above_4g;        /* bytes */
    enum cmos_boot_device boot[3];
};

/* An interrupt of the ISA bus, in the hypervisor. */
struct isa_line {
    struct irq_line line;
    unsigned int irq;
    bool high;
    struct shadow_table *shadows;
};

/* Ports that a PCI function decodes, and the register blocks that appear there. */
#define BOARD_WINDOW_BLOCKS 2
struct board_window {
    struct pci_window window;
    struct board *board;
    const char *name;
    bool placed;
    uint32_t base;
    struct {
        uint32_t offset, length;
        const struct io_ops *ops;
        void *dev;
    } blocks[BOARD_WINDOW_BLOCKS];
};

/* The IDE function's permission to master the bus: both channels' bus masters. */
struct board_bus_master {
    struct bus_master master;
    struct ide_channel *channels;
};

struct board {
    struct dispatcher dispatcher;
    struct shadow_table shadows;
    struct pci_link link_router;
    struct isa_line serial_irq, ide_irq[2];
    struct board_window ide_window[2], bus_master_window;
    struct board_bus_master bus_master;

    struct i440fx i440fx;
    struct piix3_isa piix3_isa;
    struct piix3_ide piix3_ide;
    struct piix4_pm piix4_pm;
    struct pci_bus pci;
    struct ide_channel ide[2];
    struct uart16550 serial;
    struct cmos cmos;
    struct acpi_pm acpi_pm;
    struct i8042 i8042;
    struct reset_ports reset_ports;
    struct io_region reset_control;
    struct dma8237 dma[2];
    struct dma_pages dma_pages;
};

/* Powers the board on and claims its registers.  What the hypervisor refuses is our mistake: panic. */
void board_init(struct board *board, const struct board_config *config);

#endif
