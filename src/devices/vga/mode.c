/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* From registers to the shape of the picture. */
#include "devices/vga/internal.h"

#include "lib/string.h"

#define NO_SPLIT 0xffffu

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static uint32_t word(const struct vga_registers *regs, unsigned int high)
{
    return regs->crtc[high] << 8 | regs->crtc[high + 1];
}

/* Bits 8 and 9 of the vertical figures are spread over other registers. */
static uint32_t displayed_lines(const struct vga_registers *regs)
{
    uint8_t overflow = regs->crtc[CRTC_OVERFLOW];

    return (regs->crtc[CRTC_VDE] | (overflow & 0x02) << 7 | (overflow & 0x40) << 3) + 1;
}

static uint32_t line_compare(const struct vga_registers *regs)
{
    return regs->crtc[CRTC_LINE_COMPARE] | (regs->crtc[CRTC_OVERFLOW] & OVERFLOW_LC8) << 4 |
           (regs->crtc[CRTC_MAX_SCAN_LINE] & MAX_SCAN_LC9) << 3;
}

static void set_rows(const struct vga_registers *regs, struct vga_mode *mode)
{
    const uint8_t *crtc = regs->crtc;
    uint32_t split = line_compare(regs);

    mode->height = least(displayed_lines(regs), DISPLAY_HEIGHT_MAX);
    mode->double_scan = crtc[CRTC_MAX_SCAN_LINE] & MAX_SCAN_2T4;
    mode->row_lines = (crtc[CRTC_MAX_SCAN_LINE] & 0x1f) + 1;
    mode->preset = least(crtc[CRTC_PRESET_ROW_SCAN] & 0x1f, mode->row_lines - 1u);
    mode->start = 4 * (word(regs, CRTC_START_HIGH) + (crtc[CRTC_PRESET_ROW_SCAN] >> 5 & 3));
    mode->pitch = 8 * crtc[CRTC_OFFSET];
    mode->wrap = VGA_PLANES_BYTES - 1;
    mode->split = split < mode->height ? split : NO_SPLIT;
    mode->split_pans = !(regs->attribute[ATTR_MODE] & ATTR_MODE_PP);
}

static void set_text(const struct vga_registers *regs, struct vga_mode *mode)
{
    uint32_t cell;

    mode->kind = VGA_TEXT;
    mode->wide = regs->sequencer[SEQ_CLOCKING] & CLOCKING_DC;
    mode->cell_width = regs->sequencer[SEQ_CLOCKING] & CLOCKING_8DOT ? 8 : 9;
    cell = mode->wide ? 2 * mode->cell_width : mode->cell_width;
    mode->columns = least(regs->crtc[CRTC_HDE] + 1, DISPLAY_WIDTH_MAX / cell);
    mode->width = mode->columns * cell;
}

/* Row scan bits replace address bits above what a row needs; where those are depends on how the CRTC counts. */
static void set_scan_bits(const struct vga_registers *regs, struct vga_mode *mode)
{
    uint8_t control = regs->crtc[CRTC_MODE_CONTROL];
    uint32_t lowest = control & MODE_BYTE ? 4u << 13 : 4u << 12;

    if (!(control & MODE_CMS0))
        mode->scan_bits[0] = lowest;
    if (!(control & MODE_CMS1))
        mode->scan_bits[1] = lowest << 1;
}

static void set_graphics(const struct vga_registers *regs, struct vga_mode *mode)
{
    uint8_t shift = regs->graphics[GFX_MODE] & (MODE_SR | MODE_256), pan = regs->attribute[ATTR_PANNING];
    uint32_t width = 8 * (regs->crtc[CRTC_HDE] + 1);

    mode->kind = shift & MODE_256 ? VGA_PACKED : shift & MODE_SR ? VGA_CGA : VGA_PLANAR;
    mode->wide = mode->kind == VGA_PACKED || regs->sequencer[SEQ_CLOCKING] & CLOCKING_DC;
    mode->pan = mode->kind == VGA_PACKED ? pan >> 1 & 3 : pan & 7;
    if (mode->wide && mode->kind != VGA_PACKED)
        width *= 2;
    mode->width = least(width, DISPLAY_WIDTH_MAX);
    set_scan_bits(regs, mode);
}

