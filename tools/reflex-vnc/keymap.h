/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Which key types what: from the keysyms that a viewer sends (rfb/keysym.h) to places on a keyboard.  A viewer does not
 * say where on its own keyboard a key is; so what it types is typed on a keyboard of US layout, and arrives as the same
 * characters in a guest that believes to have one.
 */
#ifndef REFLEX_VNC_KEYMAP_H
#define REFLEX_VNC_KEYMAP_H

#include <stdbool.h>
#include <stdint.h>

enum key_shift {
    SHIFT_ANY,                              /* means the same with and without */
    SHIFT_UP, SHIFT_DOWN,
    SHIFT_SMALL, SHIFT_CAPITAL,             /* a letter: Caps Lock counts as well */
};

/* The KEY_* (backends/input.h), and what Shift must be for it; 0: no key types that. */
unsigned int keymap_find(uint32_t keysym, enum key_shift *shift);

#endif
