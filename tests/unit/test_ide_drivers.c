/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The channel as drivers use it: the register sequences of Linux' libata (ata_piix), SeaBIOS' ata.c and GRUB's ata
 * module, retold access by access, with a disk that answers later.  "Wait" here lets the disk answer once where a
 * driver would poll or sleep, so a driver that would hang fails.
 */
#include "ide_host.h"

#define SECTORS 8192u
#define TABLE 0x2000u
#define BUFFER 0x20000u

static struct ide_host h;

static int set_up(void **state)
{
    (void)state;
    ide_host_init(&h, SECTORS, 0);
    h.disks[0].ram.deferred = true;
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

static uint8_t wait_not_busy(void)
{
    if (ide_alternate(&h) & IDE_STATUS_BSY)
        assert_true(ram_disk_complete(&h.disks[0].ram));
    return ide_in(&h, IDE_STATUS);
}

static void wait_interrupt(void)
{
    if (!h.line.high)
        assert_true(ram_disk_complete(&h.disks[0].ram));
    assert_true(h.line.high);
}

/* --- Linux --- */

/* Whether the task file holds what is written: the first of libata's two tests for a device. */
static bool linux_devchk(unsigned int device)
{
    ide_select(&h, device);
    for (unsigned int i = 0; i < 3; i++) {
        ide_out(&h, IDE_SECTOR_COUNT, i == 1 ? 0xaa : 0x55);
        ide_out(&h, IDE_LBA_LOW, i == 1 ? 0x55 : 0xaa);
    }
    return ide_in(&h, IDE_SECTOR_COUNT) == 0x55 && ide_in(&h, IDE_LBA_LOW) == 0xaa;
}

static void linux_softreset(void)
{
    ide_select(&h, 0);
    ide_control(&h, 0x08);
    ide_control(&h, 0x08 | IDE_CONTROL_SRST);
    ide_control(&h, 0x08);
    assert_false(wait_not_busy() & IDE_STATUS_BSY);
}

/* The second test, after the reset: signature and status. */
static bool linux_classify_disk(unsigned int device)
{
    ide_select(&h, device);
    return ide_in(&h, IDE_ERROR) == 1 && ide_in(&h, IDE_LBA_MID) == 0 && ide_in(&h, IDE_LBA_HIGH) == 0 &&
           ide_in(&h, IDE_STATUS) != 0;
}

/* The interrupt handler's two acknowledgements: the drive's, and the bus master's for PIO as well. */
static uint8_t linux_acknowledge(void)
{
    uint8_t status;

    wait_interrupt();
    status = ide_acknowledge(&h);
    bm_out(&h, BMISTA, bm_in(&h, BMISTA));
    assert_int_equal(bm_in(&h, BMISTA) & BMISTA_IDEINTS, 0);
    return status;
}

/* A command through the interrupt handler for PIO-in: one sector. */
static void linux_identify(uint16_t word[256])
{
    ide_control(&h, 0x08);
    ide_out(&h, IDE_DEVICE, 0xa0);
    ide_out(&h, IDE_COMMAND, IDE_IDENTIFY_DEVICE);
    ide_alternate(&h);
    assert_int_equal(linux_acknowledge() & (IDE_STATUS_BSY | IDE_STATUS_DRQ), IDE_STATUS_DRQ);
    ide_take(&h, word, 512);
    assert_int_equal(ide_alternate(&h) & (IDE_STATUS_BSY | IDE_STATUS_DRQ | IDE_STATUS_ERR), 0);
}

/* The interrupt handler for DMA: no interrupt bit, no interrupt of ours. */
static void linux_dma_interrupt(void)
{
    assert_int_equal(bm_in(&h, BMISTA) & BMISTA_IDEINTS, 0);
    wait_interrupt();
    assert_int_equal(bm_in(&h, BMISTA) & 0x07, BMISTA_IDEINTS);
    bm_out(&h, BMICOM, bm_in(&h, BMICOM) & ~BMICOM_SSBM);
    assert_int_equal(ide_alternate(&h) & (IDE_STATUS_BSY | IDE_STATUS_DRQ), 0);
    assert_int_equal(linux_acknowledge(), READY);
}

static void linux_dma(bool write, uint64_t lba, uint16_t sectors)
{
    bm_descriptor(&h, TABLE, 0, BUFFER, 4096);
    bm_descriptor(&h, TABLE, 1, BUFFER + 0x10000, (sectors * 512 - 4096) | PRD_EOT);
    bm_table(&h, TABLE);
    bm_out(&h, BMICOM, write ? 0 : BMICOM_RWCON);
    ide_issue_ext(&h, write ? IDE_WRITE_DMA_EXT : IDE_READ_DMA_EXT, lba, sectors);
    bm_out(&h, BMICOM, bm_in(&h, BMICOM) | BMICOM_SSBM);
    linux_dma_interrupt();
}

static void linux_probe_and_io(void **state)
{
    uint16_t word[256];

    (void)state;
    assert_int_not_equal(ide_in(&h, IDE_STATUS), 0xff);
    assert_true(linux_devchk(0));
    linux_softreset();
    assert_true(linux_classify_disk(0));
    assert_false(linux_classify_disk(1));
    linux_identify(word);
    assert_int_equal(word[83] & 0xc000, 0x4000);        /* words 82 to 87 count only so */
    assert_int_equal(word[87] & 0xc000, 0x4000);
    ide_issue_features(&h, IDE_FEATURE_TRANSFER_MODE, 0x22);
    assert_int_equal(linux_acknowledge(), READY);
    linux_identify(word);
    assert_int_equal(word[63], 0x0407);
    linux_dma(false, 0, 16);
    assert_pattern(h.memory.bytes + BUFFER, 0, 8);
    assert_pattern(h.memory.bytes + BUFFER + 0x10000, 8, 8);
    linux_dma(true, 4000, 16);
    assert_pattern(h.disks[0].ram.bytes + 4000 * 512, 0, 16);
    ide_out(&h, IDE_COMMAND, IDE_FLUSH_CACHE_EXT);
    assert_int_equal(linux_acknowledge(), READY);
    assert_int_equal(h.disks[0].ram.flushes, 1);
}

/* Error handling after a command that timed out: stop, reset, and the channel works again. */
static void linux_recovers_from_a_timeout(void **state)
{
    (void)state;
    bm_descriptor(&h, TABLE, 0, BUFFER, 4096 | PRD_EOT);
    bm_table(&h, TABLE);
    bm_out(&h, BMICOM, BMICOM_RWCON);
    ide_issue_ext(&h, IDE_READ_DMA_EXT, 0, 8);
    bm_start(&h, true);
    bm_out(&h, BMICOM, BMICOM_RWCON);
    ide_control(&h, 0x08 | IDE_CONTROL_NIEN);
    linux_softreset();
    assert_true(linux_classify_disk(0));
    linux_dma(false, 100, 24);
    assert_pattern(h.memory.bytes + BUFFER + 0x10000, 108, 16);
}

/* Without a wait: the very first test says no. */
static void linux_sees_nothing_on_an_empty_channel(void **state)
{
    (void)state;
    assert_false(linux_devchk(0));
    assert_false(linux_devchk(1));
}

/* --- SeaBIOS --- */

static bool seabios_registers_valid(unsigned int device)
{
    uint8_t select = device ? 0xb0 : 0xa0;

    if (ide_in(&h, IDE_STATUS) & IDE_STATUS_BSY)
        return false;
    ide_out(&h, IDE_DEVICE, select);
    if (ide_in(&h, IDE_STATUS) & IDE_STATUS_BSY)
        return false;
    ide_out(&h, IDE_DEVICE, select);
    ide_out(&h, IDE_SECTOR_COUNT, 0x55);
    ide_out(&h, IDE_LBA_LOW, 0xaa);
    return ide_in(&h, IDE_SECTOR_COUNT) == 0x55 && ide_in(&h, IDE_LBA_LOW) == 0xaa && ide_in(&h, IDE_DEVICE) == select;
}

/* Polled, with nIEN: device, (for EXT the previous bytes,) features, count, address, command. */
static uint8_t seabios_command(uint8_t command, uint32_t lba, uint8_t count)
{
    ide_control(&h, 0x08 | IDE_CONTROL_NIEN);
    ide_issue(&h, command, lba, count);
    return wait_not_busy();
}

static void seabios_take(void *bytes, unsigned int sectors)
{
    for (unsigned int i = 0; i < sectors; i++) {
        ide_take(&h, (uint8_t *)bytes + i * 512, 512);
        ide_alternate(&h);
        assert_int_equal(wait_not_busy() & ~READY, i + 1 < sectors ? IDE_STATUS_DRQ : 0);
    }
    ide_control(&h, 0x08);
    assert_false(h.line.high);
}

static void seabios_detect_and_int13(void **state)
{
    static uint8_t bytes[200 * 512];
    uint16_t word[256];

    (void)state;
    assert_true(seabios_registers_valid(0));
    ide_control(&h, 0x08 | IDE_CONTROL_NIEN | IDE_CONTROL_SRST);
    ide_control(&h, 0x08 | IDE_CONTROL_NIEN);
    assert_false(wait_not_busy() & IDE_STATUS_BSY);
    ide_out(&h, IDE_DEVICE, 0xa0);
    assert_true(ide_in(&h, IDE_STATUS) & IDE_STATUS_DRDY);
    assert_int_equal(seabios_command(0xa1, 0, 0), FAILED);     /* IDENTIFY PACKET DEVICE: no CD-ROM */
    assert_int_equal(seabios_command(IDE_IDENTIFY_DEVICE, 0, 0), WANTS_DATA);
    seabios_take(word, 1);
    assert_int_equal(word[93] & 0xdf61, 0x4041);                /* believes it, and looks for no slave */
    assert_int_equal(seabios_command(IDE_READ_SECTORS, 0, 1), WANTS_DATA);
    seabios_take(bytes, 1);
    assert_pattern(bytes, 0, 1);
    assert_int_equal(seabios_command(IDE_READ_SECTORS, 2048, 200), WANTS_DATA);
    seabios_take(bytes, 200);
    assert_pattern(bytes, 2048, 200);
    assert_int_equal(h.line.rises, 0);
}

static void seabios_skips_an_empty_channel(void **state)
{
    (void)state;
    assert_false(seabios_registers_valid(0));
    assert_false(seabios_registers_valid(1));
    assert_false(ide_in(&h, IDE_STATUS) & IDE_STATUS_BSY);
}

/* --- GRUB --- */

/* GRUB waits on the alternate status for BSY to fall, then on the status for DRQ. */
static void grub_wait_data(void)
{
    if (ide_alternate(&h) & IDE_STATUS_BSY)
        assert_true(ram_disk_complete(&h.disks[0].ram));
    assert_int_equal(ide_alternate(&h) & (IDE_STATUS_BSY | IDE_STATUS_DRQ), IDE_STATUS_DRQ);
}

static void grub_identify_and_read(void **state)
{
    uint8_t bytes[3 * 512];
    uint16_t word[256];

    (void)state;
    ide_out(&h, IDE_DEVICE, 0xa0);                              /* is there something? */
    ide_out(&h, IDE_SECTOR_COUNT, 0x5a);
    assert_int_equal(ide_in(&h, IDE_SECTOR_COUNT), 0x5a);
    ide_out(&h, IDE_SECTOR_COUNT, 0xa5);
    assert_int_equal(ide_in(&h, IDE_SECTOR_COUNT), 0xa5);
    ide_control(&h, IDE_CONTROL_NIEN);
    ide_out(&h, IDE_DEVICE, 0xe0);
    ide_out(&h, IDE_COMMAND, IDE_IDENTIFY_DEVICE);
    grub_wait_data();
    ide_take(&h, word, 512);
    assert_true(word[83] & 1u << 10);
    ide_issue_ext(&h, IDE_READ_SECTORS_EXT, 4094, 3);
    for (unsigned int i = 0; i < 3; i++) {
        grub_wait_data();
        ide_take(&h, bytes + i * 512, 512);
    }
    assert_pattern(bytes, 4094, 3);
    assert_int_equal(ide_in(&h, IDE_STATUS), READY);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define TEST_NONE(name) cmocka_unit_test_setup_teardown(name, set_up_none, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(linux_probe_and_io),
        TEST(linux_recovers_from_a_timeout),
        TEST_NONE(linux_sees_nothing_on_an_empty_channel),
        TEST(seabios_detect_and_int13),
        TEST_NONE(seabios_skips_an_empty_channel),
        TEST(grub_identify_and_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
