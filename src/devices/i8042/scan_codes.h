/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * What keys say: scan code set 2, and sets 1 and 3.
 *
 * Set 1 is set 2 as the keyboard controller translates it: that is how both were made, and how both are made here.
 * Sources: IBM Personal System/2 Hardware Interface Technical Reference, "101- and 102-Key Keyboard", "Scan codes";
 * Microsoft, "Keyboard Scan Code Specification" 1.3a for the keys that came later, which have no code in set 3.
 */
#ifndef REFLEX_DEVICES_SCAN_CODES_H
#define REFLEX_DEVICES_SCAN_CODES_H

#include <stdbool.h>
#include <stdint.h>

#define SCAN_EXTENDED   0xe0                /* prefix of keys that the first keyboards did not have */
#define SCAN_PAUSE      0xe1                /* prefix of one key */
#define SCAN_BREAK      0xf0                /* sets 2 and 3: prefix of a key that came up */
#define SCAN_SET1_BREAK 0x80                /* set 1: the same, in the code */
#define SCAN_CODES      0x8e                /* set 3: codes are below */

/* How a key behaves in set 3. */
enum scan_key_type {
    SCAN_MAKE           = 0,                /* says that it went down */
    SCAN_REPEATS        = 1,                /* says so again while it is held */
    SCAN_BREAKS         = 2,                /* says that it came up */
    SCAN_REPEATS_BREAKS = SCAN_REPEATS | SCAN_BREAKS,
};

struct scan_key {
    uint16_t set2;                          /* E0xx: with the prefix; 0: no such key */
    uint8_t set3;                           /* 0: silent in set 3 */
    uint8_t type;                           /* enum scan_key_type after power-on */
};

/* `code`: an enum input_key below INPUT_KEYS.  PAUSE and SYSRQ (Print Screen) have their plain code here, and say more
 * than that in sets 1 and 2. */
struct scan_key scan_key(unsigned int code);

/* One byte from set 2 to set 1.  False: it was SCAN_BREAK, of which *released remembers that it belongs to the next
 * byte.  Bytes that are no scan codes stay as they are. */
bool scan_code_translate(uint8_t *byte, bool *released);

#endif
