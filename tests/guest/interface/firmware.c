/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "firmware.h"

#include "hypercalls.h"
#include "lib/string.h"
#include "machine.h"

#define CR0_AT_ENTRY    0x39u           /* PE, TS, ET, NE */
#define EFLAGS_AT_ENTRY 0x02u
#define LAPIC_ID        0xfee00020u

struct firmware firmware;
uint8_t firmware_stacks[VCPUS][FIRMWARE_STACK_BYTES] __attribute__((aligned(16)));
const uint64_t firmware_gdt[3] = { 0, 0x00cf9b000000ffff, 0x00cf93000000ffff };

static struct {
    int (*volatile function)(uint32_t);
    uint32_t argument;
    volatile int result;
} doorbell[VCPUS];

unsigned int this_vcpu(void)
{
    return *(volatile uint32_t *)LAPIC_ID >> 25;
}

void firmware_forget(void)
{
    firmware.accesses = 0;
    memset(firmware.requests, 0, sizeof(firmware.requests));
}

void firmware_claim(void)
{
    reflect_range(XEN_REFLECT_RANGE_PORT, true, PORTS, PORTS_END);
    reflect_range(XEN_REFLECT_RANGE_MEMORY, true, MMIO, MMIO + MMIO_BYTES - 1);
    reflect_range(XEN_REFLECT_RANGE_MEMORY, true, VGA, VGA + sizeof(firmware.vga) - 1);
    reflect_range(XEN_REFLECT_RANGE_MEMORY, true, HIGH, HIGH + sizeof(firmware.high) - 1);
    reflect_range(XEN_REFLECT_RANGE_PCI, true, PCI_BDF, PCI_BDF);
}

union shadow_page shadow_page __attribute__((aligned(4096)));

int in_firmware(int (*function)(uint32_t), uint32_t argument)
{
    unsigned int vcpu = this_vcpu();

    doorbell[vcpu].argument = argument;
    doorbell[vcpu].function = function;
    /* A hostile firmware on the other vCPU may have given the port back for a moment. */
    while (doorbell[vcpu].function)
        outl(DOORBELL, 0);
    return doorbell[vcpu].result;
}

int firmware_sleep(uint32_t ns)
{
    uint64_t until = system_time_ns() + ns;

    while (system_time_ns() < until)
        wait_until_ns(until);
    return 0;
}

static void unexpected(uint32_t what)
{
    if (!firmware.unexpected++)
        firmware.unexpected_what = what;
}

static uint32_t read_selectors(void)
{
    uint32_t cs, ds, es, ss;

    __asm__("mov %%cs, %0; mov %%ds, %1; mov %%es, %2; mov %%ss, %3" : "=r"(cs), "=r"(ds), "=r"(es), "=r"(ss));
    return (cs & 0xff) << 24 | (ds & 0xff) << 16 | (es & 0xff) << 8 | (ss & 0xff);
}

static void check_entry(const struct entry *e)
{
    if (e->ebp >= VCPUS)
        unexpected(1);
    else if (e->esp != (uint32_t)firmware_stacks[e->ebp + 1] - 4 || firmware.running[0] || firmware.running[1])
        unexpected(2);
    if (e->eflags != EFLAGS_AT_ENTRY)
        unexpected(3);
    if (read_cr0() != CR0_AT_ENTRY || read_cr4())
        unexpected(4);
    if (read_selectors() != 0x08101010)
        unexpected(5);
    if ((e->eax & XEN_REFLECT_WHY_MASK) != XEN_REFLECT_WHY_IO && (e->ebx || e->ecx || e->edx || e->esi || e->edi))
        unexpected(6);
}

/* The memory behind an access, or NULL. */
static uint8_t *backing(const struct request *r, uint64_t addr)
{
    uint8_t *base = NULL;
    uint64_t offset = 0, length = 0;

#define BEHIND(type_, first, memory)                                             \
    if (r->type == (type_) && addr - (first) < sizeof(memory)) {                  \
        base = (memory);                                                          \
        offset = addr - (first);                                                  \
        length = sizeof(memory);                                                  \
    }
    BEHIND(XEN_REFLECT_RANGE_PORT, PORTS, firmware.ports)
    BEHIND(XEN_REFLECT_RANGE_MEMORY, MMIO, firmware.mmio)
    BEHIND(XEN_REFLECT_RANGE_MEMORY, VGA, firmware.vga)
    BEHIND(XEN_REFLECT_RANGE_MEMORY, HIGH, firmware.high)
    BEHIND(XEN_REFLECT_RANGE_PCI, (uint64_t)PCI_BDF << 32, firmware.pci)
#undef BEHIND
    return base && offset + r->size <= length ? base + offset : NULL;
}

