/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A 93C46 serial EEPROM: 64 words behind three wires and an answer (Microchip 93C46, DS21749).
 *
 * Programming takes no time, so that the chip is ready whenever it is asked.  What is programmed is kept as long as
 * the machine has power, and not longer.
 */
#ifndef REFLEX_DEVICES_NET_EEPROM93C46_H
#define REFLEX_DEVICES_NET_EEPROM93C46_H

#include <stdbool.h>
#include <stdint.h>

#define EEPROM93C46_WORDS 64u

struct eeprom93c46 {
    uint16_t words[EEPROM93C46_WORDS];
    /* wires, as they were last set */
    bool cs, clk, out;
    /* the instruction under way */
    enum eeprom93c46_phase { EEPROM_START, EEPROM_INSTRUCTION, EEPROM_READ, EEPROM_WRITE, EEPROM_DONE } phase;
    uint8_t instruction;                    /* opcode and address, 8 bits */
    uint8_t bits;                           /* passed in this phase */
    uint16_t data;
    bool programmable;                      /* EWEN has been given */
};

/* CS, CLK and DI are set.  The chip looks at DI, and changes DO, where CLK rises. */
void eeprom93c46_set(struct eeprom93c46 *eeprom, bool cs, bool clk, bool di);

/* DO. */
bool eeprom93c46_out(const struct eeprom93c46 *eeprom);

#endif
