/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "board.h"

#include "lib/log.h"
#include "lib/string.h"

/* IDE: the control block's one port, from the command block's base (ATA's CS1 at 0x3f6 and 0x376). */
#define IDE_CONTROL_OFFSET 0x206

/* The direct path to the disks.  No chip of a PC, of Xen or of QEMU is there; and no guest puts a card there, for Xen's
 * ACPI tables list 08a0h to 08a3h among the ports that the motherboard has taken (dsdt.asl, device SYSR). */
#define IDE_DIRECT_PORT 0x08a0

/* ---- Register blocks ---------------------------------------------------------------------------------------- */

static void window_block(struct board_window *window, unsigned int i, uint32_t offset, uint32_t length,
                         const struct io_ops *ops, void *dev)
{
    window->blocks[i].offset = offset;
    window->blocks[i].length = length;
    window->blocks[i].ops = ops;
    window->blocks[i].dev = dev;
}

static void windows_init(struct board *board)
{
    static const char *const names[2] = { "ide0", "ide1" };

    window_init(&board->bus_master_window, &board->claims, XEN_REFLECT_RANGE_PORT, "bmide");
    for (unsigned int i = 0; i < 2; i++) {
        struct ide_channel *channel = &board->ide[i];

        window_init(&board->ide_window[i], &board->claims, XEN_REFLECT_RANGE_PORT, names[i]);
        window_block(&board->ide_window[i], 0, 0, 8, &ide_command_ops, channel);
        window_block(&board->ide_window[i], 1, IDE_CONTROL_OFFSET, 1, &ide_control_ops, channel);
        window_block(&board->bus_master_window, i, 8 * i, 8, &ide_bmdma_ops, channel);
    }
}

static void bus_master_allow(struct bus_master *master, bool allowed)
{
    struct ide_channel *channels = ((struct board_bus_master *)master)->channels;

    for (unsigned int i = 0; i < 2; i++)
        ide_allow_master(&channels[i], allowed);
}

static void place(struct board *board, const struct io_region *region)
{
    if (!claims_add(&board->claims, XEN_REFLECT_RANGE_PORT, region))
        panic("%s cannot be at port 0x%x", region->name, region->base);
}

/* On a bus whose host bridge is somebody else's. */
static void place_function(struct board *board, const char *name, struct pci_function *function)
{
    const struct io_region region = {
        name, dispatch_pci_address(function->devfn), PCI_CONFIG_SIZE, &pci_function_ops, function,
    };

    if (!claims_add(&board->claims, XEN_REFLECT_RANGE_PCI, &region))
        panic("%s cannot be PCI function 0x%02x", name, function->devfn);
}

/* The chipset's, which have a fixed place.  The IDE channels' blocks come and go with PIIX3's decode bits. */
static void place_chipset(struct board *board)
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
        { "ide direct",  IDE_DIRECT_PORT, 4, &ide_direct_ops, &board->ide_direct },
        { "pci",         0x0cf8,  8, &pci_config_ops,         &board->pci },
        { "pci eject",   0xae00, 16, &acpi_pci_hotplug_ops,   NULL },
        { "cpu map",     0xaf00, 16, &acpi_cpu_map_ops,       &board->acpi_pm },
        { "gpe0",        0xafe0,  4, &acpi_gpe0_ops,          &board->acpi_pm },
        { "pm1 control", 0xb004,  2, &acpi_pm1_control_ops,   &board->acpi_pm },
    };

    for (unsigned int i = 0; i < sizeof(regions) / sizeof(regions[0]); i++)
        place(board, &regions[i]);
}

/* Where a PC has its serial ports.  The third and fourth share the interrupts of the first two. */
static const struct {
    const char *name;
    uint16_t base;
    uint8_t irq;
} serial_places[BOARD_SERIAL_PORTS] = {
    { "serial0", 0x3f8, 4 }, { "serial1", 0x2f8, 3 }, { "serial2", 0x3e8, 4 }, { "serial3", 0x2e8, 3 },
};

static void place_serial(struct board *board, unsigned int port)
{
    const struct io_region region = {
        serial_places[port].name, serial_places[port].base, 8, &uart16550_ops, &board->serial[port],
    };

    place(board, &region);
}

/* ---- Chips -------------------------------------------------------------------------------------------------- */

/* A port that the domain does not have is not there at all: its registers read as all-ones. */
static void serial_init(struct board *board, const struct board_config *config)
{
    for (unsigned int i = 0; i < BOARD_SERIAL_PORTS; i++) {
        isa_line_init(&board->serial_irq[i], serial_places[i].irq, &board->shadows);
        if (i >= 2)
            isa_line_share(&board->serial_irq[i], &board->serial_irq[i - 2]);
        uart16550_init(&board->serial[i], i ? NULL : config->serial, &board->serial_irq[i].line);
        if (!i || config->serial_ports[i])
            place_serial(board, i);
    }
}

