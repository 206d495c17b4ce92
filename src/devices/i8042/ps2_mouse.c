/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "devices/i8042/ps2_mouse.h"

#include <stddef.h>

#include "devices/i8042/ps2_mouse_regs.h"

#define REPORT_MAX      255                 /* counts in one report */
#define WHEEL_MAX       7

/* Bits of `held`, `clicked` and `reported`, in the order of the codes from BTN_LEFT on. */
#define BUTTON_LEFT     0x01
#define BUTTON_RIGHT    0x02
#define BUTTON_MIDDLE   0x04
#define BUTTON_SIDE     0x08
#define BUTTON_EXTRA    0x10

/* ---- Motion and buttons ------------------------------------------------------------------------------------- */

static int32_t limited(int32_t value, int32_t limit)
{
    return value > limit ? limit : value < -limit ? -limit : value;
}

/* Adds to a counter; true: more than it holds. */
static bool count(int32_t *counter, int32_t by, int32_t limit)
{
    int32_t sum = *counter + limited(by, 3 * limit);

    *counter = limited(sum, limit);
    return *counter != sum;
}

/* Takes from a counter what one report tells. */
static int32_t take(int32_t *counter, int32_t limit)
{
    int32_t part = limited(*counter, limit);

    *counter -= part;
    return part;
}

static void clear_counters(struct ps2_mouse_registers *regs)
{
    regs->x = regs->y = regs->wheel = 0;
    regs->x_overflow = regs->y_overflow = false;
    regs->clicked = 0;
}

/* Buttons that this identity tells of. */
static uint8_t visible(const struct ps2_mouse_registers *regs, uint8_t buttons)
{
    return regs->id == MOUSE_ID_EXPLORER ? buttons
                                         : buttons & (BUTTON_LEFT | BUTTON_RIGHT | BUTTON_MIDDLE);
}

static bool report_due(const struct ps2_mouse *mouse)
{
    const struct ps2_mouse_registers *regs = &mouse->regs;

    return regs->enabled && !regs->remote && !regs->wrap && !regs->command &&
           (regs->x || regs->y || regs->wheel ||
            regs->reported != visible(regs, mouse->held | regs->clicked));
}

static struct ps2_mouse *mouse_of(struct input_listener *listener)
{
    return (struct ps2_mouse *)((char *)listener - offsetof(struct ps2_mouse, listener));
}

static void tell_host(struct ps2_mouse *mouse)
{
    if (mouse->device.host && report_due(mouse))
        mouse->device.host->waiting(mouse->device.host);
}

static void button_changed(struct input_listener *listener, unsigned int code, bool down)
{
    struct ps2_mouse *mouse = mouse_of(listener);
    uint8_t bit;

    if (code < BTN_LEFT || code > BTN_EXTRA)
        return;
    bit = (uint8_t)(1u << (code - BTN_LEFT));
    mouse->held = down ? mouse->held | bit : mouse->held & (uint8_t)~bit;
    if (down)
        mouse->regs.clicked |= bit & ~mouse->regs.reported;
    tell_host(mouse);
}

static void moved(struct input_listener *listener, int32_t x, int32_t y, int32_t wheel)
{
    struct ps2_mouse *mouse = mouse_of(listener);
    struct ps2_mouse_registers *regs = &mouse->regs;

    y = limited(y, INT32_MAX);              /* so that it has a negative */
    wheel = limited(wheel, INT32_MAX);
    regs->x_overflow |= count(&regs->x, x, MOUSE_REPORTS * REPORT_MAX);
    regs->y_overflow |= count(&regs->y, -y, MOUSE_REPORTS * REPORT_MAX);
    if (regs->id != MOUSE_ID_STANDARD)
        count(&regs->wheel, -wheel, MOUSE_REPORTS * WHEEL_MAX);
    tell_host(mouse);
}

/* ---- Reports ------------------------------------------------------------------------------------------------ */

/* "Set Scaling 2:1", which applies to stream mode. */
static int32_t scaled(int32_t counts)
{
    static const uint8_t small[] = { 0, 1, 1, 3, 6, 9 };
    int32_t size = counts < 0 ? -counts : counts;
    int32_t result = size < (int32_t)sizeof(small) ? small[size] : 2 * size;

    return counts < 0 ? -result : result;
}

static int32_t report_motion(int32_t *counter, bool double_scaling)
{
    return double_scaling ? scaled(take(counter, REPORT_MAX / 2)) : take(counter, REPORT_MAX);
}

