/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "devices/net/eeprom93c46.h"

/* Opcodes; the extended ones are told apart by the upper two bits of the address. */
#define OPCODE(instruction)  ((instruction) >> 6)
#define ADDRESS(instruction) ((instruction) & (EEPROM93C46_WORDS - 1))
enum { EXTENDED, WRITE, READ, ERASE };
enum { EWDS, WRAL, ERAL, EWEN };
#define EXTENSION(instruction) ((instruction) >> 4 & 3)

static void instruct(struct eeprom93c46 *eeprom)
{
    unsigned int extension = EXTENSION(eeprom->instruction);

    eeprom->bits = 0;
    eeprom->phase = EEPROM_DONE;
    switch (OPCODE(eeprom->instruction)) {
    case READ:
        eeprom->phase = EEPROM_READ;
        eeprom->data = eeprom->words[ADDRESS(eeprom->instruction)];
        eeprom->out = false;                /* "a dummy zero bit precedes the output" */
        break;
    case WRITE:
        eeprom->phase = EEPROM_WRITE;
        break;
    case EXTENDED:
        if (extension == WRAL)
            eeprom->phase = EEPROM_WRITE;
        if (extension == EWEN || extension == EWDS)
            eeprom->programmable = extension == EWEN;
        break;
    }
}

/* A read goes on with the next word for as long as there are clocks. */
static void put_out(struct eeprom93c46 *eeprom)
{
    eeprom->out = eeprom->data >> 15;
    eeprom->data = (uint16_t)(eeprom->data << 1);
    if (++eeprom->bits < 16)
        return;
    eeprom->bits = 0;
    eeprom->instruction++;
    eeprom->data = eeprom->words[ADDRESS(eeprom->instruction)];
}

static void clock_rises(struct eeprom93c46 *eeprom, bool di)
{
    switch (eeprom->phase) {
    case EEPROM_START:
        if (!di)
            return;
        eeprom->phase = EEPROM_INSTRUCTION;
        eeprom->bits = 0;
        break;
    case EEPROM_INSTRUCTION:
        eeprom->instruction = (uint8_t)(eeprom->instruction << 1 | di);
        if (++eeprom->bits == 8)
            instruct(eeprom);
        break;
    case EEPROM_READ:
        put_out(eeprom);
        break;
    case EEPROM_WRITE:
        if (eeprom->bits == 16)
            return;
        eeprom->data = (uint16_t)(eeprom->data << 1 | di);
        eeprom->bits++;
        break;
    case EEPROM_DONE:
        break;
    }
}

/* Programming begins where CS falls, if the instruction is complete. */
static void program(struct eeprom93c46 *eeprom)
{
    unsigned int opcode = OPCODE(eeprom->instruction), extension = EXTENSION(eeprom->instruction);
    bool written = eeprom->phase == EEPROM_WRITE && eeprom->bits == 16;
    bool erased = eeprom->phase == EEPROM_DONE && (opcode == ERASE || (opcode == EXTENDED && extension == ERAL));

    if (!eeprom->programmable || !(written || erased))
        return;
    if (erased)
        eeprom->data = 0xffff;
    for (unsigned int i = 0; i < EEPROM93C46_WORDS; i++)
        if (opcode == EXTENDED || i == ADDRESS(eeprom->instruction))
            eeprom->words[i] = eeprom->data;
}

void eeprom93c46_set(struct eeprom93c46 *eeprom, bool cs, bool clk, bool di)
{
    if (eeprom->cs && !cs) {
        program(eeprom);
        eeprom->phase = EEPROM_START;
    }
    if (!eeprom->cs && cs)
        eeprom->out = true;                 /* ready */
    if (cs && clk && !eeprom->clk)
        clock_rises(eeprom, di);
    eeprom->cs = cs;
    eeprom->clk = clk;
}

bool eeprom93c46_out(const struct eeprom93c46 *eeprom)
{
    return eeprom->cs && eeprom->out;
}
