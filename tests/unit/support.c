/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "support.h"

#include <stdlib.h>

#include "lib/log.h"

/* --- interrupt line ------------------------------------------------------------------------------------ */

static void recorded_line_set(struct irq_line *line, bool high)
{
    struct recorded_line *recorded = (struct recorded_line *)line;

    if (high != recorded->high) {
        recorded->high = high;
        if (high)
            recorded->rises++;
        else
            recorded->falls++;
    }
}

void recorded_line_init(struct recorded_line *line)
{
    *line = (struct recorded_line){.line.set = recorded_line_set};
}

/* --- guest memory -------------------------------------------------------------------------------------- */

/* The RAM disk transfers to and from guest-physical addresses, as a real backend does: it finds the
 * memory here. */
static struct test_memory *installed_memory;

static bool test_memory_is_ram(struct guest_memory *memory, uint64_t address, uint64_t length)
{
    uint64_t size = ((struct test_memory *)memory)->size;

    return address <= size && length <= size - address;
}

static bool test_memory_read(struct guest_memory *memory, uint64_t address, void *bytes, uint32_t length)
{
    if (!test_memory_is_ram(memory, address, length))
        return false;
    memcpy(bytes, ((struct test_memory *)memory)->bytes + address, length);
    return true;
}

static bool test_memory_write(struct guest_memory *memory, uint64_t address, const void *bytes, uint32_t length)
{
    if (!test_memory_is_ram(memory, address, length))
        return false;
    memcpy(((struct test_memory *)memory)->bytes + address, bytes, length);
    return true;
}

void test_memory_init(struct test_memory *memory)
{
    *memory = (struct test_memory){
        .memory = {.read = test_memory_read, .write = test_memory_write, .is_ram = test_memory_is_ram},
        .size = TEST_MEMORY_SIZE,
        .bytes = calloc(1, TEST_MEMORY_SIZE),
    };
    assert_non_null(memory->bytes);
    installed_memory = memory;
}

void test_memory_free(struct test_memory *memory)
{
    if (installed_memory == memory)
        installed_memory = NULL;
    free(memory->bytes);
    memory->bytes = NULL;
}

/* --- RAM disk ------------------------------------------------------------------------------------------ */

extern char __executable_start[], end[];    /* the linker's: this program's image */

/* A segment is guest RAM or, like in the domain, one of the chip's own buffers: a static object, whose
 * address in this program is below 4 GiB. */
static uint8_t *segment_bytes(const struct blk_segment *segment)
{
    uint8_t *object = (uint8_t *)(uintptr_t)segment->address;
    bool in_image = object >= (uint8_t *)__executable_start && object + segment->length <= (uint8_t *)end;

    if (in_image || !installed_memory)
        return object;
    assert_true(test_memory_is_ram(&installed_memory->memory, segment->address, segment->length));
    return installed_memory->bytes + segment->address;
}

static void transfer(struct ram_disk *disk, const struct blk_request *request)
{
    uint8_t *sectors = disk->bytes + request->sector * BLK_SECTOR_SIZE;

    for (unsigned int i = 0; i < request->segment_count; i++) {
        const struct blk_segment *segment = &request->segments[i];

        if (request->op == BLK_READ)
            memcpy(segment_bytes(segment), sectors, segment->length);
        else
            memcpy(sectors, segment_bytes(segment), segment->length);
        sectors += segment->length;
    }
}

static enum blk_status execute(struct ram_disk *disk, const struct blk_request *request)
{
    enum blk_status failure = disk->fail_next;

