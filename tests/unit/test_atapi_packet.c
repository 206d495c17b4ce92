/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* How a packet and its data pass: byte count limits and DRQ blocks, DMA with every kind of table, media that fail. */
#include "atapi_host.h"

#define TABLE  0x2000u
#define BUFFER 0x20000u

static uint8_t bytes[CD_BLOCKS * ATAPI_FRAME_SIZE];

static const uint8_t *read_10(uint32_t block, uint32_t blocks)
{
    static uint8_t packet[ATAPI_PACKET_SIZE];

    memcpy(packet, PACKET(ATAPI_READ_10, 0, block >> 24, block >> 16, block >> 8, block, 0, blocks >> 8, blocks),
           sizeof(packet));
    return packet;
}

static void overlapping_is_refused(void **state)
{
    (void)state;
    ide_out(&h, IDE_FEATURES, ATAPI_OVL);
    ide_out(&h, IDE_COMMAND, IDE_PACKET);
    assert_failed(&h, 0, IDE_ERROR_ABRT);
}

/* 32 bits at a time, as some drivers give it. */
static void packet_by_dwords(void **state)
{
    static const uint32_t packet[3] = { ATAPI_READ_CAPACITY };

    (void)state;
    ide_out(&h, IDE_LBA_MID, 8);
    ide_out(&h, IDE_LBA_HIGH, 0);
    ide_out(&h, IDE_COMMAND, IDE_PACKET);
    for (unsigned int i = 0; i < 3; i++)
        ide_command_ops.write(&h.channel, IDE_DATA, 4, packet[i]);
    assert_int_equal(ide_acknowledge(&h), WANTS_DATA);
    assert_int_equal(ide_command_ops.read(&h.channel, IDE_DATA, 4), __builtin_bswap32(CD_BLOCKS - 1));
    assert_int_equal(ide_command_ops.read(&h.channel, IDE_DATA, 4), __builtin_bswap32(ATAPI_BLOCK_SIZE));
    assert_int_equal(ide_acknowledge(&h), READY);
}

/* Every DRQ block but the last is as long as the limit allows; an odd limit is one less where it does not suffice. */
static void byte_count_limits(void **state)
{
    static const struct {
        uint16_t limit;
        unsigned int blocks, bursts;
    } cases[] = {
        { 2048, 1, 1 }, { 2048, 5, 5 }, { 2047, 1, 2 }, { 2049, 1, 1 }, { 2, 1, 1024 }, { 3, 1, 1024 },
        { 5120, 10, 4 }, { 5121, 10, 4 }, { 0xfffe, 40, 2 }, { 0xffff, 40, 2 }, { 0xf800, 64, 3 }, { 10000, 200, 41 },
    };

    (void)state;
    for (unsigned int i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        uint32_t size = cases[i].blocks * ATAPI_BLOCK_SIZE;
        unsigned int bursts;

        memset(bytes, 0, size);
        cd_send(&h, read_10(3, cases[i].blocks), cases[i].limit, false);
        assert_int_equal(cd_take(&h, bytes, size, &bursts), size);
        assert_int_equal(bursts, cases[i].bursts);
        assert_pattern(bytes, 12, cases[i].blocks * 4);
    }
}

static void every_limit_reads_the_same(void **state)
{
    (void)state;
    for (unsigned int limit = 0x0ffe; limit <= 0xffff; limit += 1237) {
        unsigned int bursts;

        memset(bytes, 0, 100 * ATAPI_BLOCK_SIZE);
        cd_send(&h, read_10(0, 100), (uint16_t)limit, false);
        assert_int_equal(cd_take(&h, bytes, 100 * ATAPI_BLOCK_SIZE, &bursts), 100 * ATAPI_BLOCK_SIZE);
        assert_pattern(bytes, 0, 400);
    }
}

/* IDENTIFY PACKET DEVICE word 125 is zero: there is no default to fall back to. */
static void no_limit_no_data(void **state)
{
    (void)state;
    for (uint16_t limit = 0; limit < 2; limit++) {
        cd_send(&h, read_10(0, 1), limit, false);
        assert_failed(&h, 0, IDE_ERROR_ABRT);
    }
    cd_send(&h, PACKET(ATAPI_TEST_UNIT_READY), 0, false);       /* which needs none */
    assert_int_equal(ide_acknowledge(&h), READY);
}

