/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "snapshot.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TRIES       1000
#define WAIT_NS     20000
#define ENTRY_BYTES 4096                    /* of any table, at most */

/* ---- Tables -------------------------------------------------------------------------------------------------- */

/* Copies `count` entries from place `first` on, each as far as we know it; longer ones are a later version's. */
static bool copy_entries(const struct window *window, const struct stats_table *table, unsigned int first,
                         unsigned int count, void *to, uint32_t entry_bytes)
{
    if (table->entry_bytes < entry_bytes || table->entry_bytes > ENTRY_BYTES)
        return false;
    for (unsigned int i = 0; i < count; i++)
        if (!window_copy(window, (char *)to + (size_t)i * entry_bytes,
                         table->offset + (uint64_t)(first + i) * table->entry_bytes, entry_bytes))
            return false;
    return true;
}

static void make_printable(char name[STATS_NAME])
{
    name[STATS_NAME - 1] = '\0';
    for (char *c = name; *c; c++)
        if (*c < ' ' || *c > '~')
            *c = '?';
}

/* ---- Claims -------------------------------------------------------------------------------------------------- */

/* One that was never used says nothing. */
static bool add_claims(struct snapshot *snapshot, const struct window *window, const struct stats_table *table,
                       enum space space)
{
    if (table->count > SNAPSHOT_REGIONS)
        return false;
    for (unsigned int i = 0; i < table->count; i++) {
        struct claim *claim = &snapshot->claims[snapshot->claim_count];

        if (snapshot->claim_count == SNAPSHOT_REGIONS ||
            !copy_entries(window, table, i, 1, &claim->region, sizeof(claim->region)))
            return false;
        claim->space = space;
        make_printable(claim->region.name);
        if (claim->region.name[0] || claim->region.reflections)
            snapshot->claim_count++;
    }
    return true;
}

static int by_address(const void *first, const void *second)
{
    const struct claim *a = first, *b = second;

    if (a->space != b->space)
        return (int)a->space - (int)b->space;
    if (!a->region.name[0] != !b->region.name[0])
        return !a->region.name[0] - !b->region.name[0];
    return (a->region.base > b->region.base) - (a->region.base < b->region.base);
}

/* ---- Requests ------------------------------------------------------------------------------------------------ */

static bool copy_request(const struct window *window, const struct stats_table *table, uint64_t number,
                         struct stats_request *request)
{
    return copy_entries(window, table, (number - 1) % table->count, 1, request, sizeof(*request));
}

static bool add_requests(struct snapshot *snapshot, const struct window *window)
{
    const struct stats_table *table = &snapshot->stats.requests;
    uint64_t recorded = snapshot->stats.recorded, left;

    if (!table->count || table->count > SNAPSHOT_REQUESTS)
        return false;
    for (left = recorded < table->count ? recorded : table->count; left; left--) {
        struct stats_request *request = &snapshot->requests[snapshot->request_count];
        uint64_t number = recorded - left + 1;

        if (!copy_request(window, table, number, request))
            return false;
        if (request->number == (uint32_t)number)
            snapshot->request_count++;
    }
    return true;
}

bool snapshot_request(const struct snapshot *snapshot, const struct window *window, uint64_t number,
                      struct stats_request *request)
{
    return copy_request(window, &snapshot->stats.requests, number, request) && request->number == (uint32_t)number;
}

/* ---- Devices ------------------------------------------------------------------------------------------------- */

static bool add_values(struct snapshot *snapshot, const struct window *window, uint32_t device)
{
    const struct stats_device *owner = &snapshot->devices[device];

    for (uint32_t i = 0; i < owner->field_count; i++) {
        const struct stats_field *field = &snapshot->fields[owner->first_field + i];
        struct value *value = &snapshot->values[snapshot->value_count];

        if (snapshot->value_count == SNAPSHOT_VALUES)
            return false;
        *value = (struct value){ .device = device, .field = owner->first_field + i };
        if (!window_copy(window, value->bytes, (uint64_t)owner->offset + field->offset, field->bytes))
            return false;
        snapshot->value_count++;
    }
    return true;
}

static bool possible(const struct stats_field *field)
{
    switch (field->kind) {
    case STATE_HEX:
    case STATE_NUMBER:
    case STATE_FLAG:
    case STATE_BITS:
    case STATE_LINK:
        return field->bytes && field->bytes <= sizeof(uint64_t);
    case STATE_BYTES:
        return field->bytes && field->bytes <= 16;
    case STATE_TEXT:
        return field->bytes && field->bytes <= VALUE_BYTES;
    }
    return false;
}

