/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The direct path at its port: what the boot BIOS asks for, all that is refused, and backends that fail, hang and come
 * back.  Drives 0 to 2 are disks, drive 3 is a CD drive.
 */
#include "board_host.h"

#include "devices/ide/direct_regs.h"
#include "devices/ide/ide_regs.h"

/* The boot BIOS's half, with the types of its own tree's types.h. */
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
#include "boot/new/src/hw/reflex_disk.h"

#define PORT      0x8a0u
#define SECTORS   4096u
#define RAM       0x100000u
#define REQUEST   0x9000u
#define BUFFER    0x10000u
#define UNTOUCHED 0x5a5a5a5au

static struct board_host h;

static void config_write(uint8_t reg, unsigned int width, uint32_t value)
{
    board_host_io(&h, 0, 0xcf8, 4, 0x80000900 | reg, 1);
    board_host_io(&h, 0, 0xcfc, width, value, 1);
}

static void allow_master(bool allowed)
{
    config_write(0x04, 2, allowed ? 5 : 1);
}

static void power_on(void)
{
    struct board_config config = { .vcpus = 1, .vcpus_online = { 1 }, .ram_below_4g = RAM };

    board_host_power(&h, &config);
    config_write(0x40, 4, 0x80008000);      /* both channels answer */
    config_write(0x20, 4, 0xc001);
    allow_master(true);
}

static int set_up(void **state)
{
    static const uint32_t sectors[BOARD_DRIVES] = { SECTORS, SECTORS, SECTORS, SECTORS };

    (void)state;
    board_host_plug_in(&h, RAM, sectors);
    h.disks[3].backend.info.cdrom = true;
    for (unsigned int i = 0; i < BOARD_DRIVES; i++)
        for (uint32_t at = 0; at < SECTORS * BLK_SECTOR_SIZE; at++)
            h.disks[i].bytes[at] = (uint8_t)(at / BLK_SECTOR_SIZE * 7 + at + i);
    power_on();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    board_host_free(&h);
    return 0;
}

/* --- the boot BIOS ------------------------------------------------------------------------------------------------ */

static struct direct_request a_request(uint8_t operation, uint8_t drive, uint64_t sector, uint16_t sectors)
{
    return (struct direct_request){
        .signature = DIRECT_SIGNATURE, .drive = drive, .operation = operation, .sectors = sectors, .sector = sector,
        .buffer = BUFFER, .status = UNTOUCHED, .reserved = UNTOUCHED,
    };
}

/* The status that the request then has; nothing else of it has changed. */
static uint32_t ask(struct direct_request request)
{
    struct direct_request *there = (struct direct_request *)(h.memory.bytes + REQUEST);
    uint32_t status;

    memcpy(there, &request, sizeof(request));
    board_host_io(&h, 0, PORT, 4, REQUEST, 1);
    status = there->status;
    there->status = request.status;
    assert_memory_equal(there, &request, sizeof(request));
    return status;
}

static uint32_t read_sectors(uint8_t drive, uint64_t sector, uint16_t sectors)
{
    return ask(a_request(DIRECT_READ, drive, sector, sectors));
}

static uint32_t write_sectors(uint8_t drive, uint64_t sector, uint16_t sectors)
{
    return ask(a_request(DIRECT_WRITE, drive, sector, sectors));
}

static void assert_same(unsigned int drive, uint32_t sector, uint32_t sectors)
{
    assert_memory_equal(h.memory.bytes + BUFFER, h.disks[drive].bytes + sector * BLK_SECTOR_SIZE,
                        sectors * BLK_SECTOR_SIZE);
}

/* No backend has heard of it. */
static void assert_refused(struct direct_request request)
{
    assert_int_equal(ask(request), DIRECT_REFUSED);
    for (unsigned int i = 0; i < BOARD_DRIVES; i++)
        assert_int_equal(h.disks[i].reads + h.disks[i].writes + h.disks[i].flushes, 0);
}

static uint8_t in(uint32_t port)
{
    return (uint8_t)board_host_io(&h, XEN_REFLECT_READ, port, 1, 0, 1);
}

static void out(uint32_t port, uint8_t value)
{
    board_host_io(&h, 0, port, 1, value, 1);
}

/* ------------------------------------------------------------------------------------------------------------------ */

