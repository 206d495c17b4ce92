/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "base64.h"

#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(char *text, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i += 3, text += 4) {
        size_t left = length - i;
        uint32_t group = (uint32_t)bytes[i] << 16;

        group |= left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0;
        group |= left > 2 ? bytes[i + 2] : 0;
        text[0] = alphabet[group >> 18];
        text[1] = alphabet[group >> 12 & 63];
        text[2] = left > 1 ? alphabet[group >> 6 & 63] : '=';
        text[3] = left > 2 ? alphabet[group & 63] : '=';
    }
}

/* Four characters; returns the number of bytes in *group's low 24 bits, from the top.  0: not base64. */
static unsigned int decode_group(const char *text, uint32_t *group)
{
    unsigned int characters = text[3] != '=' ? 4 : text[2] != '=' ? 3 : 2;

    *group = 0;
    for (unsigned int i = 0; i < characters; i++) {
        const char *place = memchr(alphabet, text[i], sizeof(alphabet) - 1);

        if (!place)
            return 0;
        *group |= (uint32_t)(place - alphabet) << (18 - 6 * i);
    }
    return characters - 1;
}

bool base64_decode(uint8_t *bytes, size_t *length, const char *text)
{
    size_t characters = strlen(text);

    *length = 0;
    if (characters % 4)
        return false;
    for (size_t i = 0; i < characters; i += 4) {
        uint32_t group;
        unsigned int count = decode_group(text + i, &group);

        if (!count || (count < 3 && i + 4 != characters))
            return false;
        for (unsigned int n = 0; n < count; n++)
            bytes[(*length)++] = (uint8_t)(group >> (16 - 8 * n));
    }
    return true;
}
