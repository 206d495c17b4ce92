/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The keyboard controller of a PS/2: an 8042 with two cables, a keyboard's and a mouse's.
 *
 * No time passes here:
 *  - A command is done when it has been written, so the input buffer is never full.
 *  - When a byte has been read, the next is in the output buffer at once; a cable needs a millisecond for it.  The
 *    interrupt line falls and rises again in between.  A program that reads the same byte twice, and relies on
 *    that millisecond, gets the next one if there is one.
 *  - A byte that comes in while the output buffer is full waits where it is: an answer of the controller in a place of
 *    its own, ahead of all others, a device's in the device.
 *
 * After power-on both interfaces are disabled, so that nothing is in the way of the BIOS's first commands.
 *
 * A20 is a bit that is remembered: Xen keeps the gate open.  So is port 92h's; in a PC the gate is open when either
 * says so, and neither shows in the other.
 *
 * Left out: the password, which is never installed (A4h says so, A5h's bytes are swallowed); the diagnostic dump (ACh);
 * polling the input port into the status register (C1h, C2h); AMI's and others' additions; active multiplexing.  These
 * commands do nothing.  Time-outs and parity errors do not happen; the keyboard's lock is open.  A reset is the
 * machine's, also where it would be the processor's alone.
 */
#ifndef REFLEX_DEVICES_I8042_H
#define REFLEX_DEVICES_I8042_H

#include <stdbool.h>
#include <stdint.h>

#include "backends/io.h"
#include "backends/irq_line.h"
#include "backends/power.h"
#include "backends/state.h"
#include "devices/i8042/ps2_device.h"

#define I8042_RAM_SIZE 32

struct i8042 {
    /* wiring */
    struct ps2_host host;                   /* the end of both cables */
    struct ps2_device *keyboard, *aux;
    struct irq_line *keyboard_irq, *aux_irq;
    struct power *power;

    /* registers */
    struct i8042_registers {
        uint8_t ram[I8042_RAM_SIZE];        /* byte 0: the command byte */
        uint8_t output_port;                /* OUTPUT_LATCHED */
        uint8_t command;                    /* whose byte port 60h takes next; 0: the keyboard's */
        bool last_was_command;
        struct i8042_output {
            bool full, aux;
            uint8_t byte;
        } output, answer;                   /* the output buffer, and the answer that waits for it */
    } regs;
};

/* Plugs both devices in, and powers the controller on.  IRQ lines: level, high while the buffer has a byte that the
 * command byte lets interrupt. */
void i8042_init(struct i8042 *i8042, struct ps2_device *keyboard, struct ps2_device *aux,
                struct irq_line *keyboard_irq, struct irq_line *aux_irq, struct power *power);

/* Power-on state; the devices have their own. */
void i8042_reset(struct i8042 *i8042);

extern const struct io_ops i8042_data_ops;      /* port 60h, one byte */
extern const struct io_ops i8042_command_ops;   /* port 64h, one byte: status and command */
extern const struct state_map i8042_state;

#endif
