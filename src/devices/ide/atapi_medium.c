/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The tray and what lies in it: from the host's side (START STOP UNIT, PREVENT ALLOW MEDIUM REMOVAL), from the world's
 * (the backend's listener), and how the host hears of it (unit attention, "not ready", media events).
 *
 * The tray is the drive's own affair.  A medium that the host ejects lies in it until the world takes it, and comes
 * back when the host has it loaded again.  When the world puts a medium in, the tray closes.
 */
#include "devices/ide/atapi_internal.h"

#include <stddef.h>

/* What 32-bit block numbers, in sectors, can reach. */
#define BLOCKS_MAX 0x3fffffffu

/* The medium's blocks; 0: there is none to read. */
uint32_t atapi_blocks(const struct ide_device *device)
{
    uint64_t blocks = device->disk->info.sectors / ATAPI_BLOCK_SECTORS;

    if (device->atapi.tray_open)
        return 0;
    return blocks < BLOCKS_MAX ? (uint32_t)blocks : BLOCKS_MAX;
}

/* --- how the host hears of it --- */

/* The oldest unit attention condition, which is over with that; NO SENSE if there is none. */
struct atapi_sense atapi_take_attention(struct ide_device *device)
{
    struct atapi_registers *r = &device->atapi.r;
    struct atapi_sense sense = { .key = ATAPI_UNIT_ATTENTION };

    if (r->reset_attention) {
        r->reset_attention = false;
        sense.code = ATAPI_RESET_OCCURRED;
    } else if (r->medium_attention) {
        r->medium_attention = false;
        sense.code = ATAPI_MEDIUM_MAY_HAVE_CHANGED;
    } else {
        sense.key = ATAPI_NO_SENSE;
    }
    return sense;
}

/* False: there was a unit attention condition, and the command has ended with it. */
bool atapi_at_ease(struct ide_device *device)
{
    struct atapi_sense sense = atapi_take_attention(device);

    if (sense.key == ATAPI_NO_SENSE)
        return true;
    atapi_check(device, sense.key, sense.code);
    return false;
}

/* False: there is no medium, or since the command began another one, and the command has ended with that. */
bool atapi_medium_ready(struct ide_device *device)
{
    if (!atapi_blocks(device)) {
        atapi_check(device, ATAPI_NOT_READY,
                    device->atapi.tray_open ? ATAPI_NO_MEDIUM_TRAY_OPEN : ATAPI_NO_MEDIUM_TRAY_CLOSED);
        return false;
    }
    return atapi_at_ease(device);
}

static uint8_t media_status(const struct ide_device *device)
{
    return (device->atapi.tray_open ? ATAPI_TRAY_OPEN : 0) | (atapi_blocks(device) ? ATAPI_MEDIA_PRESENT : 0);
}

/* GET EVENT STATUS NOTIFICATION.  An event is told once; without one, the lowest class asked for says so. */
void atapi_event_status(struct ide_device *device, const uint8_t *packet)
{
    const uint8_t supported = 1u << ATAPI_CLASS_OPERATIONAL | 1u << ATAPI_CLASS_MEDIA;
    uint8_t asked = packet[4] & supported, *answer = atapi_answer(device, 8);
    uint32_t allocated = atapi_get16(&packet[7]);
    bool media = asked & 1u << ATAPI_CLASS_MEDIA && (device->atapi.event || asked == 1u << ATAPI_CLASS_MEDIA);

    if (!(packet[1] & ATAPI_POLLED)) {
        atapi_invalid_field(device);
        return;
    }
    answer[3] = supported;
    if (!asked) {
        atapi_put16(answer, 2);
        answer[2] = ATAPI_NO_EVENT_AVAILABLE;
        atapi_give(device, 4, allocated);
        return;
    }
    atapi_put16(answer, 6);
    answer[2] = media ? ATAPI_CLASS_MEDIA : ATAPI_CLASS_OPERATIONAL;
    if (media) {
        answer[4] = device->atapi.event;
        answer[5] = media_status(device);
        if (allocated > 4)
            device->atapi.event = ATAPI_EVENT_NONE;
    }
    atapi_give(device, 8, allocated);
}

/* No changer: one place, and no table of them. */
void atapi_mechanism_status(struct ide_device *device, const uint8_t *packet)
{
    uint8_t *answer = atapi_answer(device, 8);

    answer[1] = device->atapi.tray_open ? 0x10 : 0;
    answer[2] = (uint8_t)(device->atapi.r.block >> 16);
    atapi_put16(&answer[3], device->atapi.r.block);
    answer[5] = 1;
    atapi_give(device, 8, atapi_get16(&packet[8]));
}

/* --- from the host --- */

static void eject(struct ide_device *device)
{
    struct atapi *atapi = &device->atapi;

    if (atapi->r.locked) {
        atapi_check(device, ATAPI_ILLEGAL_REQUEST, ATAPI_REMOVAL_PREVENTED);
        return;
    }
    if (!atapi->tray_open) {
        atapi->tray_open = true;
        atapi->event = ATAPI_EVENT_MEDIA_REMOVAL;
    }
    atapi_end(device);
}

static void load(struct ide_device *device)
{
    struct atapi *atapi = &device->atapi;

    if (atapi->tray_open) {
        atapi->tray_open = false;
        atapi->r.medium_attention = atapi_blocks(device);
        atapi->event = atapi->r.medium_attention ? ATAPI_EVENT_NEW_MEDIA : ATAPI_EVENT_NONE;
    }
    atapi_end(device);
}

/* The motor (START without LOEJ) starts when it is needed, but not without a medium. */
void atapi_start_stop(struct ide_device *device, const uint8_t *packet)
{
    if (packet[4] & ATAPI_POWER)
        atapi_invalid_field(device);
    else if (packet[4] & ATAPI_LOEJ)
        (packet[4] & ATAPI_START ? load : eject)(device);
    else if (!(packet[4] & ATAPI_START) || atapi_medium_ready(device))
        atapi_end(device);
}

void atapi_prevent_allow(struct ide_device *device, const uint8_t *packet)
{
    bool locked = packet[4] & ATAPI_PREVENT;

    if (packet[4] & ATAPI_PERSISTENT) {
        atapi_invalid_field(device);
        return;
    }
    if (locked != device->atapi.r.locked && device->disk->ops->lock)
        device->disk->ops->lock(device->disk, locked);
    device->atapi.r.locked = locked;
    atapi_end(device);
}

/* --- from the world --- */

static struct ide_device *listening(struct blk_listener *listener)
{
    return (struct ide_device *)((char *)listener - offsetof(struct ide_device, listener));
}

/* Ends the read with what atapi_changed() has left to report: no medium, or another one. */
static void lost(struct ide_channel *channel, enum blk_status status)
{
    (void)status;
    atapi_medium_ready(channel->t.device);
}

/* A read of the medium that was: one that the backend has ends with its answer, one that waits for the bus master at
 * once, and one that has a round for the host to take when the next is due (refill() in atapi_packet.c). */
static void lose_read(struct ide_device *device)
{
    struct ide_channel *channel = device->channel;

    if (channel->t.device != device || !channel->t.sectors)
        return;
    if (channel->state != IDE_REQUEST_FREE)
        channel->next = lost;
    else if (channel->t.command->flags & IDE_DMA)
        lost(channel, BLK_ERROR);
}

void atapi_changed(struct blk_listener *listener)
{
    struct ide_device *device = listening(listener);
    struct atapi *atapi = &device->atapi;

    if (device->disk->info.sectors)
        atapi->tray_open = false;
    atapi->r.medium_attention = atapi_blocks(device);
    atapi->event = atapi->r.medium_attention ? ATAPI_EVENT_NEW_MEDIA : ATAPI_EVENT_MEDIA_REMOVAL;
    lose_read(device);
}

void atapi_eject_asked(struct blk_listener *listener)
{
    listening(listener)->atapi.event = ATAPI_EVENT_EJECT_REQUEST;
}
