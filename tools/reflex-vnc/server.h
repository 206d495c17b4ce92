/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The viewers: libvncserver, given the private copy of the picture (screen.h) and asked for keys and pointers.
 *
 * When all places are taken, a newcomer gets the place of one that does not see the screen yet, or none.  A viewer that
 * does not read for SERVER_PATIENCE_MS is dropped; until then the others wait for it.  One that asks for
 * a picture of another scale is not served: the library's scaled copies do not survive a change of the size.
 */
#ifndef REFLEX_VNC_SERVER_H
#define REFLEX_VNC_SERVER_H

#include <stdbool.h>
#include <poll.h>

#include <rfb/rfb.h>

#include "input.h"
#include "screen.h"

#define SERVER_VIEWERS     16u
#define SERVER_FDS         (SERVER_VIEWERS + 1)
#define SERVER_PATIENCE_MS 5000
#define SERVER_PASSWORD    8                /* the protocol's longest */

struct server {
    rfbScreenInfo *rfb;
    struct screen *screen;
    struct screen_listener listener;        /* of the screen's */
    struct input *input;
    int socket;                             /* listens */
    unsigned int viewers;
    bool has_typed;                         /* somebody, since this was last reset */
    bool wants_password;
    char password[SERVER_PASSWORD + 1];     /* empty: not known yet, and nobody gets in */
    char *passwords[2];                     /* as the library wants it: a list of one */
    char name[64];
};

/* socket: a listening one, which stays the caller's.  name: of the domain, or NULL.  False: no memory. */
bool server_open(struct server *server, struct screen *screen, struct input *input, int socket, const char *name,
                 bool wants_password);
void server_close(struct server *server);
void server_set_password(struct server *server, const char *password);

/* Fills SERVER_FDS entries. */
void server_fill_poll(const struct server *server, struct pollfd fds[SERVER_FDS]);
/* What to do about the outcome, and about a picture that has changed. */
void server_work(struct server *server, const struct pollfd fds[SERVER_FDS]);

/* Somebody sees the screen; and somebody waits for news of it. */
bool server_is_seen(const struct server *server);
bool server_is_awaited(const struct server *server);

#endif
