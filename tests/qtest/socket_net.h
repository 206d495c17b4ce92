/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A card's network: a stream socket, on which each frame comes with its length before it, in four bytes, the highest
 * first (QEMU's -netdev socket).  What is submitted is sent before submit() returns.
 */
#ifndef REFLEX_QTEST_SOCKET_NET_H
#define REFLEX_QTEST_SOCKET_NET_H

#include <stdbool.h>
#include <stddef.h>

#include "backends/net.h"
#include "memory.h"

#define SOCKET_NET_INPUT (256u << 10)

struct socket_net {
    struct net_backend backend;
    const struct memory *memory;            /* what segments name */
    int fd;                                 /* -1: nothing is plugged in, or the other side has gone */
    uint8_t input[SOCKET_NET_INPUT];        /* received, and not delivered yet */
    size_t length;
};

void socket_net_init(struct socket_net *net, const struct memory *memory, int fd,
                     const uint8_t address[NET_ADDRESS_BYTES]);

/* What to poll for input; -1: there is no room for more, or no socket. */
int socket_net_poll_fd(const struct socket_net *net);
/* Receives what there is, and delivers what the card takes. */
void socket_net_receive(struct socket_net *net);

#endif
