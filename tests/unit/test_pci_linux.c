/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What Linux (and FreeBSD, for the first) does to these functions, as configuration cycles in its order. */
#include "support.h"
#include "pci_machine.h"

/* arch/x86/pci/direct.c: pci_check_type1 and its sanity check for a host bridge. */
static void linux_finds_mechanism_1(void **state)
{
    struct pci_machine m;
    bool host_bridge = false;

    (void)state;
    pci_machine_init(&m);
    port_out(&m.bus, 0xcfb, 1, 0x01);

    uint32_t before = port_in(&m.bus, 0xcf8, 4);

    port_out(&m.bus, 0xcf8, 4, 0x80000000);
    assert_int_equal(port_in(&m.bus, 0xcf8, 4), 0x80000000);
    for (unsigned int devfn = 0; devfn < 256 && !host_bridge; devfn++)
        host_bridge = config_read(&m.bus, devfn, 0x0a, 2) == 0x0600;
    assert_true(host_bridge);
    port_out(&m.bus, 0xcf8, 4, before);
    assert_int_equal(port_in(&m.bus, 0xcf8, 4), before);
}

/* sys/x86/pci/pci_cfgreg.c: the probe looks for the bits that no bridge implements. */
static void freebsd_finds_mechanism_1(void **state)
{
    struct pci_machine m;

    (void)state;
    pci_machine_init(&m);
    port_out(&m.bus, 0xcf8, 4, 0x80000000);
    port_out(&m.bus, 0xcfb, 1, 0);
    assert_int_equal(port_in(&m.bus, 0xcf8, 4), 0x80000000);
    port_out(&m.bus, 0xcf8, 4, 0xff000001);
    assert_int_equal(port_in(&m.bus, 0xcf8, 4) & 0x80000001, 0x80000000);
}

/* drivers/pci/probe.c: function 0 of each slot, then 1 to 7 when the header says so. */
static void the_scan_finds_four_functions(void **state)
{
    struct pci_machine m;
    uint8_t found[8];
    unsigned int count = 0;

    (void)state;
    pci_machine_init(&m);
    for (unsigned int slot = 0; slot < 32; slot++) {
        unsigned int functions = 1;

        for (unsigned int fn = 0; fn < functions; fn++) {
            uint8_t devfn = PCI_DEVFN(slot, fn);

            if (config_read(&m.bus, devfn, 0, 4) == 0xffffffff)
                continue;
            found[count++] = devfn;
            if (fn == 0 && config_read(&m.bus, devfn, PCI_HEADER_TYPE, 1) & 0x80)
                functions = 8;
        }
    }
    assert_int_equal(count, 4);
    assert_memory_equal(found, ((uint8_t[]) { HOST_DEVFN, ISA_DEVFN, IDE_DEVFN, PM_DEVFN }), 4);
}

/* As hvmloader leaves the IDE function. */
static void start_ide(struct pci_machine *m)
{
    pci_machine_init(m);
    config_write(&m->bus, IDE_DEVFN, 0x40, 4, 0x80008000);
    config_write(&m->bus, IDE_DEVFN, 0x20, 4, 0xc001);
    config_write(&m->bus, IDE_DEVFN, PCI_COMMAND, 2, PCI_COMMAND_IO | PCI_COMMAND_MASTER);
}

/* drivers/pci/probe.c, __pci_read_base: the decoder is off while a BAR is sized. */
static void sizing_closes_and_opens_again(void **state)
{
    struct pci_machine m;

    (void)state;
    start_ide(&m);

    uint32_t command = config_read(&m.bus, IDE_DEVFN, PCI_COMMAND, 2);
    unsigned int calls = m.bus_master.calls;

    config_write(&m.bus, IDE_DEVFN, PCI_COMMAND, 2, command & ~3u);
    for (unsigned int reg = 0x10; reg <= 0x30; reg += 4) {
        uint32_t old = config_read(&m.bus, IDE_DEVFN, reg, 4);

        config_write(&m.bus, IDE_DEVFN, reg, 4, old | 0xffffffff);
        assert_int_equal(config_read(&m.bus, IDE_DEVFN, reg, 4), reg == 0x20 ? 0xfff1 : 0);
        config_write(&m.bus, IDE_DEVFN, reg, 4, old);
        assert_int_equal(config_read(&m.bus, IDE_DEVFN, reg, 4), old);
    }
    config_write(&m.bus, IDE_DEVFN, PCI_COMMAND, 2, command);
    assert_int_equal(m.bus_master.calls, calls + 2);
    assert_int_equal(m.bus_master.base, 0xc000);
    assert_true(m.primary.enabled && m.secondary.enabled);
}