static uint8_t fourth_byte(struct ps2_mouse_registers *regs, uint8_t buttons)
{
    uint8_t wheel = (uint8_t)take(&regs->wheel, WHEEL_MAX);

    if (regs->id != MOUSE_ID_EXPLORER)
        return wheel;
    return (wheel & REPORT_WHEEL_MASK) | (buttons & BUTTON_SIDE ? REPORT_SIDE : 0) |
           (buttons & BUTTON_EXTRA ? REPORT_EXTRA : 0);
}

static void put_report(struct ps2_mouse *mouse, bool double_scaling)
{
    struct ps2_mouse_registers *regs = &mouse->regs;
    uint8_t buttons = visible(regs, mouse->held | regs->clicked);
    int32_t x = report_motion(&regs->x, double_scaling);
    int32_t y = report_motion(&regs->y, double_scaling);

    ps2_queue_put(&regs->out, (uint8_t)(REPORT_ALWAYS |
                  (buttons & BUTTON_LEFT ? REPORT_LEFT : 0) | (buttons & BUTTON_RIGHT ? REPORT_RIGHT : 0) |
                  (buttons & BUTTON_MIDDLE ? REPORT_MIDDLE : 0) |
                  (x < 0 ? REPORT_X_SIGN : 0) | (y < 0 ? REPORT_Y_SIGN : 0) |
                  (regs->x_overflow ? REPORT_X_OVERFLOW : 0) | (regs->y_overflow ? REPORT_Y_OVERFLOW : 0)));
    ps2_queue_put(&regs->out, (uint8_t)x);
    ps2_queue_put(&regs->out, (uint8_t)y);
    if (regs->id != MOUSE_ID_STANDARD)
        ps2_queue_put(&regs->out, fourth_byte(regs, buttons));
    regs->x_overflow = regs->y_overflow = false;
    regs->clicked = 0;
    regs->telling = buttons;
    regs->out_is_report = true;
}

/* ---- Commands ----------------------------------------------------------------------------------------------- */

static void answer(struct ps2_mouse *mouse, uint8_t byte)
{
    ps2_queue_put(&mouse->regs.out, byte);
}

/* "Error handling": the first time the host may try again, the second time it had better not. */
static void refuse(struct ps2_mouse *mouse)
{
    answer(mouse, mouse->regs.confused ? PS2_ERROR : PS2_RESEND);
    mouse->regs.confused = !mouse->regs.confused;
}

static void accept(struct ps2_mouse *mouse)
{
    mouse->regs.confused = false;
    answer(mouse, PS2_ACK);
}

static void set_defaults(struct ps2_mouse_registers *regs)
{
    regs->resolution = RESOLUTION_DEFAULT;
    regs->rate = RATE_DEFAULT;
    regs->double_scaling = regs->remote = regs->wrap = regs->enabled = false;
}

static void put_status(struct ps2_mouse *mouse)
{
    const struct ps2_mouse_registers *regs = &mouse->regs;

    answer(mouse, (mouse->held & BUTTON_RIGHT ? STATUS_RIGHT : 0) | (mouse->held & BUTTON_MIDDLE ? STATUS_MIDDLE : 0) |
                  (mouse->held & BUTTON_LEFT ? STATUS_LEFT : 0) | (regs->double_scaling ? STATUS_SCALING : 0) |
                  (regs->enabled ? STATUS_ENABLED : 0) | (regs->remote ? STATUS_REMOTE : 0));
    answer(mouse, regs->resolution);
    answer(mouse, regs->rate);
}

static bool valid_rate(uint8_t rate)
{
    static const uint8_t rates[] = { 10, 20, 40, 60, 80, 100, 200 };

    for (unsigned int i = 0; i < sizeof(rates); i++)
        if (rates[i] == rate)
            return true;
    return false;
}

/* Three rates in a row are a knock at the door of another identity. */
static void set_rate(struct ps2_mouse_registers *regs, uint8_t rate)
{
    if (rate == 80 && regs->knocks[1] == 200) {
        if (regs->knocks[0] == 100)
            regs->id = MOUSE_ID_WHEEL;
        else if (regs->knocks[0] == 200)
            regs->id = MOUSE_ID_EXPLORER;
    }
    regs->knocks[1] = regs->knocks[0];
    regs->knocks[0] = rate;
    regs->rate = rate;
}

