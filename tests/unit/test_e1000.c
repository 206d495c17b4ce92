/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The 82540EM's registers, EEPROM, PHY, interrupts and link, as the drivers of Linux (drivers/net/ethernet/intel/e1000)
 * and iPXE (drivers/net/intel.c) use them. */
#include "e1000_host.h"

#define EEPROM_ADDRESS_BITS 6

static struct e1000_host h;

static int set_up(void **state)
{
    (void)state;
    e1000_host_init(&h);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    e1000_host_free(&h);
    take_log();
    return 0;
}

/* --- configuration space --- */

static void it_is_an_82540em(void **state)
{
    struct pci_function *function = &h.chip.card.function;

    (void)state;
    assert_int_equal(pci_function_read(function, PCI_VENDOR_ID, 4), 0x100e8086);
    assert_int_equal(pci_function_read(function, PCI_CLASS_CODE, 3), 0x020000);
    assert_int_equal(pci_function_read(function, PCI_INTERRUPT_PIN, 1), 1);
    pci_function_write(function, PCI_BASE_ADDRESS(0), 4, ~0u);
    assert_int_equal(pci_function_read(function, PCI_BASE_ADDRESS(0), 4), 0xfffe0000);
    pci_function_write(function, PCI_BASE_ADDRESS(2), 4, ~0u);
    assert_int_equal(pci_function_read(function, PCI_BASE_ADDRESS(2), 4), 0xffffffc1);
    pci_function_write(function, PCI_BASE_ADDRESS(1), 4, ~0u);
    assert_int_equal(pci_function_read(function, PCI_BASE_ADDRESS(1), 4), 0);
    pci_function_write(function, PCI_ROM_ADDRESS, 4, ~0u);
    assert_int_equal(pci_function_read(function, PCI_ROM_ADDRESS, 4), 0);   /* this card has none */
}

static void a_card_with_a_rom_has_a_window_for_it(void **state)
{
    struct pci_window window = { 0 };
    struct nic_wiring wiring = h.chip.wiring;

    (void)state;
    wiring.rom = &window;
    e1000_init(&h.chip, 0x18, &wiring);
    pci_function_write(&h.chip.card.function, PCI_ROM_ADDRESS, 4, ~1u);
    assert_int_equal(pci_function_read(&h.chip.card.function, PCI_ROM_ADDRESS, 4), 0xfffc0000);
}

/* --- EEPROM --- */

/* Linux: e1000_raise_ee_clk(), _lower_ee_clk(), _shift_out_ee_bits(), _shift_in_ee_bits(), _standby_eeprom(). */
static void eecd(uint32_t set, uint32_t clear)
{
    reg_write(&h, E1000_EECD, (reg_read(&h, E1000_EECD) & ~clear) | set);
}

static void shift_out(uint32_t data, unsigned int count)
{
    for (uint32_t mask = 1u << (count - 1); mask; mask >>= 1) {
        eecd(data & mask ? EECD_DI : 0, EECD_DI | EECD_DO);
        eecd(EECD_SK, 0);
        eecd(0, EECD_SK);
    }
    eecd(0, EECD_DI);
}

static uint16_t shift_in(void)
{
    uint16_t data = 0;

    for (unsigned int i = 0; i < 16; i++) {
        eecd(EECD_SK, 0);
        data = data << 1 | (reg_read(&h, E1000_EECD) & EECD_DO ? 1 : 0);
        eecd(0, EECD_SK | EECD_DI);
    }
    return data;
}

static void standby(void)
{
    eecd(0, EECD_CS | EECD_SK);
    eecd(EECD_SK, 0);
    eecd(EECD_CS, 0);
    eecd(0, EECD_SK);
}

static uint16_t microwire_read(unsigned int word)
{
    uint16_t data;

    eecd(EECD_REQ, 0);
    assert_true(reg_read(&h, E1000_EECD) & EECD_GNT);
    eecd(0, EECD_DI | EECD_SK);
    eecd(EECD_CS, 0);
    shift_out(6, 3);
    shift_out(word, EEPROM_ADDRESS_BITS);
    data = shift_in();
    standby();
    eecd(0, EECD_CS | EECD_DI | EECD_REQ);
    assert_false(reg_read(&h, E1000_EECD) & EECD_GNT);
    return data;
}

static uint16_t eerd_read(unsigned int word)
{
    reg_write(&h, E1000_EERD, word << EERD_ADDR_SHIFT | EERD_START);
    assert_true(reg_read(&h, E1000_EERD) & EERD_DONE);
    return reg_read(&h, E1000_EERD) >> EERD_DATA_SHIFT;
}

