/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What an administrator sees of the PV console. */
#include "xen/console.h"

static const struct state_field fields[] = {
    STATE_FIELD(struct console, failed,     "failed",     STATE_FLAG),
    STATE_FIELD(struct console, event.port, "event port", STATE_NUMBER),
};
const struct state_map console_state = STATE_MAP("console", fields);
