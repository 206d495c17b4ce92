/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * ACPI fixed hardware that Xen leaves to the device model, as a PIIX4 has it and as hvmloader's tables
 * describe it.  Xen itself answers for PM1a_STS, PM1a_EN and the timer (xen/arch/x86/hvm/pmtimer.c), and with
 * them for the power and sleep buttons: `xl trigger` sets their bits there and raises SCI.
 *
 * Nothing in this machine raises a general-purpose event: no processor and no PCI device comes or goes.  So GPE
 * status is always 0, the hot-plug blocks are readable and inert, and there is no SCI to drive.  (Xen's own wire
 * to the same interrupt would not be shared: whoever lowers it last, lowers it.)
 */
#ifndef REFLEX_DEVICES_ACPI_PM_H
#define REFLEX_DEVICES_ACPI_PM_H

#include <stdint.h>

#include "backends/io.h"
#include "backends/power.h"

#define ACPI_CPU_MAP_BYTES 16               /* XEN_ACPI_CPU_MAP_LEN: 128 processors */

struct acpi_pm {
    /* configuration */
    uint8_t cpu_map[ACPI_CPU_MAP_BYTES];

    /* wiring */
    struct power *power;

    /* registers */
    struct acpi_pm_registers {
        uint8_t pmcntrl[2];
        uint8_t gpen[2];
        uint8_t apmc, apms;
    } regs;
};

/* cpu_map: ACPI_CPU_MAP_BYTES, a bit for each processor that is online. */
void acpi_pm_init(struct acpi_pm *pm, const uint8_t *cpu_map, struct power *power);
void acpi_pm_reset(struct acpi_pm *pm);

/* The register blocks, all of bytes; dev is the struct acpi_pm. */
extern const struct io_ops acpi_pm1_control_ops;    /* PM1a_CNT, 2 bytes */
extern const struct io_ops acpi_gpe0_ops;           /* GPE0_BLK, 4 bytes */
extern const struct io_ops acpi_apm_ops;            /* APMC and APMS, 2 bytes */
extern const struct io_ops acpi_cpu_map_ops;        /* the map, ACPI_CPU_MAP_BYTES */

/* The PCI hot-plug blocks at AE00h and 10C0h (tools/libacpi/mk_dsdt.c): no slot has an event, none can be
 * ejected.  dev is not looked at. */
extern const struct io_ops acpi_pci_hotplug_ops;

#endif
