/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "xen/kbdfront.h"

#include "lib/log.h"
#include "lib/string.h"

#include <xen/errno.h>

#define DOM0       0u
#define NAMES_MAX  128

/* ---- Events ------------------------------------------------------------------------------------------------- */

static struct xenkbd_page *shared(struct kbdfront *front)
{
    return (struct xenkbd_page *)front->page;
}

/* Whoever held keys is not there any more. */
static void lift_everything(struct kbdfront *front)
{
    for (unsigned int code = 0; code < INPUT_KEYS; code++)
        input_key(&front->backend, code, false);
    for (unsigned int code = BTN_LEFT; code <= BTN_EXTRA; code++)
        input_key(&front->backend, code, false);
}

/* rel_z counts towards the person. */
static void move(struct kbdfront *front, const struct xenkbd_motion *motion)
{
    int32_t away = motion->rel_z == INT32_MIN ? INT32_MAX : -motion->rel_z;

    input_motion(&front->backend, motion->rel_x, motion->rel_y, away);
}

/* A key that would be lost now.  dom0 types by itself, and so finds out whether anybody listens. */
static bool must_wait(const struct kbdfront *front, const union xenkbd_in_event *event)
{
    if (event->type != XENKBD_TYPE_KEY || event->key.keycode >= INPUT_KEYS)
        return false;
    if (front->for_dom0)
        return event->key.pressed && !input_ready(&front->backend);
    return front->waiting ? input_behind(&front->backend) : input_full(&front->backend);
}

static void pass_on(struct kbdfront *front, const union xenkbd_in_event *event)
{
    switch (event->type) {
    case XENKBD_TYPE_KEY:
        input_key(&front->backend, event->key.keycode, event->key.pressed);
        break;
    case XENKBD_TYPE_MOTION:
        move(front, &event->motion);
        break;
    }
}

/* Up to `put`, which is a ring's length away at most. */
static void take_events(struct kbdfront *front, uint32_t put)
{
    for (; front->taken != put; front->taken++) {
        union xenkbd_in_event event;

        memcpy(&event, &XENKBD_IN_RING_REF(front->page, front->taken), sizeof(event));
        xen_rmb(); /* this copy is what is looked at */
        front->waiting = must_wait(front, &event);
        if (front->waiting)
            return;
        pass_on(front, &event);
    }
}

void kbdfront_poll(struct kbdfront *front)
{
    uint32_t put = read_once(shared(front)->in_prod), before = front->taken;

    if (front->failed)
        return;
    if (put - front->taken > XENKBD_IN_RING_LEN) {
        log_error("keyboard: impossible indices; not used any more");
        front->failed = true;
        front->waiting = false;
        lift_everything(front);
        return;
    }
    xen_rmb(); /* the index was read before the events */
    take_events(front, put);
    if (front->taken == before)
        return;
    xen_mb(); /* the events were read before their room is given back */
    shared(front)->in_cons = front->taken;
    event_notify(&front->event);
}

static void on_event(void *owner)
{
    kbdfront_poll(owner);
}

/* ---- A backend's ---------------------------------------------------------------------------------------------- */

/* libxl gives every domain a vkbd for its device model (the backend's path ends in vkbd/<domain>/<device>), and ours is
 * no backend of keyboards: nobody will ever look at it.  Others, of other kinds, may still be on their way. */
static bool is_deserted(struct kbdfront *front)
{
    const char *kind = front->bus.backend;

    for (unsigned int slashes = 0; *kind && slashes < 5; kind++) /* /local/domain/<id>/backend/ */
        slashes += *kind == '/';
    return !strncmp(kind, "vkbd/", 5) && xenbus_backend_state(&front->bus) == XenbusStateInitialising;
}

/* An empty ring, and somebody who may ring the bell. */
static int begin(struct kbdfront *front, domid_t domain)
{
    front->taken = 0;
    front->waiting = false;
    memset(front->page, 0, sizeof(front->page));
    return event_alloc(front->events, domain, on_event, front, &front->event);
}

static void end(struct kbdfront *front)
{
    event_close(front->events, &front->event);
    front->event = (struct event){ 0 };
}

