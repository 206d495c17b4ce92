/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The command line that libxl gives a device model (libxl_dm.c, libxl__build_device_model_args_new), dealt out between
 * QEMU and us.  What belongs to a device that the firmware takes is kept from QEMU, so that no disk is open twice and
 * no port there twice.  Two options are for us alone, and come from the domain's device_model_args:
 *
 *     -reflex NAMES        which devices are the firmware's (src/device_set.h); without it "ide"
 *     -reflex-qemu PATH    which QEMU to run
 */
#ifndef REFLEX_QEMU_DEAL_H
#define REFLEX_QEMU_DEAL_H

#include <stdbool.h>

struct deal {
    const char *names;          /* of the firmware's devices, and the set that they are */
    unsigned int devices;
    const char *qemu;           /* NULL: not said */
    char **ours, **theirs;      /* terminated by NULL, each with argv[0]; the strings are argv's */
    int nr_ours, nr_theirs;
};

/* False, after a message: the line names no devices that the firmware can take, or an option lacks its value. */
bool deal_out(struct deal *deal, int argc, char *argv[]);

#endif
