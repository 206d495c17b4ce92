/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Before the lock, the lock, and what is refused behind it. */
#include "firmware.h"
#include "hypercalls.h"
#include "lib/string.h"
#include "machine.h"
#include "test.h"

#include <public/hvm/reflect_op.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>

#define HOLE 0xe0000000u                /* no memory there */

static const uint32_t only_known_later[] = { 18, 19, 50, 0x80000000, 0xffffffff };

/* --- query and what needs no set-up ------------------------------------------------------------------------------- */
static void query(void)
{
    EXPECT_EQUAL(reflect_query(), XEN_REFLECT_ABI << 16);
    EXPECT_EQUAL(reflect_op(XEN_REFLECT_query, 1, 2, 3, 4), XEN_REFLECT_ABI << 16);
}

static void unknown_commands(void)
{
    for (unsigned int i = 0; i < sizeof(only_known_later) / sizeof(only_known_later[0]); i++)
        EXPECT_EQUAL(reflect_op(only_known_later[i], 0, 0, 0, 0), -XEN_ENOSYS);
}

static void firmware_only(void)
{
    struct xen_reflect_copy copy = { .gpa = 0x1000, .buffer = 0x2000, .length = 1 };

    EXPECT_EQUAL(reflect_op(XEN_REFLECT_resume, 0, 0, 0, 0), -XEN_EPERM);
    EXPECT_EQUAL(reflect_op(XEN_REFLECT_copy, gpa_of(&copy), 0, 0, 0), -XEN_EPERM);
    EXPECT_EQUAL(reflect_vram(0, 0, NULL), -XEN_EPERM);
}

static void parameter(void)
{
    struct xen_hvm_param param = { .domid = DOMID_SELF, .index = HVM_PARAM_REFLECT };

    EXPECT_EQUAL(hvm_op(HVMOP_set_param, &param), -XEN_EPERM);
    param.value = 1;
    EXPECT_EQUAL(hvm_op(HVMOP_set_param, &param), -XEN_EPERM);
}

static void lock_needs_setup(void)
{
    EXPECT_EQUAL(reflect_lock(), -XEN_EBUSY);
}

/* --- setup -------------------------------------------------------------------------------------------------------- */
static const struct xen_reflect_setup good = {
    .version = XEN_REFLECT_ABI,
    .entry = (uint32_t)firmware_entry,
    .stack = (uint32_t)firmware_stacks[1],
    .stack_stride = FIRMWARE_STACK_BYTES,
    .gdt_base = (uint32_t)firmware_gdt,
    .gdt_limit = 0xffff,
    .idt_limit = 0xffff,
    .nr_gnt_frames = XEN_REFLECT_MAX_GNT_FRAMES,
};

#define REFUSED(field, value)                                                  \
    do {                                                                       \
        struct xen_reflect_setup bad_ = good;                                  \
        bad_.field = (value);                                                  \
        EXPECT_EQUAL(reflect_setup(&bad_), -XEN_EINVAL);                       \
    } while (0)

static void setup_refused(void)
{
    REFUSED(version, 0);
    REFUSED(version, XEN_REFLECT_ABI + 1);
    REFUSED(version, 0xffffffff);
    REFUSED(flags, 1);
    REFUSED(flags, 0x80000000);
    REFUSED(gdt_limit, 0x10000);
    REFUSED(idt_limit, 0x10000);
    REFUSED(nr_gnt_frames, XEN_REFLECT_MAX_GNT_FRAMES + 1);
    EXPECT_EQUAL(reflect_op(XEN_REFLECT_setup, HOLE, 0, 0, 0), -XEN_EFAULT);
    EXPECT_EQUAL(reflect_op(XEN_REFLECT_setup, 0xfffffffc, 0, 0, 0), -XEN_EFAULT);
    EXPECT_EQUAL(reflect_lock(), -XEN_EBUSY);
}

static void setup_once(void)
{
    EXPECT_EQUAL(reflect_setup(&good), 0);
    EXPECT_EQUAL(reflect_setup(&good), -XEN_EBUSY);
    REFUSED(version, 0);
}

/* --- ranges ------------------------------------------------------------------------------------------------------- */
/* By type: the last that there is, and a step that keeps ranges apart. */
static const struct { uint64_t last, step; } of_type[] = {
    { 0xffff, 2 }, { (1ull << 52) - 1, 0x2000 }, { 0xffff, 2 },
};