static uint64_t stream(const struct request *r, uint64_t data)
{
    uint64_t mask = r->size >= 8 ? ~0ull : (1ull << (8 * r->size)) - 1;

    if (r->read)
        return firmware.stream_next++ & mask;
    firmware.stream_sum += (uint32_t)(data & mask);
    return 0;
}

static uint64_t ring_doorbell(uint32_t vcpu)
{
    if (doorbell[vcpu].function)
        doorbell[vcpu].result = doorbell[vcpu].function(doorbell[vcpu].argument);
    doorbell[vcpu].function = NULL;
    return 0;
}

/* One element.  Returns what is read. */
static uint64_t transfer(const struct request *r, uint64_t addr, uint64_t data)
{
    uint8_t *memory = backing(r, addr);

    if (memory) {
        memcpy(r->read ? (void *)&data : memory, r->read ? memory : (void *)&data, r->size);
        return data;
    }
    if (r->type == XEN_REFLECT_RANGE_PORT && addr == STREAM)
        return stream(r, data);
    if (r->type == XEN_REFLECT_RANGE_PORT && addr == SLOW)
        return (uint32_t)firmware_sleep(SLOW_NS);
    if (r->type == XEN_REFLECT_RANGE_PORT && addr == DOORBELL)
        return ring_doorbell(r->vcpu);
    return ~0ull;
}

/* rep stos: each element is r->data itself. */
static void store_many(const struct request *r)
{
    for (uint32_t i = 0; i < r->count; i++)
        transfer(r, r->addr + (int64_t)(int32_t)i * (r->df ? -(int32_t)r->size : (int32_t)r->size), r->data);
}

/* rep ins, outs, movs: the elements are in the guest's memory at r->data, and it is the firmware that copies. */
static void transfer_many(const struct request *r)
{
    int32_t step = r->df ? -(int32_t)r->size : (int32_t)r->size;

    for (uint32_t i = 0; i < r->count; i++) {
        uint64_t element = 0, addr = r->addr;

        if (r->type != XEN_REFLECT_RANGE_PORT)
            addr += (int64_t)(int32_t)i * step;
        if (!r->read && reflect_copy(r->data + (int64_t)(int32_t)i * step, &element, r->size, false))
            unexpected(7);
        element = transfer(r, addr, element);
        if (r->read && reflect_copy(r->data + (int64_t)(int32_t)i * step, &element, r->size, true))
            unexpected(8);
    }
}

static uint64_t serve_access(const struct entry *e)
{
    struct request r = {
        .type = (e->eax & XEN_REFLECT_TYPE_MASK) >> XEN_REFLECT_TYPE_SHIFT, .size = e->eax >> XEN_REFLECT_SIZE_SHIFT,
        .count = e->edi, .vcpu = e->ebp, .read = e->eax & XEN_REFLECT_READ, .df = e->eax & XEN_REFLECT_DF,
        .ptr = e->eax & XEN_REFLECT_PTR,
        .addr = (uint64_t)e->ecx << 32 | e->ebx, .data = (uint64_t)e->esi << 32 | e->edx,
    };
    uint32_t n = firmware.accesses++;

    firmware.served[r.vcpu]++;
    if (n < REQUESTS)
        firmware.requests[n] = r;
    if ((r.size != 1 && r.size != 2 && r.size != 4 && r.size != 8) || !r.count ||
        (!r.ptr && r.count != 1 && (r.read || r.type != XEN_REFLECT_RANGE_MEMORY)))
        unexpected(9);
    if (r.count == 1 && !r.ptr)
        return transfer(&r, r.addr, r.data);
    if (r.ptr)
        transfer_many(&r);
    else
        store_many(&r);
    return 0;
}

static void take_events(uint32_t vcpu)
{
    for (unsigned int word = 0; word < 2; word++) {
        uint32_t taken = 0;

        if (reflect_events(word, &taken))
            unexpected(10);
        for (unsigned int i = 0; i < 32; i++)
            if (taken & 1u << i) {
                firmware.events[32 * word + i]++;
                firmware.event_vcpu = vcpu;
            }
    }
}

uint64_t firmware_serve(const struct entry *e);
uint64_t firmware_serve(const struct entry *e)
{
    uint64_t answer = 0;

    check_entry(e);
    firmware.running[e->ebp] = true;
    if ((e->eax & XEN_REFLECT_WHY_MASK) == XEN_REFLECT_WHY_IO) {
        answer = serve_access(e);
    } else if ((e->eax & XEN_REFLECT_WHY_MASK) == XEN_REFLECT_WHY_EVENT) {
        firmware.event_entries++;
        take_events(e->ebp);
        if (firmware.on_event)
            firmware.on_event();
    } else {
        unexpected(11);
    }
    firmware.running[e->ebp] = false;
    return answer;
}
