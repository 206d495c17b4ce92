/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The display adapter in its slot: what is claimed when, with the accesses of hvmloader, SeaBIOS and Linux. */
#include "fake_xen.h"
#include "support.h"
#include "vga_host.h"

#include "board.h"

#define CARD     PCI_DEVFN(BOARD_VGA_SLOT, 0)
#define APERTURE 0xf0000000u
#define MMIO     0xf1010000u
#define ROM      0xf1000000u

static struct fixture {
    struct test_memory guest;
    struct recorded_power power;
    struct vga_host host;                   /* its memory and its far end; the chip is the board's */
    struct board board;
} f;

static const uint8_t rom[] = { 0x55, 0xaa, 0x4e };

static void start(bool display)
{
    struct board_config config = {
        .guest = &f.guest.memory, .power = &f.power.power, .vcpus = 1, .vcpus_online = { 1 }, .ram_below_4g = 1u << 24,
    };

    if (display) {
        config.video = &f.host.memory;
        config.display = &f.host.display;
        config.vgabios = (struct pci_rom){ rom, sizeof(rom) };
    }
    board_init(&f.board, &config);
}

static int set_up(void **state)
{
    (void)state;
    fake_xen_init();
    test_memory_init(&f.guest);
    recorded_power_init(&f.power);
    vga_host_init(&f.host);
    memset(&f.board, 0xa5, sizeof(f.board));
    start(true);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    vga_host_free(&f.host);
    test_memory_free(&f.guest);
    take_log();
    return 0;
}

static uint64_t serve(uint32_t what, uint32_t address, unsigned int size, uint32_t value)
{
    const struct reflection reflection = {
        .what = XEN_REFLECT_WHY_IO | what | size << XEN_REFLECT_SIZE_SHIFT, .address_low = address, .data_low = value,
        .count = 1,
    };

    return board_access(&f.board, &reflection) & (size == 4 ? 0xffffffff : (1u << 8 * size) - 1);
}

static uint32_t in(uint32_t port, unsigned int size)
{
    if (!fake_xen.claimed_ports[port] || !fake_xen.claimed_ports[port + size - 1])
        return size == 4 ? 0xffffffff : (1u << 8 * size) - 1;
    return serve(XEN_REFLECT_READ, port, size, 0);
}

static void out(uint32_t port, unsigned int size, uint32_t value)
{
    if (fake_xen.claimed_ports[port] && fake_xen.claimed_ports[port + size - 1])
        serve(0, port, size, value);
}

static uint32_t peek(uint32_t address, unsigned int size)
{
    if (!fake_memory_claimed(address, size))
        return size == 4 ? 0xffffffff : (1u << 8 * size) - 1;
    return serve(XEN_REFLECT_READ | 1 << XEN_REFLECT_TYPE_SHIFT, address, size, 0);
}

static void poke(uint32_t address, unsigned int size, uint32_t value)
{
    if (fake_memory_claimed(address, size))
        serve(1 << XEN_REFLECT_TYPE_SHIFT, address, size, value);
}

static uint32_t config_in(uint8_t reg, unsigned int size)
{
    out(0xcf8, 4, 0x80000000 | CARD << 8 | (reg & 0xfc));
    return in(0xcfc + (reg & 3), size);
}

static void config_out(uint8_t reg, unsigned int size, uint32_t value)
{
    out(0xcf8, 4, 0x80000000 | CARD << 8 | (reg & 0xfc));
    out(0xcfc + (reg & 3), size, value);
}

static uint32_t size_of(uint8_t reg, uint32_t probe)
{
    uint32_t before = config_in(reg, 4), size;

    config_out(reg, 4, probe);
    size = config_in(reg, 4);
    config_out(reg, 4, before);
    return size;
}

/* As hvmloader does. */
static void place(void)
{
    config_out(PCI_BASE_ADDRESS(0), 4, APERTURE);
    config_out(PCI_BASE_ADDRESS(2), 4, MMIO);
    config_out(PCI_ROM_ADDRESS, 4, ROM);
    config_out(PCI_COMMAND, 2, PCI_COMMAND_IO | PCI_COMMAND_MEMORY);
}

