/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "screen.h"

#include <stdlib.h>
#include <string.h>

#include <xen/io/fbif.h>
#include <xen/io/protocols.h>

#include "tools/common/message.h"
#include "backends/display.h"

#define PAGE 4096u

/* What a firmware reads in a BIOS's mode, until the domain says otherwise. */
#define DARK_WIDTH  720
#define DARK_HEIGHT 400

/* The picture is asked for by us each time; the period is for a domain whose screen nobody has asked for that long. */
#define PERIOD_MS 1000

#define BAND_LINES 32                       /* what has changed is told in bands of so many lines */

/* Where the two layouts of the page have their page directory, and how long its entries are (fbif.h, pd). */
struct layout {
    unsigned int directory, entry_bytes;
};
static const struct layout layout_32 = { 36, 4 }, layout_64 = { 40, 8 };

#define read_once(word) (*(const volatile __typeof__(word) *)&(word))
#define read_barrier()  __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define full_barrier()  __atomic_thread_fence(__ATOMIC_SEQ_CST)

static volatile struct xenfb_page *shared(const struct screen *screen)
{
    return screen->device.page;
}

/* Each byte once. */
static void copy(void *to, const volatile void *from, size_t length)
{
    const volatile uint8_t *bytes = from;
    size_t i = 0;

    for (; i < length && ((uintptr_t)&bytes[i] % 8 || length - i < 8); i++)
        ((uint8_t *)to)[i] = bytes[i];
    for (; length - i >= 8; i += 8) {
        uint64_t word = *(const volatile uint64_t *)&bytes[i];

        memcpy((uint8_t *)to + i, &word, 8);
    }
    for (; i < length; i++)
        ((uint8_t *)to)[i] = bytes[i];
}

/* ---- The video memory ------------------------------------------------------------------------------------------- */

/* What was said of the picture was said of this memory; the copy stays what viewers see. */
static void unmap(struct screen *screen)
{
    if (screen->memory)
        xen_unmap(screen->device.xen, (void *)screen->memory, screen->pages);
    free(screen->mapped);
    screen->memory = NULL;
    screen->mapped = NULL;
    screen->pages = 0;
    screen->shape = (struct shape){ 0 };
    screen->dirty = (struct area){ 0 };
}

static uint64_t entry(const uint8_t *list, unsigned int i, unsigned int entry_bytes)
{
    uint64_t frame = 0;

    memcpy(&frame, list + i * entry_bytes, entry_bytes);
    return frame;
}

/* The frames of one page of the directory, up to `count`.  False: the page cannot be read. */
static bool read_list(struct screen *screen, uint64_t frame, unsigned int count, unsigned int entry_bytes,
                      uint64_t *frames)
{
    uint8_t list[PAGE];
    bool mapped = false;
    void *page = xen_map(screen->device.xen, &frame, 1, false, &mapped);

    if (mapped)
        copy(list, page, sizeof(list));
    if (page)
        xen_unmap(screen->device.xen, page, 1);
    for (unsigned int i = 0; mapped && i < count; i++)
        frames[i] = entry(list, i, entry_bytes);
    return mapped;
}

static bool read_directory(struct screen *screen, const struct layout *layout, uint64_t *frames)
{
    const unsigned int in_page = PAGE / layout->entry_bytes;
    uint8_t directory[XENFB_IN_RING_OFFS];

    copy(directory, screen->device.page, sizeof(directory));
    for (uint32_t first = 0; first < screen->pages; first += in_page) {
        uint64_t frame = entry(directory + layout->directory, first / in_page, layout->entry_bytes);
        uint32_t left = screen->pages - first;

        if (!read_list(screen, frame, left < in_page ? left : in_page, layout->entry_bytes, &frames[first]))
            return false;
    }
    return true;
}

/* All of it at once, for the pages of a picture may be anywhere in it. */
static bool map(struct screen *screen)
{
    uint32_t bytes = read_once(shared(screen)->mem_length);
    char *protocol = xen_frontend_text(screen->device.xen, "vfb", "protocol");
    bool is_32 = protocol && strcmp(protocol, XEN_IO_PROTO_ABI_X86_32) == 0;
    uint64_t *frames;

    free(protocol);
    screen->pages = bytes / PAGE;
    if (!screen->pages || screen->pages > SCREEN_PAGES_MAX)
        return false;
    frames = calloc(screen->pages, sizeof(*frames));
    screen->mapped = calloc(screen->pages, sizeof(*screen->mapped));
    if (frames && screen->mapped && read_directory(screen, is_32 ? &layout_32 : &layout_64, frames))
        screen->memory = xen_map(screen->device.xen, frames, screen->pages, false, screen->mapped);
    free(frames);
    return screen->memory;
}

/* `length` bytes from `offset` on; what is not there is dark. */
static void read_memory(const struct screen *screen, uint64_t offset, uint8_t *to, size_t length)
{
    while (length) {
        size_t part = PAGE - offset % PAGE;

        if (part > length)
            part = length;
        if (offset / PAGE < screen->pages && screen->mapped[offset / PAGE])
            copy(to, screen->memory + offset, part);
        else
            memset(to, 0, part);
        offset += part;
        to += part;
        length -= part;
    }
}

