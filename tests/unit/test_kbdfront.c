/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "support.h"

#include "fake_xen.h"
#include "xen/kbdfront.h"

#include <stdio.h>
#include <stdlib.h>

#include <xen/errno.h>

#define FRONTEND "device/vkbd/0"
#define BACKEND  "/local/domain/3/backend/vinput/7/0"
#define DOMAIN   3

/* What the chips were told, one word each. */
static struct heard {
    struct input_listener keyboard, mouse;
    bool ready, used_up;                    /* used_up: a key takes the room */
    bool full, behind;
    char words[2048];
} heard;

static struct xenstore store;
static struct grant_table grants;
static struct event_table events;
static struct kbdfront front;

/* The far end: a backend that goes as far as `last`, or dom0. */
static struct far_end {
    const char *frontend, *path;
    enum xenbus_state state, last;
    struct xenkbd_page *page;
    grant_ref_t ref;
    evtchn_port_t port;
    bool keeps_page;
} far_end;

/* ---- The chips -------------------------------------------------------------------------------------------------- */

static void add_word(const char *format, ...)
{
    size_t length = strlen(heard.words);
    va_list args;

    va_start(args, format);
    vsnprintf(heard.words + length, sizeof(heard.words) - length, format, args);
    va_end(args);
}

static void key(struct input_listener *listener, unsigned int code, bool down)
{
    if (code == KEY_A || code == KEY_B || code == KEY_LEFTCTRL || down || listener == &heard.mouse)
        add_word("%s%c%u ", listener == &heard.mouse ? "button" : "", down ? '+' : '-', code);
    if (down && listener == &heard.keyboard && heard.used_up)
        heard.ready = false;
}

static void motion(struct input_listener *listener, int32_t x, int32_t y, int32_t wheel)
{
    (void)listener;
    add_word("%d,%d,%d ", x, y, wheel);
}

static bool ready(struct input_listener *listener)
{
    (void)listener;
    return heard.ready;
}

static bool behind(struct input_listener *listener)
{
    (void)listener;
    return heard.behind;
}

static bool full(struct input_listener *listener)
{
    (void)listener;
    return heard.full;
}

static void assert_heard(const char *words)
{
    assert_string_equal(heard.words, words);
    heard.words[0] = '\0';
}

static void plug_in(void)
{
    heard = (struct heard){
        .keyboard = { .key = key, .ready = ready, .behind = behind, .full = full },
        .mouse = { .key = key, .motion = motion },
    };
    front.backend.keyboard = &heard.keyboard;
    front.backend.mouse = &heard.mouse;
    take_log();
}

/* ---- The far end ------------------------------------------------------------------------------------------------ */

static unsigned int number(const char *leaf)
{
    char path[96];
    const char *value;

    snprintf(path, sizeof(path), "%s/%s", far_end.frontend, leaf);
    value = fake_store_get(path);
    return value ? (unsigned int)strtoul(value, NULL, 10) : 0;
}

static void set_state(enum xenbus_state state)
{
    char path[96];

    if (state > far_end.last && state < XenbusStateClosing)
        return;
    far_end.state = state;
    snprintf(path, sizeof(path), "%s/state", far_end.path);
    fake_store_set_number(path, state);
}

static void connect(void)
{
    far_end.port = number("event-channel");
    far_end.ref = number("page-gref");
    far_end.page = fake_map(far_end.ref, DOMAIN, true);
    assert_non_null(far_end.page);
    assert_int_equal(number("page-ref"), gpa_of(far_end.page) >> 12);
    assert_int_equal(fake_port(far_end.port)->remote, DOMAIN);
}

static void disconnect(void)
{
    if (far_end.page && !far_end.keeps_page)
        fake_unmap(far_end.ref);
    far_end.page = NULL;
}

