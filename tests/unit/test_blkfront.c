/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "support.h"

#include "fake_blkback.h"
#include "fake_xen.h"
#include "xen/blkfront.h"
#include "xen/guest_memory.h"
#include "xen/medium.h"

#include <stdlib.h>

#include <xen/errno.h>

#define PAGES_MAX 400
#define PAGE      4096u
#define RAM       FAKE_RAM_START

static struct xenstore store;
static struct grant_table grants;
static struct event_table events;
static struct xen_guest_memory guest, firmware;
static struct blkfront front;
static struct fake_blkback back;
static uint8_t own_buffer[3 * PAGE] __attribute__((aligned(4096))); /* the firmware's */

/* A request, what it is made of and what became of it. */
struct job {
    struct blk_request request;
    struct blk_segment segments[PAGES_MAX];
    unsigned int done;
    enum blk_status status;
    struct job *then;               /* submitted from done() */
};

static unsigned int finished;
static struct job *last_finished;

static void submit(struct job *job)
{
    front.backend.ops->submit(&front.backend, &job->request);
}

static void on_done(struct blk_request *request, enum blk_status status)
{
    struct job *job = request->owner;

    assert_int_equal(job->done, 0);
    job->done++;
    job->status = status;
    finished++;
    last_finished = job;
    if (job->then)
        submit(job->then);
}

static void job_init(struct job *job, enum blk_op op, uint64_t sector, uint32_t sectors)
{
    memset(job, 0xa5, sizeof(*job)); /* the backend's fields mean nothing before submit() */
    job->request.op = op;
    job->request.sector = sector;
    job->request.sectors = sectors;
    job->request.segments = NULL;
    job->request.segment_count = 0;
    job->request.done = on_done;
    job->request.owner = job;
    job->done = 0;
    job->then = NULL;
}

static void add_segment(struct job *job, uint64_t address, uint32_t length)
{
    job->segments[job->request.segment_count++] = (struct blk_segment){ .address = address, .length = length };
    job->request.segments = job->segments;
}

/* One segment. */
static void job_at(struct job *job, enum blk_op op, uint64_t sector, uint32_t sectors, uint64_t address)
{
    job_init(job, op, sector, sectors);
    add_segment(job, address, sectors * 512);
}

static int attach(void)
{
    return blkfront_attach(&front, &store, &grants, &events, "768", &guest.memory, &firmware.memory);
}

static int setup_detached(void **state)
{
    (void)state;
    fake_xen_init();
    assert_int_equal(xenstore_init(&store), 0);
    assert_int_equal(grant_init(&grants, FAKE_OWN_FRAMES, fake_grant_gfn()), 0);
    event_table_init(&events);
    xen_guest_memory_init(&guest, FAKE_RAM_END, FAKE_HIGH_START + FAKE_HIGH_SIZE);
    guest.ranges[1].start = FAKE_RAM_START; /* below it lies the test program, which is the firmware */
    xen_firmware_memory_init(&firmware, gpa_of(own_buffer), sizeof(own_buffer));
    fake_blkback_init(&back, "768", 768);
    finished = 0;
    last_finished = NULL;
    take_log();
    return 0;
}

static int setup(void **state)
{
    setup_detached(state);
    assert_int_equal(attach(), 0);
    take_log();
    return 0;
}

/* Everything answered, everything given back. */
static int teardown(void **state)
{
    (void)state;
    assert_false(front.failed);
    assert_int_equal(front.busy, 0);
    assert_null(front.first);
    assert_int_equal(front.free_bounce, 0xff);
    assert_int_equal(front.free_ref_count, BLKFRONT_REFS);
    assert_int_equal(fake_grants_in_use(), 1); /* the ring */
    assert_int_equal(back.refused_grants, 0);
    assert_false(front.pages_lost);
    blkfront_detach(&front);
    assert_int_equal(back.state, XenbusStateClosed);
    assert_int_equal(fake_grants_in_use(), 0);
    assert_int_equal(grants.free_count, grants.count);
    assert_int_equal(fake_ports_used(), 0);
    return 0;
}

static void poll_events(void)
{
    event_dispatch(&events);
}

/* Backend and frontend in turn, until both rest. */
static void run(void)
{
    do {
        fake_blkback_run(&back);
        poll_events();
    } while (fake_blkback_take(&back));
}

static void answer(unsigned int n, int16_t status)
{
    fake_blkback_answer(&back, n, status);
    poll_events();
}

static void assert_no_leak(void)
{
    assert_int_equal(fake_grants_in_use(), 0);
    assert_int_equal(grants.free_count, grants.count);
    assert_int_equal(fake_ports_used(), 0);
}

static void fill(uint8_t *bytes, size_t length, unsigned int seed)
{
    for (size_t i = 0; i < length; i++)
        bytes[i] = (uint8_t)((i + seed) * 2654435761u >> 13);
}

/* --- attach ------------------------------------------------------------------------------------------------ */

static void test_attach(void **state)
{
    (void)state;
    back.info = VDISK_READONLY;
    assert_int_equal(attach(), 0);
    assert_string_equal(fake_store_get("device/vbd/768/state"), "3");
    assert_int_equal(front.virtual_device, 768);
    assert_true(front.backend.info.sectors == FAKE_DISK_SECTORS);
    assert_true(front.backend.info.read_only);
    assert_false(front.backend.info.cdrom);
    assert_true(front.backend.info.flush);
    assert_true(front.backend.info.discard);
    assert_null(fake_store_get("device/vbd/768/feature-persistent"));
    assert_non_null(strstr(take_log(), "device/vbd/768: 2 MiB, read-only\n"));
    blkfront_detach(&front);
    assert_no_leak();
    /* and once more: the backend is Closed now */
    assert_int_equal(attach(), 0);
    blkfront_detach(&front);
    assert_no_leak();
}

static void test_offers(void **state)
{
    (void)state;
    back.flush = back.discard = false;
    back.barrier = true;
    back.info = VDISK_CDROM;
    assert_int_equal(attach(), 0);
    assert_true(front.backend.info.flush);
    assert_false(front.backend.info.discard);
    assert_true(front.backend.info.cdrom);
    blkfront_detach(&front);

    setup_detached(state);
    back.flush = false;
    fake_store_set("device/vbd/768/device-type", "cdrom");
    assert_int_equal(attach(), 0);
    assert_false(front.backend.info.flush);
    assert_true(front.backend.info.cdrom);
    blkfront_detach(&front);
}

static void test_no_medium(void **state)
{
    (void)state;
    fake_store_set("device/vbd/768/device-type", "cdrom");
    fake_store_set("/local/domain/3/backend/vbd/7/768/params", "");
    for (unsigned int i = 0; i < 2; i++) {
        struct job read;

        assert_int_equal(attach(), 0);
        assert_true(front.backend.info.cdrom);
        assert_true(front.backend.info.sectors == 0);
        job_at(&read, BLK_READ, 0, 4, RAM);
        submit(&read);
        assert_int_equal(read.status, BLK_ERROR);
        front.backend.ops->lock(&front.backend, true);
        front.backend.ops->settle(&front.backend);
        blkfront_resume(&front);
        blkfront_detach(&front);
        fake_store_forget("/local/domain/3/backend/vbd/7/768/params");
    }
    assert_int_equal(fake_xen.waits, 0);
    assert_no_leak();
}