/* drivers/ata/ata_piix.c: the port enable bits, IOCFG (not in PIIX3), and set_piomode for mode 4. */
static void ata_piix_sets_timings(void **state)
{
    struct pci_machine m;

    (void)state;
    start_ide(&m);
    assert_int_equal(config_read(&m.bus, IDE_DEVFN, 0x09, 1) & 0x05, 0);    /* both channels legacy */
    assert_int_equal(config_read(&m.bus, IDE_DEVFN, 0x54, 4), 0);
    for (unsigned int port = 0; port < 2; port++) {
        uint8_t reg = 0x40 + 2 * port;

        assert_int_equal(config_read(&m.bus, IDE_DEVFN, reg + 1, 1) & 0x80, 0x80);

        uint16_t master = config_read(&m.bus, IDE_DEVFN, reg, 2);

        master = (master & 0xff00 & 0xccff) | 0x0007 | 2 << 12 | 3 << 8;
        config_write(&m.bus, IDE_DEVFN, reg, 2, master | 0x4000);
        config_write(&m.bus, IDE_DEVFN, 0x44, 1, 0);
        assert_int_equal(config_read(&m.bus, IDE_DEVFN, reg, 2), 0xe307);
    }
    assert_int_equal(m.primary.calls + m.secondary.calls, 2);
}

/* drivers/pci/quirks.c: quirk_piix4_acpi, which must claim 0b000h and nothing else. */
static void piix4_quirk_sees_one_region(void **state)
{
    struct pci_machine m;

    (void)state;
    pci_machine_init(&m);
    config_write(&m.bus, PM_DEVFN, 0x40, 4, 0xb001);
    assert_int_equal(config_read(&m.bus, PM_DEVFN, 0x40, 2) & ~63u, 0xb000);
    assert_int_equal(config_read(&m.bus, PM_DEVFN, 0x90, 2) & ~15u, 0);
    for (unsigned int reg = 0x5c; reg <= 0x7c; reg += 4)
        assert_int_equal(config_read(&m.bus, PM_DEVFN, reg, 4), 0);         /* DEVRES: no enable bit set */
}

/* drivers/pci/quirks.c: quirk_passive_release, for this very pair of bridges. */
static void passive_release_sticks(void **state)
{
    struct pci_machine m;

    (void)state;
    pci_machine_init(&m);
    assert_int_equal(config_read(&m.bus, ISA_DEVFN, 0x82, 1), 0);
    config_write(&m.bus, ISA_DEVFN, 0x82, 1, 0x02);
    assert_int_equal(config_read(&m.bus, ISA_DEVFN, 0x82, 1), 0x02);
}

/* arch/x86/pci/irq.c, pirq_piix_get and pirq_piix_set. */
static void pirq_router_reads_and_sets(void **state)
{
    struct pci_machine m;

    (void)state;
    pci_machine_init(&m);
    config_write(&m.bus, ISA_DEVFN, 0x60, 4, 0x050b0a05);

    uint8_t irq = config_read(&m.bus, ISA_DEVFN, 0x63, 1);

    assert_true(irq < 16);
    config_write(&m.bus, ISA_DEVFN, 0x63, 1, 11);
    assert_int_equal(m.router.irq[3], 11);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(linux_finds_mechanism_1),
        cmocka_unit_test(freebsd_finds_mechanism_1),
        cmocka_unit_test(the_scan_finds_four_functions),
        cmocka_unit_test(sizing_closes_and_opens_again),
        cmocka_unit_test(ata_piix_sets_timings),
        cmocka_unit_test(piix4_quirk_sees_one_region),
        cmocka_unit_test(passive_release_sticks),
        cmocka_unit_test(pirq_router_reads_and_sets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
