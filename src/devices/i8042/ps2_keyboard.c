/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "devices/i8042/ps2_keyboard.h"

#include <stddef.h>

#include "devices/i8042/ps2_keyboard_regs.h"

#define BUFFER_SIZE 16
#define LONGEST_SEQUENCE 8                  /* Pause */

/* Of a keyboard's 16 bytes two stay free, for the overrun code and in place of the byte that the controller has got by
 * then: a real line carries a byte in a millisecond, and so drivers that empty the controller take one that still has
 * something after 16 bytes for none (Linux: I8042_BUFFER_SIZE; SeaBIOS). */
#define ROOM (BUFFER_SIZE - 2)

/* ---- Keys that are held ------------------------------------------------------------------------------------- */

static bool held(const struct ps2_keyboard *keyboard, unsigned int key)
{
    return keyboard->held[key / 8] & (1u << key % 8);
}

static void set_held(struct ps2_keyboard *keyboard, unsigned int key, bool down)
{
    uint8_t bit = (uint8_t)(1u << key % 8);

    if (down)
        keyboard->held[key / 8] |= bit;
    else
        keyboard->held[key / 8] &= (uint8_t)~bit;
}

static bool either_held(const struct ps2_keyboard *keyboard, unsigned int a, unsigned int b)
{
    return held(keyboard, a) || held(keyboard, b);
}

static bool shift_held(const struct ps2_keyboard *keyboard)
{
    return either_held(keyboard, KEY_LEFTSHIFT, KEY_RIGHTSHIFT);
}

/* ---- What a key says ---------------------------------------------------------------------------------------- */

enum key_event { WENT_DOWN, REPEATED, CAME_UP };

/* The bytes of one event, all or none of which go into the buffer. */
struct sequence {
    uint8_t bytes[BUFFER_SIZE];
    unsigned int count;
};

static void say(struct sequence *sequence, uint8_t byte)
{
    sequence->bytes[sequence->count++] = byte;
}

static void say_code(struct sequence *sequence, uint16_t code, bool down)
{
    if (code >> 8)
        say(sequence, (uint8_t)(code >> 8));
    if (!down)
        say(sequence, SCAN_BREAK);
    say(sequence, (uint8_t)code);
}

/* Shift as the keys that later keyboards added pretend it: their codes are the keypad's with a prefix, and a program
 * that drops the prefix must take them for the keypad's cursor keys. */
#define SHIFT_LEFT  0xe012
#define SHIFT_RIGHT 0xe059

/* Table of keys 75-89, columns "Shift" and "Num Lock".  `before` a key goes down Shift seems released, or with Num Lock
 * on pressed, and after it has come up all is as it was.  With both, the keypad is for the cursor already. */
static void pretend_shift(const struct ps2_keyboard *keyboard, struct sequence *sequence, unsigned int key, bool before)
{
    if (key != KEY_KPSLASH && (keyboard->regs.leds & INPUT_LED_NUM)) {
        if (!shift_held(keyboard))
            say_code(sequence, SHIFT_LEFT, before);
        return;
    }
    if (held(keyboard, KEY_LEFTSHIFT))
        say_code(sequence, SHIFT_LEFT, !before);
    if (held(keyboard, KEY_RIGHTSHIFT))
        say_code(sequence, SHIFT_RIGHT, !before);
}

static bool needs_shift(unsigned int key)
{
    return key == KEY_KPSLASH || (key >= KEY_HOME && key <= KEY_DELETE);
}

static void say_extended_key(const struct ps2_keyboard *keyboard, struct sequence *sequence, unsigned int key,
                             enum key_event event)
{
    if (event == WENT_DOWN)
        pretend_shift(keyboard, sequence, key, true);
    say_code(sequence, scan_key(key).set2, event != CAME_UP);
    if (event == CAME_UP)
        pretend_shift(keyboard, sequence, key, false);
}

