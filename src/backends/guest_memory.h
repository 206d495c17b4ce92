/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The guest's RAM as a bus master reaches it. */
#ifndef REFLEX_BACKENDS_GUEST_MEMORY_H
#define REFLEX_BACKENDS_GUEST_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

/* Both copy `length` bytes and return false, with nothing promised about what was copied, when a byte of
 * the range is not guest RAM (a hole, a register block, or the firmware's own memory). */
struct guest_memory {
    bool (*read)(struct guest_memory *memory, uint64_t address, void *bytes, uint32_t length);
    bool (*write)(struct guest_memory *memory, uint64_t address, const void *bytes, uint32_t length);
    /* True when the whole range is guest RAM. */
    bool (*is_ram)(struct guest_memory *memory, uint64_t address, uint64_t length);
};

#endif
