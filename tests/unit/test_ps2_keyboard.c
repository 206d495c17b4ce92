/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The keyboard alone: keys go in at one end, and the test is the host at the other. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>

#include "devices/i8042/ps2_keyboard.h"
#include "devices/i8042/ps2_keyboard_regs.h"

struct fixture {
    struct ps2_keyboard keyboard;
    struct ps2_host host;
    unsigned int announced;
    struct input_backend input;
    uint8_t leds;
    unsigned int led_changes;
};

static void waiting(struct ps2_host *host)
{
    ((struct fixture *)((char *)host - offsetof(struct fixture, host)))->announced++;
}

static void leds(struct input_backend *input, uint8_t leds)
{
    struct fixture *f = (struct fixture *)((char *)input - offsetof(struct fixture, input));

    f->leds = leds;
    f->led_changes++;
}

static int set_up(void **state)
{
    static struct fixture f;

    f = (struct fixture){ .host.waiting = waiting, .input.leds = leds };
    ps2_keyboard_init(&f.keyboard, &f.input);
    f.keyboard.device.host = &f.host;
    f.led_changes = 0;
    *state = &f;
    return 0;
}

static void command(struct fixture *f, uint8_t byte)
{
    f->keyboard.device.receive(&f->keyboard.device, byte);
}

/* Everything that the keyboard has to say, in hexadecimal. */
static const char *heard(struct fixture *f)
{
    static char text[3 * 64];
    unsigned int length = 0;
    uint8_t byte;

    text[0] = '\0';
    while (f->keyboard.device.send(&f->keyboard.device, &byte)) {
        assert_true(length + 4 <= sizeof(text));
        length += (unsigned int)snprintf(text + length, sizeof(text) - length, length ? " %02x" : "%02x", byte);
    }
    return text;
}

static void press(struct fixture *f, unsigned int key)
{
    input_key(&f->input, key, true);
}

static void release(struct fixture *f, unsigned int key)
{
    input_key(&f->input, key, false);
}

static void select_set(struct fixture *f, uint8_t set)
{
    command(f, KEYBOARD_SCAN_CODE_SET);
    command(f, set);
    heard(f);
}

/* As the controller translates it. */
static const char *translated(const char *set2)
{
    static char text[3 * 64];
    unsigned int length = 0;
    bool released = false;
    char *end;

    text[0] = '\0';
    for (; *set2; set2 = end + (*end == ' ')) {
        uint8_t byte = (uint8_t)strtoul(set2, &end, 16);

        if (scan_code_translate(&byte, &released))
            length += (unsigned int)snprintf(text + length, sizeof(text) - length, length ? " %02x" : "%02x", byte);
    }
    return text;
}

/* ---- Scan codes --------------------------------------------------------------------------------------------- */

/* From the tables of IBM's 101-, 102- and 106-key keyboards and Microsoft's "Keyboard Scan Code Specification", where
 * sets 1 and 2 stand side by side.  set3: 00: none. */
