/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A PS/2 cable: a device at one end, a host at the other.
 *
 * Bits, clock and parity are not modelled.  A host that does not ask inhibits the clock line, and the device keeps
 * what it has to say; a byte that it is asked for is gone.
 */
#ifndef REFLEX_DEVICES_PS2_DEVICE_H
#define REFLEX_DEVICES_PS2_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/string.h"

/* waiting: the device has something to send, of its own accord.  What receive() brings forth is not announced. */
struct ps2_host {
    void (*waiting)(struct ps2_host *host);
};

struct ps2_device {
    /* The next byte for the host.  False: there is none. */
    bool (*send)(struct ps2_device *device, uint8_t *byte);
    /* A byte from the host. */
    void (*receive)(struct ps2_device *device, uint8_t byte);
    struct ps2_host *host;                  /* set by the host when it is plugged in */
};

/* What a device is about to say, the oldest byte first. */
#define PS2_QUEUE_SIZE 17                   /* as large as any device's buffer, and its overrun code */
struct ps2_queue {
    uint8_t bytes[PS2_QUEUE_SIZE];
    uint8_t count;
};

/* The caller has seen to it that there is room. */
static inline void ps2_queue_put(struct ps2_queue *queue, uint8_t byte)
{
    queue->bytes[queue->count++] = byte;
}

static inline bool ps2_queue_take(struct ps2_queue *queue, uint8_t *byte)
{
    if (!queue->count)
        return false;
    *byte = queue->bytes[0];
    queue->count--;
    memmove(queue->bytes, queue->bytes + 1, queue->count);
    return true;
}

/* Codes that both ends of every cable know. */
#define PS2_BAT_OK      0xaa                /* basic assurance test passed */
#define PS2_ACK         0xfa
#define PS2_ERROR       0xfc
#define PS2_RESEND      0xfe

#endif
