/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* PIO transfers: DRQ blocks and INTRQ, rounds through the buffer, media errors, durability, slow backends. */
#include "ide_host.h"

#define SECTORS 2048u

static struct ide_host h;
static uint8_t data[512 * 600], zeros[512 * 600];

static int set_up(void **state)
{
    (void)state;
    ide_host_init(&h, SECTORS, SECTORS);
    for (unsigned int i = 0; i < sizeof(data); i++)
        data[i] = i * 7 + (i >> 9);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ide_host_free(&h);
    return 0;
}

static void set_multiple(uint8_t sectors)
{
    ide_out(&h, IDE_SECTOR_COUNT, sectors);
    ide_out(&h, IDE_COMMAND, IDE_SET_MULTIPLE_MODE);
    assert_int_equal(ide_acknowledge(&h), READY);
}

/* Takes `sectors` in DRQ blocks of `block` sectors, each announced by INTRQ. */
static void take_blocks(uint64_t lba, unsigned int sectors, unsigned int block)
{
    for (unsigned int i = 0; i < sectors; i += block) {
        unsigned int part = sectors - i < block ? sectors - i : block;

        assert_int_equal(ide_acknowledge(&h), WANTS_DATA);
        ide_take(&h, data, part * 512);
        assert_pattern(data, lba + i, part);
    }
    assert_false(h.line.high);
    assert_int_equal(ide_in(&h, IDE_STATUS), READY);
    assert_int_equal(ide_command_ops.read(&h.channel, IDE_DATA, 4), 0xffffffff);
}

/* Gives `sectors` in DRQ blocks, INTRQ before each but the first, and once more at the end. */
static void give_blocks(unsigned int sectors, unsigned int block)
{
    assert_false(h.line.high);
    assert_int_equal(ide_in(&h, IDE_STATUS), WANTS_DATA);
    for (unsigned int i = 0; i < sectors; i += block) {
        unsigned int part = sectors - i < block ? sectors - i : block;

        if (i)
            assert_int_equal(ide_acknowledge(&h), WANTS_DATA);
        ide_give(&h, data + i * 512, part * 512);
    }
}

static void assert_written(unsigned int device, uint32_t lba, unsigned int sectors)
{
    assert_memory_equal(h.disks[device].ram.bytes + lba * 512, data, sectors * 512);
    if (lba)
        assert_pattern(h.disks[device].ram.bytes + (lba - 1) * 512, lba - 1, 1);
    if (lba + sectors < SECTORS)
        assert_pattern(h.disks[device].ram.bytes + (lba + sectors) * 512, lba + sectors, 1);
}

/* --- normal outcomes --- */

static void read_sectors(void **state)
{
    static const uint8_t commands[] = { IDE_READ_SECTORS, IDE_READ_SECTORS_NO_RETRY };

    (void)state;
    for (unsigned int i = 0; i < 2; i++) {
        h.line.rises = h.disks[0].ram.reads = 0;
        ide_issue(&h, commands[i], 100, 3);
        take_blocks(100, 3, 1);
        assert_int_equal(h.line.rises, 3);
        assert_int_equal(h.disks[0].ram.reads, 1);
        assert_int_equal(ide_lba(&h), 102);
        assert_int_equal(ide_in(&h, IDE_SECTOR_COUNT), 0);
    }
    ide_issue(&h, IDE_READ_SECTORS, SECTORS - 256, 0);
    take_blocks(SECTORS - 256, 256, 1);
    assert_int_equal(h.disks[0].largest, IDE_BUFFER_SIZE / 512);
}

static void read_sectors_ext(void **state)
{
    (void)state;
    ide_issue_ext(&h, IDE_READ_SECTORS_EXT, 5, 300);
    take_blocks(5, 300, 1);
    assert_int_equal(ide_lba_ext(&h), 304);
}

