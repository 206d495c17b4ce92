/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The QMP commands that libxl and the Xen tools use, answered for a domain without QEMU. */
#ifndef REFLEX_DM_COMMANDS_H
#define REFLEX_DM_COMMANDS_H

#include <jansson.h>
#include <stdbool.h>

#include "domain.h"

/* One QMP connection as the commands see it.  Descriptors are -1 when there is none. */
struct session {
    bool negotiated;            /* qmp_capabilities was seen */
    int passed_fd;              /* came with the request (SCM_RIGHTS); add-fd takes it */
    int fdset_fd;
    unsigned int fdset_id;
};

void session_init(struct session *session);
void session_close(struct session *session);

/* What a connection begins with, and the answer to one request: JSON objects, to be freed.  NULL: no memory. */
json_t *commands_greeting(void);
json_t *commands_answer(struct domain *domain, struct session *session, const json_t *request);

/* An answer that says what was wrong; `id` is the request's, or NULL. */
json_t *commands_error(const char *class, json_t *id, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
