/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A CD drive as an IDE device: how a host tells it from a disk, its commands that are not packets, resets. */
#include "atapi_host.h"

static int set_up_slave(void **state)
{
    (void)state;
    cd_host_init(&h, 1, 4096);
    return 0;
}

static int set_up_lone_slave(void **state)
{
    (void)state;
    cd_host_init(&h, 1, 0);
    return 0;
}

static void assert_signature(void)
{
    assert_int_equal(ide_in(&h, IDE_SECTOR_COUNT), 0x01);
    assert_int_equal(ide_in(&h, IDE_LBA_LOW), 0x01);
    assert_int_equal(ide_in(&h, IDE_LBA_MID), 0x14);
    assert_int_equal(ide_in(&h, IDE_LBA_HIGH), 0xeb);
}

static void spoil_task_file(void)
{
    for (unsigned int reg = IDE_FEATURES; reg <= IDE_LBA_HIGH; reg++)
        ide_out(&h, reg, 0x77);
}

/* DRDY stays low until the first command (T13/1410D 9.12). */
static void signature_after_power_on_and_reset(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < 2; i++) {
        assert_int_equal(ide_in(&h, IDE_STATUS), 0);
        assert_int_equal(ide_in(&h, IDE_ERROR), IDE_DIAGNOSTIC_PASSED);
        assert_signature();
        spoil_task_file();
        ide_control(&h, IDE_CONTROL_SRST);
        assert_int_equal(ide_in(&h, IDE_STATUS), IDE_STATUS_BSY);
        ide_control(&h, 0);
    }
}

static void disk_commands_show_the_signature(void **state)
{
    static const uint8_t commands[] = { IDE_IDENTIFY_DEVICE, IDE_READ_SECTORS };

    (void)state;
    for (unsigned int i = 0; i < 2; i++) {
        spoil_task_file();
        ide_out(&h, IDE_COMMAND, commands[i]);
        assert_failed(&h, 0, IDE_ERROR_ABRT);
        assert_signature();
    }
}

static void diagnostic(void **state)
{
    (void)state;
    spoil_task_file();
    ide_out(&h, IDE_COMMAND, IDE_EXECUTE_DEVICE_DIAGNOSTIC);
    assert_int_equal(ide_acknowledge(&h), 0);
    assert_int_equal(ide_in(&h, IDE_ERROR), IDE_DIAGNOSTIC_PASSED);
    assert_signature();
    cd_do(&h, PACKET(ATAPI_TEST_UNIT_READY));   /* no unit attention */
}

/* Device 0, a disk, answers for both. */
static void diagnostic_of_disk_and_cd(void **state)
{
    (void)state;
    ide_out(&h, IDE_COMMAND, IDE_EXECUTE_DEVICE_DIAGNOSTIC);
    assert_int_equal(ide_acknowledge(&h), READY);
    assert_int_equal(ide_in(&h, IDE_LBA_HIGH), 0);
    ide_select(&h, 1);
    assert_int_equal(ide_in(&h, IDE_STATUS), 0);
    assert_signature();
}

static void disk_and_cd_share_a_channel(void **state)
{
    static uint8_t block[ATAPI_BLOCK_SIZE];

    (void)state;
    assert_int_equal(cd_ask(&h, PACKET(ATAPI_READ_10, [5] = 7, [8] = 1), block, sizeof(block)), sizeof(block));
    assert_pattern(block, 28, 4);
    ide_select(&h, 0);
    ide_issue(&h, IDE_READ_SECTORS, 5, 1);
    assert_int_equal(ide_acknowledge(&h), WANTS_DATA);
    ide_take(&h, block, 512);
    assert_pattern(block, 5, 1);
    ide_out(&h, IDE_COMMAND, IDE_PACKET);       /* the disk knows none */
    assert_failed(&h, 0, IDE_ERROR_ABRT);
    ide_out(&h, IDE_COMMAND, IDE_DEVICE_RESET);
    assert_failed(&h, 0, IDE_ERROR_ABRT);
    ide_select(&h, 1);
    cd_do(&h, PACKET(ATAPI_TEST_UNIT_READY));
}

