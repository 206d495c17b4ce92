/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Windows of PCI functions in both spaces, from configuration cycles to accesses: cards made up for this test, with
 * registers in memory and at ports and an expansion ROM, as a network card has them.
 */
#include "fake_xen.h"
#include "support.h"
#include "pci_machine.h"

#include "claims.h"
#include "devices/pci/pci_rom.h"

#define TYPE_MEMORY 1u                      /* IOREQ_TYPE_COPY */
#define MEMORY_LENGTH 0x20000u
#define ROM_LENGTH    0x10000u

static const struct pci_register map[] = {
    { PCI_VENDOR_ID, 4, .reset = 0x56781234 },
    { PCI_COMMAND, 2, .writable = 0x0007 },
    { PCI_BASE_ADDRESS(0), 4, .writable = 0xfffe0000 },                     /* 128 KiB */
    { PCI_BASE_ADDRESS(1), 4, .reset = 0x00000001, .writable = 0xffffffc0 },    /* 64 ports */
    { PCI_ROM_ADDRESS, 4, .writable = 0xffff0001 },                         /* 64 KiB */
};

/* Registers of 32 bits, which only take whole accesses; the last one written is remembered. */
struct card {
    struct pci_function function;
    struct board_window memory, ports, rom_window;
    struct pci_rom rom;
    uint32_t written_at, written;
};

static struct fixture {
    struct test_memory guest;
    struct dispatcher dispatcher;
    struct shadow_table shadows;
    struct claims claims;
    struct pci_bus bus;
    struct card cards[2];
} f;

#define FIRST  PCI_DEVFN(3, 0)
#define SECOND PCI_DEVFN(4, 0)

static uint32_t card_read(void *dev, uint32_t offset, unsigned int size)
{
    const struct card *card = dev;

    assert_int_equal(size, 4);
    return (uint32_t)card->function.devfn << 24 | offset;
}

static void card_write(void *dev, uint32_t offset, unsigned int size, uint32_t value)
{
    struct card *card = dev;

    assert_int_equal(size, 4);
    card->written_at = offset;
    card->written = value;
}

static const struct io_ops card_ops = { .read = card_read, .write = card_write, .sizes = IO_DWORD };
static const uint8_t image[] = { 0x55, 0xaa, 0x01, 0xc3, 0x77 };

static void describe(struct board_window *window, uint32_t length, const struct io_ops *ops, void *dev)
{
    window->blocks[0].length = length;
    window->blocks[0].ops = ops;
    window->blocks[0].dev = dev;
}

static void card_init(struct card *card, uint8_t devfn)
{
    *card = (struct card){ .rom = { image, sizeof(image) } };
    pci_function_init(&card->function, devfn, map, sizeof(map) / sizeof(map[0]), NULL);
    window_init(&card->memory, &f.claims, XEN_REFLECT_RANGE_MEMORY, "card");
    window_init(&card->ports, &f.claims, XEN_REFLECT_RANGE_PORT, "card ports");
    window_init(&card->rom_window, &f.claims, XEN_REFLECT_RANGE_MEMORY, "card rom");
    describe(&card->memory, MEMORY_LENGTH, &card_ops, card);
    describe(&card->ports, 64, &card_ops, card);
    describe(&card->rom_window, ROM_LENGTH, &pci_rom_ops, &card->rom);
    card->function.bars[0].window = &card->memory.window;
    card->function.bars[1].window = &card->ports.window;
    card->function.bars[PCI_BAR_ROM].window = &card->rom_window.window;
    pci_function_reset(&card->function);
}

static int set_up(void **state)
{
    struct pci_function *functions[] = { &f.cards[0].function, &f.cards[1].function };

    (void)state;
    fake_xen_init();
    take_log();
    test_memory_init(&f.guest);
    f.dispatcher = (struct dispatcher){ .guest = &f.guest.memory };
    shadow_table_init(&f.shadows);
    claims_init(&f.claims, &f.dispatcher, &f.shadows);
    card_init(&f.cards[0], FIRST);
    card_init(&f.cards[1], SECOND);
    pci_bus_init(&f.bus, functions, 2);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_memory_free(&f.guest);
    return 0;
}

static void configure(uint8_t devfn, uint8_t reg, uint32_t value)
{
    config_write(&f.bus, devfn, reg, reg == PCI_COMMAND ? 2 : 4, value);
}

/* ---- The processor ------------------------------------------------------------------------------------------ */

static uint64_t access(uint32_t flags, uint32_t address, unsigned int size, uint64_t data, uint32_t count)
{
    struct reflection reflection = {
        .what = XEN_REFLECT_WHY_IO | TYPE_MEMORY << XEN_REFLECT_TYPE_SHIFT | flags | size << XEN_REFLECT_SIZE_SHIFT,
        .address_low = address, .data_low = (uint32_t)data, .data_high = data >> 32, .count = count,
    };

    return fake_memory_claimed(address, size) ? dispatch_io(&f.dispatcher, &reflection) : ~0ull;
}

