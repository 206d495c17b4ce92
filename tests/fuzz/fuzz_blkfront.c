/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A PV disk whose backend does as the input says: honest or wrong answers, any indices, bytes scribbled over the ring,
 * pages that stay mapped, any text in xenstore, states that change or do not, events that nobody has sent, media that
 * come and go; and the domain is saved and restored meanwhile.
 *
 * The backend can map nothing but the ring, bounce pages and pages of requests under way; the firmware reads and writes
 * no other memory of the guest's than theirs; done() is called once; and in the end every grant is either back or one
 * that the backend keeps.  With a backend that was honest all the time the data is right, the disk does not fail, and the
 * events that the firmware asks for are enough.
 */
#include "check.h"
#include "fake_xen.h"
#include "input.h"
#include "support.h"

#include "xen/blkfront.h"
#include "xen/medium.h"

#include <stdio.h>
#include <stdlib.h>

#define JOBS        16u
#define SEGMENTS    8u
#define AREA        0x2000u                 /* a segment's own memory, in each of the three kinds of memory */
#define JOB_AREA    (SEGMENTS * AREA)
#define LENGTH_MAX  0x1000u
#define REFS        (FAKE_OWN_FRAMES * XEN_PAGE_SIZE / sizeof(struct grant_entry_v1))
#define FIRST_REF   ((FAKE_GRANT_FRAMES - FAKE_OWN_FRAMES) * XEN_PAGE_SIZE / sizeof(struct grant_entry_v1))
#define BACKEND     "/local/domain/3/backend/vbd/7/768"
#define FRONTEND    "device/vbd/768"

static struct job {
    struct blk_request request;
    struct blk_segment segments[SEGMENTS];
    bool active, somewhere_else;            /* of its memory some is no RAM */
} jobs[JOBS];

static struct machine {
    struct xenstore store;
    struct grant_table grants;
    struct event_table events;
    struct guest_memory guest, firmware;
    struct blk_listener listener;
    struct input *input;
    bool drive;                             /* with media that change, in the place of a disk */
    bool attached;                          /* and to be detached */
    bool lost;                              /* in a restore: nothing is ever done with it again */
    bool honest;
} m;

/* The backend's view. */
static struct backend {
    RING_IDX req_cons, rsp_prod;
    struct blkif_request requests[BLKFRONT_SLOTS];
    unsigned int count;
    domid_t domain;
    bool connected;                         /* it has been told of the ring */
    bool kept[REFS];                        /* mapped, and not unmapped in time */
} back;

static struct blkfront front;
static uint8_t own_memory[JOBS * JOB_AREA] __attribute__((aligned(4096)));

/* ---- Memory ------------------------------------------------------------------------------------------------------ */

static bool in_range(uint64_t address, uint64_t length, uint64_t start)
{
    return address >= start && length <= JOBS * JOB_AREA && address - start <= JOBS * JOB_AREA - length;
}

static bool guest_is_ram(struct guest_memory *memory, uint64_t address, uint64_t length)
{
    (void)memory;
    return in_range(address, length, FAKE_RAM_START) || in_range(address, length, FAKE_HIGH_START);
}

static bool firmware_is_ram(struct guest_memory *memory, uint64_t address, uint64_t length)
{
    (void)memory;
    return in_range(address, length, gpa_of(own_memory));
}

/* A request of this direction is under way, and the bytes are its. */
static bool is_asked_for(uint64_t address, uint32_t length, enum blk_op op)
{
    for (const struct job *job = jobs; job < jobs + JOBS; job++) {
        if (!job->active || job->request.op != op)
            continue;
        for (unsigned int i = 0; i < job->request.segment_count; i++) {
            uint64_t offset = address - job->segments[i].address;

            if (offset < job->segments[i].length && length <= job->segments[i].length - offset)
                return true;
        }
    }
    return false;
}

static bool memory_read(struct guest_memory *memory, uint64_t address, void *bytes, uint32_t length)
{
    CHECK(memory->is_ram(memory, address, length) && is_asked_for(address, length, BLK_WRITE));
    memcpy(bytes, fake_pointer(address), length);
    return true;
}