static void range_bounds(void)
{
    for (uint32_t type = 0; type < 3; type++) {
        uint64_t last = of_type[type].last;

        EXPECT_EQUAL(reflect_range(type, 1, last, last), 0);
        EXPECT_EQUAL(reflect_range(type, 0, last, last), 0);
        EXPECT_EQUAL(reflect_range(type, 1, last + 1, last + 1), -XEN_EINVAL);
        EXPECT_EQUAL(reflect_range(type, 1, ~0ull, ~0ull), -XEN_EINVAL);
        EXPECT_EQUAL(reflect_range(type, 1, 2, 1), -XEN_EINVAL);
        EXPECT_EQUAL(reflect_range(type, 2, 1, 1), -XEN_EINVAL);
        EXPECT_EQUAL(reflect_range(type, 0xffffffff, 1, 1), -XEN_EINVAL);
    }
    EXPECT_EQUAL(reflect_range(XEN_REFLECT_RANGE_PORT, 1, 0xffff, 0x10000), -XEN_EINVAL);
    EXPECT_EQUAL(reflect_range(XEN_REFLECT_RANGE_PCI, 1, 1, 2), -XEN_EINVAL);
    EXPECT_EQUAL(reflect_range(3, 1, 1, 1), -XEN_EINVAL);
    EXPECT_EQUAL(reflect_range(0xffffffff, 1, 1, 1), -XEN_EINVAL);
    EXPECT_EQUAL(reflect_op(XEN_REFLECT_range, HOLE, 0, 0, 0), -XEN_EFAULT);
}

static void ranges_repeated(void)
{
    EXPECT_EQUAL(reflect_range(XEN_REFLECT_RANGE_PORT, 0, 0x1000, 0x1fff), 0);
    EXPECT_EQUAL(reflect_range(XEN_REFLECT_RANGE_PORT, 1, 0x1000, 0x1fff), 0);
    EXPECT_EQUAL(reflect_range(XEN_REFLECT_RANGE_PORT, 1, 0x1000, 0x1fff), 0);
    EXPECT_EQUAL(reflect_range(XEN_REFLECT_RANGE_PORT, 1, 0x1800, 0x2fff), 0);
    EXPECT_EQUAL(reflect_range(XEN_REFLECT_RANGE_PORT, 0, 0, 0xffff), 0);
    EXPECT_EQUAL(reflect_range(XEN_REFLECT_RANGE_PORT, 0, 0, 0xffff), 0);
}

/* Every type holds 256 separate ranges, no more; what is there can still be added, and taken away. */
static void range_limit(void)
{
    for (uint32_t type = 0; type < 3; type++) {
        uint64_t step = of_type[type].step;

        for (uint32_t i = 0; i < XEN_REFLECT_MAX_RANGES; i++)
            EXPECT_EQUAL(reflect_range(type, 1, i * step, i * step), 0);
        EXPECT_EQUAL(reflect_range(type, 1, XEN_REFLECT_MAX_RANGES * step, XEN_REFLECT_MAX_RANGES * step), -XEN_ENOSPC);
        EXPECT_EQUAL(reflect_range(type, 1, 0, 0), 0);
        for (uint32_t i = 0; i < XEN_REFLECT_MAX_RANGES; i++)
            EXPECT_EQUAL(reflect_range(type, 0, i * step, i * step), 0);
        EXPECT_EQUAL(reflect_range(type, 1, 7, 7), 0);
        EXPECT_EQUAL(reflect_range(type, 0, 7, 7), 0);
    }
}

/* Taking the middle out of a range makes one more. */
static void range_limit_by_splitting(void)
{
    for (uint32_t i = 0; i < XEN_REFLECT_MAX_RANGES; i++)
        EXPECT_EQUAL(reflect_range(XEN_REFLECT_RANGE_PORT, 1, i * 8, i * 8 + 2), 0);
    EXPECT_EQUAL(reflect_range(XEN_REFLECT_RANGE_PORT, 0, 1, 1), -XEN_ENOSPC);
    EXPECT_EQUAL(reflect_range(XEN_REFLECT_RANGE_PORT, 0, 0, 0xffff), 0);
}

