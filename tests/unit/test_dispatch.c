/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "support.h"

#include <stdio.h>

#include <public/hvm/reflect_op.h>

#include "reflect/dispatch.h"

#define TYPE_PIO        0u
#define TYPE_COPY       1u
#define TYPE_PCI_CONFIG 2u

/* The memory that string instructions use, and how much of it they fill: over two of the dispatcher's pieces. */
#define BUFFER   0x10000u
#define ELEMENTS 300u

/* ---- Chips that remember what reached them ------------------------------------------------------------------ */

struct access {
    char chip;
    bool write;
    unsigned int size;
    uint32_t offset, value;
};

struct chip {
    char name;
    struct fixture *owner;
    bool fifo;                              /* each read takes the next number; else a byte tells its own offset */
    uint32_t next;
};

struct fixture {
    struct dispatcher dispatcher;
    struct test_memory memory;
    struct chip chips[8];
    unsigned int chip_count;
    struct access trace[1024];
    unsigned int accesses;
};

static void remember(const struct chip *chip, bool write, unsigned int size, uint32_t offset, uint32_t value)
{
    struct fixture *f = chip->owner;

    assert_true(f->accesses < sizeof(f->trace) / sizeof(f->trace[0]));
    f->trace[f->accesses++] = (struct access){ chip->name, write, size, offset, value };
}

static uint32_t mask(unsigned int size)
{
    return size == 4 ? 0xffffffff : (1u << 8 * size) - 1;
}

/* All bits above the size are rubbish, as io.h allows. */
static uint32_t chip_read(void *dev, uint32_t offset, unsigned int size)
{
    struct chip *chip = dev;
    uint32_t value = ~mask(size);

    remember(chip, false, size, offset, 0);
    if (chip->fifo)
        return value | (chip->next++ & mask(size));
    for (unsigned int i = 0; i < size; i++)
        value |= (uint32_t)((chip->name - 'a' + 10) << 4 | (offset + i)) << 8 * i;
    return value;
}

static void chip_write(void *dev, uint32_t offset, unsigned int size, uint32_t value)
{
    remember(dev, true, size, offset, value);
}

static const struct io_ops bytes = { .read = chip_read, .write = chip_write, .sizes = IO_BYTE };
static const struct io_ops words = { .read = chip_read, .write = chip_write, .sizes = IO_BYTE | IO_WORD };
static const struct io_ops dwords = { .read = chip_read, .write = chip_write, .sizes = IO_BYTE | IO_WORD | IO_DWORD };
static const struct io_ops alone = { .read = chip_read, .write = chip_write, .sizes = IO_BYTE, .alone = true };
static const struct io_ops dwords_only = { .read = chip_read, .write = chip_write, .sizes = IO_DWORD };

/* What has reached the chips since the last call, as in "a:w2+4=1234 b:r1+0". */
static const char *take_trace(struct fixture *f)
{
    static char text[1024];
    size_t length = 0;

    text[0] = '\0';
    for (unsigned int i = 0; i < f->accesses; i++) {
        const struct access *a = &f->trace[i];

        assert_true(length + 24 < sizeof(text));
        length += sprintf(text + length, "%s%c:%c%u+%x", i ? " " : "", a->chip, a->write ? 'w' : 'r', a->size,
                          a->offset);
        if (a->write)
            length += sprintf(text + length, "=%x", a->value);
    }
    f->accesses = 0;
    return text;
}

/* ---- The machine -------------------------------------------------------------------------------------------- */

static struct chip *place(struct fixture *f, struct io_space *space, char name, uint32_t base, uint32_t length,
                          const struct io_ops *ops)
{
    struct chip *chip = &f->chips[f->chip_count++];
    struct io_region region = { "chip", base, length, ops, chip };

    *chip = (struct chip){ .name = name, .owner = f };
    assert_true(io_space_add(space, &region));
    return chip;
}

/* Ports: a of bytes and b of dwords side by side, then a hole; c of words; d, one byte of a chip that knows dwords;
 * e of dwords only; f a FIFO.  Memory: e again, up to the end of the space. */
