/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The dispatcher: register blocks of any place, length and width, and reflections of every kind at and around them.
 *
 * What an access must come to is stated byte by byte.  Its naturally cut pieces are itself (up to 4 bytes), its halves,
 * and theirs.  A byte reaches a block with the widest of its pieces that lies in the block and is of a width that the
 * block takes.  A byte without one reads as all-ones and is written nowhere.  Pieces come in the order of addresses.
 */
#include "check.h"
#include "input.h"
#include "support.h"

#include "reflect/dispatch.h"

#include <public/hvm/reflect_op.h>

#define RAM       0x2000u
#define MOST      500u                      /* elements: beyond one piece of the dispatcher's at any width */
#define BLOCKS    16u

struct arrival {
    bool read;
    uint32_t address, value;
    unsigned int size;
};

static struct machine {
    struct dispatcher dispatcher;
    struct guest_memory memory;
    struct input *input;                    /* what registers read */
    struct block {
        struct io_ops ops;
        struct io_region region;
    } blocks[BLOCKS];
    unsigned int blocks_used;
    struct arrival arrivals[MOST * 8];
    unsigned int arrived, checked;
    uint8_t ram[RAM], before[RAM];
} m;

/* ---- The surroundings -------------------------------------------------------------------------------------------- */

static void arrive(const struct block *block, struct arrival arrival, uint32_t offset)
{
    CHECK(offset < block->region.length && arrival.size <= block->region.length - offset);
    CHECK(arrival.size & block->ops.sizes);
    CHECK(m.arrived < MOST * 8);
    m.arrivals[m.arrived++] = arrival;
}

static uint32_t block_read(void *dev, uint32_t offset, unsigned int size)
{
    struct block *block = dev;
    uint32_t value = take_u32(m.input) ^ 0x5a5a5a5a;

    arrive(block, (struct arrival){ true, block->region.base + offset, value, size }, offset);
    return value;
}

static void block_write(void *dev, uint32_t offset, unsigned int size, uint32_t value)
{
    struct block *block = dev;

    arrive(block, (struct arrival){ false, block->region.base + offset, value, size }, offset);
}

static bool is_ram(struct guest_memory *memory, uint64_t address, uint64_t length)
{
    (void)memory;
    return address <= RAM && length <= RAM - address;
}

static bool ram_read(struct guest_memory *memory, uint64_t address, void *bytes, uint32_t length)
{
    if (!is_ram(memory, address, length))
        return false;
    memcpy(bytes, m.ram + address, length);
    return true;
}

static bool ram_write(struct guest_memory *memory, uint64_t address, const void *bytes, uint32_t length)
{
    if (!is_ram(memory, address, length))
        return false;
    memcpy(m.ram + address, bytes, length);
    return true;
}

/* ---- The model --------------------------------------------------------------------------------------------------- */

static uint64_t ones(unsigned int size)
{
    return size == 8 ? ~0ull : (1ull << 8 * size) - 1;
}

static bool takes(const struct io_space *space, uint32_t address, unsigned int size)
{
    for (unsigned int i = 0; i < space->count; i++) {
        const struct io_region *region = &space->regions[i];
        uint32_t offset = address - region->base;

        if (region->ops->sizes & size && offset < region->length && size <= region->length - offset)
            return true;
    }
    return false;
}

/* Of the piece with which byte `at` of an access arrives; 0: it does not. */
static unsigned int piece_size(const struct io_space *space, uint32_t address, unsigned int size, unsigned int at)
{
    for (unsigned int piece = size < 4 ? size : 4; piece; piece /= 2)
        if (takes(space, address + (at & -piece), piece))
            return piece;
    return 0;
}

/* Compares the next arrivals with the pieces of one access; returns what it read, or wrote. */
static uint64_t check_access(const struct io_space *space, uint32_t address, unsigned int size, bool read)
{
    uint64_t value = 0;
    unsigned int piece;

    for (unsigned int at = 0; at < size; at += piece ? piece : 1) {
        const struct arrival *arrival = &m.arrivals[m.checked];

        piece = piece_size(space, address, size, at);
        if (!piece) {
            value |= 0xffull << 8 * at;
            continue;
        }
        CHECK(m.checked++ < m.arrived);
        CHECK(arrival->read == read && arrival->address == address + at && arrival->size == piece);
        CHECK(read || arrival->value <= ones(piece));
        value |= (arrival->value & ones(piece)) << 8 * at;
    }
    return value;
}

/* The bytes of a written value that nobody saw read as ones in check_access()'s result. */
static uint64_t seen(const struct io_space *space, uint32_t address, unsigned int size, uint64_t value)
{
    for (unsigned int at = 0; at < size; at++)
        if (!piece_size(space, address, size, at))
            value |= 0xffull << 8 * at;
    return value & ones(size);
}

