/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include <stdio.h>

#include "commands.h"
#include "decode.h"
#include "trace.h"

#include <public/hvm/reflect_op.h>

/* A request, taken apart for print. */
struct line {
    const struct stats_request *request;
    const struct stats_region *claim;       /* NULL: none */
    const char *kind;
    enum space space;
    bool io, read, string, down, under_way;
    unsigned int size;
    uint64_t value;
    struct text words;
};

static const char *kind_of(const struct line *line)
{
    switch (line->request->what & XEN_REFLECT_WHY_MASK) {
    case 0:                                 /* a write that has waited */
    case XEN_REFLECT_WHY_IO:
        if (line->space == SPACE_PCI)
            return line->read ? "config read" : "config write";
        return line->space == SPACE_MEMORY ? line->read ? "read" : "write" : line->read ? "in" : "out";
    case XEN_REFLECT_WHY_EVENT:
        return "event";
    case XEN_REFLECT_WHY_RESTORED:
        return "restored";
    }
    return "unknown";
}

static void line_init(struct line *line, const struct snapshot *snapshot, const struct stats_request *request,
                      struct decoder *decoder)
{
    uint32_t what = request->what;

    *line = (struct line){
        .request = request, .io = (what & XEN_REFLECT_WHY_MASK) <= XEN_REFLECT_WHY_IO,
        .space = (what & XEN_REFLECT_TYPE_MASK) >> XEN_REFLECT_TYPE_SHIFT, .read = what & XEN_REFLECT_READ,
        .string = what & XEN_REFLECT_PTR, .down = what & XEN_REFLECT_DF, .under_way = request->ticks == STATS_UNDER_WAY,
        .size = (what >> XEN_REFLECT_SIZE_SHIFT) & 0xff, .value = request->data,
    };
    if (line->size < 8 && !line->string)
        line->value &= (1ull << 8 * line->size) - 1;
    line->kind = kind_of(line);
    if (line->io)
        line->claim = snapshot_claim(snapshot, line->space, request->address);
    decode(decoder, request, line->claim, &line->words);
    if (line->io && !line->words.length)
        text_add(&line->words, "%s", line->claim ? line->claim->name : "nobody's");
}

static bool has_value(const struct line *line)
{
    return line->io && !line->string && !(line->read && line->under_way);
}

/* "rep insw 0x1f0 x256 to 0x12345000" */
static void string_text(const struct line *line, struct text *text)
{
    static const char letters[] = { [1] = 'b', [2] = 'w', [4] = 'l', [8] = 'q' };
    char letter = line->size < sizeof(letters) && letters[line->size] ? letters[line->size] : '?';

    text_add(text, "rep %s%s%c 0x%x x%u %s 0x%llx%s", line->kind, line->space != SPACE_PORTS ? " " : "s", letter,
             line->request->address, line->request->count, line->read ? "to" : "from",
             (unsigned long long)line->value, line->down ? " down" : "");
}

/* "out 0x1f7 = 0xc8" */
static void access_text(const struct line *line, struct text *text)
{
    if (!line->io)
        text_add(text, "%s", line->kind);
    else if (line->string)
        string_text(line, text);
    else
        text_add(text, "%s 0x%x", line->kind, line->request->address);
    if (has_value(line))
        text_add(text, " = 0x%0*llx", (int)(2 * (line->size < 8 ? line->size : 8)), (unsigned long long)line->value);
}

static void print_line(const struct snapshot *snapshot, const struct line *line, double when_us)
{
    const struct stats_request *request = line->request;
    struct text access = { .length = 0 };
    double took = snapshot_us(snapshot, request->ticks);

    access_text(line, &access);
    if (snapshot->stats.tsc_khz)
        printf("%14.1f", when_us);
    if (line->under_way)
        printf(" %9s", "under way");
    else if (snapshot->stats.tsc_khz)
        printf(" %9.1f", took);
    else
        printf(" %9s", "-");
    printf("  %4u  %-*s%s\n", request->vcpu, line->words.length ? 35 : 0, access.s, line->words.s);
}

static void print_heading(const struct snapshot *snapshot)
{
    if (snapshot->stats.tsc_khz)
        printf("%14s", "TIME us");
    printf(" %9s  %4s  %s\n", "TOOK us", "VCPU", "REQUEST");
}

/* ---- JSON ----------------------------------------------------------------------------------------------------- */

