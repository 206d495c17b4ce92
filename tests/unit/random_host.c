/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "random_host.h"

#define TABLES 0x10000u
#define ROUNDS 60u

static uint32_t seed;

uint32_t any(uint32_t limit)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed % limit;
}

void any_data(struct ide_host *host, uint32_t limit)
{
    unsigned int size = 1u << any(3);
    bool read = any(2);

    for (unsigned int i = any(limit); i; i--) {
        if (read)
            ide_command_ops.read(&host->channel, IDE_DATA, size);
        else
            ide_command_ops.write(&host->channel, IDE_DATA, size, i % 7 ? 0 : i);
    }
}

void any_descriptors(struct ide_host *host)
{
    for (unsigned int i = 0; i < 16; i++)
        bm_descriptor(host, TABLES, i, any(8) ? any(RANDOM_RAM) : any(UINT32_MAX),
                      (any(4) ? any(8192) : any(65536)) | (any(8) ? 0 : PRD_EOT));
    bm_table(host, any(8) ? TABLES + 8 * any(16) : any(UINT32_MAX));
}

void any_answer(struct ide_host *host, uint32_t bad_limit)
{
    struct test_disk *disk = &host->disks[any(2)];

    disk->ram.deferred = any(4);
    disk->ram.fail_next = any(8) ? BLK_OK : BLK_ERROR;
    disk->bad = any(8) ? BAD_NONE : any(bad_limit);
    ram_disk_complete(&host->disks[0].ram);
    ram_disk_complete(&host->disks[1].ram);
}

static void reset(struct ide_host *host)
{
    ide_control(host, IDE_CONTROL_SRST);
    ide_control(host, 0);
    while (ram_disk_complete(&host->disks[0].ram) || ram_disk_complete(&host->disks[1].ram))
        ;
    for (unsigned int i = 0; i < 2; i++) {
        host->disks[i].ram.deferred = false;
        host->disks[i].ram.fail_next = BLK_OK;
        host->disks[i].bad = BAD_NONE;
    }
}

void random_host_run(const struct random_commands *commands)
{
    static struct ide_host host;

    for (unsigned int round = 1; round <= ROUNDS; round++) {
        seed = round * 2654435761u | 1;
        commands->power(&host);
        host.memory.size = RANDOM_RAM;
        for (unsigned int i = 0; i < commands->steps; i++)
            commands->step(&host);
        reset(&host);
        commands->assert_comes_back(&host);
        ide_host_free(&host);
    }
}