static int set_up(void **state)
{
    static struct fixture f;
    struct io_space *ports = &f.dispatcher.ports, *memory = &f.dispatcher.memory;

    f = (struct fixture){ .chip_count = 0 };
    test_memory_init(&f.memory);
    f.dispatcher.guest = &f.memory.memory;
    place(&f, ports, 'b', 0x108, 4, &dwords);
    place(&f, ports, 'a', 0x100, 8, &bytes);
    place(&f, ports, 'd', 0x300, 1, &dwords);
    place(&f, ports, 'c', 0x200, 8, &words);
    place(&f, ports, 'e', 0x400, 4, &dwords_only);
    place(&f, ports, 'f', 0x500, 4, &dwords)->fifo = true;
    place(&f, memory, 'b', 0xf0000000, 16, &dwords);
    place(&f, memory, 'f', 0xfffff000, 4096, &dwords)->fifo = true;
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    take_log();
    test_memory_free(&f->memory);
    return 0;
}

static uint64_t reflect(struct fixture *f, uint32_t flags, unsigned int type, unsigned int size, uint32_t address,
                        uint64_t data, uint32_t count)
{
    struct reflection reflection = {
        .what = XEN_REFLECT_WHY_IO | flags | type << XEN_REFLECT_TYPE_SHIFT | size << XEN_REFLECT_SIZE_SHIFT,
        .address_low = address,
        .data_low = (uint32_t)data,
        .data_high = (uint32_t)(data >> 32),
        .count = count,
    };

    return dispatch_io(&f->dispatcher, &reflection);
}

static uint64_t in(struct fixture *f, uint32_t port, unsigned int size)
{
    return reflect(f, XEN_REFLECT_READ, TYPE_PIO, size, port, 0, 1);
}

static void out(struct fixture *f, uint32_t port, unsigned int size, uint64_t value)
{
    reflect(f, 0, TYPE_PIO, size, port, value, 1);
}

static uint64_t load(struct fixture *f, uint32_t address, unsigned int size)
{
    return reflect(f, XEN_REFLECT_READ, TYPE_COPY, size, address, 0, 1);
}

static void store(struct fixture *f, uint32_t address, unsigned int size, uint64_t value)
{
    reflect(f, 0, TYPE_COPY, size, address, value, 1);
}

/* flags: XEN_REFLECT_READ for ins, and XEN_REFLECT_DF. */
static void rep(struct fixture *f, uint32_t flags, unsigned int type, unsigned int size, uint32_t address,
                uint64_t memory, uint32_t count)
{
    reflect(f, XEN_REFLECT_PTR | flags, type, size, address, memory, count);
}

/* ---- One access --------------------------------------------------------------------------------------------- */

static void a_chip_gets_the_widths_that_it_takes(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(in(f, 0x108, 1), 0xb0);
    assert_int_equal(in(f, 0x10b, 1), 0xb3);
    assert_int_equal(in(f, 0x109, 2), 0xb2b1);
    assert_int_equal(in(f, 0x108, 4), 0xb3b2b1b0);
    assert_string_equal(take_trace(f), "b:r1+0 b:r1+3 b:r2+1 b:r4+0");
    out(f, 0x10b, 1, 0x12);
    out(f, 0x10a, 2, 0x1234);
    out(f, 0x108, 4, 0x12345678);
    assert_string_equal(take_trace(f), "b:w1+3=12 b:w2+2=1234 b:w4+0=12345678");
}

static void a_write_has_no_bits_above_its_size(void **state)
{
    struct fixture *f = *state;

    out(f, 0x108, 1, 0xfedcba9876543210);
    out(f, 0x108, 2, 0xfedcba9876543210);
    out(f, 0x108, 4, 0xfedcba9876543210);
    out(f, 0x100, 2, 0xfedcba9876543210);
    assert_string_equal(take_trace(f), "b:w1+0=10 b:w2+0=3210 b:w4+0=76543210 a:w1+0=10 a:w1+1=32");
}

static void wider_accesses_are_split_low_half_first(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(in(f, 0x102, 2), 0xa3a2);
    assert_int_equal(in(f, 0x104, 4), 0xa7a6a5a4);
    assert_int_equal(in(f, 0x204, 4), 0xc7c6c5c4);
    assert_string_equal(take_trace(f), "a:r1+2 a:r1+3 a:r1+4 a:r1+5 a:r1+6 a:r1+7 c:r2+4 c:r2+6");
    out(f, 0x100, 4, 0x44332211);
    out(f, 0x201, 4, 0x44332211);
    assert_string_equal(take_trace(f), "a:w1+0=11 a:w1+1=22 a:w1+2=33 a:w1+3=44 c:w2+1=2211 c:w2+3=4433");
}

