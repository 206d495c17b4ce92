/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "input.h"

#include <string.h>

#include "keymap.h"

#define read_once(word) (*(const volatile __typeof__(word) *)&(word))
#define full_barrier()  __atomic_thread_fence(__ATOMIC_SEQ_CST)

#define REMINDER_MIN_MS 32u
#define REMINDER_MAX_MS 1024u

#define WHEEL_AWAY    3
#define WHEEL_TOWARDS 4

static const uint16_t buttons_of_rfb[] = { BTN_LEFT, BTN_MIDDLE, BTN_RIGHT, 0, 0, 0, 0, BTN_SIDE, BTN_EXTRA };
#define BUTTONS (sizeof(buttons_of_rfb) / sizeof(buttons_of_rfb[0]))

/* ---- The ring --------------------------------------------------------------------------------------------------- */

static volatile struct xenkbd_page *shared(const struct input *input)
{
    return input->device.page;
}

/* The frontend's index is a hint where there is room, and no more. */
static bool put(struct input *input, const union xenkbd_in_event *event)
{
    uint32_t at = read_once(shared(input)->in_prod);

    if (at - read_once(shared(input)->in_cons) >= XENKBD_IN_RING_LEN)
        return false;
    full_barrier(); /* the place was free before it is written */
    memcpy((uint8_t *)(uintptr_t)input->device.page + XENKBD_IN_RING_OFFS + at % XENKBD_IN_RING_LEN * sizeof(*event),
           event, sizeof(*event));
    full_barrier();
    shared(input)->in_prod = at + 1;
    return true;
}

static void drop(struct input *input, unsigned int i, unsigned int count)
{
    memmove(&input->queue[i], &input->queue[i + count], (input->count - i - count) * sizeof(input->queue[0]));
    input->count -= count;
}

void input_flush(struct input *input)
{
    unsigned int done = 0;

    if (!input->device.page)
        return;
    while (done < input->count && put(input, &input->queue[done]))
        done++;
    drop(input, 0, done);
    if (done)
        xen_notify(input->device.xen, input->device.port);
}

void input_listen(struct input *input)
{
    if (input->device.page && input->count)
        xen_listen(input->device.xen, input->device.port);
}

int input_remind(struct input *input, uint64_t now_ms)
{
    uint32_t taken = input->device.page ? read_once(shared(input)->in_cons) : 0;

    if (!input->device.page || taken == read_once(shared(input)->in_prod)) {
        input->reminder_ms = 0;
        return -1;
    }
    if (!input->reminder_ms || taken != input->taken) {
        input->reminder_ms = REMINDER_MIN_MS;
        input->taken = taken;
    } else if (now_ms < input->remind_at_ms) {
        return (int)(input->remind_at_ms - now_ms);
    } else {
        xen_notify(input->device.xen, input->device.port);
        if (input->reminder_ms < REMINDER_MAX_MS)
            input->reminder_ms *= 2;
    }
    input->remind_at_ms = now_ms + input->reminder_ms;
    return (int)input->reminder_ms;
}

/* ---- The queue -------------------------------------------------------------------------------------------------- */

static bool is_release(const union xenkbd_in_event *event)
{
    return event->type == XENKBD_TYPE_KEY && !event->key.pressed;
}

/* The same key comes up once more, later. */
static bool comes_again(const struct input *input, unsigned int i)
{
    for (unsigned int j = i + 1; j < input->count; j++)
        if (input->queue[j].key.keycode == input->queue[i].key.keycode)
            return true;
    return false;
}

/* A place for a release: the oldest press goes, or motion; or a release of which there are two, as there must be among
 * so many. */
static void make_room(struct input *input)
{
    unsigned int i = 0;

    while (i < input->count && is_release(&input->queue[i]))
        i++;
    if (i == input->count)
        for (i = 0; i + 1 < input->count && !comes_again(input, i);)
            i++;
    drop(input, i, 1);
}

static void add(struct input *input, const union xenkbd_in_event *event)
{
    if (!input->device.page || (input->count == INPUT_QUEUE && !is_release(event)))
        return;
    if (input->count == INPUT_QUEUE)
        make_room(input);
    input->queue[input->count++] = *event;
}

static void add_key(struct input *input, unsigned int code, bool down)
{
    union xenkbd_in_event event = { .type = 0 };

    event.key = (struct xenkbd_key){ .type = XENKBD_TYPE_KEY, .pressed = down, .keycode = code };
    add(input, &event);
}

static bool joins(const struct input *input)
{
    return input->count && input->queue[input->count - 1].type == XENKBD_TYPE_MOTION;
}

/* A guest that does not look for long hears of one long way, and no further than the protocol can say. */
static int32_t sum(int32_t a, int32_t b)
{
    int32_t result;

    return __builtin_add_overflow(a, b, &result) ? a : result;
}

/* towards: of the wheel, as the protocol counts it. */
static void add_motion(struct input *input, int x, int y, int towards)
{
    union xenkbd_in_event event = { .type = 0 };

    if (joins(input)) {
        struct xenkbd_motion *last = &input->queue[input->count - 1].motion;

        last->rel_x = sum(last->rel_x, x);
        last->rel_y = sum(last->rel_y, y);
        last->rel_z = sum(last->rel_z, towards);
        return;
    }
    event.motion = (struct xenkbd_motion){ .type = XENKBD_TYPE_MOTION, .rel_x = x, .rel_y = y, .rel_z = towards };
    add(input, &event);
}

