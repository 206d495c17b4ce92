/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The small rooms beside the rings: grants, events, guest memory, power. */
#include "support.h"

#include "fake_xen.h"
#include "xen/event.h"
#include "xen/grant.h"
#include "xen/guest_memory.h"
#include "xen/power.h"

#include <xen/errno.h>
#include <xen/sched.h>

static struct grant_table table;

static int setup(void **state)
{
    (void)state;
    fake_xen_init();
    assert_int_equal(grant_init(&table, FAKE_OWN_FRAMES, fake_grant_gfn()), 0);
    return 0;
}

static void test_last_frames(void **state)
{
    (void)state;
    assert_int_equal(table.first_ref, (FAKE_GRANT_FRAMES - FAKE_OWN_FRAMES) * 512);
    assert_int_equal(table.count, FAKE_OWN_FRAMES * 512);
    assert_int_equal(fake_grants_in_use(), 0);
    assert_int_equal(grant_init(&table, 0, fake_grant_gfn()), -XEN_EINVAL);
    assert_int_equal(grant_init(&table, GRANT_FRAMES_MAX + 1, fake_grant_gfn()), -XEN_EINVAL);
}

static void test_take_all_or_none(void **state)
{
    static grant_ref_t refs[FAKE_OWN_FRAMES * 512], other;

    (void)state;
    assert_true(grant_take(&table, table.count - 1, refs));
    assert_false(grant_take(&table, 2, &other));
    assert_true(grant_take(&table, 1, &other));
    for (uint32_t i = 0; i < table.count - 1; i++) {
        assert_true(refs[i] >= table.first_ref && refs[i] < table.first_ref + table.count);
        assert_int_not_equal(refs[i], other);
    }
    grant_give(&table, table.count - 1, refs);
    assert_true(grant_take(&table, table.count - 1, refs));
}

static void test_access(void **state)
{
    grant_ref_t ref;

    (void)state;
    assert_true(grant_take(&table, 1, &ref));
    assert_null(fake_map(ref, 3, false));
    grant_access(&table, ref, 3, FAKE_RAM_START >> 12, true);
    assert_null(fake_map(ref, 4, false));
    assert_null(fake_map(ref, 3, true));
    assert_ptr_equal(fake_map(ref, 3, false), fake_pointer(FAKE_RAM_START));
    assert_false(grant_end(&table, ref));
    assert_int_equal(fake_grants_in_use(), 1);
    fake_unmap(ref);
    assert_true(grant_end(&table, ref));
    assert_int_equal(fake_grants_in_use(), 0);
    grant_access(&table, ref, 3, FAKE_RAM_START >> 12, false);
    assert_non_null(fake_map(ref, 3, true));
}

/* --- after a soft reset: old entries --- */

static grant_ref_t kept;

static void soft_reset_with_a_page_mapped(void)
{
    assert_true(grant_take(&table, 1, &kept));
    grant_access(&table, kept, 3, FAKE_RAM_START >> 12, false);
    assert_non_null(fake_map(kept, 3, true));
    fake_xen_soft_reset();
}

static void test_old_grant_is_kept(void **state)
{
    static grant_ref_t refs[FAKE_OWN_FRAMES * 512];
    uint64_t before = fake_xen.now_ns;

    (void)state;
    soft_reset_with_a_page_mapped();
    assert_int_equal(grant_init(&table, FAKE_OWN_FRAMES, fake_grant_gfn()), 0);
    assert_in_range(fake_xen.now_ns - before, 1000000000, 11000000000);
    assert_true(grant_kept(&table, kept));
    assert_false(grant_kept(&table, kept + 1));
    assert_false(grant_kept(&table, table.first_ref - 1));
    assert_false(grant_kept(&table, table.first_ref + table.count));
    assert_true(fake_grant_entry(kept)->flags & GTF_writing);
    assert_int_equal(table.free_count, table.count - 1);
    assert_true(grant_take(&table, table.count - 1, refs));
    for (uint32_t i = 0; i < table.count - 1; i++)
        assert_int_not_equal(refs[i], kept);
    fake_unmap(kept);                       /* too late */
    assert_true(grant_kept(&table, kept));
    fake_xen_restore();                     /* but the next table is another */
    assert_int_equal(grant_init(&table, FAKE_OWN_FRAMES, fake_grant_gfn()), 0);
    assert_false(grant_kept(&table, kept));
    assert_int_equal(table.free_count, table.count);
}

static void unmap_the_kept(void *owner)
{
    if (++*(unsigned int *)owner == 5)
        fake_unmap(kept);
}

static void test_old_grant_is_waited_for(void **state)
{
    unsigned int looks = 0;

    (void)state;
    soft_reset_with_a_page_mapped();
    fake_xen.others = unmap_the_kept;
    fake_xen.others_owner = &looks;
    assert_int_equal(grant_init(&table, FAKE_OWN_FRAMES, fake_grant_gfn()), 0);
    assert_int_equal(looks, 5);
    assert_false(grant_kept(&table, kept));
    assert_int_equal(fake_grants_in_use(), 0);
    assert_int_equal(table.free_count, table.count);
}

