/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "xen/xenstore.h"

#include "lib/log.h"
#include "lib/parse.h"
#include "lib/string.h"

#include <xen/errno.h>
#include <xen/hvm/params.h>

/* hvmloader owns the shared info page and leaves the ring's event pending in it, and a pending event wakes nobody
 * twice: so look at the ring this often. */
#define RING_LOOK_NS   100000u
/* Watch events that a former user of the ring asked for, between our request and its answer. */
#define STRAY_MESSAGES 64
#define ERROR_NAME_MAX 16

int xenstore_init(struct xenstore *store)
{
    uint64_t pfn, port;
    int rc = hvm_param(HVM_PARAM_STORE_PFN, &pfn);

    if (!rc)
        rc = hvm_param(HVM_PARAM_STORE_EVTCHN, &port);
    if (rc)
        return rc;
    if (!pfn || !port)
        return -XEN_ENOENT;
    *store = (struct xenstore){
        .ring = (struct xenstore_domain_interface *)(uintptr_t)(pfn << XEN_PAGE_SHIFT),
        .port = (evtchn_port_t)port,
    };
    return 0;
}

/* The next user of the ring would take for its own what is still to come for us: there must not be one. */
static void __attribute__((noreturn)) lose_step(const char *why)
{
    give_up("xenstore: %s; see what keeps xenstored in dom0, then start the domain again", why);
}

/* Gives xenstored time, until the request's deadline. */
static void wait(const struct xenstore *store)
{
    uint64_t now = system_time_ns();

    if (now >= store->deadline_ns)
        lose_step("no answer for " XENSTORE_TIMEOUT_TEXT);
    wait_until_ns(now + RING_LOOK_NS);
}

static void put(struct xenstore *store, const void *bytes, uint32_t length)
{
    struct xenstore_domain_interface *ring = store->ring;
    const char *from = bytes;

    while (length) {
        uint32_t prod = ring->req_prod, used = prod - read_once(ring->req_cons);
        uint32_t at = MASK_XENSTORE_IDX(prod), part = XENSTORE_RING_SIZE - used;

        if (used > XENSTORE_RING_SIZE)
            lose_step("impossible request indices");
        if (part == 0) {
            event_send(store->port);
            wait(store);
            continue;
        }
        if (part > XENSTORE_RING_SIZE - at)
            part = XENSTORE_RING_SIZE - at;
        if (part > length)
            part = length;
        xen_mb(); /* the room was read before it is filled */
        memcpy(ring->req + at, from, part);
        xen_wmb(); /* xenstored sees the bytes before the index */
        ring->req_prod = prod + part;
        from += part;
        length -= part;
    }
}

/* Takes `length` bytes off the ring; bytes NULL: throws them away. */
static void get(struct xenstore *store, void *bytes, uint32_t length)
{
    struct xenstore_domain_interface *ring = store->ring;
    char *to = bytes;
    bool made_room = false;

    while (length) {
        uint32_t cons = ring->rsp_cons, part = read_once(ring->rsp_prod) - cons;
        uint32_t at = MASK_XENSTORE_IDX(cons);

        if (part > XENSTORE_RING_SIZE)
            lose_step("impossible answer indices");
        if (part == 0) {
            if (made_room)
                event_send(store->port); /* the rest may be waiting for it */
            made_room = false;
            wait(store);
            continue;
        }
        if (part > XENSTORE_RING_SIZE - at)
            part = XENSTORE_RING_SIZE - at;
        if (part > length)
            part = length;
        xen_rmb(); /* the index was read before the bytes */
        if (to) {
            memcpy(to, ring->rsp + at, part);
            to += part;
        }
        xen_mb(); /* the bytes were read before their room is given back */
        ring->rsp_cons = cons + part;
        length -= part;
        made_room = true;
    }
}

static int error_of(const char *name)
{
    if (!strcmp(name, "ENOENT"))
        return -XEN_ENOENT;
    if (!strcmp(name, "EACCES"))
        return -XEN_EACCES;
    return -XEN_EIO;
}

