/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include <stdio.h>

#include "commands.h"
#include "decode.h"

static void add_text(const struct stats_field *field, const struct value *value, struct text *text)
{
    for (unsigned int i = 0; i < field->bytes && value->bytes[i]; i++)
        text_add(text, "%c", value->bytes[i] >= ' ' && value->bytes[i] <= '~' ? value->bytes[i] : '?');
}

static void add_bytes(const struct stats_field *field, const struct value *value, struct text *text)
{
    for (unsigned int i = 0; i < field->bytes; i++)
        text_add(text, "%s%02x", i ? " " : "", value->bytes[i]);
}

static const char *link_of(const struct snapshot *snapshot, uint64_t pointer)
{
    const char *name = snapshot_link(snapshot, pointer);

    return name ? name : pointer ? "yes" : "none";
}

static void value_text(const struct snapshot *snapshot, const struct stats_field *field, const struct value *value,
                       struct text *text)
{
    uint64_t n = snapshot_number(snapshot, value);

    switch (field->kind) {
    case STATE_HEX:
        text_add(text, "0x%0*llx", 2 * field->bytes, (unsigned long long)n);
        break;
    case STATE_NUMBER:
        text_add(text, "%llu", (unsigned long long)n);
        break;
    case STATE_BITS:
        text_add(text, "%d", __builtin_popcountll(n));
        break;
    case STATE_FLAG:
        text_add(text, n ? "yes" : "no");
        break;
    case STATE_LINK:
        text_add(text, "%s", link_of(snapshot, n));
        break;
    case STATE_BYTES:
        add_bytes(field, value, text);
        break;
    case STATE_TEXT:
        add_text(field, value, text);
        break;
    }
}

static json_t *value_json(const struct snapshot *snapshot, const struct stats_field *field, const struct value *value)
{
    uint64_t n = snapshot_number(snapshot, value);
    struct text text = { .length = 0 };

    switch (field->kind) {
    case STATE_HEX:
    case STATE_NUMBER:
        return number_json(n);
    case STATE_BITS:
        return json_integer(__builtin_popcountll(n));
    case STATE_FLAG:
        return json_boolean(n != 0);
    }
    value_text(snapshot, field, value, &text);
    return json_string(text.s);
}

/* ---- Both ways ------------------------------------------------------------------------------------------------- */

static void print_device(const struct snapshot *snapshot, uint32_t which)
{
    const struct stats_device *device = &snapshot->devices[which];

    printf("\n%s (%s)\n", device->name, device->type);
    for (unsigned int i = 0; i < snapshot->value_count; i++) {
        const struct value *value = &snapshot->values[i];
        const struct stats_field *field = &snapshot->fields[value->field];
        struct text text = { .length = 0 }, words;

        if (value->device != which)
            continue;
        value_text(snapshot, field, value, &text);
        decode_register(device->type, field->name, snapshot_number(snapshot, value), &words);
        printf("    %-16s %s%s%s\n", field->name, text.s, words.length ? "  " : "", words.s);
    }
}

static json_t *device_json(const struct snapshot *snapshot, uint32_t which)
{
    const struct stats_device *device = &snapshot->devices[which];
    json_t *state = json_object(), *all_words = json_object();

    for (unsigned int i = 0; i < snapshot->value_count; i++) {
        const struct value *value = &snapshot->values[i];
        const struct stats_field *field = &snapshot->fields[value->field];
        struct text words;

        if (value->device != which)
            continue;
        json_object_set_new(state, field->name, value_json(snapshot, field, value));
        decode_register(device->type, field->name, snapshot_number(snapshot, value), &words);
        if (words.length)
            json_object_set_new(all_words, field->name, json_string(words.s + 1));
    }
    return json_pack("{s:s, s:s, s:o, s:o}", "name", device->name, "type", device->type, "state", state, "words",
                     all_words);
}

int command_devices(const struct domain *domain, const struct snapshot *snapshot, const struct options *options)
{
    json_t *answer, *devices;

    if (!options->json) {
        print_head(domain, snapshot);
        for (uint32_t i = 0; i < snapshot->device_count; i++)
            print_device(snapshot, i);
        return 0;
    }
    answer = head_json(domain, snapshot);
    devices = json_array();
    for (uint32_t i = 0; i < snapshot->device_count; i++)
        json_array_append_new(devices, device_json(snapshot, i));
    json_object_set_new(answer, "devices", devices);
    return print_json(answer);
}
