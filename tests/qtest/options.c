/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"

#define CHARDEVS 8
#define RAM_MAX  (1ull << 40)

/* What is needed until all options have been seen. */
struct parsing {
    struct options *options;
    unsigned int chardev_count;
    struct chardev { const char *id, *path; } chardevs[CHARDEVS];
    unsigned int monitor_count;
    const char *monitor_ids[OPTIONS_MONITORS];
};

/* ---- The machine -------------------------------------------------------------------------------------------- */

static void take_machine(struct parsing *parsing, char *value)
{
    struct keyval list;
    const char *type;

    keyval_parse(&list, "-machine", value, "type");
    type = keyval_take(&list, "type");
    keyval_end(&list);
    if (!type || (strcmp(type, "pc") != 0 && strcmp(type, "none") != 0))
        fail("-machine: there are pc and none");
    parsing->options->machine = !strcmp(type, "pc");
}

/* A number of MiB, or of what the letter behind it says. */
static bool parse_size(const char *text, uint64_t *bytes)
{
    static const char letters[] = "bkmgt";
    const char *letter = strchr(letters, 'm');
    unsigned long long number;
    char *end;

    errno = 0;
    number = strtoull(text, &end, 10);
    if (!isdigit((unsigned char)*text) || errno || (*end && end[1]))
        return false;
    if (*end)
        letter = strchr(letters, tolower((unsigned char)*end));
    if (!letter || number > RAM_MAX)
        return false;
    *bytes = number;
    for (long i = letter - letters; i > 0; i--)
        *bytes = *bytes > RAM_MAX ? *bytes : *bytes << 10;
    return *bytes <= RAM_MAX;
}

static void take_memory(struct parsing *parsing, char *value)
{
    struct keyval list;
    const char *size;

    keyval_parse(&list, "-m", value, "size");
    size = keyval_take(&list, "size");
    keyval_end(&list);
    if (!size || !parse_size(size, &parsing->options->ram) || parsing->options->ram < 1 << 20)
        fail("-m: not a size from 1M to 1T");
    parsing->options->ram &= ~4095ull;
}

static void take_processors(struct parsing *parsing, char *value)
{
    struct keyval list;

    keyval_parse(&list, "-smp", value, "cpus");
    parsing->options->processors = keyval_take_number(&list, "cpus", 1, 128, 1);
    keyval_end(&list);
}

/* 8-4-4-4-12 hexadecimal digits. */
static void take_uuid(struct parsing *parsing, char *value)
{
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    size_t i;

    for (i = 0; form[i] && value[i]; i++)
        if (form[i] == '-' ? value[i] != '-' : !isxdigit((unsigned char)value[i]))
            break;
    if (form[i] || value[i])
        fail("-uuid %s: not a UUID", value);
    parsing->options->uuid = value;
}

static const char *check_boot_letters(const char *letters)
{
    for (const char *letter = letters; letter && *letter; letter++)
        if (!strchr("abcdn", *letter) || strchr(letter + 1, *letter) || letter - letters == OPTIONS_BOOT_DEVICES)
            fail("-boot: %s is not up to %u letters of abcdn, each once", letters, OPTIONS_BOOT_DEVICES);
    return letters;
}

/* Later ones add to earlier ones, and win. */
static void take_boot(struct parsing *parsing, char *value)
{
    struct options *options = parsing->options;
    struct keyval list;
    const char *order, *once;

    keyval_parse(&list, "-boot", value, "order");
    order = check_boot_letters(keyval_take(&list, "order"));
    once = check_boot_letters(keyval_take(&list, "once"));
    keyval_end(&list);
    options->boot_order = order ? order : options->boot_order;
    options->boot_once = once ? once : options->boot_once;
}

static void take_no_fd_bootchk(struct parsing *parsing, char *value)
{
    (void)value;
    parsing->options->any_floppy = true;
}

static void take_rtc(struct parsing *parsing, char *value)
{
    (void)parsing;
    if (strcmp(value, "clock=vm") != 0)
        fail("-rtc %s: only clock=vm is known here", value);
}

static void take_stopped(struct parsing *parsing, char *value)
{
    (void)value;
    parsing->options->stopped = true;
}

