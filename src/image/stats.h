/* SPDX-License-Identifier: MIT */
/*
 * What the runtime keeps for a reader in dom0 (reflexctl): counters of each claim, the last requests, and where its
 * devices keep their registers.  The reader maps the firmware's window read-only and asks nobody: it works on a domain
 * that hangs or has crashed, too.  The one page that is for it to write is the keyboard's.
 *
 * struct reflex_image's `stats` says where struct stats lies.  All offsets count from the image's start, all fields lie
 * at multiples of their size, and each table says how long its entries are: a later version with longer entries can be
 * read by an earlier reader.  To a reader all of this is a guest's memory: nothing in it can be trusted.
 */
#ifndef REFLEX_IMAGE_STATS_H
#define REFLEX_IMAGE_STATS_H

#include <stdint.h>

#define STATS_MAGIC   0x53584652u           /* "RFXS" */
#define STATS_VERSION 2

#define STATS_NAME     16                   /* a name is at most 15 characters, then zeros */
#define STATS_REQUESTS 1024                 /* a power of two */
#define STATS_PCI_BYTES 4096
#define STATS_SENT     16                   /* bytes: more than an ATAPI packet */

struct stats_table {
    uint32_t offset, entry_bytes, count;
};

/* Entries into the firmware for one reason. */
struct stats_entries {
    uint64_t count, ticks;
};

struct stats {
    uint32_t magic, version;
    uint32_t bytes;                         /* of this struct */
    uint32_t generation;                    /* odd: a vCPU is in the firmware, and all that follows may change */
    uint32_t serving;                       /* 1: the interface is locked, and the devices are the firmware's */
    uint32_t tsc_khz;                       /* ticks in a millisecond; 0: no cheap clock, and all times are 0 */
    uint64_t recorded;                      /* requests since the start */
    uint64_t shadowed;                      /* reads that Xen has answered, */
    uint64_t shadowed_at;                   /* as it said at this many requests; 0: it has not been asked */
    struct stats_entries entries[4];        /* by XEN_REFLECT_WHY_* (reflect_op.h); [0]: no entries, but writes that
                                               have waited for one */
    struct stats_table ports, memory;       /* struct stats_region */
    struct stats_table requests;            /* struct stats_request */
    struct stats_table devices;             /* struct stats_device */
    struct stats_table fields;              /* struct stats_field */
    struct stats_table pci;                 /* struct stats_region: configuration space, claimed by function */
    uint32_t keyboard_page;                 /* where the page of xen/io/kbdif.h is, */
    uint32_t keyboard_port;                 /* and the event channel for dom0; 0: somebody else is at the keyboard */
};

/* One register block.  An access is one that the guest made: each element of a string instruction is one, and one that
 * is wider than the chip is one as well.  What begins in no block is counted under the one without a name.  Here and in
 * requests, register n of a PCI function's configuration space is at (bus << 8 | devfn) * STATS_PCI_BYTES + n. */
struct stats_region {
    char name[STATS_NAME];
    uint32_t base, length;
    uint32_t claimed;                       /* 0: it was there once */
    uint32_t pad;
    uint64_t reflections, accesses, bytes;
    uint64_t ticks;                         /* from the entry's begin to its end */
};

/* One entry.  Number n, from 1 on, is at place (n - 1) % STATS_REQUESTS until n + STATS_REQUESTS is.
 * The meaning of `what` to `vcpu` is reflect_op.h's, "On entry". */
struct stats_request {
    uint64_t tsc;                           /* when it came */
    uint64_t data;                          /* written, or read, or where in memory (XEN_REFLECT_PTR) */
    uint32_t number;                        /* low half */
    uint32_t what, address, count, vcpu;
    uint32_t ticks;                         /* how long it took, or STATS_UNDER_WAY */
    uint8_t sent[STATS_SENT];               /* what a string instruction that is no longer than this has written */
};
#define STATS_UNDER_WAY 0xffffffffu

/* One chip or frontend, and which of the fields are its own. */
struct stats_device {
    char name[STATS_NAME];                  /* which: "serial0" */
    char type[STATS_NAME];                  /* what: "16550" */
    uint32_t offset, bytes;
    uint32_t first_field, field_count;
};

/* offset: from the device's begin.  kind: enum state_kind (backends/state.h). */
struct stats_field {
    char name[STATS_NAME];
    uint32_t offset;
    uint16_t bytes;
    uint8_t kind;
    uint8_t pad;
};

_Static_assert(sizeof(struct stats) == 192 && sizeof(struct stats_region) == 64 && sizeof(struct stats_request) == 56 &&
               sizeof(struct stats_device) == 48 && sizeof(struct stats_field) == 24,
               "the same layout for 32-bit and 64-bit code");

#endif