/* An answer of an odd length: the byte count says so, and the last word's other byte is nobody's. */
static void odd_lengths(void **state)
{
    unsigned int bursts;

    (void)state;
    cd_send(&h, PACKET(ATAPI_INQUIRY, [4] = 5), 5, false);
    assert_int_equal(cd_take(&h, bytes, 5, &bursts), 5);
    assert_int_equal(bursts, 1);
    assert_int_equal(bytes[4], 31);
    cd_send(&h, PACKET(ATAPI_INQUIRY, [4] = 13), 5, false);
    assert_int_equal(cd_take(&h, bytes, 13, &bursts), 13);
    assert_int_equal(bursts, 4);                                /* 4, 4, 4, 1 */
    assert_memory_equal(bytes + 8, "Refle", 5);
}

static void nothing_asked_for(void **state)
{
    (void)state;
    cd_do(&h, PACKET(ATAPI_INQUIRY));
    cd_do(&h, read_10(CD_BLOCKS - 1, 0));
    cd_send(&h, PACKET(ATAPI_INQUIRY), CD_LIMIT, true);
    assert_int_equal(ide_acknowledge(&h), READY);
}

static void read_12_and_its_range(void **state)
{
    (void)state;
    assert_int_equal(cd_ask(&h, PACKET(ATAPI_READ_12, [9] = CD_BLOCKS & 0xff, [8] = CD_BLOCKS >> 8), bytes,
                            sizeof(bytes)), CD_BLOCKS * ATAPI_BLOCK_SIZE);
    assert_pattern(bytes, 0, CD_BLOCKS * 4);
    cd_assert_fails(&h, read_10(CD_BLOCKS - 1, 2), ATAPI_ILLEGAL_REQUEST, ATAPI_BLOCK_OUT_OF_RANGE);
    cd_assert_fails(&h, read_10(CD_BLOCKS, 0), ATAPI_ILLEGAL_REQUEST, ATAPI_BLOCK_OUT_OF_RANGE);
    cd_assert_fails(&h, read_10(UINT32_MAX, 1), ATAPI_ILLEGAL_REQUEST, ATAPI_BLOCK_OUT_OF_RANGE);
    cd_assert_fails(&h, PACKET(ATAPI_READ_12, [6] = 0xff, [7] = 0xff, [8] = 0xff, [9] = 0xff), ATAPI_ILLEGAL_REQUEST,
                    ATAPI_BLOCK_OUT_OF_RANGE);
}

/* While the medium has not answered: BSY, no DRQ, and a data port that moves nothing. */
static void a_slow_medium(void **state)
{
    struct ram_disk *ram = &h.disks[0].ram;

    (void)state;
    ram->deferred = true;
    cd_send(&h, read_10(0, 64), 0x8000, false);
    for (unsigned int round = 0; round < 2; round++) {
        assert_int_equal(ide_alternate(&h), IDE_STATUS_BSY);
        assert_false(h.line.high);
        assert_int_equal(ide_command_ops.read(&h.channel, IDE_DATA, 2) & 0xffff, 0xffff);
        assert_true(ram_disk_complete(ram));
        for (unsigned int burst = 0; burst < 2; burst++) {
            assert_int_equal(ide_acknowledge(&h), WANTS_DATA);
            ide_take(&h, bytes, 0x8000);
            assert_pattern(bytes, round * 128 + burst * 64, 64);
        }
    }
    assert_int_equal(ide_acknowledge(&h), READY);
}

static void a_bad_block(void **state)
{
    uint8_t sense[18];

    (void)state;
    h.disks[0].bad = 50 * 4 + 1;
    cd_send(&h, read_10(40, 20), 2048, false);
    for (unsigned int i = 0; i < 10; i++) {                     /* what comes before it is good */
        assert_int_equal(ide_acknowledge(&h), WANTS_DATA);
        ide_take(&h, bytes, 2048);
        assert_pattern(bytes, (40 + i) * 4, 4);
    }
    assert_int_equal(ide_acknowledge(&h), FAILED);
    assert_int_equal(ide_in(&h, IDE_ERROR), ATAPI_MEDIUM_ERROR << 4 | IDE_ERROR_ABRT);
    assert_int_equal(cd_ask(&h, PACKET(ATAPI_REQUEST_SENSE, [4] = 255), sense, 18), 18);
    assert_int_equal(sense[0], 0xf0);
    assert_int_equal(sense[2], ATAPI_MEDIUM_ERROR);
    assert_int_equal(sense[6], 50);
    assert_int_equal(sense[12], 0x11);
}

/* --- DMA --- */

static void start(const uint8_t *packet)
{
    bm_table(&h, TABLE);
    cd_send(&h, packet, 0, true);
    bm_start(&h, true);
}

