/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The command line, in QEMU's words: what is known here is in the table of options.c, and all else is refused with a
 * message and status 1, for a suite would test something other than what it thinks.
 */
#ifndef REFLEX_QTEST_OPTIONS_H
#define REFLEX_QTEST_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "drives.h"
#include "nics.h"

#define OPTIONS_MONITORS     4
#define OPTIONS_BOOT_DEVICES 3              /* the CMOS has room for no more */

struct options {
    bool machine;                           /* false: -machine none */
    uint64_t ram;                           /* bytes */
    unsigned int processors;
    const char *uuid;                       /* NULL: none given */
    const char *boot_order, *boot_once;     /* letters, first to try first; once NULL: as boot_order */
    bool any_floppy;                        /* -no-fd-bootchk */
    bool stopped;                           /* -S */
    bool display;                           /* a VGA */
    struct drives drives;
    struct nics nics;
    const char *qtest, *qtest_log;          /* paths; NULL: none */
    unsigned int monitor_count;
    const char *monitors[OPTIONS_MONITORS]; /* paths of QMP sockets to connect to */
};

/* The words of the command line are split where they are, and are the options' strings. */
void options_parse(struct options *options, int argc, char *const argv[]);

#endif
