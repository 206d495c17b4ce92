/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A PV network interface whose backend does as the input says: honest or wrong answers and frames, any indices, bytes
 * scribbled over the rings, pages that stay mapped, any text in xenstore, states that change or do not, events that
 * nobody has sent; a chip that has room or has not; and the domain is saved and restored meanwhile.
 *
 * The backend can map nothing but the rings, copies, pages for frames, and pages of packets under way; the firmware
 * reads no other memory of the guest's than theirs; done() is called once; a frame is delivered from pages that the
 * backend cannot reach; and in the end every grant is either back or one that the backend keeps.  With a backend that
 * was honest all the time packets and frames arrive whole and in order, and the link does not fail.
 */
#include "check.h"
#include "fake_xen.h"
#include "input.h"
#include "support.h"

#include "xen/link.h"
#include "xen/netfront.h"

#include <stdio.h>
#include <stdlib.h>

#define JOBS      16u
#define SEGMENTS  6u
#define AREA      0x4000u                   /* a segment's own memory, in each of the three kinds of memory */
#define JOB_AREA  (SEGMENTS * AREA)
#define SLOTS     XEN_NETIF_NR_SLOTS_MIN
#define REFS      (FAKE_OWN_FRAMES * XEN_PAGE_SIZE / sizeof(struct grant_entry_v1))
#define FIRST_REF ((FAKE_GRANT_FRAMES - FAKE_OWN_FRAMES) * XEN_PAGE_SIZE / sizeof(struct grant_entry_v1))
#define BACKEND   "/local/domain/3/backend/vif/7/0"
#define FRONTEND  "device/vif/0"

static struct job {
    struct net_packet packet;
    struct net_segment segments[SEGMENTS];
    bool active, somewhere_else;            /* of its memory some is no RAM */
    uint8_t number;                         /* what every byte of it is, but for the type */
} jobs[JOBS];

static struct machine {
    struct xenstore store;
    struct grant_table grants;
    struct event_table events;
    struct guest_memory guest, firmware;
    struct net_listener listener;
    struct input *input;
    unsigned int room;                      /* of the chip */
    uint8_t frames_sent, frames_seen;       /* by number */
    uint8_t next_number, last_number;       /* of the packets submitted, and seen by the backend */
    const struct job *submitted;            /* in this moment */
    bool attached, honest, settling;
    bool revoked;                           /* a backend that was late finds packets without their pages */
    bool restored;                          /* packets may have come again since, and others be lost */
} m;

/* The backend's view. */
static struct backend {
    RING_IDX tx_cons, tx_prod, rx_cons;
    struct out {                            /* a packet, taken and not yet answered */
        struct netif_tx_request requests[SLOTS];
        unsigned int slots, extras;
    } out[NETFRONT_TX_SLOTS];
    unsigned int count;
    domid_t domain;
    bool connected;                         /* it has been told of the rings */
    bool kept[REFS];                        /* mapped, and not unmapped in time */
} back;

static struct netfront front;
static struct netfront_pages pages __attribute__((aligned(4096)));
static uint8_t own_memory[JOBS * JOB_AREA] __attribute__((aligned(4096)));

/* ---- Memory ------------------------------------------------------------------------------------------------------ */

static bool in_range(uint64_t address, uint64_t length, uint64_t start)
{
    return address >= start && length <= JOBS * JOB_AREA && address - start <= JOBS * JOB_AREA - length;
}

static bool guest_is_ram(struct guest_memory *memory, uint64_t address, uint64_t length)
{
    (void)memory;
    return in_range(address, length, FAKE_RAM_START) ||
           (in_range(address, length, FAKE_HIGH_START) && address + length <= FAKE_HIGH_START + FAKE_HIGH_SIZE);
}

static bool firmware_is_ram(struct guest_memory *memory, uint64_t address, uint64_t length)
{
    (void)memory;
    return in_range(address, length, gpa_of(own_memory));
}

