/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* IDENTIFY DEVICE word by word, and SET FEATURES as it shows there. */
#include "ide_host.h"

#define SECTORS 4096u

static struct ide_host h;
static uint16_t word[256];

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

static int tear_down(void **state)
{
    (void)state;
    ide_host_free(&h);
    return 0;
}

/* `length` characters: the text and spaces after it. */
static void assert_text(unsigned int first, unsigned int length, const char *text)
{
    for (unsigned int i = 0; i < length; i++) {
        char c = word[first + i / 2] >> (i % 2 ? 0 : 8);

        assert_int_equal(c, i < strlen(text) ? text[i] : ' ');
    }
}

static void the_words(void **state)
{
    static const struct {
        unsigned int word;
        uint16_t value;
    } expected[] = {
        { 0, 0x0040 }, { 1, 4 }, { 3, 16 }, { 6, 63 }, { 47, 0x8010 }, { 49, 0x2f00 }, { 50, 0x4000 }, { 51, 0x0200 },
        { 53, 0x0007 }, { 54, 4 }, { 55, 16 }, { 56, 63 }, { 57, 4032 }, { 58, 0 }, { 59, 0 }, { 60, SECTORS },
        { 61, 0 },
        { 63, 0x0407 }, { 64, 0x0003 }, { 65, 120 }, { 66, 120 }, { 67, 120 }, { 68, 120 }, { 80, 0x01f0 },
        { 81, 0x0028 }, { 82, 0x7069 }, { 83, 0x7400 }, { 84, 0x4043 }, { 85, 0x7069 }, { 86, 0x3400 }, { 87, 0x4043 },
        { 88, 0x003f }, { 93, 0x604b }, { 100, SECTORS }, { 101, 0 }, { 102, 0 }, { 103, 0 },
    };
    uint8_t seen[256] = { 0 }, sum = 0;

    (void)state;
    ide_take_identity(&h, word);
    for (unsigned int i = 0; i < sizeof(expected) / sizeof(*expected); i++) {
        assert_int_equal(word[expected[i].word], expected[i].value);
        seen[expected[i].word] = 1;
    }
    assert_text(10, 20, "RX0001");
    assert_text(23, 8, "1.0");
    assert_text(27, 40, "Reflex disk");
    memset(&seen[10], 1, 10);
    memset(&seen[23], 1, 24);
    for (unsigned int i = 0; i < 255; i++)
        if (!seen[i])
            assert_int_equal(word[i], 0);
    assert_int_equal(word[255] & 0xff, 0xa5);
    for (unsigned int i = 0; i < 512; i++)
        sum += ((uint8_t *)word)[i];
    assert_int_equal(sum, 0);
}

static void master_and_slave_know_each_other(void **state)
{
    (void)state;
    ide_take_identity(&h, word);
    assert_int_equal(word[93], 0x603b);
    ide_select(&h, 1);
    ide_take_identity(&h, word);
    assert_int_equal(word[93], 0x6b00);
    assert_int_equal(word[1], 1);
    assert_text(10, 20, "RX0002");
}

static void capacities(void **state)
{
    static const struct {
        uint64_t sectors;
        uint16_t cylinders;
        uint32_t lba28;
    } cases[] = {
        { 5000, 4, 5000 },
        { 16383ull * 1008 - 1, 16382, 16383 * 1008 - 1 },
        { 16383ull * 1008, 16383, 16383 * 1008 },
        { 0x0fffffff, 16383, 0x0fffffff },
        { 0x10000000, 16383, 0x0fffffff },
        { 0x123456789abcull, 16383, 0x0fffffff },
    };

    (void)state;
    for (unsigned int i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        ide_host_grow(&h, cases[i].sectors);
        ide_take_identity(&h, word);
        assert_int_equal(word[1], cases[i].cylinders);
        assert_int_equal(word[57] | (uint32_t)word[58] << 16, cases[i].cylinders * 1008u);
        assert_int_equal(word[60] | (uint32_t)word[61] << 16, cases[i].lba28);
        assert_true((word[100] | (uint64_t)word[101] << 16 | (uint64_t)word[102] << 32 | (uint64_t)word[103] << 48) ==
                    cases[i].sectors);
    }
}

static void names_of_the_owner(void **state)
{
    struct blk_info *info = &h.disks[0].backend.info;

    (void)state;
    info->serial = "a serial number of more than 20";
    info->version = "0.9\xff\n";
    info->model = "";
    ide_host_power(&h);
    ide_take_identity(&h, word);
    assert_text(10, 20, "a serial number of m");
    assert_text(23, 8, "0.9");
    assert_text(27, 40, "");
}

/* Words 1, 3, 6, 54 to 58, and what a CHS address then means. */
static void geometry_of_the_owner(void **state)
{
    uint16_t sector[256];

    (void)state;
    h.disks[0].backend.info.geometry = (struct blk_geometry){ 20, 4, 17 };
    ide_host_power(&h);
    ide_take_identity(&h, word);
    assert_int_equal(word[1], 20);
    assert_int_equal(word[3], 4);
    assert_int_equal(word[6], 17);
    assert_int_equal(word[54], 20);
    assert_int_equal(word[55], 4);
    assert_int_equal(word[56], 17);
    assert_int_equal(word[57], 20 * 4 * 17);
    assert_int_equal(word[60], SECTORS);
    ide_issue_chs(&h, IDE_READ_SECTORS, 2, 3, 17, 1);
    assert_int_equal(ide_acknowledge(&h), WANTS_DATA);
    ide_take(&h, sector, sizeof(sector));
    assert_pattern(sector, (2 * 4 + 3) * 17 + 16, 1);
}