static void without_a_display_nothing_is_there(void **state)
{
    (void)state;
    fake_xen_init();
    start(false);
    assert_int_equal(config_in(PCI_VENDOR_ID, 4), 0xffffffff);
    for (uint32_t port = 0x3b0; port < 0x3e0; port++)
        assert_false(fake_xen.claimed_ports[port]);
    assert_false(fake_memory_claimed(0xb8000, 1));
}

static void hvmloader_finds_and_places_the_card(void **state)
{
    (void)state;
    assert_int_equal(config_in(PCI_VENDOR_ID, 4), 0x11111234);
    assert_int_equal(config_in(PCI_REVISION_ID, 4), 0x03000001);
    assert_int_equal(config_in(PCI_SUBSYSTEM_ID, 4), 0x11001af4);
    assert_int_equal(size_of(PCI_BASE_ADDRESS(0), 0xffffffff), 0xff000008);
    assert_int_equal(size_of(PCI_BASE_ADDRESS(1), 0xffffffff), 0);
    assert_int_equal(size_of(PCI_BASE_ADDRESS(2), 0xffffffff), 0xfffff000);
    assert_int_equal(size_of(PCI_ROM_ADDRESS, 0xfffff800), 0xffff0000);
    assert_int_equal(config_in(PCI_INTERRUPT_PIN, 1), 0);
    assert_int_equal(f.host.moves, 0);
    place();
    assert_int_equal(f.host.moves, 1);
    assert_int_equal(f.host.aperture, APERTURE);
}

/* Sizing the base addresses of a card that is in use, as Linux does. */
static void probing_moves_nothing(void **state)
{
    (void)state;
    place();
    config_out(PCI_COMMAND, 2, 0);
    assert_int_equal(size_of(PCI_BASE_ADDRESS(0), 0xffffffff), 0xff000008);
    config_out(PCI_COMMAND, 2, PCI_COMMAND_IO | PCI_COMMAND_MEMORY);
    assert_int_equal(f.host.aperture, APERTURE);
    assert_int_equal(size_of(PCI_BASE_ADDRESS(0), 0xffffffff), 0xff000008);     /* with decoding on */
    assert_int_equal(f.host.aperture, APERTURE);
    config_out(PCI_BASE_ADDRESS(0), 4, 0xf4000000);
    assert_int_equal(f.host.aperture, 0xf4000000);
}