static void both_halves_agree(void **state)
{
    (void)state;
    assert_int_equal(PORT_REFLEX_DISK, PORT);
    assert_int_equal(REFLEX_DISK_SIGNATURE, DIRECT_SIGNATURE);
    assert_int_equal(REFLEX_DISK_READ, DIRECT_READ);
    assert_int_equal(REFLEX_DISK_WRITE, DIRECT_WRITE);
    assert_int_equal(REFLEX_DISK_DONE, DIRECT_DONE);
    assert_int_equal(sizeof(struct reflex_disk_request), sizeof(struct direct_request));
#define AGREE(member) assert_int_equal(offsetof(struct reflex_disk_request, member), \
                                       offsetof(struct direct_request, member))
    AGREE(drive);
    AGREE(operation);
    AGREE(sectors);
    AGREE(sector);
    AGREE(buffer);
    AGREE(status);
}

static void it_says_that_it_is_there(void **state)
{
    (void)state;
    assert_int_equal((uint32_t)board_host_io(&h, XEN_REFLECT_READ, PORT, 4, 0, 1), DIRECT_SIGNATURE);
    assert_int_equal((uint16_t)board_host_io(&h, XEN_REFLECT_READ, PORT, 2, 0, 1), 0xffff);
    assert_int_equal((uint32_t)board_host_io(&h, XEN_REFLECT_READ, PORT - 1, 4, 0, 1), 0xffffffff);
}

/* Beside a device model the boot BIOS is the device model's. */
static void it_is_the_chipsets(void **state)
{
    struct board_config config = { .vcpus = 1, .vcpus_online = { 1 }, .ram_below_4g = RAM,
                                   .elsewhere = DEVICE_CHIPSET | DEVICE_SERIAL };

    (void)state;
    board_host_power(&h, &config);
    assert_false(board_host_claimed(PORT, 1));
}

static void a_read_is_one_access_and_one_request(void **state)
{
    (void)state;
    assert_int_equal(read_sectors(0, 3000, 127), DIRECT_DONE);
    assert_same(0, 3000, 127);
    assert_int_equal(h.disks[0].reads, 1);
    assert_int_equal(h.memory.bytes[BUFFER + 127 * BLK_SECTOR_SIZE], 0);
    assert_int_equal(read_sectors(1, 0, 1), DIRECT_DONE);
    assert_same(1, 0, 1);
    assert_int_equal(read_sectors(2, SECTORS - 128, 128), DIRECT_DONE);
    assert_same(2, SECTORS - 128, 128);
}

static void the_task_file_hears_nothing(void **state)
{
    (void)state;
    out(0x1f6, 0xb0);
    out(0x1f2, 0x12);
    assert_int_equal(read_sectors(0, 5, 1), DIRECT_DONE);
    assert_int_equal(in(0x1f6), 0xb0);
    assert_int_equal(in(0x1f2), 0x12);
    assert_int_equal(in(0x3f6), IDE_STATUS_DRDY | IDE_STATUS_DSC);
    assert_false(h.board.ide[0].r.intrq);
}

static void an_answer_is_waited_for(void **state)
{
    (void)state;
    h.disks[0].deferred = true;
    assert_int_equal(read_sectors(0, 10, 20), DIRECT_DONE);
    assert_same(0, 10, 20);
}

static void what_is_written_is_accepted(void **state)
{
    (void)state;
    memset(h.memory.bytes + BUFFER, 0xee, 3 * BLK_SECTOR_SIZE);
    assert_int_equal(write_sectors(0, 77, 3), DIRECT_DONE);
    assert_same(0, 77, 3);
    assert_int_equal(h.disks[0].writes, 1);
    assert_int_equal(h.disks[0].flushes, 0);
}

static void disable_write_cache(void)
{
    out(0x1f6, 0xa0);
    out(0x1f1, 0x82);
    out(0x1f7, IDE_SET_FEATURES);
    assert_int_equal(in(0x1f7), IDE_STATUS_DRDY | IDE_STATUS_DSC);
    h.disks[0].flushes = 0;                 /* the one with which it begins */
}

static void without_a_write_cache_it_is_durable(void **state)
{
    (void)state;
    disable_write_cache();
    h.disks[0].deferred = true;             /* the flush comes after the write's answer, and both are waited for */
    assert_int_equal(write_sectors(0, 77, 3), DIRECT_DONE);
    assert_int_equal(h.disks[0].flushes, 1);
    assert_int_equal(read_sectors(0, 77, 3), DIRECT_DONE);
    assert_int_equal(h.disks[0].flushes, 1);
    assert_int_equal(write_sectors(1, 77, 3), DIRECT_DONE);     /* the other drive has its own setting */
    assert_int_equal(h.disks[1].flushes, 0);
}