/* --- ports -------------------------------------------------------------------------------------------------------- */
static long port_alloc(uint32_t remote, uint32_t *index)
{
    struct xen_reflect_port port = { .remote_domid = remote, .index = ~0u };
    long rc = reflect_op(XEN_REFLECT_port_alloc, gpa_of(&port), 0, 0, 0);

    *index = port.index;
    return rc;
}

static void port_limit(void)
{
    uint32_t index;

    for (uint32_t i = 0; i < XEN_REFLECT_MAX_PORTS; i++) {
        EXPECT_EQUAL(port_alloc(DOMID_SELF, &index), 0);
        EXPECT_EQUAL(index, i);
    }
    EXPECT_EQUAL(port_alloc(DOMID_SELF, &index), -XEN_ENOSPC);
    EXPECT_EQUAL(reflect_port_close(17), 0);
    EXPECT_EQUAL(reflect_port_close(17), -XEN_ENOENT);
    EXPECT_EQUAL(reflect_port_send(17), -XEN_ENOENT);
    EXPECT_EQUAL(port_alloc(DOMID_SELF, &index), 0);
    EXPECT_EQUAL(index, 17);
    for (uint32_t i = 0; i < XEN_REFLECT_MAX_PORTS; i++)
        EXPECT_EQUAL(reflect_port_close(i), 0);
}

static void port_arguments(void)
{
    uint32_t index;

    EXPECT_EQUAL(port_alloc(0x7ff1, &index), -XEN_EINVAL);
    EXPECT_EQUAL(port_alloc(0xffff, &index), -XEN_EINVAL);
    EXPECT_EQUAL(port_alloc(0x10000, &index), -XEN_EINVAL);
    EXPECT_EQUAL(reflect_op(XEN_REFLECT_port_alloc, HOLE, 0, 0, 0), -XEN_EFAULT);
    EXPECT_EQUAL(reflect_port_close(XEN_REFLECT_MAX_PORTS), -XEN_EINVAL);
    EXPECT_EQUAL(reflect_port_close(0xffffffff), -XEN_EINVAL);
    EXPECT_EQUAL(reflect_port_send(XEN_REFLECT_MAX_PORTS), -XEN_EINVAL);
    EXPECT_EQUAL(reflect_port_adopt(0, &index), -XEN_EINVAL);
    EXPECT_EQUAL(reflect_port_adopt(0x7fffffff, &index), -XEN_EINVAL);
    EXPECT_EQUAL(reflect_op(XEN_REFLECT_events, 2, gpa_of(&index), 0, 0), -XEN_EINVAL);
    EXPECT_EQUAL(reflect_op(XEN_REFLECT_events, 0, HOLE, 0, 0), -XEN_EFAULT);
}

/* A port that Xen already consumes cannot be adopted. */
static void port_adopted_twice(void)
{
    uint32_t index, again, port;

    EXPECT_EQUAL(reflect_port_alloc(DOMID_SELF, &index, &port), 0);
    EXPECT_EQUAL(reflect_port_adopt(port, &again), -XEN_EINVAL);
    EXPECT_EQUAL(reflect_port_close(index), 0);
}

/* --- interrupt lines: their bounds -------------------------------------------------------------------------------- */
static void line_bounds(void)
{
    EXPECT_EQUAL(reflect_isa_irq(15, false), 0);
    EXPECT_EQUAL(reflect_isa_irq(16, false), -XEN_EINVAL);
    EXPECT_EQUAL(reflect_op(XEN_REFLECT_isa_irq, 1, 2, 0, 0), -XEN_EINVAL);
    EXPECT_EQUAL(reflect_intx(31, 3, false), 0);
    EXPECT_EQUAL(reflect_intx(32, 3, false), -XEN_EINVAL);
    EXPECT_EQUAL(reflect_intx(31, 4, false), -XEN_EINVAL);
    EXPECT_EQUAL(reflect_op(XEN_REFLECT_intx, 1, 1, 2, 0), -XEN_EINVAL);
    EXPECT_EQUAL(reflect_link(3, 15), 0);
    EXPECT_EQUAL(reflect_link(3, 0), 0);
    EXPECT_EQUAL(reflect_link(4, 0), -XEN_EINVAL);
    EXPECT_EQUAL(reflect_link(3, 16), -XEN_EINVAL);
}

