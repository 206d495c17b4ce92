/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The domain's RAM as guest_memory.h wants it: by address below 4 GiB, by hypercall above. */
#ifndef REFLEX_XEN_GUEST_MEMORY_H
#define REFLEX_XEN_GUEST_MEMORY_H

#include "backends/guest_memory.h"

#define XEN_GUEST_MEMORY_RANGES 3

struct xen_guest_memory {
    struct guest_memory memory;             /* first: what chips and frontends hold */
    unsigned int range_count;
    struct {
        uint64_t start, end;                /* end is outside */
    } ranges[XEN_GUEST_MEMORY_RANGES];
};

/* low_end, high_end: where RAM below and above 4 GiB ends (high_end <= 4 GiB: there is none above).  The VGA window
 * 0xa0000-0xbffff is not RAM; what is not below low_end, the firmware's own window among it, is not the guest's. */
void xen_guest_memory_init(struct xen_guest_memory *memory, uint32_t low_end, uint64_t high_end);

/* The firmware's own memory, [base, base + size) below 4 GiB, in an instance of its own: buffers in it may be named to
 * a frontend (blk.h), but are no RAM to a chip that was given their address by the guest. */
void xen_firmware_memory_init(struct xen_guest_memory *memory, uint32_t base, uint32_t size);

#endif