static void far_end_step(void *owner)
{
    (void)owner;
    switch (number("state")) {
    case XenbusStateInitialising:
        if (far_end.state == XenbusStateInitialising)
            set_state(XenbusStateInitWait);
        break;
    case XenbusStateConnected:
        if (far_end.state != XenbusStateInitWait)
            break;
        connect();
        set_state(XenbusStateConnected);
        break;
    case XenbusStateClosing:
        disconnect();
        set_state(XenbusStateClosing);
        break;
    case XenbusStateClosed:
        set_state(XenbusStateClosed);
        break;
    }
}

static void add_device(const char *frontend, const char *path, enum xenbus_state last)
{
    char node[96];

    far_end = (struct far_end){ .frontend = frontend, .path = path, .last = last };
    snprintf(node, sizeof(node), "%s/backend", frontend);
    fake_store_set(node, path);
    snprintf(node, sizeof(node), "%s/backend-id", frontend);
    fake_store_set_number(node, DOMAIN);
    set_state(XenbusStateInitialising);
    fake_xen.others = far_end_step;
}

/* reflexctl, which knows page and port from struct stats. */
static void be_dom0(void)
{
    far_end = (struct far_end){ .page = (struct xenkbd_page *)front.page, .port = kbdfront_dom0_port(&front) };
    assert_true(far_end.port);
    assert_int_equal(fake_port(far_end.port)->remote, 0);
}

static void put(const union xenkbd_in_event *event)
{
    XENKBD_IN_RING_REF(far_end.page, far_end.page->in_prod) = *event;
    far_end.page->in_prod++;
}

static void put_key(uint32_t code, bool down)
{
    put(&(union xenkbd_in_event){ .key = { .type = XENKBD_TYPE_KEY, .pressed = down, .keycode = code } });
}

static void put_motion(int32_t x, int32_t y, int32_t z)
{
    put(&(union xenkbd_in_event){ .motion = { .type = XENKBD_TYPE_MOTION, .rel_x = x, .rel_y = y, .rel_z = z } });
}

static void ring_bell(void)
{
    fake_send(far_end.port);
    event_dispatch(&events);
}

/* ---- Tests ------------------------------------------------------------------------------------------------------ */

static int setup(void **state)
{
    (void)state;
    fake_xen_init();
    assert_int_equal(xenstore_init(&store), 0);
    assert_int_equal(grant_init(&grants, FAKE_OWN_FRAMES, fake_grant_gfn()), 0);
    event_table_init(&events);
    take_log();
    return 0;
}

static void attach(void)
{
    kbdfront_attach(&front, &store, &grants, &events);
}

static void attach_to_backend(void)
{
    add_device(FRONTEND, BACKEND, XenbusStateConnected);
    attach();
    assert_non_null(strstr(take_log(), BACKEND));
    assert_int_equal(number("state"), XenbusStateInitialised);
    assert_int_equal(kbdfront_dom0_port(&front), 0);
    plug_in();
}

static void attach_to_dom0(void)
{
    attach();
    assert_string_equal(take_log(), "");
    be_dom0();
    plug_in();
}

static void test_backend(void **state)
{
    (void)state;
    attach_to_backend();
    put_key(KEY_A, true);
    put_key(KEY_A, false);
    put_key(BTN_MIDDLE, true);
    put_motion(5, -6, 2);
    put_motion(INT32_MIN, INT32_MAX, INT32_MIN);
    ring_bell();
    assert_heard("+30 -30 button+274 5,-6,-2 -2147483648,2147483647,2147483647 ");
    assert_int_equal(far_end.page->in_cons, 5);
    assert_int_equal(fake_port(far_end.port)->sends, 1);
    ring_bell();
    assert_heard("");
    assert_int_equal(fake_port(far_end.port)->sends, 1);
}

/* A person does not wait for the keyboard. */
static void test_backend_does_not_wait(void **state)
{
    (void)state;
    attach_to_backend();
    assert_false(heard.ready);
    put_key(KEY_A, true);
    ring_bell();
    assert_heard("+30 ");
}

/* ... but for one that is full: nothing of what a person types is lost, and its order is kept.  The rest comes by an
 * event, when all is read. */
