/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Formatting: %c %s %d %i %u %x %X %p %%, flags - and 0, width, precision for %s (either may be *, which
 * then must not be negative), lengths h hh l ll z.
 * Results as ISO C's snprintf: always terminated when size > 0; returns the length wanted. */
#ifndef REFLEX_LIB_PRINTF_H
#define REFLEX_LIB_PRINTF_H

#include <stdarg.h>
#include <stddef.h>

int format_va(char *to, size_t size, const char *format, va_list args);
int format(char *to, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