/* A geometry that the task file cannot say is not taken over; one larger than the disk ends where the disk does. */
static void odd_geometries(void **state)
{
    static const struct blk_geometry impossible[] = { { 4, 17, 63 }, { 4, 0, 63 }, { 0, 16, 63 }, { 4, 16, 0 } };

    (void)state;
    for (unsigned int i = 0; i < sizeof(impossible) / sizeof(*impossible); i++) {
        h.disks[0].backend.info.geometry = impossible[i];
        ide_host_power(&h);
        ide_take_identity(&h, word);
        assert_int_equal(word[1], 4);
        assert_int_equal(word[3], 16);
        assert_int_equal(word[6], 63);
    }
    h.disks[0].backend.info.geometry = (struct blk_geometry){ 65535, 16, 255 };
    ide_host_power(&h);
    ide_take_identity(&h, word);
    assert_int_equal(word[57] | word[58] << 16, 65535 * 16 * 255);
    ide_issue_chs(&h, IDE_READ_SECTORS, 65534, 15, 255, 1);
    assert_failed(&h, 0, IDE_ERROR_IDNF);
}

static void trim_is_there_when_the_backend_can(void **state)
{
    struct blk_info *info = &h.disks[0].backend.info;

    (void)state;
    info->discard = true;
    ide_host_power(&h);
    ide_take_identity(&h, word);
    assert_int_equal(word[69], 0);
    assert_int_equal(word[105], 8);
    assert_int_equal(word[169], 1);
    info->read_only = true;
    ide_take_identity(&h, word);
    assert_int_equal(word[105], 0);
    assert_int_equal(word[169], 0);
}

static void no_flush_no_write_cache(void **state)
{
    (void)state;
    h.disks[0].backend.info.flush = false;
    ide_host_power(&h);
    ide_take_identity(&h, word);
    assert_int_equal(word[82], 0x7049);
    assert_int_equal(word[85], 0x7049);
    assert_int_equal(word[83], 0x7400);
    ide_issue_features(&h, IDE_FEATURE_WRITE_CACHE_ON, 0);
    assert_failed(&h, 0, IDE_ERROR_ABRT);
    ide_issue_features(&h, IDE_FEATURE_WRITE_CACHE_OFF, 0);
    assert_int_equal(ide_acknowledge(&h), READY);
    assert_int_equal(h.disks[0].ram.flushes, 0);
}

static void caches(void **state)
{
    static const struct {
        uint8_t subcommand;
        uint16_t word85;
    } steps[] = {
        { IDE_FEATURE_WRITE_CACHE_OFF, 0x7049 }, { IDE_FEATURE_LOOK_AHEAD_OFF, 0x7009 },
        { IDE_FEATURE_WRITE_CACHE_ON, 0x7029 },  { IDE_FEATURE_LOOK_AHEAD_ON, 0x7069 },
    };

    (void)state;
    for (unsigned int i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
        ide_issue_features(&h, steps[i].subcommand, 0);
        assert_int_equal(ide_acknowledge(&h), READY);
        ide_take_identity(&h, word);
        assert_int_equal(word[85], steps[i].word85);
        assert_int_equal(word[82], 0x7069);
    }
}

static void transfer_modes(void **state)
{
    uint16_t word63 = 0x0407, word88 = 0x003f;

    (void)state;
    for (unsigned int i = 0; i < 512; i++) {            /* up and down again */
        unsigned int mode = i < 256 ? i : 511 - i;
        bool pio = mode <= 1 || (mode >= 0x08 && mode <= 0x0c), mwdma = mode >= 0x20 && mode <= 0x22;
        bool udma = mode >= 0x40 && mode <= 0x45;

        ide_issue_features(&h, IDE_FEATURE_TRANSFER_MODE, mode);
        assert_int_equal(ide_acknowledge(&h), pio || mwdma || udma ? READY : FAILED);
        if (mwdma) {
            word63 = 0x0007 | 0x100 << (mode - 0x20);
            word88 = 0x003f;
        } else if (udma) {
            word63 = 0x0007;
            word88 = 0x003f | 0x100 << (mode - 0x40);
        }
        ide_take_identity(&h, word);
        assert_int_equal(word[63], word63);
        assert_int_equal(word[88], word88);
    }
}

static void multiple_mode(void **state)
{
    (void)state;
    ide_out(&h, IDE_SECTOR_COUNT, 16);
    ide_out(&h, IDE_COMMAND, IDE_SET_MULTIPLE_MODE);
    ide_take_identity(&h, word);
    assert_int_equal(word[59], 0x0110);
}

static void unknown_features_abort(void **state)
{
    static const uint8_t known[] = { 0x02, 0x03, 0x55, 0x66, 0x82, 0xaa, 0xcc };

    (void)state;
    for (unsigned int subcommand = 0; subcommand < 256; subcommand++) {
        if (memchr(known, subcommand, sizeof(known)))
            continue;
        ide_issue_features(&h, subcommand, 0);
        assert_failed(&h, 0, IDE_ERROR_ABRT);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_words),
        cmocka_unit_test_setup_teardown(master_and_slave_know_each_other, set_up_two, tear_down),
        TEST(capacities),
        TEST(trim_is_there_when_the_backend_can),
        TEST(names_of_the_owner),
        TEST(geometry_of_the_owner),
        TEST(odd_geometries),
        TEST(no_flush_no_write_cache),
        TEST(caches),
        TEST(transfer_modes),
        TEST(multiple_mode),
        TEST(unknown_features_abort),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
