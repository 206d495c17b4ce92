/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What an administrator sees of an 82540EM. */
#include "devices/net/e1000.h"

#define CHIP(member, name, kind) STATE_FIELD(struct e1000, member, name, kind)

static const struct state_field fields[] = {
    CHIP(r.ctrl,             "CTRL",        STATE_HEX),
    CHIP(link,               "link",        STATE_FLAG),
    CHIP(card.allowed,       "bus master",  STATE_FLAG),
    CHIP(r.icr,              "ICR",         STATE_HEX),
    CHIP(r.ims,              "IMS",         STATE_HEX),
    CHIP(r.rctl,             "RCTL",        STATE_HEX),
    CHIP(r.rx.base_low,      "RDBAL",       STATE_HEX),
    CHIP(r.rx.length,        "RDLEN",       STATE_HEX),
    CHIP(r.rx.head,          "RDH",         STATE_NUMBER),
    CHIP(r.rx.tail,          "RDT",         STATE_NUMBER),
    CHIP(rx_waiting,         "frame waits", STATE_FLAG),
    CHIP(r.tctl,             "TCTL",        STATE_HEX),
    CHIP(r.tx.base_low,      "TDBAL",       STATE_HEX),
    CHIP(r.tx.length,        "TDLEN",       STATE_HEX),
    CHIP(r.tx.head,          "TDH",         STATE_NUMBER),
    CHIP(r.tx.tail,          "TDT",         STATE_NUMBER),
    CHIP(r.tx_next,          "next to send", STATE_NUMBER),
    CHIP(in_flight,          "in flight",   STATE_NUMBER),
    CHIP(buffers_used,       "buffers",     STATE_BITS),
    STATE_PART(struct e1000, r.ra, 6, "address", STATE_BYTES),
    CHIP(phy.pctrl,          "PCTRL",       STATE_HEX),
};
const struct state_map e1000_state = STATE_MAP("e1000", fields);
