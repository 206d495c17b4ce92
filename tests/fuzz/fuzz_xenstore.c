/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The xenstore client with a daemon that does as the input says: right answers in pieces of any size, any messages, any
 * bytes and any indices, late or never.
 *
 * While the daemon has told the truth, it must have understood the request, and the client its answer.  When it has
 * not, the client may give up, but reads no message that is not one, nothing of one that is longer than any, and
 * writes to nothing but its half of the ring; and no request takes longer than its time.
 */
#include "check.h"
#include "fake_xen.h"
#include "input.h"
#include "support.h"

#include "xen/xenstore.h"

#include <stdlib.h>
#include <xen/errno.h>

#define SECOND     1000000000ull
#define PATH_MAX   64u
#define VALUE_MAX  (XENSTORE_PAYLOAD_MAX + 64)
#define HEADER     sizeof(struct xsd_sockmsg)

enum answer { NONE, PAYLOAD, ERROR_ENOENT, ERROR_EACCES, ERROR_OTHER };

static struct daemon {
    struct xenstore store;
    struct input *input;
    struct xenstore_domain_interface *ring;
    bool honest;                            /* in all of its life */
    char expected[HEADER + XENSTORE_PAYLOAD_MAX];   /* the request that is under way, */
    uint32_t expected_length, understood;   /* and how much of it has come */
    char out[2 * (HEADER + XENSTORE_PAYLOAD_MAX)];  /* what is to be said yet */
    uint32_t out_length, out_said;
    bool in_step;                           /* each message begins where the client takes one to begin */
    bool limited;                           /* the client has no reason to read on from */
    uint32_t limit;                         /* this index, where the head of a message that is too long ends */
    enum answer answer;                     /* to the request; */
    const char *payload;                    /* in `out` */
    uint32_t payload_length;
    unsigned int watch_events;              /* since the request */
    uint64_t slowest_ns;                    /* wait */
    char *text;                             /* the client's, for the answer */
} d;

static struct xenstore_domain_interface last_seen;

/* ---- The ring, from the daemon's end ----------------------------------------------------------------------------- */

/* Since it was seen last the client has moved its own indices as far as it may, and written requests. */
static void check_ring(void)
{
    uint32_t room = XENSTORE_RING_SIZE - (last_seen.req_prod - last_seen.req_cons);
    uint32_t waiting = last_seen.rsp_prod - last_seen.rsp_cons;

    if (last_seen.req_prod != d.ring->req_prod)
        CHECK(room <= XENSTORE_RING_SIZE && d.ring->req_prod - last_seen.req_prod <= room);
    if (last_seen.rsp_cons != d.ring->rsp_cons)
        CHECK(waiting <= XENSTORE_RING_SIZE && d.ring->rsp_cons - last_seen.rsp_cons <= waiting);
    CHECK(!d.limited || (int32_t)(d.ring->rsp_cons - d.limit) <= 0);
    memcpy(last_seen.req, d.ring->req, sizeof(last_seen.req));
    last_seen.req_prod = d.ring->req_prod;
    last_seen.rsp_cons = d.ring->rsp_cons;
    CHECK(!memcmp(&last_seen, d.ring, sizeof(last_seen)));
}

static void listen(void)
{
    while (d.ring->req_cons != d.ring->req_prod && d.understood < d.expected_length) {
        char byte = d.ring->req[MASK_XENSTORE_IDX(d.ring->req_cons++)];

        CHECK(!d.honest || byte == d.expected[d.understood]);
        d.understood++;
    }
    CHECK(!d.honest || d.ring->req_cons == d.ring->req_prod);
}

static void speak(uint32_t most)
{
    while (most-- && d.out_said < d.out_length && d.ring->rsp_prod - d.ring->rsp_cons < XENSTORE_RING_SIZE)
        d.ring->rsp[MASK_XENSTORE_IDX(d.ring->rsp_prod++)] = d.out[d.out_said++];
}

/* ---- What it says ------------------------------------------------------------------------------------------------ */

static void begin_speech(void)
{
    memmove(d.out, d.out + d.out_said, d.out_length - d.out_said);
    d.out_length -= d.out_said;
    d.out_said = 0;
}

/* Returns where its payload is to be filled in, or NULL when there is too much to say already. */
static char *add_message(uint32_t type, uint32_t id, uint32_t length)
{
    struct xsd_sockmsg header = { .type = type, .req_id = id, .len = length };

    begin_speech();
    if (d.out_length + sizeof(header) + length > sizeof(d.out))
        return NULL;
    memcpy(d.out + d.out_length, &header, sizeof(header));
    d.out_length += sizeof(header) + length;
    return d.out + d.out_length - length;
}

