/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "xen/video_memory.h"

#include "lib/log.h"
#include "lib/string.h"
#include "xen/hypercall.h"

static uint32_t frame_of(uint32_t address)
{
    return address / VIDEO_PAGE_BYTES;
}

static uint32_t aperture_of(const struct xen_video_memory *video)
{
    return gpa_of(video->memory.bytes);
}

/* Half a move cannot be undone: that half is where it should be, and the rest is where it was. */
static void relocate(uint32_t from, uint32_t to, uint32_t pages)
{
    int rc = memory_move(frame_of(from), frame_of(to), pages);

    if (rc)
        panic("cannot move video memory from 0x%x to 0x%x (error %d)", from, to, -rc);
}

static void list_frames(struct xen_video_memory *video)
{
    uint32_t *frames = (uint32_t *)(uintptr_t)(video->home + VIDEO_WINDOW_PAGES * VIDEO_PAGE_BYTES);

    for (uint32_t i = 0; i < VIDEO_MEMORY_PAGES; i++)
        frames[i] = frame_of(aperture_of(video)) + i;
    video->memory.frames = frames;
}

/* What the place has is lost, and it may be what the guest, or this firmware, runs on. */
static bool is_free(struct xen_video_memory *video, uint32_t address)
{
    uint32_t last = address + (VIDEO_MEMORY_BYTES - 1);

    if (!address || last < address || last >= video->end)
        return false;
    for (uint32_t offset = 0; offset < VIDEO_MEMORY_BYTES; offset += VIDEO_PAGE_BYTES)
        if (video->guest->is_ram(video->guest, address + offset, VIDEO_PAGE_BYTES))
            return false;
    return true;
}

static void move(struct video_memory *memory, uint32_t address)
{
    struct xen_video_memory *video = (struct xen_video_memory *)memory;

    if (address == aperture_of(video))
        return;
    if (!is_free(video, address)) {
        video->refused++;
        log_limited(LOG_WARNING, "video memory cannot be at 0x%x", address);
        return;
    }
    relocate(aperture_of(video), address, VIDEO_MEMORY_PAGES);
    memory->bytes = (uint8_t *)(uintptr_t)address;
    list_frames(video);
}

static uint32_t page_mask(uint32_t first, uint32_t pages)
{
    return (uint32_t)(((uint64_t)1 << pages) - 1) << first;
}

static void show(struct video_memory *memory, uint32_t first, uint32_t pages)
{
    struct xen_video_memory *video = (struct xen_video_memory *)memory;
    uint32_t offset = first * VIDEO_PAGE_BYTES;

    relocate(video->home + offset, video->window + offset, pages);
    video->shown |= page_mask(first, pages);
}

static void hide(struct video_memory *memory, uint32_t first, uint32_t pages)
{
    struct xen_video_memory *video = (struct xen_video_memory *)memory;
    uint32_t offset = first * VIDEO_PAGE_BYTES;

    relocate(video->window + offset, video->home + offset, pages);
    video->shown &= ~page_mask(first, pages);
}

static void *window(struct video_memory *memory, uint32_t page)
{
    const struct xen_video_memory *video = (struct xen_video_memory *)memory;
    uint32_t base = video->shown & page_mask(page, 1) ? video->window : video->home;

    return (void *)(uintptr_t)(base + page * VIDEO_PAGE_BYTES);
}

static void dirty(struct video_memory *memory, uint32_t first, uint32_t pages, uint8_t *bitmap)
{
    const struct xen_video_memory *video = (struct xen_video_memory *)memory;
    uint8_t written[VIDEO_MEMORY_PAGES / 8] = { 0 };

    if (reflect_vram(frame_of(aperture_of(video)) + first, pages, written))
        memset(written, 0xff, sizeof(written));
    for (uint32_t i = 0; i < pages; i++)
        bitmap[i / 8] |= written[i / 8] & 1u << i % 8;
}

static const struct video_memory_ops operations = {
    .move = move, .show = show, .hide = hide, .window = window, .dirty = dirty,
};

void xen_video_memory_init(struct xen_video_memory *video, void *aperture)
{
    video->memory = (struct video_memory){ .bytes = aperture, .length = VIDEO_MEMORY_BYTES, .ops = &operations };
    list_frames(video);
}
