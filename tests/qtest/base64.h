/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Bytes as text (RFC 4648 section 4). */
#ifndef REFLEX_QTEST_BASE64_H
#define REFLEX_QTEST_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BASE64_LENGTH(bytes) (((bytes) + 2) / 3 * 4)

/* Writes BASE64_LENGTH(length) characters, and no terminator. */
void base64_encode(char *text, const uint8_t *bytes, size_t length);

/* `bytes` has room for strlen(text) / 4 * 3.  False: not base64. */
bool base64_decode(uint8_t *bytes, size_t *length, const char *text);

#endif
