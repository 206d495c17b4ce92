/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The board beside a device model, as their guest meets both: an access that the board has not claimed from the
 * simulated hypervisor is the device model's, which answers every read with the same byte.  Xen remembers what was
 * written to port 0xcf8, and knows by it whose function a configuration access is for.
 */
#include "fake_xen.h"
#include "ide_host.h"
#include "support.h"

#include "board.h"
#include "devices/pci/pci_regs.h"
#include "devices/pci/piix3_regs.h"

#define TYPE_PORT 0u                        /* IOREQ_TYPE_PIO */
#define TYPE_PCI  2u                        /* IOREQ_TYPE_PCI_CONFIG */

#define IDE_FUNCTION PCI_DEVFN(1, 1)
#define MODELS       0x51515151u            /* what the device model answers */
#define SECTORS      64u
#define BUFFER       0x8000u

struct fixture {
    struct test_memory memory;
    struct recorded_power power;
    struct ram_disk disk;
    uint32_t cf8;                           /* Xen's copy */
    unsigned int models;                    /* accesses that went to the device model */
    struct board board;
};

/* ---- The machine -------------------------------------------------------------------------------------------- */

static void start(struct fixture *f, unsigned int ours)
{
    struct board_config config = {
        .elsewhere = DEVICE_ALL & ~ours,
        .drives = { &f->disk.backend },
        .guest = &f->memory.memory,
        .power = &f->power.power,
        .vcpus = 1,
    };

    fake_xen_init();
    f->cf8 = f->models = 0;
    memset(&f->board, 0xa5, sizeof(f->board));
    board_init(&f->board, &config);
}

static int set_up(void **state)
{
    static struct fixture f;

    test_memory_init(&f.memory);
    recorded_power_init(&f.power);
    ram_disk_init(&f.disk, SECTORS);
    for (unsigned int i = 0; i < SECTORS * BLK_SECTOR_SIZE; i++)
        f.disk.bytes[i] = i / BLK_SECTOR_SIZE + i;
    take_log();
    start(&f, DEVICE_IDE);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    ram_disk_free(&f->disk);
    test_memory_free(&f->memory);
    return 0;
}

static bool ports_claimed(uint32_t port, unsigned int size)
{
    for (unsigned int i = 0; i < size; i++)
        if (!fake_xen.claimed_ports[port + i])
            return false;
    return true;
}

static uint64_t access(struct fixture *f, uint32_t flags, uint32_t port, unsigned int size, uint32_t data,
                       uint32_t count)
{
    uint32_t bdf = f->cf8 >> 8 & 0xffff;
    bool pci = (port & ~3u) == 0xcfc && f->cf8 >> 31 && bdf < 256 && fake_xen.claimed_functions[bdf];
    struct reflection reflection = {
        .what = XEN_REFLECT_WHY_IO | flags | (pci ? TYPE_PCI : TYPE_PORT) << XEN_REFLECT_TYPE_SHIFT |
                size << XEN_REFLECT_SIZE_SHIFT,
        .address_low = pci ? (f->cf8 & 0xfc) | (port & 3) : port, .address_high = pci ? bdf : 0,
        .data_low = data, .count = count,
    };
    uint64_t value;

    if (port == 0xcf8 && size == 4 && !(flags & XEN_REFLECT_READ))
        f->cf8 = data;
    if (!pci && !ports_claimed(port, size)) {
        f->models++;
        return MODELS;
    }
    value = board_access(&f->board, &reflection);
    shadow_settle(&f->board.shadows);
    return value;
}

static uint32_t in(struct fixture *f, uint32_t port, unsigned int size)
{
    return (uint32_t)access(f, XEN_REFLECT_READ, port, size, 0, 1) & (0xffffffff >> (32 - 8 * size));
}

static void out(struct fixture *f, uint32_t port, unsigned int size, uint32_t value)
{
    access(f, 0, port, size, value, 1);
}

static uint32_t pci_read(struct fixture *f, uint8_t devfn, uint8_t reg, unsigned int size)
{
    out(f, 0xcf8, 4, 0x80000000 | (uint32_t)devfn << 8 | (reg & ~3u));
    return in(f, 0xcfc + (reg & 3), size);
}

static void pci_write(struct fixture *f, uint8_t devfn, uint8_t reg, unsigned int size, uint32_t value)
{
    out(f, 0xcf8, 4, 0x80000000 | (uint32_t)devfn << 8 | (reg & ~3u));
    out(f, 0xcfc + (reg & 3), size, value);
}

static void enable_ide(struct fixture *f)
{
    pci_write(f, IDE_FUNCTION, PIIX3_IDETIM, 2, IDETIM_IDE);
    pci_write(f, IDE_FUNCTION, PIIX3_IDETIM + 2, 2, IDETIM_IDE);
    pci_write(f, IDE_FUNCTION, PIIX3_BMIBA, 4, 0xc000);
    pci_write(f, IDE_FUNCTION, PCI_COMMAND, 2, PCI_COMMAND_IO | PCI_COMMAND_MASTER);
}

