/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Network cards on the board: their slots, windows, expansion ROM, interrupts, and the way of an access to each. */
#include "fake_xen.h"
#include "pci_machine.h"
#include "support.h"
#include "wire.h"

#include "board.h"

#define TYPE_MEMORY 1u                      /* IOREQ_TYPE_COPY */
#define REGISTERS   0xf3000000u             /* of card i: + i * 0x100000 */
#define PORTS       0xc000u                 /* + i * 0x40 */
#define ROM         0xf4000000u

static const uint8_t image[600] = { 0x55, 0xaa, 0x02, 0xcb };

static struct fixture {
    struct test_memory memory;
    struct recorded_power power;
    struct input_backend input;
    struct wire wires[BOARD_NICS];
    struct board board;
} f;

/* Two cards with places of the board's choice, the first with a ROM; one elsewhere, of the other model if *state says
 * so; none in the fourth. */
static int set_up(void **state)
{
    struct board_config config = {
        .guest = &f.memory.memory, .power = &f.power.power, .input = &f.input, .vcpus = 1, .ram_below_4g = 512u << 20,
    };

    memset(&f.board, 0xa5, sizeof(f.board));
    fake_xen_init();
    test_memory_init(&f.memory);
    recorded_power_init(&f.power);
    for (unsigned int i = 0; i < BOARD_NICS; i++)
        wire_init(&f.wires[i], &f.memory, (const uint8_t[6]){ 0x02, 0, 0, 0, 0, (uint8_t)i });
    for (unsigned int i = 0; i < 3; i++)
        config.nics[i] = (struct board_nic){ .backend = &f.wires[i].backend, .model = BOARD_NIC_E1000 };
    config.nics[0].rom = image;
    config.nics[0].rom_length = sizeof(image);
    config.nics[2].slot = 9;
    if (*state)
        config.nics[2].model = BOARD_NIC_RTL8139;
    board_init(&f.board, &config);
    take_log();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < BOARD_NICS; i++)
        wire_free(&f.wires[i]);
    test_memory_free(&f.memory);
    take_log();
    return 0;
}

/* ---- The processor ------------------------------------------------------------------------------------------ */

static const uint8_t slots[3] = { 3, 4, 9 };

static uint32_t config_of(unsigned int card, uint8_t reg)
{
    return config_read(&f.board.pci, PCI_DEVFN(slots[card], 0), reg, 4);
}

static void configure(unsigned int card, uint8_t reg, unsigned int size, uint32_t value)
{
    config_write(&f.board.pci, PCI_DEVFN(slots[card], 0), reg, size, value);
}

static void enable(unsigned int card)
{
    configure(card, PCI_BASE_ADDRESS(0), 4, REGISTERS + 0x100000 * card);
    configure(card, PCI_BASE_ADDRESS(2), 4, PORTS + 0x40 * card);
    configure(card, PCI_COMMAND, 2, PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
}

static uint64_t access(uint32_t type, uint32_t flags, uint32_t address, uint32_t data)
{
    struct reflection reflection = {
        .what = XEN_REFLECT_WHY_IO | type << XEN_REFLECT_TYPE_SHIFT | flags | 4u << XEN_REFLECT_SIZE_SHIFT,
        .address_low = address, .data_low = data, .count = 1,
    };
    bool claimed = type == TYPE_MEMORY ? fake_memory_claimed(address, 4) : fake_xen.claimed_ports[address];

    return claimed ? board_access(&f.board, &reflection) : ~0ull;
}

static uint32_t load(uint32_t address)
{
    return (uint32_t)access(TYPE_MEMORY, XEN_REFLECT_READ, address, 0);
}

static void store(uint32_t address, uint32_t value)
{
    access(TYPE_MEMORY, 0, address, value);
}

/* ---- Tests -------------------------------------------------------------------------------------------------- */

static void cards_are_where_they_were_plugged_in(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < 3; i++)
        assert_int_equal(config_of(i, PCI_VENDOR_ID), 0x100e8086);
    assert_int_equal(config_read(&f.board.pci, PCI_DEVFN(5, 0), PCI_VENDOR_ID, 4), 0xffffffff);
    assert_int_equal(config_read(&f.board.pci, PCI_DEVFN(6, 0), PCI_VENDOR_ID, 4), 0xffffffff);
}

static void each_has_its_registers(void **state)
{
    (void)state;
    assert_int_equal(load(REGISTERS + E1000_RAL0), 0xffffffff);
    for (unsigned int i = 0; i < 3; i++)
        enable(i);
    for (unsigned int i = 0; i < 3; i++) {
        assert_true(fake_memory_claimed(REGISTERS + 0x100000 * i, E1000_REGISTERS_LENGTH));
        assert_int_equal(load(REGISTERS + 0x100000 * i + E1000_RAL0 + 4), RAH_AV | i << 8);
        access(0, 0, PORTS + 0x40 * i, E1000_RAL0 + 4);
        assert_int_equal((uint32_t)access(0, XEN_REFLECT_READ, PORTS + 0x40 * i + 4, 0), RAH_AV | i << 8);
        configure(i, PCI_COMMAND, 2, 0);
    }
    assert_int_equal(f.board.dispatcher.memory.count, 0);
}

