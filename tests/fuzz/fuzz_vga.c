/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The VGA: accesses to its ports, its registers as memory, its window and its aperture, and a far end that looks, in any
 * order, one step for every four bytes of input.  The chip's idea of the window is compared with the memory's, and every
 * picture must lie in the memory; after the last step a text mode is set up, and shows what it should.
 */
#include "check.h"
#include "input.h"
#include "vga_host.h"

#define LOOKS_MAX 3u                        /* pictures of an input: the largest take a while */

enum {
    OP_PORT_WRITE, OP_PORT_READ, OP_INDEXED, OP_ATTRIBUTE, OP_MONO, OP_DISPI, OP_DISPI_READ, OP_MMIO_WRITE, OP_MMIO_READ,
    OP_POKE, OP_PEEK, OP_APERTURE, OP_DECODE, OP_MODE, OP_LOOK, OP_RESET, OP_COUNT
};

static struct vga_host host;
static unsigned int looks;

static void shown(struct display_backend *display, const struct display_picture *picture)
{
    uint64_t last = (uint64_t)picture->offset + (uint64_t)picture->stride * (picture->height - 1) +
                    picture->width * ((picture->depth + 7u) / 8);

    (void)display;
    CHECK(picture->width <= DISPLAY_WIDTH_MAX && picture->height <= DISPLAY_HEIGHT_MAX);
    CHECK(!picture->width || (picture->height && last <= VGA_MEMORY_BYTES));
    host.picture = *picture;
}

static void changed(struct display_backend *display, const struct display_rectangle *part)
{
    (void)display;
    CHECK(part->width && part->height && part->x + part->width <= host.picture.width &&
          part->y + part->height <= host.picture.height);
}

static void look(bool all)
{
    if (looks++ < LOOKS_MAX)
        host.display.listener->refresh(host.display.listener, all);
}

static void start(void)
{
    static const struct display_backend_ops ops = { .show = shown, .changed = changed };

    if (!host.bytes) {
        vga_host_init(&host);
        host.display.ops = &ops;
    }
    host.shown = 0;
    host.watched_pages = 0;
    looks = 0;
    vga_init(&host.vga, &host.memory, &host.display);
    vga_decode_memory(&host.vga, true);
}

static void set_dispi_mode(uint8_t a, uint8_t b)
{
    static const uint16_t depths[] = { 4, 8, 15, 16, 24, 32, 0, 9 };

    vga_set_dispi_mode(&host, a * 16, b * 8, depths[a % 8], b % 4 * DISPI_LFB_ENABLED);
}

static void set_mode(uint8_t a, uint8_t b)
{
    static const uint8_t modes[] = { 0x01, 0x03, 0x04, 0x06, 0x07, 0x0d, 0x12, 0x13 };

    if (a % 2)
        set_dispi_mode(a, b);
    else
        vga_set_registers(&host, modes[b % 8]);
}

static void step(struct input *input)
{
    uint8_t op = take_u8(input), a = take_u8(input), b = take_u8(input), c = take_u8(input);
    static const uint16_t pairs[] = { 0x3c4, 0x3ce, 0x3d4, 0x3b4 };
    uint32_t address = VIDEO_WINDOW + (a << 9 | b << 1 | c >> 7);

    switch (op % OP_COUNT) {
    case OP_PORT_WRITE:
        vga_out(&host, 0x3c0 + a % VGA_PORTS, b);
        break;
    case OP_PORT_READ:
        vga_in(&host, 0x3c0 + a % VGA_PORTS);
        break;
    case OP_INDEXED:
        vga_out_indexed(&host, pairs[a % 4], b, c);
        break;
    case OP_ATTRIBUTE:
        vga_out_attribute(&host, a, b);
        break;
    case OP_MONO:
        vga_out(&host, 0x3b0 + a % VGA_MONO_PORTS, b);
        vga_in(&host, 0x3b0 + a % VGA_MONO_PORTS);
        break;
    case OP_DISPI:
        vga_out_dispi(&host, a % 16, b << 8 | c);
        break;
    case OP_DISPI_READ:
        vga_in_dispi(&host, a << 8 | b);
        break;
    case OP_MMIO_WRITE:
        vga_mmio_ops.write(&host.vga, (a << 4 | b >> 4) % (VGA_MMIO_BYTES - 1), 1 + b % 2, b % 2 ? c * 0x101u : c);
        break;
    case OP_MMIO_READ:
        vga_mmio_ops.read(&host.vga, (a << 4 | b >> 4) % (VGA_MMIO_BYTES - 1), 1 + b % 2);
        break;
    case OP_POKE:
        vga_poke(&host, address, c);
        break;
    case OP_PEEK:
        vga_peek(&host, address);
        break;
    case OP_APERTURE:
        vga_poke_aperture(&host, (a << 16 | b << 8) % (VGA_MEMORY_BYTES - 4), c, 4);
        break;
    case OP_DECODE:
        vga_decode_memory(&host.vga, a & 1);
        break;
    case OP_MODE:
        set_mode(a, b);
        break;
    case OP_LOOK:
        look(a & 1);
        break;
    case OP_RESET:
        vga_reset(&host.vga);
        break;
    }
}

static void check(void)
{
    const struct vga *vga = &host.vga;
    const struct vga_view *view = &vga->view;

    CHECK(vga->shown_pages == host.shown);
    CHECK(view->kind == VGA_VIEW_NONE ? !view->pages : view->first + view->pages <= VIDEO_WINDOW_PAGES);
    for (uint32_t page = view->first; page < view->first + view->pages; page++)
        CHECK(host.shown & 1u << page);
    if (view->kind == VGA_VIEW_LINEAR)
        CHECK(view->offset <= VGA_MEMORY_BYTES - 0x10000 && !(host.shown & 0xffff0000));
    CHECK(!(host.shown & view->decoded) == !view->pages);
}

/* A BIOS's text mode, with one letter: its first line is white on black, its colours the DAC's. */
static void finish(void)
{
    const uint32_t *pixels;

    vga_reset(&host.vga);
    vga_decode_memory(&host.vga, true);
    vga_set_registers(&host, 0x03);
    CHECK(host.shown == 0xff000000);
    CHECK(host.vga.text.columns == 80 && host.vga.text.address == 0xb8000);
    host.bytes[4 * 32 * 'R' + 2] = 0xa5;
    vga_out(&host, 0x3c8, 0x07);
    for (unsigned int i = 0; i < 3; i++)
        vga_out(&host, 0x3c9, 0x2a);
    vga_write_text(&host, 0xb8000, 0x07, "R");
    looks = 0;
    look(true);
    CHECK(host.picture.width == 720 && host.picture.height == 400 && host.picture.depth == 32);
    pixels = (const uint32_t *)&host.bytes[host.picture.offset];
    for (unsigned int x = 0; x < 8; x++)
        CHECK(pixels[x] == (0xa5u >> (7 - x) & 1 ? 0xaaaaaa : 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct input input = { bytes, length };

    start();
    while (input.left) {
        step(&input);
        check();
    }
    finish();
    take_log();
    return 0;
}
