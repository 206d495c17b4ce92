/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * hvmloader's PCI pass (Xen 4.17, tools/firmware/hvmloader/pci.c) as configuration cycles in its order:
 * link routes, the scan of 256 functions with its special cases and BAR sizing, the placing of what it
 * found by falling size, and the enabling of decoders.  Then what it reads later: the I/O APIC's base and
 * option ROMs.
 */
#include "support.h"
#include "pci_machine.h"

#define ISA_IRQS 0x0c20u                    /* 5, 10 and 11 */

struct found_bar {
    uint8_t devfn, reg;
    uint32_t size;
};

struct scan {
    struct pci_bus *bus;
    struct found_bar bars[16];
    unsigned int bar_count;
    uint16_t commands[256];
    unsigned int present;
};

static void route_links(struct scan *s)
{
    unsigned int irq = 0;

    for (unsigned int link = 0; link < 4; link++) {
        do
            irq = (irq + 1) & 15;
        while (!(ISA_IRQS >> irq & 1));
        config_write(s->bus, ISA_DEVFN, 0x60 + link, 1, irq);
    }
}

static void special_case(struct scan *s, uint8_t devfn, uint16_t class, uint32_t id)
{
    if (class == 0x0680) {
        assert_int_equal(id, 0x71138086);
        config_write(s->bus, devfn, 0x20, 2, 0x0000);
        config_write(s->bus, devfn, 0xd2, 2, 0x0000);
        config_write(s->bus, devfn, 0x22, 2, 0x0000);
        config_write(s->bus, devfn, 0x3c, 2, 0x0009);
        config_write(s->bus, devfn, 0x3d, 2, 0x0001);
        config_write(s->bus, devfn, 0x40, 4, 0xb000 | 1);
        config_write(s->bus, devfn, 0x80, 1, 0x01);
    } else if (class == 0x0101 && (id & 0xffff) == 0x8086) {
        config_write(s->bus, devfn, 0x40, 2, 0x8000);
        config_write(s->bus, devfn, 0x42, 2, 0x8000);
    }
}

static uint32_t size_bar(struct scan *s, uint8_t devfn, uint8_t reg)
{
    bool rom = reg == PCI_ROM_ADDRESS;
    uint32_t data = config_read(s->bus, devfn, reg, 4);
    uint32_t size;

    assert_true(rom || (data & 7) != 4);    /* no 64-bit BARs here */
    config_write(s->bus, devfn, reg, 4, rom ? (data | ~0x7ffu) & ~1u : ~0u);
    size = config_read(s->bus, devfn, reg, 4);
    config_write(s->bus, devfn, reg, 4, data);
    assert_int_equal(config_read(s->bus, devfn, reg, 4), data);
    size &= rom ? ~0x7ffu : data & 1 ? 0xfffcu : ~0xfu;
    return size & ~(size - 1);
}

static void remember_bar(struct scan *s, uint8_t devfn, uint8_t reg, uint32_t size)
{
    unsigned int i = s->bar_count++;

    for (; i > 0 && s->bars[i - 1].size < size; i--)
        s->bars[i] = s->bars[i - 1];
    s->bars[i] = (struct found_bar) { devfn, reg, size };
}

static void scan_function(struct scan *s, uint8_t devfn)
{
    uint16_t class = config_read(s->bus, devfn, 0x0a, 2);
    uint32_t id = config_read(s->bus, devfn, 0, 2);

    id |= config_read(s->bus, devfn, 2, 2) << 16;
    if (id == 0xffffffff)
        return;
    s->present++;
    if (devfn == 8)
        assert_int_equal(id, 0x70008086);
    special_case(s, devfn, class, id);
    config_write(s->bus, devfn, PCI_COMMAND, 2, config_read(s->bus, devfn, PCI_COMMAND, 2) & ~3u);
    for (unsigned int bar = 0; bar < 7; bar++) {
        uint8_t reg = bar == 6 ? PCI_ROM_ADDRESS : PCI_BASE_ADDRESS(bar);
        uint32_t size = size_bar(s, devfn, reg);

        if (size)
            remember_bar(s, devfn, reg, size);
    }

    unsigned int pin = config_read(s->bus, devfn, PCI_INTERRUPT_PIN, 1);

    if (pin) {
        uint8_t irq = config_read(s->bus, ISA_DEVFN, 0x60 + ((pin - 1 + (devfn >> 3)) & 3), 1);

        config_write(s->bus, devfn, PCI_INTERRUPT_LINE, 1, irq);
    }
    s->commands[devfn] = PCI_COMMAND_MASTER;
}

