/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The whole PC as its guest meets it: every access is a port access, and reaches the board only where the board has
 * claimed the ports from the simulated hypervisor; elsewhere reads are all-ones.  What the hypervisor answers itself
 * does not reach the board.
 */
#include "fake_xen.h"
#include "ide_host.h"
#include "support.h"

#include <stdlib.h>

#include <xen/errno.h>
#include <xen/sched.h>

#include "board.h"
#include "devices/pci/pci_regs.h"
#include "devices/pci/piix3_regs.h"
#include "xen/power.h"

#define ISA_BRIDGE   PCI_DEVFN(1, 0)
#define IDE_FUNCTION PCI_DEVFN(1, 1)

#define FIXED_BLOCKS 15u
#define SECTORS      2016u                  /* of each drive: two cylinders */

/* Guest memory. */
#define TABLE  0x1000u                      /* of descriptors */
#define BUFFER 0x8000u

struct fixture {
    struct test_memory memory;
    struct xen_power power;
    struct char_backend terminal;
    uint8_t typed[64];                      /* at the terminal, and not yet taken by the board */
    size_t typed_count;
    struct input_backend input;
    unsigned int entries;                   /* into the firmware */
    struct ram_disk disks[BOARD_DRIVES];
    struct board board;
};

/* ---- The machine -------------------------------------------------------------------------------------------- */

static size_t terminal_write(struct char_backend *backend, const uint8_t *bytes, size_t length)
{
    (void)backend, (void)bytes;
    return length;
}

static size_t terminal_read(struct char_backend *backend, uint8_t *bytes, size_t length)
{
    struct fixture *f = (struct fixture *)((char *)backend - offsetof(struct fixture, terminal));

    if (length > f->typed_count)
        length = f->typed_count;
    memcpy(bytes, f->typed, length);
    f->typed_count -= length;
    memmove(f->typed, f->typed + length, f->typed_count);
    return length;
}

/* Every sector of every drive is another one. */
static uint64_t pattern_of(unsigned int drive, uint64_t sector)
{
    return sector + 10007 * drive;
}

static struct board_config config_of(struct fixture *f)
{
    struct board_config config = {
        .guest = &f->memory.memory,
        .power = &f->power.power,
        .serial = &f->terminal,
        .input = &f->input,
        .vcpus = 3,
        .vcpus_online = { 0x05 },
        .ram_below_4g = 512u << 20,
        .ram_above_4g = 1ull << 30,
        .boot = { CMOS_BOOT_CDROM, CMOS_BOOT_DISK, CMOS_BOOT_NETWORK },
    };

    for (unsigned int i = 0; i < BOARD_DRIVES; i++)
        config.drives[i] = &f->disks[i].backend;
    return config;
}

/* The board owes nothing to what its memory held before. */
static int set_up(void **state)
{
    static const struct char_backend_ops terminal_ops = { .write = terminal_write, .read = terminal_read };
    static struct fixture f;
    struct board_config config = config_of(&f);

    memset(&f.board, 0xa5, sizeof(f.board));
    fake_xen_init();
    test_memory_init(&f.memory);
    xen_power_init(&f.power);
    f.terminal.ops = &terminal_ops;
    f.typed_count = f.entries = 0;
    for (unsigned int i = 0; i < BOARD_DRIVES; i++) {
        ram_disk_init(&f.disks[i], SECTORS);
        for (uint64_t sector = 0; sector < SECTORS; sector++)
            ide_pattern(pattern_of(i, sector), (uint16_t *)(f.disks[i].bytes + sector * BLK_SECTOR_SIZE));
    }
    board_init(&f.board, &config);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    for (unsigned int i = 0; i < BOARD_DRIVES; i++)
        ram_disk_free(&f->disks[i]);
    test_memory_free(&f->memory);
    take_log();
    return 0;
}

/* ---- The processor's instructions --------------------------------------------------------------------------- */

static bool claimed(uint32_t port, unsigned int size)
{
    for (unsigned int i = 0; i < size; i++)
        if (port + i >= FAKE_PORTS || !fake_xen.claimed_ports[port + i])
            return false;
    return true;
}

/* The end of every entry into the firmware. */
static void resume(struct fixture *f)
{
    shadow_settle(&f->board.shadows);
    f->entries++;
}

/* And its begin. */
static void take_writes(struct fixture *f)
{
    struct xen_reflect_write write;

    while (shadow_next_write(&f->board.shadows, &write)) {
        struct reflection access = dispatch_waited(&write);

        board_access(&f->board, &access);
    }
}

static uint64_t reflect(struct fixture *f, uint32_t flags, uint32_t port, unsigned int size, uint32_t data,
                        uint32_t count)
{
    struct reflection reflection = {
        .what = XEN_REFLECT_WHY_IO | flags | size << XEN_REFLECT_SIZE_SHIFT,
        .address_low = port, .data_low = data, .count = count,
    };

    uint8_t shadow;
    uint64_t value;

    if (!claimed(port, size))
        return ~0ull;
    if (flags == XEN_REFLECT_READ && size == 1 && fake_shadow_read(port, &shadow))
        return shadow;
    if (!flags && fake_shadow_write(port, size, data))
        return ~0ull;
    take_writes(f);
    value = board_access(&f->board, &reflection);
    resume(f);
    return value;
}

static uint32_t in(struct fixture *f, uint32_t port, unsigned int size)
{
    return (uint32_t)reflect(f, XEN_REFLECT_READ, port, size, 0, 1) & (0xffffffff >> (32 - 8 * size));
}

static void out(struct fixture *f, uint32_t port, unsigned int size, uint32_t value)
{
    reflect(f, 0, port, size, value, 1);
}

static uint8_t inb(struct fixture *f, uint32_t port)
{
    return (uint8_t)in(f, port, 1);
}

static void outb(struct fixture *f, uint32_t port, uint8_t value)
{
    out(f, port, 1, value);
}

static void insw(struct fixture *f, uint32_t port, uint32_t memory, uint32_t count)
{
    reflect(f, XEN_REFLECT_PTR | XEN_REFLECT_READ, port, 2, memory, count);
}

static void outsw(struct fixture *f, uint32_t port, uint32_t memory, uint32_t count)
{
    reflect(f, XEN_REFLECT_PTR, port, 2, memory, count);
}

/* ---- Events ------------------------------------------------------------------------------------------------- */

static void complete(struct fixture *f, unsigned int drive)
{
    assert_true(ram_disk_complete(&f->disks[drive]));
    resume(f);
}

static void type(struct fixture *f, const char *text)
{
    assert_true(f->typed_count + strlen(text) <= sizeof(f->typed));
    memcpy(f->typed + f->typed_count, text, strlen(text));
    f->typed_count += strlen(text);
    f->terminal.listener->changed(f->terminal.listener);
    resume(f);
}

/* ---- What drivers do with them ------------------------------------------------------------------------------ */

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

static uint8_t cmos(struct fixture *f, uint8_t index)
{
    outb(f, 0x70, index);
    return inb(f, 0x71);
}

static uint32_t cmos_number(struct fixture *f, uint8_t index, unsigned int size)
{
    uint32_t value = 0;

    for (unsigned int i = 0; i < size; i++)
        value |= (uint32_t)cmos(f, index + i) << 8 * i;
    return value;
}

/* hvmloader's PCI pass over the IDE function (Xen 4.17, tools/firmware/hvmloader/pci.c): decode bits, decoders off, BAR
 * placed, decoders on. */
static void enable_ide(struct fixture *f, uint32_t bus_master)
{
    pci_write(f, IDE_FUNCTION, PIIX3_IDETIM, 2, IDETIM_IDE);
    pci_write(f, IDE_FUNCTION, PIIX3_IDETIM + 2, 2, IDETIM_IDE);
    pci_write(f, IDE_FUNCTION, PCI_COMMAND, 2, 0);
    pci_write(f, IDE_FUNCTION, PIIX3_BMIBA, 4, bus_master | PCI_BASE_IO);
    pci_write(f, IDE_FUNCTION, PCI_COMMAND, 2, PCI_COMMAND_IO | PCI_COMMAND_MASTER);
}

