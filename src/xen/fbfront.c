/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "xen/fbfront.h"

#include "lib/log.h"
#include "lib/string.h"

#include <xen/errno.h>
#include <xen/io/protocols.h>

#define NAMES_MAX 128

/* Until the chip shows something: a far end such as QEMU's insists on a shape. */
static const struct display_picture nothing_yet = { .width = 640, .height = 400, .stride = 640 * 4, .depth = 32 };

_Static_assert(offsetof(struct xenfb_page, depth) < FBFRONT_DIRECTORY &&
               offsetof(struct xenfb_page, depth) + 4 >= FBFRONT_DIRECTORY, "where a 32-bit compiler puts it");

static struct xenfb_page *shared(struct fbfront *front)
{
    return (struct xenfb_page *)front->page;
}

static bool is_connected(const struct fbfront *front)
{
    return front->event.port && !front->failed;
}

static void fail(struct fbfront *front)
{
    log_error("%s: impossible indices; the screen is not shown any more", front->bus.frontend);
    front->failed = true;
    front->period_ms = 0;
}

/* ---- What is sent ----------------------------------------------------------------------------------------------- */

/* True: taken onto the ring, where the far end sees it when publish() has been called. */
static bool put(struct fbfront *front, const union xenfb_out_event *event)
{
    uint32_t waiting = front->put - read_once(shared(front)->out_cons);

    if (waiting > XENFB_OUT_RING_LEN) {
        fail(front);
        return false;
    }
    if (waiting == XENFB_OUT_RING_LEN)
        return false;
    xen_mb(); /* the place was free before it is written */
    memcpy(&XENFB_OUT_RING_REF(front->page, front->put), event, sizeof(*event));
    front->put++;
    return true;
}

static void publish(struct fbfront *front)
{
    if (shared(front)->out_prod == front->put)
        return;
    xen_wmb(); /* events before their index */
    shared(front)->out_prod = front->put;
    event_notify(&front->event);
}

/* For a far end that connects later, too.  A dark screen has no lines. */
static void describe(struct fbfront *front)
{
    const struct display_picture *picture = &front->picture;

    shared(front)->width = (int32_t)picture->width;
    shared(front)->height = (int32_t)picture->height;
    shared(front)->line_length = picture->stride;
    shared(front)->depth = picture->depth;
}