static void a_lone_slave(void **state)
{
    (void)state;
    assert_signature();
    cd_do(&h, PACKET(ATAPI_TEST_UNIT_READY));
    ide_select(&h, 0);
    assert_int_equal(ide_in(&h, IDE_STATUS), 0x7f);     /* nobody there */
}

static uint16_t word[256];

static void take_identity(void)
{
    ide_out(&h, IDE_COMMAND, IDE_IDENTIFY_PACKET_DEVICE);
    assert_int_equal(ide_acknowledge(&h), WANTS_DATA);
    ide_take(&h, word, 512);
    assert_int_equal(ide_in(&h, IDE_STATUS), READY);
    assert_false(h.line.high);
}

static void identify_packet_device(void **state)
{
    static const struct {
        unsigned int word;
        uint16_t value;
    } expected[] = {
        { 0, 0x85c0 }, { 49, 0x0f00 }, { 50, 0x4000 }, { 51, 0x0200 }, { 53, 0x0006 }, { 63, 0x0407 }, { 64, 3 },
        { 65, 120 }, { 66, 120 }, { 67, 120 }, { 68, 120 }, { 80, 0x0070 }, { 81, 0x0022 }, { 82, 0x4218 },
        { 83, 0x4000 }, { 84, 0x4000 }, { 85, 0x4218 }, { 87, 0x4000 }, { 88, 0x003f }, { 93, 0x604b },
    };
    uint8_t seen[256] = { [255] = 1 }, sum = 0;

    (void)state;
    take_identity();
    for (unsigned int i = 0; i < sizeof(expected) / sizeof(*expected); i++) {
        assert_int_equal(word[expected[i].word], expected[i].value);
        seen[expected[i].word] = 1;
    }
    memset(&seen[10], 1, 10);
    memset(&seen[23], 1, 24);
    assert_int_equal(word[27], 'R' << 8 | 'e');
    for (unsigned int i = 0; i < 256; i++)
        assert_true(seen[i] || !word[i]);
    for (unsigned int i = 0; i < 512; i++)
        sum += ((uint8_t *)word)[i];
    assert_int_equal(sum, 0);
}

static void transfer_modes(void **state)
{
    (void)state;
    ide_issue_features(&h, IDE_FEATURE_TRANSFER_MODE, 0x42);
    assert_int_equal(ide_acknowledge(&h), READY);
    take_identity();
    assert_int_equal(word[63], 0x0007);
    assert_int_equal(word[88], 0x043f);
    ide_issue_features(&h, IDE_FEATURE_TRANSFER_MODE, 0x47);
    assert_failed(&h, 0, IDE_ERROR_ABRT);
    ide_issue_features(&h, IDE_FEATURE_WRITE_CACHE_ON, 0);
    assert_failed(&h, 0, IDE_ERROR_ABRT);
    ide_issue_features(&h, IDE_FEATURE_REVERT_SETTINGS, 0);
    assert_int_equal(ide_acknowledge(&h), READY);
    ide_control(&h, IDE_CONTROL_SRST);
    ide_control(&h, 0);
    take_identity();
    assert_int_equal(word[88], 0x043f);
}

static void power_modes(void **state)
{
    static const uint8_t steps[][2] = {
        { IDE_IDLE_IMMEDIATE, IDE_POWER_IDLE }, { IDE_STANDBY, IDE_POWER_STANDBY }, { IDE_IDLE, IDE_POWER_IDLE },
        { IDE_STANDBY_IMMEDIATE, IDE_POWER_STANDBY },
    };

    (void)state;
    for (unsigned int i = 0; i < 4; i++) {
        ide_out(&h, IDE_COMMAND, steps[i][0]);
        assert_int_equal(ide_acknowledge(&h), READY);
        ide_out(&h, IDE_COMMAND, IDE_CHECK_POWER_MODE);
        assert_int_equal(ide_acknowledge(&h), READY);
        assert_int_equal(ide_in(&h, IDE_SECTOR_COUNT), steps[i][1]);
    }
    cd_do(&h, PACKET(ATAPI_TEST_UNIT_READY));
    ide_out(&h, IDE_COMMAND, IDE_CHECK_POWER_MODE);
    assert_int_equal(ide_acknowledge(&h), READY);
    assert_int_equal(ide_in(&h, IDE_SECTOR_COUNT), IDE_POWER_ACTIVE);
}

