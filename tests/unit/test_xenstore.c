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

/* Whatever the daemon does, a request ends in bounded time with an error, and no other is sent. */
static void test_hostile_daemon(void **state)
{
    static const struct { enum fake_store_fault fault; const char *log; } faults[] = {
        { STORE_DEAD, "no answer in time" },
        { STORE_SILENT, "no answer in time" },
        { STORE_TRUNCATES, "no answer in time" },
        { STORE_WRONG_ID, "an answer to another request" },
        { STORE_WRONG_TYPE, "an answer to another request" },
        { STORE_TOO_LONG, "an answer beyond the protocol's length" },
        { STORE_WATCH_STORM, "watch events without end" },
        { STORE_BAD_RSP_PROD, "impossible answer indices" },
        { STORE_BAD_REQ_CONS, "impossible request indices" },
    };

    for (unsigned int i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        char value[16] = "";
        uint64_t start;
        unsigned int sends;

        setup(state);
        fake_xen.fault = faults[i].fault;
        if (faults[i].fault == STORE_BAD_REQ_CONS)
            fake_xen.store->req_cons = fake_xen.store->req_prod + 1;
        start = fake_xen.now_ns;
        assert_int_equal(xenstore_read(&store, "device/vbd/768", "state", value, sizeof(value)), -XEN_EIO);
        assert_true(fake_xen.now_ns - start <= XENSTORE_TIMEOUT_NS + 1000000);
        assert_true(store.dead);
        assert_non_null(strstr(take_log(), faults[i].log));
        sends = fake_xen.store_sends;
        start = fake_xen.now_ns;
        assert_int_equal(xenstore_write(&store, "device/vbd/768", "state", "6"), -XEN_EIO);
        assert_int_equal(fake_xen.store_sends, sends);
        assert_true(fake_xen.now_ns == start);
    }
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
        cmocka_unit_test_setup(test_hostile_daemon, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
