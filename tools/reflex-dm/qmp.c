/* SPDX-License-Identifier: LGPL-3.0-or-later */
#define _GNU_SOURCE
#include "qmp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tools/common/message.h"

/* --- sockets -------------------------------------------------------------------------------------------- */

static int bind_path(const struct args_socket *socket_args)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd;

    if (socket_args->path_length >= sizeof(address.sun_path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(address.sun_path, socket_args->path, socket_args->path_length);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    unlink(address.sun_path);       /* what a device model that was killed left behind */
    umask(077);
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, QMP_MAX_CLIENTS)) {
        close(fd);
        return -1;
    }
    return fd;
}

bool qmp_open(struct qmp *qmp, struct domain *domain, const struct args *args)
{
    *qmp = (struct qmp){ .domain = domain };

    for (unsigned int i = 0; i < QMP_MAX_CLIENTS; i++)
        qmp->clients[i].fd = -1;
    for (unsigned int i = 0; i < args->nr_sockets; i++) {
        const struct args_socket *socket_args = &args->sockets[i];
        int fd = socket_args->path ? bind_path(socket_args) : socket_args->fd;

        if (fd < 0) {
            message("cannot listen on %.*s: %s", (int)socket_args->path_length, socket_args->path, strerror(errno));
            return false;
        }
        qmp->listeners[qmp->nr_listeners++] = fd;
    }
    return true;
}

static void client_close(struct qmp_client *client)
{
    close(client->fd);
    session_close(&client->session);
    client->fd = -1;
}

/* Sends `answer` and forgets it.  Answers are small: a client whose socket has no room for one reads none of
 * them, and is dropped. */
static bool client_send(struct qmp_client *client, json_t *answer)
{
    char *text = answer ? json_dumps(answer, JSON_COMPACT) : NULL;
    bool sent = false;

    if (text) {
        struct iovec parts[] = { { text, strlen(text) }, { "\r\n", 2 } };
        struct msghdr header = { .msg_iov = parts, .msg_iovlen = 2 };
        ssize_t length = parts[0].iov_len + parts[1].iov_len;

        sent = sendmsg(client->fd, &header, MSG_NOSIGNAL | MSG_DONTWAIT) == length;
    }
    free(text);
    json_decref(answer);
    return sent;
}

static struct qmp_client *free_client(struct qmp *qmp)
{
    for (struct qmp_client *client = qmp->clients; client < qmp->clients + QMP_MAX_CLIENTS; client++)
        if (client->fd < 0)
            return client;
    return NULL;
}

static void accept_client(struct qmp *qmp, int listener)
{
    struct qmp_client *client = free_client(qmp);

    if (!client)
        return;
    client->fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (client->fd < 0)
        return;
    client->used = 0;
    session_init(&client->session);
    if (!client_send(client, commands_greeting()))
        client_close(client);
}

/* --- requests ------------------------------------------------------------------------------------------- */

/* Bytes of the JSON object that `text` begins with; 0 while its end is not there.  Only brackets and strings
 * matter here: the parser judges the rest. */
static unsigned int object_length(const char *text, unsigned int length)
{
    unsigned int depth = 0;
    bool string = false;

    for (unsigned int i = 0; i < length; i++) {
        switch (text[i]) {
        case '"':
            string = !string;
            break;
        case '\\':
            i += string;
            break;
        case '{':
        case '[':
            depth += !string;
            break;
        case '}':
        case ']':
            if (!string && --depth == 0)
                return i + 1;
        }
    }
    return 0;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool refuse(struct qmp_client *client, const char *why)
{
    client_send(client, commands_error("GenericError", NULL, "%s", why));
    return false;
}

static bool answer_request(struct qmp *qmp, struct qmp_client *client, const char *text, unsigned int length)
{
    json_error_t error;
    json_t *request = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
    bool sent;

    if (!request)
        return refuse(client, "Invalid JSON syntax");
    sent = client_send(client, commands_answer(qmp->domain, &client->session, request));
    json_decref(request);
    return sent;
}

/* Answers every whole request in the input.  False: the client is beyond hope. */
static bool answer_input(struct qmp *qmp, struct qmp_client *client)
{
    unsigned int start = 0, length;

    for (;;) {
        while (start < client->used && is_space(client->input[start]))
            start++;
        if (start < client->used && client->input[start] != '{')
            return refuse(client, "QMP input must be a JSON object");
        length = object_length(client->input + start, client->used - start);
        if (length == 0)
            break;
        if (!answer_request(qmp, client, client->input + start, length))
            return false;
        start += length;
    }
    client->used -= start;
    memmove(client->input, client->input + start, client->used);
    return client->used < QMP_MAX_REQUEST || refuse(client, "QMP input is too long");
}

/* A message brings one descriptor at most; it waits for add-fd. */
static void keep_passed_fd(struct qmp_client *client, struct msghdr *header)
{
    for (struct cmsghdr *control = CMSG_FIRSTHDR(header); control; control = CMSG_NXTHDR(header, control)) {
        int fd;

        if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS)
            continue;
        memcpy(&fd, CMSG_DATA(control), sizeof(fd));
        if (client->session.passed_fd >= 0)
            close(client->session.passed_fd);
        client->session.passed_fd = fd;
    }
}

static void serve_client(struct qmp *qmp, struct qmp_client *client)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec room = { client->input + client->used, QMP_MAX_REQUEST - client->used };
    struct msghdr header = {
        .msg_iov = &room, .msg_iovlen = 1,
        /* CMSG_SPACE has room for two descriptors; what does not fit in CMSG_LEN the kernel closes. */
        .msg_control = &control, .msg_controllen = CMSG_LEN(sizeof(int)),
    };
    ssize_t length = recvmsg(client->fd, &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);

    if (length < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (length > 0) {
        keep_passed_fd(client, &header);
        client->used += length;
    }
    if (length <= 0 || !answer_input(qmp, client))
        client_close(client);
}

/* --- poll ----------------------------------------------------------------------------------------------- */

void qmp_fill_poll(const struct qmp *qmp, struct pollfd fds[QMP_MAX_FDS])
{
    bool full = true;

    for (unsigned int i = 0; i < QMP_MAX_CLIENTS; i++) {
        fds[ARGS_MAX_SOCKETS + i] = (struct pollfd){ .fd = qmp->clients[i].fd, .events = POLLIN };
        full = full && qmp->clients[i].fd >= 0;
    }
    for (unsigned int i = 0; i < ARGS_MAX_SOCKETS; i++)
        fds[i] = (struct pollfd){ .fd = i < qmp->nr_listeners && !full ? qmp->listeners[i] : -1, .events = POLLIN };
}

void qmp_handle_poll(struct qmp *qmp, const struct pollfd fds[QMP_MAX_FDS])
{
    for (unsigned int i = 0; i < QMP_MAX_CLIENTS; i++)
        if (fds[ARGS_MAX_SOCKETS + i].revents)
            serve_client(qmp, &qmp->clients[i]);
    for (unsigned int i = 0; i < ARGS_MAX_SOCKETS; i++)
        if (fds[i].revents)
            accept_client(qmp, fds[i].fd);
}
