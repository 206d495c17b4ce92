/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What the disk says of itself, IDENTIFY DEVICE (T13/1410D 8.15), and what of that the host may change, SET FEATURES
 * (clause 8).  Words that are not mentioned are zero: obsolete, reserved, or a feature that this disk does not have. */
#include "devices/ide/internal.h"
#include "lib/string.h"

#define SUPPORTS_NOP         (1u << 14)         /* words 82, 85 */
#define SUPPORTS_BUFFER      (3u << 12)
#define SUPPORTS_LOOK_AHEAD  (1u << 6)
#define SUPPORTS_WRITE_CACHE (1u << 5)
#define SUPPORTS_POWER       (1u << 3)
#define SUPPORTS_SMART       (1u << 0)
#define SUPPORTS_FLUSH_EXT   (1u << 13)         /* words 83, 86 */
#define SUPPORTS_FLUSH       (1u << 12)
#define SUPPORTS_LBA48       (1u << 10)
#define SUPPORTS_FUA         (1u << 6)          /* words 84, 87 */
#define SUPPORTS_SMART_LOGS  (3u << 0)
#define WORD_VALID           (1u << 14)         /* words 50, 83, 84, 87, 93 */

#define PIO_MODES   4u                          /* 0 to 4 */
#define MWDMA_MODES 0x07u                       /* 0 to 2 */
#define UDMA_MODES  0x3fu                       /* 0 to 5 */

/* ASCII in words, the first character in the high byte, filled up with spaces. */
void ide_put_text(uint16_t *word, unsigned int words, const char *text)
{
    for (unsigned int i = 0; i < 2 * words; i++) {
        uint16_t c = *text ? (uint8_t)*text++ : ' ';

        if (c < ' ' || c > '~')
            c = ' ';
        word[i / 2] |= i % 2 ? c : c << 8;
    }
}

static void put_dword(uint16_t *word, uint32_t value)
{
    word[0] = value;
    word[1] = value >> 16;
}

static void put_names(const struct ide_device *device, uint16_t *word)
{
    const struct blk_info *info = &device->disk->info;
    char serial[] = "RX0001";

    serial[sizeof(serial) - 2] += 2 * device->channel->number + device->number;
    ide_put_text(&word[10], 10, info->serial ? info->serial : serial);
    ide_put_text(&word[23], 4, info->version ? info->version : "1.0");
    ide_put_text(&word[27], 20, info->model ? info->model : "Reflex disk");
}

static void put_geometry(const struct ide_device *device, uint16_t *word)
{
    const struct ide_settings *s = &device->r.settings;
    uint64_t sectors = device->disk->info.sectors;

    word[1] = device->defaults.cylinders;
    word[3] = device->defaults.heads;
    word[6] = device->defaults.sectors_per_track;
    word[54] = s->cylinders;
    word[55] = s->heads;
    word[56] = s->sectors_per_track;
    put_dword(&word[57], (uint32_t)s->cylinders * s->heads * s->sectors_per_track);
    put_dword(&word[60], sectors < IDE_LBA28_SECTORS ? (uint32_t)sectors : IDE_LBA28_SECTORS);
    put_dword(&word[100], (uint32_t)sectors);
    put_dword(&word[102], (uint32_t)(sectors >> 32));
}

static void put_transfer_modes(const struct ide_device *device, uint16_t *word)
{
    const struct ide_device_registers *r = &device->r;

    word[47] = 0x8000 | IDE_MAX_MULTIPLE;
    word[49] = 0x2f00;                  /* standby timer as standard, IORDY and its disabling, LBA, DMA */
    word[50] = WORD_VALID;
    word[51] = 0x0200;                  /* PIO mode 2 where nobody reads words 64 to 68 */
    word[53] = 0x0007;                  /* words 54-58, 64-70 and 88 are valid */
    if (r->settings.multiple)
        word[59] = 0x0100 | r->settings.multiple;
    word[63] = MWDMA_MODES | r->mwdma << 8;
    word[64] = 0x0003;                  /* PIO modes 3 and 4 */
    for (unsigned int i = 65; i <= 68; i++)
        word[i] = 120;                  /* the cycle times of mode 4 and multiword mode 2, ns */
    word[88] = UDMA_MODES | r->udma << 8;
}

