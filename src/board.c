/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "board.h"

#include "lib/log.h"
#include "xen/hypercall.h"

/* IDE: the control block's one port, from the command block's base (ATA's CS1 at 0x3f6 and 0x376). */
#define IDE_CONTROL_OFFSET 0x206

/* ---- Wires to the hypervisor ------------------------------------------------------------------------------- */

static void isa_line_set(struct irq_line *line, bool high)
{
    struct isa_line *isa = (struct isa_line *)line;

    if (isa->high == high)
        return;
    isa->high = high;
    if (high)
        shadow_publish(isa->shadows);       /* another vCPU may take the interrupt before this entry ends */
    reflect_isa_irq(isa->irq, high);
}

static void isa_line_init(struct isa_line *isa, unsigned int irq, struct shadow_table *shadows)
{
    *isa = (struct isa_line){ .line.set = isa_line_set, .irq = irq, .shadows = shadows };
}

static void link_route(struct pci_link *router, unsigned int link, unsigned int irq)
{
    (void)router;
    reflect_link(link, irq);
}

/* ---- Register blocks ---------------------------------------------------------------------------------------- */

/* The dispatcher first, then the hypervisor: an access is never reflected to nobody. */
static bool place(struct board *board, const struct io_region *region)
{
    if (!io_space_add(&board->dispatcher.ports, region))
        return false;
    if (reflect_range(XEN_REFLECT_RANGE_PORT, true, region->base, region->base + region->length - 1)) {
        io_space_remove(&board->dispatcher.ports, region->base);
        return false;
    }
    shadow_add(&board->shadows, region);
    return true;
}

static void unplace(struct board *board, uint32_t base, uint32_t length)
{
    shadow_remove(&board->shadows, base, length);
    reflect_range(XEN_REFLECT_RANGE_PORT, false, base, base + length - 1);
    io_space_remove(&board->dispatcher.ports, base);
}

/* Takes out the first `count` blocks of a window. */
static void window_close(struct board_window *window, unsigned int count)
{
    for (unsigned int i = 0; i < count; i++)
        if (window->blocks[i].length)
            unplace(window->board, window->base + window->blocks[i].offset, window->blocks[i].length);
    window->placed = false;
}

/* A place that is taken already stays whose it is: the guest has two chips at one address, and gets one. */
static void window_open(struct board_window *window, uint32_t base)
{
    window->base = base;
    window->placed = true;
    for (unsigned int i = 0; i < BOARD_WINDOW_BLOCKS; i++) {
        struct io_region region = {
            window->name, base + window->blocks[i].offset, window->blocks[i].length, window->blocks[i].ops,
            window->blocks[i].dev,
        };

        if (region.length && !place(window->board, &region)) {
            log_limited(LOG_WARNING, "%s cannot be at port 0x%x", window->name, region.base);
            window_close(window, i);
            return;
        }
    }
}

static void window_moved(struct pci_window *pci, bool enabled, uint32_t base)
{
    struct board_window *window = (struct board_window *)pci;

    if (window->placed)
        window_close(window, BOARD_WINDOW_BLOCKS);
    if (enabled)
        window_open(window, base);
}

static void windows_init(struct board *board)
{
    static const char *const names[2] = { "ide0", "ide1" };

    for (unsigned int i = 0; i < 2; i++) {
        struct ide_channel *channel = &board->ide[i];

        board->ide_window[i] = (struct board_window){
            .window.moved = window_moved, .board = board, .name = names[i],
            .blocks = {
                { 0, 8, &ide_command_ops, channel },
                { IDE_CONTROL_OFFSET, 1, &ide_control_ops, channel },
            },
        };
    }
    board->bus_master_window = (struct board_window){
        .window.moved = window_moved, .board = board, .name = "bmide",
        .blocks = {
            { 0, 8, &ide_bmdma_ops, &board->ide[0] },
            { 8, 8, &ide_bmdma_ops, &board->ide[1] },
        },
    };
}

static void bus_master_allow(struct bus_master *master, bool allowed)
{
    struct ide_channel *channels = ((struct board_bus_master *)master)->channels;

    for (unsigned int i = 0; i < 2; i++)
        ide_allow_master(&channels[i], allowed);
}

