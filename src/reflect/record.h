/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The firmware's diary, for reflexctl in dom0 (image/stats.h): which requests came, how long they took, and which
 * devices there are.  A request is written down before it is served, so that the one which a domain dies of is there.
 */
#ifndef REFLEX_REFLECT_RECORD_H
#define REFLEX_REFLECT_RECORD_H

#include <stdint.h>

#include "backends/state.h"
#include "image/stats.h"
#include "reflect/dispatch.h"

#define RECORD_DEVICES 64
#define RECORD_FIELDS  256

struct recorder {
    struct stats stats;
    struct stats_request requests[STATS_REQUESTS];
    struct stats_device devices[RECORD_DEVICES];
    struct stats_field fields[RECORD_FIELDS];
    /* not for dom0 */
    uintptr_t image;                        /* where offsets count from */
    struct dispatcher *dispatcher;
    const struct state_map *maps[RECORD_DEVICES];   /* of each device */
};

/* image: where the image begins that holds recorder, dispatcher and all devices. */
void record_init(struct recorder *recorder, const void *image, struct dispatcher *dispatcher);

/* Shows a device: a struct as `map` describes it, and what it is called (15 characters). */
void record_device(struct recorder *recorder, const char *name, const struct state_map *map, const void *device,
                   uint32_t bytes);

/* The keyboard that dom0 may type on: the page of its ring, and its port (0: none). */
void record_keyboard(struct recorder *recorder, const void *page, uint32_t port);

/* Around every entry.  now: the time stamp counter, or always 0.  data: what the guest reads, if it does. */
void record_begin(struct recorder *recorder, const struct reflection *reflection, uint64_t now);
void record_end(struct recorder *recorder, const struct reflection *reflection, uint64_t data, uint64_t now);

#endif
