/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Random and boundary values for every operation, from both vCPUs at once: before set-up, set up, locked, and from the
 * firmware.  Only what would end the test is left out: an entry point of somebody else's, and memory that is ours
 * to be overwritten.
 */
#include "firmware.h"
#include "hypercalls.h"
#include "lib/string.h"
#include "machine.h"
#include "test.h"

#define BATCH    50u
#define SHADOWS  (PORTS + 0xc0)
#define SHADOW_PORTS 32u
#define PCI_BDFS 512u                   /* those that it claims */

struct long_call { uint64_t entry, a[5], result; };
void long_hypercall(struct long_call *call);

static uint8_t scratch[VCPUS][2 * XEN_PAGE_SIZE] __attribute__((aligned(4096)));

struct attacker {
    uint32_t seed, calls, succeeded, by_error[256];
};
static struct attacker attackers[VCPUS] = { { .seed = 0x2545f491 }, { .seed = 0x9e3779b9 } };

static uint32_t random_word(struct attacker *a)
{
    a->seed ^= a->seed << 13;
    a->seed ^= a->seed >> 17;
    a->seed ^= a->seed << 5;
    return a->seed;
}

static uint32_t value(struct attacker *a)
{
    static const uint32_t edges[] = {
        0, 1, 2, 3, 4, 15, 16, 17, 31, 32, 63, 64, 65, 255, 256, 257, 4095, 4096, 4097, 0x7ff0, 0x7ff1, 0xffff, 0x10000,
        0x7fffffff, 0x80000000, 0xfffff000, 0xfffffffe, 0xffffffff,
    };

    switch (random_word(a) % 4) {
    case 0:  return random_word(a);
    case 1:  return random_word(a) % 70;
    default: return edges[random_word(a) % (sizeof(edges) / sizeof(edges[0]))];
    }
}

/* Of this vCPU's scratch pages, across their boundary, of the device, a hole, ROM's place, and wrapping around. */
static uint32_t address(struct attacker *a)
{
    uint32_t own = gpa_of(scratch[a - attackers]);
    const uint32_t edges[] = {
        own, own + 8, own + 1, own + XEN_PAGE_SIZE - 4, own + XEN_PAGE_SIZE - 1, MMIO, MMIO + MMIO_BYTES - 4, VGA,
        0xe0000000, 0xfee00000, 0xfec00000, 0xffffffff, 0xfffffffc, 0xfffff000,
    };

    return edges[random_word(a) % (sizeof(edges) / sizeof(edges[0]))];
}

/* Mostly sensible, so that the call gets beyond its first check. */
static void fill_range(struct attacker *a, uint32_t *words)
{
    struct xen_reflect_range *range = (struct xen_reflect_range *)words;

    range->type %= 5;
    range->add %= 3;
    range->start = words[2] | (uint64_t)(words[3] % 0x200000) << 32;
    range->end = words[4] | (uint64_t)(words[5] % 0x200000) << 32;
    if (random_word(a) % 2)
        range->end = range->start += random_word(a) % 2 ? 0 : -range->start + value(a) % 0x20000;
    if (range->type == XEN_REFLECT_RANGE_PCI && range->start <= 0xffff && range->start == range->end)
        range->end = range->start %= PCI_BDFS;
}

/* What it writes is the attacker's own: at most the rest of the two pages. */
static void fill_copy(struct attacker *a, struct xen_reflect_copy *copy)
{
    copy->gpa = address(a) | (uint64_t)(random_word(a) % 4 ? 0 : value(a)) << 32;
    copy->buffer = address(a);
    if (random_word(a) % 2 || copy->length <= XEN_REFLECT_COPY_MAX)
        copy->length = random_word(a) % 2048;
    copy->to_guest %= 3;
    copy->pad = random_word(a) % 8 ? 0 : copy->pad;
}

/* Of ports that no case reads; and an access of one. */
static void scribble_shadows(struct attacker *a)
{
    struct xen_reflect_shadows *page = &shadow_page.shadows;
    struct xen_reflect_shadow *place = &page->shadows[random_word(a) % XEN_REFLECT_MAX_SHADOWS];
    uint32_t port = SHADOWS + random_word(a) % SHADOW_PORTS;

    page->nr = value(a);
    page->taken = random_word(a) % 2 ? page->put : value(a);
    if (random_word(a) % 4 == 0)
        page->put = value(a);
    place->key = XEN_REFLECT_SHADOW_KEY(random_word(a) % 2, 1u << random_word(a) % 3, port);
    place->word = (uint64_t)(random_word(a) & 0x0303) << 32 | random_word(a);
    if (random_word(a) % 2)
        outb(port, (uint8_t)value(a));
    else
        inw(port);
}

