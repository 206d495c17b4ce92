/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "reflect/record.h"

#include "lib/log.h"
#include "lib/string.h"

#include <public/hvm/reflect_op.h>

/* Another processor reads this memory at any time.  x86 keeps stores in order; the compiler has to be told. */
#define in_order() __asm__ volatile("" ::: "memory")

static uint32_t offset_of(const struct recorder *recorder, const void *object)
{
    return (uint32_t)((uintptr_t)object - recorder->image);
}

static struct stats_table table(const struct recorder *recorder, const void *entries, uint32_t entry_bytes,
                                uint32_t count)
{
    return (struct stats_table){ offset_of(recorder, entries), entry_bytes, count };
}

/* ---- Start-up ----------------------------------------------------------------------------------------------- */

void record_init(struct recorder *recorder, const void *image, struct dispatcher *dispatcher)
{
    struct stats *stats = &recorder->stats;

    memset(recorder, 0, sizeof(*recorder));
    recorder->image = (uintptr_t)image;
    recorder->dispatcher = dispatcher;
    stats->magic = STATS_MAGIC;
    stats->version = STATS_VERSION;
    stats->bytes = sizeof(*stats);
    stats->ports = table(recorder, dispatcher->ports.counters, sizeof(struct stats_region), IO_SPACE_REGIONS + 1);
    stats->memory = table(recorder, dispatcher->memory.counters, sizeof(struct stats_region), IO_SPACE_REGIONS + 1);
    stats->pci = table(recorder, dispatcher->pci.counters, sizeof(struct stats_region), IO_SPACE_REGIONS + 1);
    stats->requests = table(recorder, recorder->requests, sizeof(recorder->requests[0]), STATS_REQUESTS);
    stats->devices = table(recorder, recorder->devices, sizeof(recorder->devices[0]), 0);
    stats->fields = table(recorder, recorder->fields, sizeof(recorder->fields[0]), 0);
}

static void copy_name(char to[STATS_NAME], const char *name)
{
    if (strlen(name) >= STATS_NAME)
        panic("the name %s is too long for dom0", name);
    memcpy(to, name, strlen(name));
}

static uint32_t add_fields(struct recorder *recorder, const struct state_map *map)
{
    uint32_t first = recorder->stats.fields.count;

    if (map->count > RECORD_FIELDS - first)
        panic("no room for the fields of %s", map->type);
    for (unsigned int i = 0; i < map->count; i++) {
        const struct state_field *from = &map->fields[i];
        struct stats_field *field = &recorder->fields[first + i];

        copy_name(field->name, from->name);
        field->offset = from->offset;
        field->bytes = from->bytes;
        field->kind = (uint8_t)from->kind;
    }
    recorder->stats.fields.count = first + map->count;
    return first;
}

/* Devices of one type share their fields. */
static uint32_t fields_of(struct recorder *recorder, const struct state_map *map)
{
    for (uint32_t i = 0; i < recorder->stats.devices.count; i++)
        if (recorder->maps[i] == map)
            return recorder->devices[i].first_field;
    return add_fields(recorder, map);
}

void record_device(struct recorder *recorder, const char *name, const struct state_map *map, const void *object,
                   uint32_t bytes)
{
    uint32_t i = recorder->stats.devices.count;
    struct stats_device *device = &recorder->devices[i];

    if (i == RECORD_DEVICES)
        panic("no room for the device %s", name);
    copy_name(device->name, name);
    copy_name(device->type, map->type);
    device->offset = offset_of(recorder, object);
    device->bytes = bytes;
    device->first_field = fields_of(recorder, map);
    device->field_count = map->count;
    recorder->maps[i] = map;
    recorder->stats.devices.count = i + 1;
}

void record_keyboard(struct recorder *recorder, const void *page, uint32_t port)
{
    recorder->stats.keyboard_page = offset_of(recorder, page);
    recorder->stats.keyboard_port = port;
}

/* ---- One entry ---------------------------------------------------------------------------------------------- */

/* A packet for an ATAPI drive, mostly: its bytes are in the guest's memory, where the next one will be. */
static void keep_what_is_sent(struct recorder *recorder, struct stats_request *request)
{
    uint32_t size = (request->what >> XEN_REFLECT_SIZE_SHIFT) & 0xff;
    struct guest_memory *guest = recorder->dispatcher->guest;

    if ((request->what & (XEN_REFLECT_PTR | XEN_REFLECT_READ | XEN_REFLECT_DF)) == XEN_REFLECT_PTR &&
        request->count <= STATS_SENT && size * request->count <= STATS_SENT)
        guest->read(guest, request->data, request->sent, size * request->count);
}

void record_begin(struct recorder *recorder, const struct reflection *reflection, uint64_t now)
{
    struct stats *stats = &recorder->stats;
    uint32_t place = (uint32_t)stats->recorded % STATS_REQUESTS;

    stats->generation++;
    in_order();
    stats->recorded++;
    recorder->requests[place] = (struct stats_request){
        .tsc = now, .data = reflection->data_low | ((uint64_t)reflection->data_high << 32),
        .number = (uint32_t)stats->recorded, .what = reflection->what, .address = dispatch_address(reflection),
        .count = reflection->count, .vcpu = reflection->vcpu, .ticks = STATS_UNDER_WAY,
    };
    if ((reflection->what & XEN_REFLECT_WHY_MASK) == XEN_REFLECT_WHY_IO)
        keep_what_is_sent(recorder, &recorder->requests[place]);
    in_order();
}

void record_end(struct recorder *recorder, const struct reflection *reflection, uint64_t data, uint64_t now)
{
    struct stats *stats = &recorder->stats;
    struct stats_request *request = &recorder->requests[(uint32_t)(stats->recorded - 1) % STATS_REQUESTS];
    struct stats_entries *entries = &stats->entries[reflection->what % 4];
    uint64_t ticks = request->tsc && now > request->tsc ? now - request->tsc : 0;   /* a restore may stop the clock */

    request->ticks = ticks < STATS_UNDER_WAY ? (uint32_t)ticks : STATS_UNDER_WAY - 1;
    entries->count++;
    entries->ticks += ticks;
    if ((reflection->what & XEN_REFLECT_WHY_MASK) <= XEN_REFLECT_WHY_IO) {
        if ((reflection->what & (XEN_REFLECT_READ | XEN_REFLECT_PTR)) == XEN_REFLECT_READ)
            request->data = data;
        dispatch_count(recorder->dispatcher, reflection, ticks);
    }
    in_order();
    stats->generation++;
}