static void read_chs(void **state)
{
    (void)state;
    ide_issue_chs(&h, IDE_READ_SECTORS, 1, 2, 3, 2);
    take_blocks(1008 + 126 + 2, 2, 1);
    assert_int_equal(ide_in(&h, IDE_LBA_LOW), 4);
    assert_int_equal(ide_in(&h, IDE_LBA_MID), 1);
}

static void read_multiple(void **state)
{
    (void)state;
    ide_issue(&h, IDE_READ_MULTIPLE, 0, 1);
    assert_failed(&h, 0, IDE_ERROR_ABRT);
    set_multiple(16);
    ide_issue(&h, IDE_READ_MULTIPLE, 7, 250);
    take_blocks(7, 250, 16);
    set_multiple(4);
    ide_issue_ext(&h, IDE_READ_MULTIPLE_EXT, 9, 10);
    take_blocks(9, 10, 4);
    set_multiple(0);
    ide_issue(&h, IDE_READ_MULTIPLE, 0, 1);
    assert_failed(&h, 0, IDE_ERROR_ABRT);
    for (unsigned int count = 1; count < 256; count++) {
        bool valid = count == 1 || count == 2 || count == 4 || count == 8 || count == 16;

        ide_out(&h, IDE_SECTOR_COUNT, count);
        ide_out(&h, IDE_COMMAND, IDE_SET_MULTIPLE_MODE);
        assert_int_equal(ide_acknowledge(&h), valid ? READY : FAILED);
    }
}

static void write_sectors(void **state)
{
    static const uint8_t commands[] = { IDE_WRITE_SECTORS, IDE_WRITE_SECTORS_NO_RETRY };

    (void)state;
    for (unsigned int i = 0; i < 2; i++) {
        ide_issue(&h, commands[i], 10 + 100 * i, 3);
        give_blocks(3, 1);
        assert_int_equal(ide_acknowledge(&h), READY);
        assert_written(0, 10 + 100 * i, 3);
        assert_int_equal(ide_lba(&h), 12 + 100 * i);
    }
    ide_issue_ext(&h, IDE_WRITE_SECTORS_EXT, 300, 600);
    give_blocks(600, 1);
    assert_int_equal(ide_acknowledge(&h), READY);
    assert_written(0, 300, 600);
    assert_int_equal(ide_lba_ext(&h), 899);
    assert_int_equal(h.disks[0].ram.flushes, 0);
}

static void write_multiple(void **state)
{
    (void)state;
    ide_issue(&h, IDE_WRITE_MULTIPLE, 0, 1);
    assert_failed(&h, 0, IDE_ERROR_ABRT);
    set_multiple(8);
    ide_issue(&h, IDE_WRITE_MULTIPLE, 1, 250);
    give_blocks(250, 8);
    assert_int_equal(ide_acknowledge(&h), READY);
    assert_written(0, 1, 250);
    ide_issue_ext(&h, IDE_WRITE_MULTIPLE_EXT, 400, 9);
    give_blocks(9, 8);
    assert_int_equal(ide_acknowledge(&h), READY);
    assert_written(0, 400, 9);
}

static void slave_has_its_own_disk(void **state)
{
    (void)state;
    ide_select(&h, 1);
    ide_issue(&h, IDE_WRITE_SECTORS, 20, 2);
    give_blocks(2, 1);
    assert_int_equal(ide_acknowledge(&h), READY);
    assert_written(1, 20, 2);
    assert_pattern(h.disks[0].ram.bytes, 0, SECTORS);
}

