/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Numbers and addresses as xenstore writes them. */
#ifndef REFLEX_LIB_PARSE_H
#define REFLEX_LIB_PARSE_H

#include <stdbool.h>
#include <stdint.h>

/* A whole decimal number, no sign, nothing after it.  False (and *value untouched) on anything else or
 * beyond 64 bits. */
bool parse_u64(const char *s, uint64_t *value);

/* An Ethernet address, "00:16:3e:0a:0b:0c", in either case.  False, and anything in `address`, otherwise. */
bool parse_mac(const char *s, uint8_t address[6]);

#endif