/* Where a drive's registers are, and its interrupt. */
static const struct {
    uint32_t command, control, bus_master;
    unsigned int irq;
} channels[2] = { { 0x1f0, 0x3f6, 0xc000, 14 }, { 0x170, 0x376, 0xc008, 15 } };

static void issue(struct fixture *f, unsigned int drive, uint8_t command, uint32_t lba, uint8_t count)
{
    uint32_t base = channels[drive / 2].command;

    outb(f, base + IDE_DEVICE, 0xa0 | IDE_DEVICE_LBA | (drive % 2 ? IDE_DEVICE_DEV : 0) | lba >> 24);
    outb(f, base + IDE_SECTOR_COUNT, count);
    outb(f, base + IDE_LBA_LOW, lba);
    outb(f, base + IDE_LBA_MID, lba >> 8);
    outb(f, base + IDE_LBA_HIGH, lba >> 16);
    outb(f, base + IDE_COMMAND, command);
}

/* Takes the drive's interrupt, which has risen since the last time. */
static void acknowledge(struct fixture *f, unsigned int drive, uint8_t status)
{
    struct fake_line *line = &fake_xen.isa[channels[drive / 2].irq];

    assert_true(line->high);
    assert_int_equal(line->calls, 1);
    assert_int_equal(inb(f, channels[drive / 2].command + IDE_STATUS), status);
    assert_false(line->high);
    assert_int_equal(line->calls, 2);
    line->calls = 0;
}

static void start_dma(struct fixture *f, unsigned int drive, bool to_memory, uint32_t sectors)
{
    uint32_t base = channels[drive / 2].bus_master;
    struct bmdma_prd table[2] = {
        { BUFFER, BLK_SECTOR_SIZE },
        { BUFFER + 0x4000, PRD_EOT | (sectors - 1) * BLK_SECTOR_SIZE },
    };

    memcpy(f->memory.bytes + TABLE, table, sizeof(table));
    out(f, base + BMIDTP, 4, TABLE);
    outb(f, base + BMISTA, BMISTA_ERROR | BMISTA_IDEINTS);
    outb(f, base + BMICOM, (to_memory ? BMICOM_RWCON : 0) | BMICOM_SSBM);
}

static void finish_dma(struct fixture *f, unsigned int drive)
{
    uint32_t base = channels[drive / 2].bus_master;

    assert_int_equal(inb(f, base + BMISTA), BMISTA_IDEINTS);
    outb(f, base + BMICOM, 0);
    outb(f, base + BMISTA, BMISTA_IDEINTS);
    acknowledge(f, drive, READY);
}

/* ---- Claims ------------------------------------------------------------------------------------------------- */

/* What Xen reflects is what the dispatcher knows, port by port and region by region. */
static void assert_claims(struct fixture *f, unsigned int count)
{
    static bool known[FAKE_PORTS];
    const struct io_space *ports = &f->board.dispatcher.ports;

    memset(known, 0, sizeof(known));
    for (unsigned int i = 0; i < ports->count; i++)
        memset(&known[ports->regions[i].base], true, ports->regions[i].length);
    assert_memory_equal(fake_xen.claimed_ports, known, sizeof(known));
    assert_int_equal(ports->count, count);
    assert_int_equal(fake_xen.range_room, XEN_REFLECT_MAX_RANGES - count);
    assert_int_equal(f->board.dispatcher.memory.count, 0);
}

static void assert_block(uint32_t base, uint32_t length, bool there)
{
    for (uint32_t port = base; port < base + length; port++)
        assert_int_equal(fake_xen.claimed_ports[port], there);
}

static void the_fixed_blocks_are_claimed(void **state)
{
    static const struct { uint32_t base, length; } blocks[] = {
        { 0, 16 }, { 0x60, 1 }, { 0x64, 1 }, { 0x70, 2 }, { 0x80, 16 }, { 0x92, 1 }, { 0xb2, 2 }, { 0xc0, 32 },
        { 0x3f8, 8 }, { 0x8a0, 4 }, { 0xcf8, 8 }, { 0xae00, 16 }, { 0xaf00, 16 }, { 0xafe0, 4 }, { 0xb004, 2 },
    };
    unsigned int ports = 0, claims = 0;

    assert_claims(*state, FIXED_BLOCKS);
    for (unsigned int i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        assert_block(blocks[i].base, blocks[i].length, true);
        ports += blocks[i].length;
    }
    for (unsigned int port = 0; port < FAKE_PORTS; port++)
        claims += fake_xen.claimed_ports[port];
    assert_int_equal(claims, ports);
}

/* One access that only the chip of that block answers so. */
static void every_block_is_its_chip(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(inb(f, 0x0f) & 0x0f, 0x0f);
    outb(f, 0x0f, 0x05);
    outb(f, 0xde, 0x0a);
    assert_int_equal(inb(f, 0x0f) & 0x0f, 0x05);
    assert_int_equal(inb(f, 0xde) & 0x0f, 0x0a);
    assert_int_equal(inb(f, 0x87), 0x00);
    outb(f, 0x87, 0x12);
    assert_int_equal(inb(f, 0x87), 0x12);
    outb(f, 0x64, 0xaa);
    assert_int_equal(inb(f, 0x64), 0x1d);
    assert_int_equal(inb(f, 0x60), 0x55);
    assert_int_equal(cmos(f, CMOS_SMP_COUNT), 2);
    outb(f, 0x92, 0x02);
    assert_int_equal(inb(f, 0x92), 0x02);
    outb(f, 0xb3, 0x77);
    assert_int_equal(inb(f, 0xb3), 0x77);
    outb(f, 0xb2, 0xf1);
    assert_int_equal(in(f, 0xb004, 2), 0x0001);
    outb(f, 0x3ff, 0x5a);
    assert_int_equal(inb(f, 0x3ff), 0x5a);
    assert_int_equal(pci_read(f, PCI_DEVFN(0, 0), PCI_VENDOR_ID, 4), 0x12378086);
    assert_int_equal(pci_read(f, PCI_DEVFN(1, 0), PCI_VENDOR_ID, 4), 0x70008086);
    assert_int_equal(pci_read(f, PCI_DEVFN(1, 1), PCI_VENDOR_ID, 4), 0x70108086);
    assert_int_equal(pci_read(f, PCI_DEVFN(1, 2), PCI_VENDOR_ID, 4), 0xffffffff);
    assert_int_equal(pci_read(f, PCI_DEVFN(1, 3), PCI_VENDOR_ID, 4), 0x71138086);
    assert_int_equal(in(f, 0xae00, 4), 0);
    assert_int_equal(inb(f, 0xaf00), 0x05);
    outb(f, 0xafe2, 0x3c);
    assert_int_equal(in(f, 0xafe0, 4), 0x003c0000);
}

/* Wider than the claim, or next to it: Xen has it answered by nobody. */
static void accesses_beyond_the_claims_are_all_ones(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(in(f, 0x70, 4), 0xffffffff);
    assert_int_equal(inb(f, 0x1f7), 0xff);
    assert_int_equal(inb(f, 0x2f8), 0xff);
    assert_int_equal(in(f, 0xb006, 2), 0xffff);
}

static void a_refused_fixed_block_panics(void **state)
{
    struct fixture *f = *state;
    struct board_config config = config_of(f);

    fake_xen_init();
    fake_xen.range_room = FIXED_BLOCKS - 1;
    expect_assert_failure(board_init(&f->board, &config));
}

/* ---- What there is, and what there is not ------------------------------------------------------------------- */

static const uint32_t serial_bases[BOARD_SERIAL_PORTS] = { 0x3f8, 0x2f8, 0x3e8, 0x2e8 };

static void start_with_serial_ports(struct fixture *f, unsigned int mask)
{
    struct board_config config = config_of(f);

    for (unsigned int i = 0; i < BOARD_SERIAL_PORTS; i++)
        config.serial_ports[i] = mask >> i & 1;
    fake_xen_init();
    board_init(&f->board, &config);
}

