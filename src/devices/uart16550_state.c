/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What an administrator sees of a serial port. */
#include "devices/uart16550.h"

#define FIELD(member, name, kind) STATE_FIELD(struct uart16550, member, name, kind)

static const struct state_field fields[] = {
    FIELD(backend,           "wire",         STATE_LINK),
    FIELD(regs.ier,          "IER",          STATE_HEX),
    FIELD(regs.fcr,          "FCR",          STATE_HEX),
    FIELD(regs.lcr,          "LCR",          STATE_HEX),
    FIELD(regs.mcr,          "MCR",          STATE_HEX),
    FIELD(regs.scr,          "SCR",          STATE_HEX),
    FIELD(regs.dll,          "DLL",          STATE_HEX),
    FIELD(regs.dlm,          "DLM",          STATE_HEX),
    FIELD(regs.thre_pending, "THRE pending", STATE_FLAG),
    FIELD(regs.overrun,      "overrun",      STATE_FLAG),
    FIELD(regs.rx.count,     "to be read",   STATE_NUMBER),
    FIELD(regs.tx.count,     "to be sent",   STATE_NUMBER),
};
const struct state_map uart16550_state = STATE_MAP("16550", fields);
