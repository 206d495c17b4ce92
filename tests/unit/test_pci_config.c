/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Configuration mechanism 1: what each port and width means, and who answers. */
#include "support.h"
#include "pci_machine.h"

static void confadd_keeps_what_exists(void **state)
{
    struct pci_machine m;

    (void)state;
    pci_machine_init(&m);
    assert_int_equal(port_in(&m.bus, 0xcf8, 4), 0);
    port_out(&m.bus, 0xcf8, 4, 0xffffffff);
    assert_int_equal(port_in(&m.bus, 0xcf8, 4), 0x80fffffc);
    port_out(&m.bus, 0xcf8, 4, 0x00000800);
    assert_int_equal(port_in(&m.bus, 0xcf8, 4), 0x00000800);
}

static void narrow_accesses_miss_confadd(void **state)
{
    struct pci_machine m;

    (void)state;
    pci_machine_init(&m);
    port_out(&m.bus, 0xcf8, 4, 0x80000804);
    for (uint16_t port = 0xcf8; port <= 0xcfb; port++) {
        port_out(&m.bus, port, 1, 0x55);
        assert_int_equal(port_in(&m.bus, port, 1), 0xff);
    }
    for (uint16_t port = 0xcf8; port <= 0xcfa; port++) {
        port_out(&m.bus, port, 2, 0x5555);
        assert_int_equal(port_in(&m.bus, port, 2), 0xffff);
    }
    assert_int_equal(port_in(&m.bus, 0xcf8, 4), 0x80000804);
}

static void confdata_needs_the_enable_bit(void **state)
{
    struct pci_machine m;

    (void)state;
    pci_machine_init(&m);
    port_out(&m.bus, 0xcf8, 4, 0x00000000);
    assert_int_equal(port_in(&m.bus, 0xcfc, 4), 0xffffffff);
    port_out(&m.bus, 0xcf8, 4, 0x80000000);
    assert_int_equal(port_in(&m.bus, 0xcfc, 4), 0x12378086);
    port_out(&m.bus, 0xcf8, 4, 0x00000858);             /* would be 01.0 register 58h: no cycle at all */
    port_out(&m.bus, 0xcfc, 4, 0);
    assert_int_equal(config_read(&m.bus, HOST_DEVFN, 0x58, 1), 0x10);
}

static void lanes_select_bytes(void **state)
{
    struct pci_machine m;

    (void)state;
    pci_machine_init(&m);
    port_out(&m.bus, 0xcf8, 4, 0x80000000);
    assert_int_equal(port_in(&m.bus, 0xcfc, 1), 0x86);
    assert_int_equal(port_in(&m.bus, 0xcfd, 1), 0x80);
    assert_int_equal(port_in(&m.bus, 0xcfe, 1), 0x37);
    assert_int_equal(port_in(&m.bus, 0xcff, 1), 0x12);
    assert_int_equal(port_in(&m.bus, 0xcfc, 2), 0x8086);
    assert_int_equal(port_in(&m.bus, 0xcfd, 2), 0x3780);
    assert_int_equal(port_in(&m.bus, 0xcfe, 2), 0x1237);

    port_out(&m.bus, 0xcf8, 4, 0x80000000 | 0x60);
    port_out(&m.bus, 0xcfc, 4, 0x44332211);
    port_out(&m.bus, 0xcfd, 2, 0xbbaa);
    port_out(&m.bus, 0xcff, 1, 0xcc);
    assert_int_equal(port_in(&m.bus, 0xcfc, 4), 0xccbbaa11);
}

/* Either way of giving the low bits, and both at once (QEMU's libqos: in CONFADD alone). */
static void low_bits_of_confadd_select_bytes_too(void **state)
{
    struct pci_machine m;

    (void)state;
    pci_machine_init(&m);
    for (unsigned int reg = 0; reg < 4; reg++) {
        static const uint8_t bytes[] = { 0x86, 0x80, 0x37, 0x12 };

        port_out(&m.bus, 0xcf8, 4, 0x80000000 | reg);
        assert_int_equal(port_in(&m.bus, 0xcf8, 4), 0x80000000);
        assert_int_equal(port_in(&m.bus, 0xcfc, 1), bytes[reg]);
        assert_int_equal(port_in(&m.bus, 0xcfc + reg, 1), bytes[reg]);
        port_out(&m.bus, 0xcf8, 4, 0x80000000);
        assert_int_equal(port_in(&m.bus, 0xcfc + reg, 1), bytes[reg]);
    }
    port_out(&m.bus, 0xcf8, 4, 0x80000002);
    assert_int_equal(port_in(&m.bus, 0xcfc, 2), 0x1237);
    port_out(&m.bus, 0xcf8, 4, 0x80000061);
    port_out(&m.bus, 0xcfc, 1, 0x5a);
    assert_int_equal(config_read(&m.bus, HOST_DEVFN, 0x60, 4), 0x01015a01);
    port_out(&m.bus, 0xcf8, 4, 0x800000ff);
    assert_int_equal(port_in(&m.bus, 0xcfc, 4), 0xffffff00);    /* beyond the end there is nothing */
    port_out(&m.bus, 0xcfc, 4, 0);
}