static void test_backend_waits_when_the_keyboard_is_full(void **state)
{
    (void)state;
    attach_to_backend();
    put_key(BTN_LEFT, true);
    put_key(KEY_A, true);
    put_key(KEY_A, false);
    put_motion(1, 1, 0);
    heard.full = heard.behind = true;
    ring_bell();
    assert_heard("button+272 ");
    assert_int_equal(far_end.page->in_cons, 1);
    heard.full = false;
    ring_bell();
    assert_heard("");
    heard.behind = false;
    ring_bell();
    assert_heard("+30 -30 1,1,0 ");
    assert_int_equal(far_end.page->in_cons, 4);
    assert_int_equal(fake_port(far_end.port)->sends, 2);
    heard.behind = true;
    put_key(KEY_B, true);
    ring_bell();
    assert_heard("+48 ");
}

static void test_dom0(void **state)
{
    (void)state;
    attach_to_dom0();
    heard.ready = true;
    put_key(KEY_A, true);
    put_motion(1, 2, -3);
    ring_bell();
    assert_heard("+30 1,2,3 ");
    assert_int_equal(far_end.page->in_cons, 2);
    assert_int_equal(fake_port(far_end.port)->sends, 1);
}

/* Keys that go down wait for the keyboard, in their order; what comes up, and the mouse, does not. */
static void test_dom0_waits_for_the_keyboard(void **state)
{
    (void)state;
    attach_to_dom0();
    heard.used_up = true;
    put_key(KEY_A, false);
    put_key(BTN_LEFT, true);
    put_key(KEY_A, true);
    put_key(KEY_A, false);
    put_key(KEY_B, true);
    put_motion(1, 1, 0);
    ring_bell();
    assert_heard("-30 button+272 ");
    assert_int_equal(far_end.page->in_cons, 2);
    ring_bell();
    assert_heard("");
    assert_int_equal(fake_port(far_end.port)->sends, 1);
    heard.ready = true;
    ring_bell();
    assert_heard("+30 -30 ");
    assert_int_equal(far_end.page->in_cons, 4);
    heard.ready = true;
    ring_bell();
    assert_heard("+48 1,1,0 ");
    assert_int_equal(far_end.page->in_cons, 6);
}

static void test_around_the_ring(void **state)
{
    (void)state;
    attach_to_dom0();
    heard.ready = true;
    for (unsigned int i = 0; i < 3 * XENKBD_IN_RING_LEN; i++) {
        put_key(i % 2 ? KEY_A : KEY_B, true);
        ring_bell();
        assert_heard(i % 2 ? "+30 " : "+48 ");
    }
    for (unsigned int i = 0; i < XENKBD_IN_RING_LEN; i++)
        put_motion(1, 0, 0);
    ring_bell();
    assert_int_equal(strlen(heard.words), XENKBD_IN_RING_LEN * strlen("1,0,0 "));
    assert_int_equal(far_end.page->in_cons, far_end.page->in_prod);
}

/* in_cons is for the far end to read: what it writes there means nothing to us. */
static void test_its_own_index(void **state)
{
    (void)state;
    attach_to_dom0();
    far_end.page->in_cons = 1000;
    put_motion(1, 2, 3);
    ring_bell();
    assert_heard("1,2,-3 ");
    assert_int_equal(far_end.page->in_cons, 1);
}

static void test_impossible_indices(void **state)
{
    static const uint32_t wrong[] = { XENKBD_IN_RING_LEN + 3, 0x80000000, 0xffffffff, 1 };

    for (unsigned int i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        setup(state);
        attach_to_dom0();
        heard.ready = true;
        put_key(KEY_A, true);
        put_motion(1, 0, 0);
        ring_bell();
        assert_heard("+30 1,0,0 ");
        far_end.page->in_prod = wrong[i];
        ring_bell();
        assert_non_null(strstr(take_log(), "impossible indices"));
        assert_heard("-29 -30 -48 button-272 button-273 button-274 button-275 button-276 ");
        far_end.page->in_prod = 3;
        ring_bell();
        assert_heard("");
        assert_string_equal(take_log(), "");
    }
}

