/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The bus master registers of one IDE channel.  Intel 290550 (82371FB PIIX / 82371SB PIIX3): the PCI IDE I/O
 * registers BMICOM, BMISTA, BMIDTP, and the bus master function.
 */
#ifndef REFLEX_DEVICES_BMDMA_REGS_H
#define REFLEX_DEVICES_BMDMA_REGS_H

#include <stdint.h>

#define BMDMA_LENGTH 8u                 /* bytes a channel; the secondary follows the primary */

enum {
    BMICOM = 0,                         /* (RW) command */
    BMISTA = 2,                         /* status */
    BMIDTP = 4,                         /* (RW) descriptor table pointer, 32 bits, dword aligned */
};

#define BMICOM_SSBM  0x01u              /* start/stop */
#define BMICOM_RWCON 0x08u              /* 1: the bus master writes memory */

#define BMISTA_BMIDEA  0x01u            /* (RO) active */
#define BMISTA_ERROR   0x02u            /* (RW1C) */
#define BMISTA_IDEINTS 0x04u            /* (RW1C) set by the rising edge of INTRQ */
#define BMISTA_DMA0CAP 0x20u            /* (RW) software's own notes */
#define BMISTA_DMA1CAP 0x40u

/* Physical region descriptor, little endian, as it lies in memory. */
struct bmdma_prd {
    uint32_t base;                      /* bit 0 is zero */
    uint32_t count_eot;                 /* 15:1 byte count, 0 means 64 KiB; 31 end of table */
};
#define PRD_COUNT 0xfffeu
#define PRD_EOT   0x80000000u

#endif
