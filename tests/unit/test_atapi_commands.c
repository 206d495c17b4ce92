/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What the packets answer, byte by byte, and which of their fields are refused. */
#include "atapi_host.h"

static uint8_t bytes[64 * ATAPI_FRAME_SIZE];

static void assert_refused(const uint8_t *packet)
{
    cd_assert_fails(&h, packet, ATAPI_ILLEGAL_REQUEST, ATAPI_INVALID_FIELD_IN_CDB);
}

#define assert_answer(packet, ...)                                              \
    do {                                                                        \
        static const uint8_t expected[] = { __VA_ARGS__ };                      \
                                                                                \
        memset(bytes, 0xee, sizeof(expected));                                  \
        assert_int_equal(cd_ask(&h, packet, bytes, sizeof(bytes)), sizeof(expected)); \
        assert_memory_equal(bytes, expected, sizeof(expected));                 \
    } while (0)

/* 1000 blocks: the lead-out is at 1150 frames, 00:15:25. */
#define LEAD_OUT_MSF 0, 15, 25
#define LEAD_OUT_LBA 0, 0, 3, 232

static void unknown_packets(void **state)
{
    static const uint8_t codes[] = { 0x04, 0x08, 0x0a, 0x15, 0x1a, 0x2a, 0x45, 0x4b, 0xa1, 0xac, 0xff };

    (void)state;
    for (unsigned int i = 0; i < sizeof(codes); i++)
        cd_assert_fails(&h, PACKET(codes[i]), ATAPI_ILLEGAL_REQUEST, ATAPI_INVALID_OPERATION_CODE);
}

static void inquiry(void **state)
{
    (void)state;
    assert_answer(PACKET(ATAPI_INQUIRY, [4] = 255), 0x05, 0x80, 0, 0x21, 31, 0, 0, 0, 'R', 'e', 'f', 'l', 'e', 'x',
                  ' ', ' ', 'D', 'V', 'D', '-', 'R', 'O', 'M', ' ', ' ', ' ', ' ', ' ', ' ', ' ', ' ', ' ', '1', '.',
                  '0', ' ');
    assert_refused(PACKET(ATAPI_INQUIRY, 0x01, 0x00, [4] = 255));
    assert_refused(PACKET(ATAPI_INQUIRY, 0x00, 0x80, [4] = 255));
}

static void capacity(void **state)
{
    (void)state;
    assert_answer(PACKET(ATAPI_READ_CAPACITY), 0, 0, 3, 231, 0, 0, 8, 0);
}

static void tracks(void **state)
{
    (void)state;
    assert_answer(PACKET(ATAPI_READ_TOC_PMA_ATIP, [8] = 255), 0, 18, 1, 1, 0, 0x14, 1, 0, 0, 0, 0, 0, 0, 0x14, 0xaa,
                  0, LEAD_OUT_LBA);
    assert_answer(PACKET(ATAPI_READ_TOC_PMA_ATIP, ATAPI_MSF, [6] = 1, [8] = 255), 0, 18, 1, 1, 0, 0x14, 1, 0, 0, 0, 2,
                  0, 0, 0x14, 0xaa, 0, 0, LEAD_OUT_MSF);
    assert_answer(PACKET(ATAPI_READ_TOC_PMA_ATIP, [6] = 0xaa, [8] = 255), 0, 10, 1, 1, 0, 0x14, 0xaa, 0,
                  LEAD_OUT_LBA);
    assert_answer(PACKET(ATAPI_READ_TOC_PMA_ATIP, [8] = 4), 0, 18, 1, 1);
    assert_refused(PACKET(ATAPI_READ_TOC_PMA_ATIP, [6] = 2, [8] = 255));
}

static void sessions(void **state)
{
    (void)state;
    assert_answer(PACKET(ATAPI_READ_TOC_PMA_ATIP, [2] = 1, [8] = 255), 0, 10, 1, 1, 0, 0x14, 1, 0, 0, 0, 0, 0);
    assert_answer(PACKET(ATAPI_READ_TOC_PMA_ATIP, ATAPI_MSF, [8] = 12, [9] = 0x40), 0, 10, 1, 1, 0, 0x14, 1, 0, 0, 0,
                  2, 0);
}

