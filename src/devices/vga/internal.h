/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What the files of the VGA ask of each other. */
#ifndef REFLEX_DEVICES_VGA_INTERNAL_H
#define REFLEX_DEVICES_VGA_INTERNAL_H

#include "devices/vga/vga.h"

#define EDID_BYTES 128u
extern const uint8_t vga_edid[EDID_BYTES];

/* registers.c: the four index and data pairs.  Indices without a register read as 0 and ignore writes. */
uint8_t vga_sequencer_read(const struct vga *vga);
void vga_sequencer_write(struct vga *vga, uint8_t value);
uint8_t vga_graphics_read(const struct vga *vga);
void vga_graphics_write(struct vga *vga, uint8_t value);
uint8_t vga_crtc_read(const struct vga *vga);
void vga_crtc_write(struct vga *vga, uint8_t value);
uint8_t vga_attribute_read(const struct vga *vga);
void vga_attribute_write(struct vga *vga, uint8_t value);

/* ports.c: offset from 3c0h. */
uint8_t vga_port_read(struct vga *vga, uint32_t offset);
void vga_port_write(struct vga *vga, uint32_t offset, uint8_t value);

/* dac.c */
uint8_t vga_dac_read(struct vga *vga, uint32_t offset);
void vga_dac_write(struct vga *vga, uint32_t offset, uint8_t value);

/* dispi.c */
uint16_t vga_dispi_read(const struct vga *vga, unsigned int index);
void vga_dispi_write(struct vga *vga, unsigned int index, uint16_t value);
static inline bool vga_dispi_enabled(const struct vga *vga)
{
    return vga->regs.dispi[DISPI_ENABLE] & DISPI_ENABLED;
}
/* Bytes from a line to the next, and of the first pixel. */
uint32_t vga_dispi_pitch(const struct vga *vga);
uint32_t vga_dispi_start(const struct vga *vga);

/* view.c.  update: after any register has changed; sync: brings what the guest has written through the view into the
 * memory; byte: where a byte of the window is that the view covers, or NULL. */
void vga_view_update(struct vga *vga);
void vga_view_sync(struct vga *vga);
uint8_t *vga_view_byte(struct vga *vga, uint32_t offset);

/* mode.c */
/* Padding is 0, so that two can be compared. */
void vga_find_mode(const struct vga *vga, struct vga_mode *mode);
/* Of the line of the picture: the address of its row, not wrapped, and its number in the row. */
uint32_t vga_line_address(const struct vga_mode *mode, unsigned int y, unsigned int *scan, bool *below_split);
void vga_text_update(struct vga *vga);

/* text.c, graphics.c: bring the painted picture up to date, at `pixels` with mode->width of them to a line, and tell
 * the display. */
void vga_paint_text(struct vga *vga, uint32_t *pixels, uint32_t *painted, bool all);
void vga_paint_graphics(struct vga *vga, uint32_t *pixels, bool all);

/* How many bits are set in a row from the lowest that is set. */
static inline uint32_t vga_run(uint32_t pages)
{
    uint32_t rest = pages ? ~(pages >> __builtin_ctz(pages)) : 1;

    return rest ? (uint32_t)__builtin_ctz(rest) : VIDEO_WINDOW_PAGES;
}

static inline void vga_touch(struct vga *vga, uint32_t address)
{
    uint32_t page = address / VIDEO_PAGE_BYTES;

    vga->touched[page / 8] |= 1u << page % 8;
}

/* Consecutive lines that have changed become one call of changed(). */
struct vga_change {
    struct display_backend *display;
    struct display_rectangle part;          /* height 0: none */
};
void vga_change_add(struct vga_change *change, uint32_t x, uint32_t y, uint32_t width, uint32_t height);
void vga_change_end(struct vga_change *change);

/* screen.c */
void vga_refresh(struct display_listener *listener, bool all);

#endif
