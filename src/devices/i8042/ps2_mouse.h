/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A PS/2 mouse: IBM's with two or three buttons, that turns into Microsoft's IntelliMouse (wheel) or IntelliMouse
 * Explorer (wheel and five buttons) for a driver that sets the sampling rates 200, 100, 80 or 200, 200, 80.
 *
 * It has no clock: the sampling rate is a register only.  In stream mode a report is made as soon as the host takes it,
 * and holds what has come together since the one before.  Motion beyond what one report can tell comes in the next.
 * Beyond MOUSE_REPORTS of them it is lost, and the overflow bit says so: with no time between two bytes, a driver that
 * empties the output buffer gets all of them, and Linux's i8042_flush() takes a controller with 32 for absent.  A
 * button that went down is told, even if it is up again.  Resolution is a register only, too: a count is what the
 * source of motion calls one.
 *
 * The basic assurance test takes no time; that of power-on is over, and its AAh 00h read, when the BIOS starts.  An
 * answer that nobody has read gives way to the next command.
 */
#ifndef REFLEX_DEVICES_PS2_MOUSE_H
#define REFLEX_DEVICES_PS2_MOUSE_H

#include <stdbool.h>
#include <stdint.h>

#include "backends/input.h"
#include "devices/i8042/ps2_device.h"

#define MOUSE_REPORTS 3

struct ps2_mouse {
    /* wiring */
    struct ps2_device device;
    struct input_listener listener;

    /* the buttons themselves, which no reset lifts: bits from left, right, middle to side and extra */
    uint8_t held;

    /* registers */
    struct ps2_mouse_registers {
        struct ps2_queue out;               /* an answer or a report, */
        bool out_is_report;                 /* which of them: it ends with a report, */
        struct ps2_queue sent;              /* and the last one, whole, for MOUSE_RESEND */
        uint8_t id, resolution, rate;
        uint8_t knocks[2];                  /* the rates before `rate`, the latest first */
        bool double_scaling, remote, wrap, enabled;
        uint8_t command;                    /* whose byte comes next, 0: none */
        bool confused;                      /* the last byte was invalid */
        int32_t x, y, wheel;                /* not yet reported: right, up, towards the person */
        bool x_overflow, y_overflow;
        uint8_t clicked;                    /* buttons that went down since, and that the host believes to be up */
        uint8_t telling, reported;          /* buttons in the report in `out`, and in the last that was read whole */
    } regs;
};

/* Listens to `input` (NULL: the mouse lies still) and powers on. */
void ps2_mouse_init(struct ps2_mouse *mouse, struct input_backend *input);

void ps2_mouse_reset(struct ps2_mouse *mouse);

#endif
