/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Polled registers that Xen answers for us (XEN_REFLECT_shadow): a guest's read gets the byte that was published last,
 * and the firmware is not entered.  It saves time and nothing else: where Xen refuses, every read comes to the chip.
 */
#ifndef REFLEX_XEN_SHADOW_H
#define REFLEX_XEN_SHADOW_H

#include <stdbool.h>
#include <stdint.h>

#include "backends/io.h"
#include "xen/hypercall.h"

struct shadow_table {
    struct shadow {
        const struct io_ops *ops;           /* NULL: a free place */
        void *dev;
        uint32_t port;
        bool offered;                       /* Xen answers, */
        uint8_t value;                      /* with this */
    } shadows[XEN_REFLECT_MAX_SHADOWS];
    bool refused;                           /* Xen does not want to: not to be asked again */
};

void shadow_table_init(struct shadow_table *table);

/* A block of ports has been claimed, and is about to be given back.  Only blocks with a peek() matter. */
void shadow_add(struct shadow_table *table, const struct io_region *region);
void shadow_remove(struct shadow_table *table, uint32_t base, uint32_t length);

/* Brings what Xen answers up to date.  To be called before a guest can know that a chip has changed: before the vCPU
 * that entered is resumed, and before an interrupt line rises, which other vCPUs hear at once. */
void shadow_publish(struct shadow_table *table);

/* The domain was restored, so that Xen answers nothing any more.  The next shadow_publish() offers all again;
 * this comes before it. */
void shadow_restored(struct shadow_table *table);

/* How many reads Xen has answered in this domain, since it was made or restored.  False: the hypervisor does not
 * count. */
bool shadow_count(uint64_t *reads);

#endif