/* hvmloader's uart_exists(), which decides what the ACPI tables say. */
static bool uart_exists(struct fixture *f, uint32_t base)
{
    uint8_t before = inb(f, base + UART_IER), zero, ones;

    outb(f, base + UART_IER, 0);
    zero = inb(f, base + UART_IER);
    outb(f, base + UART_IER, 0x0f);
    ones = inb(f, base + UART_IER);
    outb(f, base + UART_IER, before);
    return zero == 0 && ones == 0x0f;
}

static void serial_ports_are_there_when_asked_for(void **state)
{
    struct fixture *f = *state;

    for (unsigned int mask = 0; mask < 1 << BOARD_SERIAL_PORTS; mask++) {
        unsigned int there = mask | 1;

        start_with_serial_ports(f, mask);
        for (unsigned int i = 0; i < BOARD_SERIAL_PORTS; i++) {
            assert_block(serial_bases[i], 8, there >> i & 1);
            assert_int_equal(uart_exists(f, serial_bases[i]), there >> i & 1);
        }
        assert_claims(f, FIXED_BLOCKS - 1 + (unsigned int)__builtin_popcount(there));
    }
}

/* Bytes to a port with nothing on it go nowhere, at once, and nobody is ready at the far end. */
static void the_other_serial_ports_are_unplugged(void **state)
{
    struct fixture *f = *state;

    start_with_serial_ports(f, 0xf);
    type(f, "x");
    for (unsigned int i = 1; i < BOARD_SERIAL_PORTS; i++) {
        outb(f, serial_bases[i] + UART_THR, 'a');
        assert_int_equal(inb(f, serial_bases[i] + UART_LSR), LSR_THRE | LSR_TEMT);
        assert_int_equal(inb(f, serial_bases[i] + UART_MSR), 0);
    }
    assert_int_equal(inb(f, 0x3f8 + UART_LSR), LSR_THRE | LSR_TEMT | LSR_DR);
}

/* Linux's probes of a floppy controller (main status at 3f4, Drive A in CMOS) and of a
 * parallel port (parport_pc: control and data keep nothing). */
static void there_is_no_floppy_and_no_parallel_port(void **state)
{
    struct fixture *f = *state;

    enable_ide(f, 0xc000);
    for (uint32_t port = 0x3f0; port <= 0x3f7; port++)
        if (port != 0x3f6)
            assert_int_equal(inb(f, port), 0xff);
    assert_int_equal(in(f, 0x3f6, 2), 0xffff);                  /* a word lies across the claim's end */
    assert_int_equal(cmos(f, CMOS_FLOPPY_TYPE), 0);
    assert_int_equal(cmos(f, CMOS_EQUIPMENT) & 0xc1, 0);
    for (uint32_t port = 0x378; port <= 0x37f; port++) {
        outb(f, port, 0x0c);
        assert_int_equal(inb(f, port), 0xff);
    }
    assert_int_equal(inb(f, 0x278) & inb(f, 0x3bc), 0xff);
}

/* fw_cfg: SeaBIOS's qemu_cfg_detect() looks for its signature, finds none, and takes CMOS's word for the boot order. */
static void there_is_no_fw_cfg(void **state)
{
    struct fixture *f = *state;

    out(f, 0x510, 2, 0);
    for (unsigned int i = 0; i < 4; i++)
        assert_int_equal(inb(f, 0x511), 0xff);
    assert_int_equal(in(f, 0x514, 4), 0xffffffff);
}

/* SeaBIOS's boot_init(): the priorities that it gives to floppy, disk, CD-ROM and network; 0 is the last. */
static void assert_priorities(struct fixture *f, const char *letters, const unsigned int expected[4])
{
    struct board_config config = config_of(f);
    unsigned int order, priority[5] = { 0 };

    memset(config.boot, 0xa5, sizeof(config.boot));
    board_boot_order(&config, letters);
    fake_xen_init();
    board_init(&f->board, &config);
    order = cmos(f, CMOS_BOOTFLAG2) | (cmos(f, CMOS_BOOTFLAG1) & 0xf0u) << 4;
    for (unsigned int i = 1; i <= 3; i++, order >>= 4) {
        assert_true((order & 0x0f) <= 4);
        priority[order & 0x0f] = i;
    }
    assert_memory_equal(&priority[1], expected, 4 * sizeof(unsigned int));
}

static void the_boot_order_is_xls(void **state)
{
    static const struct {
        const char *letters;
        unsigned int priorities[4];         /* a, c, d, n */
    } cases[] = {
        { "c", { 0, 1, 0, 0 } },   { "d", { 0, 0, 1, 0 } },   { "n", { 0, 0, 0, 1 } },   { "a", { 1, 0, 0, 0 } },
        { "cd", { 0, 1, 2, 0 } },  { "dc", { 0, 2, 1, 0 } },  { "nc", { 0, 2, 0, 1 } },  { "cn", { 0, 1, 0, 2 } },
        { "cdn", { 0, 1, 2, 3 } }, { "cnd", { 0, 1, 3, 2 } }, { "dcn", { 0, 2, 1, 3 } }, { "dnc", { 0, 3, 1, 2 } },
        { "ncd", { 0, 2, 3, 1 } }, { "ndc", { 0, 3, 2, 1 } }, { "acdn", { 1, 2, 3, 0 } },
        { "bdc", { 0, 2, 1, 0 } }, { "", { 0, 0, 0, 0 } },
    };

    for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_priorities(*state, cases[i].letters, cases[i].priorities);
}

/* ---- Windows that come and go ------------------------------------------------------------------------------- */

static void assert_ide(struct fixture *f, bool primary, bool secondary, uint32_t bus_master)
{
    assert_block(0x1f0, 8, primary);
    assert_block(0x3f6, 1, primary);
    assert_block(0x170, 8, secondary);
    assert_block(0x376, 1, secondary);
    if (bus_master)
        assert_block(bus_master, 16, true);
    assert_claims(f, FIXED_BLOCKS + 2 * (primary + secondary + (bus_master != 0)));
}

static void the_ide_windows_follow_their_decode_bits(void **state)
{
    struct fixture *f = *state;

    assert_ide(f, false, false, 0);
    pci_write(f, IDE_FUNCTION, PIIX3_IDETIM, 2, IDETIM_IDE);
    assert_ide(f, false, false, 0);
    pci_write(f, IDE_FUNCTION, PCI_COMMAND, 2, PCI_COMMAND_IO);
    assert_ide(f, true, false, 0);
    assert_int_equal(inb(f, 0x1f7), READY);
    assert_int_equal(inb(f, 0x177), 0xff);
    pci_write(f, IDE_FUNCTION, PIIX3_IDETIM + 2, 2, IDETIM_IDE);
    assert_ide(f, true, true, 0);
    assert_int_equal(inb(f, 0x376), READY);
    pci_write(f, IDE_FUNCTION, PIIX3_IDETIM, 2, 0);
    assert_ide(f, false, true, 0);
    assert_int_equal(inb(f, 0x3f6), 0xff);
    pci_write(f, IDE_FUNCTION, PCI_COMMAND, 2, 0);
    assert_ide(f, false, false, 0);
    pci_write(f, IDE_FUNCTION, PCI_COMMAND, 2, PCI_COMMAND_IO);
    pci_write(f, IDE_FUNCTION, PCI_COMMAND, 2, PCI_COMMAND_IO);
    assert_ide(f, false, true, 0);
}

static void the_bus_master_block_moves(void **state)
{
    struct fixture *f = *state;

    enable_ide(f, 0xc000);
    assert_ide(f, true, true, 0xc000);
    outb(f, 0xc002, BMISTA_DMA0CAP);
    outb(f, 0xc00a, BMISTA_DMA1CAP);
    pci_write(f, IDE_FUNCTION, PIIX3_BMIBA, 4, 0xc100);
    assert_ide(f, true, true, 0xc100);
    assert_int_equal(in(f, 0xc000, 4), 0xffffffff);
    assert_int_equal(inb(f, 0xc102), BMISTA_DMA0CAP);
    assert_int_equal(inb(f, 0xc10a), BMISTA_DMA1CAP);
    pci_write(f, IDE_FUNCTION, PIIX3_BMIBA, 4, 0xc108);         /* not a multiple of 16 */
    assert_ide(f, true, true, 0xc100);
    pci_write(f, IDE_FUNCTION, PIIX3_BMIBA, 4, 0xffffffff);     /* as a size probe leaves it for a moment */
    assert_ide(f, true, true, 0);
    pci_write(f, IDE_FUNCTION, PIIX3_BMIBA, 4, 0xc110);
    assert_ide(f, true, true, 0xc110);
}

