/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A display adapter's memory as RAM of the domain (backends/video_memory.h), moved in the guest's address space as the
 * adapter is programmed.  A page can be at one guest frame only, so what is not to be seen is kept at a place of the
 * firmware's own.
 *
 * In a restored domain all of it is where it was; which pages have been written is asked anew.
 */
#ifndef REFLEX_XEN_VIDEO_MEMORY_H
#define REFLEX_XEN_VIDEO_MEMORY_H

#include "backends/guest_memory.h"
#include "backends/state.h"
#include "backends/video_memory.h"

#define VIDEO_MEMORY_BYTES      (16u << 20)
#define VIDEO_MEMORY_PAGES      (VIDEO_MEMORY_BYTES / VIDEO_PAGE_BYTES)
#define VIDEO_HOME_PAGES        (VIDEO_WINDOW_PAGES + 4 * VIDEO_MEMORY_PAGES / VIDEO_PAGE_BYTES)

struct xen_video_memory {
    struct video_memory memory;             /* first: what the chip holds */
    /* configuration */
    struct guest_memory *guest;             /* RAM, over which the aperture is not placed */
    uint32_t home;                          /* the window's pages while they are hidden, then the frames */
    uint32_t window;                        /* address of the legacy window's first page */
    uint32_t end;                           /* the aperture lies below */
    /* state */
    uint32_t shown;                         /* a bit for each page of the window */
    uint32_t refused;                       /* moves that could not be made */
};

/* The caller has set the configuration, and nothing else.  home: VIDEO_HOME_PAGES of RAM; aperture: VIDEO_MEMORY_PAGES,
 * zeroed, which for the time being are there.  Both are the memory's from now on. */
void xen_video_memory_init(struct xen_video_memory *video, void *aperture);

extern const struct state_map xen_video_memory_state;

#endif
