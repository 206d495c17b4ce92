/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Intel 440FX PCIset, 82441FX PCI and Memory Controller (PMC), order number 290549:
 * PCI configuration space mapped registers. */
#ifndef REFLEX_DEVICES_I440FX_REGS_H
#define REFLEX_DEVICES_I440FX_REGS_H

#define I440FX_VID_DID      0x12378086u

#define I440FX_PMCCFG       0x50    /* 16: PMC configuration */
#define I440FX_DETURBO      0x52    /* 8 */
#define I440FX_DBC          0x53    /* 8: data buffer control */
#define I440FX_AXC          0x54    /* 8: auxiliary control */
#define I440FX_DRT          0x55    /* 16: DRAM row type */
#define I440FX_DRAMC        0x57    /* 8: DRAM control */
#define I440FX_DRAMT        0x58    /* 8: DRAM timing */
#define I440FX_PAM0         0x59    /* 8: attributes of 0f0000h to 0fffffh */
#define I440FX_PAM1         0x5a    /* PAM1 to PAM6, 8 each: two areas of 16 KiB a register from 0c0000h up */
#define I440FX_DRB0         0x60    /* DRB0 to DRB7, 8 each: DRAM row boundary in 8 MiB */
#define I440FX_FDHC         0x68    /* 8: fixed DRAM hole control */
#define I440FX_MTT          0x70    /* 8: multi-transaction timer */
#define I440FX_CLT          0x71    /* 8: CPU latency timer */
#define I440FX_SMRAM        0x72    /* 8: system management RAM control */
#define   SMRAM_D_OPEN      0x40u
#define   SMRAM_D_CLS       0x20u
#define   SMRAM_D_LCK       0x10u
#define I440FX_ERRCMD       0x90    /* 8 */
#define I440FX_ERRSTS       0x91    /* 8 (RW1C) */

#endif
