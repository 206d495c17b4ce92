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
