/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Video memory in the simulated hypervisor's memory map: pages that are not where they should be are not there at all. */
#include "fake_xen.h"
#include "support.h"
#include "devices/vga/vga.h"
#include "xen/video_memory.h"

#define APERTURE 0x30000000u
#define FIRST    0x32000000u             /* where it begins */
#define HOME     0x40000000u
#define END      0x50000000u
#define RAM_END  0x31000000u

struct bench {
    struct xen_video_memory video;
    struct guest_memory guest;
    struct video_memory *memory;
};

static bool is_ram(struct guest_memory *guest, uint64_t address, uint64_t length)
{
    (void)guest;
    return address + length <= RAM_END && address >= 0x20000000;
}


static int setup(void **state)
{
    static struct bench bench;

    fake_xen_init();
    bench.guest.is_ram = is_ram;
    bench.video = (struct xen_video_memory){ .guest = &bench.guest, .home = HOME, .window = VIDEO_WINDOW, .end = END };
    bench.memory = &bench.video.memory;
    fake_memory_populate(HOME >> XEN_PAGE_SHIFT, VIDEO_HOME_PAGES);
    xen_video_memory_init(&bench.video, fake_memory_populate(FIRST >> XEN_PAGE_SHIFT, VIDEO_MEMORY_PAGES));
    *state = &bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    fake_memory_free(gpa_of(bench->memory->bytes) >> XEN_PAGE_SHIFT, VIDEO_MEMORY_PAGES);
    fake_memory_free(HOME >> XEN_PAGE_SHIFT, VIDEO_HOME_PAGES);
    fake_memory_free(VIDEO_WINDOW >> XEN_PAGE_SHIFT, VIDEO_WINDOW_PAGES);
    return 0;
}

static void assert_frames(const struct video_memory *memory, uint32_t address)
{
    assert_int_equal(gpa_of(memory->bytes), address);
    assert_int_equal((uintptr_t)memory->frames % XEN_PAGE_SIZE, 0);
    for (uint32_t i = 0; i < VIDEO_MEMORY_PAGES; i++)
        assert_int_equal(memory->frames[i], (address >> XEN_PAGE_SHIFT) + i);
}

static void memory_moves_as_a_whole(void **state)
{
    struct bench *bench = *state;
    struct video_memory *memory = bench->memory;

    assert_frames(memory, FIRST);
    memory->bytes[5] = 0x55;
    memory->bytes[VIDEO_MEMORY_BYTES - 1] = 0xaa;
    memory->ops->move(memory, FIRST);             /* where hvmloader has put it: nothing to do */
    assert_int_equal(fake_xen.memory_moves, 0);
    memory->ops->move(memory, APERTURE + 0x4000000);
    assert_int_equal(fake_xen.memory_moves, 1);
    assert_frames(memory, APERTURE + 0x4000000);
    assert_int_equal(memory->bytes[5], 0x55);
    assert_int_equal(memory->bytes[VIDEO_MEMORY_BYTES - 1], 0xaa);
}

/* On the guest's own memory; beyond the end of what PCI has, where hvmloader and this firmware are; nowhere. */
static void places_that_are_taken_are_refused(void **state)
{
    static const uint32_t taken[] = { RAM_END - VIDEO_MEMORY_BYTES, END, END - VIDEO_MEMORY_BYTES / 2, 0xff000000, 0 };
    struct bench *bench = *state;

    for (unsigned int i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
        bench->memory->ops->move(bench->memory, taken[i]);
        assert_frames(bench->memory, FIRST);
    }
    assert_int_equal(fake_xen.memory_moves, 0);
    assert_int_equal(bench->video.refused, 5);
    assert_non_null(strstr(take_log(), "video memory cannot be at 0x30000000"));
}