/* Element by element; `before` is memory as it was. */
static void check_string(const struct io_space *space, const struct reflection *reflection, unsigned int size)
{
    bool read = reflection->what & XEN_REFLECT_READ, down = reflection->what & XEN_REFLECT_DF;
    uint32_t address = reflection->address_low, span = reflection->count ? (reflection->count - 1) * size : 0;
    uint64_t at = reflection->data_low, low = down ? at - span : at;
    bool whole = low <= at + span && is_ram(&m.memory, low, span + size);

    for (uint32_t i = 0; i < reflection->count; i++) {
        uint64_t value = check_access(space, address, size, read), expected = 0;

        if (whole && read) {
            memcpy(m.before + at, &value, size);
        } else if (whole) {
            memcpy(&expected, m.ram + at, size);
            CHECK(value == seen(space, address, size, expected));
        }
        at += down ? -(uint64_t)size : size;
        if (space == &m.dispatcher.memory)
            address += down ? -size : size;
    }
    CHECK((!whole && read) || !memcmp(m.before, m.ram, RAM));
}

/* A read, or a store, of which REP STOS makes several with the same value. */
static void check_plain(const struct io_space *space, const struct reflection *reflection, unsigned int size,
                        uint64_t result)
{
    uint64_t data = reflection->data_low | (uint64_t)reflection->data_high << 32;
    bool read = reflection->what & XEN_REFLECT_READ;
    uint32_t address = reflection->address_low, step = reflection->what & XEN_REFLECT_DF ? -size : size;

    for (uint32_t i = 0; i < reflection->count; i++, address += step) {
        uint64_t value = check_access(space, address, size, read);

        CHECK(value == (read ? result & ones(size) : seen(space, address, size, data)));
    }
    CHECK(!memcmp(m.before, m.ram, RAM));
}

/* ---- What an input can do ---------------------------------------------------------------------------------------- */

static const uint32_t places[] = { 0, 0x1000, 0xfff8, 0xfffffff0 };

static uint32_t place(struct input *input)
{
    uint8_t where = take_u8(input);

    return places[where % 4] + (where >> 2) % 16;
}

static struct io_space *choose_space(bool memory)
{
    return memory ? &m.dispatcher.memory : &m.dispatcher.ports;
}

static void add(struct input *input)
{
    struct block *block = &m.blocks[m.blocks_used];
    uint8_t what = take_u8(input);

    if (m.blocks_used == BLOCKS)
        return;
    block->ops = (struct io_ops){ .read = block_read, .write = block_write, .sizes = what & 7 };
    block->region = (struct io_region){ "block", place(input), what >> 3 & 15, &block->ops, block };
    m.blocks_used += io_space_add(choose_space(what & 0x80), &block->region);
}

static void take_out(struct input *input)
{
    io_space_remove(choose_space(take_u8(input) & 1), place(input));
}

static void reflect(struct input *input)
{
    uint8_t what = take_u8(input);
    unsigned int size = 1u << what % 4;
    bool memory = what & 0x04, string = what & 0x08, read = what & 0x10;
    const struct io_space *space = choose_space(memory);
    struct reflection reflection = {
        .what = XEN_REFLECT_WHY_IO | (uint32_t)memory << XEN_REFLECT_TYPE_SHIFT | size << XEN_REFLECT_SIZE_SHIFT |
                (read ? XEN_REFLECT_READ : 0) | (string ? XEN_REFLECT_PTR : 0) | (what & 0x20 ? XEN_REFLECT_DF : 0),
        .address_low = place(input),
    };
    uint64_t result;

    reflection.count = what & 0x40 ? take_u16(input) % MOST : take_u8(input) % 8;
    reflection.data_low = take_u32(input);
    reflection.data_high = take_u32(input);
    if (string && !(what & 0x80)) {         /* most of the time, at RAM */
        reflection.data_low %= RAM + 64;
        reflection.data_high = 0;
    }
    if (!string && (read || !memory))
        reflection.count = 1;
    memcpy(m.before, m.ram, RAM);
    m.arrived = m.checked = 0;
    result = dispatch_io(&m.dispatcher, &reflection);
    if (!string)
        check_plain(space, &reflection, size, result);
    else if (reflection.data_high == 0)
        check_string(space, &reflection, size);
    CHECK((string && reflection.data_high) || m.checked == m.arrived);
}

static void check_space(const struct io_space *space)
{
    CHECK(space->count <= IO_SPACE_REGIONS);
    for (unsigned int i = 0; i < space->count; i++) {
        const struct io_region *region = &space->regions[i];

        CHECK(region->length && region->base + (region->length - 1) >= region->base);
        CHECK(i == 0 || region[-1].base + (region[-1].length - 1) < region->base);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static void (*const actions[])(struct input *input) = { reflect, add, reflect, take_out };
    struct input input = { bytes, length };

    m.memory = (struct guest_memory){ .read = ram_read, .write = ram_write, .is_ram = is_ram };
    m.dispatcher = (struct dispatcher){ .guest = &m.memory };
    m.input = &input;
    m.blocks_used = 0;
    for (unsigned int i = 0; i < RAM; i++)
        m.ram[i] = (uint8_t)(i * 7 >> 3);
    while (input.left) {
        actions[take_u8(&input) % 4](&input);
        check_space(&m.dispatcher.ports);
        check_space(&m.dispatcher.memory);
    }
    take_log();
    return 0;
}