/* Fails, or does not know, the flush after a write. */
static enum blk_status flush_answer;

static void submit_until_flush(struct blk_backend *backend, struct blk_request *request)
{
    if (request->op == BLK_FLUSH)
        request->done(request, flush_answer);
    else
        h.disks[1].backend.ops->submit(backend, request);
}

static void a_flush_that_fails(void **state)
{
    struct blk_backend_ops ops = *h.disks[0].backend.ops;

    (void)state;
    disable_write_cache();
    ops.submit = submit_until_flush;
    h.disks[0].backend.ops = &ops;
    flush_answer = BLK_ERROR;
    assert_int_equal(write_sectors(0, 1, 1), DIRECT_FAILED);
    flush_answer = BLK_UNSUPPORTED;         /* nothing to lose, then */
    assert_int_equal(write_sectors(0, 1, 1), DIRECT_DONE);
    h.disks[0].backend.info.flush = false;  /* never asked */
    flush_answer = BLK_ERROR;
    assert_int_equal(write_sectors(0, 1, 1), DIRECT_DONE);
}

static void what_is_not_there_is_refused(void **state)
{
    struct direct_request r = a_request(DIRECT_READ, 0, 0, 1);

    (void)state;
    assert_refused(a_request(DIRECT_READ, 4, 0, 1));
    assert_refused(a_request(DIRECT_READ, 255, 0, 1));
    assert_refused(a_request(DIRECT_READ, 3, 0, 1));            /* a CD drive */
    assert_refused(a_request(DIRECT_WRITE + 1, 0, 0, 1));
    assert_refused(a_request(DIRECT_READ, 0, 0, 0));
    assert_refused(a_request(DIRECT_READ, 0, 0, DIRECT_SECTORS + 1));
    assert_refused(a_request(DIRECT_READ, 0, SECTORS - 1, 2));
    assert_refused(a_request(DIRECT_READ, 0, SECTORS, 1));
    assert_refused(a_request(DIRECT_READ, 0, UINT64_MAX, 1));
    assert_refused(a_request(DIRECT_READ, 0, UINT64_MAX - 126, 127));
    r.buffer = BUFFER + 1;
    assert_refused(r);
    r.buffer = RAM - BLK_SECTOR_SIZE + 2;
    assert_refused(r);
    r.buffer = RAM;
    assert_refused(r);
    r.buffer = UINT64_MAX - BLK_SECTOR_SIZE + 1;
    assert_refused(r);
    r.buffer = (uintptr_t)&h.board & ~1ull; /* the firmware's own */
    assert_refused(r);
    h.disks[0].backend.info.read_only = true;
    assert_refused(a_request(DIRECT_WRITE, 0, 0, 1));
    assert_int_equal(read_sectors(0, 0, 1), DIRECT_DONE);
}

static void a_drive_that_is_absent(void **state)
{
    struct board_config config = { .vcpus = 1, .vcpus_online = { 1 }, .ram_below_4g = RAM };

    (void)state;
    ram_disk_free(&h.disks[1]);
    h.disks[1].bytes = NULL;
    board_host_power(&h, &config);
    assert_refused(a_request(DIRECT_READ, 1, 0, 1));
}

static void a_drive_that_is_busy_is_refused(void **state)
{
    (void)state;
    out(0x1f6, 0xb0);
    out(0x1f7, IDE_IDENTIFY_DEVICE);        /* which is over when its data has been read */
    assert_refused(a_request(DIRECT_READ, 1, 0, 1));
    assert_refused(a_request(DIRECT_READ, 0, 0, 1));            /* on the same cable */
    board_host_io(&h, XEN_REFLECT_READ | XEN_REFLECT_PTR, 0x1f0, 2, 0x2000, 256);
    in(0x1f7);
    out(0x3f6, IDE_CONTROL_SRST);
    assert_refused(a_request(DIRECT_READ, 1, 0, 1));
    out(0x3f6, 0);
    assert_int_equal(read_sectors(1, 0, 1), DIRECT_DONE);
}