static void test_events_that_mean_nothing(void **state)
{
    union xenkbd_in_event event;

    (void)state;
    attach_to_backend();
    memset(&event, 0xff, sizeof(event));
    for (unsigned int type = 0; type < 256; type++) {
        event.type = (uint8_t)type;
        if (type == XENKBD_TYPE_KEY || type == XENKBD_TYPE_MOTION)
            continue;
        put(&event);
        ring_bell();
    }
    assert_heard("");
    assert_int_equal(far_end.page->in_cons, 254);
}

/* libxl makes one for a QEMU that is not there. */
static void test_deserted_backend(void **state)
{
    (void)state;
    add_device(FRONTEND, "/local/domain/0/backend/vkbd/7/0", XenbusStateInitialising);
    attach_to_dom0();
    assert_int_equal(fake_xen.waits, 0);
    assert_int_equal(fake_grants_in_use(), 0);
    assert_string_equal(front.bus.backend, "");
}

/* One that has begun is somebody's. */
static void test_qemu(void **state)
{
    (void)state;
    add_device(FRONTEND, "/local/domain/0/backend/vkbd/7/0", XenbusStateConnected);
    set_state(XenbusStateInitWait);
    attach();
    assert_int_equal(far_end.state, XenbusStateConnected);
    assert_int_equal(kbdfront_dom0_port(&front), 0);
}

static void test_second_device(void **state)
{
    (void)state;
    fake_store_set("device/vkbd/0/backend", "/local/domain/0/backend/vkbd/7/0");
    fake_store_set("device/vkbd/0/backend-id", "0");
    fake_store_set("/local/domain/0/backend/vkbd/7/0/state", "1");
    add_device("device/vkbd/1", BACKEND, XenbusStateConnected);
    attach();
    assert_int_equal(far_end.state, XenbusStateConnected);
}

static void test_backend_that_never_gets_ready(void **state)
{
    (void)state;
    add_device(FRONTEND, BACKEND, XenbusStateInitialising);
    attach();
    assert_non_null(strstr(take_log(), "to get ready"));
    be_dom0();
    assert_int_equal(fake_grants_in_use(), 0);
}

static void test_backend_that_never_connects(void **state)
{
    (void)state;
    add_device(FRONTEND, BACKEND, XenbusStateInitWait);
    attach();
    assert_non_null(strstr(take_log(), "to connect"));
    be_dom0();
    assert_int_equal(fake_grants_in_use(), 0);
    assert_int_equal(grants.free_count, grants.count);
    assert_int_equal(fake_ports_used(), 1);
}

/* What it can write to is nobody else's. */
static void test_backend_that_keeps_the_page(void **state)
{
    (void)state;
    add_device(FRONTEND, BACKEND, XenbusStateInitWait);
    far_end.keeps_page = true;
    attach();
    assert_non_null(strstr(take_log(), "keeps the page mapped"));
    assert_int_equal(kbdfront_dom0_port(&front), 0);
    assert_int_equal(fake_ports_used(), 0);
    kbdfront_poll(&front);
}

static void test_damaged_device(void **state)
{
    (void)state;
    fake_store_set("device/vkbd/0/backend", BACKEND);
    fake_store_set("device/vkbd/0/backend-id", "99999");
    attach_to_dom0();
}

static void test_no_port(void **state)
{
    (void)state;
    fake_xen.port_error = -XEN_ENOSPC;
    attach();
    assert_non_null(strstr(take_log(), "no event channel"));
    assert_int_equal(kbdfront_dom0_port(&front), 0);
    kbdfront_poll(&front);
    fake_xen.port_error = 0;
    fake_xen_restore();
    kbdfront_resume(&front);
    be_dom0();
}

static void test_no_port_for_a_backend(void **state)
{
    (void)state;
    add_device(FRONTEND, BACKEND, XenbusStateConnected);
    fake_xen.port_error = -XEN_ENOSPC;
    attach();
    assert_int_equal(kbdfront_dom0_port(&front), 0);
    assert_int_equal(grants.free_count, grants.count);
}

