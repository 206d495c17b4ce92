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

/* The datasheet's default values, register by register (sections 3.2.4 to 3.2.25), as QEMU's i440fx-test asks for them:
 * with the register's whole number in CONFADD.  A BIOS has not run. */
static void defaults(void **state)
{
    static const struct {
        uint8_t reg, size;
        uint16_t value;
    } registers[] = {
        { 0x04, 2, 0x0006 }, { 0x06, 2, 0x0280 }, { 0x09, 1, 0x00 }, { 0x0a, 2, 0x0600 }, { 0x0d, 1, 0x00 },
        { 0x0e, 1, 0x00 },   { 0x0f, 1, 0x00 },   { 0x50, 2, 0x00 }, { 0x52, 1, 0x00 },   { 0x53, 1, 0x80 },
        { 0x54, 1, 0x00 },   { 0x55, 2, 0x0000 }, { 0x57, 1, 0x01 }, { 0x58, 1, 0x10 },   { 0x59, 1, 0x00 },
        { 0x5a, 1, 0x00 },   { 0x5b, 1, 0x00 },   { 0x5c, 1, 0x00 }, { 0x5d, 1, 0x00 },   { 0x5e, 1, 0x00 },
        { 0x5f, 1, 0x00 },   { 0x60, 1, 0x01 },   { 0x61, 1, 0x01 }, { 0x62, 1, 0x01 },   { 0x63, 1, 0x01 },
        { 0x64, 1, 0x01 },   { 0x65, 1, 0x01 },   { 0x66, 1, 0x01 }, { 0x67, 1, 0x01 },   { 0x68, 1, 0x00 },
        { 0x70, 1, 0x00 },   { 0x71, 1, 0x10 },   { 0x72, 1, 0x02 }, { 0x90, 1, 0x00 },   { 0x91, 1, 0x00 },
        { 0x93, 1, 0x00 },
    };
    struct pci_machine m;

    (void)state;
    pci_machine_init(&m);
    for (unsigned int i = 0; i < sizeof(registers) / sizeof(registers[0]); i++) {
        port_out(&m.bus, 0xcf8, 4, 0x80000000 | registers[i].reg);
        assert_int_equal(port_in(&m.bus, 0xcfc, registers[i].size), registers[i].value);
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
        cmocka_unit_test(defaults),
        cmocka_unit_test(pam_reads_back),
        cmocka_unit_test(smram_locks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
