/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What an administrator sees of the video memory. */
#include "xen/video_memory.h"

#define FIELD(member, name, kind) STATE_FIELD(struct xen_video_memory, member, name, kind)

static const struct state_field fields[] = {
    FIELD(memory.bytes,  "aperture",     STATE_HEX),
    FIELD(memory.length, "bytes",        STATE_NUMBER),
    FIELD(shown,         "window pages", STATE_HEX),
    FIELD(refused,       "moves refused", STATE_NUMBER),
};
const struct state_map xen_video_memory_state = STATE_MAP("video memory", fields);