static bool memory_write(struct guest_memory *memory, uint64_t address, const void *bytes, uint32_t length)
{
    CHECK(memory->is_ram(memory, address, length) && is_asked_for(address, length, BLK_READ));
    memcpy(fake_pointer(address), bytes, length);
    return true;
}

/* ---- Requests ---------------------------------------------------------------------------------------------------- */

static uint8_t pattern(uint64_t sector)
{
    return (uint8_t)(sector * 7 + 1);
}

static void check_bytes(const uint8_t *bytes, uint8_t right, size_t length)
{
    CHECK(bytes[0] == right && !memcmp(bytes, bytes + 1, length - 1));
}

/* Fills the request's memory with what its sectors hold, or looks whether it is there. */
static void walk(struct job *job, bool fill)
{
    uint64_t at = 0;

    for (unsigned int i = 0; i < job->request.segment_count; i++) {
        uint8_t *bytes = fake_pointer(job->segments[i].address), *last = bytes + job->segments[i].length;

        while (bytes < last) {
            uint8_t right = pattern(job->request.sector + at / BLK_SECTOR_SIZE);
            size_t run = BLK_SECTOR_SIZE - at % BLK_SECTOR_SIZE;

            if (run > (size_t)(last - bytes))
                run = last - bytes;
            if (fill)
                memset(bytes, right, run);
            else
                check_bytes(bytes, right, run);
            bytes += run;
            at += run;
        }
    }
}

static void new_request(struct input *input);

static void done(struct blk_request *request, enum blk_status status)
{
    struct job *job = request->owner;

    CHECK(job->active && request == &job->request);
    CHECK(!job->somewhere_else || status != BLK_OK);
    job->active = false;
    if (m.honest && status == BLK_OK && request->op == BLK_READ)
        walk(job, false);
    if (take_u8(m.input) & 1 && m.input->left)
        new_request(m.input);
}

/* Each segment has a place of its own, so that what arrives there can be told from all else. */
static void add_segment(struct job *job, unsigned int i)
{
    static const uint64_t memories[] = { FAKE_RAM_START, FAKE_HIGH_START, 0, 0x123456789000 };
    uint8_t where = take_u8(m.input);
    uint16_t offset = take_u16(m.input) % (LENGTH_MAX - BLK_SECTOR_SIZE), length = take_u16(m.input) % (LENGTH_MAX + 1);
    uint64_t start = where & 0x80 && where & 3 ? memories[where & 3] : FAKE_RAM_START;

    if (!start)
        start = gpa_of(own_memory);
    if (where & 0x40) {                     /* whole sectors can be granted as they are */
        offset &= ~(BLK_SECTOR_SIZE - 1);
        length &= ~(BLK_SECTOR_SIZE - 1);
    }
    job->segments[i] = (struct blk_segment){
        .address = start + (uint64_t)(job - jobs) * JOB_AREA + i * AREA + (offset & ~1u), .length = length & ~1u,
    };
    job->somewhere_else |= start == memories[3];
}

/* To whole sectors. */
static uint32_t round_up(struct job *job, unsigned int count)
{
    uint32_t bytes = 0, rest;

    for (unsigned int i = 0; i < count; i++)
        bytes += job->segments[i].length;
    rest = bytes ? -bytes % BLK_SECTOR_SIZE : BLK_SECTOR_SIZE;
    job->segments[count - 1].length += rest;
    return (bytes + rest) / BLK_SECTOR_SIZE;
}

static struct job *free_job(void)
{
    for (struct job *job = jobs; job < jobs + JOBS; job++)
        if (!job->active)
            return job;
    return NULL;
}

