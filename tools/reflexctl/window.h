/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The firmware's memory of one domain, as far as the runtime's image and data go (src/image/image.h).  It is the
 * guest's: it changes at any time and may hold anything.  So it can only be copied, within its bounds, and what is
 * checked is the copy.
 */
#ifndef REFLEXCTL_WINDOW_H
#define REFLEXCTL_WINDOW_H

#include "image/image.h"
#include "xen.h"

struct window {
    struct xen *xen;
    const volatile uint8_t *memory;
    uint32_t bytes;
    struct reflex_image image;
};

enum window_status {
    WINDOW_OPEN,
    WINDOW_NO_REFLEX,                       /* the domain does not run Reflex */
    WINDOW_OTHER_VERSION,                   /* one of another version than ours: image.version */
    WINDOW_BROKEN,                          /* the image's head says what cannot be */
};
enum window_status window_open(struct window *window, struct xen *xen, const struct xen_domain *domain);
void window_close(struct window *window);

/* The one page there that is for dom0 to write, by its offset from the window's begin.  NULL: it is not there. */
void *window_map_page(struct xen *xen, const struct xen_domain *domain, uint32_t offset);
void window_unmap_page(struct xen *xen, void *page);

/* False, and nothing copied: it is not all inside. */
bool window_copy(const struct window *window, void *to, uint64_t offset, uint64_t bytes);

#endif
