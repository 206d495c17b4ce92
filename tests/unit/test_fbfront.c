/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "support.h"

#include "fake_xen.h"
#include "xen/fbfront.h"

#include <stdio.h>
#include <stdlib.h>

#include <xen/errno.h>

#define FRONTEND "device/vfb/0"
#define BACKEND  "/local/domain/0/backend/vfb/7/0"
#define PAGES    4096u

static struct xenstore store;
static struct event_table events;
static struct fbfront front;

static uint32_t frame_list[PAGES] __attribute__((aligned(4096)));
static struct video_memory memory;

static const struct display_picture text = { 0x10000, 720, 400, 2880, 32 };
static const struct display_picture large = { 0x800000, 1920, 1200, 3840, 16 };

/* A chip that says, whenever it is asked, that these parts have changed. */
static struct chip {
    struct display_listener listener;
    unsigned int asked, all;
    struct display_rectangle parts[XENFB_OUT_RING_LEN * 2];
    unsigned int count;
    const struct display_picture *mode;     /* one that it finds out about when it is asked */
} chip;

/* The far end: a backend that goes as far as `last`. */
static struct far_end {
    enum xenbus_state state, last;
    struct xenfb_page *page;
    evtchn_port_t port;
} far_end;

/* ---- The chip --------------------------------------------------------------------------------------------------- */

static void refresh(struct display_listener *listener, bool all)
{
    (void)listener;
    chip.asked++;
    chip.all += all;
    if (chip.mode)
        front.backend.ops->show(&front.backend, chip.mode);
    chip.mode = NULL;
    for (unsigned int i = 0; i < chip.count; i++)
        front.backend.ops->changed(&front.backend, &chip.parts[i]);
    chip.count = 0;
}

static void draw(uint32_t x, uint32_t y, uint32_t width, uint32_t height)
{
    chip.parts[chip.count++] = (struct display_rectangle){ x, y, width, height };
}

static void show(const struct display_picture *picture)
{
    front.backend.ops->show(&front.backend, picture);
}

static void assert_asked(unsigned int asked, unsigned int all)
{
    assert_int_equal(chip.asked, asked);
    assert_int_equal(chip.all, all);
    chip.asked = chip.all = 0;
}

/* ---- The far end ------------------------------------------------------------------------------------------------ */

static unsigned int number(const char *leaf)
{
    char path[96];
    const char *value;

    snprintf(path, sizeof(path), FRONTEND "/%s", leaf);
    value = fake_store_get(path);
    return value ? (unsigned int)strtoul(value, NULL, 10) : 0;
}

static void set_state(enum xenbus_state state)
{
    if (state > far_end.last && state < XenbusStateClosing)
        return;
    far_end.state = state;
    fake_store_set_number(BACKEND "/state", state);
}

static void connect(void)
{
    far_end.port = number("event-channel");
    far_end.page = fake_pointer((uint64_t)number("page-ref") << XEN_PAGE_SHIFT);
    assert_int_equal(fake_port(far_end.port)->remote, 0);
    assert_string_equal(fake_store_get(FRONTEND "/protocol"), "x86_32-abi");
    if (number("feature-update"))
        fake_store_set(BACKEND "/request-update", "1");
}

static void far_end_step(void *owner)
{
    (void)owner;
    switch (number("state")) {
    case XenbusStateInitialising:
        set_state(XenbusStateInitWait);
        break;
    case XenbusStateInitialised:
        if (far_end.state != XenbusStateInitWait || far_end.last < XenbusStateConnected)
            break;
        connect();
        set_state(XenbusStateConnected);
        break;
    case XenbusStateClosing:
    case XenbusStateClosed:
        set_state(XenbusStateClosed);
        break;
    }
}

static void add_device(enum xenbus_state last)
{
    far_end = (struct far_end){ .last = last };
    fake_store_set(FRONTEND "/backend", BACKEND);
    fake_store_set(FRONTEND "/backend-id", "0");
    fake_store_set(BACKEND "/feature-resize", "1");
    set_state(XenbusStateInitialising);
    fake_xen.others = far_end_step;
}