static void absent_functions_read_all_ones(void **state)
{
    struct pci_machine m;
    unsigned int present = 0;

    (void)state;
    pci_machine_init(&m);
    for (unsigned int devfn = 0; devfn < 256; devfn++) {
        bool here = devfn == HOST_DEVFN || devfn == ISA_DEVFN || devfn == IDE_DEVFN || devfn == PM_DEVFN;

        if (here) {
            present++;
            assert_int_equal(config_read(&m.bus, devfn, 0, 2), 0x8086);
        } else {
            config_write(&m.bus, devfn, 4, 4, 0);
            assert_int_equal(config_read(&m.bus, devfn, 0, 4), 0xffffffff);
        }
    }
    assert_int_equal(present, 4);
    for (uint32_t bus = 1; bus < 256; bus++) {
        port_out(&m.bus, 0xcf8, 4, 0x80000000 | bus << 16);
        assert_int_equal(port_in(&m.bus, 0xcfc, 4), 0xffffffff);
        port_out(&m.bus, 0xcfc, 4, 0);
    }
}

static void only_piix3_is_multi_function(void **state)
{
    struct pci_machine m;

    (void)state;
    pci_machine_init(&m);
    assert_int_equal(config_read(&m.bus, HOST_DEVFN, PCI_HEADER_TYPE, 1), 0x00);
    assert_int_equal(config_read(&m.bus, ISA_DEVFN, PCI_HEADER_TYPE, 1), 0x80);
    assert_int_equal(config_read(&m.bus, IDE_DEVFN, PCI_HEADER_TYPE, 1), 0x00);
    assert_int_equal(config_read(&m.bus, PM_DEVFN, PCI_HEADER_TYPE, 1), 0x00);
}

/* A register of one byte, as the reset control register is. */
struct byte_register {
    uint8_t value;
    unsigned int reads, writes;
};

static uint32_t byte_read(void *dev, uint32_t offset, unsigned int size)
{
    struct byte_register *reg = dev;

    assert_int_equal(offset, 0);
    assert_int_equal(size, 1);
    reg->reads++;
    return 0xabcdef00 | reg->value;
}

static void byte_write(void *dev, uint32_t offset, unsigned int size, uint32_t value)
{
    struct byte_register *reg = dev;

    assert_int_equal(offset, 0);
    assert_int_equal(size, 1);
    assert_in_range(value, 0, 0xff);
    reg->writes++;
    reg->value = value;
}

static void reset_control_is_one_byte(void **state)
{
    static const struct io_ops ops = { .read = byte_read, .write = byte_write, .sizes = IO_BYTE };
    struct byte_register reg = { .value = 0 };
    const struct io_region region = { "reset control", 0xcf9, 1, &ops, &reg };
    struct pci_machine m;

    (void)state;
    pci_machine_init(&m);
    m.bus.reset_control = &region;

    port_out(&m.bus, 0xcf9, 1, 0x02);
    assert_int_equal(reg.value, 0x02);
    assert_int_equal(port_in(&m.bus, 0xcf9, 1), 0x02);
    assert_int_equal(reg.writes, 1);

    reg.reads = 0;
    port_out(&m.bus, 0xcf8, 4, 0x80000604);             /* nothing but a byte is for it */
    assert_int_equal(port_in(&m.bus, 0xcf8, 4), 0x80000604);
    port_out(&m.bus, 0xcf8, 2, 0x0455);
    assert_int_equal(port_in(&m.bus, 0xcf8, 2), 0xffff);
    port_out(&m.bus, 0xcf9, 2, 0x0404);
    port_out(&m.bus, 0xcf8, 1, 0x04);
    port_out(&m.bus, 0xcfa, 1, 0x04);
    assert_int_equal(reg.writes, 1);
    assert_int_equal(reg.reads, 0);
}

/* The claim is one range, so an unaligned access can lie across its middle. */
static void accesses_across_the_middle_are_two_cycles(void **state)
{
    struct pci_machine m;

    (void)state;
    pci_machine_init(&m);
    port_out(&m.bus, 0xcf8, 4, 0x80000060);
    port_out(&m.bus, 0xcfc, 4, 0x44332211);
    port_out(&m.bus, 0xcfb, 2, 0x99aa);
    assert_int_equal(port_in(&m.bus, 0xcfc, 4), 0x44332299);
    port_out(&m.bus, 0xcfa, 4, 0x7766aaaa);
    assert_int_equal(port_in(&m.bus, 0xcfc, 4), 0x44337766);
    assert_int_equal(port_in(&m.bus, 0xcfa, 4), 0x7766ffff);
    assert_int_equal(port_in(&m.bus, 0xcf8, 4), 0x80000060);
}

static void reset_forgets_the_address(void **state)
{
    struct pci_machine m;

    (void)state;
    pci_machine_init(&m);
    port_out(&m.bus, 0xcf8, 4, 0x80000060);
    pci_bus_reset(&m.bus);
    assert_int_equal(port_in(&m.bus, 0xcf8, 4), 0);
    assert_int_equal(config_read(&m.bus, HOST_DEVFN, 0, 4), 0x12378086);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(confadd_keeps_what_exists),
        cmocka_unit_test(narrow_accesses_miss_confadd),
        cmocka_unit_test(confdata_needs_the_enable_bit),
        cmocka_unit_test(lanes_select_bytes),
        cmocka_unit_test(low_bits_of_confadd_select_bytes_too),
        cmocka_unit_test(absent_functions_read_all_ones),
        cmocka_unit_test(only_piix3_is_multi_function),
        cmocka_unit_test(reset_control_is_one_byte),
        cmocka_unit_test(accesses_across_the_middle_are_two_cycles),
        cmocka_unit_test(reset_forgets_the_address),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