static const struct {
    unsigned int key;
    const char *set1, *set2;
    uint8_t set3;
} table[] = {
    { KEY_ESC, "01", "76", 0x08 }, { KEY_1, "02", "16", 0x16 }, { KEY_2, "03", "1e", 0x1e },
    { KEY_3, "04", "26", 0x26 }, { KEY_4, "05", "25", 0x25 }, { KEY_5, "06", "2e", 0x2e },
    { KEY_6, "07", "36", 0x36 }, { KEY_7, "08", "3d", 0x3d }, { KEY_8, "09", "3e", 0x3e },
    { KEY_9, "0a", "46", 0x46 }, { KEY_0, "0b", "45", 0x45 }, { KEY_MINUS, "0c", "4e", 0x4e },
    { KEY_EQUAL, "0d", "55", 0x55 }, { KEY_BACKSPACE, "0e", "66", 0x66 }, { KEY_TAB, "0f", "0d", 0x0d },
    { KEY_Q, "10", "15", 0x15 }, { KEY_W, "11", "1d", 0x1d }, { KEY_E, "12", "24", 0x24 },
    { KEY_R, "13", "2d", 0x2d }, { KEY_T, "14", "2c", 0x2c }, { KEY_Y, "15", "35", 0x35 },
    { KEY_U, "16", "3c", 0x3c }, { KEY_I, "17", "43", 0x43 }, { KEY_O, "18", "44", 0x44 },
    { KEY_P, "19", "4d", 0x4d }, { KEY_LEFTBRACE, "1a", "54", 0x54 }, { KEY_RIGHTBRACE, "1b", "5b", 0x5b },
    { KEY_ENTER, "1c", "5a", 0x5a }, { KEY_LEFTCTRL, "1d", "14", 0x11 }, { KEY_A, "1e", "1c", 0x1c },
    { KEY_S, "1f", "1b", 0x1b }, { KEY_D, "20", "23", 0x23 }, { KEY_F, "21", "2b", 0x2b },
    { KEY_G, "22", "34", 0x34 }, { KEY_H, "23", "33", 0x33 }, { KEY_J, "24", "3b", 0x3b },
    { KEY_K, "25", "42", 0x42 }, { KEY_L, "26", "4b", 0x4b }, { KEY_SEMICOLON, "27", "4c", 0x4c },
    { KEY_APOSTROPHE, "28", "52", 0x52 }, { KEY_GRAVE, "29", "0e", 0x0e }, { KEY_LEFTSHIFT, "2a", "12", 0x12 },
    { KEY_BACKSLASH, "2b", "5d", 0x5c }, { KEY_Z, "2c", "1a", 0x1a }, { KEY_X, "2d", "22", 0x22 },
    { KEY_C, "2e", "21", 0x21 }, { KEY_V, "2f", "2a", 0x2a }, { KEY_B, "30", "32", 0x32 },
    { KEY_N, "31", "31", 0x31 }, { KEY_M, "32", "3a", 0x3a }, { KEY_COMMA, "33", "41", 0x41 },
    { KEY_DOT, "34", "49", 0x49 }, { KEY_SLASH, "35", "4a", 0x4a }, { KEY_RIGHTSHIFT, "36", "59", 0x59 },
    { KEY_KPASTERISK, "37", "7c", 0x7e }, { KEY_LEFTALT, "38", "11", 0x19 }, { KEY_SPACE, "39", "29", 0x29 },
    { KEY_CAPSLOCK, "3a", "58", 0x14 }, { KEY_F1, "3b", "05", 0x07 }, { KEY_F2, "3c", "06", 0x0f },
    { KEY_F3, "3d", "04", 0x17 }, { KEY_F4, "3e", "0c", 0x1f }, { KEY_F5, "3f", "03", 0x27 },
    { KEY_F6, "40", "0b", 0x2f }, { KEY_F7, "41", "83", 0x37 }, { KEY_F8, "42", "0a", 0x3f },
    { KEY_F9, "43", "01", 0x47 }, { KEY_F10, "44", "09", 0x4f }, { KEY_NUMLOCK, "45", "77", 0x76 },
    { KEY_SCROLLLOCK, "46", "7e", 0x5f }, { KEY_KP7, "47", "6c", 0x6c }, { KEY_KP8, "48", "75", 0x75 },
    { KEY_KP9, "49", "7d", 0x7d }, { KEY_KPMINUS, "4a", "7b", 0x84 }, { KEY_KP4, "4b", "6b", 0x6b },
    { KEY_KP5, "4c", "73", 0x73 }, { KEY_KP6, "4d", "74", 0x74 }, { KEY_KPPLUS, "4e", "79", 0x7c },
    { KEY_KP1, "4f", "69", 0x69 }, { KEY_KP2, "50", "72", 0x72 }, { KEY_KP3, "51", "7a", 0x7a },
    { KEY_KP0, "52", "70", 0x70 }, { KEY_KPDOT, "53", "71", 0x71 }, { KEY_102ND, "56", "61", 0x13 },
    { KEY_F11, "57", "78", 0x56 }, { KEY_F12, "58", "07", 0x5e },
    { KEY_KPENTER, "e0 1c", "e0 5a", 0x79 }, { KEY_RIGHTCTRL, "e0 1d", "e0 14", 0x58 },
    { KEY_KPSLASH, "e0 35", "e0 4a", 0x77 }, { KEY_RIGHTALT, "e0 38", "e0 11", 0x39 },
    { KEY_HOME, "e0 47", "e0 6c", 0x6e }, { KEY_UP, "e0 48", "e0 75", 0x63 },
    { KEY_PAGEUP, "e0 49", "e0 7d", 0x6f }, { KEY_LEFT, "e0 4b", "e0 6b", 0x61 },
    { KEY_RIGHT, "e0 4d", "e0 74", 0x6a }, { KEY_END, "e0 4f", "e0 69", 0x65 },
    { KEY_DOWN, "e0 50", "e0 72", 0x60 }, { KEY_PAGEDOWN, "e0 51", "e0 7a", 0x6d },
    { KEY_INSERT, "e0 52", "e0 70", 0x67 }, { KEY_DELETE, "e0 53", "e0 71", 0x64 },
    { KEY_LEFTMETA, "e0 5b", "e0 1f", 0x8b }, { KEY_RIGHTMETA, "e0 5c", "e0 27", 0x8c },
    { KEY_COMPOSE, "e0 5d", "e0 2f", 0x8d },
    { KEY_KATAKANAHIRAGANA, "70", "13", 0x87 }, { KEY_RO, "73", "51", 0x51 }, { KEY_HENKAN, "79", "64", 0x86 },
    { KEY_MUHENKAN, "7b", "67", 0x85 }, { KEY_YEN, "7d", "6a", 0x5d }, { KEY_KPCOMMA, "7e", "6d", 0 },
    { KEY_KPEQUAL, "59", "0f", 0 }, { KEY_KPJPCOMMA, "5c", "27", 0 }, { KEY_ZENKAKUHANKAKU, "76", "5f", 0 },
    { KEY_HIRAGANA, "77", "62", 0 }, { KEY_KATAKANA, "78", "63", 0 },
    { KEY_POWER, "e0 5e", "e0 37", 0 }, { KEY_SLEEP, "e0 5f", "e0 3f", 0 }, { KEY_WAKEUP, "e0 63", "e0 5e", 0 },
    { KEY_NEXTSONG, "e0 19", "e0 4d", 0 }, { KEY_PREVIOUSSONG, "e0 10", "e0 15", 0 },
    { KEY_STOPCD, "e0 24", "e0 3b", 0 }, { KEY_PLAYPAUSE, "e0 22", "e0 34", 0 },
    { KEY_MUTE, "e0 20", "e0 23", 0 }, { KEY_VOLUMEUP, "e0 30", "e0 32", 0 },
    { KEY_VOLUMEDOWN, "e0 2e", "e0 21", 0 }, { KEY_MEDIA, "e0 6d", "e0 50", 0 }, { KEY_MAIL, "e0 6c", "e0 48", 0 },
    { KEY_CALC, "e0 21", "e0 2b", 0 }, { KEY_COMPUTER, "e0 6b", "e0 40", 0 }, { KEY_SEARCH, "e0 65", "e0 10", 0 },
    { KEY_HOMEPAGE, "e0 32", "e0 3a", 0 }, { KEY_BACK, "e0 6a", "e0 38", 0 }, { KEY_FORWARD, "e0 69", "e0 30", 0 },
    { KEY_STOP, "e0 68", "e0 28", 0 }, { KEY_REFRESH, "e0 67", "e0 20", 0 },
    { KEY_BOOKMARKS, "e0 66", "e0 18", 0 },
    { KEY_F13, "64", "08", 0 }, { KEY_F14, "65", "10", 0 }, { KEY_F15, "66", "18", 0 }, { KEY_F16, "67", "20", 0 },
    { KEY_F17, "68", "28", 0 }, { KEY_F18, "69", "30", 0 }, { KEY_F19, "6a", "38", 0 }, { KEY_F20, "6b", "40", 0 },
    { KEY_F21, "6c", "48", 0 }, { KEY_F22, "6d", "50", 0 }, { KEY_F23, "6e", "57", 0 }, { KEY_F24, "76", "5f", 0 },
};
#define TABLE_KEYS (sizeof(table) / sizeof(table[0]))

