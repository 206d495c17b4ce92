/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* IBM Personal System/2 Hardware Interface Technical Reference, "Keyboard and Auxiliary Device Controller", and IBM AT
 * Technical Reference, "Keyboard controller", for what the former no longer names. */
#ifndef REFLEX_DEVICES_I8042_REGS_H
#define REFLEX_DEVICES_I8042_REGS_H

/* Status register (port 64h, RO) */
#define STATUS_OUTPUT_FULL      0x01
#define STATUS_INPUT_FULL       0x02
#define STATUS_SYSTEM           0x04        /* as in the command byte */
#define STATUS_COMMAND          0x08        /* the last byte written was a command */
#define STATUS_NOT_INHIBITED    0x10        /* no key in the keyboard's lock */
#define STATUS_AUX_OUTPUT_FULL  0x20        /* the output buffer's byte is the auxiliary device's */

/* Commands (port 64h, WO) */
#define COMMAND_READ_RAM            0x20    /* 20h-3Fh: 20h is the command byte */
#define COMMAND_WRITE_RAM           0x60    /* 60h-7Fh, and one byte at port 60h */
#define COMMAND_RAM_GROUP           0xe0    /* which bits tell these two */
#define COMMAND_TEST_PASSWORD       0xa4
#define COMMAND_LOAD_PASSWORD       0xa5    /* and bytes at port 60h, up to a 0 */
#define COMMAND_ENABLE_PASSWORD     0xa6
#define COMMAND_DISABLE_AUX         0xa7
#define COMMAND_ENABLE_AUX          0xa8
#define COMMAND_TEST_AUX            0xa9
#define COMMAND_SELF_TEST           0xaa
#define COMMAND_TEST_KEYBOARD       0xab
#define COMMAND_DISABLE_KEYBOARD    0xad
#define COMMAND_ENABLE_KEYBOARD     0xae
#define COMMAND_READ_INPUT_PORT     0xc0
#define COMMAND_READ_OUTPUT_PORT    0xd0
#define COMMAND_WRITE_OUTPUT_PORT   0xd1    /* D1h-D4h: and one byte at port 60h */
#define COMMAND_WRITE_KEYBOARD_OUT  0xd2    /* as if the keyboard had sent it */
#define COMMAND_WRITE_AUX_OUT       0xd3    /* as if the auxiliary device had sent it */
#define COMMAND_WRITE_AUX           0xd4    /* to the auxiliary device */
#define COMMAND_CLOSE_A20           0xdd    /* DDh and DFh: of later controllers */
#define COMMAND_OPEN_A20            0xdf
#define COMMAND_READ_TEST_INPUTS    0xe0
#define COMMAND_PULSE               0xf0    /* F0h-FFh: output port bits 3-0 go low where the command has 0s */
#define COMMAND_PULSE_MASK          0xf0

/* Answers */
#define NO_PASSWORD             0xf1
#define SELF_TEST_PASSED        0x55
#define INTERFACE_TEST_PASSED   0x00

/* Command byte (byte 0 of the RAM) */
#define CONTROL_KEYBOARD_INTERRUPT  0x01
#define CONTROL_AUX_INTERRUPT       0x02
#define CONTROL_SYSTEM              0x04
#define CONTROL_DISABLE_KEYBOARD    0x10
#define CONTROL_DISABLE_AUX         0x20
#define CONTROL_TRANSLATE           0x40

/* Input port */
#define INPUT_KEYBOARD_DATA     0x01        /* lines of the cables: high when idle */
#define INPUT_AUX_DATA          0x02
#define INPUT_NO_JUMPER         0x20        /* no manufacturing test */
#define INPUT_NOT_INHIBITED     0x80

/* Output port, and the command's bits of a pulse */
#define OUTPUT_NOT_RESET        0x01        /* low: the processor's reset line is active */
#define OUTPUT_A20              0x02
#define OUTPUT_KEYBOARD_IRQ     0x10
#define OUTPUT_AUX_IRQ          0x20
#define OUTPUT_LATCHED          0xcf        /* the others are clock and data lines of the cables */

/* Test inputs: the clock lines, which a disabled interface holds low */
#define TEST_KEYBOARD_CLOCK     0x01
#define TEST_AUX_CLOCK          0x02

#endif