/* The shape comes before all that lies in it, and is news of all of it.  False: there is no room for it yet. */
static bool send_shape(struct fbfront *front)
{
    const struct display_picture *picture = &front->picture;
    const union xenfb_out_event event = {
        .resize = {
            .type = XENFB_TYPE_RESIZE,
            .width = (int32_t)picture->width,
            .height = (int32_t)picture->height,
            .stride = (int32_t)picture->stride,
            .depth = picture->depth,
            .offset = (int32_t)picture->offset,
        },
    };

    if (!front->shape_is_due)
        return true;
    if (!put(front, &event))
        return false;
    describe(front);
    front->shape_is_due = false;
    front->late.width = 0;
    return true;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static uint32_t larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/* `sum` grows so that `part` is in it. */
static void add(struct display_rectangle *sum, const struct display_rectangle *part)
{
    uint32_t right, bottom;

    if (!sum->width) {
        *sum = *part;
        return;
    }
    right = larger(sum->x + sum->width, part->x + part->width);
    bottom = larger(sum->y + sum->height, part->y + part->height);
    sum->x = smaller(sum->x, part->x);
    sum->y = smaller(sum->y, part->y);
    sum->width = right - sum->x;
    sum->height = bottom - sum->y;
}

static bool send_change(struct fbfront *front, const struct display_rectangle *part)
{
    const union xenfb_out_event event = {
        .update = {
            .type = XENFB_TYPE_UPDATE,
            .x = (int32_t)part->x,
            .y = (int32_t)part->y,
            .width = (int32_t)part->width,
            .height = (int32_t)part->height,
        },
    };

    return put(front, &event);
}

static void send_late(struct fbfront *front)
{
    if (front->late.width && send_change(front, &front->late))
        front->late.width = 0;
}

/* ---- The chip's calls ------------------------------------------------------------------------------------------- */

static void show(struct display_backend *backend, const struct display_picture *picture)
{
    struct fbfront *front = (struct fbfront *)backend;

    front->picture = *picture;
    front->shape_is_due = true;
}

static void changed(struct display_backend *backend, const struct display_rectangle *part)
{
    struct fbfront *front = (struct fbfront *)backend;

    if (!is_connected(front) || !front->wants_updates || !send_shape(front) || !part->width || !part->height)
        return;
    if (!send_change(front, part))
        add(&front->late, part);
}

static const struct display_backend_ops ops = { .show = show, .changed = changed };

/* ---- Somebody looks --------------------------------------------------------------------------------------------- */

static void look(struct fbfront *front)
{
    struct display_listener *listener = front->backend.listener;
    bool all = front->all_is_due;

    front->all_is_due = false;
    front->has_looked = true;
    if (send_shape(front))
        send_late(front);
    if (listener && is_connected(front))
        listener->refresh(listener, all);
    if (!is_connected(front))
        return;
    send_shape(front);
    publish(front);
}

/* Who begins to look may be another than who looked before. */
static void set_period(struct fbfront *front, uint32_t period_ms)
{
    if (period_ms && !front->period_ms)
        front->shape_is_due = front->all_is_due = true;
    front->period_ms = period_ms;
}

/* True: one of the events up to `end`, which is a ring's length away at most, asks for the picture. */
static bool take_events(struct fbfront *front, uint32_t end)
{
    bool asked = false;

    for (; front->taken != end; front->taken++) {
        union xenfb_in_event event;

        memcpy(&event, &XENFB_IN_RING_REF(front->page, front->taken), sizeof(event));
        xen_rmb(); /* this copy is what is looked at */
        if (event.type != XENFB_TYPE_REFRESH_PERIOD)
            continue;
        set_period(front, event.refresh_period.period);
        asked = front->period_ms;
    }
    return asked;
}

void fbfront_poll(struct fbfront *front)
{
    uint32_t end = read_once(shared(front)->in_prod);
    bool asked;

    if (!is_connected(front))
        return;
    if (end - front->taken > XENFB_IN_RING_LEN) {
        fail(front);
        return;
    }
    xen_rmb(); /* the index was read before the events */
    asked = take_events(front, end);
    xen_mb(); /* the events were read before their room is given back */
    shared(front)->in_cons = front->taken;
    if (asked)
        look(front);
}

void fbfront_tick(struct fbfront *front, uint64_t ticks, uint32_t ticks_per_ms)
{
    if (!front->period_ms || !ticks_per_ms)
        return;
    if (!front->has_looked && ticks - front->looked_at >= (uint64_t)front->period_ms * ticks_per_ms)
        look(front);
    if (front->has_looked)
        front->looked_at = ticks;
    front->has_looked = false;
}

static void on_event(void *owner)
{
    fbfront_poll(owner);
}

/* ---- Connecting ------------------------------------------------------------------------------------------------- */

static uint32_t frames(const struct fbfront *front)
{
    return front->memory->length / VIDEO_PAGE_BYTES;
}

/* Empty rings, the shape, and which pages hold the list of frames. */
static void fill_page(struct fbfront *front)
{
    uint32_t *directory = (uint32_t *)&front->page[FBFRONT_DIRECTORY];
    uint32_t pages = (frames(front) + FBFRONT_FRAMES_IN_PAGE - 1) / FBFRONT_FRAMES_IN_PAGE;

    memset(front->page, 0, sizeof(front->page));
    front->taken = front->put = 0;
    for (uint32_t i = 0; i < pages; i++)
        directory[i] = (gpa_of(front->memory->frames) >> XEN_PAGE_SHIFT) + i;
    shared(front)->mem_length = front->memory->length;
    describe(front);
}

/* A PC changes its mode: a far end that cannot follow is of no use.  feature-resize is a number, 1. */
static bool can_resize(struct fbfront *front)
{
    uint64_t yes;

    if (!xenstore_read_u64(front->store, front->bus.backend, "feature-resize", &yes) && yes)
        return true;
    log_error("%s: backend %s cannot follow a change of the mode", front->bus.frontend, front->bus.backend);
    return false;
}

static int publish_page(struct fbfront *front)
{
    struct xenbus_device *bus = &front->bus;
    int rc = xenbus_write_number(bus, "page-ref", gpa_of(front->page) >> XEN_PAGE_SHIFT);

    if (!rc)
        rc = xenbus_write_number(bus, "event-channel", front->event.port);
    if (!rc)
        rc = xenstore_write(front->store, bus->frontend, "protocol", XEN_IO_PROTO_ABI_X86_32);
    if (!rc)
        rc = xenbus_write_number(bus, "feature-update", 1);
    if (!rc)
        rc = xenbus_set_state(bus, XenbusStateInitialised);
    if (rc)
        log_error("%s: cannot be written (error %d)", bus->frontend, -rc);
    return rc;
}

static void disconnect(struct fbfront *front)
{
    event_close(front->events, &front->event);
    front->event = (struct event){ 0 };
}

static bool open_channel(struct fbfront *front)
{
    int rc = event_alloc(front->events, front->bus.backend_id, on_event, front, &front->event);

    if (rc)
        log_error("%s: no event channel (error %d)", front->bus.frontend, -rc);
    return !rc;
}

static bool connect(struct fbfront *front, const char *name)
{
    uint64_t yes;

    if (xenbus_open(&front->bus, front->store, "vfb", name) || xenbus_meet(&front->bus) || !can_resize(front) ||
        !open_channel(front))
        return false;
    fill_page(front);
    if (!publish_page(front) && xenbus_wait_backend(&front->bus, XENBUS_STATE(XenbusStateConnected), "to connect")) {
        front->wants_updates = !xenstore_read_u64(front->store, front->bus.backend, "request-update", &yes) && yes;
        log_info("%s: screen of %s", front->bus.frontend, front->bus.backend);
        return true;
    }
    xenbus_close(&front->bus);
    disconnect(front);
    return false;
}

static void find_far_end(struct fbfront *front)
{
    char names[NAMES_MAX];
    int length = xenbus_list(front->store, "vfb", names, sizeof(names));

    if (length < 0)
        log_error("the list of screens cannot be read from xenstore (error %d)", -length);
    for (int i = 0; i < length; i += (int)strlen(&names[i]) + 1)
        if (connect(front, &names[i]))
            return;
}

void fbfront_attach(struct fbfront *front, struct xenstore *store, struct event_table *events,
                    const struct video_memory *memory)
{
    memset(front, 0, sizeof(*front));
    front->backend.ops = &ops;
    front->memory = memory;
    front->store = store;
    front->events = events;
    front->picture = nothing_yet;
    if (frames(front) > FBFRONT_DIRECTORY_PAGES * FBFRONT_FRAMES_IN_PAGE)
        panic("a video memory of %u bytes has no room in the page directory", memory->length);
    find_far_end(front);
}

void fbfront_resume(struct fbfront *front)
{
    if (front->event.port)
        disconnect(front);
    front->failed = front->wants_updates = false;
    front->period_ms = 0;
    find_far_end(front);
}
