/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The IDE channel with its bus master: two disks, register accesses of any kind and order, any descriptors and lists
 * in memory, and a backend that answers, fails and delays as the input says.
 *
 * ide_host.c and support.c check what reaches the backend.  After every input a software reset must bring the channel
 * back.
 */
#include "ide_host.h"
#include "input.h"

#define MASTER_SECTORS 150u                 /* more than one PIO round */
#define SLAVE_SECTORS 20u
#define RAM 0x10000u                        /* bytes; the rest of the test's memory is none */

static struct ide_host h;

/* --- the surroundings --- */

static void power_on_once(void)
{
    ide_host_init(&h, MASTER_SECTORS, SLAVE_SECTORS);
    h.memory.size = RAM;
}

/* Everything that an input can have changed. */
static void begin(struct input *input)
{
    uint8_t options = take_u8(input);

    if (!h.memory.bytes)
        power_on_once();
    memset(h.memory.bytes, 0, RAM);
    for (unsigned int i = 0; i < 2; i++) {
        struct test_disk *disk = &h.disks[i];

        memset(disk->ram.bytes, i + 1, (i ? SLAVE_SECTORS : MASTER_SECTORS) * BLK_SECTOR_SIZE);
        disk->bad = BAD_NONE;
        disk->ram.deferred = false;
        disk->ram.fail_next = BLK_OK;
        disk->backend.info.flush = options & 1;
        disk->backend.info.discard = disk->ram.backend.info.discard = options & 2;
        disk->backend.info.read_only = i && options & 4;
    }
    memset(&h.channel, 0, sizeof(h.channel));
    ide_host_power(&h);
    take_log();
}

static void settle(void)
{
    while (ram_disk_complete(&h.disks[0].ram) || ram_disk_complete(&h.disks[1].ram))
        ;
}

static void end(void)
{
    ide_control(&h, IDE_CONTROL_SRST);
    ide_control(&h, 0);
    settle();
    h.disks[0].ram.deferred = false;
    assert_int_equal(ide_in(&h, IDE_STATUS), READY);
    assert_false(h.line.high);
    ide_out(&h, IDE_COMMAND, IDE_IDENTIFY_DEVICE);
    assert_int_equal(ide_acknowledge(&h), WANTS_DATA);
}

/* --- what an input can do --- */

static unsigned int width(struct input *input)
{
    return 1u << take_u8(input) % 3;
}

static void read_command_block(struct input *input)
{
    unsigned int reg = take_u8(input) % 8;

    ide_command_ops.read(&h.channel, reg, width(input));
}

static void write_command_block(struct input *input)
{
    unsigned int reg = take_u8(input) % 8, size = width(input);

    ide_command_ops.write(&h.channel, reg, size, take_u32(input));
}

/* A command that has a chance: an address on the disk or just behind it. */
static void command(struct input *input)
{
    uint8_t how = take_u8(input), features = take_u8(input), count = take_u8(input), code = take_u8(input);
    uint32_t lba = take_u16(input) % (MASTER_SECTORS + 4);

    ide_select(&h, how & IDE_DEVICE_DEV);
    ide_out(&h, IDE_FEATURES, features);
    if (how & 1)
        ide_issue_chs(&h, code, 0, lba / 63, lba % 63 + 1, count);
    else if (how & 2)
        ide_issue_ext(&h, code, lba, count);
    else
        ide_issue(&h, code, lba, count);
}

static void smart(struct input *input)
{
    ide_out(&h, IDE_FEATURES, IDE_SMART_READ_DATA + take_u8(input) % 12);
    ide_out(&h, IDE_SECTOR_COUNT, take_u8(input));
    ide_out(&h, IDE_LBA_LOW, take_u8(input));
    ide_out(&h, IDE_LBA_MID, IDE_SMART_KEY_MID);
    ide_out(&h, IDE_LBA_HIGH, IDE_SMART_KEY_HIGH);
    ide_out(&h, IDE_COMMAND, IDE_SMART);
}

