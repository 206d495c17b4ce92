/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Intel 8237A programmable DMA controller, order number 231466, as in the 82371SB (order number 290550, DMA
 * registers), which adds reading the mask back.  Offsets in registers, not in ports. */
#ifndef REFLEX_DEVICES_DMA8237_REGS_H
#define REFLEX_DEVICES_DMA8237_REGS_H

#define DMA8237_CHANNELS    4
#define DMA8237_REGISTERS   16u
/* 0 to 7: address (even) and count (odd) of channels 0 to 3, low byte first */
#define DMA8237_STATUS      8u          /* (RO): requests in bits 7:4, terminal counts in 3:0 */
#define DMA8237_COMMAND     8u          /* (WO) */
#define DMA8237_REQUEST     9u          /* (WO) */
#define DMA8237_MASK_ONE    10u         /* (WO) */
#define   DMA8237_SET       0x04u       /* of REQUEST and MASK_ONE: set the bit of the channel in 1:0 */
#define DMA8237_MODE        11u         /* (WO) */
#define DMA8237_CLEAR_FF    12u         /* (WO) clears the byte pointer flip-flop */
#define DMA8237_TEMPORARY   13u         /* (RO) */
#define DMA8237_CLEAR       13u         /* (WO) master clear */
#define DMA8237_CLEAR_MASK  14u         /* (WO) */
#define DMA8237_MASK        15u         /* (RW) */

#endif
