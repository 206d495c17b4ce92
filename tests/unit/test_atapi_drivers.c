/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The CD drive as drivers use it: SeaBIOS' ata.c and cdrom.c, Linux' libata with sr and cdrom, and QEMU's ide-test,
 * retold access by access.
 */
#include "atapi_host.h"

#define TABLE  0x2000u
#define BUFFER 0x20000u

static uint8_t bytes[0x10000];

static int set_up_slave(void **state)
{
    (void)state;
    cd_host_init(&h, 1, 8192);
    return 0;
}

static int set_up_empty(void **state)
{
    (void)state;
    cd_host_init(&h, 0, 0);
    cd_backend(&h)->info.sectors = 0;
    ide_host_power(&h);
    return 0;
}

/* --- SeaBIOS: polled, with nIEN --- */

static bool seabios_detects(unsigned int device)
{
    uint8_t select = device ? 0xb0 : 0xa0;
    uint16_t word[256];

    ide_control(&h, 0x08 | IDE_CONTROL_NIEN | IDE_CONTROL_SRST);
    ide_control(&h, 0x08 | IDE_CONTROL_NIEN);
    assert_int_equal(ide_in(&h, IDE_STATUS) & IDE_STATUS_BSY, 0);
    ide_out(&h, IDE_DEVICE, select);
    assert_int_equal(ide_in(&h, IDE_DEVICE), select);
    ide_control(&h, 0x08 | IDE_CONTROL_NIEN);
    ide_out(&h, IDE_COMMAND, IDE_IDENTIFY_PACKET_DEVICE);
    if (ide_alternate(&h) & IDE_STATUS_ERR)
        return false;
    assert_int_equal(ide_in(&h, IDE_STATUS) & (IDE_STATUS_BSY | IDE_STATUS_DRQ), IDE_STATUS_DRQ);
    ide_take(&h, word, 512);
    assert_int_equal(ide_in(&h, IDE_STATUS) & (IDE_STATUS_BSY | IDE_STATUS_DRQ | IDE_STATUS_ERR), 0);
    assert_int_equal(word[0] >> 8 & 0x1f, 5);
    assert_true(word[0] & 0x80);
    ide_control(&h, 0x08);
    return true;
}

/* False: the command has failed.  `count` DRQ blocks of `size` bytes. */
static bool seabios_packet(const uint8_t *packet, uint16_t size, unsigned int count)
{
    ide_control(&h, 0x08 | IDE_CONTROL_NIEN);
    ide_out(&h, IDE_FEATURES, 0);
    ide_out(&h, IDE_SECTOR_COUNT, 0);
    ide_out(&h, IDE_LBA_LOW, 0);
    ide_out(&h, IDE_LBA_MID, size & 0xff);
    ide_out(&h, IDE_LBA_HIGH, size >> 8);
    ide_out(&h, IDE_COMMAND, IDE_PACKET);
    assert_true(ide_in(&h, IDE_STATUS) & IDE_STATUS_DRQ);
    ide_give(&h, packet, ATAPI_PACKET_SIZE);
    if (ide_in(&h, IDE_STATUS) & IDE_STATUS_ERR)
        return false;
    for (unsigned int i = 0; i < count; i++) {
        assert_int_equal(ide_in(&h, IDE_STATUS) & (IDE_STATUS_BSY | IDE_STATUS_DRQ), IDE_STATUS_DRQ);
        ide_take(&h, bytes + i * size, size);
    }
    assert_int_equal(ide_in(&h, IDE_STATUS) & (IDE_STATUS_BSY | IDE_STATUS_DRQ | IDE_STATUS_ERR), 0);
    ide_control(&h, 0x08);
    return true;
}

/* How often TEST UNIT READY fails before the drive is ready; 3A/xx three times means that there is no medium. */
static bool seabios_is_ready(void)
{
    unsigned int absent = 0, tries = 0;

    while (!seabios_packet(PACKET(ATAPI_TEST_UNIT_READY), 0, 0)) {
        assert_true(++tries < 10);
        assert_true(seabios_packet(PACKET(ATAPI_REQUEST_SENSE, [4] = 18), 18, 1));
        if (bytes[12] == 0x3a && ++absent == 3)
            return false;
    }
    return true;
}

static void seabios_boots(void **state)
{
    (void)state;
    assert_true(seabios_detects(0));
    assert_true(seabios_is_ready());
    assert_true(seabios_packet(PACKET(ATAPI_READ_10, [5] = 0x11, [8] = 1), 2048, 1));  /* the boot record */
    assert_pattern(bytes, 0x11 * 4, 4);
    assert_true(seabios_packet(PACKET(ATAPI_READ_10, [5] = 0x20, [8] = 32), 2048, 32));
    assert_pattern(bytes, 0x20 * 4, 128);
    assert_int_equal(h.line.rises, 0);
}

