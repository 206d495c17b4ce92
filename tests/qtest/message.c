/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "message.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/log.h"

static void say(const char *format, va_list args)
{
    fputs("reflex-qtest: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
}

void fail(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(format, args);
    exit(1);
}

/* ---- lib/log.h ---------------------------------------------------------------------------------------------- */

void log_sink(const char *line, unsigned int length)
{
    fwrite(line, 1, length, stderr);
}

/* A signal, and no exit status, so that a suite cannot take it for a refusal. */
void panic(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(format, args);
    abort();
}
