/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Port and MMIO register blocks: what a chip offers to the dispatcher.
 *
 * A chip sees an offset into its own block, an access size that it declared, and nothing else: no port
 * number, no rep prefix, no guest address.  The dispatcher splits, merges and repeats.
 */
#ifndef REFLEX_BACKENDS_IO_H
#define REFLEX_BACKENDS_IO_H

#include <stdbool.h>
#include <stdint.h>

/* A register that can do for a while without its chip; accesses of just `size` bytes at `offset`.
 * peek: NULL, or a second way to read it, for one that drivers poll.  True, and the value that a read would return now;
 * false: now a read has an effect, so that it must come to `read`.  Only an access or an event of a backend may change
 * the answer: until the next of them a guest is given the value, and the chip is not asked.
 * post: NULL, or whether a write can wait: true for those whose low byte, masked, equals *match, as long as nothing but
 * what this register reads as depends on it before the next access that comes to the firmware, or the next event.
 * `write` hears of it then, first of all. */
struct io_shadow {
    uint32_t offset;
    uint8_t size;
    bool (*peek)(void *dev, uint32_t offset, uint32_t *value);
    bool (*post)(void *dev, uint32_t offset, uint8_t *mask, uint8_t *match);
};

enum io_size { IO_BYTE = 1, IO_WORD = 2, IO_DWORD = 4 };

/* read: returns the value in the low `size` bytes; higher bits are ignored.
 * write: `value` has no bits set above `size` bytes.
 * sizes: bit mask of enum io_size.  A wider access is split by the dispatcher, low half first; one that is
 * narrower than the smallest declared reads as all-ones and is not written.
 * shadows: NULL, or the block's registers that need not bring the guest to the chip at each access.
 * alone: an access changes none but this chip's shadowed registers; all blocks of the chip have the same `dev`.  So it
 * waits for no backend, during which others are heard.  Looked at for ports alone.
 * no_strings: a string instruction's accesses do nothing, for one of them may take long. */
struct io_ops {
    uint32_t (*read)(void *dev, uint32_t offset, unsigned int size);
    void (*write)(void *dev, uint32_t offset, unsigned int size, uint32_t value);
    uint8_t sizes;
    bool alone, no_strings;
    uint8_t shadow_count;
    const struct io_shadow *shadows;
};

/* One register block of one chip as the board places it.  base: port number or guest-physical address;
 * length: bytes. */
struct io_region {
    const char *name;
    uint32_t base, length;
    const struct io_ops *ops;
    void *dev;
};

#endif
