/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Registers that Xen answers, with a chip that does what a test says. */
#include "fake_xen.h"
#include "support.h"

#include <xen/errno.h>

#include "xen/shadow.h"

#define BASE   0x300u
#define POLLED (BASE + 2)
#define POSTED (BASE + 3)
#define BOTH   (BASE + 5)

struct chip {
    uint8_t value, both;
    bool reading_acts, selected, busy;
    bool polled_by_another;                 /* vCPU, in the middle of publishing */
    bool written_by_another;
};

static uint32_t another_polls(uint32_t port);

static bool chip_peek(void *dev, uint32_t offset, uint32_t *value)
{
    const struct chip *chip = dev;

    assert_int_equal(offset, POLLED - BASE);
    *value = chip->value;
    return !chip->reading_acts;
}

static bool chip_post(void *dev, uint32_t offset, uint8_t *mask, uint8_t *match)
{
    const struct chip *chip = dev;

    assert_int_equal(offset, POSTED - BASE);
    *mask = 0x10;
    *match = chip->selected ? 0x10 : 0;
    return !chip->busy;
}

static bool both_peek(void *dev, uint32_t offset, uint32_t *value)
{
    struct chip *chip = dev;

    (void)offset;
    *value = chip->both;
    if (chip->polled_by_another)
        assert_int_not_equal(another_polls(POLLED), chip->value);
    if (chip->written_by_another)
        assert_true(fake_shadow_write(POSTED, 1, 0x08));
    chip->written_by_another = false;
    return true;
}

static bool both_post(void *dev, uint32_t offset, uint8_t *mask, uint8_t *match)
{
    (void)dev, (void)offset;
    *mask = *match = 0;
    return true;
}

static const struct io_shadow polled = { POLLED - BASE, 1, chip_peek, NULL };
static const struct io_shadow posted[] = {
    { POSTED - BASE, 1, NULL, chip_post }, { BOTH - BASE, 1, both_peek, both_post },
};
static const struct io_ops polled_ops = { .shadows = &polled, .shadow_count = 1 }, other_ops = { 0 };
static const struct io_ops posted_ops = { .shadows = posted, .shadow_count = 2 };
static struct shadow_table table;
static struct chip chip;

static void claim(uint32_t base, const struct io_ops *ops, struct chip *dev)
{
    struct io_region region = { .name = "chip", .base = base, .length = 8, .ops = ops, .dev = dev };

    assert_int_equal(reflect_range(XEN_REFLECT_RANGE_PORT, true, base, base + 7), 0);
    shadow_add(&table, XEN_REFLECT_RANGE_PORT, &region);
}

