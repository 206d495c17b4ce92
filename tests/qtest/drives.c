/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "drives.h"

#include <stddef.h>
#include <string.h>

#include "message.h"

#define INDEX_ANY  -1
#define INDEX_NONE -2

/* ---- Images ------------------------------------------------------------------------------------------------- */

static struct image *find_image(struct drives *drives, const char *name)
{
    for (unsigned int i = 0; i < drives->image_count; i++)
        if (drives->images[i].name && !strcmp(drives->images[i].name, name))
            return &drives->images[i];
    return NULL;
}

static void name_image(struct drives *drives, const struct image *image)
{
    if (drives->image_count == DRIVES_NAMED)
        fail("more than %u images", DRIVES_NAMED);
    if (image->name && find_image(drives, image->name))
        fail("two images have the name %s", image->name);
    drives->images[drives->image_count++] = *image;
}

/* True: the value is `yes`; false: it is `no`; neither ends the program. */
static bool choose(struct keyval *list, const char *key, const char *yes, const char *no, bool otherwise)
{
    const char *value = keyval_take(list, key);

    if (!value)
        return otherwise;
    if (strcmp(value, yes) != 0 && strcmp(value, no) != 0)
        fail("%s: %s=%s is neither %s nor %s", list->option, key, value, yes, no);
    return !strcmp(value, yes);
}

/* Every kind of cache comes to the same here: the host's, and a flush that empties it. */
static void check_cache(struct keyval *list)
{
    static const char *const known[] = { "writeback", "writethrough", "none", "directsync", "unsafe" };
    const char *cache = keyval_take(list, "cache");

    for (unsigned int i = 0; cache && i < sizeof(known) / sizeof(known[0]); i++)
        if (!strcmp(cache, known[i]))
            return;
    if (cache)
        fail("%s: cache=%s is not known here", list->option, cache);
}

static void check_raw(struct keyval *list, const char *key, const char *only, bool required)
{
    const char *value = keyval_take(list, key);

    if (required && !value)
        fail("%s: no %s=", list->option, key);
    if (value && strcmp(value, only) != 0)
        fail("%s: %s=%s is not known here, only %s", list->option, key, value, only);
}

void drives_add(struct drives *drives, char *text)
{
    struct keyval list;
    struct image image;
    bool ide;

    keyval_parse(&list, "-drive", text, NULL);
    ide = choose(&list, "if", "ide", "none", true);
    image = (struct image){
        .name = keyval_take(&list, "id"),
        .file = keyval_take(&list, "file"),
        .cdrom = choose(&list, "media", "cdrom", "disk", false),
        .index = (int)keyval_take_number(&list, "index", 0, DRIVES_MAX - 1, (unsigned int)INDEX_ANY),
    };
    image.read_only = keyval_take_bool(&list, "readonly", image.cdrom);
    if (!ide)
        image.index = INDEX_NONE;
    check_raw(&list, "format", "raw", false);
    check_cache(&list);
    keyval_end(&list);
    if (!image.file && !image.cdrom)
        fail("-drive: no file=");
    name_image(drives, &image);
}

void drives_add_blockdev(struct drives *drives, char *text)
{
    struct keyval list;
    struct image image = { .index = INDEX_NONE };

    keyval_parse(&list, "-blockdev", text, "driver");
    check_raw(&list, "driver", "file", true);
    image.name = keyval_take(&list, "node-name");
    image.file = keyval_take(&list, "filename");
    image.read_only = keyval_take_bool(&list, "read-only", false);
    keyval_end(&list);
    if (!image.name || !image.file)
        fail("-blockdev: wants node-name= and filename=");
    name_image(drives, &image);
}

void drives_add_short(struct drives *drives, const char *file, int index, bool cdrom)
{
    name_image(drives, &(struct image){ .file = file, .cdrom = cdrom, .read_only = cdrom, .index = index });
}

/* ---- Devices ------------------------------------------------------------------------------------------------ */

void drives_add_device(struct drives *drives, char *text)
{
    if (drives->device_count == DRIVES_NAMED)
        fail("more than %u devices", DRIVES_NAMED);
    keyval_parse(&drives->devices[drives->device_count++], "-device", text, "driver");
}

