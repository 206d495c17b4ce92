/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Register blocks, of ports and of memory, as the dispatcher and the hypervisor know them; and the windows in which PCI
 * functions show theirs, which come, go and move as the guest programs the function.
 */
#ifndef REFLEX_CLAIMS_H
#define REFLEX_CLAIMS_H

#include <stdbool.h>
#include <stdint.h>

#include "backends/io.h"
#include "backends/pci_window.h"
#include "reflect/dispatch.h"
#include "xen/shadow.h"

struct board_window;

struct claims {
    struct dispatcher *dispatcher;
    struct shadow_table *shadows;
    struct board_window *windows;           /* all there are */
};

void claims_init(struct claims *claims, struct dispatcher *dispatcher, struct shadow_table *shadows);

/* type: XEN_REFLECT_RANGE_PORT; _MEMORY, where base is an address below 4 GiB; or _PCI, where the region is one
 * function's configuration space, at dispatch_pci_address().  False, and nothing changed: the place is taken, or the
 * dispatcher or the hypervisor has no room.  Where there is RAM, or a register that Xen emulates, a block can be
 * placed, and is not seen. */
bool claims_add(struct claims *claims, uint32_t type, const struct io_region *region);
/* The twin: the region that was added there. */
void claims_remove(struct claims *claims, uint32_t type, const struct io_region *region);

/* Ports or addresses that a PCI function decodes, and the register blocks that appear there. */
#define BOARD_WINDOW_BLOCKS 2
struct board_window {
    /* wiring */
    struct pci_window window;               /* first: what the function tells of its moves */
    struct claims *claims;
    struct board_window *next;
    /* configuration */
    const char *name;
    uint32_t type;                          /* as claims_add() has it */
    struct {
        uint32_t offset, length;            /* length 0: no block */
        const struct io_ops *ops;
        void *dev;
    } blocks[BOARD_WINDOW_BLOCKS];
    /* state */
    bool wanted;                            /* the function decodes it, at base; */
    bool placed;                            /* and it is there */
    uint32_t base;
};

/* A closed window, which follows the function that is given &window->window.  The caller describes its blocks. */
void window_init(struct board_window *window, struct claims *claims, uint32_t type, const char *name);

#endif