static void the_eeprom_is_valid_and_has_the_address(void **state)
{
    static const uint8_t own[] = OWN;
    uint16_t sum = 0, word;

    (void)state;
    assert_int_equal(reg_read(&h, E1000_EECD) & (EECD_PRES | EECD_GNT | 0x200), EECD_PRES);     /* SIZE: 64 words */
    for (unsigned int i = 0; i < EEPROM93C46_WORDS; i++) {
        word = microwire_read(i);
        assert_int_equal(word, eerd_read(i));
        sum += word;
    }
    assert_int_equal(sum, 0xbaba);
    for (unsigned int i = 0; i < 3; i++)
        assert_int_equal(microwire_read(i), own[2 * i] | own[2 * i + 1] << 8);
    assert_int_equal(eerd_read(NVM_DEVICE_ID), 0x100e);
    assert_int_equal(eerd_read(200), 0xffff);
}

/* EWEN, WRITE, EWDS as e1000_write_eeprom_microwire() does; it waits for DO. */
static void the_eeprom_can_be_written(void **state)
{
    (void)state;
    eecd(EECD_REQ, 0);
    eecd(EECD_CS, 0);
    shift_out(0x13, 5);
    shift_out(0, 4);
    standby();
    shift_out(5, 3);
    shift_out(8, EEPROM_ADDRESS_BITS);
    shift_out(0x1234, 16);
    standby();
    assert_true(reg_read(&h, E1000_EECD) & EECD_DO);
    shift_out(0x10, 5);
    shift_out(0, 4);
    eecd(0, EECD_CS | EECD_REQ);
    assert_int_equal(microwire_read(8), 0x1234);
    reg_write(&h, E1000_CTRL, CTRL_RST);
    assert_int_equal(eerd_read(8), 0x1234);
}

/* --- PHY --- */

static uint16_t phy_read(unsigned int reg)
{
    uint32_t mdic;

    reg_write(&h, E1000_MDIC, reg << MDIC_REG_SHIFT | 1u << MDIC_PHY_SHIFT | MDIC_OP_READ);
    mdic = reg_read(&h, E1000_MDIC);
    assert_int_equal(mdic & (MDIC_R | MDIC_E), MDIC_R);
    return mdic & MDIC_DATA;
}

static void phy_write(unsigned int reg, uint16_t value)
{
    reg_write(&h, E1000_MDIC, value | reg << MDIC_REG_SHIFT | 1u << MDIC_PHY_SHIFT | MDIC_OP_WRITE);
    assert_int_equal(reg_read(&h, E1000_MDIC) & (MDIC_R | MDIC_E), MDIC_R);
}

static void the_phy_is_found_at_its_address_only(void **state)
{
    (void)state;
    assert_int_equal(phy_read(PHY_PID), 0x0141);
    assert_int_equal(phy_read(PHY_EPID) & 0xfff0, 0x0c20);
    reg_write(&h, E1000_MDIC, PHY_PID << MDIC_REG_SHIFT | 2u << MDIC_PHY_SHIFT | MDIC_OP_READ | MDIC_I);
    assert_true(reg_read(&h, E1000_MDIC) & MDIC_E);
    assert_int_equal(reg_read(&h, E1000_ICR), ICR_MDAC);
}

static uint32_t speed(void)
{
    return reg_read(&h, E1000_STATUS) >> STATUS_SPEED_SHIFT & 3;
}

static void the_link_has_the_speed_that_was_asked_for(void **state)
{
    (void)state;
    assert_int_equal(speed(), 2);
    assert_int_equal(phy_read(PHY_PSSTAT), 0xac00);
    assert_true(phy_read(PHY_LPA) && phy_read(PHY_GSTATUS));
    phy_write(PHY_GCON, 0);
    phy_write(PHY_ANA, ANA_100_HD | ANA_10_FD | 1);
    phy_write(PHY_PCTRL, PCTRL_AUTONEG | PCTRL_RESTART);
    assert_int_equal(speed(), 1);
    assert_false(reg_read(&h, E1000_STATUS) & STATUS_FD);
    assert_int_equal(reg_read(&h, E1000_ICR), ICR_LSC);
    phy_write(PHY_PCTRL, PCTRL_FULL_DUPLEX);                        /* forced: 10 Mb/s */
    assert_int_equal(speed(), 0);
    assert_true(reg_read(&h, E1000_STATUS) & STATUS_FD);
    reg_write(&h, E1000_CTRL, CTRL_SLU | CTRL_FRCSPD | CTRL_FRCDPLX | CTRL_SPEED_1000);
    assert_int_equal(speed(), 2);
    assert_false(reg_read(&h, E1000_STATUS) & STATUS_FD);
    phy_write(PHY_PCTRL, PCTRL_RESET);
    assert_int_equal(phy_read(PHY_PCTRL), PCTRL_AUTONEG | PCTRL_FULL_DUPLEX | PCTRL_SPEED_HIGH);
}

