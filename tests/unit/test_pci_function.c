/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A function made up for this test: one of each kind of register and of base address. */
#include "support.h"
#include "pci_machine.h"

#define PLAIN   0x40
#define CLEARED 0x44
#define ODD     0x49

static const struct pci_register map[] = {
    { PCI_VENDOR_ID, 4, .reset = 0x56781234 },
    { PCI_COMMAND, 2, .writable = 0x0007 },
    { PCI_STATUS, 2, .reset = 0xf980, .clear = 0xf900 },
    { PCI_BASE_ADDRESS(0), 4, .reset = 0x00000008, .writable = 0xff000000 },    /* 16 MiB, prefetchable */
    { PCI_BASE_ADDRESS(1), 4, .reset = 0x00000001, .writable = 0xffffff00 },    /* 256 ports */
    { PCI_ROM_ADDRESS, 4, .writable = 0xffff0001 },                             /* 64 KiB */
    { PLAIN, 4, .reset = 0x11223344, .writable = 0x00ffff00 },
    { CLEARED, 2, .reset = 0xffff, .writable = 0x000f, .clear = 0xf000 },
    { ODD, 3, .writable = 0xffffff },
};

struct bench {
    struct pci_function function;
    struct pci_bus bus;
    struct recorded_window memory, io, rom;
    unsigned int written;
};

static void count_write(struct pci_function *function)
{
    ((struct bench *)function)->written++;
}

static void bench_init(struct bench *b)
{
    struct pci_function *functions[] = { &b->function };

    recorded_window_init(&b->memory);
    recorded_window_init(&b->io);
    recorded_window_init(&b->rom);
    b->written = 0;
    pci_function_init(&b->function, 0x10, map, sizeof(map) / sizeof(map[0]), count_write);
    b->function.bars[0].window = &b->memory.window;
    b->function.bars[1].window = &b->io.window;
    b->function.bars[PCI_BAR_ROM].window = &b->rom.window;
    pci_function_reset(&b->function);
    pci_bus_init(&b->bus, functions, 1);
}

static uint32_t get(struct bench *b, uint8_t reg, unsigned int size)
{
    return config_read(&b->bus, 0x10, reg, size);
}

static void put(struct bench *b, uint8_t reg, unsigned int size, uint32_t value)
{
    config_write(&b->bus, 0x10, reg, size, value);
}

static void masks_hold_bit_by_bit(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b);
    assert_int_equal(get(&b, PLAIN, 4), 0x11223344);
    put(&b, PLAIN, 4, 0xffffffff);
    assert_int_equal(get(&b, PLAIN, 4), 0x11ffff44);
    put(&b, PLAIN, 4, 0);
    assert_int_equal(get(&b, PLAIN, 4), 0x11000044);
    put(&b, PLAIN + 1, 2, 0xaabb);
    assert_int_equal(get(&b, PLAIN, 4), 0x11aabb44);
    put(&b, PLAIN + 2, 1, 0x77);
    assert_int_equal(get(&b, PLAIN, 4), 0x1177bb44);
    put(&b, PCI_VENDOR_ID, 4, 0);
    assert_int_equal(get(&b, PCI_VENDOR_ID, 4), 0x56781234);
}

static void ones_clear_and_zeros_do_not(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b);
    put(&b, CLEARED, 2, 0x0000);
    assert_int_equal(get(&b, CLEARED, 2), 0xfff0);
    put(&b, CLEARED, 2, 0x9fff);
    assert_int_equal(get(&b, CLEARED, 2), 0x6fff);
    put(&b, CLEARED + 1, 1, 0x20);
    assert_int_equal(get(&b, CLEARED, 2), 0x4fff);

    put(&b, PCI_COMMAND, 4, 0x20000007);                /* command and status in one cycle */
    assert_int_equal(get(&b, PCI_COMMAND, 4), 0xd9800007);
    put(&b, PCI_STATUS, 2, 0xffff);
    assert_int_equal(get(&b, PCI_STATUS, 2), 0x0080);
}

static void reserved_is_zero(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b);
    put(&b, ODD - 1, 4, 0xffffffff);
    assert_int_equal(get(&b, ODD - 1, 4), 0xffffff00);
    for (unsigned int reg = 0x4c; reg < 0x100; reg += 4) {
        put(&b, reg, 4, 0xffffffff);
        assert_int_equal(get(&b, reg, 4), 0);
    }
}

static void past_the_end_is_nothing(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b);
    pci_function_write(&b.function, 0xff, 4, 0);
    assert_int_equal(pci_function_read(&b.function, 0xff, 2), 0xff00);
}

static void one_write_is_one_notice(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b);
    assert_int_equal(b.written, 1);                     /* the reset */
    put(&b, PLAIN, 4, 0);
    assert_int_equal(b.written, 2);
    get(&b, PLAIN, 4);
    assert_int_equal(b.written, 2);
}

static void sizing_tells_the_length(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b);
    put(&b, PCI_BASE_ADDRESS(0), 4, 0xffffffff);
    assert_int_equal(get(&b, PCI_BASE_ADDRESS(0), 4), 0xff000008);
    put(&b, PCI_BASE_ADDRESS(1), 4, 0xffffffff);
    assert_int_equal(get(&b, PCI_BASE_ADDRESS(1), 4), 0xffffff01);
    put(&b, PCI_BASE_ADDRESS(2), 4, 0xffffffff);
    assert_int_equal(get(&b, PCI_BASE_ADDRESS(2), 4), 0);
    put(&b, PCI_ROM_ADDRESS, 4, 0xfffffffe);
    assert_int_equal(get(&b, PCI_ROM_ADDRESS, 4), 0xffff0000);
    assert_int_equal(b.memory.calls + b.io.calls + b.rom.calls, 0);
}

