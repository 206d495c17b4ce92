/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A PCI function that masters the bus, as cards are: the command register's permission reaches the chip. */
#ifndef REFLEX_DEVICES_PCI_CARD_H
#define REFLEX_DEVICES_PCI_CARD_H

#include "backends/bus_master.h"
#include "devices/pci/pci_function.h"

struct pci_card {
    struct pci_function function;           /* first: the function's callback finds the card by it */
    /* wiring */
    struct bus_master *master;
    bool allowed;                           /* what it was last told */
};

/* As pci_function_init(): the caller connects its windows and then resets.  The map has a PCI_COMMAND. */
void pci_card_init(struct pci_card *card, uint8_t devfn, const struct pci_register *map, unsigned int map_length,
                   struct bus_master *master);
void pci_card_reset(struct pci_card *card);

#endif
