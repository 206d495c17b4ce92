/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * 82371SB function 0, the PCI to ISA bridge: configuration space and the routing of PCI interrupts.
 *
 * Only PIRQRC acts.  The interrupt controllers with ELCR, the timer and the I/O APIC that the datasheet puts
 * in this chip are Xen's and stay where they are (so APICBASE reads back and moves nothing); there is no SMM,
 * and the ISA bus has no cycles to stretch.  The USB function does not exist: MSTAT cannot enable it.
 */
#ifndef REFLEX_DEVICES_PIIX3_ISA_H
#define REFLEX_DEVICES_PIIX3_ISA_H

#include "backends/pci_link.h"
#include "devices/pci/pci_function.h"

struct piix3_isa {
    struct pci_function function;           /* first: the function's callback finds the chip by it */
    /* wiring */
    struct pci_link *router;
    uint8_t routed[PCI_LINKS];              /* what the router was last told */
};

/* devfn: function 0 of the device that the board makes PIIX3. */
void piix3_isa_init(struct piix3_isa *isa, uint8_t devfn, struct pci_link *router);
void piix3_isa_reset(struct piix3_isa *isa);

#endif