/* ---- The copy --------------------------------------------------------------------------------------------------- */

static unsigned int bytes_of_pixel(const struct shape *shape)
{
    return (shape->depth + 7) / 8;
}

static bool is_dark(const struct shape *shape)
{
    return !shape->width || !shape->height;
}

/* Of five or six bits, the upper ones once more below: white stays white. */
static uint32_t widen(uint32_t value, unsigned int bits)
{
    return value << (8 - bits) | value >> (2 * bits - 8);
}

static uint32_t convert(const uint8_t *at, uint32_t depth)
{
    uint32_t value = at[0] | (uint32_t)at[1] << 8;

    switch (depth) {
    case 15:
        return widen(value >> 10 & 31, 5) | widen(value >> 5 & 31, 5) << 8 | widen(value & 31, 5) << 16;
    case 16:
        return widen(value >> 11, 5) | widen(value >> 5 & 63, 6) << 8 | widen(value & 31, 5) << 16;
    default: /* 24, 32 */
        return at[2] | (uint32_t)at[1] << 8 | (uint32_t)at[0] << 16;
    }
}

/* One line of the area.  What of it is new joins `news`, as columns from `first` to before `end`. */
static void copy_line(struct screen *screen, uint32_t y, const struct area *area, uint32_t *first, uint32_t *end)
{
    const struct shape *shape = &screen->shape;
    const unsigned int bytes = bytes_of_pixel(shape);
    uint8_t line[DISPLAY_WIDTH_MAX * 4];
    uint32_t *pixel = &screen->pixels[(size_t)y * screen->width];

    memset(line, 0, sizeof(line));
    if (!is_dark(shape))
        read_memory(screen, shape->offset + (uint64_t)y * shape->stride + area->x * bytes, line, area->width * bytes);
    for (uint32_t x = area->x; x < area->x + area->width; x++) {
        uint32_t value = is_dark(shape) ? 0 : convert(&line[(x - area->x) * bytes], shape->depth);

        if (pixel[x] == value)
            continue;
        pixel[x] = value;
        if (x < *first)
            *first = x;
        if (x >= *end)
            *end = x + 1;
    }
}

static bool copy_band(struct screen *screen, const struct area *area)
{
    uint32_t first = UINT32_MAX, end = 0;
    struct area news = *area;

    for (uint32_t y = area->y; y < area->y + area->height; y++)
        copy_line(screen, y, area, &first, &end);
    if (end == 0)
        return false;
    news.x = first;
    news.width = end - first;
    screen->listener->changed(screen->listener, &news);
    return true;
}

/* True: it is another now. */
static bool bring_up_to_date(struct screen *screen)
{
    struct area band = screen->dirty;
    uint32_t bottom = band.y + band.height;
    bool news = false;

    if (!band.width)
        return false;
    for (; band.y < bottom; band.y += band.height) {
        band.height = bottom - band.y < BAND_LINES ? bottom - band.y : BAND_LINES;
        news |= copy_band(screen, &band);
    }
    screen->dirty.width = 0;
    return news;
}

static void add_dirty(struct screen *screen, struct area area)
{
    struct area *sum = &screen->dirty;
    uint32_t right = area.x + area.width, bottom = area.y + area.height;

    if (sum->width) {
        right = right > sum->x + sum->width ? right : sum->x + sum->width;
        bottom = bottom > sum->y + sum->height ? bottom : sum->y + sum->height;
        area.x = area.x < sum->x ? area.x : sum->x;
        area.y = area.y < sum->y ? area.y : sum->y;
    }
    *sum = (struct area){ area.x, area.y, right - area.x, bottom - area.y };
}

static void all_is_dirty(struct screen *screen)
{
    screen->dirty = (struct area){ 0, 0, screen->width, screen->height };
}

/* False: no memory; the copy is what it was. */
static bool resize(struct screen *screen, uint32_t width, uint32_t height)
{
    uint32_t *old = screen->pixels, *pixels;

    if (old && width == screen->width && height == screen->height)
        return true;
    pixels = calloc((size_t)width * height, sizeof(*pixels));
    if (!pixels)
        return false;
    screen->pixels = pixels;
    screen->width = width;
    screen->height = height;
    if (old)
        screen->listener->resized(screen->listener);
    free(old);
    return true;
}

/* ---- What the domain says --------------------------------------------------------------------------------------- */

/* All of the picture is in the memory. */
static bool is_possible(const struct screen *screen, const struct shape *shape)
{
    uint64_t last_line;

    if (is_dark(shape))
        return true;
    if (shape->depth != 15 && shape->depth != 16 && shape->depth != 24 && shape->depth != 32)
        return false;
    if (shape->width > DISPLAY_WIDTH_MAX || shape->height > DISPLAY_HEIGHT_MAX)
        return false;
    last_line = shape->offset + (uint64_t)(shape->height - 1) * shape->stride;
    return last_line + shape->width * bytes_of_pixel(shape) <= (uint64_t)screen->pages * PAGE;
}