static void fill(char *to, uint32_t length)
{
    uint8_t first = take_u8(d.input), step = take_u8(d.input);

    for (uint32_t i = 0; i < length; i++)
        to[i] = (char)(first + i * step);
}

/* Once the whole request has come. */
static void answer(void)
{
    static const char *const errors[] = {
        [ERROR_ENOENT] = "ENOENT", [ERROR_EACCES] = "EACCES", [ERROR_OTHER] = "EQUITEALONGNAMEFORANERROR",
    };
    struct xsd_sockmsg request;
    char *to;

    if (!d.honest || d.understood < d.expected_length || d.answer != NONE)
        return;
    memcpy(&request, d.expected, sizeof(request));
    d.answer = PAYLOAD + take_u8(d.input) % 4;
    if (d.answer == PAYLOAD) {
        d.payload_length = take_u16(d.input) % (XENSTORE_PAYLOAD_MAX + 1);
        to = add_message(request.type, request.req_id, d.payload_length);
        CHECK(to);
        fill(to, d.payload_length);
    } else {
        to = add_message(XS_ERROR, request.req_id, strlen(errors[d.answer]) + 1);
        CHECK(to);
        memcpy(to, errors[d.answer], strlen(errors[d.answer]) + 1);
    }
    d.payload = to;
}

static void work(void)
{
    uint8_t most = take_u8(d.input);

    listen();
    answer();
    speak(most ? most * 8u : UINT32_MAX);
}

/* It may send at any time, for a client that used the ring before. */
static void watch_event(void)
{
    uint32_t length = take_u8(d.input);
    char *to;

    if (d.out_length == d.out_said && d.honest && d.answer == NONE) {
        to = add_message(XS_WATCH_EVENT, 0, length);
        fill(to, length);
        d.watch_events++;
    }
    work();
}

static void lie(void)
{
    uint32_t type = take_u8(d.input), id = d.store.request_id + (int8_t)take_u8(d.input), length = take_u16(d.input);
    char *to = add_message(type, id, length);

    d.honest = false;
    if (to)
        fill(to, length);
    speak(UINT32_MAX);
}

static void lie_of_length(void)
{
    struct xsd_sockmsg header = { XS_READ, d.store.request_id, 0, take_u32(d.input) };

    d.honest = false;
    begin_speech();
    if (d.out_length + sizeof(header) > sizeof(d.out))
        return;
    memcpy(d.out + d.out_length, &header, sizeof(header));
    d.out_length += sizeof(header);
    if (d.in_step && header.len > XENSTORE_PAYLOAD_MAX) {
        d.limited = true;
        d.limit = d.ring->rsp_prod + d.out_length;
    }
    d.in_step = false;
    speak(take_u8(d.input));
}

static void any_index(void)
{
    XENSTORE_RING_IDX *const indices[] = {
        &d.ring->req_cons, &d.ring->req_prod, &d.ring->rsp_cons, &d.ring->rsp_prod,
    };
    uint8_t which = take_u8(d.input);

    d.honest = d.in_step = d.limited = false;
    *indices[which % 4] = which & 0x80 ? take_u32(d.input) : *indices[which % 4] + (int8_t)take_u8(d.input);
}

static void doze(void)
{
    uint64_t ns = take_u8(d.input) * SECOND / 4;

    fake_xen.now_ns += ns;
    if (ns > d.slowest_ns)
        d.slowest_ns = ns;
}

/* The client waits. */
static void serve(void *owner)
{
    static void (*const deeds[])(void) = { work, work, watch_event, doze, lie, lie_of_length, any_index };

    (void)owner;
    check_ring();
    if (d.input->left) {
        deeds[take_u8(d.input) % (sizeof(deeds) / sizeof(deeds[0]))]();
    } else {                                /* an honest one comes to an end; else let time pass */
        work();
        fake_xen.now_ns += SECOND;
    }
    last_seen = *d.ring;
}

/* ---- The client -------------------------------------------------------------------------------------------------- */

static void expect(uint32_t type, const char *path, const char *value)
{
    struct xsd_sockmsg header = { .type = type, .req_id = d.store.request_id + 1 };
    uint32_t path_size = strlen(path) + 1, value_length = value ? strlen(value) : 0;

    d.answer = NONE;
    d.understood = d.watch_events = 0;
    header.len = path_size + value_length;
    d.expected_length = 0;
    if (header.len > XENSTORE_PAYLOAD_MAX)
        return;
    d.expected_length = sizeof(header) + header.len;
    memcpy(d.expected, &header, sizeof(header));
    memcpy(d.expected + sizeof(header), path, path_size);
    memcpy(d.expected + sizeof(header) + path_size, value ? value : "", value_length);
}