static void new_request(struct input *input)
{
    struct job *job = free_job();
    uint8_t what = take_u8(input);
    enum blk_op op = what % 8 < 6 ? what % 2 : what % 8 == 6 ? BLK_FLUSH : BLK_DISCARD;
    uint64_t sectors = front.backend.info.sectors;

    if (!m.attached || !job)
        return;
    memset(job, 0xa5, sizeof(*job));        /* the backend's fields mean nothing before submit() */
    job->somewhere_else = false;
    job->request.op = op;
    job->request.segment_count = op <= BLK_WRITE ? (what >> 3) % SEGMENTS + 1 : 0;
    for (unsigned int i = 0; i < job->request.segment_count; i++)
        add_segment(job, i);
    job->request.segments = job->request.segment_count ? job->segments : NULL;
    job->request.sectors = op <= BLK_WRITE ? round_up(job, job->request.segment_count) :
                           op == BLK_DISCARD ? take_u8(input) + 1u : 0;
    job->active = job->request.sectors <= sectors;
    if (!job->active)
        return;
    job->request.sector = op == BLK_FLUSH ? 0 : take_u32(input) % (sectors - job->request.sectors + 1);
    job->request.done = done;
    job->request.owner = job;
    if (op == BLK_WRITE && !job->somewhere_else)
        walk(job, true);
    front.backend.ops->submit(&front.backend, &job->request);
}

/* ---- The backend ------------------------------------------------------------------------------------------------- */

static struct blkif_sring *shared(void)
{
    return (struct blkif_sring *)front.ring_page;
}

static union blkif_sring_entry *entry(RING_IDX index)
{
    return &shared()->ring[index % BLKFRONT_SLOTS];
}

static bool is_requested_page(uint64_t page, bool write)
{
    for (const struct job *job = jobs; job < jobs + JOBS; job++) {
        if (!job->active || (write && job->request.op != BLK_READ))
            continue;
        for (unsigned int i = 0; i < job->request.segment_count; i++) {
            const struct blk_segment *segment = &job->segments[i];

            if (segment->length && page >= segment->address >> XEN_PAGE_SHIFT &&
                page <= (segment->address + segment->length - 1) >> XEN_PAGE_SHIFT)
                return guest_is_ram(NULL, segment->address, segment->length);
        }
    }
    return false;
}

/* NULL: not granted. */
static uint8_t *map(grant_ref_t ref, bool write)
{
    uint32_t own = (gpa_of(&front.ring_page) >> XEN_PAGE_SHIFT), page;
    uint8_t *bytes;

    if (ref - FIRST_REF >= REFS)
        return NULL;
    bytes = fake_map(ref, back.domain, write);
    if (!bytes)
        return NULL;
    page = fake_grant_entry(ref)->frame;
    CHECK(page - own <= BLKFRONT_BOUNCE_PAGES || is_requested_page(page, write) || back.kept[ref - FIRST_REF]);
    return bytes;
}

static void unmap(grant_ref_t ref)
{
    if (!back.kept[ref - FIRST_REF])
        fake_unmap(ref);
}

static void keep(uint8_t how)
{
    grant_ref_t ref = FIRST_REF + (how % 4 ? BLKFRONT_REFS - how / 4 : take_u16(m.input) % REFS);

    if (map(ref, how & 1)) {
        m.honest = false;
        back.kept[ref - FIRST_REF] = true;
    }
}

static void take_requests(void)
{
    while (back.req_cons != shared()->req_prod && back.count < BLKFRONT_SLOTS)
        back.requests[back.count++] = entry(back.req_cons++)->req;
    CHECK(!m.honest || back.req_cons == shared()->req_prod);
}

static bool transfer(const struct blkif_request *request)
{
    bool write = request->operation == BLKIF_OP_WRITE;
    uint64_t sector = request->sector_number;

    if (request->nr_segments > BLKIF_MAX_SEGMENTS_PER_REQUEST)
        return false;
    for (unsigned int i = 0; i < request->nr_segments; i++) {
        const struct blkif_request_segment *segment = &request->seg[i];
        uint8_t *page = map(segment->gref, !write);

        CHECK(!m.honest || !write || !map(segment->gref, true));
        if (!page || segment->first_sect > segment->last_sect || segment->last_sect > 7)
            return false;
        for (unsigned int at = segment->first_sect; at <= segment->last_sect; at++, sector++) {
            if (!write)
                memset(page + at * BLK_SECTOR_SIZE, pattern(sector), BLK_SECTOR_SIZE);
            else if (m.honest)
                check_bytes(page + at * BLK_SECTOR_SIZE, pattern(sector), BLK_SECTOR_SIZE);
        }
        unmap(segment->gref);
    }
    return front.removable || sector <= front.backend.info.sectors;
}

