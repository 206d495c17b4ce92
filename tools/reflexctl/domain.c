/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "domain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/common/message.h"

#define DOMID_FIRST_RESERVED 0x7ff0u        /* xen.h */

bool domain_next(struct domain *domain, struct xen *xen, uint32_t from)
{
    char *name;

    *domain = (struct domain){ .name = "" };
    if (!xen_find_domain(xen, from, &domain->xen))
        return false;
    name = xen_domain_name(xen, domain->xen.id);
    for (unsigned int i = 0; name && name[i] && i < DOMAIN_NAME - 1; i++)
        domain->name[i] = name[i] >= ' ' && name[i] <= '~' ? name[i] : '?';
    free(name);
    return true;
}

static bool is_number(const char *text, uint32_t *number)
{
    unsigned long value = strtoul(text, NULL, 10);

    *number = (uint32_t)value;
    return *text && text[strspn(text, "0123456789")] == '\0' && value < DOMID_FIRST_RESERVED;
}

bool domain_find(struct domain *domain, struct xen *xen, const char *text)
{
    uint32_t number;

    if (is_number(text, &number)) {
        if (domain_next(domain, xen, number) && domain->xen.id == number)
            return true;
    } else {
        for (uint32_t from = 0; domain_next(domain, xen, from); from = domain->xen.id + 1)
            if (strcmp(domain->name, text) == 0)
                return true;
    }
    message("there is no domain %s", text);
    return false;
}

bool domain_look(const struct domain *domain, struct xen *xen, struct snapshot *snapshot)
{
    struct window window;
    const char *problem;

    switch (window_open(&window, xen, &domain->xen)) {
    case WINDOW_OPEN:
        problem = snapshot_take(snapshot, &window);
        if (problem)
            message("domain %u: what its firmware keeps for dom0 %s", domain->xen.id, problem);
        window_close(&window);
        return !problem;
    case WINDOW_NO_REFLEX:
        message("domain %u does not run Reflex", domain->xen.id);
        return false;
    case WINDOW_OTHER_VERSION:
        message("domain %u: its firmware's image is of version %u; this program knows %u", domain->xen.id,
                window.image.version, REFLEX_IMAGE_VERSION);
        return false;
    case WINDOW_BROKEN:
        break;
    }
    message("domain %u: the head of its firmware's image is damaged", domain->xen.id);
    return false;
}

json_t *domain_json(const struct domain *domain)
{
    return json_pack("{s:i, s:s, s:s}", "id", (int)domain->xen.id, "name", domain->name, "state", domain->xen.state);
}
