/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The direct path to the disks: a register of 32 bits and a request in the guest's memory.  Our own; the boot BIOS has
 * its half in src/boot/new/src/hw/reflex_disk.h, and tests/unit/test_ide_direct.c compares the two.
 *
 * Read, the register says DIRECT_SIGNATURE: there is a direct path, and it is the one described here.  Written, it
 * takes the guest-physical address of a request.  When the write has ended so has the request, and its `status` tells
 * how.  A request that is not in memory or does not begin with the signature is left alone, and so is one that is
 * named by a string instruction.
 */
#ifndef REFLEX_DEVICES_IDE_DIRECT_REGS_H
#define REFLEX_DEVICES_IDE_DIRECT_REGS_H

#include <stdint.h>

#define DIRECT_SIGNATURE 0x31445852u        /* "RXD1"; another layout gets another digit */
#define DIRECT_SECTORS   128u               /* of one request; what a BIOS transfers at once, 64 KiB */

enum direct_operation { DIRECT_READ = 0, DIRECT_WRITE = 1 };

/* DONE: as ATA's commands do it: what is read is in memory, what is written is accepted, or durable if the drive's
 *   write cache is disabled.
 * REFUSED: nothing has happened.
 * FAILED: the backend failed, or has not answered in time, and then it may still come to it.
 * Whoever hears anything but DONE asks the drive by its registers, which know how to say what is wrong. */
enum direct_status { DIRECT_DONE = 1, DIRECT_REFUSED = 2, DIRECT_FAILED = 3 };

struct direct_request {
    uint32_t signature;
    uint8_t drive;                          /* 0 primary master, 1 primary slave, 2 secondary master, 3 the other */
    uint8_t operation;
    uint16_t sectors;                       /* of 512 bytes */
    uint64_t sector;                        /* the first */
    uint64_t buffer;                        /* guest-physical, even */
    uint32_t status;                        /* written by the device, and the only thing that is */
    uint32_t reserved;
};

_Static_assert(sizeof(struct direct_request) == 32, "the same for whatever compiles it");

#endif
