/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "hypercalls.h"

#include <xen/arch-x86/cpuid.h>
#include <xen/hvm/hvm_op.h>
#include <xen/sched.h>

uint8_t hypercall_page[XEN_PAGE_SIZE] __attribute__((aligned(4096)));

static void cpuid(uint32_t leaf, uint32_t *eax, uint32_t *ebx, uint32_t *ecx, uint32_t *edx)
{
    __asm__ volatile("cpuid" : "=a"(*eax), "=b"(*ebx), "=c"(*ecx), "=d"(*edx) : "0"(leaf), "2"(0));
}

/* xl gives these domains no Viridian leaves, so Xen's are at the first place. */
bool hypercalls_init(void)
{
    uint32_t eax, ebx, ecx, edx;

    cpuid(XEN_CPUID_FIRST_LEAF, &eax, &ebx, &ecx, &edx);
    if (ebx != XEN_CPUID_SIGNATURE_EBX || ecx != XEN_CPUID_SIGNATURE_ECX || edx != XEN_CPUID_SIGNATURE_EDX)
        return false;
    cpuid(XEN_CPUID_FIRST_LEAF + 2, &eax, &ebx, &ecx, &edx);
    __asm__ volatile("wrmsr" :: "c"(ebx), "a"(gpa_of(hypercall_page)), "d"(0) : "memory");
    return true;
}

long hypercall(uint32_t number, uint32_t a1, uint32_t a2, uint32_t a3, uint32_t a4, uint32_t a5)
{
    long result = (long)(hypercall_page + number * HYPERCALL_STRIDE);

    __asm__ volatile("call *%%eax" : "+a"(result), "+b"(a1), "+c"(a2), "+d"(a3), "+S"(a4), "+D"(a5) :: "memory", "cc");
    return result;
}

long reflect_op(uint32_t command, uint32_t a1, uint32_t a2, uint32_t a3, uint32_t a4)
{
    return hypercall(__HYPERVISOR_reflect_op, command, a1, a2, a3, a4);
}

long reflect_query(void) { return reflect_op(XEN_REFLECT_query, 0, 0, 0, 0); }
long reflect_lock(void) { return reflect_op(XEN_REFLECT_lock, 0, 0, 0, 0); }
long reflect_isa_irq(uint32_t irq, uint32_t level) { return reflect_op(XEN_REFLECT_isa_irq, irq, level, 0, 0); }
long reflect_link(uint32_t link, uint32_t irq) { return reflect_op(XEN_REFLECT_link, link, irq, 0, 0); }
long reflect_port_close(uint32_t index) { return reflect_op(XEN_REFLECT_port_close, index, 0, 0, 0); }
long reflect_port_send(uint32_t index) { return reflect_op(XEN_REFLECT_port_send, index, 0, 0, 0); }

long reflect_setup(const struct xen_reflect_setup *setup)
{
    return reflect_op(XEN_REFLECT_setup, gpa_of(setup), 0, 0, 0);
}

long reflect_range(uint32_t type, uint32_t add, uint64_t start, uint64_t end)
{
    struct xen_reflect_range range = { .type = type, .add = add, .start = start, .end = end };

    return reflect_op(XEN_REFLECT_range, gpa_of(&range), 0, 0, 0);
}

long reflect_intx(uint32_t device, uint32_t pin, uint32_t level)
{
    return reflect_op(XEN_REFLECT_intx, device, pin, level, 0);
}

long reflect_msi(uint64_t address, uint32_t data)
{
    return reflect_op(XEN_REFLECT_msi, (uint32_t)address, (uint32_t)(address >> 32), data, 0);
}

long reflect_port_alloc(uint32_t remote, uint32_t *index, uint32_t *port)
{
    struct xen_reflect_port p = { .remote_domid = remote };
    long rc = reflect_op(XEN_REFLECT_port_alloc, gpa_of(&p), 0, 0, 0);

    *index = p.index;
    *port = p.port;
    return rc;
}

long reflect_port_adopt(uint32_t port, uint32_t *index)
{
    struct xen_reflect_port p = { .port = port };
    long rc = reflect_op(XEN_REFLECT_port_adopt, gpa_of(&p), 0, 0, 0);

    *index = p.index;
    return rc;
}

long reflect_events(uint32_t word, uint32_t *events)
{
    return reflect_op(XEN_REFLECT_events, word, gpa_of(events), 0, 0);
}

long reflect_copy(uint64_t gpa, void *buffer, uint32_t length, uint32_t to_guest)
{
    struct xen_reflect_copy copy = { .gpa = gpa, .buffer = gpa_of(buffer), .length = length, .to_guest = to_guest };

    return reflect_op(XEN_REFLECT_copy, gpa_of(&copy), 0, 0, 0);
}

long reflect_vram(uint64_t first_pfn, uint32_t nr, void *buffer)
{
    struct xen_reflect_vram vram = { .first_pfn = first_pfn, .nr = nr, .buffer = gpa_of(buffer) };

    return reflect_op(XEN_REFLECT_vram, gpa_of(&vram), 0, 0, 0);
}

long reflect_info(uint32_t vcpu, struct xen_reflect_info *info)
{
    return reflect_op(XEN_REFLECT_info, vcpu, gpa_of(info), 0, 0);
}

long reflect_shadows(uint32_t gfn)
{
    return reflect_op(XEN_REFLECT_shadows, gfn, 0, 0, 0);
}

long event_op(uint32_t command, void *argument)
{
    return hypercall(__HYPERVISOR_event_channel_op, command, gpa_of(argument), 0, 0, 0);
}

long event_send(uint32_t port)
{
    struct evtchn_send send = { .port = port };

    return event_op(EVTCHNOP_send, &send);
}

long hvm_op(uint32_t command, void *argument)
{
    return hypercall(__HYPERVISOR_hvm_op, command, gpa_of(argument), 0, 0, 0);
}

uint64_t hvm_param(uint32_t index)
{
    struct xen_hvm_param param = { .domid = DOMID_SELF, .index = index };

    return hvm_op(HVMOP_get_param, &param) ? 0 : param.value;
}

long sched_op(uint32_t command, void *argument)
{
    return hypercall(__HYPERVISOR_sched_op, command, gpa_of(argument), 0, 0, 0);
}

long vcpu_op(uint32_t command, uint32_t vcpu)
{
    return hypercall(__HYPERVISOR_vcpu_op, command, vcpu, 0, 0, 0);
}

long memory_op(uint32_t command, void *argument)
{
    return hypercall(__HYPERVISOR_memory_op, command, gpa_of(argument), 0, 0, 0);
}

long grant_op(uint32_t command, void *argument)
{
    return hypercall(__HYPERVISOR_grant_table_op, command, gpa_of(argument), 1, 0, 0);
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