/* A packet is under way, and the bytes are its. */
static bool is_asked_for(uint64_t address, uint32_t length)
{
    for (const struct job *job = jobs; job < jobs + JOBS; job++) {
        for (unsigned int i = 0; job->active && i < job->packet.segment_count; i++) {
            uint64_t offset = address - job->segments[i].address;

            if (offset < job->segments[i].length && length <= job->segments[i].length - offset)
                return true;
        }
    }
    return false;
}

static bool memory_read(struct guest_memory *memory, uint64_t address, void *bytes, uint32_t length)
{
    CHECK(memory->is_ram(memory, address, length) && is_asked_for(address, length));
    memcpy(bytes, fake_pointer(address), length);
    return true;
}

/* ---- Packets ----------------------------------------------------------------------------------------------------- */

static void new_packet(struct input *input);

static void done(struct net_packet *packet, bool sent)
{
    struct job *job = packet->owner;

    CHECK(job->active && packet == &job->packet);
    CHECK(!job->somewhere_else || !sent);
    job->active = false;
    if (!sent && job == m.submitted && job->number == m.next_number)
        m.next_number--;                    /* many refused ones in a row are no gap */
    if (take_u8(m.input) & 1 && m.input->left)
        new_packet(m.input);
}

/* Each segment has a place of its own, or goes on where the last one ended. */
static void add_segment(struct job *job, unsigned int i)
{
    static const uint64_t memories[] = { FAKE_RAM_START, FAKE_HIGH_START, 0, 0x123456789000 };
    uint8_t where = take_u8(m.input);
    uint32_t offset = take_u16(m.input) % 0x1000, length = take_u16(m.input) % 0x2800 + 1u;
    uint64_t start = where & 0x80 ? memories[where & 3] : FAKE_RAM_START;

    if (!start)
        start = gpa_of(own_memory);
    if (i == 0 && length < NET_HEADER_BYTES)
        length = NET_HEADER_BYTES;
    if (where & 0x40)
        length = length % 300 + NET_HEADER_BYTES;
    job->segments[i] = (struct net_segment){
        .address = start + (uint64_t)(job - jobs) * JOB_AREA + i * AREA + offset, .length = length,
    };
    if (where & 0x20 && i)                  /* a neighbour */
        job->segments[i].address = job->segments[i - 1].address + job->segments[i - 1].length;
    job->somewhere_else |= !guest_is_ram(NULL, job->segments[i].address, length) &&
                           !firmware_is_ram(NULL, job->segments[i].address, length);
}

static void fill(struct job *job)
{
    static const uint16_t types[] = { 0x0800, 0x86dd, 0x8100, 0x1234 };
    uint8_t *header = fake_pointer(job->segments[0].address);
    uint16_t type = types[take_u8(m.input) % 4];

    for (unsigned int i = 0; i < job->packet.segment_count; i++)
        memset(fake_pointer(job->segments[i].address), job->number, job->segments[i].length);
    header[12] = (uint8_t)(type >> 8);
    header[13] = (uint8_t)type;
}

static struct job *free_job(void)
{
    for (struct job *job = jobs; job < jobs + JOBS; job++)
        if (!job->active)
            return job;
    return NULL;
}

