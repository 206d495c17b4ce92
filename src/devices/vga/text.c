/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Text modes, cell by cell: what a cell looked like when it was painted last is remembered, and only others are. */
#include "devices/vga/internal.h"

#define CURSOR_FRAMES  8u                   /* on, and as many off */
#define BLINK_FRAMES   16u

/* A cell as it is remembered. */
#define CELL_CURSOR    0x10000u
#define CELL_DARK      0x20000u             /* blinks, and is off */
#define CELL_NONE      0xffffffffu

/* A row of characters, or a part of one, as lines of the picture. */
struct row {
    uint32_t address;                       /* of the first cell, in bytes of the memory */
    unsigned int y, lines;                  /* of the picture */
    unsigned int scan;                      /* line of the characters with which it begins */
};

/* Where the two fonts of 256 characters are, in plane 2. */
static uint32_t font_address(const struct vga *vga, uint8_t attribute)
{
    uint8_t select = vga->regs.sequencer[SEQ_MAP_SELECT];
    uint8_t map = attribute & 0x08 ? (select >> 2 & 3) | (select >> 3 & 4) : (select & 3) | (select >> 2 & 4);

    return (map & 3) * 0x4000u + (map >> 2) * 0x2000u;
}

static bool is_underline(const struct vga *vga, uint8_t attribute, unsigned int scan)
{
    return scan == (vga->regs.crtc[CRTC_UNDERLINE] & 0x1fu) && (attribute & 0x77) == 0x01;
}

static bool is_cursor_line(const struct vga *vga, unsigned int scan)
{
    const uint8_t *crtc = vga->regs.crtc;

    return scan >= (crtc[CRTC_CURSOR_START] & 0x1fu) && scan <= (crtc[CRTC_CURSOR_END] & 0x1fu);
}

/* The dots of a line of a character, the leftmost in bit 8. */
static unsigned int cell_dots(const struct vga *vga, uint32_t cell, unsigned int scan)
{
    uint8_t character = cell, attribute = cell >> 8;
    uint32_t address = font_address(vga, attribute) + 32u * character + scan;
    unsigned int dots = vga->memory->bytes[(4 * address + 2) & (VGA_PLANES_BYTES - 1)] << 1;

    if (vga->regs.attribute[ATTR_MODE] & ATTR_MODE_ELG && (character & 0xe0) == 0xc0)
        dots |= dots >> 1 & 1;
    if (is_underline(vga, attribute, scan))
        dots = 0x1ff;
    if (cell & CELL_DARK)
        dots = 0;
    if (cell & CELL_CURSOR && is_cursor_line(vga, scan))
        dots = 0x1ff;
    return dots;
}

static void paint_cell(const struct vga *vga, uint32_t *pixels, const struct row *row, unsigned int column,
                       uint32_t cell)
{
    const struct vga_mode *mode = &vga->mode;
    bool blinking = vga->regs.attribute[ATTR_MODE] & ATTR_MODE_EB;
    uint32_t front = vga->colors[cell >> 8 & 0xf], back = vga->colors[cell >> 12 & (blinking ? 0x7 : 0xf)];
    unsigned int width = mode->width / mode->columns;

    for (unsigned int line = 0; line < row->lines; line++) {
        unsigned int dots = cell_dots(vga, cell, row->scan + (mode->double_scan ? line / 2 : line));
        uint32_t *to = pixels + (row->y + line) * mode->width + column * width;

        for (unsigned int x = 0; x < width; x++)
            to[x] = dots & 0x100u >> (mode->wide ? x / 2 : x) ? front : back;
    }
}

static uint32_t cell_at(const struct vga *vga, uint32_t address)
{
    const struct vga_registers *regs = &vga->regs;
    const uint8_t *bytes = &vga->memory->bytes[address & vga->mode.wrap];
    uint32_t cell = bytes[0] | bytes[1] << 8;
    uint32_t cursor = regs->crtc[CRTC_CURSOR_HIGH] << 8 | regs->crtc[CRTC_CURSOR_LOW];

    if (address / 4 == cursor && !(regs->crtc[CRTC_CURSOR_START] & CURSOR_OFF) && !(vga->frame / CURSOR_FRAMES & 1))
        cell |= CELL_CURSOR;
    if (cell & 0x8000 && regs->attribute[ATTR_MODE] & ATTR_MODE_EB && vga->frame / BLINK_FRAMES & 1)
        cell |= CELL_DARK;
    return cell;
}

static void paint_row(struct vga *vga, uint32_t *pixels, uint32_t *painted, const struct row *row,
                      struct vga_change *change)
{
    const struct vga_mode *mode = &vga->mode;
    unsigned int width = mode->width / mode->columns, first = mode->columns, end = 0;

    for (unsigned int column = 0; column < mode->columns; column++) {
        uint32_t cell = cell_at(vga, (row->address + 4 * column) & mode->wrap);

        if (painted[column] == cell)
            continue;
        painted[column] = cell;
        paint_cell(vga, pixels, row, column, cell);
        first = column < first ? column : first;
        end = column + 1;
    }
    if (end)
        vga_change_add(change, first * width, row->y, (end - first) * width, row->lines);
}

/* The rest of a row of characters, or of the picture, or of what is above the split. */
static unsigned int row_lines(const struct vga_mode *mode, unsigned int y, unsigned int scan)
{
    unsigned int lines = (mode->row_lines - scan) << mode->double_scan;
    unsigned int end = y <= mode->split && mode->split < mode->height ? mode->split + 1u : mode->height;

    return lines < end - y ? lines : end - y;
}

/* painted: a word for each cell of as many rows as there are lines. */
void vga_paint_text(struct vga *vga, uint32_t *pixels, uint32_t *painted, bool all)
{
    const struct vga_mode *mode = &vga->mode;
    struct vga_change change = { .display = vga->display };
    struct row row = { .y = 0 };

    for (; row.y < mode->height; row.y += row.lines, painted += mode->columns) {
        bool below_split;

        row.address = vga_line_address(mode, row.y, &row.scan, &below_split);
        row.lines = row_lines(mode, row.y, row.scan);
        if (all)
            for (unsigned int column = 0; column < mode->columns; column++)
                painted[column] = CELL_NONE;
        paint_row(vga, pixels, painted, &row, &change);
    }
    vga_change_end(&change);
}
