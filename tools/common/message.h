/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* One line for the administrator, on standard error, which begins with the program's name.  A device model's libxl
 * keeps in /var/log/xen/qemu-dm-NAME.log. */
#ifndef REFLEX_COMMON_MESSAGE_H
#define REFLEX_COMMON_MESSAGE_H

void message(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* For what a domain can cause as often as it likes: each place gets so many lines, as in the firmware (log_limited). */
#define MESSAGE_LIMIT 8
#define message_limited(...)                                   \
    do {                                                       \
        static unsigned int said_;                             \
        if (said_ < MESSAGE_LIMIT) {                           \
            said_++;                                           \
            message(__VA_ARGS__);                              \
        }                                                      \
    } while (0)

#endif
