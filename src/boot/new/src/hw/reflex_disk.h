/* SPDX-License-Identifier: LGPL-3.0-or-later */
#ifndef __REFLEX_DISK_H
#define __REFLEX_DISK_H

/* The firmware's half, with what each means: src/devices/ide/direct_regs.h.  A test includes both and compares them, so
 * that u32 and its like are for the includer to know (types.h). */
#define PORT_REFLEX_DISK 0x08a0
#define REFLEX_DISK_SIGNATURE 0x31445852
#define REFLEX_DISK_READ 0
#define REFLEX_DISK_WRITE 1
#define REFLEX_DISK_DONE 1

struct reflex_disk_request {
    u32 signature;
    u8 drive, operation;
    u16 sectors;
    u64 sector, buffer;
    u32 status, reserved;
};

/* Looks whether there is a direct path to the IDE channels' disks. */
void reflex_disk_setup(void);

/* Reads or writes op->count sectors of an ATA disk.  Nonzero: it is done.  0: it is not; the drive's registers are
 * the other way, and can tell why. */
struct disk_op_s;
int reflex_disk_transfer(struct disk_op_s *op, int iswrite);

#endif
