/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The whole board, plugged into simulated surroundings, for tests that come to it through its ports. */
#ifndef REFLEX_TESTS_BOARD_HOST_H
#define REFLEX_TESTS_BOARD_HOST_H

#include "fake_xen.h"
#include "support.h"

#include "board.h"

struct board_host {
    struct test_memory memory;
    struct recorded_power power;
    struct char_backend terminal;           /* takes everything */
    uint32_t typed;                         /* bytes that wait at the terminal */
    struct ram_disk disks[BOARD_DRIVES];
    struct board board;
};

/* Memory of which `ram_size` bytes are RAM, and disks of so many sectors (0: none).  Once. */
void board_host_plug_in(struct board_host *host, uint32_t ram_size, const uint32_t sectors[BOARD_DRIVES]);
void board_host_free(struct board_host *host);
/* Powers the board on with what is plugged in, beside what the configuration says: nothing is left of the time before,
 * but memory and disks. */
void board_host_power(struct board_host *host, struct board_config *config);

/* One access, which ends an entry into the firmware.  All-ones, and the board hears nothing of it, if the ports are not
 * all claimed.  flags: XEN_REFLECT_READ, _PTR, _DF. */
uint64_t board_host_io(struct board_host *host, uint32_t flags, uint32_t port, unsigned int width, uint32_t data,
                       uint32_t count);
bool board_host_claimed(uint32_t port, unsigned int width);
/* Somebody types. */
void board_host_type(struct board_host *host, uint32_t bytes);

#endif
