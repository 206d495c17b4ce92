/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The picture for who looks: what is shown, and what of it has changed. */
#include "devices/vga/internal.h"

#include "lib/string.h"

/* 6 bits become 8 such that black and white stay what they are. */
static uint8_t to_8_bits(uint8_t part)
{
    return part << 2 | part >> 4;
}

static uint32_t palette_color(const struct vga_registers *regs, uint8_t index)
{
    const uint8_t *color = regs->palette[index & regs->pel_mask];

    if (regs->dispi[DISPI_ENABLE] & DISPI_8BIT_DAC)
        return color[0] << 16 | color[1] << 8 | color[2];
    return to_8_bits(color[0]) << 16 | to_8_bits(color[1]) << 8 | to_8_bits(color[2]);
}

/* Of the 16 colours of the attribute controller. */
static uint8_t palette_index(const struct vga_registers *regs, unsigned int attribute)
{
    const uint8_t *registers = regs->attribute;
    uint8_t index = registers[attribute], select = registers[ATTR_COLOR_SELECT];

    if (registers[ATTR_MODE] & ATTR_MODE_PS)
        index = (index & 0x0f) | (select & 3) << 4;
    return (index & 0x3f) | (select & 0xc) << 4;
}

static void make_colors(struct vga *vga, const struct vga_mode *mode)
{
    const struct vga_registers *regs = &vga->regs;
    bool direct = mode->kind == VGA_PACKED;

    for (unsigned int i = 0; i < 256; i++)
        vga->colors[i] = palette_color(regs, direct ? i : palette_index(regs, i & 0xf));
}

void vga_change_end(struct vga_change *change)
{
    if (change->part.height)
        change->display->ops->changed(change->display, &change->part);
    change->part.height = 0;
}

void vga_change_add(struct vga_change *change, uint32_t x, uint32_t y, uint32_t width, uint32_t height)
{
    struct display_rectangle *part = &change->part;
    uint32_t end = x + width, part_end = part->x + part->width;

    if (part->height && part->y + part->height == y) {
        part->width = (end > part_end ? end : part_end) - (x < part->x ? x : part->x);
        part->x = x < part->x ? x : part->x;
        part->height += height;
        return;
    }
    vga_change_end(change);
    *part = (struct display_rectangle){ x, y, width, height };
}

/* What the guest has written at the aperture; in other modes it goes by the window. */
static void look_at_aperture(struct vga *vga, const struct vga_mode *mode)
{
    uint32_t first = mode->start / VIDEO_PAGE_BYTES & ~7u;
    uint32_t end = mode->start + (mode->height - 1) * mode->pitch + mode->width * ((mode->depth + 1u) & ~1u) / 8;
    uint32_t pages = (end + VIDEO_PAGE_BYTES - 1) / VIDEO_PAGE_BYTES - first;

    vga->memory->ops->dirty(vga->memory, first, pages, &vga->touched[first / 8]);
}

/* A painted picture ends where the memory does; before it is what the painter of text remembers. */
static uint32_t painted_offset(const struct vga *vga, const struct vga_mode *mode)
{
    return (vga->memory->length - 4u * mode->width * mode->height) & ~(VIDEO_PAGE_BYTES - 1);
}

static void show(struct vga *vga, const struct vga_mode *mode)
{
    struct display_picture picture = { .width = mode->width, .height = mode->height };

    if (mode->kind == VGA_DIRECT) {
        picture.offset = mode->start;
        picture.stride = mode->pitch;
        picture.depth = mode->depth;
    } else if (mode->kind != VGA_DARK) {
        picture.offset = painted_offset(vga, mode);
        picture.stride = 4 * mode->width;
        picture.depth = 32;
    }
    vga->display->ops->show(vga->display, &picture);
}

static void paint(struct vga *vga, bool all)
{
    const struct vga_mode *mode = &vga->mode;
    uint32_t *pixels = (uint32_t *)&vga->memory->bytes[painted_offset(vga, mode)];
    uint32_t cells = mode->kind == VGA_TEXT ? (uint32_t)mode->columns * mode->height : 0;

    if (mode->kind == VGA_TEXT)
        vga_paint_text(vga, pixels, pixels - cells, all);
    else if (mode->kind != VGA_DARK)
        vga_paint_graphics(vga, pixels, all);
}

/* True: it is another than was shown last. */
static bool adopt_mode(struct vga *vga)
{
    struct vga_mode mode;
    bool changed;

    vga_find_mode(vga, &mode);
    make_colors(vga, &mode);
    changed = memcmp(&mode, &vga->mode, sizeof(mode)) != 0;
    memcpy(&vga->mode, &mode, sizeof(mode));
    return changed;
}

void vga_refresh(struct display_listener *listener, bool all)
{
    struct vga *vga = (struct vga *)((uint8_t *)listener - offsetof(struct vga, listener));

    vga->frame++;
    vga_view_sync(vga);
    if (vga->stale)
        all |= adopt_mode(vga);
    if (all)
        show(vga, &vga->mode);
    if (vga_dispi_enabled(vga) && vga->mode.kind != VGA_DARK)
        look_at_aperture(vga, &vga->mode);
    paint(vga, all || vga->stale);
    vga->stale = false;
    memset(vga->touched, 0, sizeof(vga->touched));
}
