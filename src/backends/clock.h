/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The time, for a chip that has a counter.  It can be looked at, but nobody is woken by it. */
#ifndef REFLEX_BACKENDS_CLOCK_H
#define REFLEX_BACKENDS_CLOCK_H

#include <stdint.h>

/* now_ns: since some moment in the past.  It may be another moment after a restore, so that time seems to go back. */
struct clock {
    uint64_t (*now_ns)(struct clock *clock);
};

#endif