/* A drive that ought to have a medium, but whose backend does not come. */
static void test_no_backend_for_a_drive(void **state)
{
    (void)state;
    fake_store_set("device/vbd/768/device-type", "cdrom");
    back.stuck_in = XenbusStateInitWait;
    assert_int_equal(attach(), 0);
    assert_true(front.backend.info.cdrom);
    assert_true(front.backend.info.sectors == 0);
    blkfront_detach(&front);
    assert_no_leak();
}

static void test_not_a_disk(void **state)
{
    (void)state;
    fake_store_set("device/vbd/768/virtual-device", "hda");
    assert_int_equal(attach(), -XEN_EINVAL);
    fake_store_forget("device/vbd/768/backend");
    assert_int_equal(attach(), -XEN_ENOENT);
    assert_non_null(strstr(take_log(), "device/vbd/768: "));
    assert_no_leak();
}

static void test_backend_stuck(void **state)
{
    static const struct { unsigned int in; const char *log; } cases[] = {
        { XenbusStateInitialising, "device/vbd/768: backend /local/domain/3/backend/vbd/7/768 is Initialising; "
                                   "waited 10000 ms for it to get ready" },
        { XenbusStateInitWait, "is InitWait; waited 10000 ms for it to connect" },
    };

    for (unsigned int i = 0; i < 2; i++) {
        uint64_t start;

        setup_detached(state);
        start = fake_xen.now_ns;
        back.stuck_in = cases[i].in;
        assert_int_equal(attach(), -XEN_ENODEV);
        assert_true(fake_xen.now_ns - start >= XENBUS_TIMEOUT_NS);
        assert_true(fake_xen.now_ns - start <= 2 * XENBUS_TIMEOUT_NS + 100000000);
        assert_non_null(strstr(take_log(), cases[i].log));
        assert_no_leak();
    }
}

static void test_useless_backend(void **state)
{
    (void)state;
    back.sector_size = 4096;
    assert_int_equal(attach(), -XEN_ENODEV);
    assert_non_null(strstr(take_log(), "has sectors of 4096 bytes, not 512"));
    assert_int_equal(back.state, XenbusStateClosed);
    assert_no_leak();
}

static void test_out_of_references(void **state)
{
    static grant_ref_t refs[FAKE_OWN_FRAMES * 512];

    (void)state;
    assert_true(grant_take(&grants, grants.count - BLKFRONT_REFS, refs));
    assert_int_equal(attach(), -XEN_ENOSPC);
    assert_int_equal(grants.free_count, BLKFRONT_REFS);
    grant_give(&grants, 1, refs);
    fake_xen.port_error = -XEN_ENOSPC;
    assert_int_equal(attach(), -XEN_ENOSPC);
    assert_int_equal(grants.free_count, BLKFRONT_REFS + 1);
    assert_int_equal(fake_grants_in_use(), 0);
}

static void test_ide_position(void **state)
{
    static const struct { uint32_t number; int position; } cases[] = {
        { 768, 0 }, { 832, 1 }, { 5632, 2 }, { 5696, 3 }, { 51712, 0 }, { 51728, 1 }, { 51744, 2 }, { 51760, 3 },
        { 769, -1 }, { 51713, -1 }, { 51776, -1 }, { 2048, -1 }, { (1u << 28) | 768, -1 }, { 896, -1 }, { 0, -1 },
    };

    (void)state;
    for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(blkfront_ide_position(cases[i].number), cases[i].position);
}

/* --- transfers --------------------------------------------------------------------------------------------- */

static void test_direct_read(void **state)
{
    static struct job job;

    (void)state;
    job_init(&job, BLK_READ, 5, 15);
    add_segment(&job, RAM + 0x9000, 0);
    add_segment(&job, RAM + 0x1200, 7 * 512); /* to the page's end */
    add_segment(&job, RAM + 0x3000, 8 * 512);
    submit(&job);
    assert_int_equal(job.done, 0);
    assert_int_equal(fake_blkback_take(&back), 1);
    assert_int_equal(back.requests[0].nr_segments, 2);
    assert_int_equal(back.requests[0].seg[0].first_sect, 1);
    assert_int_equal(back.requests[0].seg[0].last_sect, 7);
    assert_int_equal(fake_grant_entry(back.requests[0].seg[0].gref)->frame, (RAM >> 12) + 1);
    assert_int_equal(fake_grant_entry(back.requests[0].seg[1].gref)->frame, (RAM >> 12) + 3);
    run();
    assert_int_equal(job.done, 1);
    assert_int_equal(job.status, BLK_OK);
    assert_memory_equal(fake_pointer(RAM + 0x1200), back.disk + 5 * 512, 7 * 512);
    assert_memory_equal(fake_pointer(RAM + 0x3000), back.disk + 12 * 512, 8 * 512);
}

static void test_direct_write_is_read_only_to_the_backend(void **state)
{
    static struct job job;

    (void)state;
    fill(fake_pointer(FAKE_HIGH_START), PAGE, 1);
    job_at(&job, BLK_WRITE, 100, 8, FAKE_HIGH_START);
    submit(&job);
    fake_blkback_take(&back);
    assert_int_equal(fake_grant_entry(back.requests[0].seg[0].gref)->frame, FAKE_HIGH_START >> 12);
    assert_null(fake_map(back.requests[0].seg[0].gref, back.domain, true));
    run();
    assert_int_equal(job.status, BLK_OK);
    assert_memory_equal(back.disk + 100 * 512, fake_pointer(FAKE_HIGH_START), PAGE);
    assert_int_equal(fake_xen.copies, 0);
}

/* Any even address and length, below and above 4 GiB, over page ends; and a neighbour of every byte. */
static void test_bounced(void **state)
{
    static struct job write, read;
    static uint8_t data[9 * 512], got[9 * 512];

    (void)state;
    fill(data, sizeof(data), 2);
    memcpy(fake_pointer(RAM + 0xffe), data, 2050);
    memcpy(fake_pointer(FAKE_HIGH_START + 0x1f02), data + 2050, 510);
    memcpy(fake_pointer(RAM + 0x20fe), data + 2560, sizeof(data) - 2560);
    job_init(&write, BLK_WRITE, 40, 9);
    add_segment(&write, RAM + 0xffe, 2050);
    add_segment(&write, FAKE_HIGH_START + 0x1f02, 510);
    add_segment(&write, RAM, 0);
    add_segment(&write, RAM + 0x20fe, sizeof(data) - 2560);
    submit(&write);
    run();
    assert_int_equal(write.status, BLK_OK);
    assert_memory_equal(back.disk + 40 * 512, data, sizeof(data));

    memset(fake_pointer(RAM + 0x8000), 0x77, 3 * PAGE);
    job_init(&read, BLK_READ, 40, 9);
    add_segment(&read, RAM + 0x8ff0, 18);
    add_segment(&read, RAM + 0x9802, sizeof(data) - 18);
    submit(&read);
    run();
    memcpy(got, fake_pointer(RAM + 0x8ff0), 18);
    memcpy(got + 18, fake_pointer(RAM + 0x9802), sizeof(data) - 18);
    assert_memory_equal(got, data, sizeof(data));
    assert_int_equal(((uint8_t *)fake_pointer(RAM))[0x8fef], 0x77);
    assert_int_equal(((uint8_t *)fake_pointer(RAM))[0x9002], 0x77);
    assert_int_equal(((uint8_t *)fake_pointer(RAM))[0x9801], 0x77);
    assert_int_equal(((uint8_t *)fake_pointer(RAM))[0x9802 + sizeof(data) - 18], 0x77);
}

