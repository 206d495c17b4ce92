/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The domain's CD drives.  libxl gives those of a HVM domain to its device model: their vbd's backend is a "qdisk",
 * which the device model serves, and xl's cd-insert and cd-eject are QMP commands.  So this program is the backend of
 * drives (xen/io/blkif.h), read-only, for images in a file or on a block device.  The firmware is the frontend.
 */
#ifndef REFLEX_DM_DRIVE_H
#define REFLEX_DM_DRIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "args.h"
#include "xen.h"

struct ring_page;

struct drive {
    struct xen *xen;
    unsigned int virtual_device;
    int image;                      /* -1: no medium */
    uint32_t blocks;                /* of 2048 bytes */
    struct ring_page *ring;         /* NULL: not connected */
    int port;
    bool closed;                    /* has said goodbye to a frontend */
    bool rung;                      /* there may be requests */
    uint32_t taken, answered;       /* requests and responses so far, as the ring counts them */
};

struct drives {
    struct drive drive[ARGS_MAX_DRIVES];
    unsigned int count;
};

/* Puts in the media of the command line and gets ready for the frontends.  False, after a message, if that fails; a
 * medium that cannot be read is only a message and an empty drive. */
bool drives_open(struct drives *drives, struct xen *xen, const struct args *args);

/* The frontend of a virtual device, or XEN_ANY, may have changed its state. */
void drives_meet_frontend(struct drives *drives, int which);
/* The event of a port: there may be requests on its drive's ring. */
void drives_hear(struct drives *drives, int port);
/* Answers what is on those rings, as many requests of each as fit it.  True: there are more already, which nobody will
 * announce. */
bool drives_serve(struct drives *drives);

/* The drive that libxl calls "ide-<virtual device>"; NULL: none. */
struct drive *drives_find(struct drives *drives, const char *id);

/* Takes the medium out.  False: the guest has locked it in, and is told of the wish. */
bool drive_eject(struct drive *drive);
/* Puts `image` in, in the place of the present medium, and owns the descriptor from then on.  False: it is nothing
 * that can be read in blocks, and still the caller's. */
bool drive_insert(struct drive *drive, int image);

#endif
