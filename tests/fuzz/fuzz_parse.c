/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Text from xenstore that becomes numbers: what parse_u64() says of any string is what the C library says of it. */
#include "check.h"
#include "input.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/parse.h"
#include "lib/printf.h"

#define UNTOUCHED 0x5555555555555555ull

static void check_number(const char *text)
{
    uint64_t value = UNTOUCHED, right;
    bool digits = *text && text[strspn(text, "0123456789")] == '\0', taken = parse_u64(text, &value);

    errno = 0;
    right = strtoull(text, NULL, 10);
    CHECK(taken == (digits && !errno));
    CHECK(value == (taken ? right : UNTOUCHED));
}

/* And back again. */
static void check_back(uint64_t number)
{
    char text[24];
    uint64_t value;

    CHECK((size_t)format(text, sizeof(text), "%llu", (unsigned long long)number) == strlen(text));
    CHECK(parse_u64(text, &value) && value == number);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct input input = { bytes, length };
    char *text = malloc(length + 1);

    memcpy(text, bytes, length);
    text[length] = '\0';
    check_number(text);
    free(text);
    check_back(take_u64(&input));
    return 0;
}
