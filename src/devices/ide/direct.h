/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The direct path from the boot BIOS's disk service to the disks' backends: one access instead of a task file, a
 * descriptor table, and waiting for their interrupt (direct_regs.h).
 *
 * The drives are the IDE channels', and stay theirs: a disk is refused while its channel has a command or a reset in
 * execution, when it sleeps, or when the PCI function may not master the bus; CD drives always are.  No task file,
 * status or interrupt changes.
 *
 * The processor that asks is kept until the disk has answered, for the 10 s at most that settle() waits, which is why
 * a string instruction may not ask.  A request of a backend that does not answer in them stays with it: until it comes
 * back all others are refused, and its channel is busy with draining it, whatever is asked of it by its registers.  A
 * guest can ask at any time, and gets what a driver of the IDE function could as well.
 */
#ifndef REFLEX_DEVICES_IDE_DIRECT_H
#define REFLEX_DEVICES_IDE_DIRECT_H

#include <stdbool.h>
#include <stdint.h>

#include "backends/blk.h"
#include "backends/guest_memory.h"
#include "backends/io.h"
#include "backends/state.h"
#include "devices/ide/ide.h"

struct ide_direct {
    /* wiring */
    struct ide_channel *channels;           /* primary and secondary */
    struct guest_memory *memory;
    /* the request; it has no registers */
    struct ide_device *device;              /* NULL: none is with a backend */
    enum blk_status status;                 /* of the latest */
    struct blk_request request;
    struct blk_segment segment;
    uint32_t done, refused, failed;         /* how many there have been */
};

/* channels: two, which the direct path may look into but does not initialize. */
void ide_direct_init(struct ide_direct *direct, struct ide_channel *channels, struct guest_memory *memory);

extern const struct io_ops ide_direct_ops;  /* 4 bytes */
extern const struct state_map ide_direct_state;

#endif
