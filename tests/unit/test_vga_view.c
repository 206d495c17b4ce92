/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The legacy window as RAM: when it is, and that it makes no difference. */
#include "vga_host.h"

#define TEXT_PAGES  0xff000000u
#define MONO_PAGES  0x00ff0000u
#define BANK_PAGES  0x0000ffffu

static int setup(void **state)
{
    static struct vga_host host;

    vga_host_init(&host);
    *state = &host;
    return 0;
}

static int teardown(void **state)
{
    vga_host_free(*state);
    return 0;
}

static void text_is_ram(void **state)
{
    struct vga_host *host = *state;

    vga_set_mode(host, 0x03);
    assert_int_equal(host->shown, TEXT_PAGES);
    vga_write_text(host, 0xb8000, 0x1e, "REFLEX");
    vga_look(host, false);
    assert_memory_equal(host->bytes, "R\x1e", 2);
    assert_memory_equal(host->bytes + 4, "E\x1e", 2);
    vga_set_mode(host, 0x07);
    assert_int_equal(host->shown & MONO_PAGES, MONO_PAGES);
    assert_int_equal(host->vga.text.address, 0xb0000);
}

/* Fonts are loaded between two letters, by plane 2; Linux maps all of the window for it. */
static void text_survives_the_loading_of_a_font(void **state)
{
    struct vga_host *host = *state;

    vga_set_mode(host, 0x03);
    vga_write_text(host, 0xb8000 + 0x7ff0, 0x07, "REFLEX");
    vga_out_indexed(host, 0x3c4, SEQ_MAP_MASK, 0x04);
    vga_out_indexed(host, 0x3c4, SEQ_MEMORY_MODE, 0x07);
    vga_out_indexed(host, 0x3ce, GFX_READ_MAP_SELECT, 0x02);
    vga_out_indexed(host, 0x3ce, GFX_MODE, 0x00);
    vga_out_indexed(host, 0x3ce, GFX_MISC, 0x00);
    assert_int_equal(host->shown, 0);
    vga_poke(host, 0xa0000, 0x5a);
    assert_int_equal(vga_peek(host, 0xa0000), 0x5a);
    vga_poke(host, 0xa1ff8 + 0x2000, 0xa5);     /* beside the text */
    vga_out_indexed(host, 0x3c4, SEQ_MAP_MASK, 0x03);
    vga_out_indexed(host, 0x3c4, SEQ_MEMORY_MODE, 0x03);
    vga_out_indexed(host, 0x3ce, GFX_READ_MAP_SELECT, 0x00);
    vga_out_indexed(host, 0x3ce, GFX_MODE, 0x10);
    vga_out_indexed(host, 0x3ce, GFX_MISC, 0x0e);
    assert_int_equal(host->shown, TEXT_PAGES);
    assert_int_equal(vga_peek(host, 0xbfff0), 'R');
    assert_int_equal(vga_peek(host, 0xb8000), ' ');
    assert_int_equal(host->bytes[2], 0x5a);
    vga_look(host, false);
    assert_memory_equal(host->bytes + 0xffe0, "R\x07\xa5", 3);
}

/* Each way in which an access is more than RAM's takes the pages out, and all of them gone they come back. */
static void what_is_more_than_ram_is_not_ram(void **state)
{
    static const struct { uint16_t port; uint8_t index, value, normal; } changes[] = {
        { 0x3ce, GFX_ENABLE_SET_RESET, 1, 0 }, { 0x3ce, GFX_DATA_ROTATE, 1, 0 }, { 0x3ce, GFX_DATA_ROTATE, 0x18, 0 },
        { 0x3ce, GFX_READ_MAP_SELECT, 2, 0 }, { 0x3ce, GFX_MODE, 0x11, 0x10 }, { 0x3ce, GFX_MODE, 0x18, 0x10 },
        { 0x3ce, GFX_MODE, 0x00, 0x10 }, { 0x3ce, GFX_MISC, 0x0c, 0x0e }, { 0x3ce, GFX_BIT_MASK, 0xfe, 0xff },
        { 0x3c4, SEQ_MAP_MASK, 1, 3 }, { 0x3c4, SEQ_MAP_MASK, 7, 3 }, { 0x3c4, SEQ_MEMORY_MODE, 6, 2 },
        { 0x3c4, SEQ_MEMORY_MODE, 0xa, 2 },
    };
    struct vga_host *host = *state;

    vga_set_mode(host, 0x03);
    vga_write_text(host, 0xb8000, 0x07, "REFLEX");
    for (unsigned int i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        vga_out_indexed(host, changes[i].port, changes[i].index, changes[i].value);
        assert_int_equal(host->shown, 0);
        vga_out_indexed(host, changes[i].port, changes[i].index, changes[i].normal);
        assert_int_equal(host->shown, TEXT_PAGES);
        assert_int_equal(vga_peek(host, 0xb800a), 'X');
    }
    vga_decode_memory(&host->vga, false);
    assert_int_equal(host->shown, 0);
    vga_decode_memory(&host->vga, true);
    assert_int_equal(vga_peek(host, 0xb800a), 'X');
}

