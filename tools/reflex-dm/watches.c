/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "watches.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* xenstored's socket, or where it runs in a domain of its own, the kernel's way to it. */
bool watches_open(struct watches *watches, const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    *watches = (struct watches){ .fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) };
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    if (watches->fd < 0 || connect(watches->fd, (struct sockaddr *)&address, sizeof(address))) {
        watches_close(watches);
        watches->fd = open("/dev/xen/xenbus", O_RDWR | O_CLOEXEC);
    }
    return watches->fd >= 0 && fcntl(watches->fd, F_SETFL, O_NONBLOCK) == 0;
}

void watches_close(struct watches *watches)
{
    if (watches->fd >= 0)
        close(watches->fd);
    watches->fd = -1;
}

/* xenstored's "OK" comes between the events, and is passed over there.  An event brings back the token: the path's
 * number and its length. */
bool watches_add(struct watches *watches, const char *path, unsigned int number)
{
    struct {
        struct xsd_sockmsg head;
        char body[256];
    } request = { .head.type = XS_WATCH };
    int length = snprintf(request.body, sizeof(request.body), "%s%c%u%zu", path, '\0', number, strlen(path)) + 1;

    if (length > (int)sizeof(request.body))
        return errno = ENAMETOOLONG, false;
    request.head.len = (uint32_t)length;
    return write(watches->fd, &request, sizeof(request.head) + request.head.len) ==
           (ssize_t)(sizeof(request.head) + request.head.len);
}

/* True: the message is there up to `length`. */
static bool receive(struct watches *watches, uint32_t length)
{
    while (watches->length < length) {
        ssize_t part = read(watches->fd, (char *)&watches->message + watches->length, length - watches->length);

        if (part < 0 && errno == EINTR)
            continue;
        if (part == 0)
            errno = EPIPE;
        if (part <= 0)
            return false;
        watches->length += (uint32_t)part;
    }
    return true;
}

/* An event's body is the path and the token, each with its NUL. */
static int number_in(struct watches *watches)
{
    const char *path = watches->message.body, *end = path + watches->message.head.len;
    const char *token = memchr(path, '\0', watches->message.head.len);
    size_t watched;

    if (!token || ++token == end || end[-1])
        return -1;
    watched = strtoul(token + 1, NULL, 10);
    watches->below = watched < strlen(path) ? path + watched : "";
    return *token - '0';
}

int watches_next(struct watches *watches)
{
    const uint32_t head = sizeof(watches->message.head);
    int number = -1;

    while (number < 0) {
        if (!receive(watches, head))
            return -1;
        if (watches->message.head.len > sizeof(watches->message.body))
            return errno = EPROTO, -1;
        if (!receive(watches, head + watches->message.head.len))
            return -1;
        watches->length = 0;
        if (watches->message.head.type == XS_WATCH_EVENT)
            number = number_in(watches);
    }
    return number;
}