static void ring_bell(void)
{
    fake_send(far_end.port);
    event_dispatch(&events);
}

static void put_period(uint32_t period)
{
    XENFB_IN_RING_REF(far_end.page, far_end.page->in_prod).refresh_period =
        (struct xenfb_refresh_period){ XENFB_TYPE_REFRESH_PERIOD, period };
    far_end.page->in_prod++;
}

static void ask(uint32_t period)
{
    put_period(period);
    ring_bell();
}

/* The next event that is to be there. */
static const union xenfb_out_event *next(void)
{
    const union xenfb_out_event *event;

    assert_int_not_equal(far_end.page->out_cons, far_end.page->out_prod);
    event = &XENFB_OUT_RING_REF(far_end.page, far_end.page->out_cons);
    far_end.page->out_cons++;
    return event;
}

static void assert_shape(const struct display_picture *picture)
{
    const struct xenfb_resize *resize = &next()->resize;

    assert_int_equal(resize->type, XENFB_TYPE_RESIZE);
    assert_int_equal(resize->width, picture->width);
    assert_int_equal(resize->height, picture->height);
    assert_int_equal(resize->stride, picture->stride);
    assert_int_equal(resize->depth, picture->depth);
    assert_int_equal(resize->offset, picture->offset);
}

static void assert_update(int32_t x, int32_t y, int32_t width, int32_t height)
{
    const struct xenfb_update *update = &next()->update;

    assert_int_equal(update->type, XENFB_TYPE_UPDATE);
    assert_int_equal(update->x, x);
    assert_int_equal(update->y, y);
    assert_int_equal(update->width, width);
    assert_int_equal(update->height, height);
}

static void assert_silence(void)
{
    assert_int_equal(far_end.page->out_cons, far_end.page->out_prod);
}

/* ---- Tests ------------------------------------------------------------------------------------------------------ */

static int setup(void **state)
{
    (void)state;
    fake_xen_init();
    assert_int_equal(xenstore_init(&store), 0);
    event_table_init(&events);
    chip = (struct chip){ .listener.refresh = refresh };
    memory = (struct video_memory){ .length = PAGES * VIDEO_PAGE_BYTES, .frames = frame_list };
    for (uint32_t i = 0; i < PAGES; i++)
        frame_list[i] = 0xf0000 + i;
    take_log();
    return 0;
}

static void attach(void)
{
    fbfront_attach(&front, &store, &events, &memory);
    front.backend.listener = &chip.listener;
}

static void attach_to_backend(void)
{
    add_device(XenbusStateConnected);
    attach();
    assert_non_null(strstr(take_log(), "screen of " BACKEND));
    assert_int_equal(number("state"), XenbusStateInitialised);
    assert_int_equal(far_end.state, XenbusStateConnected);
}

/* As a far end does that is told "x86_32-abi". */
static void test_page_directory(void **state)
{
    const uint32_t *directory;

    (void)state;
    attach_to_backend();
    directory = (const uint32_t *)&front.page[36];
    for (uint32_t i = 0; i < PAGES; i++) {
        const uint32_t *page = fake_pointer((uint64_t)directory[i / 1024] << XEN_PAGE_SHIFT);

        assert_int_equal(page[i % 1024], 0xf0000 + i);
    }
    assert_int_equal(directory[PAGES / 1024], 0);
    assert_int_equal(far_end.page->mem_length, PAGES * 4096);
    assert_true(far_end.page->width && far_end.page->height && far_end.page->line_length && far_end.page->depth == 32);
}

/* Nothing is drawn or sent until somebody looks; then the shape comes first. */
static void test_nobody_looks(void **state)
{
    (void)state;
    attach_to_backend();
    show(&text);
    show(&large);
    draw(0, 0, 1, 1);
    ring_bell();
    fbfront_tick(&front, 1000000, 1);
    assert_asked(0, 0);
    assert_silence();
    assert_int_equal(fake_port(far_end.port)->sends, 0);
    ask(30);
    assert_asked(1, 1);
    assert_shape(&large);
    assert_update(0, 0, 1, 1);
    assert_silence();
    assert_int_equal(far_end.page->in_cons, 1);
    assert_int_equal(far_end.page->line_length, large.stride);
    assert_int_equal(fake_port(far_end.port)->sends, 1);
}