static void give_back(uint32_t base, const struct io_ops *ops)
{
    struct io_region region = { .base = base, .length = 8, .ops = ops };

    shadow_remove(&table, XEN_REFLECT_RANGE_PORT, &region);
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

/* Publishing looks at what can have changed only, and at everything when nobody has said what that is. */
static void only_who_is_concerned_is_looked_at(void **state)
{
    static struct chip other;

    (void)state;
    claim(0x400, &polled_ops, &other);
    other.value = 0x40;
    shadow_settle(&table);
    chip.value = other.value = 0x77;
    shadow_concern(&table, &chip);
    shadow_concern(&table, &chip);
    shadow_publish(&table);
    assert_answered(POLLED, 0x77);
    assert_answered(0x402, 0x40);
    chip.value = 0x78;
    shadow_settle(&table);
    assert_answered(POLLED, 0x78);
    assert_answered(0x402, 0x40);
    shadow_settle(&table);
    assert_answered(0x402, 0x77);
    other.value = chip.value = 0x79;
    shadow_concern(&table, &chip);
    shadow_concern(&table, &other);
    shadow_settle(&table);
    assert_answered(POLLED, 0x79);
    assert_answered(0x402, 0x79);
    other.value = 0x7a;
    shadow_concern(&table, NULL);
    shadow_concern(&table, &chip);
    shadow_settle(&table);
    assert_answered(0x402, 0x7a);
}

static uint32_t another_polls(uint32_t port)
{
    uint8_t value;

    return fake_shadow_read(port, &value) ? value : ~0u;
}

/* Such as the bus master's "done" and then the drive's "busy": whoever sees the first must not see the second. */
static void what_is_new_is_not_seen_beside_what_is_old(void **state)
{
    (void)state;
    claim(0x400, &posted_ops, &chip);
    chip = (struct chip){ .value = 0x22, .both = 0x33, .polled_by_another = true };
    shadow_publish(&table);
    assert_answered(POLLED, 0x22);
    assert_answered(0x400 + BOTH - BASE, 0x33);
}

static void a_read_that_acts_reaches_the_chip(void **state)
{
    (void)state;
    chip = (struct chip){ .value = 0x33, .reading_acts = true };
    shadow_publish(&table);
    assert_not_answered(POLLED);
    assert_int_equal(fake_xen.shadow_calls, 1);
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
    give_back(BASE, &polled_ops);
    shadow_publish(&table);
    assert_not_answered(POLLED);
    assert_answered(POLLED + 8, 0x66);
    give_back(BASE + 8, &polled_ops);
    assert_not_answered(POLLED + 8);
    claim(BASE, &polled_ops, &next);
    assert_answered(POLLED, 0x66);
}

/* 64 have room; the next is none the worse for it, and its successor finds the room that another leaves. */
static void beyond_the_limit_reads_reach_the_chip(void **state)
{
    (void)state;
    for (unsigned int i = 1; i <= XEN_REFLECT_MAX_SHADOWS; i++)
        claim(BASE + 8 * i, &polled_ops, &chip);
    assert_answered(POLLED + 8 * (XEN_REFLECT_MAX_SHADOWS - 1), 0x11);
    assert_not_answered(POLLED + 8 * XEN_REFLECT_MAX_SHADOWS);
    give_back(BASE + 8 * XEN_REFLECT_MAX_SHADOWS, &polled_ops);
    give_back(BASE + 8, &polled_ops);
    claim(BASE + 8 * XEN_REFLECT_MAX_SHADOWS, &polled_ops, &chip);
    assert_answered(POLLED + 8 * XEN_REFLECT_MAX_SHADOWS, 0x11);
    assert_string_equal(take_log(), "");
}

static void an_older_hypervisor_serves_nothing(void **state)
{
    (void)state;
    fake_xen_init();
    fake_xen.shadow_error = -XEN_ENOSYS;
    shadow_table_init(&table);
    claim(BASE, &polled_ops, &chip);
    shadow_publish(&table);
    assert_not_answered(POLLED);
    give_back(BASE, &polled_ops);
    assert_int_equal(fake_xen.shadow_calls, 1);
    assert_string_equal(take_log(), "reflex: every access enters the firmware: Xen serves no registers for us "
                                    "(error 38)\n");
}

/* ---- Writes that wait --------------------------------------------------------------------------------------- */

static void assert_next_write(uint32_t port, unsigned int size, uint32_t value)
{
    struct xen_reflect_write write;

    assert_true(shadow_next_write(&table, &write));
    assert_true(write.key == XEN_REFLECT_SHADOW_KEY(XEN_REFLECT_RANGE_PORT, size, port));
    assert_int_equal(write.value, value);
}

static void assert_no_write(void)
{
    struct xen_reflect_write write;

    assert_false(shadow_next_write(&table, &write));
}

static void writes_wait_in_their_order(void **state)
{
    (void)state;
    give_back(BASE, &polled_ops);
    claim(BASE, &posted_ops, &chip);
    assert_no_write();
    assert_true(fake_shadow_write(POSTED, 1, 0x01));
    assert_true(fake_shadow_write(BOTH, 1, 0x02));
    assert_true(fake_shadow_write(POSTED, 1, 0xef));
    assert_false(fake_shadow_write(POSTED, 1, 0x10));           /* the mask */
    assert_false(fake_shadow_write(POSTED, 2, 0x01));           /* the size */
    assert_next_write(POSTED, 1, 0x01);
    assert_next_write(BOTH, 1, 0x02);
    assert_next_write(POSTED, 1, 0xef);
    assert_no_write();
}

static void whether_a_write_waits_is_what_was_published(void **state)
{
    (void)state;
    give_back(BASE, &polled_ops);
    claim(BASE, &posted_ops, &chip);
    chip.selected = true;
    shadow_publish(&table);
    assert_true(fake_shadow_write(POSTED, 1, 0x10));
    assert_false(fake_shadow_write(POSTED, 1, 0x00));
    chip.busy = true;
    shadow_publish(&table);
    assert_false(fake_shadow_write(POSTED, 1, 0x10));
}

/* What a guest has written it must read, and the chip has not heard of it yet. */
static void a_read_behind_its_own_write_reaches_the_chip(void **state)
{
    (void)state;
    give_back(BASE, &polled_ops);
    chip.both = 0x21;
    claim(BASE, &posted_ops, &chip);
    assert_answered(BOTH, 0x21);
    assert_true(fake_shadow_write(BOTH, 1, 0x22));
    assert_not_answered(BOTH);
    assert_next_write(BOTH, 1, 0x22);
    assert_not_answered(BOTH);
    chip.both = 0x22;
    assert_no_write();
    assert_answered(BOTH, 0x22);
}

/* Judged by what was published before, so that nobody else would tell of it. */
static void a_write_beside_the_end_of_others_is_found(void **state)
{
    (void)state;
    give_back(BASE, &polled_ops);
    claim(BASE, &posted_ops, &chip);
    assert_true(fake_shadow_write(POSTED, 1, 0x07));
    assert_next_write(POSTED, 1, 0x07);
    chip.written_by_another = true;
    assert_next_write(POSTED, 1, 0x08);
    assert_no_write();
    assert_int_equal(table.page.taken, table.page.put);
}

static void a_full_queue_takes_no_more(void **state)
{
    (void)state;
    give_back(BASE, &polled_ops);
    claim(BASE, &posted_ops, &chip);
    for (unsigned int round = 0; round < 3; round++) {
        for (unsigned int i = 0; i < XEN_REFLECT_MAX_WRITES; i++)
            assert_true(fake_shadow_write(BOTH, 1, i));
        assert_false(fake_shadow_write(BOTH, 1, 0));
        for (unsigned int i = 0; i < XEN_REFLECT_MAX_WRITES; i++)
            assert_next_write(BOTH, 1, i);
        assert_false(fake_shadow_write(BOTH, 1, 0));            /* served, but not seen to be */
        assert_no_write();
    }
}

/* The page is memory that the guest can write. */
static void a_queue_that_cannot_be_is_dropped(void **state)
{
    (void)state;
    give_back(BASE, &polled_ops);
    claim(BASE, &posted_ops, &chip);
    table.page.put += XEN_REFLECT_MAX_WRITES + 1;
    assert_no_write();
    assert_string_equal(take_log(), "reflex: warning: the queue of writes was written over, and is lost\n");
    for (unsigned int size = 0; size < 8; size++)
        table.page.writes[table.page.put++ % XEN_REFLECT_MAX_WRITES] = (struct xen_reflect_write){
            .key = XEN_REFLECT_SHADOW_KEY(XEN_REFLECT_RANGE_PORT, size, BOTH), .value = size,
        };
    table.page.writes[table.page.put++ % XEN_REFLECT_MAX_WRITES].key =
        XEN_REFLECT_SHADOW_KEY(XEN_REFLECT_RANGE_MEMORY, 4, 1ull << 32);
    assert_next_write(BOTH, 1, 1);
    assert_next_write(BOTH, 2, 2);
    assert_next_write(BOTH, 4, 4);
    assert_no_write();
}

static void writes_survive_a_restore(void **state)
{
    (void)state;
    give_back(BASE, &polled_ops);
    claim(BASE, &posted_ops, &chip);
    assert_true(fake_shadow_write(POSTED, 1, 0x07));
    fake_xen_restore();
    assert_false(fake_shadow_write(POSTED, 1, 0x08));
    assert_next_write(POSTED, 1, 0x07);
    assert_no_write();
    shadow_restored(&table);
    assert_true(fake_shadow_write(POSTED, 1, 0x09));
    assert_next_write(POSTED, 1, 0x09);
}

/* ---- Afterwards --------------------------------------------------------------------------------------------- */

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
    fake_xen.shadow_error = -XEN_ENOSYS;
    shadow_restored(&table);
    shadow_publish(&table);
    assert_not_answered(POLLED);
    fake_xen_restore();
    fake_xen.shadow_error = 0;
    shadow_restored(&table);
    assert_answered(POLLED, 0x11);
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
        cmocka_unit_test_setup(only_who_is_concerned_is_looked_at, set_up),
        cmocka_unit_test_setup(what_is_new_is_not_seen_beside_what_is_old, set_up),
        cmocka_unit_test_setup(a_read_that_acts_reaches_the_chip, set_up),
        cmocka_unit_test_setup(what_acts_at_first_is_answered_later, set_up),
        cmocka_unit_test_setup(a_block_that_goes_takes_its_shadow_along, set_up),
        cmocka_unit_test_setup(beyond_the_limit_reads_reach_the_chip, set_up),
        cmocka_unit_test_setup(an_older_hypervisor_serves_nothing, set_up),
        cmocka_unit_test_setup(writes_wait_in_their_order, set_up),
        cmocka_unit_test_setup(whether_a_write_waits_is_what_was_published, set_up),
        cmocka_unit_test_setup(a_read_behind_its_own_write_reaches_the_chip, set_up),
        cmocka_unit_test_setup(a_write_beside_the_end_of_others_is_found, set_up),
        cmocka_unit_test_setup(a_full_queue_takes_no_more, set_up),
        cmocka_unit_test_setup(a_queue_that_cannot_be_is_dropped, set_up),
        cmocka_unit_test_setup(writes_survive_a_restore, set_up),
        cmocka_unit_test_setup(a_restored_domain_offers_all_again, set_up),
        cmocka_unit_test_setup(a_restored_domain_asks_anew, set_up),
        cmocka_unit_test_setup(answered_reads_are_added_up, set_up),
        cmocka_unit_test_setup(a_hypervisor_may_not_count, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
