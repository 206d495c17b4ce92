/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What an administrator sees of the direct path. */
#include "devices/ide/direct.h"

#define DIRECT(member, name, kind) STATE_FIELD(struct ide_direct, member, name, kind)

static const struct state_field fields[] = {
    DIRECT(device,          "at backend",   STATE_LINK),
    DIRECT(request.sector,  "sector",       STATE_NUMBER),
    DIRECT(request.sectors, "sectors",      STATE_NUMBER),
    DIRECT(segment.address, "buffer",       STATE_HEX),
    DIRECT(done,            "done",         STATE_NUMBER),
    DIRECT(refused,         "refused",      STATE_NUMBER),
    DIRECT(failed,          "failed",       STATE_NUMBER),
};
const struct state_map ide_direct_state = STATE_MAP("ide direct", fields);
