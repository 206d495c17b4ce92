/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What the commands' answers have in common. */
#include <stdio.h>

#include "commands.h"
#include "tools/common/message.h"

int print_json(json_t *json)
{
    int rc = json ? json_dumpf(json, stdout, JSON_INDENT(2)) : -1;

    json_decref(json);
    if (rc || putchar('\n') == EOF || fflush(stdout)) {
        message("the answer cannot be written");
        return 1;
    }
    return 0;
}

json_t *number_json(uint64_t value)
{
    return json_integer(value <= INT64_MAX ? (json_int_t)value : INT64_MAX);
}

void print_head(const struct domain *domain, const struct snapshot *snapshot)
{
    const struct stats *stats = &snapshot->stats;

    printf("domain %u %s: %s, %s, %llu requests so far\n", domain->xen.id, domain->name, domain->xen.state,
           stats->serving ? "served by its firmware" : "its firmware does not serve it",
           (unsigned long long)stats->recorded);
    if (snapshot->in_firmware)
        puts("a virtual CPU is in the firmware");
    if (!snapshot->settled && !snapshot->in_firmware)
        puts("the firmware was busy all the time: figures may not fit together");
    if (!stats->tsc_khz)
        puts("no times: Xen emulates the time stamp counter of this domain");
}

json_t *head_json(const struct domain *domain, const struct snapshot *snapshot)
{
    const struct stats *stats = &snapshot->stats;

    return json_pack("{s:o, s:b, s:b, s:b, s:I, s:o}", "domain", domain_json(domain), "serving", !!stats->serving,
                     "in_firmware", snapshot->in_firmware, "settled", snapshot->settled, "tsc_khz",
                     (json_int_t)stats->tsc_khz, "recorded", number_json(stats->recorded));
}
