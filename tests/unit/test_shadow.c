/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Registers that Xen answers, with a chip that does what a test says. */
#include "fake_xen.h"
#include "support.h"

#include <xen/errno.h>

#include "xen/shadow.h"

#define BASE   0x300u
#define POLLED (BASE + 2)

struct chip {
    uint8_t value;
    bool reading_acts;
};

static bool chip_peek(void *dev, uint8_t *value)
{
    const struct chip *chip = dev;

    *value = chip->value;
    return !chip->reading_acts;
}

static const struct io_ops polled_ops = { .peek = chip_peek, .peek_offset = POLLED - BASE }, other_ops = { 0 };
static struct shadow_table table;
static struct chip chip;

static void claim(uint32_t base, const struct io_ops *ops, struct chip *dev)
{
    struct io_region region = { .name = "chip", .base = base, .length = 8, .ops = ops, .dev = dev };

    assert_int_equal(reflect_range(XEN_REFLECT_RANGE_PORT, true, base, base + 7), 0);
    shadow_add(&table, &region);
}

static void give_back(uint32_t base)
{
    shadow_remove(&table, base, 8);
    assert_int_equal(reflect_range(XEN_REFLECT_RANGE_PORT, false, base, base + 7), 0);
}

static int set_up(void **state)
{
    (void)state;
    fake_xen_init();
    take_log();
    memset(&table, 0xa5, sizeof(table));
    shadow_table_init(&table);
    chip = (struct chip){ .value = 0x11 };
    claim(BASE, &polled_ops, &chip);
    return 0;
}

static void assert_answered(uint32_t port, uint8_t value)
{
    uint8_t read;

    assert_true(fake_shadow_read(port, &read));
    assert_int_equal(read, value);
}

static void assert_not_answered(uint32_t port)
{
    uint8_t read;

    assert_false(fake_shadow_read(port, &read));
}

static void a_polled_register_is_answered_from_its_claim_on(void **state)
{
    (void)state;
    assert_answered(POLLED, 0x11);
    assert_not_answered(BASE);
    assert_not_answered(POLLED + 1);
}

static void other_blocks_are_not(void **state)
{
    (void)state;
    claim(0x400, &other_ops, &chip);
    for (uint32_t port = 0x400; port < 0x408; port++)
        assert_not_answered(port);
    assert_int_equal(fake_xen.shadow_calls, 1);
}

static void the_answer_is_what_was_published(void **state)
{
    (void)state;
    chip.value = 0x22;
    assert_answered(POLLED, 0x11);
    shadow_publish(&table);
    assert_answered(POLLED, 0x22);
    assert_int_equal(fake_xen.shadow_calls, 1);
}

static void a_read_that_acts_reaches_the_chip(void **state)
{
    (void)state;
    chip = (struct chip){ .value = 0x33, .reading_acts = true };
    shadow_publish(&table);
    assert_not_answered(POLLED);
    shadow_publish(&table);
    assert_int_equal(fake_xen.shadow_calls, 2);
    chip = (struct chip){ .value = 0x44 };
    shadow_publish(&table);
    assert_answered(POLLED, 0x44);
}

static void what_acts_at_first_is_answered_later(void **state)
{
    struct chip late = { .value = 0x55, .reading_acts = true };

    (void)state;
    claim(0x400, &polled_ops, &late);
    assert_not_answered(0x402);
    late.reading_acts = false;
    shadow_publish(&table);
    assert_answered(0x402, 0x55);
}

static void a_block_that_goes_takes_its_shadow_along(void **state)
{
    struct chip next = { .value = 0x66 };

    (void)state;
    claim(BASE + 8, &polled_ops, &next);
    give_back(BASE);
    shadow_publish(&table);
    assert_not_answered(POLLED);
    assert_answered(POLLED + 8, 0x66);
    give_back(BASE + 8);
    assert_not_answered(POLLED + 8);
    claim(BASE, &polled_ops, &next);
    assert_answered(POLLED, 0x66);
}

