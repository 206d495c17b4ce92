/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Between blkfront.c, which connects a disk, blkfront_ring.c, which carries its requests, and blkfront_medium.c. */
#ifndef REFLEX_XEN_BLKFRONT_RING_H
#define REFLEX_XEN_BLKFRONT_RING_H

#include "xen/blkfront.h"

extern const struct blk_backend_ops blkfront_ops;

/* An empty ring in ring_page and all slots and bounce pages free.  free_refs[] are the caller's to fill. */
void blkfront_ring_init(struct blkfront *front);
/* After a soft reset: another domain has the ring, or the memory of something unanswered, mapped since before. */
bool blkfront_pages_are_kept(const struct blkfront *front);
/* Everything unanswered is submitted again, before what waits; nothing starts before blkfront_ring_init() and
 * blkfront_poll(). */
void blkfront_rewind(struct blkfront *front);
/* Everything unanswered ends in BLK_ERROR, and so will every later request. */
void blkfront_give_up(struct blkfront *front);

/* A drive whose medium can change, once connected; whether it has; that it has, for the chip; and blk_backend_ops'
 * lock. */
void blkfront_medium_begin(struct blkfront *front);
void blkfront_medium_poll(struct blkfront *front);
void blkfront_medium_changed(struct blkfront *front);
void blkfront_lock(struct blk_backend *backend, bool locked);

#endif
