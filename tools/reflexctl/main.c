/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * reflexctl: what the firmware of a Reflex domain does, seen from dom0.  It reads the domain's memory and asks neither
 * the guest nor the firmware, so that it answers for a domain that hangs or has crashed as well.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "message.h"

#define REQUESTS_SHOWN 32

static const char help[] =
    "usage: reflexctl list [--json]\n"
    "       reflexctl stats DOMAIN [--json]\n"
    "       reflexctl trace DOMAIN [-n N] [--json]\n"
    "       reflexctl devices DOMAIN [--json]\n"
    "\n"
    "list       the domains that run Reflex\n"
    "stats      entries into the firmware, and counters of each claimed range\n"
    "trace      the last requests, the latest last (-n: how many, 32 unless said)\n"
    "devices    registers and other state of each device\n"
    "\n"
    "DOMAIN is a name or a number. The domain may run, be paused, or have crashed.\n";

static const struct command {
    const char *name;
    domain_command *run;                    /* NULL: about all domains */
} commands[] = {
    { "list",    NULL },
    { "stats",   command_stats },
    { "trace",   command_trace },
    { "devices", command_devices },
};

static const struct command *find_command(const char *name)
{
    for (unsigned int i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

/* Options stand before or after the domain.  False, after a message. */
static bool parse(int argc, char *argv[], struct options *options, const char **domain)
{
    *options = (struct options){ .requests = REQUESTS_SHOWN };
    *domain = NULL;
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0) {
            options->json = true;
        } else if (strcmp(argv[i], "-n") == 0) {
            const char *number = ++i < argc ? argv[i] : "";

            if (!*number || number[strspn(number, "0123456789")])
                return message("-n wants a number"), false;
            options->requests = (unsigned int)strtoul(number, NULL, 10);
        } else if (argv[i][0] == '-') {
            return message("no option %s", argv[i]), false;
        } else if (*domain) {
            return message("one domain at a time: what is %s?", argv[i]), false;
        } else {
            *domain = argv[i];
        }
    }
    return true;
}

static int run(const struct command *command, struct xen *xen, const struct options *options, const char *name)
{
    static struct snapshot snapshot;
    struct domain domain;

    if (!command->run)
        return command_list(xen, options);
    if (!domain_find(&domain, xen, name) || !domain_look(&domain, xen, &snapshot))
        return 1;
    return command->run(&domain, &snapshot, options);
}

static int misused(void)
{
    fputs(help, stderr);
    return 2;
}

int main(int argc, char *argv[])
{
    const struct command *command;
    struct options options;
    const char *domain;
    struct xen *xen;
    int status;

    if (argc > 1 && (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        fputs(help, stdout);
        return 0;
    }
    if (argc < 2)
        return misused();
    command = find_command(argv[1]);
    if (!command) {
        message("no command %s", argv[1]);
        return misused();
    }
    if (!parse(argc - 2, argv + 2, &options, &domain))
        return misused();
    if (!command->run != !domain) {
        message(domain ? "%s is about all domains" : "%s of which domain?", command->name);
        return misused();
    }
    xen = xen_open();
    if (!xen)
        return 1;
    status = run(command, xen, &options, domain);
    xen_close(xen);
    return status;
}