/* "e0 75" -> "e0 f0 75", "1e" -> "f0 1e" */
static const char *set2_break(const char *make)
{
    static char text[16];
    const char *code = make + strlen(make) - 2;

    snprintf(text, sizeof(text), "%.*sf0 %s", (int)(code - make), make, code);
    return text;
}

static const char *set1_break(const char *make)
{
    static char text[16];
    const char *code = make + strlen(make) - 2;

    snprintf(text, sizeof(text), "%.*s%02x", (int)(code - make), make, (uint8_t)strtoul(code, NULL, 16) | 0x80);
    return text;
}

static void every_key_in_set_2_and_translated(void **state)
{
    struct fixture *f = *state;

    for (unsigned int i = 0; i < TABLE_KEYS; i++) {
        press(f, table[i].key);
        assert_string_equal(heard(f), table[i].set2);
        assert_string_equal(translated(table[i].set2), table[i].set1);
        press(f, table[i].key);                         /* the source repeats */
        assert_string_equal(heard(f), table[i].set2);
        release(f, table[i].key);
        assert_string_equal(heard(f), set2_break(table[i].set2));
        assert_string_equal(translated(set2_break(table[i].set2)), set1_break(table[i].set1));
    }
}

static void every_key_in_set_1(void **state)
{
    struct fixture *f = *state;

    select_set(f, 1);
    for (unsigned int i = 0; i < TABLE_KEYS; i++) {
        press(f, table[i].key);
        assert_string_equal(heard(f), table[i].set1);
        release(f, table[i].key);
        assert_string_equal(heard(f), set1_break(table[i].set1));
    }
}

