/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The display adapter's memory, and where it is in the address space: it comes before RAM and registers there. */
#ifndef REFLEX_QTEST_VIDEO_H
#define REFLEX_QTEST_VIDEO_H

#include "backends/video_memory.h"

struct video {
    struct video_memory memory;
    uint8_t *window;                        /* VIDEO_WINDOW_PAGES */
    uint32_t aperture;                      /* 0: not placed yet */
    uint32_t shown;                         /* a bit for each page of the window */
};

void video_init(struct video *video);
/* Power-on: nothing is placed, and what the memory holds stays. */
void video_reset(struct video *video);

/* The byte at an address, with up to *length that follow it; NULL: none of it is here, and *length may be less. */
uint8_t *video_find(const struct video *video, uint64_t address, uint64_t *length);

#endif
