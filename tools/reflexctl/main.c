/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * reflexctl: what the firmware of a Reflex domain does, seen from dom0.  It reads the domain's memory and asks neither
 * the guest nor the firmware, so that it answers for a domain that hangs or has crashed as well.  Two commands are for
 * the guest: they press its keys and move its mouse.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "tools/common/message.h"

#define REQUESTS_SHOWN 32

static const char help[] =
    "usage: reflexctl list [--json]\n"
    "       reflexctl stats DOMAIN [--json]\n"
    "       reflexctl trace DOMAIN [-n N|--follow] [--json]\n"
    "       reflexctl devices DOMAIN [--json]\n"
    "       reflexctl screen DOMAIN [--json]\n"
    "       reflexctl key DOMAIN KEY|--text TEXT ...\n"
    "       reflexctl mouse DOMAIN move DX DY | wheel N | click left|middle|right\n"
    "\n"
    "list       the domains that run Reflex\n"
    "stats      entries into the firmware, and counters of each claimed range\n"
    "trace      the last requests, the latest last (-n: how many, 32 unless said), or all that come (--follow)\n"
    "devices    registers and other state of each device\n"
    "screen     what a screen in a text mode shows\n"
    "key        presses keys (f2, ctrl-alt-del), types text as on a US keyboard\n"
    "mouse      moves the mouse, turns its wheel, clicks\n"
    "\n"
    "DOMAIN is a name or a number. The domain may run, be paused, or have crashed.\n";

static const struct command {
    const char *name;
    domain_command *run;
    guest_command *act;                     /* neither: about all domains */
    bool takes_words;
} commands[] = {
    { "list",    NULL,            NULL,           false },
    { "stats",   command_stats,   NULL,           false },
    { "trace",   command_trace,   NULL,           false },
    { "devices", command_devices, NULL,           false },
    { "screen",  NULL,            command_screen, false },
    { "key",     NULL,            command_key,    true },
    { "mouse",   NULL,            command_mouse,  true },
};

static const struct command *find_command(const char *name)
{
    for (unsigned int i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

/* The domain comes first, and the rest is the command's. */
static void parse_words(int argc, char *argv[], struct options *options, const char **domain)
{
    *options = (struct options){ .words = argv + 1, .word_count = argc - 1 };
    *domain = argc > 0 ? argv[0] : NULL;
}

/* Options stand before or after the domain.  False, after a message. */
static bool parse_options(int argc, char *argv[], struct options *options, const char **domain)
{
    *options = (struct options){ .requests = REQUESTS_SHOWN };
    *domain = NULL;
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0) {
            options->json = true;
        } else if (strcmp(argv[i], "--follow") == 0) {
            options->follow = true;
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

static bool parse(const struct command *command, int argc, char *argv[], struct options *options,
                  const char **domain)
{
    if (!command->takes_words)
        return parse_options(argc, argv, options, domain);
    parse_words(argc, argv, options, domain);
    return true;
}

static bool is_about_all(const struct command *command)
{
    return !command->run && !command->act;
}

static int run(const struct command *command, struct xen *xen, const struct options *options, const char *name)
{
    static struct snapshot snapshot;
    struct domain domain;

    if (is_about_all(command))
        return command_list(xen, options);
    if (!domain_find(&domain, xen, name))
        return 1;
    if (options->follow)
        return command_follow(xen, &domain, options);
    if (!domain_look(&domain, xen, &snapshot))
        return 1;
    if (command->act)
        return command->act(xen, &domain, &snapshot, options);
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
    if (!parse(command, argc - 2, argv + 2, &options, &domain))
        return misused();
    if (options.follow && command->run != command_trace) {
        message("%s cannot follow", command->name);
        return misused();
    }
    if (is_about_all(command) == !!domain) {
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