static void every_key_in_set_3(void **state)
{
    struct fixture *f = *state;
    char expected[16];

    select_set(f, 3);
    command(f, KEYBOARD_ALL_REPEAT_BREAK);
    heard(f);
    for (unsigned int i = 0; i < TABLE_KEYS; i++) {
        snprintf(expected, sizeof(expected), table[i].set3 ? "%02x" : "", table[i].set3);
        press(f, table[i].key);
        assert_string_equal(heard(f), expected);
        snprintf(expected, sizeof(expected), table[i].set3 ? "f0 %02x" : "", table[i].set3);
        release(f, table[i].key);
        assert_string_equal(heard(f), expected);
    }
    press(f, KEY_SYSRQ);
    assert_string_equal(heard(f), "57");
    press(f, KEY_PAUSE);
    assert_string_equal(heard(f), "62");
}

/* Linux chose its numbers so. */
static void the_first_88_keys_are_their_own_codes_in_set_1(void **state)
{
    unsigned int seen = 0;

    (void)state;
    for (unsigned int i = 0; i < TABLE_KEYS; i++)
        if (table[i].key <= KEY_F12 && table[i].key != KEY_ZENKAKUHANKAKU) {
            assert_int_equal(strtoul(table[i].set1, NULL, 16), table[i].key);
            seen++;
        }
    assert_int_equal(seen, 86);
}

static void no_key_is_left_out_of_the_table(void **state)
{
    struct fixture *f = *state;
    unsigned int speaking = 0;

    for (unsigned int key = 0; key < INPUT_KEYS; key++) {
        press(f, key);
        speaking += *heard(f) != '\0';
        release(f, key);
        heard(f);
    }
    assert_int_equal(speaking, TABLE_KEYS + 4);         /* Print Screen, Pause and the two Korean keys */
}

static void pause_and_break(void **state)
{
    struct fixture *f = *state;

    press(f, KEY_PAUSE);
    press(f, KEY_PAUSE);
    release(f, KEY_PAUSE);
    assert_string_equal(heard(f), "e1 14 77 e1 f0 14 f0 77");
    assert_string_equal(translated("e1 14 77 e1 f0 14 f0 77"), "e1 1d 45 e1 9d c5");
    press(f, KEY_RIGHTCTRL);
    heard(f);
    press(f, KEY_PAUSE);
    release(f, KEY_PAUSE);
    assert_string_equal(heard(f), "e0 7e e0 f0 7e");
    assert_string_equal(translated("e0 7e e0 f0 7e"), "e0 46 e0 c6");
    release(f, KEY_RIGHTCTRL);
    heard(f);
    select_set(f, 1);
    press(f, KEY_PAUSE);
    assert_string_equal(heard(f), "e1 1d 45 e1 9d c5");
}

static void assert_print_screen(struct fixture *f, const char *make, const char *repeat, const char *release_codes)
{
    press(f, KEY_SYSRQ);
    assert_string_equal(heard(f), make);
    press(f, KEY_SYSRQ);
    assert_string_equal(heard(f), repeat);
    release(f, KEY_SYSRQ);
    assert_string_equal(heard(f), release_codes);
}

static void print_screen_and_sysrq(void **state)
{
    static const unsigned int plain_with[] = { KEY_LEFTSHIFT, KEY_RIGHTSHIFT, KEY_LEFTCTRL, KEY_RIGHTCTRL };
    struct fixture *f = *state;

    assert_print_screen(f, "e0 12 e0 7c", "e0 7c", "e0 f0 7c e0 f0 12");
    assert_string_equal(translated("e0 12 e0 7c"), "e0 2a e0 37");
    assert_string_equal(translated("e0 f0 7c e0 f0 12"), "e0 b7 e0 aa");
    for (unsigned int i = 0; i < 4; i++) {
        press(f, plain_with[i]);
        heard(f);
        assert_print_screen(f, "e0 7c", "e0 7c", "e0 f0 7c");
        release(f, plain_with[i]);
        heard(f);
    }
    press(f, KEY_LEFTALT);
    heard(f);
    assert_print_screen(f, "84", "84", "f0 84");
    assert_string_equal(translated("84 f0 84"), "54 d4");
}

