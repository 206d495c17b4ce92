/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The battery-backed bytes 14-127 of the PC's clock chip, at ports 70h and 71h.
 *
 * Xen emulates the clock, bytes 0-13, at the same two ports and sees every access first
 * (xen/arch/x86/hvm/rtc.c, handle_rtc_io()).  It remembers every index, and lets through what it does not
 * answer: a write of an index of 14 or more, and the data of such an index.  So whenever the data port is
 * reached here, both sides hold the same index.
 */
#ifndef REFLEX_DEVICES_CMOS_H
#define REFLEX_DEVICES_CMOS_H

#include <stdbool.h>
#include <stdint.h>

#include "backends/io.h"
#include "devices/cmos_regs.h"

/* Numbers as CMOS_BOOTFLAG1 and 2 have them. */
enum cmos_boot_device { CMOS_BOOT_NONE, CMOS_BOOT_FLOPPY, CMOS_BOOT_DISK, CMOS_BOOT_CDROM, CMOS_BOOT_NETWORK };

/* A hard disk's own geometry, as its IDENTIFY DEVICE tells it.  cylinders 0: no hard disk here. */
struct cmos_disk {
    uint16_t cylinders;
    uint8_t heads, sectors;
};

struct cmos_config {
    uint64_t ram_below_4g, ram_above_4g;        /* bytes */
    unsigned int vcpus;
    enum cmos_boot_device boot[3];              /* the first to try first */
    bool any_floppy;                            /* boot from a floppy disk without a signature, too */
    struct cmos_disk disks[4];                  /* primary master, primary slave, secondary master, ... */
};

struct cmos {
    /* battery-backed: a reset leaves it alone */
    uint8_t bytes[CMOS_SIZE];

    /* registers */
    struct cmos_registers {
        uint8_t index;
    } regs;
};

/* Fills the bytes that a BIOS reads from the configuration, with a valid checksum, and resets. */
void cmos_init(struct cmos *cmos, const struct cmos_config *config);
void cmos_reset(struct cmos *cmos);

/* Two byte ports, RTC_INDEX and RTC_DATA. */
extern const struct io_ops cmos_ops;

#endif
