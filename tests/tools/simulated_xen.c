/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Xen and xenstore for tests of reflex-dm: a test steers them through the socket whose number is in SIMULATED_XEN.
 * From the test, a line each:    console TTY        xenconsoled opened TTY
 *                                release alive|dead some domain died; this one or not
 *                                (end of file)      xenstore is lost
 * To the test, a line each:      enable             HVM_PARAM_REFLECT was set
 *                                write NODE VALUE   NODE without /local/domain/<domid>/
 *                                readable NODE
 *                                running            the device model is announced
 * ENABLE_ERRNO is what enabling fails with (0: nothing); VCPUS how many there are.
 */
#include "../../tools/reflex-dm/xen.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct xen {
    int fd;
    bool dead, store_lost;
    char tty[64];
};

static void tell(struct xen *xen, const char *format, ...)
{
    char line[256];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    if (send(xen->fd, line, strlen(line), MSG_NOSIGNAL) < 0)
        exit(99);
}

struct xen *xen_open(uint32_t domid)
{
    struct xen *xen = calloc(1, sizeof(*xen));

    (void)domid;
    xen->fd = atoi(getenv("SIMULATED_XEN"));
    return xen;
}

void xen_close(struct xen *xen)
{
    free(xen);
}

int xen_enable_reflection(struct xen *xen)
{
    tell(xen, "enable\n");
    return -atoi(getenv("ENABLE_ERRNO"));
}

bool xen_domain_exists(struct xen *xen)
{
    return !xen->dead;
}

unsigned int xen_vcpus(struct xen *xen)
{
    (void)xen;
    return atoi(getenv("VCPUS"));
}

char *xen_store_read(struct xen *xen, const char *node)
{
    return strcmp(node, "console/tty") == 0 && xen->tty[0] ? strdup(xen->tty) : NULL;
}

bool xen_store_write(struct xen *xen, const char *node, const char *value)
{
    tell(xen, "write %s %s\n", node, value);
    return true;
}

bool xen_store_make_readable(struct xen *xen, const char *node)
{
    tell(xen, "readable %s\n", node);
    return true;
}

bool xen_store_announce_running(struct xen *xen)
{
    tell(xen, "running\n");
    return true;
}

int xen_event_fd(struct xen *xen)
{
    return xen->store_lost ? -1 : xen->fd;
}

/* The socket keeps the borders between messages: one is one event. */
enum xen_event xen_next_event(struct xen *xen)
{
    char line[128] = "";
    ssize_t length = recv(xen->fd, line, sizeof(line) - 1, MSG_DONTWAIT);

    xen->store_lost = length == 0;
    if (length <= 0)
        return XEN_EVENT_NONE;
    if (sscanf(line, "console %63s", xen->tty) == 1)
        return XEN_EVENT_CONSOLE;
    xen->dead = strcmp(line, "release dead\n") == 0;
    return XEN_EVENT_RELEASE;
}