static void every_width_of_the_data_port(void **state)
{
    uint32_t dword[128];
    uint16_t word[256];

    (void)state;
    ide_pattern(3, word);
    ide_issue(&h, IDE_READ_SECTORS, 3, 1);
    for (unsigned int i = 0; i < 128; i++)
        dword[i] = ide_command_ops.read(&h.channel, IDE_DATA, 4);
    assert_memory_equal(dword, word, 512);
    assert_int_equal(ide_in(&h, IDE_STATUS), READY);
    ide_issue(&h, IDE_READ_SECTORS, 3, 1);
    for (unsigned int i = 0; i < 256; i++)      /* a byte access moves a word all the same */
        assert_int_equal(ide_in(&h, IDE_DATA) & 0xff, word[i] & 0xff);
    assert_int_equal(ide_in(&h, IDE_STATUS), READY);
    ide_issue(&h, IDE_READ_SECTORS, 3, 2);      /* a dword across the block's end stops there */
    ide_command_ops.read(&h.channel, IDE_DATA, 2);
    for (unsigned int i = 0; i < 127; i++)
        ide_command_ops.read(&h.channel, IDE_DATA, 4);
    assert_int_equal(ide_command_ops.read(&h.channel, IDE_DATA, 4), word[255]);
    take_blocks(4, 1, 1);
    ide_issue(&h, IDE_WRITE_SECTORS, 0, 1);
    for (unsigned int i = 0; i < 128; i++)
        ide_command_ops.write(&h.channel, IDE_DATA, 4, dword[i]);
    assert_int_equal(ide_acknowledge(&h), READY);
    assert_pattern(h.disks[0].ram.bytes, 3, 1);
}

static void intrq_outlives_data_that_nobody_acknowledged(void **state)
{
    (void)state;
    ide_issue(&h, IDE_READ_SECTORS, 3, 1);
    ide_take(&h, data, 512);
    assert_int_equal(ide_alternate(&h), READY);
    assert_int_equal(ide_acknowledge(&h), READY);
}

static void data_in_the_wrong_direction_is_ignored(void **state)
{
    (void)state;
    ide_issue(&h, IDE_READ_SECTORS, 3, 1);
    ide_give(&h, data, 100);
    take_blocks(3, 1, 1);
    ide_issue(&h, IDE_WRITE_SECTORS, 3, 1);
    assert_int_equal(ide_command_ops.read(&h.channel, IDE_DATA, 2) & 0xffff, 0xffff);
    give_blocks(1, 1);
    assert_int_equal(ide_acknowledge(&h), READY);
    assert_written(0, 3, 1);
}

/* --- errors --- */

static void past_the_end(void **state)
{
    static const uint8_t commands[] = { IDE_READ_SECTORS, IDE_WRITE_SECTORS };

    (void)state;
    for (unsigned int i = 0; i < 2; i++) {
        ide_issue(&h, commands[i], SECTORS - 1, 2);
        assert_failed(&h, 0, IDE_ERROR_IDNF);
        assert_int_equal(ide_lba(&h), SECTORS);
        ide_give(&h, data, 512);
    }
    assert_int_equal(h.disks[0].ram.reads + h.disks[0].ram.writes, 0);
    ide_issue(&h, IDE_READ_SECTORS, SECTORS - 1, 1);
    take_blocks(SECTORS - 1, 1, 1);
}

static void read_stops_at_the_bad_sector(void **state)
{
    (void)state;
    h.disks[0].bad = 205;
    ide_issue(&h, IDE_READ_SECTORS, 200, 100);
    for (unsigned int i = 0; i < 5; i++) {
        assert_int_equal(ide_acknowledge(&h), WANTS_DATA);
        ide_take(&h, data, 512);
        assert_pattern(data, 200 + i, 1);
    }
    assert_failed(&h, 0, IDE_ERROR_UNC);
    assert_int_equal(ide_lba(&h), 205);
    assert_int_equal(ide_in(&h, IDE_SECTOR_COUNT), 95);
    ide_issue(&h, IDE_READ_SECTORS, 206, 1);
    take_blocks(206, 1, 1);
}

static void read_multiple_stops_at_the_bad_block(void **state)
{
    (void)state;
    set_multiple(4);
    h.disks[0].bad = 205;
    ide_issue_ext(&h, IDE_READ_MULTIPLE_EXT, 200, 100);
    assert_int_equal(ide_acknowledge(&h), WANTS_DATA);
    ide_take(&h, data, 4 * 512);
    assert_pattern(data, 200, 4);
    assert_failed(&h, 0, IDE_ERROR_UNC);
    assert_int_equal(ide_lba_ext(&h), 205);
}