static bool add_devices(struct snapshot *snapshot, const struct window *window)
{
    const struct stats *stats = &snapshot->stats;

    if (stats->devices.count > SNAPSHOT_DEVICES || stats->fields.count > SNAPSHOT_FIELDS ||
        !copy_entries(window, &stats->devices, 0, stats->devices.count, snapshot->devices,
                      sizeof(snapshot->devices[0])) ||
        !copy_entries(window, &stats->fields, 0, stats->fields.count, snapshot->fields, sizeof(snapshot->fields[0])))
        return false;
    snapshot->field_count = stats->fields.count;
    for (uint32_t i = 0; i < stats->fields.count; i++) {
        make_printable(snapshot->fields[i].name);
        if (!possible(&snapshot->fields[i]))
            return false;
    }
    for (uint32_t i = 0; i < stats->devices.count; i++) {
        struct stats_device *device = &snapshot->devices[i];

        make_printable(device->name);
        make_printable(device->type);
        if (device->first_field > snapshot->field_count ||
            device->field_count > snapshot->field_count - device->first_field || !add_values(snapshot, window, i))
            return false;
        snapshot->device_count++;
    }
    return true;
}

/* ---- All of it ----------------------------------------------------------------------------------------------- */

static const char *take_once(struct snapshot *snapshot, const struct window *window)
{
    struct stats *stats = &snapshot->stats;

    memset(snapshot, 0, sizeof(*snapshot));
    snapshot->image_base = window->image.base;
    if (!window_copy(window, stats, window->image.stats, sizeof(*stats)))
        return "lies outside of its memory";
    if (stats->magic != STATS_MAGIC)
        return "is not there";
    if (stats->version != STATS_VERSION || stats->bytes < sizeof(*stats))
        return "is of another version than this program's";
    if (!add_claims(snapshot, window, &stats->ports, SPACE_PORTS) ||
        !add_claims(snapshot, window, &stats->memory, SPACE_MEMORY) ||
        !add_claims(snapshot, window, &stats->pci, SPACE_PCI))
        return "has impossible claims";
    if (!add_requests(snapshot, window))
        return "has impossible requests";
    if (!add_devices(snapshot, window))
        return "has impossible devices";
    qsort(snapshot->claims, snapshot->claim_count, sizeof(snapshot->claims[0]), by_address);
    return NULL;
}

static uint32_t generation(const struct window *window)
{
    uint32_t now = 0;

    window_copy(window, &now, (uint64_t)window->image.stats + offsetof(struct stats, generation), sizeof(now));
    return now;
}

const char *snapshot_glance(struct snapshot *snapshot, const struct window *window)
{
    const char *problem = take_once(snapshot, window);

    snapshot->in_firmware = snapshot->stats.generation & 1;
    return problem;
}

const char *snapshot_take(struct snapshot *snapshot, const struct window *window)
{
    const struct timespec wait = { .tv_nsec = WAIT_NS };
    const char *problem = NULL;

    for (unsigned int i = 0; i < TRIES; i++) {
        uint32_t before = generation(window);

        problem = take_once(snapshot, window);
        snapshot->settled = !(before & 1) && generation(window) == before;
        if (snapshot->settled)
            break;
        nanosleep(&wait, NULL);
    }
    snapshot->in_firmware = snapshot->stats.generation & 1;
    return problem;
}

/* ---- Looking things up --------------------------------------------------------------------------------------- */

uint64_t snapshot_number(const struct snapshot *snapshot, const struct value *value)
{
    unsigned int bytes = snapshot->fields[value->field].bytes;
    uint64_t number = 0;

    memcpy(&number, value->bytes, bytes < sizeof(number) ? bytes : sizeof(number));
    return number;
}

const char *snapshot_device(const struct snapshot *snapshot, const char *type)
{
    for (unsigned int i = 0; i < snapshot->device_count; i++)
        if (strcmp(snapshot->devices[i].type, type) == 0)
            return snapshot->devices[i].name;
    return NULL;
}

bool snapshot_register(const struct snapshot *snapshot, const char *device, const char *field, uint64_t *value)
{
    for (unsigned int i = 0; i < snapshot->value_count; i++) {
        const struct value *candidate = &snapshot->values[i];

        if (strcmp(snapshot->devices[candidate->device].name, device) == 0 &&
            strcmp(snapshot->fields[candidate->field].name, field) == 0) {
            *value = snapshot_number(snapshot, candidate);
            return true;
        }
    }
    return false;
}

const char *snapshot_link(const struct snapshot *snapshot, uint64_t pointer)
{
    for (unsigned int i = 0; i < snapshot->device_count; i++)
        if (pointer == (uint64_t)snapshot->image_base + snapshot->devices[i].offset)
            return snapshot->devices[i].name;
    return NULL;
}

/* A block that is there wins over one that was. */
const struct stats_region *snapshot_claim(const struct snapshot *snapshot, enum space space, uint32_t address)
{
    const struct stats_region *found = NULL;

    for (unsigned int i = 0; i < snapshot->claim_count; i++) {
        const struct claim *claim = &snapshot->claims[i];

        if (claim->space == space && claim->region.name[0] && address >= claim->region.base &&
            address - claim->region.base < claim->region.length && (!found || claim->region.claimed))
            found = &claim->region;
    }
    return found;
}

double snapshot_us(const struct snapshot *snapshot, uint64_t ticks)
{
    return snapshot->stats.tsc_khz ? (double)ticks * 1000 / snapshot->stats.tsc_khz : 0;
}
