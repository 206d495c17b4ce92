/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* One line for the administrator, on standard error. */
#ifndef REFLEXCTL_MESSAGE_H
#define REFLEXCTL_MESSAGE_H

void message(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
