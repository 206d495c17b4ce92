/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "deal.h"

#include <stdlib.h>
#include <string.h>

#include "../reflex-dm/args.h"
#include "tools/common/message.h"
#include "device_set.h"

/* ---- Walking the line --------------------------------------------------------------------------------------- */

/* Every option that is known here has a value.  Any other, and its value if it has one, is QEMU's, word by word. */
static const struct option {
    const char *name;
    enum kind { OURS, BOTH, THEIRS, SERIAL, DRIVE, DEVICE } kind;
} options[] = {
    { "-reflex", OURS },
    { "-reflex-qemu", OURS },
    { "-xen-domid", BOTH },
    { "-chardev", BOTH },
    { "-incoming", BOTH },
    { "-serial", SERIAL },
    { "-drive", DRIVE },
    { "-device", DEVICE },
    /* Free text, which may look like an option. */
    { "-name", THEIRS },
    { "-kernel", THEIRS },
    { "-initrd", THEIRS },
    { "-append", THEIRS },
};

static const struct option *find_option(const char *name)
{
    for (unsigned int i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        if (strcmp(options[i].name, name) == 0)
            return &options[i];
    return NULL;
}

/* The next option from argv[*i] on that is known, with its value; *i is then behind it.  NULL: no more. */
static const struct option *next_option(char *argv[], int *i, char **value)
{
    while (argv[*i]) {
        const struct option *option = find_option(argv[(*i)++]);

        if (!option)
            continue;
        *value = argv[*i];
        if (*value)
            ++*i;
        return option;
    }
    return NULL;
}

/* ---- Whose a thing is --------------------------------------------------------------------------------------- */

static bool key_is(const char *list, const char *key, const char *value, unsigned int value_length)
{
    unsigned int length;
    const char *found = args_find_key(list, key, &length);

    return found && length == value_length && strncmp(found, value, length) == 0;
}

/* On one of the PIIX3's two channels; others, such as "ahci0.0", are other controllers'. */
static bool is_ide_drive(const char *device)
{
    return key_is(device, "bus", "ide.0", 5) || key_is(device, "bus", "ide.1", 5);
}

/* A disk says so itself; a CD-ROM's drive has a name, by which an IDE device takes it. */
static bool is_ide_medium(const char *drive, char *argv[])
{
    unsigned int length;
    const char *id = args_find_key(drive, "id", &length);
    const struct option *option;
    char *value;
    int i = 1;

    if (key_is(drive, "if", "ide", 3))
        return true;
    while (id && (option = next_option(argv, &i, &value)))
        if (option->kind == DEVICE && value && is_ide_drive(value) && key_is(value, "drive", id, length))
            return true;
    return false;
}

static enum kind whose(const struct deal *deal, const struct option *option, const char *value, char *argv[])
{
    bool ide = deal->devices & DEVICE_IDE, serial = deal->devices & DEVICE_SERIAL;

    switch (option->kind) {
    case SERIAL:
        return serial ? OURS : THEIRS;
    case DRIVE:
        return ide && is_ide_medium(value, argv) ? OURS : THEIRS;
    case DEVICE:
        return ide && is_ide_drive(value) ? OURS : THEIRS;
    default:
        return option->kind;
    }
}

/* ---- Dealing ------------------------------------------------------------------------------------------------ */

static void give(char **line, int *count, char *const words[], int number)
{
    memcpy(line + *count, words, number * sizeof(*words));
    *count += number;
}

static bool read_own_options(struct deal *deal, char *argv[])
{
    const struct option *option;
    char *value;
    int i = 1;

    *deal = (struct deal){ .names = "ide" };
    while ((option = next_option(argv, &i, &value))) {
        if (!value)
            return message("%s wants a value", option->name), false;
        if (strcmp(option->name, "-reflex") == 0)
            deal->names = value;
        else if (strcmp(option->name, "-reflex-qemu") == 0)
            deal->qemu = value;
    }
    if (device_set_parse(deal->names, &deal->devices))
        return true;
    message("-reflex %s: the devices that the firmware can take are ide and serial", deal->names);
    return false;
}

bool deal_out(struct deal *deal, int argc, char *argv[])
{
    const struct option *option;
    char *value;
    int i = 1, start = 1;

    if (!read_own_options(deal, argv))
        return false;
    deal->ours = calloc(argc + 1, sizeof(char *));
    deal->theirs = calloc(argc + 1, sizeof(char *));
    if (!deal->ours || !deal->theirs)
        return message("out of memory"), false;
    give(deal->ours, &deal->nr_ours, argv, 1);
    give(deal->theirs, &deal->nr_theirs, argv, 1);
    while ((option = next_option(argv, &i, &value))) {
        enum kind kind = whose(deal, option, value, argv);

        give(deal->theirs, &deal->nr_theirs, argv + start, i - 2 - start);     /* what was not known */
        if (kind == OURS || kind == BOTH)
            give(deal->ours, &deal->nr_ours, argv + i - 2, 2);
        if (kind == THEIRS || kind == BOTH)
            give(deal->theirs, &deal->nr_theirs, argv + i - 2, 2);
        else
            message("kept from QEMU: %s %s", option->name, value);
        start = i;
    }
    give(deal->theirs, &deal->nr_theirs, argv + start, argc - start);
    return true;
}