/* The keys between letters and keypad: table of keys 75-89. */
static void cursor_keys_with_shift_and_num_lock(void **state)
{
    struct fixture *f = *state;

    press(f, KEY_LEFTSHIFT);
    heard(f);
    press(f, KEY_INSERT);
    assert_string_equal(heard(f), "e0 f0 12 e0 70");
    press(f, KEY_INSERT);
    assert_string_equal(heard(f), "e0 70");
    release(f, KEY_INSERT);
    assert_string_equal(heard(f), "e0 f0 70 e0 12");
    press(f, KEY_RIGHTSHIFT);
    heard(f);
    press(f, KEY_DOWN);
    assert_string_equal(heard(f), "e0 f0 12 e0 f0 59 e0 72");
    release(f, KEY_DOWN);
    assert_string_equal(heard(f), "e0 f0 72 e0 12 e0 59");
    press(f, KEY_KPSLASH);
    assert_string_equal(heard(f), "e0 f0 12 e0 f0 59 e0 4a");
    release(f, KEY_KPSLASH);
    command(f, KEYBOARD_SET_LEDS);
    command(f, INPUT_LED_NUM);
    heard(f);
    press(f, KEY_UP);                                   /* Shift undoes Num Lock */
    assert_string_equal(heard(f), "e0 75");
    release(f, KEY_UP);
    release(f, KEY_LEFTSHIFT);
    release(f, KEY_RIGHTSHIFT);
    heard(f);
    press(f, KEY_UP);
    assert_string_equal(heard(f), "e0 12 e0 75");
    release(f, KEY_UP);
    assert_string_equal(heard(f), "e0 f0 75 e0 f0 12");
    press(f, KEY_KPSLASH);
    assert_string_equal(heard(f), "e0 4a");
}

static void cursor_keys_with_shift_in_set_1(void **state)
{
    struct fixture *f = *state;

    select_set(f, 1);
    press(f, KEY_RIGHTSHIFT);
    heard(f);
    press(f, KEY_INSERT);
    assert_string_equal(heard(f), "e0 b6 e0 52");
    release(f, KEY_INSERT);
    assert_string_equal(heard(f), "e0 d2 e0 36");
}

static void korean_keys_do_not_come_up(void **state)
{
    struct fixture *f = *state;

    press(f, KEY_HANGEUL);
    release(f, KEY_HANGEUL);
    press(f, KEY_HANJA);
    release(f, KEY_HANJA);
    assert_string_equal(heard(f), "f2 f1");
    assert_string_equal(translated("f2 f1"), "f2 f1");
}

static void other_codes_are_silent(void **state)
{
    struct fixture *f = *state;

    press(f, 0);
    press(f, 84);
    press(f, 255);
    f->input.keyboard->key(f->input.keyboard, BTN_LEFT, true);
    f->input.keyboard->key(f->input.keyboard, 0xffffffff, true);
    release(f, KEY_A);                                  /* was not held */
    assert_string_equal(heard(f), "");
    assert_int_equal(f->announced, 0);
}

/* IBM's table of key types after power-on. */
static void key_types_of_set_3(void **state)
{
    static const struct { unsigned int key; const char *make, *repeat, *release; } keys[] = {
        { KEY_A, "1c", "1c", "" }, { KEY_UP, "63", "63", "" }, { KEY_KPPLUS, "7c", "7c", "" },
        { KEY_DELETE, "64", "64", "" }, { KEY_LEFTSHIFT, "12", "", "f0 12" }, { KEY_CAPSLOCK, "14", "", "f0 14" },
        { KEY_LEFTALT, "19", "", "f0 19" }, { KEY_RIGHTALT, "39", "", "" }, { KEY_F1, "07", "", "" },
        { KEY_ESC, "08", "", "" }, { KEY_HOME, "6e", "", "" }, { KEY_KP5, "73", "", "" },
    };
    struct fixture *f = *state;

    select_set(f, 3);
    for (unsigned int i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        press(f, keys[i].key);
        assert_string_equal(heard(f), keys[i].make);
        press(f, keys[i].key);
        assert_string_equal(heard(f), keys[i].repeat);
        release(f, keys[i].key);
        assert_string_equal(heard(f), keys[i].release);
    }
}