/* The byte that a command waited for. */
static void finish_command(struct ps2_mouse *mouse, uint8_t byte)
{
    struct ps2_mouse_registers *regs = &mouse->regs;
    uint8_t command = regs->command;

    regs->command = 0;
    if (command == MOUSE_SET_RATE && valid_rate(byte)) {
        set_rate(regs, byte);
        accept(mouse);
    } else if (command == MOUSE_SET_RESOLUTION && byte <= RESOLUTION_MAX) {
        regs->resolution = byte;
        accept(mouse);
    } else {
        refuse(mouse);
    }
}

/* Commands that are an acknowledge and a state. */
static bool set_mode(struct ps2_mouse_registers *regs, uint8_t command)
{
    switch (command) {
    case MOUSE_SCALING_1_TO_1:
    case MOUSE_SCALING_2_TO_1:
        regs->double_scaling = command == MOUSE_SCALING_2_TO_1;
        return true;
    case MOUSE_SET_RESOLUTION:
    case MOUSE_SET_RATE:
        regs->command = command;
        return true;
    case MOUSE_STREAM_MODE:
    case MOUSE_REMOTE_MODE:
        regs->remote = command == MOUSE_REMOTE_MODE;
        return true;
    case MOUSE_WRAP_MODE:
    case MOUSE_END_WRAP:
        regs->wrap = command == MOUSE_WRAP_MODE;
        return true;
    case MOUSE_ENABLE:
    case MOUSE_DISABLE:
        regs->enabled = command == MOUSE_ENABLE;
        return true;
    case MOUSE_SET_DEFAULT:
        set_defaults(regs);
        return true;
    default:
        return false;
    }
}

/* What has been added up is forgotten by every command but those that tell it. */
static void start_command(struct ps2_mouse *mouse, uint8_t command)
{
    struct ps2_mouse_registers *regs = &mouse->regs;

    switch (command) {
    case MOUSE_READ_STATUS:
        accept(mouse);
        put_status(mouse);
        break;
    case MOUSE_READ_DATA:
        accept(mouse);
        put_report(mouse, false);
        return;
    case MOUSE_READ_ID:
        accept(mouse);
        answer(mouse, regs->id);
        break;
    case MOUSE_RESET:
        ps2_mouse_reset(mouse);
        accept(mouse);
        answer(mouse, PS2_BAT_OK);
        answer(mouse, MOUSE_ID_STANDARD);
        return;
    default:
        if (!set_mode(regs, command)) {
            refuse(mouse);
            return;
        }
        accept(mouse);
    }
    clear_counters(regs);
}

/* A command cuts off what is being sent.  A command in the place of a command's byte ends that command. */
static void receive(struct ps2_device *device, uint8_t byte)
{
    struct ps2_mouse *mouse = (struct ps2_mouse *)((char *)device - offsetof(struct ps2_mouse, device));
    struct ps2_mouse_registers *regs = &mouse->regs;
    bool parameter = regs->command && byte < MOUSE_FIRST_COMMAND;

    if (regs->wrap && byte != MOUSE_RESET && byte != MOUSE_END_WRAP) {
        regs->out.count = 0;
        answer(mouse, byte);
        return;
    }
    if (byte == MOUSE_RESEND) {
        regs->out = regs->sent;
        return;
    }
    regs->out.count = 0;
    regs->out_is_report = false;
    if (parameter) {
        finish_command(mouse, byte);
    } else {
        regs->command = 0;
        start_command(mouse, byte);
    }
    regs->sent = regs->out;
}

static bool send(struct ps2_device *device, uint8_t *byte)
{
    struct ps2_mouse *mouse = (struct ps2_mouse *)((char *)device - offsetof(struct ps2_mouse, device));
    struct ps2_mouse_registers *regs = &mouse->regs;

    if (!regs->out.count && report_due(mouse)) {
        put_report(mouse, regs->double_scaling);
        regs->sent = regs->out;
    }
    if (!ps2_queue_take(&regs->out, byte))
        return false;
    if (!regs->out.count && regs->out_is_report) {
        regs->reported = regs->telling;
        regs->clicked &= (uint8_t)~regs->reported;
    }
    return true;
}

void ps2_mouse_reset(struct ps2_mouse *mouse)
{
    mouse->regs = (struct ps2_mouse_registers){
        .sent = { .bytes = { PS2_BAT_OK, MOUSE_ID_STANDARD }, .count = 2 },
    };
    set_defaults(&mouse->regs);
}

void ps2_mouse_init(struct ps2_mouse *mouse, struct input_backend *input)
{
    *mouse = (struct ps2_mouse){
        .device = { .send = send, .receive = receive },
        .listener = { .key = button_changed, .motion = moved },
    };
    if (input)
        input->mouse = &mouse->listener;
    ps2_mouse_reset(mouse);
}
