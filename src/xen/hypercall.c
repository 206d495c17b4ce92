/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Hypercalls of a 32-bit HVM domain: a call into the page that Xen filled, at 32 bytes a hypercall, arguments
 * in EBX, ECX, EDX, ESI, EDI, result in EAX.  Sources: xen/arch-x86/cpuid.h, xen/arch-x86/xen-x86_32.h.
 */
#include "xen/hypercall.h"

#include "lib/string.h"

#include <xen/arch-x86/cpuid.h>
#include <xen/errno.h>
#include <xen/grant_table.h>
#include <xen/hvm/hvm_op.h>
#include <xen/memory.h>
#include <xen/sched.h>

#define CPUID_LAST_BASE  0x40010000u
#define CPUID_BASE_STEP  0x100u
#define HYPERCALL_STRIDE 32
#define TSC_EMULATED     0x1u

/* One image, one page; entry.asm calls it, too. */
extern uint8_t hypercall_page[];
uint8_t hypercall_page[XEN_PAGE_SIZE] __attribute__((aligned(4096)));

/* Subleaf 0. */
static void cpuid(uint32_t leaf, uint32_t *eax, uint32_t *ebx, uint32_t *ecx, uint32_t *edx)
{
    __asm__ volatile("cpuid" : "=a"(*eax), "=b"(*ebx), "=c"(*ecx), "=d"(*edx) : "0"(leaf), "2"(0));
}

