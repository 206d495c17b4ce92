/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Requests, one by one, as `trace` shows them. */
#ifndef REFLEXCTL_TRACE_H
#define REFLEXCTL_TRACE_H

#include "decode.h"
#include "snapshot.h"

/* Makes the decoder ready for what follows the snapshot's requests, and prints a heading for text. */
void trace_begin(const struct snapshot *snapshot, struct decoder *decoder, bool json);
/* Prints request `number`, which has ended.  since: the time stamp that times count from. */
void trace_show(const struct snapshot *snapshot, struct decoder *decoder, const struct stats_request *request,
                uint64_t number, uint64_t since, bool json);

#endif
