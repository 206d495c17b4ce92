/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "vga_host.h"

#include <stdlib.h>

#define APERTURE 0xf0000000u

/* --- memory ---------------------------------------------------------------------------------------------- */

static struct vga_host *of_memory(struct video_memory *memory)
{
    return (struct vga_host *)((uint8_t *)memory - offsetof(struct vga_host, memory));
}

static void move(struct video_memory *memory, uint32_t address)
{
    assert_int_equal(address % memory->length, 0);
    of_memory(memory)->aperture = address;
    of_memory(memory)->moves++;
}

static uint32_t page_mask(uint32_t first, uint32_t pages)
{
    assert_in_range(pages, 1, VIDEO_WINDOW_PAGES - first);
    return (uint32_t)(((uint64_t)1 << pages) - 1) << first;
}

static void show(struct video_memory *memory, uint32_t first, uint32_t pages)
{
    struct vga_host *host = of_memory(memory);

    assert_int_equal(host->shown & page_mask(first, pages), 0);
    host->shown |= page_mask(first, pages);
    host->shows++;
}

static void hide(struct video_memory *memory, uint32_t first, uint32_t pages)
{
    struct vga_host *host = of_memory(memory);

    assert_int_equal(~host->shown & page_mask(first, pages), 0);
    host->shown &= ~page_mask(first, pages);
    host->hides++;
}

static void *window(struct video_memory *memory, uint32_t page)
{
    return of_memory(memory)->window + page * VIDEO_PAGE_BYTES;
}

static void dirty(struct video_memory *memory, uint32_t first, uint32_t pages, uint8_t *bitmap)
{
    struct vga_host *host = of_memory(memory);
    bool other = first != host->watched_first || pages != host->watched_pages;

    assert_in_range(first + pages, 1, memory->length / VIDEO_PAGE_BYTES);
    for (uint32_t i = 0; i < pages; i++) {
        if (other || host->written[first + i])
            bitmap[i / 8] |= 1u << i % 8;
        host->written[first + i] = 0;
    }
    host->watched_first = first;
    host->watched_pages = pages;
}

static const struct video_memory_ops memory_ops = {
    .move = move, .show = show, .hide = hide, .window = window, .dirty = dirty,
};

/* --- the far end ----------------------------------------------------------------------------------------- */

static struct vga_host *of_display(struct display_backend *display)
{
    return (struct vga_host *)((uint8_t *)display - offsetof(struct vga_host, display));
}

static void picture_shown(struct display_backend *display, const struct display_picture *picture)
{
    struct vga_host *host = of_display(display);
    uint32_t bytes = (picture->depth + 7) / 8;

    assert_in_range(picture->width, 0, DISPLAY_WIDTH_MAX);
    assert_in_range(picture->height, 0, DISPLAY_HEIGHT_MAX);
    if (picture->width)
        assert_in_range(picture->offset + (picture->height - 1) * picture->stride + picture->width * bytes, 1,
                        host->memory.length);
    host->picture = *picture;
    memset(host->screen, 0x55, 4 * DISPLAY_WIDTH_MAX * DISPLAY_HEIGHT_MAX);
    host->pictures++;
}

static uint32_t widen(uint32_t value, unsigned int bits)
{
    return value << (8 - bits) | value >> (2 * bits - 8);
}

static uint32_t to_32(const uint8_t *pixel, unsigned int depth)
{
    uint32_t value = pixel[0] | pixel[1] << 8;

    switch (depth) {
    case 15:
        return widen(value >> 10 & 31, 5) << 16 | widen(value >> 5 & 31, 5) << 8 | widen(value & 31, 5);
    case 16:
        return widen(value >> 11, 5) << 16 | widen(value >> 5 & 63, 6) << 8 | widen(value & 31, 5);
    default:
        return value | pixel[2] << 16;
    }
}

static void part_changed(struct display_backend *display, const struct display_rectangle *part)
{
    struct vga_host *host = of_display(display);
    const struct display_picture *picture = &host->picture;
    uint32_t bytes = (picture->depth + 7) / 8;

    assert_in_range(part->width, 1, picture->width - part->x);
    assert_in_range(part->height, 1, picture->height - part->y);
    for (uint32_t y = part->y; y < part->y + part->height; y++)
        for (uint32_t x = part->x; x < part->x + part->width; x++)
            host->screen[y * picture->width + x] =
                to_32(host->bytes + picture->offset + y * picture->stride + x * bytes, picture->depth);
    host->changes++;
    host->changed_pixels += (uint64_t)part->width * part->height;
}

