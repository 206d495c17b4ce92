/* SPDX-License-Identifier: MIT */
/*
 * What hvmloader needs to know about the runtime: the header at the start of its image, and what it is told when
 * it is started.  Both sides are 32-bit code; all addresses are guest-physical.
 */
#ifndef REFLEX_IMAGE_H
#define REFLEX_IMAGE_H

#include <stdint.h>

/* The part of hvmloader's reserved region (config.h, RESERVED_MEMORY_DYNAMIC_END) that belongs to the firmware. */
#define REFLEX_WINDOW_START  0xfde00000u
#define REFLEX_WINDOW_END    0xfe000000u

#define REFLEX_IMAGE_MAGIC   0x584c4652u    /* "RFLX" */
#define REFLEX_IMAGE_VERSION 2

struct reflex_image {
    uint32_t magic;
    uint32_t version;           /* REFLEX_IMAGE_VERSION */
    uint32_t base;              /* REFLEX_WINDOW_START: where the image is linked, this header first */
    uint32_t image_bytes;       /* to be copied there */
    uint32_t memory_bytes;      /* to be populated there, whole pages; what the image does not fill is zeroed */
    uint32_t entry;             /* int entry(struct reflex_start *), on the caller's stack */
    uint32_t stack_base;        /* stack_bytes for every vCPU the domain has, inside the window, whole pages */
    uint32_t stack_bytes;
    uint32_t stats;             /* offset of struct stats (stats.h) from base */
};

/* entry's results.  Anything else: it has said why and claims nothing, and the domain goes on without it. */
#define REFLEX_STARTED        0             /* the domain's devices are the firmware's from now on */
#define REFLEX_STARTED_BESIDE 1             /* some are; the rest, and the choice of the boot BIOS, stay with the
                                               device model */

/* entry's argument. */
#define REFLEX_START_VERSION 4

struct reflex_start {
    uint32_t version;           /* REFLEX_START_VERSION */
    uint32_t low_memory_end;    /* end of RAM below 4 GiB */
    uint64_t high_memory_end;   /* end of RAM above 4 GiB, or 0 */
    uint32_t vcpus;
    uint32_t roms;              /* expansion ROMs of cards, one PCI image behind the other, in memory that is
                                   hvmloader's and does not outlive it */
    uint32_t roms_bytes;
    uint32_t take_pages;        /* reflex_take_pages *, for entry and as long as it runs */
};

/* Gives the firmware pages of RAM for good, zeroed, at `address` where no RAM is yet, or if that is 0 in hvmloader's
 * reserved region below the window.  They may come from the end of the guest's RAM: then its ends in *start change.
 * Returns the first one's address. */
typedef uint32_t reflex_take_pages(struct reflex_start *start, uint32_t address, uint32_t pages);

#endif
