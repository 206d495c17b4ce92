/* SPDX-License-Identifier: LGPL-3.0-or-later */
#define _GNU_SOURCE
#include "fake_xen.h"

#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <xen/errno.h>
#include <xen/hvm/params.h>

struct fake_xen fake_xen;

static uint8_t store_page[XEN_PAGE_SIZE] __attribute__((aligned(4096)));
static uint8_t console_page[XEN_PAGE_SIZE] __attribute__((aligned(4096)));
static uint8_t grant_pages[FAKE_OWN_FRAMES][XEN_PAGE_SIZE] __attribute__((aligned(4096)));
static bool new_grants[FAKE_OWN_FRAMES];        /* the table's, which are not mapped yet */
static uint8_t high_ram[FAKE_HIGH_SIZE];

/* Another table; what is mapped so far is no part of it. */
static void lose_grants(void)
{
    memset(grant_pages, 0xee, sizeof(grant_pages));
    memset(new_grants, true, sizeof(new_grants));
}

void fake_xen_init(void)
{
    static void *low_ram;

    if (!low_ram)
        low_ram = mmap((void *)(uintptr_t)FAKE_RAM_START, FAKE_RAM_END - FAKE_RAM_START, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    assert_ptr_equal(low_ram, (void *)(uintptr_t)FAKE_RAM_START);
    memset(low_ram, 0, FAKE_RAM_END - FAKE_RAM_START);
    memset(high_ram, 0, sizeof(high_ram));
    memset(store_page, 0, sizeof(store_page));
    memset(console_page, 0, sizeof(console_page));
    lose_grants();
    memset(&fake_xen, 0, sizeof(fake_xen));
    fake_xen.now_ns = 1000000000;
    fake_xen.range_room = XEN_REFLECT_MAX_RANGES;
    fake_xen.store = (struct xenstore_domain_interface *)store_page;
    fake_xen.params[HVM_PARAM_STORE_PFN] = gpa_of(store_page) >> XEN_PAGE_SHIFT;
    fake_xen.params[HVM_PARAM_STORE_EVTCHN] = FAKE_STORE_PORT;
    fake_xen.params[HVM_PARAM_CONSOLE_PFN] = gpa_of(console_page) >> XEN_PAGE_SHIFT;
    fake_xen.params[HVM_PARAM_CONSOLE_EVTCHN] = FAKE_CONSOLE_PORT;
    /* hvmloader has used the ring before us, nearly once around */
    fake_xen.store->req_cons = fake_xen.store->req_prod = 0xfffffff0;
    fake_xen.store->rsp_cons = fake_xen.store->rsp_prod = 1000;
}

void fake_xen_soft_reset(void)
{
    for (unsigned int i = 0; i < XEN_REFLECT_MAX_PORTS; i++)
        fake_xen.ports[i].lost = fake_xen.ports[i].used;
    memset(fake_xen.pending, 0, sizeof(fake_xen.pending));
    fake_xen.shadows = NULL;
    memset(store_page, 0, sizeof(store_page));
    memset(console_page, 0, sizeof(console_page));
    fake_xen.in_length = fake_xen.out_length = 0;
    fake_xen.params[HVM_PARAM_CONSOLE_EVTCHN] = FAKE_RESTORED_CONSOLE_PORT;
}

void fake_xen_restore(void)
{
    fake_xen_soft_reset();
    lose_grants();
}

void *fake_pointer(uint64_t gpa)
{
    if (gpa < FAKE_HIGH_START)
        return (void *)(uintptr_t)gpa;
    assert_true(gpa - FAKE_HIGH_START < FAKE_HIGH_SIZE);
    return high_ram + (gpa - FAKE_HIGH_START);
}

/* --- xenstored --------------------------------------------------------------------------------------------- */

static struct fake_node *find_node(const char *path)
{
    for (unsigned int i = 0; i < FAKE_STORE_NODES; i++) {
        if (!strcmp(fake_xen.nodes[i].path, path))
            return &fake_xen.nodes[i];
    }
    return NULL;
}

void fake_store_set(const char *path, const char *value)
{
    struct fake_node *node = find_node(path);

    if (!node)
        node = find_node("");
    assert_non_null(node);
    snprintf(node->path, sizeof(node->path), "%s", path);
    snprintf(node->value, sizeof(node->value), "%s", value);
}

void fake_store_set_number(const char *path, unsigned long long value)
{
    char digits[24];

    snprintf(digits, sizeof(digits), "%llu", value);
    fake_store_set(path, digits);
}

const char *fake_store_get(const char *path)
{
    struct fake_node *node = *path ? find_node(path) : NULL;

    return node ? node->value : NULL;
}

void fake_store_forget(const char *path)
{
    size_t length = strlen(path);

    for (struct fake_node *node = fake_xen.nodes; node < fake_xen.nodes + FAKE_STORE_NODES; node++)
        if (!strncmp(node->path, path, length) && (!node->path[length] || node->path[length] == '/'))
            memset(node, 0, sizeof(*node));
}

static void say(const void *bytes, uint32_t length)
{
    assert_true(fake_xen.out_length + length <= sizeof(fake_xen.out));
    memcpy(fake_xen.out + fake_xen.out_length, bytes, length);
    fake_xen.out_length += length;
}

static void say_message(uint32_t type, uint32_t id, const char *payload, uint32_t length)
{
    struct xsd_sockmsg header = { .type = type, .req_id = id, .len = length };

    say(&header, sizeof(header));
    say(payload, length);
}

/* Children of a path, each named once. */
static uint32_t list_children(const char *path, char *names, uint32_t size)
{
    size_t prefix = strlen(path);
    uint32_t length = 0;

    for (unsigned int i = 0; i < FAKE_STORE_NODES; i++) {
        const char *node = fake_xen.nodes[i].path;
        size_t child;
        bool known = false;

        if (strncmp(node, path, prefix) || node[prefix] != '/')
            continue;
        node += prefix + 1;
        child = strcspn(node, "/");
        for (uint32_t at = 0; at < length; at += strlen(names + at) + 1)
            known |= strlen(names + at) == child && !memcmp(names + at, node, child);
        if (known)
            continue;
        assert_true(length + child + 1 <= size);
        memcpy(names + length, node, child);
        names[length + child] = '\0';
        length += child + 1;
    }
    return length;
}

static void answer(const struct xsd_sockmsg *request, const char *path)
{
    uint32_t type = request->type, id = request->req_id;
    struct fake_node *node = find_node(path);
    static char names[XENSTORE_PAYLOAD_MAX];
    uint32_t length;

    switch (request->type) {
    case XS_READ:
        if (node)
            say_message(type, id, node->value, strlen(node->value));
        else
            say_message(XS_ERROR, id, "ENOENT", 7);
        break;
    case XS_WRITE: {
        char value[sizeof(node->value)] = { 0 };
        const char *from = path + strlen(path) + 1;

        memcpy(value, from, request->len - (from - path));
        fake_store_set(path, value);
        say_message(type, id, "OK", 3);
        break;
    }
    case XS_DIRECTORY:
        length = list_children(path, names, sizeof(names));
        if (length || node)
            say_message(type, id, names, length);
        else
            say_message(XS_ERROR, id, "ENOENT", 7);
        break;
    case XS_RM:
        fake_store_forget(path);
        say_message(type, id, "OK", 3);
        break;
    default:
        say_message(XS_ERROR, id, "ENOSYS", 7);
    }
}

static void misbehave(const struct xsd_sockmsg *request, const char *path)
{
    struct xsd_sockmsg header = { .type = request->type, .req_id = request->req_id, .len = 10 };

    switch (fake_xen.fault) {
    case STORE_WATCH_EVENTS:
        say_message(XS_WATCH_EVENT, 0, "a/path\0token", 13);
        answer(request, path);
        break;
    case STORE_WATCH_STORM:
        for (unsigned int i = 0; i < 200; i++)
            say_message(XS_WATCH_EVENT, 0, "a\0b", 4);
        break;
    case STORE_TRUNCATES:
        say(&header, sizeof(header));
        say("12345", 5);
        break;
    case STORE_WRONG_ID:
        say_message(request->type, request->req_id + 1, "4", 1);
        break;
    case STORE_WRONG_TYPE:
        say_message(XS_GET_PERMS, request->req_id, "4", 1);
        break;
    case STORE_TOO_LONG:
        header.len = XENSTORE_PAYLOAD_MAX + 1;
        say(&header, sizeof(header));
        break;
    case STORE_UNKNOWN_ERROR:
        say_message(XS_ERROR, request->req_id, "EAVERYLONGERRORNAMEINDEED", 26);
        break;
    default:
        break;
    }
}

static void serve_request(void)
{
    struct xsd_sockmsg header;
    char *payload = fake_xen.in + sizeof(header);

    if (fake_xen.in_length < sizeof(header))
        return;
    memcpy(&header, fake_xen.in, sizeof(header));
    if (fake_xen.in_length < sizeof(header) + header.len)
        return;
    assert_true(header.len <= XENSTORE_PAYLOAD_MAX && header.tx_id == 0);
    assert_non_null(memchr(payload, '\0', header.len));
    fake_xen.requests++;
    if (fake_xen.fault <= STORE_LATE)
        answer(&header, payload);
    else
        misbehave(&header, payload);
    fake_xen.in_length -= sizeof(header) + header.len;
    memmove(fake_xen.in, payload + header.len, fake_xen.in_length);
}

static void xenstored(void)
{
    struct xenstore_domain_interface *ring = fake_xen.store;

    if (fake_xen.fault == STORE_BAD_RSP_PROD)
        ring->rsp_prod = ring->rsp_cons + XENSTORE_RING_SIZE + 1;
    if (fake_xen.fault == STORE_BAD_REQ_CONS)
        ring->req_cons = ring->req_prod + 1;
    if (fake_xen.fault == STORE_LATE && fake_xen.now_ns < fake_xen.late_until_ns)
        return;
    if (fake_xen.fault == STORE_DEAD || fake_xen.fault >= STORE_BAD_RSP_PROD)
        return;
    while (ring->req_cons != ring->req_prod)
        fake_xen.in[fake_xen.in_length++] = ring->req[MASK_XENSTORE_IDX(ring->req_cons++)];
    serve_request();
    while (fake_xen.out_length && ring->rsp_prod - ring->rsp_cons < XENSTORE_RING_SIZE) {
        ring->rsp[MASK_XENSTORE_IDX(ring->rsp_prod++)] = fake_xen.out[0];
        memmove(fake_xen.out, fake_xen.out + 1, --fake_xen.out_length);
    }
}

/* --- time and power ---------------------------------------------------------------------------------------- */

uint64_t system_time_ns(void)
{
    return fake_xen.now_ns;
}

void wait_until_ns(uint64_t deadline_ns)
{
    fake_xen.waits++;
    if (deadline_ns > fake_xen.now_ns)
        fake_xen.now_ns = deadline_ns;
    if (fake_xen.fault == STORE_SLOW || fake_xen.fault == STORE_LATE || fake_xen.fault == STORE_WATCH_STORM)
        xenstored();
    if (fake_xen.others)
        fake_xen.others(fake_xen.others_owner);
}

int domain_shutdown(unsigned int reason)
{
    fake_xen.shutdowns++;
    fake_xen.shutdown_reason = reason;
    return 0;
}

int hvm_param(unsigned int index, uint64_t *value)
{
    assert_true(index < sizeof(fake_xen.params) / sizeof(fake_xen.params[0]));
    *value = fake_xen.params[index];
    return 0;
}

/* --- I/O reflection ---------------------------------------------------------------------------------------- */

/* NULL: the firmware has none, or it is good for nothing now. */
static const struct xen_reflect_shadow *shadow_of(uint64_t key)
{
    for (unsigned int i = 0; fake_xen.shadows && i < fake_xen.shadows->nr; i++)
        if (fake_xen.shadows->shadows[i].key == key && fake_xen.shadows->shadows[i].flags)
            return &fake_xen.shadows->shadows[i];
    return NULL;
}

static uint64_t port_key(uint64_t port, unsigned int size)
{
    return XEN_REFLECT_SHADOW_KEY(XEN_REFLECT_RANGE_PORT, size, port);
}

/* A shadow that outlives its claim would answer for whoever claims the port next. */
static void claim_ports(bool add, uint64_t start, uint64_t end)
{
    assert_true(start <= end && end < FAKE_PORTS);
    for (uint64_t port = start; port <= end; port++) {
        for (unsigned int size = 1; size <= 4; size *= 2)
            assert_null(shadow_of(port_key(port, size)));
        fake_xen.claimed_ports[port] = add;
    }
}

#define MEMORY_CLAIMS (sizeof(fake_xen.memory_claims) / sizeof(fake_xen.memory_claims[0]))

/* What is given back was claimed as it is. */
static void claim_memory(bool add, uint64_t start, uint64_t end)
{
    struct fake_range whole = { start, end }, none = { 0, 0 }, *place = fake_xen.memory_claims;

    assert_true(start <= end && end >> 52 == 0);
    while (place->start != (add ? 0 : start) || place->end != (add ? 0 : end))
        assert_true(++place < fake_xen.memory_claims + MEMORY_CLAIMS);
    *place = add ? whole : none;
}

bool fake_memory_claimed(uint64_t address, unsigned int size)
{
    for (unsigned int i = 0; i < MEMORY_CLAIMS; i++)
        if (fake_xen.memory_claims[i].start <= address && address + size - 1 <= fake_xen.memory_claims[i].end)
            return true;
    return false;
}

int reflect_range(uint32_t type, bool add, uint64_t start, uint64_t end)
{
    if (add && !fake_xen.range_room)
        return -XEN_ENOSPC;
    fake_xen.range_room += add ? -1 : 1;
    if (type == XEN_REFLECT_RANGE_PORT) {
        claim_ports(add, start, end);
    } else if (type == XEN_REFLECT_RANGE_PCI) {
        assert_true(start == end && end < 256 && fake_xen.claimed_functions[end] != add);
        fake_xen.claimed_functions[end] = add;
    } else {
        assert_int_equal(type, XEN_REFLECT_RANGE_MEMORY);
        claim_memory(add, start, end);
    }
    return 0;
}

int reflect_shadows(const struct xen_reflect_shadows *page)
{
    assert_int_equal((uintptr_t)page % XEN_PAGE_SIZE, 0);
    fake_xen.shadow_calls++;
    if (fake_xen.shadow_error)
        return fake_xen.shadow_error;
    if (fake_xen.shadows)
        return -XEN_EBUSY;
    fake_xen.shadows = (struct xen_reflect_shadows *)page;
    return 0;
}

bool fake_shadow_read(uint32_t port, uint8_t *value)
{
    uint64_t key = port_key(port, 1);
    const struct xen_reflect_shadow *shadow = shadow_of(key);

    if (!shadow || !(shadow->flags & XEN_REFLECT_SHADOW_READ))
        return false;
    for (uint32_t i = fake_xen.shadows->taken; i != fake_xen.shadows->put; i++)
        if (fake_xen.shadows->writes[i % XEN_REFLECT_MAX_WRITES].key == key)
            return false;
    *value = (uint8_t)shadow->value;
    fake_xen.shadowed++;
    return true;
}

bool fake_shadow_write(uint32_t port, unsigned int size, uint32_t value)
{
    struct xen_reflect_shadows *page = fake_xen.shadows;
    const struct xen_reflect_shadow *shadow = shadow_of(port_key(port, size));

    if (!shadow || !(shadow->flags & XEN_REFLECT_SHADOW_WRITE) || (value & shadow->mask) != shadow->match ||
        page->put - page->taken == XEN_REFLECT_MAX_WRITES)
        return false;
    page->writes[page->put++ % XEN_REFLECT_MAX_WRITES] = (struct xen_reflect_write){ shadow->key, value, 0 };
    return true;
}

int reflect_info(unsigned int vcpu, struct xen_reflect_info *info)
{
    if (!fake_xen.vcpus)
        return -XEN_ENOSYS;
    if (vcpu >= fake_xen.vcpus)
        return -XEN_EINVAL;
    *info = fake_xen.info[vcpu];
    info->nr_vcpus = fake_xen.vcpus;
    return 0;
}

static void set_line(struct fake_line *line, bool high)
{
    line->high = high;
    line->calls++;
    if (high && fake_xen.on_interrupt)
        fake_xen.on_interrupt(fake_xen.on_interrupt_owner);
}

int reflect_isa_irq(unsigned int irq, bool high)
{
    assert_true(irq < 16);
    set_line(&fake_xen.isa[irq], high);
    return 0;
}

int reflect_intx(unsigned int device, unsigned int pin, bool high)
{
    assert_true(device < 32 && pin < 4);
    set_line(&fake_xen.intx[device][pin], high);
    return 0;
}

int reflect_link(unsigned int link, unsigned int irq)
{
    assert_true(link < 4 && irq < 16);
    fake_xen.links[link] = irq;
    return 0;
}

/* --- event channels ---------------------------------------------------------------------------------------- */

static int new_port(domid_t remote, evtchn_port_t port, unsigned int *index)
{
    if (fake_xen.port_error)
        return fake_xen.port_error;
    for (unsigned int i = 0; i < XEN_REFLECT_MAX_PORTS; i++) {
        if (fake_xen.ports[i].used)
            continue;
        fake_xen.ports[i] = (struct fake_port){ .used = true, .remote = remote, .port = port ? port : 100 + i };
        *index = i;
        return 0;
    }
    return -XEN_ENOSPC;
}

int reflect_port_alloc(domid_t remote, unsigned int *index, evtchn_port_t *port)
{
    int rc = new_port(remote, 0, index);

    if (!rc)
        *port = fake_xen.ports[*index].port;
    return rc;
}

int reflect_port_adopt(evtchn_port_t port, unsigned int *index)
{
    return new_port(0, port, index);
}

int reflect_port_close(unsigned int index)
{
    assert_true(index < XEN_REFLECT_MAX_PORTS && fake_xen.ports[index].used);
    fake_xen.ports[index].used = false;
    return 0;
}

int reflect_port_send(unsigned int index)
{
    struct fake_port *port = &fake_xen.ports[index];

    assert_true(index < XEN_REFLECT_MAX_PORTS && port->used);
    if (port->lost)
        return -XEN_ENOENT;
    port->sends++;
    if (port->on_send)
        port->on_send(port->owner);
    return 0;
}

int reflect_events(unsigned int word, uint32_t *events)
{
    assert_true(word < XEN_REFLECT_MAX_PORTS / 32);
    *events = fake_xen.pending[word];
    fake_xen.pending[word] = 0;
    return 0;
}

int event_send(evtchn_port_t port)
{
    assert_int_equal(port, FAKE_STORE_PORT);
    fake_xen.store_sends++;
    if (fake_xen.fault != STORE_SLOW)
        xenstored();
    return 0;
}

struct fake_port *fake_port(evtchn_port_t port)
{
    for (unsigned int i = 0; i < XEN_REFLECT_MAX_PORTS; i++) {
        if (fake_xen.ports[i].used && !fake_xen.ports[i].lost && fake_xen.ports[i].port == port)
            return &fake_xen.ports[i];
    }
    return NULL;
}

void fake_send(evtchn_port_t port)
{
    struct fake_port *p = fake_port(port);

    if (p) {
        unsigned int index = (unsigned int)(p - fake_xen.ports);

        fake_xen.pending[index / 32] |= 1u << index % 32;
    }
}

unsigned int fake_ports_used(void)
{
    unsigned int used = 0;

    for (unsigned int i = 0; i < XEN_REFLECT_MAX_PORTS; i++)
        used += fake_xen.ports[i].used;
    return used;
}

/* --- memory and grants ------------------------------------------------------------------------------------- */

static void *page_at(uint32_t gfn)
{
    return (void *)((uintptr_t)gfn << XEN_PAGE_SHIFT);
}

/* What was there before would be lost. */
void *fake_memory_populate(uint32_t gfn, uint32_t pages)
{
    assert_ptr_equal(mmap(page_at(gfn), (size_t)pages << XEN_PAGE_SHIFT, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0), page_at(gfn));
    return page_at(gfn);
}

int memory_move(uint32_t from_gfn, uint32_t to_gfn, uint32_t pages)
{
    fake_xen.memory_moves++;
    assert_ptr_equal(mmap(page_at(to_gfn), (size_t)pages << XEN_PAGE_SHIFT, PROT_NONE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0), page_at(to_gfn));
    for (uint32_t i = 0; i < pages; i++)
        assert_ptr_equal(mremap(page_at(from_gfn + i), XEN_PAGE_SIZE, XEN_PAGE_SIZE, MREMAP_MAYMOVE | MREMAP_FIXED,
                                page_at(to_gfn + i)), page_at(to_gfn + i));
    return 0;
}

void fake_memory_free(uint32_t gfn, uint32_t pages)
{
    munmap(page_at(gfn), (size_t)pages << XEN_PAGE_SHIFT);
}

int reflect_vram(uint64_t first_pfn, uint32_t pages, uint8_t *bitmap)
{
    bool other = first_pfn != fake_xen.vram_first || pages != fake_xen.vram_pages;

    if (pages > XEN_REFLECT_VRAM_MAX)
        return -XEN_EINVAL;
    if (fake_xen.vram_error)
        return fake_xen.vram_error;
    if (other)
        memset(fake_xen.vram_written, 0xff, sizeof(fake_xen.vram_written));
    memcpy(bitmap, fake_xen.vram_written, (pages + 7) / 8);
    memset(fake_xen.vram_written, 0, sizeof(fake_xen.vram_written));
    fake_xen.vram_first = first_pfn;
    fake_xen.vram_pages = pages;
    return 0;
}

int reflect_copy(uint64_t gpa, void *buffer, uint32_t length, bool to_guest)
{
    if (length == 0 || length > XEN_REFLECT_COPY_MAX)
        return -XEN_EINVAL;
    if (gpa < FAKE_HIGH_START || gpa - FAKE_HIGH_START > FAKE_HIGH_SIZE - length)
        return -XEN_EFAULT;
    fake_xen.copies++;
    if (to_guest)
        memcpy(fake_pointer(gpa), buffer, length);
    else
        memcpy(buffer, fake_pointer(gpa), length);
    return 0;
}

int grant_table_max_frames(uint32_t *frames)
{
    *frames = FAKE_GRANT_FRAMES;
    return 0;
}

uint32_t fake_grant_gfn(void)
{
    return gpa_of(grant_pages) >> XEN_PAGE_SHIFT;
}

int grant_table_map(uint32_t frame, uint32_t gfn)
{
    uint32_t own = frame - (FAKE_GRANT_FRAMES - FAKE_OWN_FRAMES);

    if (frame >= FAKE_GRANT_FRAMES)
        return -XEN_EINVAL;
    assert_true(own < FAKE_OWN_FRAMES);
    assert_int_equal(gfn, fake_grant_gfn() + own);
    if (new_grants[own])
        memset(grant_pages[own], 0, XEN_PAGE_SIZE);
    new_grants[own] = false;
    return 0;
}

struct grant_entry_v1 *fake_grant_entry(grant_ref_t ref)
{
    const uint32_t per_frame = XEN_PAGE_SIZE / sizeof(struct grant_entry_v1);
    uint32_t own = ref - (FAKE_GRANT_FRAMES - FAKE_OWN_FRAMES) * per_frame;

    assert_true(own < FAKE_OWN_FRAMES * per_frame);
    return (struct grant_entry_v1 *)grant_pages + own;
}

void *fake_map(grant_ref_t ref, domid_t domain, bool write)
{
    struct grant_entry_v1 *entry = fake_grant_entry(ref);

    if ((entry->flags & GTF_type_mask) != GTF_permit_access || entry->domid != domain ||
        (write && (entry->flags & GTF_readonly)))
        return NULL;
    entry->flags |= GTF_reading | (write ? GTF_writing : 0);
    return fake_pointer((uint64_t)entry->frame << XEN_PAGE_SHIFT);
}

void fake_unmap(grant_ref_t ref)
{
    fake_grant_entry(ref)->flags &= (uint16_t)~(GTF_reading | GTF_writing);
}

unsigned int fake_grants_in_use(void)
{
    const uint32_t count = FAKE_OWN_FRAMES * XEN_PAGE_SIZE / sizeof(struct grant_entry_v1);
    const struct grant_entry_v1 *entries = (const struct grant_entry_v1 *)grant_pages;
    unsigned int used = 0;

    for (uint32_t i = 0; i < count; i++)
        used += entries[i].flags != 0;
    return used;
}
