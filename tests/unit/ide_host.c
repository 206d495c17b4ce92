/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "ide_host.h"

/* --- disks --- */

static void test_disk_submit(struct blk_backend *backend, struct blk_request *request)
{
    struct test_disk *disk = (struct test_disk *)backend;

    if (request->sectors > disk->largest)
        disk->largest = request->sectors;
    if (request->segment_count > disk->most_segments)
        disk->most_segments = request->segment_count;
    if (request->op != BLK_FLUSH) {
        assert_true(request->sectors > 0);
        assert_true(request->sector <= backend->info.sectors);
        assert_true(request->sectors <= backend->info.sectors - request->sector);
    }
    if (request->sectors && disk->bad >= request->sector && disk->bad - request->sector < request->sectors) {
        disk->failures++;
        request->done(request, BLK_ERROR);
        return;
    }
    request->sector = request->op == BLK_FLUSH ? 0 : request->sector - disk->base;
    disk->ram.backend.ops->submit(&disk->ram.backend, request);
}

static void test_disk_settle(struct blk_backend *backend)
{
    struct ram_disk *ram = &((struct test_disk *)backend)->ram;

    ram->backend.ops->settle(&ram->backend);
}

static void test_disk_init(struct test_disk *disk, uint64_t sectors)
{
    static const struct blk_backend_ops ops = { .submit = test_disk_submit, .settle = test_disk_settle };

    *disk = (struct test_disk){ .bad = BAD_NONE };
    if (!sectors)
        return;
    ram_disk_init(&disk->ram, sectors);
    disk->backend = (struct blk_backend){ .ops = &ops, .info = { .sectors = sectors, .flush = true } };
    for (uint64_t i = 0; i < sectors; i++)
        ide_pattern(i, (uint16_t *)(disk->ram.bytes + i * BLK_SECTOR_SIZE));
}

void ide_host_power(struct ide_host *host)
{
    struct blk_backend *disks[2] = { NULL, NULL };

    for (unsigned int i = 0; i < 2; i++)
        if (host->disks[i].ram.bytes)
            disks[i] = &host->disks[i].backend;
    recorded_line_init(&host->line);
    ide_channel_init(&host->channel, 0, disks[0], disks[1], &host->line.line, &host->memory.memory);
    ide_allow_master(&host->channel, true);
}

void ide_host_init(struct ide_host *host, uint64_t master_sectors, uint64_t slave_sectors)
{
    test_memory_init(&host->memory);
    test_disk_init(&host->disks[0], master_sectors);
    test_disk_init(&host->disks[1], slave_sectors);
    ide_host_power(host);
}

void ide_host_free(struct ide_host *host)
{
    for (unsigned int i = 0; i < 2; i++)
        if (host->disks[i].ram.bytes)
            ram_disk_free(&host->disks[i].ram);
    test_memory_free(&host->memory);
}

void ide_host_grow(struct ide_host *host, uint64_t sectors)
{
    struct test_disk *disk = &host->disks[0];

    disk->base = sectors - disk->ram.backend.info.sectors;
    disk->backend.info.sectors = sectors;
    for (uint64_t i = disk->base; i < sectors; i++)
        ide_pattern(i, (uint16_t *)(disk->ram.bytes + (i - disk->base) * BLK_SECTOR_SIZE));
    ide_host_power(host);
}

void ide_pattern(uint64_t lba, uint16_t word[256])
{
    for (unsigned int i = 0; i < 256; i++)
        word[i] = (uint16_t)(lba * 769 + i * 3 + (lba >> 16));
}

void assert_pattern(const void *bytes, uint64_t lba, unsigned int sectors)
{
    uint16_t word[256];

    for (unsigned int i = 0; i < sectors; i++) {
        ide_pattern(lba + i, word);
        assert_memory_equal((const uint8_t *)bytes + i * BLK_SECTOR_SIZE, word, sizeof(word));
    }
}

/* --- registers --- */

uint8_t ide_in(struct ide_host *host, unsigned int reg)
{
    return ide_command_ops.read(&host->channel, reg, 1);
}

void ide_out(struct ide_host *host, unsigned int reg, uint8_t value)
{
    ide_command_ops.write(&host->channel, reg, 1, value);
}

/* A peek promises what the read finds, always. */
uint8_t ide_alternate(struct ide_host *host)
{
    uint32_t promised;

    assert_true(ide_control_ops.shadows->peek(&host->channel, 0, &promised));
    assert_int_equal(ide_control_ops.read(&host->channel, 0, 1), promised);
    return promised;
}

void ide_control(struct ide_host *host, uint8_t value)
{
    ide_control_ops.write(&host->channel, 0, 1, value);
}

uint8_t ide_acknowledge(struct ide_host *host)
{
    uint8_t status;

    assert_true(host->line.high);
    status = ide_in(host, IDE_STATUS);
    assert_false(host->line.high);
    return status;
}

void ide_select(struct ide_host *host, unsigned int device)
{
    ide_out(host, IDE_DEVICE, device ? 0xb0 : 0xa0);
}

static uint8_t dev(const struct ide_host *host)
{
    return host->channel.r.selected ? IDE_DEVICE_DEV : 0;
}

