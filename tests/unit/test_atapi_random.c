/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A host that knows no rule, with a disk and a CD drive on one cable: packets of any content in any phase, accesses to
 * all registers in between, media that come and go, and a backend that answers, fails and delays as it likes.  The
 * disks and support.c check what reaches the backend, the sanitizers the rest; a reset must always bring the drive
 * back.
 */
#include "atapi_host.h"

#define DISK_SECTORS 1000u
#define RAM (4u << 20)                      /* the chip's own buffers lie above it */
#define TABLES 0x10000u
#define ROUNDS 60u
#define STEPS 2000u

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

static void any_register(void)
{
    unsigned int reg = 1 + any(7);

    if (!any(3))
        ide_in(&h, reg);
    else if (reg == IDE_COMMAND && any(4))
        ide_out(&h, IDE_COMMAND, any(3) ? IDE_PACKET : IDE_DEVICE_RESET);
    else if (reg == IDE_DEVICE)
        ide_out(&h, IDE_DEVICE, any(4) ? 0xb0 : 0xa0);
    else
        ide_out(&h, reg, any(256));
}

/* Every code that the drive knows, with fields that mostly make sense. */
static void any_packet(void)
{
    static const uint8_t codes[] = {
        0x00, 0x03, 0x12, 0x1b, 0x1e, 0x25, 0x28, 0x28, 0x2b, 0x42, 0x43, 0x46, 0x4a, 0x51, 0x52, 0x55, 0x5a, 0xa8,
        0xad, 0xb9, 0xbb, 0xbd, 0xbe, 0xbe,
    };
    uint8_t packet[ATAPI_PACKET_SIZE];

    for (unsigned int i = 1; i < sizeof(packet); i++)
        packet[i] = any(3) ? 0 : any(256);
    packet[0] = any(16) ? codes[any(sizeof(codes))] : any(256);
    if (packet[0] == ATAPI_MODE_SELECT_10 && any(4))
        packet[1] = 0x10;
    ide_out(&h, IDE_DEVICE, 0xb0);
    ide_out(&h, IDE_FEATURES, any(2));
    ide_out(&h, IDE_LBA_MID, any(256));
    ide_out(&h, IDE_LBA_HIGH, any(256));
    ide_out(&h, IDE_COMMAND, IDE_PACKET);
    ide_give(&h, packet, any(32) ? ATAPI_PACKET_SIZE : any(ATAPI_PACKET_SIZE));
}

static void any_data(void)
{
    unsigned int size = 1u << any(3);

    for (unsigned int i = any(2) ? any(40) : any(40000); i; i--) {
        if (seed & 1)
            ide_command_ops.read(&h.channel, IDE_DATA, size);
        else
            ide_command_ops.write(&h.channel, IDE_DATA, size, i % 7 ? 0 : i);
    }
    seed += 12345;
}

static void any_bus_master(void)
{
    if (any(2)) {
        bm_out(&h, BMICOM, any(256));
        return;
    }
    for (unsigned int i = 0; i < 16; i++)
        bm_descriptor(&h, TABLES, i, any(8) ? any(RAM) : any(UINT32_MAX),
                      (any(4) ? any(8192) : any(65536)) | (any(8) ? 0 : PRD_EOT));
    bm_table(&h, any(8) ? TABLES + 8 * any(16) : any(UINT32_MAX));
}

static void any_answer(void)
{
    struct test_disk *disk = &h.disks[any(2)];

    disk->ram.deferred = any(4);
    disk->ram.fail_next = any(8) ? BLK_OK : BLK_ERROR;
    disk->bad = any(8) ? BAD_NONE : any(DISK_SECTORS);
    ram_disk_complete(&h.disks[0].ram);
    ram_disk_complete(&h.disks[1].ram);
}

/* What is in flight has been checked against the medium that was: the RAM disk is as large as any. */
static void any_medium(void)
{
    struct blk_backend *drive = cd_backend(&h);

    if (any(3))
        cd_change(&h, any(3) ? 1 + any(CD_BLOCKS) : 0);
    else
        drive->listener->eject_asked(drive->listener);
}

static void step(void)
{
    switch (any(12)) {
    case 0:
        any_bus_master();
        break;
    case 1:
        any_medium();
        break;
    case 2:
    case 3:
        any_answer();
        break;
    case 4:
    case 5:
        any_data();
        break;
    case 6:
        if (!any(8))
            ide_control(&h, any(256));
        break;
    case 7:
    case 8:
    case 9:
        any_packet();
        break;
    default:
        any_register();
        break;
    }
}

static void assert_comes_back(void)
{
    uint8_t sense[18];

    ide_control(&h, IDE_CONTROL_SRST);
    ide_control(&h, 0);
    while (ram_disk_complete(&h.disks[0].ram) || ram_disk_complete(&h.disks[1].ram))
        ;
    h.disks[1].ram.deferred = false;
    h.disks[1].ram.fail_next = BLK_OK;
    h.disks[1].bad = BAD_NONE;
    ide_select(&h, 1);
    assert_int_equal(ide_in(&h, IDE_STATUS), 0);
    assert_false(h.line.high);
    cd_change(&h, 10);
    for (unsigned int i = 0; i < 2; i++)
        assert_int_equal(cd_ask(&h, PACKET(ATAPI_REQUEST_SENSE, [4] = 18), sense, 18), 18);
    assert_int_equal(sense[12], 0x28);
    cd_do(&h, PACKET(ATAPI_TEST_UNIT_READY));
}

static void survives(void **state)
{
    (void)state;
    for (unsigned int round = 1; round <= ROUNDS; round++) {
        seed = round * 2654435761u | 1;
        cd_host_init(&h, 1, DISK_SECTORS);
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