/*
 * Network cards take their PCI devices from the third on, as in QEMU's PC, where the first two are bridge and display:
 * a guest that has been there finds its network interface under the same name.  hvmloader's _PRT has interrupts for
 * all 32 devices.
 */
static uint8_t slot_of(const struct board_config *config, unsigned int i)
{
    return config->nics[i].slot ? config->nics[i].slot : BOARD_NIC_SLOT + i;
}

static void one_block(struct board_window *window, uint32_t length, const struct io_ops *ops, void *dev)
{
    window_block(window, 0, 0, length, ops, dev);
}

static void e1000_plug(struct board_card *card, uint8_t devfn, const struct nic_wiring *wiring)
{
    struct e1000 *chip = &card->chip.e1000;

    one_block(&card->registers, E1000_REGISTERS_LENGTH, &e1000_register_ops, chip);
    one_block(&card->ports, E1000_PORTS_LENGTH, &e1000_port_ops, chip);
    e1000_init(chip, devfn, wiring);
    card->function = &chip->card.function;
}

static void rtl8139_plug(struct board_card *card, uint8_t devfn, const struct nic_wiring *wiring)
{
    struct rtl8139 *chip = &card->chip.rtl8139;

    one_block(&card->registers, RTL8139_WINDOW, &rtl8139_ops, chip);
    one_block(&card->ports, RTL8139_WINDOW, &rtl8139_port_ops, chip);
    rtl8139_init(chip, devfn, wiring);
    card->function = &chip->card.function;
}

static void card_init(struct board *board, const struct board_config *config, unsigned int i)
{
    static const char *const names[BOARD_NICS] = { "nic0", "nic1", "nic2", "nic3" };
    const struct board_nic *nic = &config->nics[i];
    struct board_card *card = &board->cards[i];
    uint8_t slot = slot_of(config, i);
    const struct nic_wiring wiring = {
        nic->backend, &card->irq.line, config->guest, &card->registers.window, &card->ports.window,
        nic->rom_length ? &card->rom_window.window : NULL, config->clock,
    };

    card->model = nic->model;
    card->function = NULL;
    if (!nic->backend)
        return;
    if (nic->rom_length > NIC_ROM_BYTES)
        panic("%s: an expansion ROM of %u bytes", names[i], nic->rom_length);
    intx_line_init(&card->irq, slot, 1, &board->shadows);
    window_init(&card->registers, &board->claims, XEN_REFLECT_RANGE_MEMORY, names[i]);
    window_init(&card->ports, &board->claims, XEN_REFLECT_RANGE_PORT, names[i]);
    window_init(&card->rom_window, &board->claims, XEN_REFLECT_RANGE_MEMORY, "nic rom");
    card->rom = (struct pci_rom){ nic->rom, nic->rom_length };
    one_block(&card->rom_window, NIC_ROM_BYTES, &pci_rom_ops, &card->rom);
    switch (nic->model) {
    case BOARD_NIC_E1000:
        e1000_plug(card, PCI_DEVFN(slot, 0), &wiring);
        break;
    case BOARD_NIC_RTL8139:
        rtl8139_plug(card, PCI_DEVFN(slot, 0), &wiring);
        break;
    }
}

static void vga_plug(struct board *board, const struct board_config *config)
{
    struct board_vga *vga = &board->vga;
    const struct vga_pci_windows windows = {
        &vga->ports.window, &vga->dispi.window, &vga->legacy.window, &vga->mmio.window, &vga->rom_window.window,
    };

    vga->plugged = config->video;
    if (!vga->plugged)
        return;
    if (config->vgabios.length > VGA_PCI_ROM_BYTES)
        panic("a VGA BIOS of %u bytes", config->vgabios.length);
    vga->rom = config->vgabios;
    window_init(&vga->ports, &board->claims, XEN_REFLECT_RANGE_PORT, "vga");
    window_block(&vga->ports, 0, 0, VGA_MONO_PORTS, &vga_mono_ports_ops, &vga->chip);
    window_block(&vga->ports, 1, VGA_PCI_PORTS - VGA_PCI_MONO_PORTS, VGA_PORTS, &vga_ports_ops, &vga->chip);
    window_init(&vga->dispi, &board->claims, XEN_REFLECT_RANGE_PORT, "vga dispi");
    one_block(&vga->dispi, VGA_DISPI_PORTS, &vga_dispi_ops, &vga->chip);
    window_init(&vga->legacy, &board->claims, XEN_REFLECT_RANGE_MEMORY, "vga window");
    one_block(&vga->legacy, VIDEO_WINDOW_PAGES * VIDEO_PAGE_BYTES, &vga_window_ops, &vga->chip);
    window_init(&vga->mmio, &board->claims, XEN_REFLECT_RANGE_MEMORY, "vga mmio");
    one_block(&vga->mmio, VGA_MMIO_BYTES, &vga_mmio_ops, &vga->chip);
    window_init(&vga->rom_window, &board->claims, XEN_REFLECT_RANGE_MEMORY, "vga rom");
    one_block(&vga->rom_window, VGA_PCI_ROM_BYTES, &pci_rom_ops, &vga->rom);
    vga_init(&vga->chip, config->video, config->display);
    vga_pci_init(&vga->card, PCI_DEVFN(BOARD_VGA_SLOT, 0), &vga->chip, &windows);
}

