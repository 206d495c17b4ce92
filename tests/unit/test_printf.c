/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "support.h"

#include <limits.h>
#include <stdio.h>

#include "lib/printf.h"

/* The host's libc is the reference, for the text, the length and every size of the target. */
#define assert_as_libc(...)                                                     \
    do {                                                                        \
        for (size_t size_ = 0; size_ < 64; size_++) {                           \
            char ours_[64], theirs_[64];                                        \
                                                                                \
            memset(ours_, '#', sizeof(ours_));                                  \
            memset(theirs_, '#', sizeof(theirs_));                              \
            assert_int_equal(format(ours_, size_, __VA_ARGS__),                 \
                             snprintf(theirs_, size_, __VA_ARGS__));            \
            assert_memory_equal(ours_, theirs_, sizeof(ours_));                 \
        }                                                                       \
    } while (0)

static void plain_text(void **state)
{
    (void)state;
    assert_as_libc("nothing to do%%");
    assert_as_libc("%c%c", 'o', 'k');
    assert_as_libc("[%3c|%-3c]", 'a', 'b');
    assert_as_libc("%s and %s", "this", "that");
}

static void string_fields(void **state)
{
    const char unterminated[3] = {'a', 'b', 'c'};

    (void)state;
    assert_as_libc("[%8s|%-8s|%2s]", "right", "left", "wide");
    assert_as_libc("[%.3s|%8.2s|%-8.0s]", "precise", "precise", "precise");
    assert_as_libc("[%.*s]", 3, unterminated);
    assert_as_libc("[%*s]", 6, "star");
}

static void decimal_numbers(void **state)
{
    static const long long values[] = {
        0, 1, -1, 9, 10, 99, 100, 65535, 65536, 99999, INT_MAX, INT_MIN, UINT_MAX, 4294967296, 9999999999,
        999999999999999999, LLONG_MAX, LLONG_MIN,
    };

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        assert_as_libc("%lld %llu", values[i], (unsigned long long)values[i]);
        assert_as_libc("%ld %lu", (long)values[i], (unsigned long)values[i]);
        assert_as_libc("%d %u %i", (int)values[i], (unsigned int)values[i], (int)values[i]);
        assert_as_libc("%hd %hu", (int)values[i], (unsigned int)values[i]);
        assert_as_libc("%hhd %hhu", (int)values[i], (unsigned int)values[i]);
        assert_as_libc("%zu", (size_t)values[i]);
    }
}

static void hexadecimal_numbers(void **state)
{
    (void)state;
    assert_as_libc("%x %X %lx %llx", 0u, 0xdeadbeefu, 0x12345678ul, 0xfedcba9876543210ull);
    assert_as_libc("%hx %hhx", (unsigned short)0xabcd, (unsigned char)0xef);
    assert_as_libc("%p", (void *)0x1234abcd);
}

static void number_fields(void **state)
{
    (void)state;
    assert_as_libc("[%5d|%-5d|%05d|%2d]", 42, 42, 42, 12345);
    assert_as_libc("[%5d|%-5d|%05d]", -42, -42, -42);
    assert_as_libc("[%08x|%4x|%-4x]", 0xbeefu, 0xau, 0xau);
    assert_as_libc("%02x:%02x", 0x0u, 0x1fu);
}

static void a_cut_conversion_ends_the_text(void **state)
{
    static const char *const cut = "end%l";     /* the compiler would refuse it as a literal argument */
    char text[8];
    int (*unchecked)(char *, size_t, const char *, ...) = format;

    (void)state;
    assert_int_equal(unchecked(text, sizeof(text), cut), 3);
    assert_string_equal(text, "end");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_text),
        cmocka_unit_test(string_fields),
        cmocka_unit_test(decimal_numbers),
        cmocka_unit_test(hexadecimal_numbers),
        cmocka_unit_test(number_fields),
        cmocka_unit_test(a_cut_conversion_ends_the_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