static void the_link_follows_the_far_end(void **state)
{
    (void)state;
    reg_write(&h, E1000_IMS, ICR_LSC);
    assert_true(reg_read(&h, E1000_STATUS) & STATUS_LU);
    phy_read(PHY_PSTATUS);
    wire_link(&h.wire, false);
    assert_true(h.line.high);
    assert_int_equal(reg_read(&h, E1000_ICR), ICR_LSC);
    assert_false(h.line.high);
    assert_false(reg_read(&h, E1000_STATUS) & STATUS_LU);
    assert_int_equal(phy_read(PHY_PSTATUS) & (PSTATUS_LINK | PSTATUS_AUTONEG_DONE), 0);
    wire_link(&h.wire, true);
    assert_int_equal(reg_read(&h, E1000_ICR), ICR_LSC);
    assert_int_equal(phy_read(PHY_PSTATUS) & PSTATUS_LINK, 0);      /* latched */
    assert_int_equal(phy_read(PHY_PSTATUS) & PSTATUS_LINK, PSTATUS_LINK);
    wire_link(&h.wire, true);                                       /* no news */
    assert_int_equal(reg_read(&h, E1000_ICR), 0);
}

static void the_link_needs_slu_and_a_phy_that_is_on(void **state)
{
    (void)state;
    reg_write(&h, E1000_CTRL, 0);
    assert_false(reg_read(&h, E1000_STATUS) & STATUS_LU);
    reg_write(&h, E1000_CTRL, CTRL_SLU);
    assert_true(reg_read(&h, E1000_STATUS) & STATUS_LU);
    phy_write(PHY_PCTRL, PCTRL_AUTONEG | PCTRL_POWER_DOWN);
    assert_false(reg_read(&h, E1000_STATUS) & STATUS_LU);
    reg_write(&h, E1000_CTRL, CTRL_SLU | CTRL_PHY_RST);
    reg_write(&h, E1000_CTRL, CTRL_SLU);
    assert_true(reg_read(&h, E1000_STATUS) & STATUS_LU);
}

/* --- interrupts --- */

static void causes_and_mask(void **state)
{
    (void)state;
    reg_write(&h, E1000_ICS, ICR_TXDW | ICR_RXT0);
    assert_false(h.line.high);
    assert_int_equal(reg_read(&h, E1000_ICS), ICR_TXDW | ICR_RXT0);
    reg_write(&h, E1000_IMS, ICR_RXT0);
    assert_true(h.line.high);
    reg_write(&h, E1000_IMS, ICR_LSC);
    assert_int_equal(reg_read(&h, E1000_IMS), ICR_RXT0 | ICR_LSC);
    reg_write(&h, E1000_ICR, ICR_RXT0);                             /* a one clears */
    assert_false(h.line.high);
    assert_int_equal(reg_read(&h, E1000_ICR), ICR_TXDW);
    assert_int_equal(reg_read(&h, E1000_ICR), 0);
    reg_write(&h, E1000_ICS, ICR_LSC);
    assert_true(h.line.high);
    reg_write(&h, E1000_IMC, ~0u);
    assert_false(h.line.high);
    assert_int_equal(reg_read(&h, E1000_IMS), 0);
    assert_int_equal(reg_read(&h, E1000_IMC), 0);
}

static const struct io_shadow *shadow_of(uint32_t offset)
{
    for (unsigned int i = 0; i < e1000_register_ops.shadow_count; i++)
        if (e1000_register_ops.shadows[i].offset == offset)
            return &e1000_register_ops.shadows[i];
    fail();
    return NULL;
}

static bool can_wait(uint32_t offset)
{
    uint8_t mask = 0xa5, match = 0xa5;
    bool waits = shadow_of(offset)->post(&h.chip, offset, &mask, &match);

    assert_true(!waits || (mask == 0 && match == 0));
    return waits;
}

