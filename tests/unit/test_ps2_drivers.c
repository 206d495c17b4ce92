/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Controller, keyboard and mouse together, as the drivers of systems start and use them.  The sequences of accesses are
 * those of the sources that each test names.
 */
#include "support.h"

#include <stdio.h>

#include "devices/i8042/i8042.h"
#include "devices/i8042/ps2_keyboard.h"
#include "devices/i8042/ps2_mouse.h"

#define OBF 0x01
#define IBF 0x02
#define AUX 0x20

struct fixture {
    struct i8042 i8042;
    struct ps2_keyboard keyboard;
    struct ps2_mouse mouse;
    struct recorded_line irq1, irq12;
    struct recorded_power power;
    struct input_backend input;
    char heard[3 * 64];                     /* by the interrupt handler: hexadecimal */
};

static int set_up(void **state)
{
    static struct fixture f;

    f = (struct fixture){ .heard = "" };
    recorded_line_init(&f.irq1);
    recorded_line_init(&f.irq12);
    recorded_power_init(&f.power);
    ps2_keyboard_init(&f.keyboard, &f.input);
    ps2_mouse_init(&f.mouse, &f.input);
    i8042_init(&f.i8042, &f.keyboard.device, &f.mouse.device, &f.irq1.line, &f.irq12.line, &f.power.power);
    *state = &f;
    return 0;
}

/* ---- Accesses ----------------------------------------------------------------------------------------------- */

static uint8_t status(struct fixture *f)
{
    return (uint8_t)i8042_command_ops.read(&f->i8042, 0, IO_BYTE);
}

static uint8_t data(struct fixture *f)
{
    return (uint8_t)i8042_data_ops.read(&f->i8042, 0, IO_BYTE);
}

static void write_command(struct fixture *f, uint8_t value)
{
    assert_false(status(f) & IBF);
    i8042_command_ops.write(&f->i8042, 0, IO_BYTE, value);
}

static void write_data(struct fixture *f, uint8_t value)
{
    assert_false(status(f) & IBF);
    i8042_data_ops.write(&f->i8042, 0, IO_BYTE, value);
}

/* A byte that a driver which polls expects, with the status before it. */
static void expect(struct fixture *f, uint8_t aux, uint8_t byte)
{
    assert_int_equal(status(f) & (OBF | AUX), OBF | aux);
    assert_int_equal(data(f), byte);
}

static void expect_nothing(struct fixture *f)
{
    assert_int_equal(status(f) & OBF, 0);
}

static unsigned int flush(struct fixture *f)
{
    unsigned int count = 0;

    while ((status(f) & OBF) && count < 64) {
        data(f);
        count++;
    }
    return count;
}

static void set_control(struct fixture *f, uint8_t control)
{
    write_command(f, 0x60);
    write_data(f, control);
}

static uint8_t control(struct fixture *f)
{
    write_command(f, 0x20);
    assert_int_equal(status(f) & (OBF | AUX), OBF);
    return data(f);
}

/* Linux's i8042_interrupt(), once for each edge: reads one byte.  m: from the mouse. */
static void take_interrupts(struct fixture *f)
{
    unsigned int length = (unsigned int)strlen(f->heard);

    while (f->irq1.rises + f->irq12.rises) {
        struct recorded_line *line = f->irq1.rises ? &f->irq1 : &f->irq12;
        uint8_t before = status(f);

        line->rises--;
        if (!(before & OBF))
            continue;
        assert_true(line->high);
        assert_int_equal(before & AUX, line == &f->irq12 ? AUX : 0);
        length += (unsigned int)snprintf(f->heard + length, sizeof(f->heard) - length, "%s%02x%s", length ? " " : "",
                                         data(f), before & AUX ? "m" : "");
        assert_true(length < sizeof(f->heard));
    }
}

/* And nothing is left without an interrupt. */
static void assert_heard(struct fixture *f, const char *expected)
{
    take_interrupts(f);
    expect_nothing(f);
    assert_string_equal(f->heard, expected);
    f->heard[0] = '\0';
}