static void seabios_finds_disk_and_cd(void **state)
{
    (void)state;
    ide_select(&h, 0);
    assert_false(seabios_detects(0));
    assert_true(seabios_detects(1));
    assert_true(seabios_is_ready());
}

static void seabios_finds_an_empty_drive(void **state)
{
    (void)state;
    assert_true(seabios_detects(0));
    assert_false(seabios_is_ready());
    assert_false(seabios_packet(PACKET(ATAPI_READ_10, [5] = 0x11, [8] = 1), 2048, 1));
}

/* --- Linux --- */

static void linux_softreset(void)
{
    ide_select(&h, 0);
    ide_control(&h, 0x08);
    ide_control(&h, 0x08 | IDE_CONTROL_SRST);
    ide_control(&h, 0x08);
    assert_false(ide_in(&h, IDE_STATUS) & IDE_STATUS_BSY);
    ide_select(&h, 0);
    assert_int_equal(ide_in(&h, IDE_ERROR), 1);
    assert_int_equal(ide_in(&h, IDE_LBA_MID) | ide_in(&h, IDE_LBA_HIGH) << 8, 0xeb14);
}

static void linux_identify(uint16_t word[256])
{
    ide_out(&h, IDE_DEVICE, 0xa0);
    ide_out(&h, IDE_COMMAND, IDE_IDENTIFY_PACKET_DEVICE);
    assert_int_equal(ide_acknowledge(&h) & (IDE_STATUS_BSY | IDE_STATUS_DRQ), IDE_STATUS_DRQ);
    ide_take(&h, word, 512);
    assert_int_equal(word[0] >> 14, 2);
    assert_int_equal(word[0] & 3, 0);
    ide_issue_features(&h, IDE_FEATURE_TRANSFER_MODE, 0x42);
    assert_int_equal(ide_acknowledge(&h) & (IDE_STATUS_ERR | IDE_STATUS_DF), 0);
}

/* By DMA, as it does everything whose length divides by 16; true: no CHECK CONDITION. */
static bool linux_dma(const uint8_t *packet, uint32_t size)
{
    uint8_t status;

    bm_descriptor(&h, TABLE, 0, BUFFER, size | PRD_EOT);
    bm_table(&h, TABLE);
    bm_out(&h, BMICOM, BMICOM_RWCON);
    ide_out(&h, IDE_FEATURES, ATAPI_DMA);
    ide_out(&h, IDE_SECTOR_COUNT, 0);
    ide_out(&h, IDE_LBA_MID, 0);
    ide_out(&h, IDE_LBA_HIGH, 0);
    ide_out(&h, IDE_COMMAND, IDE_PACKET);
    assert_int_equal(ide_alternate(&h) & (IDE_STATUS_BSY | IDE_STATUS_DRQ), IDE_STATUS_DRQ);
    ide_give(&h, packet, ATAPI_PACKET_SIZE);
    bm_out(&h, BMICOM, BMICOM_RWCON | BMICOM_SSBM);
    assert_true(bm_in(&h, BMISTA) & BMISTA_IDEINTS);
    assert_false(bm_in(&h, BMISTA) & BMISTA_ERROR);
    bm_out(&h, BMICOM, BMICOM_RWCON);
    status = ide_acknowledge(&h);
    bm_out(&h, BMISTA, bm_in(&h, BMISTA));
    assert_int_equal(status & (IDE_STATUS_BSY | IDE_STATUS_DRQ), 0);
    return !(status & IDE_STATUS_ERR);
}

/* Error handling fetches the sense data by PIO, 96 bytes asked for, 18 there. */
static void linux_sense(uint8_t key, uint8_t asc)
{
    unsigned int bursts;

    assert_int_equal(ide_in(&h, IDE_ERROR) >> 4, key);
    cd_send(&h, PACKET(ATAPI_REQUEST_SENSE, [4] = 96), 96, false);
    assert_int_equal(cd_take(&h, bytes, 96, &bursts), 18);
    assert_int_equal(bytes[2], key);
    assert_int_equal(bytes[12], asc);
}

static void linux_probes_and_reads(void **state)
{
    uint16_t word[256];

    (void)state;
    linux_softreset();
    linux_identify(word);
    assert_true(linux_dma(PACKET(ATAPI_INQUIRY, [4] = 96), 96));        /* 36 of the 96 bytes come */
    assert_int_equal(h.memory.bytes[BUFFER], 5);
    cd_send(&h, PACKET(ATAPI_TEST_UNIT_READY), 0, false);
    assert_true(ide_acknowledge(&h) & IDE_STATUS_ERR);
    linux_sense(ATAPI_UNIT_ATTENTION, 0x29);
    cd_do(&h, PACKET(ATAPI_TEST_UNIT_READY));
    assert_true(linux_dma(PACKET(ATAPI_MODE_SENSE_10, [2] = 0x2a, [8] = 128), 128));
    assert_int_equal(h.memory.bytes[BUFFER + 8], 0x2a);
    assert_int_equal(cd_ask(&h, PACKET(ATAPI_READ_CAPACITY), bytes, 8), 8);
    assert_int_equal(cd_ask(&h, PACKET(ATAPI_GET_EVENT_STATUS, ATAPI_POLLED, [4] = 0x10, [8] = 8), bytes, 8), 8);
    assert_int_equal(cd_ask(&h, PACKET(ATAPI_READ_TOC_PMA_ATIP, ATAPI_MSF, [8] = 12, [9] = 0x40), bytes, 12), 12);
    for (uint32_t block = 0; block < 128; block += 32) {
        assert_true(linux_dma(PACKET(ATAPI_READ_10, [5] = block, [8] = 32), 65536));
        assert_pattern(h.memory.bytes + BUFFER, block * 4, 128);
    }
}

