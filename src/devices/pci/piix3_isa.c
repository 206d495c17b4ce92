/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "devices/pci/piix3_isa.h"
#include "devices/pci/piix3_regs.h"

static const struct pci_register map[] = {
    { PCI_VENDOR_ID,   4, .reset = PIIX3_ISA_VID_DID },
    { PCI_COMMAND,     2, .reset = 0x0007, .writable = 0x0108 },    /* decode and mastering are always on */
    { PCI_STATUS,      2, .reset = 0x0280, .clear = 0x7800 },
    { PCI_CLASS_CODE,  3, .reset = 0x060100 },
    { PCI_HEADER_TYPE, 1, .reset = PCI_MULTI_FUNCTION },
    { PIIX3_IORT,      1, .reset = 0x4d, .writable = 0xff },
    { PIIX3_XBCS,      2, .reset = 0x0003, .writable = 0x01ff },
    { PIIX3_PIRQRC,    4, .reset = 0x80808080, .writable = 0x8f8f8f8f },
    { PIIX3_TOM,       1, .reset = 0x02, .writable = 0xfe },
    { PIIX3_MSTAT,     2, .writable = 0x00c1, .clear = 0x8000 },
    { PIIX3_MBIRQ0,    1, .reset = 0x80, .writable = 0xef },
    { PIIX3_MBDMA,     2, .reset = 0x0404, .writable = 0x8787 },
    { PIIX3_PCSC,      2, .reset = 0x0002, .writable = 0xffff },
    { PIIX3_APICBASE,  1, .writable = 0x7f },
    { PIIX3_DLC,       1, .writable = 0x0f },
    { PIIX3_SMICNTL,   1, .reset = 0x08, .writable = 0x1f },
    { PIIX3_SMIEN,     2, .writable = 0x01ff },
    { PIIX3_SEE,       4, .writable = 0xeffffffb },
    { PIIX3_FTMR,      1, .reset = 0x0f, .writable = 0xff },
    { PIIX3_CTLTMR,    1, .writable = 0xff },
    { PIIX3_CTHTMR,    1, .writable = 0xff },
};

/* PIRQRC reserves the interrupts of the timer, keyboard, cascade, clock and coprocessor. */
#define RESERVED_IRQS (1u << 0 | 1u << 1 | 1u << 2 | 1u << 8 | 1u << 13)

static unsigned int routed_irq(uint8_t pirqrc)
{
    unsigned int irq = pirqrc & PIRQRC_IRQ;

    return (pirqrc & PIRQRC_DISABLE) || (RESERVED_IRQS >> irq & 1) ? 0 : irq;
}

static void update_links(struct pci_function *function)
{
    struct piix3_isa *isa = (struct piix3_isa *)function;

    for (unsigned int link = 0; link < PCI_LINKS; link++) {
        unsigned int irq = routed_irq(function->registers.config[PIIX3_PIRQRC + link]);

        if (isa->routed[link] != irq) {
            isa->routed[link] = irq;
            isa->router->route(isa->router, link, irq);
        }
    }
}

void piix3_isa_init(struct piix3_isa *isa, uint8_t devfn, struct pci_link *router)
{
    *isa = (struct piix3_isa) { .router = router };
    pci_function_init(&isa->function, devfn, map, sizeof(map) / sizeof(map[0]), update_links);
    piix3_isa_reset(isa);
}

void piix3_isa_reset(struct piix3_isa *isa)
{
    pci_function_reset(&isa->function);
}
