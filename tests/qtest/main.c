/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * reflex-qtest: the firmware's board behind the socket of QEMU's qtest, so that a device suite written for QEMU tests
 * ours.  See docs/qtest.md.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine.h"
#include "message.h"
#include "options.h"
#include "qmp.h"
#include "qtest.h"

static struct program {
    struct options options;
    struct machine machine;
    struct qtest qtest;
    struct qmp monitors[OPTIONS_MONITORS];
} program;

/* At once, whatever the program is at: nothing of it is worth finishing. */
static void terminate(int signal)
{
    (void)signal;
    _exit(0);
}

/* ---- What monitors hear ------------------------------------------------------------------------------------- */

static void tell_monitors(struct program *p, const char *event, bool guest, const char *reason)
{
    json_t *data = json_pack("{sbss}", "guest", guest, "reason", reason);

    for (unsigned int i = 0; i < p->options.monitor_count; i++)
        qmp_event(&p->monitors[i], event, data);
    json_decref(data);
}

static void follow_news(struct program *p)
{
    switch (machine_take_news(&p->machine)) {
    case MACHINE_GOES_ON:
        return;
    case MACHINE_WAS_RESET:
        tell_monitors(p, "RESET", true, "guest-reset");
        return;
    case MACHINE_IS_OFF:
        tell_monitors(p, "SHUTDOWN", true, "guest-shutdown");
        exit(0);
    }
}

static void follow_effect(struct program *p, enum qmp_effect effect)
{
    switch (effect) {
    case QMP_NOTHING:
        return;
    case QMP_RESET:
        machine_reset(&p->machine);
        tell_monitors(p, "RESET", false, "host-qmp-system-reset");
        return;
    case QMP_QUIT:
        tell_monitors(p, "SHUTDOWN", false, "host-qmp-quit");
        exit(0);
    }
}

/* ---- Sockets ------------------------------------------------------------------------------------------------ */

static void connect_all(struct program *p)
{
    p->qtest.connection.fd = -1;
    if (p->options.qtest)
        qtest_open(&p->qtest, &p->machine, p->options.qtest, p->options.qtest_log);
    for (unsigned int i = 0; i < p->options.monitor_count; i++)
        qmp_open(&p->monitors[i], &p->machine, p->options.monitors[i]);
}

static void serve_qtest(struct program *p)
{
    if (!connection_receive(&p->qtest.connection)) {
        connection_close(&p->qtest.connection);
        return;
    }
    while (qtest_step(&p->qtest))
        follow_news(p);
}

static void serve_monitor(struct program *p, struct qmp *monitor)
{
    enum qmp_effect effect;

    if (!connection_receive(&monitor->connection)) {
        connection_close(&monitor->connection);
        return;
    }
    while (qmp_step(monitor, &effect))
        follow_effect(p, effect);
}

/* Until every client has gone, or is never heard of again: then there is the signal.  What has come in for a network
 * card is there when a command is served. */
static void serve(struct program *p)
{
    struct pollfd fds[1 + OPTIONS_MONITORS + BOARD_NICS];
    unsigned int clients = 1 + p->options.monitor_count, nics = p->options.nics.count, open;

    do {
        open = 0;
        for (unsigned int i = 0; i < clients; i++) {
            const struct connection *connection = i ? &p->monitors[i - 1].connection : &p->qtest.connection;

            fds[i] = (struct pollfd){ .fd = connection->fd, .events = POLLIN };
            open += connection->fd >= 0;
        }
        for (unsigned int i = 0; i < nics; i++)
            fds[clients + i] = (struct pollfd){ socket_net_poll_fd(&p->machine.networks[i]), POLLIN, 0 };
        if (!open || (poll(fds, clients + nics, -1) < 0 && errno != EINTR))
            return;
        for (unsigned int i = 0; i < nics; i++)
            if (fds[clients + i].revents)
                machine_receive(&p->machine, i);
        for (unsigned int i = 1; i < clients; i++)
            if (fds[i].revents)
                serve_monitor(p, &p->monitors[i - 1]);
        if (fds[0].revents)
            serve_qtest(p);
    } while (open);
}

int main(int argc, char *argv[])
{
    struct sigaction action = { .sa_handler = terminate };

    sigaction(SIGTERM, &action, NULL);
    options_parse(&program.options, argc, argv);
    machine_init(&program.machine, &program.options);
    connect_all(&program);
    serve(&program);
    return 0;
}