/* ---- SeaBIOS, src/hw/ps2port.c ------------------------------------------------------------------------------ */

/* ps2_recvbyte(): what is no acknowledge is dropped. */
static void seabios_waits_for_acknowledge(struct fixture *f, uint8_t aux)
{
    for (unsigned int i = 0; i < 32; i++) {
        uint8_t before = status(f);

        if ((before & OBF) && data(f) == 0xfa && (before & AUX) == aux)
            return;
    }
    fail_msg("no acknowledge");
}

/* __ps2_command(), which puts back what the controller was set to only after the answer. */
static void seabios_ps2_command(struct fixture *f, uint8_t aux, uint8_t ctr, const uint8_t *bytes, unsigned int count)
{
    set_control(f, (ctr | 0x30) & (uint8_t)~0x03);
    set_control(f, ((ctr | 0x30) & (uint8_t)~0x03) & (uint8_t)~(aux ? 0x20 : 0x10));
    for (unsigned int i = 0; i < count; i++) {
        if (aux)
            write_command(f, 0xd4);
        write_data(f, bytes[i]);
        seabios_waits_for_acknowledge(f, aux);
    }
}

/* ps2_keyboard_setup() */
static void seabios_starts(struct fixture *f)
{
    assert_true(flush(f) < 16);
    write_command(f, 0xad);
    write_command(f, 0xa7);
    assert_int_equal(flush(f), 0);
    write_command(f, 0xaa);
    expect(f, 0, 0x55);
    write_command(f, 0xab);
    expect(f, 0, 0x00);

    seabios_ps2_command(f, 0, 0x30, (const uint8_t[]){ 0xff }, 1);
    expect(f, 0, 0xaa);
    set_control(f, 0x30);
    seabios_ps2_command(f, 0, 0x30, (const uint8_t[]){ 0xf5 }, 1);
    set_control(f, 0x30);
    seabios_ps2_command(f, 0, 0x30, (const uint8_t[]){ 0xf0, 0x02 }, 2);
    set_control(f, 0x30);
    seabios_ps2_command(f, 0, 0x61, (const uint8_t[]){ 0xf4 }, 1);
    set_control(f, 0x61);
    expect_nothing(f);
}

/* handle_09() */
static void seabios_interrupt_9(struct fixture *f, uint8_t code)
{
    assert_true(f->irq1.high);
    assert_int_equal(status(f) & AUX, 0);
    assert_int_equal(data(f), code);
    write_command(f, 0xae);
}

static void seabios_keyboard(void **state)
{
    struct fixture *f = *state;

    seabios_starts(f);
    input_key(&f->input, KEY_DOWN, true);
    input_key(&f->input, KEY_DOWN, false);
    seabios_interrupt_9(f, 0xe0);
    seabios_interrupt_9(f, 0x50);
    seabios_interrupt_9(f, 0xe0);
    seabios_interrupt_9(f, 0xd0);
    assert_false(f->irq1.high);
}

/* Somebody leans on the keyboard while the machine starts. */
static void seabios_with_keys_pressed_before(void **state)
{
    struct fixture *f = *state;

    for (unsigned int i = 0; i < 40; i++)
        input_key(&f->input, KEY_F12, true);
    input_motion(&f->input, 10, 10, 0);
    seabios_starts(f);
    input_key(&f->input, KEY_F12, false);
    seabios_interrupt_9(f, 0xd8);
}

/* INT 15h AH=C2h: BH=01 reset, 05 initialise, 02 sampling rate, 00 enable; then INT 74h. */
static void seabios_pointing_device(void **state)
{
    struct fixture *f = *state;

    seabios_starts(f);
    seabios_ps2_command(f, AUX, 0x61, (const uint8_t[]){ 0xff }, 1);
    expect(f, AUX, 0xaa);
    expect(f, AUX, 0x00);
    set_control(f, 0x61);
    seabios_ps2_command(f, AUX, 0x61, (const uint8_t[]){ 0xf3, 100 }, 2);
    set_control(f, 0x61);
    seabios_ps2_command(f, AUX, 0x43, (const uint8_t[]){ 0xf4 }, 1);
    set_control(f, 0x43);
    input_motion(&f->input, 2, 1, 0);
    assert_heard(f, "28m 02m ffm");
}

