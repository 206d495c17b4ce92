/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "atapi_host.h"

struct ide_host h;
struct cd_wishes cd_wishes;

static unsigned int cd_position;
static struct blk_backend_ops cd_ops;

static void lock(struct blk_backend *backend, bool locked)
{
    (void)backend;
    cd_wishes.locks += locked;
    cd_wishes.unlocks += !locked;
}

struct blk_backend *cd_backend(struct ide_host *host)
{
    return &host->disks[cd_position].backend;
}

void cd_host_init(struct ide_host *host, unsigned int position, uint64_t disk_sectors)
{
    uint64_t medium = (uint64_t)CD_BLOCKS * 4;

    cd_position = position;
    cd_wishes = (struct cd_wishes){ 0 };
    ide_host_init(host, position ? disk_sectors : medium, position ? medium : disk_sectors);
    cd_ops = *cd_backend(host)->ops;
    cd_ops.lock = lock;
    cd_backend(host)->ops = &cd_ops;
    cd_backend(host)->info = (struct blk_info){ .sectors = medium, .read_only = true, .cdrom = true };
    ide_host_power(host);
    ide_select(host, position);
}

int cd_set_up(void **state)
{
    (void)state;
    cd_host_init(&h, 0, 0);
    return 0;
}

int cd_tear_down(void **state)
{
    (void)state;
    ide_host_free(&h);
    return 0;
}

void cd_change(struct ide_host *host, uint32_t blocks)
{
    cd_backend(host)->info.sectors = (uint64_t)blocks * 4;
    cd_backend(host)->listener->changed(cd_backend(host)->listener);
}

void cd_send(struct ide_host *host, const uint8_t *packet, uint16_t limit, bool dma)
{
    ide_out(host, IDE_FEATURES, dma ? ATAPI_DMA : 0);
    ide_out(host, IDE_LBA_MID, limit & 0xff);
    ide_out(host, IDE_LBA_HIGH, limit >> 8);
    ide_out(host, IDE_COMMAND, IDE_PACKET);
    assert_false(host->line.high);
    assert_int_equal(ide_in(host, IDE_STATUS), WANTS_DATA);
    assert_int_equal(ide_in(host, IDE_SECTOR_COUNT) & 7, ATAPI_REASON_CD);
    ide_give(host, packet, ATAPI_PACKET_SIZE);
}

uint32_t cd_take(struct ide_host *host, void *bytes, uint32_t size, unsigned int *bursts)
{
    uint32_t length = 0;

    *bursts = 0;
    for (;;) {
        uint8_t status = ide_acknowledge(host);
        uint32_t burst = ide_in(host, IDE_LBA_MID) | ide_in(host, IDE_LBA_HIGH) << 8;

        if (!(status & IDE_STATUS_DRQ)) {
            assert_int_equal(status, READY);
            assert_int_equal(ide_in(host, IDE_SECTOR_COUNT) & 7, ATAPI_REASON_CD | ATAPI_REASON_IO);
            return length;
        }
        assert_int_equal(status, WANTS_DATA);
        assert_int_equal(ide_in(host, IDE_SECTOR_COUNT) & 7, ATAPI_REASON_IO);
        assert_int_not_equal(burst, 0);
        assert_true(length + burst <= size);
        for (uint32_t i = 0; i < burst; i += 2) {
            uint16_t word = ide_command_ops.read(&host->channel, IDE_DATA, 2);

            memcpy((uint8_t *)bytes + length + i, &word, burst - i < 2 ? 1 : 2);
        }
        length += burst;
        ++*bursts;
    }
}

uint32_t cd_ask(struct ide_host *host, const uint8_t *packet, void *bytes, uint32_t size)
{
    unsigned int bursts;

    cd_send(host, packet, CD_LIMIT, false);
    return cd_take(host, bytes, size, &bursts);
}

void cd_do(struct ide_host *host, const uint8_t *packet)
{
    assert_int_equal(cd_ask(host, packet, NULL, 0), 0);
}

static void take_sense(struct ide_host *host, uint8_t sense[18])
{
    assert_int_equal(cd_ask(host, PACKET(ATAPI_REQUEST_SENSE, [4] = 18), sense, 18), 18);
    assert_int_equal(sense[0] & 0x7f, 0x70);
    assert_int_equal(sense[7], 10);
}

void cd_assert_sense(struct ide_host *host, uint8_t key, uint16_t code)
{
    uint8_t sense[18];

    assert_int_equal(ide_acknowledge(host), FAILED);
    assert_int_equal(ide_in(host, IDE_ERROR), key << 4 | IDE_ERROR_ABRT);
    assert_int_equal(ide_in(host, IDE_SECTOR_COUNT) & 7, ATAPI_REASON_CD | ATAPI_REASON_IO);
    take_sense(host, sense);
    assert_int_equal(sense[2], key);
    assert_int_equal(sense[12] << 8 | sense[13], code);
}

void cd_assert_fails(struct ide_host *host, const uint8_t *packet, uint8_t key, uint16_t code)
{
    cd_send(host, packet, CD_LIMIT, false);
    cd_assert_sense(host, key, code);
}