static bool perform(const struct blkif_request *request)
{
    switch (request->operation) {
    case BLKIF_OP_READ:
    case BLKIF_OP_WRITE:
        return transfer(request);
    default:
        return true;
    }
}

/* With the event that the frontend has asked for (ring.h, RING_PUSH_RESPONSES_AND_CHECK_NOTIFY). */
static void say(uint64_t id, uint8_t operation, int16_t status)
{
    entry(back.rsp_prod)->rsp = (struct blkif_response){ .id = id, .operation = operation, .status = status };
    back.rsp_prod++;
    shared()->rsp_prod = back.rsp_prod;
    if (shared()->rsp_event == back.rsp_prod)
        fake_send(front.event.port);
}

/* status: BLKIF_RSP_OKAY, or how it fails, which is honest too. */
static void answer(unsigned int n, int16_t status)
{
    struct blkif_request request = back.requests[n];

    back.requests[n] = back.requests[--back.count];
    if (status == BLKIF_RSP_OKAY && !perform(&request)) {
        CHECK(!m.honest);
        status = BLKIF_RSP_ERROR;
    }
    say(request.id, request.operation, status);
}

static void answer_one(uint8_t how)
{
    static const int16_t statuses[] = { BLKIF_RSP_OKAY, BLKIF_RSP_OKAY, BLKIF_RSP_ERROR, BLKIF_RSP_EOPNOTSUPP };

    take_requests();
    if (back.count)
        answer(how % back.count, statuses[how >> 6]);
}

static void answer_all(uint8_t how)
{
    (void)how;
    take_requests();
    while (back.count)
        answer(0, BLKIF_RSP_OKAY);
}

static void lie(uint8_t how)
{
    uint64_t id = how & 0x80 ? take_u64(m.input) : how % (BLKFRONT_SLOTS + 1);
    uint8_t operation = take_u8(m.input);

    m.honest = false;
    say(id, operation % 8, (int16_t)(int8_t)take_u8(m.input));
}

static void any_index(uint8_t how)
{
    RING_IDX *const indices[] = {
        &shared()->req_prod, &shared()->req_event, &shared()->rsp_prod, &shared()->rsp_event,
    };

    m.honest = false;
    *indices[how % 4] = how & 0x80 ? take_u32(m.input) : *indices[how % 4] + (int8_t)take_u8(m.input);
}

static void scribble(uint8_t how)
{
    uint16_t at = take_u16(m.input) % XEN_PAGE_SIZE;

    m.honest = false;
    for (unsigned int i = 0; i <= how % 16 && at + i < XEN_PAGE_SIZE; i++)
        front.ring_page[at + i] = take_u8(m.input);
}

static void change_medium(uint8_t how)
{
    struct medium_record *record = (struct medium_record *)&front.ring_page[MEDIUM_RECORD_OFFSET];

    if (how & 1)
        record->eject_wishes++;
    else
        record->blocks = take_u16(m.input);
    record->changes += how >> 1 & 1;
}

static void use_ring(uint8_t how)
{
    static void (*const deeds[])(uint8_t how) = {
        answer_one, answer_all, answer_one, lie, any_index, scribble, keep, change_medium,
    };

    if (back.connected)
        deeds[how % (sizeof(deeds) / sizeof(deeds[0]))](take_u8(m.input));
}

/* ---- Xenstore and the backend's states --------------------------------------------------------------------------- */

static const struct leaf {
    const char *path, *value;
} leaves[] = {
    { FRONTEND "/backend", BACKEND }, { FRONTEND "/backend-id", "3" }, { FRONTEND "/device-type", "disk" },
    { FRONTEND "/virtual-device", "768" }, { BACKEND "/state", "1" }, { BACKEND "/params", "/dev/disk" },
    { BACKEND "/sectors", "4096" }, { BACKEND "/sector-size", "512" }, { BACKEND "/info", "0" },
    { BACKEND "/feature-flush-cache", "1" }, { BACKEND "/feature-barrier", "1" }, { BACKEND "/feature-discard", "1" },
};