static void put_features(const struct ide_device *device, uint16_t *word)
{
    const struct ide_settings *s = &device->r.settings;

    word[80] = 0x01f0;                  /* ATA/ATAPI-4 to ATA8-ACS */
    word[81] = 0x0028;                  /* ATA8-ACS revision 6 */
    word[82] = SUPPORTS_NOP | SUPPORTS_BUFFER | SUPPORTS_LOOK_AHEAD | SUPPORTS_POWER | SUPPORTS_SMART;
    word[82] |= device->disk->info.flush ? SUPPORTS_WRITE_CACHE : 0;
    word[83] = WORD_VALID | SUPPORTS_FLUSH_EXT | SUPPORTS_FLUSH | SUPPORTS_LBA48;
    word[84] = WORD_VALID | SUPPORTS_FUA | SUPPORTS_SMART_LOGS;
    word[85] = SUPPORTS_NOP | SUPPORTS_BUFFER | SUPPORTS_POWER;
    word[85] |= device->smart.enabled ? SUPPORTS_SMART : 0;
    word[85] |= s->look_ahead ? SUPPORTS_LOOK_AHEAD : 0;
    word[85] |= s->write_cache ? SUPPORTS_WRITE_CACHE : 0;
    word[86] = SUPPORTS_FLUSH_EXT | SUPPORTS_FLUSH | SUPPORTS_LBA48;
    word[87] = word[84];
    if (ide_can_trim(device)) {
        word[105] = IDE_TRIM_BLOCKS;
        word[169] = 0x0001;             /* TRIM; what a trimmed sector reads as is the backend's affair (word 69) */
    }
}

/* Word 93, the result of the hardware reset: an 80-conductor cable; device numbers by jumper; device 0 passed, saw
 * device 1 (DASP-, PDIAG-) or answers for it. */
uint16_t ide_reset_result(const struct ide_device *device)
{
    if (device->number == 1)
        return WORD_VALID | 0x2b00;
    return WORD_VALID | 0x200b | (device->channel->devices[1].disk ? 0x0030 : 0x0040);
}

void ide_put_checksum(uint16_t *word)
{
    uint8_t sum = 0xa5;

    for (unsigned int i = 0; i < 255; i++)
        sum += word[i] + (word[i] >> 8);
    word[255] = 0xa5 | (uint8_t)-sum << 8;
}

void ide_identify(struct ide_device *device)
{
    uint16_t word[256] = { 0x0040 };    /* an ATA device, not removable */

    put_names(device, word);
    put_geometry(device, word);
    put_transfer_modes(device, word);
    put_features(device, word);
    word[93] = ide_reset_result(device);
    ide_put_checksum(word);
    memcpy(device->channel->buffer, word, sizeof(word));
    ide_pio_in(device->channel, sizeof(word));
}

/* Sector Count: kind in 7:3, mode in 2:0.  False: not a mode of word 63, 64 or 88. */
bool ide_set_transfer_mode(struct ide_device *device)
{
    uint8_t kind = device->r.current[IDE_SECTOR_COUNT] & 0xf8, mode = device->r.current[IDE_SECTOR_COUNT] & 0x07;
    uint8_t bit = 1u << mode;

    switch (kind) {
    case 0x00:
        return mode <= 1;               /* the default PIO mode, with and without IORDY */
    case 0x08:
        return mode <= PIO_MODES;
    case 0x20:
        if (!(MWDMA_MODES & bit))
            return false;
        device->r.mwdma = bit;
        device->r.udma = 0;
        return true;
    case 0x40:
        if (!(UDMA_MODES & bit))
            return false;
        device->r.udma = bit;
        device->r.mwdma = 0;
        return true;
    default:
        return false;
    }
}

/* False: not a feature of words 82 to 84. */
static bool set_feature(struct ide_device *device)
{
    struct ide_device_registers *r = &device->r;

    switch (r->current[IDE_FEATURES]) {
    case IDE_FEATURE_WRITE_CACHE_ON:
        r->settings.write_cache = device->disk->info.flush;
        return device->disk->info.flush;
    case IDE_FEATURE_TRANSFER_MODE:
        return ide_set_transfer_mode(device);
    case IDE_FEATURE_LOOK_AHEAD_OFF:
        r->settings.look_ahead = false;
        return true;
    case IDE_FEATURE_LOOK_AHEAD_ON:
        r->settings.look_ahead = true;
        return true;
    case IDE_FEATURE_KEEP_SETTINGS:
        r->keep_settings = true;
        return true;
    case IDE_FEATURE_REVERT_SETTINGS:
        r->keep_settings = false;
        return true;
    default:
        return false;
    }
}

void ide_set_features(struct ide_device *device)
{
    /* What was written under the cache becomes durable when the cache goes. */
    if (device->r.current[IDE_FEATURES] == IDE_FEATURE_WRITE_CACHE_OFF) {
        device->r.settings.write_cache = false;
        ide_flush_cache(device);
    } else if (set_feature(device)) {
        ide_end(device);
    } else {
        ide_abort(device);
    }
}