static void full_toc(void **state)
{
    (void)state;
    assert_answer(PACKET(ATAPI_READ_TOC_PMA_ATIP, [2] = 2, [8] = 255), 0, 46, 1, 1,
                  1, 0x14, 0, 0xa0, 0, 0, 0, 0, 1, 0, 0,
                  1, 0x14, 0, 0xa1, 0, 0, 0, 0, 1, 0, 0,
                  1, 0x14, 0, 0xa2, 0, 0, 0, 0, LEAD_OUT_MSF,
                  1, 0x14, 0, 1, 0, 0, 0, 0, 0, 2, 0);
    for (uint8_t format = 3; format < 16; format++)
        assert_refused(PACKET(ATAPI_READ_TOC_PMA_ATIP, [2] = format, [8] = 255));
}

static void sub_channel(void **state)
{
    (void)state;
    cd_do(&h, PACKET(ATAPI_SEEK_10, [5] = 75));
    assert_answer(PACKET(ATAPI_READ_SUB_CHANNEL, [8] = 255), 0, 0x15, 0, 0);
    assert_answer(PACKET(ATAPI_READ_SUB_CHANNEL, 0, 0x40, 1, [8] = 255), 0, 0x15, 0, 12, 1, 0x14, 1, 1, 0, 0, 0, 75,
                  0, 0, 0, 75);
    assert_answer(PACKET(ATAPI_READ_SUB_CHANNEL, ATAPI_MSF, 0x40, 1, [8] = 255), 0, 0x15, 0, 12, 1, 0x14, 1, 1, 0, 0,
                  3, 0, 0, 0, 1, 0);
    assert_answer(PACKET(ATAPI_READ_SUB_CHANNEL, 0, 0x40, 2, [8] = 8), 0, 0x15, 0, 20, 2, 0, 0, 0);
    assert_answer(PACKET(ATAPI_READ_SUB_CHANNEL, 0, 0x40, 3, [8] = 8), 0, 0x15, 0, 20, 3, 0x14, 1, 0);
    assert_refused(PACKET(ATAPI_READ_SUB_CHANNEL, 0, 0x40, 4, [8] = 8));
}