static void new_packet(struct input *input)
{
    struct job *job = free_job();
    uint8_t what = take_u8(input);

    if (!m.attached || !job)
        return;
    memset(job, 0xa5, sizeof(*job));        /* the backend's fields mean nothing before submit() */
    job->somewhere_else = false;
    job->number = ++m.next_number;
    job->packet.segments = job->segments;
    job->packet.segment_count = (what & 7) % SEGMENTS + 1;
    job->packet.length = 0;
    for (unsigned int i = 0; i < job->packet.segment_count; i++) {
        add_segment(job, i);
        job->packet.length += job->segments[i].length;
    }
    job->packet.offload = (struct net_offload){
        .checksum = what & 8, .checksum_start = take_u8(input), .checksum_offset = what & 0x80 ? 6 : 16,
    };
    if (job->packet.length > NET_FRAME_MAX + 4 || what & 0x10) {
        job->packet.offload.checksum = true;
        job->packet.offload.gso = what & 0x20 ? NET_GSO_TCPV6 : NET_GSO_TCPV4;
        job->packet.offload.segment_bytes = 1448;
    }
    job->packet.done = done;
    job->packet.owner = job;
    job->active = true;
    if (!job->somewhere_else)
        fill(job);
    m.submitted = job;
    front.backend.ops->submit(&front.backend, &job->packet);
    m.submitted = NULL;
    if (!(what & 0x40))
        front.backend.ops->flush(&front.backend);
}

/* ---- The backend ------------------------------------------------------------------------------------------------- */

static struct netif_tx_sring *tx(void)
{
    return (struct netif_tx_sring *)pages.tx_ring;
}

static struct netif_rx_sring *rx(void)
{
    return (struct netif_rx_sring *)pages.rx_ring;
}

static bool is_packet_page(uint64_t page)
{
    for (const struct job *job = jobs; job < jobs + JOBS; job++)
        for (unsigned int i = 0; job->active && i < job->packet.segment_count; i++) {
            const struct net_segment *segment = &job->segments[i];

            if (page >= segment->address >> XEN_PAGE_SHIFT &&
                page <= (segment->address + segment->length - 1) >> XEN_PAGE_SHIFT)
                return guest_is_ram(NULL, segment->address, segment->length);
        }
    return false;
}

/* NULL: not granted. */
static uint8_t *map(grant_ref_t ref, bool write)
{
    uint32_t page, first = gpa_of(&pages) >> XEN_PAGE_SHIFT;
    uint8_t *bytes;

    if (ref - FIRST_REF >= REFS)
        return NULL;
    bytes = fake_map(ref, back.domain, write);
    if (!bytes)
        return NULL;
    page = fake_grant_entry(ref)->frame;
    CHECK(page - first < NETFRONT_PAGES || (!write && is_packet_page(page)) || back.kept[ref - FIRST_REF]);
    return bytes;
}

static void unmap(grant_ref_t ref)
{
    if (!back.kept[ref - FIRST_REF])
        fake_unmap(ref);
}

static void keep(uint8_t how)
{
    grant_ref_t ref = FIRST_REF + REFS - 1 - (how & 0x80 ? how & 0x7f : take_u16(m.input) % NETFRONT_REFS);

    if (map(ref, how & 1)) {
        m.honest = false;
        back.kept[ref - FIRST_REF] = true;
    }
}

/* The next packet off the ring, as Linux' netback takes it.  False: there is no whole one. */
static bool take_packet(struct out *out)
{
    struct netif_tx_request *request = &tx()->ring[back.tx_cons % NETFRONT_TX_SLOTS].req;
    RING_IDX at = back.tx_cons;

    if (at == tx()->req_prod)
        return false;
    *out = (struct out){ 0 };
    do {
        out->requests[out->slots] = tx()->ring[at++ % NETFRONT_TX_SLOTS].req;
        if (out->slots++ == 0 && request->flags & NETTXF_extra_info) {
            out->extras++;
            at++;
        }
    } while (out->requests[out->slots - 1].flags & NETTXF_more_data && out->slots < SLOTS && at != tx()->req_prod);
    for (unsigned int i = 1; i < out->slots; i++)
        out->requests[0].size -= out->requests[i].size;
    CHECK(!m.honest || !(out->requests[out->slots - 1].flags & NETTXF_more_data));
    back.tx_cons = at;
    return true;
}

static void take_packets(void)
{
    while (back.count < NETFRONT_TX_SLOTS && take_packet(&back.out[back.count]))
        back.count++;
}

