/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What an administrator sees of the PV framebuffer: who is at it, whether somebody looks, and what is shown. */
#include "xen/fbfront.h"

#define FIELD(member, name, kind) STATE_FIELD(struct fbfront, member, name, kind)

static const struct state_field fields[] = {
    FIELD(bus.backend,    "backend",     STATE_TEXT),
    FIELD(event.port,     "event port",  STATE_NUMBER),
    FIELD(failed,         "failed",      STATE_FLAG),
    FIELD(period_ms,      "period ms",   STATE_NUMBER),
    FIELD(picture.width,  "width",       STATE_NUMBER),
    FIELD(picture.height, "height",      STATE_NUMBER),
    FIELD(picture.depth,  "depth",       STATE_NUMBER),
    FIELD(picture.stride, "stride",      STATE_NUMBER),
    FIELD(picture.offset, "offset",      STATE_HEX),
    FIELD(put,            "events put",  STATE_NUMBER),
    FIELD(taken,          "events taken", STATE_NUMBER),
};
const struct state_map fbfront_state = STATE_MAP("framebuffer", fields);
