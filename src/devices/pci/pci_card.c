/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "devices/pci/pci_card.h"

static void written(struct pci_function *function)
{
    struct pci_card *card = (struct pci_card *)function;
    bool allowed = pci_function_commands(function, PCI_COMMAND_MASTER);

    if (allowed == card->allowed)
        return;
    card->allowed = allowed;
    card->master->allow(card->master, allowed);
}

void pci_card_init(struct pci_card *card, uint8_t devfn, const struct pci_register *map, unsigned int map_length,
                   struct bus_master *master)
{
    *card = (struct pci_card){ .master = master };
    pci_function_init(&card->function, devfn, map, map_length, written);
}

void pci_card_reset(struct pci_card *card)
{
    pci_function_reset(&card->function);
}