#define LEAVES (sizeof(leaves) / sizeof(leaves[0]))

/* A disk, or a drive whose backend changes its media. */
static void plant(void)
{
    for (unsigned int i = 0; i < LEAVES; i++)
        fake_store_set(leaves[i].path, leaves[i].value);
    fake_store_set(FRONTEND "/state", "1");
    if (!m.drive)
        return;
    fake_store_set(FRONTEND "/device-type", "cdrom");
    fake_store_set(BACKEND "/feature-medium", "1");
}

static void corrupt(struct input *input)
{
    const struct leaf *leaf = &leaves[take_u8(input) % LEAVES];
    uint8_t how = take_u8(input);
    char text[200];
    unsigned int length = how >> 3;

    m.honest = false;
    switch (how % 4) {
    case 0:
        fake_store_set_number(leaf->path, how >> 2 & 1 ? take_u64(input) : take_u8(input));
        return;
    case 1:
        fake_store_forget(leaf->path);
        return;
    case 2:
        length = 199;                       /* longer than any path of ours */
    }
    memset(text, 0, sizeof(text));
    for (unsigned int i = 0; i < length; i++)
        text[i] = (char)(take_u8(input) | 1);
    fake_store_set(leaf->path, text);
}

static void set_state(enum xenbus_state state)
{
    fake_store_set_number(BACKEND "/state", state);
}

/* As Linux's does. */
static void next_state(void)
{
    const char *state = fake_store_get(FRONTEND "/state");

    switch (state ? atoi(state) : 0) {
    case XenbusStateInitialising:
        set_state(XenbusStateInitWait);
        break;
    case XenbusStateInitialised:
        back.connected = true;
        set_state(XenbusStateConnected);
        break;
    case XenbusStateClosing:
        set_state(XenbusStateClosing);
        break;
    case XenbusStateClosed:
        set_state(XenbusStateClosed);
        break;
    }
}

/* The firmware waits; what it may do for ever is up to the clock. */
static void others(void *owner)
{
    uint8_t how = take_u8(m.input);

    (void)owner;
    fake_xen.now_ns += 200000000;
    if (how & 0x40)
        use_ring(how);
    else if (back.connected && !(how & 0x20))
        answer_all(how);
    if (!(how & 0x80))
        next_state();
    else if (how & 1)
        corrupt(m.input);
    else
        m.honest = false;                   /* it keeps the firmware waiting */
    if (how & 0x20)
        m.honest = false;
}

/* ---- What happens ------------------------------------------------------------------------------------------------ */

static void check_all_over(void)
{
    for (unsigned int i = 0; i < JOBS; i++)
        CHECK(!jobs[i].active);
}

static void attach(void)
{
    int rc;

    back.req_cons = back.rsp_prod = back.count = 0;
    back.connected = false;
    rc = blkfront_attach(&front, &m.store, &m.grants, &m.events, "768", &m.guest, &m.firmware);
    CHECK(rc <= 0 && (!rc || !m.honest));
    m.attached = !rc;
    front.backend.listener = &m.listener;
}

/* Every reference is free, or with the backend, which has it mapped still. */
static void check_grants(void)
{
    unsigned int used = fake_grants_in_use();

    CHECK(m.grants.free_count + used == m.grants.count);
    CHECK(!used || front.pages_lost);       /* of an attach in vain, too */
    CHECK(fake_ports_used() == 0);
    for (unsigned int i = 0; i < REFS; i++)
        CHECK(!back.kept[i] || fake_grant_entry(FIRST_REF + i)->flags & GTF_reading);
}

static void detach(void)
{
    blkfront_detach(&front);
    m.attached = back.connected = false;
    check_all_over();
}

static void reattach(struct input *input)
{
    (void)input;
    if (m.attached) {
        detach();
        check_grants();
    }
    if (!front.pages_lost && !m.lost)       /* else its memory is the backend's */
        attach();
}

static void event(struct input *input)
{
    uint8_t how = take_u8(input);

    if (how & 1)
        fake_xen.pending[how / 2 % (XEN_REFLECT_MAX_PORTS / 32)] |= take_u32(input);
    else if (m.attached)
        fake_send(front.event.port);
    event_dispatch(&m.events);
}

