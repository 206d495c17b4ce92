/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The VGA's registers, and the graphics controller between processor and planes. */
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

/* --- registers ------------------------------------------------------------------------------------------- */

static void check_bits(struct vga_host *host, uint16_t port, const uint8_t *bits, unsigned int count)
{
    for (unsigned int i = 0; i < count; i++) {
        vga_out_indexed(host, port, i, 0xff);
        assert_int_equal(vga_in_indexed(host, port, i), bits[i]);
        vga_out_indexed(host, port, i, 0x00);
        assert_int_equal(vga_in_indexed(host, port, i), 0);
    }
}

static void pairs_keep_the_bits_that_there_are(void **state)
{
    static const uint8_t sequencer[8] = { 0x03, 0x3d, 0x0f, 0x3f, 0x0e };
    static const uint8_t graphics[16] = { 0x0f, 0x0f, 0x0f, 0x1f, 0x03, 0x7b, 0x0f, 0x0f, 0xff };
    struct vga_host *host = *state;

    check_bits(host, 0x3c4, sequencer, 8);
    check_bits(host, 0x3ce, graphics, 16);
    vga_out(host, 0x3c4, 0xff);
    assert_int_equal(vga_in(host, 0x3c4), 0x07);
    vga_out(host, 0x3ce, 0xff);
    assert_int_equal(vga_in(host, 0x3ce), 0x0f);
}

static void crtc_protects_its_first_registers(void **state)
{
    struct vga_host *host = *state;

    vga_out(host, 0x3c2, 0x01);
    for (unsigned int i = 0; i < CRTC_REGISTERS; i++)
        vga_out_indexed(host, 0x3d4, i, 0x55 & ~CRTC_PROTECT);
    vga_out_indexed(host, 0x3d4, CRTC_VRE, CRTC_PROTECT);
    for (unsigned int i = 0; i < CRTC_REGISTERS; i++)
        if (i != CRTC_VRE)
            vga_out_indexed(host, 0x3d4, i, 0xaa);
    for (unsigned int i = 0; i < CRTC_OVERFLOW; i++)
        assert_int_equal(vga_in_indexed(host, 0x3d4, i), 0x55);
    assert_int_equal(vga_in_indexed(host, 0x3d4, CRTC_OVERFLOW), 0x45);    /* LC8 alone */
    assert_int_equal(vga_in_indexed(host, 0x3d4, CRTC_OFFSET), 0xaa);
    vga_out_indexed(host, 0x3d4, 0x19, 0xaa);
    assert_int_equal(vga_in_indexed(host, 0x3d4, 0x19), 0);
}

static void crtc_is_where_misc_says(void **state)
{
    struct vga_host *host = *state;

    vga_out(host, 0x3c2, 0x67);
    assert_int_equal(vga_in(host, 0x3cc), 0x67);
    vga_out_indexed(host, 0x3d4, CRTC_OFFSET, 0x28);
    assert_int_equal(vga_in(host, 0x3b5), 0xff);
    vga_out_indexed(host, 0x3b4, CRTC_OFFSET, 0x14);
    assert_int_equal(vga_in(host, 0x3d5), 0x28);
    vga_out(host, 0x3c2, 0x66);
    assert_int_equal(vga_in(host, 0x3b5), 0x28);
    assert_int_equal(vga_in(host, 0x3d5), 0xff);
    vga_out(host, 0x3ba, 0x0b);
    assert_int_equal(vga_in(host, 0x3ca), 0x0b);
}

