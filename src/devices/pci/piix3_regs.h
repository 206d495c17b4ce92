/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Intel 82371SB PCI ISA IDE Xcelerator (PIIX3), order number 290550: PCI configuration registers of
 * function 0 (ISA bridge) and function 1 (IDE). */
#ifndef REFLEX_DEVICES_PIIX3_REGS_H
#define REFLEX_DEVICES_PIIX3_REGS_H

#define PIIX3_ISA_VID_DID   0x70008086u

#define PIIX3_IORT          0x4c    /* 8: ISA I/O recovery timer */
#define PIIX3_XBCS          0x4e    /* 16: X-bus chip select */
#define PIIX3_PIRQRC        0x60    /* PIRQRC[A:D], 8 each */
#define   PIRQRC_DISABLE    0x80u   /* IRQROUTEN#: 1 = not routed */
#define   PIRQRC_IRQ        0x0fu
#define PIIX3_TOM           0x69    /* 8: top of memory for ISA masters */
#define PIIX3_MSTAT         0x6a    /* 16: miscellaneous status */
#define PIIX3_MBIRQ0        0x70    /* 8: motherboard device IRQ route control */
#define PIIX3_MBDMA         0x76    /* MBDMA[1:0], 8 each */
#define PIIX3_PCSC          0x78    /* 16: programmable chip select control */
#define PIIX3_APICBASE      0x80    /* 8 */
#define PIIX3_DLC           0x82    /* 8: deterministic latency control */
#define PIIX3_SMICNTL       0xa0    /* 8 */
#define PIIX3_SMIEN         0xa2    /* 16 */
#define PIIX3_SEE           0xa4    /* 32: system event enable */
#define PIIX3_FTMR          0xa8    /* 8: fast-off timer */
#define PIIX3_CTLTMR        0xac    /* 8: clock throttle STPCLK# low timer */
#define PIIX3_CTHTMR        0xae    /* 8: clock throttle STPCLK# high timer */

#define PIIX3_IDE_VID_DID   0x70108086u

#define PIIX3_BMIBA         0x20    /* 32: bus master interface base address */
#define PIIX3_IDETIM        0x40    /* 16 each, primary and secondary channel */
#define   IDETIM_IDE        0x8000u /* decode enable */
#define PIIX3_SIDETIM       0x44    /* 8: slave IDE timing */

#endif