/* IBM's registers count for nothing here but for the palette, and for what makes the screen dark. */
static void set_dispi(const struct vga *vga, struct vga_mode *mode)
{
    const uint16_t *dispi = vga->regs.dispi;

    mode->kind = dispi[DISPI_BPP] == 4 ? VGA_PLANAR : dispi[DISPI_BPP] == 8 ? VGA_PACKED : VGA_DIRECT;
    mode->depth = dispi[DISPI_BPP];
    mode->width = dispi[DISPI_XRES];
    mode->height = dispi[DISPI_YRES];
    mode->start = vga_dispi_start(vga);
    mode->pitch = vga_dispi_pitch(vga);
    mode->wrap = vga->memory->length - 1;
    mode->row_lines = 1;
    mode->split = NO_SPLIT;
}

void vga_find_mode(const struct vga *vga, struct vga_mode *mode)
{
    const struct vga_registers *regs = &vga->regs;

    memset(mode, 0, sizeof(*mode));
    if (!(regs->attribute_index & ATTR_IPAS) || regs->sequencer[SEQ_CLOCKING] & CLOCKING_SO)
        return;
    if (vga_dispi_enabled(vga)) {
        set_dispi(vga, mode);
        return;
    }
    set_rows(regs, mode);
    if (regs->graphics[GFX_MISC] & MISC_GRAPHICS)
        set_graphics(regs, mode);
    else
        set_text(regs, mode);
}

uint32_t vga_line_address(const struct vga_mode *mode, unsigned int y, unsigned int *scan, bool *below_split)
{
    uint32_t start = mode->start, line;

    *below_split = y > mode->split;
    line = *below_split ? y - mode->split - 1 : y;
    line = mode->double_scan ? line / 2 : line;
    if (*below_split)
        start = 0;
    else
        line += mode->preset;
    *scan = line % mode->row_lines;
    return start + line / mode->row_lines * mode->pitch;
}

/* Cells of the view while that is open, else of the planes. */
static uint32_t cells_address(const struct vga *vga, const struct vga_mode *mode)
{
    uint32_t start = mode->start & mode->wrap;

    if (vga->view.kind == VGA_VIEW_PAIRS)
        return VIDEO_WINDOW + vga->view.first * VIDEO_PAGE_BYTES + start / 2 % (8 * VIDEO_PAGE_BYTES);
    return (uint32_t)(uintptr_t)vga->memory->bytes + start;
}

static void set_cursor(const struct vga_registers *regs, const struct vga_mode *mode, struct vga_text_screen *text)
{
    uint32_t cell = (word(regs, CRTC_CURSOR_HIGH) - mode->start / 4) & 0xffff, pitch = mode->pitch / 4;

    text->cursor_column = text->cursor_row = 0xffff;
    if (regs->crtc[CRTC_CURSOR_START] & CURSOR_OFF || !pitch || cell % pitch >= text->columns ||
        cell / pitch >= text->rows)
        return;
    text->cursor_column = cell % pitch;
    text->cursor_row = cell / pitch;
}

/* Dark is not gone: a text mode whose screen is off still has its text. */
void vga_text_update(struct vga *vga)
{
    const struct vga_registers *regs = &vga->regs;
    struct vga_mode mode = { .kind = VGA_TEXT };
    struct vga_text_screen *text = &vga->text;
    bool pairs = vga->view.kind == VGA_VIEW_PAIRS;

    if (vga_dispi_enabled(vga) || regs->graphics[GFX_MISC] & MISC_GRAPHICS) {
        *text = (struct vga_text_screen){ .address = 0 };
        return;
    }
    set_rows(regs, &mode);
    set_text(regs, &mode);
    text->address = cells_address(vga, &mode);
    text->cell_bytes = pairs ? 2 : 4;
    text->row_bytes = pairs ? mode.pitch / 2 : mode.pitch;
    text->columns = mode.columns;
    text->rows = mode.height / (mode.row_lines << mode.double_scan);
    set_cursor(regs, &mode, text);
}
