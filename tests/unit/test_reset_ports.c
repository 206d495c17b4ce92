/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "support.h"

#include "devices/reset_ports.h"

struct fixture {
    struct reset_ports ports;
    struct recorded_power power;
};

static int set_up(void **state)
{
    static struct fixture f;

    recorded_power_init(&f.power);
    reset_ports_init(&f.ports, &f.power.power);
    *state = &f;
    return 0;
}

static uint8_t in(struct fixture *f, const struct io_ops *ops)
{
    return (uint8_t)ops->read(&f->ports, 0, IO_BYTE);
}

static void out(struct fixture *f, const struct io_ops *ops, uint8_t value)
{
    ops->write(&f->ports, 0, IO_BYTE, value);
}

/* SeaBIOS' set_a20() and Linux's enable_a20_fast() read, change bit 1 and write. */
static void port92_remembers_a20(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(in(f, &port92_ops), 0x00);
    out(f, &port92_ops, 0xfe);
    assert_int_equal(in(f, &port92_ops), 0x02);
    out(f, &port92_ops, 0x00);
    assert_int_equal(in(f, &port92_ops), 0x00);
    assert_int_equal(f->power.resets, 0);
}

static void port92_resets_on_a_rising_bit_0(void **state)
{
    struct fixture *f = *state;

    out(f, &port92_ops, 0x01);
    assert_int_equal(f->power.resets, 1);
    out(f, &port92_ops, 0x03);
    assert_int_equal(f->power.resets, 1);
    out(f, &port92_ops, 0x02);
    out(f, &port92_ops, 0x03);
    assert_int_equal(f->power.resets, 2);
    reset_ports_reset(&f->ports);
    assert_int_equal(in(f, &port92_ops), 0x00);
}

/* SeaBIOS' pci_reboot() and Linux's reboot=pci. */
static void reset_control_in_two_steps(void **state)
{
    struct fixture *f = *state;
    uint8_t value = in(f, &reset_control_ops) & (uint8_t)~6;

    out(f, &reset_control_ops, value | 2);
    assert_int_equal(f->power.resets, 0);
    assert_int_equal(in(f, &reset_control_ops), 0x02);
    out(f, &reset_control_ops, value | 6);
    assert_int_equal(f->power.resets, 1);
}

/* The FADT's reset register: 6 at once.  Soft reset (4) is one too. */
static void reset_control_in_one_step(void **state)
{
    struct fixture *f = *state;

    out(f, &reset_control_ops, 0x06);
    assert_int_equal(f->power.resets, 1);
    assert_int_equal(in(f, &reset_control_ops), 0x02);  /* RCPU never reads as 1 */
    out(f, &reset_control_ops, 0x04);
    assert_int_equal(f->power.resets, 2);
    out(f, &reset_control_ops, 0xf9);                   /* everything else */
    assert_int_equal(f->power.resets, 2);
    assert_int_equal(in(f, &reset_control_ops), 0x00);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(port92_remembers_a20, set_up),
        cmocka_unit_test_setup(port92_resets_on_a_rising_bit_0, set_up),
        cmocka_unit_test_setup(reset_control_in_two_steps, set_up),
        cmocka_unit_test_setup(reset_control_in_one_step, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
