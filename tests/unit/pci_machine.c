/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "support.h"
#include "pci_machine.h"

static void window_moved(struct pci_window *window, bool enabled, uint32_t base)
{
    struct recorded_window *recorded = (struct recorded_window *)window;

    recorded->enabled = enabled;
    recorded->base = base;
    recorded->calls++;
}

void recorded_window_init(struct recorded_window *window)
{
    *window = (struct recorded_window) { .window.moved = window_moved };
}

static void link_routed(struct pci_link *link, unsigned int number, unsigned int irq)
{
    struct recorded_router *router = (struct recorded_router *)link;

    assert_in_range(number, 0, PCI_LINKS - 1);
    router->irq[number] = irq;
    router->calls++;
}

void recorded_router_init(struct recorded_router *router)
{
    *router = (struct recorded_router) { .link.route = link_routed };
}

void pci_machine_init(struct pci_machine *machine)
{
    struct pci_function *functions[] = {
        &machine->host.function, &machine->isa.function, &machine->ide.function, &machine->pm.function,
    };

    recorded_router_init(&machine->router);
    recorded_window_init(&machine->bus_master);
    recorded_window_init(&machine->primary);
    recorded_window_init(&machine->secondary);
    i440fx_init(&machine->host, HOST_DEVFN);
    piix3_isa_init(&machine->isa, ISA_DEVFN, &machine->router.link);
    piix3_ide_init(&machine->ide, IDE_DEVFN, NULL, &machine->bus_master.window, &machine->primary.window,
                   &machine->secondary.window);
    piix4_pm_init(&machine->pm, PM_DEVFN);
    pci_bus_init(&machine->bus, functions, sizeof(functions) / sizeof(functions[0]));
}

static uint32_t size_mask(unsigned int size)
{
    return size == 4 ? 0xffffffff : (1u << 8 * size) - 1;
}

uint32_t port_in(struct pci_bus *bus, uint16_t port, unsigned int size)
{
    assert_true(pci_config_ops.sizes & size);
    assert_true(port >= 0xcf8 && port + size <= 0xd00);
    return pci_config_ops.read(bus, port - 0xcf8, size) & size_mask(size);
}

void port_out(struct pci_bus *bus, uint16_t port, unsigned int size, uint32_t value)
{
    assert_true(pci_config_ops.sizes & size);
    assert_true(port >= 0xcf8 && port + size <= 0xd00);
    pci_config_ops.write(bus, port - 0xcf8, size, value & size_mask(size));
}

static void select_register(struct pci_bus *bus, uint8_t devfn, uint8_t reg)
{
    port_out(bus, 0xcf8, 4, 0x80000000u | (uint32_t)devfn << 8 | (reg & 0xfc));
}

uint32_t config_read(struct pci_bus *bus, uint8_t devfn, uint8_t reg, unsigned int size)
{
    select_register(bus, devfn, reg);
    return port_in(bus, 0xcfc + (reg & 3), size);
}

void config_write(struct pci_bus *bus, uint8_t devfn, uint8_t reg, unsigned int size, uint32_t value)
{
    select_register(bus, devfn, reg);
    port_out(bus, 0xcfc + (reg & 3), size, value);
}
