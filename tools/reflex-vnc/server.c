/* SPDX-License-Identifier: LGPL-3.0-or-later */
#define _GNU_SOURCE
#include "server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <rfb/rfbregion.h>

#include "tools/common/message.h"

static struct server *server_of(rfbClientPtr viewer)
{
    return viewer->screen->screenData;
}

/* ---- Viewers come and go ---------------------------------------------------------------------------------------- */

static void gone(rfbClientPtr viewer)
{
    struct server *server = server_of(viewer);

    input_let_go(server->input, viewer->clientData);
    free(viewer->clientData);
    viewer->clientData = NULL;
    server->viewers--;
}

/* clientGoneHook is called for whoever has got as far as here. */
static enum rfbNewClientAction come(rfbClientPtr viewer)
{
    viewer->clientData = calloc(1, sizeof(struct hands));
    if (!viewer->clientData)
        return RFB_CLIENT_REFUSE;
    viewer->clientGoneHook = gone;
    server_of(viewer)->viewers++;
    return RFB_CLIENT_ACCEPT;
}

/* The place of whoever has said too little for the longest time goes to somebody new: no clock has to tell how long a
 * person may look for a password.  The list has the newest first. */
static void make_room(struct server *server)
{
    rfbClientPtr silent = NULL;

    for (rfbClientPtr viewer = server->rfb->clientHead; viewer; viewer = viewer->next)
        if (viewer->state != RFB_NORMAL)
            silent = viewer;
    if (!silent)
        return;
    rfbCloseClient(silent);
    rfbClientConnectionGone(silent);
}

static void accept_viewer(struct server *server)
{
    int fd = accept4(server->socket, NULL, NULL, SOCK_CLOEXEC);

    if (fd < 0)
        return;
    if (server->viewers == SERVER_VIEWERS)
        make_room(server);
    if (server->viewers == SERVER_VIEWERS || fd >= FD_SETSIZE) {
        close(fd);
        return;
    }
    rfbNewClient(server->rfb, fd);
}

static rfbBool check_password(rfbClientPtr viewer, const char *response, int length)
{
    return server_of(viewer)->password[0] && rfbCheckPasswordByList(viewer, response, length);
}

static void close_scaled(struct server *server)
{
    for (rfbClientPtr viewer = server->rfb->clientHead; viewer; viewer = viewer->next)
        if (viewer->scaledScreen != server->rfb && viewer->sock >= 0)
            rfbCloseClient(viewer);
}

/* ---- What viewers do -------------------------------------------------------------------------------------------- */

static void on_key(rfbBool down, rfbKeySym keysym, rfbClientPtr viewer)
{
    struct server *server = server_of(viewer);

    server->has_typed = true;
    input_keysym(server->input, viewer->clientData, keysym, down);
}

static void on_pointer(int buttons, int x, int y, rfbClientPtr viewer)
{
    struct server *server = server_of(viewer);

    server->has_typed = true;
    input_pointer(server->input, viewer->clientData, x, y, (unsigned int)buttons);
}

/* ---- What the screen does --------------------------------------------------------------------------------------- */

static struct server *listening(struct screen_listener *listener)
{
    return (struct server *)((char *)listener - offsetof(struct server, listener));
}

static void resized(struct screen_listener *listener)
{
    struct server *server = listening(listener);

    close_scaled(server);
    rfbNewFramebuffer(server->rfb, (char *)server->screen->pixels, (int)server->screen->width,
                      (int)server->screen->height, 8, 3, 4);
}

static void changed(struct screen_listener *listener, const struct area *area)
{
    rfbMarkRectAsModified(listening(listener)->rfb, (int)area->x, (int)area->y, (int)(area->x + area->width),
                          (int)(area->y + area->height));
}

/* ---- Work ------------------------------------------------------------------------------------------------------- */

void server_fill_poll(const struct server *server, struct pollfd fds[SERVER_FDS])
{
    unsigned int i = 0;

    fds[i++] = (struct pollfd){ .fd = server->socket, .events = POLLIN };
    for (rfbClientPtr viewer = server->rfb->clientHead; viewer && i < SERVER_FDS; viewer = viewer->next)
        fds[i++] = (struct pollfd){ .fd = viewer->sock, .events = POLLIN };
    for (; i < SERVER_FDS; i++)
        fds[i] = (struct pollfd){ .fd = -1 };
}

static bool has_news(const struct server *server)
{
    for (rfbClientPtr viewer = server->rfb->clientHead; viewer; viewer = viewer->next)
        if (viewer->sock < 0 || (FB_UPDATE_PENDING(viewer) && !sraRgnEmpty(viewer->requestedRegion)))
            return true;
    return false;
}

void server_work(struct server *server, const struct pollfd fds[SERVER_FDS])
{
    bool input = false;

    if (fds[0].revents)
        accept_viewer(server);
    for (unsigned int i = 1; i < SERVER_FDS; i++)
        input |= fds[i].revents;
    if (!input && !has_news(server))
        return;
    rfbProcessEvents(server->rfb, 0);
    close_scaled(server);
}

static bool sees(const struct _rfbClientRec *viewer)
{
    return viewer->sock >= 0 && viewer->state == RFB_NORMAL;
}

bool server_is_seen(const struct server *server)
{
    for (rfbClientPtr viewer = server->rfb->clientHead; viewer; viewer = viewer->next)
        if (sees(viewer))
            return true;
    return false;
}

bool server_is_awaited(const struct server *server)
{
    for (rfbClientPtr viewer = server->rfb->clientHead; viewer; viewer = viewer->next)
        if (sees(viewer) && !sraRgnEmpty(viewer->requestedRegion))
            return true;
    return false;
}

/* ---- Its life --------------------------------------------------------------------------------------------------- */

static void say_nothing(const char *format, ...)
{
    (void)format;
}

void server_set_password(struct server *server, const char *password)
{
    snprintf(server->password, sizeof(server->password), "%s", password);
}

static void set_up(struct server *server, rfbScreenInfo *rfb)
{
    rfb->screenData = server;
    rfb->frameBuffer = (char *)server->screen->pixels;
    rfb->desktopName = server->name;
    rfb->port = rfb->ipv6port = 0;          /* the socket is ours */
    rfb->autoPort = FALSE;
    rfb->alwaysShared = TRUE;
    rfb->cursor = NULL;                     /* the guest draws one */
    rfb->deferUpdateTime = 0;
    rfb->maxClientWait = SERVER_PATIENCE_MS;
    rfb->newClientHook = come;
    rfb->kbdAddEvent = on_key;
    rfb->ptrAddEvent = on_pointer;
    if (server->wants_password) {
        server->passwords[0] = server->password;
        rfb->authPasswdData = server->passwords;
        rfb->passwordCheck = check_password;
    }
}

bool server_open(struct server *server, struct screen *screen, struct input *input, int socket, const char *name,
                 bool wants_password)
{
    int no_arguments = 0;

    *server = (struct server){ .screen = screen, .input = input, .socket = socket, .wants_password = wants_password };
    server->listener = (struct screen_listener){ .resized = resized, .changed = changed };
    snprintf(server->name, sizeof(server->name), "%s", name ? name : "domain");
    rfbLog = rfbErr = say_nothing;
    server->rfb = rfbGetScreen(&no_arguments, NULL, (int)screen->width, (int)screen->height, 8, 3, 4);
    if (!server->rfb)
        return false;
    set_up(server, server->rfb);
    rfbInitServer(server->rfb);
    return true;
}

void server_close(struct server *server)
{
    rfbShutdownServer(server->rfb, TRUE);
    rfbScreenCleanup(server->rfb);
}
