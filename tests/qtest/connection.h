/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A stream socket whose server the test is. */
#ifndef REFLEX_QTEST_CONNECTION_H
#define REFLEX_QTEST_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>

struct connection {
    int fd;                                 /* -1: closed */
    char *input;                            /* received, and not taken yet */
    size_t length, room;
};

/* Connects, or ends the program. */
void connection_open(struct connection *connection, const char *path);
void connection_close(struct connection *connection);

/* Waits for bytes, and adds them to the input.  False: the other side has closed. */
bool connection_receive(struct connection *connection);
/* Takes the first `length` bytes out of the input. */
void connection_take(struct connection *connection, size_t length);

/* Waits until all is sent.  If the other side is gone nothing is, and the next receive says so. */
void connection_send(struct connection *connection, const char *text, size_t length);

#endif