static uint64_t load(uint32_t address, unsigned int size)
{
    return access(XEN_REFLECT_READ, address, size, 0, 1) & (~0ull >> (64 - 8 * size));
}

static void store(uint32_t address, unsigned int size, uint64_t value)
{
    access(0, address, size, value, 1);
}

static uint32_t tag(uint8_t devfn, uint32_t offset)
{
    return (uint32_t)devfn << 24 | offset;
}

/* ---- Tests -------------------------------------------------------------------------------------------------- */

static void memory_follows_its_base_address(void **state)
{
    (void)state;
    configure(FIRST, PCI_BASE_ADDRESS(0), 0xf3020000);
    assert_false(fake_memory_claimed(0xf3020000, 4));
    configure(FIRST, PCI_COMMAND, PCI_COMMAND_MEMORY);
    assert_true(fake_memory_claimed(0xf3020000, MEMORY_LENGTH));
    assert_int_equal(load(0xf3020000, 4), tag(FIRST, 0));
    assert_int_equal(load(0xf303fffc, 4), tag(FIRST, 0x1fffc));
    assert_int_equal(load(0xf301fffc, 4), 0xffffffff);
    assert_int_equal(load(0xf3040000, 4), 0xffffffff);
    store(0xf3020100, 4, 0x12345678);
    assert_int_equal(f.cards[0].written_at, 0x100);
    assert_int_equal(f.cards[0].written, 0x12345678);
    configure(FIRST, PCI_BASE_ADDRESS(0), 0xe0000000);
    assert_int_equal(load(0xf3020000, 4), 0xffffffff);
    assert_int_equal(load(0xe0000010, 4), tag(FIRST, 0x10));
    configure(FIRST, PCI_COMMAND, PCI_COMMAND_IO | PCI_COMMAND_MASTER);
    assert_int_equal(load(0xe0000010, 4), 0xffffffff);
    assert_int_equal(f.dispatcher.memory.count, 0);
    assert_int_equal(fake_xen.range_room, XEN_REFLECT_MAX_RANGES);
}

static void the_highest_place_below_4_gib_but_one(void **state)
{
    (void)state;
    configure(FIRST, PCI_COMMAND, PCI_COMMAND_MEMORY);
    configure(FIRST, PCI_BASE_ADDRESS(0), 0xfffc0000);
    assert_int_equal(load(0xfffdfffc, 4), tag(FIRST, 0x1fffc));
    configure(FIRST, PCI_BASE_ADDRESS(0), 0xfffe0000);          /* all-ones: a size probe */
    assert_int_equal(f.dispatcher.memory.count, 0);
}

static void widths_that_the_card_does_not_take(void **state)
{
    (void)state;
    configure(FIRST, PCI_COMMAND, PCI_COMMAND_MEMORY);
    configure(FIRST, PCI_BASE_ADDRESS(0), 0xf3000000);
    assert_true(load(0xf3000008, 8) == ((uint64_t)tag(FIRST, 12) << 32 | tag(FIRST, 8)));
    assert_int_equal(load(0xf3000008, 2), 0xffff);
    store(0xf3000008, 1, 0x12);
    assert_int_equal(f.cards[0].written, 0);
    store(0xf3000010, 8, 0x1111222233334444);
    assert_int_equal(f.cards[0].written_at, 0x14);
    assert_int_equal(f.cards[0].written, 0x11112222);
}

/* hvmloader copies an expansion ROM to low memory with REP MOVS, and closes it again. */
static void the_rom_can_be_copied_while_it_is_enabled(void **state)
{
    (void)state;
    configure(FIRST, PCI_ROM_ADDRESS, 0xfffff800);
    assert_int_equal(config_read(&f.bus, FIRST, PCI_ROM_ADDRESS, 4), 0xffff0000);
    configure(FIRST, PCI_ROM_ADDRESS, 0xf3040000);
    configure(FIRST, PCI_COMMAND, PCI_COMMAND_MEMORY);
    assert_int_equal(load(0xf3040000, 2), 0xffff);
    configure(FIRST, PCI_ROM_ADDRESS, 0xf3040001);
    assert_int_equal(load(0xf3040000, 2), 0xaa55);
    assert_int_equal(load(0xf3040002, 1), 1);
    store(0xf3040000, 4, 0);
    access(XEN_REFLECT_READ | XEN_REFLECT_PTR, 0xf3040000, 4, 0x8000, 128);
    assert_memory_equal(f.guest.bytes + 0x8000, image, sizeof(image));
    for (unsigned int i = sizeof(image); i < 512; i++)
        assert_int_equal(f.guest.bytes[0x8000 + i], 0xff);
    configure(FIRST, PCI_ROM_ADDRESS, 0);
    assert_int_equal(f.dispatcher.memory.count, 0);
}

