/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Which image is which drive: -drive, -blockdev, -device ide-hd and ide-cd, and their short forms.  An image is named
 * first, and plugged in at the end, when all are known: those with if=ide at their index, then those that a -device
 * names, in order.
 */
#ifndef REFLEX_QTEST_DRIVES_H
#define REFLEX_QTEST_DRIVES_H

#include <stdbool.h>
#include <stdint.h>

#include "keyval.h"

#define DRIVES_MAX   4                      /* 2 * channel + unit */
#define DRIVES_NAMED 16

/* An image file, or an empty CD-ROM drive (file NULL). */
struct image {
    const char *name;                       /* id or node-name; NULL: none */
    const char *file;
    bool cdrom, read_only, plugged;
    int index;                              /* of if=ide: where it wants to be, -1: anywhere; if=none: -2 */
};

struct drive {
    bool present;
    bool cdrom, read_only;
    const char *file;                       /* NULL: no medium */
    uint16_t cylinders;                     /* 0: the chip's own choice */
    uint8_t heads, sectors;
};

struct drives {
    unsigned int image_count, device_count;
    struct image images[DRIVES_NAMED];
    struct keyval devices[DRIVES_NAMED];
    const char *serial, *version;           /* of every disk; NULL: the chip's own */
    struct drive slots[DRIVES_MAX];
};

/* What one option says; anything that makes no sense ends the program. */
void drives_add(struct drives *drives, char *text);
void drives_add_blockdev(struct drives *drives, char *text);
void drives_add_short(struct drives *drives, const char *file, int index, bool cdrom);
void drives_add_device(struct drives *drives, char *text);
void drives_set_global(struct drives *drives, char *text);

/* Fills `slots` from all of the above. */
void drives_plug(struct drives *drives);

#endif