static int get_error(struct xenstore *store, uint32_t length)
{
    char name[ERROR_NAME_MAX] = { 0 };

    if (length >= sizeof(name)) {
        get(store, NULL, length);
        return -XEN_EIO;
    }
    get(store, name, length);
    return error_of(name);
}

/* The header of the answer to the request under way. */
static void get_header(struct xenstore *store, uint32_t type, struct xsd_sockmsg *header)
{
    for (unsigned int i = 0; i < STRAY_MESSAGES; i++) {
        get(store, header, sizeof(*header));
        if (header->len > XENSTORE_PAYLOAD_MAX)
            lose_step("an answer beyond the protocol's length");
        if (header->type != XS_WATCH_EVENT) {
            if (header->req_id != store->request_id || (header->type != type && header->type != XS_ERROR))
                lose_step("an answer to another request");
            return;
        }
        get(store, NULL, header->len);
    }
    lose_step("watch events without end");
}

static int get_answer(struct xenstore *store, uint32_t type, char *answer, size_t size)
{
    struct xsd_sockmsg header;

    get_header(store, type, &header);
    if (header.type == XS_ERROR)
        return get_error(store, header.len);
    if (!answer || header.len >= size) {
        get(store, NULL, header.len);
        return answer ? -XEN_E2BIG : 0;
    }
    get(store, answer, header.len);
    answer[header.len] = '\0';
    return (int)header.len;
}

/* path NUL value: the shape of every request that we make.  value NULL: none. */
static int put_request(struct xenstore *store, uint32_t type, const char *directory, const char *leaf,
                       const char *value)
{
    uint32_t directory_length = strlen(directory), leaf_length = leaf ? strlen(leaf) : 0;
    uint32_t value_length = value ? strlen(value) : 0;
    struct xsd_sockmsg header = {
        .type = type,
        .req_id = ++store->request_id,
        .len = directory_length + (leaf ? 1 + leaf_length : 0) + 1 + value_length,
    };

    if (header.len > XENSTORE_PAYLOAD_MAX)
        return -XEN_E2BIG;
    put(store, &header, sizeof(header));
    put(store, directory, directory_length);
    if (leaf) {
        put(store, "/", 1);
        put(store, leaf, leaf_length);
    }
    put(store, "", 1);
    put(store, value, value_length);
    event_send(store->port);
    return 0;
}

static int ask(struct xenstore *store, uint32_t type, const char *directory, const char *leaf, const char *value,
               char *answer, size_t size)
{
    int rc;

    store->deadline_ns = system_time_ns() + XENSTORE_TIMEOUT_NS;
    rc = put_request(store, type, directory, leaf, value);
    return rc ? rc : get_answer(store, type, answer, size);
}

int xenstore_read(struct xenstore *store, const char *directory, const char *leaf, char *value, size_t size)
{
    return ask(store, XS_READ, directory, leaf, NULL, value, size);
}

int xenstore_write(struct xenstore *store, const char *directory, const char *leaf, const char *value)
{
    return ask(store, XS_WRITE, directory, leaf, value, NULL, 0);
}

int xenstore_remove(struct xenstore *store, const char *directory, const char *leaf)
{
    return ask(store, XS_RM, directory, leaf, NULL, NULL, 0);
}

int xenstore_directory(struct xenstore *store, const char *directory, const char *leaf, char *names, size_t size)
{
    return ask(store, XS_DIRECTORY, directory, leaf, NULL, names, size);
}

int xenstore_read_u64(struct xenstore *store, const char *directory, const char *leaf, uint64_t *value)
{
    char digits[21]; /* 2^64 has 20 */
    int rc = xenstore_read(store, directory, leaf, digits, sizeof(digits));

    if (rc < 0)
        return rc == -XEN_E2BIG ? -XEN_EINVAL : rc;
    return parse_u64(digits, value) ? 0 : -XEN_EINVAL;
}