/* All bytes of a packet are its number, but for the type and a checksum that was filled in; the numbers ascend. */
static void check_packet(const struct out *out)
{
    uint8_t number = 0;
    unsigned int others = 0;

    for (unsigned int i = 0; i < out->slots; i++) {
        const struct netif_tx_request *request = &out->requests[i];
        const uint8_t *page = map(request->gref, false);

        if (!page && m.revoked)
            return;                         /* it came too late for it, and says so */
        CHECK(page && !map(request->gref, true) && request->size);
        CHECK((uint32_t)request->offset + request->size <= XEN_PAGE_SIZE);
        if (i == 0)
            number = page[request->offset];
        for (unsigned int byte = 0; byte < request->size; byte++)
            others += page[request->offset + byte] != number;
        unmap(request->gref);
    }
    CHECK(others <= 5);
    CHECK(m.restored || (uint8_t)(number - m.last_number - 1) < 0x80);
    m.last_number = number;
}

static void say(uint16_t id, int16_t status)
{
    tx()->ring[back.tx_prod % NETFRONT_TX_SLOTS].rsp = (struct netif_tx_response){ .id = id, .status = status };
    back.tx_prod++;
    tx()->rsp_prod = back.tx_prod;
}

static void answer(unsigned int n, int16_t status)
{
    struct out out = back.out[n];

    back.count--;
    memmove(&back.out[n], &back.out[n + 1], (back.count - n) * sizeof(out));
    for (unsigned int i = 0; i < out.slots; i++) {
        say(out.requests[i].id, status);
        for (unsigned int extra = 0; i == 0 && extra < out.extras; extra++)
            say(0, NETIF_RSP_NULL);
    }
}

static void look(void)
{
    unsigned int old = back.count;

    take_packets();
    for (; m.honest && old < back.count; old++)
        check_packet(&back.out[old]);
}

static void answer_one(uint8_t how)
{
    static const int16_t statuses[] = { NETIF_RSP_OKAY, NETIF_RSP_OKAY, NETIF_RSP_ERROR, NETIF_RSP_DROPPED };

    look();
    if (back.count)
        answer(how % back.count, statuses[how >> 6]);
}

static void answer_all(uint8_t how)
{
    (void)how;
    look();
    while (back.count)
        answer(0, NETIF_RSP_OKAY);
}

static void respond(const void *response)
{
    memcpy(&rx()->ring[back.rx_cons % NETFRONT_RX_SLOTS].rsp, response, sizeof(struct netif_rx_response));
    back.rx_cons++;
}

/* Frames of one slot or several, whose every byte is their number. */
static void send(uint8_t how)
{
    unsigned int slots = how % 8 == 7 ? 3 : 1;

    for (unsigned int i = 0; i < slots; i++) {
        struct netif_rx_request request = rx()->ring[back.rx_cons % NETFRONT_RX_SLOTS].req;
        struct netif_rx_response response = {
            .id = request.id, .offset = (uint16_t)(how & 0x70), .status = (int16_t)(60 + how * 4),
            .flags = (uint16_t)(i + 1 < slots ? NETRXF_more_data : 0),
        };
        uint8_t *page;

        if (rx()->req_prod - back.rx_cons < slots - i)
            return;
        page = map(request.gref, true);
        CHECK(!m.honest || page);
        if (page) {
            memset(page + response.offset, m.frames_sent, (size_t)response.status);
            unmap(request.gref);
        }
        respond(&response);
    }
    m.frames_sent++;
    rx()->rsp_prod = back.rx_cons;
}

static void lie(uint8_t how)
{
    struct netif_rx_response response = {
        .id = how & 8 ? take_u16(m.input) : (uint16_t)(back.rx_cons % NETFRONT_RX_PAGES), .offset = take_u16(m.input),
        .flags = take_u8(m.input), .status = (int16_t)take_u16(m.input),
    };

    m.honest = false;
    if (how & 1) {
        say(response.id & (how & 2 ? 0xffff : 0xff), (int16_t)(int8_t)response.flags);
        return;
    }
    if (how & 0x10)
        response.offset &= 0x3ff;
    if (how & 0x20)
        response.status &= 0x7ff;
    respond(&response);
    rx()->rsp_prod = back.rx_cons;
}

