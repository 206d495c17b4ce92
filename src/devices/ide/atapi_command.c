/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The packets that the drive knows, what each needs first, and the smallest of them. */
#include "devices/ide/atapi_internal.h"
#include "lib/log.h"

#define NEEDS_MEDIUM  0x01u
#define ANY_ATTENTION 0x02u             /* a unit attention condition neither stops it nor is reported by it */

static void test_unit_ready(struct ide_device *device, const uint8_t *packet)
{
    (void)packet;
    atapi_end(device);
}

/* Fixed format, whatever DESC says (MMC-4 has no other).  With nothing to tell, an attention condition is told. */
static void request_sense(struct ide_device *device, const uint8_t *packet)
{
    struct atapi_registers *r = &device->atapi.r;
    struct atapi_sense sense = r->sense;
    uint8_t *answer = atapi_answer(device, 18);

    if (sense.key == ATAPI_NO_SENSE)
        sense = atapi_take_attention(device);
    r->sense = (struct atapi_sense){ .key = ATAPI_NO_SENSE };
    answer[0] = 0x70 | (sense.valid ? 0x80 : 0);
    answer[2] = sense.key;
    atapi_put32(&answer[3], sense.block);
    answer[7] = 10;
    atapi_put16(&answer[12], sense.code);
    atapi_give(device, 18, packet[4]);
}

/* The drive has one speed. */
static void set_cd_speed(struct ide_device *device, const uint8_t *packet)
{
    (void)packet;
    atapi_end(device);
}

static const struct atapi_command {
    void (*run)(struct ide_device *device, const uint8_t *packet);
    uint8_t flags;
} commands[256] = {
    [ATAPI_TEST_UNIT_READY]        = { test_unit_ready, NEEDS_MEDIUM },
    [ATAPI_REQUEST_SENSE]          = { request_sense, ANY_ATTENTION },
    [ATAPI_INQUIRY]                = { atapi_inquiry, ANY_ATTENTION },
    [ATAPI_START_STOP_UNIT]        = { atapi_start_stop, 0 },
    [ATAPI_PREVENT_ALLOW_REMOVAL]  = { atapi_prevent_allow, 0 },
    [ATAPI_READ_CAPACITY]          = { atapi_read_capacity, NEEDS_MEDIUM },
    [ATAPI_READ_10]                = { atapi_read_10, NEEDS_MEDIUM },
    [ATAPI_SEEK_10]                = { atapi_seek, NEEDS_MEDIUM },
    [ATAPI_READ_SUB_CHANNEL]       = { atapi_read_sub_channel, NEEDS_MEDIUM },
    [ATAPI_READ_TOC_PMA_ATIP]      = { atapi_read_toc, NEEDS_MEDIUM },
    [ATAPI_GET_CONFIGURATION]      = { atapi_get_configuration, ANY_ATTENTION },
    [ATAPI_GET_EVENT_STATUS]       = { atapi_event_status, ANY_ATTENTION },
    [ATAPI_READ_DISC_INFORMATION]  = { atapi_disc_information, NEEDS_MEDIUM },
    [ATAPI_READ_TRACK_INFORMATION] = { atapi_track_information, NEEDS_MEDIUM },
    [ATAPI_MODE_SELECT_10]         = { atapi_mode_select, 0 },
    [ATAPI_MODE_SENSE_10]          = { atapi_mode_sense, 0 },
    [ATAPI_READ_12]                = { atapi_read_12, NEEDS_MEDIUM },
    [ATAPI_READ_DVD_STRUCTURE]     = { atapi_dvd_structure, NEEDS_MEDIUM },
    [ATAPI_READ_CD_MSF]            = { atapi_read_cd_msf, NEEDS_MEDIUM },
    [ATAPI_SET_CD_SPEED]           = { set_cd_speed, 0 },
    [ATAPI_MECHANISM_STATUS]       = { atapi_mechanism_status, 0 },
    [ATAPI_READ_CD]                = { atapi_read_cd, NEEDS_MEDIUM },
};

/* Executes the packet.  Sense data lasts until the next one that is not REQUEST SENSE. */
void atapi_execute(struct ide_device *device)
{
    const uint8_t *packet = device->atapi.r.packet;
    const struct atapi_command *command = &commands[packet[0]];

    if (packet[0] != ATAPI_REQUEST_SENSE)
        device->atapi.r.sense = (struct atapi_sense){ .key = ATAPI_NO_SENSE };
    if (!(command->flags & ANY_ATTENTION) && !atapi_at_ease(device))
        return;
    if (!command->run) {
        log_limited(LOG_DEBUG, "ide%u: device %u does not know packet %02x", device->channel->number, device->number,
                    packet[0]);
        atapi_check(device, ATAPI_ILLEGAL_REQUEST, ATAPI_INVALID_OPERATION_CODE);
        return;
    }
    if (!(command->flags & NEEDS_MEDIUM) || atapi_medium_ready(device))
        command->run(device, packet);
}