static bool share(struct kbdfront *front)
{
    int rc = grant_take(front->grants, 1, &front->page_ref) ? 0 : -XEN_ENOSPC;

    if (!rc) {
        rc = begin(front, front->bus.backend_id);
        if (rc)
            grant_give(front->grants, 1, &front->page_ref);
    }
    if (rc) {
        front->page_ref = 0;
        log_error("%s: no grant reference or no event channel (error %d)", front->bus.frontend, -rc);
        return false;
    }
    grant_access(front->grants, front->page_ref, front->bus.backend_id, gpa_of(front->page) >> XEN_PAGE_SHIFT, false);
    return true;
}

static void unshare(struct kbdfront *front)
{
    end(front);
    if (grant_end(front->grants, front->page_ref)) {
        grant_give(front->grants, 1, &front->page_ref);
        front->page_ref = 0;
        return;
    }
    log_error("%s: domain %u keeps the page mapped; no keyboard", front->bus.frontend, front->bus.backend_id);
    front->failed = true;
}

/* Older backends, QEMU's among them, know the page by its frame alone. */
static int publish(struct kbdfront *front)
{
    int rc = xenbus_write_number(&front->bus, XENKBD_FIELD_RING_REF, gpa_of(front->page) >> XEN_PAGE_SHIFT);

    if (!rc)
        rc = xenbus_write_number(&front->bus, XENKBD_FIELD_RING_GREF, front->page_ref);
    if (!rc)
        rc = xenbus_write_number(&front->bus, XENKBD_FIELD_EVT_CHANNEL, front->event.port);
    if (!rc)
        rc = xenbus_set_state(&front->bus, XenbusStateConnected);
    if (rc)
        log_error("%s: cannot be written (error %d)", front->bus.frontend, -rc);
    return rc;
}

static bool connect(struct kbdfront *front, const char *name)
{
    if (xenbus_open(&front->bus, front->store, "vkbd", name) || is_deserted(front) || xenbus_meet(&front->bus) ||
        !share(front))
        return false;
    if (!publish(front) && xenbus_wait_backend(&front->bus, XENBUS_STATE(XenbusStateConnected), "to connect") &&
        !xenbus_set_state(&front->bus, XenbusStateInitialised)) {
        log_info("%s: keyboard and mouse of %s", front->bus.frontend, front->bus.backend);
        return true;
    }
    xenbus_close(&front->bus);
    unshare(front);
    return false;
}

/* ---- Who it is -------------------------------------------------------------------------------------------------- */

static void offer_to_dom0(struct kbdfront *front)
{
    int rc = begin(front, DOM0);

    front->bus = (struct xenbus_device){ 0 };
    front->for_dom0 = !rc;
    front->failed = rc;
    if (rc)
        log_error("keyboard: no event channel for dom0 (error %d)", -rc);
}

static void find_source(struct kbdfront *front)
{
    char names[NAMES_MAX];
    int length = xenbus_list(front->store, "vkbd", names, sizeof(names));

    if (length < 0)
        log_error("the list of keyboards cannot be read from xenstore (error %d)", -length);
    for (int i = 0; i < length; i += (int)strlen(&names[i]) + 1)
        if (connect(front, &names[i]) || front->failed)
            return;
    offer_to_dom0(front);
}

void kbdfront_attach(struct kbdfront *front, struct xenstore *store, struct grant_table *grants,
                     struct event_table *events)
{
    memset(front, 0, sizeof(*front));
    front->store = store;
    front->grants = grants;
    front->events = events;
    find_source(front);
}

void kbdfront_resume(struct kbdfront *front)
{
    if (front->event.port)
        end(front);
    front->for_dom0 = false;
    front->failed = grant_kept(front->grants, front->page_ref);
    lift_everything(front);
    if (front->failed) {
        log_error("keyboard: its page is mapped since before the reset; no keyboard");
        return;
    }
    front->page_ref = 0;
    find_source(front);
}

evtchn_port_t kbdfront_dom0_port(const struct kbdfront *front)
{
    return front->for_dom0 ? front->event.port : 0;
}