/* ---- Linux, drivers/input/serio/i8042.c --------------------------------------------------------------------- */

static void linux_loops(struct fixture *f, uint8_t byte)
{
    write_command(f, 0xd3);
    write_data(f, byte);
    expect(f, AUX, byte);
}

/* i8042_check_aux(): loop, enable bits, interrupt. */
static void linux_checks_aux(struct fixture *f, uint8_t ctr)
{
    assert_int_equal(flush(f), 0);
    linux_loops(f, 0x5a);
    write_command(f, 0xa7);
    assert_int_equal(control(f), ctr | 0x20);
    write_command(f, 0xa8);
    assert_int_equal(control(f), ctr & ~0x20);
    set_control(f, (ctr & ~0x20) | 0x02);
    f->irq1.rises = f->irq12.rises = 0;
    write_command(f, 0xd3);
    write_data(f, 0xa5);
    assert_heard(f, "a5m");
    set_control(f, ctr | 0x20);
}

/* i8042_check_mux(): not one. */
static void linux_checks_mux(struct fixture *f)
{
    assert_int_equal(flush(f), 0);
    linux_loops(f, 0xf0);
    linux_loops(f, 0x56);
    linux_loops(f, 0xa4);
}

static void linux_starts(struct fixture *f)
{
    uint8_t ctr;

    assert_true(flush(f) < 16);             /* 16 are "no controller" for kernels before 3.11 */
    ctr = control(f);
    assert_int_equal(ctr, control(f));
    assert_true(ctr & 0x40);                /* else it goes on without translation */
    assert_true(status(f) & 0x10);          /* else: "Keylock active" */
    ctr = (ctr | 0x10) & (uint8_t)~0x01;
    set_control(f, ctr);
    flush(f);
    linux_checks_aux(f, ctr);
    linux_checks_mux(f);
    set_control(f, 0x56);                   /* aux, then keyboard */
    set_control(f, 0x47);
    f->irq1.rises = f->irq12.rises = 0;
}

static void to_keyboard(struct fixture *f, uint8_t byte, const char *answer)
{
    write_data(f, byte);
    assert_heard(f, answer);
}

static void to_mouse(struct fixture *f, uint8_t byte, const char *answer)
{
    write_command(f, 0xd4);
    write_data(f, byte);
    assert_heard(f, answer);
}

/* atkbd_connect(), atkbd_probe(), atkbd_activate() */
static void linux_starts_keyboard(struct fixture *f)
{
    to_keyboard(f, 0xf2, "fa ab 41");
    to_keyboard(f, 0xf5, "fa");
    to_keyboard(f, 0xed, "fa");
    to_keyboard(f, 0x00, "fa");
    to_keyboard(f, 0xf3, "fa");
    to_keyboard(f, 0x00, "fa");
    to_keyboard(f, 0xf4, "fa");
}

static void linux_keyboard(void **state)
{
    struct fixture *f = *state;

    seabios_starts(f);
    linux_starts(f);
    linux_starts_keyboard(f);
    input_key(&f->input, KEY_LEFTSHIFT, true);
    input_key(&f->input, KEY_A, true);
    input_key(&f->input, KEY_A, false);
    input_key(&f->input, KEY_LEFTSHIFT, false);
    input_key(&f->input, KEY_PAUSE, true);
    assert_heard(f, "2a 1e 9e aa e1 1d 45 e1 9d c5");
    input_key(&f->input, KEY_CAPSLOCK, true);           /* the light's command comes between make and break */
    write_data(f, 0xed);
    input_key(&f->input, KEY_CAPSLOCK, false);
    assert_heard(f, "3a fa ba");
    to_keyboard(f, 0x04, "fa");
    assert_int_equal(f->keyboard.regs.leds, INPUT_LED_CAPS);
}