/* ---- Drives ------------------------------------------------------------------------------------------------- */

static void take_drive(struct parsing *parsing, char *value)
{
    drives_add(&parsing->options->drives, value);
}

static void take_blockdev(struct parsing *parsing, char *value)
{
    drives_add_blockdev(&parsing->options->drives, value);
}

static void take_display_adapter(struct parsing *parsing)
{
    if (parsing->options->display)
        fail("there is one display adapter");
    parsing->options->display = true;
}

static void take_device(struct parsing *parsing, char *value)
{
    if (nics_is_device(value))
        nics_add_device(&parsing->options->nics, value);
    else if (!strcmp(value, "VGA"))
        take_display_adapter(parsing);
    else
        drives_add_device(&parsing->options->drives, value);
}

static void take_global(struct parsing *parsing, char *value)
{
    drives_set_global(&parsing->options->drives, value);
}

static void take_cdrom(struct parsing *parsing, char *value)
{
    drives_add_short(&parsing->options->drives, value, 2, true);
}

static void take_hda(struct parsing *parsing, char *value)
{
    drives_add_short(&parsing->options->drives, value, 0, false);
}

static void take_hdb(struct parsing *parsing, char *value)
{
    drives_add_short(&parsing->options->drives, value, 1, false);
}

static void take_hdc(struct parsing *parsing, char *value)
{
    drives_add_short(&parsing->options->drives, value, 2, false);
}

static void take_hdd(struct parsing *parsing, char *value)
{
    drives_add_short(&parsing->options->drives, value, 3, false);
}

/* ---- Networks ----------------------------------------------------------------------------------------------- */

static void take_netdev(struct parsing *parsing, char *value)
{
    nics_add_netdev(&parsing->options->nics, value);
}

/* ---- What is accepted and changes nothing ------------------------------------------------------------------- */

static void check_word(const char *option, const char *value, const char *const *known)
{
    for (; *known; known++)
        if (!strcmp(value, *known))
            return;
    fail("%s %s is not known here", option, value);
}

static void take_vga(struct parsing *parsing, char *value)
{
    check_word("-vga", value, (const char *const[]){ "none", "std", NULL });
    if (!strcmp(value, "std"))
        take_display_adapter(parsing);
}

static void take_display(struct parsing *parsing, char *value)
{
    (void)parsing;
    check_word("-display", value, (const char *const[]){ "none", NULL });
}

static void take_accel(struct parsing *parsing, char *value)
{
    (void)parsing;
    check_word("-accel", value, (const char *const[]){ "qtest", "tcg", "kvm", NULL });
}

/* There are no cards by default. */
static void take_net(struct parsing *parsing, char *value)
{
    (void)parsing;
    check_word("-net and -nic", value, (const char *const[]){ "none", NULL });
}

static void take_nothing(struct parsing *parsing, char *value)
{
    (void)parsing, (void)value;
}

/* ---- Sockets ------------------------------------------------------------------------------------------------ */

static const char *unix_path(const char *option, const char *value)
{
    if (strncmp(value, "unix:", 5) != 0 || !value[5] || strchr(value, ','))
        fail("%s %s: only unix:PATH is known here", option, value);
    return value + 5;
}

static void add_monitor(struct parsing *parsing, const char *path)
{
    if (parsing->options->monitor_count == OPTIONS_MONITORS)
        fail("more than %u monitors", OPTIONS_MONITORS);
    parsing->options->monitors[parsing->options->monitor_count++] = path;
}

static void take_qtest(struct parsing *parsing, char *value)
{
    parsing->options->qtest = unix_path("-qtest", value);
}

static void take_qtest_log(struct parsing *parsing, char *value)
{
    parsing->options->qtest_log = strcmp(value, "none") ? value : NULL;
}

static void take_qmp(struct parsing *parsing, char *value)
{
    add_monitor(parsing, unix_path("-qmp", value));
}