/* One that cannot be is passed over: the screen stays what it was.  A dark one keeps its size. */
static void set_shape(struct screen *screen, const struct shape *shape)
{
    if (!is_possible(screen, shape))
        return;
    if (!is_dark(shape) && !resize(screen, shape->width, shape->height))
        return;
    screen->shape = *shape;
    all_is_dirty(screen);
}

/* What of it lies on the screen. */
static void note_update(struct screen *screen, const struct xenfb_update *update)
{
    int64_t x = update->x > 0 ? update->x : 0, y = update->y > 0 ? update->y : 0;
    int64_t right = (int64_t)update->x + update->width, bottom = (int64_t)update->y + update->height;

    if (right > screen->width)
        right = screen->width;
    if (bottom > screen->height)
        bottom = screen->height;
    if (right > x && bottom > y)
        add_dirty(screen, (struct area){ (uint32_t)x, (uint32_t)y, (uint32_t)(right - x), (uint32_t)(bottom - y) });
}

static void take_event(struct screen *screen, const union xenfb_out_event *event)
{
    const struct xenfb_resize *resize = &event->resize;

    if (event->type == XENFB_TYPE_UPDATE)
        note_update(screen, &event->update);
    if (event->type == XENFB_TYPE_RESIZE)
        set_shape(screen, &(struct shape){ (uint32_t)resize->width, (uint32_t)resize->height, (uint32_t)resize->stride,
                                           (uint32_t)resize->depth, (uint32_t)resize->offset });
}

bool screen_take(struct screen *screen)
{
    uint32_t end;

    if (!screen->device.page)
        return false;
    end = read_once(shared(screen)->out_prod);
    if (end - screen->taken > XENFB_OUT_RING_LEN) {
        unmap(screen);
        device_fail(&screen->device, "impossible indices; the screen is not shown any more");
        return false;
    }
    read_barrier();
    for (; screen->taken != end; screen->taken++) {
        union xenfb_out_event event;

        copy(&event, (const volatile uint8_t *)screen->device.page + XENFB_OUT_RING_OFFS +
                     screen->taken % XENFB_OUT_RING_LEN * sizeof(event), sizeof(event));
        take_event(screen, &event);
    }
    full_barrier();
    shared(screen)->out_cons = screen->taken;
    return bring_up_to_date(screen);
}

/* ---- What it is told -------------------------------------------------------------------------------------------- */

/* No room: the domain has not looked at what is there; it needs no more of it. */
static void send_period(struct screen *screen, uint32_t period)
{
    const union xenfb_in_event event = { .refresh_period = { XENFB_TYPE_REFRESH_PERIOD, period } };
    uint32_t put;

    if (!screen->device.page)
        return;
    put = read_once(shared(screen)->in_prod);
    if (put - read_once(shared(screen)->in_cons) < XENFB_IN_RING_LEN) {
        memcpy((uint8_t *)(uintptr_t)screen->device.page + XENFB_IN_RING_OFFS + put % XENFB_IN_RING_LEN * sizeof(event),
               &event, sizeof(event));
        full_barrier();
        shared(screen)->in_prod = put + 1;
    }
    xen_notify(screen->device.xen, screen->device.port);
}

void screen_ask(struct screen *screen)
{
    if (!screen->device.page)
        return;
    xen_listen(screen->device.xen, screen->device.port);
    send_period(screen, PERIOD_MS);
}

void screen_rest(struct screen *screen)
{
    send_period(screen, XENFB_NO_REFRESH);
}

/* ---- Its life --------------------------------------------------------------------------------------------------- */

/* Who was here before us is forgotten: NO_REFRESH makes the next question the first one, which is answered with the
 * shape.  Until then it is what the page says, which does not know of an offset. */
static void begin(struct screen *screen)
{
    volatile struct xenfb_page *page = shared(screen);
    struct shape shape = { (uint32_t)page->width, (uint32_t)page->height, page->line_length, page->depth, 0 };

    if (!map(screen)) {
        unmap(screen);
        device_fail(&screen->device, "the frontend's page does not lead to a video memory");
        return;
    }
    screen->taken = read_once(page->out_cons);
    set_shape(screen, &shape);
    xen_backend_write(screen->device.xen, "vfb", "request-update", 1);
    device_ready(&screen->device);
    screen_rest(screen);
}

void screen_follow(struct screen *screen)
{
    if (device_follow(&screen->device))
        begin(screen);
    else if (!screen->device.page)
        unmap(screen);
}

bool screen_open(struct screen *screen, struct xen *xen, struct screen_listener *listener)
{
    *screen = (struct screen){ .device = { .xen = xen, .name = "vfb" }, .listener = listener };
    xen_backend_write(xen, "vfb", "feature-resize", 1);
    return resize(screen, DARK_WIDTH, DARK_HEIGHT);
}

void screen_close(struct screen *screen)
{
    unmap(screen);
    device_close(&screen->device);
    free(screen->pixels);
}