static void changed(struct blk_listener *listener)
{
    (void)listener;
    CHECK(m.drive);
    new_request(m.input);
}

static void eject_asked(struct blk_listener *listener)
{
    (void)listener;
    CHECK(m.drive);
    front.backend.ops->lock(&front.backend, false);
}

static void lock(struct input *input)
{
    bool locked = take_u8(input) & 1;

    if (m.attached)
        front.backend.ops->lock(&front.backend, locked);
}

static void ring(struct input *input)
{
    use_ring(take_u8(input));
}

static void settle(struct input *input)
{
    (void)input;
    if (m.attached)
        front.backend.ops->settle(&front.backend);
}

/* As main.c does after a restore. */
static void restore(struct input *input)
{
    uint8_t how = take_u8(input);
    bool failed = front.failed;

    if (!m.attached)
        return;
    fake_xen_restore();
    fake_xen.store->req_cons = fake_xen.store->req_prod = 0;
    memset(&back, 0, sizeof(back));
    back.domain = 3;
    plant();
    for (unsigned int i = 0; i < how % 4; i++)
        corrupt(input);
    CHECK(xenstore_init(&m.store) == 0);
    CHECK(grant_init(&m.grants, FAKE_OWN_FRAMES, fake_grant_gfn()) == 0);
    blkfront_resume(&front);
    if (front.failed) {
        check_all_over();
        m.attached = false;
        m.lost = true;
    }
    CHECK(!front.failed || failed || !m.honest);
}

/* When all is answered, the frontend has asked for as many events as it takes to know. */
static void check_heard(void)
{
    if (!m.attached || !m.honest || !back.connected || back.count || back.req_cons != shared()->req_prod)
        return;
    event_dispatch(&m.events);
    CHECK(front.ring.rsp_cons == back.rsp_prod);
}

static void begin(struct input *input)
{
    static bool started;

    if (!started)
        fake_xen_init();
    started = true;
    fake_xen_restore();                     /* no grant is in force */
    memset(fake_xen.ports, 0, sizeof(fake_xen.ports));
    memset(fake_xen.pending, 0, sizeof(fake_xen.pending));
    for (unsigned int i = 0; i < FAKE_STORE_NODES; i++)
        fake_xen.nodes[i].path[0] = '\0';
    memset(fake_xen.store, 0, sizeof(*fake_xen.store));
    fake_xen.now_ns = 1000000000;
    fake_xen.in_length = fake_xen.out_length = 0;
    fake_xen.others = others;
    memset(jobs, 0, sizeof(jobs));
    back = (struct backend){ .domain = 3 };
    m = (struct machine){ .input = input, .honest = true, .listener = { changed, eject_asked } };
    m.drive = take_u8(input) & 1;
    m.guest = (struct guest_memory){ .read = memory_read, .write = memory_write, .is_ram = guest_is_ram };
    m.firmware = (struct guest_memory){ .read = memory_read, .write = memory_write, .is_ram = firmware_is_ram };
    CHECK(xenstore_init(&m.store) == 0);
    CHECK(grant_init(&m.grants, FAKE_OWN_FRAMES, fake_grant_gfn()) == 0);
    event_table_init(&m.events);
    plant();
}

static void end(void)
{
    uint64_t start = fake_xen.now_ns;

    if (m.attached) {
        CHECK(!front.failed || !m.honest);
        detach();
        check_grants();
        CHECK(fake_xen.now_ns - start <= 2 * XENBUS_TIMEOUT_NS + 1000000000);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static void (*const actions[])(struct input *input) = {
        new_request, ring, event, new_request, ring, event, settle, corrupt, restore, reattach, lock,
    };
    struct input input = { bytes, length };
    uint8_t corrupted;

    begin(&input);
    corrupted = take_u8(&input);
    for (unsigned int i = 0; corrupted & 0x80 && i < corrupted % 4; i++)
        corrupt(&input);
    attach();
    while (input.left) {
        actions[take_u8(&input) % (sizeof(actions) / sizeof(actions[0]))](&input);
        check_heard();
    }
    end();
    take_log();
    return 0;
}
