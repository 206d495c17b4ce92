/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Power off and reset as a domain does them: SCHEDOP_shutdown (xen/sched.h). */
#ifndef REFLEX_XEN_POWER_H
#define REFLEX_XEN_POWER_H

#include <stdbool.h>

#include "backends/power.h"

struct xen_power {
    struct power power;                     /* first: what the chips hold */
    bool requested;
};

/* Both operations take effect when the firmware next resumes the guest; the first one asked for wins. */
void xen_power_init(struct xen_power *power);

#endif
