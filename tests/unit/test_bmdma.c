/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* DMA: every shape of descriptor table, the bus master's registers, and who waits for whom. */
#include "ide_host.h"

#include <stdlib.h>

#define SECTORS 70000u
#define TABLE 0x1000u
#define BUFFER 0x10000u                     /* guest memory above it is free up to 4 MiB */
#define EOT PRD_EOT

static struct ide_host h;

static int set_up(void **state)
{
    (void)state;
    ide_host_init(&h, SECTORS, 0);
    bm_table(&h, TABLE);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ide_host_free(&h);
    return 0;
}

static void descriptor(unsigned int i, uint32_t address, uint32_t count_eot)
{
    bm_descriptor(&h, TABLE, i, address, count_eot);
}

static uint8_t *guest(uint32_t address)
{
    return h.memory.bytes + address;
}

static void fill(uint32_t address, uint64_t lba, unsigned int sectors)
{
    for (unsigned int i = 0; i < sectors; i++)
        ide_pattern(lba + i, (uint16_t *)guest(address + i * 512));
}

static void assert_untouched(uint32_t address, unsigned int length)
{
    for (unsigned int i = 0; i < length; i++)
        assert_int_equal(guest(address)[i], 0);
}

/* The drive has ended well, the table ended with it. */
static void assert_done(void)
{
    assert_int_equal(ide_alternate(&h), READY);
    assert_int_equal(bm_in(&h, BMISTA), BMISTA_IDEINTS);
    bm_stop(&h, BMISTA_IDEINTS);
    assert_int_equal(ide_acknowledge(&h), READY);
}

static void assert_waiting(uint8_t bmista)
{
    assert_int_equal(ide_in(&h, IDE_STATUS), IDE_STATUS_BSY);
    assert_int_equal(bm_in(&h, BMISTA), bmista);
    assert_false(h.line.high);
}

/* --- registers --- */

static void registers(void **state)
{
    (void)state;
    bm_table(&h, 0xdeadbeef);
    assert_int_equal(ide_bmdma_ops.read(&h.channel, BMIDTP, 4), 0xdeadbeec);
    ide_bmdma_ops.write(&h.channel, BMIDTP + 2, 2, 0x1234);
    bm_out(&h, BMIDTP, 0x77);
    assert_int_equal(ide_bmdma_ops.read(&h.channel, BMIDTP, 4), 0x1234be74);
    assert_int_equal(ide_bmdma_ops.read(&h.channel, BMIDTP + 2, 2), 0x1234);
    bm_out(&h, BMISTA, 0xff);
    assert_int_equal(bm_in(&h, BMISTA), BMISTA_DMA0CAP | BMISTA_DMA1CAP);
    bm_out(&h, BMICOM, 0xff);
    assert_int_equal(ide_bmdma_ops.read(&h.channel, 0, 4), 0x00610009);
    bm_out(&h, BMISTA, 0);
    bm_out(&h, BMICOM, 0);
    assert_int_equal(ide_bmdma_ops.read(&h.channel, 0, 4), 0);
}

static void interrupt_bit_follows_the_rising_edge(void **state)
{
    (void)state;
    ide_issue(&h, IDE_READ_VERIFY, 0, 1);
    bm_out(&h, BMISTA, 0);
    assert_int_equal(bm_in(&h, BMISTA), BMISTA_IDEINTS);
    bm_out(&h, BMISTA, BMISTA_IDEINTS);
    ide_select(&h, 0);                                  /* the level stays high: no edge */
    assert_true(h.line.high);
    assert_int_equal(bm_in(&h, BMISTA), 0);
    ide_issue(&h, IDE_READ_VERIFY, 0, 1);
    assert_int_equal(bm_in(&h, BMISTA), BMISTA_IDEINTS);
}

/* --- normal outcomes --- */

