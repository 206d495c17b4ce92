/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What an administrator sees of a PV network interface.  The rings' own indices say how far the backend is. */
#include "xen/netfront.h"

#define FIELD(member, name, kind) STATE_FIELD(struct netfront, member, name, kind)

static const struct state_field fields[] = {
    FIELD(bus.backend,            "backend",       STATE_TEXT),
    FIELD(backend.info.address,   "address",       STATE_BYTES),
    FIELD(backend.info.up,        "link up",       STATE_FLAG),
    FIELD(failed,                 "failed",        STATE_FLAG),
    FIELD(pages_lost,             "pages lost",    STATE_FLAG),
    FIELD(sent,                   "sent",          STATE_NUMBER),
    FIELD(tx.req_prod_pvt,        "slots asked",   STATE_NUMBER),
    FIELD(tx.rsp_cons,            "slots answered", STATE_NUMBER),
    FIELD(lent,                   "packets out",   STATE_NUMBER),
    FIELD(first,                  "others wait",   STATE_FLAG),
    FIELD(received,               "received",      STATE_NUMBER),
    FIELD(dropped,                "dropped",       STATE_NUMBER),
    FIELD(held,                   "chip is full",  STATE_FLAG),
};
const struct state_map netfront_state = STATE_MAP("network", fields);
