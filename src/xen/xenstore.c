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

static int die(struct xenstore *store, const char *why)
{
    log_error("xenstore: %s; not asked again", why);
    store->dead = true;
    return -XEN_EIO;
}

/* Gives xenstored time.  Fails at the request's deadline. */
static int wait(struct xenstore *store)
{
    uint64_t now = system_time_ns();

    if (now >= store->deadline_ns)
        return die(store, "no answer in time");
    wait_until_ns(now + RING_LOOK_NS);
    return 0;
}

static int put(struct xenstore *store, const void *bytes, uint32_t length)
{
    struct xenstore_domain_interface *ring = store->ring;
    const char *from = bytes;

    while (length) {
        uint32_t prod = ring->req_prod, used = prod - read_once(ring->req_cons);
        uint32_t at = MASK_XENSTORE_IDX(prod), part = XENSTORE_RING_SIZE - used;

        if (used > XENSTORE_RING_SIZE)
            return die(store, "impossible request indices");
        if (part == 0) {
            event_send(store->port);
            if (wait(store))
                return -XEN_EIO;
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
    return 0;
}

/* Takes `length` bytes off the ring; bytes NULL: throws them away. */
static int get(struct xenstore *store, void *bytes, uint32_t length)
{
    struct xenstore_domain_interface *ring = store->ring;
    char *to = bytes;
    bool made_room = false;

    while (length) {
        uint32_t cons = ring->rsp_cons, part = read_once(ring->rsp_prod) - cons;
        uint32_t at = MASK_XENSTORE_IDX(cons);

        if (part > XENSTORE_RING_SIZE)
            return die(store, "impossible answer indices");
        if (part == 0) {
            if (made_room)
                event_send(store->port); /* the rest may be waiting for it */
            made_room = false;
            if (wait(store))
                return -XEN_EIO;
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
    return 0;
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
    return get(store, name, length) ? -XEN_EIO : error_of(name);
}

/* The header of the answer to the request under way. */
static int get_header(struct xenstore *store, uint32_t type, struct xsd_sockmsg *header)
{
    for (unsigned int i = 0; i < STRAY_MESSAGES; i++) {
        if (get(store, header, sizeof(*header)))
            return -XEN_EIO;
        if (header->len > XENSTORE_PAYLOAD_MAX)
            return die(store, "an answer beyond the protocol's length");
        if (header->type != XS_WATCH_EVENT) {
            if (header->req_id != store->request_id || (header->type != type && header->type != XS_ERROR))
                return die(store, "an answer to another request");
            return 0;
        }
        if (get(store, NULL, header->len))
            return -XEN_EIO;
    }
    return die(store, "watch events without end");
}

static int get_answer(struct xenstore *store, uint32_t type, char *answer, size_t size)
{
    struct xsd_sockmsg header;
    int rc = get_header(store, type, &header);

    if (rc)
        return rc;
    if (header.type == XS_ERROR)
        return get_error(store, header.len);
    if (!answer)
        return get(store, NULL, header.len);
    if (header.len >= size)
        return get(store, NULL, header.len) ? -XEN_EIO : -XEN_E2BIG;
    rc = get(store, answer, header.len);
    if (rc)
        return rc;
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
    int rc;

    if (header.len > XENSTORE_PAYLOAD_MAX)
        return -XEN_E2BIG;
    rc = put(store, &header, sizeof(header));
    if (!rc)
        rc = put(store, directory, directory_length);
    if (!rc && leaf)
        rc = put(store, "/", 1);
    if (!rc && leaf)
        rc = put(store, leaf, leaf_length);
    if (!rc)
        rc = put(store, "", 1);
    if (!rc)
        rc = put(store, value, value_length);
    if (!rc)
        event_send(store->port);
    return rc;
}

static int ask(struct xenstore *store, uint32_t type, const char *directory, const char *leaf, const char *value,
               char *answer, size_t size)
{
    int rc;

    if (store->dead)
        return -XEN_EIO;
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
