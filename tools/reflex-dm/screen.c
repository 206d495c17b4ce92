/* SPDX-License-Identifier: LGPL-3.0-or-later */
#define _GNU_SOURCE
#include "screen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/close_range.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tools/common/message.h"

#define FIRST_PORT 5900u

/* A server that dies so many times, each time after so few seconds, would do it again. */
#define DEATHS_MAX 5u
#define SHORT_LIFE 10

/* ---- Where viewers come ----------------------------------------------------------------------------------------- */

union place {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* host: an address in numbers; empty: all of this machine's.  False: it is none. */
static bool parse_host(const char *host, uint16_t port, union place *place)
{
    *place = (union place){ .v4 = { .sin_family = AF_INET, .sin_port = htons(port) } };
    if (!*host || inet_pton(AF_INET, host, &place->v4.sin_addr) == 1)
        return true;
    *place = (union place){ .v6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) } };
    return inet_pton(AF_INET6, host, &place->v6.sin6_addr) == 1;
}

/* -1: it is taken, or cannot be had. */
static int listen_at(const char *host, unsigned int port)
{
    union place place;
    int fd, on = 1;

    if (!parse_host(host, (uint16_t)port, &place))
        return errno = EADDRNOTAVAIL, -1;
    fd = socket(place.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, &place.any, sizeof(place)) == 0 && listen(fd, 16) == 0)
        return fd;
    close(fd);
    return -1;
}

static bool open_port(struct screen *screen)
{
    const struct args_vnc *vnc = &screen->vnc;
    unsigned int display = vnc->display;

    snprintf(screen->host, sizeof(screen->host), "%.*s", (int)vnc->address_length, vnc->address);
    if (strcmp(screen->host, "localhost") == 0)
        snprintf(screen->host, sizeof(screen->host), "127.0.0.1");
    do
        screen->socket = listen_at(screen->host, FIRST_PORT + display);
    while (screen->socket < 0 && errno == EADDRINUSE && display++ < vnc->last);
    snprintf(screen->service, sizeof(screen->service), "%u", FIRST_PORT + display);
    if (screen->socket < 0)
        message("viewers cannot come to %s, display %u (to %u): %s", screen->host, vnc->display, vnc->last,
                strerror(errno));
    return screen->socket >= 0;
}

/* ---- The server ------------------------------------------------------------------------------------------------- */

static long now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

/* It lies where this program does. */
static const char *server_path(char path[static PATH_MAX])
{
    ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - sizeof("/reflex-vnc"));

    path[length > 0 ? length : 0] = '\0';
    return strcat(dirname(path), "/reflex-vnc");
}

/* In the child: nothing of ours goes with it but the two descriptors. */
static void __attribute__((noreturn)) become_server(const struct screen *screen, int control)
{
    char path[PATH_MAX], domid[12], socket[12], controls[12];
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    syscall(SYS_close_range, 3, UINT_MAX, CLOSE_RANGE_CLOEXEC);
    fcntl(screen->socket, F_SETFD, 0);
    fcntl(control, F_SETFD, 0);
    snprintf(domid, sizeof(domid), "%u", screen->domid);
    snprintf(socket, sizeof(socket), "%d", screen->socket);
    snprintf(controls, sizeof(controls), "%d", control);
    execl(server_path(path), "reflex-vnc", domid, socket, controls, screen->vnc.password ? "password" : NULL, NULL);
    message("cannot start %s: %s", path, strerror(errno));
    _exit(127);
}

static void tell_password(const struct screen *screen)
{
    if (screen->password[0] && screen->control >= 0)
        send(screen->control, screen->password, strlen(screen->password), MSG_NOSIGNAL | MSG_DONTWAIT);
}

static bool start_server(struct screen *screen)
{
    int controls[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, controls))
        return false;
    screen->server = fork();
    if (screen->server == 0)
        become_server(screen, controls[1]);
    close(controls[1]);
    if (screen->server < 0) {
        close(controls[0]);
        screen->server = 0;
        return false;
    }
    screen->control = controls[0];
    screen->started_s = now_s();
    tell_password(screen);
    return true;
}

static void start_another(struct screen *screen, int status)
{
    screen->deaths = now_s() - screen->started_s < SHORT_LIFE ? screen->deaths + 1 : 1;
    if (screen->deaths > DEATHS_MAX)
        message("reflex-vnc ended %u times in a row (status 0x%x); there is no screen any more", screen->deaths,
                status);
    else if (!start_server(screen))
        message("reflex-vnc ended (status 0x%x), and cannot be started again: %s", status, strerror(errno));
    else
        message("reflex-vnc ended (status 0x%x), and was started again", status);
}

/* It ends by itself, with 0, when the domain is gone. */
void screen_reap(struct screen *screen)
{
    int status;
    pid_t child;

    while ((child = waitpid(-1, &status, WNOHANG)) > 0) {
        if (child != screen->server)
            continue;
        screen->server = 0;
        close(screen->control);
        screen->control = -1;
        if (status)
            start_another(screen, status);
    }
}

bool screen_set_password(struct screen *screen, const char *password)
{
    if (!screen->vnc.password || !*password)
        return false;
    snprintf(screen->password, sizeof(screen->password), "%s", password);
    tell_password(screen);
    return true;
}

bool screen_open(struct screen *screen, struct xen *xen, const struct args *args)
{
    *screen = (struct screen){ .vnc = args->vnc, .domid = args->domid, .socket = -1, .control = -1 };
    if (!screen->vnc.wanted)
        return true;
    if (!open_port(screen))
        return false;
    if (xen_add_screen(xen) && start_server(screen))
        return true;
    message("the screen cannot be had: %s", strerror(errno));
    return false;
}