/* The guest puts the bus master's 16 ports over the serial port's: the first 8 are free, the others are not. */
static void a_window_over_another_chip_is_refused_as_a_whole(void **state)
{
    struct fixture *f = *state;

    pci_write(f, IDE_FUNCTION, PIIX3_BMIBA, 4, 0x3f0);
    pci_write(f, IDE_FUNCTION, PCI_COMMAND, 2, PCI_COMMAND_IO);
    assert_string_equal(take_log(), "reflex: warning: bmide cannot be at port 0x3f8\n");
    assert_block(0x3f0, 8, false);
    assert_ide(f, false, false, 0);
    outb(f, 0x3ff, 0x5a);
    assert_int_equal(inb(f, 0x3ff), 0x5a);
    pci_write(f, IDE_FUNCTION, PIIX3_BMIBA, 4, 0xc000);
    assert_ide(f, false, false, 0xc000);
    pci_write(f, IDE_FUNCTION, PIIX3_BMIBA, 4, 0xcf0);
    assert_string_equal(take_log(), "reflex: warning: bmide cannot be at port 0xcf8\n");
    assert_ide(f, false, false, 0);
    pci_write(f, IDE_FUNCTION, PCI_COMMAND, 2, 0);
    assert_ide(f, false, false, 0);
}

static void who_was_there_first_stays(void **state)
{
    struct fixture *f = *state;

    pci_write(f, IDE_FUNCTION, PIIX3_BMIBA, 4, 0x1f0);
    pci_write(f, IDE_FUNCTION, PCI_COMMAND, 2, PCI_COMMAND_IO);
    pci_write(f, IDE_FUNCTION, PIIX3_IDETIM, 2, IDETIM_IDE);
    assert_string_equal(take_log(), "reflex: warning: ide0 cannot be at port 0x1f0\n");
    assert_block(0x1f0, 16, true);
    assert_block(0x3f6, 1, false);
    assert_claims(f, FIXED_BLOCKS + 2);
    outb(f, 0x1f2, BMISTA_DMA0CAP);
    assert_int_equal(inb(f, 0x1f2), BMISTA_DMA0CAP);
    pci_write(f, IDE_FUNCTION, PIIX3_BMIBA, 4, 0xc000);         /* and when it goes, the other comes */
    assert_ide(f, true, false, 0xc000);
    pci_write(f, IDE_FUNCTION, PIIX3_BMIBA, 4, 0x1f0);
    assert_string_equal(take_log(), "reflex: warning: bmide cannot be at port 0x1f0\n");
    pci_write(f, IDE_FUNCTION, PIIX3_IDETIM, 2, 0);
    assert_block(0x1f0, 16, true);
    assert_claims(f, FIXED_BLOCKS + 2);
}

static void a_window_that_xen_refuses_is_not_placed(void **state)
{
    struct fixture *f = *state;

    pci_write(f, IDE_FUNCTION, PIIX3_BMIBA, 4, 0xc000);
    fake_xen.range_room = 1;
    pci_write(f, IDE_FUNCTION, PCI_COMMAND, 2, PCI_COMMAND_IO);
    assert_string_equal(take_log(), "reflex: warning: bmide cannot be at port 0xc008\n");
    assert_int_equal(fake_xen.range_room, 1);
    fake_xen.range_room = XEN_REFLECT_MAX_RANGES - FIXED_BLOCKS;
    assert_claims(f, FIXED_BLOCKS);
}

/* ---- Interrupts --------------------------------------------------------------------------------------------- */

static void no_line_is_touched_by_starting(void **state)
{
    (void)state;
    for (unsigned int irq = 0; irq < 16; irq++)
        assert_int_equal(fake_xen.isa[irq].calls, 0);
    for (unsigned int link = 0; link < 4; link++)
        assert_int_equal(fake_xen.links[link], 0);
}

static void the_serial_port_is_interrupt_4(void **state)
{
    struct fixture *f = *state;

    outb(f, 0x3f8 + UART_MCR, MCR_OUT2);
    outb(f, 0x3f8 + UART_IER, IER_ETBEI);
    assert_true(fake_xen.isa[4].high);
    inb(f, 0x3f8 + UART_LSR);
    outb(f, 0x3f8 + UART_SCR, 1);
    assert_int_equal(fake_xen.isa[4].calls, 1);
    assert_int_equal(inb(f, 0x3f8 + UART_IIR), IIR_THR_EMPTY);
    assert_false(fake_xen.isa[4].high);
    inb(f, 0x3f8 + UART_IIR);
    assert_int_equal(fake_xen.isa[4].calls, 2);
}

/* COM1 and COM3, COM2 and COM4: the wire is high while either port asks. */
static void serial_ports_share_their_interrupts(void **state)
{
    struct fixture *f = *state;

    start_with_serial_ports(f, 0xf);
    for (unsigned int i = 0; i < 2; i++) {
        struct fake_line *line = &fake_xen.isa[i ? 3 : 4];
        uint32_t first = serial_bases[i], second = serial_bases[i + 2];

        outb(f, second + UART_MCR, MCR_OUT2);
        outb(f, second + UART_IER, IER_ETBEI);
        assert_true(line->high);
        outb(f, first + UART_MCR, MCR_OUT2);
        outb(f, first + UART_IER, IER_ETBEI);
        assert_int_equal(inb(f, second + UART_IIR), IIR_THR_EMPTY);
        assert_true(line->high);
        assert_int_equal(inb(f, first + UART_IIR), IIR_THR_EMPTY);
        assert_false(line->high);
        assert_int_equal(line->calls, 2);
    }
}

static void each_channel_has_its_interrupt(void **state)
{
    struct fixture *f = *state;

    enable_ide(f, 0xc000);
    for (unsigned int i = 0; i < 2; i++) {
        issue(f, 2 * i, IDE_FLUSH_CACHE, 0, 0);
        assert_true(fake_xen.isa[channels[i].irq].high);
        assert_false(fake_xen.isa[channels[1 - i].irq].high);
        inb(f, channels[i].control);
        outb(f, channels[i].control, 0);
        assert_int_equal(fake_xen.isa[channels[i].irq].calls, 1);
        acknowledge(f, 2 * i, READY);
        inb(f, channels[i].command + IDE_STATUS);
        assert_int_equal(fake_xen.isa[channels[i].irq].calls, 0);
    }
}

/* hvmloader's routes are 5, 10, 11 and 5 again. */
static void the_isa_bridge_routes_the_links(void **state)
{
    static const uint8_t routes[4] = { 5, 10, 11, 5 };
    struct fixture *f = *state;

    for (unsigned int link = 0; link < 4; link++) {
        pci_write(f, ISA_BRIDGE, PIIX3_PIRQRC + link, 1, routes[link]);
        assert_int_equal(fake_xen.links[link], routes[link]);
    }
    pci_write(f, ISA_BRIDGE, PIIX3_PIRQRC, 4, 0x0b0a8006);
    assert_int_equal(fake_xen.links[0], 6);
    assert_int_equal(fake_xen.links[1], 0);
    assert_int_equal(fake_xen.links[2], 10);
    assert_int_equal(fake_xen.links[3], 11);
}

/* ---- Disks -------------------------------------------------------------------------------------------------- */