static void test_each_period_asks(void **state)
{
    (void)state;
    attach_to_backend();
    show(&text);
    ask(30);
    assert_shape(&text);
    assert_asked(1, 1);
    ask(30);
    assert_asked(1, 0);
    assert_silence();
    assert_int_equal(fake_port(far_end.port)->sends, 1);
    put_period(30);
    put_period(60);
    ring_bell();
    assert_asked(1, 0);
    put_period(30);
    put_period(XENFB_NO_REFRESH);
    ring_bell();
    assert_asked(0, 0);
    ask(30);                                            /* somebody else, perhaps */
    assert_asked(1, 1);
    assert_shape(&text);
}

/* A far end that says its period once. */
static void test_ticks(void **state)
{
    (void)state;
    attach_to_backend();
    fbfront_tick(&front, 5000, 10);
    ask(30);
    fbfront_tick(&front, 10000, 10);
    assert_asked(1, 1);
    ring_bell();
    fbfront_tick(&front, 10299, 10);
    assert_asked(0, 0);
    draw(1, 2, 3, 4);
    fbfront_tick(&front, 10300, 10);
    assert_asked(1, 0);
    assert_shape(&front.picture);
    assert_update(1, 2, 3, 4);
    assert_int_equal(fake_port(far_end.port)->sends, 2);
    fbfront_tick(&front, 10599, 10);
    assert_asked(0, 0);
    fbfront_tick(&front, 10600, 10);
    assert_asked(1, 0);
    fbfront_tick(&front, 99999, 0);                     /* no cheap clock */
    assert_asked(0, 0);
    front.period_ms = UINT32_MAX;
    fbfront_tick(&front, UINT64_MAX, UINT32_MAX);
    ask(XENFB_NO_REFRESH);
    fbfront_tick(&front, 999999, 10);
    assert_asked(1, 0);
}

static void test_mode_found_while_drawing(void **state)
{
    (void)state;
    attach_to_backend();
    show(&text);
    ask(30);
    assert_shape(&text);
    chip.mode = &large;
    draw(0, 0, 1920, 1200);
    ask(30);
    assert_shape(&large);
    assert_update(0, 0, 1920, 1200);
    assert_silence();
    chip.mode = &text;
    ask(30);
    assert_shape(&text);
    assert_silence();
}

/* What has no room becomes one rectangle around it all, sent when there is room again. */
static void test_full_ring(void **state)
{
    (void)state;
    attach_to_backend();
    show(&text);
    ask(30);
    assert_shape(&text);
    for (uint32_t i = 0; i < XENFB_OUT_RING_LEN; i++)
        draw(i, i, 2, 2);
    draw(100, 50, 10, 10);
    draw(90, 60, 15, 20);
    draw(95, 40, 1, 1);
    ask(30);
    assert_int_equal(far_end.page->out_prod - far_end.page->out_cons, XENFB_OUT_RING_LEN);
    draw(5, 300, 1, 1);
    ask(30);
    for (int32_t i = 0; i < (int32_t)XENFB_OUT_RING_LEN; i++)
        assert_update(i, i, 2, 2);
    assert_silence();
    draw(1, 1, 1, 1);
    ask(30);
    assert_update(5, 40, 105, 261);
    assert_update(1, 1, 1, 1);
    assert_silence();
}

static void test_shape_has_no_room(void **state)
{
    (void)state;
    attach_to_backend();
    ask(30);
    assert_shape(&front.picture);
    for (uint32_t i = 0; i < XENFB_OUT_RING_LEN + 1; i++)
        draw(i, 0, 1, 1);
    ask(30);
    show(&large);
    draw(1900, 1100, 1, 1);                             /* part of what the shape will bring */
    ask(30);
    assert_int_equal(far_end.page->width, 640);
    for (int32_t i = 0; i < (int32_t)XENFB_OUT_RING_LEN; i++)
        assert_update(i, 0, 1, 1);
    assert_silence();
    ask(30);
    assert_shape(&large);
    assert_silence();
}

