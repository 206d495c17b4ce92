/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The 8237 DMA controllers of the PC and their page registers, without a device on any request line.
 *
 * What a guest programs reads back as the chip would give it, and no transfer ever starts: no request comes,
 * so no count moves and no terminal count is reached.  The command and mode registers, which can only be
 * written and only shape transfers, are accepted and not kept.
 */
#ifndef REFLEX_DEVICES_DMA8237_H
#define REFLEX_DEVICES_DMA8237_H

#include <stdbool.h>
#include <stdint.h>

#include "backends/io.h"
#include "devices/dma8237_regs.h"

struct dma8237 {
    /* configuration */
    unsigned int address_shift;             /* ports between registers, as a shift */
    /* registers */
    struct dma8237_registers {
        uint16_t words[2 * DMA8237_CHANNELS];   /* current address and count, as the ports are numbered */
        uint8_t request, mask;
        bool high_byte;                     /* the byte pointer flip-flop */
    } registers;
};

/* address_shift: 0 for channels 0 to 3 (16 ports at 000h), 1 for channels 4 to 7 (32 ports at 0c0h). */
void dma8237_init(struct dma8237 *dma, unsigned int address_shift);
/* RESET, the same as a master clear but for the words. */
void dma8237_reset(struct dma8237 *dma);
extern const struct io_ops dma8237_ops;     /* dev is the struct dma8237 */

/* Ports 080h to 08fh: A23-A16 of each channel in seven of them, and nine bytes with no use but to be kept
 * (82371SB: DMA page registers; port 080h is where a BIOS shows its progress). */
struct dma_pages {
    /* registers */
    uint8_t page[16];
};
void dma_pages_reset(struct dma_pages *pages);
extern const struct io_ops dma_pages_ops;   /* dev is the struct dma_pages */

#endif
