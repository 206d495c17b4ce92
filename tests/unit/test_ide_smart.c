/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* SMART: who may ask, what a page says, and that the logs tell what has happened. */
#include "ide_host.h"

#define SECTORS 4096u
#define ENTRY(i) (&page[2 + 90 * (i)])      /* of the error log */

static struct ide_host h;
static uint8_t page[512];

static int set_up(void **state)
{
    (void)state;
    ide_host_init(&h, SECTORS, 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ide_host_free(&h);
    return 0;
}

static void issue(uint8_t subcommand, uint8_t count, uint8_t low)
{
    ide_out(&h, IDE_FEATURES, subcommand);
    ide_out(&h, IDE_SECTOR_COUNT, count);
    ide_out(&h, IDE_LBA_LOW, low);
    ide_out(&h, IDE_LBA_MID, IDE_SMART_KEY_MID);
    ide_out(&h, IDE_LBA_HIGH, IDE_SMART_KEY_HIGH);
    ide_out(&h, IDE_COMMAND, IDE_SMART);
}

static void assert_ends(uint8_t subcommand, uint8_t count, uint8_t low)
{
    issue(subcommand, count, low);
    assert_int_equal(ide_acknowledge(&h), READY);
}

static void assert_aborts(uint8_t subcommand, uint8_t count, uint8_t low)
{
    issue(subcommand, count, low);
    assert_failed(&h, 0, IDE_ERROR_ABRT);
}

static uint16_t word_at(unsigned int offset)
{
    return page[offset] | page[offset + 1] << 8;
}

/* Every page sums up to zero. */
static void take_page(uint8_t subcommand, uint8_t count, uint8_t low)
{
    uint8_t sum = 0;

    issue(subcommand, count, low);
    assert_int_equal(ide_acknowledge(&h), WANTS_DATA);
    ide_take(&h, page, sizeof(page));
    assert_int_equal(ide_in(&h, IDE_STATUS), READY);
    for (unsigned int i = 0; i < sizeof(page); i++)
        sum += page[i];
    assert_int_equal(sum, 0);
}

static void the_key(void **state)
{
    static const uint8_t wrong[][2] = { { 0, 0 }, { 0x4f, 0 }, { 0, 0xc2 }, { 0xc2, 0x4f } };

    (void)state;
    for (unsigned int i = 0; i < 4; i++) {
        ide_out(&h, IDE_FEATURES, IDE_SMART_RETURN_STATUS);
        ide_out(&h, IDE_LBA_MID, wrong[i][0]);
        ide_out(&h, IDE_LBA_HIGH, wrong[i][1]);
        ide_out(&h, IDE_COMMAND, IDE_SMART);
        assert_failed(&h, 0, IDE_ERROR_ABRT);
    }
    assert_ends(IDE_SMART_RETURN_STATUS, 0, 0);
    assert_int_equal(ide_in(&h, IDE_LBA_MID), 0x4f);
    assert_int_equal(ide_in(&h, IDE_LBA_HIGH), 0xc2);
}

static void subcommands(void **state)
{
    (void)state;
    for (unsigned int subcommand = 0; subcommand < 256; subcommand++) {
        issue(subcommand, 1, 1);
        switch (subcommand) {
        case 0xd0:
        case 0xd1:
        case 0xd5:
            assert_int_equal(ide_acknowledge(&h), WANTS_DATA);
            break;
        case 0xd9:
            assert_int_equal(ide_acknowledge(&h), READY);
            assert_ends(IDE_SMART_ENABLE, 0, 0);
            break;
        case 0xd3:
        case 0xd4:
        case 0xd8:
        case 0xda:
            assert_int_equal(ide_acknowledge(&h), READY);
            break;
        default:                            /* 0xd2 among them: 1 is neither on nor off */
            assert_failed(&h, 0, IDE_ERROR_ABRT);
        }
    }
    assert_ends(IDE_SMART_AUTOSAVE, 0xf1, 0);
    assert_ends(IDE_SMART_AUTOSAVE, 0x00, 0);
}

/* Disabled, it knows one subcommand; no reset enables it. */
static void disabled(void **state)
{
    uint16_t word[256];

    (void)state;
    assert_ends(IDE_SMART_DISABLE, 0, 0);
    ide_take_identity(&h, word);
    assert_int_equal(word[82] & 1, 1);
    assert_int_equal(word[85] & 1, 0);
    ide_control(&h, IDE_CONTROL_SRST);
    ide_control(&h, 0);
    for (unsigned int subcommand = 0; subcommand < 256; subcommand++)
        if (subcommand != IDE_SMART_ENABLE)
            assert_aborts(subcommand, 1, 1);
    assert_ends(IDE_SMART_ENABLE, 0, 0);
    ide_take_identity(&h, word);
    assert_int_equal(word[85] & 1, 1);
}

static void data_and_thresholds(void **state)
{
    uint8_t ids[30] = { 0 }, values[30];
    unsigned int count = 0;

    (void)state;
    take_page(IDE_SMART_READ_DATA, 0, 0);
    assert_int_equal(word_at(0), 0x0010);
    for (; page[2 + 12 * count]; count++) {
        ids[count] = page[2 + 12 * count];
        values[count] = page[5 + 12 * count];
        assert_true(values[count] >= 1 && values[count] <= 253);
        assert_int_equal(page[6 + 12 * count], values[count]);
    }
    assert_true(count > 0 && count <= 30);
    assert_int_equal(page[362], 0);
    assert_int_equal(page[363], 0);
    assert_int_equal(page[367], 0x11);
    assert_int_equal(word_at(368), 0x0003);
    assert_int_equal(page[370], 0x01);
    take_page(IDE_SMART_READ_THRESHOLDS, 0, 0);
    assert_int_equal(word_at(0), 0x0010);
    for (unsigned int i = 0; i < 30; i++)
        assert_int_equal(page[2 + 12 * i], ids[i]);
    for (unsigned int i = 0; i < count; i++)
        assert_true(page[3 + 12 * i] < values[i]);      /* healthy */
}

static void off_line(void **state)
{
    static const uint8_t tests[] = { 0x01, 0x02, 0x81, 0x82 };

    (void)state;
    assert_ends(IDE_SMART_EXECUTE_OFF_LINE, 0, 0x00);
    take_page(IDE_SMART_READ_DATA, 0, 0);
    assert_int_equal(page[362], 0x02);
    assert_ends(IDE_SMART_EXECUTE_OFF_LINE, 0, 0x7f);
    for (unsigned int low = 3; low < 256; low++)
        if (low != 0x7f && low != 0x81 && low != 0x82)
            assert_aborts(IDE_SMART_EXECUTE_OFF_LINE, 0, low);
    take_page(IDE_SMART_READ_LOG, 1, 6);
    assert_int_equal(word_at(0), 1);
    assert_int_equal(page[508], 0);
    for (unsigned int i = 0; i < 23; i++) {
        assert_ends(IDE_SMART_EXECUTE_OFF_LINE, 0, tests[i % 4]);
        assert_int_equal(ide_in(&h, IDE_LBA_MID), 0x4f);        /* captive: passed */
        assert_int_equal(ide_in(&h, IDE_LBA_HIGH), 0xc2);
        take_page(IDE_SMART_READ_LOG, 1, 6);
        assert_int_equal(page[508], i % 21 + 1);
        assert_int_equal(page[2 + 24 * (i % 21)], tests[i % 4]);
        assert_int_equal(page[3 + 24 * (i % 21)], 0);
    }
}

static void logs_there_are(void **state)
{
    (void)state;
    take_page(IDE_SMART_READ_LOG, 1, 0);
    assert_int_equal(word_at(0), 1);
    for (unsigned int log = 1; log < 255; log++)
        assert_int_equal(word_at(2 * log), log == 1 || log == 6);
    for (unsigned int log = 0; log < 256; log++) {
        assert_aborts(IDE_SMART_READ_LOG, 0, log);
        assert_aborts(IDE_SMART_READ_LOG, 2, log);
        if (log != 0 && log != 1 && log != 6)
            assert_aborts(IDE_SMART_READ_LOG, 1, log);
    }
}

static void errors_are_logged(void **state)
{
    static const uint8_t asked[] = { 0, 0, 4, 48, 0, 0, 0x40, IDE_READ_VERIFY };
    static const uint8_t found[] = { 0, IDE_ERROR_UNC, 2, 50, 0, 0, 0x40, FAILED };

    (void)state;
    take_page(IDE_SMART_READ_LOG, 1, 1);
    assert_int_equal(page[0], 1);
    assert_int_equal(page[1], 0);
    assert_int_equal(word_at(452), 0);
    h.disks[0].bad = 50;
    ide_issue(&h, IDE_READ_VERIFY, 48, 4);
    assert_failed(&h, 0, IDE_ERROR_UNC);
    ide_issue(&h, IDE_READ_VERIFY, SECTORS, 1);                 /* the host's error, not the medium's */
    assert_failed(&h, 0, IDE_ERROR_IDNF);
    take_page(IDE_SMART_READ_LOG, 1, 1);
    assert_int_equal(page[1], 1);
    assert_int_equal(word_at(452), 1);
    assert_memory_equal(ENTRY(0) + 48, asked, 8);
    assert_memory_equal(ENTRY(0) + 60, found, 8);
    for (unsigned int i = 1; i < 7; i++) {
        ide_issue(&h, IDE_READ_SECTORS, 50, 1);
        assert_failed(&h, 0, IDE_ERROR_UNC);
    }
    take_page(IDE_SMART_READ_LOG, 1, 1);
    assert_int_equal(page[1], 2);                               /* the seventh, after five and one */
    assert_int_equal(word_at(452), 7);
    assert_int_equal(ENTRY(0)[48 + 7], IDE_READ_SECTORS);
    take_page(IDE_SMART_READ_DATA, 0, 0);
    for (unsigned int i = 0; i < 30; i++)
        if (page[2 + 12 * i] == 187)
            assert_int_equal(word_at(7 + 12 * i), 7);
    ide_control(&h, IDE_CONTROL_SRST);
    ide_control(&h, 0);
    take_page(IDE_SMART_READ_LOG, 1, 1);
    assert_int_equal(word_at(452), 7);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_key),
        TEST(subcommands),
        TEST(disabled),
        TEST(data_and_thresholds),
        TEST(off_line),
        TEST(logs_there_are),
        TEST(errors_are_logged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