/* ---- What is claimed ---------------------------------------------------------------------------------------- */

static unsigned int claimed_ports(void)
{
    unsigned int count = 0;

    for (unsigned int port = 0; port < FAKE_PORTS; port++)
        count += fake_xen.claimed_ports[port];
    return count;
}

static unsigned int claimed_functions(void)
{
    unsigned int count = 0;

    for (unsigned int devfn = 0; devfn < 256; devfn++)
        count += fake_xen.claimed_functions[devfn];
    return count;
}

static void ide_alone_is_one_function(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(claimed_ports(), 0);
    assert_int_equal(claimed_functions(), 1);
    assert_true(fake_xen.claimed_functions[IDE_FUNCTION]);
    enable_ide(f);
    assert_int_equal(claimed_ports(), 2 * (8 + 1) + 16);
    assert_true(ports_claimed(0x1f0, 8) && ports_claimed(0x170, 8));
    assert_true(ports_claimed(0x3f6, 1) && ports_claimed(0x376, 1));
    assert_true(ports_claimed(0xc000, 16));
    pci_write(f, IDE_FUNCTION, PCI_COMMAND, 2, 0);
    assert_int_equal(claimed_ports(), 0);
    assert_int_equal(claimed_functions(), 1);
}

static void the_serial_ports_are_theirs_or_ours(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(in(f, 0x3ff, 1), MODELS & 0xff);
    start(f, DEVICE_SERIAL);
    assert_int_equal(claimed_functions(), 0);
    assert_int_equal(claimed_ports(), 8);
    out(f, 0x3ff, 1, 0x5a);
    assert_int_equal(in(f, 0x3ff, 1), 0x5a);
    start(f, DEVICE_IDE | DEVICE_SERIAL);
    assert_int_equal(claimed_functions(), 1);
    assert_int_equal(claimed_ports(), 8);
}

static void all_of_it_is_the_pc_without_a_device_model(void **state)
{
    start(*state, DEVICE_ALL);
    assert_int_equal(claimed_functions(), 0);
    assert_true(ports_claimed(0xcf8, 8) && ports_claimed(0x70, 2) && ports_claimed(0x3f8, 8));
}

/* reflexctl shows chips that somebody meets, and no others. */
static void what_is_elsewhere_is_not_described(void **state)
{
    static struct recorder recorder;
    struct fixture *f = *state;

    record_init(&recorder, f, &f->board.dispatcher);
    board_describe(&f->board, &recorder);
    assert_int_equal(recorder.stats.devices.count, 2 * 2 + 1 + 1);      /* channels, lines, the drive, the function */
    start(f, DEVICE_SERIAL);
    record_init(&recorder, f, &f->board.dispatcher);
    board_describe(&f->board, &recorder);
    assert_int_equal(recorder.stats.devices.count, 2);
    assert_string_equal(recorder.devices[0].name, "serial0");
}

/* Interrupts and routes that a device model sets are not disturbed by a board that has just been powered on. */
static void starting_touches_nothing_of_theirs(void **state)
{
    (void)state;
    for (unsigned int irq = 0; irq < 16; irq++)
        assert_int_equal(fake_xen.isa[irq].calls, 0);
    for (unsigned int link = 0; link < 4; link++)
        assert_int_equal(fake_xen.links[link], 0);
}

static void a_function_that_xen_refuses_panics(void **state)
{
    struct fixture *f = *state;
    struct board_config config = { .elsewhere = DEVICE_CHIPSET, .guest = &f->memory.memory, .power = &f->power.power };

    fake_xen_init();
    fake_xen.range_room = 0;
    expect_assert_failure(board_init(&f->board, &config));
}

/* ---- Configuration accesses --------------------------------------------------------------------------------- */

static void each_function_is_its_owners(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(pci_read(f, IDE_FUNCTION, PCI_VENDOR_ID, 4), 0x70108086);
    assert_int_equal(f->models, 1);         /* CONFADD's write */
    assert_int_equal(pci_read(f, PCI_DEVFN(1, 0), PCI_VENDOR_ID, 4), MODELS);
    assert_int_equal(pci_read(f, PCI_DEVFN(1, 2), PCI_VENDOR_ID, 4), MODELS);
    assert_int_equal(pci_read(f, PCI_DEVFN(0, 0), PCI_VENDOR_ID, 4), MODELS);
    assert_int_equal(f->models, 7);
}

static void any_width_reaches_its_bytes(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(pci_read(f, IDE_FUNCTION, PCI_VENDOR_ID, 1), 0x86);
    assert_int_equal(pci_read(f, IDE_FUNCTION, PCI_VENDOR_ID + 1, 1), 0x80);
    assert_int_equal(pci_read(f, IDE_FUNCTION, PCI_VENDOR_ID + 2, 2), 0x7010);
    assert_int_equal(pci_read(f, IDE_FUNCTION, PCI_VENDOR_ID + 1, 2), 0x1080);
    pci_write(f, IDE_FUNCTION, PIIX3_BMIBA + 1, 1, 0xd1);
    assert_int_equal(pci_read(f, IDE_FUNCTION, PIIX3_BMIBA, 4), 0xd101);
    pci_write(f, IDE_FUNCTION, PIIX3_BMIBA, 4, 0xffffffff);
    assert_int_equal(pci_read(f, IDE_FUNCTION, PIIX3_BMIBA, 4), 0xfff1);
}