/* i8042_flush() while a person holds a key. What is there yet after 16 bytes is "no controller". */
static void linux_with_a_key_held(void **state)
{
    struct fixture *f = *state;

    seabios_starts(f);
    set_control(f, 0x61);
    for (unsigned int i = 0; i < 40; i++)
        input_key(&f->input, KEY_A, true);
    assert_in_range(flush(f), 1, 16);
    linux_starts(f);
    linux_starts_keyboard(f);
}

/* The same with a person who types, and a source that keeps what does not fit. */
static void linux_with_keys_typed_before(void **state)
{
    struct fixture *f = *state;

    seabios_starts(f);
    set_control(f, 0x61);
    for (unsigned int key = KEY_Q; !input_full(&f->input); key++) {
        input_key(&f->input, key, true);
        input_key(&f->input, key, false);
    }
    assert_true(input_behind(&f->input));
    assert_in_range(flush(f), 1, 16);
    assert_false(input_behind(&f->input));
    linux_starts(f);
    linux_starts_keyboard(f);
}

/* psmouse_probe() and what psmouse_extensions() tries before the wheel, as Linux is known to send it. */
static void linux_probes_extensions(struct fixture *f)
{
    static const uint8_t thinking[] = { 20, 60, 40, 20, 20, 60, 40, 20, 20 };

    to_mouse(f, 0xf2, "fam 00m");
    to_mouse(f, 0xf5, "fam");
    to_mouse(f, 0xf3, "fam");               /* thinking_detect() */
    to_mouse(f, 10, "fam");
    to_mouse(f, 0xe8, "fam");
    to_mouse(f, 0, "fam");
    for (unsigned int i = 0; i < sizeof(thinking); i++) {
        to_mouse(f, 0xf3, "fam");
        to_mouse(f, thinking[i], "fam");
    }
    to_mouse(f, 0xf2, "fam 00m");
    for (unsigned int i = 0; i < 4; i++) {  /* synaptics_detect(): second byte 47h would be one */
        to_mouse(f, 0xe8, "fam");
        to_mouse(f, 0, "fam");
    }
    to_mouse(f, 0xe9, "fam 00m 00m 14m");
    to_mouse(f, 0xff, "fam aam 00m");
    for (unsigned int i = 0; i < 3; i++)    /* genius_detect(): 00 33 55 would be one */
        to_mouse(f, 0xe6, "fam");
    to_mouse(f, 0xe9, "fam 00m 02m 64m");
    to_mouse(f, 0xe1, "fem");               /* trackpoint_detect() */
    to_mouse(f, 0xe1, "fcm");
    to_mouse(f, 0xf6, "fam");
    to_mouse(f, 0xff, "fam aam 00m");
}

static void linux_sets_rate(struct fixture *f, uint8_t rate)
{
    to_mouse(f, 0xf3, "fam");
    to_mouse(f, rate, "fam");
}

static void linux_starts_mouse(struct fixture *f)
{
    linux_probes_extensions(f);
    linux_sets_rate(f, 200);                /* im_explorer_detect() */
    linux_sets_rate(f, 100);
    linux_sets_rate(f, 80);
    to_mouse(f, 0xf2, "fam 03m");
    linux_sets_rate(f, 200);
    linux_sets_rate(f, 200);
    linux_sets_rate(f, 80);
    to_mouse(f, 0xf2, "fam 04m");
    linux_sets_rate(f, 200);
    linux_sets_rate(f, 80);
    linux_sets_rate(f, 40);
    linux_sets_rate(f, 100);                /* psmouse_initialize() */
    to_mouse(f, 0xe8, "fam");
    to_mouse(f, 3, "fam");
    to_mouse(f, 0xe6, "fam");
    to_mouse(f, 0xf4, "fam");
}