/* The pages that a part goes through need not be neighbours. */
static void test_scattered_bounce_pages(void **state)
{
    static struct job first, second, third;

    (void)state;
    fill(fake_pointer(RAM), 8 * PAGE, 4);
    job_at(&first, BLK_WRITE, 0, 1, RAM + 2);
    job_at(&second, BLK_WRITE, 1, 1, RAM + 514);
    job_at(&third, BLK_WRITE, 100, 24, RAM + 0x1402);
    submit(&first);
    submit(&second);
    fake_blkback_take(&back);
    answer(0, BLKIF_RSP_OKAY);
    submit(&third);
    run();
    assert_memory_equal(back.disk, fake_pointer(RAM + 2), 1024);
    assert_memory_equal(back.disk + 100 * 512, fake_pointer(RAM + 0x1402), 24 * 512);
}

/* Bounce pages are left, references are not. */
static void test_few_references(void **state)
{
    static struct job direct, bounced;

    (void)state;
    job_at(&direct, BLK_READ, 0, 125 * 8, RAM);
    job_at(&bounced, BLK_READ, 16, 8 * 8, RAM + 0x400002);
    submit(&direct);
    submit(&bounced);
    fake_blkback_take(&back);
    assert_int_equal(back.requests[12].nr_segments, 3);
    run();
    assert_memory_equal(fake_pointer(RAM + 0x400002), back.disk + 16 * 512, 8 * PAGE);
}

/* What is RAM by the map may be gone all the same: ballooned out, say. */
static void test_memory_gone(void **state)
{
    static struct job job;
    const uint64_t gone = FAKE_HIGH_START + FAKE_HIGH_SIZE;

    (void)state;
    guest.ranges[2].end += PAGE;
    job_at(&job, BLK_WRITE, 3, 1, gone + 2);
    submit(&job);
    assert_int_equal(job.done, 1);
    assert_int_equal(job.status, BLK_ERROR);
    assert_int_equal(fake_blkback_take(&back), 0);
    job_at(&job, BLK_READ, 3, 1, gone + 2);
    submit(&job);
    run();
    assert_int_equal(job.status, BLK_ERROR);
}

/* Our own pages are never shown to the backend, however well aligned. */
static void test_firmware_buffer(void **state)
{
    static struct job job;

    (void)state;
    memset(own_buffer, 0, sizeof(own_buffer));
    job_at(&job, BLK_READ, 7, 8, gpa_of(own_buffer));
    submit(&job);
    fake_blkback_take(&back);
    assert_int_equal(fake_grant_entry(back.requests[0].seg[0].gref)->frame, gpa_of(front.bounce[0]) >> 12);
    run();
    assert_int_equal(job.status, BLK_OK);
    assert_memory_equal(own_buffer, back.disk + 7 * 512, PAGE);
    job_at(&job, BLK_WRITE, 900, 3, gpa_of(own_buffer) + 514);
    submit(&job);
    run();
    assert_memory_equal(own_buffer + 514, back.disk + 900 * 512, 3 * 512);
}

/* Aligned pages go as they are even when their neighbours in the request do not. */
static void test_mixed(void **state)
{
    static struct job job;

    (void)state;
    fill(fake_pointer(RAM), 6 * PAGE, 3);
    job_init(&job, BLK_WRITE, 0, 18);
    add_segment(&job, RAM + 0x1000, PAGE);
    add_segment(&job, RAM + 0x2002, 1024);
    add_segment(&job, RAM + 0x4000, PAGE);
    submit(&job);
    fake_blkback_take(&back);
    assert_int_equal(fake_grant_entry(back.requests[0].seg[0].gref)->frame, (RAM >> 12) + 1);
    assert_int_equal(back.requests[0].nr_segments, 1);
    assert_int_equal(back.requests[1].sector_number, 8);
    run();
    assert_memory_equal(back.disk, fake_pointer(RAM + 0x1000), PAGE);
    assert_memory_equal(back.disk + PAGE, fake_pointer(RAM + 0x2002), 1024);
    assert_memory_equal(back.disk + PAGE + 1024, fake_pointer(RAM + 0x4000), PAGE);
}

static void test_more_than_eleven_pages(void **state)
{
    static struct job job;

    (void)state;
    job_init(&job, BLK_READ, 64, 40 * 8);
    for (unsigned int i = 0; i < 40; i++)
        add_segment(&job, RAM + (79 - 2 * i) * PAGE, PAGE);
    submit(&job);
    assert_int_equal(fake_blkback_take(&back), 4);
    assert_int_equal(back.requests[0].nr_segments, 11);
    assert_int_equal(back.requests[3].nr_segments, 7);
    answer(3, BLKIF_RSP_OKAY);
    answer(0, BLKIF_RSP_OKAY);
    answer(1, BLKIF_RSP_OKAY);
    assert_int_equal(job.done, 0);
    answer(0, BLKIF_RSP_OKAY);
    assert_int_equal(job.done, 1);
    for (unsigned int i = 0; i < 40; i++)
        assert_memory_equal(fake_pointer(RAM + (79 - 2 * i) * PAGE), back.disk + 64 * 512 + i * PAGE, PAGE);
}

/* More pages than references, and more bytes than bounce pages. */
static void test_more_than_everything(void **state)
{
    static struct job direct, bounced;

    (void)state;
    job_at(&direct, BLK_READ, 0, 300 * 8, RAM);
    job_at(&bounced, BLK_READ, 8, 50 * 8, RAM + 0x400002);
    submit(&direct);
    submit(&bounced);
    assert_int_equal(front.free_ref_count, 0);
    assert_int_equal(fake_blkback_take(&back), 12);
    run();
    assert_int_equal(direct.status | bounced.status, BLK_OK);
    assert_int_equal(finished, 2);
    assert_memory_equal(fake_pointer(RAM), back.disk, 300 * PAGE);
    assert_memory_equal(fake_pointer(RAM + 0x400002), back.disk + PAGE, 50 * PAGE);
}

static void test_more_than_the_ring(void **state)
{
    static struct job jobs[70];

    (void)state;
    for (unsigned int i = 0; i < 70; i++) {
        job_at(&jobs[i], BLK_READ, i * 3, 1, RAM + i * 512);
        submit(&jobs[i]);
    }
    assert_int_equal(fake_blkback_take(&back), 32);
    while (fake_blkback_take(&back))
        answer(back.request_count - 1, BLKIF_RSP_OKAY); /* the last first */
    assert_int_equal(finished, 70);
    for (unsigned int i = 0; i < 70; i++)
        assert_memory_equal(fake_pointer(RAM + i * 512), back.disk + i * 3 * 512, 512);
}

static void test_errors(void **state)
{
    static struct job job, other;

    (void)state;
    job_at(&job, BLK_READ, 0, 300 * 8, RAM); /* cannot all be on the ring */
    job_at(&other, BLK_READ, 0, 8, RAM);
    submit(&job);
    submit(&other);
    assert_int_equal(fake_blkback_take(&back), 12);
    answer(5, BLKIF_RSP_ERROR);
    run();
    assert_int_equal(job.done, 1);
    assert_int_equal(job.status, BLK_ERROR);
    assert_int_equal(other.status, BLK_OK);
    assert_int_equal(back.reads, 11 + 1); /* no more parts after the error */

    job_at(&job, BLK_WRITE, 0, 2, RAM + 2);
    submit(&job);
    fake_blkback_take(&back);
    answer(0, -77);
    assert_int_equal(job.status, BLK_ERROR);
    job_at(&job, BLK_READ, FAKE_DISK_SECTORS - 1, 2, RAM);
    submit(&job);
    run();
    assert_int_equal(job.status, BLK_ERROR);
}