static void read_and_write(void **state)
{
    static const uint8_t reads[] = { IDE_READ_DMA, IDE_READ_DMA_NO_RETRY };
    static const uint8_t writes[] = { IDE_WRITE_DMA, IDE_WRITE_DMA_NO_RETRY };

    (void)state;
    descriptor(0, BUFFER, 8 * 512 | EOT);
    for (unsigned int i = 0; i < 2; i++) {
        memset(guest(BUFFER), 0, 8 * 512);
        ide_issue(&h, reads[i], 100, 8);
        assert_waiting(0);
        bm_start(&h, true);
        assert_done();
        assert_pattern(guest(BUFFER), 100, 8);
        assert_int_equal(ide_lba(&h), 107);
        fill(BUFFER, 5000, 8);
        ide_issue(&h, writes[i], 200, 8);
        bm_start(&h, false);
        assert_done();
        assert_pattern(h.disks[0].ram.bytes + 200 * 512, 5000, 8);
        assert_pattern(h.disks[0].ram.bytes + 208 * 512, 208, 1);
    }
    assert_int_equal(h.disks[0].ram.reads, 2);
    assert_int_equal(h.disks[0].ram.writes, 2);
}

static void started_before_the_command(void **state)
{
    (void)state;
    descriptor(0, BUFFER, 512 | EOT);
    bm_start(&h, true);
    assert_int_equal(bm_in(&h, BMISTA), BMISTA_BMIDEA);
    ide_issue(&h, IDE_READ_DMA, 1, 1);
    assert_done();
    assert_pattern(guest(BUFFER), 1, 1);
}

static void only_the_rise_of_ssbm_begins_the_table_again(void **state)
{
    (void)state;
    descriptor(0, BUFFER, 512);
    descriptor(1, BUFFER + 0x1000, 512 | EOT);
    bm_start(&h, true);
    ide_issue(&h, IDE_READ_DMA, 1, 1);
    assert_int_equal(ide_acknowledge(&h), READY);
    bm_start(&h, true);
    ide_issue(&h, IDE_READ_DMA, 2, 1);
    assert_done();
    assert_pattern(guest(BUFFER + 0x1000), 2, 1);
}

static void the_longest_transfer(void **state)
{
    unsigned int regions = 48;                          /* 3 MiB, used again and again */

    (void)state;
    for (unsigned int i = 0; i < 512; i++)              /* 32 MiB in regions of "0" = 64 KiB */
        descriptor(i, BUFFER + i % regions * 65536, i == 511 ? EOT : 0);
    ide_issue_ext(&h, IDE_READ_DMA_EXT, 1000, 0);
    bm_start(&h, true);
    assert_done();
    assert_int_equal(ide_lba_ext(&h), 66535);
    assert_int_equal(h.disks[0].ram.reads, 2);
    assert_int_equal(h.disks[0].most_segments, IDE_SEGMENTS);
    assert_pattern(guest(BUFFER + 511 % regions * 65536), 1000 + 511 * 128, 128);
    assert_pattern(guest(BUFFER), 1000 + 480 * 128, 128);
}

static void beyond_128_gib(void **state)
{
    (void)state;
    ide_host_grow(&h, 0x40000000ull);
    bm_table(&h, TABLE);
    descriptor(0, BUFFER, 2 * 512 | EOT);
    ide_issue_ext(&h, IDE_READ_DMA_EXT, 0x3ffffffe, 2);
    bm_start(&h, true);
    assert_done();
    assert_pattern(guest(BUFFER), 0x3ffffffe, 2);
    ide_issue_ext(&h, IDE_READ_DMA_EXT, 0x3fffffff, 2);
    assert_failed(&h, 0, IDE_ERROR_IDNF);
    ide_issue_ext(&h, IDE_WRITE_DMA_EXT, 0x3fffffff, 1);
    bm_start(&h, false);
    assert_int_equal(ide_acknowledge(&h), READY);
    assert_pattern(h.disks[0].ram.bytes + (SECTORS - 1) * 512, 0x3ffffffe, 1);
}