static void key_types_can_be_set(void **state)
{
    static const struct { uint8_t all, one; const char *repeat, *release; } types[] = {
        { KEYBOARD_ALL_REPEAT, KEYBOARD_KEY_REPEATS, "1c", "" },
        { KEYBOARD_ALL_BREAK, KEYBOARD_KEY_BREAKS, "", "f0 1c" },
        { KEYBOARD_ALL_MAKE, KEYBOARD_KEY_MAKE, "", "" },
        { KEYBOARD_ALL_REPEAT_BREAK, 0, "1c", "f0 1c" },
    };
    struct fixture *f = *state;

    select_set(f, 3);
    for (unsigned int i = 0; i < 7; i++) {
        if (i / 4) {
            command(f, KEYBOARD_ALL_REPEAT_BREAK);
            command(f, types[i % 4].one);
            command(f, 0x5a);                           /* some other key */
            command(f, 0x1c);
            command(f, KEYBOARD_ENABLE);
        } else {
            command(f, types[i].all);
        }
        assert_string_equal(heard(f), "fa");
        press(f, KEY_A);
        assert_string_equal(heard(f), "1c");
        press(f, KEY_A);
        assert_string_equal(heard(f), types[i % 4].repeat);
        release(f, KEY_A);
        assert_string_equal(heard(f), types[i % 4].release);
    }
    command(f, KEYBOARD_KEY_MAKE);
    command(f, SCAN_CODES);                             /* no such key, and the end of the command */
    assert_string_equal(heard(f), "fe");
    command(f, KEYBOARD_DEFAULT_DISABLE);
    command(f, KEYBOARD_ENABLE);
    select_set(f, 3);
    press(f, KEY_LEFTSHIFT);
    release(f, KEY_LEFTSHIFT);
    assert_string_equal(heard(f), "12 f0 12");
}

/* ---- Buffer ------------------------------------------------------------------------------------------------- */

static void fourteen_bytes_and_an_overrun(void **state)
{
    static const uint8_t sets[] = { 2, 1, 3 };
    static const char *const expected[] = {
        "1c 1c 1c 1c 1c 1c 1c 1c 1c 1c 1c 1c 1c 1c 00", "1e 1e 1e 1e 1e 1e 1e 1e 1e 1e 1e 1e 1e 1e ff",
        "1c 1c 1c 1c 1c 1c 1c 1c 1c 1c 1c 1c 1c 1c 00",
    };
    struct fixture *f = *state;

    for (unsigned int i = 0; i < 3; i++) {
        select_set(f, sets[i]);
        for (unsigned int n = 0; n < 30; n++)
            press(f, KEY_A);
        assert_string_equal(heard(f), expected[i]);
        press(f, KEY_A);
        assert_string_equal(heard(f), i == 1 ? "1e" : "1c");
        release(f, KEY_A);
        heard(f);
    }
}

/* "the entire sequence must fit" */
static void a_sequence_is_lost_as_a_whole(void **state)
{
    struct fixture *f = *state;

    for (unsigned int n = 0; n < 12; n++)
        press(f, KEY_A);
    press(f, KEY_PAUSE);
    press(f, KEY_B);
    press(f, KEY_C);
    press(f, KEY_D);
    assert_string_equal(heard(f), "1c 1c 1c 1c 1c 1c 1c 1c 1c 1c 1c 1c 00 32 00");
}

static void answers_take_no_room_and_go_first(void **state)
{
    struct fixture *f = *state;

    for (unsigned int n = 0; n < 14; n++)
        press(f, KEY_A);
    command(f, KEYBOARD_READ_ID);
    assert_string_equal(heard(f), "fa ab 83 1c 1c 1c 1c 1c 1c 1c 1c 1c 1c 1c 1c 1c 1c");
}

static void ready_is_listening_and_empty(void **state)
{
    struct fixture *f = *state;
    struct input_backend unplugged = { 0 };

    assert_false(input_ready(&unplugged));
    input_key(&unplugged, KEY_A, true);
    assert_true(input_ready(&f->input));
    press(f, KEY_A);
    assert_int_equal(f->announced, 1);
    assert_false(input_ready(&f->input));
    heard(f);
    assert_true(input_ready(&f->input));
    command(f, KEYBOARD_DEFAULT_DISABLE);
    assert_false(input_ready(&f->input));
}