static void take_chardev(struct parsing *parsing, char *value)
{
    struct chardev *chardev = &parsing->chardevs[parsing->chardev_count];
    struct keyval list;
    const char *kind;

    if (parsing->chardev_count == CHARDEVS)
        fail("more than %u character devices", CHARDEVS);
    keyval_parse(&list, "-chardev", value, "backend");
    kind = keyval_take(&list, "backend");
    chardev->id = keyval_take(&list, "id");
    chardev->path = keyval_take(&list, "path");
    keyval_end(&list);
    if (!kind || strcmp(kind, "socket") != 0 || !chardev->id || !chardev->path)
        fail("-chardev: only socket,path=PATH,id=NAME is known here");
    parsing->chardev_count++;
}

static void take_mon(struct parsing *parsing, char *value)
{
    struct keyval list;
    const char *id, *mode;

    keyval_parse(&list, "-mon", value, "chardev");
    id = keyval_take(&list, "chardev");
    mode = keyval_take(&list, "mode");
    keyval_end(&list);
    if (!id || !mode || strcmp(mode, "control") != 0)
        fail("-mon: only chardev=NAME,mode=control is known here");
    if (parsing->monitor_count == OPTIONS_MONITORS)
        fail("more than %u monitors", OPTIONS_MONITORS);
    parsing->monitor_ids[parsing->monitor_count++] = id;
}

/* A character device may be named before it is there. */
static void resolve_monitors(struct parsing *parsing)
{
    for (unsigned int i = 0; i < parsing->monitor_count; i++) {
        const char *path = NULL;

        for (unsigned int n = 0; n < parsing->chardev_count; n++)
            if (!strcmp(parsing->chardevs[n].id, parsing->monitor_ids[i]))
                path = parsing->chardevs[n].path;
        if (!path)
            fail("-mon: there is no -chardev with id=%s", parsing->monitor_ids[i]);
        add_monitor(parsing, path);
    }
}

/* ---- The table ---------------------------------------------------------------------------------------------- */

static const struct option {
    const char *name;
    bool has_value;
    void (*take)(struct parsing *parsing, char *value);
} known[] = {
    { "machine", true, take_machine },
    { "M", true, take_machine },
    { "m", true, take_memory },
    { "smp", true, take_processors },
    { "uuid", true, take_uuid },
    { "boot", true, take_boot },
    { "no-fd-bootchk", false, take_no_fd_bootchk },
    { "rtc", true, take_rtc },
    { "S", false, take_stopped },
    { "drive", true, take_drive },
    { "blockdev", true, take_blockdev },
    { "device", true, take_device },
    { "global", true, take_global },
    { "netdev", true, take_netdev },
    { "net", true, take_net },
    { "nic", true, take_net },
    { "cdrom", true, take_cdrom },
    { "hda", true, take_hda },
    { "hdb", true, take_hdb },
    { "hdc", true, take_hdc },
    { "hdd", true, take_hdd },
    { "vga", true, take_vga },
    { "display", true, take_display },
    { "accel", true, take_accel },
    { "nodefaults", false, take_nothing },  /* there are no devices by default */
    { "nographic", false, take_nothing },
    { "qtest", true, take_qtest },
    { "qtest-log", true, take_qtest_log },
    { "qmp", true, take_qmp },
    { "chardev", true, take_chardev },
    { "mon", true, take_mon },
};

/* With one hyphen or two. */
static const struct option *find_option(const char *word)
{
    const char *name = word + (word[0] == '-') + (word[0] == '-' && word[1] == '-');

    for (unsigned int i = 0; name != word && i < sizeof(known) / sizeof(known[0]); i++)
        if (!strcmp(known[i].name, name))
            return &known[i];
    return NULL;
}

void options_parse(struct options *options, int argc, char *const argv[])
{
    struct parsing parsing = { .options = options };

    *options = (struct options){ .machine = true, .ram = 128 << 20, .processors = 1, .boot_order = "cad" };
    for (int i = 1; i < argc; i++) {
        const struct option *option = find_option(argv[i]);
        char *value = NULL;

        if (!option)
            fail("%s is not known here", argv[i]);
        if (option->has_value && !(value = argv[++i]))
            fail("%s wants a value", argv[i - 1]);
        option->take(&parsing, value);
    }
    resolve_monitors(&parsing);
    drives_plug(&options->drives);
    nics_plug(&options->nics);
}