static void an_access_across_two_chips_reaches_both(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(in(f, 0x107, 2), 0xb0a7);
    assert_int_equal(in(f, 0x106, 4), 0xb1b0a7a6);
    assert_string_equal(take_trace(f), "a:r1+7 b:r1+0 a:r1+6 a:r1+7 b:r2+0");
    out(f, 0x105, 4, 0x44332211);
    assert_string_equal(take_trace(f), "a:w1+5=11 a:w1+6=22 a:w1+7=33 b:w1+0=44");
}

static void an_access_half_over_a_hole_reads_ones_there(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(in(f, 0x0ff, 2), 0xa0ff);
    assert_int_equal(in(f, 0x10b, 2), 0xffb3);
    assert_int_equal(in(f, 0x10a, 4), 0xffffb3b2);
    assert_int_equal(in(f, 0x1fd, 4), 0xc0ffffff);
    take_trace(f);
    out(f, 0x0ff, 2, 0x2211);
    out(f, 0x10a, 4, 0x44332211);
    assert_string_equal(take_trace(f), "a:w1+0=22 b:w2+2=2211");
}

static void where_nobody_is_reads_are_all_ones(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(in(f, 0x600, 1), 0xff);
    assert_int_equal(in(f, 0x600, 2), 0xffff);
    assert_int_equal(in(f, 0x600, 4), 0xffffffff);
    assert_true(load(f, 0x600, 8) == ~0ull);
    out(f, 0x600, 4, 0);
    store(f, 0x600, 8, 0);
    assert_int_equal(in(f, 0xfffe, 4), 0xffffffff);
    assert_int_equal(f->accesses, 0);
    assert_string_equal(take_log(), "");
}

/* The chip knows dwords, but the board gives it one port: the others are not its. */
static void a_chip_never_sees_beyond_its_region(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(in(f, 0x300, 2), 0xffd0);
    assert_int_equal(in(f, 0x300, 4), 0xffffffd0);
    out(f, 0x300, 4, 0x44332211);
    assert_string_equal(take_trace(f), "d:r1+0 d:r1+0 d:w1+0=11");
}

static void too_narrow_an_access_reaches_nobody(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(in(f, 0x400, 1), 0xff);
    assert_int_equal(in(f, 0x402, 2), 0xffff);
    out(f, 0x400, 2, 0x1234);
    assert_string_equal(take_trace(f), "");
    assert_int_equal(in(f, 0x400, 4), 0xe3e2e1e0);
}

static void eight_bytes_are_two_dwords(void **state)
{
    struct fixture *f = *state;

    assert_true(load(f, 0xf0000004, 8) == 0xbbbab9b8b7b6b5b4);
    store(f, 0xf0000008, 8, 0x8877665544332211);
    assert_string_equal(take_trace(f), "b:r4+4 b:r4+8 b:w4+8=44332211 b:w4+c=88776655");
    assert_true(load(f, 0xf000000c, 8) == 0xffffffffbfbebdbc);
}

static void ports_and_addresses_are_two_spaces(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load(f, 0x100, 1), 0xff);
    assert_int_equal(in(f, 0xf0000000, 1), 0xff);
    assert_int_equal(f->accesses, 0);
    assert_int_equal(load(f, 0xf0000000, 1), 0xb0);
    assert_int_equal(load(f, 0xfffffffc, 4), 0);
    assert_string_equal(take_trace(f), "b:r1+0 f:r4+ffc");
}

/* ---- String instructions ------------------------------------------------------------------------------------ */

static uint8_t *guest(struct fixture *f, uint32_t address)
{
    return f->memory.bytes + address;
}

/* Element i of `size` bytes holds i; both ends of the buffer are marked. */
static void fill(struct fixture *f, unsigned int size)
{
    memset(guest(f, BUFFER - 16), 0xee, 32 + ELEMENTS * size);
    for (uint64_t i = 0; i < ELEMENTS; i++)
        memcpy(guest(f, BUFFER + i * size), &i, size);
}

static void assert_marked(struct fixture *f, unsigned int size)
{
    for (unsigned int i = 1; i <= 16; i++) {
        assert_int_equal(*guest(f, BUFFER - i), 0xee);
        assert_int_equal(*guest(f, BUFFER + ELEMENTS * size + i - 1), 0xee);
    }
}

