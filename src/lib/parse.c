/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "lib/parse.h"

bool parse_u64(const char *s, uint64_t *value)
{
    uint64_t sum = 0;

    if (!*s)
        return false;
    for (; *s; s++) {
        unsigned int digit = (unsigned char)*s - '0';

        if (digit > 9 || sum > UINT64_MAX / 10 || sum * 10 > UINT64_MAX - digit)
            return false;
        sum = sum * 10 + digit;
    }
    *value = sum;
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool parse_mac(const char *s, uint8_t address[6])
{
    for (unsigned int i = 0; i < 6; i++, s += 3) {
        int high = hex_digit(s[0]), low = high < 0 ? -1 : hex_digit(s[1]);

        if (low < 0 || s[2] != (i < 5 ? ':' : '\0'))
            return false;
        address[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}