static void non_dma_commands_leave_the_bus_master_alone(void **state)
{
    (void)state;
    descriptor(0, BUFFER, 512 | EOT);
    bm_start(&h, true);
    ide_issue(&h, IDE_READ_SECTORS, 1, 1);
    assert_int_equal(ide_acknowledge(&h), WANTS_DATA);
    assert_int_equal(bm_in(&h, BMISTA), BMISTA_BMIDEA | BMISTA_IDEINTS);
    bm_stop(&h, BMISTA_BMIDEA | BMISTA_IDEINTS);
    bm_start(&h, true);
    assert_int_equal(bm_in(&h, BMISTA), BMISTA_BMIDEA);
    assert_untouched(BUFFER, 512);
}

static void write_cache_off_flushes(void **state)
{
    struct ram_disk *ram = &h.disks[0].ram;

    (void)state;
    ide_issue_features(&h, IDE_FEATURE_WRITE_CACHE_OFF, 0);
    ide_in(&h, IDE_STATUS);
    bm_out(&h, BMISTA, BMISTA_IDEINTS);
    ram->flushes = 0;
    ram->deferred = true;
    descriptor(0, BUFFER, 512 | EOT);
    ide_issue(&h, IDE_WRITE_DMA, 0, 1);
    bm_start(&h, false);
    assert_true(ram_disk_complete(ram));
    assert_int_equal(ram->flushes, 1);
    assert_waiting(0);
    bm_out(&h, BMICOM, 0);
    bm_start(&h, false);                                /* a host that fidgets writes nothing twice */
    assert_int_equal(ram->writes, 1);
    assert_true(ram_disk_complete(ram));
    assert_int_equal(ide_acknowledge(&h), READY);
    bm_stop(&h, BMISTA_BMIDEA | BMISTA_IDEINTS);
}

static void forced_unit_access_flushes(void **state)
{
    (void)state;
    fill(BUFFER, 900, 1);
    descriptor(0, BUFFER, 512 | EOT);
    h.disks[0].ram.flushes = 0;
    ide_issue_ext(&h, IDE_WRITE_DMA_FUA_EXT, 5, 1);
    bm_start(&h, false);
    assert_done();
    assert_pattern(h.disks[0].ram.bytes + 5 * 512, 900, 1);
    assert_int_equal(h.disks[0].ram.flushes, 1);
    ide_issue_ext(&h, IDE_WRITE_DMA_EXT, 5, 1);
    bm_start(&h, false);
    assert_done();
    assert_int_equal(h.disks[0].ram.flushes, 1);
}

/* --- table shapes --- */

/* Reads `sectors` at 0 with the table made, and requires that the regions hold them one after another. */
static void assert_scattered(const uint32_t (*region)[2], unsigned int count, unsigned int sectors)
{
    uint8_t *all = malloc(sectors * 512 + 65536);
    unsigned int length = 0;

    assert_non_null(all);
    for (unsigned int i = 0; i < count; i++) {
        descriptor(i, region[i][0], region[i][1] | (i + 1 == count ? EOT : 0));
        memset(guest(region[i][0]), 0, region[i][1]);
    }
    ide_issue(&h, IDE_READ_DMA, 0, sectors);
    bm_start(&h, true);
    assert_done();
    for (unsigned int i = 0; i < count; length += region[i++][1])
        memcpy(all + length, guest(region[i][0]), region[i][1]);
    assert_int_equal(length, sectors * 512);
    assert_pattern(all, 0, sectors);
    free(all);
}

static void regions_need_no_alignment(void **state)
{
    static const uint32_t odd[][2] = {
        { BUFFER + 0x102, 0x3fe }, { BUFFER + 0xffe, 4 }, { BUFFER + 0x1ff0, 0x1000 }, { BUFFER + 0x8002, 2 },
        { BUFFER + 0x9000, 0x11fc },
    };
    static const uint32_t whole[][2] = { { BUFFER, 4096 }, { BUFFER + 0x3000, 4096 }, { BUFFER + 0x1000, 512 } };
    static const uint32_t straddling[][2] = { { 0x1ff00, 0x400 } };

    (void)state;
    assert_scattered(odd, 5, 19);
    assert_scattered(whole, 3, 17);
    assert_scattered(straddling, 1, 2);
}