static const struct display_backend_ops display_ops = { .show = picture_shown, .changed = part_changed };

void vga_look(struct vga_host *host, bool all)
{
    host->changes = 0;
    host->changed_pixels = 0;
    host->display.listener->refresh(host->display.listener, all);
}

uint32_t vga_pixel(const struct vga_host *host, unsigned int x, unsigned int y)
{
    assert_in_range(x, 0, host->picture.width - 1);
    assert_in_range(y, 0, host->picture.height - 1);
    return host->screen[y * host->picture.width + x] & 0xffffff;
}

/* --- the guest ------------------------------------------------------------------------------------------- */

void vga_host_init(struct vga_host *host)
{
    memset(host, 0, sizeof(*host));
    host->bytes = calloc(1, VGA_MEMORY_BYTES + VIDEO_WINDOW_PAGES * VIDEO_PAGE_BYTES);
    host->window = host->bytes + VGA_MEMORY_BYTES;
    host->written = calloc(1, VGA_MEMORY_BYTES / VIDEO_PAGE_BYTES);
    host->screen = calloc(4, DISPLAY_WIDTH_MAX * DISPLAY_HEIGHT_MAX);
    host->aperture = APERTURE;
    host->memory = (struct video_memory){ .bytes = host->bytes, .length = VGA_MEMORY_BYTES, .ops = &memory_ops };
    host->display.ops = &display_ops;
    vga_init(&host->vga, &host->memory, &host->display);
    vga_decode_memory(&host->vga, true);
}

void vga_host_free(struct vga_host *host)
{
    free(host->bytes);
    free(host->written);
    free(host->screen);
}

uint8_t vga_in(struct vga_host *host, uint16_t port)
{
    if (port < 0x3c0)
        return vga_mono_ports_ops.read(&host->vga, port - 0x3b0, 1);
    return vga_ports_ops.read(&host->vga, port - 0x3c0, 1);
}

void vga_out(struct vga_host *host, uint16_t port, uint8_t value)
{
    if (port < 0x3c0)
        vga_mono_ports_ops.write(&host->vga, port - 0x3b0, 1, value);
    else
        vga_ports_ops.write(&host->vga, port - 0x3c0, 1, value);
}

static bool is_shown(const struct vga_host *host, uint32_t address)
{
    return host->shown & 1u << (address - VIDEO_WINDOW) / VIDEO_PAGE_BYTES;
}

uint8_t vga_peek(struct vga_host *host, uint32_t address)
{
    assert_in_range(address, VIDEO_WINDOW, 0xbffff);
    if (is_shown(host, address))
        return host->window[address - VIDEO_WINDOW];
    return vga_window_ops.read(&host->vga, address - VIDEO_WINDOW, 1);
}

void vga_poke(struct vga_host *host, uint32_t address, uint8_t value)
{
    assert_in_range(address, VIDEO_WINDOW, 0xbffff);
    if (is_shown(host, address))
        host->window[address - VIDEO_WINDOW] = value;
    else
        vga_window_ops.write(&host->vga, address - VIDEO_WINDOW, 1, value);
}

void vga_poke_aperture(struct vga_host *host, uint32_t offset, uint32_t value, unsigned int size)
{
    for (unsigned int i = 0; i < size; i++) {
        host->bytes[offset + i] = value >> 8 * i;
        host->written[(offset + i) / VIDEO_PAGE_BYTES] = 1;
    }
}

uint8_t vga_in_indexed(struct vga_host *host, uint16_t port, uint8_t index)
{
    vga_out(host, port, index);
    return vga_in(host, port + 1);
}

void vga_out_indexed(struct vga_host *host, uint16_t port, uint8_t index, uint8_t value)
{
    vga_out(host, port, index);
    vga_out(host, port + 1, value);
}

static uint16_t status_port(struct vga_host *host)
{
    return vga_in(host, 0x3cc) & 1 ? 0x3da : 0x3ba;
}

uint8_t vga_in_attribute(struct vga_host *host, uint8_t index)
{
    uint8_t before, value;

    vga_in(host, status_port(host));
    before = vga_in(host, 0x3c0);
    vga_out(host, 0x3c0, index);
    value = vga_in(host, 0x3c1);
    vga_in(host, status_port(host));
    vga_out(host, 0x3c0, before);
    return value;
}

void vga_out_attribute(struct vga_host *host, uint8_t index, uint8_t value)
{
    uint8_t before;

    vga_in(host, status_port(host));
    before = vga_in(host, 0x3c0);
    vga_out(host, 0x3c0, index);
    vga_out(host, 0x3c0, value);
    vga_out(host, 0x3c0, before);
}

