/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* One line for the administrator, on standard error, which begins with the program's name.  A device model's libxl
 * keeps in /var/log/xen/qemu-dm-NAME.log. */
#ifndef REFLEX_COMMON_MESSAGE_H
#define REFLEX_COMMON_MESSAGE_H

void message(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
