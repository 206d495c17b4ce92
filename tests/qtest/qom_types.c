/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "qom_types.h"

#include <string.h>

/* Xen's own chips are not here, and with them the clock: the board has only the CMOS bytes behind it. */
static const struct qom_type {
    const char *name, *parent;
    bool abstract;
} types[] = {
    { "object", NULL, true },
    { "machine", "object", true },
    { "none-machine", "machine", false },
    { "generic-pc-machine", "machine", true },
    { "pc-machine", "generic-pc-machine", false },
    { "device", "object", true },
    { "pci-device", "device", true },
    { "i440FX", "pci-device", false },
    { "PIIX3", "pci-device", false },
    { "pci-ide", "pci-device", true },
    { "piix3-ide", "pci-ide", false },
    { "PIIX4_PM", "pci-device", false },
    { "e1000-base", "pci-device", true },
    { "e1000", "e1000-base", false },
    { "e1000-82540em", "e1000", false },
    { "rtl8139", "pci-device", false },
    { "isa-device", "device", true },
    { "i8042", "isa-device", false },
    { "i8257", "isa-device", false },
    { "port92", "isa-device", false },
    { "isa-serial", "isa-device", false },
    { "ide-device", "device", true },
    { "ide-hd", "ide-device", false },
    { "ide-cd", "ide-device", false },
};

static const struct qom_type *find_type(const char *name)
{
    for (unsigned int i = 0; name && i < sizeof(types) / sizeof(types[0]); i++)
        if (!strcmp(types[i].name, name))
            return &types[i];
    return NULL;
}

static bool is_a(const struct qom_type *type, const char *ancestor)
{
    for (; type; type = find_type(type->parent))
        if (!strcmp(type->name, ancestor))
            return true;
    return false;
}

json_t *qom_types(const char *implements, bool abstract)
{
    json_t *list = json_array();

    for (const struct qom_type *type = types; type < types + sizeof(types) / sizeof(types[0]); type++) {
        json_t *entry;

        if ((type->abstract && !abstract) || (implements && !is_a(type, implements)))
            continue;
        entry = json_pack("{ss}", "name", type->name);
        if (type->abstract)
            json_object_set_new(entry, "abstract", json_true());
        if (type->parent)
            json_object_set_new(entry, "parent", json_string(type->parent));
        json_array_append_new(list, entry);
    }
    return list;
}
