/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Sector addresses and counts in the task file: CHS, 28 and 48 bits (T13/1410D clause 6, sector addressing). */
#include "devices/ide/internal.h"

static bool uses_ext(const struct ide_device *device)
{
    return device->channel->t.command->flags & IDE_EXT;
}

/* False: the address is not in the current translation. */
static bool decode_chs(const struct ide_device *device, uint64_t *sector)
{
    const struct ide_device_registers *r = &device->r;
    const struct ide_settings *s = &r->settings;
    uint32_t cylinder = r->current[IDE_LBA_MID] | (uint32_t)r->current[IDE_LBA_HIGH] << 8;
    uint32_t head = r->device & IDE_DEVICE_HEAD;
    uint32_t number = r->current[IDE_LBA_LOW];

    if (!number || number > s->sectors_per_track || head >= s->heads || cylinder >= s->cylinders)
        return false;
    *sector = (cylinder * s->heads + head) * s->sectors_per_track + number - 1;
    return true;
}

static uint32_t low_lba(const uint8_t *bytes)
{
    return bytes[IDE_LBA_LOW] | (uint32_t)bytes[IDE_LBA_MID] << 8 | (uint32_t)bytes[IDE_LBA_HIGH] << 16;
}

static bool decode_sector(const struct ide_device *device, uint64_t *sector)
{
    const struct ide_device_registers *r = &device->r;

    if (uses_ext(device))
        *sector = low_lba(r->current) | (uint64_t)low_lba(r->previous) << 24;
    else if (r->device & IDE_DEVICE_LBA)
        *sector = low_lba(r->current) | (uint32_t)(r->device & IDE_DEVICE_HEAD) << 24;
    else
        return decode_chs(device, sector);
    return true;
}

static uint32_t decode_count(const struct ide_device *device)
{
    const struct ide_device_registers *r = &device->r;
    uint32_t count = r->current[IDE_SECTOR_COUNT];

    if (!uses_ext(device))
        return count ? count : 256;
    count |= (uint32_t)r->previous[IDE_SECTOR_COUNT] << 8;
    return count ? count : 65536;
}

/* Sectors that the command in execution can address. */
static uint64_t reach(const struct ide_device *device)
{
    uint64_t sectors = device->disk->info.sectors;

    return uses_ext(device) || sectors < IDE_LBA28_SECTORS ? sectors : IDE_LBA28_SECTORS;
}

/* Takes the transfer's place and size from the task file.  False: a part of it is not on the disk, and the command has
 * ended with IDNF and the first such address, no sector touched. */
bool ide_decode_address(struct ide_device *device)
{
    struct ide_transfer *t = &device->channel->t;
    uint64_t end = reach(device);

    t->sectors = decode_count(device);
    if (!decode_sector(device, &t->sector)) {
        ide_fail(device, 0, IDE_ERROR_IDNF);
        return false;
    }
    if (t->sector >= end || t->sectors > end - t->sector) {
        ide_put_address(device, t->sector >= end ? t->sector : end);
        ide_fail(device, 0, IDE_ERROR_IDNF);
        return false;
    }
    device->r.power = IDE_POWER_ACTIVE;
    return true;
}

static void put_lba(uint8_t *bytes, uint32_t lba)
{
    bytes[IDE_LBA_LOW] = lba;
    bytes[IDE_LBA_MID] = lba >> 8;
    bytes[IDE_LBA_HIGH] = lba >> 16;
}

static void put_head(struct ide_device *device, uint8_t head)
{
    device->r.device = (device->r.device & ~IDE_DEVICE_HEAD) | (head & IDE_DEVICE_HEAD);
}

/* `sector` is below 2^28: it came from a CHS address. */
static void put_chs(struct ide_device *device, uint32_t sector)
{
    const struct ide_settings *s = &device->r.settings;
    uint32_t track = sector / s->sectors_per_track;

    put_lba(device->r.current, (track / s->heads) << 8 | (sector % s->sectors_per_track + 1));
    put_head(device, track % s->heads);
}

/* Shows a sector's address in the form that the command in execution uses. */
void ide_put_address(struct ide_device *device, uint64_t sector)
{
    if (uses_ext(device)) {
        put_lba(device->r.current, (uint32_t)sector);
        put_lba(device->r.previous, (uint32_t)(sector >> 24));
    } else if (device->r.device & IDE_DEVICE_LBA) {
        put_lba(device->r.current, (uint32_t)sector);
        put_head(device, (uint32_t)sector >> 24);
    } else {
        put_chs(device, (uint32_t)sector);
    }
}

void ide_put_count(struct ide_device *device, uint32_t sectors)
{
    device->r.current[IDE_SECTOR_COUNT] = sectors;
    if (uses_ext(device))
        device->r.previous[IDE_SECTOR_COUNT] = sectors >> 8;
}
