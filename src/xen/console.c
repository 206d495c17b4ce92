/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "xen/console.h"

#include "lib/log.h"

#include <xen/hvm/params.h>

static void fail(struct console *console, const char *which)
{
    log_error("console: impossible %s indices; not used any more", which);
    console->failed = true;
}

static size_t console_write(struct char_backend *backend, const uint8_t *bytes, size_t length)
{
    struct console *console = (struct console *)backend;
    struct xencons_interface *ring = console->ring;
    XENCONS_RING_IDX prod = read_once(ring->out_prod), used = prod - read_once(ring->out_cons);
    size_t room = sizeof(ring->out) - used, taken;

    if (!console->failed && used > sizeof(ring->out))
        fail(console, "output");
    if (console->failed)
        return length;
    xen_mb(); /* the room was read before it is filled */
    for (taken = 0; taken < length && taken < room; taken++)
        ring->out[MASK_XENCONS_IDX(prod++, ring->out)] = (char)bytes[taken];
    if (taken) {
        xen_wmb(); /* the bytes are there before the index says so */
        ring->out_prod = prod;
        event_notify(&console->event);
    }
    return taken;
}

static size_t console_read(struct char_backend *backend, uint8_t *bytes, size_t length)
{
    struct console *console = (struct console *)backend;
    struct xencons_interface *ring = console->ring;
    XENCONS_RING_IDX cons = read_once(ring->in_cons), waiting = read_once(ring->in_prod) - cons;
    size_t given;

    if (!console->failed && waiting > sizeof(ring->in))
        fail(console, "input");
    if (console->failed)
        return 0;
    xen_rmb(); /* the index was read before the bytes */
    for (given = 0; given < length && given < waiting; given++)
        bytes[given] = (uint8_t)ring->in[MASK_XENCONS_IDX(cons++, ring->in)];
    if (given) {
        xen_mb(); /* the bytes were read before their room is given back */
        ring->in_cons = cons;
        event_notify(&console->event);
    }
    return given;
}

static const struct char_backend_ops ops = { .write = console_write, .read = console_read };

static void on_event(void *owner)
{
    struct console *console = owner;
    struct char_listener *listener = console->backend.listener;

    if (listener)
        listener->changed(listener);
}

static bool find_ring(struct console *console, struct event_table *events)
{
    uint64_t pfn, port;
    int rc;

    if (hvm_param(HVM_PARAM_CONSOLE_PFN, &pfn) || hvm_param(HVM_PARAM_CONSOLE_EVTCHN, &port) || !pfn || !port)
        return false;
    console->ring = (struct xencons_interface *)(uintptr_t)(pfn << XEN_PAGE_SHIFT);
    rc = event_adopt(events, (evtchn_port_t)port, on_event, console, &console->event);
    if (rc)
        log_error("console: port %u is not to be had (error %d)", (uint32_t)port, -rc);
    return !rc;
}

bool console_init(struct console *console, struct event_table *events)
{
    *console = (struct console){ 0 };
    if (!find_ring(console, events))
        return false;
    console->backend.ops = &ops;
    return true;
}

void console_resume(struct console *console, struct event_table *events)
{
    const struct event lost = console->event;

    console->failed = !find_ring(console, events);
    if (console->failed)
        log_error("console: the restored domain has none; output is dropped");
    else
        event_close(events, &lost);
    on_event(console); /* there is room to write */
}