uint16_t vga_in_dispi(struct vga_host *host, uint16_t index)
{
    vga_dispi_ops.write(&host->vga, 0, 2, index);
    return vga_dispi_ops.read(&host->vga, 1, 2);
}

void vga_out_dispi(struct vga_host *host, uint16_t index, uint16_t value)
{
    vga_dispi_ops.write(&host->vga, 0, 2, index);
    vga_dispi_ops.write(&host->vga, 1, 2, value);
}

/* --- a BIOS ---------------------------------------------------------------------------------------------- */

struct bios_mode {
    unsigned int number;
    uint8_t misc, sequencer[4];             /* SR1 to SR4 */
    uint8_t crtc[CRTC_REGISTERS], attribute[20], graphics[GFX_REGISTERS];
    uint32_t address, words;                /* of the memory that a BIOS clears */
    uint16_t blank;
};

#define TEXT_PALETTE 0, 1, 2, 3, 4, 5, 0x14, 7, 0x38, 0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x3e, 0x3f
#define CGA_PALETTE  0, 0x13, 0x15, 0x17, 2, 4, 6, 7, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17

static const struct bios_mode bios_modes[] = {
    { 0x01, 0x67, { 0x08, 0x03, 0x00, 0x02 },
      { 0x2d, 0x27, 0x28, 0x90, 0x2b, 0xa0, 0xbf, 0x1f, 0x00, 0x4f, 0x0d, 0x0e, 0, 0, 0, 0, 0x9c, 0x8e, 0x8f, 0x14,
        0x1f, 0x96, 0xb9, 0xa3, 0xff },
      { TEXT_PALETTE, 0x0c, 0x00, 0x0f, 0x08 }, { 0, 0, 0, 0, 0, 0x10, 0x0e, 0x0f, 0xff }, 0xb8000, 0x4000, 0x0720 },
    { 0x03, 0x67, { 0x00, 0x03, 0x00, 0x02 },
      { 0x5f, 0x4f, 0x50, 0x82, 0x55, 0x81, 0xbf, 0x1f, 0x00, 0x4f, 0x0d, 0x0e, 0, 0, 0, 0, 0x9c, 0x8e, 0x8f, 0x28,
        0x1f, 0x96, 0xb9, 0xa3, 0xff },
      { TEXT_PALETTE, 0x0c, 0x00, 0x0f, 0x08 }, { 0, 0, 0, 0, 0, 0x10, 0x0e, 0x0f, 0xff }, 0xb8000, 0x4000, 0x0720 },
    { 0x04, 0x63, { 0x09, 0x03, 0x00, 0x02 },
      { 0x2d, 0x27, 0x28, 0x90, 0x2b, 0x80, 0xbf, 0x1f, 0x00, 0xc1, 0, 0, 0, 0, 0, 0, 0x9c, 0x8e, 0x8f, 0x14,
        0x00, 0x96, 0xb9, 0xa2, 0xff },
      { CGA_PALETTE, 0x01, 0x00, 0x03, 0x00 }, { 0, 0, 0, 0, 0, 0x30, 0x0f, 0x0f, 0xff }, 0xb8000, 0x2000, 0 },
    { 0x06, 0x63, { 0x01, 0x01, 0x00, 0x06 },
      { 0x5f, 0x4f, 0x50, 0x82, 0x54, 0x80, 0xbf, 0x1f, 0x00, 0xc1, 0, 0, 0, 0, 0, 0, 0x9c, 0x8e, 0x8f, 0x28,
        0x00, 0x96, 0xb9, 0xc2, 0xff },
      { 0, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x01, 0, 0x01, 0 },
      { 0, 0, 0, 0, 0, 0x00, 0x0d, 0x0f, 0xff }, 0xb8000, 0x2000, 0 },
    { 0x07, 0x66, { 0x00, 0x03, 0x00, 0x02 },
      { 0x5f, 0x4f, 0x50, 0x82, 0x55, 0x81, 0xbf, 0x1f, 0x00, 0x4f, 0x0d, 0x0e, 0, 0, 0, 0, 0x9c, 0x8e, 0x8f, 0x28,
        0x0f, 0x96, 0xb9, 0xa3, 0xff },
      { 0, 8, 8, 8, 8, 8, 8, 8, 0x10, 0x18, 0x18, 0x18, 0x18, 0x18, 0x18, 0x18, 0x0e, 0x00, 0x0f, 0x08 },
      { 0, 0, 0, 0, 0, 0x10, 0x0a, 0x0f, 0xff }, 0xb0000, 0x4000, 0x0720 },
    { 0x0d, 0x63, { 0x09, 0x0f, 0x00, 0x06 },
      { 0x2d, 0x27, 0x28, 0x90, 0x2b, 0x80, 0xbf, 0x1f, 0x00, 0xc0, 0, 0, 0, 0, 0, 0, 0x9c, 0x8e, 0x8f, 0x14,
        0x00, 0x96, 0xb9, 0xe3, 0xff },
      { 0, 1, 2, 3, 4, 5, 6, 7, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x01, 0x00, 0x0f, 0x00 },
      { 0, 0, 0, 0, 0, 0x00, 0x05, 0x0f, 0xff }, 0xa0000, 0x8000, 0 },
    { 0x12, 0xe3, { 0x01, 0x0f, 0x00, 0x06 },
      { 0x5f, 0x4f, 0x50, 0x82, 0x54, 0x80, 0x0b, 0x3e, 0x00, 0x40, 0, 0, 0, 0, 0, 0, 0xea, 0x8c, 0xdf, 0x28,
        0x00, 0xe7, 0x04, 0xe3, 0xff },
      { TEXT_PALETTE, 0x01, 0x00, 0x0f, 0x00 }, { 0, 0, 0, 0, 0, 0x00, 0x05, 0x0f, 0xff }, 0xa0000, 0x8000, 0 },
    { 0x13, 0x63, { 0x01, 0x0f, 0x00, 0x0e },
      { 0x5f, 0x4f, 0x50, 0x82, 0x54, 0x80, 0xbf, 0x1f, 0x00, 0x41, 0, 0, 0, 0, 0, 0, 0x9c, 0x8e, 0x8f, 0x28,
        0x40, 0x96, 0xb9, 0xa3, 0xff },
      { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0x41, 0x00, 0x0f, 0x00 },
      { 0, 0, 0, 0, 0, 0x40, 0x05, 0x0f, 0xff }, 0xa0000, 0x8000, 0 },
};