/* Key 124: with Alt it is another key, SysRq; alone it seems shifted, for the code was the asterisk's. */
static void say_print_screen(const struct ps2_keyboard *keyboard, struct sequence *sequence, enum key_event event)
{
    bool plain = !shift_held(keyboard) && !either_held(keyboard, KEY_LEFTCTRL, KEY_RIGHTCTRL);

    if (either_held(keyboard, KEY_LEFTALT, KEY_RIGHTALT)) {
        say_code(sequence, 0x84, event != CAME_UP);
        return;
    }
    if (plain && event == WENT_DOWN)
        say_code(sequence, SHIFT_LEFT, true);
    say_code(sequence, scan_key(KEY_SYSRQ).set2, event != CAME_UP);
    if (plain && event == CAME_UP)
        say_code(sequence, SHIFT_LEFT, false);
}

/* Key 126: says all it has to say when it goes down; with Ctrl it is Break. */
static void say_pause(const struct ps2_keyboard *keyboard, struct sequence *sequence, enum key_event event)
{
    static const uint8_t pause[] = { SCAN_PAUSE, 0x14, 0x77, SCAN_PAUSE, SCAN_BREAK, 0x14, SCAN_BREAK, 0x77 };

    if (event != WENT_DOWN)
        return;
    if (either_held(keyboard, KEY_LEFTCTRL, KEY_RIGHTCTRL)) {
        say_code(sequence, scan_key(KEY_PAUSE).set2, true);
        say_code(sequence, scan_key(KEY_PAUSE).set2, false);
        return;
    }
    for (unsigned int i = 0; i < sizeof(pause); i++)
        say(sequence, pause[i]);
}

/* Set 2.  The Korean keys are the only ones there that do not say when they come up. */
static void say_set2(const struct ps2_keyboard *keyboard, struct sequence *sequence, unsigned int key,
                     enum key_event event)
{
    if (key == KEY_PAUSE)
        say_pause(keyboard, sequence, event);
    else if (key == KEY_SYSRQ)
        say_print_screen(keyboard, sequence, event);
    else if (needs_shift(key))
        say_extended_key(keyboard, sequence, key, event);
    else if (event != CAME_UP || (key != KEY_HANGEUL && key != KEY_HANJA))
        say_code(sequence, scan_key(key).set2, event != CAME_UP);
}

static void say_set3(const struct ps2_keyboard *keyboard, struct sequence *sequence, unsigned int key,
                     enum key_event event)
{
    uint8_t code = scan_key(key).set3;
    uint8_t type = keyboard->regs.types[code];

    if (code && (event == WENT_DOWN || (type & (event == REPEATED ? SCAN_REPEATS : SCAN_BREAKS))))
        say_code(sequence, code, event != CAME_UP);
}

static void to_set1(struct sequence *sequence)
{
    struct sequence set1 = { .count = 0 };
    bool released = false;

    for (unsigned int i = 0; i < sequence->count; i++)
        if (scan_code_translate(&sequence->bytes[i], &released))
            say(&set1, sequence->bytes[i]);
    *sequence = set1;
}

/* "Keyboard buffer": what does not fit as a whole is lost, and one overrun code says so. */
static void buffer(struct ps2_keyboard *keyboard, const struct sequence *sequence)
{
    struct ps2_keyboard_registers *regs = &keyboard->regs;

    if (regs->codes.count + sequence->count <= ROOM) {
        for (unsigned int i = 0; i < sequence->count; i++)
            ps2_queue_put(&regs->codes, sequence->bytes[i]);
        regs->overrun = false;
    } else if (!regs->overrun) {
        ps2_queue_put(&regs->codes, regs->set == 1 ? OVERRUN_SET1 : OVERRUN);
        regs->overrun = true;
    }
}

static void key_changed(struct input_listener *listener, unsigned int key, bool down)
{
    struct ps2_keyboard *keyboard = (struct ps2_keyboard *)((char *)listener - offsetof(struct ps2_keyboard, listener));
    struct sequence sequence = { .count = 0 };
    enum key_event event;

    if (!scan_key(key).set2 || (!down && !held(keyboard, key)))
        return;
    event = !down ? CAME_UP : held(keyboard, key) ? REPEATED : WENT_DOWN;
    set_held(keyboard, key, down);
    if (!keyboard->regs.scanning)
        return;
    if (keyboard->regs.set == 3)
        say_set3(keyboard, &sequence, key, event);
    else
        say_set2(keyboard, &sequence, key, event);
    if (keyboard->regs.set == 1)
        to_set1(&sequence);
    if (!sequence.count)
        return;
    buffer(keyboard, &sequence);
    if (keyboard->device.host)
        keyboard->device.host->waiting(keyboard->device.host);
}