/* Linux polls with TEST UNIT READY or for events; then it reads the new medium's capacity. */
static void linux_notices_another_medium(void **state)
{
    (void)state;
    cd_change(&h, 20);
    assert_int_equal(cd_ask(&h, PACKET(ATAPI_GET_EVENT_STATUS, ATAPI_POLLED, [4] = 0x10, [8] = 8), bytes, 8), 8);
    assert_int_equal(bytes[4] & 0x0f, ATAPI_EVENT_NEW_MEDIA);
    assert_false(linux_dma(PACKET(ATAPI_READ_10, [5] = 3, [8] = 8), 8 * 2048));
    linux_sense(ATAPI_UNIT_ATTENTION, 0x28);
    assert_int_equal(cd_ask(&h, PACKET(ATAPI_READ_CAPACITY), bytes, 8), 8);
    assert_int_equal(bytes[3], 19);
    assert_true(linux_dma(PACKET(ATAPI_READ_10, [5] = 3, [8] = 8), 8 * 2048));
}

/* --- QEMU's tests/qtest/ide-test.c --- */

/* /ide/cdrom/pio and pio_large: straight after power-on, 10 blocks in bursts of 5120 bytes. */
static void ide_test_pio(void **state)
{
    (void)state;
    ide_out(&h, IDE_DEVICE, 0);
    ide_out(&h, IDE_LBA_MID, 5120 & 0xff);
    ide_out(&h, IDE_LBA_HIGH, 5120 >> 8);
    ide_out(&h, IDE_COMMAND, IDE_PACKET);
    assert_int_equal(ide_in(&h, IDE_STATUS) & (IDE_STATUS_DRQ | IDE_STATUS_DRDY), IDE_STATUS_DRQ | IDE_STATUS_DRDY);
    ide_give(&h, PACKET(ATAPI_READ_10, [8] = 10), ATAPI_PACKET_SIZE);
    for (unsigned int i = 0; i < 4; i++) {
        assert_int_equal(ide_acknowledge(&h) & ~IDE_STATUS_DSC, IDE_STATUS_DRQ | IDE_STATUS_DRDY);
        ide_take(&h, bytes + i * 5120, 5120);
    }
    assert_int_equal(ide_acknowledge(&h) & ~IDE_STATUS_DSC, IDE_STATUS_DRDY);
    assert_pattern(bytes, 0, 40);
}

/* /ide/cdrom/dma: with the LBA bit in Device, one descriptor. */
static void ide_test_dma(void **state)
{
    (void)state;
    ide_out(&h, IDE_DEVICE, IDE_DEVICE_LBA);
    bm_out(&h, BMICOM, 0);
    bm_out(&h, BMISTA, BMISTA_IDEINTS);
    bm_descriptor(&h, TABLE, 0, BUFFER, 2048 | PRD_EOT);
    bm_table(&h, TABLE);
    ide_out(&h, IDE_FEATURES, ATAPI_DMA);
    ide_out(&h, IDE_COMMAND, IDE_PACKET);
    ide_give(&h, PACKET(ATAPI_READ_10, [8] = 1), ATAPI_PACKET_SIZE);
    bm_start(&h, true);
    assert_int_equal(bm_in(&h, BMISTA) & (BMISTA_BMIDEA | BMISTA_IDEINTS), BMISTA_IDEINTS);
    assert_int_equal(ide_acknowledge(&h) & (IDE_STATUS_DRDY | IDE_STATUS_BSY | IDE_STATUS_DRQ), IDE_STATUS_DRDY);
    assert_pattern(h.memory.bytes + BUFFER, 0, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CD_TEST(seabios_boots),
        cmocka_unit_test_setup_teardown(seabios_finds_disk_and_cd, set_up_slave, cd_tear_down),
        cmocka_unit_test_setup_teardown(seabios_finds_an_empty_drive, set_up_empty, cd_tear_down),
        CD_TEST(linux_probes_and_reads),
        CD_TEST(linux_notices_another_medium),
        CD_TEST(ide_test_pio),
        CD_TEST(ide_test_dma),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
