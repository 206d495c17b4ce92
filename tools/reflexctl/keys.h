/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What to press, in words: keys by their names, and characters as a keyboard of US layout types them. */
#ifndef REFLEXCTL_KEYS_H
#define REFLEXCTL_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#define CHORD_KEYS 8

/* Keys that go down one after the other, and come up in the reverse order. */
struct chord {
    unsigned int count;
    uint16_t keys[CHORD_KEYS];              /* KEY_*, BTN_* (backends/input.h) */
};

/* "a", "f2", "ctrl-alt-del"; false: a part of it is no key, or there are too many. */
bool keys_named(const char *name, struct chord *chord);
/* False: no key of the layout types this. */
bool keys_of_character(char character, struct chord *chord);
/* "left", "middle", "right". */
bool keys_of_button(const char *name, struct chord *chord);

#endif
