/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* DATA SET MANAGEMENT: lists of every shape, all or nothing, and backends that cannot, fail or take their time. */
#include "ide_host.h"

#define SECTORS 4096u
#define TABLE 0x1000u
#define LIST 0x10000u
#define EOT PRD_EOT

static struct ide_host h;

static int set_up(void **state)
{
    (void)state;
    ide_host_init(&h, SECTORS, 0);
    h.disks[0].backend.info.discard = true;
    ide_host_power(&h);
    bm_table(&h, TABLE);
    bm_descriptor(&h, TABLE, 0, LIST, 512 | EOT);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ide_host_free(&h);
    return 0;
}

static void range(unsigned int i, uint64_t lba, uint16_t sectors)
{
    uint64_t entry = lba | (uint64_t)sectors << 48;

    memcpy(h.memory.bytes + LIST + i * sizeof(entry), &entry, sizeof(entry));
}

static void issue(uint8_t features, uint8_t blocks)
{
    ide_out(&h, IDE_DEVICE, IDE_DEVICE_LBA);
    ide_out(&h, IDE_FEATURES, features);
    ide_out(&h, IDE_SECTOR_COUNT, blocks);
    ide_out(&h, IDE_COMMAND, IDE_DATA_SET_MANAGEMENT);
}

static void trim(uint8_t blocks)
{
    issue(IDE_DSM_TRIM, blocks);
    bm_start(&h, false);
}

static void assert_trimmed(uint64_t lba, unsigned int sectors)
{
    for (unsigned int i = 0; i < sectors * 512; i++)
        assert_int_equal(h.disks[0].ram.bytes[lba * 512 + i], 0);
}

static void assert_kept(uint64_t lba, unsigned int sectors)
{
    assert_pattern(h.disks[0].ram.bytes + lba * 512, lba, sectors);
}

static void ranges(void **state)
{
    (void)state;
    range(0, 0, 2);
    range(1, 6, 8);
    range(5, SECTORS - 1, 1);                           /* after some without sectors */
    trim(1);
    assert_int_equal(ide_acknowledge(&h), READY);
    bm_stop(&h, BMISTA_IDEINTS);
    assert_trimmed(0, 2);
    assert_kept(2, 4);
    assert_trimmed(6, 8);
    assert_kept(14, SECTORS - 15);
    assert_trimmed(SECTORS - 1, 1);
    assert_int_equal(h.disks[0].ram.discards, 3);
}

static void an_empty_list_is_well_done(void **state)
{
    (void)state;
    range(3, 0xffffffffffff, 0);                        /* no sectors: it may say anything */
    trim(1);
    assert_int_equal(ide_acknowledge(&h), READY);
    assert_int_equal(h.disks[0].ram.discards, 0);
}

/* Eight blocks in regions of two bytes and more, which a sector's end does not respect; every entry used. */
static void the_longest_list_from_everywhere(void **state)
{
    unsigned int at = 0, i = 0;

    (void)state;
    for (unsigned int entry = 0; entry < 8 * 64; entry++)
        range(entry, entry * 8, 7);
    for (; at < 8 * 512; i++) {
        unsigned int length = i < 300 ? 2 : 8 * 512 - at < 700 ? 8 * 512 - at : 700;

        memcpy(h.memory.bytes + 0x20000 + i * 0x1000, h.memory.bytes + LIST + at, length);
        bm_descriptor(&h, TABLE, i, 0x20000 + i * 0x1000, length | (at + length == 8 * 512 ? EOT : 0));
        at += length;
    }
    trim(8);
    assert_int_equal(ide_acknowledge(&h), READY);
    bm_stop(&h, BMISTA_IDEINTS);
    assert_int_equal(h.disks[0].ram.discards, 512);
    for (unsigned int entry = 0; entry < 512; entry++) {
        assert_trimmed(entry * 8, 7);
        assert_kept(entry * 8 + 7, 1);
    }
}

static void one_bad_range_and_nothing_happens(void **state)
{
    static const struct {
        uint64_t lba;
        uint16_t sectors;
    } bad[] = { { SECTORS - 1, 2 }, { SECTORS, 1 }, { 0xffffffffffff, 1 }, { 0xffffffffffff, 0xffff }, { 1, 4096 } };

    (void)state;
    range(0, 10, 1);
    for (unsigned int i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        range(63, bad[i].lba, bad[i].sectors);
        trim(1);
        assert_failed(&h, 0, IDE_ERROR_ABRT);
        bm_stop(&h, BMISTA_IDEINTS);
    }
    assert_int_equal(h.disks[0].ram.discards, 0);
    range(63, 1, 4095);
    trim(1);
    assert_int_equal(ide_acknowledge(&h), READY);
    assert_int_equal(h.disks[0].ram.discards, 2);
}

