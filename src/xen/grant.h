/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The firmware's share of the domain's grant table: its last frames, which the hypervisor keeps from the guest
 * (reflect_op.h: nr_gnt_frames).  Entries are version 1 (xen/grant_table.h).
 */
#ifndef REFLEX_XEN_GRANT_H
#define REFLEX_XEN_GRANT_H

#include <stdbool.h>
#include <stdint.h>

#include "xen/hypercall.h"

#include <xen/grant_table.h>

#define GRANTS_PER_FRAME (XEN_PAGE_SIZE / sizeof(struct grant_entry_v1))
#define GRANT_FRAMES_MAX 4
#define GRANTS_MAX       (GRANT_FRAMES_MAX * GRANTS_PER_FRAME)

struct grant_table {
    struct grant_entry_v1 *entries;         /* entries[i] is reference first_ref + i */
    uint32_t first_ref, count;
    uint32_t free_count;
    uint16_t free[GRANTS_MAX];              /* the first free_count: indices into entries */
    uint32_t kept[GRANTS_MAX / 32];         /* a bit for each entry that was in use before the table was ours */
};

/* Maps the table's last `frames` (1 to GRANT_FRAMES_MAX) frames at first_gfn and up: holes, for what RAM is there is
 * lost.  Before reflect_lock(), which hides them from everybody but the firmware; and again from the firmware when
 * the domain was restored, which leaves holes there and no grant in force, or was soft-reset, which leaves them all:
 * waits up to 10 s for other domains to let go, and what is in use even then is never taken.  0 or a negative errno. */
int grant_init(struct grant_table *table, uint32_t frames, uint32_t first_gfn);

/* Another domain still has the page mapped that was granted by `ref` before a soft reset: it may not be used again. */
bool grant_kept(const struct grant_table *table, grant_ref_t ref);

/* Reserves `count` references for a device, all or none; grant_give() hands them back, ended. */
bool grant_take(struct grant_table *table, unsigned int count, grant_ref_t *refs);
void grant_give(struct grant_table *table, unsigned int count, const grant_ref_t *refs);

/* Lets `domain` map the page. */
void grant_access(struct grant_table *table, grant_ref_t ref, domid_t domain, uint32_t gfn, bool read_only);
/* Ends it.  False: the domain still has the page mapped, and neither reference nor page may be used again. */
bool grant_end(struct grant_table *table, grant_ref_t ref);

#endif
