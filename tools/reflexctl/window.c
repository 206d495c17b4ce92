/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "window.h"

#define PAGE_SHIFT   12
#define PAGE_SIZE    (1u << PAGE_SHIFT)
#define WINDOW_BYTES (REFLEX_WINDOW_END - REFLEX_WINDOW_START)

static bool map(struct window *window, const struct xen_domain *domain, uint32_t bytes)
{
    window->bytes = bytes;
    window->memory = xen_map(window->xen, domain->id, REFLEX_WINDOW_START >> PAGE_SHIFT, bytes >> PAGE_SHIFT);
    return window->memory;
}

static bool possible(const struct reflex_image *image)
{
    return image->memory_bytes && image->memory_bytes <= WINDOW_BYTES && image->memory_bytes % PAGE_SIZE == 0;
}

/* The first page says how many there are. */
enum window_status window_open(struct window *window, struct xen *xen, const struct xen_domain *domain)
{
    *window = (struct window){ .xen = xen };
    if (!domain->hvm || !map(window, domain, PAGE_SIZE))
        return WINDOW_NO_REFLEX;
    window_copy(window, &window->image, 0, sizeof(window->image));
    window_close(window);
    if (window->image.magic != REFLEX_IMAGE_MAGIC)
        return WINDOW_NO_REFLEX;
    if (window->image.version != REFLEX_IMAGE_VERSION)
        return WINDOW_OTHER_VERSION;
    if (!possible(&window->image) || !map(window, domain, window->image.memory_bytes))
        return WINDOW_BROKEN;
    return WINDOW_OPEN;
}

void window_close(struct window *window)
{
    if (window->memory)
        xen_unmap(window->xen, window->memory, window->bytes >> PAGE_SHIFT);
    window->memory = NULL;
}

void *window_map_page(struct xen *xen, const struct xen_domain *domain, uint32_t offset)
{
    if (offset % PAGE_SIZE || offset >= WINDOW_BYTES)
        return NULL;
    return xen_map_writable(xen, domain->id, (REFLEX_WINDOW_START + offset) >> PAGE_SHIFT);
}

void window_unmap_page(struct xen *xen, void *page)
{
    xen_unmap(xen, page, 1);
}

/* Each byte is read once, in words where that is possible: a word of the firmware's is not torn. */
bool window_copy(const struct window *window, void *to, uint64_t offset, uint64_t bytes)
{
    uint8_t *byte = to;

    if (offset > window->bytes || bytes > window->bytes - offset)
        return false;
    for (const volatile uint8_t *from = window->memory + offset, *end = from + bytes; from < end;) {
        if ((uintptr_t)from % 4 == 0 && end - from >= 4) {
            uint32_t word = *(const volatile uint32_t *)from;

            __builtin_memcpy(byte, &word, 4);
            from += 4;
            byte += 4;
        } else {
            *byte++ = *from++;
        }
    }
    return true;
}