/* The drive aborts before it asks for data. */
static void what_is_not_a_trim(void **state)
{
    static const uint8_t features[] = { 0, 2, 3, 0x81 }, blocks[] = { 0, 9, 255 };

    (void)state;
    range(0, 10, 1);
    for (unsigned int i = 0; i < sizeof(features); i++) {
        issue(features[i], 1);
        assert_failed(&h, 0, IDE_ERROR_ABRT);
    }
    for (unsigned int i = 0; i < sizeof(blocks); i++) {
        issue(IDE_DSM_TRIM, blocks[i]);
        assert_failed(&h, 0, IDE_ERROR_ABRT);
    }
    h.disks[0].backend.info.read_only = true;
    issue(IDE_DSM_TRIM, 1);
    assert_failed(&h, 0, IDE_ERROR_ABRT);
    h.disks[0].backend.info = (struct blk_info){ .sectors = SECTORS };
    issue(IDE_DSM_TRIM, 1);
    assert_failed(&h, 0, IDE_ERROR_ABRT);
    assert_int_equal(h.disks[0].ram.discards, 0);
}

static void backends_that_fail(void **state)
{
    (void)state;
    range(0, 10, 1);
    range(1, 20, 1);
    h.disks[0].ram.fail_next = BLK_ERROR;
    trim(1);
    assert_failed(&h, IDE_STATUS_DF, IDE_ERROR_ABRT);
    bm_stop(&h, BMISTA_IDEINTS);
    h.disks[0].ram.fail_next = BLK_UNSUPPORTED;
    trim(1);
    assert_failed(&h, 0, IDE_ERROR_ABRT);
    assert_int_equal(h.disks[0].ram.discards, 2);
    assert_kept(10, 11);
}

/* What the guest writes over its list while the backend works does not count any more. */
static void a_slow_backend(void **state)
{
    struct ram_disk *ram = &h.disks[0].ram;

    (void)state;
    ram->deferred = true;
    range(0, 10, 1);
    range(1, 20, 1);
    trim(1);
    range(1, SECTORS, 1);
    assert_int_equal(ide_alternate(&h), IDE_STATUS_BSY);
    assert_true(ram_disk_complete(ram));
    bm_out(&h, BMICOM, 0);                              /* the bus master has done its part */
    bm_start(&h, false);
    assert_int_equal(ram->discards, 2);
    assert_int_equal(ide_alternate(&h), IDE_STATUS_BSY);
    assert_true(ram_disk_complete(ram));
    assert_int_equal(ide_acknowledge(&h), READY);
    assert_false(ram_disk_complete(ram));
    assert_trimmed(20, 1);
}

static void a_reset_ends_it_between_two_ranges(void **state)
{
    struct ram_disk *ram = &h.disks[0].ram;

    (void)state;
    ram->deferred = true;
    range(0, 10, 1);
    range(1, 20, 1);
    trim(1);
    ide_control(&h, IDE_CONTROL_SRST);
    ide_control(&h, 0);
    assert_true(ram_disk_complete(ram));
    assert_false(ram_disk_complete(ram));
    assert_int_equal(ide_in(&h, IDE_STATUS), READY);
    assert_kept(20, 1);
}

static void lists_that_come_in_parts_or_not_at_all(void **state)
{
    (void)state;
    range(0, 10, 1);
    range(64, 20, 1);
    trim(2);                                            /* the table has one block */
    assert_int_equal(ide_in(&h, IDE_STATUS), READY);
    assert_false(h.line.high);
    bm_stop(&h, 0);
    assert_int_equal(h.disks[0].ram.discards, 0);
    bm_descriptor(&h, TABLE, 0, LIST + 512, 512 | EOT);
    bm_start(&h, false);
    assert_int_equal(ide_acknowledge(&h), READY);
    bm_stop(&h, BMISTA_IDEINTS);
    assert_trimmed(10, 1);
    assert_trimmed(20, 1);
    bm_descriptor(&h, TABLE, 0, TEST_MEMORY_SIZE, 512 | EOT);
    trim(1);
    assert_failed(&h, 0, IDE_ERROR_ABRT);
    bm_stop(&h, BMISTA_ERROR | BMISTA_IDEINTS);
    ide_allow_master(&h.channel, false);
    trim(1);
    assert_int_equal(ide_alternate(&h), IDE_STATUS_BSY);
    assert_int_equal(h.disks[0].ram.discards, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ranges),
        TEST(an_empty_list_is_well_done),
        TEST(the_longest_list_from_everywhere),
        TEST(one_bad_range_and_nothing_happens),
        TEST(what_is_not_a_trim),
        TEST(backends_that_fail),
        TEST(a_slow_backend),
        TEST(a_reset_ends_it_between_two_ranges),
        TEST(lists_that_come_in_parts_or_not_at_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
