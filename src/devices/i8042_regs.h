/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* IBM AT Technical Reference, "Keyboard controller"; Intel 8042 with IBM's program. */
#ifndef REFLEX_DEVICES_I8042_REGS_H
#define REFLEX_DEVICES_I8042_REGS_H

/* Status (port 64h, read) */
#define STATUS_OUTPUT_FULL          0x01
#define STATUS_INPUT_FULL           0x02

/* Commands (port 64h, write) */
#define COMMAND_WRITE_OUTPUT_PORT   0xd1    /* the next byte at port 60h */
#define COMMAND_PULSE               0xf0    /* F0h-FFh: output port bits 3-0 go low where the command has 0s */
#define COMMAND_PULSE_MASK          0xf0

/* Output port, and the command's bits of a pulse */
#define OUTPUT_NOT_RESET            0x01    /* low: the processor's reset line is active */

#endif
