/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "keys.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "backends/input.h"

struct name {
    const char *name;
    uint16_t key;
};

static const struct name names[] = {
    { "alt", KEY_LEFTALT },         { "altgr", KEY_RIGHTALT },      { "backspace", KEY_BACKSPACE },
    { "break", KEY_PAUSE },         { "capslock", KEY_CAPSLOCK },   { "ctrl", KEY_LEFTCTRL },
    { "del", KEY_DELETE },          { "delete", KEY_DELETE },       { "down", KEY_DOWN },
    { "end", KEY_END },             { "enter", KEY_ENTER },         { "esc", KEY_ESC },
    { "home", KEY_HOME },           { "insert", KEY_INSERT },       { "ins", KEY_INSERT },
    { "kp0", KEY_KP0 },             { "kp1", KEY_KP1 },             { "kp2", KEY_KP2 },
    { "kp3", KEY_KP3 },             { "kp4", KEY_KP4 },             { "kp5", KEY_KP5 },
    { "kp6", KEY_KP6 },             { "kp7", KEY_KP7 },             { "kp8", KEY_KP8 },
    { "kp9", KEY_KP9 },             { "kpasterisk", KEY_KPASTERISK }, { "kpdot", KEY_KPDOT },
    { "kpenter", KEY_KPENTER },     { "kpminus", KEY_KPMINUS },     { "kpplus", KEY_KPPLUS },
    { "kpslash", KEY_KPSLASH },     { "left", KEY_LEFT },           { "menu", KEY_COMPOSE },
    { "meta", KEY_LEFTMETA },       { "minus", KEY_MINUS },         { "numlock", KEY_NUMLOCK },
    { "pagedown", KEY_PAGEDOWN },   { "pageup", KEY_PAGEUP },       { "pause", KEY_PAUSE },
    { "print", KEY_SYSRQ },         { "rightalt", KEY_RIGHTALT },   { "rightctrl", KEY_RIGHTCTRL },
    { "rightmeta", KEY_RIGHTMETA }, { "rightshift", KEY_RIGHTSHIFT }, { "right", KEY_RIGHT },
    { "scrolllock", KEY_SCROLLLOCK }, { "shift", KEY_LEFTSHIFT },   { "space", KEY_SPACE },
    { "sysrq", KEY_SYSRQ },         { "tab", KEY_TAB },             { "up", KEY_UP },
};

static const struct name buttons[] = {
    { "left", BTN_LEFT }, { "middle", BTN_MIDDLE }, { "right", BTN_RIGHT },
};

/* What neighbouring keys type, from `first` on. */
static const struct row {
    uint16_t first;
    const char *plain, *shifted;
} layout[] = {
    { KEY_1,         "1234567890-=", "!@#$%^&*()_+" },
    { KEY_TAB,       "\t",           "" },
    { KEY_Q,         "qwertyuiop[]", "QWERTYUIOP{}" },
    { KEY_ENTER,     "\n",           "" },
    { KEY_A,         "asdfghjkl;'`", "ASDFGHJKL:\"~" },
    { KEY_BACKSLASH, "\\zxcvbnm,./", "|ZXCVBNM<>?" },
    { KEY_SPACE,     " ",            "" },
};

static bool add(struct chord *chord, unsigned int key)
{
    if (chord->count == CHORD_KEYS)
        return false;
    chord->keys[chord->count++] = (uint16_t)key;
    return true;
}

bool keys_of_character(char character, struct chord *chord)
{
    *chord = (struct chord){ .count = 0 };
    for (unsigned int i = 0; character && i < sizeof(layout) / sizeof(layout[0]); i++) {
        const struct row *row = &layout[i];
        const char *plain = strchr(row->plain, character), *shifted = strchr(row->shifted, character);

        if (plain)
            return add(chord, row->first + (unsigned int)(plain - row->plain));
        if (shifted)
            return add(chord, KEY_LEFTSHIFT) && add(chord, row->first + (unsigned int)(shifted - row->shifted));
    }
    return false;
}

static unsigned int find(const struct name *table, unsigned int count, const char *name)
{
    for (unsigned int i = 0; i < count; i++)
        if (strcasecmp(table[i].name, name) == 0)
            return table[i].key;
    return 0;
}

/* f1 to f12, which have no numbers in a row. */
static unsigned int function_key(const char *name)
{
    unsigned int number;
    char more;

    if (strcspn(name, "123456789") != 1 || sscanf(name, "%*1[fF]%2u%c", &number, &more) != 1 || number > 12)
        return 0;
    return number <= 10 ? KEY_F1 + number - 1 : KEY_F11 + number - 11;
}

/* A key is also called by what it types without Shift.  0: no key. */
static unsigned int key_named(const char *name)
{
    unsigned int key = find(names, sizeof(names) / sizeof(names[0]), name);
    struct chord chord;

    if (!key)
        key = function_key(name);
    if (!key && strlen(name) == 1 && *name > ' ' && keys_of_character(*name, &chord) && chord.count == 1)
        key = chord.keys[0];
    return key;
}

bool keys_named(const char *name, struct chord *chord)
{
    char part[16];

    *chord = (struct chord){ .count = 0 };
    for (;; name++) {
        size_t length = strcspn(name, "-");
        unsigned int key;

        if (length >= sizeof(part))
            return false;
        memcpy(part, name, length);
        part[length] = '\0';
        key = key_named(part);
        if (!key || !add(chord, key))
            return false;
        name += length;
        if (!*name)
            return true;
    }
}

bool keys_of_button(const char *name, struct chord *chord)
{
    unsigned int key = find(buttons, sizeof(buttons) / sizeof(buttons[0]), name);

    *chord = (struct chord){ .count = 0 };
    return key && add(chord, key);
}
