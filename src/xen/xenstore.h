/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A synchronous xenstore client (xen/io/xs_wire.h, docs/misc/xenstore.txt): one request at a time, no transactions,
 * no watches.  For the times when the ring is ours: while hvmloader is between its own requests, and before a
 * restored guest runs.  The ring's indices go on from where the last user left them.
 *
 * Every function returns 0 (or the value said) or a negative errno:
 *   -XEN_ENOENT, -XEN_EACCES  xenstored's answer
 *   -XEN_E2BIG                the answer is longer than the caller's buffer, or the request than the protocol's
 *   -XEN_EIO                  any other refusal
 * The ring is handed over in step, with nothing of ours under way, or not at all: the domain is stopped (give_up()) if
 * xenstored does not answer within XENSTORE_TIMEOUT_NS, or not in its protocol.  The time is generous, because others
 * on this ring, hvmloader first, wait for ever: a dom0 that stalls for half a minute was seen.
 */
#ifndef REFLEX_XEN_XENSTORE_H
#define REFLEX_XEN_XENSTORE_H

#include <stddef.h>
#include <stdint.h>

#include "xen/hypercall.h"

#include <xen/io/xs_wire.h>

#define XENSTORE_TIMEOUT_NS   60000000000ull
#define XENSTORE_TIMEOUT_TEXT "60 s"

struct xenstore {
    struct xenstore_domain_interface *ring;
    evtchn_port_t port;
    uint32_t request_id;                    /* of the last request */
    uint64_t deadline_ns;                   /* of the request under way */
};

/* Finds the ring by HVM_PARAM_STORE_PFN and _STORE_EVTCHN. */
int xenstore_init(struct xenstore *store);

/* A path is `directory` alone (leaf NULL), or directory/leaf.  Relative ones start at the domain's home.  Strings
 * that are read get a NUL; xenstore_read() returns the length without it. */
int xenstore_read(struct xenstore *store, const char *directory, const char *leaf, char *value, size_t size);
int xenstore_write(struct xenstore *store, const char *directory, const char *leaf, const char *value);
int xenstore_remove(struct xenstore *store, const char *directory, const char *leaf);
/* The children's names, each with its NUL, one after the other; returns their total length. */
int xenstore_directory(struct xenstore *store, const char *directory, const char *leaf, char *names, size_t size);

/* A decimal number; -XEN_EINVAL if the value is not one. */
int xenstore_read_u64(struct xenstore *store, const char *directory, const char *leaf, uint64_t *value);

#endif
