/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The watches of dom0's programs, with a xenstored at the other end of their connection. */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "watches.h"

static struct watches watches;
static int xenstored;

static int set_up(void **state)
{
    int ends[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    watches = (struct watches){ .fd = ends[0] };
    xenstored = ends[1];
    return fcntl(ends[0], F_SETFL, O_NONBLOCK);
}

static int tear_down(void **state)
{
    (void)state;
    watches_close(&watches);
    close(xenstored);
    return 0;
}

/* Adds a watch, and returns its token as xenstored got it. */
static const char *add(const char *path, unsigned int number)
{
    static struct {
        struct xsd_sockmsg head;
        char body[256];
    } request;

    assert_true(watches_add(&watches, path, number));
    assert_true(read(xenstored, &request, sizeof(request)) == (ssize_t)(sizeof(request.head) + request.head.len));
    assert_string_equal(request.body, path);
    return request.body + strlen(path) + 1;
}

static void send_event(const char *path, const char *token)
{
    char body[256];
    int length = snprintf(body, sizeof(body), "%s%c%s", path, '\0', token) + 1;
    struct xsd_sockmsg head = { .type = XS_WATCH_EVENT, .len = (uint32_t)length };

    assert_int_equal(write(xenstored, &head, sizeof(head)), sizeof(head));
    assert_int_equal(write(xenstored, body, (size_t)length), length);
}

static void expect(int number, const char *below)
{
    assert_int_equal(watches_next(&watches), number);
    assert_string_equal(watches.below, below);
}

static void says_which_and_where_below(void **state)
{
    const char *token;

    (void)state;
    token = add("/local/domain/7/device/vbd", 2);
    send_event("/local/domain/7/device/vbd", token);
    send_event("/local/domain/7/device/vbd/5632/state", token);
    token = add("/local/domain/0/backend/vif/7", 3);
    send_event("/local/domain/0/backend/vif/7/1/state", token);
    token = add("@releaseDomain", 9);
    send_event("@releaseDomain", token);
    expect(2, "");
    expect(2, "/5632/state");
    expect(3, "/1/state");
    expect(9, "");
    assert_int_equal(watches_next(&watches), -1);
    assert_int_equal(errno, EAGAIN);
}

/* xenstored is trusted; to read no further than its message costs nothing. */
static void passes_over_what_is_no_event(void **state)
{
    struct xsd_sockmsg ok = { .type = XS_WATCH, .len = 3 };
    struct xsd_sockmsg half = { .type = XS_WATCH_EVENT, .len = 3 };

    (void)state;
    assert_int_equal(write(xenstored, &ok, sizeof(ok)), sizeof(ok));
    assert_int_equal(write(xenstored, "OK", 3), 3);
    assert_int_equal(write(xenstored, &half, sizeof(half)), sizeof(half));
    assert_int_equal(write(xenstored, "a\0002", 3), 3);
    half.len = 2;
    assert_int_equal(write(xenstored, &half, sizeof(half)), sizeof(half));
    assert_int_equal(write(xenstored, "a\0003", 2), 2);
    send_event("/a", "5999");
    expect(5, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(says_which_and_where_below, set_up, tear_down),
        cmocka_unit_test_setup_teardown(passes_over_what_is_no_event, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