static void linux_mouse(void **state)
{
    struct fixture *f = *state;

    seabios_starts(f);
    linux_starts(f);
    linux_starts_keyboard(f);
    linux_starts_mouse(f);
    input_motion(&f->input, -3, -2, 0);
    input_key(&f->input, BTN_SIDE, true);
    input_motion(&f->input, 0, 0, 1);
    assert_heard(f, "18m fdm 02m 00m 08m 00m 00m 1fm");
}

/* Both at once: no byte is taken for the other's, and none stays without an interrupt. */
static void keyboard_and_mouse_at_once(void **state)
{
    struct fixture *f = *state;

    seabios_starts(f);
    linux_starts(f);
    linux_starts_keyboard(f);
    linux_starts_mouse(f);
    input_motion(&f->input, 1, 0, 0);
    input_key(&f->input, KEY_UP, true);
    assert_heard(f, "08m e0 48 01m 00m 00m");
}

/* i8042_controller_reset() before kexec or power-off: back to what the BIOS had set; and the reset pulse. */
static void linux_leaves(void **state)
{
    struct fixture *f = *state;

    seabios_starts(f);
    linux_starts(f);
    linux_starts_keyboard(f);
    linux_starts_mouse(f);
    flush(f);
    set_control(f, 0x74);
    set_control(f, 0x61);
    to_keyboard(f, 0xff, "fa aa");
    input_key(&f->input, KEY_ENTER, true);
    assert_heard(f, "1c");
    write_command(f, 0xfe);
    assert_int_equal(f->power.resets, 1);
}

/* i8042.direct=1 and atkbd.set=3: atkbd_select_set() */
static void linux_without_translation_in_set_3(void **state)
{
    struct fixture *f = *state;

    seabios_starts(f);
    linux_starts(f);
    set_control(f, 0x07);
    to_keyboard(f, 0xf2, "fa ab 83");
    to_keyboard(f, 0xe8, "fe");             /* ATKBD_CMD_OK_GETID: not such a one */
    to_keyboard(f, 0xf0, "fa");
    to_keyboard(f, 0x03, "fa");
    to_keyboard(f, 0xf0, "fa");
    to_keyboard(f, 0x00, "fa 03");
    to_keyboard(f, 0xfa, "fa");
    to_keyboard(f, 0xf4, "fa");
    input_key(&f->input, KEY_UP, true);
    input_key(&f->input, KEY_UP, false);
    assert_heard(f, "63 f0 63");
}

/* ---- GRUB, grub-core/term/at_keyboard.c --------------------------------------------------------------------- */

/* It waits for an empty input buffer, and reads without looking whether there is output. */
static void grub_keyboard(void **state)
{
    struct fixture *f = *state;

    seabios_starts(f);
    write_command(f, 0xaa);                 /* grub_at_keyboard_is_alive() */
    assert_int_equal(data(f), 0x55);
    assert_int_equal(flush(f), 0);
    write_command(f, 0x20);                 /* at_command() waits for an acknowledge in vain, */
    for (unsigned int i = 0; i < 5; i++)
        assert_int_equal(data(f), 0x65);    /* and the buffer must go on saying the same */
    write_data(f, 0xf0);                    /* query_mode(): both bytes before it reads */
    write_data(f, 0x00);
    assert_int_equal(data(f), 0xfa);
    assert_int_equal(data(f), 0xfa);
    assert_int_equal(data(f), 0x41);        /* set 2, translated */
    write_data(f, 0xed);
    write_data(f, 0x00);
    flush(f);
    input_key(&f->input, KEY_ENTER, true);
    expect(f, 0, 0x1c);
}

/* ---- OpenBSD: sys/dev/ic/pckbc.c, and what pckbd.c is known to send ------------------------------------------- */

