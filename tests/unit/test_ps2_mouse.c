/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The mouse alone: the test moves it, and is the host at the other end. */
#include "support.h"

#include <stdio.h>

#include "devices/i8042/ps2_mouse.h"
#include "devices/i8042/ps2_mouse_regs.h"

struct fixture {
    struct ps2_mouse mouse;
    struct ps2_host host;
    unsigned int announced;
    struct input_backend input;
};

static void waiting(struct ps2_host *host)
{
    ((struct fixture *)((char *)host - offsetof(struct fixture, host)))->announced++;
}

static int set_up(void **state)
{
    static struct fixture f;

    f = (struct fixture){ .host.waiting = waiting };
    ps2_mouse_init(&f.mouse, &f.input);
    f.mouse.device.host = &f.host;
    *state = &f;
    return 0;
}

static void command(struct fixture *f, uint8_t byte)
{
    f->mouse.device.receive(&f->mouse.device, byte);
}

/* Up to `max` bytes of what the mouse has to say, in hexadecimal. */
static const char *hear(struct fixture *f, unsigned int max)
{
    static char text[3 * 128];
    unsigned int length = 0;
    uint8_t byte;

    text[0] = '\0';
    while (max-- && f->mouse.device.send(&f->mouse.device, &byte)) {
        assert_true(length + 4 <= sizeof(text));
        length += (unsigned int)snprintf(text + length, sizeof(text) - length, length ? " %02x" : "%02x", byte);
    }
    return text;
}

static const char *heard(struct fixture *f)
{
    return hear(f, ~0u);
}

static void enable(struct fixture *f)
{
    command(f, MOUSE_ENABLE);
    assert_string_equal(heard(f), "fa");
}

static void set_rate(struct fixture *f, uint8_t rate)
{
    command(f, MOUSE_SET_RATE);
    command(f, rate);
    assert_string_equal(heard(f), "fa");
}

static void knock(struct fixture *f, uint8_t first, uint8_t second, uint8_t third)
{
    set_rate(f, first);
    set_rate(f, second);
    set_rate(f, third);
}

static void move(struct fixture *f, int32_t x, int32_t y, int32_t wheel)
{
    input_motion(&f->input, x, y, wheel);
}

static void button(struct fixture *f, unsigned int code, bool down)
{
    input_key(&f->input, code, down);
}

static void reset_and_identity(void **state)
{
    struct fixture *f = *state;

    assert_string_equal(heard(f), "");
    command(f, MOUSE_READ_ID);
    assert_string_equal(heard(f), "fa 00");
    enable(f);
    command(f, MOUSE_RESET);
    assert_string_equal(heard(f), "fa aa 00");
    move(f, 1, 1, 0);
    assert_string_equal(heard(f), "");                  /* disabled */
    command(f, MOUSE_READ_STATUS);
    assert_string_equal(heard(f), "fa 00 02 64");
}

static void status_bits(void **state)
{
    struct fixture *f = *state;

    button(f, BTN_LEFT, true);
    command(f, MOUSE_READ_STATUS);
    assert_string_equal(heard(f), "fa 04 02 64");
    button(f, BTN_LEFT, false);
    button(f, BTN_RIGHT, true);
    command(f, MOUSE_REMOTE_MODE);
    command(f, MOUSE_READ_STATUS);
    assert_string_equal(heard(f), "fa 41 02 64");
    button(f, BTN_RIGHT, false);
    button(f, BTN_MIDDLE, true);
    command(f, MOUSE_STREAM_MODE);
    command(f, MOUSE_SCALING_2_TO_1);
    command(f, MOUSE_SET_RESOLUTION);
    command(f, 3);
    set_rate(f, 40);
    command(f, MOUSE_ENABLE);
    command(f, MOUSE_READ_STATUS);
    assert_string_equal(hear(f, 4), "fa 32 03 28");
    command(f, MOUSE_SCALING_1_TO_1);
    command(f, MOUSE_DISABLE);
    command(f, MOUSE_READ_STATUS);
    assert_string_equal(heard(f), "fa 02 03 28");
    command(f, MOUSE_SET_DEFAULT);
    command(f, MOUSE_READ_STATUS);
    assert_string_equal(heard(f), "fa 02 02 64");
}

