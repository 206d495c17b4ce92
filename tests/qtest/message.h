/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What the program says on standard error. */
#ifndef REFLEX_QTEST_MESSAGE_H
#define REFLEX_QTEST_MESSAGE_H

/* Says why and ends the program with status 1: whoever started it asked for what it cannot do. */
void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