/* --- the lock ----------------------------------------------------------------------------------------------------- */
static void nothing_before_lock(void)
{
    firmware_claim();
    EXPECT_EQUAL(inb(PORTS), 0xff);
    outb(PORTS, 1);
    EXPECT_EQUAL(*(volatile uint32_t *)MMIO, 0xffffffff);
    EXPECT_EQUAL(firmware.accesses, 0);
}

static uint32_t early_index;

static void event_before_lock(void)
{
    uint32_t port;
    struct evtchn_bind_interdomain bind = { .remote_dom = DOMID_SELF };

    EXPECT_EQUAL(reflect_port_alloc(DOMID_SELF, &early_index, &port), 0);
    bind.remote_port = port;
    EXPECT_EQUAL(event_op(EVTCHNOP_bind_interdomain, &bind), 0);
    EXPECT_EQUAL(event_send(bind.local_port), 0);
    EXPECT_EQUAL(firmware.event_entries, 0);
}

static void lock(void)
{
    EXPECT_EQUAL(reflect_lock(), 0);
    firmware.ports[0] = 0x42;
    EXPECT_EQUAL(inb(PORTS), 0x42);
    EXPECT_EQUAL(firmware.accesses, 1);
    EXPECT_EQUAL(firmware.events[early_index], 1);
}

static void locked_out(void)
{
    for (uint32_t command = 1; command < 20; command++)
        EXPECT_EQUAL(reflect_op(command, gpa_of(&good), 0, 0, 0), -XEN_EPERM);
    EXPECT_EQUAL(reflect_op(0xffffffff, 0, 0, 0, 0), -XEN_EPERM);
    EXPECT_EQUAL(reflect_query(), XEN_REFLECT_ABI << 16);
}

static int call_setup(uint32_t unused) { (void)unused; return (int)reflect_setup(&good); }
static int call_lock(uint32_t unused) { (void)unused; return (int)reflect_lock(); }
static int call_unknown(uint32_t command) { return (int)reflect_op(command, 0, 0, 0, 0); }
static int call_query(uint32_t unused) { (void)unused; return (int)reflect_query(); }

static void from_firmware(void)
{
    EXPECT_EQUAL(in_firmware(call_query, 0), XEN_REFLECT_ABI << 16);
    EXPECT_EQUAL(in_firmware(call_setup, 0), -XEN_EBUSY);
    EXPECT_EQUAL(in_firmware(call_lock, 0), 0);
    for (unsigned int i = 0; i < sizeof(only_known_later) / sizeof(only_known_later[0]); i++)
        EXPECT_EQUAL(in_firmware(call_unknown, only_known_later[i]), -XEN_ENOSYS);
}

static int call_range(uint32_t add) { return (int)reflect_range(XEN_REFLECT_RANGE_PORT, add, 0x5900, 0x5900); }

static void range_from_firmware(void)
{
    EXPECT_EQUAL(in_firmware(call_range, true), 0);
    firmware_forget();
    inb(0x5900);
    EXPECT_EQUAL(firmware.accesses, 1);
    EXPECT_EQUAL(in_firmware(call_range, false), 0);
    firmware_forget();
    EXPECT_EQUAL(inb(0x5900), 0xff);
    EXPECT_EQUAL(firmware.accesses, 0);
}

/* --- copy --------------------------------------------------------------------------------------------------------- */
static uint8_t copied[2][3 * 4096] __attribute__((aligned(4096)));
static struct xen_reflect_copy copy;

static int call_copy(uint32_t unused)
{
    (void)unused;
    return (int)reflect_op(XEN_REFLECT_copy, gpa_of(&copy), 0, 0, 0);
}

static long copy_as(uint64_t gpa, uint32_t buffer, uint32_t length, uint32_t to_guest, uint32_t pad)
{
    copy = (struct xen_reflect_copy){ gpa, buffer, length, to_guest, pad };
    return in_firmware(call_copy, 0);
}

static void fill(uint8_t *bytes, uint32_t length, uint8_t seed)
{
    for (uint32_t i = 0; i < length; i++)
        bytes[i] = (uint8_t)(seed + i * 7 + (i >> 8));
}

