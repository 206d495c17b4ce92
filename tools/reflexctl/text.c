/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "text.h"

#include <stdarg.h>
#include <stdio.h>

void text_add(struct text *text, const char *format, ...)
{
    size_t room = sizeof(text->s) - text->length;
    va_list args;
    int wanted;

    va_start(args, format);
    wanted = vsnprintf(text->s + text->length, room, format, args);
    va_end(args);
    if (wanted > 0)
        text->length += (size_t)wanted < room ? (size_t)wanted : room - 1;
}

void text_add_bits(struct text *text, const struct bit_names *names, uint8_t value)
{
    for (unsigned int i = 0; i < 8; i++)
        if (value & 0x80u >> i && names->name[i])
            text_add(text, " %s", names->name[i]);
}
