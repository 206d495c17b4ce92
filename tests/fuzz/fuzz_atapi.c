/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A CD drive beside a disk: packets with any field, register accesses in any phase, descriptors of any kind, media that
 * come and go, and a backend that answers, fails and delays as the input says.
 *
 * ide_host.c and support.c check what reaches the backend.  After every input a software reset must bring the drive
 * back, with its unit attention conditions.
 */
#include "atapi_host.h"
#include "input.h"

#define DISK_SECTORS 20u
#define RAM 0x10000u                        /* bytes; the rest of the test's memory is none */

static void begin(struct input *input)
{
    if (!h.memory.bytes) {
        cd_host_init(&h, 1, DISK_SECTORS);
        h.memory.size = RAM;
    }
    memset(h.memory.bytes, 0, RAM);
    for (unsigned int i = 0; i < 2; i++) {
        h.disks[i].bad = BAD_NONE;
        h.disks[i].ram.deferred = false;
        h.disks[i].ram.fail_next = BLK_OK;
    }
    cd_backend(&h)->info.sectors = take_u8(input) % (CD_BLOCKS / 4) * 16;
    memset(&h.channel, 0, sizeof(h.channel));
    ide_host_power(&h);
    ide_select(&h, 1);
    take_log();
}

static void end(void)
{
    uint8_t sense[18];

    ide_control(&h, IDE_CONTROL_SRST);
    ide_control(&h, 0);
    while (ram_disk_complete(&h.disks[0].ram) || ram_disk_complete(&h.disks[1].ram))
        ;
    h.disks[1].ram.deferred = false;
    ide_select(&h, 1);
    assert_int_equal(ide_in(&h, IDE_STATUS), 0);
    assert_false(h.line.high);
    cd_change(&h, 10);
    for (unsigned int i = 0; i < 2; i++)
        assert_int_equal(cd_ask(&h, PACKET(ATAPI_REQUEST_SENSE, [4] = 18), sense, 18), 18);
    assert_int_equal(sense[12], ATAPI_MEDIUM_MAY_HAVE_CHANGED >> 8);
    cd_do(&h, PACKET(ATAPI_TEST_UNIT_READY));
}

/* --- what an input can do --- */

static void any_register(struct input *input)
{
    uint8_t reg = take_u8(input);

    if (reg & 8)
        ide_command_ops.read(&h.channel, reg % 8, 1u << (reg >> 4) % 3);
    else
        ide_command_ops.write(&h.channel, reg % 8, 1u << (reg >> 4) % 3, take_u32(input));
}

/* READ (10)'s fields: a few blocks that end where the medium does, or thereabouts. */
static void place_at_end(uint8_t *packet)
{
    uint32_t blocks = (uint32_t)cd_backend(&h)->info.sectors / 4, block = blocks - packet[5] % 8;

    packet[2] = packet[3] = packet[7] = 0;
    packet[4] = (uint8_t)(block >> 8);
    packet[5] = (uint8_t)block;
    packet[8] %= 10;
}

static void packet(struct input *input)
{
    uint8_t bytes[ATAPI_PACKET_SIZE], how = take_u8(input);
    uint16_t limit = take_u16(input);

    for (unsigned int i = 0; i < sizeof(bytes); i++)
        bytes[i] = how & 2 || !i || i > 3 ? take_u8(input) : 0;
    if (how & 4)
        place_at_end(bytes);
    ide_select(&h, 1);
    ide_out(&h, IDE_FEATURES, how & 1);
    ide_out(&h, IDE_LBA_MID, limit & 0xff);
    ide_out(&h, IDE_LBA_HIGH, limit >> 8);
    ide_out(&h, IDE_COMMAND, IDE_PACKET);
    ide_give(&h, bytes, sizeof(bytes));
}

static void data(struct input *input)
{
    uint8_t how = take_u8(input);
    unsigned int count = take_u16(input) % 3000;

    for (unsigned int i = 0; i < count; i++) {
        if (how & 1)
            ide_command_ops.write(&h.channel, IDE_DATA, 2, how * 0x0101u);
        else
            ide_command_ops.read(&h.channel, IDE_DATA, how & 2 ? 4 : 2);
    }
}

/* A few words, which a parameter list is made of. */
static void words(struct input *input)
{
    for (unsigned int i = take_u8(input) % 16; i; i--)
        ide_command_ops.write(&h.channel, IDE_DATA, 2, take_u16(input));
}

static void control(struct input *input)
{
    ide_control(&h, take_u8(input));
}

static void bus_master(struct input *input)
{
    uint8_t how = take_u8(input);

    bm_out(&h, how % 4, take_u8(input));
}

static void table(struct input *input)
{
    unsigned int count = take_u8(input) % 8 + 1;

    for (unsigned int i = 0; i < count; i++) {
        uint32_t address = take_u32(input) % (RAM + 64), length = take_u16(input);

        bm_descriptor(&h, 0, i, address, length | (i + 1 == count ? PRD_EOT : 0));
    }
    bm_table(&h, 0);
    bm_out(&h, BMICOM, 0);
    bm_start(&h, true);
}

static void medium(struct input *input)
{
    uint8_t how = take_u8(input);

    if (how == 1)
        cd_backend(&h)->listener->eject_asked(cd_backend(&h)->listener);
    else
        cd_change(&h, how % (CD_BLOCKS / 4) * 4);
}

static void backend(struct input *input)
{
    uint8_t how = take_u8(input);
    struct test_disk *disk = &h.disks[1];

    disk->ram.deferred = how & 2;
    disk->ram.fail_next = how & 4 ? BLK_ERROR : BLK_OK;
    disk->bad = how & 16 ? take_u16(input) % 400 : BAD_NONE;
    ram_disk_complete(&disk->ram);
}

static void permission(struct input *input)
{
    ide_allow_master(&h.channel, take_u8(input) & 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static void (*const actions[])(struct input *input) = {
        any_register, packet, packet, packet, data, words, control, bus_master, table, medium, backend, permission,
    };
    struct input input = { bytes, length };

    begin(&input);
    while (input.left)
        actions[take_u8(&input) % (sizeof(actions) / sizeof(actions[0]))](&input);
    end();
    return 0;
}
