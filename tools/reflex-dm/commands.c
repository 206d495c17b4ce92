/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Names and shapes: QEMU, docs/interop/qmp-spec.txt and qapi/.  What is asked when: libxl_dm.c (create, restore),
 * libxl_domain.c (pause, unpause, vcpu-set), libxl_qmp.c (save), libxl_disk.c (cd-insert, cd-eject).
 */
#include "commands.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* libxl chooses its commands by this: the last version that it was checked with. */
#define QEMU_MAJOR 7
#define QEMU_MINOR 2
#define QEMU_MICRO 0

void session_init(struct session *session)
{
    *session = (struct session){ .passed_fd = -1, .fdset_fd = -1 };
}

void session_close(struct session *session)
{
    if (session->passed_fd >= 0)
        close(session->passed_fd);
    if (session->fdset_fd >= 0)
        close(session->fdset_fd);
    session_init(session);
}

/* A command either returns its answer or fails: NULL, and why in `error`. */
struct context {
    struct domain *domain;
    struct session *session;
    const json_t *arguments;    /* an object, or NULL */
    char error[96];
};

static json_t *fail(struct context *context, const char *why)
{
    snprintf(context->error, sizeof(context->error), "%s", why);
    return NULL;
}

static json_t *version(void)
{
    return json_pack("{s:{s:i, s:i, s:i}, s:s}", "qemu", "major", QEMU_MAJOR, "minor", QEMU_MINOR, "micro", QEMU_MICRO,
                     "package", "reflex-dm");
}

static json_t *qmp_capabilities(struct context *context)
{
    context->session->negotiated = true;
    return json_object();
}

static json_t *query_chardev(struct context *context)
{
    const char *tty = domain_update_serial(context->domain);

    if (!tty)
        return json_array();
    return json_pack("[{s:s, s:s+, s:b}]", "label", "serial0", "filename", "pty:", tty, "frontend-open", 1);
}

static json_t *query_vnc(struct context *context)
{
    const struct screen *screen = &context->domain->screen;

    if (!screen->vnc.wanted)
        return json_pack("{s:b}", "enabled", 0);
    return json_pack("{s:b, s:s, s:s, s:s, s:s, s:[]}", "enabled", 1, "host", screen->host, "service", screen->service,
                     "auth", screen->vnc.password ? "vnc" : "none", "family",
                     strchr(screen->host, ':') ? "ipv6" : "ipv4", "clients");
}

static json_t *change_vnc_password(struct context *context)
{
    const char *password = json_string_value(json_object_get(context->arguments, "password"));

    if (!password)
        return fail(context, "Parameter 'password' is missing");
    if (!screen_set_password(&context->domain->screen, password))
        return fail(context, "Could not set password");
    return json_object();
}

static json_t *query_status(struct context *context)
{
    static const char *const names[] = {
        [STATE_PRELAUNCH] = "prelaunch", [STATE_PAUSED] = "paused", [STATE_RUNNING] = "running",
    };
    enum run_state state = context->domain->state;

    return json_pack("{s:s, s:b, s:b}", "status", names[state], "singlestep", 0, "running", state == STATE_RUNNING);
}

static json_t *cont(struct context *context)
{
    context->domain->state = STATE_RUNNING;
    return json_object();
}

static json_t *stop(struct context *context)
{
    context->domain->state = STATE_PAUSED;
    return json_object();
}

/* libxl saves the domain with the vCPUs listed here, so all of them are. */
static json_t *query_cpus_fast(struct context *context)
{
    unsigned int vcpus = xen_vcpus(context->domain->xen);
    json_t *list = json_array();

    for (unsigned int i = 0; i < vcpus; i++)
        json_array_append_new(list, json_pack("{s:i, s:s}", "cpu-index", i, "target", "x86_64"));
    return list;
}

/* Xen itself notes every page that the firmware writes. */
static json_t *xen_set_global_dirty_log(struct context *context)
{
    (void)context;
    return json_object();
}

static json_t *add_fd(struct context *context)
{
    struct session *session = context->session;

    if (session->passed_fd < 0)
        return fail(context, "No file descriptor supplied via SCM_RIGHTS");
    if (session->fdset_fd >= 0)
        close(session->fdset_fd);
    session->fdset_fd = session->passed_fd;
    session->passed_fd = -1;
    session->fdset_id++;
    return json_pack("{s:i, s:i}", "fdset-id", session->fdset_id, "fd", session->fdset_fd);
}

