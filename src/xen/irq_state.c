/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What an administrator sees of one chip's end of an interrupt. */
#include "xen/irq.h"

static const struct state_field fields[] = {
    STATE_FIELD(struct isa_line, irq,  "IRQ",  STATE_NUMBER),
    STATE_FIELD(struct isa_line, high, "high", STATE_FLAG),
};
const struct state_map isa_line_state = STATE_MAP("interrupt line", fields);