static void ports_follow_the_command_register(void **state)
{
    (void)state;
    assert_int_equal(in(0x3cc, 1), 0xff);
    place();
    out(0x3c2, 1, 0x67);
    assert_int_equal(in(0x3cc, 1), 0x67);
    out(0x3c4, 2, 0x0302);                      /* index and data in one word */
    assert_int_equal(in(0x3c5, 1), 0x03);
    out(0x3c2, 1, 0x66);
    out(0x3b4, 2, 0x2813);
    assert_int_equal(in(0x3b5, 1), 0x28);
    assert_int_equal(in(0x3bc, 1), 0xff);       /* the parallel port's */
    out(0x1ce, 2, 0x000a);
    assert_int_equal(in(0x1cf, 2), 256);
    assert_int_equal(in(0x1d0, 2), 256);
    config_out(PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
    assert_int_equal(in(0x3cc, 1), 0xff);
    assert_int_equal(in(0x1cf, 2), 0xffff);
}

static void window_and_mmio_follow_the_command_register(void **state)
{
    (void)state;
    place();
    out(0x3c2, 1, 0x67);
    out(0x3ce, 2, 0x0506);                      /* graphics at A0000h */
    out(0x3ce, 2, 0xff08);
    out(0x3c4, 2, 0x0f02);
    out(0x3c4, 2, 0x0604);
    poke(0xa0000, 4, 0x44332211);
    assert_int_equal(peek(0xa0002, 2), 0x4433);
    assert_memory_equal(f.host.bytes + 4, "\x22\x22\x22\x22", 4);
    assert_int_equal(peek(MMIO, 4), 0xffffff00);
    assert_int_equal(peek(MMIO + 0x500, 2), 0xb0c5);
    config_out(PCI_COMMAND, 2, PCI_COMMAND_IO);
    assert_int_equal(peek(0xa0000, 1), 0xff);
    assert_int_equal(peek(MMIO + 0x500, 2), 0xffff);
    config_out(PCI_COMMAND, 2, PCI_COMMAND_IO | PCI_COMMAND_MEMORY);
    assert_int_equal(peek(0xa0000, 1), 0x11);
}

static void the_rom_is_there_when_it_is_enabled(void **state)
{
    (void)state;
    place();
    assert_int_equal(peek(ROM, 2), 0xffff);
    config_out(PCI_ROM_ADDRESS, 4, ROM | PCI_ROM_ENABLE);
    assert_int_equal(peek(ROM, 2), 0xaa55);
    assert_int_equal(peek(ROM + 2, 2), 0xff4e);
    config_out(PCI_ROM_ADDRESS, 4, ROM);
    assert_int_equal(peek(ROM, 2), 0xffff);
}

/* Linux's bochs driver, from its probe to its first mode, by MMIO alone. */
static void linux_sets_a_mode(void **state)
{
    static const struct { uint16_t index, value; } mode[] = {
        { DISPI_ENABLE, 0 }, { DISPI_BPP, 32 }, { DISPI_XRES, 1024 }, { DISPI_YRES, 768 }, { DISPI_BANK, 0 },
        { DISPI_VIRT_WIDTH, 1024 }, { DISPI_VIRT_HEIGHT, 768 }, { DISPI_X_OFFSET, 0 }, { DISPI_Y_OFFSET, 0 },
        { DISPI_ENABLE, DISPI_ENABLED | DISPI_LFB_ENABLED },
    };

    (void)state;
    place();
    assert_int_equal(peek(MMIO + 0x500, 2) & 0xfff0, 0xb0c0);
    assert_int_equal(peek(MMIO + 0x500 + 2 * DISPI_VIDEO_MEMORY_64K, 2) * 64 * 1024, VGA_MEMORY_BYTES);
    assert_int_equal(peek(MMIO + 0x600, 4), 0xffffffff);        /* no byte order register: little */
    assert_int_equal(peek(MMIO, 1) | peek(MMIO + 7, 1), 0);
    poke(MMIO + 0x400 - 0x3c0 + 0x3c2, 1, 0x01);                /* the blanking bit can be reached at 3dxh */
    peek(MMIO + 0x400 - 0x3c0 + 0x3da, 1);
    poke(MMIO + 0x400, 1, 0x20);
    for (unsigned int i = 0; i < sizeof(mode) / sizeof(mode[0]); i++)
        poke(MMIO + 0x500 + 2 * mode[i].index, 2, mode[i].value);
    vga_look(&f.host, true);
    assert_int_equal(f.host.picture.width, 1024);
    assert_int_equal(f.host.picture.height, 768);
    assert_int_equal(f.host.picture.depth, 32);
    assert_int_equal(f.host.picture.stride, 4096);
    vga_poke_aperture(&f.host, 4096 * 767, 0x00123456, 4);
    vga_look(&f.host, false);
    assert_int_equal(vga_pixel(&f.host, 0, 767), 0x123456);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(without_a_display_nothing_is_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(hvmloader_finds_and_places_the_card, set_up, tear_down),
        cmocka_unit_test_setup_teardown(probing_moves_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ports_follow_the_command_register, set_up, tear_down),
        cmocka_unit_test_setup_teardown(window_and_mmio_follow_the_command_register, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_rom_is_there_when_it_is_enabled, set_up, tear_down),
        cmocka_unit_test_setup_teardown(linux_sets_a_mode, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
