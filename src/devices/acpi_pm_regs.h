/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Intel 82371AB (PIIX4), "Power Management I/O Registers" and "Advanced Power Management Registers". */
#ifndef REFLEX_DEVICES_ACPI_PM_REGS_H
#define REFLEX_DEVICES_ACPI_PM_REGS_H

/* PMCNTRL: Power Management Control, 16 bits (ACPI: PM1a_CNT), here as its two bytes */
#define PMCNTRL_LOW_SCI_EN      0x01    /* power management events raise SCI, not SMI */
#define PMCNTRL_LOW_BRLD_EN_BM  0x02
#define PMCNTRL_LOW_MASK        (PMCNTRL_LOW_SCI_EN | PMCNTRL_LOW_BRLD_EN_BM)  /* GBL_RLS (bit 2) reads 0 */
#define PMCNTRL_HIGH_SUS_TYP    0x1c    /* bits 12-10 (ACPI: SLP_TYP) */
#define PMCNTRL_HIGH_SUS_EN     0x20    /* bit 13, reads 0 (ACPI: SLP_EN) */
#define PMCNTRL_HIGH_SUS_TYP_SHIFT 2

/* SUS_TYP, as in the chip and in Xen's tables (tools/libacpi: dsdt.asl \_S5, ssdt_s3.asl, ssdt_s4.asl) */
#define SUS_TYP_SOFT_OFF        0       /* S5, and S4: the guest has saved itself */
#define SUS_TYP_SUSPEND_TO_RAM  1       /* S3 */

/* GPE0_BLK as Xen's tables have it: 16 status bits, then 16 enable bits */
enum { GPSTS = 0, GPEN = 2 };

/* APMC and APMS, ports B2h and B3h */
enum { APMC = 0, APMS = 1 };
#define APMC_ACPI_ENABLE        0xf1    /* the values are a BIOS's choice: hvmloader.c, acpi_enable_sci() */
#define APMC_ACPI_DISABLE       0xf0

#endif
