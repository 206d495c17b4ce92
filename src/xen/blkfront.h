/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A PV disk (xen/io/blkif.h) as a blk_backend: blkfront.c connects it, blkfront_ring.c carries its requests.
 *
 * A request becomes ring requests of up to 11 pages.  Pages of the guest that hold whole sectors are granted to the
 * backend as they are; anything else, and the firmware's own buffers, go through the disk's bounce pages.  What
 * finds no slot, reference or bounce page waits its turn.  The backend is not trusted: an answer that cannot be
 * fails the disk for good, and what the backend keeps mapped is never used again.
 */
#ifndef REFLEX_XEN_BLKFRONT_H
#define REFLEX_XEN_BLKFRONT_H

#include "backends/blk.h"
#include "backends/guest_memory.h"
#include "backends/state.h"
#include "xen/event.h"
#include "xen/grant.h"
#include "xen/xenbus.h"

#include <xen/io/blkif.h>

#define BLKFRONT_SLOTS        32            /* what one ring page holds; a bit each in `busy` */
#define BLKFRONT_BOUNCE_PAGES 8             /* a bit each in `free_bounce` */
#define BLKFRONT_REFS         128           /* pages granted at once: 512 KiB */
#define BLKFRONT_NO_FLUSH     0xff          /* no BLKIF_OP_* */

/* A request on the ring: one part of a blk_request.  Its number is the ring request's id. */
struct blkfront_slot {
    struct blk_request *request;
    uint32_t segment, offset;               /* where in the request the part begins, */
    uint32_t bytes;                         /* and how long it is */
    RING_IDX sequence;                      /* its place among all ring requests */
    uint8_t operation;                      /* BLKIF_OP_* */
    bool bounced;
    uint8_t pages;
    uint8_t bounce[BLKIF_MAX_SEGMENTS_PER_REQUEST];
    grant_ref_t refs[BLKIF_MAX_SEGMENTS_PER_REQUEST];
};

struct blkfront {
    struct blk_backend backend;             /* first: what the chip holds */
    /* configuration */
    struct xenbus_device bus;
    uint32_t virtual_device;
    /* wiring */
    struct grant_table *grants;
    struct event_table *events;
    struct guest_memory *guest, *firmware;
    struct event event;
    grant_ref_t ring_ref;
    struct blkif_front_ring ring;
    /* state */
    bool unserved;                          /* a CD drive whose backend did not connect: failed from the start */
    bool failed;
    bool pages_lost;                        /* the backend keeps pages granted to it: */
    uint8_t lost_bounce;                    /* of the bounce pages these, */
    grant_ref_t lost_refs[BLKFRONT_BOUNCE_PAGES];   /* by these references; the others are the guest's */
    bool barrier;                           /* what is left to flush with should flush_operation not work */
    uint8_t flush_operation;                /* BLKIF_OP_*, or BLKFRONT_NO_FLUSH */
    bool removable, locked;                 /* see xen/medium.h */
    uint32_t changes, eject_wishes;         /* as the chip knows them */
    uint32_t busy;                          /* slots on the ring */
    struct blk_request *first, *last;       /* waiting, in order; see blkfront_ring.c */
    unsigned int free_ref_count;
    grant_ref_t free_refs[BLKFRONT_REFS];
    uint8_t free_bounce;
    struct blkfront_slot slots[BLKFRONT_SLOTS];
    uint8_t ring_page[XEN_PAGE_SIZE] __attribute__((aligned(4096)));
    uint8_t bounce[BLKFRONT_BOUNCE_PAGES][XEN_PAGE_SIZE] __attribute__((aligned(4096)));
};

/* Connects device/vbd/<name>.  Segments of later requests lie in `guest` or in `firmware`, each whole in one.  Waits
 * for the backend as xenbus.h says.  A CD drive is a drive also if no backend connects to it: one without a medium,
 * for ever.  0, or a negative errno with its reason in the log, and then there is no disk:
 *   -XEN_ENODEV   the backend does not connect, or offers what we cannot use
 *   -XEN_ENOSPC   no grant references are left
 *   others        from xenstore or the hypervisor */
int blkfront_attach(struct blkfront *front, struct xenstore *store, struct grant_table *grants,
                    struct event_table *events, const char *name, struct guest_memory *guest,
                    struct guest_memory *firmware);
/* The twin of an attach that returned 0.  Unanswered requests end in BLK_ERROR.  If the backend keeps pages
 * (pages_lost, here and after an attach in vain), the struct's memory must never be used for anything else. */
void blkfront_detach(struct blkfront *front);

/* In a restored domain: connects the disk to its new backend, as attach does, and begins anew every request that the
 * old one did not answer, in the order in which they were submitted.  A drive may have got another medium meanwhile, of
 * which the listener is told first.  If it fails, the reason is in the log, these
 * requests end in BLK_ERROR, and so does every later one. */
void blkfront_resume(struct blkfront *front);

/* Takes the backend's answers.  Runs on the disk's event; more often does no harm. */
void blkfront_poll(struct blkfront *front);

/* Which IDE drive a virtual-device number stands for: 0 primary master, 1 primary slave, 2 secondary master,
 * 3 secondary slave, -1 none.  Whole disks hda-hdd and xvda-xvdd (Xen's xen-vbd-interface(7)). */
int blkfront_ide_position(uint32_t virtual_device);

extern const struct state_map blkfront_state;

#endif
