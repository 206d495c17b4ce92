/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Numbers as xenstore writes them. */
#ifndef REFLEX_LIB_PARSE_H
#define REFLEX_LIB_PARSE_H

#include <stdbool.h>
#include <stdint.h>

/* A whole decimal number, no sign, nothing after it.  False (and *value untouched) on anything else or
 * beyond 64 bits. */
bool parse_u64(const char *s, uint64_t *value);

#endif
