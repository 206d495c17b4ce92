/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A person's hands, as a keyboard and a mouse feel them; answered by whoever hears of keys: the PV keyboard's ring,
 * dom0, a test.
 *
 * The source pushes and nothing flows back but the lights.  A chip takes what it has room for and loses the rest, as a
 * keyboard does whose machine does not listen; motion it adds up.  A source that can keep keys for a while asks
 * input_full() before each, once that is true waits for input_behind() to end, and does not push the next keys from the
 * access that ended it: a driver that empties the controller to begin with would never see its end (Linux's
 * i8042_flush() gives the whole controller up after 16 bytes).  One that types a text by itself asks input_ready().
 *
 * A release of what is not held is ignored, so that a source that has lost track of the keys (its backend is another
 * one after a restore) may release all of them.
 */
#ifndef REFLEX_BACKENDS_INPUT_H
#define REFLEX_BACKENDS_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Keys are places on a keyboard, not characters.  Names and numbers are those of Linux's event codes, which the PV
 * keyboard's protocol (XENKBD_TYPE_KEY) uses too.  A code that no chip knows is ignored. */
enum input_key {
    KEY_ESC = 1,
    KEY_1, KEY_2, KEY_3, KEY_4, KEY_5, KEY_6, KEY_7, KEY_8, KEY_9, KEY_0, KEY_MINUS, KEY_EQUAL, KEY_BACKSPACE,
    KEY_TAB, KEY_Q, KEY_W, KEY_E, KEY_R, KEY_T, KEY_Y, KEY_U, KEY_I, KEY_O, KEY_P, KEY_LEFTBRACE, KEY_RIGHTBRACE,
    KEY_ENTER, KEY_LEFTCTRL, KEY_A, KEY_S, KEY_D, KEY_F, KEY_G, KEY_H, KEY_J, KEY_K, KEY_L, KEY_SEMICOLON,
    KEY_APOSTROPHE, KEY_GRAVE, KEY_LEFTSHIFT, KEY_BACKSLASH, KEY_Z, KEY_X, KEY_C, KEY_V, KEY_B, KEY_N, KEY_M,
    KEY_COMMA, KEY_DOT, KEY_SLASH, KEY_RIGHTSHIFT, KEY_KPASTERISK, KEY_LEFTALT, KEY_SPACE, KEY_CAPSLOCK,
    KEY_F1, KEY_F2, KEY_F3, KEY_F4, KEY_F5, KEY_F6, KEY_F7, KEY_F8, KEY_F9, KEY_F10, KEY_NUMLOCK, KEY_SCROLLLOCK,
    KEY_KP7, KEY_KP8, KEY_KP9, KEY_KPMINUS, KEY_KP4, KEY_KP5, KEY_KP6, KEY_KPPLUS, KEY_KP1, KEY_KP2, KEY_KP3,
    KEY_KP0, KEY_KPDOT,

    KEY_ZENKAKUHANKAKU = 85, KEY_102ND, KEY_F11, KEY_F12, KEY_RO, KEY_KATAKANA, KEY_HIRAGANA, KEY_HENKAN,
    KEY_KATAKANAHIRAGANA, KEY_MUHENKAN, KEY_KPJPCOMMA, KEY_KPENTER, KEY_RIGHTCTRL, KEY_KPSLASH, KEY_SYSRQ,
    KEY_RIGHTALT,

    KEY_HOME = 102, KEY_UP, KEY_PAGEUP, KEY_LEFT, KEY_RIGHT, KEY_END, KEY_DOWN, KEY_PAGEDOWN, KEY_INSERT, KEY_DELETE,
    KEY_MUTE = 113, KEY_VOLUMEDOWN, KEY_VOLUMEUP, KEY_POWER, KEY_KPEQUAL, KEY_PAUSE = 119,
    KEY_KPCOMMA = 121, KEY_HANGEUL, KEY_HANJA, KEY_YEN, KEY_LEFTMETA, KEY_RIGHTMETA, KEY_COMPOSE, KEY_STOP,

    KEY_CALC = 140, KEY_SLEEP = 142, KEY_WAKEUP, KEY_MAIL = 155, KEY_BOOKMARKS, KEY_COMPUTER, KEY_BACK, KEY_FORWARD,
    KEY_NEXTSONG = 163, KEY_PLAYPAUSE, KEY_PREVIOUSSONG, KEY_STOPCD, KEY_HOMEPAGE = 172, KEY_REFRESH,
    KEY_F13 = 183, KEY_F14, KEY_F15, KEY_F16, KEY_F17, KEY_F18, KEY_F19, KEY_F20, KEY_F21, KEY_F22, KEY_F23, KEY_F24,
    KEY_SEARCH = 217, KEY_MEDIA = 226,
    INPUT_KEYS = 256,                       /* keyboard keys are below, buttons above */

    BTN_LEFT = 0x110, BTN_RIGHT, BTN_MIDDLE, BTN_SIDE, BTN_EXTRA,
};

#define INPUT_LED_SCROLL 0x01
#define INPUT_LED_NUM    0x02
#define INPUT_LED_CAPS   0x04

/* What a keyboard or a mouse hears.  Functions that mean nothing to a chip are NULL. */
struct input_listener {
    /* `down` again without a release between is the source's auto-repeat. */
    void (*key)(struct input_listener *listener, unsigned int code, bool down);
    /* Relative, any amount: x to the right, y downwards, wheel away from the person (the PV protocol's rel_z is
     * towards). */
    void (*motion)(struct input_listener *listener, int32_t x, int32_t y, int32_t wheel);
    bool (*ready)(struct input_listener *listener);
    bool (*behind)(struct input_listener *listener);
    bool (*full)(struct input_listener *listener);
};

struct input_backend {
    /* INPUT_LED_*: lit now.  Called in the middle of an access: no place to push keys from.  NULL: nobody looks. */
    void (*leds)(struct input_backend *backend, uint8_t leds);
    struct input_listener *keyboard, *mouse;    /* set by the chips at start-up; NULL: unplugged */
};

/* A key or a button went down or came up. */
static inline void input_key(struct input_backend *backend, unsigned int code, bool down)
{
    struct input_listener *listener = code < INPUT_KEYS ? backend->keyboard : backend->mouse;

    if (listener)
        listener->key(listener, code, down);
}

static inline void input_motion(struct input_backend *backend, int32_t x, int32_t y, int32_t wheel)
{
    if (backend->mouse)
        backend->mouse->motion(backend->mouse, x, y, wheel);
}

/* The keyboard listens and owes its machine nothing: press and release of one key will not be lost. */
static inline bool input_ready(const struct input_backend *backend)
{
    return backend->keyboard && backend->keyboard->ready(backend->keyboard);
}

/* The keyboard listens, but its machine has not read all that it has said. */
static inline bool input_behind(const struct input_backend *backend)
{
    return backend->keyboard && backend->keyboard->behind(backend->keyboard);
}

/* So far behind that a key now may be lost. */
static inline bool input_full(const struct input_backend *backend)
{
    return backend->keyboard && backend->keyboard->full(backend->keyboard);
}

#endif
