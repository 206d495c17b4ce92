/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * How a drive's medium changes while the domain runs: a record at the end of the ring's page (xen/io/blkif.h), where no
 * ring request lies.  blkif has xenstore for this, which is the guest's by then.  A backend that keeps the record says
 * "feature-medium" = 1 beside its other features; reflex-dm does (tools/reflex-dm/drive.c).
 *
 * Each side writes its own half only, and then notifies on the ring's event channel.  The numbers of times go on from
 * any value, and wrap around.  The backend writes `blocks`, then `changes`, and only then answers a request from the
 * new medium: who sees such an answer sees the change as well.
 */
#ifndef REFLEX_XEN_MEDIUM_H
#define REFLEX_XEN_MEDIUM_H

#include <stdint.h>

#define MEDIUM_RECORD_OFFSET 4032u      /* in the ring's page */
#define MEDIUM_BLOCK_SIZE    2048u

struct medium_record {
    /* the backend's */
    uint32_t blocks;                    /* the medium's size in blocks; 0: there is none */
    uint32_t changes;                   /* how often there has been another, or none any more */
    uint32_t eject_wishes;              /* how often somebody asked for it in vain, because it is locked */
    uint32_t reserved0[5];
    /* the frontend's */
    uint32_t locked;                    /* 1: the guest does not want it taken out */
    uint32_t reserved1[7];
};

#endif