static void any_index(uint8_t how)
{
    RING_IDX *const indices[] = {
        &tx()->req_prod, &tx()->req_event, &tx()->rsp_prod, &tx()->rsp_event,
        &rx()->req_prod, &rx()->req_event, &rx()->rsp_prod, &rx()->rsp_event,
    };

    m.honest = false;
    *indices[how % 8] = how & 0x80 ? take_u32(m.input) : *indices[how % 8] + (int8_t)take_u8(m.input);
}

static void scribble(uint8_t how)
{
    uint16_t at = take_u16(m.input) % XEN_PAGE_SIZE;

    m.honest = false;
    for (unsigned int i = 0; i <= how % 16 && at + i < XEN_PAGE_SIZE; i++)
        (how & 0x80 ? pages.tx_ring : pages.rx_ring)[at + i] = take_u8(m.input);
}

/* dom0's wishes are no less believed than they have to be. */
static void wish(uint8_t how)
{
    struct link_record *record = (struct link_record *)pages.link;

    m.honest = false;
    record->wish = how & 0x80 ? take_u32(m.input) : how % 4;
    record->number = take_u32(m.input);
    record->features = how;
    if (front.linked)
        fake_send(front.link_event.port);
    back.tx_cons = back.tx_prod = back.rx_cons = back.count = 0;
}

static void use_ring(uint8_t how)
{
    static void (*const deeds[])(uint8_t how) = {
        answer_one, answer_all, send, send, send, lie, any_index, scribble, keep, wish,
    };

    if (back.connected)
        deeds[how % (sizeof(deeds) / sizeof(deeds[0]))](take_u8(m.input));
}

/* ---- The chip ---------------------------------------------------------------------------------------------------- */

static bool receive(struct net_listener *listener, const struct net_frame *frame)
{
    uint32_t length = 0;

    (void)listener;
    CHECK(frame->piece_count >= 1 && frame->piece_count <= NET_PIECES_MAX);
    CHECK(frame->pieces[0].length >= NET_HEADER_BYTES);
    for (unsigned int i = 0; i < frame->piece_count; i++) {
        const struct net_piece *piece = &frame->pieces[i];
        unsigned int page = (unsigned int)(piece->bytes - pages.rx[0]) / XEN_PAGE_SIZE;

        CHECK(page < NETFRONT_RX_PAGES && piece->length);
        CHECK(piece->bytes + piece->length <= pages.rx[page + 1]);
        CHECK(!fake_grant_entry(front.refs[NETFRONT_TX_SLOTS + page])->flags);
        length += piece->length;
        for (unsigned int byte = 0; m.honest && byte < piece->length; byte++)
            CHECK(piece->bytes[byte] == m.frames_seen);
    }
    CHECK(length == frame->length);
    if (!m.room)
        return false;
    m.room--;
    m.frames_seen++;
    return true;
}

static void link_changed(struct net_listener *listener)
{
    (void)listener;
    new_packet(m.input);
}

static void pushed(struct net_listener *listener)
{
    (void)listener;
    if (take_u8(m.input) & 1)
        new_packet(m.input);
}

static void ready(struct input *input)
{
    m.room = take_u8(input);
    if (m.attached)
        front.backend.ops->ready(&front.backend);
}

/* ---- Xenstore and the backend's states --------------------------------------------------------------------------- */

static const struct leaf {
    const char *path, *value;
} leaves[] = {
    { FRONTEND "/backend", BACKEND }, { FRONTEND "/backend-id", "3" }, { FRONTEND "/mac", "00:16:3e:01:02:03" },
    { BACKEND "/state", "1" }, { BACKEND "/feature-rx-copy", "1" }, { BACKEND "/feature-sg", "1" },
    { BACKEND "/feature-gso-tcpv4", "1" }, { BACKEND "/feature-gso-tcpv6", "1" },
    { BACKEND "/feature-ipv6-csum-offload", "1" }, { BACKEND "/feature-no-csum-offload", "0" },
};

