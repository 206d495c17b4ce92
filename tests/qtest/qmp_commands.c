/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "qmp_commands.h"

#include <stdarg.h>
#include <string.h>

#include "qom_types.h"

/* What the protocol and the command line follow. */
#define VERSION_MAJOR 7
#define VERSION_MINOR 2

#define PROCESSORS_MAX 128

json_t *qmp_error(const char *class, const char *format, ...)
{
    va_list args;
    json_t *text;

    va_start(args, format);
    text = json_vsprintf(format, args);
    va_end(args);
    return json_pack("{ssso}", "class", class, "desc", text);
}

json_t *qmp_version(void)
{
    return json_pack("{s{sisisi}ss}", "qemu", "major", VERSION_MAJOR, "minor", VERSION_MINOR, "micro", 0,
                     "package", "reflex-qtest");
}

struct call {
    struct machine *machine;
    json_t *arguments;
    enum qmp_effect *effect;
    json_t **error;
};

static json_t *query_version(struct call *call)
{
    (void)call;
    return qmp_version();
}

/* Nothing runs here, but to a client a machine that was not started with -S does. */
static json_t *query_status(struct call *call)
{
    bool running = !call->machine->options->stopped;

    return json_pack("{sbsbss}", "running", running, "singlestep", 0, "status", running ? "running" : "prelaunch");
}

static json_t *query_machines(struct call *call)
{
    (void)call;
    return json_pack("[{sssbsisbsbsb}{sssisbsbsb}]",
                     "name", "pc", "is-default", 1, "cpu-max", PROCESSORS_MAX, "hotpluggable-cpus", 0,
                     "numa-mem-supported", 0, "deprecated", 0,
                     "name", "none", "cpu-max", 1, "hotpluggable-cpus", 0, "numa-mem-supported", 0, "deprecated", 0);
}

static json_t *qom_list_types(struct call *call)
{
    json_t *implements = json_object_get(call->arguments, "implements");
    json_t *abstract = json_object_get(call->arguments, "abstract");

    if ((implements && !json_is_string(implements)) || (abstract && !json_is_boolean(abstract))) {
        *call->error = qmp_error("GenericError", "'implements' is a string, and 'abstract' true or false");
        return NULL;
    }
    return qom_types(json_string_value(implements), json_is_true(abstract));
}

static json_t *system_reset(struct call *call)
{
    *call->effect = QMP_RESET;
    return json_object();
}

static json_t *quit(struct call *call)
{
    *call->effect = QMP_QUIT;
    return json_object();
}

/* arguments: the names that the command knows. */
static const struct command {
    const char *name;
    json_t *(*execute)(struct call *call);
    const char *arguments[3];
} commands[] = {
    { "query-version", query_version, { NULL } },
    { "query-status", query_status, { NULL } },
    { "query-machines", query_machines, { NULL } },
    { "qom-list-types", qom_list_types, { "implements", "abstract", NULL } },
    { "system_reset", system_reset, { NULL } },
    { "quit", quit, { NULL } },
};

static const struct command *find_command(const char *name)
{
    for (unsigned int i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (!strcmp(commands[i].name, name))
            return &commands[i];
    return NULL;
}

/* The first argument that the command does not know; NULL: there is none. */
static const char *stranger(const struct command *command, json_t *arguments)
{
    const char *key;
    json_t *value;

    json_object_foreach(arguments, key, value) {
        bool known = false;

        for (const char *const *name = command->arguments; *name; name++)
            known |= !strcmp(*name, key);
        if (!known)
            return key;
    }
    return NULL;
}

json_t *qmp_command(struct machine *machine, const char *name, json_t *arguments, enum qmp_effect *effect,
                    json_t **error)
{
    struct call call = { machine, arguments, effect, error };
    const struct command *command = find_command(name);
    const char *unknown;

    if (!command) {
        *error = qmp_error("CommandNotFound", "The command %s is not known here", name);
        return NULL;
    }
    unknown = stranger(command, arguments);
    if (unknown) {
        *error = qmp_error("GenericError", "The command %s has no argument '%s'", name, unknown);
        return NULL;
    }
    return command->execute(&call);
}
