/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "keyval.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"

/* Cuts a part off at the next lone comma, and returns what is behind it. */
static char *cut(char *part)
{
    char *to = part, *from = part;
    bool more;

    while (*from && (*from != ',' || from[1] == ',')) {
        from += *from == ',';
        *to++ = *from++;
    }
    more = *from;
    *to = '\0';
    return from + more;
}

static void add(struct keyval *list, const char *implied, char *part)
{
    struct keyval_pair *pair = &list->pairs[list->count];
    char *equals = strchr(part, '=');

    if (list->count == KEYVAL_MAX)
        fail("%s: more than %u settings", list->option, KEYVAL_MAX);
    if (equals && equals != part) {
        *equals = '\0';
        *pair = (struct keyval_pair){ .key = part, .value = equals + 1 };
    } else if (list->count == 0 && implied && !equals) {
        *pair = (struct keyval_pair){ .key = implied, .value = part };
    } else {
        fail("%s: '%s' is not key=value", list->option, part);
    }
    list->count++;
}

void keyval_parse(struct keyval *list, const char *option, char *text, const char *implied)
{
    *list = (struct keyval){ .option = option };
    while (*text) {
        char *part = text;

        text = cut(part);
        add(list, implied, part);
    }
}

const char *keyval_take(struct keyval *list, const char *key)
{
    const char *value = NULL;

    for (unsigned int i = 0; i < list->count; i++) {
        if (strcmp(list->pairs[i].key, key) != 0)
            continue;
        list->pairs[i].taken = true;
        value = list->pairs[i].value;
    }
    return value;
}

static bool among(const char *value, const char *a, const char *b, const char *c)
{
    return !strcmp(value, a) || !strcmp(value, b) || !strcmp(value, c);
}

bool keyval_take_bool(struct keyval *list, const char *key, bool otherwise)
{
    const char *value = keyval_take(list, key);

    if (!value)
        return otherwise;
    if (among(value, "on", "yes", "true"))
        return true;
    if (!among(value, "off", "no", "false"))
        fail("%s: %s=%s is neither on nor off", list->option, key, value);
    return false;
}

unsigned int keyval_take_number(struct keyval *list, const char *key, unsigned int least, unsigned int most,
                                unsigned int otherwise)
{
    const char *value = keyval_take(list, key);
    unsigned long number;
    char *end;

    if (!value)
        return otherwise;
    errno = 0;
    number = strtoul(value, &end, 10);
    if (*value < '0' || *value > '9' || *end || errno || number < least || number > most)
        fail("%s: %s=%s is not a number from %u to %u", list->option, key, value, least, most);
    return (unsigned int)number;
}

void keyval_end(const struct keyval *list)
{
    for (unsigned int i = 0; i < list->count; i++)
        if (!list->pairs[i].taken)
            fail("%s: %s= is not known here", list->option, list->pairs[i].key);
}
