/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "support.h"

/* Ours under other names, beside the host's. */
#define memcpy  our_memcpy
#define memmove our_memmove
#define memset  our_memset
#define memcmp  our_memcmp
#define strlen  our_strlen
#define strcmp  our_strcmp
#define strncmp our_strncmp
#define strchr  our_strchr
#include "lib/string.c"
#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef strlen
#undef strcmp
#undef strncmp
#undef strchr

#define SIZE 24

static void fill(uint8_t *bytes)
{
    for (unsigned int i = 0; i < SIZE; i++)
        bytes[i] = (uint8_t)(i + 1);
}

static void memmove_and_memcpy_every_offset(void **state)
{
    uint8_t ours[SIZE], theirs[SIZE];

    (void)state;
    for (size_t from = 0; from < SIZE; from++) {
        for (size_t to = 0; to < SIZE; to++) {
            size_t most = SIZE - (from > to ? from : to);

            for (size_t length = 0; length <= most; length++) {
                fill(ours);
                fill(theirs);
                memmove(theirs + to, theirs + from, length);
                assert_ptr_equal(our_memmove(ours + to, ours + from, length), ours + to);
                assert_memory_equal(ours, theirs, SIZE);
                if (from + length > to && to + length > from)
                    continue;
                fill(ours);
                assert_ptr_equal(our_memcpy(ours + to, ours + from, length), ours + to);
                assert_memory_equal(ours, theirs, SIZE);
            }
        }
    }
}

static void memset_stays_inside(void **state)
{
    uint8_t bytes[SIZE];

    (void)state;
    fill(bytes);
    assert_ptr_equal(our_memset(bytes + 2, 0x1a5, 3), bytes + 2);
    assert_memory_equal(bytes, "\x01\x02\xa5\xa5\xa5\x06", 6);
    our_memset(bytes, 0, 0);
    assert_int_equal(bytes[0], 1);
}

static int sign(int value)
{
    return (value > 0) - (value < 0);
}

static void comparisons_agree_with_libc(void **state)
{
    static const char *const texts[] = {"", "a", "ab", "abc", "abd", "b", "\x7f", "\x80", "\xff", "ab\xff"};
    const size_t count = sizeof(texts) / sizeof(texts[0]);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(our_strlen(texts[i]), strlen(texts[i]));
        for (int c = 0; c < 256; c++)
            assert_ptr_equal(our_strchr(texts[i], c), strchr(texts[i], c));
        for (size_t j = 0; j < count; j++) {
            assert_int_equal(sign(our_strcmp(texts[i], texts[j])), sign(strcmp(texts[i], texts[j])));
            for (size_t n = 0; n < 5; n++)
                assert_int_equal(sign(our_strncmp(texts[i], texts[j], n)), sign(strncmp(texts[i], texts[j], n)));
        }
    }
}

static void memcmp_goes_beyond_zeros(void **state)
{
    (void)state;
    assert_int_equal(our_memcmp("a\0b", "a\0b", 3), 0);
    assert_true(our_memcmp("a\0b", "a\0c", 3) < 0);
    assert_true(our_memcmp("\xff", "\x01", 1) > 0);
    assert_int_equal(our_memcmp("a", "b", 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memmove_and_memcpy_every_offset),
        cmocka_unit_test(memset_stays_inside),
        cmocka_unit_test(comparisons_agree_with_libc),
        cmocka_unit_test(memcmp_goes_beyond_zeros),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
