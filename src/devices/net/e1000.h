/* SPDX-License-Identifier: LGPL-3.0-or-later */
#ifndef REFLEX_DEVICES_NET_E1000_H
#define REFLEX_DEVICES_NET_E1000_H

#include "backends/io.h"
#include "backends/state.h"
#include "devices/net/nic.h"
#include "devices/pci/pci_card.h"

#define E1000_REGISTERS_LENGTH 0x20000u     /* bytes of addresses */
#define E1000_PORTS_LENGTH     64u          /* ports */

struct e1000 {
    struct pci_card card;                   /* the PCI side */
    /* wiring */
    struct nic_wiring wiring;
    struct bus_master master;
};

/* devfn: where the card is plugged in. */
void e1000_init(struct e1000 *chip, uint8_t devfn, const struct nic_wiring *wiring);

/* The two register blocks; dev is the struct e1000. */
extern const struct io_ops e1000_register_ops, e1000_port_ops;

#endif
