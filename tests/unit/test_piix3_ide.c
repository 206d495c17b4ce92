/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "support.h"
#include "pci_machine.h"
#include "devices/pci/piix3_regs.h"

static void identity(void **state)
{
    struct pci_machine m;

    (void)state;
    pci_machine_init(&m);
    assert_int_equal(config_read(&m.bus, IDE_DEVFN, 0x00, 4), 0x70108086);
    assert_int_equal(config_read(&m.bus, IDE_DEVFN, 0x04, 4), 0x02800000);
    assert_int_equal(config_read(&m.bus, IDE_DEVFN, 0x08, 4), 0x01018000);
    assert_int_equal(config_read(&m.bus, IDE_DEVFN, PCI_INTERRUPT_PIN, 1), 0);
    config_write(&m.bus, IDE_DEVFN, 0x04, 2, 0xffff);
    assert_int_equal(config_read(&m.bus, IDE_DEVFN, 0x04, 2), 0x0007);
}

static void bus_master_block_follows_bmiba(void **state)
{
    struct pci_machine m;

    (void)state;
    pci_machine_init(&m);
    config_write(&m.bus, IDE_DEVFN, PIIX3_BMIBA, 4, 0xffffffff);
    assert_int_equal(config_read(&m.bus, IDE_DEVFN, PIIX3_BMIBA, 4), 0x0000fff1);
    config_write(&m.bus, IDE_DEVFN, PIIX3_BMIBA, 4, 0xc100);
    assert_int_equal(m.bus_master.calls, 0);
    config_write(&m.bus, IDE_DEVFN, PCI_COMMAND, 2, PCI_COMMAND_IO);
    assert_true(m.bus_master.enabled);
    assert_int_equal(m.bus_master.base, 0xc100);
    config_write(&m.bus, IDE_DEVFN, PIIX3_BMIBA, 4, 0xffffffff);    /* sized while decoding */
    assert_false(m.bus_master.enabled);
    config_write(&m.bus, IDE_DEVFN, PIIX3_BMIBA, 4, 0xc121);
    assert_int_equal(m.bus_master.base, 0xc120);
    assert_int_equal(m.bus_master.calls, 3);
}

static void channels_need_both_enables(void **state)
{
    struct pci_machine m;

    (void)state;
    pci_machine_init(&m);
    config_write(&m.bus, IDE_DEVFN, PIIX3_IDETIM, 2, IDETIM_IDE);
    assert_int_equal(m.primary.calls, 0);
    config_write(&m.bus, IDE_DEVFN, PCI_COMMAND, 2, PCI_COMMAND_IO);
    assert_true(m.primary.enabled);
    assert_int_equal(m.primary.base, 0x1f0);
    assert_int_equal(m.secondary.calls, 0);
    config_write(&m.bus, IDE_DEVFN, PIIX3_IDETIM + 3, 1, 0xa3);
    assert_true(m.secondary.enabled);
    assert_int_equal(m.secondary.base, 0x170);
    config_write(&m.bus, IDE_DEVFN, PIIX3_IDETIM + 1, 1, 0x23);
    assert_false(m.primary.enabled);
    assert_true(m.secondary.enabled);
    config_write(&m.bus, IDE_DEVFN, PCI_COMMAND, 2, 0);
    assert_false(m.secondary.enabled);
    assert_int_equal(m.primary.calls, 2);
    assert_int_equal(m.secondary.calls, 2);
}

static void timings_read_back(void **state)
{
    struct pci_machine m;

    (void)state;
    pci_machine_init(&m);
    config_write(&m.bus, IDE_DEVFN, PIIX3_IDETIM, 4, 0xffffffff);
    assert_int_equal(config_read(&m.bus, IDE_DEVFN, PIIX3_IDETIM, 4), 0xf3fff3ff);
    config_write(&m.bus, IDE_DEVFN, PIIX3_SIDETIM, 1, 0x5a);
    assert_int_equal(config_read(&m.bus, IDE_DEVFN, PIIX3_SIDETIM, 1), 0x5a);
}

static void nobody_needs_to_listen(void **state)
{
    struct piix3_ide ide;

    (void)state;
    piix3_ide_init(&ide, IDE_DEVFN, NULL, NULL, NULL, NULL);
    pci_function_write(&ide.function, PIIX3_IDETIM, 2, IDETIM_IDE);
    pci_function_write(&ide.function, PIIX3_BMIBA, 4, 0xc000);
    pci_function_write(&ide.function, PCI_COMMAND, 2, PCI_COMMAND_IO);
    piix3_ide_reset(&ide);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identity),
        cmocka_unit_test(bus_master_block_follows_bmiba),
        cmocka_unit_test(channels_need_both_enables),
        cmocka_unit_test(timings_read_back),
        cmocka_unit_test(nobody_needs_to_listen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
