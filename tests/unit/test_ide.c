/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The cable and every command that moves no data: selection, absence, reset, INTRQ, addresses, outcomes. */
#include "ide_host.h"

#define SECTORS 4096u                       /* 4 cylinders of 16 * 63, and a rest */

static struct ide_host h;

static int set_up(void **state)
{
    (void)state;
    ide_host_init(&h, SECTORS, 0);
    return 0;
}

static int set_up_two(void **state)
{
    (void)state;
    ide_host_init(&h, SECTORS, 1008);
    return 0;
}

static int set_up_slave(void **state)
{
    (void)state;
    ide_host_init(&h, 0, 1008);
    return 0;
}

static int set_up_none(void **state)
{
    (void)state;
    ide_host_init(&h, 0, 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ide_host_free(&h);
    return 0;
}

static void assert_signature(uint8_t device)
{
    assert_int_equal(ide_in(&h, IDE_ERROR), 0x01);
    assert_int_equal(ide_in(&h, IDE_SECTOR_COUNT), 0x01);
    assert_int_equal(ide_in(&h, IDE_LBA_LOW), 0x01);
    assert_int_equal(ide_in(&h, IDE_LBA_MID), 0x00);
    assert_int_equal(ide_in(&h, IDE_LBA_HIGH), 0x00);
    assert_int_equal(ide_in(&h, IDE_DEVICE) & IDE_DEVICE_DEV, device);
    assert_int_equal(ide_alternate(&h), READY);
}

/* --- presence --- */

static void power_on_signature(void **state)
{
    (void)state;
    assert_signature(0);
    assert_false(h.line.high);
}

static void no_device_floats(void **state)
{
    (void)state;
    for (unsigned int device = 0; device < 2; device++) {
        ide_select(&h, device);
        ide_out(&h, IDE_SECTOR_COUNT, 0x55);
        ide_out(&h, IDE_LBA_LOW, 0xaa);
        for (unsigned int reg = IDE_ERROR; reg <= IDE_STATUS; reg++)
            assert_int_equal(ide_in(&h, reg), 0x7f);
        assert_int_equal(ide_alternate(&h), 0x7f);
        assert_int_equal(ide_command_ops.read(&h.channel, IDE_DATA, 2) & 0xffff, 0xffff);
        ide_out(&h, IDE_COMMAND, IDE_IDENTIFY_DEVICE);
        ide_out(&h, IDE_COMMAND, IDE_EXECUTE_DEVICE_DIAGNOSTIC);
        ide_control(&h, IDE_CONTROL_SRST);
        ide_control(&h, 0);
        assert_int_equal(ide_in(&h, IDE_STATUS), 0x7f);
    }
    assert_int_equal(h.line.rises, 0);
}

static void device_0_answers_for_device_1(void **state)
{
    (void)state;
    ide_select(&h, 1);
    assert_int_equal(ide_in(&h, IDE_STATUS), 0x00);
    assert_int_equal(ide_alternate(&h), 0x00);
    ide_out(&h, IDE_SECTOR_COUNT, 0x55);
    assert_int_equal(ide_in(&h, IDE_SECTOR_COUNT), 0x55);
    assert_int_equal(ide_in(&h, IDE_DEVICE), 0xb0);
    ide_out(&h, IDE_COMMAND, IDE_IDENTIFY_DEVICE);
    assert_int_equal(ide_in(&h, IDE_STATUS), 0x00);
    ide_select(&h, 0);
    assert_int_equal(ide_in(&h, IDE_STATUS), READY);
    assert_int_equal(h.line.rises, 0);
}

static void lone_slave_leaves_device_0_floating(void **state)
{
    (void)state;
    assert_int_equal(ide_in(&h, IDE_STATUS), 0x7f);
    ide_select(&h, 1);
    assert_signature(IDE_DEVICE_DEV);
    ide_issue(&h, IDE_READ_VERIFY, 0, 1);
    assert_int_equal(ide_acknowledge(&h), READY);
}

/* --- registers --- */

static void both_devices_latch_writes(void **state)
{
    (void)state;
    ide_out(&h, IDE_LBA_MID, 0x12);
    ide_select(&h, 1);
    assert_int_equal(ide_in(&h, IDE_LBA_MID), 0x12);
    assert_int_equal(ide_in(&h, IDE_DEVICE), 0xb0);
    ide_select(&h, 0);
    assert_int_equal(ide_in(&h, IDE_DEVICE), 0xa0);
}

static void hob_shows_previous_bytes(void **state)
{
    (void)state;
    for (unsigned int reg = IDE_SECTOR_COUNT; reg <= IDE_LBA_HIGH; reg++) {
        ide_out(&h, reg, 0x10 + reg);
        ide_out(&h, reg, 0x20 + reg);
    }
    ide_control(&h, IDE_CONTROL_HOB);
    for (unsigned int reg = IDE_SECTOR_COUNT; reg <= IDE_LBA_HIGH; reg++)
        assert_int_equal(ide_in(&h, reg), 0x10 + reg);
    ide_out(&h, IDE_FEATURES, 0);           /* any write to the command block clears HOB */
    for (unsigned int reg = IDE_SECTOR_COUNT; reg <= IDE_LBA_HIGH; reg++)
        assert_int_equal(ide_in(&h, reg), 0x20 + reg);
}

static void wide_accesses_are_registers_in_a_row(void **state)
{
    (void)state;
    ide_command_ops.write(&h.channel, IDE_SECTOR_COUNT, 4, 0x44332211);
    assert_int_equal(ide_in(&h, IDE_LBA_LOW), 0x22);
    assert_int_equal(ide_command_ops.read(&h.channel, IDE_LBA_MID, 2), 0x4433);
    assert_int_equal(ide_command_ops.read(&h.channel, IDE_STATUS, 4), READY);
}

/* --- INTRQ --- */

static void intrq_ends_with_status_and_not_with_alternate_status(void **state)
{
    (void)state;
    ide_issue(&h, IDE_READ_VERIFY, 0, 1);
    assert_true(h.line.high);
    assert_int_equal(ide_alternate(&h), READY);
    assert_true(h.line.high);
    assert_int_equal(ide_acknowledge(&h), READY);
}

static void a_command_clears_intrq(void **state)
{
    (void)state;
    ide_out(&h, IDE_COMMAND, IDE_IDLE_IMMEDIATE);
    ide_out(&h, IDE_COMMAND, IDE_IDLE_IMMEDIATE);
    assert_int_equal(h.line.falls, 1);
    assert_int_equal(h.line.rises, 2);
}

static void nien_holds_intrq_back(void **state)
{
    (void)state;
    ide_control(&h, IDE_CONTROL_NIEN);
    ide_out(&h, IDE_COMMAND, IDE_IDLE_IMMEDIATE);
    assert_false(h.line.high);
    assert_int_equal(bm_in(&h, BMISTA), 0);
    ide_control(&h, 0);
    assert_true(h.line.high);
    assert_int_equal(bm_in(&h, BMISTA), BMISTA_IDEINTS);
}

static void intrq_is_the_selected_devices(void **state)
{
    (void)state;
    ide_out(&h, IDE_COMMAND, IDE_IDLE_IMMEDIATE);
    ide_select(&h, 1);
    assert_false(h.line.high);
    ide_in(&h, IDE_STATUS);                 /* acknowledges device 1, not device 0 */
    ide_select(&h, 0);
    assert_true(h.line.high);
}

/* --- reset --- */

static void software_reset(void **state)
{
    (void)state;
    ide_select(&h, 1);
    ide_issue(&h, IDE_READ_NATIVE_MAX, 0, 0);
    assert_true(h.line.high);
    ide_control(&h, IDE_CONTROL_SRST);
    assert_false(h.line.high);
    assert_int_equal(ide_in(&h, IDE_STATUS), IDE_STATUS_BSY);
    ide_out(&h, IDE_SECTOR_COUNT, 0x99);
    ide_out(&h, IDE_COMMAND, IDE_IDENTIFY_DEVICE);
    assert_int_equal(ide_in(&h, IDE_STATUS), IDE_STATUS_BSY);
    ide_control(&h, 0);
    assert_signature(0);
    ide_select(&h, 1);
    assert_signature(IDE_DEVICE_DEV);
    assert_false(h.line.high);
}

static void software_reset_reverts_settings_unless_told_not_to(void **state)
{
    uint16_t word[256];

    (void)state;
    for (unsigned int keep = 0; keep < 2; keep++) {
        ide_issue_features(&h, keep ? IDE_FEATURE_KEEP_SETTINGS : IDE_FEATURE_REVERT_SETTINGS, 0);
        ide_out(&h, IDE_SECTOR_COUNT, 8);
        ide_out(&h, IDE_COMMAND, IDE_SET_MULTIPLE_MODE);
        ide_issue_features(&h, IDE_FEATURE_WRITE_CACHE_OFF, 0);
        ide_issue_features(&h, IDE_FEATURE_TRANSFER_MODE, 0x45);
        ide_control(&h, IDE_CONTROL_SRST);
        ide_control(&h, 0);
        ide_take_identity(&h, word);
        assert_int_equal(word[59], keep ? 0x0108 : 0);
        assert_int_equal(word[85] & 0x20, keep ? 0 : 0x20);
        assert_int_equal(word[88], 0x203f);
    }
}

static void diagnostic(void **state)
{
    (void)state;
    for (unsigned int device = 0; device < 2; device++) {
        ide_select(&h, device);
        ide_out(&h, IDE_LBA_MID, 0x14);
        ide_out(&h, IDE_COMMAND, IDE_EXECUTE_DEVICE_DIAGNOSTIC);
        assert_int_equal(ide_acknowledge(&h), READY);
        assert_signature(0);
    }
}

/* --- non-data commands --- */

static void unknown_commands_abort(void **state)
{
    static const uint8_t known[] = {
        0x10, 0x20, 0x21, 0x24, 0x25, 0x27, 0x29, 0x30, 0x31, 0x34, 0x35, 0x39, 0x3d, 0x40, 0x41, 0x42, 0x70, 0x90,
        0x91, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0xc4, 0xc5, 0xc6, 0xc8, 0xc9, 0xca, 0xcb, 0xce, 0xe0, 0xe1, 0xe2,
        0xe3, 0xe4, 0xe5, 0xe6, 0xe7, 0xe8, 0xea, 0xec, 0xef, 0xf8,
    };

    (void)state;
    for (unsigned int code = 0; code < 256; code++) {
        if (memchr(known, code, sizeof(known)))
            continue;
        ide_out(&h, IDE_COMMAND, code);     /* NOP, and those that want more than a code, among them */
        assert_failed(&h, 0, IDE_ERROR_ABRT);
    }
    ide_out(&h, IDE_COMMAND, IDE_IDLE);
    assert_int_equal(ide_acknowledge(&h), READY);
    assert_int_equal(ide_in(&h, IDE_ERROR), 0);
}

static void power_modes(void **state)
{
    static const struct {
        uint8_t command, mode;
        unsigned int flushes;
    } steps[] = {
        { IDE_IDLE_IMMEDIATE, 0x80, 0 }, { IDE_STANDBY_IMMEDIATE, 0x00, 1 }, { IDE_IDLE, 0x80, 0 },
        { IDE_STANDBY, 0x00, 1 },        { IDE_READ_VERIFY, 0xff, 0 },
        { IDE_IDLE_IMMEDIATE_ATA3, 0x80, 0 }, { IDE_STANDBY_IMMEDIATE_ATA3, 0x00, 1 }, { IDE_IDLE_ATA3, 0x80, 0 },
        { IDE_STANDBY_ATA3, 0x00, 1 },        { IDE_READ_VERIFY, 0xff, 0 },
    };
    static const uint8_t check[] = { IDE_CHECK_POWER_MODE, IDE_CHECK_POWER_MODE_ATA3 };

    (void)state;
    ide_out(&h, IDE_COMMAND, IDE_CHECK_POWER_MODE);
    assert_int_equal(ide_acknowledge(&h), READY);
    assert_int_equal(ide_in(&h, IDE_SECTOR_COUNT), 0xff);
    for (unsigned int i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
        h.disks[0].ram.flushes = 0;
        ide_issue(&h, steps[i].command, 0, 1);
        assert_int_equal(ide_acknowledge(&h), READY);
        assert_int_equal(h.disks[0].ram.flushes, steps[i].flushes);
        for (unsigned int j = 0; j < 2; j++) {
            ide_out(&h, IDE_SECTOR_COUNT, 0x55);
            ide_out(&h, IDE_COMMAND, check[j]);
            assert_int_equal(ide_acknowledge(&h), READY);
            assert_int_equal(ide_in(&h, IDE_SECTOR_COUNT), steps[i].mode);
        }
    }
}

static void only_a_reset_ends_sleep(void **state)
{
    static const uint8_t commands[] = { IDE_SLEEP, IDE_SLEEP_ATA3 };

    (void)state;
    for (unsigned int i = 0; i < 2; i++) {
        ide_out(&h, IDE_COMMAND, commands[i]);
        assert_int_equal(ide_acknowledge(&h), READY);
        assert_int_equal(h.disks[0].ram.flushes, i + 1);
        ide_out(&h, IDE_COMMAND, IDE_IDENTIFY_DEVICE);
        assert_false(h.line.high);
        assert_int_equal(ide_alternate(&h), READY);
        ide_control(&h, IDE_CONTROL_SRST);
        ide_control(&h, 0);
        ide_out(&h, IDE_COMMAND, IDE_IDENTIFY_DEVICE);
        assert_int_equal(ide_acknowledge(&h), WANTS_DATA);
    }
}

static void native_max(void **state)
{
    (void)state;
    ide_issue(&h, IDE_READ_NATIVE_MAX, 0, 0);
    assert_int_equal(ide_acknowledge(&h), READY);
    assert_int_equal(ide_lba(&h), SECTORS - 1);
    ide_issue_chs(&h, IDE_READ_NATIVE_MAX, 0, 0, 0, 0);         /* the last that this translation reaches */
    assert_int_equal(ide_acknowledge(&h), READY);
    assert_int_equal(ide_lba(&h), 15 << 24 | 3 << 8 | 63);
    ide_host_grow(&h, 0x123456789abull);
    ide_issue(&h, IDE_READ_NATIVE_MAX, 0, 0);
    assert_int_equal(ide_lba(&h), 0x0ffffffe);
    ide_issue_ext(&h, IDE_READ_NATIVE_MAX_EXT, 0, 0);
    assert_int_equal(ide_lba_ext(&h), 0x123456789aaull);
}

static void buffer(void **state)
{
    uint16_t out[256], in[256] = { 0 };

    (void)state;
    ide_pattern(77, out);
    ide_out(&h, IDE_COMMAND, IDE_WRITE_BUFFER);
    assert_int_equal(ide_alternate(&h), WANTS_DATA);
    assert_false(h.line.high);
    ide_give(&h, out, sizeof(out));
    assert_int_equal(ide_acknowledge(&h), READY);
    ide_out(&h, IDE_COMMAND, IDE_READ_BUFFER);
    assert_int_equal(ide_acknowledge(&h), WANTS_DATA);
    ide_take(&h, in, sizeof(in));
    assert_int_equal(ide_in(&h, IDE_STATUS), READY);
    assert_memory_equal(in, out, sizeof(in));
    assert_int_equal(h.disks[0].ram.writes, 0);
}

static void seek_and_recalibrate(void **state)
{
    (void)state;
    ide_out(&h, IDE_COMMAND, IDE_RECALIBRATE);
    assert_int_equal(ide_acknowledge(&h), READY);
    ide_issue(&h, IDE_SEEK, SECTORS - 1, 0);
    assert_int_equal(ide_acknowledge(&h), READY);
    ide_issue(&h, IDE_SEEK, SECTORS, 0);
    assert_failed(&h, 0, IDE_ERROR_IDNF);
}

static void flush_cache(void **state)
{
    static const uint8_t commands[] = { IDE_FLUSH_CACHE, IDE_FLUSH_CACHE_EXT };

    (void)state;
    for (unsigned int i = 0; i < 2; i++) {
        struct ram_disk *ram = &h.disks[0].ram;

        ram->flushes = 0;
        ram->deferred = true;
        ide_out(&h, IDE_COMMAND, commands[i]);
        assert_int_equal(ide_alternate(&h), IDE_STATUS_BSY);
        assert_false(h.line.high);
        assert_true(ram_disk_complete(ram));
        assert_int_equal(ide_acknowledge(&h), READY);
        ram->deferred = false;
        ram->fail_next = BLK_ERROR;
        ide_out(&h, IDE_COMMAND, commands[i]);
        assert_failed(&h, IDE_STATUS_DF, IDE_ERROR_ABRT);
        assert_int_equal(ram->flushes, 2);
    }
}

static void flush_without_a_backends_flush_has_nothing_to_do(void **state)
{
    (void)state;
    h.disks[0].ram.fail_next = BLK_UNSUPPORTED;
    ide_out(&h, IDE_COMMAND, IDE_FLUSH_CACHE);
    assert_int_equal(ide_acknowledge(&h), READY);
    h.disks[0].backend.info.flush = false;
    ide_host_power(&h);
    h.disks[0].ram.flushes = 0;
    ide_out(&h, IDE_COMMAND, IDE_FLUSH_CACHE);
    assert_int_equal(ide_acknowledge(&h), READY);
    assert_int_equal(h.disks[0].ram.flushes, 0);
}

/* --- addresses --- */

static void lba28_range(void **state)
{
    (void)state;
    ide_issue(&h, IDE_READ_VERIFY, SECTORS - 1, 1);
    assert_int_equal(ide_acknowledge(&h), READY);
    assert_int_equal(ide_lba(&h), SECTORS - 1);
    assert_int_equal(ide_in(&h, IDE_SECTOR_COUNT), 0);
    h.disks[0].ram.reads = 0;
    ide_issue(&h, IDE_READ_VERIFY, SECTORS, 1);
    assert_failed(&h, 0, IDE_ERROR_IDNF);
    assert_int_equal(ide_lba(&h), SECTORS);
    ide_issue(&h, IDE_READ_VERIFY, SECTORS - 2, 5);
    assert_failed(&h, 0, IDE_ERROR_IDNF);
    assert_int_equal(ide_lba(&h), SECTORS);
    ide_issue(&h, IDE_READ_VERIFY, 0x0fffffff, 0);
    assert_failed(&h, 0, IDE_ERROR_IDNF);
    assert_int_equal(h.disks[0].ram.reads, 0);
}

static void count_0_is_256_or_65536(void **state)
{
    (void)state;
    ide_issue(&h, IDE_READ_VERIFY, SECTORS - 256, 0);
    assert_int_equal(ide_acknowledge(&h), READY);
    ide_issue(&h, IDE_READ_VERIFY, SECTORS - 255, 0);
    assert_failed(&h, 0, IDE_ERROR_IDNF);
    ide_issue_ext(&h, IDE_READ_VERIFY_EXT, 0, 0);       /* 65536 do not fit, 4096 do */
    assert_failed(&h, 0, IDE_ERROR_IDNF);
    assert_int_equal(ide_lba_ext(&h), SECTORS);
    ide_issue_ext(&h, IDE_READ_VERIFY_EXT, 0, SECTORS);
    assert_int_equal(ide_acknowledge(&h), READY);
    assert_int_equal(ide_lba_ext(&h), SECTORS - 1);
}

static void lba48_reaches_beyond_128_gib(void **state)
{
    const uint64_t size = 0x30000000u + 77, last = size - 1;

    (void)state;
    ide_host_grow(&h, size);
    ide_issue_ext(&h, IDE_READ_VERIFY_EXT, last, 1);
    assert_int_equal(ide_acknowledge(&h), READY);
    assert_int_equal(ide_lba_ext(&h), last);
    ide_issue_ext(&h, IDE_READ_VERIFY_EXT, last, 2);
    assert_failed(&h, 0, IDE_ERROR_IDNF);
    assert_int_equal(ide_lba_ext(&h), size);
    ide_issue_ext(&h, IDE_READ_VERIFY_EXT, 0xffffffffffffull, 0);
    assert_failed(&h, 0, IDE_ERROR_IDNF);
    ide_issue(&h, IDE_READ_VERIFY, 0x0fffffff, 1);      /* the 28-bit commands end one sector earlier */
    assert_failed(&h, 0, IDE_ERROR_IDNF);
}

static void chs_addresses(void **state)
{
    (void)state;
    ide_issue_chs(&h, IDE_READ_VERIFY, 3, 15, 63, 1);   /* the last sector of the last whole cylinder, 4031 */
    assert_int_equal(ide_acknowledge(&h), READY);
    assert_int_equal(ide_in(&h, IDE_LBA_LOW), 63);
    ide_issue_chs(&h, IDE_READ_VERIFY, 1, 0, 60, 10);   /* ends in the next track */
    assert_int_equal(ide_acknowledge(&h), READY);
    assert_int_equal(ide_in(&h, IDE_LBA_LOW), 6);
    assert_int_equal(ide_in(&h, IDE_DEVICE), 0xa1);
    assert_int_equal(ide_in(&h, IDE_LBA_MID), 1);
    ide_issue_chs(&h, IDE_READ_VERIFY, 0, 0, 0, 1);
    assert_failed(&h, 0, IDE_ERROR_IDNF);
    ide_issue_chs(&h, IDE_READ_VERIFY, 0, 0, 64, 1);
    assert_failed(&h, 0, IDE_ERROR_IDNF);
    ide_issue_chs(&h, IDE_READ_VERIFY, 4, 0, 1, 1);
    assert_failed(&h, 0, IDE_ERROR_IDNF);
}

static void initialize_device_parameters(void **state)
{
    uint16_t word[256];

    (void)state;
    ide_out(&h, IDE_DEVICE, 0xa3);
    ide_out(&h, IDE_SECTOR_COUNT, 32);
    ide_out(&h, IDE_COMMAND, IDE_INITIALIZE_DEVICE_PARAMETERS);
    assert_int_equal(ide_acknowledge(&h), READY);
    ide_take_identity(&h, word);
    assert_int_equal(word[1], 4);                       /* the default stays */
    assert_int_equal(word[54], 32);
    assert_int_equal(word[55], 4);
    assert_int_equal(word[56], 32);
    assert_int_equal(word[57] | word[58] << 16, 4096);
    h.disks[0].bad = (2 * 4 + 3) * 32 + 5 - 1;
    ide_issue_chs(&h, IDE_READ_VERIFY, 2, 3, 4, 2);
    assert_failed(&h, 0, IDE_ERROR_UNC);
    assert_int_equal(ide_in(&h, IDE_LBA_LOW), 5);
    assert_int_equal(ide_in(&h, IDE_DEVICE), 0xa3);
    assert_int_equal(ide_in(&h, IDE_SECTOR_COUNT), 1);
    ide_issue_chs(&h, IDE_READ_VERIFY, 0, 4, 1, 1);
    assert_failed(&h, 0, IDE_ERROR_IDNF);
    ide_out(&h, IDE_SECTOR_COUNT, 0);
    ide_out(&h, IDE_COMMAND, IDE_INITIALIZE_DEVICE_PARAMETERS);
    assert_failed(&h, 0, IDE_ERROR_ABRT);
}

static void verify_finds_the_first_bad_sector(void **state)
{
    (void)state;
    h.disks[0].bad = 300;
    ide_issue_ext(&h, IDE_READ_VERIFY_EXT, 0, 1000);
    assert_failed(&h, 0, IDE_ERROR_UNC);
    assert_int_equal(ide_lba_ext(&h), 300);
    ide_issue(&h, IDE_READ_VERIFY_NO_RETRY, 301, 200);
    assert_int_equal(ide_acknowledge(&h), READY);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define TEST_TWO(name) cmocka_unit_test_setup_teardown(name, set_up_two, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(power_on_signature),
        cmocka_unit_test_setup_teardown(no_device_floats, set_up_none, tear_down),
        TEST(device_0_answers_for_device_1),
        cmocka_unit_test_setup_teardown(lone_slave_leaves_device_0_floating, set_up_slave, tear_down),
        TEST_TWO(both_devices_latch_writes),
        TEST(hob_shows_previous_bytes),
        TEST(wide_accesses_are_registers_in_a_row),
        TEST(intrq_ends_with_status_and_not_with_alternate_status),
        TEST(a_command_clears_intrq),
        TEST(nien_holds_intrq_back),
        TEST_TWO(intrq_is_the_selected_devices),
        TEST_TWO(software_reset),
        TEST(software_reset_reverts_settings_unless_told_not_to),
        TEST(diagnostic),
        TEST_TWO(diagnostic),
        TEST(unknown_commands_abort),
        TEST(power_modes),
        TEST(only_a_reset_ends_sleep),
        TEST(native_max),
        TEST(buffer),
        TEST(seek_and_recalibrate),
        TEST(flush_cache),
        TEST(flush_without_a_backends_flush_has_nothing_to_do),
        TEST(lba28_range),
        TEST(count_0_is_256_or_65536),
        TEST(lba48_reaches_beyond_128_gib),
        TEST(chs_addresses),
        TEST(initialize_device_parameters),
        TEST(verify_finds_the_first_bad_sector),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
