/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "support.h"

#include "fake_xen.h"
#include "xen/xenstore.h"

#include <xen/errno.h>

static struct xenstore store;

static int setup(void **state)
{
    (void)state;
    fake_xen_init();
    assert_int_equal(xenstore_init(&store), 0);
    take_log();
    return 0;
}

static void test_no_ring(void **state)
{
    (void)state;
    memset(fake_xen.params, 0, sizeof(fake_xen.params));
    assert_int_equal(xenstore_init(&store), -XEN_ENOENT);
}

static void test_read_write_remove(void **state)
{
    char value[16];

    (void)state;
    assert_int_equal(xenstore_read(&store, "device/vbd/768", "state", value, sizeof(value)), -XEN_ENOENT);
    assert_int_equal(xenstore_write(&store, "device/vbd/768", "state", "4"), 0);
    assert_string_equal(fake_store_get("device/vbd/768/state"), "4");
    assert_int_equal(xenstore_read(&store, "device/vbd/768/state", NULL, value, sizeof(value)), 1);
    assert_string_equal(value, "4");
    assert_int_equal(xenstore_remove(&store, "device/vbd/768", "state"), 0);
    assert_null(fake_store_get("device/vbd/768/state"));
    assert_int_equal(xenstore_write(&store, "empty", NULL, ""), 0);
    assert_int_equal(xenstore_read(&store, "empty", NULL, value, sizeof(value)), 0);
    assert_string_equal(value, "");
}

static void test_directory(void **state)
{
    char names[32];
    int length;

    (void)state;
    fake_store_set("device/vbd/768/state", "1");
    fake_store_set("device/vbd/768/backend", "/x");
    fake_store_set("device/vbd/5632/state", "1");
    length = xenstore_directory(&store, "device", "vbd", names, sizeof(names));
    assert_int_equal(length, 9);
    assert_memory_equal(names, "768\0" "5632\0", 10);
    assert_int_equal(xenstore_directory(&store, "device", "vif", names, sizeof(names)), -XEN_ENOENT);
    assert_int_equal(xenstore_directory(&store, "device", "vbd", names, 9), -XEN_E2BIG);
    assert_int_equal(xenstore_directory(&store, "device", "vbd", names, 10), 9);
}

static void test_numbers(void **state)
{
    uint64_t value = 5;

    (void)state;
    fake_store_set("n", "18446744073709551615");
    assert_int_equal(xenstore_read_u64(&store, "n", NULL, &value), 0);
    assert_true(value == UINT64_MAX);
    fake_store_set("n", "12x");
    assert_int_equal(xenstore_read_u64(&store, "n", NULL, &value), -XEN_EINVAL);
    fake_store_set("n", "00000000000000000000000000000001");
    assert_int_equal(xenstore_read_u64(&store, "n", NULL, &value), -XEN_EINVAL);
    assert_int_equal(xenstore_read_u64(&store, "m", NULL, &value), -XEN_ENOENT);
}

/* More than the ring holds, both ways, and the ring's end in the middle. */
static void test_long_values(void **state)
{
    static char value[1501], back[2048];

    (void)state;
    for (unsigned int i = 0; i < 1500; i++)
        value[i] = (char)('a' + i % 26);
    for (unsigned int i = 0; i < 5; i++) {
        assert_int_equal(xenstore_write(&store, "long", NULL, value), 0);
        assert_int_equal(xenstore_read(&store, "long", NULL, back, sizeof(back)), 1500);
        assert_string_equal(back, value);
    }
    assert_int_equal(xenstore_read(&store, "long", NULL, back, 1500), -XEN_E2BIG);
    assert_int_equal(xenstore_read(&store, "long", NULL, back, 1501), 1500); /* the stream is still in step */
    assert_true(fake_xen.waits < 5 * 4);
}

static void test_too_long_a_request(void **state)
{
    static char value[XENSTORE_PAYLOAD_MAX + 1];

    (void)state;
    memset(value, 'x', XENSTORE_PAYLOAD_MAX);
    assert_int_equal(xenstore_write(&store, "p", NULL, value), -XEN_E2BIG);
    assert_int_equal(fake_xen.requests, 0);
}

static void test_slow_daemon(void **state)
{
    char value[4];

    (void)state;
    fake_xen.fault = STORE_SLOW;
    fake_store_set("p", "1");
    assert_int_equal(xenstore_read(&store, "p", NULL, value, sizeof(value)), 1);
    assert_true(fake_xen.waits > 0 && fake_xen.waits < 5);
}