static void test_around_the_rings(void **state)
{
    (void)state;
    attach_to_backend();
    ask(30);
    assert_shape(&front.picture);
    for (int32_t i = 0; i < 300; i++) {
        draw((uint32_t)i, 5, 1, 1);
        ask(30);
        assert_update(i, 5, 1, 1);
        assert_silence();
    }
    for (unsigned int i = 0; i < XENFB_IN_RING_LEN; i++)
        put_period(i + 1);
    ring_bell();
    assert_int_equal(far_end.page->in_cons, far_end.page->in_prod);
    assert_int_equal(front.period_ms, XENFB_IN_RING_LEN);
}

static void test_impossible_indices(void **state)
{
    static const uint32_t in[] = { XENFB_IN_RING_LEN + 2, 0, UINT32_MAX };
    static const uint32_t out[] = { 2, 0x80000000, UINT32_MAX - XENFB_OUT_RING_LEN };

    for (unsigned int i = 0; i < 6; i++) {
        setup(state);
        attach_to_backend();
        ask(30);
        assert_shape(&front.picture);
        chip.asked = chip.all = 0;
        if (i < 3)
            far_end.page->in_prod = in[i];
        else
            far_end.page->out_cons = out[i - 3];
        draw(0, 0, 1, 1);
        if (i < 3)
            ring_bell();
        else
            ask(30);
        assert_non_null(strstr(take_log(), "impossible indices"));
        assert_asked(i < 3 ? 0 : 1, 0);
        far_end.page->in_prod = 2;
        far_end.page->out_cons = 1;
        ask(30);
        fbfront_tick(&front, 1u << 30, 1);
        show(&large);
        assert_asked(0, 0);
        assert_int_equal(far_end.page->out_prod, 1);
        assert_string_equal(take_log(), "");
    }
}

static void test_events_that_mean_nothing(void **state)
{
    (void)state;
    attach_to_backend();
    for (unsigned int type = 0; type < 256; type++) {
        if (type == XENFB_TYPE_REFRESH_PERIOD)
            continue;
        memset(&XENFB_IN_RING_REF(far_end.page, far_end.page->in_prod), 0xff, XENFB_IN_EVENT_SIZE);
        XENFB_IN_RING_REF(far_end.page, far_end.page->in_prod).type = (uint8_t)type;
        far_end.page->in_prod++;
        ring_bell();
    }
    assert_int_equal(far_end.page->in_cons, 255);
    assert_asked(0, 0);
    assert_silence();
}

/* One that looks at the whole picture by itself. */
static void test_no_updates_wanted(void **state)
{
    (void)state;
    attach_to_backend();
    front.wants_updates = false;
    draw(0, 0, 5, 5);
    ask(30);
    assert_asked(1, 1);
    assert_shape(&front.picture);
    assert_silence();
}

static void test_dark(void **state)
{
    static const struct display_picture dark = { .depth = 32 };

    (void)state;
    attach_to_backend();
    show(&dark);
    draw(0, 0, 0, 0);
    ask(30);
    assert_shape(&dark);
    assert_silence();
}

/* ---- Without a far end ------------------------------------------------------------------------------------------ */

static void assert_alone(void)
{
    assert_int_equal(fake_ports_used(), 0);
    show(&text);
    draw(0, 0, 1, 1);
    refresh(&chip.listener, true);
    fbfront_poll(&front);
    fbfront_tick(&front, 1u << 20, 1);
    assert_int_equal(front.put, 0);
}

static void test_no_device(void **state)
{
    (void)state;
    attach();
    assert_string_equal(take_log(), "");
    assert_int_equal(fake_xen.waits, 0);
    assert_alone();
}

static void test_backend_that_never_gets_ready(void **state)
{
    (void)state;
    add_device(XenbusStateInitialising);
    attach();
    assert_non_null(strstr(take_log(), "to get ready"));
    assert_alone();
}