static void writing_letters_moves_no_page(void **state)
{
    struct vga_host *host = *state;
    unsigned int calls;

    vga_set_mode(host, 0x03);
    calls = host->shows + host->hides;
    for (unsigned int i = 0; i < 2000; i++) {
        vga_poke(host, 0xb8000 + 2 * i, 'R');
        vga_out_indexed(host, 0x3d4, CRTC_CURSOR_HIGH, i >> 8);
        vga_out_indexed(host, 0x3d4, CRTC_CURSOR_LOW, (uint8_t)i);
        vga_out_indexed(host, 0x3d4, CRTC_START_LOW, (uint8_t)(i / 80 * 80));
    }
    assert_int_equal(host->shows + host->hides, calls);
}

/* An access that was under way when the page appeared comes to the chip all the same. */
static void late_accesses_find_the_view(void **state)
{
    struct vga_host *host = *state;

    vga_set_mode(host, 0x03);
    vga_window_ops.write(&host->vga, 0x18004, 1, 'F');
    assert_int_equal(vga_peek(host, 0xb8004), 'F');
    assert_int_equal(vga_window_ops.read(&host->vga, 0x18004, 1), 'F');
    assert_int_equal(vga_window_ops.read(&host->vga, 0x17fff, 1), 0xff);
}

static void chain_4_is_ram(void **state)
{
    struct vga_host *host = *state;

    vga_set_mode(host, 0x13);
    assert_int_equal(host->shown, BANK_PAGES);
    vga_poke(host, 0xa0000 + 12345, 0x99);
    vga_poke(host, 0xaffff, 0x98);
    vga_look(host, false);
    assert_int_equal(host->bytes[12345], 0x99);
    assert_int_equal(host->bytes[0xffff], 0x98);
    vga_out_indexed(host, 0x3c4, SEQ_MEMORY_MODE, 0x06);        /* mode X */
    assert_int_equal(host->shown, 0);
    vga_out_indexed(host, 0x3ce, GFX_READ_MAP_SELECT, 1);
    assert_int_equal(vga_peek(host, 0xa0000 + 12345 / 4), 0x99);
}

static void banks_are_ram(void **state)
{
    struct vga_host *host = *state;

    vga_set_mode(host, 0x03);
    vga_set_dispi_mode(host, 1024, 768, 8, 0);
    assert_int_equal(host->shown & BANK_PAGES, BANK_PAGES);
    assert_int_equal(vga_peek(host, 0xa0000), 0);               /* cleared */
    for (unsigned int bank = 0; bank < 12; bank++) {
        vga_out_dispi(host, DISPI_BANK, bank);
        assert_int_equal(vga_in_dispi(host, DISPI_BANK), bank);
        for (uint32_t i = 0; i < 0x10000; i += 0x1001)
            vga_poke(host, 0xa0000 + i, bank + i);
    }
    vga_out_dispi(host, DISPI_BANK, 3);
    assert_int_equal(vga_peek(host, 0xa2002), 5);
    vga_look(host, false);
    for (unsigned int bank = 0; bank < 12; bank++)
        assert_int_equal(host->bytes[(bank << 16) + 0x3003], bank + 3);
    vga_out_dispi(host, DISPI_BANK, 0x1ff);
    assert_int_equal(vga_in_dispi(host, DISPI_BANK), 0xff);
}