/* While no interrupt can come of it, or go. */
static void masks_wait_for_a_cause(void **state)
{
    (void)state;
    assert_true(can_wait(E1000_IMS));
    assert_true(can_wait(E1000_IMC));
    reg_write(&h, E1000_ICS, ICR_TXDW);
    assert_false(can_wait(E1000_IMS));
    assert_true(can_wait(E1000_IMC));
    reg_write(&h, E1000_IMS, ICR_TXDW);
    assert_true(h.line.high);
    assert_false(can_wait(E1000_IMC));
    reg_read(&h, E1000_ICR);
    assert_true(can_wait(E1000_IMS));
    assert_true(can_wait(E1000_IMC));
}

static void status_can_be_read_without_reading(void **state)
{
    uint32_t promised;

    (void)state;
    for (unsigned int up = 0; up < 2; up++) {
        h.wire.backend.info.up = up;
        h.chip.listener.link_changed(&h.chip.listener);
        assert_true(shadow_of(E1000_STATUS)->peek(&h.chip, E1000_STATUS, &promised));
        assert_int_equal(promised, reg_read(&h, E1000_STATUS));
        assert_int_equal(!!(promised & STATUS_LU), up);
    }
}

/* --- registers --- */

/* Linux: e1000_reg_test() with REG_PATTERN_TEST and REG_SET_AND_CHECK. */
static void pattern(uint32_t offset, uint32_t mask, uint32_t value)
{
    static const uint32_t patterns[] = { 0x5a5a5a5a, 0xa5a5a5a5, 0x00000000, 0xffffffff };

    for (unsigned int i = 0; i < 4; i++) {
        reg_write(&h, offset, patterns[i] & value);
        assert_int_equal(reg_read(&h, offset), patterns[i] & value & mask);
    }
}

static void set_and_check(uint32_t offset, uint32_t mask, uint32_t value)
{
    reg_write(&h, offset, value & mask);
    assert_int_equal(reg_read(&h, offset) & mask, value & mask);
}

static void ethtools_register_test(void **state)
{
    uint32_t before = reg_read(&h, E1000_STATUS);

    (void)state;
    reg_write(&h, E1000_STATUS, ~0u);
    assert_int_equal(reg_read(&h, E1000_STATUS), before);
    pattern(E1000_FCAL, 0xffffffff, 0xffffffff);
    pattern(E1000_FCAH, 0x0000ffff, 0xffffffff);
    pattern(E1000_FCT, 0x0000ffff, 0xffffffff);
    pattern(E1000_VET, 0x0000ffff, 0xffffffff);
    pattern(E1000_RDTR, 0x0000ffff, 0xffffffff);
    pattern(E1000_RDBAH, 0xffffffff, 0xffffffff);
    pattern(E1000_RDLEN, 0x000fff80, 0x000fffff);
    pattern(E1000_RDH, 0x0000ffff, 0x0000ffff);
    pattern(E1000_RDT, 0x0000ffff, 0x0000ffff);
    pattern(E1000_FCRTH, 0x0000fff8, 0x0000fff8);
    pattern(E1000_FCTTV, 0x0000ffff, 0x0000ffff);
    pattern(E1000_TIPG, 0x3fffffff, 0x3fffffff);
    pattern(E1000_TDBAH, 0xffffffff, 0xffffffff);
    pattern(E1000_TDLEN, 0x000fff80, 0x000fffff);
    set_and_check(E1000_RCTL, 0xffffffff, 0);
    set_and_check(E1000_RCTL, 0x06dfb3fe, 0x003ffffb);
    set_and_check(E1000_TCTL, 0xffffffff, 0);
    set_and_check(E1000_RCTL, 0x06dfb3fe, 0xffffffff);
    pattern(E1000_RDBAL, 0xfffffff0, 0xffffffff);
    pattern(E1000_TXCW, 0xc000ffff, 0x0000ffff);
    pattern(E1000_TDBAL, 0xfffffff0, 0xffffffff);
    pattern(E1000_TIDV, 0x0000ffff, 0x0000ffff);
    for (unsigned int i = 0; i < 16; i++)
        pattern(E1000_RAL0 + 8 * i + 4, 0x8003ffff, 0xffffffff);
    for (unsigned int i = 0; i < 128; i++) {
        pattern(E1000_MTA + 4 * i, 0xffffffff, 0xffffffff);
        pattern(E1000_VFTA + 4 * i, 0xffffffff, 0xffffffff);
    }
}