/* What a new command has taken over from, and the backend has yet to answer. */
static void a_channel_that_drains_is_refused(void **state)
{
    (void)state;
    h.disks[0].deferred = true;
    out(0x1f6, 0xe0);
    out(0x1f2, 1);
    out(0x1f7, IDE_READ_SECTORS);
    assert_int_equal(read_sectors(0, 0, 1), DIRECT_REFUSED);
    out(0x1f7, IDE_CHECK_POWER_MODE);
    assert_int_equal(read_sectors(0, 0, 1), DIRECT_REFUSED);
    out(0x3f6, IDE_CONTROL_SRST);
    out(0x3f6, 0);
    assert_int_equal(read_sectors(0, 0, 1), DIRECT_REFUSED);
    assert_int_equal(h.disks[0].reads, 1);
    assert_int_equal(read_sectors(2, 0, 1), DIRECT_DONE);       /* the other channel's */
    assert_true(ram_disk_complete(&h.disks[0]));
    assert_int_equal(read_sectors(0, 0, 1), DIRECT_DONE);
}

static void a_drive_asleep_is_refused_and_one_in_standby_wakes(void **state)
{
    (void)state;
    out(0x1f6, 0xa0);
    out(0x1f7, IDE_STANDBY_IMMEDIATE);
    assert_int_equal(read_sectors(0, 0, 1), DIRECT_DONE);
    out(0x1f7, IDE_CHECK_POWER_MODE);
    assert_int_equal(in(0x1f2), IDE_POWER_ACTIVE);
    h.disks[0].reads = h.disks[0].flushes = 0;
    out(0x1f7, IDE_SLEEP);
    h.disks[0].flushes = 0;
    assert_refused(a_request(DIRECT_READ, 0, 0, 1));
}

static void no_permission_to_master_the_bus(void **state)
{
    (void)state;
    allow_master(false);
    assert_refused(a_request(DIRECT_READ, 0, 0, 1));
    allow_master(true);
    assert_int_equal(read_sectors(0, 0, 1), DIRECT_DONE);
}

static void what_is_no_request_is_left_alone(void **state)
{
    const struct direct_request r = a_request(DIRECT_READ, 0, 0, 1);
    struct direct_request other = r;

    (void)state;
    other.signature++;
    assert_int_equal(ask(other), UNTOUCHED);
    memcpy(h.memory.bytes + RAM - sizeof(r) + 1, &r, sizeof(r));
    board_host_io(&h, 0, PORT, 4, RAM - sizeof(r) + 1, 1);
    board_host_io(&h, 0, PORT, 4, 0xfffffff8, 1);
    board_host_io(&h, 0, PORT, 2, REQUEST, 1);
    assert_int_equal(h.disks[0].reads, 0);
    assert_non_null(strstr(take_log(), "no request at 0xfffffff8"));
}

/* The request is where its data goes: what counts is the copy. */
static void a_request_under_its_own_data(void **state)
{
    struct direct_request *there = (struct direct_request *)(h.memory.bytes + REQUEST);
    struct direct_request r = a_request(DIRECT_READ, 0, 0, 1);

    (void)state;
    r.buffer = REQUEST;
    memcpy(there, &r, sizeof(r));
    board_host_io(&h, 0, PORT, 4, REQUEST, 1);
    assert_int_equal(there->status, DIRECT_DONE);
    assert_memory_equal(h.memory.bytes + REQUEST, h.disks[0].bytes, offsetof(struct direct_request, status));
}

static void a_backend_that_fails(void **state)
{
    (void)state;
    h.disks[0].fail_next = BLK_ERROR;
    assert_int_equal(read_sectors(0, 42, 1), DIRECT_FAILED);
    assert_non_null(strstr(take_log(), "drive 0: the backend fails, 1 sectors at 42"));
    assert_int_equal(read_sectors(0, 42, 1), DIRECT_DONE);
}

static void do_not_settle(struct blk_backend *backend)
{
    (void)backend;
}

static void a_backend_that_hangs_keeps_the_request(void **state)
{
    struct blk_backend_ops ops = *h.disks[0].backend.ops;
    struct direct_request *there = (struct direct_request *)(h.memory.bytes + REQUEST);

    (void)state;
    ops.settle = do_not_settle;
    h.disks[0].backend.ops = &ops;
    disable_write_cache();
    h.disks[0].deferred = true;
    assert_int_equal(write_sectors(0, 8, 2), DIRECT_FAILED);
    assert_non_null(strstr(take_log(), "does not answer"));
    assert_int_equal(read_sectors(0, 9, 1), DIRECT_REFUSED);
    assert_int_equal(read_sectors(2, 9, 1), DIRECT_REFUSED);    /* there is one request */
    memset(there, 0x5a, sizeof(*there));
    assert_true(ram_disk_complete(&h.disks[0]));
    assert_int_equal(read_sectors(2, 9, 1), DIRECT_REFUSED);    /* it flushes */
    memset(there, 0x5a, sizeof(*there));
    assert_true(ram_disk_complete(&h.disks[0]));
    assert_false(ram_disk_complete(&h.disks[0]));
    assert_int_equal(there->status, UNTOUCHED);                 /* nobody waits for it any more */
    assert_int_equal(h.disks[0].writes, 1);
    assert_int_equal(h.disks[0].flushes, 1);
    assert_int_equal(read_sectors(2, 9, 1), DIRECT_DONE);
    assert_int_equal(h.board.ide_direct.failed, 1);
    assert_int_equal(h.board.ide_direct.refused, 3);
    assert_int_equal(h.board.ide_direct.done, 1);
}