static void wrmsr(uint32_t msr, uint64_t value)
{
    __asm__ volatile("wrmsr" :: "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)) : "memory");
}

/* Another hypervisor's leaves (Viridian's, say) may come first: Xen's are at a multiple of 0x100 above them. */
static bool find_xen(uint32_t *base)
{
    for (*base = XEN_CPUID_FIRST_LEAF; *base < CPUID_LAST_BASE; *base += CPUID_BASE_STEP) {
        uint32_t last, ebx, ecx, edx;

        cpuid(*base, &last, &ebx, &ecx, &edx);
        if (ebx == XEN_CPUID_SIGNATURE_EBX && ecx == XEN_CPUID_SIGNATURE_ECX && edx == XEN_CPUID_SIGNATURE_EDX)
            return last >= *base + 2;
    }
    return false;
}

bool hypercall_init(void)
{
    uint32_t base, pages, msr, ecx, edx;

    if (!find_xen(&base))
        return false;
    cpuid(base + 2, &pages, &msr, &ecx, &edx);
    if (pages != 1)
        return false;
    wrmsr(msr, gpa_of(hypercall_page));
    return true;
}

/* Leaf 4 (base + 3), "Time leaf": EAX bit 0 emulated, ECX frequency. */
uint32_t tsc_khz(void)
{
    uint32_t base, eax, ebx, ecx, edx;

    if (!find_xen(&base))
        return 0;
    cpuid(base, &eax, &ebx, &ecx, &edx);
    if (eax < base + 3)
        return 0;
    cpuid(base + 3, &eax, &ebx, &ecx, &edx);
    return eax & TSC_EMULATED ? 0 : ecx;
}

static int hypercall(unsigned int number, uint32_t a1, uint32_t a2, uint32_t a3, uint32_t a4, uint32_t a5)
{
    uint32_t result = gpa_of(hypercall_page) + number * HYPERCALL_STRIDE;

    __asm__ volatile("call *%%eax"
                     : "+a"(result), "+b"(a1), "+c"(a2), "+d"(a3), "+S"(a4), "+D"(a5)
                     :: "memory", "cc");
    return (int)result;
}

static int reflect_op(uint32_t command, uint32_t a1, uint32_t a2, uint32_t a3)
{
    return hypercall(__HYPERVISOR_reflect_op, command, a1, a2, a3, 0);
}

static int hvm_op(unsigned int command, void *argument)
{
    return hypercall(__HYPERVISOR_hvm_op, command, gpa_of(argument), 0, 0, 0);
}

static int sched_op(unsigned int command, void *argument)
{
    return hypercall(__HYPERVISOR_sched_op, command, gpa_of(argument), 0, 0, 0);
}

int reflect_setup(const struct xen_reflect_setup *setup)
{
    return reflect_op(XEN_REFLECT_setup, gpa_of(setup), 0, 0);
}

int reflect_lock(void)
{
    return reflect_op(XEN_REFLECT_lock, 0, 0, 0);
}

int reflect_range(uint32_t type, bool add, uint64_t start, uint64_t end)
{
    struct xen_reflect_range range = { .type = type, .add = add, .start = start, .end = end };

    return reflect_op(XEN_REFLECT_range, gpa_of(&range), 0, 0);
}

int reflect_isa_irq(unsigned int irq, bool high)
{
    return reflect_op(XEN_REFLECT_isa_irq, irq, high, 0);
}

int reflect_intx(unsigned int device, unsigned int pin, bool high)
{
    return reflect_op(XEN_REFLECT_intx, device, pin, high);
}

int reflect_link(unsigned int link, unsigned int irq)
{
    return reflect_op(XEN_REFLECT_link, link, irq, 0);
}

int reflect_port_alloc(domid_t remote, unsigned int *index, evtchn_port_t *port)
{
    struct xen_reflect_port p = { .remote_domid = remote };
    int rc = reflect_op(XEN_REFLECT_port_alloc, gpa_of(&p), 0, 0);

    if (!rc) {
        *index = p.index;
        *port = p.port;
    }
    return rc;
}

int reflect_port_adopt(evtchn_port_t port, unsigned int *index)
{
    struct xen_reflect_port p = { .port = port };
    int rc = reflect_op(XEN_REFLECT_port_adopt, gpa_of(&p), 0, 0);

    if (!rc)
        *index = p.index;
    return rc;
}

int reflect_port_close(unsigned int index)
{
    return reflect_op(XEN_REFLECT_port_close, index, 0, 0);
}

int reflect_port_send(unsigned int index)
{
    return reflect_op(XEN_REFLECT_port_send, index, 0, 0);
}

int reflect_events(unsigned int word, uint32_t *events)
{
    return reflect_op(XEN_REFLECT_events, word, gpa_of(events), 0);
}

int reflect_copy(uint64_t gpa, void *buffer, uint32_t length, bool to_guest)
{
    struct xen_reflect_copy copy = { .gpa = gpa, .buffer = gpa_of(buffer), .length = length, .to_guest = to_guest };

    return reflect_op(XEN_REFLECT_copy, gpa_of(&copy), 0, 0);
}

int reflect_info(unsigned int vcpu, struct xen_reflect_info *info)
{
    return reflect_op(XEN_REFLECT_info, vcpu, gpa_of(info), 0);
}

int reflect_vram(uint64_t first_pfn, uint32_t pages, uint8_t *bitmap)
{
    struct xen_reflect_vram vram = { .first_pfn = first_pfn, .nr = pages, .buffer = gpa_of(bitmap) };

    return reflect_op(XEN_REFLECT_vram, gpa_of(&vram), 0, 0);
}

int reflect_shadows(const struct xen_reflect_shadows *page)
{
    return reflect_op(XEN_REFLECT_shadows, gpa_of(page) / XEN_PAGE_SIZE, 0, 0);
}

int hvm_param(unsigned int index, uint64_t *value)
{
    struct xen_hvm_param param = { .domid = DOMID_SELF, .index = index };
    int rc = hvm_op(HVMOP_get_param, &param);

    if (!rc)
        *value = param.value;
    return rc;
}

uint64_t system_time_ns(void)
{
    struct xen_hvm_get_time time = { 0 };

    hvm_op(HVMOP_get_time, &time);
    return time.now;
}

void wait_until_ns(uint64_t deadline_ns)
{
    struct sched_poll poll = { .timeout = deadline_ns };

    sched_op(SCHEDOP_poll, &poll);
}

int event_send(evtchn_port_t port)
{
    struct evtchn_send send = { .port = port };

    return hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_send, gpa_of(&send), 0, 0, 0);
}

int grant_table_max_frames(uint32_t *frames)
{
    struct gnttab_query_size query = { .dom = DOMID_SELF };
    int rc = hypercall(__HYPERVISOR_grant_table_op, GNTTABOP_query_size, gpa_of(&query), 1, 0, 0);

    if (!rc && query.status != GNTST_okay)
        rc = -XEN_EINVAL;
    if (!rc)
        *frames = query.max_nr_frames;
    return rc;
}

int grant_table_map(uint32_t frame, uint32_t gfn)
{
    struct xen_add_to_physmap map = {
        .domid = DOMID_SELF, .space = XENMAPSPACE_grant_table, .idx = frame, .gpfn = gfn,
    };

    return hypercall(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, gpa_of(&map), 0, 0, 0);
}

int memory_move(uint32_t from_gfn, uint32_t to_gfn, uint32_t pages)
{
    struct xen_add_to_physmap map = {
        .domid = DOMID_SELF, .size = pages, .space = XENMAPSPACE_gmfn_range, .idx = from_gfn, .gpfn = to_gfn,
    };

    return hypercall(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, gpa_of(&map), 0, 0, 0);
}

int domain_shutdown(unsigned int reason)
{
    struct sched_shutdown shutdown = { .reason = reason };

    return sched_op(SCHEDOP_shutdown, &shutdown);
}
