/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The machine under test: the firmware's board, unmodified, with memory and image files around it.  An access takes the
 * way of a reflection: Xen's claims decide whether it enters, and the dispatcher finds the chip.
 *
 * The machine has to be a static object, so that its address is one that the firmware can name.
 */
#ifndef REFLEX_QTEST_MACHINE_H
#define REFLEX_QTEST_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backends/power.h"
#include "board.h"
#include "file_disk.h"
#include "memory.h"
#include "options.h"
#include "socket_net.h"
#include "video.h"

/* What a register has made of the machine. */
enum machine_news { MACHINE_GOES_ON, MACHINE_WAS_RESET, MACHINE_IS_OFF };

struct machine {
    const struct options *options;          /* !options->machine: there is no board, and all reads are all-ones */
    struct machine_power {
        struct power power;
        enum machine_news wish;             /* of the access under way */
    } power;
    enum machine_news news;
    struct memory memory;
    struct video video;                     /* if there is a display adapter */
    struct file_disk disks[BOARD_DRIVES];
    struct socket_net networks[BOARD_NICS]; /* options->nics.count of them */
    struct board board;
    int64_t clock_ns;                       /* stands still but for the test's commands */
    struct clock clock;                     /* the same, as the board asks for it */
};

/* Powers it on.  What the options name and cannot be had ends the program. */
void machine_init(struct machine *machine, const struct options *options);
/* Off and on again: the board begins anew, memory and images keep what they hold. */
void machine_reset(struct machine *machine);
/* What has happened since the last call. */
enum machine_news machine_take_news(struct machine *machine);

/* Something has come in on the network of a card. */
void machine_receive(struct machine *machine, unsigned int nic);

/* One access of 1, 2 or 4 bytes. */
uint32_t machine_in(struct machine *machine, uint16_t port, unsigned int size);
void machine_out(struct machine *machine, uint16_t port, unsigned int size, uint32_t value);

/* Any run of the address space.  Where RAM ends, each aligned power of two up to 8 bytes is one access of a device. */
void machine_read(struct machine *machine, uint64_t address, void *bytes, size_t length);
void machine_write(struct machine *machine, uint64_t address, const void *bytes, size_t length);

#endif
