/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Graphics modes, line by line. */
#include "devices/vga/internal.h"

/* One line that is being painted, a dot at a time. */
struct line {
    uint32_t *pixels, *end;
    uint32_t skip;                          /* dots that are still out of sight on the left */
    bool wide;
};

static void put(struct line *line, uint32_t color)
{
    if (line->skip) {
        line->skip--;
        return;
    }
    if (line->pixels < line->end)
        *line->pixels++ = color;
    if (line->wide && line->pixels < line->end)
        *line->pixels++ = color;
}

/* Eight dots, a bit of each plane for each. */
static void put_planar(struct line *line, const uint32_t *colors, const uint8_t *planes, uint8_t enabled)
{
    for (int bit = 7; bit >= 0; bit--) {
        unsigned int color = 0;

        for (unsigned int plane = 0; plane < 4; plane++)
            color |= (planes[plane] >> bit & 1u) << plane;
        put(line, colors[color & enabled]);
    }
}

/* Eight dots: four of planes 0 and 2, then four of planes 1 and 3, two bits of each plane for each. */
static void put_cga(struct line *line, const uint32_t *colors, const uint8_t *planes, uint8_t enabled)
{
    for (unsigned int plane = 0; plane < 2; plane++)
        for (int shift = 6; shift >= 0; shift -= 2) {
            unsigned int color = (planes[plane] >> shift & 3u) | (planes[plane + 2] >> shift & 3u) << 2;

            put(line, colors[color & enabled]);
        }
}

static uint32_t apply_scan_bits(const struct vga_mode *mode, uint32_t address, unsigned int scan)
{
    for (unsigned int bit = 0; bit < 2; bit++) {
        address &= ~mode->scan_bits[bit];
        if (scan >> bit & 1)
            address |= mode->scan_bits[bit];
    }
    return address & mode->wrap;
}

static void paint_packed(const struct vga *vga, struct line *line, uint32_t address)
{
    const struct vga_mode *mode = &vga->mode;

    for (; line->pixels < line->end; address++)
        put(line, vga->colors[vga->memory->bytes[address & mode->wrap]]);
}

static void paint_planes(const struct vga *vga, struct line *line, uint32_t address, unsigned int scan)
{
    const struct vga_mode *mode = &vga->mode;
    uint8_t enabled = vga->regs.attribute[ATTR_PLANE_ENABLE] & 0xf;

    for (; line->pixels < line->end; address += 4) {
        const uint8_t *planes = &vga->memory->bytes[apply_scan_bits(mode, address, scan)];

        if (mode->kind == VGA_CGA)
            put_cga(line, vga->colors, planes, enabled);
        else
            put_planar(line, vga->colors, planes, enabled);
    }
}

static void paint_line(const struct vga *vga, uint32_t *pixels, uint32_t address, unsigned int scan, bool below_split)
{
    const struct vga_mode *mode = &vga->mode;
    struct line line = {
        .pixels = pixels, .end = pixels + mode->width, .wide = mode->wide,
        .skip = below_split && !mode->split_pans ? 0 : mode->pan,
    };

    if (mode->kind == VGA_PACKED)
        paint_packed(vga, &line, address);
    else
        paint_planes(vga, &line, address, scan);
}

/* Bytes of memory that a line shows, with those that panning adds. */
static uint32_t line_bytes(const struct vga_mode *mode)
{
    uint32_t dots = mode->wide ? mode->width / 2 : mode->width;

    switch (mode->kind) {
    case VGA_DIRECT:
        return dots * ((mode->depth + 7) / 8);
    case VGA_PACKED:
        return dots + 4;
    default:
        return dots / 2 + 4;
    }
}

static bool is_touched(const struct vga *vga, uint32_t address, unsigned int scan)
{
    const struct vga_mode *mode = &vga->mode;
    uint32_t first = apply_scan_bits(mode, address, scan), last = first + line_bytes(mode) - 1;

    for (uint32_t page = first / VIDEO_PAGE_BYTES; page <= last / VIDEO_PAGE_BYTES; page++) {
        uint32_t wrapped = page & mode->wrap / VIDEO_PAGE_BYTES;

        if (vga->touched[wrapped / 8] & 1u << wrapped % 8)
            return true;
    }
    return false;
}

void vga_paint_graphics(struct vga *vga, uint32_t *pixels, bool all)
{
    const struct vga_mode *mode = &vga->mode;
    struct vga_change change = { .display = vga->display };

    for (unsigned int y = 0; y < mode->height; y++) {
        unsigned int scan;
        bool below_split;
        uint32_t address = vga_line_address(mode, y, &scan, &below_split);

        if (!all && !is_touched(vga, address, scan))
            continue;
        if (mode->kind != VGA_DIRECT)
            paint_line(vga, pixels + y * mode->width, address, scan, below_split);
        vga_change_add(&change, 0, y, mode->width, 1);
    }
    vga_change_end(&change);
}
