/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "memory.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include "message.h"

#define FOUR_GIB   (1ull << 32)
#define VGA_START  0xa0000u
#define VGA_END    0xc0000u

/* A PC of this size and more keeps the gigabyte below 4 GiB for devices (the default of QEMU's pc). */
#define LOW_LIMIT  0xe0000000ull
#define LOW_SPLIT  0xc0000000ull

extern char __executable_start[], end[];    /* the linker's: this program's image */

/* --- where RAM is --- */

/* The part of the address space that `address` is in ends here. */
static uint64_t part_end(const struct memory *memory, uint64_t address, bool *ram)
{
    const struct { uint64_t end; bool ram; } parts[] = {
        { VGA_START, true }, { VGA_END, false }, { memory->below_4g, true }, { FOUR_GIB, false },
        { FOUR_GIB + memory->above_4g, true },
    };

    for (unsigned int i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (address >= parts[i].end)
            continue;
        *ram = parts[i].ram;
        return parts[i].end;
    }
    *ram = false;
    return UINT64_MAX;
}

uint8_t *memory_find(const struct memory *memory, uint64_t address, uint64_t *length)
{
    bool ram;
    uint64_t left = part_end(memory, address, &ram) - address;

    if (*length > left)
        *length = left;
    if (!ram)
        return NULL;
    return memory->bytes + (address < FOUR_GIB ? address : memory->below_4g + (address - FOUR_GIB));
}

/* --- as a bus master reaches it --- */

static bool meets_firmware(uint64_t address, uint64_t length)
{
    return address < (uintptr_t)end && address + length > (uintptr_t)__executable_start;
}

static bool is_ram(struct guest_memory *guest, uint64_t address, uint64_t length)
{
    struct memory *memory = (struct memory *)guest;
    uint64_t run = length;

    return address + length >= address && !meets_firmware(address, length) &&
           memory_find(memory, address, &run) && run == length;
}

static bool guest_read(struct guest_memory *guest, uint64_t address, void *bytes, uint32_t length)
{
    uint64_t run = length;

    if (!is_ram(guest, address, length))
        return false;
    memcpy(bytes, memory_find((struct memory *)guest, address, &run), length);
    return true;
}

static bool guest_write(struct guest_memory *guest, uint64_t address, const void *bytes, uint32_t length)
{
    uint64_t run = length;

    if (!is_ram(guest, address, length))
        return false;
    memcpy(memory_find((struct memory *)guest, address, &run), bytes, length);
    return true;
}

void *memory_segment(const struct memory *memory, uint64_t address, uint32_t length)
{
    uint64_t run = length;

    if (meets_firmware(address, length)) {
        bool inside = address >= (uintptr_t)__executable_start && address + length <= (uintptr_t)end;

        return inside ? (void *)(uintptr_t)address : NULL;
    }
    return is_ram((struct guest_memory *)&memory->guest, address, length) ? memory_find(memory, address, &run) : NULL;
}

void memory_init(struct memory *memory, uint64_t size)
{
    *memory = (struct memory){
        .guest = { .read = guest_read, .write = guest_write, .is_ram = is_ram },
        .below_4g = size < LOW_LIMIT ? size : LOW_SPLIT,
    };
    memory->above_4g = size - memory->below_4g;
    memory->bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory->bytes == MAP_FAILED)
        fail("no %llu bytes of memory: %s", (unsigned long long)size, strerror(errno));
}