static void regions_of_two_bytes(void **state)
{
    static uint32_t region[3 * 256][2];

    (void)state;
    for (unsigned int i = 0; i < 3 * 256; i++) {
        region[i][0] = BUFFER + i * 6;
        region[i][1] = 2;
    }
    assert_scattered((const uint32_t (*)[2])region, 3 * 256, 3);
    assert_int_equal(h.disks[0].ram.reads, 3);
}

static void regions_of_seven_hundred_bytes(void **state)
{
    static uint32_t region[512][2];

    (void)state;
    for (unsigned int i = 0; i < 128; i++) {            /* sectors end everywhere inside regions */
        region[i][0] = BUFFER + i * 1000;
        region[i][1] = i == 127 ? 171 * 512 - 127 * 688 : 688;
    }
    assert_scattered((const uint32_t (*)[2])region, 128, 171);
    for (unsigned int i = 0; i < 300; i++) {            /* and where the segment array is full */
        region[i][0] = BUFFER + i * 400;
        region[i][1] = i == 0 ? 150 : i == 299 ? 117 * 512 - 298 * 200 - 150 : 200;
    }
    assert_scattered((const uint32_t (*)[2])region, 300, 117);
    assert_int_equal(h.disks[0].ram.reads, 3);
}

static void reserved_bits_are_ignored(void **state)
{
    (void)state;
    descriptor(0, BUFFER | 1, 0x7fff0000 | 512 | 1 | EOT);
    ide_issue(&h, IDE_READ_DMA, 3, 1);
    bm_start(&h, true);
    assert_done();
    assert_pattern(guest(BUFFER), 3, 1);
}

static void a_table_longer_than_the_transfer_stays_active(void **state)
{
    (void)state;
    descriptor(0, BUFFER, 1024);
    descriptor(1, BUFFER + 0x1000, 1024 | EOT);
    ide_issue(&h, IDE_READ_DMA, 7, 3);
    bm_start(&h, true);
    assert_int_equal(ide_acknowledge(&h), READY);
    assert_pattern(guest(BUFFER), 7, 2);
    assert_pattern(guest(BUFFER + 0x1000), 9, 1);
    assert_untouched(BUFFER + 0x1200, 512);
    bm_stop(&h, BMISTA_BMIDEA | BMISTA_IDEINTS);
}

static void a_table_without_an_end_stays_active(void **state)
{
    (void)state;
    descriptor(0, BUFFER, 512);
    ide_issue(&h, IDE_READ_DMA, 7, 1);
    bm_start(&h, true);
    assert_int_equal(ide_acknowledge(&h), READY);
    bm_stop(&h, BMISTA_BMIDEA | BMISTA_IDEINTS);
}

/* Neither bit, no interrupt, and a drive that does not look busy. */
static void assert_ran_out(void)
{
    assert_int_equal(ide_in(&h, IDE_STATUS), READY);
    assert_int_equal(bm_in(&h, BMISTA), 0);
    assert_false(h.line.high);
}

static void a_table_shorter_than_the_transfer_leaves_the_drive_waiting(void **state)
{
    (void)state;
    descriptor(0, BUFFER, 3 * 512 + 100);
    descriptor(1, BUFFER + 0x1000, 100 | EOT);
    ide_issue(&h, IDE_READ_DMA, 7, 5);
    bm_start(&h, true);
    assert_ran_out();
    assert_pattern(guest(BUFFER), 7, 3);
    bm_stop(&h, 0);
    h.disks[0].ram.deferred = true;
    descriptor(0, BUFFER + 0x2000, 2 * 512 | EOT);      /* a second table serves the rest */
    bm_start(&h, true);
    assert_waiting(BMISTA_BMIDEA);
    assert_true(ram_disk_complete(&h.disks[0].ram));
    assert_done();
    assert_pattern(guest(BUFFER + 0x2000), 10, 2);
}

/* One region of every size against transfers of every power of two: the three rules of SFF-8038i, for the transfer and
 * for one that the host stops at once.  A size of 0 is 64 KiB. */