static void every_drive_reads_by_pio(void **state)
{
    struct fixture *f = *state;

    enable_ide(f, 0xc000);
    for (unsigned int drive = 0; drive < BOARD_DRIVES; drive++) {
        uint32_t base = channels[drive / 2].command;

        f->disks[drive].deferred = true;
        issue(f, drive, IDE_READ_SECTORS, SECTORS - 2, 2);
        assert_int_equal(inb(f, base + IDE_STATUS), IDE_STATUS_BSY);
        assert_false(fake_xen.isa[channels[drive / 2].irq].high);
        complete(f, drive);
        acknowledge(f, drive, WANTS_DATA);
        insw(f, base, BUFFER, 256);
        acknowledge(f, drive, WANTS_DATA);
        insw(f, base, BUFFER + BLK_SECTOR_SIZE, 256);
        assert_int_equal(inb(f, base + IDE_STATUS), READY);
        assert_pattern(f->memory.bytes + BUFFER, pattern_of(drive, SECTORS - 2), 2);
        assert_int_equal(fake_xen.isa[channels[drive / 2].irq].calls, 0);
    }
}

/* Four sectors from 100 on. */
static void start_read_dma(struct fixture *f, unsigned int drive)
{
    issue(f, drive, IDE_READ_DMA, 100, 4);
    start_dma(f, drive, true, 4);
}

static void every_drive_reads_by_dma(void **state)
{
    struct fixture *f = *state;

    enable_ide(f, 0xc000);
    for (unsigned int drive = 0; drive < BOARD_DRIVES; drive++) {
        f->disks[drive].deferred = true;
        start_read_dma(f, drive);
        assert_int_equal(inb(f, channels[drive / 2].bus_master + BMISTA), BMISTA_BMIDEA);
        assert_int_equal(inb(f, channels[drive / 2].control) & IDE_STATUS_BSY, IDE_STATUS_BSY);
        complete(f, drive);
        finish_dma(f, drive);
        assert_pattern(f->memory.bytes + BUFFER, pattern_of(drive, 100), 1);
        assert_pattern(f->memory.bytes + BUFFER + 0x4000, pattern_of(drive, 101), 3);
    }
}

static void no_data_comes_without_permission_to_master_the_bus(void **state)
{
    struct fixture *f = *state;

    enable_ide(f, 0xc000);
    for (unsigned int drive = 0; drive < BOARD_DRIVES; drive++) {
        f->disks[drive].deferred = true;
        start_read_dma(f, drive);
        pci_write(f, IDE_FUNCTION, PCI_COMMAND, 2, PCI_COMMAND_IO);
        assert_false(ram_disk_complete(&f->disks[drive]));
        memset(f->memory.bytes + BUFFER, 0, BLK_SECTOR_SIZE);
        outb(f, channels[drive / 2].bus_master + BMICOM, 0);
        start_read_dma(f, drive);
        assert_false(ram_disk_complete(&f->disks[drive]));
        assert_int_equal(f->memory.bytes[BUFFER], 0);
        acknowledge(f, drive, READY);                   /* the data is lost */
        outb(f, channels[drive / 2].bus_master + BMISTA, BMISTA_IDEINTS);

        pci_write(f, IDE_FUNCTION, PCI_COMMAND, 2, PCI_COMMAND_IO | PCI_COMMAND_MASTER);
        assert_false(ram_disk_complete(&f->disks[drive]));
        outb(f, channels[drive / 2].bus_master + BMICOM, 0);
        start_read_dma(f, drive);
        complete(f, drive);
        finish_dma(f, drive);
    }
}

static void every_drive_writes_by_pio_and_by_dma(void **state)
{
    struct fixture *f = *state;
    uint16_t *words = (uint16_t *)(f->memory.bytes + BUFFER);

    enable_ide(f, 0xc000);
    for (unsigned int drive = 0; drive < BOARD_DRIVES; drive++) {
        uint32_t base = channels[drive / 2].command;
        const uint8_t *bytes = f->disks[drive].bytes;

        ide_pattern(50000 + drive, words);
        ide_pattern(60000 + drive, words + 0x2000);
        issue(f, drive, IDE_WRITE_SECTORS, 7, 1);
        assert_int_equal(inb(f, channels[drive / 2].control), WANTS_DATA);
        outsw(f, base, BUFFER, 256);
        acknowledge(f, drive, READY);
        issue(f, drive, IDE_WRITE_DMA, 8, 2);
        start_dma(f, drive, false, 2);
        finish_dma(f, drive);
        assert_pattern(bytes + 6 * BLK_SECTOR_SIZE, pattern_of(drive, 6), 1);
        assert_pattern(bytes + 7 * BLK_SECTOR_SIZE, 50000 + drive, 1);
        assert_pattern(bytes + 8 * BLK_SECTOR_SIZE, 50000 + drive, 1);
        assert_pattern(bytes + 9 * BLK_SECTOR_SIZE, 60000 + drive, 1);
        assert_pattern(bytes + 10 * BLK_SECTOR_SIZE, pattern_of(drive, 10), 1);
    }
}

/* A 32-bit data port, and a rep that stops in the middle of a sector. */
static void the_data_port_takes_any_width(void **state)
{
    struct fixture *f = *state;
    uint16_t words[256];

    enable_ide(f, 0xc000);
    ide_pattern(pattern_of(0, 5), words);
    issue(f, 0, IDE_READ_SECTORS, 5, 1);
    assert_int_equal(in(f, 0x1f0, 4), words[0] | (uint32_t)words[1] << 16);
    assert_int_equal(in(f, 0x1f0, 2), words[2]);
    insw(f, 0x1f0, BUFFER, 200);
    assert_memory_equal(f->memory.bytes + BUFFER, &words[3], 400);
    reflect(f, XEN_REFLECT_PTR | XEN_REFLECT_READ, 0x1f0, 4, BUFFER, 26);
    assert_memory_equal(f->memory.bytes + BUFFER, &words[203], 104);
    assert_int_equal(inb(f, 0x1f7), WANTS_DATA);
    assert_int_equal(in(f, 0x1f0, 2), words[255]);
    assert_int_equal(inb(f, 0x1f7), READY);
}

static uint16_t identify_word(struct fixture *f, unsigned int drive, unsigned int word)
{
    issue(f, drive, IDE_IDENTIFY_DEVICE, 0, 0);
    insw(f, channels[drive / 2].command, BUFFER, 256);
    inb(f, channels[drive / 2].command + IDE_STATUS);
    return ((uint16_t *)(f->memory.bytes + BUFFER))[word];
}

static void the_drives_have_serial_numbers_of_their_own(void **state)
{
    struct fixture *f = *state;

    enable_ide(f, 0xc000);
    for (unsigned int drive = 0; drive < BOARD_DRIVES; drive++)
        assert_int_equal(identify_word(f, drive, 12), '0' << 8 | ('1' + drive));
}

/* ---- Registers that Xen answers ----------------------------------------------------------------------------- */

#define LSR (0x3f8 + UART_LSR)

/* The read entered the firmware, or did not; `value` is what it returned. */
static void assert_polled(struct fixture *f, uint32_t port, uint8_t value, bool by_xen)
{
    unsigned int entries = f->entries, shadowed = fake_xen.shadowed;

    assert_int_equal(inb(f, port), value);
    assert_int_equal(f->entries - entries, !by_xen);
    assert_int_equal(fake_xen.shadowed - shadowed, by_xen);
}

static void polled_registers_are_read_without_the_firmware(void **state)
{
    struct fixture *f = *state;

    enable_ide(f, 0xc000);
    assert_polled(f, LSR, LSR_THRE | LSR_TEMT, true);
    assert_polled(f, 0x3f6, READY, true);
    assert_polled(f, 0x376, READY, true);
    assert_polled(f, 0x64, 0x10, true);
    assert_polled(f, 0x1f7, READY, true);                       /* nothing to acknowledge */
    assert_polled(f, 0x3f8 + UART_MSR, MSR_CTS | MSR_DSR | MSR_DCD, false);
    for (uint32_t port = 0; port < FAKE_PORTS; port++) {
        uint8_t value;

        assert_int_equal(fake_shadow_read(port, &value),
                         port == 0x64 || port == LSR || port == 0x3f6 || port == 0x376 || port == 0x1f7 ||
                         port == 0x177 || port == 0xc000 || port == 0xc002 || port == 0xc008 || port == 0xc00a);
    }
    assert_int_equal(in(f, LSR, 2), (MSR_CTS | MSR_DSR | MSR_DCD) << 8 | LSR_THRE | LSR_TEMT);
}