static void attribute_index_and_data_take_turns(void **state)
{
    static const uint8_t bits[ATTR_REGISTERS] = {
        0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f,
        0xef, 0xff, 0x3f, 0x0f, 0x0f,
    };
    struct vga_host *host = *state;

    vga_out(host, 0x3c2, 0x67);
    for (unsigned int i = 0; i < ATTR_REGISTERS; i++) {
        vga_out_attribute(host, i, 0xff);
        assert_int_equal(vga_in_attribute(host, i), bits[i]);
    }
    assert_int_equal(vga_in_attribute(host, 0x15), 0);
    vga_in(host, 0x3da);
    vga_out(host, 0x3c0, 0x33);                 /* index, with PAS */
    assert_int_equal(vga_in(host, 0x3c0), 0x33);
    vga_out(host, 0x3c0, 0x05);                 /* data */
    assert_int_equal(vga_in(host, 0x3c1), 0x05);
    vga_out(host, 0x3c0, 0x01);                 /* index again */
    vga_in(host, 0x3da);
    vga_out(host, 0x3c0, 0x02);                 /* still index: the status was read */
    assert_int_equal(vga_in(host, 0x3c0), 0x02);
}

/* What waits for a retrace, or for its end, as BIOS and games do, ends. */
static void retrace_comes_and_goes(void **state)
{
    struct vga_host *host = *state;
    unsigned int reads = 0;

    vga_out(host, 0x3c2, 0x67);
    for (unsigned int i = 0; i < 4; i++) {
        while (vga_in(host, 0x3da) & STATUS_1_VR)
            assert_true(++reads < 100);
        while (!(vga_in(host, 0x3da) & STATUS_1_VR))
            assert_true(++reads < 100);
        while (vga_in(host, 0x3da) & STATUS_1_DD)
            assert_true(++reads < 100);
    }
}

static void dac_counts_parts_and_colors(void **state)
{
    struct vga_host *host = *state;

    vga_out(host, 0x3c8, 0xfe);
    for (unsigned int i = 0; i < 9; i++)
        vga_out(host, 0x3c9, 0xc0 + i);         /* 6 bits count; the third colour is number 0 */
    assert_int_equal(vga_in(host, 0x3c7), 0);
    assert_int_equal(vga_in(host, 0x3c8), 0x01);
    vga_out(host, 0x3c7, 0xfe);
    assert_int_equal(vga_in(host, 0x3c7), DAC_STATE_READ);
    for (unsigned int i = 0; i < 9; i++)
        assert_int_equal(vga_in(host, 0x3c9), i);
    vga_out(host, 0x3c6, 0x5a);
    assert_int_equal(vga_in(host, 0x3c6), 0x5a);
    vga_out_dispi(host, DISPI_ENABLE, DISPI_8BIT_DAC);
    vga_out(host, 0x3c8, 0x10);
    vga_out(host, 0x3c9, 0xc1);
    vga_out(host, 0x3c7, 0x10);
    assert_int_equal(vga_in(host, 0x3c9), 0xc1);
}

static void other_ports_are_nobodys(void **state)
{
    struct vga_host *host = *state;

    vga_out(host, 0x3c2, 0x67);
    for (uint16_t port = 0x3d0; port < 0x3e0; port++)
        if (port != 0x3d4 && port != 0x3d5 && port != 0x3da)
            assert_int_equal(vga_in(host, port), 0xff);
    assert_int_equal(vga_in(host, 0x3cd), 0xff);
    assert_int_equal(vga_in(host, 0x3c3), 0x01);
}

/* Linux's bochs driver does without ports; SeaBIOS and it read the monitor's data here. */
static void mmio_is_the_same_registers(void **state)
{
    struct vga_host *host = *state;
    uint8_t sum = 0;

    vga_mmio_ops.write(&host->vga, VGA_MMIO_PORTS + 2, 1, 0x67);
    assert_int_equal(vga_in(host, 0x3cc), 0x67);
    vga_mmio_ops.write(&host->vga, VGA_MMIO_PORTS + 4, 2, 0x0f02);
    assert_int_equal(vga_in_indexed(host, 0x3c4, 2), 0x0f);
    assert_int_equal(vga_mmio_ops.read(&host->vga, VGA_MMIO_PORTS + 4, 2), 0x0f02);
    vga_mmio_ops.write(&host->vga, VGA_MMIO_DISPI + 2 * DISPI_BPP, 2, 32);
    assert_int_equal(vga_in_dispi(host, DISPI_BPP), 32);
    assert_int_equal(vga_mmio_ops.read(&host->vga, VGA_MMIO_DISPI, 2), DISPI_ID5);
    assert_int_equal(vga_mmio_ops.read(&host->vga, VGA_MMIO_DISPI + 2 * DISPI_VIDEO_MEMORY_64K, 2), 256);
    assert_int_equal(vga_mmio_ops.read(&host->vga, 0x600, 2), 0xffff);      /* no byte order register */
    for (unsigned int i = 0; i < 128; i++)
        sum += vga_mmio_ops.read(&host->vga, i, 1);
    assert_int_equal(sum, 0);
    assert_int_equal(vga_mmio_ops.read(&host->vga, 0, 2), 0xff00);
    assert_int_equal(vga_mmio_ops.read(&host->vga, 54 + 2, 1), 1024 & 0xff);
    assert_int_equal(vga_mmio_ops.read(&host->vga, 128, 1), 0);
}