/* The descriptor that `filename` names; -1, and why. */
static int named_fd(struct context *context)
{
    struct session *session = context->session;
    const char *filename = json_string_value(json_object_get(context->arguments, "filename"));
    char expected[32];

    snprintf(expected, sizeof(expected), "/dev/fdset/%u", session->fdset_id);
    if (filename && session->fdset_fd >= 0 && strcmp(filename, expected) == 0)
        return session->fdset_fd;
    fail(context, filename ? "Parameter 'filename' names no descriptor set of this connection"
                           : "Parameter 'filename' is missing");
    return -1;
}

static json_t *xen_save_devices_state(struct context *context)
{
    int fd = named_fd(context);

    if (fd < 0)
        return NULL;
    if (!domain_save(fd))
        return fail(context, "The state file cannot be written");
    return json_object();
}

static json_t *query_version(struct context *context)
{
    (void)context;
    return version();
}

/* The drive that `id` names; NULL, and why. */
static struct drive *named_drive(struct context *context)
{
    const char *id = json_string_value(json_object_get(context->arguments, "id"));
    struct drive *drive = id ? drives_find(&context->domain->drives, id) : NULL;

    if (!drive)
        snprintf(context->error, sizeof(context->error), "Device '%.32s' not found", id ? id : "");
    return drive;
}

static json_t *eject(struct context *context)
{
    struct drive *drive = named_drive(context);

    if (!drive)
        return NULL;
    if (!drive_eject(drive))
        return fail(context, "The guest has locked the medium in, and has been asked for it: try again");
    return json_object();
}

/* The medium that was has been ejected by then: libxl sees to that. */
static json_t *blockdev_change_medium(struct context *context)
{
    struct drive *drive = named_drive(context);
    const char *format = json_string_value(json_object_get(context->arguments, "format"));
    int fd = drive ? named_fd(context) : -1;

    if (fd < 0)
        return NULL;
    if (format && strcmp(format, "raw"))
        return fail(context, "Only raw images can be read");
    if (!drive_insert(drive, fd))
        return fail(context, "The image has no block to read");
    context->session->fdset_fd = -1;
    return json_object();
}

static const struct command {
    const char *name;
    json_t *(*run)(struct context *context);
} commands[] = {
    { "qmp_capabilities", qmp_capabilities },
    { "query-chardev", query_chardev },
    { "query-vnc", query_vnc },
    { "change-vnc-password", change_vnc_password },
    { "query-status", query_status },
    { "cont", cont },
    { "stop", stop },
    { "query-cpus-fast", query_cpus_fast },
    { "xen-set-global-dirty-log", xen_set_global_dirty_log },
    { "add-fd", add_fd },
    { "query-version", query_version },
    { "eject", eject },
    { "blockdev-change-medium", blockdev_change_medium },
    { "xen-save-devices-state", xen_save_devices_state },
};

static const struct command *find_command(const char *name)
{
    for (unsigned int i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

json_t *commands_error(const char *class, json_t *id, const char *format, ...)
{
    char description[160];
    va_list args;

    va_start(args, format);
    vsnprintf(description, sizeof(description), format, args);
    va_end(args);
    return json_pack("{s:{s:s, s:s}, s:O*}", "error", "class", class, "desc", description, "id", id);
}

json_t *commands_greeting(void)
{
    return json_pack("{s:{s:o, s:[]}}", "QMP", "version", version(), "capabilities");
}

json_t *commands_answer(struct domain *domain, struct session *session, const json_t *request)
{
    json_t *id = json_object_get(request, "id"), *arguments = json_object_get(request, "arguments"), *value;
    const char *name = json_string_value(json_object_get(request, "execute"));
    struct context context = { .domain = domain, .session = session, .arguments = arguments };
    const struct command *command;

    if (!name)
        return commands_error("GenericError", id, "QMP input lacks member 'execute'");
    if (arguments && !json_is_object(arguments))
        return commands_error("GenericError", id, "QMP input member 'arguments' must be an object");
    command = find_command(name);
    if (!session->negotiated && (!command || command->run != qmp_capabilities))
        return commands_error("CommandNotFound", id, "Expecting capabilities negotiation with 'qmp_capabilities'");
    if (!command)
        return commands_error("CommandNotFound", id, "The command %.64s has not been found", name);
    value = command->run(&context);
    if (!value)
        return commands_error("GenericError", id, "%s", context.error[0] ? context.error : "out of memory");
    return json_pack("{s:o, s:O*}", "return", value, "id", id);
}