/* Everything with a fixed place.  The IDE channels' blocks come and go with PIIX3's decode bits. */
static void place_fixed(struct board *board)
{
    const struct io_region regions[] = {
        { "dma1",        0x0000, 16, &dma8237_ops,            &board->dma[0] },
        { "i8042 data",  0x0060,  1, &i8042_data_ops,         &board->i8042 },
        { "i8042",       0x0064,  1, &i8042_command_ops,      &board->i8042 },
        { "cmos",        0x0070,  2, &cmos_ops,               &board->cmos },
        { "dma pages",   0x0080, 16, &dma_pages_ops,          &board->dma_pages },
        { "port92",      0x0092,  1, &port92_ops,             &board->reset_ports },
        { "apm",         0x00b2,  2, &acpi_apm_ops,           &board->acpi_pm },
        { "dma2",        0x00c0, 32, &dma8237_ops,            &board->dma[1] },
        { "serial0",     0x03f8,  8, &uart16550_ops,          &board->serial },
        { "pci",         0x0cf8,  8, &pci_config_ops,         &board->pci },
        { "pci eject",   0xae00, 16, &acpi_pci_hotplug_ops,   NULL },
        { "cpu map",     0xaf00, 16, &acpi_cpu_map_ops,       &board->acpi_pm },
        { "gpe0",        0xafe0,  4, &acpi_gpe0_ops,          &board->acpi_pm },
        { "pm1 control", 0xb004,  2, &acpi_pm1_control_ops,   &board->acpi_pm },
    };

    for (unsigned int i = 0; i < sizeof(regions) / sizeof(regions[0]); i++)
        if (!place(board, &regions[i]))
            panic("%s cannot be at port 0x%x", regions[i].name, regions[i].base);
}

/* ---- Chips -------------------------------------------------------------------------------------------------- */

static void pci_init(struct board *board)
{
    struct pci_function *const functions[] = {
        &board->i440fx.function, &board->piix3_isa.function, &board->piix3_ide.function, &board->piix4_pm.function,
    };

    i440fx_init(&board->i440fx, PCI_DEVFN(0, 0));
    piix3_isa_init(&board->piix3_isa, PCI_DEVFN(1, 0), &board->link_router);
    board->bus_master = (struct board_bus_master){ .master.allow = bus_master_allow, .channels = board->ide };
    piix3_ide_init(&board->piix3_ide, PCI_DEVFN(1, 1), &board->bus_master.master, &board->bus_master_window.window,
                   &board->ide_window[0].window, &board->ide_window[1].window);
    piix4_pm_init(&board->piix4_pm, PCI_DEVFN(1, 3));
    pci_bus_init(&board->pci, functions, sizeof(functions) / sizeof(functions[0]));
    board->reset_control = (struct io_region){ "reset control", 0, 1, &reset_control_ops, &board->reset_ports };
    board->pci.reset_control = &board->reset_control;
}

/* The geometry that the drive's IDENTIFY DEVICE tells (words 1, 3 and 6). */
static struct cmos_disk geometry(const struct ide_device *drive)
{
    const struct ide_settings *settings = &drive->defaults;

    if (!drive->disk || drive->disk->info.cdrom)
        return (struct cmos_disk){ 0, 0, 0 };
    return (struct cmos_disk){ settings->cylinders, settings->heads, settings->sectors_per_track };
}

static void cmos_fill(struct board *board, const struct board_config *config)
{
    struct cmos_config cmos = {
        .ram_below_4g = config->ram_below_4g,
        .ram_above_4g = config->ram_above_4g,
        .vcpus = config->vcpus,
        .boot = { config->boot[0], config->boot[1], config->boot[2] },
    };

    for (unsigned int i = 0; i < BOARD_DRIVES; i++)
        cmos.disks[i] = geometry(&board->ide[i / 2].devices[i % 2]);
    cmos_init(&board->cmos, &cmos);
}

void board_init(struct board *board, const struct board_config *config)
{
    board->dispatcher = (struct dispatcher){ .guest = config->guest };
    shadow_table_init(&board->shadows);
    board->link_router.route = link_route;
    isa_line_init(&board->serial_irq, 4, &board->shadows);
    isa_line_init(&board->ide_irq[0], 14, &board->shadows);
    isa_line_init(&board->ide_irq[1], 15, &board->shadows);
    windows_init(board);

    for (unsigned int i = 0; i < 2; i++)
        ide_channel_init(&board->ide[i], i, config->drives[2 * i], config->drives[2 * i + 1],
                         &board->ide_irq[i].line, config->guest);
    uart16550_init(&board->serial, config->serial, &board->serial_irq.line);
    acpi_pm_init(&board->acpi_pm, config->vcpus, config->power);
    i8042_init(&board->i8042, config->power);
    reset_ports_init(&board->reset_ports, config->power);
    dma8237_init(&board->dma[0], 0);
    dma8237_init(&board->dma[1], 1);
    dma_pages_reset(&board->dma_pages);
    cmos_fill(board, config);
    pci_init(board);

    place_fixed(board);
}