static void disc_and_track(void **state)
{
    (void)state;
    assert_answer(PACKET(ATAPI_READ_DISC_INFORMATION, [8] = 255), 0, 32, 0x0e, 1, 1, 1, 1, 0x20, 0, 0, 0, 0, 0, 0, 0, 0,
                  0, 0xff, 0xff, 0xff, 0, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    assert_refused(PACKET(ATAPI_READ_DISC_INFORMATION, 1, [8] = 255));
    assert_answer(PACKET(ATAPI_READ_TRACK_INFORMATION, 1, [5] = 1, [8] = 28), 0, 34, 1, 1, 0, 4, 1, 0, 0, 0, 0, 0,
                  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, LEAD_OUT_LBA);
    assert_answer(PACKET(ATAPI_READ_TRACK_INFORMATION, 0, [5] = 99, [8] = 4), 0, 34, 1, 1);
    assert_refused(PACKET(ATAPI_READ_TRACK_INFORMATION, 1, [5] = 2, [8] = 28));
    assert_refused(PACKET(ATAPI_READ_TRACK_INFORMATION, 0, [4] = 3, [5] = 232, [8] = 28));
}

static void mechanism_and_speed(void **state)
{
    (void)state;
    cd_do(&h, PACKET(ATAPI_SEEK_10, [4] = 3, [5] = 7));
    assert_answer(PACKET(ATAPI_MECHANISM_STATUS, [9] = 8), 0, 0, 0, 3, 7, 1, 0, 0);
    cd_do(&h, PACKET(ATAPI_SET_CD_SPEED, 0, 0xff, 0xff, 0xff, 0xff));
    cd_assert_fails(&h, PACKET(ATAPI_SEEK_10, [4] = 3, [5] = 232), ATAPI_ILLEGAL_REQUEST, ATAPI_BLOCK_OUT_OF_RANGE);
}

/* --- mode pages --- */

#define ERROR_PAGE 0x01, 6, 0, 1, 0, 0, 0, 0
#define DEVICE_PAGE 0x0d, 6, 0, 0, 0, 60, 0, 75
#define AUDIO_PAGE 0x0e, 14, 4, 0, 0, 0, 0, 75, 1, 0xff, 2, 0xff, 0, 0, 0, 0
#define CAPABILITIES 0x2a, 20, 0x0b, 0, 0, 0, 0x29, 0, 0x21, 0x13, 0, 0, 0, 64, 0x21, 0x13, 0, 0, 0, 0, 0, 0

static void mode_sense(void **state)
{
    (void)state;
    assert_answer(PACKET(ATAPI_MODE_SENSE_10, [2] = 0x2a, [8] = 255), 0, 28, 1, 0, 0, 0, 0, 0, CAPABILITIES);
    assert_answer(PACKET(ATAPI_MODE_SENSE_10, [2] = 0x3f, [8] = 255), 0, 60, 1, 0, 0, 0, 0, 0, ERROR_PAGE, DEVICE_PAGE,
                  AUDIO_PAGE, CAPABILITIES);
    assert_answer(PACKET(ATAPI_MODE_SENSE_10, [2] = 0x41, [8] = 255), 0, 14, 1, 0, 0, 0, 0, 0, 1, 6, 0x37, 0xff, 0, 0,
                  0, 0);
    assert_answer(PACKET(ATAPI_MODE_SENSE_10, [2] = 0x81, [8] = 10), 0, 14, 1, 0, 0, 0, 0, 0, 1, 6);
    cd_assert_fails(&h, PACKET(ATAPI_MODE_SENSE_10, [2] = 0xc1, [8] = 255), ATAPI_ILLEGAL_REQUEST,
                    ATAPI_SAVING_NOT_SUPPORTED);
    assert_refused(PACKET(ATAPI_MODE_SENSE_10, [2] = 0x05, [8] = 255));
    assert_refused(PACKET(ATAPI_MODE_SENSE_10, [2] = 0x01, [3] = 1, [8] = 255));
    cd_change(&h, 0);
    assert_answer(PACKET(ATAPI_MODE_SENSE_10, [2] = 0x01, [8] = 3), 0, 14, 0x70);
}

static void select_mode(const uint8_t *list, uint8_t length, bool good, uint16_t code)
{
    cd_send(&h, PACKET(ATAPI_MODE_SELECT_10, 0x10, [8] = length), CD_LIMIT, false);
    assert_int_equal(ide_acknowledge(&h), WANTS_DATA);
    assert_int_equal(ide_in(&h, IDE_SECTOR_COUNT) & 7, 0);
    assert_int_equal(ide_in(&h, IDE_LBA_MID), length);
    ide_give(&h, list, length + 1);
    if (good)
        assert_int_equal(ide_acknowledge(&h), READY);
    else
        cd_assert_sense(&h, ATAPI_ILLEGAL_REQUEST, code);
}

static void mode_select(void **state)
{
    uint8_t list[8 + 8 + 16 + 1] = { 0, 0, 0, 0, 0, 0, 0, 0, 1, 6, 0x20, 7, 0, 0, 0, 0, AUDIO_PAGE };

    (void)state;
    list[8 + 8 + 9] = 0x40;                             /* volume */
    select_mode(list, 32, true, 0);
    assert_answer(PACKET(ATAPI_MODE_SENSE_10, [2] = 0x01, [8] = 255), 0, 14, 1, 0, 0, 0, 0, 0, 1, 6, 0x20, 7, 0, 0, 0,
                  0);
    assert_answer(PACKET(ATAPI_MODE_SENSE_10, [2] = 0x0e, [8] = 18), 0, 22, 1, 0, 0, 0, 0, 0, 0x0e, 14, 4, 0, 0, 0, 0,
                  75, 1, 0x40);
    assert_answer(PACKET(ATAPI_MODE_SENSE_10, [2] = 0x81, [8] = 255), 0, 14, 1, 0, 0, 0, 0, 0, ERROR_PAGE);
    list[11] = 8;
    list[8 + 8 + 2] = 0;                                /* what cannot be changed: then nothing is */
    select_mode(list, 32, false, ATAPI_INVALID_FIELD_IN_LIST);
    select_mode(list, 31, false, ATAPI_INVALID_FIELD_IN_LIST);
    select_mode(list, 9, false, ATAPI_INVALID_FIELD_IN_LIST);
    select_mode(list, 7, false, ATAPI_PARAMETER_LIST_LENGTH);
    list[7] = 8;                                        /* a block descriptor */
    select_mode(list, 16, false, ATAPI_INVALID_FIELD_IN_LIST);
    assert_answer(PACKET(ATAPI_MODE_SENSE_10, [2] = 0x01, [8] = 12), 0, 14, 1, 0, 0, 0, 0, 0, 1, 6, 0x20, 7);
    list[7] = 0;
    list[8] = 0x2a;
    select_mode(list, 16, false, ATAPI_INVALID_FIELD_IN_LIST);
    assert_refused(PACKET(ATAPI_MODE_SELECT_10, 0x11, [8] = 16));
    assert_refused(PACKET(ATAPI_MODE_SELECT_10, 0x00, [8] = 16));
    cd_do(&h, PACKET(ATAPI_MODE_SELECT_10, 0x10));
    ide_out(&h, IDE_COMMAND, IDE_DEVICE_RESET);
    cd_assert_fails(&h, PACKET(ATAPI_TEST_UNIT_READY), ATAPI_UNIT_ATTENTION, ATAPI_RESET_OCCURRED);
    assert_answer(PACKET(ATAPI_MODE_SENSE_10, [2] = 0x01, [8] = 255), 0, 14, 1, 0, 0, 0, 0, 0, ERROR_PAGE);
}

/* --- features --- */

static void configuration(void **state)
{
    (void)state;
    assert_answer(PACKET(ATAPI_GET_CONFIGURATION, [8] = 255), 0, 0, 0, 76, 0, 0, 0, 8,
                  0, 0, 3, 8, 0, 0x10, 0, 0, 0, 8, 1, 0,
                  0, 1, 7, 8, 0, 0, 0, 2, 0, 0, 0, 0,
                  0, 2, 3, 4, 0, 0, 0, 0,
                  0, 3, 3, 4, 0x29, 0, 0, 0,
                  0, 0x10, 1, 8, 0, 0, 8, 0, 0, 1, 1, 0,
                  0, 0x1e, 5, 4, 0, 0, 0, 0,
                  0, 0x1f, 0, 0,
                  1, 0, 3, 0,
                  1, 5, 3, 0);
    assert_answer(PACKET(ATAPI_GET_CONFIGURATION, 1, 0, 0x1e, [8] = 255), 0, 0, 0, 20, 0, 0, 0, 8, 0, 0x1e, 5, 4, 0, 0,
                  0, 0, 1, 0, 3, 0, 1, 5, 3, 0);
    assert_answer(PACKET(ATAPI_GET_CONFIGURATION, 2, 0, 0x1f, [8] = 255), 0, 0, 0, 8, 0, 0, 0, 8, 0, 0x1f, 0, 0);
    assert_answer(PACKET(ATAPI_GET_CONFIGURATION, 2, 0, 0x2a, [8] = 255), 0, 0, 0, 4, 0, 0, 0, 8);
    assert_refused(PACKET(ATAPI_GET_CONFIGURATION, 3, [8] = 255));
    cd_change(&h, 0);
    assert_answer(PACKET(ATAPI_GET_CONFIGURATION, 2, 0, 0x1e, [8] = 255), 0, 0, 0, 12, 0, 0, 0, 0, 0, 0x1e, 4, 4, 0, 0,
                  0, 0);
}

static void a_large_medium_is_a_dvd(void **state)
{
    (void)state;
    cd_assert_fails(&h, PACKET(ATAPI_READ_DVD_STRUCTURE, [9] = 8), ATAPI_ILLEGAL_REQUEST, ATAPI_INCOMPATIBLE_FORMAT);
    cd_change(&h, 360001);
    cd_assert_fails(&h, PACKET(ATAPI_TEST_UNIT_READY), ATAPI_UNIT_ATTENTION, ATAPI_MEDIUM_MAY_HAVE_CHANGED);
    assert_answer(PACKET(ATAPI_GET_CONFIGURATION, 2, 0, 0x1f, [8] = 255), 0, 0, 0, 8, 0, 0, 0, 0x10, 0, 0x1f, 1, 0);
    assert_int_equal(cd_ask(&h, PACKET(ATAPI_READ_DVD_STRUCTURE, [8] = 8, [9] = 4), bytes, sizeof(bytes)), 2052);
    assert_memory_equal(bytes, ((const uint8_t[]){ 0x08, 0x02, 0, 0, 0x01, 0x0f, 0x01, 0, 0, 3, 0, 0, 0, 8, 0x7e,
                                                   0x40 }), 16);
    assert_answer(PACKET(ATAPI_READ_DVD_STRUCTURE, [7] = 1, [9] = 255), 0, 6, 0, 0, 0, 0, 0, 0);
    assert_answer(PACKET(ATAPI_READ_DVD_STRUCTURE, [7] = 0xff, [9] = 255), 0, 14, 0, 0, 0, 0x40, 0x08, 0x04, 1, 0x40,
                  0, 8, 4, 0x40, 0x08, 0x04);
    assert_refused(PACKET(ATAPI_READ_DVD_STRUCTURE, [7] = 2, [9] = 255));
    assert_refused(PACKET(ATAPI_READ_DVD_STRUCTURE, [6] = 1, [9] = 255));
}

/* --- READ CD --- */

static uint8_t times(uint8_t a, uint8_t b)
{
    uint8_t product = 0;

    for (; b; b >>= 1) {
        if (b & 1)
            product ^= a;
        a = (uint8_t)(a << 1 ^ (a >> 7) * 0x1d);
    }
    return product;
}

/* Each code word sums up to 0, and so does it weighted with descending powers of two, parity bytes last (ECMA-130
 * annex A).  `after`: where the two parity bytes lie, from byte 12 of the frame on. */
static void assert_code_word(const uint8_t *frame, unsigned int first, unsigned int step, unsigned int length,
                             unsigned int modulo, const unsigned int after[2])
{
    const uint8_t *base = frame + 12;
    uint8_t sum = 0, weighted = 0;

    for (unsigned int i = 0; i < length + 2; i++) {
        uint8_t value = base[i < length ? (first + i * step) % modulo : after[i - length]];

        sum ^= value;
        weighted = times(weighted, 2) ^ value;
    }
    assert_int_equal(sum, 0);
    assert_int_equal(weighted, 0);
}

static void assert_frame(const uint8_t *frame, uint32_t block)
{
    static const uint8_t sync[12] = { 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0 };
    uint32_t edc = 0, at = block + 150;

    assert_memory_equal(frame, sync, 12);
    assert_int_equal(frame[12], at / 4500 / 10 * 16 + at / 4500 % 10);
    assert_int_equal(frame[13], at / 75 % 60 / 10 * 16 + at / 75 % 60 % 10);
    assert_int_equal(frame[14], at % 75 / 10 * 16 + at % 75 % 10);
    assert_int_equal(frame[15], 1);
    assert_pattern(frame + 16, block * 4, 4);
    for (unsigned int i = 0; i < 2068 * 8; i++) {       /* the remainder of data with its check sum is 0 */
        edc ^= frame[i / 8] >> i % 8 & 1;
        edc = edc & 1 ? edc >> 1 ^ 0xd8018001u : edc >> 1;
    }
    assert_int_equal(edc, 0);
    for (unsigned int i = 2068; i < 2076; i++)
        assert_int_equal(frame[i], 0);
    for (unsigned int i = 0; i < 86; i++)
        assert_code_word(frame, i, 86, 24, 2064, (const unsigned int[]){ 2064 + i, 2150 + i });
    for (unsigned int i = 0; i < 52; i++)
        assert_code_word(frame, i / 2 * 86 + i % 2, 88, 43, 2236, (const unsigned int[]){ 2236 + i, 2288 + i });
}

static void raw_blocks(void **state)
{
    (void)state;
    assert_int_equal(cd_ask(&h, PACKET(ATAPI_READ_CD, [4] = 2, [5] = 20, [8] = 50, [9] = 0xf8), bytes, sizeof(bytes)),
                     50 * ATAPI_FRAME_SIZE);
    for (unsigned int i = 0; i < 50; i++)
        assert_frame(bytes + i * ATAPI_FRAME_SIZE, 532 + i);
}

/* The same fields, each for itself. */
static void fields_of_blocks(void **state)
{
    static const struct {
        uint8_t fields;
        unsigned int before, size;
    } cases[] = {
        { 0x10, 16, 2048 }, { 0x18, 16, 2336 }, { 0x30, 12, 2052 }, { 0x38, 12, 2340 }, { 0xb0, 0, 2064 },
        { 0xb8, 0, 2352 }, { 0x50, 16, 2048 }, { 0x78, 12, 2340 },
    };
    static uint8_t frames[3 * ATAPI_FRAME_SIZE];

    (void)state;
    cd_ask(&h, PACKET(ATAPI_READ_CD, [5] = 9, [8] = 3, [9] = 0xf8), frames, sizeof(frames));
    for (unsigned int i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const uint8_t packet[12] = { ATAPI_READ_CD, [5] = 9, [8] = 3, [9] = cases[i].fields };

        assert_int_equal(cd_ask(&h, packet, bytes, sizeof(bytes)), 3 * cases[i].size);
        for (unsigned int j = 0; j < 3; j++)
            assert_memory_equal(bytes + j * cases[i].size, frames + j * ATAPI_FRAME_SIZE + cases[i].before,
                                cases[i].size);
    }
    cd_do(&h, PACKET(ATAPI_READ_CD, [8] = 3));          /* no field: nothing to give */
}

static void read_cd_msf(void **state)
{
    (void)state;
    assert_int_equal(cd_ask(&h, PACKET(ATAPI_READ_CD_MSF, 0, 0, 0, 2, 10, 0, 2, 12, 0x10), bytes, sizeof(bytes)),
                     2 * ATAPI_BLOCK_SIZE);
    assert_pattern(bytes, 40, 8);
    assert_refused(PACKET(ATAPI_READ_CD_MSF, 0, 0, 0, 2, 10, 0, 2, 9, 0x10));
    cd_assert_fails(&h, PACKET(ATAPI_READ_CD_MSF, 0, 0, 0, 1, 10, 0, 2, 9, 0x10), ATAPI_ILLEGAL_REQUEST,
                    ATAPI_BLOCK_OUT_OF_RANGE);
}

static void read_cd_refuses(void **state)
{
    static const uint8_t fields[] = { 0x20, 0x80, 0xa0, 0x08, 0x90, 0x98, 0x12, 0xfa };

    (void)state;
    for (unsigned int i = 0; i < sizeof(fields); i++)
        assert_refused(PACKET(ATAPI_READ_CD, [8] = 1, [9] = fields[i]));
    assert_refused(PACKET(ATAPI_READ_CD, [8] = 1, [9] = 0xf8, [10] = 1));
    cd_assert_fails(&h, PACKET(ATAPI_READ_CD, 0x04, [8] = 1, [9] = 0x10), ATAPI_ILLEGAL_REQUEST,
                    ATAPI_ILLEGAL_MODE_FOR_TRACK);      /* audio */
    cd_assert_fails(&h, PACKET(ATAPI_READ_CD, 0, 0, 0, 3, 232, 0, 0, 1, 0x10), ATAPI_ILLEGAL_REQUEST,
                    ATAPI_BLOCK_OUT_OF_RANGE);
    assert_int_equal(cd_ask(&h, PACKET(ATAPI_READ_CD, 0x08, [8] = 1, [9] = 0x10), bytes, sizeof(bytes)), 2048);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CD_TEST(unknown_packets),
        CD_TEST(inquiry),
        CD_TEST(capacity),
        CD_TEST(tracks),
        CD_TEST(sessions),
        CD_TEST(full_toc),
        CD_TEST(sub_channel),
        CD_TEST(disc_and_track),
        CD_TEST(mechanism_and_speed),
        CD_TEST(mode_sense),
        CD_TEST(mode_select),
        CD_TEST(configuration),
        CD_TEST(a_large_medium_is_a_dvd),
        CD_TEST(raw_blocks),
        CD_TEST(fields_of_blocks),
        CD_TEST(read_cd_msf),
        CD_TEST(read_cd_refuses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
