/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "video.h"

#include <stdlib.h>
#include <string.h>

#include "devices/vga/vga.h"
#include "message.h"

static void move(struct video_memory *memory, uint32_t address)
{
    ((struct video *)memory)->aperture = address;
}

static uint32_t page_mask(uint32_t first, uint32_t pages)
{
    return (uint32_t)(((uint64_t)1 << pages) - 1) << first;
}

static void show(struct video_memory *memory, uint32_t first, uint32_t pages)
{
    ((struct video *)memory)->shown |= page_mask(first, pages);
}

static void hide(struct video_memory *memory, uint32_t first, uint32_t pages)
{
    ((struct video *)memory)->shown &= ~page_mask(first, pages);
}

static void *window(struct video_memory *memory, uint32_t page)
{
    return ((struct video *)memory)->window + page * VIDEO_PAGE_BYTES;
}

/* Nobody looks. */
static void dirty(struct video_memory *memory, uint32_t first, uint32_t pages, uint8_t *bitmap)
{
    (void)memory, (void)first;
    memset(bitmap, 0xff, pages / 8);
}

static const struct video_memory_ops operations = {
    .move = move, .show = show, .hide = hide, .window = window, .dirty = dirty,
};

void video_init(struct video *video)
{
    uint8_t *bytes = calloc(VGA_MEMORY_BYTES / VIDEO_PAGE_BYTES + VIDEO_WINDOW_PAGES, VIDEO_PAGE_BYTES);

    if (!bytes)
        fail("no video memory");
    *video = (struct video){
        .memory = { .bytes = bytes, .length = VGA_MEMORY_BYTES, .ops = &operations }, .window = bytes + VGA_MEMORY_BYTES,
    };
}

void video_reset(struct video *video)
{
    video->aperture = video->shown = 0;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint8_t *video_find(const struct video *video, uint64_t address, uint64_t *length)
{
    if (video->aperture && address - video->aperture < VGA_MEMORY_BYTES) {
        *length = least(*length, video->aperture + VGA_MEMORY_BYTES - address);
        return video->memory.bytes + (address - video->aperture);
    }
    if (address - VIDEO_WINDOW >= VIDEO_WINDOW_PAGES * VIDEO_PAGE_BYTES)
        return NULL;
    *length = least(*length, VIDEO_PAGE_BYTES - address % VIDEO_PAGE_BYTES);
    if (!(video->shown & page_mask((address - VIDEO_WINDOW) / VIDEO_PAGE_BYTES, 1)))
        return NULL;
    return video->window + (address - VIDEO_WINDOW);
}
