/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What the drive says of itself: IDENTIFY PACKET DEVICE (T13/1410D 8.16), SET FEATURES as far as it has any, and
 * INQUIRY (T10/1545D clause 6, with the version and format bytes of an ATAPI drive, SFF-8020i 10.8.1). */
#include "devices/ide/atapi_internal.h"
#include "lib/string.h"

#define NAME "Reflex DVD-ROM"
#define VERSION "1.0"

/* Words 82 and 85: NOP, DEVICE RESET, PACKET, power management */
#define FEATURES 0x4218u

static void put_names(const struct ide_device *device, uint16_t *word)
{
    const struct blk_info *info = &device->disk->info;
    char serial[] = "RX0001";

    serial[sizeof(serial) - 2] += 2 * device->channel->number + device->number;
    ide_put_text(&word[10], 10, info->serial ? info->serial : serial);
    ide_put_text(&word[23], 4, info->version ? info->version : VERSION);
    ide_put_text(&word[27], 20, info->model ? info->model : NAME);
}

/* Words that are not mentioned are zero: obsolete, reserved, or a feature that this drive does not have. */
void atapi_identify(struct ide_device *device)
{
    const struct ide_device_registers *r = &device->r;
    uint16_t word[256] = { 0x85c0 };    /* a CD drive, removable medium; DRQ within 50 us, packets of 12 bytes */

    put_names(device, word);
    word[49] = 0x0f00;                  /* IORDY and its disabling, LBA, DMA */
    word[50] = 0x4000;
    word[51] = 0x0200;                  /* PIO mode 2 where nobody reads words 64 to 68 */
    word[53] = 0x0006;                  /* words 64-70 and 88 are valid */
    word[63] = 0x0007 | r->mwdma << 8;
    word[64] = 0x0003;                  /* PIO modes 3 and 4 */
    for (unsigned int i = 65; i <= 68; i++)
        word[i] = 120;                  /* ns */
    word[80] = 0x0070;                  /* ATA/ATAPI-4 to ATA/ATAPI-6 */
    word[81] = 0x0022;
    word[82] = word[85] = FEATURES;
    word[83] = word[84] = word[87] = 0x4000;
    word[88] = 0x003f | r->udma << 8;
    word[93] = ide_reset_result(device);
    ide_put_checksum(word);
    memcpy(device->channel->buffer, word, sizeof(word));
    ide_pio_in(device->channel, sizeof(word));
}

void atapi_set_features(struct ide_device *device)
{
    bool known = true;

    switch (device->r.current[IDE_FEATURES]) {
    case IDE_FEATURE_TRANSFER_MODE:
        known = ide_set_transfer_mode(device);
        break;
    case IDE_FEATURE_KEEP_SETTINGS:
    case IDE_FEATURE_REVERT_SETTINGS:   /* there are none but the transfer mode, which a reset keeps */
        break;
    default:
        known = false;
        break;
    }
    (known ? ide_end : ide_abort)(device);
}

static void put_padded(uint8_t *bytes, uint32_t size, const char *text)
{
    for (uint32_t i = 0; i < size; i++)
        bytes[i] = *text ? (uint8_t)*text++ : ' ';
}

/* Standard data alone: an ATAPI drive has no vital product data. */
void atapi_inquiry(struct ide_device *device, const uint8_t *packet)
{
    uint8_t *answer = atapi_answer(device, 36);

    if (packet[1] & 0x03 || packet[2]) {
        atapi_invalid_field(device);
        return;
    }
    answer[0] = 0x05;                   /* a CD drive */
    answer[1] = 0x80;                   /* removable medium */
    answer[3] = 0x21;                   /* ATAPI, and the data's format */
    answer[4] = 36 - 5;
    put_padded(&answer[8], 8, "Reflex");
    put_padded(&answer[16], 16, "DVD-ROM");
    put_padded(&answer[32], 4, VERSION);
    atapi_give(device, 36, atapi_get16(&packet[3]));
}
