/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What each mode looks like: pictures in tests/unit/pictures, and which parts are told to have changed. */
#include "vga_host.h"

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

static void crtc(struct vga_host *host, uint8_t index, uint8_t value)
{
    vga_out_indexed(host, vga_in(host, 0x3cc) & 1 ? 0x3d4 : 0x3b4, index, value);
}

/* --- text ------------------------------------------------------------------------------------------------ */

static void write_screen(struct vga_host *host, uint32_t address, unsigned int columns)
{
    vga_write_text(host, address, 0x1e, "REFLEX");
    vga_write_text(host, address + 2 * columns, 0x4f, "\xcd\xcd RELEX \xcd\xcd");
    for (unsigned int i = 0; i < 256; i++) {
        uint32_t cell = address + 2 * (columns * (3 + i / 32) + i % 32);

        vga_poke(host, cell, i);
        vga_poke(host, cell + 1, i);
    }
    crtc(host, CRTC_CURSOR_LOW, 7);
}

static void text_of_80_columns(void **state)
{
    struct vga_host *host = *state;

    vga_set_mode(host, 0x03);
    write_screen(host, 0xb8000, 80);
    vga_look(host, true);
    assert_int_equal(host->picture.width, 720);
    assert_int_equal(host->picture.height, 400);
    assert_picture(host, "text-80");
}

static void text_of_40_columns(void **state)
{
    struct vga_host *host = *state;

    vga_set_mode(host, 0x01);
    write_screen(host, 0xb8000, 40);
    vga_look(host, true);
    assert_int_equal(host->picture.width, 720);
    assert_picture(host, "text-40");
}

static void text_of_8_dots_without_blinking(void **state)
{
    struct vga_host *host = *state;

    vga_set_mode(host, 0x03);
    write_screen(host, 0xb8000, 80);
    vga_out_indexed(host, 0x3c4, SEQ_CLOCKING, 0x01);
    vga_out_attribute(host, ATTR_MODE, 0x04);
    vga_look(host, true);
    assert_int_equal(host->picture.width, 640);
    assert_picture(host, "text-8-dots");
}

static void monochrome_text_underlines(void **state)
{
    struct vga_host *host = *state;

    vga_set_mode(host, 0x07);
    vga_write_text(host, 0xb0000, 0x01, "REFLEX");
    vga_write_text(host, 0xb0000 + 160, 0x70, "REFLEX");
    vga_look(host, true);
    assert_picture(host, "text-mono");
}

static void two_fonts_by_an_attribute(void **state)
{
    struct vga_host *host = *state;

    vga_set_mode(host, 0x03);
    vga_load_font(host, 4, true);
    vga_write_text(host, 0xb8000, 0x07, "REFLEX");
    vga_write_text(host, 0xb8000 + 160, 0x0f, "REFLEX");
    vga_out_indexed(host, 0x3c4, SEQ_MAP_SELECT, 0x20);         /* map A: 4 */
    vga_look(host, true);
    assert_picture(host, "text-two-fonts");
}

/* Scrolled by lines of dots, and with a status line below the split. */
static void text_scrolls_smoothly_above_the_split(void **state)
{
    struct vga_host *host = *state;

    vga_set_mode(host, 0x03);
    write_screen(host, 0xb8000 + 160 * 2, 80);
    vga_write_text(host, 0xb8000, 0x70, "REFLEX");
    crtc(host, CRTC_START_LOW, 160);
    crtc(host, CRTC_PRESET_ROW_SCAN, 5);
    crtc(host, CRTC_OVERFLOW, 0x1f);
    crtc(host, CRTC_MAX_SCAN_LINE, 0x0f);
    crtc(host, CRTC_OVERFLOW, 0x0f);
    crtc(host, CRTC_LINE_COMPARE, 199);
    vga_look(host, true);
    assert_picture(host, "text-split");
}