static void add_access(json_t *object, const struct line *line)
{
    char value[24];

    json_object_set_new(object, "address", json_integer(line->request->address));
    json_object_set_new(object, "size", json_integer(line->size));
    json_object_set_new(object, "count", json_integer(line->string ? line->request->count : 1));
    if (line->string)
        json_object_set_new(object, "memory", number_json(line->value));
    if (has_value(line)) {
        snprintf(value, sizeof(value), "0x%0*llx", (int)(2 * (line->size < 8 ? line->size : 8)),
                 (unsigned long long)line->value);
        json_object_set_new(object, "value", json_string(value));
    }
    if (line->claim)
        json_object_set_new(object, "claim", json_string(line->claim->name));
    json_object_set_new(object, "words", json_string(line->words.s));
}

static json_t *line_json(const struct snapshot *snapshot, const struct line *line, uint64_t number)
{
    json_t *object = json_pack("{s:o, s:s, s:I, s:o, s:b}", "number", number_json(number), "kind", line->kind, "vcpu",
                               (json_int_t)line->request->vcpu, "tsc", number_json(line->request->tsc), "under_way",
                               line->under_way);

    if (!line->under_way)
        json_object_set_new(object, "us", json_real(snapshot_us(snapshot, line->request->ticks)));
    if (line->io)
        add_access(object, line);
    return object;
}

/* The 64 bits of which a request keeps the low half: it is one of the last. */
static uint64_t whole_number(const struct snapshot *snapshot, const struct stats_request *request)
{
    return snapshot->stats.recorded - (uint32_t)((uint32_t)snapshot->stats.recorded - request->number);
}

/* What no request has set before the first of them is as it is now. */
static void decoder_init(struct decoder *decoder, const struct snapshot *snapshot)
{
    struct decoder seen = { .confadd = 0 };
    struct text words;
    char name[16];
    uint64_t value, drive;

    *decoder = seen;
    for (unsigned int i = 0; i < snapshot->request_count; i++)
        decode(&seen, &snapshot->requests[i], NULL, &words);
    for (unsigned int i = 0; i < 4; i++) {
        snprintf(name, sizeof(name), "serial%u", i);
        if (!seen.uart[i].lcr_known && snapshot_register(snapshot, name, "LCR", &value))
            decode_know_lcr(decoder, i, (uint8_t)value);
    }
    for (unsigned int i = 0; i < 2; i++) {
        snprintf(name, sizeof(name), "ide%u", i);
        if (decode_knows_drive(&seen, i) || !snapshot_register(snapshot, name, "DEV", &drive))
            continue;
        snprintf(name, sizeof(name), "ide%u.%u", i, !!drive);
        if (snapshot_register(snapshot, name, "device", &value))
            decode_know_drive(decoder, i, (uint8_t)value);
    }
}

static double us_before(const struct snapshot *snapshot, uint64_t tsc, uint64_t end)
{
    double us = snapshot_us(snapshot, end - tsc);

    return us > 0 ? -us : 0;
}

/* All of them go through the decoder, since the words of a later one may depend on an earlier. */
int command_trace(const struct domain *domain, const struct snapshot *snapshot, const struct options *options)
{
    unsigned int count = snapshot->request_count, skipped = count > options->requests ? count - options->requests : 0;
    json_t *requests = options->json ? json_array() : NULL, *answer;
    struct decoder decoder;
    struct line line;

    decoder_init(&decoder, snapshot);
    if (!options->json) {
        print_head(domain, snapshot);
        print_heading(snapshot);
    }
    for (unsigned int i = 0; i < count; i++) {
        line_init(&line, snapshot, &snapshot->requests[i], &decoder);
        if (i < skipped)
            continue;
        if (options->json)
            json_array_append_new(requests, line_json(snapshot, &line, whole_number(snapshot, line.request)));
        else
            print_line(snapshot, &line, us_before(snapshot, line.request->tsc, snapshot->requests[count - 1].tsc));
    }
    if (!options->json)
        return 0;
    answer = head_json(domain, snapshot);
    json_object_set_new(answer, "requests", requests);
    return print_json(answer);
}

/* ---- One by one ------------------------------------------------------------------------------------------------ */

void trace_begin(const struct snapshot *snapshot, struct decoder *decoder, bool json)
{
    struct text words;

    decoder_init(decoder, snapshot);
    for (unsigned int i = 0; i < snapshot->request_count; i++)
        decode(decoder, &snapshot->requests[i], NULL, &words);
    if (!json)
        print_heading(snapshot);
}

void trace_show(const struct snapshot *snapshot, struct decoder *decoder, const struct stats_request *request,
                uint64_t number, uint64_t since, bool json)
{
    struct line line;
    json_t *object;

    line_init(&line, snapshot, request, decoder);
    if (json) {
        object = line_json(snapshot, &line, number);
        json_dumpf(object, stdout, JSON_COMPACT);
        json_decref(object);
        putchar('\n');
    } else {
        print_line(snapshot, &line, snapshot_us(snapshot, request->tsc - since));
    }
}