static void test_not_ram(void **state)
{
    static struct job job;
    static const uint64_t bad[] = { 0xfee00000, FAKE_RAM_END - 512, UINT64_MAX - 511, 0 };

    (void)state;
    for (unsigned int i = 0; bad[i]; i++) {
        job_init(&job, BLK_READ, 0, 3);
        add_segment(&job, RAM, 512);
        add_segment(&job, bad[i], 1024);
        submit(&job);
        assert_int_equal(job.done, 1);
        assert_int_equal(job.status, BLK_ERROR);
    }
    job_at(&job, BLK_READ, 0, 1, gpa_of(own_buffer) + sizeof(own_buffer) - 510);
    submit(&job);
    assert_int_equal(job.status, BLK_ERROR);
    assert_int_equal(fake_blkback_take(&back), 0);
}

static void test_length_mismatch_is_our_mistake(void **state)
{
    static struct job job;

    (void)state;
    job_init(&job, BLK_READ, 0, 3);
    add_segment(&job, RAM, 1024);
    expect_assert_failure(submit(&job));
}

static void test_submit_from_done(void **state)
{
    static struct job jobs[40];

    (void)state;
    for (unsigned int i = 0; i < 40; i++)
        job_at(&jobs[i], i % 2 ? BLK_WRITE : BLK_READ, i, 1, RAM + i * 512);
    for (unsigned int i = 0; i < 39; i++)
        jobs[i].then = &jobs[i + 1];
    submit(&jobs[0]);
    run();
    assert_int_equal(finished, 40);
}

/* A burst tells the backend once: it has not gone to sleep between. */
static void test_notifications(void **state)
{
    static struct job jobs[4];
    struct fake_port *port = fake_port(back.port);

    (void)state;
    for (unsigned int i = 0; i < 4; i++) {
        job_at(&jobs[i], BLK_READ, i, 1, RAM);
        submit(&jobs[i]);
    }
    assert_int_equal(port->sends, 1);
    run();
    job_at(&jobs[0], BLK_READ, 0, 1, RAM);
    submit(&jobs[0]);
    assert_int_equal(port->sends, 2);
    run();
}

/* --- settle ------------------------------------------------------------------------------------------------ */

static void backend_runs(void *unused)
{
    (void)unused;
    fake_blkback_run(&back);
}

static void settle(void)
{
    front.backend.ops->settle(&front.backend);
}

static void test_settle(void **state)
{
    static struct job jobs[2];

    (void)state;
    fake_xen.waits = 0;
    settle();
    assert_int_equal(fake_xen.waits, 0);
    job_at(&jobs[0], BLK_READ, 5, 3, RAM);
    job_at(&jobs[1], BLK_WRITE, 20, 1, RAM + PAGE);
    submit(&jobs[0]);
    submit(&jobs[1]);
    fake_xen.others = backend_runs;
    settle();
    fake_xen.others = fake_blkback_step;
    assert_int_equal(finished, 2);
    assert_int_equal(fake_xen.waits, 1);
    assert_string_equal(take_log(), "");
}

static void test_settle_is_bounded(void **state)
{
    static struct job read;
    uint64_t start = fake_xen.now_ns;

    (void)state;
    job_at(&read, BLK_READ, 5, 3, RAM);
    submit(&read);
    fake_xen.others = NULL;
    settle();
    assert_int_equal(fake_xen.now_ns - start, 10000000000ull);
    assert_int_equal(finished, 0);
    assert_string_equal(take_log(), "reflex: warning: device/vbd/768: the backend does not finish, and may yet touch "
                                    "the guest's memory\n");
    fake_xen.others = fake_blkback_step;
    run();
    assert_int_equal(read.status, BLK_OK);
}

/* --- flush and discard ------------------------------------------------------------------------------------- */

static void test_flush_after_writes(void **state)
{
    static struct job first, second, flush, later;

    (void)state;
    job_at(&first, BLK_WRITE, 0, 8, RAM);
    job_at(&second, BLK_WRITE, 8, 8, RAM + 2); /* bounced */
    job_init(&flush, BLK_FLUSH, 0, 0);
    job_at(&later, BLK_WRITE, 16, 8, RAM);
    submit(&first);
    submit(&second);
    submit(&flush);
    submit(&later);
    assert_int_equal(fake_blkback_take(&back), 2);
    answer(1, BLKIF_RSP_OKAY);
    assert_int_equal(fake_blkback_take(&back), 1);
    answer(0, BLKIF_RSP_OKAY);
    assert_int_equal(fake_blkback_take(&back), 2);
    assert_int_equal(back.requests[0].operation, BLKIF_OP_FLUSH_DISKCACHE);
    assert_int_equal(back.requests[0].nr_segments, 0);
    assert_int_equal(back.requests[1].operation, BLKIF_OP_WRITE);
    assert_int_equal(flush.done, 0);
    answer(1, BLKIF_RSP_OKAY);
    assert_int_equal(flush.done, 0);
    answer(0, BLKIF_RSP_OKAY);
    assert_int_equal(flush.status, BLK_OK);
    assert_int_equal(finished, 4);
}

static void test_flush_error(void **state)
{
    static struct job flush;

    (void)state;
    job_init(&flush, BLK_FLUSH, 0, 0);
    submit(&flush);
    fake_blkback_take(&back);
    answer(0, BLKIF_RSP_ERROR);
    assert_int_equal(flush.status, BLK_ERROR);
}

/* What was offered is refused: the barrier next, then the answers alone. */
static void test_flush_refused(void **state)
{
    static struct job flush, queued;

    setup_detached(state);
    back.barrier = true;
    assert_int_equal(attach(), 0);
    job_init(&flush, BLK_FLUSH, 0, 0);
    job_at(&queued, BLK_READ, 0, 300 * 8, RAM);
    submit(&flush);
    submit(&queued);
    fake_blkback_take(&back);
    answer(0, BLKIF_RSP_EOPNOTSUPP);
    assert_int_equal(flush.done, 0);
    run();
    assert_int_equal(back.flushes, 0);
    assert_int_equal(back.barriers, 1);
    assert_int_equal(flush.status, BLK_OK);
    assert_int_equal(queued.status, BLK_OK);
    assert_memory_equal(fake_pointer(RAM), back.disk, 300 * PAGE);

    job_init(&flush, BLK_FLUSH, 0, 0);
    submit(&flush);
    fake_blkback_take(&back);
    assert_int_equal(back.requests[0].operation, BLKIF_OP_WRITE_BARRIER);
    answer(0, BLKIF_RSP_EOPNOTSUPP);
    assert_int_equal(flush.status, BLK_OK);
    job_init(&flush, BLK_FLUSH, 0, 0);
    submit(&flush);
    assert_int_equal(flush.done, 1);
}

/* The refused flush waits again, and what is submitted meanwhile comes after it. */
static void test_flush_refused_while_busy(void **state)
{
    static struct job flush, read, next;

    (void)state;
    job_init(&flush, BLK_FLUSH, 0, 0);
    job_at(&read, BLK_READ, 0, 1, RAM);
    job_at(&next, BLK_READ, 0, 1, RAM);
    read.then = &next;
    submit(&flush);
    submit(&read);
    fake_blkback_take(&back);
    fake_blkback_answer(&back, 0, BLKIF_RSP_EOPNOTSUPP);
    fake_blkback_answer(&back, 0, BLKIF_RSP_OKAY);
    poll_events();
    run();
    assert_int_equal(finished, 3);
    assert_int_equal(flush.status, BLK_OK);
    assert_ptr_equal(last_finished, &next);
}

