/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What unit tests share: cmocka, a line that remembers, a RAM disk, guest memory, a byte stream, a log. */
#ifndef REFLEX_TESTS_SUPPORT_H
#define REFLEX_TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <string.h>
#include <cmocka.h>

#include "backends/blk.h"
#include "backends/char.h"
#include "backends/guest_memory.h"
#include "backends/irq_line.h"
#include "backends/power.h"

struct recorded_line {
    struct irq_line line;
    bool high;
    unsigned int rises, falls;
};
void recorded_line_init(struct recorded_line *line);

/* All requests wait in `queue` until ram_disk_complete() when `deferred`, else they finish inside submit(). */
struct ram_disk {
    struct blk_backend backend;
    uint8_t *bytes;
    bool deferred;
    enum blk_status fail_next;              /* BLK_OK: no failure */
    struct blk_request *queue;
    unsigned int reads, writes, flushes, discards;
};
void ram_disk_init(struct ram_disk *disk, uint64_t sectors);
void ram_disk_free(struct ram_disk *disk);
/* Finishes the oldest waiting request; false when there is none. */
bool ram_disk_complete(struct ram_disk *disk);

/* 16 MiB of guest RAM at guest-physical 0 ... (test_memory_bytes + address); everything beyond is no RAM. */
#define TEST_MEMORY_SIZE (16u << 20)
struct test_memory {
    struct guest_memory memory;
    uint32_t size;                          /* a test may lower it: what is beyond is no RAM then */
    uint8_t *bytes;
};
void test_memory_init(struct test_memory *memory);
void test_memory_free(struct test_memory *memory);

struct recorded_power {
    struct power power;
    unsigned int offs, resets;
};
void recorded_power_init(struct recorded_power *power);

/* What was logged since the last call, then forgotten. */
const char *take_log(void);

#endif