static bool ready(struct input_listener *listener)
{
    struct ps2_keyboard *keyboard = (struct ps2_keyboard *)((char *)listener - offsetof(struct ps2_keyboard, listener));

    return keyboard->regs.scanning && !keyboard->regs.codes.count;
}

static bool behind(struct input_listener *listener)
{
    struct ps2_keyboard *keyboard = (struct ps2_keyboard *)((char *)listener - offsetof(struct ps2_keyboard, listener));

    return keyboard->regs.scanning && keyboard->regs.codes.count;
}

static bool full(struct input_listener *listener)
{
    struct ps2_keyboard *keyboard = (struct ps2_keyboard *)((char *)listener - offsetof(struct ps2_keyboard, listener));

    return keyboard->regs.scanning && keyboard->regs.codes.count + LONGEST_SEQUENCE > ROOM;
}

/* ---- Commands ----------------------------------------------------------------------------------------------- */

static void answer(struct ps2_keyboard *keyboard, uint8_t byte)
{
    ps2_queue_put(&keyboard->regs.answer, byte);
}

static void show_leds(struct ps2_keyboard *keyboard, uint8_t leds)
{
    keyboard->regs.leds = leds;
    if (keyboard->input && keyboard->input->leds)
        keyboard->input->leds(keyboard->input, leds);
}

static void clear_buffer(struct ps2_keyboard *keyboard)
{
    keyboard->regs.codes.count = 0;
    keyboard->regs.overrun = false;
}

static void default_types(struct ps2_keyboard_registers *regs)
{
    for (unsigned int key = 0; key < INPUT_KEYS; key++)
        regs->types[scan_key(key).set3] = scan_key(key).type;
}

/* Everything but the lights. */
static void set_defaults(struct ps2_keyboard *keyboard, bool scanning)
{
    keyboard->regs = (struct ps2_keyboard_registers){
        .scanning = scanning, .set = 2, .typematic = TYPEMATIC_DEFAULT,
        .leds = keyboard->regs.leds, .last_sent = keyboard->regs.last_sent,
    };
    default_types(&keyboard->regs);
}

static void set_all_types(struct ps2_keyboard *keyboard, uint8_t command)
{
    static const uint8_t types[] = { SCAN_REPEATS, SCAN_BREAKS, SCAN_MAKE, SCAN_REPEATS_BREAKS };

    memset(keyboard->regs.types, types[command - KEYBOARD_ALL_REPEAT], sizeof(keyboard->regs.types));
    clear_buffer(keyboard);
}

/* Stays in command: more keys may follow. */
static bool set_key_type(struct ps2_keyboard *keyboard, uint8_t command, uint8_t code)
{
    static const uint8_t types[] = { SCAN_REPEATS, SCAN_BREAKS, SCAN_MAKE };

    if (code >= SCAN_CODES)
        return false;
    keyboard->regs.types[code] = types[command - KEYBOARD_KEY_REPEATS];
    keyboard->regs.command = command;
    return true;
}

static bool select_set(struct ps2_keyboard *keyboard, uint8_t set)
{
    if (set > 3)
        return false;
    answer(keyboard, PS2_ACK);
    if (set)
        keyboard->regs.set = set;
    else
        answer(keyboard, keyboard->regs.set);
    return true;
}

/* The byte that a command waited for. */
static void finish_command(struct ps2_keyboard *keyboard, uint8_t byte)
{
    uint8_t command = keyboard->regs.command;
    bool valid = true;

    keyboard->regs.command = 0;
    switch (command) {
    case KEYBOARD_SET_LEDS:
        show_leds(keyboard, byte & LEDS_MASK);
        break;
    case KEYBOARD_SET_TYPEMATIC:
        keyboard->regs.typematic = byte & TYPEMATIC_MASK;
        break;
    case KEYBOARD_SCAN_CODE_SET:
        if (select_set(keyboard, byte))
            return;
        valid = false;
        break;
    default:
        valid = set_key_type(keyboard, command, byte);
    }
    answer(keyboard, valid ? PS2_ACK : PS2_RESEND);
}

