/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "devices/acpi_pm.h"

#include "devices/acpi_pm_regs.h"
#include "lib/log.h"
#include "lib/string.h"

/* --- PM1a_CNT ------------------------------------------------------------------------------------------ */

/* Suspend to RAM needs Xen's help, which a domain cannot ask for; the guest goes on waiting for its wake-up,
 * as on hardware that refuses.  Its tables offer S3 unless xl.cfg says acpi_s3=0. */
static void suspend(struct acpi_pm *pm, unsigned int type)
{
    if (type == SUS_TYP_SOFT_OFF)
        pm->power->off(pm->power);
    else
        log_limited(LOG_WARNING, "guest asks for sleep type %u%s: not available", type,
                    type == SUS_TYP_SUSPEND_TO_RAM ? " (S3)" : "");
}

static uint32_t pm1_control_read(void *dev, uint32_t offset, unsigned int size)
{
    const struct acpi_pm *pm = dev;

    (void)size;
    return pm->regs.pmcntrl[offset];
}

/* SUS_EN and SUS_TYP share the high byte, so that a byte write is enough to suspend, and a word write
 * arrives as two. */
static void pm1_control_write(void *dev, uint32_t offset, unsigned int size, uint32_t value)
{
    struct acpi_pm *pm = dev;

    (void)size;
    pm->regs.pmcntrl[offset] = value & (offset ? PMCNTRL_HIGH_SUS_TYP : PMCNTRL_LOW_MASK);
    if (offset && (value & PMCNTRL_HIGH_SUS_EN))
        suspend(pm, (value & PMCNTRL_HIGH_SUS_TYP) >> PMCNTRL_HIGH_SUS_TYP_SHIFT);
}

const struct io_ops acpi_pm1_control_ops = {
    .read = pm1_control_read, .write = pm1_control_write, .sizes = IO_BYTE,
};

/* --- GPE0_BLK ------------------------------------------------------------------------------------------ */

static uint32_t gpe0_read(void *dev, uint32_t offset, unsigned int size)
{
    const struct acpi_pm *pm = dev;

    (void)size;
    return offset < GPEN ? 0 : pm->regs.gpen[offset - GPEN];
}

/* Writing a 1 to a status bit clears it: they are clear. */
static void gpe0_write(void *dev, uint32_t offset, unsigned int size, uint32_t value)
{
    struct acpi_pm *pm = dev;

    (void)size;
    if (offset >= GPEN)
        pm->regs.gpen[offset - GPEN] = (uint8_t)value;
}

const struct io_ops acpi_gpe0_ops = {.read = gpe0_read, .write = gpe0_write, .sizes = IO_BYTE};

/* --- APMC and APMS ------------------------------------------------------------------------------------- */

static uint32_t apm_read(void *dev, uint32_t offset, unsigned int size)
{
    const struct acpi_pm *pm = dev;

    (void)size;
    return offset == APMC ? pm->regs.apmc : pm->regs.apms;
}

/* APMC raises SMI for a BIOS to hand the machine over to ACPI and back.  There is no SMM here: the
 * hand-over, setting SCI_EN, is done on the spot. */
static void apm_write(void *dev, uint32_t offset, unsigned int size, uint32_t value)
{
    struct acpi_pm *pm = dev;

    (void)size;
    if (offset == APMS) {
        pm->regs.apms = (uint8_t)value;
        return;
    }
    pm->regs.apmc = (uint8_t)value;
    if (value == APMC_ACPI_ENABLE)
        pm->regs.pmcntrl[0] |= PMCNTRL_LOW_SCI_EN;
    else if (value == APMC_ACPI_DISABLE)
        pm->regs.pmcntrl[0] &= (uint8_t)~PMCNTRL_LOW_SCI_EN;
}

const struct io_ops acpi_apm_ops = {.read = apm_read, .write = apm_write, .sizes = IO_BYTE};

/* --- hot-plug blocks ----------------------------------------------------------------------------------- */

static void ignore_write(void *dev, uint32_t offset, unsigned int size, uint32_t value)
{
    (void)dev, (void)offset, (void)size, (void)value;
}

static uint32_t cpu_map_read(void *dev, uint32_t offset, unsigned int size)
{
    const struct acpi_pm *pm = dev;

    (void)size;
    return pm->cpu_map[offset];
}

const struct io_ops acpi_cpu_map_ops = {.read = cpu_map_read, .write = ignore_write, .sizes = IO_BYTE};

static uint32_t pci_hotplug_read(void *dev, uint32_t offset, unsigned int size)
{
    (void)dev, (void)offset, (void)size;
    return 0;
}

const struct io_ops acpi_pci_hotplug_ops = {.read = pci_hotplug_read, .write = ignore_write, .sizes = IO_BYTE};

/* ------------------------------------------------------------------------------------------------------- */

void acpi_pm_reset(struct acpi_pm *pm)
{
    pm->regs = (struct acpi_pm_registers){0};
}

void acpi_pm_init(struct acpi_pm *pm, const uint8_t *cpu_map, struct power *power)
{
    *pm = (struct acpi_pm){.power = power};
    memcpy(pm->cpu_map, cpu_map, sizeof(pm->cpu_map));
    acpi_pm_reset(pm);
}
