/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The packets of a CD or DVD drive.  Names and numbers: T10/1545D (MMC-4) revision 5a for the commands and their data,
 * T10/1416D (SPC-3) for sense data, SFF-8020i for mode pages that MMC dropped; T13/1410D 8.23 for the task file.
 */
#ifndef REFLEX_DEVICES_ATAPI_REGS_H
#define REFLEX_DEVICES_ATAPI_REGS_H

#define ATAPI_PACKET_SIZE 12u
#define ATAPI_BLOCK_SIZE  2048u             /* user data of a mode 1 block */
#define ATAPI_FRAME_SIZE  2352u             /* all of the block */
#define ATAPI_LEAD_IN     150u              /* frames from 00:00:00 to block 0 */

/* PACKET: bits of the Features register */
#define ATAPI_DMA 0x01u
#define ATAPI_OVL 0x02u

/* PACKET: Interrupt Reason, in Sector Count */
#define ATAPI_REASON_CD 0x01u               /* command, not data */
#define ATAPI_REASON_IO 0x02u               /* to the host */

/* Operation codes */
enum {
    ATAPI_TEST_UNIT_READY         = 0x00,
    ATAPI_REQUEST_SENSE           = 0x03,
    ATAPI_INQUIRY                 = 0x12,
    ATAPI_START_STOP_UNIT         = 0x1b,
    ATAPI_PREVENT_ALLOW_REMOVAL   = 0x1e,
    ATAPI_READ_CAPACITY           = 0x25,
    ATAPI_READ_10                 = 0x28,
    ATAPI_SEEK_10                 = 0x2b,
    ATAPI_READ_SUB_CHANNEL        = 0x42,
    ATAPI_READ_TOC_PMA_ATIP       = 0x43,
    ATAPI_GET_CONFIGURATION       = 0x46,
    ATAPI_GET_EVENT_STATUS        = 0x4a,
    ATAPI_READ_DISC_INFORMATION   = 0x51,
    ATAPI_READ_TRACK_INFORMATION  = 0x52,
    ATAPI_MODE_SELECT_10          = 0x55,
    ATAPI_MODE_SENSE_10           = 0x5a,
    ATAPI_READ_12                 = 0xa8,
    ATAPI_READ_DVD_STRUCTURE      = 0xad,
    ATAPI_READ_CD_MSF             = 0xb9,
    ATAPI_SET_CD_SPEED            = 0xbb,
    ATAPI_MECHANISM_STATUS        = 0xbd,
    ATAPI_READ_CD                 = 0xbe,
};

/* Sense keys */
enum {
    ATAPI_NO_SENSE        = 0x0,
    ATAPI_NOT_READY       = 0x2,
    ATAPI_MEDIUM_ERROR    = 0x3,
    ATAPI_ILLEGAL_REQUEST = 0x5,
    ATAPI_UNIT_ATTENTION  = 0x6,
    ATAPI_ABORTED_COMMAND = 0xb,
};

/* Additional sense codes: ASC << 8 | ASCQ */
enum {
    ATAPI_UNRECOVERED_READ_ERROR   = 0x1100,
    ATAPI_PARAMETER_LIST_LENGTH    = 0x1a00,
    ATAPI_INVALID_OPERATION_CODE   = 0x2000,
    ATAPI_BLOCK_OUT_OF_RANGE       = 0x2100,
    ATAPI_INVALID_FIELD_IN_CDB     = 0x2400,
    ATAPI_INVALID_FIELD_IN_LIST    = 0x2600,
    ATAPI_MEDIUM_MAY_HAVE_CHANGED  = 0x2800,
    ATAPI_RESET_OCCURRED           = 0x2900,
    ATAPI_INCOMPATIBLE_FORMAT      = 0x3002,
    ATAPI_SAVING_NOT_SUPPORTED     = 0x3900,
    ATAPI_NO_MEDIUM_TRAY_CLOSED    = 0x3a01,
    ATAPI_NO_MEDIUM_TRAY_OPEN      = 0x3a02,
    ATAPI_DATA_PHASE_ERROR         = 0x4b00,
    ATAPI_REMOVAL_PREVENTED        = 0x5302,
    ATAPI_ILLEGAL_MODE_FOR_TRACK   = 0x6400,
};

/* START STOP UNIT, byte 4 */
#define ATAPI_START     0x01u
#define ATAPI_LOEJ      0x02u
#define ATAPI_POWER     0xf0u

/* PREVENT ALLOW MEDIUM REMOVAL, byte 4 */
#define ATAPI_PREVENT    0x01u
#define ATAPI_PERSISTENT 0x02u

/* MSF, byte 1 of READ TOC/PMA/ATIP and READ SUB-CHANNEL */
#define ATAPI_MSF 0x02u

/* READ CD and READ CD MSF: the fields of a block to transfer, byte 9 */
#define ATAPI_FIELD_SYNC    0x80u
#define ATAPI_FIELD_SUBHEAD 0x40u
#define ATAPI_FIELD_HEADER  0x20u
#define ATAPI_FIELD_USER    0x10u
#define ATAPI_FIELD_ECC     0x08u
#define ATAPI_FIELD_C2      0x06u

/* GET EVENT STATUS NOTIFICATION: classes (bit number in the request, number in the answer) and media events */
#define ATAPI_POLLED            0x01u
#define ATAPI_CLASS_OPERATIONAL 1u
#define ATAPI_CLASS_MEDIA       4u
#define ATAPI_NO_EVENT_AVAILABLE 0x80u
enum {
    ATAPI_EVENT_NONE          = 0,
    ATAPI_EVENT_EJECT_REQUEST = 1,
    ATAPI_EVENT_NEW_MEDIA     = 2,
    ATAPI_EVENT_MEDIA_REMOVAL = 3,
};
#define ATAPI_TRAY_OPEN     0x01u
#define ATAPI_MEDIA_PRESENT 0x02u

/* Features and profiles of GET CONFIGURATION */
enum {
    ATAPI_PROFILE_CD_ROM           = 0x0008,
    ATAPI_PROFILE_DVD_ROM          = 0x0010,
    ATAPI_FEATURE_PROFILE_LIST     = 0x0000,
    ATAPI_FEATURE_CORE             = 0x0001,
    ATAPI_FEATURE_MORPHING         = 0x0002,
    ATAPI_FEATURE_REMOVABLE_MEDIUM = 0x0003,
    ATAPI_FEATURE_RANDOM_READABLE  = 0x0010,
    ATAPI_FEATURE_CD_READ          = 0x001e,
    ATAPI_FEATURE_DVD_READ         = 0x001f,
    ATAPI_FEATURE_POWER_MANAGEMENT = 0x0100,
    ATAPI_FEATURE_TIMEOUT          = 0x0105,
};

/* Mode pages */
enum {
    ATAPI_PAGE_ERROR_RECOVERY = 0x01,
    ATAPI_PAGE_CD_DEVICE      = 0x0d,       /* SFF-8020i */
    ATAPI_PAGE_CD_AUDIO       = 0x0e,
    ATAPI_PAGE_CAPABILITIES   = 0x2a,
    ATAPI_PAGE_ALL            = 0x3f,
};

#endif
