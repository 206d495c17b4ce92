/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/log.h"

jmp_buf *on_give_up;

void check_failed(const char *file, int line, const char *condition)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
    abort();
}

static void __attribute__((noreturn)) stop(const char *what, const char *format, va_list args)
{
    fprintf(stderr, "%s: ", what);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    abort();
}

void panic(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    stop("panic", format, args);
}

void give_up(const char *format, ...)
{
    va_list args;

    if (on_give_up)
        longjmp(*on_give_up, 1);
    va_start(args, format);
    stop("give_up", format, args);
}