static void one_region_of_any_size(void **state)
{
    (void)state;
    for (unsigned int sectors = 1; sectors <= 256; sectors *= 2) {
        for (uint32_t size = 0; size < 65536; size += 256) {
            uint32_t region = size ? size : 65536, length = sectors * 512;
            uint8_t over = region < length ? 0 : region == length ? BMISTA_IDEINTS : BMISTA_IDEINTS | BMISTA_BMIDEA;

            descriptor(0, BUFFER, size | EOT);
            ide_issue(&h, IDE_READ_DMA, 0, sectors);
            bm_start(&h, true);
            assert_int_equal(h.line.high, region >= length);
            assert_int_equal(ide_in(&h, IDE_STATUS), READY);
            bm_stop(&h, over);
            ide_issue(&h, IDE_READ_DMA, 0, sectors);
            bm_start(&h, true);
            bm_out(&h, BMICOM, 0);
            assert_int_equal(bm_in(&h, BMISTA), over & BMISTA_IDEINTS);
            assert_int_equal(ide_in(&h, IDE_STATUS), READY);
            bm_out(&h, BMISTA, BMISTA_IDEINTS);
        }
    }
}

/* A bus master that was never stopped has a used-up table: the next command waits for its start, as any does. */
static void a_used_table_is_no_short_table(void **state)
{
    (void)state;
    descriptor(0, BUFFER, 512 | EOT);
    ide_issue(&h, IDE_READ_DMA, 7, 1);
    bm_start(&h, true);
    assert_int_equal(ide_acknowledge(&h), READY);
    bm_out(&h, BMISTA, BMISTA_IDEINTS);
    ide_issue(&h, IDE_READ_DMA, 8, 1);
    assert_waiting(0);
    bm_out(&h, BMICOM, 0);
    bm_start(&h, true);
    assert_done();
    assert_pattern(guest(BUFFER), 8, 1);
}

static void reset_ends_the_wait_for_a_bus_master(void **state)
{
    (void)state;
    ide_issue(&h, IDE_READ_DMA, 7, 5);
    ide_control(&h, IDE_CONTROL_SRST);
    ide_control(&h, 0);
    assert_int_equal(ide_in(&h, IDE_STATUS), READY);
    descriptor(0, BUFFER, 5 * 512 | EOT);
    bm_start(&h, true);
    assert_int_equal(h.disks[0].ram.reads, 0);
    assert_false(h.line.high);
}

/* --- errors --- */

static void memory_that_is_none(void **state)
{
    static const uint32_t outside[] = { TEST_MEMORY_SIZE, TEST_MEMORY_SIZE - 256, 0xfffffffe };

    (void)state;
    for (unsigned int i = 0; i < 3; i++) {
        descriptor(0, BUFFER, 1024);
        descriptor(1, outside[i], 1024 | EOT);
        ide_issue(&h, IDE_READ_DMA, 50, 4);
        bm_start(&h, true);
        assert_failed(&h, 0, IDE_ERROR_ABRT);
        assert_pattern(guest(BUFFER), 50, 2);
        bm_stop(&h, BMISTA_ERROR | BMISTA_IDEINTS);
    }
    bm_table(&h, TEST_MEMORY_SIZE - 4);
    ide_issue(&h, IDE_WRITE_DMA, 50, 4);
    bm_start(&h, false);
    assert_failed(&h, 0, IDE_ERROR_ABRT);
    bm_stop(&h, BMISTA_ERROR | BMISTA_IDEINTS);
    assert_int_equal(h.disks[0].ram.writes, 0);
}

static void only_what_is_used_must_be_memory(void **state)
{
    (void)state;
    descriptor(0, TEST_MEMORY_SIZE - 1024, 4096 | EOT);
    ide_issue(&h, IDE_READ_DMA, 50, 2);
    bm_start(&h, true);
    assert_int_equal(ide_acknowledge(&h), READY);
    assert_pattern(guest(TEST_MEMORY_SIZE - 1024), 50, 2);
}

