/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Keyboard controller, keyboard and mouse: accesses of both ports, keys and motion in any order, one step for every
 * three bytes of input.  After each step what the chips promise holds; after the last a driver that starts from the
 * beginning finds all of them working.
 */
#include "check.h"
#include "input.h"
#include "support.h"

#include "devices/i8042/i8042.h"
#include "devices/i8042/ps2_keyboard.h"
#include "devices/i8042/ps2_mouse.h"

#define OUTPUT_FULL 0x01
#define AUX_OUTPUT  0x20

enum { OP_READ, OP_WRITE, OP_COMMAND, OP_WRITE_MOUSE, OP_KEY, OP_BUTTON, OP_MOTION, OP_COUNT };

static struct machine {
    struct i8042 i8042;
    struct ps2_keyboard keyboard;
    struct ps2_mouse mouse;
    struct recorded_line irq1, irq12;
    struct recorded_power power;
    struct input_backend input;
} m;

static void leds(struct input_backend *input, uint8_t value)
{
    (void)input;
    CHECK(value < 8);
}

static uint8_t status(void)
{
    return (uint8_t)i8042_command_ops.read(&m.i8042, 0, IO_BYTE);
}

static uint8_t data_byte(void)
{
    return (uint8_t)i8042_data_ops.read(&m.i8042, 0, IO_BYTE);
}

static void write_data(uint8_t value)
{
    i8042_data_ops.write(&m.i8042, 0, IO_BYTE, value);
}

static void write_command(uint8_t value)
{
    i8042_command_ops.write(&m.i8042, 0, IO_BYTE, value);
}

static void step(struct input *input)
{
    uint8_t bytes[3];

    for (unsigned int i = 0; i < 3; i++)
        bytes[i] = take_u8(input);
    switch (bytes[0] % OP_COUNT) {
    case OP_READ:
        data_byte();
        break;
    case OP_WRITE:
        write_data(bytes[1]);
        break;
    case OP_COMMAND:
        write_command(bytes[1]);
        break;
    case OP_WRITE_MOUSE:
        write_command(0xd4);
        write_data(bytes[1]);
        break;
    case OP_KEY:
        input_key(&m.input, bytes[1], bytes[2] & 1);
        break;
    case OP_BUTTON:
        input_key(&m.input, BTN_LEFT + bytes[1] % 8, bytes[2] & 1);
        break;
    case OP_MOTION:
        input_motion(&m.input, (int32_t)((uint32_t)bytes[1] << bytes[0] / OP_COUNT % 32), (int8_t)bytes[2] * 0x1000000,
                     (int8_t)bytes[2]);
        break;
    }
}

static void check(void)
{
    uint32_t promised = 0;
    uint8_t found = status();

    CHECK(i8042_command_ops.shadows->peek(&m.i8042, 0, &promised) && promised == found);
    CHECK(!m.irq1.high || (found & (OUTPUT_FULL | AUX_OUTPUT)) == OUTPUT_FULL);
    CHECK(!m.irq12.high || (found & (OUTPUT_FULL | AUX_OUTPUT)) == (OUTPUT_FULL | AUX_OUTPUT));
    CHECK(m.keyboard.regs.answer.count <= 3 && m.mouse.regs.out.count <= 5);
}

static void lift_everything(void)
{
    for (unsigned int key = 0; key < INPUT_KEYS; key++)
        input_key(&m.input, key, false);
    for (unsigned int button = 0; button < 8; button++)
        input_key(&m.input, BTN_LEFT + button, false);
}

static void expect(uint8_t aux, uint8_t byte)
{
    CHECK((status() & (OUTPUT_FULL | AUX_OUTPUT)) == (OUTPUT_FULL | aux));
    CHECK(data_byte() == byte);
}

/* No more than the buffers hold comes without a cause. */
static void drain(void)
{
    unsigned int count = 0;

    while (status() & OUTPUT_FULL) {
        data_byte();
        CHECK(count++ < 64);
    }
}

static void start(void)
{
    lift_everything();
    write_command(0xd4);
    write_data(0xff);
    write_data(0xff);
    drain();
    write_command(0x60);
    write_data(0x47);
    write_command(0xaa);
    expect(0, 0x55);
    write_data(0xf2);
    expect(0, 0xfa);
    expect(0, 0xab);
    expect(0, 0x41);
    write_command(0xd4);
    write_data(0xf4);
    expect(AUX_OUTPUT, 0xfa);
    input_key(&m.input, KEY_A, true);
    CHECK(m.irq1.high);
    expect(0, 0x1e);
    input_motion(&m.input, 1, 0, 0);
    CHECK(m.irq12.high);
    expect(AUX_OUTPUT, 0x08);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct input input = { bytes, length };

    m = (struct machine){ .input.leds = leds };
    recorded_line_init(&m.irq1);
    recorded_line_init(&m.irq12);
    recorded_power_init(&m.power);
    ps2_keyboard_init(&m.keyboard, &m.input);
    ps2_mouse_init(&m.mouse, &m.input);
    i8042_init(&m.i8042, &m.keyboard.device, &m.mouse.device, &m.irq1.line, &m.irq12.line, &m.power.power);
    while (input.left) {
        step(&input);
        check();
    }
    start();
    take_log();
    return 0;
}
