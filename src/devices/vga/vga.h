/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * VGA with the Bochs display interface, as in QEMU's stdvga: text, CGA, planar and 256-colour modes, and linear modes
 * of 8 to 32 bits up to DISPLAY_WIDTH_MAX x DISPLAY_HEIGHT_MAX.
 *
 * Memory.  Address n of plane p is byte 4 * n + p, whatever the mode: chain 4 and odd/even use 64 KiB of each plane
 * without the gaps that IBM's address multiplexers leave.  So a program that writes by chain 4 and shows the same bytes
 * unchained finds them where its neighbour would be on the real chip; one that stays with a mode sees no difference.
 * Where the guest's accesses have no more effect than RAM's, the legacy window is RAM (view.c): text and the CGA's
 * four colours by odd/even, chain 4, and banks of linear modes without LFB_ENABLED.  There a read does not load the
 * latches, and what is written to a bank is not seen in the aperture before the bank changes or the picture is looked
 * at; what is written to the aperture is not seen in a bank that is open.  Text is not carried over into a mode of the
 * display interface, nor back.  Pages of the window where the chip does not answer just now may go on being RAM.
 *
 * The picture of an indexed mode is painted as 32-bit pixels into the last part of the memory, while somebody looks
 * at it: the guest's data there, if it has any, is lost.
 *
 * No time passes.  Input Status 1 says retrace and display in turn at each read, so that who waits for either gets it.
 * Blinking counts refreshes of the far end's picture.  Sync, blanking, polarity, clocks, skew and the overscan border
 * are registers only; so are the synchronous reset, the light pen, the video subsystem enable, the page bit of
 * Miscellaneous Output, and panning by dots in a text mode.  PAS does not lock the palette.  Input Status 0 reads as 0.
 * There is no vertical interrupt.  CRTC registers above 18h are not there.
 */
#ifndef REFLEX_DEVICES_VGA_H
#define REFLEX_DEVICES_VGA_H

#include <stdbool.h>
#include <stdint.h>

#include "backends/display.h"
#include "backends/io.h"
#include "backends/state.h"
#include "backends/video_memory.h"
#include "devices/vga/vga_regs.h"

#define VGA_MEMORY_BYTES    (16u << 20)
#define VGA_PLANES_BYTES    (256u << 10)        /* what the modes without the display interface use */
#define VGA_MMIO_BYTES      0x1000u
#define VGA_DISPI_PORTS     4

/* What the registers say about the picture.  Addresses are bytes of the memory. */
enum vga_kind { VGA_DARK, VGA_TEXT, VGA_PLANAR, VGA_CGA, VGA_PACKED, VGA_DIRECT };
struct vga_mode {
    enum vga_kind kind;
    uint8_t depth;                          /* of VGA_DIRECT */
    bool wide;                              /* each dot is two pixels */
    bool double_scan;                       /* each line, too */
    uint16_t width, height;                 /* pixels of the picture */
    uint32_t start, pitch;                  /* of the first row; from a row to the next */
    uint32_t wrap;                          /* mask of an address */
    uint16_t row_lines;                     /* lines of a row, before doubling */
    uint16_t split;                         /* the line after which rows begin at address 0; 0xffff: none */
    uint8_t preset;                         /* line of its row with which the first row begins */
    uint8_t pan;                            /* dots that are out of sight on the left... */
    bool split_pans;                        /* ...also below the split */
    uint32_t scan_bits[2];                  /* address bits that are bits 0 and 1 of the line in its row, or 0 */
    uint8_t cell_width;                     /* dots of a character, before doubling */
    uint16_t columns;
};

/* The legacy window as RAM: what its shown pages are copies of. */
enum vga_view_kind { VGA_VIEW_NONE, VGA_VIEW_LINEAR, VGA_VIEW_PAIRS };
struct vga_view {
    enum vga_view_kind kind;
    uint32_t first, pages;                  /* of the window; pages 0: all accesses come to the chip */
    uint32_t offset;                        /* LINEAR: of the memory, where it begins */
    uint32_t decoded;                       /* a bit for each page of the window in which the chip answers */
};

/* A text screen, for who reads it out of the domain's memory: `columns` cells in each of `rows` lines, a character (in
 * the guest's code page) and an attribute each. */
struct vga_text_screen {
    uint32_t address;                       /* guest-physical, of the first character; 0: no text mode */
    uint32_t row_bytes, cell_bytes;         /* to the next row; to the next cell */
    uint16_t columns, rows;
    uint16_t cursor_column, cursor_row;     /* 0xffff: not on the screen */
};

struct vga {
    /* wiring */
    struct video_memory *memory;
    struct display_backend *display;        /* NULL: nobody ever looks */
    struct display_listener listener;
    bool decodes_memory;                    /* the bus lets accesses through */
    /* registers */
    struct vga_registers {
        uint8_t misc, feature, subsystem, status_1;
        uint8_t sequencer_index, graphics_index, crtc_index, attribute_index;
        uint8_t sequencer[SEQ_REGISTERS], graphics[GFX_REGISTERS], crtc[CRTC_REGISTERS], attribute[ATTR_REGISTERS];
        bool attribute_data;                /* the next write to 3c0h is data */
        uint8_t pel_mask, pel_read, pel_write, pel_part, pel_state;
        uint8_t palette[256][3];            /* red, green, blue, as written */
        uint8_t latch[4];
        uint16_t dispi_index, dispi[DISPI_REGISTERS];
    } regs;
    struct vga_view view;
    struct vga_text_screen text;
    /* the picture */
    uint32_t shown_pages;                   /* of the window: a bit each */
    bool stale;                             /* a register has changed that the picture depends on */
    struct vga_mode mode;                   /* as last shown */
    uint32_t frame;                         /* refreshes, for blinking */
    uint32_t colors[256];                   /* as pixels */
    uint8_t touched[VGA_MEMORY_BYTES / VIDEO_PAGE_BYTES / 8]; /* a bit for each page, since it was painted */
};

/* memory: VGA_MEMORY_BYTES long.  display: NULL, or gets the chip's listener. */
void vga_init(struct vga *vga, struct video_memory *memory, struct display_backend *display);
/* The memory keeps what is in it. */
void vga_reset(struct vga *vga);
/* Whether the bus lets memory accesses through to the chip. */
void vga_decode_memory(struct vga *vga, bool decodes);
/* The memory has been moved or has come back elsewhere. */
void vga_memory_moved(struct vga *vga);

/* dev is the struct vga.  3c0h to 3dfh; 3b0h to 3bbh; 1ceh to 1d1h; MMIO; the window at A0000h. */
extern const struct io_ops vga_ports_ops, vga_mono_ports_ops, vga_dispi_ops, vga_mmio_ops, vga_window_ops;
extern const struct state_map vga_state;

#endif
