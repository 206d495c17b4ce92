/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The QMP server: sockets, several clients, and one JSON object after the other. */
#ifndef REFLEX_DM_QMP_H
#define REFLEX_DM_QMP_H

#include <poll.h>
#include <stdbool.h>

#include "args.h"
#include "commands.h"

#define QMP_MAX_CLIENTS 8       /* more wait in the listen queue */
#define QMP_MAX_REQUEST 4096    /* bytes; libxl's longest is about 100 */
#define QMP_MAX_FDS     (ARGS_MAX_SOCKETS + QMP_MAX_CLIENTS)

struct qmp_client {
    int fd;                     /* -1: free */
    struct session session;
    unsigned int used;
    char input[QMP_MAX_REQUEST];
};

struct qmp {
    struct domain *domain;
    int listeners[ARGS_MAX_SOCKETS];
    unsigned int nr_listeners;
    struct qmp_client clients[QMP_MAX_CLIENTS];
};

/* Listens on every socket of `args`.  False, after a message, when one cannot be had. */
bool qmp_open(struct qmp *qmp, struct domain *domain, const struct args *args);

/* What to poll for: fills QMP_MAX_FDS entries; and what to do about the outcome. */
void qmp_fill_poll(const struct qmp *qmp, struct pollfd fds[QMP_MAX_FDS]);
void qmp_handle_poll(struct qmp *qmp, const struct pollfd fds[QMP_MAX_FDS]);

#endif
