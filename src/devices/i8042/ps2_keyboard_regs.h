/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* IBM Personal System/2 Hardware Interface Technical Reference, "101- and 102-Key Keyboard", "Commands from the system"
 * and "Commands to the system". */
#ifndef REFLEX_DEVICES_PS2_KEYBOARD_REGS_H
#define REFLEX_DEVICES_PS2_KEYBOARD_REGS_H

#define KEYBOARD_SET_LEDS           0xed    /* and one byte */
#define KEYBOARD_ECHO               0xee
#define KEYBOARD_SCAN_CODE_SET      0xf0    /* and one byte: 1-3; 0 asks */
#define KEYBOARD_READ_ID            0xf2
#define KEYBOARD_SET_TYPEMATIC      0xf3    /* and one byte */
#define KEYBOARD_ENABLE             0xf4
#define KEYBOARD_DEFAULT_DISABLE    0xf5
#define KEYBOARD_SET_DEFAULT        0xf6
#define KEYBOARD_ALL_REPEAT         0xf7    /* F7h-FDh: the types of keys in set 3 */
#define KEYBOARD_ALL_BREAK          0xf8
#define KEYBOARD_ALL_MAKE           0xf9
#define KEYBOARD_ALL_REPEAT_BREAK   0xfa
#define KEYBOARD_KEY_REPEATS        0xfb    /* FBh-FDh: and codes of set 3, up to the next command */
#define KEYBOARD_KEY_BREAKS         0xfc
#define KEYBOARD_KEY_MAKE           0xfd
#define KEYBOARD_RESEND             0xfe
#define KEYBOARD_RESET              0xff
#define KEYBOARD_FIRST_COMMAND      0xed

#define KEYBOARD_ID_FIRST           0xab
#define KEYBOARD_ID_SECOND          0x83

#define LEDS_MASK                   0x07    /* as INPUT_LED_* */
#define TYPEMATIC_MASK              0x7f
#define TYPEMATIC_DEFAULT           0x2b    /* 10.9 characters a second, after half a second */
#define OVERRUN_SET1                0xff
#define OVERRUN                     0x00    /* sets 2 and 3 */

#endif