static void command_bits_gate_each_space(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b);
    put(&b, PCI_BASE_ADDRESS(0), 4, 0xf3000000);
    put(&b, PCI_BASE_ADDRESS(1), 4, 0xc200);
    assert_int_equal(b.memory.calls + b.io.calls, 0);
    put(&b, PCI_COMMAND, 2, PCI_COMMAND_MASTER);
    assert_int_equal(b.memory.calls + b.io.calls, 0);

    put(&b, PCI_COMMAND, 2, PCI_COMMAND_IO);
    assert_true(b.io.enabled);
    assert_int_equal(b.io.base, 0xc200);
    assert_false(b.memory.enabled);
    put(&b, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
    assert_false(b.io.enabled);
    assert_int_equal(b.io.base, 0);
    assert_true(b.memory.enabled);
    assert_int_equal(b.memory.base, 0xf3000000);
    put(&b, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);        /* no news, no call */
    put(&b, PLAIN, 4, 1);
    assert_int_equal(b.memory.calls, 1);
    assert_int_equal(b.io.calls, 2);
}

static void a_window_moves_in_one_step(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b);
    put(&b, PCI_COMMAND, 2, PCI_COMMAND_IO | PCI_COMMAND_MEMORY);
    put(&b, PCI_BASE_ADDRESS(1), 4, 0xc100);
    put(&b, PCI_BASE_ADDRESS(1), 4, 0xd300);
    assert_int_equal(b.io.calls, 2);
    assert_int_equal(b.io.base, 0xd300);
    put(&b, PCI_BASE_ADDRESS(1), 4, 0xd3ff);            /* the low bits are not there */
    assert_int_equal(b.io.calls, 2);
    put(&b, PCI_BASE_ADDRESS(1), 4, 0);
    assert_int_equal(b.io.calls, 3);
    assert_false(b.io.enabled);
}

/* Some guests size with the decoder on. */
static void sizing_never_places_a_window(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b);
    put(&b, PCI_COMMAND, 2, PCI_COMMAND_IO | PCI_COMMAND_MEMORY);
    for (unsigned int bar = 0; bar < 2; bar++) {
        put(&b, PCI_BASE_ADDRESS(bar), 4, 0xffffffff);
        put(&b, PCI_BASE_ADDRESS(bar), 4, 0);
    }
    put(&b, PCI_ROM_ADDRESS, 4, 0xffffffff);            /* with the enable bit */
    put(&b, PCI_ROM_ADDRESS, 4, 0x00000001);
    assert_int_equal(b.memory.calls + b.io.calls + b.rom.calls, 0);

    put(&b, PCI_BASE_ADDRESS(1), 4, 0xc000);            /* from a place it goes away and comes back */
    put(&b, PCI_BASE_ADDRESS(1), 4, 0xffffffff);
    assert_false(b.io.enabled);
    put(&b, PCI_BASE_ADDRESS(1), 4, 0xc000);
    assert_true(b.io.enabled);
    assert_int_equal(b.io.base, 0xc000);
    assert_int_equal(b.io.calls, 3);
}

static void ports_end_at_64k(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b);
    put(&b, PCI_COMMAND, 2, PCI_COMMAND_IO | PCI_COMMAND_MEMORY);
    put(&b, PCI_BASE_ADDRESS(1), 4, 0x10000);
    put(&b, PCI_BASE_ADDRESS(1), 4, 0xff00);
    assert_int_equal(b.io.calls, 0);
    put(&b, PCI_BASE_ADDRESS(1), 4, 0xfe00);
    assert_int_equal(b.io.base, 0xfe00);
    put(&b, PCI_BASE_ADDRESS(0), 4, 0xfe000000);
    assert_int_equal(b.memory.base, 0xfe000000);
}

static void a_rom_has_an_enable_bit_of_its_own(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b);
    put(&b, PCI_ROM_ADDRESS, 4, 0xf4000000);
    put(&b, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
    assert_int_equal(b.rom.calls, 0);
    put(&b, PCI_ROM_ADDRESS, 4, 0xf4000001);
    assert_true(b.rom.enabled);
    assert_int_equal(b.rom.base, 0xf4000000);
    put(&b, PCI_COMMAND, 2, PCI_COMMAND_IO);
    assert_false(b.rom.enabled);
}

static void reset_closes_windows(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b);
    put(&b, PCI_COMMAND, 2, PCI_COMMAND_IO);
    put(&b, PCI_BASE_ADDRESS(1), 4, 0xc100);
    put(&b, PLAIN, 4, 0);
    pci_function_reset(&b.function);
    assert_false(b.io.enabled);
    assert_int_equal(b.io.calls, 2);
    assert_int_equal(get(&b, PCI_COMMAND, 2), 0);
    assert_int_equal(get(&b, PCI_BASE_ADDRESS(1), 4), 1);
    assert_int_equal(get(&b, PLAIN, 4), 0x11223344);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(masks_hold_bit_by_bit),
        cmocka_unit_test(ones_clear_and_zeros_do_not),
        cmocka_unit_test(reserved_is_zero),
        cmocka_unit_test(past_the_end_is_nothing),
        cmocka_unit_test(one_write_is_one_notice),
        cmocka_unit_test(sizing_tells_the_length),
        cmocka_unit_test(command_bits_gate_each_space),
        cmocka_unit_test(a_window_moves_in_one_step),
        cmocka_unit_test(sizing_never_places_a_window),
        cmocka_unit_test(ports_end_at_64k),
        cmocka_unit_test(a_rom_has_an_enable_bit_of_its_own),
        cmocka_unit_test(reset_closes_windows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
