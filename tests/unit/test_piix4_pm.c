/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "support.h"
#include "pci_machine.h"
#include "devices/pci/piix4_pm_regs.h"

static void identity(void **state)
{
    struct pci_machine m;

    (void)state;
    pci_machine_init(&m);
    assert_int_equal(config_read(&m.bus, PM_DEVFN, 0x00, 4), 0x71138086);
    assert_int_equal(config_read(&m.bus, PM_DEVFN, 0x04, 4), 0x02800000);
    assert_int_equal(config_read(&m.bus, PM_DEVFN, 0x08, 4), 0x06800003);
    assert_int_equal(config_read(&m.bus, PM_DEVFN, 0x3c, 4), 0x00000100);
    assert_int_equal(config_read(&m.bus, PM_DEVFN, PIIX4_PMBASE, 4), 0x00000001);
    assert_int_equal(config_read(&m.bus, PM_DEVFN, PIIX4_SMBBA, 4), 0x00000001);
}

static void bases_keep_their_alignment(void **state)
{
    struct pci_machine m;

    (void)state;
    pci_machine_init(&m);
    config_write(&m.bus, PM_DEVFN, PIIX4_PMBASE, 4, 0xffffffff);
    assert_int_equal(config_read(&m.bus, PM_DEVFN, PIIX4_PMBASE, 4), 0x0000ffc1);
    config_write(&m.bus, PM_DEVFN, PIIX4_PMBASE, 4, 0xb000);
    assert_int_equal(config_read(&m.bus, PM_DEVFN, PIIX4_PMBASE, 4), 0x0000b001);
    config_write(&m.bus, PM_DEVFN, PIIX4_SMBBA, 4, 0xffffffff);
    assert_int_equal(config_read(&m.bus, PM_DEVFN, PIIX4_SMBBA, 4), 0x0000fff1);
    config_write(&m.bus, PM_DEVFN, PIIX4_PMREGMISC, 1, 0xff);
    assert_int_equal(config_read(&m.bus, PM_DEVFN, PIIX4_PMREGMISC, 1), 0x01);
}

/* A word written at an odd register, across the pin register and into a reserved one. */
static void interrupt_line_is_storage_and_the_pin_is_not(void **state)
{
    struct pci_machine m;

    (void)state;
    pci_machine_init(&m);
    config_write(&m.bus, PM_DEVFN, 0x3c, 2, 0x0009);
    assert_int_equal(config_read(&m.bus, PM_DEVFN, 0x3c, 4), 0x00000109);
    config_write(&m.bus, PM_DEVFN, 0x3d, 2, 0x5504);
    assert_int_equal(config_read(&m.bus, PM_DEVFN, 0x3c, 4), 0x00000109);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identity),
        cmocka_unit_test(bases_keep_their_alignment),
        cmocka_unit_test(interrupt_line_is_storage_and_the_pin_is_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