static uint64_t element(struct fixture *f, unsigned int size, unsigned int i)
{
    uint64_t value = 0;

    memcpy(&value, guest(f, BUFFER + i * size), size);
    return value;
}

static uint32_t last_element(unsigned int size)
{
    return BUFFER + (ELEMENTS - 1) * size;
}

/* A null pointer where memory is not to be touched: ins does not read it, outs does not write it. */
static void ins_fills_memory_upwards(void **state)
{
    struct fixture *f = *state;

    f->memory.memory.read = NULL;
    for (unsigned int size = 1; size <= 4; size *= 2) {
        fill(f, size);
        f->accesses = f->chips[5].next = 0;
        rep(f, XEN_REFLECT_READ, TYPE_PIO, size, 0x500, BUFFER, ELEMENTS);
        assert_int_equal(f->accesses, ELEMENTS);
        for (unsigned int i = 0; i < ELEMENTS; i++) {
            assert_int_equal(f->trace[i].size, size);
            assert_int_equal(f->trace[i].offset, 0);
            assert_int_equal(element(f, size, i), i & mask(size));
        }
        assert_marked(f, size);
    }
}

static void ins_fills_memory_downwards(void **state)
{
    struct fixture *f = *state;

    for (unsigned int size = 1; size <= 4; size *= 2) {
        fill(f, size);
        f->chips[5].next = 0;
        rep(f, XEN_REFLECT_READ | XEN_REFLECT_DF, TYPE_PIO, size, 0x500, last_element(size), ELEMENTS);
        for (unsigned int i = 0; i < ELEMENTS; i++)
            assert_int_equal(element(f, size, ELEMENTS - 1 - i), i & mask(size));
        assert_marked(f, size);
        f->accesses = 0;
    }
}

static void assert_written(struct fixture *f, unsigned int size, bool down)
{
    assert_int_equal(f->accesses, ELEMENTS);
    for (unsigned int i = 0; i < ELEMENTS; i++) {
        assert_true(f->trace[i].write && f->trace[i].size == size && f->trace[i].offset == 0);
        assert_int_equal(f->trace[i].value, (down ? ELEMENTS - 1 - i : i) & mask(size));
    }
    f->accesses = 0;
}

static void outs_takes_memory_in_order(void **state)
{
    struct fixture *f = *state;

    f->memory.memory.write = NULL;
    for (unsigned int size = 1; size <= 4; size *= 2) {
        fill(f, size);
        rep(f, 0, TYPE_PIO, size, 0x500, BUFFER, ELEMENTS);
        assert_written(f, size, false);
        rep(f, XEN_REFLECT_DF, TYPE_PIO, size, 0x500, last_element(size), ELEMENTS);
        assert_written(f, size, true);
        assert_int_equal(element(f, size, 7), 7);
        assert_marked(f, size);
    }
}

static void every_element_is_split_like_any_access(void **state)
{
    struct fixture *f = *state;

    fill(f, 2);
    rep(f, 0, TYPE_PIO, 2, 0x107, BUFFER + 2, 2);
    assert_string_equal(take_trace(f), "a:w1+7=1 b:w1+0=0 a:w1+7=2 b:w1+0=0");
    rep(f, XEN_REFLECT_READ, TYPE_PIO, 4, 0x10a, BUFFER, 2);
    assert_int_equal(element(f, 4, 0), 0xffffb3b2);
    assert_int_equal(element(f, 4, 1), 0xffffb3b2);
    rep(f, XEN_REFLECT_READ, TYPE_PIO, 2, 0x600, BUFFER, 1);
    assert_int_equal(element(f, 4, 0), 0xffffffff);
}

static void no_elements_are_no_access(void **state)
{
    struct fixture *f = *state;

    fill(f, 4);
    rep(f, XEN_REFLECT_READ, TYPE_PIO, 4, 0x500, BUFFER, 0);
    assert_int_equal(f->accesses, 0);
    assert_int_equal(element(f, 4, 1), 1);
}

