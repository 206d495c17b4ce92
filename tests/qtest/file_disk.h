/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A raw image file as a drive's medium.  Every request is done when submit() returns. */
#ifndef REFLEX_QTEST_FILE_DISK_H
#define REFLEX_QTEST_FILE_DISK_H

#include <stdbool.h>

#include "backends/blk.h"
#include "memory.h"

struct file_disk {
    struct blk_backend backend;
    const struct memory *memory;            /* what segments name */
    int fd;
};

/* What is not there, or cannot be opened so, ends the program.  The rest of backend.info is the caller's to fill. */
void file_disk_open(struct file_disk *disk, const struct memory *memory, const char *path, bool read_only);
/* A drive without a medium. */
void file_disk_empty(struct file_disk *disk, const struct memory *memory);

#endif
