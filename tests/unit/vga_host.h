/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A VGA on the host: memory and window in arrays, a guest that reaches them as in a domain (RAM where a page is shown,
 * else the chip), BIOS modes, and a far end that copies what it is told has changed, and nothing else.
 */
#ifndef REFLEX_TESTS_VGA_HOST_H
#define REFLEX_TESTS_VGA_HOST_H

#include "support.h"
#include "devices/vga/vga.h"

struct vga_host {
    struct video_memory memory;
    uint8_t *bytes, *window, *written;      /* written: a byte for each page that the guest has written */
    uint32_t aperture, shown;               /* shown: a bit for each page of the window */
    uint32_t watched_first, watched_pages;
    unsigned int moves, shows, hides;       /* calls */
    struct display_backend display;
    struct display_picture picture;
    uint32_t *screen;                       /* what the far end has, as 32-bit pixels, without gaps */
    unsigned int pictures, changes;         /* calls of show() and changed() */
    uint64_t changed_pixels;
    struct vga vga;
};

void vga_host_init(struct vga_host *host);
void vga_host_free(struct vga_host *host);

/* The guest's accesses: ports by their numbers; memory at A0000h to BFFFFh, and from the begin of the aperture. */
uint8_t vga_in(struct vga_host *host, uint16_t port);
void vga_out(struct vga_host *host, uint16_t port, uint8_t value);
uint8_t vga_peek(struct vga_host *host, uint32_t address);
void vga_poke(struct vga_host *host, uint32_t address, uint8_t value);
void vga_poke_aperture(struct vga_host *host, uint32_t offset, uint32_t value, unsigned int size);

/* Index and data. */
uint8_t vga_in_indexed(struct vga_host *host, uint16_t port, uint8_t index);
void vga_out_indexed(struct vga_host *host, uint16_t port, uint8_t index, uint8_t value);
uint8_t vga_in_attribute(struct vga_host *host, uint8_t index);
void vga_out_attribute(struct vga_host *host, uint8_t index, uint8_t value);
uint16_t vga_in_dispi(struct vga_host *host, uint16_t index);
void vga_out_dispi(struct vga_host *host, uint16_t index, uint16_t value);

/* INT 10h: one of 1, 3, 4, 6, 7, 0dh, 12h, 13h with the registers and accesses of a BIOS; a font for text.  Registers
 * alone leave palette, memory and font. */
void vga_set_mode(struct vga_host *host, unsigned int mode);
void vga_set_registers(struct vga_host *host, unsigned int mode);
/* Modes of the display interface; enable: further bits of DISPI_ENABLE. */
void vga_set_dispi_mode(struct vga_host *host, uint16_t width, uint16_t height, uint16_t bpp, uint16_t enable);
/* The font as a BIOS writes it, of 16 lines, as number 0 to 7. */
void vga_load_font(struct vga_host *host, unsigned int number, bool bold);
void vga_write_text(struct vga_host *host, uint32_t address, uint8_t attribute, const char *text);

/* The far end looks. */
void vga_look(struct vga_host *host, bool all);
uint32_t vga_pixel(const struct vga_host *host, unsigned int x, unsigned int y);

/* picture.c: the screen is that of tests/unit/pictures/NAME.png.  If it is not, it is written to build/host/NAME.png. */
void assert_picture(const struct vga_host *host, const char *name);

#endif
