/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The task file of an ATA device.  Names and numbers: T13/1410D (ATA/ATAPI-6) revision 3b, clause 7 (registers)
 * and clause 8 (commands).  Bits that ATA/ATAPI-6 calls obsolete carry their ATA-3 name.
 */
#ifndef REFLEX_DEVICES_IDE_REGS_H
#define REFLEX_DEVICES_IDE_REGS_H

/* Command block: offsets. */
enum {
    IDE_DATA         = 0,               /* 16 bits wide */
    IDE_FEATURES     = 1,               /* (WO) */
    IDE_ERROR        = 1,               /* (RO) */
    IDE_SECTOR_COUNT = 2,
    IDE_LBA_LOW      = 3,
    IDE_LBA_MID      = 4,
    IDE_LBA_HIGH     = 5,
    IDE_DEVICE       = 6,
    IDE_COMMAND      = 7,               /* (WO) */
    IDE_STATUS       = 7,               /* (RO) reading acknowledges INTRQ */
};

/* Status; the control block's Alternate Status is the same without the acknowledgement. */
#define IDE_STATUS_ERR  0x01u
#define IDE_STATUS_DRQ  0x08u
#define IDE_STATUS_DSC  0x10u           /* seek complete (ATA-3) */
#define IDE_STATUS_DF   0x20u
#define IDE_STATUS_DRDY 0x40u
#define IDE_STATUS_BSY  0x80u

/* Error */
#define IDE_ERROR_ABRT 0x04u
#define IDE_ERROR_IDNF 0x10u
#define IDE_ERROR_UNC  0x40u
#define IDE_DIAGNOSTIC_PASSED 0x01u     /* the register's content after a reset or a diagnostic */

/* Device */
#define IDE_DEVICE_HEAD 0x0fu           /* head, or LBA bits 27:24 */
#define IDE_DEVICE_DEV  0x10u
#define IDE_DEVICE_LBA  0x40u

/* Device Control (WO), the only register of the control block */
#define IDE_CONTROL_NIEN 0x02u
#define IDE_CONTROL_SRST 0x04u
#define IDE_CONTROL_HOB  0x80u

/* Commands */
enum {
    IDE_NOP                        = 0x00,
    IDE_DATA_SET_MANAGEMENT        = 0x06,      /* ATA8-ACS */
    IDE_DEVICE_RESET               = 0x08,
    IDE_RECALIBRATE                = 0x10,      /* ATA-3 */
    IDE_READ_SECTORS               = 0x20,
    IDE_READ_SECTORS_NO_RETRY      = 0x21,      /* ATA-4 */
    IDE_READ_SECTORS_EXT           = 0x24,
    IDE_READ_DMA_EXT               = 0x25,
    IDE_READ_NATIVE_MAX_EXT        = 0x27,
    IDE_READ_MULTIPLE_EXT          = 0x29,
    IDE_WRITE_SECTORS              = 0x30,
    IDE_WRITE_SECTORS_NO_RETRY     = 0x31,      /* ATA-4 */
    IDE_WRITE_SECTORS_EXT          = 0x34,
    IDE_WRITE_DMA_EXT              = 0x35,
    IDE_WRITE_MULTIPLE_EXT         = 0x39,
    IDE_WRITE_DMA_FUA_EXT          = 0x3d,      /* ATA/ATAPI-7 */
    IDE_READ_VERIFY                = 0x40,
    IDE_READ_VERIFY_NO_RETRY       = 0x41,      /* ATA-4 */
    IDE_READ_VERIFY_EXT            = 0x42,
    IDE_SEEK                       = 0x70,
    IDE_EXECUTE_DEVICE_DIAGNOSTIC  = 0x90,
    IDE_INITIALIZE_DEVICE_PARAMETERS = 0x91,    /* ATA-5 */
    IDE_STANDBY_IMMEDIATE_ATA3     = 0x94,      /* 94h to 99h: what is E0h to E6h since ATA-4 */
    IDE_IDLE_IMMEDIATE_ATA3        = 0x95,
    IDE_STANDBY_ATA3               = 0x96,
    IDE_IDLE_ATA3                  = 0x97,
    IDE_CHECK_POWER_MODE_ATA3      = 0x98,
    IDE_SLEEP_ATA3                 = 0x99,
    IDE_SMART                      = 0xb0,
    IDE_PACKET                     = 0xa0,
    IDE_IDENTIFY_PACKET_DEVICE     = 0xa1,
    IDE_READ_MULTIPLE              = 0xc4,
    IDE_WRITE_MULTIPLE             = 0xc5,
    IDE_SET_MULTIPLE_MODE          = 0xc6,
    IDE_READ_DMA                   = 0xc8,
    IDE_READ_DMA_NO_RETRY          = 0xc9,      /* ATA-4 */
    IDE_WRITE_DMA                  = 0xca,
    IDE_WRITE_DMA_NO_RETRY         = 0xcb,      /* ATA-4 */
    IDE_WRITE_MULTIPLE_FUA_EXT     = 0xce,      /* ATA/ATAPI-7 */
    IDE_STANDBY_IMMEDIATE          = 0xe0,
    IDE_IDLE_IMMEDIATE             = 0xe1,
    IDE_STANDBY                    = 0xe2,
    IDE_IDLE                       = 0xe3,
    IDE_READ_BUFFER                = 0xe4,
    IDE_CHECK_POWER_MODE           = 0xe5,
    IDE_SLEEP                      = 0xe6,
    IDE_FLUSH_CACHE                = 0xe7,
    IDE_WRITE_BUFFER               = 0xe8,
    IDE_FLUSH_CACHE_EXT            = 0xea,
    IDE_IDENTIFY_DEVICE            = 0xec,
    IDE_SET_FEATURES               = 0xef,
    IDE_READ_NATIVE_MAX            = 0xf8,
};