static void test_our_own_mistakes(void **state)
{
    grant_ref_t ref;

    (void)state;
    assert_true(grant_take(&table, 1, &ref));
    grant_access(&table, ref, 3, 5, false);
    expect_assert_failure(grant_access(&table, ref, 3, 6, false));
    expect_assert_failure(grant_give(&table, 1, &ref));
    expect_assert_failure(grant_access(&table, 8, 3, 6, false));
}

struct listener {
    unsigned int calls;
};

static void count_call(void *owner)
{
    ((struct listener *)owner)->calls++;
}

static void test_events(void **state)
{
    static struct event_table events;
    struct listener listeners[34] = { 0 };
    struct event event[34];

    (void)state;
    event_table_init(&events);
    for (unsigned int i = 0; i < 33; i++)
        assert_int_equal(event_alloc(&events, 3, count_call, &listeners[i], &event[i]), 0);
    assert_int_equal(event_adopt(&events, 77, count_call, &listeners[33], &event[33]), 0);
    assert_int_equal(event[33].port, 77);
    fake_send(event[1].port);
    fake_send(event[32].port);
    fake_send(77);
    event_dispatch(&events);
    event_dispatch(&events);
    for (unsigned int i = 0; i < 34; i++)
        assert_int_equal(listeners[i].calls, i == 1 || i >= 32);
    event_notify(&event[2]);
    assert_int_equal(fake_port(event[2].port)->sends, 1);

    fake_send(event[1].port);
    event_close(&events, &event[1]);
    event_dispatch(&events);
    assert_int_equal(listeners[1].calls, 1);
    fake_xen.port_error = -XEN_ENOSPC;
    assert_int_equal(event_alloc(&events, 3, count_call, &listeners[1], &event[1]), -XEN_ENOSPC);
}

static void test_guest_memory(void **state)
{
    static struct xen_guest_memory memory, firmware;
    static uint8_t bytes[10000], back[10000];
    struct guest_memory *m = &memory.memory;
    static const struct { uint64_t address, length; bool ram; } cases[] = {
        { 0, 0xa0000, true }, { 0x9ffff, 2, false }, { 0xa0000, 1, false }, { 0xbffff, 2, false },
        { 0xc0000, 0x40000, true }, { FAKE_RAM_END - 1, 1, true }, { FAKE_RAM_END - 1, 2, false },
        { FAKE_RAM_END, 1, false }, { 0xfffffffe, 4, false }, { FAKE_HIGH_START, FAKE_HIGH_SIZE, true },
        { FAKE_HIGH_START + FAKE_HIGH_SIZE, 1, false }, { UINT64_MAX, 2, false }, { 0x100000, UINT64_MAX, false },
    };

    (void)state;
    xen_guest_memory_init(&memory, FAKE_RAM_END, FAKE_HIGH_START + FAKE_HIGH_SIZE);
    for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(m->is_ram(m, cases[i].address, cases[i].length), cases[i].ram);
    for (unsigned int i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * 31 >> 3);

    assert_true(m->write(m, FAKE_RAM_START + 3, bytes, sizeof(bytes)));
    assert_true(m->read(m, FAKE_RAM_START + 3, back, sizeof(back)));
    assert_memory_equal(bytes, back, sizeof(bytes));
    assert_int_equal(fake_xen.copies, 0);
    memset(back, 0, sizeof(back));
    assert_true(m->write(m, FAKE_HIGH_START + 5, bytes, sizeof(bytes)));
    assert_true(m->read(m, FAKE_HIGH_START + 5, back, sizeof(back)));
    assert_memory_equal(bytes, back, sizeof(bytes));
    assert_memory_equal(bytes, fake_pointer(FAKE_HIGH_START + 5), sizeof(bytes));
    assert_int_equal(fake_xen.copies, 6);
    assert_false(m->read(m, FAKE_RAM_END - 1, back, 2));
    assert_false(m->write(m, 0xa0000, back, 2));

    xen_firmware_memory_init(&firmware, gpa_of(bytes), sizeof(bytes));
    assert_true(firmware.memory.is_ram(&firmware.memory, gpa_of(bytes), sizeof(bytes)));
    assert_false(firmware.memory.is_ram(&firmware.memory, FAKE_RAM_START, 1));
}

static void test_power(void **state)
{
    struct xen_power power;

    (void)state;
    xen_power_init(&power);
    power.power.reset(&power.power);
    assert_int_equal(fake_xen.shutdown_reason, SHUTDOWN_reboot);
    power.power.off(&power.power);
    power.power.reset(&power.power);
    assert_int_equal(fake_xen.shutdowns, 1);
    xen_power_init(&power);
    power.power.off(&power.power);
    assert_int_equal(fake_xen.shutdown_reason, SHUTDOWN_poweroff);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_last_frames, setup),
        cmocka_unit_test_setup(test_take_all_or_none, setup),
        cmocka_unit_test_setup(test_access, setup),
        cmocka_unit_test_setup(test_old_grant_is_kept, setup),
        cmocka_unit_test_setup(test_old_grant_is_waited_for, setup),
        cmocka_unit_test_setup(test_our_own_mistakes, setup),
        cmocka_unit_test_setup(test_events, setup),
        cmocka_unit_test_setup(test_guest_memory, setup),
        cmocka_unit_test_setup(test_power, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