/* A driver that polls, with nIEN: no interrupt ever rises. */
static void alternate_status_follows_a_polled_command(void **state)
{
    struct fixture *f = *state;

    enable_ide(f, 0xc000);
    for (unsigned int drive = 0; drive < BOARD_DRIVES; drive++) {
        uint32_t control = channels[drive / 2].control;

        f->disks[drive].deferred = true;
        outb(f, control, IDE_CONTROL_NIEN);
        issue(f, drive, IDE_READ_SECTORS, 3, 1);
        assert_polled(f, control, IDE_STATUS_BSY, true);
        complete(f, drive);
        assert_polled(f, control, WANTS_DATA, true);
        insw(f, channels[drive / 2].command, BUFFER, 256);
        assert_polled(f, control, READY, true);
        assert_int_equal(fake_xen.isa[channels[drive / 2].irq].calls, 0);
    }
}

static void alternate_status_is_the_selected_drives(void **state)
{
    struct fixture *f = *state;
    struct board_config config = config_of(f);

    fake_xen_init();
    config.drives[1] = NULL;
    config.drives[2] = config.drives[3] = NULL;
    board_init(&f->board, &config);
    enable_ide(f, 0xc000);
    assert_polled(f, 0x3f6, READY, true);
    outb(f, 0x1f6, IDE_DEVICE_DEV);
    assert_polled(f, 0x3f6, 0, true);                           /* device 0 answers for an absent device 1 */
    outb(f, 0x1f6, 0);
    assert_polled(f, 0x3f6, READY, true);
    outb(f, 0x3f6, IDE_CONTROL_SRST);
    assert_polled(f, 0x3f6, IDE_STATUS_BSY, true);
    outb(f, 0x3f6, 0);
    assert_polled(f, 0x3f6, READY, true);
    assert_polled(f, 0x376, 0x7f, true);                        /* nobody there */
}

static void alternate_status_leaves_the_interrupt(void **state)
{
    struct fixture *f = *state;

    enable_ide(f, 0xc000);
    issue(f, 0, IDE_FLUSH_CACHE, 0, 0);
    assert_polled(f, 0x3f6, READY, true);
    acknowledge(f, 0, READY);
}

/* Linux's ata_sff_irq_status() on another vCPU, which the interrupt reaches while the firmware still runs: had it read
 * BSY, it would take the interrupt for somebody else's, and IRQ 14 has an edge only. */
static void read_alternate_status_at_once(void *owner)
{
    uint8_t *seen = owner;

    assert_true(fake_shadow_read(0x3f6, seen));
}

static void an_interrupt_does_not_overtake_what_caused_it(void **state)
{
    struct fixture *f = *state;
    uint8_t seen = 0;

    enable_ide(f, 0xc000);
    f->disks[0].deferred = true;
    fake_xen.on_interrupt = read_alternate_status_at_once;
    fake_xen.on_interrupt_owner = &seen;
    issue(f, 0, IDE_READ_SECTORS, 0, 1);
    assert_polled(f, 0x3f6, IDE_STATUS_BSY, true);
    assert_true(ram_disk_complete(&f->disks[0]));               /* the entry has not ended */
    assert_int_equal(seen, WANTS_DATA);
}

/* Secondary channel off, and the bus master's block over the port of its alternate status: BMIDTP's third byte. */
static void a_shadow_goes_with_its_block(void **state)
{
    struct fixture *f = *state;

    enable_ide(f, 0xc000);
    assert_polled(f, 0x376, READY, true);
    pci_write(f, IDE_FUNCTION, PIIX3_IDETIM + 2, 2, 0);
    pci_write(f, IDE_FUNCTION, PIIX3_BMIBA, 4, 0x370);
    out(f, 0x374, 4, 0x00123400);
    assert_polled(f, 0x376, 0x12, false);
    pci_write(f, IDE_FUNCTION, PIIX3_BMIBA, 4, 0xc000);
    pci_write(f, IDE_FUNCTION, PIIX3_IDETIM + 2, 2, IDETIM_IDE);
    assert_polled(f, 0x376, READY, true);
    assert_polled(f, 0x3f6, READY, true);
}

/* Neither interrupts nor any other register: what is typed comes by the console's event. */
static void a_guest_that_polls_the_serial_port_gets_every_byte(void **state)
{
    static const char text[] = "forty bytes, and so two and a half FIFOs";
    struct fixture *f = *state;

    outb(f, 0x3f8 + UART_FCR, FCR_ENABLE);
    assert_polled(f, LSR, LSR_THRE | LSR_TEMT, true);
    type(f, text);
    for (unsigned int i = 0; text[i]; i++) {
        if (i == 20)
            type(f, "!");                                       /* there is no room for it yet */
        assert_polled(f, LSR, LSR_THRE | LSR_TEMT | LSR_DR, true);
        assert_int_equal(inb(f, 0x3f8), text[i]);
    }
    assert_polled(f, LSR, LSR_THRE | LSR_TEMT | LSR_DR, true);
    assert_int_equal(inb(f, 0x3f8), '!');
    assert_polled(f, LSR, LSR_THRE | LSR_TEMT, true);
    outb(f, 0x3f8 + UART_LCR, LCR_DLAB);
    type(f, "?");
    assert_polled(f, LSR, LSR_THRE | LSR_TEMT | LSR_DR, true);
}

/* Bytes that have come while the receiver was in loopback are found when it is not any more. */
static void leaving_loopback_finds_what_has_come(void **state)
{
    struct fixture *f = *state;

    outb(f, 0x3f8 + UART_MCR, MCR_LOOP);
    type(f, "x");
    assert_polled(f, LSR, LSR_THRE | LSR_TEMT, true);
    outb(f, 0x3f8 + UART_MCR, 0);
    assert_polled(f, LSR, LSR_THRE | LSR_TEMT | LSR_DR, true);
}

static void an_overrun_is_read_from_the_chip(void **state)
{
    struct fixture *f = *state;

    outb(f, 0x3f8 + UART_MCR, MCR_LOOP);
    outb(f, 0x3f8, 'a');
    assert_polled(f, LSR, LSR_THRE | LSR_TEMT | LSR_DR, true);
    outb(f, 0x3f8, 'b');
    assert_polled(f, LSR, LSR_THRE | LSR_TEMT | LSR_DR | LSR_OE, false);
    assert_polled(f, LSR, LSR_THRE | LSR_TEMT | LSR_DR, true);
    inb(f, 0x3f8);
    assert_polled(f, LSR, LSR_THRE | LSR_TEMT, true);
}

static void a_restored_domain_is_answered_again(void **state)
{
    struct fixture *f = *state;

    enable_ide(f, 0xc000);
    f->disks[0].deferred = true;
    outb(f, 0x3f6, IDE_CONTROL_NIEN);
    issue(f, 0, IDE_READ_SECTORS, 0, 1);
    fake_xen_restore();
    shadow_restored(&f->board.shadows);
    complete(f, 0);
    assert_polled(f, 0x3f6, WANTS_DATA, true);
    assert_polled(f, 0x376, READY, true);
    assert_polled(f, LSR, LSR_THRE | LSR_TEMT, true);
}

