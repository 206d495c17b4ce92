/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Registers that Xen serves for us (XEN_REFLECT_shadows): a guest's read of one gets the value that was published last,
 * and a write waits in a queue; the firmware is not entered.  It saves time and nothing else: where Xen refuses, every
 * access comes to the chip.
 */
#ifndef REFLEX_XEN_SHADOW_H
#define REFLEX_XEN_SHADOW_H

#include <stdbool.h>
#include <stdint.h>

#include "backends/io.h"
#include "xen/hypercall.h"

struct shadow_table {
    struct xen_reflect_shadows page __attribute__((aligned(4096)));
    uint8_t rest[4096 - sizeof(struct xen_reflect_shadows)];
    struct {
        const struct io_shadow *what;       /* NULL: a free place */
        void *dev;
        uint64_t word;                      /* to be published */
    } registers[XEN_REFLECT_MAX_SHADOWS];   /* as in the page */
    /* Whose registers may not be as published: anybody's, or this chip's alone. SEVERAL is ANY that a later call does
     * not narrow. */
    enum { SHADOW_ANY, SHADOW_ONE, SHADOW_SEVERAL } concerns;
    const void *concerned;
    uint32_t served;                        /* writes from the queue */
    uint32_t shown;                         /* as page.taken: those whose effects are published */
};

/* An empty table, which Xen is told of. */
void shadow_table_init(struct shadow_table *table);

/* A block of registers has been claimed (type: XEN_REFLECT_RANGE_PORT or _MEMORY), and is about to be given back.  Only
 * blocks with shadows matter. */
void shadow_add(struct shadow_table *table, uint32_t type, const struct io_region *region);
void shadow_remove(struct shadow_table *table, uint32_t type, const struct io_region *region);

/* What happens until the next shadow_settle() concerns this chip's registers alone, or (NULL) any chip's; of several
 * calls all hold.  Without a call it may be any chip's: so what no call was made for, such as an event, is to be settled
 * before the first call. */
void shadow_concern(struct shadow_table *table, const void *dev);

/* Brings what Xen answers up to date.  To be called before a guest can know that a chip has changed, and while it may
 * change again: before an interrupt line rises, which other vCPUs hear at once. */
void shadow_publish(struct shadow_table *table);
/* The same at the end, before the vCPU that entered is resumed. */
void shadow_settle(struct shadow_table *table);

/* The next write that has waited.  False: there is none, those before have been served, and Xen answers reads of their
 * registers again.  To be called until then at the begin of every entry. */
bool shadow_next_write(struct shadow_table *table, struct xen_reflect_write *write);

/* The domain was restored, so that Xen does not know the table any more. */
void shadow_restored(struct shadow_table *table);

/* How many reads Xen has answered in this domain, since it was made or restored.  False: the hypervisor does not
 * count. */
bool shadow_count(uint64_t *reads);

#endif