static void write_faults_at_the_bad_sector(void **state)
{
    (void)state;
    h.disks[0].bad = 205;
    ide_issue(&h, IDE_WRITE_SECTORS, 200, 10);
    give_blocks(10, 1);
    assert_failed(&h, IDE_STATUS_DF, IDE_ERROR_ABRT);
    assert_int_equal(ide_lba(&h), 205);
    assert_int_equal(ide_in(&h, IDE_SECTOR_COUNT), 5);
    assert_written(0, 200, 5);
}

static void a_passing_error_is_tried_again(void **state)
{
    (void)state;
    h.disks[0].ram.fail_next = BLK_ERROR;
    ide_issue(&h, IDE_READ_SECTORS, 30, 5);
    take_blocks(30, 5, 1);
    h.disks[0].ram.fail_next = BLK_ERROR;
    ide_issue(&h, IDE_WRITE_SECTORS, 30, 5);
    give_blocks(5, 1);
    assert_int_equal(ide_acknowledge(&h), READY);
    assert_written(0, 30, 5);
}

static void read_only_disk_aborts_writes(void **state)
{
    static const uint8_t commands[] = {
        IDE_WRITE_SECTORS,     IDE_WRITE_DMA,          IDE_WRITE_MULTIPLE,         IDE_WRITE_SECTORS_EXT,
        IDE_WRITE_DMA_EXT,     IDE_WRITE_MULTIPLE_EXT, IDE_WRITE_MULTIPLE_FUA_EXT, IDE_WRITE_DMA_FUA_EXT,
    };

    (void)state;
    set_multiple(4);
    h.disks[0].backend.info.read_only = true;
    for (unsigned int i = 0; i < sizeof(commands); i++) {
        ide_issue(&h, commands[i], 0, 1);
        assert_failed(&h, 0, IDE_ERROR_ABRT);
    }
    assert_int_equal(h.disks[0].ram.writes, 0);
}

/* --- durability --- */

static void write_cache_off_means_durable(void **state)
{
    struct ram_disk *ram = &h.disks[0].ram;

    (void)state;
    ide_issue_features(&h, IDE_FEATURE_WRITE_CACHE_OFF, 0);
    assert_int_equal(ide_acknowledge(&h), READY);
    assert_int_equal(ram->flushes, 1);          /* what the cache held before */
    ram->deferred = true;
    ide_issue(&h, IDE_WRITE_SECTORS, 1, 2);
    give_blocks(2, 1);
    assert_true(ram_disk_complete(ram));
    assert_int_equal(ram->flushes, 2);
    assert_int_equal(ide_alternate(&h), IDE_STATUS_BSY);
    assert_false(h.line.high);
    assert_true(ram_disk_complete(ram));
    assert_int_equal(ide_acknowledge(&h), READY);
    ide_issue(&h, IDE_WRITE_SECTORS, 1, 1);
    give_blocks(1, 1);
    assert_true(ram_disk_complete(ram));
    ram->fail_next = BLK_ERROR;
    assert_true(ram_disk_complete(ram));
    assert_failed(&h, IDE_STATUS_DF, IDE_ERROR_ABRT);
    ram->deferred = false;
    ide_issue_features(&h, IDE_FEATURE_WRITE_CACHE_ON, 0);
    ram->flushes = 0;
    ide_issue(&h, IDE_WRITE_SECTORS, 1, 1);
    ide_give(&h, data, 512);
    assert_int_equal(ide_acknowledge(&h), READY);
    assert_int_equal(ram->flushes, 0);
}