/* As Linux' libata does it: ata_sff_qc_issue() to ata_bmdma_start(), and ata_bmdma_port_intr(). */
static void linux_reads_by_dma(struct fixture *f, uint8_t sectors)
{
    static const uint8_t task_file[][2] = {
        { 1, 0 }, { 2, 0 }, { 3, 0 }, { 4, 0 }, { 5, 0 }, { 1, 0 }, { 2, 0 }, { 3, 5 }, { 4, 0 }, { 5, 0 },
    };
    const struct bmdma_prd prd = { BUFFER, PRD_EOT | sectors * BLK_SECTOR_SIZE };

    memcpy(f->memory.bytes + 0x7000, &prd, sizeof(prd));
    assert_int_equal(inb(f, 0x1f7), READY);
    outb(f, 0x1f6, 0xa0);
    inb(f, 0x3f6);
    assert_int_equal(inb(f, 0x1f7), READY);
    for (unsigned int i = 0; i < sizeof(task_file) / sizeof(task_file[0]); i++)
        outb(f, 0x1f0 + task_file[i][0], task_file[i][0] == 2 && i > 4 ? sectors : task_file[i][1]);
    outb(f, 0x1f6, 0xe0);
    out(f, 0xc004, 4, 0x7000);
    outb(f, 0xc000, (inb(f, 0xc000) & ~BMICOM_SSBM) | BMICOM_RWCON);
    outb(f, 0x1f7, IDE_READ_DMA_EXT);
    outb(f, 0xc000, inb(f, 0xc000) | BMICOM_SSBM);
    complete(f, 0);
    assert_int_equal(inb(f, 0xc002), BMISTA_IDEINTS);
    outb(f, 0xc000, inb(f, 0xc000) & ~BMICOM_SSBM);
    assert_int_equal(inb(f, 0x3f6), READY);
    assert_int_equal(inb(f, 0x1f7), READY);
    outb(f, 0xc002, inb(f, 0xc002));
}

static void linux_enters_four_times_for_a_dma_read(void **state)
{
    struct fixture *f = *state;

    enable_ide(f, 0xc000);
    f->disks[0].deferred = true;
    for (unsigned int round = 0; round < 3; round++) {
        unsigned int entries = f->entries;

        memset(f->memory.bytes + BUFFER, 0xee, 8 * BLK_SECTOR_SIZE);
        linux_reads_by_dma(f, 8);
        assert_memory_equal(f->memory.bytes + BUFFER, f->disks[0].bytes + 5 * BLK_SECTOR_SIZE, 8 * BLK_SECTOR_SIZE);
        assert_int_equal(f->entries - entries, 4);              /* command, start, the disk's event, Status */
    }
}

/* The other drive's status is another, and nothing tells Xen which is asked for before the firmware knows. */
static void selecting_the_other_drive_enters(void **state)
{
    struct fixture *f = *state;
    unsigned int entries;

    enable_ide(f, 0xc000);
    outb(f, 0x1f6, 0);
    entries = f->entries;
    outb(f, 0x1f6, 0xe0);
    assert_int_equal(f->entries, entries);
    outb(f, 0x1f6, 0xf0);
    assert_int_equal(f->entries, entries + 1);
    outb(f, 0x1f6, 0xb0);
    assert_int_equal(f->entries, entries + 1);
    assert_int_equal(inb(f, 0x1f6), 0xb0);
}

static void what_runs_can_be_stopped_at_once(void **state)
{
    struct fixture *f = *state;
    unsigned int entries;

    enable_ide(f, 0xc000);
    outb(f, 0xc000, BMICOM_SSBM);
    assert_polled(f, 0xc002, BMISTA_BMIDEA, true);
    entries = f->entries;
    outb(f, 0xc000, 0);
    assert_int_equal(f->entries, entries + 1);
    assert_polled(f, 0xc002, 0, true);
}

/* An older hypervisor. */
static void without_shadows_every_read_reaches_the_chip(void **state)
{
    struct fixture *f = *state;
    struct board_config config = config_of(f);

    fake_xen_init();
    fake_xen.shadow_error = -XEN_ENOSYS;
    board_init(&f->board, &config);
    enable_ide(f, 0xc000);
    assert_polled(f, 0x3f6, READY, false);
    assert_polled(f, 0x376, READY, false);
    type(f, "x");
    assert_polled(f, LSR, LSR_THRE | LSR_TEMT | LSR_DR, false);
    pci_write(f, IDE_FUNCTION, PCI_COMMAND, 2, 0);
    assert_ide(f, false, false, 0);
    assert_int_equal(fake_xen.shadow_calls, 1);
    assert_string_equal(take_log(), "reflex: every access enters the firmware: Xen serves no registers for us "
                                    "(error 38)\n");
}

/* ---- Keyboard and mouse ------------------------------------------------------------------------------------- */

static void keyboard_and_mouse_are_interrupts_1_and_12(void **state)
{
    struct fixture *f = *state;

    outb(f, 0x64, 0x60);
    outb(f, 0x60, 0x43);                                /* both enabled, translated, with interrupts */
    input_key(&f->input, KEY_A, true);
    assert_true(fake_xen.isa[1].high);
    assert_false(fake_xen.isa[12].high);
    assert_int_equal(inb(f, 0x60), 0x1e);
    assert_false(fake_xen.isa[1].high);
    outb(f, 0x64, 0xd4);
    outb(f, 0x60, 0xf2);
    assert_false(fake_xen.isa[1].high);
    assert_true(fake_xen.isa[12].high);
    assert_polled(f, 0x64, 0x31, true);
    assert_int_equal(inb(f, 0x60), 0xfa);
    assert_int_equal(inb(f, 0x60), 0x00);
    assert_false(fake_xen.isa[12].high);
    assert_polled(f, 0x64, 0x10, true);
    assert_int_equal(fake_xen.isa[1].calls, 2);
    assert_int_equal(fake_xen.isa[12].calls, 4);        /* each byte is an edge */
}

/* ---- CMOS --------------------------------------------------------------------------------------------------- */

static void cmos_tells_the_configuration(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(cmos_number(f, CMOS_MEMORY_ABOVE_16M, 2), (512 - 16) * 16);
    assert_int_equal(cmos_number(f, CMOS_MEMORY_ABOVE_4G, 3), 1024 * 16);
    assert_int_equal(cmos(f, CMOS_SMP_COUNT), 2);
    assert_int_equal(cmos(f, CMOS_BOOTFLAG2), CMOS_BOOT_DISK << 4 | CMOS_BOOT_CDROM);
    assert_int_equal(cmos(f, CMOS_BOOTFLAG1) >> 4, CMOS_BOOT_NETWORK);
}

/* The first two disks' entries agree with what the drives themselves say, be they small or too large for CHS. */
static void cmos_tells_the_drives_own_geometry(void **state)
{
    static const struct { uint64_t sectors; uint16_t cylinders; } sizes[] = {
        { 1, 1 }, { 1007, 1 }, { 2016, 2 }, { 3023, 2 }, { 16383 * 1008 - 1, 16382 }, { 16383 * 1008, 16383 },
        { 1ull << 33, 16383 },
    };
    struct fixture *f = *state;

    for (unsigned int i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct board_config config = config_of(f);

        fake_xen_init();
        f->disks[1].backend.info.sectors = sizes[i].sectors;
        config.drives[0] = NULL;
        board_init(&f->board, &config);
        enable_ide(f, 0xc000);
        assert_int_equal(cmos(f, CMOS_DISK_TYPE), 0x0f);
        assert_int_equal(cmos_number(f, CMOS_DISK1_GEOMETRY, 2), sizes[i].cylinders);
        assert_int_equal(cmos_number(f, CMOS_DISK1_GEOMETRY, 2), identify_word(f, 1, 1));
        assert_int_equal(cmos(f, CMOS_DISK1_GEOMETRY + 2), identify_word(f, 1, 3));
        assert_int_equal(cmos(f, CMOS_DISK1_GEOMETRY + 8), identify_word(f, 1, 6));
    }
}

static void cmos_tells_each_drives_translation(void **state)
{
    struct fixture *f = *state;
    struct board_config config = config_of(f);

    fake_xen_init();
    f->disks[1].backend.info.sectors = 2000 * 1008;
    f->disks[2].backend.info.sectors = 1ull << 33;
    board_init(&f->board, &config);
    assert_int_equal(cmos(f, CMOS_TRANSLATION), TRANSLATION_LARGE << 2 | TRANSLATION_LBA << 4);
}

/* Neither an empty place nor a CD-ROM drive is a hard disk to the BIOS. */
static void cmos_leaves_out_what_is_no_hard_disk(void **state)
{
    struct fixture *f = *state;
    struct board_config config = config_of(f);

    fake_xen_init();
    config.drives[0] = NULL;
    f->disks[1].backend.info.cdrom = true;
    board_init(&f->board, &config);
    assert_int_equal(cmos(f, CMOS_DISK_TYPE), 0);
    assert_int_equal(cmos_number(f, CMOS_DISK0_GEOMETRY, 2), 0);
    assert_int_equal(cmos_number(f, CMOS_DISK1_GEOMETRY, 2), 0);
}

