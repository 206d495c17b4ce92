/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Levelled messages, one line each, and the end of the domain when it cannot go on. */
#ifndef REFLEX_LIB_LOG_H
#define REFLEX_LIB_LOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/* Writes "reflex: ", the level unless it is LOG_INFO, and the formatted line to the sink; a line beyond 255
 * bytes is cut. */
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...)   log_line(LOG_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_WARNING, __VA_ARGS__)
#define log_info(...)    log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...)   log_line(LOG_DEBUG, __VA_ARGS__)

/* For what a guest or a backend can cause as often as it likes: each place gets LOG_LIMIT_BURST lines. */
#define LOG_LIMIT_BURST 8
bool log_allowed(uint8_t *used);
#define log_limited(level, ...)                                \
    do {                                                       \
        static uint8_t used_;                                  \
        if (log_allowed(&used_))                               \
            log_line(level, __VA_ARGS__);                      \
    } while (0)

/* Where a finished line (with its newline) goes: Xen's debug port in a domain, the test in a test. */
void log_sink(const char *line, unsigned int length);

/* Two ways to say why and stop the domain.  panic(): our own invariant is broken; never reached by a guest or a
 * backend.  give_up(): what every domain needs from its host is not there. */
void panic(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
void give_up(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
