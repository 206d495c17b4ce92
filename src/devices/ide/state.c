/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What an administrator sees of an IDE channel and of its devices. */
#include "devices/ide/ide.h"

#define CHANNEL(member, name, kind) STATE_FIELD(struct ide_channel, member, name, kind)
#define DEVICE(member, name, kind)  STATE_FIELD(struct ide_device, member, name, kind)

static const struct state_field channel_fields[] = {
    CHANNEL(r.selected,   "DEV",            STATE_NUMBER),
    CHANNEL(r.control,    "device control", STATE_HEX),
    CHANNEL(r.intrq,      "INTRQ",          STATE_FLAG),
    CHANNEL(r.resetting,  "resetting",      STATE_FLAG),
    CHANNEL(bm.bmicom,    "BMICOM",         STATE_HEX),
    CHANNEL(bm.bmista,    "BMISTA",         STATE_HEX),
    CHANNEL(bm.bmidtp,    "BMIDTP",         STATE_HEX),
    CHANNEL(bm.allowed,   "bus master",     STATE_FLAG),
    CHANNEL(t.device,     "in command",     STATE_LINK),
    CHANNEL(t.sector,     "next sector",    STATE_NUMBER),
    CHANNEL(t.sectors,    "sectors left",   STATE_NUMBER),
    CHANNEL(t.at,         "data at",        STATE_NUMBER),
    CHANNEL(t.end,        "data end",       STATE_NUMBER),
    CHANNEL(state,        "request",        STATE_NUMBER),
};
const struct state_map ide_channel_state = STATE_MAP("ide channel", channel_fields);

static const struct state_field device_fields[] = {
    DEVICE(disk,          "disk",           STATE_LINK),
    DEVICE(r.status,      "status",         STATE_HEX),
    DEVICE(r.error,       "error",          STATE_HEX),
    DEVICE(r.device,      "device",         STATE_HEX),
    DEVICE(r.current,     "task file",      STATE_BYTES),
    DEVICE(r.previous,    "task file HOB",  STATE_BYTES),
    DEVICE(r.interrupt,   "interrupt",      STATE_FLAG),
    DEVICE(r.sleeping,    "sleeping",       STATE_FLAG),
};
const struct state_map ide_device_state = STATE_MAP("ide device", device_fields);
