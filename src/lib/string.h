/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The freestanding part of <string.h>, as ISO C defines it. */
#ifndef REFLEX_LIB_STRING_H
#define REFLEX_LIB_STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t length);
void *memmove(void *to, const void *from, size_t length);
void *memset(void *to, int byte, size_t length);
int memcmp(const void *a, const void *b, size_t length);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t length);
char *strchr(const char *s, int c);

#endif
