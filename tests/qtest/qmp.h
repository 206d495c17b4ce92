/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * One connection of QEMU's machine protocol (docs/interop/qmp-spec in QEMU): a greeting, the negotiation of no
 * capabilities, then requests and answers in JSON, and events between them.
 */
#ifndef REFLEX_QTEST_QMP_H
#define REFLEX_QTEST_QMP_H

#include <jansson.h>
#include <stdbool.h>

#include "connection.h"
#include "json_stream.h"
#include "machine.h"
#include "qmp_commands.h"

struct qmp {
    struct connection connection;
    struct json_stream stream;
    struct machine *machine;
    bool negotiated;
};

/* Connects, or ends the program, and greets. */
void qmp_open(struct qmp *qmp, struct machine *machine, const char *path);
/* Answers the first request of the connection's input.  False: there is no whole one.  *effect is what the request
 * asks of the program now that it has been answered. */
bool qmp_step(struct qmp *qmp, enum qmp_effect *effect);
/* Tells the client of an event, once it has negotiated.  data: an object, which stays the caller's. */
void qmp_event(struct qmp *qmp, const char *name, json_t *data);

#endif