/* The bits go to the attacker's own two pages, or nowhere. */
static void fill_vram(struct attacker *a, struct xen_reflect_vram *vram)
{
    vram->first_pfn = random_word(a) % 4 ? address(a) / XEN_PAGE_SIZE : vram->first_pfn;
    vram->buffer = address(a);
    if (random_word(a) % 2)
        vram->nr = random_word(a) % 64;
}

/* The address of a structure, or of none. */
static uint32_t structure(struct attacker *a, uint32_t command)
{
    uint32_t *words = (uint32_t *)(scratch[a - attackers] + 64), elsewhere = address(a);

    for (unsigned int i = 0; i < 10; i++)
        words[i] = value(a);
    if (command == XEN_REFLECT_setup)
        words[4] |= 1;                      /* flags: never valid */
    if (command == XEN_REFLECT_port_adopt && words[2] == console_port)
        words[2] = 0;                       /* how the verdicts get out */
    if (command == XEN_REFLECT_range)
        fill_range(a, words);
    if (command == XEN_REFLECT_copy)
        fill_copy(a, (struct xen_reflect_copy *)words);
    if (command == XEN_REFLECT_vram)
        fill_vram(a, (struct xen_reflect_vram *)words);
    return random_word(a) % 8 || elsewhere < MMIO ? gpa_of(words) : elsewhere;
}

/* No exception, no ISA interrupt, and not the spurious interrupt, which is not acknowledged. */
static uint32_t message(struct attacker *a)
{
    uint32_t data = value(a);

    if ((data & 0xff) == VECTOR_SPURIOUS)
        data &= ~1u;
    return (data & 0xff) >= 16 && (data & 0xff) < 48 ? data | 0x40 : data;
}

static uint32_t first_argument(struct attacker *a, uint32_t command)
{
    switch (command) {
    case XEN_REFLECT_setup:
    case XEN_REFLECT_range:
    case XEN_REFLECT_copy:
    case XEN_REFLECT_port_alloc:
    case XEN_REFLECT_port_adopt:
    case XEN_REFLECT_vram:
        return structure(a, command);
    default:
        return value(a);
    }
}

/* The lock comes when the test wants it, and the console's port is how its verdicts get out. */
static bool harmless(uint32_t command, uint32_t a1, bool lock_too)
{
    if (command == XEN_REFLECT_lock)
        return lock_too;
    return (command != XEN_REFLECT_port_close && command != XEN_REFLECT_port_send) || !console_adopted ||
           a1 != console_index;
}

static void count(struct attacker *a, long rc)
{
    a->calls++;
    if (rc >= 0)
        a->succeeded++;
    else if (rc > -256)
        a->by_error[-rc]++;
    else
        a->by_error[255]++;
}

static void attack(struct attacker *a, bool lock_too, bool resume_too)
{
    uint32_t command = random_word(a) % 8 ? random_word(a) % 19 : value(a), a1 = first_argument(a, command);

    if (command == XEN_REFLECT_shadows)
        scribble_shadows(a);
    if (!harmless(command, a1, lock_too) || (command == XEN_REFLECT_resume && !resume_too))
        return;
    if (command == XEN_REFLECT_events || command == XEN_REFLECT_info)
        count(a, reflect_op(command, a1, address(a), value(a), value(a)));
    else if (command == XEN_REFLECT_msi)
        count(a, reflect_op(command, a1, random_word(a) % 2 ? 0 : value(a), message(a), value(a)));
    else
        count(a, reflect_op(command, a1, value(a), value(a), value(a)));
}

/* --- putting things back ------------------------------------------------------------------------------------------ */
static void clear_ranges(void)
{
    reflect_range(XEN_REFLECT_RANGE_PORT, 0, 0, 0xffff);
    reflect_range(XEN_REFLECT_RANGE_MEMORY, 0, 0, (1ull << 52) - 1);
    for (uint32_t bdf = 0; bdf < PCI_BDFS; bdf++)
        reflect_range(XEN_REFLECT_RANGE_PCI, 0, bdf, bdf);
}

static void clear_shadows(void)
{
    shadow_page.shadows.nr = 0;
    shadow_page.shadows.taken = shadow_page.shadows.put;
}

static int clear_lines_and_ports(uint32_t unused)
{
    (void)unused;
    clear_shadows();
    for (uint32_t irq = 0; irq < 16; irq++)
        reflect_isa_irq(irq, 0);
    for (uint32_t i = 0; i < 128; i++)
        reflect_intx(i / 4, i % 4, 0);
    for (uint32_t link = 0; link < 4; link++)
        reflect_link(link, 0);
    for (uint32_t i = 0; i < XEN_REFLECT_MAX_PORTS; i++)
        if (!console_adopted || i != console_index)
            reflect_port_close(i);
    return 0;
}

/* Messages that were sent wait for interrupts to be on. */
static void take_interrupts(void)
{
    interrupts_on();
    for (unsigned int i = 0; i < 100; i++)
        relax();
    interrupts_off();
}