static void only_what_has_changed_is_told(void **state)
{
    struct vga_host *host = *state;

    vga_set_mode(host, 0x03);
    crtc(host, CRTC_CURSOR_START, CURSOR_OFF);
    vga_look(host, true);
    assert_int_equal(host->pictures, 1);
    assert_int_equal(host->changed_pixels, 720 * 400);
    vga_look(host, false);
    assert_int_equal(host->changes, 0);
    vga_write_text(host, 0xb8000 + 160 + 4, 0x07, "EX");
    vga_look(host, false);
    assert_int_equal(host->changes, 1);
    assert_int_equal(host->changed_pixels, 2 * 9 * 16);
    vga_out(host, 0x3c8, 7);                                    /* another colour */
    vga_out(host, 0x3c9, 1);
    vga_look(host, false);
    assert_int_equal(host->changed_pixels, 720 * 400);
    assert_int_equal(host->pictures, 1);
}

static void cursor_and_attribute_blink(void **state)
{
    struct vga_host *host = *state;
    unsigned int cursor = 0, character = 0, idle = 0;

    vga_set_mode(host, 0x03);
    vga_write_text(host, 0xb8000 + 160, 0x87, "R");
    vga_look(host, true);
    for (unsigned int i = 0; i < 64; i++) {
        vga_look(host, false);
        idle += !host->changes;
        cursor += vga_pixel(host, 0, 13) != 0;
        character += vga_pixel(host, 1, 16 + 1) != 0;
    }
    assert_int_equal(cursor, 32);
    assert_int_equal(character, 32);
    assert_int_equal(idle, 64 - 8);
}

static void a_dark_screen(void **state)
{
    struct vga_host *host = *state;

    vga_look(host, true);
    assert_int_equal(host->pictures, 1);
    assert_int_equal(host->picture.width, 0);
    vga_set_mode(host, 0x03);
    vga_look(host, false);
    assert_int_equal(host->picture.width, 720);
    vga_out_indexed(host, 0x3c4, SEQ_CLOCKING, CLOCKING_SO);
    vga_look(host, false);
    assert_int_equal(host->picture.width, 0);
    vga_out_indexed(host, 0x3c4, SEQ_CLOCKING, 0);
    vga_in(host, 0x3da);
    vga_out(host, 0x3c0, 0x00);                                 /* PAS */
    vga_look(host, false);
    assert_int_equal(host->picture.width, 0);
    assert_int_equal(host->changes, 0);
}

/* --- graphics -------------------------------------------------------------------------------------------- */

static void cga_of_4_colors(void **state)
{
    struct vga_host *host = *state;

    vga_set_mode(host, 0x04);
    for (unsigned int y = 0; y < 200; y++)
        for (unsigned int x = 0; x < 80; x++)
            vga_poke(host, 0xb8000 + (y & 1) * 0x2000 + y / 2 * 80 + x, x < 40 ? 0x1b : y);
    vga_look(host, true);
    assert_int_equal(host->picture.width, 640);
    assert_int_equal(host->picture.height, 400);
    assert_picture(host, "cga-4");
}

static void cga_of_2_colors(void **state)
{
    struct vga_host *host = *state;

    vga_set_mode(host, 0x06);
    for (unsigned int y = 0; y < 200; y++)
        for (unsigned int x = 0; x < 80; x++)
            vga_poke(host, 0xb8000 + (y & 1) * 0x2000 + y / 2 * 80 + x, x < 40 ? 0xf0 : y);
    vga_look(host, true);
    assert_picture(host, "cga-2");
}

/* A bar of each colour, by write mode 2. */
static void paint_bars(struct vga_host *host, unsigned int bytes, unsigned int lines)
{
    vga_out_indexed(host, 0x3ce, GFX_MODE, 2);
    for (unsigned int y = 0; y < lines; y++)
        for (unsigned int x = 0; x < bytes; x++)
            vga_poke(host, 0xa0000 + y * bytes + x, x * 16 / bytes);
    vga_out_indexed(host, 0x3ce, GFX_MODE, 0);
    vga_out_indexed(host, 0x3ce, GFX_BIT_MASK, 0xff);
    for (unsigned int y = 0; y < lines; y++)
        vga_poke(host, 0xa0000 + y * bytes + y / 8 % bytes, 0x80 >> y % 8);
}

static void planar_of_640(void **state)
{
    struct vga_host *host = *state;

    vga_set_mode(host, 0x12);
    paint_bars(host, 80, 480);
    vga_look(host, true);
    assert_int_equal(host->picture.height, 480);
    assert_picture(host, "planar-640");
    vga_look(host, false);
    assert_int_equal(host->changes, 0);
    vga_poke(host, 0xa0000 + 100 * 80, 0xff);
    vga_look(host, false);
    assert_in_range(host->changes, 1, 2);
    assert_true(host->changed_pixels < 640 * 30);
    assert_int_equal(vga_pixel(host, 0, 100), vga_pixel(host, 7, 100));
}