/* Part 2 is red. */
static uint8_t palette_part(unsigned int mode, unsigned int color, unsigned int part)
{
    static const uint8_t shift[3] = { 6, 3, 0 };

    if (mode == 0x13)
        return part ? (color >> shift[part] & 7) * 9 : (color >> 6) * 21;
    if (mode == 0x07)
        return (color >> 3 & 1) * 0x2a + (color >> 4 & 1) * 0x15;
    return (color >> part & 1) * 0x2a + (color >> (part + 3) & 1) * 0x15;
}

/* The EGA's 64 colours, four times; in mode 13h, 3 bits of red and green and 2 of blue; in mode 7, grey. */
static void set_palette(struct vga_host *host, unsigned int mode)
{
    vga_out(host, 0x3c6, 0xff);
    vga_out(host, 0x3c8, 0);
    for (unsigned int i = 0; i < 256; i++)
        for (unsigned int part = 3; part-- > 0;)
            vga_out(host, 0x3c9, palette_part(mode, i, part));
}

static void clear(struct vga_host *host, const struct bios_mode *mode)
{
    for (uint32_t i = 0; i < mode->words; i++) {
        vga_poke(host, mode->address + 2 * i, (uint8_t)mode->blank);
        vga_poke(host, mode->address + 2 * i + 1, mode->blank >> 8);
    }
}

static const struct bios_mode *find_mode(unsigned int number)
{
    const struct bios_mode *mode = bios_modes;

    while (mode->number != number)
        mode++;
    return mode;
}

void vga_set_registers(struct vga_host *host, unsigned int number)
{
    const struct bios_mode *mode = find_mode(number);
    uint16_t crtc;

    if (vga_in_dispi(host, DISPI_ENABLE))
        vga_out_dispi(host, DISPI_ENABLE, 0);
    for (unsigned int i = 0; i < 20; i++)
        vga_out_attribute(host, i, mode->attribute[i]);
    vga_out_attribute(host, ATTR_COLOR_SELECT, 0);
    vga_out_indexed(host, 0x3c4, SEQ_RESET, 0x03);
    for (unsigned int i = 0; i < 4; i++)
        vga_out_indexed(host, 0x3c4, i + 1, mode->sequencer[i]);
    for (unsigned int i = 0; i < GFX_REGISTERS; i++)
        vga_out_indexed(host, 0x3ce, i, mode->graphics[i]);
    vga_out(host, 0x3c2, mode->misc);
    crtc = mode->misc & 1 ? 0x3d4 : 0x3b4;
    vga_out_indexed(host, crtc, CRTC_VRE, 0);
    for (unsigned int i = 0; i < CRTC_REGISTERS; i++)
        vga_out_indexed(host, crtc, i, mode->crtc[i]);
    vga_in(host, status_port(host));
    vga_out(host, 0x3c0, ATTR_IPAS);
}

