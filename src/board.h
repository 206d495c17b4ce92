/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* This PC: which chips there are, where their registers lie, and what they are wired to. */
#ifndef REFLEX_BOARD_H
#define REFLEX_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "backends/blk.h"
#include "backends/char.h"
#include "backends/display.h"
#include "backends/guest_memory.h"
#include "backends/input.h"
#include "backends/irq_line.h"
#include "backends/net.h"
#include "backends/pci_link.h"
#include "backends/power.h"
#include "backends/video_memory.h"
#include "claims.h"
#include "device_set.h"
#include "devices/acpi_pm.h"
#include "devices/cmos.h"
#include "devices/dma8237.h"
#include "devices/i8042/i8042.h"
#include "devices/i8042/ps2_keyboard.h"
#include "devices/i8042/ps2_mouse.h"
#include "devices/ide/direct.h"
#include "devices/ide/ide.h"
#include "devices/net/e1000.h"
#include "devices/net/rtl8139.h"
#include "devices/pci/i440fx.h"
#include "devices/pci/pci_config.h"
#include "devices/pci/pci_rom.h"
#include "devices/pci/piix3_ide.h"
#include "devices/pci/piix3_isa.h"
#include "devices/pci/piix4_pm.h"
#include "devices/reset_ports.h"
#include "devices/uart16550.h"
#include "devices/vga/vga.h"
#include "devices/vga/vga_pci.h"
#include "reflect/dispatch.h"
#include "reflect/record.h"
#include "xen/irq.h"
#include "xen/shadow.h"

#define BOARD_DRIVES 4                      /* primary master, primary slave, secondary master, secondary slave */
#define BOARD_SERIAL_PORTS 4                /* COM1 to COM4 */
#define BOARD_BOOT_DEVICES 3
#define BOARD_VGA_SLOT 2                    /* PCI devices: as in QEMU's PC */
#define BOARD_NICS 4
#define BOARD_NIC_SLOT 3                    /* PCI device of the first card; the others follow */

/* A network card. */
struct board_nic {
    struct net_backend *backend;            /* NULL: no card */
    enum board_nic_model { BOARD_NIC_E1000, BOARD_NIC_RTL8139 } model;
    uint8_t slot;                           /* PCI device; 0: the board's choice */
    const void *rom;                        /* what the firmware boots from it; at most NIC_ROM_BYTES */
    uint32_t rom_length;                    /* 0: none */
};

/* What the domain's configuration plugs into the board. */
struct board_config {
    unsigned int elsewhere;                     /* DEVICE_*: what a device model serves; 0: all is ours */
    struct blk_backend *drives[BOARD_DRIVES];   /* NULL: no drive */
    struct char_backend *serial;                /* NULL: nothing on the first serial port */
    bool serial_ports[BOARD_SERIAL_PORTS];      /* which of the others there are, with nothing on them; [0] always */
    struct board_nic nics[BOARD_NICS];
    struct clock *clock;                        /* NULL: the cards' timers stand still */
    struct video_memory *video;                 /* NULL: no display adapter */
    struct display_backend *display;            /* NULL: nobody ever looks at it */
    struct pci_rom vgabios;                     /* length 0: none; at most VGA_PCI_ROM_BYTES */
    struct input_backend *input;                /* NULL: nobody at keyboard and mouse */
    struct guest_memory *guest;
    struct power *power;
    unsigned int vcpus;
    uint8_t vcpus_online[ACPI_CPU_MAP_BYTES];   /* a bit for each that runs from the start */
    uint64_t ram_below_4g, ram_above_4g;        /* bytes */
    enum cmos_boot_device boot[BOARD_BOOT_DEVICES];
    bool any_floppy;                            /* see struct cmos_config */
};

/* The IDE function's permission to master the bus: both channels' bus masters. */
struct board_bus_master {
    struct bus_master master;
    struct ide_channel *channels;
};

/* A network card in its slot. */
struct board_card {
    enum board_nic_model model;
    struct pci_function *function;              /* the chip's; NULL: the slot is empty */
    struct intx_line irq;
    struct board_window registers, ports, rom_window;
    struct pci_rom rom;
    union {
        struct e1000 e1000;
        struct rtl8139 rtl8139;
    } chip;
};

/* The display adapter, on BOARD_VGA_SLOT. */
struct board_vga {
    bool plugged;
    struct board_window ports, dispi, legacy, mmio, rom_window;
    struct pci_rom rom;
    struct vga chip;
    struct vga_pci card;
};

struct board {
    unsigned int elsewhere;                     /* as configured */
    struct dispatcher dispatcher;
    struct shadow_table shadows;
    struct claims claims;
    struct pci_link link_router;
    struct isa_line serial_irq[BOARD_SERIAL_PORTS], keyboard_irq, mouse_irq, ide_irq[2];
    struct board_window ide_window[2], bus_master_window;
    struct board_bus_master bus_master;

    struct i440fx i440fx;
    struct piix3_isa piix3_isa;
    struct piix3_ide piix3_ide;
    struct piix4_pm piix4_pm;
    struct pci_bus pci;
    struct ide_channel ide[2];
    struct ide_direct ide_direct;
    struct uart16550 serial[BOARD_SERIAL_PORTS];
    struct cmos cmos;
    struct acpi_pm acpi_pm;
    struct i8042 i8042;
    struct ps2_keyboard keyboard;
    struct ps2_mouse mouse;
    struct reset_ports reset_ports;
    struct io_region reset_control;
    struct dma8237 dma[2];
    struct dma_pages dma_pages;
    struct board_card cards[BOARD_NICS];
    struct board_vga vga;
};

/* Sets the devices to boot from by xl's boot= letters, the first to try first: a floppy, c disk, d CD-ROM, n network.
 * Others are passed over, and so is what comes after BOARD_BOOT_DEVICES of them. */
void board_boot_order(struct board_config *config, const char *letters);

/* Powers the board on and claims its registers.  What the hypervisor refuses is our mistake: panic. */
void board_init(struct board *board, const struct board_config *config);

/* Serves an access, as dispatch_io() does; shadow_settle() has to follow when all of the entry's are over. */
uint64_t board_access(struct board *board, const struct reflection *access);

/* device: one of DEVICE_*.  Its registers are the board's, and not a device model's. */
bool board_has(const struct board *board, unsigned int device);

/* Shows the chips to dom0 (board_state.c). */
void board_describe(const struct board *board, struct recorder *recorder);

#endif