static void test_no_flush_offered(void **state)
{
    static struct job write, flush;

    setup_detached(state);
    back.flush = false;
    assert_int_equal(attach(), 0);
    job_at(&write, BLK_WRITE, 0, 8, RAM);
    job_init(&flush, BLK_FLUSH, 0, 0);
    submit(&write);
    submit(&flush);
    assert_int_equal(flush.done, 0);
    assert_int_equal(fake_blkback_take(&back), 1);
    answer(0, BLKIF_RSP_OKAY);
    assert_int_equal(flush.status, BLK_OK);
    assert_int_equal(flush.done, 1);
    assert_int_equal(back.flushes + back.barriers, 0);
}

static void test_discard(void **state)
{
    static struct job job;

    (void)state;
    job_init(&job, BLK_DISCARD, 10, 4000);
    submit(&job);
    run();
    assert_int_equal(job.status, BLK_OK);
    assert_int_equal(back.disk[10 * 512] | back.disk[4009 * 512 + 511], 0);
    assert_int_not_equal(back.disk[9 * 512 + 5], 0);
    job_init(&job, BLK_DISCARD, 10, 1);
    submit(&job);
    fake_blkback_take(&back);
    answer(0, BLKIF_RSP_EOPNOTSUPP);
    assert_int_equal(job.status, BLK_UNSUPPORTED);

    front.backend.info.discard = false;
    job_init(&job, BLK_DISCARD, 10, 1);
    submit(&job);
    assert_int_equal(job.status, BLK_UNSUPPORTED);
    assert_int_equal(fake_blkback_take(&back), 0);
}

/* --- a hostile backend ------------------------------------------------------------------------------------- */

static struct job jobs[40];

/* Some requests on the ring, some waiting; one begun and not wholly on it. */
static void load(void)
{
    for (unsigned int i = 0; i < 20; i++)
        job_at(&jobs[i], BLK_READ, i, 1, RAM + i * 512);
    job_at(&jobs[20], BLK_READ, 0, 300 * 8, RAM);
    job_init(&jobs[21], BLK_FLUSH, 0, 0);
    job_at(&jobs[22], BLK_WRITE, 0, 1, RAM + 2);
    for (unsigned int i = 0; i < 23; i++)
        submit(&jobs[i]);
    fake_blkback_take(&back);
    assert_true(jobs[20].request.pending > 0 && front.first == &jobs[20].request);
}

/* Each request once in error, later ones too, and the domain lives. */
static void assert_failed(const char *why)
{
    struct job *late = &jobs[30];

    assert_true(front.failed);
    assert_int_equal(finished, 23);
    for (unsigned int i = 0; i < 23; i++)
        assert_int_equal(jobs[i].done, 1);
    assert_int_equal(jobs[22].status, BLK_ERROR);
    assert_non_null(strstr(take_log(), why));
    job_at(late, BLK_READ, 0, 1, RAM);
    submit(late);
    assert_int_equal(late->status, BLK_ERROR);
    job_init(late, BLK_FLUSH, 0, 0);
    submit(late);
    assert_int_equal(late->status, BLK_ERROR);
    back.ring.sring->rsp_prod += 7;
    fake_send(back.port);
    poll_events();
    assert_string_equal(take_log(), "");
    blkfront_detach(&front);
    assert_no_leak();
}

static void test_unknown_id(void **state)
{
    static const uint64_t ids[] = { 32, UINT64_MAX, 1ull << 32, 1ull << 63 };

    for (unsigned int i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        setup(state);
        load();
        fake_blkback_answer_raw(&back, ids[i], BLKIF_OP_READ, BLKIF_RSP_OKAY);
        poll_events();
        assert_failed("an answer to no request");
    }
}

static void test_wrong_operation(void **state)
{
    (void)state;
    load();
    fake_blkback_answer_raw(&back, 3, BLKIF_OP_WRITE, BLKIF_RSP_OKAY);
    poll_events();
    assert_failed("an answer to no request");
}

static void test_answered_twice(void **state)
{
    (void)state;
    load();
    /* both are there before the first is looked at */
    fake_blkback_answer_raw(&back, 4, BLKIF_OP_READ, BLKIF_RSP_OKAY);
    fake_blkback_answer_raw(&back, 4, BLKIF_OP_READ, BLKIF_RSP_OKAY);
    poll_events();
    assert_int_equal(jobs[4].status, BLK_OK);
    assert_failed("an answer to no request");
}

/* One event for all parts of a request; but of two requests each has its own. */
static void test_events(void **state)
{
    (void)state;
    job_at(&jobs[0], BLK_READ, 0, 200, RAM);
    submit(&jobs[0]);
    assert_int_equal(fake_blkback_take(&back), 3);
    answer(0, BLKIF_RSP_OKAY);
    answer(1, BLKIF_RSP_OKAY);
    assert_int_equal(front.ring.rsp_cons, 0);
    answer(0, BLKIF_RSP_OKAY);
    assert_int_equal(front.ring.rsp_cons, 3);
    assert_int_equal(finished, 1);
    job_at(&jobs[1], BLK_READ, 0, 8, RAM);
    job_at(&jobs[2], BLK_READ, 0, 8, RAM + 8 * 512);
    submit(&jobs[1]);
    submit(&jobs[2]);
    assert_int_equal(fake_blkback_take(&back), 2);
    answer(1, BLKIF_RSP_OKAY);
    assert_int_equal(finished, 2);
    answer(0, BLKIF_RSP_OKAY);
    assert_int_equal(finished, 3);
}

/* What did not find room follows with each answer: the backend is not left without work. */
static void test_events_of_the_rest(void **state)
{
    unsigned int out;

    (void)state;
    job_at(&jobs[0], BLK_READ, 0, (BLKFRONT_REFS + 12) * 8, RAM);
    submit(&jobs[0]);
    out = fake_blkback_take(&back);
    assert_true(front.first);
    answer(0, BLKIF_RSP_OKAY);
    assert_int_equal(fake_blkback_take(&back), out);
    while (fake_blkback_take(&back))
        answer(0, BLKIF_RSP_OKAY);
    assert_int_equal(finished, 1);
}

static void test_too_many_answers(void **state)
{
    (void)state;
    load();
    back.ring.sring->rsp_prod = 33;
    fake_send(back.port);
    poll_events();
    assert_failed("more answers than requests");

    setup(state);
    load();
    back.ring.sring->rsp_prod = 0xffffffff;
    fake_send(back.port);
    poll_events();
    assert_failed("more answers than requests");
}

/* It never unmaps: pages are lost one by one, none used twice, and in the end the disk fails instead of hanging. */
static void test_keeps_pages(void **state)
{
    unsigned int ok = 0;

    (void)state;
    back.keeps_pages = true;
    for (unsigned int i = 0; i < 9; i++) {
        job_at(&jobs[i], BLK_READ, i, 8, RAM + 2 + i * PAGE); /* a bounce page each, and there are 8 */
        submit(&jobs[i]);
        run();
        assert_int_equal(jobs[i].done, 1);
        ok += jobs[i].status == BLK_OK;
    }
    assert_int_equal(ok, 8);
    assert_true(front.failed);
    assert_int_equal(front.free_bounce, 0);
    assert_non_null(strstr(take_log(), "keeps"));
    assert_memory_equal(fake_pointer(RAM + 2 + 7 * PAGE), back.disk + 7 * 512, PAGE);
    blkfront_detach(&front);
    assert_true(front.pages_lost);
    assert_int_equal(fake_grants_in_use(), 8);
    assert_int_equal(grants.free_count, grants.count - 8);
}