static void planar_of_320_panned_and_split(void **state)
{
    struct vga_host *host = *state;

    vga_set_mode(host, 0x0d);
    paint_bars(host, 40, 200);
    crtc(host, CRTC_START_LOW, 40 * 16 & 0xff);
    crtc(host, CRTC_START_HIGH, 40 * 16 >> 8);
    crtc(host, CRTC_OVERFLOW, 0x1f);
    crtc(host, CRTC_MAX_SCAN_LINE, 0x80);
    crtc(host, CRTC_LINE_COMPARE, 0x2b);                        /* 300 */
    vga_out_attribute(host, ATTR_PANNING, 3);
    vga_out_attribute(host, ATTR_MODE, 0x21);
    vga_look(host, true);
    assert_int_equal(host->picture.width, 640);
    assert_picture(host, "planar-320-split");
}

static void packed_of_320(void **state)
{
    struct vga_host *host = *state;

    vga_set_mode(host, 0x13);
    for (unsigned int y = 0; y < 200; y++)
        for (unsigned int x = 0; x < 320; x++)
            vga_poke(host, 0xa0000 + y * 320 + x, x / 20 + y / 13 * 16);
    vga_look(host, true);
    assert_int_equal(host->picture.width, 640);
    assert_int_equal(host->picture.height, 400);
    assert_picture(host, "packed-320");
}

/* 320x240 without chain 4, as games set it up on top of mode 13h. */
static void mode_x(void **state)
{
    static const uint8_t registers[][2] = {
        { 0x06, 0x0d }, { 0x07, 0x3e }, { 0x09, 0x41 }, { 0x10, 0xea }, { 0x11, 0x2c }, { 0x12, 0xdf }, { 0x14, 0x00 },
        { 0x15, 0xe7 }, { 0x16, 0x06 }, { 0x17, 0xe3 },
    };
    struct vga_host *host = *state;

    vga_set_mode(host, 0x13);
    vga_out_indexed(host, 0x3c4, SEQ_MEMORY_MODE, 0x06);
    vga_out(host, 0x3c2, 0xe3);
    crtc(host, CRTC_VRE, 0x0e);
    for (unsigned int i = 0; i < sizeof(registers) / sizeof(registers[0]); i++)
        crtc(host, registers[i][0], registers[i][1]);
    for (unsigned int y = 0; y < 240; y++)
        for (unsigned int x = 0; x < 320; x++) {
            vga_out_indexed(host, 0x3c4, SEQ_MAP_MASK, 1 << x % 4);
            vga_poke(host, 0xa0000 + y * 80 + x / 4, x / 20 + y / 15 * 16);
        }
    vga_look(host, true);
    assert_int_equal(host->picture.height, 480);
    assert_picture(host, "mode-x");
}

/* --- the display interface ------------------------------------------------------------------------------- */

static uint32_t encode(unsigned int x, unsigned int y, unsigned int bpp)
{
    uint32_t red = x & 0xff, green = y & 0xff, blue = (x + y) & 0xff;

    switch (bpp) {
    case 8:
        return x / 10;
    case 15:
        return (red >> 3) << 10 | (green >> 3) << 5 | blue >> 3;
    case 16:
        return (red >> 3) << 11 | (green >> 2) << 5 | blue >> 3;
    default:
        return red << 16 | green << 8 | blue;
    }
}

static void paint_linear(struct vga_host *host, unsigned int width, unsigned int height, unsigned int bpp)
{
    unsigned int bytes = (bpp + 7) / 8;

    for (unsigned int y = 0; y < height; y++)
        for (unsigned int x = 0; x < width; x++)
            vga_poke_aperture(host, (y * width + x) * bytes, encode(x, y, bpp), bytes);
}

