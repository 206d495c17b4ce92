/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "xen/event.h"

#include <stddef.h>

#include "lib/log.h"

#define EVENT_BITS 32u

void event_table_init(struct event_table *table)
{
    *table = (struct event_table){ 0 };
}

static void listen(struct event_table *table, const struct event *event, event_fn *fn, void *owner)
{
    if (event->index >= XEN_REFLECT_MAX_PORTS)
        panic("event index %u from Xen", event->index);
    table->listeners[event->index].fn = fn;
    table->listeners[event->index].owner = owner;
}

int event_alloc(struct event_table *table, domid_t remote, event_fn *fn, void *owner, struct event *event)
{
    int rc = reflect_port_alloc(remote, &event->index, &event->port);

    if (!rc)
        listen(table, event, fn, owner);
    return rc;
}

int event_adopt(struct event_table *table, evtchn_port_t port, event_fn *fn, void *owner, struct event *event)
{
    int rc = reflect_port_adopt(port, &event->index);

    if (rc)
        return rc;
    event->port = port;
    listen(table, event, fn, owner);
    return 0;
}

void event_close(struct event_table *table, const struct event *event)
{
    listen(table, event, NULL, NULL);
    reflect_port_close(event->index);
}

void event_notify(const struct event *event)
{
    int rc = reflect_port_send(event->index);

    if (rc)
        log_limited(LOG_WARNING, "event channel %u: send answered %d", event->port, rc);
}

void event_dispatch(struct event_table *table)
{
    for (unsigned int word = 0; word < XEN_REFLECT_MAX_PORTS / EVENT_BITS; word++) {
        uint32_t pending = 0;
        int rc = reflect_events(word, &pending);

        if (rc)
            panic("reflect_events answered %d", rc);
        for (; pending; pending &= pending - 1) {
            unsigned int index = word * EVENT_BITS + (unsigned int)__builtin_ctz(pending);

            if (table->listeners[index].fn)
                table->listeners[index].fn(table->listeners[index].owner);
        }
    }
}
