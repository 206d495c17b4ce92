/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "xen/grant.h"

#include "lib/log.h"

#include <xen/errno.h>

/* Each retry means that the far end mapped or unmapped the page in the very moment; see grant_end(). */
#define END_ATTEMPTS 16

/* How long a far end of before a soft reset may take to let go: as long as a backend may take for anything. */
#define LET_GO_TIMEOUT_NS 10000000000ull
#define LET_GO_LOOK_NS    2000000u

static int map_frames(uint32_t first_frame, uint32_t frames, uint32_t first_gfn)
{
    int rc = 0;

    for (uint32_t i = 0; i < frames && !rc; i++)
        rc = grant_table_map(first_frame + i, first_gfn + i);
    return rc;
}

/* Xen sets GTF_reading and GTF_writing while the page is mapped; they share a word with the permission so that
 * one exchange both looks and revokes (grant_table.h, "Invalidating an unused GTF_permit_access entry"). */
static bool end(struct grant_entry_v1 *entry)
{
    uint16_t flags = read_once(entry->flags);

    for (unsigned int i = 0; i < END_ATTEMPTS; i++) {
        if (flags & (GTF_reading | GTF_writing))
            return false;
        if (__atomic_compare_exchange_n(&entry->flags, &flags, 0, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
            return true;
    }
    return false;
}

/* A new domain's entries are all 0.  A soft reset leaves them as they were, in force, and Xen would map the old page
 * again by one that is in use, whatever stood in it by then. */
static bool end_all(struct grant_table *table)
{
    bool all = true;

    for (uint32_t i = 0; i < table->count; i++)
        all &= end(&table->entries[i]);
    return all;
}

static void wait_for_old_grants(struct grant_table *table)
{
    uint64_t now = system_time_ns(), deadline = now + LET_GO_TIMEOUT_NS;

    while (!end_all(table) && now < deadline) {
        wait_until_ns(now + LET_GO_LOOK_NS);
        now = system_time_ns();
    }
}

/* The lowest are taken first. */
static void find_free(struct grant_table *table)
{
    for (uint32_t i = table->count; i--;) {
        if (!end(&table->entries[i]))
            table->kept[i / 32] |= 1u << i % 32;
        else
            table->free[table->free_count++] = (uint16_t)i;
    }
    if (table->free_count != table->count)
        log_error("%u pages that were granted before a soft reset are in use yet", table->count - table->free_count);
}

int grant_init(struct grant_table *table, uint32_t frames, uint32_t first_gfn)
{
    uint32_t max_frames;
    int rc = grant_table_max_frames(&max_frames);

    if (rc)
        return rc;
    if (frames == 0 || frames > GRANT_FRAMES_MAX || frames >= max_frames)
        return -XEN_EINVAL;
    rc = map_frames(max_frames - frames, frames, first_gfn);
    if (rc)
        return rc;

    *table = (struct grant_table){
        .entries = (struct grant_entry_v1 *)(uintptr_t)(first_gfn << XEN_PAGE_SHIFT),
        .first_ref = (max_frames - frames) * GRANTS_PER_FRAME,
        .count = frames * GRANTS_PER_FRAME,
    };
    wait_for_old_grants(table);
    find_free(table);
    return 0;
}

bool grant_kept(const struct grant_table *table, grant_ref_t ref)
{
    uint32_t i = ref - table->first_ref;

    return i < table->count && table->kept[i / 32] >> i % 32 & 1;
}

bool grant_take(struct grant_table *table, unsigned int count, grant_ref_t *refs)
{
    if (count > table->free_count)
        return false;
    for (unsigned int i = 0; i < count; i++)
        refs[i] = table->first_ref + table->free[--table->free_count];
    return true;
}

static struct grant_entry_v1 *entry_of(struct grant_table *table, grant_ref_t ref)
{
    if (ref - table->first_ref >= table->count)
        panic("grant reference %u is not the firmware's", ref);
    return &table->entries[ref - table->first_ref];
}

void grant_give(struct grant_table *table, unsigned int count, const grant_ref_t *refs)
{
    for (unsigned int i = 0; i < count; i++) {
        if (entry_of(table, refs[i])->flags || table->free_count == table->count)
            panic("grant reference %u given back in use", refs[i]);
        table->free[table->free_count++] = (uint16_t)(refs[i] - table->first_ref);
    }
}

void grant_access(struct grant_table *table, grant_ref_t ref, domid_t domain, uint32_t gfn, bool read_only)
{
    struct grant_entry_v1 *entry = entry_of(table, ref);

    if (entry->flags)
        panic("grant reference %u is in use", ref);
    entry->frame = gfn;
    entry->domid = domain;
    xen_wmb(); /* Xen may read the entry as soon as flags say that it is one */
    entry->flags = GTF_permit_access | (read_only ? GTF_readonly : 0);
}

bool grant_end(struct grant_table *table, grant_ref_t ref)
{
    return end(entry_of(table, ref));
}