static int error_of_answer(void)
{
    switch (d.answer) {
    case ERROR_ENOENT:
        return -XEN_ENOENT;
    case ERROR_EACCES:
        return -XEN_EACCES;
    default:
        return -XEN_EIO;
    }
}

/* got: NULL when the answer's text is of no interest. */
static void check_result(int rc, const char *got, size_t size)
{
    if (!d.expected_length) {
        CHECK(rc == -XEN_E2BIG);
    } else if (d.honest && d.answer != PAYLOAD) {
        CHECK(rc == error_of_answer());
    } else if (d.honest && got) {
        CHECK(rc == (d.payload_length < size ? (int)d.payload_length : -XEN_E2BIG));
        CHECK(rc < 0 || (!memcmp(got, d.payload, d.payload_length) && got[d.payload_length] == '\0'));
    } else if (d.honest) {
        CHECK(rc == 0);
    } else {
        CHECK(rc < (int)size || !rc);
        CHECK(rc >= 0 || rc == -XEN_ENOENT || rc == -XEN_EACCES || rc == -XEN_EIO || rc == -XEN_E2BIG);
    }
}

static void fill_text(char *text, uint32_t length, uint8_t with)
{
    memset(text, with ? with : 'x', length);
    text[length] = '\0';
}

static void ask_text(uint8_t what, const char *path, size_t size)
{
    char *text = d.text = malloc(size);     /* so that a byte too many is seen */
    int rc;

    expect(what & 1 ? XS_DIRECTORY : XS_READ, path, NULL);
    rc = what & 1 ? xenstore_directory(&d.store, path, NULL, text, size) :
                    xenstore_read(&d.store, path, NULL, text, size);
    check_result(rc, text, size);
    free(text);
    d.text = NULL;
}

static void ask(struct input *input)
{
    static char path[PATH_MAX + 1], value[VALUE_MAX + 1];
    uint8_t what = take_u8(input);
    uint64_t number, start = fake_xen.now_ns;
    int rc;

    fill_text(path, take_u8(input) % PATH_MAX, 'p');
    switch (what % 4) {
    case 0:
        ask_text(what >> 2, path, take_u16(input) % VALUE_MAX + 1);
        break;
    case 1:
        fill_text(value, take_u16(input) % VALUE_MAX, take_u8(input));
        expect(XS_WRITE, path, value);
        check_result(xenstore_write(&d.store, path, NULL, value), NULL, 0);
        break;
    case 2:
        expect(XS_RM, path, NULL);
        check_result(xenstore_remove(&d.store, path, NULL), NULL, 0);
        break;
    case 3:
        expect(XS_READ, path, NULL);
        rc = xenstore_read_u64(&d.store, path, NULL, &number);
        CHECK(rc <= 0 && rc != -XEN_E2BIG);
        break;
    }
    CHECK(fake_xen.now_ns - start <= XENSTORE_TIMEOUT_NS + d.slowest_ns + 2 * SECOND);
}

/* Less than 64 watch events are borne between request and answer. */
static void check_reason(void)
{
    bool in_time = fake_xen.now_ns < d.store.deadline_ns;

    CHECK(!d.honest || !in_time || d.watch_events >= 64);
}

static void begin(struct input *input)
{
    static bool started;

    if (!started)
        fake_xen_init();
    started = true;
    fake_xen.fault = STORE_DEAD;            /* d is the daemon */
    fake_xen.others = serve;
    fake_xen.now_ns = SECOND;
    d.input = input;
    d.honest = d.in_step = true;
    d.limited = false;
    d.out_length = d.out_said = d.expected_length = d.understood = 0;
    d.slowest_ns = 0;
    CHECK(xenstore_init(&d.store) == 0);
    d.ring = fake_xen.store;
    memset(d.ring, 0xee, sizeof(*d.ring));
    d.ring->req_cons = d.ring->req_prod = take_u32(input);
    d.ring->rsp_cons = d.ring->rsp_prod = take_u32(input);
    last_seen = *d.ring;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static jmp_buf given_up;
    struct input input = { bytes, length };

    begin(&input);
    if (setjmp(given_up) == 0) {
        on_give_up = &given_up;
        while (input.left)
            ask(&input);
    } else {
        check_reason();
        check_ring();
        free(d.text);
        d.text = NULL;
    }
    on_give_up = NULL;
    take_log();
    return 0;
}