static void data(struct input *input)
{
    unsigned int size = width(input), count = take_u8(input) * 8u;
    uint8_t value = take_u8(input);

    for (unsigned int i = 0; i < count; i++) {
        if (value & 1)
            ide_command_ops.write(&h.channel, IDE_DATA, size, value * 0x01010101u);
        else
            ide_command_ops.read(&h.channel, IDE_DATA, size);
    }
}

static void control(struct input *input)
{
    uint8_t value = take_u8(input);

    if (value & 1)
        ide_alternate(&h);
    else
        ide_control(&h, value);
}

static void read_bus_master(struct input *input)
{
    unsigned int size = width(input);

    ide_bmdma_ops.read(&h.channel, take_u8(input) % 8 & -size, size);
}

static void write_bus_master(struct input *input)
{
    unsigned int size = width(input), offset = take_u8(input) % 8 & -size;

    ide_bmdma_ops.write(&h.channel, offset, size, take_u32(input));
}

/* One descriptor, or one range of a list, where tables and lists are likely to be. */
static void write_memory(struct input *input)
{
    uint32_t address = (take_u8(input) % 128) * 8u, low = take_u32(input), high = take_u32(input);

    memcpy(h.memory.bytes + address, &low, sizeof(low));
    memcpy(h.memory.bytes + address + 4, &high, sizeof(high));
}

static void start(uint32_t table)
{
    bm_table(&h, table);
    bm_out(&h, BMICOM, 0);
    bm_start(&h, true);
}

/* A whole table of regions in memory. */
static void table(struct input *input)
{
    unsigned int count = take_u8(input) % 8 + 1;

    for (unsigned int i = 0; i < count; i++) {
        uint16_t length = take_u16(input);

        bm_descriptor(&h, 0, i, 0x1000 + i * 0x1800, length | (i + 1 == count ? PRD_EOT : 0));
    }
    start(0);
}

/* DATA SET MANAGEMENT, its list, most of which is on the disk, and the table that leads there. */
static void trim(struct input *input)
{
    unsigned int count = take_u8(input) % 8, blocks = take_u8(input) % 8 + 1;

    bm_descriptor(&h, 0, 0, 0x1000, blocks * BLK_SECTOR_SIZE | PRD_EOT);
    for (unsigned int i = 0; i < count; i++) {
        uint64_t sector = take_u8(input), entry = sector | (uint64_t)take_u8(input) << 48;

        memcpy(h.memory.bytes + 0x1000 + i * 80, &entry, sizeof(entry));
    }
    ide_out(&h, IDE_FEATURES, IDE_DSM_TRIM);
    ide_out(&h, IDE_SECTOR_COUNT, blocks);
    ide_out(&h, IDE_COMMAND, IDE_DATA_SET_MANAGEMENT);
    start(0);
}

static void start_anywhere(struct input *input)
{
    start((take_u8(input) % 128) * 8u);
}

static void backend(struct input *input)
{
    uint8_t how = take_u8(input);
    struct test_disk *disk = &h.disks[how & 1];

    disk->ram.deferred = how & 2;
    disk->ram.fail_next = how & 4 ? BLK_ERROR : how & 8 ? BLK_UNSUPPORTED : BLK_OK;
    disk->bad = how & 16 ? take_u8(input) : BAD_NONE;
    ram_disk_complete(&disk->ram);
}

static void permission(struct input *input)
{
    ide_allow_master(&h.channel, take_u8(input) & 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static void (*const actions[])(struct input *input) = {
        read_command_block, write_command_block, command, smart, data, control, read_bus_master, write_bus_master,
        write_memory, table, trim, start_anywhere, backend, permission,
    };
    struct input input = { bytes, length };

    begin(&input);
    while (input.left)
        actions[take_u8(&input) % (sizeof(actions) / sizeof(actions[0]))](&input);
    end();
    return 0;
}