static void the_spaces_are_two(void **state)
{
    (void)state;
    configure(FIRST, PCI_BASE_ADDRESS(0), 0xf3000000);
    configure(FIRST, PCI_BASE_ADDRESS(1), 0xc000);
    configure(FIRST, PCI_COMMAND, PCI_COMMAND_IO | PCI_COMMAND_MEMORY);
    assert_true(fake_xen.claimed_ports[0xc000] && fake_xen.claimed_ports[0xc03f]);
    assert_false(fake_memory_claimed(0xc000, 1));
    assert_int_equal(f.dispatcher.memory.count, 1);
    assert_int_equal(f.dispatcher.ports.count, 1);
    pci_function_reset(&f.cards[0].function);
    assert_int_equal(f.dispatcher.memory.count + f.dispatcher.ports.count, 0);
    assert_int_equal(fake_xen.range_room, XEN_REFLECT_MAX_RANGES);
}

static void place_both(uint32_t first, uint32_t second)
{
    configure(FIRST, PCI_BASE_ADDRESS(0), first);
    configure(SECOND, PCI_BASE_ADDRESS(0), second);
    configure(FIRST, PCI_COMMAND, PCI_COMMAND_MEMORY);
    configure(SECOND, PCI_COMMAND, PCI_COMMAND_MEMORY);
}

/* A guest that exchanges two cards without switching them off. */
static void a_window_gets_its_place_when_the_other_leaves_it(void **state)
{
    (void)state;
    place_both(0xf3000000, 0xf3020000);
    configure(FIRST, PCI_BASE_ADDRESS(0), 0xf3020000);
    assert_string_equal(take_log(), "reflex: warning: card cannot be at address 0xf3020000\n");
    assert_int_equal(load(0xf3020000, 4), tag(SECOND, 0));
    assert_int_equal(load(0xf3000000, 4), 0xffffffff);
    configure(SECOND, PCI_BASE_ADDRESS(0), 0xf3000000);
    assert_int_equal(load(0xf3020000, 4), tag(FIRST, 0));
    assert_int_equal(load(0xf3000000, 4), tag(SECOND, 0));
    assert_string_equal(take_log(), "");
}

static void a_window_gets_its_place_when_the_other_is_switched_off(void **state)
{
    (void)state;
    place_both(0xf3000000, 0xf3000000);
    assert_string_equal(take_log(), "reflex: warning: card cannot be at address 0xf3000000\n");
    assert_int_equal(load(0xf3000000, 4), tag(FIRST, 0));
    configure(FIRST, PCI_COMMAND, 0);
    assert_int_equal(load(0xf3000000, 4), tag(SECOND, 0));
    configure(FIRST, PCI_COMMAND, PCI_COMMAND_MEMORY);
    assert_int_equal(load(0xf3000000, 4), tag(SECOND, 0));
    take_log();
}

static void a_window_that_gives_up_waiting_does_not_come(void **state)
{
    (void)state;
    place_both(0xf3000000, 0xf3000000);
    assert_string_equal(take_log(), "reflex: warning: card cannot be at address 0xf3000000\n");
    configure(SECOND, PCI_COMMAND, 0);
    configure(FIRST, PCI_COMMAND, 0);
    assert_int_equal(f.dispatcher.memory.count, 0);
    assert_int_equal(fake_xen.range_room, XEN_REFLECT_MAX_RANGES);
}

/* A window and a ROM of one card overlap in part: what is under way stays whole. */
static void an_overlap_in_part_is_refused(void **state)
{
    (void)state;
    configure(FIRST, PCI_COMMAND, PCI_COMMAND_MEMORY);
    configure(FIRST, PCI_BASE_ADDRESS(0), 0xf3000000);
    configure(FIRST, PCI_ROM_ADDRESS, 0xf3010001);
    assert_string_equal(take_log(), "reflex: warning: card rom cannot be at address 0xf3010000\n");
    assert_int_equal(load(0xf3010000, 4), tag(FIRST, 0x10000));
    configure(FIRST, PCI_BASE_ADDRESS(0), 0xf4000000);
    assert_int_equal(load(0xf3010000, 2), 0xaa55);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(memory_follows_its_base_address, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_highest_place_below_4_gib_but_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(widths_that_the_card_does_not_take, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_rom_can_be_copied_while_it_is_enabled, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_spaces_are_two, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_window_gets_its_place_when_the_other_leaves_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_window_gets_its_place_when_the_other_is_switched_off, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_window_that_gives_up_waiting_does_not_come, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_overlap_in_part_is_refused, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
