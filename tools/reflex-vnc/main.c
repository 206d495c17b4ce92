/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * reflex-vnc: a person at the screen, the keyboard and the mouse of one domain, by way of VNC.  It is the backend of
 * the domain's vfb and vkbd devices, and serves viewers.  reflex-dm starts it, hands it a socket that listens already, and
 * starts another one if it dies; nothing but the viewers notices.
 *
 * It sleeps until somebody comes.  Viewers that wait for news are what makes the domain draw (screen.h): as often as
 * PERIOD_MIN_MS while there is something new or somebody types, and less and less often to PERIOD_MAX_MS when there is
 * not.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tools/common/message.h"
#include "input.h"
#include "screen.h"
#include "server.h"
#include "xen.h"

#define PERIOD_MIN_MS 30u
#define PERIOD_MAX_MS 240u

enum { POLL_XEN, POLL_CONTROL, POLL_SERVER };

struct program {
    struct xen *xen;
    struct screen screen;
    struct input input;
    struct server server;
    int control;
    bool seen;                              /* the domain has been told that somebody looks */
    bool news;                              /* since it was last asked for some */
    unsigned int period_ms;
    uint64_t next_ms;
};

static int usage(void)
{
    fputs("usage: reflex-vnc DOMAIN-NUMBER SOCKET CONTROL [password]\n"
          "reflex-dm starts it for a domain with a screen (vnc=1). SOCKET and CONTROL are descriptors: of a socket\n"
          "that listens, and of one on which passwords come, and whose end is the program's.\n", stderr);
    return 2;
}

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* ---- Events ----------------------------------------------------------------------------------------------------- */

static void take_port(struct program *program, int port)
{
    if (program->screen.device.page && port == program->screen.device.port)
        program->news |= screen_take(&program->screen);
    else if (program->input.device.page && port == program->input.device.port)
        input_flush(&program->input);
}

/* One, for a domain can make them as fast as they are taken, and viewers are to have their turn.  False: the domain is
 * gone. */
static bool take_xen_event(struct program *program)
{
    int port;

    switch (xen_next_event(program->xen, &port)) {
    case XEN_EVENT_NONE:
        break;
    case XEN_EVENT_PORT:
        take_port(program, port);
        break;
    case XEN_EVENT_STATE:
        screen_follow(&program->screen);
        input_follow(&program->input);
        break;
    case XEN_EVENT_RELEASE:
        return xen_domain_exists(program->xen);
    }
    return true;
}

/* Each message is a password.  False: reflex-dm is gone. */
static bool take_control(struct program *program)
{
    char password[64];
    ssize_t length = recv(program->control, password, sizeof(password) - 1, MSG_DONTWAIT);

    if (length <= 0)
        return length < 0 && (errno == EAGAIN || errno == EINTR);
    password[length] = '\0';
    server_set_password(&program->server, password);
    return true;
}

/* ---- Asking ----------------------------------------------------------------------------------------------------- */

static void set_period(struct program *program)
{
    if (program->news || program->server.has_typed)
        program->period_ms = PERIOD_MIN_MS;
    else if (program->period_ms < PERIOD_MAX_MS)
        program->period_ms *= 2;
    program->news = program->server.has_typed = false;
}

static void hurry(struct program *program)
{
    uint64_t soon = now_ms() + PERIOD_MIN_MS;

    if (program->server.has_typed && program->next_ms > soon)
        program->next_ms = soon;
}

/* Milliseconds until there is something to do without an event; -1: never. */
static int ask_for_news(struct program *program)
{
    uint64_t now = now_ms();
    bool seen = server_is_seen(&program->server);

    if (!seen && program->seen)
        screen_rest(&program->screen);
    program->seen = seen;
    if (!seen || !server_is_awaited(&program->server))
        return -1;
    hurry(program);
    if (now >= program->next_ms) {
        set_period(program);
        program->next_ms = now + program->period_ms;
        screen_ask(&program->screen);
    }
    return (int)(program->next_ms - now);
}

static int sooner(int a, int b)
{
    return a < 0 || (b >= 0 && b < a) ? b : a;
}

static void serve(struct program *program)
{
    struct pollfd fds[POLL_SERVER + SERVER_FDS];

    for (;;) {
        int timeout = sooner(ask_for_news(program), input_remind(&program->input, now_ms()));

        input_listen(&program->input);
        fds[POLL_XEN] = (struct pollfd){ .fd = xen_event_fd(program->xen), .events = POLLIN };
        fds[POLL_CONTROL] = (struct pollfd){ .fd = program->control, .events = POLLIN };
        server_fill_poll(&program->server, &fds[POLL_SERVER]);
        if (poll(fds, sizeof(fds) / sizeof(fds[0]), timeout) < 0) {
            if (errno == EINTR)
                continue;
            return;
        }
        if ((fds[POLL_XEN].revents && !take_xen_event(program)) ||
            (fds[POLL_CONTROL].revents && !take_control(program)))
            return;
        server_work(&program->server, &fds[POLL_SERVER]);
    }
}

/* ---- Its life --------------------------------------------------------------------------------------------------- */

static bool parse_number(const char *text, long max, int *number)
{
    char *end;
    long value = strtol(text, &end, 10);

    *number = (int)value;
    return end != text && !*end && value >= 0 && value <= max;
}

static bool open_all(struct program *program, int domid, int socket, bool wants_password)
{
    char *name;
    bool done;

    program->period_ms = PERIOD_MIN_MS;
    program->xen = xen_open((uint32_t)domid);
    if (!program->xen)
        return false;
    name = xen_domain_name(program->xen);
    input_open(&program->input, program->xen);
    done = screen_open(&program->screen, program->xen, &program->server.listener) &&
           server_open(&program->server, &program->screen, &program->input, socket, name, wants_password);
    free(name);
    if (!done)
        message("out of memory");
    return done;
}

int main(int argc, char *argv[])
{
    static struct program program;
    int domid, socket;

    if (argc < 4 || argc > 5 || !parse_number(argv[1], 0x7fef, &domid) || !parse_number(argv[2], 1 << 20, &socket) ||
        !parse_number(argv[3], 1 << 20, &program.control) || (argc == 5 && strcmp(argv[4], "password")))
        return usage();
    signal(SIGPIPE, SIG_IGN);
    if (fcntl(socket, F_SETFL, O_NONBLOCK) || !open_all(&program, domid, socket, argc == 5))
        return 1;
    serve(&program);
    server_close(&program.server);
    input_close(&program.input);
    screen_close(&program.screen);
    xen_close(program.xen);
    return 0;
}