/* The registers are the other way: they work while a direct request hangs. */
/* The backend may be at the guest's memory yet, and at the disk: whatever comes next waits for it. */
static void hang(struct blk_backend_ops *ops)
{
    *ops = *h.disks[0].backend.ops;
    ops->settle = do_not_settle;
    h.disks[0].backend.ops = ops;
    h.disks[0].deferred = true;
    assert_int_equal(read_sectors(0, 8, 2), DIRECT_FAILED);
}

static void a_command_waits_for_a_late_request(void **state)
{
    struct blk_backend_ops ops;
    struct blk_request *late;

    (void)state;
    hang(&ops);
    late = h.disks[0].queue;
    assert_non_null(late);
    out(0x1f6, 0xe0);
    out(0x1f2, 1);
    out(0x1f7, IDE_READ_SECTORS);
    assert_int_equal(in(0x3f6), IDE_STATUS_BSY);
    assert_ptr_equal(h.disks[0].queue, late);
    assert_null(late->next);
    assert_true(ram_disk_complete(&h.disks[0]));
    assert_int_equal(in(0x3f6), IDE_STATUS_BSY);
    assert_true(ram_disk_complete(&h.disks[0]));
    assert_int_equal(in(0x1f7), IDE_STATUS_DRDY | IDE_STATUS_DSC | IDE_STATUS_DRQ);
}

static void a_reset_waits_for_a_late_request(void **state)
{
    struct blk_backend_ops ops;

    (void)state;
    hang(&ops);
    out(0x3f6, 0x04);
    out(0x3f6, 0x00);
    assert_int_equal(in(0x3f6) & IDE_STATUS_BSY, IDE_STATUS_BSY);
    assert_true(ram_disk_complete(&h.disks[0]));
    assert_int_equal(in(0x3f6) & IDE_STATUS_BSY, 0);
    assert_int_equal(in(0x1f2), 1);         /* the signature */
}

/* Each of its elements may take 10 s. */
static void a_string_instruction_asks_for_nothing(void **state)
{
    struct direct_request request = a_request(DIRECT_READ, 0, 8, 2);
    const uint32_t address = REQUEST;

    (void)state;
    memcpy(h.memory.bytes + REQUEST, &request, sizeof(request));
    memcpy(h.memory.bytes + BUFFER, &address, sizeof(address));
    board_host_io(&h, XEN_REFLECT_PTR, PORT, 4, BUFFER, 1);
    assert_memory_equal(h.memory.bytes + REQUEST, &request, sizeof(request));
    assert_int_equal(h.disks[0].reads, 0);
    board_host_io(&h, XEN_REFLECT_PTR | XEN_REFLECT_READ, PORT, 4, BUFFER, 1);
    assert_memory_equal(h.memory.bytes + BUFFER, &address, sizeof(address));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(both_halves_agree),
        TEST(it_says_that_it_is_there),
        TEST(it_is_the_chipsets),
        TEST(a_read_is_one_access_and_one_request),
        TEST(the_task_file_hears_nothing),
        TEST(an_answer_is_waited_for),
        TEST(what_is_written_is_accepted),
        TEST(without_a_write_cache_it_is_durable),
        TEST(a_flush_that_fails),
        TEST(what_is_not_there_is_refused),
        TEST(a_drive_that_is_absent),
        TEST(a_drive_that_is_busy_is_refused),
        TEST(a_channel_that_drains_is_refused),
        TEST(a_drive_asleep_is_refused_and_one_in_standby_wakes),
        TEST(no_permission_to_master_the_bus),
        TEST(what_is_no_request_is_left_alone),
        TEST(a_request_under_its_own_data),
        TEST(a_backend_that_fails),
        TEST(a_backend_that_hangs_keeps_the_request),
        TEST(a_command_waits_for_a_late_request),
        TEST(a_reset_waits_for_a_late_request),
        TEST(a_string_instruction_asks_for_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
