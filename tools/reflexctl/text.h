/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A line that is put together piece by piece; what does not fit is cut. */
#ifndef REFLEXCTL_TEXT_H
#define REFLEXCTL_TEXT_H

#include <stddef.h>
#include <stdint.h>

struct text {
    char s[240];
    size_t length;
};

void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Names of bits, highest bit first; NULL: the bit has no name. */
struct bit_names {
    const char *name[8];
};
/* Adds the names of the bits that are set, each after a blank. */
void text_add_bits(struct text *text, const struct bit_names *names, uint8_t value);

#endif
