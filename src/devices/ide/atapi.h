/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What a CD or DVD drive has beside an IDE device's registers. */
#ifndef REFLEX_DEVICES_ATAPI_H
#define REFLEX_DEVICES_ATAPI_H

#include <stdbool.h>
#include <stdint.h>

#include "devices/ide/atapi_regs.h"

#define ATAPI_ERROR_PAGE_SIZE 8u
#define ATAPI_AUDIO_PAGE_SIZE 16u

struct atapi {
    /* the mechanism, which no reset moves */
    bool tray_open;
    uint8_t event;                          /* ATAPI_EVENT_*, not told yet */
    /* registers */
    struct atapi_registers {
        bool reset_attention, medium_attention;     /* unit attention conditions, not reported yet */
        bool locked;
        struct atapi_sense {
            uint8_t key;
            uint16_t code;                  /* ASC << 8 | ASCQ */
            bool valid;                     /* `block` is where it failed */
            uint32_t block;
        } sense;
        uint32_t block;                     /* where the head is */
        /* the packet in execution */
        uint8_t packet[ATAPI_PACKET_SIZE];
        bool dma;
        uint16_t limit;                     /* byte count limit, as the host gave it */
        uint8_t fields;                     /* of each block: ATAPI_FIELD_* */
        /* mode pages that a host can change */
        uint8_t error_page[ATAPI_ERROR_PAGE_SIZE], audio_page[ATAPI_AUDIO_PAGE_SIZE];
    } r;
};

#endif
