/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The controller alone, between a guest and two cables at whose ends the test sits. */
#include "support.h"

#include "devices/i8042/i8042.h"
#include "devices/i8042/i8042_regs.h"

struct test_device {
    struct ps2_device device;
    struct ps2_queue out;
    uint8_t received[32];
    unsigned int received_count;
};

struct fixture {
    struct i8042 i8042;
    struct test_device keyboard, mouse;
    struct recorded_line irq1, irq12;
    struct recorded_power power;
};

static bool device_send(struct ps2_device *device, uint8_t *byte)
{
    return ps2_queue_take(&((struct test_device *)device)->out, byte);
}

static void device_receive(struct ps2_device *device, uint8_t byte)
{
    struct test_device *test = (struct test_device *)device;

    assert_true(test->received_count < sizeof(test->received));
    test->received[test->received_count++] = byte;
}

static int set_up(void **state)
{
    static struct fixture f;

    f.keyboard = f.mouse = (struct test_device){ .device = { .send = device_send, .receive = device_receive } };
    recorded_line_init(&f.irq1);
    recorded_line_init(&f.irq12);
    recorded_power_init(&f.power);
    i8042_init(&f.i8042, &f.keyboard.device, &f.mouse.device, &f.irq1.line, &f.irq12.line, &f.power.power);
    *state = &f;
    return 0;
}