static void dma_reads_straight_into_memory(void **state)
{
    (void)state;
    bm_descriptor(&h, TABLE, 0, BUFFER, 4096);
    bm_descriptor(&h, TABLE, 1, BUFFER + 0x10000, (5 * 2048 - 4096) | PRD_EOT);
    start(read_10(100, 5));
    bm_stop(&h, BMISTA_IDEINTS);
    assert_int_equal(ide_acknowledge(&h), READY);
    assert_int_equal(ide_in(&h, IDE_SECTOR_COUNT) & 7, ATAPI_REASON_CD | ATAPI_REASON_IO);
    assert_pattern(h.memory.bytes + BUFFER, 400, 8);
    assert_pattern(h.memory.bytes + BUFFER + 0x10000, 408, 12);
    cd_do(&h, PACKET(ATAPI_TEST_UNIT_READY));
    assert_int_equal(cd_ask(&h, PACKET(ATAPI_REQUEST_SENSE, [4] = 18), bytes, 18), 18);
    assert_int_equal(bytes[2], ATAPI_NO_SENSE);
}

static void dma_waits_for_the_bus_master(void **state)
{
    (void)state;
    bm_descriptor(&h, TABLE, 0, BUFFER, 2048 | PRD_EOT);
    bm_table(&h, TABLE);
    cd_send(&h, read_10(9, 1), 0, true);
    assert_int_equal(ide_alternate(&h), IDE_STATUS_BSY);
    assert_false(h.line.high);
    bm_start(&h, true);
    assert_int_equal(ide_acknowledge(&h), READY);
    assert_pattern(h.memory.bytes + BUFFER, 36, 4);
}

static void dma_started_before_the_packet(void **state)
{
    (void)state;
    bm_descriptor(&h, TABLE, 0, BUFFER, 2048 | PRD_EOT);
    bm_table(&h, TABLE);
    bm_start(&h, true);
    cd_send(&h, read_10(9, 1), 0, true);
    bm_stop(&h, BMISTA_IDEINTS);
    assert_int_equal(ide_acknowledge(&h), READY);
    assert_pattern(h.memory.bytes + BUFFER, 36, 4);
}

/* Answers come from the buffer, into regions of any shape; a region that is longer stays open. */
static void dma_of_answers(void **state)
{
    (void)state;
    memset(h.memory.bytes + BUFFER, 0xaa, 64);
    bm_descriptor(&h, TABLE, 0, BUFFER, 2);
    bm_descriptor(&h, TABLE, 1, BUFFER + 2, 6);
    bm_descriptor(&h, TABLE, 2, BUFFER + 8, 64 | PRD_EOT);
    start(PACKET(ATAPI_INQUIRY, [4] = 96));
    bm_stop(&h, BMISTA_IDEINTS | BMISTA_BMIDEA);
    assert_int_equal(ide_acknowledge(&h), READY);
    assert_int_equal(h.memory.bytes[BUFFER], 0x05);
    assert_memory_equal(h.memory.bytes + BUFFER + 8, "Reflex  DVD-ROM ", 16);
    assert_int_equal(h.memory.bytes[BUFFER + 36], 0xaa);
}

/* One byte more than asked for, for the bus has two at a time; the next command goes on behind them. */
static void dma_of_an_odd_length(void **state)
{
    (void)state;
    bm_descriptor(&h, TABLE, 0, BUFFER, 0x1000 | PRD_EOT);
    bm_table(&h, TABLE);
    bm_start(&h, true);
    cd_send(&h, PACKET(ATAPI_INQUIRY, [4] = 9), 0, true);
    assert_int_equal(ide_acknowledge(&h), READY);
    cd_send(&h, read_10(7, 1), 0, true);
    assert_int_equal(ide_acknowledge(&h), READY);
    assert_pattern(h.memory.bytes + BUFFER + 10, 28, 4);
}

/* Raw blocks by DMA go round by round through the buffer. */
static void dma_of_raw_blocks(void **state)
{
    const uint32_t size = 60 * ATAPI_FRAME_SIZE;

    (void)state;
    bm_descriptor(&h, TABLE, 0, BUFFER, 0x10000);
    bm_descriptor(&h, TABLE, 1, BUFFER + 0x10000, 0x10000);
    bm_descriptor(&h, TABLE, 2, BUFFER + 0x20000, (size - 0x20000) | PRD_EOT);
    start(PACKET(ATAPI_READ_CD, [5] = 20, [8] = 60, [9] = 0xf8));
    bm_stop(&h, BMISTA_IDEINTS);
    assert_int_equal(ide_acknowledge(&h), READY);
    for (unsigned int i = 0; i < 60; i++)
        assert_pattern(h.memory.bytes + BUFFER + i * ATAPI_FRAME_SIZE + 16, (20 + i) * 4, 4);
}

