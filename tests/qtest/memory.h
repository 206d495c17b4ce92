/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The guest's RAM: plain bytes at a PC's addresses, which is from 0 without the VGA window at 0xa0000, and from 4 GiB
 * what does not fit below.
 *
 * The firmware is this program, so that its memory is at this program's addresses (the Makefile links it at
 * FIRMWARE_BASE); there a bus master finds the firmware and not RAM, as it does in a domain.
 */
#ifndef REFLEX_QTEST_MEMORY_H
#define REFLEX_QTEST_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "backends/guest_memory.h"

struct memory {
    struct guest_memory guest;              /* as a bus master reaches it */
    uint8_t *bytes;                         /* first those below 4 GiB */
    uint64_t below_4g, above_4g;            /* bytes */
};

/* All of it is 0. */
void memory_init(struct memory *memory, uint64_t size);

/* Where the bytes from `address` are, and in *length how many of the `*length` follow each other.  NULL: no RAM is
 * there, and *length is how many bytes without RAM follow. */
uint8_t *memory_find(const struct memory *memory, uint64_t address, uint64_t *length);

/* What a segment of a request names: guest RAM that a bus master reaches, or memory of the firmware.  NULL: neither. */
void *memory_segment(const struct memory *memory, uint64_t address, uint32_t length);

#endif
