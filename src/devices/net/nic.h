/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What every network chip is wired to.  All of it is there before the chip is, and outlives it. */
#ifndef REFLEX_DEVICES_NET_NIC_H
#define REFLEX_DEVICES_NET_NIC_H

#include "backends/clock.h"
#include "backends/guest_memory.h"
#include "backends/irq_line.h"
#include "backends/net.h"
#include "backends/pci_window.h"

struct nic_wiring {
    struct net_backend *backend;            /* the chip becomes its listener */
    struct irq_line *irq;
    struct guest_memory *memory;
    struct pci_window *registers;           /* the register block in memory, */
    struct pci_window *ports;               /* and that at ports */
    struct pci_window *rom;                 /* NIC_ROM_BYTES; NULL: the card has none, and no base address for it */
    struct clock *clock;                    /* NULL: time stands still */
};

#define NIC_ROM_BYTES (256u << 10)          /* of addresses, for the expansion ROM of any card */

#endif