static void the_rom_is_the_first_cards(void **state)
{
    (void)state;
    configure(0, PCI_ROM_ADDRESS, 4, ~0u);
    assert_int_equal(config_of(0, PCI_ROM_ADDRESS), ~(NIC_ROM_BYTES - 1) | PCI_ROM_ENABLE);
    configure(1, PCI_ROM_ADDRESS, 4, ~0u);
    assert_int_equal(config_of(1, PCI_ROM_ADDRESS), 0);
    configure(0, PCI_ROM_ADDRESS, 4, ROM | PCI_ROM_ENABLE);
    configure(0, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
    assert_int_equal(load(ROM), 0xcb02aa55);
    assert_int_equal(load(ROM + NIC_ROM_BYTES - 4), 0xffffffff);
}

static void each_has_its_interrupt(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < 3; i++) {
        assert_int_equal(config_of(i, PCI_INTERRUPT_LINE) >> 8 & 0xff, 1);
        enable(i);
        store(REGISTERS + 0x100000 * i + E1000_IMS, ICR_RXT0);
        store(REGISTERS + 0x100000 * i + E1000_ICS, ICR_RXT0);
        for (unsigned int device = 0; device < 32; device++)
            assert_int_equal(fake_xen.intx[device][0].high, device == slots[i]);
        load(REGISTERS + 0x100000 * i + E1000_ICR);
        assert_false(fake_xen.intx[slots[i]][0].high);
    }
}

/* What the chip's test tells of the permission is the command register's. */
static void mastering_is_the_command_registers(void **state)
{
    const struct e1000_tx_descriptor descriptor = { .address = 0x2000, .lower = 100 | TX_CMD_EOP };

    (void)state;
    enable(1);
    configure(1, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
    memcpy(f.memory.bytes + 0x1000, &descriptor, sizeof(descriptor));
    store(REGISTERS + 0x100000 + E1000_TDBAL, 0x1000);
    store(REGISTERS + 0x100000 + E1000_TDLEN, 128);
    store(REGISTERS + 0x100000 + E1000_TCTL, TCTL_EN);
    store(REGISTERS + 0x100000 + E1000_TDT, 1);
    assert_int_equal(f.wires[1].sent, 0);
    configure(1, PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    assert_int_equal(f.wires[1].sent, 1);
    assert_int_equal(f.wires[0].sent + f.wires[2].sent, 0);
}

/* The same registers at ports and in memory, and others' accesses never. */
static void an_rtl8139_is_plugged_in_too(void **state)
{
    static struct recorder recorder;
    unsigned int chips = 0;

    (void)state;
    assert_int_equal(config_of(2, PCI_VENDOR_ID), 0x813910ec);
    configure(2, PCI_BASE_ADDRESS(0), 4, PORTS);
    configure(2, PCI_BASE_ADDRESS(1), 4, REGISTERS);
    configure(2, PCI_COMMAND, 2, PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    assert_true(fake_memory_claimed(REGISTERS, RTL8139_WINDOW));
    assert_int_equal(load(REGISTERS + RTL_IDR0), 0x00000002);
    assert_int_equal(load(REGISTERS + RTL_IDR4), 0x0200);
    store(REGISTERS + RTL_RBSTART, 0x12345678);
    assert_int_equal((uint32_t)access(0, XEN_REFLECT_READ, PORTS + RTL_RBSTART, 0), 0x12345678);
    access(0, 0, PORTS + RTL_IMR, 0xffff);
    assert_false(fake_xen.intx[9][0].high);
    store(REGISTERS + RTL_CONFIG5, TPPOLL_FSWINT << 8);     /* TPPoll beside it */
    assert_true(fake_xen.intx[9][0].high);
    record_init(&recorder, &f, &f.board.dispatcher);
    board_describe(&f.board, &recorder);
    for (unsigned int i = 0; i < recorder.stats.devices.count; i++)
        chips += strcmp(recorder.devices[i].type, "rtl8139") == 0;
    assert_int_equal(chips, 1);
}

static void dom0_sees_them(void **state)
{
    static struct recorder recorder;
    unsigned int chips = 0;

    (void)state;
    record_init(&recorder, &f, &f.board.dispatcher);
    board_describe(&f.board, &recorder);
    for (unsigned int i = 0; i < recorder.stats.devices.count; i++)
        chips += strcmp(recorder.devices[i].type, "e1000") == 0;
    assert_int_equal(chips, 3);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    static bool with_rtl8139 = true;
    const struct CMUnitTest tests[] = {
        TEST(cards_are_where_they_were_plugged_in),
        TEST(each_has_its_registers),
        TEST(the_rom_is_the_first_cards),
        TEST(each_has_its_interrupt),
        TEST(mastering_is_the_command_registers),
        TEST(dom0_sees_them),
        cmocka_unit_test_prestate_setup_teardown(an_rtl8139_is_plugged_in_too, set_up, tear_down, &with_rtl8139),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
