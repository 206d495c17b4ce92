/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "xen/guest_memory.h"

#include "lib/string.h"
#include "xen/hypercall.h"

#define FOUR_GIB   0x100000000ull
#define VGA_START  0xa0000u
#define VGA_END    0xc0000u

static void add_range(struct xen_guest_memory *memory, uint64_t start, uint64_t end)
{
    if (start >= end)
        return;
    memory->ranges[memory->range_count].start = start;
    memory->ranges[memory->range_count].end = end;
    memory->range_count++;
}

/* No access spans two ranges: what lies between them is a hole, and 4 GiB is where the way of copying changes. */
static bool is_ram(struct guest_memory *generic, uint64_t address, uint64_t length)
{
    const struct xen_guest_memory *memory = (struct xen_guest_memory *)generic;

    for (unsigned int i = 0; i < memory->range_count; i++) {
        uint64_t start = memory->ranges[i].start, end = memory->ranges[i].end;

        if (address >= start && address <= end && length <= end - address)
            return true;
    }
    return false;
}

static bool copy_high(uint64_t address, uint8_t *bytes, uint32_t length, bool to_guest)
{
    while (length) {
        uint32_t chunk = length < XEN_REFLECT_COPY_MAX ? length : XEN_REFLECT_COPY_MAX;

        if (reflect_copy(address, bytes, chunk, to_guest))
            return false;
        address += chunk;
        bytes += chunk;
        length -= chunk;
    }
    return true;
}

static bool read(struct guest_memory *memory, uint64_t address, void *bytes, uint32_t length)
{
    if (!is_ram(memory, address, length))
        return false;
    if (address >= FOUR_GIB)
        return copy_high(address, bytes, length, false);
    memcpy(bytes, (const void *)(uintptr_t)address, length);
    return true;
}

static bool write(struct guest_memory *memory, uint64_t address, const void *bytes, uint32_t length)
{
    if (!is_ram(memory, address, length))
        return false;
    if (address >= FOUR_GIB)
        return copy_high(address, (uint8_t *)(uintptr_t)bytes, length, true);
    memcpy((void *)(uintptr_t)address, bytes, length);
    return true;
}

static const struct guest_memory operations = { .read = read, .write = write, .is_ram = is_ram };

void xen_guest_memory_init(struct xen_guest_memory *memory, uint32_t low_end, uint64_t high_end)
{
    *memory = (struct xen_guest_memory){ .memory = operations };
    add_range(memory, 0, low_end < VGA_START ? low_end : VGA_START);
    add_range(memory, VGA_END, low_end);
    add_range(memory, FOUR_GIB, high_end);
}

void xen_firmware_memory_init(struct xen_guest_memory *memory, uint32_t base, uint32_t size)
{
    *memory = (struct xen_guest_memory){ .memory = operations };
    add_range(memory, base, (uint64_t)base + size);
}