static void reset_forgets_registers_and_keeps_memory(void **state)
{
    struct vga_host *host = *state;

    vga_set_mode(host, 0x12);
    vga_poke(host, 0xa0000, 0x81);
    vga_set_dispi_mode(host, 800, 600, 32, DISPI_NOCLEARMEM);
    vga_reset(&host->vga);
    assert_int_equal(vga_in(host, 0x3cc), 0);
    assert_int_equal(vga_in_dispi(host, DISPI_ENABLE), 0);
    assert_int_equal(vga_in_dispi(host, DISPI_ID), DISPI_ID5);
    assert_int_equal(host->bytes[0], 0x81);
    assert_int_equal(host->shown, 0);
}

/* --- planes ---------------------------------------------------------------------------------------------- */

static void gfx(struct vga_host *host, uint8_t index, uint8_t value)
{
    vga_out_indexed(host, 0x3ce, index, value);
}

static void assert_planes(struct vga_host *host, uint32_t address, uint32_t planes)
{
    for (unsigned int plane = 0; plane < 4; plane++) {
        gfx(host, GFX_READ_MAP_SELECT, plane);
        assert_int_equal(vga_peek(host, 0xa0000 + address), planes >> 8 * plane & 0xff);
    }
}

static void map_mask_and_read_map_choose_planes(void **state)
{
    struct vga_host *host = *state;

    vga_set_mode(host, 0x12);
    assert_int_equal(host->shown, 0);
    vga_poke(host, 0xa0000, 0x11);
    vga_out_indexed(host, 0x3c4, SEQ_MAP_MASK, 0x6);
    vga_poke(host, 0xa0000, 0x22);
    assert_planes(host, 0, 0x11222211);
    assert_memory_equal(host->bytes, "\x11\x22\x22\x11", 4);
    vga_poke(host, 0xaffff, 0x33);
    assert_planes(host, 0xffff, 0x00333300);
    assert_int_equal(vga_peek(host, 0xb8000), 0xff);    /* the map is A0000h alone */
    vga_poke(host, 0xb8000, 0x44);
    assert_planes(host, 0x8000, 0);
}

static void write_mode_0(void **state)
{
    struct vga_host *host = *state;

    vga_set_mode(host, 0x12);
    gfx(host, GFX_DATA_ROTATE, 3);
    vga_poke(host, 0xa0000, 0x0f);
    assert_planes(host, 0, 0xe1e1e1e1);
    gfx(host, GFX_DATA_ROTATE, 0);
    gfx(host, GFX_ENABLE_SET_RESET, 0x3);
    gfx(host, GFX_SET_RESET, 0x1);
    vga_poke(host, 0xa0001, 0x3c);
    assert_planes(host, 1, 0x3c3c00ff);
    gfx(host, GFX_ENABLE_SET_RESET, 0x0);
    vga_peek(host, 0xa0001);                    /* latches */
    gfx(host, GFX_BIT_MASK, 0xf0);
    vga_poke(host, 0xa0002, 0x55);
    assert_planes(host, 2, 0x5c5c505f);
}

