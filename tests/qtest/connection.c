/* SPDX-License-Identifier: LGPL-3.0-or-later */
#define _GNU_SOURCE
#include "connection.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "message.h"

#define ROOM_FIRST 4096u

void connection_open(struct connection *connection, const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    *connection = (struct connection){ .fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) };
    if (strlen(path) >= sizeof(address.sun_path))
        fail("%s is too long for a socket's path", path);
    strcpy(address.sun_path, path);
    if (connection->fd < 0 || connect(connection->fd, (struct sockaddr *)&address, sizeof(address)))
        fail("cannot connect to %s: %s", path, strerror(errno));
}

void connection_close(struct connection *connection)
{
    close(connection->fd);
    free(connection->input);
    *connection = (struct connection){ .fd = -1 };
}

/* At least as much again as there is, so that a long line costs no more than a short one for each byte. */
static void make_room(struct connection *connection)
{
    size_t room = connection->room ? 2 * connection->room : ROOM_FIRST;
    char *input;

    if (connection->room - connection->length >= ROOM_FIRST / 2)
        return;
    input = realloc(connection->input, room);
    if (!input)
        fail("out of memory for a line of %zu bytes", connection->length);
    connection->input = input;
    connection->room = room;
}

bool connection_receive(struct connection *connection)
{
    ssize_t received;

    make_room(connection);
    do
        received = recv(connection->fd, connection->input + connection->length, connection->room - connection->length,
                        0);
    while (received < 0 && errno == EINTR);
    if (received <= 0)
        return false;
    connection->length += (size_t)received;
    return true;
}

void connection_take(struct connection *connection, size_t length)
{
    connection->length -= length;
    memmove(connection->input, connection->input + length, connection->length);
}

void connection_send(struct connection *connection, const char *text, size_t length)
{
    while (length) {
        ssize_t sent = send(connection->fd, text, length, MSG_NOSIGNAL);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return;
        text += sent;
        length -= (size_t)sent;
    }
}
