/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What an administrator sees of an RTL8139C+. */
#include "devices/net/rtl8139.h"

#define FIELD(member, name, kind)          STATE_FIELD(struct rtl8139, member, name, kind)
#define REGISTER(offset, bytes, name)      STATE_PART(struct rtl8139, regs.file[offset], bytes, name, STATE_HEX)

static const struct state_field fields[] = {
    FIELD(wiring.backend,   "backend",         STATE_LINK),
    STATE_PART(struct rtl8139, regs.file[RTL_IDR0], 6, "IDR", STATE_BYTES),
    STATE_PART(struct rtl8139, regs.file[RTL_MAR0], 8, "MAR", STATE_BYTES),
    REGISTER(RTL_CR,        1, "CR"),
    REGISTER(RTL_CPCR,      2, "CPCR"),
    REGISTER(RTL_IMR,       2, "IMR"),
    REGISTER(RTL_ISR,       2, "ISR"),
    REGISTER(RTL_TCR,       4, "TCR"),
    REGISTER(RTL_RCR,       4, "RCR"),
    REGISTER(RTL_BMCR,      2, "BMCR"),
    REGISTER(RTL_BMSR,      2, "BMSR"),
    REGISTER(RTL_TSD0,      4, "TSD0"),
    REGISTER(RTL_TSD0 + 4,  4, "TSD1"),
    REGISTER(RTL_TSD0 + 8,  4, "TSD2"),
    REGISTER(RTL_TSD0 + 12, 4, "TSD3"),
    REGISTER(RTL_RBSTART,   4, "RBSTART"),
    REGISTER(RTL_CAPR,      2, "CAPR"),
    REGISTER(RTL_CBR,       2, "CBR"),
    REGISTER(RTL_TNPDS,     8, "TNPDS"),
    REGISTER(RTL_THPDS,     8, "THPDS"),
    REGISTER(RTL_RDSAR,     8, "RDSAR"),
    FIELD(regs.rings[RTL8139_NORMAL].next, "next Tx",   STATE_NUMBER),
    FIELD(regs.rings[RTL8139_HIGH].next,   "next high Tx", STATE_NUMBER),
    FIELD(regs.next_rx,     "next Rx",         STATE_NUMBER),
    FIELD(mastering,        "bus master",      STATE_FLAG),
    FIELD(regs.held,        "frame waits",     STATE_FLAG),
    FIELD(tx.count,         "being sent",      STATE_NUMBER),
    FIELD(regs.tally.tx_ok, "TxOk",            STATE_NUMBER),
    FIELD(regs.tally.tx_er, "TxER",            STATE_NUMBER),
    FIELD(regs.tally.rx_ok, "RxOk",            STATE_NUMBER),
    FIELD(regs.tally.rx_er, "RxER",            STATE_NUMBER),
};
const struct state_map rtl8139_state = STATE_MAP("rtl8139", fields);