/* 16 have room; the next is none the worse for it, and its successor finds the room that another leaves. */
static void beyond_the_limit_reads_reach_the_chip(void **state)
{
    (void)state;
    for (unsigned int i = 1; i <= XEN_REFLECT_MAX_SHADOWS; i++)
        claim(BASE + 8 * i, &polled_ops, &chip);
    assert_answered(POLLED + 8 * (XEN_REFLECT_MAX_SHADOWS - 1), 0x11);
    assert_not_answered(POLLED + 8 * XEN_REFLECT_MAX_SHADOWS);
    give_back(BASE + 8 * XEN_REFLECT_MAX_SHADOWS);
    give_back(BASE + 8);
    claim(BASE + 8 * XEN_REFLECT_MAX_SHADOWS, &polled_ops, &chip);
    assert_answered(POLLED + 8 * XEN_REFLECT_MAX_SHADOWS, 0x11);
    assert_string_equal(take_log(), "");
}

static void a_refusal_is_told_once(void **state)
{
    (void)state;
    fake_xen.shadow_error = -XEN_ENOSPC;
    claim(0x400, &polled_ops, &chip);
    claim(0x408, &polled_ops, &chip);
    shadow_publish(&table);
    fake_xen.shadow_error = 0;
    shadow_publish(&table);
    assert_not_answered(0x402);
    assert_answered(POLLED, 0x11);                  /* what Xen has taken, it has */
    give_back(0x400);
    assert_int_equal(fake_xen.shadow_calls, 2);
    assert_string_equal(take_log(), "reflex: reads of port 0x402 enter the firmware: Xen does not answer them "
                                    "(error 28)\n");
}

static void a_restored_domain_offers_all_again(void **state)
{
    (void)state;
    fake_xen_restore();
    assert_not_answered(POLLED);
    shadow_restored(&table);
    chip.value = 0x77;
    shadow_publish(&table);
    assert_answered(POLLED, 0x77);
}

/* The new host's hypervisor may be the newer one, or the older. */
static void a_restored_domain_asks_anew(void **state)
{
    (void)state;
    fake_xen_restore();
    shadow_restored(&table);
    fake_xen.shadow_error = -XEN_ENOSYS;
    shadow_publish(&table);
    chip.reading_acts = true;
    shadow_publish(&table);
    chip.reading_acts = false;
    assert_not_answered(POLLED);
    fake_xen_restore();
    shadow_restored(&table);
    fake_xen.shadow_error = 0;
    shadow_publish(&table);
    assert_answered(POLLED, 0x11);
}

static void a_shadow_that_cannot_be_withdrawn_panics(void **state)
{
    (void)state;
    chip.reading_acts = true;
    fake_xen.shadow_error = -XEN_EINVAL;
    expect_assert_failure(shadow_publish(&table));
}

static void answered_reads_are_added_up(void **state)
{
    uint64_t reads;

    (void)state;
    fake_xen.info[0].shadowed = 7;
    fake_xen.info[1].shadowed = 1ull << 40;
    fake_xen.vcpus = 2;
    assert_true(shadow_count(&reads));
    assert_true(reads == (1ull << 40) + 7);
}

static void a_hypervisor_may_not_count(void **state)
{
    uint64_t reads;

    (void)state;
    assert_false(shadow_count(&reads));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_polled_register_is_answered_from_its_claim_on, set_up),
        cmocka_unit_test_setup(other_blocks_are_not, set_up),
        cmocka_unit_test_setup(the_answer_is_what_was_published, set_up),
        cmocka_unit_test_setup(a_read_that_acts_reaches_the_chip, set_up),
        cmocka_unit_test_setup(what_acts_at_first_is_answered_later, set_up),
        cmocka_unit_test_setup(a_block_that_goes_takes_its_shadow_along, set_up),
        cmocka_unit_test_setup(beyond_the_limit_reads_reach_the_chip, set_up),
        cmocka_unit_test_setup(a_refusal_is_told_once, set_up),
        cmocka_unit_test_setup(a_restored_domain_offers_all_again, set_up),
        cmocka_unit_test_setup(a_restored_domain_asks_anew, set_up),
        cmocka_unit_test_setup(a_shadow_that_cannot_be_withdrawn_panics, set_up),
        cmocka_unit_test_setup(answered_reads_are_added_up, set_up),
        cmocka_unit_test_setup(a_hypervisor_may_not_count, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