#define LEAVES (sizeof(leaves) / sizeof(leaves[0]))

static void plant(void)
{
    for (unsigned int i = 0; i < LEAVES; i++)
        fake_store_set(leaves[i].path, leaves[i].value);
    fake_store_set(FRONTEND "/state", "1");
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
    case XenbusStateConnected:
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
    if (m.settling && !(how & 1))
        m.honest = false;                   /* it hangs */
    else if (m.settling)
        answer_all(how);
    else if (how & 0x40)
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
    m.revoked |= m.settling;                /* by the time that this wait has taken */
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

    back.tx_cons = back.tx_prod = back.rx_cons = back.count = 0;
    back.connected = false;
    rc = netfront_attach(&front, &m.store, &m.grants, &m.events, "0", &m.guest, &m.firmware, &pages);
    CHECK(rc <= 0 && (!rc || !m.honest));
    m.attached = !rc;
    CHECK(!m.honest || front.backend.info.up);
    front.backend.listener = &m.listener;
    m.frames_seen = m.frames_sent = 0;
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
    netfront_detach(&front);
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
    if (!front.pages_lost)                  /* else they are the backend's */
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

static void ring(struct input *input)
{
    use_ring(take_u8(input));
}

static void settle(struct input *input)
{
    uint64_t start = fake_xen.now_ns;

    (void)input;
    if (!m.attached)
        return;
    m.settling = true;
    front.backend.ops->settle(&front.backend);
    m.settling = false;
    CHECK(fake_xen.now_ns - start <= 12000000000ull);
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
    m.restored = true;
    m.frames_sent = m.frames_seen;
    netfront_resume(&front);
    CHECK(!front.failed || failed || !m.honest);
    if (front.failed)
        check_all_over();
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
    memset(&back, 0, sizeof(back));
    back.domain = 3;
    m = (struct machine){ .input = input, .honest = true, .listener = { receive, link_changed, pushed }, .room = 8 };
    m.guest = (struct guest_memory){ .read = memory_read, .is_ram = guest_is_ram };
    m.firmware = (struct guest_memory){ .read = memory_read, .is_ram = firmware_is_ram };
    CHECK(xenstore_init(&m.store) == 0);
    CHECK(grant_init(&m.grants, FAKE_OWN_FRAMES, fake_grant_gfn()) == 0);
    event_table_init(&m.events);
    plant();
}

/* What an honest backend has sent is there, once there is room for it. */
static void receive_all(void)
{
    if (!back.connected || !m.honest)
        return;
    m.room = UINT32_MAX;
    front.backend.ops->ready(&front.backend);
    netfront_poll(&front);
    CHECK(!m.honest || m.frames_seen == m.frames_sent);
}

static void end(void)
{
    uint64_t start = fake_xen.now_ns;

    if (m.attached) {
        receive_all();
        CHECK(!front.failed || !m.honest);
        detach();
        check_grants();
        CHECK(fake_xen.now_ns - start <= 2 * XENBUS_TIMEOUT_NS + 1000000000);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static void (*const actions[])(struct input *input) = {
        new_packet, ring, event, new_packet, ring, event, ring, settle, corrupt, restore, reattach, ready,
    };
    struct input input = { bytes, length };
    uint8_t corrupted;

    begin(&input);
    corrupted = take_u8(&input);
    for (unsigned int i = 0; corrupted & 0x80 && i < corrupted % 4; i++)
        corrupt(&input);
    attach();
    while (input.left)
        actions[take_u8(&input) % (sizeof(actions) / sizeof(actions[0]))](&input);
    end();
    take_log();
    return 0;
}