static void test_keeps_direct_pages(void **state)
{
    (void)state;
    back.keeps_pages = true;
    job_at(&jobs[0], BLK_READ, 0, 128 * 8, RAM);
    job_at(&jobs[1], BLK_READ, 0, 8, RAM);
    submit(&jobs[0]);
    submit(&jobs[1]);
    run();
    assert_int_equal(jobs[0].status, BLK_OK);
    assert_int_equal(jobs[1].status, BLK_ERROR);
    assert_true(front.failed);
    blkfront_detach(&front);
    assert_int_equal(grants.free_count, grants.count - 128);
}

static void test_keeps_ring(void **state)
{
    uint64_t start;

    (void)state;
    load();
    back.keeps_ring = true;
    start = fake_xen.now_ns;
    blkfront_detach(&front);
    assert_true(fake_xen.now_ns - start <= XENBUS_TIMEOUT_NS + 100000000);
    assert_int_equal(finished, 23);
    assert_int_equal(fake_grants_in_use(), 1);
    assert_int_equal(grants.free_count, grants.count - 1);
    assert_non_null(strstr(take_log(), "keeps the ring mapped"));
    assert_true(front.pages_lost);
    assert_int_equal(fake_ports_used(), 0);
}

/* Resubmitting from done() when all is lost ends, too. */
static void test_resubmit_into_failure(void **state)
{
    (void)state;
    load();
    job_at(&jobs[31], BLK_READ, 0, 1, RAM);
    jobs[0].then = &jobs[31];
    fake_blkback_answer_raw(&back, 99, 0, 0);
    poll_events();
    assert_int_equal(jobs[31].status, BLK_ERROR);
    assert_int_equal(finished, 24);
    blkfront_detach(&front);
    assert_no_leak();
}

/* --- save and restore -------------------------------------------------------------------------------------- */

static void begin_anew(void)
{
    fake_blkback_restore(&back);
    assert_int_equal(xenstore_init(&store), 0);
    assert_int_equal(grant_init(&grants, FAKE_OWN_FRAMES, fake_grant_gfn()), 0);
    blkfront_resume(&front);
}

static void restore(void)
{
    fake_xen_restore();
    begin_anew();
}

static void test_resume_idle(void **state)
{
    static struct job read;

    (void)state;
    restore();
    assert_string_equal(take_log(), "reflex: device/vbd/768: connected again\n");
    assert_string_equal(fake_store_get("device/vbd/768/state"), "3");
    assert_int_equal(fake_ports_used(), 1);
    job_at(&read, BLK_READ, 5, 3, RAM);
    submit(&read);
    run();
    assert_int_equal(read.status, BLK_OK);
    assert_memory_equal(fake_pointer(RAM), back.disk + 5 * 512, 3 * 512);
}

/* The numbers of slots say nothing about the order: some have been used again. */
static void test_resume_in_order(void **state)
{
    (void)state;
    load();
    answer(7, BLKIF_RSP_OKAY);
    answer(3, BLKIF_RSP_OKAY);
    fake_blkback_take(&back);
    restore();
    assert_int_equal(finished, 2);
    assert_true(fake_blkback_take(&back) > 18);
    for (unsigned int i = 0, sector = 0; i < 18; i++, sector++) {
        sector += sector == 3 || sector == 7;
        assert_int_equal(back.requests[i].sector_number, sector);
    }
    assert_int_equal(back.requests[18].sector_number, 0);
    assert_int_equal(back.requests[18].nr_segments, 11);
    run();
    assert_int_equal(finished, 23);
    assert_ptr_equal(last_finished, &jobs[22]);
    for (unsigned int i = 0; i < 23; i++)
        assert_int_equal(jobs[i].status, BLK_OK);
    assert_memory_equal(fake_pointer(RAM + 8 * PAGE), back.disk + 64 * 512, 292 * PAGE);
}

/* What the old backend did, the firmware has not seen: it is done again, and said once. */
static void test_resume_forgets_answers(void **state)
{
    static struct job write, flush;

    (void)state;
    job_at(&write, BLK_WRITE, 0, 9, RAM + 2); /* bounced */
    job_init(&flush, BLK_FLUSH, 0, 0);
    fill(fake_pointer(RAM), 2 * PAGE, 1);
    submit(&write);
    submit(&flush);
    fake_blkback_take(&back);
    fake_blkback_answer(&back, 0, BLKIF_RSP_OKAY);
    memset(back.disk, 0, 9 * 512);
    restore();
    assert_int_equal(finished, 0);
    run();
    assert_int_equal(finished, 2);
    assert_int_equal(back.writes, 2);
    assert_int_equal(back.flushes, 1);
    assert_memory_equal(back.disk, fake_pointer(RAM + 2), 9 * 512);
}

static void test_resume_flush_in_flight(void **state)
{
    static struct job flush, write;

    (void)state;
    job_init(&flush, BLK_FLUSH, 0, 0);
    job_at(&write, BLK_WRITE, 0, 1, RAM);
    submit(&flush);
    submit(&write);
    back.flush = false; /* the new backend has none */
    restore();
    assert_int_equal(flush.status, BLK_OK);
    assert_true(front.backend.info.flush); /* as the chip was told */
    run();
    assert_int_equal(back.flushes, 0);
    assert_int_equal(finished, 2);
}

/* With nothing on the ring that would tell of it. */
static void lose_a_bounce_page(void)
{
    back.keeps_pages = true;
    job_at(&jobs[0], BLK_READ, 0, 8, RAM + 2);
    submit(&jobs[0]);
    run();
    assert_true(front.pages_lost);
}

/* Pages that the old domain's backend kept are not this domain's. */
static void test_resume_finds_lost_pages(void **state)
{
    (void)state;
    lose_a_bounce_page();
    back.keeps_pages = false;
    restore();
}

/* Each request once in error, and each later one; another restore changes nothing. */
static void assert_lost(const char *why)
{
    struct job *late = &jobs[30];

    assert_true(front.failed);
    assert_int_equal(finished, 23);
    for (unsigned int i = 0; i < 23; i++)
        assert_int_equal(jobs[i].status, BLK_ERROR);
    assert_non_null(strstr(take_log(), why));
    assert_no_leak();
    restore();
    job_at(late, BLK_READ, 0, 1, RAM);
    submit(late);
    assert_int_equal(late->status, BLK_ERROR);
    assert_string_equal(take_log(), "");
    assert_no_leak();
}

static void test_resume_stuck(void **state)
{
    uint64_t start;

    (void)state;
    load();
    back.stuck_in = XenbusStateInitialising;
    start = fake_xen.now_ns;
    restore();
    assert_true(fake_xen.now_ns - start <= XENBUS_TIMEOUT_NS + 100000000);
    assert_lost("lost in the restore");
}

static void test_resume_no_backend(void **state)
{
    (void)state;
    load();
    fake_xen_restore();
    fake_store_forget("device/vbd/768/backend");
    assert_int_equal(grant_init(&grants, FAKE_OWN_FRAMES, fake_grant_gfn()), 0);
    blkfront_resume(&front);
    assert_lost("no backend is named");
}