/* X to the right and Y up are positive. */
static void reports(void **state)
{
    static const struct { int32_t x, y; const char *report; } moves[] = {
        { 1, 0, "08 01 00" }, { -1, 0, "18 ff 00" }, { 0, 1, "28 00 ff" }, { 0, -1, "08 00 01" },
        { 255, -255, "08 ff ff" }, { -255, 255, "38 01 01" }, { 3, -4, "08 03 04" },
    };
    struct fixture *f = *state;

    enable(f);
    for (unsigned int i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
        move(f, moves[i].x, moves[i].y, 5);
        assert_int_equal(f->announced, i + 1);
        assert_string_equal(heard(f), moves[i].report);
    }
    move(f, 0, 0, 1);                                   /* has no wheel */
    assert_string_equal(heard(f), "");
}

static void buttons(void **state)
{
    static const struct { unsigned int button; const char *down; } three[] = {
        { BTN_LEFT, "09 00 00" }, { BTN_RIGHT, "0a 00 00" }, { BTN_MIDDLE, "0c 00 00" },
    };
    struct fixture *f = *state;

    enable(f);
    for (unsigned int i = 0; i < 3; i++) {
        button(f, three[i].button, true);
        assert_string_equal(heard(f), three[i].down);
        button(f, three[i].button, true);
        assert_string_equal(heard(f), "");
        button(f, three[i].button, false);
        assert_string_equal(heard(f), "08 00 00");
    }
    button(f, BTN_SIDE, true);                          /* has none */
    button(f, BTN_EXTRA, true);
    button(f, BTN_EXTRA + 1, true);
    button(f, 0x100, true);
    assert_string_equal(heard(f), "");
}

/* What comes while the host is slow is in the next report. */
static void reports_add_up(void **state)
{
    struct fixture *f = *state;

    enable(f);
    move(f, 5, 0, 0);
    assert_string_equal(hear(f, 1), "08");
    move(f, 1, 2, 0);
    move(f, 1, 2, 0);
    button(f, BTN_LEFT, true);
    assert_string_equal(heard(f), "05 00 29 02 fc");
}

static void a_short_click_is_told(void **state)
{
    struct fixture *f = *state;

    enable(f);
    move(f, 1, 0, 0);
    assert_string_equal(hear(f, 1), "08");
    button(f, BTN_LEFT, true);
    button(f, BTN_LEFT, false);
    assert_string_equal(heard(f), "01 00 09 00 00 08 00 00");
}

/* More clicks than reports: some are lost, but the last state is not. */
static void no_button_is_stuck(void **state)
{
    struct fixture *f = *state;

    enable(f);
    for (unsigned int bytes = 0; bytes <= 3; bytes++) {
        button(f, BTN_LEFT, true);
        hear(f, bytes);
        for (unsigned int i = 0; i < 3; i++) {
            button(f, BTN_LEFT, false);
            button(f, BTN_LEFT, true);
        }
        button(f, BTN_LEFT, false);
        heard(f);
        assert_int_equal(f->mouse.regs.reported, 0);
    }
}

static void a_long_way_takes_several_reports(void **state)
{
    struct fixture *f = *state;

    enable(f);
    move(f, 600, -256, 0);
    assert_string_equal(heard(f), "08 ff ff 08 ff 01 08 5a 00");
}

static void beyond_the_backlog_is_overflow(void **state)
{
    struct fixture *f = *state;

    enable(f);
    move(f, 3 * 255, 0, 0);
    assert_string_equal(hear(f, 3), "08 ff 00");
    move(f, 256, INT32_MIN, INT32_MIN);
    move(f, INT32_MAX, INT32_MIN, INT32_MIN);
    assert_string_equal(hear(f, 3), "c8 ff ff");
    assert_string_equal(hear(f, 3), "08 ff ff");
    move(f, INT32_MIN, INT32_MAX, INT32_MAX);
    assert_string_equal(heard(f), "f8 01 01 38 01 01 38 01 01");
}

/* "Set Scaling 2:1" has the table. */
static void double_scaling(void **state)
{
    static const int counts[][2] = { { 1, 1 }, { 2, 1 }, { 3, 3 }, { 4, 6 }, { 5, 9 }, { 6, 12 }, { 100, 200 } };
    struct fixture *f = *state;
    char expected[16];

    command(f, MOUSE_SCALING_2_TO_1);
    enable(f);
    for (unsigned int i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        move(f, counts[i][0], counts[i][0], 0);
        snprintf(expected, sizeof(expected), "28 %02x %02x", counts[i][1], -counts[i][1] & 0xff);
        assert_string_equal(heard(f), expected);
    }
    move(f, -130, 0, 0);
    assert_string_equal(heard(f), "18 02 00 18 fd 00"); /* 127 and 3 */
    command(f, MOUSE_REMOTE_MODE);
    move(f, 5, 0, 0);
    command(f, MOUSE_READ_DATA);
    assert_string_equal(heard(f), "fa 08 05 00");       /* in stream mode only */
}

