/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include <stdio.h>

#include "commands.h"

#include <public/hvm/reflect_op.h>

static const struct {
    unsigned int why;
    const char *name, *key;
} reasons[] = {
    { XEN_REFLECT_WHY_IO,       "accesses", "access" },
    { XEN_REFLECT_WHY_EVENT,    "events",   "event" },
    { XEN_REFLECT_WHY_RESTORED, "restores", "restore" },
    { 0,                        "none: writes that waited", "waited" },
};
#define REASONS (sizeof(reasons) / sizeof(reasons[0]))

/* ---- Text ----------------------------------------------------------------------------------------------------- */

static void print_times(const struct snapshot *snapshot, uint64_t ticks, uint64_t count)
{
    double us = snapshot_us(snapshot, ticks);

    if (snapshot->stats.tsc_khz)
        printf(" %12.3f %9.2f", us / 1000, count ? us / (double)count : 0);
    else
        printf(" %12s %9s", "-", "-");
}

static void print_entries(const struct snapshot *snapshot)
{
    const struct stats *stats = &snapshot->stats;

    printf("\n%-28s %12s %12s %9s\n", "ENTRIES INTO THE FIRMWARE", "COUNT", "TIME ms", "MEAN us");
    for (unsigned int i = 0; i < REASONS; i++) {
        const struct stats_entries *entries = &stats->entries[reasons[i].why];

        printf("%-28s %12llu", reasons[i].name, (unsigned long long)entries->count);
        print_times(snapshot, entries->ticks, entries->count);
        putchar('\n');
    }
    if (stats->shadowed_at)
        printf("%-28s %12llu  (at request %llu)\n", "reads that Xen answered", (unsigned long long)stats->shadowed,
               (unsigned long long)stats->shadowed_at);
}

static const char *const spaces[] = {
    [SPACE_PORTS] = "ports", [SPACE_MEMORY] = "memory", [SPACE_PCI] = "configuration",
};

static void print_place(const struct claim *claim)
{
    uint32_t last = claim->region.base + (claim->region.length - 1);
    char place[32];

    if (!claim->region.name[0])
        snprintf(place, sizeof(place), "elsewhere");
    else if (claim->space == SPACE_PCI)
        snprintf(place, sizeof(place), "function %02x:%02x.%x", claim->region.base / STATS_PCI_BYTES >> 8 & 0xff,
                 claim->region.base / STATS_PCI_BYTES >> 3 & 0x1f, claim->region.base / STATS_PCI_BYTES & 7);
    else if (claim->space == SPACE_MEMORY)
        snprintf(place, sizeof(place), "%08x-%08x", claim->region.base, last);
    else
        snprintf(place, sizeof(place), "%04x-%04x", claim->region.base, last);
    printf("%-17s %-16s", place, claim->region.name[0] ? claim->region.name : spaces[claim->space]);
}

static void print_claims(const struct snapshot *snapshot)
{
    printf("\n%-17s %-16s %12s %12s %14s %12s %9s\n", "CLAIM", "NAME", "REFLECTIONS", "ACCESSES", "BYTES", "TIME ms",
           "MEAN us");
    for (unsigned int i = 0; i < snapshot->claim_count; i++) {
        const struct claim *claim = &snapshot->claims[i];
        const struct stats_region *region = &claim->region;

        print_place(claim);
        printf(" %12llu %12llu %14llu", (unsigned long long)region->reflections,
               (unsigned long long)region->accesses, (unsigned long long)region->bytes);
        print_times(snapshot, region->ticks, region->reflections);
        puts(region->name[0] && !region->claimed ? "  (given back)" : "");
    }
}

/* ---- JSON ----------------------------------------------------------------------------------------------------- */

static json_t *entries_json(const struct snapshot *snapshot)
{
    json_t *all = json_object();

    for (unsigned int i = 0; i < REASONS; i++) {
        const struct stats_entries *entries = &snapshot->stats.entries[reasons[i].why];

        json_object_set_new(all, reasons[i].key, json_pack("{s:o, s:o, s:f}", "count", number_json(entries->count),
                                                           "ticks", number_json(entries->ticks), "us",
                                                           snapshot_us(snapshot, entries->ticks)));
    }
    return all;
}

static json_t *shadowed_json(const struct stats *stats)
{
    if (!stats->shadowed_at)
        return json_null();
    return json_pack("{s:o, s:o}", "reads", number_json(stats->shadowed), "at_request",
                     number_json(stats->shadowed_at));
}

static json_t *claim_json(const struct snapshot *snapshot, const struct claim *claim)
{
    static const char *const names[] = { [SPACE_PORTS] = "port", [SPACE_MEMORY] = "memory", [SPACE_PCI] = "pci" };
    const struct stats_region *region = &claim->region;

    return json_pack("{s:s, s:s, s:I, s:I, s:b, s:o, s:o, s:o, s:o, s:f}", "space", names[claim->space],
                     "name", region->name, "base", (json_int_t)region->base, "length", (json_int_t)region->length,
                     "claimed", !!region->claimed, "reflections", number_json(region->reflections), "accesses",
                     number_json(region->accesses), "bytes", number_json(region->bytes), "ticks",
                     number_json(region->ticks), "us", snapshot_us(snapshot, region->ticks));
}

static json_t *stats_json(const struct domain *domain, const struct snapshot *snapshot)
{
    json_t *answer = head_json(domain, snapshot), *claims = json_array();

    json_object_set_new(answer, "entries", entries_json(snapshot));
    json_object_set_new(answer, "shadowed", shadowed_json(&snapshot->stats));
    for (unsigned int i = 0; i < snapshot->claim_count; i++)
        json_array_append_new(claims, claim_json(snapshot, &snapshot->claims[i]));
    json_object_set_new(answer, "claims", claims);
    return answer;
}

int command_stats(const struct domain *domain, const struct snapshot *snapshot, const struct options *options)
{
    if (options->json)
        return print_json(stats_json(domain, snapshot));
    print_head(domain, snapshot);
    print_entries(snapshot);
    print_claims(snapshot);
    return 0;
}