/* ---- Keys ------------------------------------------------------------------------------------------------------- */

/* The guest hears of the first hand that presses and of the last that lets go; again is a repetition. */
static void press(struct input *input, struct hands *hands, unsigned int code)
{
    if (!hands->down[code])
        input->held[code]++;
    hands->down[code] = true;
    if (code == KEY_CAPSLOCK && input->held[code] == 1)
        input->capitals = !input->capitals;
    add_key(input, code, true);
}

static void release(struct input *input, struct hands *hands, unsigned int code)
{
    if (!hands->down[code])
        return;
    hands->down[code] = false;
    if (--input->held[code] == 0)
        add_key(input, code, false);
}

static bool is_held(const struct input *input, unsigned int left, unsigned int right)
{
    return input->held[left] || input->held[right];
}

static void move_held_shifts(struct input *input, bool down)
{
    if (input->held[KEY_LEFTSHIFT])
        add_key(input, KEY_LEFTSHIFT, down);
    if (input->held[KEY_RIGHTSHIFT])
        add_key(input, KEY_RIGHTSHIFT, down);
}

static bool wants_shift(const struct input *input, enum key_shift shift, bool now)
{
    switch (shift) {
    case SHIFT_UP:
        return false;
    case SHIFT_DOWN:
        return true;
    case SHIFT_SMALL:
        return input->capitals;
    case SHIFT_CAPITAL:
        return !input->capitals;
    default:
        return now;
    }
}

/* Somebody who types '/' with Shift, on another layout than the guest's, still types '/'.  Together with other
 * modifiers a key is a command, and goes through as it is. */
static void press_with_shift(struct input *input, struct hands *hands, unsigned int code, enum key_shift shift)
{
    bool now = is_held(input, KEY_LEFTSHIFT, KEY_RIGHTSHIFT), wanted = wants_shift(input, shift, now);

    if (is_held(input, KEY_LEFTCTRL, KEY_RIGHTCTRL) || is_held(input, KEY_LEFTALT, KEY_RIGHTALT) ||
        is_held(input, KEY_LEFTMETA, KEY_RIGHTMETA))
        wanted = now;
    if (wanted && !now)
        add_key(input, KEY_LEFTSHIFT, true);
    if (!wanted && now)
        move_held_shifts(input, false);
    press(input, hands, code);
    if (wanted && !now)
        add_key(input, KEY_LEFTSHIFT, false);
    if (!wanted && now)
        move_held_shifts(input, true);
}

void input_keysym(struct input *input, struct hands *hands, uint32_t keysym, bool down)
{
    enum key_shift shift;
    unsigned int code = keymap_find(keysym, &shift);

    if (!code)
        return;
    if (down)
        press_with_shift(input, hands, code, shift);
    else
        release(input, hands, code);
    input_flush(input);
}

/* ---- The mouse -------------------------------------------------------------------------------------------------- */

static int clicked(unsigned int before, unsigned int after, unsigned int bit)
{
    return (after & ~before) >> bit & 1;
}

void input_pointer(struct input *input, struct hands *hands, int x, int y, unsigned int buttons)
{
    int towards = clicked(hands->buttons, buttons, WHEEL_TOWARDS) - clicked(hands->buttons, buttons, WHEEL_AWAY);

    if (hands->knows_pointer && (x != hands->x || y != hands->y))
        add_motion(input, x - hands->x, y - hands->y, 0);
    if (towards)
        add_motion(input, 0, 0, towards);
    for (unsigned int i = 0; i < BUTTONS; i++) {
        unsigned int code = buttons_of_rfb[i];

        if (!code || !((buttons ^ hands->buttons) >> i & 1))
            continue;
        if (buttons >> i & 1)
            press(input, hands, code);
        else
            release(input, hands, code);
    }
    hands->knows_pointer = true;
    hands->x = x;
    hands->y = y;
    hands->buttons = buttons;
    input_flush(input);
}

void input_let_go(struct input *input, struct hands *hands)
{
    for (unsigned int code = 0; code < INPUT_CODES; code++)
        release(input, hands, code);
    input_flush(input);
}

/* ---- Its life --------------------------------------------------------------------------------------------------- */

/* A backend that died before us may have left keys down, of which modifiers matter. */
static void lift_modifiers(struct input *input)
{
    static const uint16_t modifiers[] = {
        KEY_LEFTSHIFT, KEY_RIGHTSHIFT, KEY_LEFTCTRL, KEY_RIGHTCTRL, KEY_LEFTALT, KEY_RIGHTALT, KEY_LEFTMETA,
        KEY_RIGHTMETA, BTN_LEFT, BTN_RIGHT, BTN_MIDDLE,
    };

    for (unsigned int i = 0; i < sizeof(modifiers) / sizeof(modifiers[0]); i++)
        if (!input->held[modifiers[i]])
            add_key(input, modifiers[i], false);
    input_flush(input);
}

void input_follow(struct input *input)
{
    bool begins = device_follow(&input->device);

    if (!begins && input->device.page)
        return;
    input->count = 0;
    if (!begins)
        return;
    device_ready(&input->device);
    lift_modifiers(input);
}

void input_open(struct input *input, struct xen *xen)
{
    *input = (struct input){ .device = { .xen = xen, .name = "vkbd" } };
}

void input_close(struct input *input)
{
    device_close(&input->device);
}