static void remote_mode(void **state)
{
    struct fixture *f = *state;

    command(f, MOUSE_REMOTE_MODE);
    enable(f);
    move(f, 7, 0, 0);
    button(f, BTN_LEFT, true);
    assert_string_equal(heard(f), "");
    assert_int_equal(f->announced, 0);
    command(f, MOUSE_READ_DATA);
    assert_string_equal(heard(f), "fa 09 07 00");
    command(f, MOUSE_READ_DATA);
    assert_string_equal(heard(f), "fa 09 00 00");
    command(f, MOUSE_STREAM_MODE);
    assert_string_equal(heard(f), "fa");
    move(f, 1, 0, 0);
    assert_string_equal(heard(f), "09 01 00");
}

static void read_data_in_stream_mode(void **state)
{
    struct fixture *f = *state;

    move(f, 7, 0, 0);                                   /* disabled, but counting */
    command(f, MOUSE_READ_DATA);
    assert_string_equal(heard(f), "fa 08 07 00");
}

static void wrap_mode(void **state)
{
    struct fixture *f = *state;

    enable(f);
    command(f, MOUSE_WRAP_MODE);
    assert_string_equal(heard(f), "fa");
    for (unsigned int byte = 0; byte < 255; byte++) {
        char expected[16];

        if (byte == MOUSE_END_WRAP)
            continue;
        command(f, (uint8_t)byte);
        snprintf(expected, sizeof(expected), "%02x", byte);
        assert_string_equal(heard(f), expected);
    }
    move(f, 1, 1, 0);
    assert_string_equal(heard(f), "");
    command(f, MOUSE_END_WRAP);
    assert_string_equal(heard(f), "fa");
    move(f, 1, 0, 0);
    assert_string_equal(heard(f), "08 01 00");
    command(f, MOUSE_WRAP_MODE);
    command(f, MOUSE_RESET);
    assert_string_equal(heard(f), "fa aa 00");
    command(f, MOUSE_READ_ID);
    assert_string_equal(heard(f), "fa 00");
}

static void intellimouse(void **state)
{
    struct fixture *f = *state;

    knock(f, 200, 100, 80);
    command(f, MOUSE_READ_ID);
    assert_string_equal(heard(f), "fa 03");
    enable(f);
    move(f, 1, -2, 0);
    assert_string_equal(heard(f), "08 01 02 00");
    move(f, 0, 0, 1);                                   /* away from the person: negative */
    assert_string_equal(heard(f), "08 00 00 ff");
    move(f, 0, 0, -9);
    assert_string_equal(heard(f), "08 00 00 07 08 00 00 02");
    button(f, BTN_SIDE, true);
    assert_string_equal(heard(f), "");
    command(f, MOUSE_SET_DEFAULT);
    command(f, MOUSE_READ_ID);
    assert_string_equal(heard(f), "fa 03");
    command(f, MOUSE_RESET);
    assert_string_equal(heard(f), "fa aa 00");
    command(f, MOUSE_READ_ID);
    assert_string_equal(heard(f), "fa 00");
}

static void intellimouse_explorer(void **state)
{
    struct fixture *f = *state;

    knock(f, 200, 200, 80);
    command(f, MOUSE_READ_ID);
    assert_string_equal(heard(f), "fa 04");
    enable(f);
    button(f, BTN_SIDE, true);
    assert_string_equal(heard(f), "08 00 00 10");
    button(f, BTN_EXTRA, true);
    assert_string_equal(heard(f), "08 00 00 30");
    button(f, BTN_SIDE, false);
    move(f, 0, 0, 1);
    assert_string_equal(heard(f), "08 00 00 2f");
    move(f, 0, 0, -20);
    assert_string_equal(heard(f), "08 00 00 27 08 00 00 27 08 00 00 26");
}

static void other_knocks_open_nothing(void **state)
{
    static const uint8_t knocks[][3] = { { 100, 200, 80 }, { 200, 100, 60 }, { 200, 80, 100 }, { 80, 200, 200 } };
    struct fixture *f = *state;

    for (unsigned int i = 0; i < sizeof(knocks) / sizeof(knocks[0]); i++) {
        command(f, MOUSE_RESET);
        heard(f);
        knock(f, knocks[i][0], knocks[i][1], knocks[i][2]);
        command(f, MOUSE_READ_ID);
        assert_string_equal(heard(f), "fa 00");
    }
}

