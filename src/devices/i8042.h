/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The keyboard controller: reset and absence only.
 *
 * A PC resets itself through this chip, so its two ports must be there; a keyboard and a mouse are not yet.
 * The output buffer reads as always full: a driver that drains it first, as all do (Linux i8042_flush(),
 * SeaBIOS i8042_flush()), gives up after its 16 or 32 bytes, within two milliseconds, without waiting for
 * the answer to a self-test.  The input buffer reads as always empty, so that whoever waits for that
 * before the reset pulse (Linux kb_wait(), for each of 65536 rounds) need not wait at all; all-ones, the
 * plain answer of a missing chip, would say the opposite.
 *
 * Left out: the output buffer and its interrupts 1 and 12, the command byte, the self-tests, both
 * serial lines, and the A20 gate (Xen keeps A20 open; port 92h remembers what was asked).
 */
#ifndef REFLEX_DEVICES_I8042_H
#define REFLEX_DEVICES_I8042_H

#include <stdbool.h>
#include <stdint.h>

#include "backends/io.h"
#include "backends/power.h"

struct i8042 {
    /* wiring */
    struct power *power;

    /* registers */
    struct i8042_registers {
        bool output_port_next;              /* the next data byte goes to the output port */
    } regs;
};

void i8042_init(struct i8042 *i8042, struct power *power);
void i8042_reset(struct i8042 *i8042);

extern const struct io_ops i8042_data_ops;      /* port 60h, one byte */
extern const struct io_ops i8042_command_ops;   /* port 64h, one byte: status and command */

#endif
