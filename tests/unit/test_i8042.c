/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "support.h"

#include "devices/i8042.h"

struct fixture {
    struct i8042 i8042;
    struct recorded_power power;
};

static int set_up(void **state)
{
    static struct fixture f;

    recorded_power_init(&f.power);
    i8042_init(&f.i8042, &f.power.power);
    *state = &f;
    return 0;
}

static uint8_t status(struct fixture *f)
{
    return (uint8_t)i8042_command_ops.read(&f->i8042, 0, IO_BYTE);
}

static uint8_t data(struct fixture *f)
{
    return (uint8_t)i8042_data_ops.read(&f->i8042, 0, IO_BYTE);
}

static void command(struct fixture *f, uint8_t value)
{
    i8042_command_ops.write(&f->i8042, 0, IO_BYTE, value);
}

static void send(struct fixture *f, uint8_t value)
{
    i8042_data_ops.write(&f->i8042, 0, IO_BYTE, value);
}

/* i8042_flush() of Linux (at most 32 bytes) and of SeaBIOS (at most 16): both call an endless buffer no chip. */
static void drivers_find_no_controller(void **state)
{
    struct fixture *f = *state;
    unsigned int drained = 0;

    while ((status(f) & 0x01) && drained < 33) {
        data(f);
        drained++;
    }
    assert_int_equal(drained, 33);
}

/* Linux's native_machine_emergency_restart() waits for an empty input buffer before each pulse. */
static void linux_reboots_without_waiting(void **state)
{
    struct fixture *f = *state;

    assert_false(status(f) & 0x02);
    command(f, 0xfe);
    assert_int_equal(f->power.resets, 1);
}

static void pulses_of_other_lines_do_not_reset(void **state)
{
    struct fixture *f = *state;

    for (unsigned int value = 0; value < 256; value++) {
        unsigned int before = f->power.resets;
        bool pulses_bit_0 = value >= 0xf0 && !(value & 1);

        command(f, (uint8_t)value);
        assert_int_equal(f->power.resets - before, pulses_bit_0);
    }
}

static void output_port_bit_0_resets(void **state)
{
    struct fixture *f = *state;

    command(f, 0xd1);
    send(f, 0xdf);                                      /* A20 on, as old loaders do */
    assert_int_equal(f->power.resets, 0);
    send(f, 0xfe);                                      /* the command took one byte only */
    assert_int_equal(f->power.resets, 0);
    command(f, 0xd1);
    send(f, 0xde);
    assert_int_equal(f->power.resets, 1);
}

static void another_command_cancels_the_output_port(void **state)
{
    struct fixture *f = *state;

    command(f, 0xd1);
    command(f, 0xff);
    send(f, 0x00);
    command(f, 0xd1);
    i8042_reset(&f->i8042);
    send(f, 0x00);
    assert_int_equal(f->power.resets, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(drivers_find_no_controller, set_up),
        cmocka_unit_test_setup(linux_reboots_without_waiting, set_up),
        cmocka_unit_test_setup(pulses_of_other_lines_do_not_reset, set_up),
        cmocka_unit_test_setup(output_port_bit_0_resets, set_up),
        cmocka_unit_test_setup(another_command_cancels_the_output_port, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
