/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "support.h"
#include "pci_machine.h"
#include "devices/pci/piix3_regs.h"

static void identity(void **state)
{
    struct pci_machine m;

    (void)state;
    pci_machine_init(&m);
    assert_int_equal(config_read(&m.bus, ISA_DEVFN, 0x00, 4), 0x70008086);
    assert_int_equal(config_read(&m.bus, ISA_DEVFN, 0x04, 4), 0x02800007);
    assert_int_equal(config_read(&m.bus, ISA_DEVFN, 0x08, 4), 0x06010000);
    config_write(&m.bus, ISA_DEVFN, 0x04, 2, 0x0000);
    assert_int_equal(config_read(&m.bus, ISA_DEVFN, 0x04, 2), 0x0007);
    assert_int_equal(config_read(&m.bus, ISA_DEVFN, PIIX3_PIRQRC, 4), 0x80808080);
    assert_int_equal(config_read(&m.bus, ISA_DEVFN, PIIX3_APICBASE, 1), 0);
    assert_int_equal(config_read(&m.bus, ISA_DEVFN, PIIX3_XBCS, 2), 0x0003);
}

static void links_follow_pirqrc(void **state)
{
    struct pci_machine m;

    (void)state;
    pci_machine_init(&m);
    assert_int_equal(m.router.calls, 0);                    /* disconnected is where they start */
    config_write(&m.bus, ISA_DEVFN, 0x61, 1, 10);
    assert_int_equal(m.router.irq[1], 10);
    assert_int_equal(m.router.calls, 1);
    config_write(&m.bus, ISA_DEVFN, 0x61, 1, 10 | 0x70);    /* reserved bits: nothing new */
    assert_int_equal(config_read(&m.bus, ISA_DEVFN, 0x61, 1), 10);
    assert_int_equal(m.router.calls, 1);
    config_write(&m.bus, ISA_DEVFN, 0x61, 1, 10 | PIRQRC_DISABLE);
    assert_int_equal(m.router.irq[1], 0);
    assert_int_equal(m.router.calls, 2);

    config_write(&m.bus, ISA_DEVFN, 0x60, 4, 0x0b050a0b);
    assert_int_equal(m.router.irq[0], 11);
    assert_int_equal(m.router.irq[1], 10);
    assert_int_equal(m.router.irq[2], 5);
    assert_int_equal(m.router.irq[3], 11);
    assert_int_equal(m.router.calls, 6);
    piix3_isa_reset(&m.isa);
    assert_int_equal(m.router.calls, 10);
    for (unsigned int link = 0; link < PCI_LINKS; link++)
        assert_int_equal(m.router.irq[link], 0);
}

static void reserved_interrupts_connect_nothing(void **state)
{
    static const bool routable[16] = {
        [3] = true, [4] = true, [5] = true, [6] = true, [7] = true, [9] = true, [10] = true, [11] = true,
        [12] = true, [14] = true, [15] = true,
    };
    struct pci_machine m;

    (void)state;
    pci_machine_init(&m);
    for (unsigned int irq = 0; irq < 16; irq++) {
        config_write(&m.bus, ISA_DEVFN, 0x62, 1, irq);
        assert_int_equal(m.router.irq[2], routable[irq] ? irq : 0);
        assert_int_equal(config_read(&m.bus, ISA_DEVFN, 0x62, 1), irq);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identity),
        cmocka_unit_test(links_follow_pirqrc),
        cmocka_unit_test(reserved_interrupts_connect_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