/* The longest sequence still fits into a buffer that is not full. */
static void full_is_listening_and_short_of_room(void **state)
{
    struct fixture *f = *state;
    struct input_backend unplugged = { 0 };

    assert_false(input_full(&unplugged));
    assert_false(input_behind(&unplugged));
    for (unsigned int i = 0; i < 6; i++) {
        assert_false(input_full(&f->input));
        press(f, KEY_A);
        assert_true(input_behind(&f->input));
    }
    assert_false(input_full(&f->input));
    press(f, KEY_PAUSE);
    assert_true(input_full(&f->input));
    assert_string_equal(heard(f), "1c 1c 1c 1c 1c 1c e1 14 77 e1 f0 14 f0 77");
    assert_false(input_full(&f->input) || input_behind(&f->input));
    for (unsigned int i = 0; i < 7; i++)
        press(f, KEY_A);
    assert_true(input_full(&f->input));
    command(f, KEYBOARD_DEFAULT_DISABLE);
    assert_false(input_full(&f->input) || input_behind(&f->input));
}

/* ---- Commands ----------------------------------------------------------------------------------------------- */

static void reset(void **state)
{
    struct fixture *f = *state;

    select_set(f, 1);
    command(f, KEYBOARD_SET_LEDS);
    command(f, 7);
    command(f, KEYBOARD_DEFAULT_DISABLE);
    press(f, KEY_B);
    command(f, KEYBOARD_RESET);
    assert_string_equal(heard(f), "fa aa");
    assert_int_equal(f->leds, 0);
    press(f, KEY_A);                                    /* scanning, in set 2 */
    assert_string_equal(heard(f), "1c");
    release(f, KEY_B);                                  /* went down unheard */
    assert_string_equal(heard(f), "f0 32");
}

static void enable_and_disable(void **state)
{
    struct fixture *f = *state;

    press(f, KEY_A);
    command(f, KEYBOARD_DEFAULT_DISABLE);
    assert_string_equal(heard(f), "fa");                /* the buffer is cleared */
    press(f, KEY_B);
    assert_string_equal(heard(f), "");
    command(f, KEYBOARD_ENABLE);
    press(f, KEY_C);
    command(f, KEYBOARD_ENABLE);
    assert_string_equal(heard(f), "fa");
    press(f, KEY_D);
    assert_string_equal(heard(f), "23");
    command(f, KEYBOARD_SET_DEFAULT);
    press(f, KEY_E);
    assert_string_equal(heard(f), "fa 24");
}

static void lights(void **state)
{
    struct fixture *f = *state;

    for (uint8_t value = 1; value < 8; value++) {
        command(f, KEYBOARD_SET_LEDS);
        assert_string_equal(heard(f), "fa");
        assert_int_equal(f->leds, value - 1);
        command(f, value);
        assert_string_equal(heard(f), "fa");
        assert_int_equal(f->leds, value);
    }
    command(f, KEYBOARD_SET_LEDS);
    command(f, KEYBOARD_ENABLE);                        /* ends it */
    assert_string_equal(heard(f), "fa");
    command(f, 0x00);
    assert_string_equal(heard(f), "fe");
    assert_int_equal(f->leds, 7);
    command(f, KEYBOARD_SET_DEFAULT);                   /* leaves them on, and Num Lock in force */
    heard(f);
    assert_int_equal(f->leds, 7);
    press(f, KEY_UP);
    assert_string_equal(heard(f), "e0 12 e0 75");
}

static void typematic_rate(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(f->keyboard.regs.typematic, 0x2b);
    command(f, KEYBOARD_SET_TYPEMATIC);
    command(f, 0x20);
    assert_string_equal(heard(f), "fa");
    assert_int_equal(f->keyboard.regs.typematic, 0x20);
    command(f, KEYBOARD_SET_DEFAULT);
    assert_int_equal(f->keyboard.regs.typematic, 0x2b);
}

static void scan_code_sets(void **state)
{
    struct fixture *f = *state;

    for (uint8_t set = 1; set <= 3; set++) {
        char expected[16];

        command(f, KEYBOARD_SCAN_CODE_SET);
        assert_string_equal(heard(f), "fa");
        command(f, set);
        assert_string_equal(heard(f), "fa");
        command(f, KEYBOARD_SCAN_CODE_SET);
        command(f, 0);
        snprintf(expected, sizeof(expected), "fa %02x", set);
        assert_string_equal(heard(f), expected);
    }
    command(f, KEYBOARD_SCAN_CODE_SET);
    command(f, 4);
    assert_string_equal(heard(f), "fe");
    assert_int_equal(f->keyboard.regs.set, 3);
}

