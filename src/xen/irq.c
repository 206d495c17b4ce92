/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "xen/irq.h"

/* ---- ISA ---------------------------------------------------------------------------------------------------- */

static bool others_high(const struct isa_line *isa)
{
    for (const struct isa_line *other = isa->next; other != isa; other = other->next)
        if (other->high)
            return true;
    return false;
}

static void isa_line_set(struct irq_line *line, bool high)
{
    struct isa_line *isa = (struct isa_line *)line;

    if (isa->high == high)
        return;
    isa->high = high;
    if (others_high(isa))
        return;
    if (high)
        shadow_publish(isa->shadows);       /* another vCPU may take the interrupt before this entry ends */
    reflect_isa_irq(isa->irq, high);
}

void isa_line_init(struct isa_line *isa, unsigned int irq, struct shadow_table *shadows)
{
    *isa = (struct isa_line){ .line.set = isa_line_set, .irq = irq, .next = isa, .shadows = shadows };
}

void isa_line_share(struct isa_line *isa, struct isa_line *other)
{
    struct isa_line *next = isa->next;

    isa->next = other->next;
    other->next = next;
}

/* ---- PCI ---------------------------------------------------------------------------------------------------- */

static void intx_line_set(struct irq_line *line, bool high)
{
    struct intx_line *intx = (struct intx_line *)line;

    if (intx->high == high)
        return;
    intx->high = high;
    if (high)
        shadow_publish(intx->shadows);
    reflect_intx(intx->device, intx->pin - 1, high);
}

void intx_line_init(struct intx_line *intx, unsigned int device, unsigned int pin, struct shadow_table *shadows)
{
    *intx = (struct intx_line){ .line.set = intx_line_set, .device = device, .pin = pin, .shadows = shadows };
}

static void link_route(struct pci_link *router, unsigned int link, unsigned int irq)
{
    (void)router;
    reflect_link(link, irq);
}

void link_router_init(struct pci_link *router)
{
    router->route = link_route;
}