static void restore(void)
{
    fake_xen_restore();
    assert_int_equal(xenstore_init(&store), 0);
    assert_int_equal(grant_init(&grants, FAKE_OWN_FRAMES, fake_grant_gfn()), 0);
    kbdfront_resume(&front);
}

static void test_restore(void **state)
{
    (void)state;
    attach_to_dom0();
    put_motion(1, 0, 0);
    ring_bell();
    put_motion(9, 9, 9);
    heard.words[0] = '\0';
    restore();
    assert_heard("-29 -30 -48 button-272 button-273 button-274 button-275 button-276 ");
    be_dom0();
    assert_int_equal(fake_ports_used(), 1);
    assert_int_equal(far_end.page->in_prod, 0);
    put_motion(2, 0, 0);
    ring_bell();
    assert_heard("2,0,0 ");
}

static void test_restore_with_backend(void **state)
{
    (void)state;
    attach_to_backend();
    fake_store_forget(BACKEND);
    add_device(FRONTEND, "/local/domain/3/backend/vinput/8/0", XenbusStateConnected);
    restore();
    assert_int_equal(far_end.state, XenbusStateConnected);
    heard.words[0] = '\0';
    put_motion(2, 0, 0);
    ring_bell();
    assert_heard("2,0,0 ");
    assert_int_equal(fake_ports_used(), 1);
    assert_int_equal(fake_grants_in_use(), 1);
    fake_store_forget(FRONTEND);
    restore();
    be_dom0();
    assert_int_equal(fake_grants_in_use(), 0);
}

/* Whoever has the page from before may write into it yet. */
static void test_soft_reset_with_the_page_kept(void **state)
{
    (void)state;
    attach_to_backend();
    fake_xen_soft_reset();
    assert_int_equal(xenstore_init(&store), 0);
    assert_int_equal(grant_init(&grants, FAKE_OWN_FRAMES, fake_grant_gfn()), 0);
    take_log();
    memset(front.page, 0xa5, sizeof(front.page));
    kbdfront_resume(&front);
    assert_non_null(strstr(take_log(), "mapped since before the reset"));
    assert_int_equal(kbdfront_dom0_port(&front), 0);
    assert_int_equal(fake_ports_used(), 0);
    assert_int_equal(front.page[0], 0xa5);
    fake_store_forget(FRONTEND);
    restore();
    be_dom0();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_backend, setup),
        cmocka_unit_test_setup(test_backend_does_not_wait, setup),
        cmocka_unit_test_setup(test_backend_waits_when_the_keyboard_is_full, setup),
        cmocka_unit_test_setup(test_dom0, setup),
        cmocka_unit_test_setup(test_dom0_waits_for_the_keyboard, setup),
        cmocka_unit_test_setup(test_around_the_ring, setup),
        cmocka_unit_test_setup(test_its_own_index, setup),
        cmocka_unit_test_setup(test_impossible_indices, setup),
        cmocka_unit_test_setup(test_events_that_mean_nothing, setup),
        cmocka_unit_test_setup(test_deserted_backend, setup),
        cmocka_unit_test_setup(test_qemu, setup),
        cmocka_unit_test_setup(test_second_device, setup),
        cmocka_unit_test_setup(test_backend_that_never_gets_ready, setup),
        cmocka_unit_test_setup(test_backend_that_never_connects, setup),
        cmocka_unit_test_setup(test_backend_that_keeps_the_page, setup),
        cmocka_unit_test_setup(test_damaged_device, setup),
        cmocka_unit_test_setup(test_no_port, setup),
        cmocka_unit_test_setup(test_no_port_for_a_backend, setup),
        cmocka_unit_test_setup(test_restore, setup),
        cmocka_unit_test_setup(test_restore_with_backend, setup),
        cmocka_unit_test_setup(test_soft_reset_with_the_page_kept, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