static void forced_unit_access_means_durable(void **state)
{
    struct ram_disk *ram = &h.disks[0].ram;

    (void)state;
    set_multiple(4);
    ram->flushes = 0;
    ram->deferred = true;
    ide_issue_ext(&h, IDE_WRITE_MULTIPLE_FUA_EXT, 1, 4);
    ide_give(&h, data, 4 * 512);
    assert_true(ram_disk_complete(ram));
    assert_int_equal(ram->flushes, 1);
    assert_false(h.line.high);
    assert_true(ram_disk_complete(ram));
    assert_int_equal(ide_acknowledge(&h), READY);
}

/* --- slow backends --- */

static void read_waits_busy(void **state)
{
    struct ram_disk *ram = &h.disks[0].ram;

    (void)state;
    ram->deferred = true;
    ide_issue(&h, IDE_READ_SECTORS, 0, 200);
    assert_int_equal(ide_in(&h, IDE_STATUS), IDE_STATUS_BSY);
    assert_int_equal(ide_command_ops.read(&h.channel, IDE_DATA, 2) & 0xffff, 0xffff);
    assert_true(ram_disk_complete(ram));
    for (unsigned int i = 0; i < 128; i++) {
        assert_int_equal(ide_acknowledge(&h), WANTS_DATA);
        ide_take(&h, data, 512);
    }
    assert_false(h.line.high);
    assert_int_equal(ide_in(&h, IDE_STATUS), IDE_STATUS_BSY);
    assert_true(ram_disk_complete(ram));
    take_blocks(128, 72, 1);
    assert_false(ram_disk_complete(ram));
}

static void write_waits_busy(void **state)
{
    struct ram_disk *ram = &h.disks[0].ram;

    (void)state;
    ram->deferred = true;
    ide_issue_ext(&h, IDE_WRITE_SECTORS_EXT, 0, 129);
    give_blocks(128, 1);
    assert_int_equal(ide_in(&h, IDE_STATUS), IDE_STATUS_BSY);
    ide_give(&h, zeros, 512);                       /* nobody takes it */
    assert_true(ram_disk_complete(ram));
    assert_int_equal(ide_acknowledge(&h), WANTS_DATA);
    ide_give(&h, data + 128 * 512, 512);
    assert_int_equal(ide_in(&h, IDE_STATUS), IDE_STATUS_BSY);
    assert_true(ram_disk_complete(ram));
    assert_int_equal(ide_acknowledge(&h), READY);
    assert_written(0, 0, 129);
}

static void reset_waits_for_what_is_in_flight(void **state)
{
    struct ram_disk *ram = &h.disks[0].ram;

    (void)state;
    for (unsigned int early = 0; early < 2; early++) {
        ram->deferred = true;
        ide_issue(&h, IDE_READ_SECTORS, 0, 8);
        ide_control(&h, IDE_CONTROL_SRST);
        if (early)
            assert_true(ram_disk_complete(ram));
        assert_int_equal(ide_in(&h, IDE_STATUS), IDE_STATUS_BSY);
        ide_control(&h, 0);
        if (!early) {
            assert_int_equal(ide_in(&h, IDE_STATUS), IDE_STATUS_BSY);
            ide_out(&h, IDE_COMMAND, IDE_IDENTIFY_DEVICE);      /* too early: not heard */
            assert_true(ram_disk_complete(ram));
        }
        assert_int_equal(ide_in(&h, IDE_STATUS), READY);
        assert_int_equal(ide_in(&h, IDE_LBA_LOW), 1);
        assert_false(h.line.high);
        ram->deferred = false;
        ide_issue(&h, IDE_READ_SECTORS, 9, 1);
        take_blocks(9, 1, 1);
    }
}

static void reset_ends_a_data_phase(void **state)
{
    (void)state;
    ide_issue(&h, IDE_WRITE_SECTORS, 0, 2);
    ide_give(&h, data, 512 + 100);
    ide_control(&h, IDE_CONTROL_SRST);
    ide_control(&h, 0);
    ide_give(&h, data, 512);
    assert_int_equal(ide_in(&h, IDE_STATUS), READY);
    assert_int_equal(h.disks[0].ram.writes, 0);
}

