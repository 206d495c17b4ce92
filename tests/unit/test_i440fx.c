/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "support.h"
#include "pci_machine.h"
#include "devices/pci/i440fx_regs.h"

static void identity(void **state)
{
    struct pci_machine m;

    (void)state;
    pci_machine_init(&m);
    assert_int_equal(config_read(&m.bus, HOST_DEVFN, 0x00, 4), 0x12378086);
    assert_int_equal(config_read(&m.bus, HOST_DEVFN, 0x04, 4), 0x02800006);
    assert_int_equal(config_read(&m.bus, HOST_DEVFN, 0x08, 4), 0x06000002);
    config_write(&m.bus, HOST_DEVFN, 0x04, 2, 0x0000);
    assert_int_equal(config_read(&m.bus, HOST_DEVFN, 0x04, 2), 0x0004);
    for (unsigned int reg = 0x10; reg < 0x40; reg += 4) {
        config_write(&m.bus, HOST_DEVFN, reg, 4, 0xffffffff);
        assert_int_equal(config_read(&m.bus, HOST_DEVFN, reg, 4), 0);
    }
}

static void pam_reads_back(void **state)
{
    struct pci_machine m;

    (void)state;
    pci_machine_init(&m);
    assert_int_equal(config_read(&m.bus, HOST_DEVFN, I440FX_PAM0, 1), 0);
    config_write(&m.bus, HOST_DEVFN, 0x58, 4, 0x33333310);  /* as a BIOS shadows itself */
    config_write(&m.bus, HOST_DEVFN, 0x5c, 4, 0x33333333);
    assert_int_equal(config_read(&m.bus, HOST_DEVFN, 0x58, 4), 0x33333010);
    assert_int_equal(config_read(&m.bus, HOST_DEVFN, 0x5c, 4), 0x33333333);
    config_write(&m.bus, HOST_DEVFN, I440FX_PAM1 + 5, 1, 0xff);
    assert_int_equal(config_read(&m.bus, HOST_DEVFN, I440FX_PAM1 + 5, 1), 0x77);
}

static uint8_t smram(struct pci_machine *m, uint8_t value)
{
    config_write(&m->bus, HOST_DEVFN, I440FX_SMRAM, 1, value);
    return config_read(&m->bus, HOST_DEVFN, I440FX_SMRAM, 1);
}

static void smram_locks(void **state)
{
    struct pci_machine m;

    (void)state;
    pci_machine_init(&m);
    assert_int_equal(config_read(&m.bus, HOST_DEVFN, I440FX_SMRAM, 1), 0x02);
    assert_int_equal(smram(&m, 0x4a), 0x4a);
    assert_int_equal(smram(&m, 0x0a), 0x0a);
    assert_int_equal(smram(&m, 0x5a), 0x1a);                /* locking closes it */
    assert_int_equal(smram(&m, 0x4a), 0x1a);
    assert_int_equal(smram(&m, 0x2a), 0x3a);                /* D_CLS still moves */
    assert_int_equal(smram(&m, 0x00), 0x1a);
    config_write(&m.bus, HOST_DEVFN, 0x70, 4, 0x00400000);
    assert_int_equal(config_read(&m.bus, HOST_DEVFN, I440FX_SMRAM, 1), 0x1a);
    i440fx_reset(&m.host);
    assert_int_equal(smram(&m, 0x4a), 0x4a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identity),
        cmocka_unit_test(pam_reads_back),
        cmocka_unit_test(smram_locks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