/* As old drivers address them: the 82542's places. */
static void aliases_are_the_same_registers(void **state)
{
    (void)state;
    reg_write(&h, 0x110, 0x12345670);
    assert_int_equal(reg_read(&h, E1000_RDBAL), 0x12345670);
    reg_write(&h, E1000_TDLEN, 0x800);
    assert_int_equal(reg_read(&h, 0x428), 0x800);
    reg_write(&h, 0x200 + 4 * 5, 0xabcd);
    assert_int_equal(reg_read(&h, E1000_MTA + 4 * 5), 0xabcd);
    assert_int_equal(reg_read(&h, 0x44), reg_read(&h, E1000_RAL0 + 4));
    reg_write(&h, E1000_CTRL_DUP, CTRL_SLU);
    assert_int_equal(reg_read(&h, E1000_CTRL), CTRL_SLU);
}

static void nothing_is_where_the_chip_has_no_register(void **state)
{
    (void)state;
    for (uint32_t offset = 0x6000; offset < E1000_REGISTERS_LENGTH; offset += 4) {
        reg_write(&h, offset, 0x5a5a5a5a);
        assert_int_equal(reg_read(&h, offset), 0);
    }
}

/* Linux resets by ports: e1000_write_reg_io(). */
static void ports_reach_every_register(void **state)
{
    (void)state;
    e1000_port_ops.write(&h.chip, E1000_IOADDR, 4, E1000_VET);
    assert_int_equal(e1000_port_ops.read(&h.chip, E1000_IOADDR, 4), E1000_VET);
    e1000_port_ops.write(&h.chip, E1000_IODATA, 4, 0x88a8);
    assert_int_equal(reg_read(&h, E1000_VET), 0x88a8);
    assert_int_equal(e1000_port_ops.read(&h.chip, E1000_IODATA, 4), 0x88a8);
    e1000_port_ops.write(&h.chip, E1000_IOADDR, 4, 0x80000000 | E1000_VET);
    e1000_port_ops.write(&h.chip, E1000_IODATA, 4, 0x1111);
    assert_int_equal(e1000_port_ops.read(&h.chip, E1000_IODATA, 4), 0);
    assert_int_equal(reg_read(&h, E1000_VET), 0x88a8);
    e1000_port_ops.write(&h.chip, E1000_IOADDR, 4, E1000_CTRL);
    e1000_port_ops.write(&h.chip, E1000_IODATA, 4, CTRL_RST);
    assert_int_equal(reg_read(&h, E1000_VET), 0x8100);
}

static void a_reset_brings_the_address_back(void **state)
{
    (void)state;
    reg_write(&h, E1000_RAL0, 0x11223344);
    reg_write(&h, E1000_RAL0 + 12, ~0u);
    reg_write(&h, E1000_IMS, ~0u);
    reg_write(&h, E1000_ICS, ICR_RXT0);
    assert_true(h.line.high);
    reg_write(&h, E1000_CTRL, CTRL_RST | CTRL_SLU);
    assert_false(h.line.high);
    assert_int_equal(reg_read(&h, E1000_CTRL) & CTRL_RST, 0);
    assert_int_equal(reg_read(&h, E1000_RAL0), 0x12005452);
    assert_int_equal(reg_read(&h, E1000_RAL0 + 4), RAH_AV | 0x5634);
    assert_int_equal(reg_read(&h, E1000_RAL0 + 12), 0);
    assert_int_equal(reg_read(&h, E1000_IMS), 0);
    reg_write(&h, E1000_RAL0, 0x11223344);
    reg_write(&h, E1000_CTRL_EXT, CTRL_EXT_EE_RST);
    assert_int_equal(reg_read(&h, E1000_RAL0), 0x12005452);
    assert_int_equal(reg_read(&h, E1000_CTRL_EXT), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(it_is_an_82540em),
        TEST(a_card_with_a_rom_has_a_window_for_it),
        TEST(the_eeprom_is_valid_and_has_the_address),
        TEST(the_eeprom_can_be_written),
        TEST(the_phy_is_found_at_its_address_only),
        TEST(the_link_has_the_speed_that_was_asked_for),
        TEST(the_link_follows_the_far_end),
        TEST(the_link_needs_slu_and_a_phy_that_is_on),
        TEST(causes_and_mask),
        TEST(masks_wait_for_a_cause),
        TEST(status_can_be_read_without_reading),
        TEST(ethtools_register_test),
        TEST(aliases_are_the_same_registers),
        TEST(nothing_is_where_the_chip_has_no_register),
        TEST(ports_reach_every_register),
        TEST(a_reset_brings_the_address_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