/* What a peek promises is what the read finds. */
static uint8_t status(struct fixture *f)
{
    uint32_t promised = 0;
    uint8_t value;

    assert_true(i8042_command_ops.shadows->peek(&f->i8042, 0, &promised));
    value = (uint8_t)i8042_command_ops.read(&f->i8042, 0, IO_BYTE);
    assert_int_equal(promised, value);
    return value;
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

static void set_control(struct fixture *f, uint8_t value)
{
    command(f, COMMAND_WRITE_RAM);
    send(f, value);
}

static uint8_t ask(struct fixture *f, uint8_t value)
{
    command(f, value);
    assert_int_equal(status(f) & (STATUS_OUTPUT_FULL | STATUS_AUX_OUTPUT_FULL), STATUS_OUTPUT_FULL);
    return data(f);
}

static void says(struct test_device *device, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        ps2_queue_put(&device->out, (uint8_t)bytes[i]);
    device->device.host->waiting(device->device.host);
}

static void after_power_on(void **state)
{
    struct fixture *f = *state;

    says(&f->keyboard, "\x1c", 1);
    says(&f->mouse, "\x08", 1);
    assert_int_equal(status(f), STATUS_NOT_INHIBITED);  /* both interfaces are disabled */
    assert_int_equal(ask(f, COMMAND_READ_RAM), CONTROL_DISABLE_KEYBOARD | CONTROL_DISABLE_AUX);
    assert_int_equal(ask(f, COMMAND_READ_OUTPUT_PORT), 0xcf);
    assert_false(f->irq1.high || f->irq12.high);
}

static void status_tells_command_from_data(void **state)
{
    struct fixture *f = *state;

    command(f, COMMAND_DISABLE_AUX);
    assert_int_equal(status(f), STATUS_NOT_INHIBITED | STATUS_COMMAND);
    send(f, 0xf4);
    assert_int_equal(status(f), STATUS_NOT_INHIBITED);
}

static void self_tests(void **state)
{
    struct fixture *f = *state;

    assert_false(status(f) & STATUS_SYSTEM);
    assert_int_equal(ask(f, COMMAND_SELF_TEST), 0x55);
    assert_true(status(f) & STATUS_SYSTEM);
    assert_int_equal(ask(f, COMMAND_READ_RAM) & CONTROL_SYSTEM, CONTROL_SYSTEM);
    assert_int_equal(ask(f, COMMAND_TEST_KEYBOARD), 0x00);
    assert_int_equal(ask(f, COMMAND_TEST_AUX), 0x00);
    assert_int_equal(ask(f, COMMAND_TEST_PASSWORD), 0xf1);
    set_control(f, 0);
    assert_false(status(f) & STATUS_SYSTEM);            /* the command byte's bit */
}

static void ram(void **state)
{
    struct fixture *f = *state;

    for (uint8_t i = 0; i < 32; i++) {
        command(f, COMMAND_WRITE_RAM + i);
        send(f, (uint8_t)(0xb4 ^ i));
    }
    for (uint8_t i = 0; i < 32; i++)
        assert_int_equal(ask(f, COMMAND_READ_RAM + i), 0xb4 ^ i);
    assert_int_equal(f->keyboard.received_count, 0);
}

static void interfaces_enable_and_disable(void **state)
{
    struct fixture *f = *state;

    set_control(f, 0);
    assert_int_equal(ask(f, COMMAND_READ_TEST_INPUTS), TEST_KEYBOARD_CLOCK | TEST_AUX_CLOCK);
    command(f, COMMAND_DISABLE_KEYBOARD);
    assert_int_equal(ask(f, COMMAND_READ_RAM), CONTROL_DISABLE_KEYBOARD);
    command(f, COMMAND_DISABLE_AUX);
    assert_int_equal(ask(f, COMMAND_READ_RAM), CONTROL_DISABLE_KEYBOARD | CONTROL_DISABLE_AUX);
    assert_int_equal(ask(f, COMMAND_READ_TEST_INPUTS), 0);
    says(&f->keyboard, "k", 1);
    says(&f->mouse, "m", 1);
    assert_false(status(f) & STATUS_OUTPUT_FULL);
    command(f, COMMAND_ENABLE_AUX);                     /* and what has waited comes */
    assert_int_equal(status(f) & (STATUS_OUTPUT_FULL | STATUS_AUX_OUTPUT_FULL), 0x21);
    assert_int_equal(data(f), 'm');
    command(f, COMMAND_ENABLE_KEYBOARD);
    assert_int_equal(status(f) & (STATUS_OUTPUT_FULL | STATUS_AUX_OUTPUT_FULL), 0x01);
    assert_int_equal(data(f), 'k');
    assert_int_equal(ask(f, COMMAND_READ_RAM), 0);
}

static void sending_enables_the_interface(void **state)
{
    struct fixture *f = *state;

    send(f, 0xff);
    assert_int_equal(ask(f, COMMAND_READ_RAM), CONTROL_DISABLE_AUX);
    command(f, COMMAND_WRITE_AUX);
    send(f, 0xf2);
    assert_int_equal(ask(f, COMMAND_READ_RAM), 0);
    assert_int_equal(f->keyboard.received_count, 1);
    assert_int_equal(f->keyboard.received[0], 0xff);
    assert_int_equal(f->mouse.received_count, 1);
    assert_int_equal(f->mouse.received[0], 0xf2);
}

/* Each byte is an edge, for interrupt controllers that see only those. */
static void every_byte_interrupts(void **state)
{
    struct fixture *f = *state;

    set_control(f, CONTROL_KEYBOARD_INTERRUPT | CONTROL_AUX_INTERRUPT);
    says(&f->keyboard, "abc", 3);
    says(&f->mouse, "xy", 2);
    assert_int_equal(f->irq1.rises, 1);
    for (unsigned int i = 0; i < 3; i++) {
        assert_true(f->irq1.high);
        assert_false(f->irq12.high);
        assert_int_equal(f->irq1.rises, i + 1);
        assert_int_equal(data(f), 'a' + i);
    }
    for (unsigned int i = 0; i < 2; i++) {
        assert_true(f->irq12.high);
        assert_false(f->irq1.high);
        assert_int_equal(f->irq12.rises, i + 1);
        assert_int_equal(data(f), 'x' + i);
    }
    assert_false(f->irq1.high || f->irq12.high);
    assert_int_equal(data(f), 'y');                     /* an empty buffer repeats itself */
    assert_int_equal(f->irq12.rises, 2);
}

static void interrupts_can_be_enabled_late(void **state)
{
    struct fixture *f = *state;

    set_control(f, 0);
    says(&f->keyboard, "a", 1);
    assert_false(f->irq1.high);
    set_control(f, CONTROL_KEYBOARD_INTERRUPT);
    assert_true(f->irq1.high);
    set_control(f, CONTROL_AUX_INTERRUPT);
    assert_false(f->irq1.high || f->irq12.high);
}

/* An interrupt line that rises is heard on other processors at once, who may then look at the published status. */
static uint32_t status_at_rise;
static struct i8042 *watched;

static void watch_status(struct irq_line *line, bool high)
{
    (void)line;
    if (high)
        i8042_command_ops.shadows->peek(watched, 0, &status_at_rise);
}

static void status_is_there_before_the_interrupt(void **state)
{
    struct fixture *f = *state;

    set_control(f, CONTROL_KEYBOARD_INTERRUPT);
    watched = &f->i8042;
    status_at_rise = 0;
    f->irq1.line.set = watch_status;
    says(&f->keyboard, "a", 1);
    assert_true(status_at_rise & STATUS_OUTPUT_FULL);
}

static void answers_go_before_devices(void **state)
{
    struct fixture *f = *state;

    set_control(f, 0);
    says(&f->keyboard, "ab", 2);
    command(f, COMMAND_READ_RAM);
    assert_int_equal(data(f), 'a');                     /* was in the buffer already */
    assert_int_equal(data(f), 0x00);
    assert_int_equal(data(f), 'b');
    assert_false(status(f) & STATUS_OUTPUT_FULL);
}

static void bytes_as_if_from_devices(void **state)
{
    struct fixture *f = *state;

    set_control(f, CONTROL_KEYBOARD_INTERRUPT | CONTROL_AUX_INTERRUPT | CONTROL_TRANSLATE);
    command(f, COMMAND_WRITE_KEYBOARD_OUT);
    send(f, 0x1c);
    assert_true(f->irq1.high);
    assert_int_equal(status(f) & 0x21, 0x01);
    assert_int_equal(ask(f, COMMAND_READ_OUTPUT_PORT), 0x1c);   /* as it was, and before the answer */
    assert_int_equal(data(f), 0xcf | OUTPUT_KEYBOARD_IRQ);
    command(f, COMMAND_WRITE_AUX_OUT);
    send(f, 0x1c);
    assert_true(f->irq12.high);
    assert_int_equal(status(f) & 0x21, 0x21);
    command(f, COMMAND_READ_OUTPUT_PORT);
    assert_int_equal(data(f), 0x1c);
    assert_int_equal(data(f), 0xcf | OUTPUT_AUX_IRQ);
    assert_int_equal(f->keyboard.received_count + f->mouse.received_count, 0);
}

/* i8042_set_mux_mode(): an active multiplexer would answer A4h with its version. */
static void linux_finds_no_multiplexer(void **state)
{
    static const uint8_t knock[] = { 0xf0, 0x56, 0xa4 };
    struct fixture *f = *state;

    for (unsigned int i = 0; i < sizeof(knock); i++) {
        command(f, COMMAND_WRITE_AUX_OUT);
        send(f, knock[i]);
        assert_int_equal(status(f) & 0x21, 0x21);
        assert_int_equal(data(f), knock[i]);
    }
}

static void translates_the_keyboard_only(void **state)
{
    struct fixture *f = *state;

    set_control(f, CONTROL_TRANSLATE);
    says(&f->keyboard, "\x1c\xf0\x1c\xe0\xf0\x75\xfa\xab\x83", 9);
    says(&f->mouse, "\x1c", 1);
    assert_int_equal(data(f), 0x1e);
    assert_int_equal(data(f), 0x9e);
    assert_int_equal(data(f), 0xe0);
    assert_int_equal(data(f), 0xc8);
    assert_int_equal(data(f), 0xfa);
    assert_int_equal(data(f), 0xab);
    assert_int_equal(data(f), 0x41);                    /* a keyboard's identity as every driver knows it */
    assert_int_equal(data(f), 0x1c);
    set_control(f, 0);
    says(&f->keyboard, "\xf0\x1c", 2);
    assert_int_equal(data(f), 0xf0);
    assert_int_equal(data(f), 0x1c);
}

static void input_port(void **state)
{
    assert_int_equal(ask(*state, COMMAND_READ_INPUT_PORT), 0xa3);
}

static void a20_reads_back(void **state)
{
    struct fixture *f = *state;

    command(f, COMMAND_CLOSE_A20);
    assert_int_equal(ask(f, COMMAND_READ_OUTPUT_PORT), 0xcd);
    command(f, COMMAND_OPEN_A20);
    assert_int_equal(ask(f, COMMAND_READ_OUTPUT_PORT), 0xcf);
    command(f, COMMAND_WRITE_OUTPUT_PORT);
    send(f, 0xdd);
    assert_int_equal(ask(f, COMMAND_READ_OUTPUT_PORT), 0xcd);
    command(f, COMMAND_WRITE_OUTPUT_PORT);
    send(f, 0xdf);                                      /* as old loaders do, and then a command that does nothing */
    command(f, 0xff);
    assert_int_equal(ask(f, COMMAND_READ_OUTPUT_PORT), 0xcf);
    assert_int_equal(f->power.resets, 0);
}

static void passwords_are_swallowed(void **state)
{
    struct fixture *f = *state;

    command(f, COMMAND_LOAD_PASSWORD);
    send(f, 0x1e);
    send(f, 0x30);
    send(f, 0x00);
    command(f, COMMAND_ENABLE_PASSWORD);
    assert_int_equal(f->keyboard.received_count, 0);
    send(f, 0xee);
    assert_int_equal(f->keyboard.received_count, 1);
}

static void unknown_commands_do_nothing(void **state)
{
    static const uint8_t known[] = {
        0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xab, 0xad, 0xae, 0xc0, 0xd0, 0xd1, 0xd2, 0xd3, 0xd4, 0xdd, 0xdf,
        0xe0,
    };
    struct fixture *f = *state;

    for (unsigned int value = 0; value < 0xf0; value++) {
        if (memchr(known, (int)value, sizeof(known)) || (value & 0xe0) == 0x20 || (value & 0xe0) == 0x60)
            continue;
        command(f, (uint8_t)value);
        assert_false(status(f) & STATUS_OUTPUT_FULL);
    }
    assert_int_equal(f->i8042.regs.ram[0], CONTROL_DISABLE_KEYBOARD | CONTROL_DISABLE_AUX);
    assert_int_equal(f->power.resets, 0);
    assert_non_null(strstr(take_log(), "is not known"));
}

/* Linux's native_machine_emergency_restart() waits for an empty input buffer before each pulse. */
static void linux_reboots_without_waiting(void **state)
{
    struct fixture *f = *state;

    assert_false(status(f) & STATUS_INPUT_FULL);
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
    send(f, 0xdf);
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

static void reset_lowers_the_lines(void **state)
{
    struct fixture *f = *state;

    set_control(f, CONTROL_KEYBOARD_INTERRUPT);
    says(&f->keyboard, "a", 1);
    i8042_reset(&f->i8042);
    assert_false(f->irq1.high);
    assert_int_equal(status(f), STATUS_NOT_INHIBITED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(after_power_on, set_up),
        cmocka_unit_test_setup(status_tells_command_from_data, set_up),
        cmocka_unit_test_setup(self_tests, set_up),
        cmocka_unit_test_setup(ram, set_up),
        cmocka_unit_test_setup(interfaces_enable_and_disable, set_up),
        cmocka_unit_test_setup(sending_enables_the_interface, set_up),
        cmocka_unit_test_setup(every_byte_interrupts, set_up),
        cmocka_unit_test_setup(interrupts_can_be_enabled_late, set_up),
        cmocka_unit_test_setup(status_is_there_before_the_interrupt, set_up),
        cmocka_unit_test_setup(answers_go_before_devices, set_up),
        cmocka_unit_test_setup(bytes_as_if_from_devices, set_up),
        cmocka_unit_test_setup(linux_finds_no_multiplexer, set_up),
        cmocka_unit_test_setup(translates_the_keyboard_only, set_up),
        cmocka_unit_test_setup(input_port, set_up),
        cmocka_unit_test_setup(a20_reads_back, set_up),
        cmocka_unit_test_setup(passwords_are_swallowed, set_up),
        cmocka_unit_test_setup(unknown_commands_do_nothing, set_up),
        cmocka_unit_test_setup(linux_reboots_without_waiting, set_up),
        cmocka_unit_test_setup(pulses_of_other_lines_do_not_reset, set_up),
        cmocka_unit_test_setup(output_port_bit_0_resets, set_up),
        cmocka_unit_test_setup(another_command_cancels_the_output_port, set_up),
        cmocka_unit_test_setup(reset_lowers_the_lines, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