    disk->fail_next = BLK_OK;
    if (failure != BLK_OK)
        return failure;
    if (disk->backend.info.read_only && (request->op == BLK_WRITE || request->op == BLK_DISCARD))
        return BLK_ERROR;
    switch (request->op) {
    case BLK_READ:
    case BLK_WRITE:
        transfer(disk, request);
        return BLK_OK;
    case BLK_FLUSH:
        return disk->backend.info.flush ? BLK_OK : BLK_UNSUPPORTED;
    case BLK_DISCARD:
        if (!disk->backend.info.discard)
            return BLK_UNSUPPORTED;
        memset(disk->bytes + request->sector * BLK_SECTOR_SIZE, 0, (size_t)request->sectors * BLK_SECTOR_SIZE);
        return BLK_OK;
    }
    return BLK_UNSUPPORTED;
}

/* What blk.h asks of whoever submits. */
static void check_request(const struct ram_disk *disk, const struct blk_request *request)
{
    uint64_t bytes = 0;

    for (unsigned int i = 0; i < request->segment_count; i++) {
        assert_true(request->segments[i].length && !(request->segments[i].length & 1));
        assert_false(request->segments[i].address & 1);
        bytes += request->segments[i].length;
    }
    assert_non_null(request->done);
    assert_true(request->sector + request->sectors <= disk->backend.info.sectors);
    if (request->op == BLK_READ || request->op == BLK_WRITE)
        assert_true(bytes && bytes == (uint64_t)request->sectors * BLK_SECTOR_SIZE);
    else
        assert_null(request->segments);
}

static void count(struct ram_disk *disk, enum blk_op op)
{
    disk->reads += op == BLK_READ;
    disk->writes += op == BLK_WRITE;
    disk->flushes += op == BLK_FLUSH;
    disk->discards += op == BLK_DISCARD;
}

static void ram_disk_submit(struct blk_backend *backend, struct blk_request *request)
{
    struct ram_disk *disk = (struct ram_disk *)backend;
    struct blk_request **last = &disk->queue;

    check_request(disk, request);
    count(disk, request->op);
    if (!disk->deferred) {
        request->done(request, execute(disk, request));
        return;
    }
    while (*last)
        last = &(*last)->next;
    request->next = NULL;
    *last = request;
}

bool ram_disk_complete(struct ram_disk *disk)
{
    struct blk_request *request = disk->queue;

    if (!request)
        return false;
    disk->queue = request->next;
    request->done(request, execute(disk, request));
    return true;
}

static void ram_disk_settle(struct blk_backend *backend)
{
    while (ram_disk_complete((struct ram_disk *)backend))
        ;
}

void ram_disk_init(struct ram_disk *disk, uint64_t sectors)
{
    static const struct blk_backend_ops ops = {.submit = ram_disk_submit, .settle = ram_disk_settle};

    *disk = (struct ram_disk){
        .backend = {.ops = &ops, .info = {.sectors = sectors, .flush = true, .discard = true}},
        .bytes = calloc(sectors, BLK_SECTOR_SIZE),
    };
    assert_non_null(disk->bytes);
}

void ram_disk_free(struct ram_disk *disk)
{
    free(disk->bytes);
    disk->bytes = NULL;
}

/* --- power --------------------------------------------------------------------------------------------- */

static void recorded_power_off(struct power *power)
{
    ((struct recorded_power *)power)->offs++;
}

static void recorded_power_reset(struct power *power)
{
    ((struct recorded_power *)power)->resets++;
}

void recorded_power_init(struct recorded_power *power)
{
    *power = (struct recorded_power){.power = {.off = recorded_power_off, .reset = recorded_power_reset}};
}

/* --- log ----------------------------------------------------------------------------------------------- */

static struct {
    char text[16384];
    size_t length;
} captured;

void log_sink(const char *line, unsigned int length)
{
    size_t room = sizeof(captured.text) - 1 - captured.length;

    if (length > room)
        length = (unsigned int)room;
    memcpy(captured.text + captured.length, line, length);
    captured.length += length;
}

const char *take_log(void)
{
    static char taken[sizeof(captured.text)];

    memcpy(taken, captured.text, captured.length);
    taken[captured.length] = '\0';
    captured.length = 0;
    return taken;
}