void vga_set_mode(struct vga_host *host, unsigned int number)
{
    const struct bios_mode *mode = find_mode(number);

    if (vga_in_dispi(host, DISPI_ENABLE))
        vga_out_dispi(host, DISPI_ENABLE, 0);
    set_palette(host, number);
    vga_set_registers(host, number);
    clear(host, mode);
    if (!(mode->graphics[GFX_MISC] & MISC_GRAPHICS))
        vga_load_font(host, 0, false);
}

void vga_set_dispi_mode(struct vga_host *host, uint16_t width, uint16_t height, uint16_t bpp, uint16_t enable)
{
    vga_out_dispi(host, DISPI_ENABLE, 0);
    vga_out_dispi(host, DISPI_BPP, bpp);
    vga_out_dispi(host, DISPI_XRES, width);
    vga_out_dispi(host, DISPI_YRES, height);
    vga_out_dispi(host, DISPI_BANK, 0);
    vga_out_dispi(host, DISPI_ENABLE, DISPI_ENABLED | enable);
    vga_in(host, status_port(host));
    vga_out(host, 0x3c0, ATTR_IPAS);
}

/* A few letters to look at; all others are patterns that tell their number. */
static uint8_t glyph(unsigned int character, unsigned int line)
{
    static const struct { char character; uint8_t lines[7]; } letters[] = {
        { ' ', { 0 } },
        { 'E', { 0x7e, 0x40, 0x40, 0x7c, 0x40, 0x40, 0x7e } },
        { 'F', { 0x7e, 0x40, 0x40, 0x7c, 0x40, 0x40, 0x40 } },
        { 'L', { 0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x7e } },
        { 'R', { 0x7c, 0x42, 0x42, 0x7c, 0x48, 0x44, 0x42 } },
        { 'X', { 0x42, 0x42, 0x24, 0x18, 0x24, 0x42, 0x42 } },
    };

    if (character == 0xcd)
        return line == 6 || line == 9 ? 0xff : 0;
    for (unsigned int i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
        if ((unsigned int)letters[i].character == character)
            return line >= 1 && line < 15 ? letters[i].lines[(line - 1) / 2] : 0;
    return line == 0 || line == 15 ? 0 : line & 1 ? character : 0x81;
}

void vga_load_font(struct vga_host *host, unsigned int number, bool bold)
{
    uint32_t base = 0xa0000 + (number & 3) * 0x4000 + (number >> 2) * 0x2000;
    uint8_t misc = vga_in_indexed(host, 0x3ce, GFX_MISC);

    vga_out_indexed(host, 0x3c4, SEQ_RESET, 0x01);
    vga_out_indexed(host, 0x3c4, SEQ_MAP_MASK, 0x04);
    vga_out_indexed(host, 0x3c4, SEQ_MEMORY_MODE, 0x07);
    vga_out_indexed(host, 0x3c4, SEQ_RESET, 0x03);
    vga_out_indexed(host, 0x3ce, GFX_READ_MAP_SELECT, 0x02);
    vga_out_indexed(host, 0x3ce, GFX_MODE, 0x00);
    vga_out_indexed(host, 0x3ce, GFX_MISC, 0x04);
    for (unsigned int character = 0; character < 256; character++)
        for (unsigned int line = 0; line < 16; line++) {
            uint8_t dots = glyph(character, line);

            vga_poke(host, base + 32 * character + line, bold ? dots | dots >> 1 : dots);
        }
    vga_out_indexed(host, 0x3c4, SEQ_RESET, 0x01);
    vga_out_indexed(host, 0x3c4, SEQ_MAP_MASK, 0x03);
    vga_out_indexed(host, 0x3c4, SEQ_MEMORY_MODE, 0x03);
    vga_out_indexed(host, 0x3c4, SEQ_RESET, 0x03);
    vga_out_indexed(host, 0x3ce, GFX_MISC, misc);
    vga_out_indexed(host, 0x3ce, GFX_READ_MAP_SELECT, 0x00);
    vga_out_indexed(host, 0x3ce, GFX_MODE, 0x10);
}

void vga_write_text(struct vga_host *host, uint32_t address, uint8_t attribute, const char *text)
{
    for (; *text; text++, address += 2) {
        vga_poke(host, address, *text);
        vga_poke(host, address + 1, attribute);
    }
}