static void test_stray_watch_events(void **state)
{
    char value[4];

    (void)state;
    fake_xen.fault = STORE_WATCH_EVENTS;
    fake_store_set("p", "1");
    assert_int_equal(xenstore_read(&store, "p", NULL, value, sizeof(value)), 1);
    assert_string_equal(value, "1");
}

static void test_unknown_error(void **state)
{
    char value[4];

    (void)state;
    fake_xen.fault = STORE_UNKNOWN_ERROR;
    assert_int_equal(xenstore_read(&store, "p", NULL, value, sizeof(value)), -XEN_EIO);
    fake_xen.fault = STORE_WORKS;
    fake_store_set("p", "1");
    assert_int_equal(xenstore_read(&store, "p", NULL, value, sizeof(value)), 1);
}

/* dom0 was seen to stall for 35 s.  What comes then is the answer to this request, and the next one's is the next. */
static void test_late_answer(void **state)
{
    struct xenstore_domain_interface *ring = fake_xen.store;
    char value[4];

    (void)state;
    fake_store_set("p", "1");
    fake_store_set("q", "2");
    fake_xen.fault = STORE_LATE;
    fake_xen.late_until_ns = fake_xen.now_ns + 35000000000ull;
    assert_int_equal(xenstore_read(&store, "p", NULL, value, sizeof(value)), 1);
    assert_string_equal(value, "1");
    assert_true(fake_xen.now_ns >= fake_xen.late_until_ns);
    assert_int_equal(xenstore_read(&store, "q", NULL, value, sizeof(value)), 1);
    assert_string_equal(value, "2");
    assert_true(ring->rsp_cons == ring->rsp_prod && ring->req_cons == ring->req_prod);
}

/* An answer after the last moment would be read by whoever has the ring next: nobody may. */
static void test_too_late_an_answer(void **state)
{
    char value[4];

    (void)state;
    fake_store_set("p", "1");
    fake_xen.fault = STORE_LATE;
    fake_xen.late_until_ns = fake_xen.now_ns + XENSTORE_TIMEOUT_NS + 1000000000;
    expect_assert_failure(xenstore_read(&store, "p", NULL, value, sizeof(value)));
    assert_true(fake_xen.now_ns < fake_xen.late_until_ns);
    assert_non_null(strstr(take_log(), "no answer for 60 s; see what keeps xenstored in dom0"));
}

static void assert_stops(enum fake_store_fault fault, const char *why)
{
    char value[16] = "";
    uint64_t start;

    setup(NULL);
    fake_xen.fault = fault;
    if (fault == STORE_BAD_REQ_CONS)
        fake_xen.store->req_cons = fake_xen.store->req_prod + 1;
    start = fake_xen.now_ns;
    expect_assert_failure(xenstore_read(&store, "device/vbd/768", "state", value, sizeof(value)));
    assert_true(fake_xen.now_ns - start <= XENSTORE_TIMEOUT_NS + 1000000);
    assert_non_null(strstr(take_log(), why));
}

/* Whatever the daemon does wrong, the domain is stopped in bounded time, before anybody else uses the ring. */
static void test_hostile_daemon(void **state)
{
    (void)state;
    assert_stops(STORE_DEAD, "no answer for 60 s");
    assert_stops(STORE_SILENT, "no answer for 60 s");
    assert_stops(STORE_TRUNCATES, "no answer for 60 s");
    assert_stops(STORE_WRONG_ID, "an answer to another request");
    assert_stops(STORE_WRONG_TYPE, "an answer to another request");
    assert_stops(STORE_TOO_LONG, "an answer beyond the protocol's length");
    assert_stops(STORE_WATCH_STORM, "watch events without end");
    assert_stops(STORE_BAD_RSP_PROD, "impossible answer indices");
    assert_stops(STORE_BAD_REQ_CONS, "impossible request indices");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_no_ring, setup),
        cmocka_unit_test_setup(test_read_write_remove, setup),
        cmocka_unit_test_setup(test_directory, setup),
        cmocka_unit_test_setup(test_numbers, setup),
        cmocka_unit_test_setup(test_long_values, setup),
        cmocka_unit_test_setup(test_too_long_a_request, setup),
        cmocka_unit_test_setup(test_slow_daemon, setup),
        cmocka_unit_test_setup(test_stray_watch_events, setup),
        cmocka_unit_test_setup(test_unknown_error, setup),
        cmocka_unit_test_setup(test_late_answer, setup),
        cmocka_unit_test_setup(test_too_late_an_answer, setup),
        cmocka_unit_test_setup(test_hostile_daemon, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
