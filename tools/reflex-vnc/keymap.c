/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "keymap.h"

#include <string.h>

#include <rfb/keysym.h>

#include "backends/input.h"

/* Keys that type characters, neighbours from `first` on. */
static const struct row {
    uint16_t first;
    const char *plain, *shifted;
} rows[] = {
    { KEY_1,         "1234567890-=", "!@#$%^&*()_+" },
    { KEY_Q,         "qwertyuiop[]", "QWERTYUIOP{}" },
    { KEY_A,         "asdfghjkl;'`", "ASDFGHJKL:\"~" },
    { KEY_BACKSLASH, "\\zxcvbnm,./", "|ZXCVBNM<>?" },
};

/* Neighbours whose keysyms are neighbours as well. */
static const struct run {
    uint32_t first, last;
    uint16_t key;
} runs[] = {
    { XK_F1, XK_F10, KEY_F1 }, { XK_F11, XK_F12, KEY_F11 }, { XK_F13, XK_F24, KEY_F13 },
};

static const struct name {
    uint32_t keysym;
    uint16_t key;
} names[] = {
    { ' ', KEY_SPACE },                     { XK_BackSpace, KEY_BACKSPACE },     { XK_Tab, KEY_TAB },
    { 0xfe20 /* ISO_Left_Tab */, KEY_TAB }, { XK_Return, KEY_ENTER },            { XK_Linefeed, KEY_ENTER },
    { XK_Escape, KEY_ESC },                 { XK_Delete, KEY_DELETE },           { XK_Insert, KEY_INSERT },
    { XK_Home, KEY_HOME },                  { XK_End, KEY_END },                 { XK_Prior, KEY_PAGEUP },
    { XK_Next, KEY_PAGEDOWN },              { XK_Left, KEY_LEFT },               { XK_Up, KEY_UP },
    { XK_Right, KEY_RIGHT },                { XK_Down, KEY_DOWN },               { XK_Pause, KEY_PAUSE },
    { XK_Break, KEY_PAUSE },                { XK_Print, KEY_SYSRQ },             { XK_Sys_Req, KEY_SYSRQ },
    { XK_Menu, KEY_COMPOSE },               { XK_Scroll_Lock, KEY_SCROLLLOCK },  { XK_Num_Lock, KEY_NUMLOCK },
    { XK_Caps_Lock, KEY_CAPSLOCK },         { XK_Shift_L, KEY_LEFTSHIFT },       { XK_Shift_R, KEY_RIGHTSHIFT },
    { XK_Control_L, KEY_LEFTCTRL },         { XK_Control_R, KEY_RIGHTCTRL },     { XK_Alt_L, KEY_LEFTALT },
    { XK_Alt_R, KEY_RIGHTALT },             { XK_Mode_switch, KEY_RIGHTALT },
    { 0xfe03 /* ISO_Level3_Shift */, KEY_RIGHTALT },
    { XK_Meta_L, KEY_LEFTALT },             { XK_Meta_R, KEY_RIGHTALT },         { XK_Super_L, KEY_LEFTMETA },
    { XK_Super_R, KEY_RIGHTMETA },          { XK_Hyper_L, KEY_LEFTMETA },        { XK_Hyper_R, KEY_RIGHTMETA },
    { XK_KP_Enter, KEY_KPENTER },           { XK_KP_Add, KEY_KPPLUS },           { XK_KP_Subtract, KEY_KPMINUS },
    { XK_KP_Multiply, KEY_KPASTERISK },     { XK_KP_Divide, KEY_KPSLASH },       { XK_KP_Equal, KEY_KPEQUAL },
    { XK_KP_Decimal, KEY_KPDOT },           { XK_KP_Delete, KEY_KPDOT },         { XK_KP_Separator, KEY_KPCOMMA },
    { XK_KP_0, KEY_KP0 },                   { XK_KP_Insert, KEY_KP0 },           { XK_KP_1, KEY_KP1 },
    { XK_KP_End, KEY_KP1 },                 { XK_KP_2, KEY_KP2 },                { XK_KP_Down, KEY_KP2 },
    { XK_KP_3, KEY_KP3 },                   { XK_KP_Next, KEY_KP3 },             { XK_KP_4, KEY_KP4 },
    { XK_KP_Left, KEY_KP4 },                { XK_KP_5, KEY_KP5 },                { XK_KP_Begin, KEY_KP5 },
    { XK_KP_6, KEY_KP6 },                   { XK_KP_Right, KEY_KP6 },            { XK_KP_7, KEY_KP7 },
    { XK_KP_Home, KEY_KP7 },                { XK_KP_8, KEY_KP8 },                { XK_KP_Up, KEY_KP8 },
    { XK_KP_9, KEY_KP9 },                   { XK_KP_Prior, KEY_KP9 },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static unsigned int find_character(char character, enum key_shift *shift)
{
    bool letter = (character | 0x20) >= 'a' && (character | 0x20) <= 'z';

    for (unsigned int i = 0; i < COUNT(rows); i++) {
        const char *plain = strchr(rows[i].plain, character), *shifted = strchr(rows[i].shifted, character);

        if (plain) {
            *shift = letter ? SHIFT_SMALL : SHIFT_UP;
            return rows[i].first + (unsigned int)(plain - rows[i].plain);
        }
        if (shifted) {
            *shift = letter ? SHIFT_CAPITAL : SHIFT_DOWN;
            return rows[i].first + (unsigned int)(shifted - rows[i].shifted);
        }
    }
    return 0;
}

unsigned int keymap_find(uint32_t keysym, enum key_shift *shift)
{
    *shift = SHIFT_ANY;
    if (keysym > ' ' && keysym <= '~')
        return find_character((char)keysym, shift);
    for (unsigned int i = 0; i < COUNT(runs); i++)
        if (keysym >= runs[i].first && keysym <= runs[i].last)
            return runs[i].key + (keysym - runs[i].first);
    for (unsigned int i = 0; i < COUNT(names); i++)
        if (names[i].keysym == keysym)
            return names[i].key;
    return 0;
}