static void media_errors(void **state)
{
    (void)state;
    h.disks[0].bad = 55;
    descriptor(0, BUFFER, 16 * 512 | EOT);
    ide_issue(&h, IDE_READ_DMA, 50, 16);
    bm_start(&h, true);
    assert_failed(&h, 0, IDE_ERROR_UNC);
    assert_int_equal(ide_lba(&h), 55);
    assert_pattern(guest(BUFFER), 50, 5);
    bm_stop(&h, BMISTA_BMIDEA | BMISTA_IDEINTS);
    fill(BUFFER, 900, 16);
    ide_issue_ext(&h, IDE_WRITE_DMA_EXT, 50, 16);
    bm_start(&h, false);
    assert_failed(&h, IDE_STATUS_DF, IDE_ERROR_ABRT);
    assert_int_equal(ide_lba_ext(&h), 55);
    assert_pattern(h.disks[0].ram.bytes + 50 * 512, 900, 5);
    assert_pattern(h.disks[0].ram.bytes + 56 * 512, 56, 1);
}

static void a_passing_error_is_tried_again(void **state)
{
    static const uint32_t region[][2] = { { BUFFER + 2, 1000 }, { BUFFER + 0x1000, 1560 } };

    (void)state;
    h.disks[0].ram.fail_next = BLK_ERROR;
    assert_scattered(region, 2, 5);
}

/* --- slow backends --- */

/* Sectors from 1 on, which the disk answers when it is told to. */
static void start_deferred_read(uint32_t sectors)
{
    h.disks[0].ram.deferred = true;
    descriptor(0, BUFFER, (sectors * 512) | EOT);
    ide_issue(&h, IDE_READ_DMA, 1, sectors);
    bm_start(&h, true);
}

static void completion_raises_intrq(void **state)
{
    struct ram_disk *ram = &h.disks[0].ram;

    (void)state;
    start_deferred_read(1);
    assert_waiting(BMISTA_BMIDEA);
    assert_true(ram_disk_complete(ram));
    assert_done();
}

static void stopped_under_way(void **state)
{
    struct ram_disk *ram = &h.disks[0].ram;

    (void)state;
    start_deferred_read(2);
    bm_out(&h, BMICOM, 0);
    assert_waiting(0);
    assert_true(ram_disk_complete(ram));
    assert_waiting(0);                                  /* the late data changes no register */
    assert_false(ram_disk_complete(ram));
    descriptor(0, BUFFER + 0x1000, 1024 | EOT);
    bm_start(&h, true);
    assert_true(ram_disk_complete(ram));
    assert_done();
    assert_pattern(guest(BUFFER + 0x1000), 1, 2);
}

static void stopped_and_started_under_way(void **state)
{
    struct ram_disk *ram = &h.disks[0].ram;

    (void)state;
    start_deferred_read(2);
    bm_out(&h, BMICOM, 0);
    descriptor(0, BUFFER + 0x1000, 1024 | EOT);
    bm_start(&h, true);
    assert_true(ram_disk_complete(ram));
    assert_waiting(BMISTA_BMIDEA);
    assert_true(ram_disk_complete(ram));
    assert_done();
    assert_pattern(guest(BUFFER + 0x1000), 1, 2);
}

static void permission_withdrawn_under_way(void **state)
{
    struct ram_disk *ram = &h.disks[0].ram;

    (void)state;
    start_deferred_read(2);
    ide_allow_master(&h.channel, false);
    assert_false(ram_disk_complete(ram));               /* what was under way has come to its end */
    assert_waiting(0);
    memset(guest(BUFFER), 0, 1024);
    ide_allow_master(&h.channel, true);                 /* for somebody else, perhaps */
    assert_false(ram_disk_complete(ram));
    assert_waiting(0);
    bm_out(&h, BMICOM, 0);
    bm_start(&h, true);
    assert_true(ram_disk_complete(ram));
    assert_done();
    assert_pattern(guest(BUFFER), 1, 2);
}