static void logical_operations(void **state)
{
    static const uint32_t expected[4] = { 0x33333333, 0x03223311, 0x3f33bbff, 0x3c1188ee };
    struct vga_host *host = *state;

    vga_set_mode(host, 0x12);
    for (unsigned int plane = 0; plane < 4; plane++) {
        static const uint8_t bytes[4] = { 0xdd, 0xbb, 0x22, 0x0f };

        vga_out_indexed(host, 0x3c4, SEQ_MAP_MASK, 1 << plane);
        vga_poke(host, 0xa0000, bytes[plane]);
    }
    vga_out_indexed(host, 0x3c4, SEQ_MAP_MASK, 0xf);
    for (unsigned int function = 0; function < 4; function++) {
        vga_peek(host, 0xa0000);
        gfx(host, GFX_DATA_ROTATE, function << 3);
        vga_poke(host, 0xa0010 + function, 0x33);
    }
    for (unsigned int function = 0; function < 4; function++)
        assert_planes(host, 0x10 + function, expected[function]);
}

static void write_modes_1_to_3(void **state)
{
    struct vga_host *host = *state;

    vga_set_mode(host, 0x12);
    gfx(host, GFX_MODE, 2);
    gfx(host, GFX_BIT_MASK, 0xc3);
    vga_poke(host, 0xa0000, 0x05);
    assert_planes(host, 0, 0x00c300c3);
    gfx(host, GFX_MODE, 1);
    vga_peek(host, 0xa0000);
    vga_poke(host, 0xa0008, 0xff);              /* what the processor says does not count */
    assert_planes(host, 8, 0x00c300c3);
    gfx(host, GFX_MODE, 3);
    gfx(host, GFX_SET_RESET, 0x8);
    gfx(host, GFX_BIT_MASK, 0x3c);
    gfx(host, GFX_DATA_ROTATE, 4);
    vga_peek(host, 0xa0000);
    vga_poke(host, 0xa0009, 0x0f);              /* rotated F0h, of which 30h count */
    assert_planes(host, 9, 0x30c300c3);
}

static void read_mode_1_compares_colors(void **state)
{
    struct vga_host *host = *state;

    vga_set_mode(host, 0x12);
    gfx(host, GFX_MODE, 2);
    gfx(host, GFX_BIT_MASK, 0x0f);
    vga_poke(host, 0xa0000, 0x6);
    gfx(host, GFX_MODE, MODE_RM);
    gfx(host, GFX_COLOR_DONT_CARE, 0xf);
    gfx(host, GFX_COLOR_COMPARE, 0x6);
    assert_int_equal(vga_peek(host, 0xa0000), 0x0f);
    gfx(host, GFX_COLOR_COMPARE, 0x7);
    assert_int_equal(vga_peek(host, 0xa0000), 0x00);
    gfx(host, GFX_COLOR_DONT_CARE, 0xe);
    assert_int_equal(vga_peek(host, 0xa0000), 0x0f);
    gfx(host, GFX_COLOR_DONT_CARE, 0x0);
    assert_int_equal(vga_peek(host, 0xa0000), 0xff);
}

/* Odd/even, with planes 2 and 3 as well, so that it does not become RAM. */
static void odd_and_even_addresses(void **state)
{
    struct vga_host *host = *state;

    vga_set_mode(host, 0x03);
    vga_out_indexed(host, 0x3c4, SEQ_MAP_MASK, 0xf);
    assert_int_equal(host->shown & 0xff000000, 0);
    vga_poke(host, 0xb8000, 0x11);
    vga_poke(host, 0xb8001, 0x22);
    assert_memory_equal(host->bytes, "\x11\x22\x11\x22", 4);
    assert_int_equal(vga_peek(host, 0xb8001), 0x22);
    vga_out_indexed(host, 0x3c4, SEQ_MAP_MASK, 0x4);
    vga_poke(host, 0xb8002, 0x33);
    vga_poke(host, 0xb8003, 0x44);              /* would be plane 3 */
    assert_int_equal(host->bytes[6], 0x33);
    assert_int_equal(host->bytes[7], 0x00);
}

