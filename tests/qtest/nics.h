/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The command line's network cards: -netdev and -device. */
#ifndef REFLEX_QTEST_NICS_H
#define REFLEX_QTEST_NICS_H

#include <stdbool.h>
#include <stdint.h>

#include "board.h"
#include "keyval.h"

#define NICS_NAMED 8

struct nic {
    enum board_nic_model model;
    uint8_t address[NET_ADDRESS_BYTES];
    uint8_t slot;                           /* PCI device */
    int fd;                                 /* of a connected stream socket; -1: nothing is plugged in */
};

struct nics {
    unsigned int netdev_count, device_count, count;
    struct netdev {
        const char *id;
        int fd;
        bool plugged;
    } netdevs[NICS_NAMED];
    struct keyval devices[NICS_NAMED];
    struct nic slots[BOARD_NICS];           /* the first `count` are there */
};

/* Does -device with this value ask for a card? */
bool nics_is_device(const char *text);

/* What one option says; anything that makes no sense ends the program. */
void nics_add_netdev(struct nics *nics, char *text);
void nics_add_device(struct nics *nics, char *text);

/* Fills `slots` from both. */
void nics_plug(struct nics *nics);

#endif