static void test_resume_another_size(void **state)
{
    (void)state;
    load();
    back.sectors--;
    restore();
    assert_int_equal(back.reads + back.writes, 0);
    assert_lost("another size");
}

/* The backend has let go of all. */
static void test_soft_reset(void **state)
{
    (void)state;
    load();
    fake_unmap(back.ring_ref);
    fake_xen_soft_reset();
    begin_anew();
    run();
    assert_int_equal(finished, 23);
    for (unsigned int i = 0; i < 23; i++)
        assert_int_equal(jobs[i].status, BLK_OK);
}

static void test_soft_reset_with_the_ring_kept(void **state)
{
    uint8_t ring[XEN_PAGE_SIZE];

    (void)state;
    load();
    memcpy(ring, front.ring_page, sizeof(ring));
    fake_xen_soft_reset();
    begin_anew();
    assert_true(front.pages_lost);
    assert_memory_equal(front.ring_page, ring, sizeof(ring));
    assert_int_equal(fake_grants_in_use(), 1);
    fake_unmap(back.ring_ref);
    fake_xen_restore();
    assert_int_equal(grant_init(&grants, FAKE_OWN_FRAMES, fake_grant_gfn()), 0);
    assert_lost("mapped since before the reset");
}

/* The page of a request that was not answered, the third to read one. */
static void test_soft_reset_with_a_request_kept(void **state)
{
    grant_ref_t ref;

    (void)state;
    load();
    fake_blkback_take(&back);
    ref = back.requests[2].seg[0].gref;
    assert_non_null(fake_map(ref, back.domain, false));
    fake_unmap(back.ring_ref);
    fake_xen_soft_reset();
    begin_anew();
    assert_true(front.pages_lost);
    assert_true(fake_grant_entry(ref)->flags & GTF_reading);
    fake_xen_restore();
    assert_int_equal(grant_init(&grants, FAKE_OWN_FRAMES, fake_grant_gfn()), 0);
    assert_lost("mapped since before the reset");
}

static void test_soft_reset_with_a_lost_page_kept(void **state)
{
    (void)state;
    lose_a_bounce_page();
    fake_unmap(back.ring_ref);
    fake_xen_soft_reset();
    begin_anew();
    assert_true(front.failed);
    assert_non_null(strstr(take_log(), "mapped since before the reset"));
}

/* --- a drive's medium -------------------------------------------------------------------------------------- */

static struct blk_listener listener;
static unsigned int changes, wishes, finished_at_change;

static void on_changed(struct blk_listener *who)
{
    assert_ptr_equal(who, &listener);
    changes++;
    finished_at_change = finished;
}

static void on_eject_asked(struct blk_listener *who)
{
    assert_ptr_equal(who, &listener);
    wishes++;
}

static int setup_drive(void **state)
{
    setup_detached(state);
    back.medium = true;
    back.flush = back.discard = false;
    back.sectors = 400;
    fake_store_set("device/vbd/768/device-type", "cdrom");
    assert_int_equal(attach(), 0);
    listener = (struct blk_listener){ .changed = on_changed, .eject_asked = on_eject_asked };
    front.backend.listener = &listener;
    changes = wishes = 0;
    take_log();
    return 0;
}

static void test_medium_changes(void **state)
{
    (void)state;
    assert_true(front.backend.info.cdrom);
    assert_true(front.backend.info.sectors == 400);
    run();
    assert_int_equal(changes, 0);
    fake_blkback_change(&back, 0);
    poll_events();
    assert_int_equal(changes, 1);
    assert_true(front.backend.info.sectors == 0);
    assert_string_equal(take_log(), "reflex: device/vbd/768: no medium any more\n");
    fake_blkback_change(&back, UINT32_MAX);
    fake_blkback_change(&back, 500);
    poll_events();
    assert_int_equal(changes, 2);
    assert_true(front.backend.info.sectors == 2000);
    poll_events();
    assert_int_equal(changes, 2);
}

/* Empty when the domain starts, and then not. */
static void test_medium_inserted_later(void **state)
{
    static struct job read;

    (void)state;
    blkfront_detach(&front);
    setup_detached(state);
    back.medium = true;
    back.flush = back.discard = false;
    back.sectors = 0;
    fake_store_set("device/vbd/768/device-type", "cdrom");
    fake_store_set("/local/domain/3/backend/vbd/7/768/params", "");
    fake_store_set("/local/domain/3/backend/vbd/7/768/state", "2");     /* it has seen to the drive already */
    back.state = XenbusStateInitWait;
    assert_int_equal(attach(), 0);
    assert_true(front.backend.info.sectors == 0);
    front.backend.listener = &listener;
    changes = 0;
    fake_blkback_change(&back, 100);
    poll_events();
    assert_int_equal(changes, 1);
    job_at(&read, BLK_READ, 396, 4, RAM);
    submit(&read);
    run();
    assert_int_equal(read.status, BLK_OK);
    assert_memory_equal(fake_pointer(RAM), back.disk + 396 * 512, 4 * 512);
}

/* The change is told before any answer that came after it is given out. */
static void test_change_comes_before_answers(void **state)
{
    static struct job read;

    (void)state;
    job_at(&read, BLK_READ, 0, 4, RAM);
    submit(&read);
    fake_blkback_take(&back);
    fake_blkback_change(&back, 77);
    fake_blkback_answer(&back, 0, BLKIF_RSP_OKAY);
    poll_events();
    assert_int_equal(read.status, BLK_OK);
    assert_int_equal(changes, 1);
    assert_int_equal(finished_at_change, 0);
}

static void test_lock_and_wish(void **state)
{
    struct medium_record *record = fake_blkback_record(&back);
    unsigned int sends = fake_port(back.port)->sends;

    (void)state;
    front.backend.ops->lock(&front.backend, true);
    assert_int_equal(record->locked, 1);
    front.backend.ops->lock(&front.backend, false);
    assert_int_equal(record->locked, 0);
    assert_int_equal(fake_port(back.port)->sends, sends + 2);
    fake_blkback_wish(&back);
    poll_events();
    assert_int_equal(wishes, 1);
    assert_int_equal(changes, 0);
}

/* A lock holds over a restore, and another medium is one. */
static void test_resume_drive(void **state)
{
    (void)state;
    front.backend.ops->lock(&front.backend, true);
    restore();
    assert_int_equal(changes, 0);
    assert_int_equal(fake_blkback_record(&back)->locked, 1);
    back.sectors = 800;
    restore();
    assert_int_equal(changes, 1);
    assert_true(front.backend.info.sectors == 800);
    fake_blkback_change(&back, 0);
    poll_events();
    assert_int_equal(changes, 2);
}

/* What only says that it is a drive keeps no record: its ring page is looked at nowhere else. */
static void test_drive_without_a_record(void **state)
{
    (void)state;
    blkfront_detach(&front);
    setup_detached(state);
    back.info = VDISK_CDROM;
    assert_int_equal(attach(), 0);
    front.backend.listener = &listener;
    changes = 0;
    fake_blkback_change(&back, 5);
    poll_events();
    assert_int_equal(changes, 0);
    assert_true(front.backend.info.sectors == FAKE_DISK_SECTORS);
    front.backend.ops->lock(&front.backend, true);
    assert_int_equal(fake_blkback_record(&back)->locked, 0);
}

/* --- everything at once ------------------------------------------------------------------------------------ */

