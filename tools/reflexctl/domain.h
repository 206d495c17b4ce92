/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The domain that a command is about. */
#ifndef REFLEXCTL_DOMAIN_H
#define REFLEXCTL_DOMAIN_H

#include <jansson.h>

#include "snapshot.h"
#include "xen.h"

#define DOMAIN_NAME 64

struct domain {
    struct xen_domain xen;
    char name[DOMAIN_NAME];                 /* printable; empty when it has none */
};

/* By number, or by name.  False, after a message. */
bool domain_find(struct domain *domain, struct xen *xen, const char *text);
/* The first whose number is `from` or above. */
bool domain_next(struct domain *domain, struct xen *xen, uint32_t from);

/* What its firmware tells.  False, after a message. */
bool domain_look(const struct domain *domain, struct xen *xen, struct snapshot *snapshot);

/* {"id", "name", "state"}; a new reference. */
json_t *domain_json(const struct domain *domain);

#endif
