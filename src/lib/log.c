/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "lib/log.h"

#include <stddef.h>

#include "lib/printf.h"

/* A longer line is cut: the place it came from matters more than its end. */
#define LINE_MAX 256

static const char *const prefix[] = {
    [LOG_ERROR]   = "reflex: error: ",
    [LOG_WARNING] = "reflex: warning: ",
    [LOG_INFO]    = "reflex: ",
    [LOG_DEBUG]   = "reflex: debug: ",
};

void log_line(enum log_level level, const char *text, ...)
{
    char line[LINE_MAX];
    const size_t room = sizeof(line) - 1;   /* what the newline, which takes the terminator's place, leaves */
    size_t length = (size_t)format(line, room, "%s", prefix[level]);
    va_list args;

    va_start(args, text);
    length += (size_t)format_va(line + length, room - length, text, args);
    va_end(args);
    if (length > room - 1)
        length = room - 1;
    line[length++] = '\n';
    log_sink(line, (unsigned int)length);
}

bool log_allowed(uint8_t *used)
{
    if (*used >= LOG_LIMIT_BURST)
        return false;
    ++*used;
    return true;
}
