/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What an administrator sees of the PV keyboard: who is at it, and how far the ring has been read. */
#include "xen/kbdfront.h"

#define FIELD(member, name, kind) STATE_FIELD(struct kbdfront, member, name, kind)

static const struct state_field fields[] = {
    FIELD(bus.backend, "backend",    STATE_TEXT),
    FIELD(for_dom0,    "for dom0",   STATE_FLAG),
    FIELD(failed,      "failed",     STATE_FLAG),
    FIELD(waiting,     "waiting",    STATE_FLAG),
    FIELD(event.port,  "event port", STATE_NUMBER),
    STATE_PART(struct kbdfront, page[offsetof(struct xenkbd_page, in_prod)], sizeof(uint32_t), "events put",
               STATE_NUMBER),
    FIELD(taken,       "events taken", STATE_NUMBER),
};
const struct state_map kbdfront_state = STATE_MAP("keyboard", fields);