/* rep movs with a register block on one side: both addresses move. */
static void string_accesses_of_addresses_step(void **state)
{
    struct fixture *f = *state;

    for (unsigned int size = 1; size <= 4; size *= 2) {
        fill(f, size);
        f->chips[7].next = 0;
        rep(f, XEN_REFLECT_READ, TYPE_COPY, size, 0xfffff010, BUFFER, ELEMENTS);
        for (unsigned int i = 0; i < ELEMENTS; i++) {
            assert_int_equal(f->trace[i].offset, 0x10 + i * size);
            assert_int_equal(element(f, size, i), i & mask(size));
        }
        f->accesses = 0;
        rep(f, XEN_REFLECT_DF, TYPE_COPY, size, 0xfffffff0, last_element(size), ELEMENTS);
        for (unsigned int i = 0; i < ELEMENTS; i++) {
            assert_int_equal(f->trace[i].offset, 0xff0 - i * size);
            assert_int_equal(f->trace[i].value, (ELEMENTS - 1 - i) & mask(size));
        }
        f->accesses = 0;
        assert_marked(f, size);
    }
}

static void string_accesses_of_eight_bytes(void **state)
{
    struct fixture *f = *state;

    fill(f, 8);
    rep(f, 0, TYPE_COPY, 8, 0xf0000000, BUFFER + 8, 2);
    assert_string_equal(take_trace(f), "b:w4+0=1 b:w4+4=0 b:w4+8=2 b:w4+c=0");
    rep(f, XEN_REFLECT_READ | XEN_REFLECT_DF, TYPE_COPY, 8, 0xf0000008, BUFFER + 8, 2);
    assert_string_equal(take_trace(f), "b:r4+8 b:r4+c b:r4+0 b:r4+4");
    assert_true(element(f, 8, 1) == 0xbfbebdbcbbbab9b8);
    assert_true(element(f, 8, 0) == 0xb7b6b5b4b3b2b1b0);
}

/* rep stos to a register block carries its data with it: the same in each element. */
static void stores_repeat(void **state)
{
    struct fixture *f = *state;

    reflect(f, 0, TYPE_COPY, 4, 0xf0000000, 0x5a5a1234, 3);
    assert_string_equal(take_trace(f), "b:w4+0=5a5a1234 b:w4+4=5a5a1234 b:w4+8=5a5a1234");
    reflect(f, XEN_REFLECT_DF, TYPE_COPY, 4, 0xf0000008, 7, 2);
    assert_string_equal(take_trace(f), "b:w4+8=7 b:w4+4=7");
}

static void outs_from_what_is_no_ram_writes_ones(void **state)
{
    struct fixture *f = *state;

    rep(f, 0, TYPE_PIO, 2, 0x500, TEST_MEMORY_SIZE, 2);
    rep(f, 0, TYPE_PIO, 1, 0x500, 0x100000000ull + BUFFER, 1);
    assert_string_equal(take_trace(f), "f:w2+0=ffff f:w2+0=ffff f:w1+0=ff");
    assert_string_equal(take_log(), "reflex: warning: string access with 0x1000000, which is not RAM\n"
                                    "reflex: warning: string access with 0x100010000, which is not RAM\n");
}

/* The device gives its data all the same, as to a bus that loses them. */
static void ins_to_what_is_no_ram_reads_the_device(void **state)
{
    struct fixture *f = *state;

    rep(f, XEN_REFLECT_READ, TYPE_PIO, 2, 0x500, TEST_MEMORY_SIZE - 256, 129);
    assert_int_equal(f->accesses, 129);
    assert_int_equal(*guest(f, TEST_MEMORY_SIZE - 2), 127);
    assert_string_equal(take_log(), "reflex: warning: string access with 0x1000000, which is not RAM\n");
}

/* ---- Register blocks ---------------------------------------------------------------------------------------- */

static bool add(struct io_space *space, uint32_t base, uint32_t length)
{
    return io_space_add(space, &(struct io_region){ "block", base, length, &bytes, NULL });
}

static void assert_bases(const struct io_space *space, unsigned int count, const uint32_t *bases)
{
    assert_int_equal(space->count, count);
    for (unsigned int i = 0; i < count; i++)
        assert_int_equal(space->regions[i].base, bases[i]);
}

static void blocks_stay_sorted(void **state)
{
    struct io_space space = { .count = 0 };

    (void)state;
    assert_true(add(&space, 0x200, 0x10));
    assert_true(add(&space, 0x100, 0x10));
    assert_true(add(&space, 0x300, 0x10));
    assert_true(add(&space, 0x210, 0xf0));
    assert_true(add(&space, 0x1ff, 1));
    assert_bases(&space, 5, (uint32_t[]){ 0x100, 0x1ff, 0x200, 0x210, 0x300 });
}