static void settle(void)
{
    ap_start(take_interrupts);
    take_interrupts();
    EXPECT(ap_wait(2000));
    interrupts_forget();
}

/* --- the states --------------------------------------------------------------------------------------------------- */
static bool lock_allowed;

static void attack_as_guest(void)
{
    for (uint32_t i = 0; i < options.calls / 8; i++)
        attack(&attackers[this_vcpu()], lock_allowed, true);
}

static int attack_batch(uint32_t vcpu)
{
    for (uint32_t i = 0; i < BATCH; i++)
        attack(&attackers[vcpu], true, false);
    clear_ranges();
    firmware_claim();
    return 0;
}

static void attack_as_firmware(void)
{
    unsigned int vcpu = this_vcpu();

    for (uint32_t i = 0; i < options.calls / 8; i += BATCH)
        in_firmware(attack_batch, vcpu);
}

static void from_both(void (*attack_somehow)(void))
{
    ap_start(attack_somehow);
    attack_somehow();
    EXPECT(ap_wait(120000));
}

static void report(const char *state)
{
    uint32_t calls = 0, succeeded = 0;
    static uint32_t error[256];

    memset(error, 0, sizeof(error));
    for (unsigned int i = 0; i < VCPUS; i++) {
        calls += attackers[i].calls;
        succeeded += attackers[i].succeeded;
        for (unsigned int e = 0; e < 256; e++)
            error[e] += attackers[i].by_error[e];
        attackers[i] = (struct attacker){ .seed = attackers[i].seed };
    }
    note("hostile, %s: %u calls, %u good, %u EPERM, %u EINVAL, %u EFAULT, %u EBUSY, %u ENOSPC, %u ENOSYS, %u ENOENT",
         state, calls, succeeded, error[XEN_EPERM], error[XEN_EINVAL], error[XEN_EFAULT], error[XEN_EBUSY],
         error[XEN_ENOSPC], error[XEN_ENOSYS], error[XEN_ENOENT]);
    EXPECT(calls >= options.calls / 8);
    EXPECT_EQUAL(error[255], 0);
}

static void before_setup(void)
{
    lock_allowed = true;
    from_both(attack_as_guest);
    report("never set up");
    clear_ranges();
    clear_lines_and_ports(0);
    settle();
}

static void set_up(void)
{
    lock_allowed = false;
    from_both(attack_as_guest);
    report("set up");
    clear_ranges();
    clear_lines_and_ports(0);
    settle();
}

static void locked(void)
{
    lock_allowed = true;
    from_both(attack_as_guest);
    report("locked");
}

static void in_the_firmware(void)
{
    from_both(attack_as_firmware);
    report("in the firmware");
    in_firmware(clear_lines_and_ports, 0);
    settle();
    firmware.ports[9] = 0x21;
    EXPECT_EQUAL(inb(PORTS + 9), 0x21);
}

/* One vCPU in the firmware, the other not. */
static void mixed(void)
{
    ap_start(attack_as_firmware);
    attack_as_guest();
    EXPECT(ap_wait(120000));
    report("locked and in the firmware at once");
    in_firmware(clear_lines_and_ports, 0);
    settle();
}

/* Addresses and numbers beyond 32 bits, from 64-bit code. */
static void wide_arguments(void)
{
    static struct long_call call;
    struct attacker *a = &attackers[0];

    mode_set(MODE_LONG);
    for (uint32_t i = 0; i < options.calls / 16; i++) {
        call.entry = gpa_of(hypercall_page) + __HYPERVISOR_reflect_op * HYPERCALL_STRIDE;
        call.a[0] = random_word(a) % 19;
        for (unsigned int j = 1; j < 5; j++)
            call.a[j] = (uint64_t)(value(a) | 1) << 32 | value(a);
        if (call.a[0] == XEN_REFLECT_lock)
            continue;
        if (call.a[0] == XEN_REFLECT_msi)
            call.a[3] = message(a);
        long_hypercall(&call);
        count(a, (int32_t)call.result);
    }
    mode_set(MODE_FLAT);
    note("hostile, 64-bit arguments: %u calls, %u succeeded", a->calls, a->succeeded);
    *a = (struct attacker){ .seed = a->seed };
}

const struct test_case hostile_before_cases[] = {
    { "hostile calls, never set up", before_setup },
    { NULL, NULL },
};

const struct test_case hostile_set_up_cases[] = {
    { "hostile calls, set up", set_up },
    { NULL, NULL },
};

const struct test_case hostile_cases[] = {
    { "hostile calls, locked", locked },
    { "hostile calls, in the firmware", in_the_firmware },
    { "hostile calls, locked and in the firmware", mixed },
    { "hostile calls, 64-bit arguments", wide_arguments },
    { NULL, NULL },
};
