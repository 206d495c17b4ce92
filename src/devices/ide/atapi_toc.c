/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What the disc says of itself (T10/1545D 6.26 to 6.31): one session, one data track from block 0 to the lead-out. */
#include "devices/ide/atapi_internal.h"

#define DATA_TRACK  0x14u               /* ADR 1; CONTROL: data, copying prohibited */
#define LEAD_OUT    0xaau
#define TRACK       1u
#define SESSION     1u

/* A block's address as the host wants it: LBA, or minute, second and frame. */
static void put_address(uint8_t address[4], uint32_t block, bool msf)
{
    address[0] = 0;
    if (msf)
        atapi_put_msf(address + 1, block);
    else
        atapi_put32(address, block);
}

static uint32_t put_toc_track(uint8_t *descriptor, uint8_t track, uint32_t block, bool msf)
{
    descriptor[1] = DATA_TRACK;
    descriptor[2] = track;
    put_address(descriptor + 4, block, msf);
    return 8;
}

/* Format 0: the tracks from a given one on, and the lead-out. */
static void read_tracks(struct ide_device *device, const uint8_t *packet)
{
    bool msf = packet[1] & ATAPI_MSF;
    uint8_t *answer = atapi_answer(device, 20);
    uint32_t length = 4;

    if (packet[6] > TRACK && packet[6] != LEAD_OUT) {
        atapi_invalid_field(device);
        return;
    }
    if (packet[6] <= TRACK)
        length += put_toc_track(answer + length, TRACK, 0, msf);
    length += put_toc_track(answer + length, LEAD_OUT, atapi_blocks(device), msf);
    atapi_put16(answer, length - 2);
    answer[2] = answer[3] = TRACK;
    atapi_give(device, length, atapi_get16(&packet[7]));
}

/* Format 1: the first track of the last session. */
static void read_sessions(struct ide_device *device, const uint8_t *packet)
{
    uint8_t *answer = atapi_answer(device, 12);

    atapi_put16(answer, 10);
    answer[2] = answer[3] = SESSION;
    put_toc_track(answer + 4, TRACK, 0, packet[1] & ATAPI_MSF);
    atapi_give(device, 12, atapi_get16(&packet[7]));
}

/* Format 2: the lead-in's Q sub-channel; addresses are MSF always.  A0 and A1: first and last track; A2: lead-out. */
static void read_full_toc(struct ide_device *device, const uint8_t *packet)
{
    static const uint8_t points[] = { 0xa0, 0xa1, 0xa2, TRACK };
    uint8_t *answer = atapi_answer(device, 4 + sizeof(points) * 11), *entry = answer + 4;

    if (packet[6] > SESSION) {
        atapi_invalid_field(device);
        return;
    }
    for (unsigned int i = 0; i < sizeof(points); i++, entry += 11) {
        entry[0] = SESSION;
        entry[1] = DATA_TRACK;
        entry[3] = points[i];
        if (points[i] == TRACK || points[i] == 0xa2)
            atapi_put_msf(&entry[8], points[i] == TRACK ? 0 : atapi_blocks(device));
        else
            entry[8] = TRACK;
    }
    atapi_put16(answer, (uint32_t)(entry - answer) - 2);
    answer[2] = answer[3] = SESSION;
    atapi_give(device, (uint32_t)(entry - answer), atapi_get16(&packet[7]));
}

/* The format is in byte 2, or, as SFF-8020i had it and Linux still does, in bits 7:6 of the last but two. */
void atapi_read_toc(struct ide_device *device, const uint8_t *packet)
{
    uint8_t format = packet[2] & 0x0f;

    switch (format ? format : packet[9] >> 6) {
    case 0:
        read_tracks(device, packet);
        break;
    case 1:
        read_sessions(device, packet);
        break;
    case 2:
        read_full_toc(device, packet);
        break;
    default:                            /* PMA, ATIP, CD-TEXT: not on a pressed data disc */
        atapi_invalid_field(device);
        break;
    }
}

/* Without SubQ the header alone.  Nothing is being played; no catalogue number, no ISRC. */
void atapi_read_sub_channel(struct ide_device *device, const uint8_t *packet)
{
    bool msf = packet[1] & ATAPI_MSF;
    uint8_t *answer = atapi_answer(device, 24), format = packet[3];
    uint32_t length = 4;

    answer[1] = 0x15;                   /* no audio status */
    if (packet[2] & 0x40) {
        if (format < 1 || format > 3) {
            atapi_invalid_field(device);
            return;
        }
        length = format == 1 ? 16 : 24;
        answer[4] = format;
        if (format != 2) {
            answer[5] = DATA_TRACK;
            answer[6] = TRACK;
        }
        if (format == 1) {
            answer[7] = 1;              /* index */
            put_address(&answer[8], device->atapi.r.block, msf);
            put_address(&answer[12], device->atapi.r.block - (msf ? ATAPI_LEAD_IN : 0), msf);
        }
    }
    atapi_put16(&answer[2], length - 4);
    atapi_give(device, length, atapi_get16(&packet[7]));
}

/* Standard disc information: complete, and its last session too; of no use to a writer. */
void atapi_disc_information(struct ide_device *device, const uint8_t *packet)
{
    uint8_t *answer = atapi_answer(device, 34);

    if (packet[1] & 0x07) {
        atapi_invalid_field(device);
        return;
    }
    atapi_put16(answer, 32);
    answer[2] = 0x0e;                   /* session complete, disc complete */
    answer[3] = TRACK;
    answer[4] = 1;                      /* sessions */
    answer[5] = answer[6] = TRACK;
    answer[7] = 0x20;                   /* unrestricted use */
    atapi_put32(&answer[16], 0x00ffffff);       /* no further lead-in, no further lead-out */
    atapi_put32(&answer[20], 0x00ffffff);
    atapi_give(device, 34, atapi_get16(&packet[7]));
}

/* By a block in the track, its number, or its session's. */
void atapi_track_information(struct ide_device *device, const uint8_t *packet)
{
    uint32_t number = atapi_get32(&packet[2]);
    uint8_t *answer = atapi_answer(device, 36), by = packet[1] & 0x03;

    if (by == 0 ? number >= atapi_blocks(device) : by == 3 || number != 1) {
        atapi_invalid_field(device);
        return;
    }
    atapi_put16(answer, 34);
    answer[2] = TRACK;
    answer[3] = SESSION;
    answer[5] = DATA_TRACK & 0x0f;
    answer[6] = 0x01;                   /* data mode 1 */
    atapi_put32(&answer[24], atapi_blocks(device));
    atapi_give(device, 36, atapi_get16(&packet[7]));
}
