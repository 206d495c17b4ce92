/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "support.h"

#include "lib/parse.h"

static void whole_decimal_numbers(void **state)
{
    static const struct { const char *text; uint64_t value; } numbers[] = {
        {"0", 0}, {"7", 7}, {"00042", 42}, {"4294967296", 4294967296}, {"18446744073709551615", UINT64_MAX},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        uint64_t value = 1;

        assert_true(parse_u64(numbers[i].text, &value));
        assert_true(value == numbers[i].value);
    }
}

static void everything_else_is_refused(void **state)
{
    static const char *const texts[] = {
        "", " 1", "1 ", "+1", "-1", "0x10", "1a", "/", ":", "\xb1", "18446744073709551616", "99999999999999999999",
        "100000000000000000000",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        uint64_t value = 123;

        assert_false(parse_u64(texts[i], &value));
        assert_true(value == 123);
    }
}

static void addresses(void **state)
{
    static const char *const wrong[] = {
        "", "00:16:3e:0a:0b", "00:16:3e:0a:0b:", "00:16:3e:0a:0b:0", "00:16:3e:0a:0b:0c:", "00:16:3e:0a:0b:0c:0d",
        "0:16:3e:0a:0b:0c", "00-16-3e-0a-0b-0c", "00:16:3e:0a:0b:0g", "00:16:3e:0a:0b:0`", "00163e0a0b0c",
        " 00:16:3e:0a:0b:0c",
    };
    uint8_t address[6];

    (void)state;
    assert_true(parse_mac("00:16:3e:fA:9B:0c", address));
    assert_memory_equal(address, "\x00\x16\x3e\xfa\x9b\x0c", 6);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_false(parse_mac(wrong[i], address));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_decimal_numbers),
        cmocka_unit_test(everything_else_is_refused),
        cmocka_unit_test(addresses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