/* Chain 4 with a write mode of the planes. */
static void chain_4_obeys_the_graphics_controller(void **state)
{
    struct vga_host *host = *state;

    vga_set_mode(host, 0x13);
    gfx(host, GFX_DATA_ROTATE, 1);
    assert_int_equal(host->shown, 0);
    vga_poke(host, 0xa0005, 0x01);
    assert_int_equal(host->bytes[5], 0x80);
    vga_out_indexed(host, 0x3c4, SEQ_MAP_MASK, 0x1);
    vga_poke(host, 0xa0005, 0x02);              /* plane 1 */
    assert_int_equal(host->bytes[5], 0x80);
    assert_int_equal(vga_peek(host, 0xa0005), 0x80);
}

static void memory_answers_only_when_told_to(void **state)
{
    struct vga_host *host = *state;

    vga_set_mode(host, 0x12);
    vga_poke(host, 0xa0000, 0x77);
    vga_out(host, 0x3c2, 0xe1);
    assert_int_equal(vga_peek(host, 0xa0000), 0xff);
    vga_out(host, 0x3c2, 0xe3);
    vga_decode_memory(&host->vga, false);
    assert_int_equal(vga_peek(host, 0xa0000), 0xff);
    vga_decode_memory(&host->vga, true);
    assert_int_equal(vga_peek(host, 0xa0000), 0x77);
}

static void memory_maps(void **state)
{
    static const uint8_t misc[4] = { 0x01, 0x05, 0x09, 0x0d };
    static const uint32_t first[4] = { 0xa0000, 0xa0000, 0xb0000, 0xb8000 };
    static const uint32_t last[4] = { 0xbffff, 0xaffff, 0xb7fff, 0xbffff };
    struct vga_host *host = *state;

    vga_set_mode(host, 0x12);
    for (unsigned int map = 0; map < 4; map++) {
        gfx(host, GFX_MISC, misc[map]);
        vga_poke(host, first[map], 0x10 + map);
        assert_int_equal(host->bytes[0], 0x10 + map);
        assert_int_equal(vga_peek(host, first[map]), 0x10 + map);
        assert_int_not_equal(vga_peek(host, last[map]), 0xff);
        if (map)
            assert_int_equal(vga_peek(host, map == 1 ? 0xb0000 : 0xa0000), 0xff);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(pairs_keep_the_bits_that_there_are, setup, teardown),
        cmocka_unit_test_setup_teardown(crtc_protects_its_first_registers, setup, teardown),
        cmocka_unit_test_setup_teardown(crtc_is_where_misc_says, setup, teardown),
        cmocka_unit_test_setup_teardown(attribute_index_and_data_take_turns, setup, teardown),
        cmocka_unit_test_setup_teardown(retrace_comes_and_goes, setup, teardown),
        cmocka_unit_test_setup_teardown(dac_counts_parts_and_colors, setup, teardown),
        cmocka_unit_test_setup_teardown(other_ports_are_nobodys, setup, teardown),
        cmocka_unit_test_setup_teardown(mmio_is_the_same_registers, setup, teardown),
        cmocka_unit_test_setup_teardown(reset_forgets_registers_and_keeps_memory, setup, teardown),
        cmocka_unit_test_setup_teardown(map_mask_and_read_map_choose_planes, setup, teardown),
        cmocka_unit_test_setup_teardown(write_mode_0, setup, teardown),
        cmocka_unit_test_setup_teardown(logical_operations, setup, teardown),
        cmocka_unit_test_setup_teardown(write_modes_1_to_3, setup, teardown),
        cmocka_unit_test_setup_teardown(read_mode_1_compares_colors, setup, teardown),
        cmocka_unit_test_setup_teardown(odd_and_even_addresses, setup, teardown),
        cmocka_unit_test_setup_teardown(chain_4_obeys_the_graphics_controller, setup, teardown),
        cmocka_unit_test_setup_teardown(memory_answers_only_when_told_to, setup, teardown),
        cmocka_unit_test_setup_teardown(memory_maps, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