static void a_new_command_waits_for_what_is_in_flight(void **state)
{
    struct ram_disk *ram = &h.disks[0].ram;

    (void)state;
    ram->deferred = true;
    ide_issue(&h, IDE_READ_SECTORS, 0, 8);
    ram->fail_next = BLK_ERROR;                     /* whatever the result is, nobody sees it */
    ide_issue(&h, IDE_READ_SECTORS, 50, 1);
    assert_int_equal(ide_in(&h, IDE_STATUS), IDE_STATUS_BSY);
    assert_true(ram_disk_complete(ram));
    assert_int_equal(ide_in(&h, IDE_STATUS), IDE_STATUS_BSY);
    assert_true(ram_disk_complete(ram));
    take_blocks(50, 1, 1);
}

static void a_new_command_ends_a_data_phase(void **state)
{
    (void)state;
    ide_issue(&h, IDE_WRITE_SECTORS, 0, 2);
    ide_give(&h, data, 100);
    ide_issue(&h, IDE_READ_SECTORS, 60, 1);
    take_blocks(60, 1, 1);
    assert_int_equal(h.disks[0].ram.writes, 0);
}

static void the_other_device_takes_the_channel_over(void **state)
{
    struct ram_disk *ram = &h.disks[0].ram;

    (void)state;
    ram->deferred = true;
    ide_issue(&h, IDE_READ_SECTORS, 0, 8);
    ide_select(&h, 1);
    assert_int_equal(ide_in(&h, IDE_STATUS), READY);
    assert_int_equal(ide_command_ops.read(&h.channel, IDE_DATA, 2) & 0xffff, 0xffff);
    ide_issue(&h, IDE_READ_SECTORS, 70, 2);
    assert_int_equal(ide_in(&h, IDE_STATUS), IDE_STATUS_BSY);
    assert_true(ram_disk_complete(ram));
    take_blocks(70, 2, 1);
    ide_select(&h, 0);
    assert_int_equal(ide_in(&h, IDE_STATUS), FAILED);
    assert_int_equal(ide_in(&h, IDE_ERROR), IDE_ERROR_ABRT);
    assert_false(h.line.high);
}

static void selecting_the_other_device_disturbs_nothing(void **state)
{
    (void)state;
    ide_issue(&h, IDE_READ_SECTORS, 80, 2);
    assert_int_equal(ide_acknowledge(&h), WANTS_DATA);
    ide_take(&h, data, 100);
    ide_select(&h, 1);
    ide_take(&h, data + 2000, 100);
    assert_int_equal(ide_in(&h, IDE_STATUS), READY);
    ide_select(&h, 0);
    ide_take(&h, data + 100, 412);
    assert_pattern(data, 80, 1);
    take_blocks(81, 1, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(read_sectors),
        TEST(read_sectors_ext),
        TEST(read_chs),
        TEST(read_multiple),
        TEST(write_sectors),
        TEST(write_multiple),
        TEST(slave_has_its_own_disk),
        TEST(every_width_of_the_data_port),
        TEST(intrq_outlives_data_that_nobody_acknowledged),
        TEST(data_in_the_wrong_direction_is_ignored),
        TEST(past_the_end),
        TEST(read_stops_at_the_bad_sector),
        TEST(read_multiple_stops_at_the_bad_block),
        TEST(write_faults_at_the_bad_sector),
        TEST(a_passing_error_is_tried_again),
        TEST(read_only_disk_aborts_writes),
        TEST(write_cache_off_means_durable),
        TEST(forced_unit_access_means_durable),
        TEST(read_waits_busy),
        TEST(write_waits_busy),
        TEST(reset_waits_for_what_is_in_flight),
        TEST(reset_ends_a_data_phase),
        TEST(a_new_command_waits_for_what_is_in_flight),
        TEST(a_new_command_ends_a_data_phase),
        TEST(the_other_device_takes_the_channel_over),
        TEST(selecting_the_other_device_disturbs_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