/* The rest comes with the next start. */
static void a_table_that_is_too_short(void **state)
{
    (void)state;
    bm_descriptor(&h, TABLE, 0, BUFFER, 20 | PRD_EOT);
    start(PACKET(ATAPI_INQUIRY, [4] = 36));
    assert_false(h.line.high);
    assert_int_equal(bm_in(&h, BMISTA), 0);
    bm_out(&h, BMICOM, 0);
    bm_descriptor(&h, TABLE, 0, BUFFER + 20, 16 | PRD_EOT);
    bm_start(&h, true);
    bm_stop(&h, BMISTA_IDEINTS);
    assert_int_equal(ide_acknowledge(&h), READY);
    assert_memory_equal(h.memory.bytes + BUFFER + 16, "DVD-ROM         1.0 ", 20);
}

static void a_table_that_leads_nowhere(void **state)
{
    (void)state;
    bm_descriptor(&h, TABLE, 0, TEST_MEMORY_SIZE, 2048 | PRD_EOT);
    start(PACKET(ATAPI_INQUIRY, [4] = 36));
    assert_true(bm_in(&h, BMISTA) & BMISTA_ERROR);
    assert_failed(&h, 0, IDE_ERROR_ABRT);
    bm_out(&h, BMICOM, 0);
    start(read_10(0, 1));
    assert_failed(&h, 0, IDE_ERROR_ABRT);
    assert_int_equal(cd_ask(&h, PACKET(ATAPI_REQUEST_SENSE, [4] = 18), bytes, 18), 18);
    assert_int_equal(bytes[2], ATAPI_ABORTED_COMMAND);
    assert_int_equal(bytes[12], ATAPI_DATA_PHASE_ERROR >> 8);
}

/* A bus master without permission takes what it is given, and drops it. */
static void dma_without_permission(void **state)
{
    (void)state;
    memset(h.memory.bytes + BUFFER, 0xaa, 2048);
    ide_allow_master(&h.channel, false);
    bm_descriptor(&h, TABLE, 0, BUFFER, 2048 | PRD_EOT);
    start(PACKET(ATAPI_INQUIRY, [4] = 36));
    bm_stop(&h, BMISTA_IDEINTS | BMISTA_BMIDEA);
    assert_int_equal(ide_acknowledge(&h), READY);
    start(read_10(0, 1));
    bm_stop(&h, BMISTA_IDEINTS | BMISTA_BMIDEA);
    assert_int_equal(ide_acknowledge(&h), READY);
    assert_int_equal(h.memory.bytes[BUFFER], 0xaa);
}

static void dma_meets_a_bad_block(void **state)
{
    (void)state;
    h.disks[0].bad = 50 * 4 + 2;
    bm_descriptor(&h, TABLE, 0, BUFFER, (20 * 2048) | PRD_EOT);
    start(read_10(40, 20));
    cd_assert_sense(&h, ATAPI_MEDIUM_ERROR, ATAPI_UNRECOVERED_READ_ERROR);
    assert_pattern(h.memory.bytes + BUFFER, 160, 40);
}

/* MODE SELECT's list, by DMA from memory. */
static void dma_out(void **state)
{
    (void)state;
    memcpy(h.memory.bytes + BUFFER, (const uint8_t[16]){ [8] = 0x01, 6, 0, 9 }, 16);
    bm_descriptor(&h, TABLE, 0, BUFFER, 16 | PRD_EOT);
    bm_table(&h, TABLE);
    cd_send(&h, PACKET(ATAPI_MODE_SELECT_10, 0x10, [8] = 16), 0, true);
    bm_start(&h, false);
    assert_int_equal(ide_acknowledge(&h), READY);
    assert_int_equal(cd_ask(&h, PACKET(ATAPI_MODE_SENSE_10, [2] = 0x01, [8] = 255), bytes, 255), 16);
    assert_int_equal(bytes[11], 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CD_TEST(overlapping_is_refused),
        CD_TEST(packet_by_dwords),
        CD_TEST(byte_count_limits),
        CD_TEST(every_limit_reads_the_same),
        CD_TEST(no_limit_no_data),
        CD_TEST(odd_lengths),
        CD_TEST(nothing_asked_for),
        CD_TEST(read_12_and_its_range),
        CD_TEST(a_slow_medium),
        CD_TEST(a_bad_block),
        CD_TEST(dma_reads_straight_into_memory),
        CD_TEST(dma_waits_for_the_bus_master),
        CD_TEST(dma_started_before_the_packet),
        CD_TEST(dma_of_answers),
        CD_TEST(dma_of_an_odd_length),
        CD_TEST(dma_of_raw_blocks),
        CD_TEST(a_table_that_is_too_short),
        CD_TEST(a_table_that_leads_nowhere),
        CD_TEST(dma_without_permission),
        CD_TEST(dma_meets_a_bad_block),
        CD_TEST(dma_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