/* A string instruction stays at its register, as at a port. */
static void string_instructions_read_one_register(void **state)
{
    struct fixture *f = *state;
    uint32_t values[3];

    out(f, 0xcf8, 4, 0x80000000 | IDE_FUNCTION << 8);
    access(f, XEN_REFLECT_PTR | XEN_REFLECT_READ, 0xcfc, 4, BUFFER, 3);
    memcpy(values, f->memory.bytes + BUFFER, sizeof(values));
    for (unsigned int i = 0; i < 3; i++)
        assert_int_equal(values[i], 0x70108086);
}

static uint64_t config_access(struct fixture *f, uint32_t bdf, uint32_t reg, unsigned int size)
{
    struct reflection reflection = {
        .what = XEN_REFLECT_WHY_IO | XEN_REFLECT_READ | TYPE_PCI << XEN_REFLECT_TYPE_SHIFT |
                size << XEN_REFLECT_SIZE_SHIFT,
        .address_low = reg, .address_high = bdf, .count = 1,
    };

    return board_access(&f->board, &reflection);
}

/* Across the end of configuration space, beyond it (a processor of AMD's has a way), and after the claim is gone. */
static void outside_of_configuration_space_is_nobody(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(config_access(f, IDE_FUNCTION, 0xfd, 4), 0xff000000);
    assert_int_equal(config_access(f, IDE_FUNCTION, 0x100, 4), 0xffffffff);
    assert_int_equal(config_access(f, IDE_FUNCTION, 0xfff, 1), 0xff);
    assert_int_equal(config_access(f, IDE_FUNCTION + 1, 0, 4), 0xffffffff);
    assert_int_equal(config_access(f, 0xffff, 0xfff, 1), 0xff);
}

/* ---- The disk ----------------------------------------------------------------------------------------------- */

static void the_disk_reads(void **state)
{
    struct fixture *f = *state;
    unsigned int models;

    enable_ide(f);
    models = f->models;
    out(f, 0x1f6, 1, 0xe0);
    out(f, 0x1f2, 1, 1);
    out(f, 0x1f3, 1, 5);
    out(f, 0x1f4, 1, 0);
    out(f, 0x1f5, 1, 0);
    out(f, 0x1f7, 1, IDE_READ_SECTORS);
    assert_true(fake_xen.isa[14].high);
    assert_int_equal(in(f, 0x1f7, 1), WANTS_DATA);
    assert_false(fake_xen.isa[14].high);
    access(f, XEN_REFLECT_PTR | XEN_REFLECT_READ, 0x1f0, 2, BUFFER, BLK_SECTOR_SIZE / 2);
    assert_memory_equal(f->memory.bytes + BUFFER, f->disk.bytes + 5 * BLK_SECTOR_SIZE, BLK_SECTOR_SIZE);
    assert_int_equal(f->models, models);
}

/* ---- Lists of devices --------------------------------------------------------------------------------------- */

static void lists_name_devices(void **state)
{
    static const struct {
        const char *names;
        unsigned int set;                   /* 0: refused */
    } lists[] = {
        { "ide", DEVICE_IDE }, { "serial", DEVICE_SERIAL }, { "ide,serial", DEVICE_IDE | DEVICE_SERIAL },
        { "serial,ide", DEVICE_IDE | DEVICE_SERIAL }, { "ide,ide", 0 },
        { "", 0 }, { ",", 0 }, { "ide,", 0 }, { ",ide", 0 }, { "id", 0 }, { "idee", 0 }, { "ide serial", 0 },
        { "IDE", 0 }, { "ide,usb", 0 }, { "chipset", 0 },
    };

    (void)state;
    for (unsigned int i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        unsigned int set;

        assert_int_equal(device_set_parse(lists[i].names, &set), lists[i].set != 0);
        if (lists[i].set)
            assert_int_equal(set, lists[i].set);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(ide_alone_is_one_function, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_serial_ports_are_theirs_or_ours, set_up, tear_down),
        cmocka_unit_test_setup_teardown(all_of_it_is_the_pc_without_a_device_model, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_elsewhere_is_not_described, set_up, tear_down),
        cmocka_unit_test_setup_teardown(starting_touches_nothing_of_theirs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_function_that_xen_refuses_panics, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_function_is_its_owners, set_up, tear_down),
        cmocka_unit_test_setup_teardown(any_width_reaches_its_bytes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(string_instructions_read_one_register, set_up, tear_down),
        cmocka_unit_test_setup_teardown(outside_of_configuration_space_is_nobody, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_disk_reads, set_up, tear_down),
        cmocka_unit_test(lists_name_devices),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