static void pci_init(struct board *board)
{
    struct pci_function *functions[5 + BOARD_NICS] = {
        &board->i440fx.function, &board->piix3_isa.function, &board->piix3_ide.function, &board->piix4_pm.function,
    };
    unsigned int count = 4;

    if (board->vga.plugged)
        functions[count++] = &board->vga.card.function;
    for (unsigned int i = 0; i < BOARD_NICS; i++)
        if (board->cards[i].function)
            functions[count++] = board->cards[i].function;
    i440fx_init(&board->i440fx, PCI_DEVFN(0, 0));
    piix3_isa_init(&board->piix3_isa, PCI_DEVFN(1, 0), &board->link_router);
    board->bus_master = (struct board_bus_master){ .master.allow = bus_master_allow, .channels = board->ide };
    piix3_ide_init(&board->piix3_ide, PCI_DEVFN(1, 1), &board->bus_master.master, &board->bus_master_window.window,
                   &board->ide_window[0].window, &board->ide_window[1].window);
    piix4_pm_init(&board->piix4_pm, PCI_DEVFN(1, 3));
    pci_bus_init(&board->pci, functions, count);
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
        .any_floppy = config->any_floppy,
    };

    for (unsigned int i = 0; i < BOARD_DRIVES; i++)
        cmos.disks[i] = geometry(&board->ide[i / 2].devices[i % 2]);
    cmos_init(&board->cmos, &cmos);
}

void board_boot_order(struct board_config *config, const char *letters)
{
    static const struct {
        char letter;
        enum cmos_boot_device device;
    } known[] = {
        { 'a', CMOS_BOOT_FLOPPY }, { 'c', CMOS_BOOT_DISK }, { 'd', CMOS_BOOT_CDROM }, { 'n', CMOS_BOOT_NETWORK },
    };
    unsigned int n = 0;

    memset(config->boot, 0, sizeof(config->boot));
    for (; *letters; letters++)
        for (unsigned int i = 0; i < sizeof(known) / sizeof(known[0]); i++)
            if (known[i].letter == *letters && n < BOARD_BOOT_DEVICES)
                config->boot[n++] = known[i].device;
}

bool board_has(const struct board *board, unsigned int device)
{
    return !(board->elsewhere & device);
}

/* What is elsewhere is not placed: its chips may well be powered on here, too, but nobody reaches them. */
void board_init(struct board *board, const struct board_config *config)
{
    board->elsewhere = config->elsewhere;
    board->dispatcher = (struct dispatcher){ .guest = config->guest };
    shadow_table_init(&board->shadows);
    claims_init(&board->claims, &board->dispatcher, &board->shadows);
    link_router_init(&board->link_router);
    isa_line_init(&board->keyboard_irq, 1, &board->shadows);
    isa_line_init(&board->mouse_irq, 12, &board->shadows);
    isa_line_init(&board->ide_irq[0], 14, &board->shadows);
    isa_line_init(&board->ide_irq[1], 15, &board->shadows);
    windows_init(board);

    for (unsigned int i = 0; i < 2; i++)
        ide_channel_init(&board->ide[i], i, config->drives[2 * i], config->drives[2 * i + 1],
                         &board->ide_irq[i].line, config->guest);
    ide_direct_init(&board->ide_direct, board->ide, config->guest);
    acpi_pm_init(&board->acpi_pm, config->vcpus_online, config->power);
    ps2_keyboard_init(&board->keyboard, config->input);
    ps2_mouse_init(&board->mouse, config->input);
    i8042_init(&board->i8042, &board->keyboard.device, &board->mouse.device, &board->keyboard_irq.line,
               &board->mouse_irq.line, config->power);
    reset_ports_init(&board->reset_ports, config->power);
    dma8237_init(&board->dma[0], 0);
    dma8237_init(&board->dma[1], 1);
    dma_pages_reset(&board->dma_pages);
    cmos_fill(board, config);
    for (unsigned int i = 0; i < BOARD_NICS; i++)
        card_init(board, config, i);
    vga_plug(board, config);
    pci_init(board);

    if (board_has(board, DEVICE_CHIPSET))
        place_chipset(board);
    else if (board_has(board, DEVICE_IDE))
        place_function(board, "ide function", &board->piix3_ide.function);
    if (board_has(board, DEVICE_SERIAL))
        serial_init(board, config);
}

uint64_t board_access(struct board *board, const struct reflection *access)
{
    shadow_concern(&board->shadows, dispatch_alone(&board->dispatcher, access));
    return dispatch_io(&board->dispatcher, access);
}