static void wait_for_byte(struct ps2_keyboard *keyboard, uint8_t command)
{
    keyboard->regs.command = command;
    if (command != KEYBOARD_SET_LEDS && command != KEYBOARD_SET_TYPEMATIC)
        clear_buffer(keyboard);
    answer(keyboard, PS2_ACK);
}

static void start_command(struct ps2_keyboard *keyboard, uint8_t command)
{
    keyboard->regs.command = 0;
    switch (command) {
    case KEYBOARD_SET_LEDS:
    case KEYBOARD_SET_TYPEMATIC:
    case KEYBOARD_SCAN_CODE_SET:
    case KEYBOARD_KEY_REPEATS:
    case KEYBOARD_KEY_BREAKS:
    case KEYBOARD_KEY_MAKE:
        wait_for_byte(keyboard, command);
        return;
    case KEYBOARD_ECHO:
        answer(keyboard, KEYBOARD_ECHO);
        return;
    case KEYBOARD_READ_ID:
        answer(keyboard, PS2_ACK);
        answer(keyboard, KEYBOARD_ID_FIRST);
        answer(keyboard, KEYBOARD_ID_SECOND);
        return;
    case KEYBOARD_ENABLE:
        clear_buffer(keyboard);
        keyboard->regs.scanning = true;
        break;
    case KEYBOARD_DEFAULT_DISABLE:
    case KEYBOARD_SET_DEFAULT:
        set_defaults(keyboard, command == KEYBOARD_SET_DEFAULT);
        break;
    case KEYBOARD_ALL_REPEAT:
    case KEYBOARD_ALL_BREAK:
    case KEYBOARD_ALL_MAKE:
    case KEYBOARD_ALL_REPEAT_BREAK:
        set_all_types(keyboard, command);
        break;
    case KEYBOARD_RESET:
        ps2_keyboard_reset(keyboard);
        answer(keyboard, PS2_ACK);
        answer(keyboard, PS2_BAT_OK);
        return;
    default:
        answer(keyboard, PS2_RESEND);
        return;
    }
    answer(keyboard, PS2_ACK);
}

static struct ps2_keyboard *keyboard_of(struct ps2_device *device)
{
    return (struct ps2_keyboard *)((char *)device - offsetof(struct ps2_keyboard, device));
}

/* A command in the place of a command's byte ends that command, except for the one that says "pardon?". */
static void receive(struct ps2_device *device, uint8_t byte)
{
    struct ps2_keyboard *keyboard = keyboard_of(device);

    keyboard->regs.resend = byte == KEYBOARD_RESEND;
    if (byte == KEYBOARD_RESEND)
        return;
    keyboard->regs.answer.count = 0;
    if (keyboard->regs.command && byte < KEYBOARD_FIRST_COMMAND)
        finish_command(keyboard, byte);
    else
        start_command(keyboard, byte);
}

static bool send(struct ps2_device *device, uint8_t *byte)
{
    struct ps2_keyboard *keyboard = keyboard_of(device);

    if (keyboard->regs.resend)
        *byte = keyboard->regs.last_sent;
    else if (!ps2_queue_take(&keyboard->regs.answer, byte) && !ps2_queue_take(&keyboard->regs.codes, byte))
        return false;
    keyboard->regs.resend = false;
    keyboard->regs.last_sent = *byte;
    return true;
}

void ps2_keyboard_reset(struct ps2_keyboard *keyboard)
{
    set_defaults(keyboard, true);
    show_leds(keyboard, 0);
}

void ps2_keyboard_init(struct ps2_keyboard *keyboard, struct input_backend *input)
{
    *keyboard = (struct ps2_keyboard){
        .device = { .send = send, .receive = receive }, .input = input,
        .listener = { .key = key_changed, .ready = ready, .behind = behind, .full = full },
        .regs.last_sent = PS2_BAT_OK,
    };
    if (input)
        input->keyboard = &keyboard->listener;
    ps2_keyboard_reset(keyboard);
}
