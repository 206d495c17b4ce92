/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "support.h"

#include "lib/log.h"

static int forget_log(void **state)
{
    (void)state;
    take_log();
    return 0;
}

static void lines_carry_their_level(void **state)
{
    (void)state;
    log_error("disk %u", 3u);
    log_warning("odd");
    log_info("up");
    log_debug("detail");
    assert_string_equal(take_log(), "reflex: error: disk 3\nreflex: warning: odd\nreflex: up\nreflex: debug: detail\n");
    assert_string_equal(take_log(), "");
}

static void long_lines_are_cut_and_ended(void **state)
{
    char text[400];
    const char *line;

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    log_info("%s", text);
    line = take_log();
    assert_int_equal(strlen(line), 255);
    assert_int_equal(line[253], 'x');
    assert_int_equal(line[254], '\n');
}

static void each_place_has_its_own_limit(void **state)
{
    unsigned int lines = 0;

    (void)state;
    for (unsigned int i = 0; i < 1000; i++)
        log_limited(LOG_INFO, "again");
    for (const char *c = take_log(); *c; c++)
        lines += *c == '\n';
    assert_int_equal(lines, LOG_LIMIT_BURST);
    log_limited(LOG_INFO, "elsewhere");
    assert_string_equal(take_log(), "reflex: elsewhere\n");
}

static void panic_can_be_expected(void **state)
{
    (void)state;
    expect_assert_failure(panic("ring %d", 7));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(lines_carry_their_level, forget_log),
        cmocka_unit_test_setup(long_lines_are_cut_and_ended, forget_log),
        cmocka_unit_test_setup(each_place_has_its_own_limit, forget_log),
        cmocka_unit_test(panic_can_be_expected),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
