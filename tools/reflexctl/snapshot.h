/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A private copy of what a domain's firmware tells of itself (src/image/stats.h), checked: indices are in range, names
 * are printable.  The figures themselves are what the guest says.
 */
#ifndef REFLEXCTL_SNAPSHOT_H
#define REFLEXCTL_SNAPSHOT_H

#include "backends/state.h"
#include "image/stats.h"
#include "window.h"

/* More than any firmware has. */
#define SNAPSHOT_REGIONS  512
#define SNAPSHOT_REQUESTS 1024
#define SNAPSHOT_DEVICES  64
#define SNAPSHOT_FIELDS   1024
#define SNAPSHOT_VALUES   1024

#define VALUE_BYTES 128

/* Where a claim is, as requests number it (IOREQ_TYPE_*). */
enum space { SPACE_PORTS, SPACE_MEMORY, SPACE_PCI };

/* One field of one device. */
struct value {
    uint32_t device, field;                 /* places in the snapshot's tables */
    uint8_t bytes[VALUE_BYTES];
};

struct snapshot {
    struct stats stats;
    bool settled;                           /* the firmware did not run while it was taken */
    bool in_firmware;                       /* a vCPU was in the firmware */
    uint32_t image_base;                    /* what pointers count from */
    /* The ports' come first, by address; then the memory's, then configuration space's. */
    struct claim {
        enum space space;
        struct stats_region region;
    } claims[SNAPSHOT_REGIONS];
    unsigned int claim_count;
    /* Oldest first.  What was overwritten meanwhile is left out. */
    struct stats_request requests[SNAPSHOT_REQUESTS];
    unsigned int request_count;
    struct stats_device devices[SNAPSHOT_DEVICES];
    unsigned int device_count;
    struct stats_field fields[SNAPSHOT_FIELDS];
    unsigned int field_count;
    struct value values[SNAPSHOT_VALUES];   /* device by device */
    unsigned int value_count;
};

/* NULL, or why not.  Tries for some time to catch the firmware asleep, for what is then one state of it. */
const char *snapshot_take(struct snapshot *snapshot, const struct window *window);
/* The same at once, for what does not change by the moment: it is not settled. */
const char *snapshot_glance(struct snapshot *snapshot, const struct window *window);

/* A request by its number, as it is in the window now.  False: it is not there (any more). */
bool snapshot_request(const struct snapshot *snapshot, const struct window *window, uint64_t number,
                      struct stats_request *request);

/* A register of a device, by both their names.  False: there is none. */
bool snapshot_register(const struct snapshot *snapshot, const char *device, const char *field, uint64_t *value);
/* The same of one of its values, of up to 8 bytes. */
uint64_t snapshot_number(const struct snapshot *snapshot, const struct value *value);
/* The name of the first device of a type; NULL: there is none. */
const char *snapshot_device(const struct snapshot *snapshot, const char *type);
/* The name of the device that a pointer points to, NULL: none that we know. */
const char *snapshot_link(const struct snapshot *snapshot, uint64_t pointer);
/* The block that an access begins in; NULL: none. */
const struct stats_region *snapshot_claim(const struct snapshot *snapshot, enum space space, uint32_t address);

/* Ticks as microseconds; 0 without a clock. */
double snapshot_us(const struct snapshot *snapshot, uint64_t ticks);

#endif
