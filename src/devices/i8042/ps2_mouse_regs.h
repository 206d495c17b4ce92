/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* IBM Personal System/2 Mouse Technical Reference, "Commands"; Microsoft's IntelliMouse and IntelliMouse Explorer PS/2
 * protocols, for the two identities with a wheel. */
#ifndef REFLEX_DEVICES_PS2_MOUSE_REGS_H
#define REFLEX_DEVICES_PS2_MOUSE_REGS_H

#define MOUSE_SCALING_1_TO_1    0xe6
#define MOUSE_SCALING_2_TO_1    0xe7
#define MOUSE_SET_RESOLUTION    0xe8        /* and one byte */
#define MOUSE_READ_STATUS       0xe9
#define MOUSE_STREAM_MODE       0xea
#define MOUSE_READ_DATA         0xeb
#define MOUSE_END_WRAP          0xec
#define MOUSE_WRAP_MODE         0xee
#define MOUSE_REMOTE_MODE       0xf0
#define MOUSE_READ_ID           0xf2
#define MOUSE_SET_RATE          0xf3        /* and one byte */
#define MOUSE_ENABLE            0xf4
#define MOUSE_DISABLE           0xf5
#define MOUSE_SET_DEFAULT       0xf6
#define MOUSE_RESEND            0xfe
#define MOUSE_RESET             0xff
#define MOUSE_FIRST_COMMAND     0xe6

#define MOUSE_ID_STANDARD       0
#define MOUSE_ID_WHEEL          3           /* a fourth byte: the wheel */
#define MOUSE_ID_EXPLORER       4           /* and in it, buttons 4 and 5 */

#define RESOLUTION_DEFAULT      2           /* 4 counts a millimetre */
#define RESOLUTION_MAX          3
#define RATE_DEFAULT            100         /* reports a second */

/* First byte of a report; the second and third are X and Y, whose ninth bits these signs are */
#define REPORT_LEFT             0x01
#define REPORT_RIGHT            0x02
#define REPORT_MIDDLE           0x04
#define REPORT_ALWAYS           0x08
#define REPORT_X_SIGN           0x10
#define REPORT_Y_SIGN           0x20
#define REPORT_X_OVERFLOW       0x40
#define REPORT_Y_OVERFLOW       0x80

/* Fourth byte of MOUSE_ID_EXPLORER */
#define REPORT_WHEEL_MASK       0x0f
#define REPORT_SIDE             0x10
#define REPORT_EXTRA            0x20

/* First byte of the status; the others are resolution and rate */
#define STATUS_RIGHT            0x01
#define STATUS_MIDDLE           0x02
#define STATUS_LEFT             0x04
#define STATUS_SCALING          0x10
#define STATUS_ENABLED          0x20
#define STATUS_REMOTE           0x40

#endif
