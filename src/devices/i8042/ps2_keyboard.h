/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A PS/2 keyboard: IBM's with 101, 102 and 106 keys, and Microsoft's later ones.
 *
 * It has no clock.  Typematic rate and delay are registers only: a key repeats when the source of keys says so.  The
 * basic assurance test after a reset takes no time; that of power-on is over, and its AAh read, when the BIOS starts.
 *
 * An answer is sent before scan codes that wait, and a new command takes the place of an answer that nobody has read.
 */
#ifndef REFLEX_DEVICES_PS2_KEYBOARD_H
#define REFLEX_DEVICES_PS2_KEYBOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "backends/input.h"
#include "devices/i8042/ps2_device.h"
#include "devices/i8042/scan_codes.h"

struct ps2_keyboard {
    /* wiring */
    struct ps2_device device;
    struct input_backend *input;            /* NULL: nobody types */
    struct input_listener listener;

    /* the keys themselves, which no reset lifts */
    uint8_t held[INPUT_KEYS / 8];

    /* registers */
    struct ps2_keyboard_registers {
        struct ps2_queue answer, codes;
        bool overrun;                       /* the last of `codes` is the overrun code */
        bool scanning;
        uint8_t set;                        /* 1 to 3 */
        uint8_t leds, typematic;
        uint8_t command;                    /* whose byte comes next, 0: none */
        bool resend;                        /* the host asks for last_sent again */
        uint8_t last_sent;
        uint8_t types[SCAN_CODES];          /* enum scan_key_type of each code of set 3 */
    } regs;
};

/* Listens to `input` and powers on. */
void ps2_keyboard_init(struct ps2_keyboard *keyboard, struct input_backend *input);

/* Power-on state; the lights go out. */
void ps2_keyboard_reset(struct ps2_keyboard *keyboard);

#endif