static void resend(void **state)
{
    struct fixture *f = *state;
    uint8_t byte;

    command(f, KEYBOARD_RESEND);
    assert_string_equal(heard(f), "aa");                /* that of power-on */
    command(f, KEYBOARD_READ_ID);
    assert_true(f->keyboard.device.send(&f->keyboard.device, &byte));
    assert_true(f->keyboard.device.send(&f->keyboard.device, &byte));
    command(f, KEYBOARD_RESEND);
    command(f, KEYBOARD_RESEND);
    assert_string_equal(heard(f), "ab 83");             /* and goes on */
    command(f, KEYBOARD_SET_LEDS);
    heard(f);
    command(f, KEYBOARD_RESEND);                        /* does not end the command */
    assert_string_equal(heard(f), "fa");
    command(f, 5);
    assert_string_equal(heard(f), "fa");
    assert_int_equal(f->leds, 5);
}

static void echo(void **state)
{
    struct fixture *f = *state;

    command(f, KEYBOARD_ECHO);
    assert_string_equal(heard(f), "ee");
}

static void unknown_commands_are_to_be_sent_again(void **state)
{
    struct fixture *f = *state;

    for (unsigned int byte = 0; byte < 256; byte++)
        if (byte < KEYBOARD_SET_LEDS || byte == 0xef || byte == 0xf1) {
            command(f, (uint8_t)byte);
            assert_string_equal(heard(f), "fe");
        }
}

/* Linux's i8042_panic_blink() reads nothing. */
static void answers_do_not_pile_up(void **state)
{
    struct fixture *f = *state;

    for (unsigned int i = 0; i < 1000; i++) {
        command(f, KEYBOARD_SET_LEDS);
        command(f, i & 7);
    }
    assert_int_equal(f->leds, 999 & 7);
    assert_string_equal(heard(f), "fa");
}

static void nobody_types(void **state)
{
    struct ps2_keyboard keyboard;
    uint8_t byte;

    (void)state;
    ps2_keyboard_init(&keyboard, NULL);
    keyboard.device.receive(&keyboard.device, KEYBOARD_RESET);
    assert_true(keyboard.device.send(&keyboard.device, &byte));
    assert_int_equal(byte, 0xfa);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_key_in_set_2_and_translated, set_up),
        cmocka_unit_test_setup(every_key_in_set_1, set_up),
        cmocka_unit_test_setup(every_key_in_set_3, set_up),
        cmocka_unit_test_setup(the_first_88_keys_are_their_own_codes_in_set_1, set_up),
        cmocka_unit_test_setup(no_key_is_left_out_of_the_table, set_up),
        cmocka_unit_test_setup(pause_and_break, set_up),
        cmocka_unit_test_setup(print_screen_and_sysrq, set_up),
        cmocka_unit_test_setup(cursor_keys_with_shift_and_num_lock, set_up),
        cmocka_unit_test_setup(cursor_keys_with_shift_in_set_1, set_up),
        cmocka_unit_test_setup(korean_keys_do_not_come_up, set_up),
        cmocka_unit_test_setup(other_codes_are_silent, set_up),
        cmocka_unit_test_setup(key_types_of_set_3, set_up),
        cmocka_unit_test_setup(key_types_can_be_set, set_up),
        cmocka_unit_test_setup(fourteen_bytes_and_an_overrun, set_up),
        cmocka_unit_test_setup(a_sequence_is_lost_as_a_whole, set_up),
        cmocka_unit_test_setup(answers_take_no_room_and_go_first, set_up),
        cmocka_unit_test_setup(ready_is_listening_and_empty, set_up),
        cmocka_unit_test_setup(full_is_listening_and_short_of_room, set_up),
        cmocka_unit_test_setup(reset, set_up),
        cmocka_unit_test_setup(enable_and_disable, set_up),
        cmocka_unit_test_setup(lights, set_up),
        cmocka_unit_test_setup(typematic_rate, set_up),
        cmocka_unit_test_setup(scan_code_sets, set_up),
        cmocka_unit_test_setup(resend, set_up),
        cmocka_unit_test_setup(echo, set_up),
        cmocka_unit_test_setup(unknown_commands_are_to_be_sent_again, set_up),
        cmocka_unit_test_setup(answers_do_not_pile_up, set_up),
        cmocka_unit_test_setup(nobody_types, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