/* A driver that uses the aperture without having said so. */
static void an_open_bank_keeps_what_the_aperture_gets(void **state)
{
    struct vga_host *host = *state;

    vga_set_mode(host, 0x03);
    vga_set_dispi_mode(host, 640, 480, 32, 0);
    vga_poke_aperture(host, 0x100, 0x12345678, 4);
    vga_poke(host, 0xa0200, 0x9a);
    vga_look(host, false);
    assert_memory_equal(host->bytes + 0x100, "\x78\x56\x34\x12", 4);
    assert_int_equal(host->bytes[0x200], 0x9a);
    vga_poke_aperture(host, 0x200, 0, 4);
    vga_look(host, false);
    assert_int_equal(host->bytes[0x200], 0);
}

/* Linux's driver fills its first picture while the screen still shows text. */
static void a_text_screen_does_not_spoil_the_first_picture(void **state)
{
    struct vga_host *host = *state;

    vga_set_mode(host, 0x03);
    vga_look(host, true);
    for (uint32_t i = 0; i < 0x8000; i += 4)
        vga_poke_aperture(host, i, 0x00c0ffee, 4);
    vga_write_text(host, 0xb8000, 0x07, "REFLEX");
    vga_set_dispi_mode(host, 1024, 768, 32, DISPI_LFB_ENABLED | DISPI_NOCLEARMEM);
    assert_int_equal(host->shown & BANK_PAGES, 0);
    for (uint32_t i = 0; i < 0x8000; i += 4)
        assert_memory_equal(host->bytes + i, "\xee\xff\xc0\x00", 4);
    assert_int_equal(vga_peek(host, 0xa0001), 0xff);            /* by way of the chip */
    vga_poke(host, 0xa0001, 0x11);
    assert_int_equal(host->bytes[1], 0x11);
    vga_set_dispi_mode(host, 1024, 768, 32, DISPI_LFB_ENABLED);
    assert_int_equal(host->bytes[0] | host->bytes[0x7fff], 0);
}

/* What reflexctl reads: the cells, wherever they are. */
static void the_text_screen_can_be_found(void **state)
{
    struct vga_host *host = *state;
    const struct vga_text_screen *text = &host->vga.text;

    assert_int_equal(text->columns * text->rows, 1);            /* no mode yet */
    vga_set_mode(host, 0x03);
    vga_out_indexed(host, 0x3d4, CRTC_START_LOW, 80);
    vga_out_indexed(host, 0x3d4, CRTC_CURSOR_LOW, 80 + 163);
    assert_int_equal(text->address, 0xb8000 + 160);
    assert_int_equal(text->columns, 80);
    assert_int_equal(text->rows, 25);
    assert_int_equal(text->row_bytes, 160);
    assert_int_equal(text->cell_bytes, 2);
    assert_int_equal(text->cursor_column, 3);
    assert_int_equal(text->cursor_row, 2);
    vga_out_indexed(host, 0x3d4, CRTC_CURSOR_START, CURSOR_OFF);
    assert_int_equal(text->cursor_row, 0xffff);
    vga_out_indexed(host, 0x3ce, GFX_BIT_MASK, 0);              /* not RAM for the moment */
    assert_int_equal(text->address, (uint32_t)(uintptr_t)host->bytes + 320);
    assert_int_equal(text->row_bytes, 320);
    assert_int_equal(text->cell_bytes, 4);
    vga_set_mode(host, 0x12);
    assert_int_equal(text->address, 0);
    assert_int_equal(text->columns, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(text_is_ram, setup, teardown),
        cmocka_unit_test_setup_teardown(text_survives_the_loading_of_a_font, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_more_than_ram_is_not_ram, setup, teardown),
        cmocka_unit_test_setup_teardown(writing_letters_moves_no_page, setup, teardown),
        cmocka_unit_test_setup_teardown(late_accesses_find_the_view, setup, teardown),
        cmocka_unit_test_setup_teardown(chain_4_is_ram, setup, teardown),
        cmocka_unit_test_setup_teardown(banks_are_ram, setup, teardown),
        cmocka_unit_test_setup_teardown(an_open_bank_keeps_what_the_aperture_gets, setup, teardown),
        cmocka_unit_test_setup_teardown(a_text_screen_does_not_spoil_the_first_picture, setup, teardown),
        cmocka_unit_test_setup_teardown(the_text_screen_can_be_found, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