static void openbsd_keyboard_and_mouse(void **state)
{
    struct fixture *f = *state;

    seabios_starts(f);
    expect_nothing(f);
    set_control(f, 0x14);                   /* pckbc_attach() */
    write_command(f, 0xd3);
    write_data(f, 0x5a);
    expect(f, AUX, 0x5a);
    write_command(f, 0xae);                 /* pckbc_slot_enable() */
    write_data(f, 0xff);
    expect(f, 0, 0xfa);
    expect(f, 0, 0xaa);
    write_data(f, 0xf0);                    /* pckbd_set_xtscancode(): set 2, and the controller translates */
    expect(f, 0, 0xfa);
    write_data(f, 0x02);
    expect(f, 0, 0xfa);
    set_control(f, 0x44);
    assert_int_equal(control(f), 0x44);
    write_command(f, 0xa8);
    write_command(f, 0xd4);
    write_data(f, 0xff);
    expect(f, AUX, 0xfa);
    expect(f, AUX, 0xaa);
    expect(f, AUX, 0x00);
    set_control(f, 0x47);
    input_key(&f->input, KEY_Z, true);
    assert_true(f->irq1.high);
    expect(f, 0, 0x2c);
}

/* ---- Any driver --------------------------------------------------------------------------------------------- */

/* Whatever is written and typed: what the chips promise holds, and after a start as always all works. */
static void random_use(void **state)
{
    struct fixture *f = *state;
    uint32_t random = 1;

    for (unsigned int i = 0; i < 300000; i++) {
        uint32_t promised;

        random = random * 1664525 + 1013904223;
        switch (random >> 29) {
        case 0: data(f); break;
        case 1: i8042_data_ops.write(&f->i8042, 0, IO_BYTE, random >> 8 & 0xff); break;
        case 2: i8042_command_ops.write(&f->i8042, 0, IO_BYTE, random >> 8 & 0xff); break;
        case 3: input_key(&f->input, random >> 8 & 0x1ff, random >> 17 & 1); break;
        case 4: input_motion(&f->input, (int32_t)random, -(int32_t)(random >> 1), (int32_t)(random << 3)); break;
        case 5: i8042_command_ops.write(&f->i8042, 0, IO_BYTE, 0xd4); break;
        default: i8042_data_ops.write(&f->i8042, 0, IO_BYTE, 0xe6 + (random >> 8) % 26); break;
        }
        assert_true(i8042_command_ops.shadows->peek(&f->i8042, 0, &promised));
        assert_int_equal(promised, status(f));
        assert_false(f->irq1.high && f->irq12.high);
        assert_true((promised & OBF) || !(f->irq1.high || f->irq12.high));
    }
    take_log();
    for (unsigned int key = 0; key < INPUT_KEYS; key++)
        input_key(&f->input, key, false);
    for (unsigned int code = BTN_LEFT; code <= BTN_EXTRA; code++)
        input_key(&f->input, code, false);
    write_command(f, 0xd4);
    write_data(f, 0xff);
    write_data(f, 0xff);
    flush(f);                               /* answers of the last driver's are the last driver's business */
    seabios_starts(f);
    linux_starts(f);
    linux_starts_keyboard(f);
    linux_starts_mouse(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(seabios_keyboard, set_up),
        cmocka_unit_test_setup(seabios_with_keys_pressed_before, set_up),
        cmocka_unit_test_setup(seabios_pointing_device, set_up),
        cmocka_unit_test_setup(linux_keyboard, set_up),
        cmocka_unit_test_setup(linux_with_a_key_held, set_up),
        cmocka_unit_test_setup(linux_with_keys_typed_before, set_up),
        cmocka_unit_test_setup(linux_mouse, set_up),
        cmocka_unit_test_setup(keyboard_and_mouse_at_once, set_up),
        cmocka_unit_test_setup(linux_leaves, set_up),
        cmocka_unit_test_setup(linux_without_translation_in_set_3, set_up),
        cmocka_unit_test_setup(grub_keyboard, set_up),
        cmocka_unit_test_setup(openbsd_keyboard_and_mouse, set_up),
        cmocka_unit_test_setup(random_use, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