/* SET FEATURES subcommands, in Features */
enum {
    IDE_FEATURE_WRITE_CACHE_ON     = 0x02,
    IDE_FEATURE_TRANSFER_MODE      = 0x03,      /* mode in Sector Count */
    IDE_FEATURE_LOOK_AHEAD_OFF     = 0x55,
    IDE_FEATURE_KEEP_SETTINGS      = 0x66,      /* over a software reset */
    IDE_FEATURE_WRITE_CACHE_OFF    = 0x82,
    IDE_FEATURE_LOOK_AHEAD_ON      = 0xaa,
    IDE_FEATURE_REVERT_SETTINGS    = 0xcc,
};

/* DATA SET MANAGEMENT's function, in Features (ATA8-ACS) */
#define IDE_DSM_TRIM 0x01u

/* SMART subcommands, in Features; the key is in LBA Mid and High */
enum {
    IDE_SMART_READ_DATA            = 0xd0,
    IDE_SMART_READ_THRESHOLDS      = 0xd1,      /* ATA-3 */
    IDE_SMART_AUTOSAVE             = 0xd2,      /* Sector Count: off or on */
    IDE_SMART_SAVE_ATTRIBUTES      = 0xd3,      /* ATA-5 */
    IDE_SMART_EXECUTE_OFF_LINE     = 0xd4,      /* LBA Low: which */
    IDE_SMART_READ_LOG             = 0xd5,      /* LBA Low: which; Sector Count: sectors of it */
    IDE_SMART_ENABLE               = 0xd8,
    IDE_SMART_DISABLE              = 0xd9,
    IDE_SMART_RETURN_STATUS        = 0xda,
};
#define IDE_SMART_KEY_MID      0x4fu
#define IDE_SMART_KEY_HIGH     0xc2u
#define IDE_SMART_AUTOSAVE_OFF 0x00u
#define IDE_SMART_AUTOSAVE_ON  0xf1u

/* EXECUTE OFF-LINE IMMEDIATE, in LBA Low */
enum {
    IDE_SMART_COLLECT_DATA         = 0x00,
    IDE_SMART_SHORT_TEST           = 0x01,
    IDE_SMART_EXTENDED_TEST        = 0x02,
    IDE_SMART_ABORT_TEST           = 0x7f,
    IDE_SMART_CAPTIVE              = 0x80,      /* with a test: the command ends with it */
};

/* READ LOG, in LBA Low; each is one sector long */
enum {
    IDE_SMART_LOG_DIRECTORY        = 0x00,
    IDE_SMART_ERROR_LOG            = 0x01,
    IDE_SMART_SELF_TEST_LOG        = 0x06,
};

/* CHECK POWER MODE results in Sector Count */
#define IDE_POWER_STANDBY 0x00u
#define IDE_POWER_IDLE    0x80u
#define IDE_POWER_ACTIVE  0xffu

#endif
