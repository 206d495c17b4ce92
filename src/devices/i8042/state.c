/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What an administrator sees of the keyboard controller. */
#include "devices/i8042/i8042.h"

#define FIELD(member, name, kind) STATE_FIELD(struct i8042, member, name, kind)

static const struct state_field fields[] = {
    FIELD(regs.ram[0],      "command byte",  STATE_HEX),
    FIELD(regs.output.full, "output full",   STATE_FLAG),
    FIELD(regs.output.aux,  "of the mouse",  STATE_FLAG),
    FIELD(regs.output.byte, "output buffer", STATE_HEX),
    FIELD(regs.answer.full, "answer waits",  STATE_FLAG),
    FIELD(regs.output_port, "output port",   STATE_HEX),
    FIELD(regs.command,     "in command",    STATE_HEX),
};
const struct state_map i8042_state = STATE_MAP("8042", fields);