/* Random requests in random pieces, answered in random order, and the domain saved and restored in between, against
 * a copy of the disk.  Requests in flight
 * together touch different sectors and different memory. */
static void test_random(void **state)
{
    static uint8_t model[sizeof(back.disk)], shadow[16][64 * 512];
    unsigned int round, restores = 0, i;

    (void)state;
    srand(1);
    memcpy(model, back.disk, sizeof(model));
    for (round = 0; round < 60; round++) {
        for (i = 0; i < 16; i++) {
            uint32_t sectors = 1 + (uint32_t)rand() % 64, left = sectors * 512, at = 0;
            uint64_t base = (i % 4 == 3 ? FAKE_HIGH_START : RAM) + i * 0x10000;
            uint32_t offset = (uint32_t)rand() % 3 ? (uint32_t)rand() % 8 * 512 : (uint32_t)rand() % 2048 * 2;

            job_init(&jobs[i], rand() % 2 ? BLK_READ : BLK_WRITE, i * 256 + (uint32_t)rand() % 190, sectors);
            fill(fake_pointer(base), 0x10000, (unsigned int)rand());
            for (; left; left -= jobs[i].segments[jobs[i].request.segment_count - 1].length) {
                uint32_t length = rand() % 2 ? left : (uint32_t)rand() % 4 ? 512 * (1 + (uint32_t)rand() % 9)
                                                                         : 2 * (1 + (uint32_t)rand() % 700);

                if (length > left)
                    length = left;
                add_segment(&jobs[i], base + offset, length);
                memcpy(shadow[i] + at, fake_pointer(base + offset), length);
                at += length;
                offset += length + (rand() % 2 ? 0 : 512);
                if (offset + left > 0xe000)
                    offset = 0xe000 < left ? 0 : offset;
            }
            if (jobs[i].request.op == BLK_WRITE)
                memcpy(model + jobs[i].request.sector * 512, shadow[i], sectors * 512);
            submit(&jobs[i]);
        }
        while (fake_blkback_take(&back)) {
            unsigned int any = (unsigned int)rand() % back.request_count;

            if (rand() % 32) {
                answer(any, BLKIF_RSP_OKAY);
                continue;
            }
            if (rand() % 2)
                fake_blkback_answer(&back, any, BLKIF_RSP_OKAY);
            restore();
            restores++;
        }
        for (i = 0; i < 16; i++) {
            uint32_t at = 0;

            assert_int_equal(jobs[i].done, 1);
            assert_int_equal(jobs[i].status, BLK_OK);
            for (unsigned int s = 0; jobs[i].request.op == BLK_READ && s < jobs[i].request.segment_count; s++) {
                assert_memory_equal(fake_pointer(jobs[i].segments[s].address),
                                    model + jobs[i].request.sector * 512 + at, jobs[i].segments[s].length);
                at += jobs[i].segments[s].length;
            }
        }
        assert_memory_equal(model, back.disk, sizeof(model));
    }
    assert_true(restores > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_attach, setup_detached),
        cmocka_unit_test_setup(test_offers, setup_detached),
        cmocka_unit_test_setup(test_no_medium, setup_detached),
        cmocka_unit_test_setup(test_no_backend_for_a_drive, setup_detached),
        cmocka_unit_test_setup_teardown(test_medium_changes, setup_drive, teardown),
        cmocka_unit_test_setup_teardown(test_medium_inserted_later, setup_drive, teardown),
        cmocka_unit_test_setup_teardown(test_change_comes_before_answers, setup_drive, teardown),
        cmocka_unit_test_setup_teardown(test_lock_and_wish, setup_drive, teardown),
        cmocka_unit_test_setup_teardown(test_resume_drive, setup_drive, teardown),
        cmocka_unit_test_setup_teardown(test_drive_without_a_record, setup_drive, teardown),
        cmocka_unit_test_setup(test_not_a_disk, setup_detached),
        cmocka_unit_test(test_backend_stuck),
        cmocka_unit_test_setup(test_useless_backend, setup_detached),
        cmocka_unit_test_setup(test_out_of_references, setup_detached),
        cmocka_unit_test(test_ide_position),
        cmocka_unit_test_setup_teardown(test_direct_read, setup, teardown),
        cmocka_unit_test_setup_teardown(test_direct_write_is_read_only_to_the_backend, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bounced, setup, teardown),
        cmocka_unit_test_setup_teardown(test_scattered_bounce_pages, setup, teardown),
        cmocka_unit_test_setup_teardown(test_few_references, setup, teardown),
        cmocka_unit_test_setup_teardown(test_memory_gone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_firmware_buffer, setup, teardown),
        cmocka_unit_test_setup_teardown(test_mixed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_more_than_eleven_pages, setup, teardown),
        cmocka_unit_test_setup_teardown(test_more_than_everything, setup, teardown),
        cmocka_unit_test_setup_teardown(test_more_than_the_ring, setup, teardown),
        cmocka_unit_test_setup_teardown(test_errors, setup, teardown),
        cmocka_unit_test_setup_teardown(test_not_ram, setup, teardown),
        cmocka_unit_test_setup_teardown(test_length_mismatch_is_our_mistake, setup, teardown),
        cmocka_unit_test_setup_teardown(test_submit_from_done, setup, teardown),
        cmocka_unit_test_setup_teardown(test_notifications, setup, teardown),
        cmocka_unit_test_setup_teardown(test_settle, setup, teardown),
        cmocka_unit_test_setup_teardown(test_settle_is_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(test_flush_after_writes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_flush_error, setup, teardown),
        cmocka_unit_test_teardown(test_flush_refused, teardown),
        cmocka_unit_test_setup_teardown(test_flush_refused_while_busy, setup, teardown),
        cmocka_unit_test_teardown(test_no_flush_offered, teardown),
        cmocka_unit_test_setup_teardown(test_discard, setup, teardown),
        cmocka_unit_test(test_unknown_id),
        cmocka_unit_test_setup(test_wrong_operation, setup),
        cmocka_unit_test_setup(test_answered_twice, setup),
        cmocka_unit_test_setup(test_events, setup),
        cmocka_unit_test_setup(test_events_of_the_rest, setup),
        cmocka_unit_test_setup(test_too_many_answers, setup),
        cmocka_unit_test_setup(test_keeps_pages, setup),
        cmocka_unit_test_setup(test_keeps_direct_pages, setup),
        cmocka_unit_test_setup(test_keeps_ring, setup),
        cmocka_unit_test_setup(test_resubmit_into_failure, setup),
        cmocka_unit_test_setup_teardown(test_resume_idle, setup, teardown),
        cmocka_unit_test_setup_teardown(test_resume_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(test_resume_forgets_answers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_resume_flush_in_flight, setup, teardown),
        cmocka_unit_test_setup_teardown(test_resume_finds_lost_pages, setup, teardown),
        cmocka_unit_test_setup(test_resume_stuck, setup),
        cmocka_unit_test_setup(test_resume_no_backend, setup),
        cmocka_unit_test_setup(test_resume_another_size, setup),
        cmocka_unit_test_setup(test_soft_reset, setup),
        cmocka_unit_test_setup(test_soft_reset_with_the_ring_kept, setup),
        cmocka_unit_test_setup(test_soft_reset_with_a_request_kept, setup),
        cmocka_unit_test_setup(test_soft_reset_with_a_lost_page_kept, setup),
        cmocka_unit_test_setup_teardown(test_random, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
