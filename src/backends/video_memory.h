/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A display chip's own memory, which is RAM of the domain.  Answered by the hypervisor's memory map in a domain and by
 * arrays in tests.
 *
 * The memory appears in the guest's address space in one piece, at the aperture of the base address register.  Beside it
 * there are pages for the legacy window (A0000h to BFFFFh), one for each of its places and none of the memory's: the
 * chip copies between the two, so that a page never has to be at two places, and the aperture never has holes.  Where
 * such a page is shown the guest reaches it as RAM; where none is, its accesses reach the chip.
 */
#ifndef REFLEX_BACKENDS_VIDEO_MEMORY_H
#define REFLEX_BACKENDS_VIDEO_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#define VIDEO_PAGE_BYTES     4096u
#define VIDEO_WINDOW         0xa0000u
#define VIDEO_WINDOW_PAGES   32u

struct video_memory {
    /* configuration */
    uint8_t *bytes;                         /* as the chip reaches it, wherever the guest sees it now */
    uint32_t length;                        /* whole pages */
    const struct video_memory_ops *ops;
    const uint32_t *frames;                 /* which guest frame each page is now; begins on a page.  For the display's
                                               far end, which finds the picture by it; a chip has no use for it */
};

struct video_memory_ops {
    /* The aperture is at `address` from now on, a multiple of the memory's length. */
    void (*move)(struct video_memory *memory, uint32_t address);
    /* The window's pages `first` to `first + pages - 1` appear in their places, or leave them.  What is in them stays. */
    void (*show)(struct video_memory *memory, uint32_t first, uint32_t pages);
    void (*hide)(struct video_memory *memory, uint32_t first, uint32_t pages);
    /* Where the chip reaches a page of the window now.  Neighbours that are all shown, or all hidden, lie side by side;
     * valid until the next call of show() or hide(). */
    void *(*window)(struct video_memory *memory, uint32_t page);
    /* Which of the memory's pages `first` to `first + pages - 1` have been written since the last call, by the guest or
     * the chip: sets a bit of `bitmap` for each, `first` the lowest of the first byte, and leaves other bits alone.  A
     * call for pages other than last time's reports all of them, and so does a failure. */
    void (*dirty)(struct video_memory *memory, uint32_t first, uint32_t pages, uint8_t *bitmap);
};

#endif