/* ---- Power -------------------------------------------------------------------------------------------------- */

static void assert_shutdown(unsigned int reason)
{
    assert_int_equal(fake_xen.shutdowns, 1);
    assert_int_equal(fake_xen.shutdown_reason, reason);
}

/* SLP_EN with the SLP_TYP of hvmloader's \_S5, one word as ACPICA writes it. */
static void soft_off_ends_the_domain(void **state)
{
    struct fixture *f = *state;

    out(f, 0xb004, 2, 0x0001);
    assert_int_equal(fake_xen.shutdowns, 0);
    out(f, 0xb004, 2, 0x2001);
    assert_shutdown(SHUTDOWN_poweroff);
}

/* `xl trigger DOMAIN power`: Xen sets PWRBTN_STS in its own PM1a_STS and raises SCI there.  Linux's handler
 * (acpi_ev_sci_xrupt_handler) then asks both blocks, and a while later soft-off comes.  Ours is what is not the button:
 * SCI_EN, the general-purpose events, and the end. */
static void the_power_button_ends_the_domain(void **state)
{
    struct fixture *f = *state;

    outb(f, 0xb2, 0xf1);                                        /* hvmloader's acpi_enable_sci() */
    assert_int_equal(in(f, 0xb004, 2), 0x0001);
    for (uint32_t gpe = 0; gpe < 2; gpe++) {                    /* acpi_ev_gpe_initialize() */
        outb(f, 0xafe2 + gpe, 0x00);
        outb(f, 0xafe0 + gpe, 0xff);
    }
    outb(f, 0xafe2, 0x06);                                      /* _E01 and _E02 */
    assert_block(0xb000, 4, false);                             /* PM1a_STS, PM1a_EN */
    assert_block(0xb008, 4, false);                             /* the timer */
    for (uint32_t gpe = 0; gpe < 2; gpe++)
        assert_int_equal(inb(f, 0xafe0 + gpe) & inb(f, 0xafe2 + gpe), 0);
    assert_int_equal(fake_xen.isa[9].calls, 0);
    out(f, 0xb004, 2, 0x0001);
    out(f, 0xb004, 2, 0x2001);
    assert_shutdown(SHUTDOWN_poweroff);
}

/* The DSDT's _E01 and the slots' _STA, and an ejection that nothing follows. */
static void nothing_is_plugged_in_or_out(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(in(f, 0xae00, 4), 0);                      /* PCIU */
    assert_int_equal(in(f, 0xae04, 4), 0);                      /* PCID */
    assert_int_equal(in(f, 0xae0c, 4), 0);                      /* B0RM */
    out(f, 0xae08, 4, 0xffffffff);                              /* B0EJ */
    assert_int_equal(pci_read(f, IDE_FUNCTION, PCI_VENDOR_ID, 4), 0x70108086);
    for (uint32_t i = 1; i < 16; i++)
        assert_int_equal(inb(f, 0xaf00 + i), 0);
}

static void the_end_tells_what_each_vcpu_has_done(void **state)
{
    struct fixture *f = *state;

    fake_xen.vcpus = 2;
    fake_xen.info[0] = (struct xen_reflect_info){ .entries = { 0, 1234, 56, 1 }, .shadowed = 78 };
    fake_xen.info[1] = (struct xen_reflect_info){ .entries = { 0, 0x100000000, 0, 0 } };
    out(f, 0xb004, 2, 0x2001);
    out(f, 0xb004, 2, 0x2001);
    assert_string_equal(take_log(), "reflex: power off\n"
                                    "reflex: vcpu 0: 1234 accesses, 56 events, 78 shadowed reads\n"
                                    "reflex: vcpu 1: 4294967296 accesses, 0 events, 0 shadowed reads\n");
}

static void an_older_hypervisor_counts_nothing(void **state)
{
    outb(*state, 0x64, 0xfe);
    assert_string_equal(take_log(), "reflex: reset\n");
    assert_shutdown(SHUTDOWN_reboot);
}

static void port_cf9_resets(void **state)
{
    struct fixture *f = *state;

    out(f, 0xcf8, 4, 0x80000e00);
    outb(f, 0xcf9, 0x02);
    assert_int_equal(inb(f, 0xcf9), 0x02);
    assert_int_equal(in(f, 0xcf8, 4), 0x80000e00);
    assert_int_equal(fake_xen.shutdowns, 0);
    outb(f, 0xcf9, 0x06);
    assert_shutdown(SHUTDOWN_reboot);
}

static void port_92_resets(void **state)
{
    outb(*state, 0x92, 0x01);
    assert_shutdown(SHUTDOWN_reboot);
}

static void the_keyboard_controller_resets(void **state)
{
    outb(*state, 0x64, 0xfe);
    assert_shutdown(SHUTDOWN_reboot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_fixed_blocks_are_claimed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_block_is_its_chip, set_up, tear_down),
        cmocka_unit_test_setup_teardown(accesses_beyond_the_claims_are_all_ones, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_refused_fixed_block_panics, set_up, tear_down),
        cmocka_unit_test_setup_teardown(serial_ports_are_there_when_asked_for, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_other_serial_ports_are_unplugged, set_up, tear_down),
        cmocka_unit_test_setup_teardown(there_is_no_floppy_and_no_parallel_port, set_up, tear_down),
        cmocka_unit_test_setup_teardown(there_is_no_fw_cfg, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_boot_order_is_xls, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_ide_windows_follow_their_decode_bits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_bus_master_block_moves, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_window_over_another_chip_is_refused_as_a_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_was_there_first_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_window_that_xen_refuses_is_not_placed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_line_is_touched_by_starting, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_serial_port_is_interrupt_4, set_up, tear_down),
        cmocka_unit_test_setup_teardown(serial_ports_share_their_interrupts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_channel_has_its_interrupt, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_isa_bridge_routes_the_links, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_drive_reads_by_pio, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_drive_reads_by_dma, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_data_comes_without_permission_to_master_the_bus, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_drive_writes_by_pio_and_by_dma, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_data_port_takes_any_width, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_drives_have_serial_numbers_of_their_own, set_up, tear_down),
        cmocka_unit_test_setup_teardown(polled_registers_are_read_without_the_firmware, set_up, tear_down),
        cmocka_unit_test_setup_teardown(alternate_status_follows_a_polled_command, set_up, tear_down),
        cmocka_unit_test_setup_teardown(alternate_status_is_the_selected_drives, set_up, tear_down),
        cmocka_unit_test_setup_teardown(alternate_status_leaves_the_interrupt, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_interrupt_does_not_overtake_what_caused_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_shadow_goes_with_its_block, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_guest_that_polls_the_serial_port_gets_every_byte, set_up, tear_down),
        cmocka_unit_test_setup_teardown(leaving_loopback_finds_what_has_come, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_overrun_is_read_from_the_chip, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_restored_domain_is_answered_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(linux_enters_four_times_for_a_dma_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(selecting_the_other_drive_enters, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_runs_can_be_stopped_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_shadows_every_read_reaches_the_chip, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keyboard_and_mouse_are_interrupts_1_and_12, set_up, tear_down),
        cmocka_unit_test_setup_teardown(cmos_tells_the_configuration, set_up, tear_down),
        cmocka_unit_test_setup_teardown(cmos_tells_the_drives_own_geometry, set_up, tear_down),
        cmocka_unit_test_setup_teardown(cmos_tells_each_drives_translation, set_up, tear_down),
        cmocka_unit_test_setup_teardown(cmos_leaves_out_what_is_no_hard_disk, set_up, tear_down),
        cmocka_unit_test_setup_teardown(soft_off_ends_the_domain, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_power_button_ends_the_domain, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_is_plugged_in_or_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_end_tells_what_each_vcpu_has_done, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_older_hypervisor_counts_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(port_cf9_resets, set_up, tear_down),
        cmocka_unit_test_setup_teardown(port_92_resets, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_keyboard_controller_resets, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