static void test_backend_that_never_connects(void **state)
{
    (void)state;
    add_device(XenbusStateInitWait);
    attach();
    assert_non_null(strstr(take_log(), "to connect"));
    assert_alone();
}

static void test_backend_that_cannot_resize(void **state)
{
    (void)state;
    add_device(XenbusStateConnected);
    fake_store_set(BACKEND "/feature-resize", "0");
    attach();
    assert_non_null(strstr(take_log(), "cannot follow"));
    assert_alone();
}

static void test_no_port(void **state)
{
    (void)state;
    add_device(XenbusStateConnected);
    fake_xen.port_error = -XEN_ENOSPC;
    attach();
    assert_non_null(strstr(take_log(), "no event channel"));
    assert_alone();
}

static void test_too_much_memory(void **state)
{
    (void)state;
    memory.length = (FBFRONT_DIRECTORY_PAGES * FBFRONT_FRAMES_IN_PAGE + 1) * VIDEO_PAGE_BYTES;
    expect_assert_failure(attach());
}

/* ---- After a restore -------------------------------------------------------------------------------------------- */

static void restore(void)
{
    fake_xen_restore();
    assert_int_equal(xenstore_init(&store), 0);
    add_device(XenbusStateConnected);
    fbfront_resume(&front);
}

static void test_restore(void **state)
{
    (void)state;
    attach_to_backend();
    show(&text);
    ask(30);
    front.failed = true;
    chip.asked = chip.all = 0;
    restore();
    assert_int_equal(fake_ports_used(), 1);
    fbfront_tick(&front, 1u << 20, 1);
    assert_asked(0, 0);
    assert_int_equal(far_end.page->width, text.width);
    ask(30);
    assert_asked(1, 1);
    assert_shape(&text);
    fake_store_forget(FRONTEND);
    fake_xen_restore();
    assert_int_equal(xenstore_init(&store), 0);
    fbfront_resume(&front);
    assert_int_equal(fake_ports_used(), 0);
    fbfront_poll(&front);
    assert_asked(0, 0);
}

/* Another program in the place of one that has died: same page, same port, and it knows nothing. */
static void test_far_end_is_replaced(void **state)
{
    (void)state;
    attach_to_backend();
    show(&large);
    ask(30);
    assert_shape(&large);
    draw(0, 0, 7, 7);
    ask(30);
    assert_asked(2, 1);
    far_end.page->out_cons = far_end.page->out_prod;    /* what was on its way is lost */
    put_period(XENFB_NO_REFRESH);
    ask(30);
    assert_asked(1, 1);
    assert_shape(&large);
    assert_silence();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_page_directory, setup),
        cmocka_unit_test_setup(test_nobody_looks, setup),
        cmocka_unit_test_setup(test_each_period_asks, setup),
        cmocka_unit_test_setup(test_ticks, setup),
        cmocka_unit_test_setup(test_mode_found_while_drawing, setup),
        cmocka_unit_test_setup(test_full_ring, setup),
        cmocka_unit_test_setup(test_shape_has_no_room, setup),
        cmocka_unit_test_setup(test_around_the_rings, setup),
        cmocka_unit_test_setup(test_impossible_indices, setup),
        cmocka_unit_test_setup(test_events_that_mean_nothing, setup),
        cmocka_unit_test_setup(test_no_updates_wanted, setup),
        cmocka_unit_test_setup(test_dark, setup),
        cmocka_unit_test_setup(test_no_device, setup),
        cmocka_unit_test_setup(test_backend_that_never_gets_ready, setup),
        cmocka_unit_test_setup(test_backend_that_never_connects, setup),
        cmocka_unit_test_setup(test_backend_that_cannot_resize, setup),
        cmocka_unit_test_setup(test_no_port, setup),
        cmocka_unit_test_setup(test_too_much_memory, setup),
        cmocka_unit_test_setup(test_restore, setup),
        cmocka_unit_test_setup(test_far_end_is_replaced, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
