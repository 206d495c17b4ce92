/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "reflect/dispatch.h"

#include "lib/log.h"
#include "lib/string.h"

#include <public/hvm/reflect_op.h>

#define TYPE_PORT   0u                      /* IOREQ_TYPE_PIO */
#define TYPE_MEMORY 1u                      /* IOREQ_TYPE_COPY */
#define TYPE_PCI    2u                      /* IOREQ_TYPE_PCI_CONFIG */

/* Elements of a string instruction are moved in pieces of this many bytes. */
#define CHUNK_BYTES 256u

/* ---- Register blocks -------------------------------------------------------------------------------------- */

/* The first region whose end is above address. */
static unsigned int lower_bound(const struct io_space *space, uint32_t address)
{
    unsigned int low = 0, high = space->count;

    while (low < high) {
        unsigned int middle = (low + high) / 2;
        const struct io_region *region = &space->regions[middle];

        if (region->base + (region->length - 1) < address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Most accesses are to the block of the one before. */
static const struct io_region *find(struct io_space *space, uint32_t address)
{
    const struct io_region *region = &space->regions[space->last];

    if (space->last < space->count && address - region->base < region->length)
        return region;
    space->last = lower_bound(space, address);
    region = &space->regions[space->last];
    return space->last < space->count && region->base <= address ? region : NULL;
}

/* A block that comes back goes on counting; one that is gone gives its counters to another only when no other is left:
 * there are as many as regions. */
static uint8_t take_counter(struct io_space *space, const struct io_region *region)
{
    unsigned int taken = IO_SPACE_REGIONS;
    struct stats_region *counter;

    for (unsigned int i = 0; i < IO_SPACE_REGIONS; i++) {
        counter = &space->counters[i];
        if (counter->claimed)
            continue;
        if (taken == IO_SPACE_REGIONS || (space->counters[taken].name[0] && !counter->name[0]))
            taken = i;
        if (counter->base == region->base && counter->length == region->length && counter->name[0] &&
            strncmp(counter->name, region->name, STATS_NAME - 1) == 0) {
            counter->claimed = true;
            return (uint8_t)i;
        }
    }
    counter = &space->counters[taken];
    *counter = (struct stats_region){ .base = region->base, .length = region->length, .claimed = true };
    for (unsigned int i = 0; i < STATS_NAME - 1 && region->name[i]; i++)
        counter->name[i] = region->name[i];
    return (uint8_t)taken;
}

bool io_space_add(struct io_space *space, const struct io_region *region)
{
    uint32_t last = region->base + (region->length - 1);
    unsigned int i = lower_bound(space, region->base);

    if (!region->length || last < region->base || space->count == IO_SPACE_REGIONS ||
        (i < space->count && space->regions[i].base <= last))
        return false;
    memmove(&space->regions[i + 1], &space->regions[i], (space->count - i) * sizeof(*region));
    memmove(&space->counter[i + 1], &space->counter[i], space->count - i);
    space->regions[i] = *region;
    space->counter[i] = take_counter(space, region);
    space->count++;
    return true;
}

void io_space_remove(struct io_space *space, uint32_t base)
{
    unsigned int i = lower_bound(space, base);

    if (i == space->count || space->regions[i].base != base)
        return;
    space->counters[space->counter[i]].claimed = false;
    space->count--;
    memmove(&space->regions[i], &space->regions[i + 1], (space->count - i) * sizeof(space->regions[0]));
    memmove(&space->counter[i], &space->counter[i + 1], space->count - i);
}

/* ---- One access ------------------------------------------------------------------------------------------- */

static uint32_t ones(unsigned int size)
{
    return size >= 4 ? 0xffffffffu : (1u << (8 * size)) - 1;
}

/* The chip that takes an access of this size in one piece. */
static const struct io_region *taker(struct io_space *space, uint32_t address, unsigned int size)
{
    const struct io_region *region = find(space, address);

    if (!region || !(region->ops->sizes & size) || size > region->length - (address - region->base))
        return NULL;
    return region;
}

/* A wider access than the chip takes is two narrower ones, low half first, as on the bus of a PC.  A read may have
 * effects too, so that its halves are statements of their own: within one, C leaves their order open. */
static uint32_t read_piece(struct io_space *space, uint32_t address, unsigned int size)
{
    const struct io_region *region = taker(space, address, size);
    unsigned int half = size / 2;
    uint32_t low;

    if (region)
        return region->ops->read(region->dev, address - region->base, size) & ones(size);
    if (size == 1)
        return ones(1);
    low = read_piece(space, address, half);
    return low | (read_piece(space, address + half, half) << (8 * half));
}

static void write_piece(struct io_space *space, uint32_t address, unsigned int size, uint32_t value)
{
    const struct io_region *region = taker(space, address, size);
    unsigned int half = size / 2;

    value &= ones(size);
    if (region) {
        region->ops->write(region->dev, address - region->base, size, value);
    } else if (size > 1) {
        write_piece(space, address, half, value);
        write_piece(space, address + half, half, value >> (8 * half));
    }
}

static uint64_t read_access(struct io_space *space, uint32_t address, unsigned int size)
{
    uint64_t low = read_piece(space, address, size < 8 ? size : 4);

    return size < 8 ? low : low | ((uint64_t)read_piece(space, address + 4, 4) << 32);
}

static void write_access(struct io_space *space, uint32_t address, unsigned int size, uint64_t value)
{
    if (size < 8) {
        write_piece(space, address, size, (uint32_t)value);
    } else {
        write_piece(space, address, 4, (uint32_t)value);
        write_piece(space, address + 4, 4, (uint32_t)(value >> 32));
    }
}

/* ---- String instructions ---------------------------------------------------------------------------------- */

struct string_io {
    struct io_space *space;
    struct guest_memory *guest;
    uint64_t memory;                        /* of the next element */
    uint32_t address;                       /* register of the next element */
    uint32_t address_step;                  /* 0 but for memory; +size or -size, modulo 2^32 */
    unsigned int size;
    bool read, down;
};

/* Up to CHUNK_BYTES / size elements.  Going down, the first element is the last of the bytes in memory. */
static void move_chunk(struct string_io *io, unsigned int count)
{
    uint8_t bytes[CHUNK_BYTES];
    uint32_t length = count * io->size;
    uint64_t start = io->down ? io->memory - (length - io->size) : io->memory;
    bool ok = true;

    if (!io->read && !io->guest->read(io->guest, start, bytes, length)) {
        memset(bytes, 0xff, length);
        ok = false;
    }
    for (unsigned int i = 0; i < count; i++, io->address += io->address_step) {
        uint8_t *element = bytes + (io->down ? count - 1 - i : i) * io->size;
        uint64_t value = 0;

        if (io->read) {
            value = read_access(io->space, io->address, io->size);
            memcpy(element, &value, io->size);
        } else {
            memcpy(&value, element, io->size);
            write_access(io->space, io->address, io->size, value);
        }
    }
    if (io->read)
        ok = io->guest->write(io->guest, start, bytes, length);
    if (!ok)
        log_limited(LOG_WARNING, "string access with 0x%llx, which is not RAM", (unsigned long long)start);
    io->memory += io->down ? -(uint64_t)length : length;
}

static bool takes_strings(const struct string_io *io)
{
    const struct io_region *region = find(io->space, io->address);

    return !region || !region->ops->no_strings;
}

static void dispatch_string(struct string_io *io, uint32_t count)
{
    while (count && takes_strings(io)) {
        unsigned int n = CHUNK_BYTES / io->size;

        if (n > count)
            n = count;
        move_chunk(io, n);
        count -= n;
    }
}

/* ---- The request ------------------------------------------------------------------------------------------ */

static unsigned int type_of(uint32_t what)
{
    return (what & XEN_REFLECT_TYPE_MASK) >> XEN_REFLECT_TYPE_SHIFT;
}

static unsigned int size_of(uint32_t what)
{
    return (what >> XEN_REFLECT_SIZE_SHIFT) & 0xff;
}

/* Xen sends what we claimed, below 4 GiB and in sizes that exist; anything else is a mistake of ours. */
static void check(const struct reflection *reflection)
{
    uint32_t low = reflection->address_low, high = reflection->address_high;
    unsigned int type = type_of(reflection->what), size = size_of(reflection->what);
    bool possible = type == TYPE_PCI ? high <= 0xffff && low < DISPATCH_PCI_BYTES : type < TYPE_PCI && !high;

    if (!possible || !size || size > 8 || (size & (size - 1)))
        panic("reflection 0x%x at 0x%x%08x cannot be", reflection->what, high, low);
}

static struct io_space *space_of(struct dispatcher *dispatcher, uint32_t what)
{
    switch (type_of(what)) {
    case TYPE_PORT:
        return &dispatcher->ports;
    case TYPE_PCI:
        return &dispatcher->pci;
    default:
        return &dispatcher->memory;
    }
}

uint32_t dispatch_address(const struct reflection *reflection)
{
    return dispatch_pci_address(reflection->address_high) | reflection->address_low;
}

/* How far apart the elements of a string instruction are. */
static uint32_t step_of(uint32_t what)
{
    if (type_of(what) != TYPE_MEMORY)
        return 0;
    return what & XEN_REFLECT_DF ? -size_of(what) : size_of(what);
}

struct reflection dispatch_waited(const struct xen_reflect_write *write)
{
    uint32_t type = write->key >> 63 == XEN_REFLECT_RANGE_MEMORY ? TYPE_MEMORY : TYPE_PORT;
    uint64_t address = write->key & XEN_REFLECT_SHADOW_ADDRESS;

    return (struct reflection){
        .what = type << XEN_REFLECT_TYPE_SHIFT | (uint32_t)(write->key >> 60 & 7) << XEN_REFLECT_SIZE_SHIFT,
        .address_low = (uint32_t)address, .address_high = (uint32_t)(address >> 32), .data_low = write->value,
        .count = 1, .vcpu = write->vcpu,
    };
}

const void *dispatch_alone(struct dispatcher *dispatcher, const struct reflection *reflection)
{
    uint32_t what = reflection->what, address = dispatch_address(reflection);
    const struct io_region *region = type_of(what) == TYPE_PORT ? find(&dispatcher->ports, address) : NULL;

    if (!region || !region->ops->alone || size_of(what) > region->length - (address - region->base))
        return NULL;
    return region->dev;
}

uint64_t dispatch_io(struct dispatcher *dispatcher, const struct reflection *reflection)
{
    uint32_t what = reflection->what;
    unsigned int size = size_of(what);
    struct io_space *space = space_of(dispatcher, what);
    uint32_t address = dispatch_address(reflection);
    uint64_t data = reflection->data_low | ((uint64_t)reflection->data_high << 32);
    bool read = what & XEN_REFLECT_READ;

    check(reflection);
    if (what & XEN_REFLECT_PTR) {
        struct string_io io = {
            .space = space, .guest = dispatcher->guest, .memory = data, .address = address,
            .address_step = step_of(what), .size = size, .read = read, .down = what & XEN_REFLECT_DF,
        };

        dispatch_string(&io, reflection->count);
    } else if (read) {
        return read_access(space, address, size);
    } else {
        for (uint32_t n = reflection->count; n; n--, address += step_of(what))     /* REP STOS: more than one */
            write_access(space, address, size, data);
    }
    return ~0ull;
}

void dispatch_count(struct dispatcher *dispatcher, const struct reflection *reflection, uint64_t ticks)
{
    struct io_space *space = space_of(dispatcher, reflection->what);
    const struct io_region *region = find(space, dispatch_address(reflection));
    struct stats_region *counter = &space->counters[region ? space->counter[space->last] : IO_SPACE_REGIONS];
    counter->reflections += (reflection->what & XEN_REFLECT_WHY_MASK) == XEN_REFLECT_WHY_IO;
    counter->accesses += reflection->count;
    counter->bytes += (uint64_t)reflection->count * size_of(reflection->what);
    counter->ticks += ticks;
}