void ide_issue(struct ide_host *host, uint8_t command, uint32_t lba, uint8_t count)
{
    ide_out(host, IDE_DEVICE, IDE_DEVICE_LBA | dev(host) | lba >> 24);
    ide_out(host, IDE_FEATURES, 0);
    ide_out(host, IDE_SECTOR_COUNT, count);
    ide_out(host, IDE_LBA_LOW, lba);
    ide_out(host, IDE_LBA_MID, lba >> 8);
    ide_out(host, IDE_LBA_HIGH, lba >> 16);
    ide_out(host, IDE_COMMAND, command);
}

void ide_issue_ext(struct ide_host *host, uint8_t command, uint64_t lba, uint16_t count)
{
    ide_out(host, IDE_DEVICE, IDE_DEVICE_LBA | dev(host));
    ide_out(host, IDE_SECTOR_COUNT, count >> 8);
    ide_out(host, IDE_LBA_LOW, lba >> 24);
    ide_out(host, IDE_LBA_MID, lba >> 32);
    ide_out(host, IDE_LBA_HIGH, lba >> 40);
    ide_out(host, IDE_SECTOR_COUNT, count);
    ide_out(host, IDE_LBA_LOW, lba);
    ide_out(host, IDE_LBA_MID, lba >> 8);
    ide_out(host, IDE_LBA_HIGH, lba >> 16);
    ide_out(host, IDE_COMMAND, command);
}

void ide_issue_chs(struct ide_host *host, uint8_t command, unsigned int cylinder, unsigned int head,
                   unsigned int sector, uint8_t count)
{
    ide_out(host, IDE_DEVICE, 0xa0 | dev(host) | head);
    ide_out(host, IDE_SECTOR_COUNT, count);
    ide_out(host, IDE_LBA_LOW, sector);
    ide_out(host, IDE_LBA_MID, cylinder);
    ide_out(host, IDE_LBA_HIGH, cylinder >> 8);
    ide_out(host, IDE_COMMAND, command);
}

void ide_issue_features(struct ide_host *host, uint8_t subcommand, uint8_t count)
{
    ide_out(host, IDE_FEATURES, subcommand);
    ide_out(host, IDE_SECTOR_COUNT, count);
    ide_out(host, IDE_COMMAND, IDE_SET_FEATURES);
}

static uint32_t low_lba(struct ide_host *host)
{
    return ide_in(host, IDE_LBA_LOW) | ide_in(host, IDE_LBA_MID) << 8 | ide_in(host, IDE_LBA_HIGH) << 16;
}

uint32_t ide_lba(struct ide_host *host)
{
    return low_lba(host) | (uint32_t)(ide_in(host, IDE_DEVICE) & IDE_DEVICE_HEAD) << 24;
}

uint64_t ide_lba_ext(struct ide_host *host)
{
    uint64_t high;

    ide_control(host, IDE_CONTROL_HOB);
    high = low_lba(host);
    ide_control(host, 0);
    return high << 24 | low_lba(host);
}

void ide_take(struct ide_host *host, void *bytes, unsigned int length)
{
    for (unsigned int i = 0; i < length / 2; i++)
        ((uint16_t *)bytes)[i] = ide_command_ops.read(&host->channel, IDE_DATA, 2);
}

void ide_give(struct ide_host *host, const void *bytes, unsigned int length)
{
    for (unsigned int i = 0; i < length / 2; i++)
        ide_command_ops.write(&host->channel, IDE_DATA, 2, ((const uint16_t *)bytes)[i]);
}

void ide_take_identity(struct ide_host *host, uint16_t word[256])
{
    ide_out(host, IDE_COMMAND, IDE_IDENTIFY_DEVICE);
    assert_int_equal(ide_acknowledge(host), WANTS_DATA);
    ide_take(host, word, 512);
    assert_int_equal(ide_in(host, IDE_STATUS), READY);
}

void assert_failed(struct ide_host *host, uint8_t status, uint8_t error)
{
    assert_int_equal(ide_acknowledge(host), FAILED | status);
    assert_int_equal(ide_in(host, IDE_ERROR), error);
}

/* --- bus master --- */

uint8_t bm_in(struct ide_host *host, unsigned int reg)
{
    return ide_bmdma_ops.read(&host->channel, reg, 1);
}

void bm_out(struct ide_host *host, unsigned int reg, uint8_t value)
{
    ide_bmdma_ops.write(&host->channel, reg, 1, value);
}

void bm_descriptor(struct ide_host *host, uint32_t table, unsigned int i, uint32_t address, uint32_t count_eot)
{
    struct bmdma_prd prd = { .base = address, .count_eot = count_eot };

    memcpy(host->memory.bytes + table + i * sizeof(prd), &prd, sizeof(prd));
}

void bm_table(struct ide_host *host, uint32_t table)
{
    ide_bmdma_ops.write(&host->channel, BMIDTP, 4, table);
}

void bm_start(struct ide_host *host, bool to_memory)
{
    bm_out(host, BMICOM, (to_memory ? BMICOM_RWCON : 0) | BMICOM_SSBM);
}

void bm_stop(struct ide_host *host, uint8_t status)
{
    assert_int_equal(bm_in(host, BMISTA), status);
    bm_out(host, BMICOM, 0);
    bm_out(host, BMISTA, BMISTA_ERROR | BMISTA_IDEINTS);
    assert_int_equal(bm_in(host, BMISTA), 0);
}