void drives_set_global(struct drives *drives, char *text)
{
    struct keyval list;
    const char *serial, *version;

    keyval_parse(&list, "-global", text, NULL);
    serial = keyval_take(&list, "ide-hd.serial");
    version = keyval_take(&list, "ide-hd.ver");
    keyval_end(&list);
    drives->serial = serial ? serial : drives->serial;
    drives->version = version ? version : drives->version;
}

static struct drive *take_slot(struct drives *drives, unsigned int slot, const char *who)
{
    if (drives->slots[slot].present)
        fail("%s: there is a drive at ide.%u unit %u already", who, slot / 2, slot % 2);
    drives->slots[slot].present = true;
    return &drives->slots[slot];
}

/* The first free place from `first` to `last`. */
static unsigned int free_slot(const struct drives *drives, unsigned int first, unsigned int last, const char *who)
{
    for (unsigned int slot = first; slot <= last; slot++)
        if (!drives->slots[slot].present)
            return slot;
    fail("%s: there is no free place on the IDE channels", who);
}

static void insert(struct drive *drive, const struct image *image)
{
    drive->file = image->file;
    drive->read_only = image->read_only || drive->cdrom;
}

static void plug_image(struct drives *drives, struct image *image)
{
    unsigned int slot = image->index == INDEX_ANY ? free_slot(drives, 0, DRIVES_MAX - 1, "-drive") :
                                                    (unsigned int)image->index;
    struct drive *drive = take_slot(drives, slot, "-drive");

    drive->cdrom = image->cdrom;
    insert(drive, image);
    image->plugged = true;
}

/* bus= and unit=; without them the first free place. */
static unsigned int device_slot(const struct drives *drives, struct keyval *list)
{
    const char *bus = keyval_take(list, "bus");
    unsigned int unit = keyval_take_number(list, "unit", 0, 1, 2);
    unsigned int first = 0, last = DRIVES_MAX - 1;

    if (bus) {
        if (strcmp(bus, "ide.0") != 0 && strcmp(bus, "ide.1") != 0)
            fail("-device: there is no bus %s", bus);
        first = 2 * (unsigned int)(bus[4] - '0');
        last = first + 1;
    }
    return unit < 2 ? first + unit : free_slot(drives, first, last, "-device");
}

static void plug_medium(struct drives *drives, struct drive *drive, const char *name)
{
    struct image *image = name ? find_image(drives, name) : NULL;

    if (name && !image)
        fail("-device: there is no drive=%s", name);
    if (!name && !drive->cdrom)
        fail("-device ide-hd: no drive=");
    if (!image)
        return;
    if (image->plugged)
        fail("-device: drive=%s is in use", name);
    if (!drive->cdrom && !image->file)
        fail("-device ide-hd: drive=%s is empty", name);
    image->plugged = true;
    insert(drive, image);
}

/* All three or none: a geometry is one thing. */
static void set_geometry(struct drive *drive, struct keyval *list)
{
    drive->cylinders = (uint16_t)keyval_take_number(list, "cyls", 1, 65535, 0);
    drive->heads = (uint8_t)keyval_take_number(list, "heads", 1, 16, 0);
    drive->sectors = (uint8_t)keyval_take_number(list, "secs", 1, 255, 0);
    if ((drive->cylinders || drive->heads || drive->sectors) &&
        !(drive->cylinders && drive->heads && drive->sectors))
        fail("-device ide-hd: cyls=, heads= and secs= go together");
}

static void plug_device(struct drives *drives, struct keyval *list)
{
    const char *driver = keyval_take(list, "driver");
    struct drive *drive;

    if (!driver || (strcmp(driver, "ide-hd") != 0 && strcmp(driver, "ide-cd") != 0))
        fail("-device: %s is not known here", driver ? driver : "no driver");
    keyval_take(list, "id");
    drive = take_slot(drives, device_slot(drives, list), "-device");
    drive->cdrom = !strcmp(driver, "ide-cd");
    plug_medium(drives, drive, keyval_take(list, "drive"));
    if (!drive->cdrom)
        set_geometry(drive, list);
    keyval_end(list);
}

void drives_plug(struct drives *drives)
{
    for (unsigned int i = 0; i < drives->image_count; i++)
        if (drives->images[i].index != INDEX_NONE)
            plug_image(drives, &drives->images[i]);
    for (unsigned int i = 0; i < drives->device_count; i++)
        plug_device(drives, &drives->devices[i]);
}
