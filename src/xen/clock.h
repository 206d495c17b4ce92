/* SPDX-License-Identifier: LGPL-3.0-or-later */
#ifndef REFLEX_XEN_CLOCK_H
#define REFLEX_XEN_CLOCK_H

#include "backends/clock.h"

/* The hypervisor's system time. */
void xen_clock_init(struct clock *clock);

#endif
