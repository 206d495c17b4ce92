/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include <stdio.h>

#include "commands.h"

/* One whose firmware cannot be read is in the list all the same: `stats` says why. */
static bool runs_reflex(const struct domain *domain, struct xen *xen, struct snapshot *snapshot, bool *readable)
{
    struct window window;
    enum window_status status = window_open(&window, xen, &domain->xen);

    *readable = status == WINDOW_OPEN && !snapshot_take(snapshot, &window);
    window_close(&window);
    return status != WINDOW_NO_REFLEX;
}

static void add_text(const struct domain *domain, const struct snapshot *snapshot, bool readable)
{
    printf("%-24s %5u  %-12s ", domain->name, domain->xen.id, domain->xen.state);
    if (readable)
        printf("%12llu  %s\n", (unsigned long long)snapshot->stats.recorded, snapshot->stats.serving ? "yes" : "no");
    else
        printf("%12s  %s\n", "?", "?");
}

static void add_json(json_t *list, const struct domain *domain, const struct snapshot *snapshot, bool readable)
{
    json_t *one = readable ? head_json(domain, snapshot) : json_pack("{s:o}", "domain", domain_json(domain));

    json_object_set_new(one, "readable", json_boolean(readable));
    json_array_append_new(list, one);
}

int command_list(struct xen *xen, const struct options *options)
{
    static struct snapshot snapshot;
    struct domain domain;
    json_t *list = options->json ? json_array() : NULL;
    bool readable;

    if (!list)
        printf("%-24s %5s  %-12s %12s  %s\n", "NAME", "ID", "STATE", "REQUESTS", "SERVED");
    for (uint32_t from = 0; domain_next(&domain, xen, from); from = domain.xen.id + 1) {
        if (!runs_reflex(&domain, xen, &snapshot, &readable))
            continue;
        if (list)
            add_json(list, &domain, &snapshot, readable);
        else
            add_text(&domain, &snapshot, readable);
    }
    return list ? print_json(list) : 0;
}
