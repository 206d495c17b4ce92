/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* One line for the administrator, on standard error: libxl keeps it in /var/log/xen/qemu-dm-NAME.log. */
#ifndef REFLEX_DM_MESSAGE_H
#define REFLEX_DM_MESSAGE_H

void message(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