static void device_reset_ends_sleep(void **state)
{
    (void)state;
    ide_out(&h, IDE_COMMAND, IDE_SLEEP);
    assert_int_equal(ide_acknowledge(&h), READY);
    ide_out(&h, IDE_COMMAND, IDE_IDENTIFY_PACKET_DEVICE);
    assert_int_equal(ide_in(&h, IDE_STATUS), READY);
    assert_false(h.line.high);
    ide_out(&h, IDE_COMMAND, IDE_DEVICE_RESET);
    assert_int_equal(ide_in(&h, IDE_STATUS), 0);
    assert_false(h.line.high);
    take_identity();
}

/* In any phase, without an interrupt, and the other device does not notice. */
static void device_reset_ends_a_packet(void **state)
{
    static uint8_t block[ATAPI_BLOCK_SIZE];

    (void)state;
    cd_send(&h, PACKET(ATAPI_READ_10, [8] = 10), 2048, false);
    assert_int_equal(ide_acknowledge(&h), WANTS_DATA);
    ide_take(&h, block, 100);
    spoil_task_file();
    ide_out(&h, IDE_COMMAND, IDE_DEVICE_RESET);
    assert_false(h.line.high);
    assert_int_equal(ide_in(&h, IDE_STATUS), 0);
    assert_int_equal(ide_in(&h, IDE_ERROR), IDE_DIAGNOSTIC_PASSED);
    assert_signature();
    assert_int_equal(ide_in(&h, IDE_DEVICE) & IDE_DEVICE_DEV, IDE_DEVICE_DEV);
    cd_assert_fails(&h, PACKET(ATAPI_TEST_UNIT_READY), ATAPI_UNIT_ATTENTION, ATAPI_RESET_OCCURRED);
    cd_do(&h, PACKET(ATAPI_TEST_UNIT_READY));
    assert_int_equal(cd_ask(&h, PACKET(ATAPI_READ_10, [5] = 9, [8] = 1), block, sizeof(block)), sizeof(block));
    assert_pattern(block, 36, 4);
}

/* With the medium's answer still out, the device is busy until that has come. */
static void device_reset_drains(void **state)
{
    struct ram_disk *ram = &h.disks[0].ram;

    (void)state;
    ram->deferred = true;
    cd_send(&h, PACKET(ATAPI_READ_10, [8] = 10), 2048, false);
    ide_out(&h, IDE_COMMAND, IDE_DEVICE_RESET);
    assert_int_equal(ide_in(&h, IDE_STATUS), IDE_STATUS_BSY);
    assert_true(ram_disk_complete(ram));
    assert_int_equal(ide_in(&h, IDE_STATUS), 0);
    assert_false(h.line.high);
    assert_signature();
}

static void unknown_commands_abort(void **state)
{
    static const uint8_t commands[] = {
        IDE_NOP, IDE_RECALIBRATE, IDE_READ_DMA, IDE_WRITE_SECTORS, IDE_SET_MULTIPLE_MODE, IDE_FLUSH_CACHE,
        IDE_READ_NATIVE_MAX, 0xda, 0xff,
    };

    (void)state;
    for (unsigned int i = 0; i < sizeof(commands); i++) {
        ide_out(&h, IDE_COMMAND, commands[i]);
        assert_failed(&h, 0, IDE_ERROR_ABRT);
    }
}

#define TEST_SLAVE(name) cmocka_unit_test_setup_teardown(name, set_up_slave, cd_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CD_TEST(signature_after_power_on_and_reset),
        CD_TEST(disk_commands_show_the_signature),
        TEST_SLAVE(disk_commands_show_the_signature),
        CD_TEST(diagnostic),
        TEST_SLAVE(diagnostic_of_disk_and_cd),
        TEST_SLAVE(disk_and_cd_share_a_channel),
        cmocka_unit_test_setup_teardown(a_lone_slave, set_up_lone_slave, cd_tear_down),
        CD_TEST(identify_packet_device),
        CD_TEST(transfer_modes),
        CD_TEST(power_modes),
        CD_TEST(device_reset_ends_sleep),
        TEST_SLAVE(device_reset_ends_a_packet),
        CD_TEST(device_reset_drains),
        CD_TEST(unknown_commands_abort),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
