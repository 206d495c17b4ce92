/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Where the ISA bridge sends the PCI bus's interrupt wires. */
#ifndef REFLEX_BACKENDS_PCI_LINK_H
#define REFLEX_BACKENDS_PCI_LINK_H

#define PCI_LINKS 4

/* route: the guest has given a link (0 to 3: PIRQA# to PIRQD#) another ISA interrupt (3 to 15), or has
 * disconnected it (0).  All links are disconnected at first. */
struct pci_link {
    void (*route)(struct pci_link *router, unsigned int link, unsigned int irq);
};

#endif
