/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "claims.h"

#include "lib/log.h"
#include "xen/hypercall.h"

void claims_init(struct claims *claims, struct dispatcher *dispatcher, struct shadow_table *shadows)
{
    *claims = (struct claims){ .dispatcher = dispatcher, .shadows = shadows };
}

static struct io_space *space_of(struct claims *claims, uint32_t type)
{
    switch (type) {
    case XEN_REFLECT_RANGE_PORT:
        return &claims->dispatcher->ports;
    case XEN_REFLECT_RANGE_PCI:
        return &claims->dispatcher->pci;
    default:
        return &claims->dispatcher->memory;
    }
}

/* Of a PCI function Xen wants the number alone. */
static int claim(uint32_t type, bool add, uint32_t base, uint32_t length)
{
    if (type == XEN_REFLECT_RANGE_PCI)
        return reflect_range(type, add, base / DISPATCH_PCI_BYTES, base / DISPATCH_PCI_BYTES);
    return reflect_range(type, add, base, base + (length - 1));
}

/* The dispatcher first, then the hypervisor: an access is never reflected to nobody. */
bool claims_add(struct claims *claims, uint32_t type, const struct io_region *region)
{
    if (!io_space_add(space_of(claims, type), region))
        return false;
    if (claim(type, true, region->base, region->length)) {
        io_space_remove(space_of(claims, type), region->base);
        return false;
    }
    shadow_add(claims->shadows, type, region);
    return true;
}

void claims_remove(struct claims *claims, uint32_t type, const struct io_region *region)
{
    shadow_remove(claims->shadows, type, region);
    claim(type, false, region->base, region->length);
    io_space_remove(space_of(claims, type), region->base);
}

/* ---- Windows ------------------------------------------------------------------------------------------------ */

static struct io_region block(const struct board_window *window, unsigned int i)
{
    return (struct io_region){
        window->name, window->base + window->blocks[i].offset, window->blocks[i].length, window->blocks[i].ops,
        window->blocks[i].dev,
    };
}

/* Takes out the first `count` blocks. */
static void close_blocks(struct board_window *window, unsigned int count)
{
    for (unsigned int i = 0; i < count; i++) {
        const struct io_region region = block(window, i);

        if (region.length)
            claims_remove(window->claims, window->type, &region);
    }
    window->placed = false;
}

/* The blocks appear all or none.  0, or the address at which one cannot be. */
static uint32_t open_blocks(struct board_window *window)
{
    for (unsigned int i = 0; i < BOARD_WINDOW_BLOCKS; i++) {
        const struct io_region region = block(window, i);

        if (region.length && !claims_add(window->claims, window->type, &region)) {
            close_blocks(window, i);
            return region.base;
        }
    }
    window->placed = true;
    return 0;
}

/* What has been given up may be what another window is waiting for: a guest that exchanges two has one of them over the
 * other for a moment. */
static void open_waiting(struct claims *claims)
{
    for (struct board_window *window = claims->windows; window; window = window->next)
        if (window->wanted && !window->placed)
            open_blocks(window);
}

/* A place that is taken already stays whose it is: the guest has two chips at one address, and gets one until the other
 * moves. */
static void window_moved(struct pci_window *pci, bool enabled, uint32_t base)
{
    struct board_window *window = (struct board_window *)pci;
    uint32_t refused = 0;

    if (window->placed)
        close_blocks(window, BOARD_WINDOW_BLOCKS);
    window->wanted = enabled;
    window->base = base;
    if (enabled)
        refused = open_blocks(window);
    if (refused)
        log_limited(LOG_WARNING, "%s cannot be at %s 0x%x", window->name,
                    window->type == XEN_REFLECT_RANGE_PORT ? "port" : "address", refused);
    open_waiting(window->claims);
}

void window_init(struct board_window *window, struct claims *claims, uint32_t type, const char *name)
{
    *window = (struct board_window){
        .window.moved = window_moved, .claims = claims, .next = claims->windows, .name = name, .type = type,
    };
    claims->windows = window;
}
