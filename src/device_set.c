/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "device_set.h"

#include "lib/string.h"

static const struct {
    const char *name;
    unsigned int device;
} known[] = {
    { "ide", DEVICE_IDE },
    { "serial", DEVICE_SERIAL },
};

/* 0: no device has this name. */
static unsigned int find(const char *name, size_t length)
{
    for (unsigned int i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strlen(known[i].name) == length && strncmp(known[i].name, name, length) == 0)
            return known[i].device;
    return 0;
}

bool device_set_parse(const char *names, unsigned int *set)
{
    *set = 0;
    for (;;) {
        const char *comma = strchr(names, ',');
        unsigned int device = find(names, comma ? (size_t)(comma - names) : strlen(names));

        if (!device || *set & device)
            return false;
        *set |= device;
        if (!comma)
            return true;
        names = comma + 1;
    }
}
