/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A host that knows no rule: accesses to all three register blocks in any order, descriptors of any content, and a
 * backend that answers, fails and delays as it likes.  The disks and support.c check what reaches the backend, the
 * sanitizers the rest; a software reset must always bring the channel back.
 */
#include "ide_host.h"

#define MASTER_SECTORS 3000u
#define SLAVE_SECTORS 1000u
#define RAM (4u << 20)                      /* the chip's own buffers lie above it */
#define TABLES 0x10000u
#define ROUNDS 60u
#define STEPS 4000u

static struct ide_host h;
static uint32_t seed;

static uint32_t any(uint32_t limit)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed % limit;
}

static bool is_ram(struct guest_memory *memory, uint64_t address, uint64_t length)
{
    (void)memory;
    return address <= RAM && length <= RAM - address;
}

static uint8_t any_command(void)
{
    static const uint8_t commands[] = {
        0x20, 0x24, 0x25, 0x29, 0x30, 0x34, 0x35, 0x39, 0x40, 0x42, 0x70, 0x90, 0x91, 0xc4, 0xc5, 0xc6, 0xc8, 0xca,
        0xe0, 0xe3, 0xe5, 0xe7, 0xea, 0xec, 0xef, 0xf8, 0xc8, 0xca, 0x25, 0x35, 0x06, 0x06, 0x3d, 0xce, 0xb0, 0xe4,
        0xe8,
    };

    return any(16) ? commands[any(sizeof(commands))] : any(256);
}

static void any_descriptors(void)
{
    for (unsigned int i = 0; i < 16; i++)
        bm_descriptor(&h, TABLES, i, any(8) ? any(RAM) : any(UINT32_MAX),
                      (any(4) ? any(8192) : any(65536)) | (any(8) ? 0 : PRD_EOT));
    bm_table(&h, any(8) ? TABLES + 8 * any(16) : any(UINT32_MAX));
}

/* What SMART and TRIM want to see before they do anything. */
static void any_key(void)
{
    ide_out(&h, IDE_FEATURES, any(3) ? 0xd0 + any(11) : IDE_DSM_TRIM);
    ide_out(&h, IDE_SECTOR_COUNT, any(10));
    ide_out(&h, IDE_LBA_LOW, any(8));
    ide_out(&h, IDE_LBA_MID, IDE_SMART_KEY_MID);
    ide_out(&h, IDE_LBA_HIGH, IDE_SMART_KEY_HIGH);
    if (any(2))
        ide_out(&h, IDE_COMMAND, any(2) ? IDE_SMART : IDE_DATA_SET_MANAGEMENT);
}

/* A list for TRIM, one in three rounds a good one, where the descriptors are likely to point. */
static void any_list(void)
{
    uint64_t entry = any(3 * MASTER_SECTORS) | (uint64_t)any(64) << 48;

    for (unsigned int at = any(8) * sizeof(entry); at < RAM; at += 512)
        memcpy(h.memory.bytes + at, &entry, sizeof(entry));
}

static void any_register(void)
{
    unsigned int reg = 1 + any(7);

    if (!any(3))
        ide_in(&h, reg);
    else if (reg == IDE_COMMAND)
        ide_out(&h, IDE_COMMAND, any_command());
    else if (reg == IDE_DEVICE)
        ide_out(&h, IDE_DEVICE, any(3) ? IDE_DEVICE_LBA | any(2) << 4 : any(256));
    else if (!any(16))
        any_key();
    else
        ide_out(&h, reg, any(2) ? any(20) : any(256));
}

static void any_data(void)
{
    unsigned int size = 1u << any(3);

    for (unsigned int i = any(600); i; i--) {
        if (seed & 1)
            ide_command_ops.read(&h.channel, IDE_DATA, size);
        else
            ide_command_ops.write(&h.channel, IDE_DATA, size, i);
    }
    seed += 12345;
}

static void any_bus_master(void)
{
    if (any(2))
        bm_out(&h, BMICOM, any(256));
    else
        ide_bmdma_ops.write(&h.channel, any(2) ? BMISTA : 0, 1u << any(2), any(65536));
}

static void any_answer(void)
{
    struct test_disk *disk = &h.disks[any(2)];

    disk->ram.deferred = any(4);
    disk->ram.fail_next = any(8) ? BLK_OK : BLK_ERROR;
    disk->bad = any(8) ? BAD_NONE : any(SLAVE_SECTORS);
    ram_disk_complete(&h.disks[0].ram);
    ram_disk_complete(&h.disks[1].ram);
}

static void step(void)
{
    switch (any(10)) {
    case 0:
        any_descriptors();
        break;
    case 1:
        any_bus_master();
        break;
    case 2:
        if (!any(8))
            ide_control(&h, any(256));
        else
            any_answer();
        break;
    case 3:
        any_data();
        break;
    default:
        any_register();
        break;
    }
}

static void assert_comes_back(void)
{
    ide_control(&h, IDE_CONTROL_SRST);
    ide_control(&h, 0);
    while (ram_disk_complete(&h.disks[0].ram) || ram_disk_complete(&h.disks[1].ram))
        ;
    h.disks[0].ram.deferred = false;
    assert_int_equal(ide_in(&h, IDE_STATUS), READY);
    assert_false(h.line.high);
    ide_out(&h, IDE_COMMAND, IDE_IDENTIFY_DEVICE);
    assert_int_equal(ide_acknowledge(&h), WANTS_DATA);
}

static void survives(void **state)
{
    (void)state;
    for (unsigned int round = 1; round <= ROUNDS; round++) {
        seed = round * 2654435761u | 1;
        ide_host_init(&h, MASTER_SECTORS, SLAVE_SECTORS);
        h.disks[0].backend.info.discard = true;
        any_list();
        h.memory.memory.is_ram = is_ram;
        for (unsigned int i = 0; i < STEPS; i++)
            step();
        assert_comes_back();
        ide_host_free(&h);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(survives) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