static void overlapping_blocks_are_refused(void **state)
{
    static const struct { uint32_t base, length; } others[] = {
        { 0x100, 0x10 }, { 0x100, 1 }, { 0x10f, 1 }, { 0x104, 4 }, { 0xff, 2 }, { 0x10f, 2 }, { 0xf0, 0x30 },
        { 0, 0x101 }, { 0, 0xffffffff }, { 0x1f0, 0x11 }, { 0x110, 0x1000 },
    };
    struct io_space space = { .count = 0 };

    (void)state;
    assert_true(add(&space, 0x100, 0x10));
    assert_true(add(&space, 0x200, 0x10));
    for (unsigned int i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        assert_false(add(&space, others[i].base, others[i].length));
    assert_bases(&space, 2, (uint32_t[]){ 0x100, 0x200 });
}

static void empty_and_wrapping_blocks_are_refused(void **state)
{
    struct io_space space = { .count = 0 };

    (void)state;
    assert_false(add(&space, 0, 0));
    assert_false(add(&space, 0x100, 0));
    assert_false(add(&space, 0xffffffff, 2));
    assert_false(add(&space, 0x1000, 0xfffff001));
    assert_true(add(&space, 0xffffffff, 1));
    assert_true(add(&space, 0, 0xffffffff));
    assert_bases(&space, 2, (uint32_t[]){ 0, 0xffffffff });
}

static void a_full_space_takes_no_more(void **state)
{
    struct io_space space = { .count = 0 };

    (void)state;
    for (unsigned int i = IO_SPACE_REGIONS; i-- > 0;)
        assert_true(add(&space, 0x10 * i, 8));
    assert_false(add(&space, 8, 1));
    io_space_remove(&space, 0x20);
    assert_true(add(&space, 8, 1));
    assert_int_equal(space.count, IO_SPACE_REGIONS);
    assert_int_equal(space.regions[1].base, 8);
    assert_int_equal(space.regions[IO_SPACE_REGIONS - 1].base, 0x10 * (IO_SPACE_REGIONS - 1));
}

static void a_block_is_removed_by_its_base_only(void **state)
{
    struct io_space space = { .count = 0 };

    (void)state;
    for (uint32_t base = 0x100; base <= 0x500; base += 0x100)
        assert_true(add(&space, base, 0x10));
    io_space_remove(&space, 0x101);
    io_space_remove(&space, 0x10f);
    io_space_remove(&space, 0xff);
    io_space_remove(&space, 0x600);
    assert_int_equal(space.count, 5);
    io_space_remove(&space, 0x300);
    io_space_remove(&space, 0x500);
    io_space_remove(&space, 0x100);
    assert_bases(&space, 2, (uint32_t[]){ 0x200, 0x400 });
    io_space_remove(&space, 0x100);
    io_space_remove(&space, 0x200);
    io_space_remove(&space, 0x400);
    io_space_remove(&space, 0x400);
    assert_int_equal(space.count, 0);
}

/* With 1, 2, ... blocks of 4 ports and gaps of 4: each port is answered by its own block or by nobody. */
static void every_port_finds_its_block(void **state)
{
    struct fixture *f = *state;
    struct io_space *ports = &f->dispatcher.ports;

    ports->count = 0;
    for (unsigned int blocks = 1; blocks <= IO_SPACE_REGIONS; blocks++) {
        struct io_region region = { "block", 8 * blocks, 4, &bytes, &f->chips[0] };

        assert_true(io_space_add(ports, &region));
        for (uint32_t port = 0; port < 8 * (blocks + 2); port++) {
            bool there = port >= 8 && port < 8 * (blocks + 1) && port % 8 < 4;

            f->accesses = 0;
            in(f, port, 1);
            assert_int_equal(f->accesses, there);
            if (there)
                assert_int_equal(f->trace[0].offset, port % 8);
        }
    }
}

/* ---- Requests that Xen never sends -------------------------------------------------------------------------- */

static void impossible_requests_panic(void **state)
{
    struct fixture *f = *state;
    struct reflection high = {
        .what = XEN_REFLECT_WHY_IO | TYPE_COPY << XEN_REFLECT_TYPE_SHIFT | 1u << XEN_REFLECT_SIZE_SHIFT,
        .address_low = 0xf0000000, .address_high = 1, .count = 1,
    };
    struct reflection segment = {
        .what = XEN_REFLECT_WHY_IO | TYPE_PCI_CONFIG << XEN_REFLECT_TYPE_SHIFT | 1u << XEN_REFLECT_SIZE_SHIFT,
        .address_high = 0x10000, .count = 1,
    };

    expect_assert_failure(reflect(f, 0, TYPE_PCI_CONFIG, 1, 0x1000, 0, 1));
    expect_assert_failure(dispatch_io(&f->dispatcher, &segment));
    expect_assert_failure(reflect(f, 0, 3, 1, 0x100, 0, 1));
    expect_assert_failure(reflect(f, 0, 15, 1, 0x100, 0, 1));
    expect_assert_failure(reflect(f, 0, TYPE_PIO, 0, 0x100, 0, 1));
    expect_assert_failure(reflect(f, 0, TYPE_PIO, 3, 0x100, 0, 1));
    expect_assert_failure(reflect(f, 0, TYPE_COPY, 6, 0x100, 0, 1));
    expect_assert_failure(reflect(f, 0, TYPE_COPY, 16, 0x100, 0, 1));
    expect_assert_failure(reflect(f, XEN_REFLECT_PTR, TYPE_PIO, 128, 0x100, 0, 1));
    expect_assert_failure(dispatch_io(&f->dispatcher, &high));
    assert_int_equal(f->accesses, 0);
}

static const void *concerned(struct fixture *f, unsigned int type, unsigned int size, uint32_t address)
{
    struct reflection reflection = {
        .what = XEN_REFLECT_WHY_IO | type << XEN_REFLECT_TYPE_SHIFT | size << XEN_REFLECT_SIZE_SHIFT,
        .address_low = address, .count = 1,
    };

    return dispatch_alone(&f->dispatcher, &reflection);
}

static void who_is_concerned_alone(void **state)
{
    struct fixture *f = *state;
    const struct chip *chip = place(f, &f->dispatcher.ports, 'g', 0x600, 8, &alone);

    assert_ptr_equal(concerned(f, TYPE_PIO, 1, 0x600), chip);
    assert_ptr_equal(concerned(f, TYPE_PIO, 2, 0x606), chip);
    assert_null(concerned(f, TYPE_PIO, 2, 0x607));      /* over its end */
    assert_null(concerned(f, TYPE_PIO, 1, 0x608));
    assert_null(concerned(f, TYPE_PIO, 1, 0x100));      /* another, which does not say so */
    assert_null(concerned(f, TYPE_COPY, 1, 0x600));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_is_concerned_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_chip_gets_the_widths_that_it_takes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_write_has_no_bits_above_its_size, set_up, tear_down),
        cmocka_unit_test_setup_teardown(wider_accesses_are_split_low_half_first, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_access_across_two_chips_reaches_both, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_access_half_over_a_hole_reads_ones_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(where_nobody_is_reads_are_all_ones, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_chip_never_sees_beyond_its_region, set_up, tear_down),
        cmocka_unit_test_setup_teardown(too_narrow_an_access_reaches_nobody, set_up, tear_down),
        cmocka_unit_test_setup_teardown(eight_bytes_are_two_dwords, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ports_and_addresses_are_two_spaces, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ins_fills_memory_upwards, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ins_fills_memory_downwards, set_up, tear_down),
        cmocka_unit_test_setup_teardown(outs_takes_memory_in_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_element_is_split_like_any_access, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_elements_are_no_access, set_up, tear_down),
        cmocka_unit_test_setup_teardown(string_accesses_of_addresses_step, set_up, tear_down),
        cmocka_unit_test_setup_teardown(string_accesses_of_eight_bytes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(stores_repeat, set_up, tear_down),
        cmocka_unit_test_setup_teardown(outs_from_what_is_no_ram_writes_ones, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ins_to_what_is_no_ram_reads_the_device, set_up, tear_down),
        cmocka_unit_test(blocks_stay_sorted),
        cmocka_unit_test(overlapping_blocks_are_refused),
        cmocka_unit_test(empty_and_wrapping_blocks_are_refused),
        cmocka_unit_test(a_full_space_takes_no_more),
        cmocka_unit_test(a_block_is_removed_by_its_base_only),
        cmocka_unit_test_setup_teardown(every_port_finds_its_block, set_up, tear_down),
        cmocka_unit_test_setup_teardown(impossible_requests_panic, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
