/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A host that knows no rule: what is random about an IDE channel with any kind of device.  The disks and support.c
 * check what reaches the backend, the sanitizers the rest; a software reset must always bring the channel back.
 */
#ifndef REFLEX_TESTS_RANDOM_HOST_H
#define REFLEX_TESTS_RANDOM_HOST_H

#include "ide_host.h"

#define RANDOM_RAM (4u << 20)               /* of the guest; addresses are often below */

/* One kind of devices. */
struct random_commands {
    void (*power)(struct ide_host *host);
    void (*step)(struct ide_host *host);
    void (*assert_comes_back)(struct ide_host *host);   /* after the reset, with nothing in flight */
    unsigned int steps;                     /* of each round */
};
void random_host_run(const struct random_commands *commands);

/* 0 to limit - 1. */
uint32_t any(uint32_t limit);
/* Accesses of the data register, fewer than `limit`, in one direction. */
void any_data(struct ide_host *host, uint32_t limit);
void any_descriptors(struct ide_host *host);
/* What the disks do next, and one answer of each; a bad sector is below `bad_limit`. */
void any_answer(struct ide_host *host, uint32_t bad_limit);

#endif
