/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "support.h"

#include "fake_xen.h"
#include "xen/console.h"

#include <xen/errno.h>
#include <xen/hvm/params.h>

static struct event_table events;
static struct console console;
static struct xencons_interface *ring;
static unsigned int changes;

static void changed(struct char_listener *listener)
{
    (void)listener;
    changes++;
}

static struct char_listener listener = { .changed = changed };

static int setup(void **state)
{
    (void)state;
    fake_xen_init();
    event_table_init(&events);
    ring = fake_pointer(fake_xen.params[HVM_PARAM_CONSOLE_PFN] << 12);
    ring->in_cons = ring->in_prod = 0xffffffff; /* another user had it before us */
    ring->out_cons = ring->out_prod = 2040;
    assert_true(console_init(&console, &events));
    console.backend.listener = &listener;
    changes = 0;
    take_log();
    return 0;
}

static size_t write_bytes(const void *bytes, size_t length)
{
    return console.backend.ops->write(&console.backend, bytes, length);
}

static size_t read_bytes(void *bytes, size_t length)
{
    return console.backend.ops->read(&console.backend, bytes, length);
}

static unsigned int sends(void)
{
    return fake_port(FAKE_CONSOLE_PORT)->sends;
}

static void test_no_console(void **state)
{
    (void)state;
    fake_xen.params[HVM_PARAM_CONSOLE_PFN] = 0;
    assert_false(console_init(&console, &events));
    setup(state);
    fake_xen.params[HVM_PARAM_CONSOLE_EVTCHN] = 0;
    assert_false(console_init(&console, &events));
    setup(state);
    fake_xen.port_error = -XEN_EBUSY;
    assert_false(console_init(&console, &events));
}

static void test_output(void **state)
{
    (void)state;
    assert_int_equal(write_bytes("over the end", 12), 12);
    assert_int_equal(ring->out_prod, 2052);
    assert_memory_equal(ring->out + 2040, "over the", 8);
    assert_memory_equal(ring->out, " end", 4);
    assert_int_equal(sends(), 1);
    assert_int_equal(write_bytes("", 0), 0);
    assert_int_equal(sends(), 1);
}

static void test_full_output(void **state)
{
    static const uint8_t many[3000];

    (void)state;
    assert_int_equal(write_bytes(many, sizeof(many)), 2048);
    assert_int_equal(write_bytes(many, 1), 0);
    assert_int_equal(sends(), 1);
    ring->out_cons += 5;
    assert_int_equal(write_bytes(many, 100), 5);
    assert_int_equal(sends(), 2);
}

static void test_input(void **state)
{
    uint8_t bytes[8];

    (void)state;
    assert_int_equal(read_bytes(bytes, sizeof(bytes)), 0);
    assert_int_equal(sends(), 0);
    ring->in[1023] = 'a';
    memcpy(ring->in, "bc", 2);
    ring->in_prod += 3;
    fake_send(FAKE_CONSOLE_PORT);
    event_dispatch(&events);
    assert_int_equal(changes, 1);
    assert_int_equal(read_bytes(bytes, 2), 2);
    assert_memory_equal(bytes, "ab", 2);
    assert_int_equal(read_bytes(bytes, sizeof(bytes)), 1);
    assert_int_equal(bytes[0], 'c');
    assert_int_equal(ring->in_cons, ring->in_prod);
    assert_int_equal(sends(), 2);
}

static void test_nobody_listens(void **state)
{
    (void)state;
    console.backend.listener = NULL;
    fake_send(FAKE_CONSOLE_PORT);
    event_dispatch(&events);
    assert_int_equal(changes, 0);
}

static void test_impossible_indices(void **state)
{
    uint8_t bytes[2000];

    (void)state;
    ring->in_prod = ring->in_cons + 1025;
    assert_int_equal(read_bytes(bytes, sizeof(bytes)), 0);
    assert_non_null(strstr(take_log(), "impossible input indices"));
    assert_int_equal(write_bytes("dropped", 7), 7);
    assert_int_equal(ring->out_prod, 2040);

    setup(state);
    ring->out_cons = ring->out_prod + 1;
    assert_int_equal(write_bytes("dropped", 7), 7);
    assert_non_null(strstr(take_log(), "impossible output indices"));
    ring->out_cons = ring->out_prod;
    assert_int_equal(write_bytes("still dropped", 13), 13);
    assert_int_equal(ring->out_prod, 2040);
    assert_string_equal(take_log(), "");
}

static void test_resume(void **state)
{
    (void)state;
    ring->in_prod = ring->in_cons + 1025;
    read_bytes((uint8_t[1]){ 0 }, 1);
    assert_true(console.failed);
    fake_xen_restore();
    console_resume(&console, &events);
    assert_int_equal(changes, 1);           /* room to write */
    assert_int_equal(fake_ports_used(), 1); /* the lost one has been let go */
    assert_int_equal(write_bytes("again", 5), 5);
    assert_memory_equal(ring->out, "again", 5);
    assert_int_equal(fake_port(FAKE_RESTORED_CONSOLE_PORT)->sends, 1);
    fake_send(FAKE_RESTORED_CONSOLE_PORT);
    event_dispatch(&events);
    assert_int_equal(changes, 2);
}

/* And in a later restore there is one again. */
static void test_resume_without_console(void **state)
{
    (void)state;
    fake_xen_restore();
    fake_xen.params[HVM_PARAM_CONSOLE_EVTCHN] = 0;
    take_log();
    console_resume(&console, &events);
    assert_non_null(strstr(take_log(), "output is dropped"));
    assert_int_equal(write_bytes("dropped", 7), 7);
    assert_int_equal(ring->out_prod, 0);
    fake_xen_restore();
    console_resume(&console, &events);
    assert_int_equal(write_bytes("again", 5), 5);
    assert_int_equal(ring->out_prod, 5);
    assert_int_equal(fake_ports_used(), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_no_console, setup),
        cmocka_unit_test_setup(test_output, setup),
        cmocka_unit_test_setup(test_full_output, setup),
        cmocka_unit_test_setup(test_input, setup),
        cmocka_unit_test_setup(test_nobody_listens, setup),
        cmocka_unit_test_setup(test_impossible_indices, setup),
        cmocka_unit_test_setup(test_resume, setup),
        cmocka_unit_test_setup(test_resume_without_console, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
