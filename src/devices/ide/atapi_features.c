/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What the drive can do with which medium: GET CONFIGURATION (T10/1545D clause 5 and 6.6); READ DVD STRUCTURE. */
#include "devices/ide/atapi_internal.h"

/* A medium of more than 80 minutes is a DVD. */
#define CD_BLOCKS_MAX (80u * 60 * 75)

/* Physical format information (READ DVD STRUCTURE format 0) */
#define DVD_FIRST_SECTOR 0x030000u      /* where the data zone begins */
#define DVD_LAYER        (ATAPI_BLOCK_SIZE + 4)

bool atapi_is_dvd(const struct ide_device *device)
{
    return atapi_blocks(device) > CD_BLOCKS_MAX;
}

static bool is_cd(const struct ide_device *device)
{
    return atapi_blocks(device) && !atapi_is_dvd(device);
}

/* --- features --- */

#define PERSISTENT 0x02u
#define CURRENT    0x01u
#define VERSION(n) ((n) << 2)

static void fill_profiles(const struct ide_device *device, uint8_t *data)
{
    atapi_put16(data, ATAPI_PROFILE_DVD_ROM);
    data[2] = atapi_is_dvd(device);
    atapi_put16(data + 4, ATAPI_PROFILE_CD_ROM);
    data[6] = is_cd(device);
}

static void fill_core(const struct ide_device *device, uint8_t *data)
{
    (void)device;
    atapi_put32(data, 2);               /* ATAPI */
}

static void fill_removable(const struct ide_device *device, uint8_t *data)
{
    (void)device;
    data[0] = 0x29;                     /* a tray that can be ejected and locked */
}

static void fill_random_readable(const struct ide_device *device, uint8_t *data)
{
    atapi_put32(data, ATAPI_BLOCK_SIZE);
    atapi_put16(data + 4, atapi_is_dvd(device) ? 16 : 1);       /* blocks in an ECC block */
    data[6] = 0x01;                     /* there is an error recovery page */
}

static bool any_medium(const struct ide_device *device)
{
    return atapi_blocks(device);
}

static const struct feature {
    uint16_t code;
    uint8_t flags, size;
    bool (*current)(const struct ide_device *device);           /* NULL: as the flags say */
    void (*fill)(const struct ide_device *device, uint8_t *data);       /* NULL: zeroes */
} features[] = {                        /* in ascending order */
    { ATAPI_FEATURE_PROFILE_LIST,     PERSISTENT | CURRENT,              8, NULL,         fill_profiles },
    { ATAPI_FEATURE_CORE,             VERSION(1) | PERSISTENT | CURRENT, 8, NULL,         fill_core },
    { ATAPI_FEATURE_MORPHING,         PERSISTENT | CURRENT,              4, NULL,         NULL },
    { ATAPI_FEATURE_REMOVABLE_MEDIUM, PERSISTENT | CURRENT,              4, NULL,         fill_removable },
    { ATAPI_FEATURE_RANDOM_READABLE,  0,                                 8, any_medium,   fill_random_readable },
    { ATAPI_FEATURE_CD_READ,          VERSION(1),                        4, is_cd,        NULL },
    { ATAPI_FEATURE_DVD_READ,         0,                                 0, atapi_is_dvd, NULL },
    { ATAPI_FEATURE_POWER_MANAGEMENT, PERSISTENT | CURRENT,              0, NULL,         NULL },
    { ATAPI_FEATURE_TIMEOUT,          PERSISTENT | CURRENT,              0, NULL,         NULL },
};

static uint8_t flags_of(const struct ide_device *device, const struct feature *feature)
{
    return feature->flags | (feature->current && feature->current(device) ? CURRENT : 0);
}

static uint32_t put_feature(const struct ide_device *device, const struct feature *feature, uint8_t *descriptor)
{
    atapi_put16(descriptor, feature->code);
    descriptor[2] = flags_of(device, feature);
    descriptor[3] = feature->size;
    if (feature->fill)
        feature->fill(device, descriptor + 4);
    return 4u + feature->size;
}

/* RT 0: all features from the one that the host names on; 1: of these, the current ones; 2: that one alone. */
static bool wanted(const struct ide_device *device, const struct feature *feature, const uint8_t *packet)
{
    uint32_t first = atapi_get16(&packet[2]);

    switch (packet[1] & 0x03) {
    case 0:
        return feature->code >= first;
    case 1:
        return feature->code >= first && flags_of(device, feature) & CURRENT;
    default:
        return feature->code == first;
    }
}

void atapi_get_configuration(struct ide_device *device, const uint8_t *packet)
{
    uint8_t *answer = atapi_answer(device, 128);
    uint32_t length = 8;

    if ((packet[1] & 0x03) == 3) {
        atapi_invalid_field(device);
        return;
    }
    for (unsigned int i = 0; i < sizeof(features) / sizeof(features[0]); i++)
        if (wanted(device, &features[i], packet))
            length += put_feature(device, &features[i], answer + length);
    atapi_put32(answer, length - 4);
    if (atapi_blocks(device))
        atapi_put16(&answer[6], atapi_is_dvd(device) ? ATAPI_PROFILE_DVD_ROM : ATAPI_PROFILE_CD_ROM);
    atapi_give(device, length, atapi_get16(&packet[7]));
}

/* --- READ DVD STRUCTURE --- */

/* A DVD-ROM of 120 mm with one layer. */
static uint32_t put_physical_format(const struct ide_device *device, uint8_t *structure)
{
    structure[0] = 0x01;                /* DVD-ROM, version 1 */
    structure[1] = 0x0f;                /* 120 mm, rate not specified */
    structure[2] = 0x01;                /* one layer, embossed */
    atapi_put32(&structure[4], DVD_FIRST_SECTOR);
    atapi_put32(&structure[8], DVD_FIRST_SECTOR + atapi_blocks(device) - 1);
    return ATAPI_BLOCK_SIZE;
}

/* Formats: 0 physical, 1 copyright (no protection, no regions), 4 manufacturing, FFh the list of these. */
void atapi_dvd_structure(struct ide_device *device, const uint8_t *packet)
{
    static const struct {
        uint8_t format;
        uint16_t length;
    } list[] = { { 0x00, 4 + ATAPI_BLOCK_SIZE }, { 0x01, 8 }, { 0x04, 4 + ATAPI_BLOCK_SIZE } };
    uint8_t *answer = atapi_answer(device, 4 + ATAPI_BLOCK_SIZE);
    uint32_t length = 0;

    if (!atapi_is_dvd(device)) {
        atapi_check(device, ATAPI_ILLEGAL_REQUEST, ATAPI_INCOMPATIBLE_FORMAT);
        return;
    }
    for (unsigned int i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        if (list[i].format == packet[7])
            length = list[i].length;
        answer[4 + 4 * i] = packet[7] == 0xff ? list[i].format : 0;
        answer[5 + 4 * i] = packet[7] == 0xff ? 0x40 : 0;       /* can be read */
        atapi_put16(&answer[6 + 4 * i], packet[7] == 0xff ? list[i].length : 0);
    }
    if (packet[7] == 0xff)
        length = 4 + 4 * sizeof(list) / sizeof(list[0]);
    if (packet[1] & 0x0f || packet[6] || !length) {
        atapi_invalid_field(device);
        return;
    }
    if (packet[7] == 0x00)
        put_physical_format(device, answer + 4);
    atapi_put16(answer, length - 2);
    atapi_give(device, length, atapi_get16(&packet[8]));
}