static void linear_modes(void **state)
{
    static const struct { unsigned int bpp; const char *picture; } depths[] = {
        { 8, "linear-8" }, { 15, "linear-15" }, { 16, "linear-16" }, { 24, "linear-24" }, { 32, "linear-24" },
    };
    struct vga_host *host = *state;

    vga_set_mode(host, 0x13);
    for (unsigned int i = 0; i < sizeof(depths) / sizeof(depths[0]); i++) {
        unsigned int bpp = depths[i].bpp;

        vga_set_dispi_mode(host, 640, 400, bpp, DISPI_LFB_ENABLED);
        paint_linear(host, 640, 400, bpp);
        vga_look(host, true);
        assert_int_equal(host->picture.depth, bpp == 8 ? 32 : bpp);
        assert_picture(host, depths[i].picture);
        vga_look(host, false);
        assert_int_equal(host->changes, 0);
        vga_poke_aperture(host, 640 * 200 * ((bpp + 7) / 8), 0xffffff, (bpp + 7) / 8);
        vga_look(host, false);
        assert_int_equal(host->changes, 1);
        assert_true(host->changed_pixels < 640 * 15);
        assert_int_not_equal(vga_pixel(host, 0, 200), 0);
    }
}

/* Of the deeper ones the picture is the memory itself, at the place that offset and virtual width say. */
static void linear_modes_are_shown_where_they_are(void **state)
{
    struct vga_host *host = *state;

    vga_set_dispi_mode(host, 1920, 1200, 32, DISPI_LFB_ENABLED);
    vga_look(host, true);
    assert_int_equal(host->picture.offset, 0);
    assert_int_equal(host->picture.stride, 4 * 1920);
    assert_int_equal(host->picture.height, 1200);
    vga_set_dispi_mode(host, 800, 600, 16, DISPI_LFB_ENABLED);
    vga_out_dispi(host, DISPI_VIRT_WIDTH, 1024);
    vga_out_dispi(host, DISPI_X_OFFSET, 100);
    vga_out_dispi(host, DISPI_Y_OFFSET, 600);
    vga_look(host, false);
    assert_int_equal(host->picture.offset, 2 * (600 * 1024 + 100));
    assert_int_equal(host->picture.stride, 2048);
    vga_poke_aperture(host, 2 * (610 * 1024 + 105), 0xf800, 2);
    vga_look(host, false);
    assert_int_equal(vga_pixel(host, 5, 10), 0xff0000);
    assert_true(host->changed_pixels < 800 * 10);
    vga_poke_aperture(host, 2 * (5 * 1024), 0xf800, 2);         /* out of sight */
    vga_look(host, false);
    assert_int_equal(host->changes, 0);
}

static void planar_of_800(void **state)
{
    struct vga_host *host = *state;

    vga_set_mode(host, 0x12);
    vga_set_dispi_mode(host, 800, 600, 4, 0);
    paint_bars(host, 100, 600);
    vga_look(host, true);
    assert_picture(host, "planar-800");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(text_of_80_columns, setup, teardown),
        cmocka_unit_test_setup_teardown(text_of_40_columns, setup, teardown),
        cmocka_unit_test_setup_teardown(text_of_8_dots_without_blinking, setup, teardown),
        cmocka_unit_test_setup_teardown(monochrome_text_underlines, setup, teardown),
        cmocka_unit_test_setup_teardown(two_fonts_by_an_attribute, setup, teardown),
        cmocka_unit_test_setup_teardown(text_scrolls_smoothly_above_the_split, setup, teardown),
        cmocka_unit_test_setup_teardown(only_what_has_changed_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(cursor_and_attribute_blink, setup, teardown),
        cmocka_unit_test_setup_teardown(a_dark_screen, setup, teardown),
        cmocka_unit_test_setup_teardown(cga_of_4_colors, setup, teardown),
        cmocka_unit_test_setup_teardown(cga_of_2_colors, setup, teardown),
        cmocka_unit_test_setup_teardown(planar_of_640, setup, teardown),
        cmocka_unit_test_setup_teardown(planar_of_320_panned_and_split, setup, teardown),
        cmocka_unit_test_setup_teardown(packed_of_320, setup, teardown),
        cmocka_unit_test_setup_teardown(mode_x, setup, teardown),
        cmocka_unit_test_setup_teardown(linear_modes, setup, teardown),
        cmocka_unit_test_setup_teardown(linear_modes_are_shown_where_they_are, setup, teardown),
        cmocka_unit_test_setup_teardown(planar_of_800, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