static void rates_and_resolutions(void **state)
{
    struct fixture *f = *state;

    for (unsigned int byte = 0; byte < MOUSE_FIRST_COMMAND; byte++) {
        bool rate = byte == 10 || byte == 20 || byte == 40 || byte == 60 || byte == 80 || byte == 100 || byte == 200;

        command(f, MOUSE_RESET);
        heard(f);
        command(f, MOUSE_SET_RATE);
        assert_string_equal(heard(f), "fa");
        command(f, (uint8_t)byte);
        assert_string_equal(heard(f), rate ? "fa" : "fe");
        command(f, MOUSE_RESET);
        command(f, MOUSE_SET_RESOLUTION);
        assert_string_equal(heard(f), "fa");
        command(f, (uint8_t)byte);
        assert_string_equal(heard(f), byte <= 3 ? "fa" : "fe");
    }
}

static void errors(void **state)
{
    struct fixture *f = *state;

    command(f, 0xe1);                                   /* trackpoint_detect() */
    assert_string_equal(heard(f), "fe");
    command(f, 0xe1);
    assert_string_equal(heard(f), "fc");
    command(f, 0xe1);
    assert_string_equal(heard(f), "fe");
    command(f, MOUSE_READ_ID);
    assert_string_equal(heard(f), "fa 00");
    command(f, 0x00);
    assert_string_equal(heard(f), "fe");
    command(f, MOUSE_SET_RATE);
    command(f, MOUSE_ENABLE);                           /* ends it */
    assert_string_equal(heard(f), "fa");
    command(f, 100);
    assert_string_equal(heard(f), "fe");
}

static void resend(void **state)
{
    struct fixture *f = *state;

    command(f, MOUSE_RESEND);
    assert_string_equal(heard(f), "aa 00");             /* that of power-on */
    enable(f);
    move(f, 3, 0, 0);
    assert_string_equal(heard(f), "08 03 00");
    command(f, MOUSE_RESEND);
    command(f, MOUSE_RESEND);
    assert_string_equal(hear(f, 2), "08 03");
    command(f, MOUSE_RESEND);
    assert_string_equal(heard(f), "08 03 00");
}

/* The host does not know yet that the button is down. */
static void a_report_that_a_command_cuts_off_is_made_anew(void **state)
{
    struct fixture *f = *state;

    enable(f);
    button(f, BTN_LEFT, true);
    assert_string_equal(hear(f, 2), "09 00");
    command(f, MOUSE_READ_ID);
    assert_string_equal(heard(f), "fa 00 09 00 00");
}

static void commands_forget_motion(void **state)
{
    struct fixture *f = *state;

    move(f, 9, 9, 9);
    button(f, BTN_LEFT, true);
    button(f, BTN_LEFT, false);
    enable(f);
    assert_string_equal(heard(f), "");
    command(f, MOUSE_SET_RATE);
    move(f, 1, 0, 0);
    assert_string_equal(heard(f), "fa");                /* not in the middle of a command */
    command(f, 100);
    assert_string_equal(heard(f), "fa 08 01 00");
}

static void it_lies_still(void **state)
{
    struct ps2_mouse mouse;
    uint8_t byte;

    (void)state;
    ps2_mouse_init(&mouse, NULL);
    assert_false(mouse.device.send(&mouse.device, &byte));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(reset_and_identity, set_up),
        cmocka_unit_test_setup(status_bits, set_up),
        cmocka_unit_test_setup(reports, set_up),
        cmocka_unit_test_setup(buttons, set_up),
        cmocka_unit_test_setup(reports_add_up, set_up),
        cmocka_unit_test_setup(a_short_click_is_told, set_up),
        cmocka_unit_test_setup(no_button_is_stuck, set_up),
        cmocka_unit_test_setup(a_long_way_takes_several_reports, set_up),
        cmocka_unit_test_setup(beyond_the_backlog_is_overflow, set_up),
        cmocka_unit_test_setup(double_scaling, set_up),
        cmocka_unit_test_setup(remote_mode, set_up),
        cmocka_unit_test_setup(read_data_in_stream_mode, set_up),
        cmocka_unit_test_setup(wrap_mode, set_up),
        cmocka_unit_test_setup(intellimouse, set_up),
        cmocka_unit_test_setup(intellimouse_explorer, set_up),
        cmocka_unit_test_setup(other_knocks_open_nothing, set_up),
        cmocka_unit_test_setup(rates_and_resolutions, set_up),
        cmocka_unit_test_setup(errors, set_up),
        cmocka_unit_test_setup(resend, set_up),
        cmocka_unit_test_setup(a_report_that_a_command_cuts_off_is_made_anew, set_up),
        cmocka_unit_test_setup(commands_forget_motion, set_up),
        cmocka_unit_test_setup(it_lies_still, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
