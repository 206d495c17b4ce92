/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Intel 82371AB PCI ISA IDE Xcelerator (PIIX4), order number 290562: PCI configuration registers of
 * function 3 (power management). */
#ifndef REFLEX_DEVICES_PIIX4_PM_REGS_H
#define REFLEX_DEVICES_PIIX4_PM_REGS_H

#define PIIX4_PM_VID_DID    0x71138086u

#define PIIX4_PMBASE        0x40    /* 32: power management I/O base, 64 ports */
#define PIIX4_CNTA          0x44    /* 32 */
#define PIIX4_CNTB          0x48    /* 32 */
#define PIIX4_GPICTL        0x4c    /* 32 */
#define PIIX4_DEVRESD       0x50    /* 24 */
#define PIIX4_DEVACTA       0x54    /* 32 */
#define PIIX4_DEVACTB       0x58    /* 32 */
#define PIIX4_DEVRESA       0x5c    /* 32 */
#define PIIX4_DEVRESB       0x60    /* 32 */
#define PIIX4_DEVRESC       0x64    /* 32 */
#define PIIX4_DEVRESE       0x68    /* 24 */
#define PIIX4_DEVRESF       0x6c    /* 32 */
#define PIIX4_DEVRESG       0x70    /* 24 */
#define PIIX4_DEVRESH       0x74    /* 32 */
#define PIIX4_DEVRESI       0x78    /* 24 */
#define PIIX4_DEVRESJ       0x7c    /* 24 */
#define PIIX4_PMREGMISC     0x80    /* 8: bit 0 enables the ports at PMBASE */
#define PIIX4_SMBBA         0x90    /* 32: SMBus base, 16 ports */
#define PIIX4_SMBHSTCFG     0xd2    /* 8: bit 0 enables the SMBus host */
#define PIIX4_SMBSLVC       0xd3    /* 8 */
#define PIIX4_SMBSHDW1      0xd4    /* 8 */
#define PIIX4_SMBSHDW2      0xd5    /* 8 */

#endif
