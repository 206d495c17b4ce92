/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Reading blocks, and where they end (T10/1545D clause 6). */
#include "devices/ide/atapi_internal.h"

/* READ CD, byte 1 bits 4:2, the sector type that the host expects: any, or mode 1, which is what there is */
#define EXPECTED      0x1cu
#define EXPECTED_ANY  0x00u
#define EXPECTED_MODE1 0x08u

/* False: not all of it is on the medium, and the command has ended. */
static bool in_range(struct ide_device *device, uint32_t block, uint32_t blocks)
{
    uint32_t end = atapi_blocks(device);

    if (block < end && blocks <= end - block)
        return true;
    atapi_check(device, ATAPI_ILLEGAL_REQUEST, ATAPI_BLOCK_OUT_OF_RANGE);
    return false;
}

static void read(struct ide_device *device, uint32_t block, uint32_t blocks, uint8_t fields)
{
    if (in_range(device, block, blocks))
        atapi_transfer_medium(device, block, blocks, fields);
}

void atapi_read_10(struct ide_device *device, const uint8_t *packet)
{
    read(device, atapi_get32(&packet[2]), atapi_get16(&packet[7]), ATAPI_FIELD_USER);
}

void atapi_read_12(struct ide_device *device, const uint8_t *packet)
{
    read(device, atapi_get32(&packet[2]), atapi_get32(&packet[6]), ATAPI_FIELD_USER);
}

/*
 * READ CD.  Fields that a mode 1 block does not have (subheader) are empty.  What the standard's table of combinations
 * has no use for, and headers alone, are refused; so are C2 error pointers and sub-channels, which an image lacks.
 */
static void read_fields(struct ide_device *device, const uint8_t *packet, uint32_t block, uint32_t blocks)
{
    uint8_t fields = packet[9] & ~ATAPI_FIELD_SUBHEAD, expected = packet[1] & EXPECTED;

    if (packet[9] & ATAPI_FIELD_C2 || packet[10] & 0x07 || (fields && !(fields & ATAPI_FIELD_USER)) ||
        (fields & (ATAPI_FIELD_SYNC | ATAPI_FIELD_HEADER)) == ATAPI_FIELD_SYNC)
        atapi_invalid_field(device);
    else if (expected != EXPECTED_ANY && expected != EXPECTED_MODE1)
        atapi_check(device, ATAPI_ILLEGAL_REQUEST, ATAPI_ILLEGAL_MODE_FOR_TRACK);
    else
        read(device, block, blocks, fields & (ATAPI_FIELD_SYNC | ATAPI_FIELD_HEADER | ATAPI_FIELD_USER |
                                              ATAPI_FIELD_ECC));
}

void atapi_read_cd(struct ide_device *device, const uint8_t *packet)
{
    read_fields(device, packet, atapi_get32(&packet[2]), (uint32_t)packet[6] << 16 | atapi_get16(&packet[7]));
}

/* Blocks from the start to, but not with, the end address; the lead-in's wrap around and are out of range. */
void atapi_read_cd_msf(struct ide_device *device, const uint8_t *packet)
{
    uint32_t start = (packet[3] * 60u + packet[4]) * 75u + packet[5];
    uint32_t end = (packet[6] * 60u + packet[7]) * 75u + packet[8];

    if (start > end)
        atapi_invalid_field(device);
    else
        read_fields(device, packet, start - ATAPI_LEAD_IN, end - start);
}

void atapi_seek(struct ide_device *device, const uint8_t *packet)
{
    uint32_t block = atapi_get32(&packet[2]);

    if (!in_range(device, block, 0))
        return;
    device->atapi.r.block = block;
    atapi_end(device);
}

void atapi_read_capacity(struct ide_device *device, const uint8_t *packet)
{
    uint8_t *answer = atapi_answer(device, 8);

    (void)packet;
    atapi_put32(answer, atapi_blocks(device) - 1);
    atapi_put32(answer + 4, ATAPI_BLOCK_SIZE);
    atapi_give(device, 8, 8);
}
