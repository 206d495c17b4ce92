/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The domain's PV console (xen/io/console.h) as a byte stream: what `xl console` shows and sends. */
#ifndef REFLEX_XEN_CONSOLE_H
#define REFLEX_XEN_CONSOLE_H

#include <stdbool.h>

#include "backends/char.h"
#include "backends/state.h"
#include "xen/event.h"

#include <xen/io/console.h>

struct console {
    struct char_backend backend;            /* first: what the chip holds */
    struct xencons_interface *ring;
    struct event event;
    bool failed;                            /* the far end's indices were impossible: no input, output dropped */
};

/* Takes the ring at HVM_PARAM_CONSOLE_PFN over, with its port.  False: the domain has none (or not for us). */
bool console_init(struct console *console, struct event_table *events);
/* The twin of a console_init() that was true, in a restored domain: the ring is empty and its port another.  Without
 * one, output is dropped from now on. */
void console_resume(struct console *console, struct event_table *events);

extern const struct state_map console_state;

#endif
