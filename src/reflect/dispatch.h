/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * From one reflected request to accesses of chips and back: finds the register block, splits what a chip does not
 * take in one piece, and runs the elements of string instructions.
 */
#ifndef REFLEX_REFLECT_DISPATCH_H
#define REFLEX_REFLECT_DISPATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "backends/guest_memory.h"
#include "backends/io.h"
#include "image/stats.h"

#include <public/hvm/reflect_op.h>

/* The registers of an entry (reflect_op.h, "On entry"), in the order in which entry.asm stores them.  What did not
 * enter at the time, a write that has waited for another entry, looks the same with XEN_REFLECT_WHY_* 0. */
struct reflection {
    uint32_t what;                          /* EAX */
    uint32_t address_low, address_high;     /* EBX, ECX */
    uint32_t data_low, data_high;           /* EDX, ESI */
    uint32_t count;                         /* EDI */
    uint32_t vcpu;                          /* EBP */
};

#define IO_SPACE_REGIONS 48

/* Register blocks of one address space, sorted by base.  No two overlap. */
struct io_space {
    unsigned int count;
    unsigned int last;                      /* what the last search has found: where the next one begins */
    struct io_region regions[IO_SPACE_REGIONS];
    uint8_t counter[IO_SPACE_REGIONS];      /* of each region, the place of its counters */
    /* Of these regions, of some that have been taken out, and (the last) of what no region has. */
    struct stats_region counters[IO_SPACE_REGIONS + 1];
};

/* False, and nothing changed: the region overlaps another, wraps, is empty, or the space is full. */
bool io_space_add(struct io_space *space, const struct io_region *region);
/* Takes out the region that begins at base, if there is one. */
void io_space_remove(struct io_space *space, uint32_t base);

/* Configuration space of functions that are claimed one by one: as if it lay in memory, the way of PCI Express, where
 * nothing is beside a function's 256 bytes. */
#define DISPATCH_PCI_BYTES STATS_PCI_BYTES  /* for each function */
static inline uint32_t dispatch_pci_address(uint32_t bdf)
{
    return bdf * DISPATCH_PCI_BYTES;
}

struct dispatcher {
    struct io_space ports;
    struct io_space memory;
    struct io_space pci;
    struct guest_memory *guest;             /* what string instructions copy from and to */
};

/* The address of an access in its space. */
uint32_t dispatch_address(const struct reflection *reflection);

/* A write that has waited, as the entry that it spared the guest. */
struct reflection dispatch_waited(const struct xen_reflect_write *write);

/* Serves an access (XEN_REFLECT_WHY_IO, or 0: a write that has waited).  Returns what the guest reads: all-ones where no
 * chip answers, nothing of meaning for a write or with XEN_REFLECT_PTR. */
uint64_t dispatch_io(struct dispatcher *dispatcher, const struct reflection *reflection);

/* The chip whose shadowed registers (backends/io.h) alone an access can change.  NULL: any chip's. */
const void *dispatch_alone(struct dispatcher *dispatcher, const struct reflection *reflection);

/* Counts an access that dispatch_io() has served, at the register block where it began. */
void dispatch_count(struct dispatcher *dispatcher, const struct reflection *reflection, uint64_t ticks);

#endif