static void reads_without_permission_are_lost(void **state)
{
    (void)state;
    descriptor(0, BUFFER, 512 | EOT);
    ide_allow_master(&h.channel, false);
    ide_issue(&h, IDE_READ_DMA, 1, 0);
    bm_start(&h, true);
    assert_int_equal(ide_acknowledge(&h), READY);
    assert_int_equal(bm_in(&h, BMISTA), BMISTA_BMIDEA | BMISTA_IDEINTS);
    ide_issue(&h, IDE_READ_DMA, 1, 1);
    assert_int_equal(ide_acknowledge(&h), READY);
    ide_allow_master(&h.channel, true);                 /* that table stays out of use */
    ide_issue(&h, IDE_READ_DMA, 1, 1);
    assert_int_equal(ide_acknowledge(&h), READY);
    assert_untouched(BUFFER, 512);
    assert_int_equal(h.disks[0].ram.reads, 0);
    bm_stop(&h, BMISTA_BMIDEA | BMISTA_IDEINTS);
    ide_issue(&h, IDE_READ_DMA, 1, 1);
    bm_start(&h, true);
    assert_done();
    assert_pattern(guest(BUFFER), 1, 1);
}

static void writes_without_permission_wait(void **state)
{
    (void)state;
    descriptor(0, BUFFER, 512 | EOT);
    fill(BUFFER, 900, 1);
    ide_allow_master(&h.channel, false);
    ide_issue(&h, IDE_WRITE_DMA, 1, 1);
    bm_start(&h, false);
    assert_waiting(BMISTA_BMIDEA);
    ide_allow_master(&h.channel, true);
    assert_waiting(BMISTA_BMIDEA);
    assert_int_equal(h.disks[0].ram.writes, 0);
    bm_out(&h, BMICOM, 0);
    bm_start(&h, false);
    assert_done();
    assert_pattern(h.disks[0].ram.bytes + 512, 900, 1);
}

static void reset_drains_and_then_signs(void **state)
{
    struct ram_disk *ram = &h.disks[0].ram;

    (void)state;
    start_deferred_read(1);
    bm_out(&h, BMICOM, 0);
    ide_control(&h, IDE_CONTROL_SRST);
    ide_control(&h, 0);
    assert_waiting(0);
    assert_true(ram_disk_complete(ram));
    assert_int_equal(ide_in(&h, IDE_STATUS), READY);
    assert_int_equal(ide_in(&h, IDE_ERROR), IDE_DIAGNOSTIC_PASSED);
    assert_int_equal(bm_in(&h, BMISTA), 0);
    assert_int_equal(h.line.rises, 0);
    bm_start(&h, true);
    ide_issue(&h, IDE_READ_DMA, 1, 1);
    assert_true(ram_disk_complete(ram));
    assert_done();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(registers),
        TEST(interrupt_bit_follows_the_rising_edge),
        TEST(read_and_write),
        TEST(started_before_the_command),
        TEST(only_the_rise_of_ssbm_begins_the_table_again),
        TEST(the_longest_transfer),
        TEST(beyond_128_gib),
        TEST(non_dma_commands_leave_the_bus_master_alone),
        TEST(write_cache_off_flushes),
        TEST(forced_unit_access_flushes),
        TEST(regions_need_no_alignment),
        TEST(regions_of_two_bytes),
        TEST(regions_of_seven_hundred_bytes),
        TEST(reserved_bits_are_ignored),
        TEST(a_table_longer_than_the_transfer_stays_active),
        TEST(a_table_without_an_end_stays_active),
        TEST(a_table_shorter_than_the_transfer_leaves_the_drive_waiting),
        TEST(one_region_of_any_size),
        TEST(a_used_table_is_no_short_table),
        TEST(reset_ends_the_wait_for_a_bus_master),
        TEST(memory_that_is_none),
        TEST(only_what_is_used_must_be_memory),
        TEST(media_errors),
        TEST(a_passing_error_is_tried_again),
        TEST(completion_raises_intrq),
        TEST(stopped_under_way),
        TEST(stopped_and_started_under_way),
        TEST(permission_withdrawn_under_way),
        TEST(reads_without_permission_are_lost),
        TEST(writes_without_permission_wait),
        TEST(reset_drains_and_then_signs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
