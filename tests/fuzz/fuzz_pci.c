/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Configuration mechanism 1 with all functions behind it: any accesses to the eight ports, one for every 6 bytes of
 * input.  After each, what no guest can change must be as it was, and every window must be where its function says.
 */
#include "check.h"
#include "input.h"
#include "support.h"
#include "pci_machine.h"

#include "devices/pci/piix3_regs.h"

/* Of every present function, in the order of the list below. */
struct fixed {
    uint8_t devfn;
    uint32_t id, class_and_revision;
};

static void check_fixed(const struct pci_machine *m)
{
    static const struct fixed functions[] = {
        { HOST_DEVFN, 0x12378086, 0x06000002 },
        { ISA_DEVFN,  0x70008086, 0x06010000 },
        { IDE_DEVFN,  0x70108086, 0x01018000 },
        { PM_DEVFN,   0x71138086, 0x06800003 },
    };

    for (unsigned int i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
        const struct pci_function *function = m->bus.functions[functions[i].devfn];

        CHECK(pci_function_read(function, PCI_VENDOR_ID, 4) == functions[i].id);
        CHECK(pci_function_read(function, PCI_REVISION_ID, 4) == functions[i].class_and_revision);
    }
}

static void check_window(const struct recorded_window *window, bool enabled, uint32_t base)
{
    CHECK(window->enabled == enabled);
    CHECK(window->base == (enabled ? base : 0));
}

static void check_windows(const struct pci_machine *m)
{
    const struct pci_function *ide = &m->ide.function;
    bool io = pci_function_commands(ide, PCI_COMMAND_IO);
    uint32_t base = pci_function_read(ide, PIIX3_BMIBA, 4) & 0xfff0;

    check_window(&m->bus_master, io && base && base != 0xfff0, base);
    check_window(&m->primary, io && (pci_function_read(ide, PIIX3_IDETIM, 2) & IDETIM_IDE), PIIX3_IDE_PRIMARY);
    check_window(&m->secondary, io && (pci_function_read(ide, PIIX3_IDETIM + 2, 2) & IDETIM_IDE), PIIX3_IDE_SECONDARY);
}

static void check_links(const struct pci_machine *m)
{
    for (unsigned int link = 0; link < PCI_LINKS; link++) {
        uint8_t route = pci_function_read(&m->isa.function, PIIX3_PIRQRC + link, 1);
        unsigned int irq = m->router.irq[link];

        CHECK(irq == 0 || irq == (route & PIRQRC_IRQ));
        CHECK(irq == 0 || !(route & PIRQRC_DISABLE));
        CHECK(irq != 1 && irq != 2 && irq != 8 && irq != 13);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct input input = { bytes, length };
    struct pci_machine m;

    pci_machine_init(&m);
    while (input.left) {
        uint8_t how = take_u8(&input);
        unsigned int width = 1u << how % 3;
        uint16_t port = 0xcf8 + take_u8(&input) % (9 - width);
        uint32_t value = take_u32(&input);

        if (how & 0x80)
            port_in(&m.bus, port, width);
        else
            port_out(&m.bus, port, width, value);
        CHECK((port_in(&m.bus, 0xcf8, 4) & ~0x80fffffcu) == 0);
        check_fixed(&m);
        check_windows(&m);
        check_links(&m);
    }
    return 0;
}