/* Across two page boundaries, and not a byte more. */
static void copy_whole(void)
{
    fill(copied[0], sizeof(copied[0]), 1);
    memset(copied[1], 0xee, sizeof(copied[1]));
    EXPECT_EQUAL(copy_as(gpa_of(copied[0]) + 4095, gpa_of(copied[1]) + 101, XEN_REFLECT_COPY_MAX, 0, 0), 0);
    EXPECT(!memcmp(copied[0] + 4095, copied[1] + 101, XEN_REFLECT_COPY_MAX));
    EXPECT_EQUAL(copied[1][100], 0xee);
    EXPECT_EQUAL(copied[1][101 + XEN_REFLECT_COPY_MAX], 0xee);
    memset(copied[1], 0, sizeof(copied[1]));
    EXPECT_EQUAL(copy_as(gpa_of(copied[1]) + 1, gpa_of(copied[0]), XEN_REFLECT_COPY_MAX, 1, 0), 0);
    EXPECT(!memcmp(copied[0], copied[1] + 1, XEN_REFLECT_COPY_MAX));
    EXPECT_EQUAL(copied[1][0], 0);
    EXPECT_EQUAL(copied[1][1 + XEN_REFLECT_COPY_MAX], 0);
}

static void copy_limits(void)
{
    uint32_t from = gpa_of(copied[0]), to = gpa_of(copied[1]);

    EXPECT_EQUAL(copy_as(from, to, 1, 0, 0), 0);
    EXPECT_EQUAL(copy_as(from, to, 0, 0, 0), -XEN_EINVAL);
    EXPECT_EQUAL(copy_as(from, to, XEN_REFLECT_COPY_MAX + 1, 0, 0), -XEN_EINVAL);
    EXPECT_EQUAL(copy_as(from, to, 0xffffffff, 0, 0), -XEN_EINVAL);
    EXPECT_EQUAL(copy_as(from, to, 1, 2, 0), -XEN_EINVAL);
    EXPECT_EQUAL(copy_as(from, to, 1, 0, 1), -XEN_EINVAL);
    EXPECT_EQUAL(copy_as(1ull << 52, to, 1, 0, 0), -XEN_EINVAL);
    EXPECT_EQUAL(copy_as((1ull << 52) - 1, to, 2, 0, 0), -XEN_EINVAL);
    EXPECT_EQUAL(copy_as(~0ull, to, 2, 0, 0), -XEN_EINVAL);
}

static void copy_without_memory(void)
{
    uint32_t ram = gpa_of(copied[0]);

    EXPECT_EQUAL(copy_as(HOLE, ram, 1, 0, 0), -XEN_EFAULT);
    EXPECT_EQUAL(copy_as(HOLE, ram, 1, 1, 0), -XEN_EFAULT);
    EXPECT_EQUAL(copy_as(MMIO, ram, 4, 0, 0), -XEN_EFAULT);
    EXPECT_EQUAL(copy_as(HIGH, ram, 4096, 0, 0), -XEN_EFAULT);
    EXPECT_EQUAL(copy_as(ram, HOLE, 1, 0, 0), -XEN_EFAULT);
    EXPECT_EQUAL(copy_as(ram, HOLE, 1, 1, 0), -XEN_EFAULT);
    EXPECT_EQUAL(copy_as(ram, 0xffffffff, 2, 0, 0), -XEN_EFAULT);
}

const struct test_case unlocked_cases[] = {
    { "query", query },
    { "unknown commands", unknown_commands },
    { "resume, copy and vram are the firmware's", firmware_only },
    { "the domain cannot set HVM_PARAM_REFLECT", parameter },
    { "lock needs setup", lock_needs_setup },
    { "setup: limits", setup_refused },
    { "setup: once", setup_once },
    { "range: bounds", range_bounds },
    { "range: repeated and overlapping", ranges_repeated },
    { "range: 256 of each type", range_limit },
    { "range: 256, also by splitting", range_limit_by_splitting },
    { "port: 64", port_limit },
    { "port: arguments", port_arguments },
    { "port: adopted twice", port_adopted_twice },
    { "isa_irq, intx, link: bounds", line_bounds },
    { NULL, NULL },
};

const struct test_case lock_cases[] = {
    { "nothing is reflected before lock", nothing_before_lock },
    { "an event before lock waits for it", event_before_lock },
    { "lock", lock },
    { "lock: all but query is the firmware's", locked_out },
    { "lock: the firmware may call", from_firmware },
    { "range: the firmware claims and gives back", range_from_firmware },
    { "copy: 4096 bytes across pages", copy_whole },
    { "copy: limits", copy_limits },
    { "copy: where there is no memory", copy_without_memory },
    { NULL, NULL },
};
