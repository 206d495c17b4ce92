/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The PC's use of the bytes behind its clock.  Bytes 0-13 are the clock's (Motorola MC146818); the others
 * as the IBM AT Technical Reference ("CMOS RAM information") and the Bochs and QEMU BIOSes have laid them out.
 */
#ifndef REFLEX_DEVICES_CMOS_REGS_H
#define REFLEX_DEVICES_CMOS_REGS_H

enum {
    RTC_INDEX = 0,                  /* port 70h (WO): bits 6-0 select a byte, bit 7 masks NMI */
    RTC_DATA  = 1,                  /* port 71h (RW) */
};

#define CMOS_INDEX_MASK         0x7f
#define CMOS_SIZE               128

#define CMOS_CLOCK_SIZE         0x0e    /* bytes 0-13 */
#define CMOS_RESET_CODE         0x0f    /* what a BIOS does after a reset */
#define CMOS_FLOPPY_TYPE        0x10    /* bits 7-4 drive A, 3-0 drive B; 0: none */
#define CMOS_DISK_TYPE          0x12    /* bits 7-4 first disk, 3-0 second; 15: see CMOS_DISK0_TYPE; 0: none */
#define CMOS_EQUIPMENT          0x14
#define CMOS_BASE_MEMORY        0x15    /* 16 bits, KiB */
#define CMOS_EXTENDED_MEMORY    0x17    /* 16 bits, KiB above 1 MiB */
#define CMOS_DISK0_TYPE         0x19
#define CMOS_DISK1_TYPE         0x1a
#define CMOS_DISK0_GEOMETRY     0x1b    /* CMOS_GEOMETRY_SIZE bytes */
#define CMOS_DISK1_GEOMETRY     0x24
#define CMOS_CHECKSUM           0x2e    /* 16 bits, high byte first: the sum of the bytes below */
#define CMOS_CHECKSUM_FIRST     0x10
#define CMOS_CHECKSUM_LAST      0x2d
#define CMOS_EXTENDED_MEMORY_2  0x30    /* CMOS_EXTENDED_MEMORY as the BIOS found it */
#define CMOS_CENTURY            0x32    /* BCD */
#define CMOS_MEMORY_ABOVE_16M   0x34    /* 16 bits, 64 KiB units, up to 4 GiB */
#define CMOS_BOOTFLAG1          0x38    /* bits 7-4: third boot device; bit 0: BOOTFLAG1_ANY_FLOPPY */
#define CMOS_TRANSLATION        0x39    /* 2 bits a disk, from bit 0 */
#define CMOS_BOOTFLAG2          0x3d    /* bits 3-0 first, 7-4 second boot device */
#define CMOS_MEMORY_ABOVE_4G    0x5b    /* 24 bits, 64 KiB units */
#define CMOS_SMP_COUNT          0x5f    /* processors besides the first */

#define EQUIPMENT_FPU           0x02
#define BOOTFLAG1_ANY_FLOPPY    0x01    /* a floppy disk's boot sector needs no signature */
#define DISK_TYPE_EXTENDED      0x0f
#define DISK_TYPE_USER          47      /* the geometry is in CMOS_DISKn_GEOMETRY */
#define DISK_CONTROL_RETRIES    0xc0    /* no retries */
#define DISK_CONTROL_HEADS      0x08    /* more than 8 heads */

#define CMOS_GEOMETRY_SIZE      9

enum cmos_translation { TRANSLATION_NONE = 0, TRANSLATION_LBA = 1, TRANSLATION_LARGE = 2 };

#endif
