/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "support.h"

#include "fake_xen.h"
#include "xen/xenbus.h"

#include <xen/errno.h>

static struct xenstore store;
static struct xenbus_device device;

/* The far end of device/vbd/768: follows `plan`, a state a step, once the frontend's state is `after`. */
static struct {
    const char *plan;
    const char *after;
} backend;

static void backend_step(void *owner)
{
    (void)owner;
    if (backend.plan && *backend.plan && !strcmp(fake_store_get("device/vbd/768/state"), backend.after)) {
        char digit[2] = { *backend.plan++ };

        fake_store_set("/back/state", digit);
    }
}

static int setup(void **state)
{
    (void)state;
    fake_xen_init();
    memset(&backend, 0, sizeof(backend));
    assert_int_equal(xenstore_init(&store), 0);
    fake_store_set("device/vbd/768/backend", "/back");
    fake_store_set("device/vbd/768/backend-id", "3");
    fake_store_set("device/vbd/768/state", "1");
    fake_store_set("/back/state", "1");
    assert_int_equal(xenbus_open(&device, &store, "vbd", "768"), 0);
    fake_xen.others = backend_step;
    take_log();
    return 0;
}

static void test_open(void **state)
{
    (void)state;
    assert_string_equal(device.frontend, "device/vbd/768");
    assert_string_equal(device.backend, "/back");
    assert_int_equal(device.backend_id, 3);
    assert_int_equal(xenbus_open(&device, &store, "vbd", "5632"), -XEN_ENOENT);
    fake_store_set("device/vbd/768/backend-id", "32752"); /* DOMID_SELF */
    assert_int_equal(xenbus_open(&device, &store, "vbd", "768"), -XEN_EINVAL);
    fake_store_set("device/vbd/768/backend-id", "65539");
    assert_int_equal(xenbus_open(&device, &store, "vbd", "768"), -XEN_EINVAL);
    fake_store_set("device/vbd/768/backend",
                   "/local/domain/0/a/path/that/is/longer/than/any/toolstack/makes/them/and/so/is/not/taken/at/all/"
                   "but/refused");
    assert_int_equal(xenbus_open(&device, &store, "vbd", "768"), -XEN_E2BIG);
    assert_int_equal(xenbus_open(&device, &store, "vbd", "a-name-that-is-much-too-long-to-be-one-of-a-device-and-"
                                 "that-does-not-fit-in-the-path-either"), -XEN_E2BIG);
}

static void test_list(void **state)
{
    char names[64];

    (void)state;
    assert_int_equal(xenbus_list(&store, "vbd", names, sizeof(names)), 4);
    assert_string_equal(names, "768");
    assert_int_equal(xenbus_list(&store, "vif", names, sizeof(names)), 0);
}

static void test_states(void **state)
{
    (void)state;
    assert_int_equal(xenbus_set_state(&device, XenbusStateInitialised), 0);
    assert_string_equal(fake_store_get("device/vbd/768/state"), "3");
    assert_int_equal(xenbus_backend_state(&device), XenbusStateInitialising);
    fake_store_set("/back/state", "9");
    assert_int_equal(xenbus_backend_state(&device), XenbusStateUnknown);
    fake_store_set("/back/state", "connected");
    assert_int_equal(xenbus_backend_state(&device), XenbusStateUnknown);
    fake_store_forget("/back/state");
    assert_int_equal(xenbus_backend_state(&device), XenbusStateUnknown);
}

static void test_wait(void **state)
{
    (void)state;
    backend.after = "1";
    backend.plan = "1112";
    assert_true(xenbus_wait_backend(&device, XENBUS_STATE(XenbusStateInitWait), "to be"));
    assert_int_equal(fake_xen.waits, 4);
    assert_string_equal(take_log(), "");
}

static void test_wait_in_vain(void **state)
{
    uint64_t start = fake_xen.now_ns;
    const char *log;

    (void)state;
    assert_false(xenbus_wait_backend(&device, XENBUS_STATE(XenbusStateInitWait), "to be"));
    assert_true(fake_xen.now_ns - start >= XENBUS_TIMEOUT_NS);
    assert_true(fake_xen.now_ns - start <= XENBUS_TIMEOUT_NS + 10000000);
    log = take_log();
    assert_non_null(strstr(log, "device/vbd/768: backend /back is Initialising; waited 10000 ms for it to be"));
}

static void test_close(void **state)
{
    (void)state;
    fake_store_set("/back/state", "4");
    backend.after = "5";
    backend.plan = "445";
    assert_false(xenbus_close(&device)); /* it never says Closed */
    assert_string_equal(fake_store_get("device/vbd/768/state"), "6");
    fake_store_set("/back/state", "5");
    backend.after = "6";
    backend.plan = "556";
    assert_true(xenbus_close(&device));
    fake_store_forget("/back/state"); /* the toolstack has taken it away */
    assert_true(xenbus_close(&device));
}

static void test_close_in_vain(void **state)
{
    (void)state;
    fake_store_set("/back/state", "4");
    assert_false(xenbus_close(&device));
    assert_string_equal(fake_store_get("device/vbd/768/state"), "5");
    assert_non_null(strstr(take_log(), "is Connected; waited 10000 ms for it to let go"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_open, setup),
        cmocka_unit_test_setup(test_list, setup),
        cmocka_unit_test_setup(test_states, setup),
        cmocka_unit_test_setup(test_wait, setup),
        cmocka_unit_test_setup(test_wait_in_vain, setup),
        cmocka_unit_test_setup(test_close, setup),
        cmocka_unit_test_setup(test_close_in_vain, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
