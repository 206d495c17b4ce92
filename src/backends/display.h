/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A screen as a display chip needs it, answered by fbfront in a domain and by a picture file in tests.
 *
 * The picture lies in the chip's video memory (video_memory.h), at which the far end looks by itself; the chip says
 * where in it and what shape the picture has, and which part of it has changed.  The far end says when somebody wants
 * to see: a screen that nobody looks at costs nothing.
 */
#ifndef REFLEX_BACKENDS_DISPLAY_H
#define REFLEX_BACKENDS_DISPLAY_H

#include <stdbool.h>
#include <stdint.h>

#define DISPLAY_WIDTH_MAX  1920
#define DISPLAY_HEIGHT_MAX 1200

/* Lines of pixels, the topmost first.  depth: bits of a pixel in memory: 32 (xRGB, blue in the lowest byte), 24,
 * 16 (5:6:5), 15 (1:5:5:5).  Indexed pictures are the chip's to turn into one of these. */
struct display_picture {
    uint32_t offset;                        /* of the first pixel, in bytes from the begin of the video memory */
    uint32_t width, height;                 /* pixels; 0: nothing to see, the screen is dark */
    uint32_t stride;                        /* bytes from a line to the next */
    uint8_t depth;
};

struct display_rectangle {
    uint32_t x, y, width, height;
};

struct display_listener {
    /* Somebody looks: the chip brings its picture up to date, and calls changed() for what is new since it was last
     * asked.  `all`: the far end knows nothing of the picture. */
    void (*refresh)(struct display_listener *listener, bool all);
};

struct display_backend;
struct display_backend_ops {
    /* The picture is another from now on, or elsewhere in the video memory.  All of it counts as changed. */
    void (*show)(struct display_backend *backend, const struct display_picture *picture);
    /* A part of it, wholly inside, has changed. */
    void (*changed)(struct display_backend *backend, const struct display_rectangle *part);
};

struct display_backend {
    const struct display_backend_ops *ops;
    struct display_listener *listener;      /* set by the chip */
};

#endif