static void pages_of_the_window_come_and_go(void **state)
{
    struct bench *bench = *state;
    struct video_memory *memory = bench->memory;
    uint8_t *page = memory->ops->window(memory, 24);

    assert_int_equal(gpa_of(page), HOME + 24 * VIDEO_PAGE_BYTES);
    memset(page, 0x24, VIDEO_PAGE_BYTES);
    memory->ops->show(memory, 24, 8);
    assert_int_equal(gpa_of(memory->ops->window(memory, 24)), 0xb8000);
    assert_int_equal(*(volatile uint8_t *)0xb8000, 0x24);
    *(volatile uint8_t *)0xb8fff = 0x25;
    memory->ops->show(memory, 0, 16);
    assert_int_equal(gpa_of(memory->ops->window(memory, 16)), HOME + 16 * VIDEO_PAGE_BYTES);
    memory->ops->hide(memory, 24, 8);
    page = memory->ops->window(memory, 24);
    assert_int_equal(page[VIDEO_PAGE_BYTES - 1], 0x25);
    memory->ops->hide(memory, 0, 16);
    memory->ops->show(memory, 0, 32);
    assert_int_equal(*(volatile uint8_t *)0xb8fff, 0x25);
    memory->ops->hide(memory, 0, 32);
    assert_int_equal(bench->video.shown, 0);
}

static void written_pages_are_told_once(void **state)
{
    struct bench *bench = *state;
    struct video_memory *memory = bench->memory;
    uint8_t bitmap[4] = { 0x00, 0x80, 0x00, 0x40 };

    memory->ops->dirty(memory, 8, 20, bitmap);
    assert_int_equal(fake_xen.vram_first, (FIRST >> XEN_PAGE_SHIFT) + 8);
    assert_memory_equal(bitmap, "\xff\xff\x0f\x40", 4);     /* all of the 20, and nothing of what is behind them */
    memset(bitmap, 0, sizeof(bitmap));
    memory->ops->dirty(memory, 8, 20, bitmap);
    assert_memory_equal(bitmap, "\0\0\0\0", 4);
    fake_xen.vram_written[1] = 0x02;
    memory->ops->dirty(memory, 8, 20, bitmap);
    assert_memory_equal(bitmap, "\0\x02\0\0", 4);
    fake_xen.vram_error = -16;
    memory->ops->dirty(memory, 8, 20, bitmap);
    assert_memory_equal(bitmap, "\xff\xff\x0f\0", 4);
}

/* The chip on top of it, as in a domain. */
static void a_text_screen_in_the_window(void **state)
{
    static struct vga vga;
    struct bench *bench = *state;

    vga_init(&vga, bench->memory, NULL);
    vga_decode_memory(&vga, true);
    vga_ports_ops.write(&vga, VGA_MISC_WRITE, 1, 0x67);
    vga_ports_ops.write(&vga, VGA_SEQUENCER, 1, SEQ_MAP_MASK);
    vga_ports_ops.write(&vga, VGA_SEQUENCER + 1, 1, 3);
    vga_ports_ops.write(&vga, VGA_GRAPHICS, 1, GFX_BIT_MASK);
    vga_ports_ops.write(&vga, VGA_GRAPHICS + 1, 1, 0xff);
    vga_ports_ops.write(&vga, VGA_GRAPHICS, 1, GFX_MODE);
    vga_ports_ops.write(&vga, VGA_GRAPHICS + 1, 1, MODE_OE);
    vga_ports_ops.write(&vga, VGA_GRAPHICS, 1, GFX_MISC);
    vga_ports_ops.write(&vga, VGA_GRAPHICS + 1, 1, 0x0e);
    assert_int_equal(bench->video.shown, 0xff000000);
    *(volatile uint16_t *)0xb8002 = 0x0741;
    vga_ports_ops.write(&vga, VGA_GRAPHICS + 1, 1, 0x04);
    assert_memory_equal(bench->memory->bytes + 4, "\x41\x07", 2);
    vga_reset(&vga);
    assert_int_equal(bench->video.shown, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(memory_moves_as_a_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(places_that_are_taken_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(pages_of_the_window_come_and_go, setup, teardown),
        cmocka_unit_test_setup_teardown(written_pages_are_told_once, setup, teardown),
        cmocka_unit_test_setup_teardown(a_text_screen_in_the_window, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
