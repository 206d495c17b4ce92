/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Interrupt wires into the hypervisor's controllers (PIC and I/O APIC), as struct irq_line: of the ISA bus, and of PCI
 * functions.  Where a PCI wire arrives is arithmetic on its device and pin, which Xen does (an I/O APIC pin of its own,
 * and one of the four links, which struct pci_link routes).
 *
 * Xen drives ISA interrupts 0 (timer), 8 (clock) and 9 (ACPI's SCI) itself.  It keeps one level for each, so that a
 * wire of ours to the same number would fight with its own.
 */
#ifndef REFLEX_XEN_IRQ_H
#define REFLEX_XEN_IRQ_H

#include <stdbool.h>

#include "backends/irq_line.h"
#include "backends/pci_link.h"
#include "backends/state.h"
#include "xen/shadow.h"

/* One chip's end of an ISA interrupt. */
struct isa_line {
    struct irq_line line;
    unsigned int irq;
    bool high;
    struct isa_line *next;                  /* the ends of one wire are a circle */
    struct shadow_table *shadows;
};

/* irq: 1 to 15, but none of Xen's own.  shadows: published before the line rises. */
void isa_line_init(struct isa_line *isa, unsigned int irq, struct shadow_table *shadows);
/* Two chips on one interrupt: it is high while either is.  Each end is shared once. */
void isa_line_share(struct isa_line *isa, struct isa_line *other);
extern const struct state_map isa_line_state;

/* A PCI function's interrupt pin.  No two functions of a device are given the same pin. */
struct intx_line {
    struct irq_line line;
    unsigned int device, pin;
    bool high;
    struct shadow_table *shadows;
};

/* device: 0 to 31 on bus 0; pin: 1 to 4 as in the Interrupt Pin register (INTA# to INTD#). */
void intx_line_init(struct intx_line *intx, unsigned int device, unsigned int pin, struct shadow_table *shadows);

/* Has the hypervisor route the four links. */
void link_router_init(struct pci_link *router);

#endif