static void place_bars(struct scan *s)
{
    uint32_t next[2] = { 0xf0000000, 0xc000 };

    for (unsigned int i = 0; i < s->bar_count; i++) {
        struct found_bar *bar = &s->bars[i];
        uint32_t data = config_read(s->bus, bar->devfn, bar->reg, 4);
        bool io = data & 1;

        data &= io ? 3 : 0xf;
        data |= (next[io] + bar->size - 1) & ~(bar->size - 1);
        next[io] = (data & ~0xfu) + bar->size;
        config_write(s->bus, bar->devfn, bar->reg, 4, data);
        s->commands[bar->devfn] |= io ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY;
    }
}

static void enable_decoders(struct scan *s)
{
    for (unsigned int devfn = 0; devfn < 256; devfn++)
        if (s->commands[devfn])
            config_write(s->bus, devfn, PCI_COMMAND, 2,
                         config_read(s->bus, devfn, PCI_COMMAND, 2) | s->commands[devfn]);
}

static void pci_setup(struct scan *s)
{
    route_links(s);
    for (unsigned int devfn = 0; devfn < 256; devfn++)
        scan_function(s, devfn);
    place_bars(s);
    enable_decoders(s);
}

static void the_pass_leaves_a_working_machine(void **state)
{
    struct pci_machine m;
    struct scan s = { .bus = &m.bus };

    (void)state;
    pci_machine_init(&m);
    pci_setup(&s);
    assert_int_equal(s.present, 4);

    assert_int_equal(m.router.calls, 4);
    assert_int_equal(m.router.irq[0], 5);
    assert_int_equal(m.router.irq[1], 10);
    assert_int_equal(m.router.irq[2], 11);
    assert_int_equal(m.router.irq[3], 5);

    assert_int_equal(s.bar_count, 1);       /* the bus master block alone, 16 ports */
    assert_int_equal(s.bars[0].devfn, IDE_DEVFN);
    assert_int_equal(s.bars[0].reg, 0x20);
    assert_int_equal(s.bars[0].size, PIIX3_BMIBA_LENGTH);
    assert_int_equal(config_read(&m.bus, IDE_DEVFN, 0x20, 4), 0xc001);
    assert_int_equal(config_read(&m.bus, IDE_DEVFN, PCI_COMMAND, 2), 0x0005);

    /* Each window opened once, at the very end. */
    assert_true(m.bus_master.enabled);
    assert_int_equal(m.bus_master.base, 0xc000);
    assert_int_equal(m.bus_master.calls, 1);
    assert_true(m.primary.enabled);
    assert_int_equal(m.primary.calls, 1);
    assert_true(m.secondary.enabled);
    assert_int_equal(m.secondary.calls, 1);

    assert_int_equal(config_read(&m.bus, PM_DEVFN, 0x40, 4), 0xb001);
    assert_int_equal(config_read(&m.bus, PM_DEVFN, 0x80, 1), 0x01);
    assert_int_equal(config_read(&m.bus, PM_DEVFN, 0xd2, 1), 0x00);
    assert_int_equal(config_read(&m.bus, PM_DEVFN, PCI_INTERRUPT_LINE, 2), 0x010a); /* the barber's pole */
    assert_int_equal(config_read(&m.bus, ISA_DEVFN, PCI_COMMAND, 2), 0x0007);
    assert_int_equal(config_read(&m.bus, HOST_DEVFN, PCI_COMMAND, 2), 0x0004);
}

static void what_it_reads_later(void **state)
{
    struct pci_machine m;

    (void)state;
    pci_machine_init(&m);
    assert_int_equal((config_read(&m.bus, ISA_DEVFN, 0x80, 1) & 0x3f) << 10, 0);
    for (unsigned int devfn = 0; devfn < 256; devfn++) {
        uint32_t id = config_read(&m.bus, devfn, 0, 4);
        uint8_t class = config_read(&m.bus, devfn, 0x0b, 1);

        assert_true(id == 0xffffffff || (class != 0x02 && class != 0x03));  /* no option ROM to look for */
    }
}

/* The pass runs again after the guest has moved things: nothing is left behind from before. */
static void a_second_pass_repeats_the_first(void **state)
{
    struct pci_machine m;
    struct scan first = { .bus = &m.bus }, second = { .bus = &m.bus };

    (void)state;
    pci_machine_init(&m);
    pci_setup(&first);
    config_write(&m.bus, IDE_DEVFN, 0x20, 4, 0xd000);
    assert_int_equal(m.bus_master.base, 0xd000);
    pci_setup(&second);
    assert_int_equal(m.bus_master.base, 0xc000);
    assert_true(m.bus_master.enabled);
    assert_int_equal(m.bus_master.calls, 4);    /* opened, moved by the guest, closed, opened */
    assert_int_equal(m.router.calls, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_pass_leaves_a_working_machine),
        cmocka_unit_test(what_it_reads_later),
        cmocka_unit_test(a_second_pass_repeats_the_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
