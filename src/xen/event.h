/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The firmware's event channels: from the index that Xen reports to the frontend that waits for it. */
#ifndef REFLEX_XEN_EVENT_H
#define REFLEX_XEN_EVENT_H

#include "xen/hypercall.h"

typedef void event_fn(void *owner);

struct event_table {
    struct {
        event_fn *fn;                       /* NULL: nobody listens */
        void *owner;
    } listeners[XEN_REFLECT_MAX_PORTS];
};

/* An event channel of ours.  port: the number for xenstore; index: the number for reflect_port_send(). */
struct event {
    unsigned int index;
    evtchn_port_t port;
};

void event_table_init(struct event_table *table);

/* A new channel that domain `remote` may bind.  0 or a negative errno. */
int event_alloc(struct event_table *table, domid_t remote, event_fn *fn, void *owner, struct event *event);
/* The channel `port` that the toolstack made for this domain.  0 or a negative errno. */
int event_adopt(struct event_table *table, evtchn_port_t port, event_fn *fn, void *owner, struct event *event);
void event_close(struct event_table *table, const struct event *event);
/* Tells the far end. */
void event_notify(const struct event *event);

/* Takes all pending events and calls their listeners, once each.  What arrives meanwhile enters the firmware anew. */
void event_dispatch(struct event_table *table);

#endif
