/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What an administrator sees of a PV disk.  Requests are on the ring until their answers have been taken; the ring's
 * own indices say how far the backend is. */
#include "xen/blkfront.h"

#define FIELD(member, name, kind)      STATE_FIELD(struct blkfront, member, name, kind)
#define RING_INDEX(member, name)                                                                                \
    STATE_PART(struct blkfront, ring_page[offsetof(struct blkif_sring, member)], sizeof(RING_IDX), name,        \
               STATE_NUMBER)

static const struct state_field fields[] = {
    FIELD(bus.backend,                "backend",         STATE_TEXT),
    FIELD(backend.info.sectors,       "sectors",         STATE_NUMBER),
    FIELD(backend.info.read_only,     "read only",       STATE_FLAG),
    FIELD(failed,                     "failed",          STATE_FLAG),
    FIELD(pages_lost,                 "pages lost",      STATE_FLAG),
    FIELD(busy,                       "requests out",    STATE_BITS),
    FIELD(first,                      "others wait",     STATE_FLAG),
    FIELD(free_ref_count,             "references",      STATE_NUMBER),
    FIELD(free_bounce,                "bounce pages",    STATE_BITS),
    RING_INDEX(req_prod,              "asked"),
    RING_INDEX(rsp_prod,              "answered"),
    FIELD(ring.rsp_cons,              "answers taken",   STATE_NUMBER),
};
const struct state_map blkfront_state = STATE_MAP("disk", fields);
