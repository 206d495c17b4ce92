/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A display chip's own memory, which is RAM of the domain, and where in the guest's address space it appears.  Answered
 * by the hypervisor's memory map in a domain and by an array in tests.
 *
 * A page appears in one place at a time: the aperture of the base address register, or a part of the legacy window
 * (A0000h to BFFFFh).  What of the window has no page reaches the chip as accesses.
 */
#ifndef REFLEX_BACKENDS_VIDEO_MEMORY_H
#define REFLEX_BACKENDS_VIDEO_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#define VIDEO_PAGE_BYTES 4096u

struct video_memory {
    /* configuration */
    uint8_t *bytes;                         /* as the chip reaches it, wherever the guest sees it now */
    uint32_t length;                        /* whole pages */
    const struct video_memory_ops *ops;
    const uint32_t *frames;                 /* which guest frame each page is now; begins on a page.  For the display's
                                               far end, which finds the picture by it; a chip has no use for it */
};

struct video_memory_ops {
    /* Puts `pages` pages from `first` on at guest-physical `address` of the legacy window. */
    void (*expose)(struct video_memory *memory, uint32_t first, uint32_t pages, uint32_t address);
    /* And takes them out again. */
    void (*conceal)(struct video_memory *memory, uint32_t first, uint32_t pages, uint32_t address);
    /* The aperture is at `address` now; 0: nowhere. */
    void (*move)(struct video_memory *memory, uint32_t address);
    /* Which pages the guest has written since the last call: a bit each, length / VIDEO_PAGE_BYTES of them.  The first
     * call, and one after anything was moved, may report more. */
    void (*dirty)(struct video_memory *memory, uint8_t *bitmap);
};

#endif
