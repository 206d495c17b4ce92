/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A byte stream in both directions, as a serial chip needs it; answered by the PV console ring. */
#ifndef REFLEX_BACKENDS_CHAR_H
#define REFLEX_BACKENDS_CHAR_H

#include <stddef.h>
#include <stdint.h>

/* changed: bytes have arrived, or room to write has been made.  Set by the chip's owner at start-up. */
struct char_listener {
    void (*changed)(struct char_listener *listener);
};

struct char_backend;
struct char_backend_ops {
    /* Both return the number of bytes taken or given, 0 to length; they never block. */
    size_t (*write)(struct char_backend *backend, const uint8_t *bytes, size_t length);
    size_t (*read)(struct char_backend *backend, uint8_t *bytes, size_t length);
};

struct char_backend {
    const struct char_backend_ops *ops;
    struct char_listener *listener;         /* NULL: nobody is told */
};

#endif
