/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The ends of a domain (lib/log.h) in a unit test: one that expects it has expect_assert_failure(), any other fails. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/log.h"

static void __attribute__((noreturn)) stop(const char *what, const char *format, va_list args)
{
    static char message[256];

    vsnprintf(message, sizeof(message), format, args);
    log_error("%s", message);
    mock_assert(false, message, what, 0);
    abort();                                /* mock_assert() has not returned */
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

    va_start(args, format);
    stop("give_up", format, args);
}
