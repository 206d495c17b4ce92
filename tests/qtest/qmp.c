/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "qmp.h"

#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "message.h"

/* Sends an object, and forgets it. */
static void send_object(struct qmp *qmp, json_t *object)
{
    char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;

    if (!text)
        fail("out of memory for an answer");
    connection_send(&qmp->connection, text, strlen(text));
    connection_send(&qmp->connection, "\r\n", 2);
    free(text);
    json_decref(object);
}

void qmp_event(struct qmp *qmp, const char *name, json_t *data)
{
    struct timeval now;

    if (qmp->connection.fd < 0 || !qmp->negotiated)
        return;
    gettimeofday(&now, NULL);
    send_object(qmp, json_pack("{s{sIsI}sssO}", "timestamp", "seconds", (json_int_t)now.tv_sec,
                               "microseconds", (json_int_t)now.tv_usec, "event", name, "data", data));
}

/* ---- Requests ----------------------------------------------------------------------------------------------- */

/* Why this is no request; NULL: it is one. */
static const char *mistake(json_t *request)
{
    const char *key;
    json_t *value;

    if (!request)
        return "this is not JSON";
    if (!json_is_object(request))
        return "a request is a JSON object";
    json_object_foreach(request, key, value) {
        if (!strcmp(key, "execute") && !json_is_string(value))
            return "'execute' is a string";
        if (!strcmp(key, "arguments") && !json_is_object(value))
            return "'arguments' is an object";
        if (strcmp(key, "execute") && strcmp(key, "arguments") && strcmp(key, "id"))
            return "a request has no members but 'execute', 'arguments' and 'id'";
    }
    return json_object_get(request, "execute") ? NULL : "a request has a member 'execute'";
}

/* qmp_capabilities, with nothing to enable.  NULL: not so, and *error says why. */
static json_t *negotiate(struct qmp *qmp, json_t *arguments, json_t **error)
{
    json_t *enable = json_object_get(arguments, "enable");

    if (json_object_size(arguments) != (enable ? 1 : 0) || (enable && !json_is_array(enable)))
        *error = qmp_error("GenericError", "qmp_capabilities has one argument, the list 'enable'");
    else if (json_array_size(enable))
        *error = qmp_error("GenericError", "there are no capabilities to enable");
    else
        qmp->negotiated = true;
    return qmp->negotiated ? json_object() : NULL;
}

static json_t *execute(struct qmp *qmp, json_t *request, enum qmp_effect *effect, json_t **error)
{
    const char *name = json_string_value(json_object_get(request, "execute"));
    json_t *arguments = json_object_get(request, "arguments");
    bool negotiation = !strcmp(name, "qmp_capabilities");

    if (negotiation && !qmp->negotiated)
        return negotiate(qmp, arguments, error);
    if (!negotiation && qmp->negotiated)
        return qmp_command(qmp->machine, name, arguments, effect, error);
    *error = qmp_error("CommandNotFound", negotiation ? "qmp_capabilities has been here before" :
                                                        "qmp_capabilities comes first");
    return NULL;
}

static void answer(struct qmp *qmp, json_t *request, enum qmp_effect *effect)
{
    const char *wrong = mistake(request);
    json_t *error = NULL, *result = NULL, *reply, *id;

    if (wrong)
        error = qmp_error("GenericError", "%s", wrong);
    else
        result = execute(qmp, request, effect, &error);
    reply = result ? json_pack("{so}", "return", result) : json_pack("{so}", "error", error);
    id = json_is_object(request) ? json_object_get(request, "id") : NULL;
    if (id)
        json_object_set(reply, "id", id);
    send_object(qmp, reply);
}

bool qmp_step(struct qmp *qmp, enum qmp_effect *effect)
{
    struct connection *connection = &qmp->connection;
    json_t *request = NULL;
    size_t begin, end;

    *effect = QMP_NOTHING;
    switch (json_stream_next(&qmp->stream, connection->input, connection->length, &begin, &end)) {
    case JSON_STREAM_MORE:
        return false;
    case JSON_STREAM_VALUE:
        request = json_loadb(connection->input + begin, end - begin, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
        break;
    case JSON_STREAM_ERROR:
        break;
    }
    connection_take(connection, end);
    answer(qmp, request, effect);
    json_decref(request);
    return true;
}

void qmp_open(struct qmp *qmp, struct machine *machine, const char *path)
{
    *qmp = (struct qmp){ .machine = machine };
    connection_open(&qmp->connection, path);
    send_object(qmp, json_pack("{s{sos[]}}", "QMP", "version", qmp_version(), "capabilities"));
}
