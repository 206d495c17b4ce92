/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The disk's commands, and those that move no data, of which a CD drive has some too (T13/1410D clause 8; ATA-3 to ATA-5
 * for what it dropped). */
#include "devices/ide/internal.h"

/* What CHS can address at most: 16383 * 16 * 63 (ATA-5 annex C). */
#define CHS_SECTORS 16514064u

/* NOP is defined as the command that aborts. */
void ide_nop(struct ide_device *device)
{
    ide_abort(device);
}

/* RECALIBRATE: the arm is wherever it is wanted. */
static void recalibrate(struct ide_device *device)
{
    ide_end(device);
}

static void seek(struct ide_device *device)
{
    device->r.current[IDE_SECTOR_COUNT] = 1;    /* the command has none: one sector must be there */
    if (ide_decode_address(device))
        ide_end(device);
}

/* Both devices run it, device 0 speaks for both. */
void ide_execute_device_diagnostic(struct ide_device *device)
{
    struct ide_channel *channel = device->channel;

    channel->r.selected = 0;
    for (unsigned int i = 0; i < 2; i++) {
        channel->devices[i].r.interrupt = false;
        ide_sign(&channel->devices[i]);
    }
    channel->t.device = NULL;
    channel->devices[0].r.interrupt = true;
    ide_update_irq(channel);
}

/* Sector Count: sectors per track; Device 3:0: the last head. */
static void initialize_device_parameters(struct ide_device *device)
{
    struct ide_settings *s = &device->r.settings;
    uint64_t sectors = device->disk->info.sectors;
    uint32_t heads = (device->r.device & IDE_DEVICE_HEAD) + 1u, per_track = device->r.current[IDE_SECTOR_COUNT];
    uint32_t cylinders;

    if (!per_track) {
        ide_abort(device);
        return;
    }
    cylinders = (sectors < CHS_SECTORS ? (uint32_t)sectors : CHS_SECTORS) / (heads * per_track);
    s->cylinders = ide_min(cylinders ? cylinders : 1, 65535);
    s->heads = heads;
    s->sectors_per_track = per_track;
    ide_end(device);
}

/* Sector Count: sectors per DRQ block, a power of two; 0 disables READ and WRITE MULTIPLE. */
static void set_multiple_mode(struct ide_device *device)
{
    uint8_t count = device->r.current[IDE_SECTOR_COUNT];

    if (count > IDE_MAX_MULTIPLE || (count & (count - 1u))) {
        device->r.settings.multiple = 0;
        ide_abort(device);
        return;
    }
    device->r.settings.multiple = count;
    ide_end(device);
}

/* The last sector that a command of this kind of address reaches. */
static void read_native_max(struct ide_device *device)
{
    const struct ide_settings *s = &device->r.settings;
    uint64_t sectors = device->disk->info.sectors;
    uint32_t reach = IDE_LBA28_SECTORS;

    if (!(device->r.device & IDE_DEVICE_LBA))
        reach = (uint32_t)s->cylinders * s->heads * s->sectors_per_track;
    if (!(device->channel->t.command->flags & IDE_EXT) && sectors > reach)
        sectors = reach;
    ide_put_address(device, sectors - 1);
    ide_end(device);
}

/* --- the buffer, which holds what WRITE BUFFER left until another command moves data --- */

static void read_buffer(struct ide_device *device)
{
    ide_pio_in(device->channel, BLK_SECTOR_SIZE);
}

static void buffer_written(struct ide_channel *channel)
{
    ide_end(channel->t.device);
}

static void write_buffer(struct ide_device *device)
{
    ide_pio_out(device->channel, BLK_SECTOR_SIZE, buffer_written);
}

/* --- power management: the disk has no motor, but a host that stops one may cut the power next --- */

void ide_check_power_mode(struct ide_device *device)
{
    device->r.current[IDE_SECTOR_COUNT] = device->r.power;
    ide_end(device);
}

void ide_power_idle(struct ide_device *device)
{
    device->r.power = IDE_POWER_IDLE;
    ide_end(device);
}

void ide_power_standby(struct ide_device *device)
{
    device->r.power = IDE_POWER_STANDBY;
    ide_flush_cache(device);
}

/* Only a reset wakes it. */
void ide_power_sleep(struct ide_device *device)
{
    device->r.sleeping = true;
    ide_flush_cache(device);
}

const struct ide_command_set ide_disk_commands = {
    .signature_status = IDE_IDLE_STATUS,
    .signature_mid = 0x00,
    .signature_high = 0x00,
    .commands = {
        [IDE_NOP]                          = { ide_nop, 0 },
        [IDE_DATA_SET_MANAGEMENT]          = { ide_data_set_management, IDE_WRITE | IDE_DMA | IDE_LIST },
        [IDE_RECALIBRATE]                  = { recalibrate, 0 },
        [IDE_READ_SECTORS]                 = { ide_pio_read, 0 },
        [IDE_READ_SECTORS_NO_RETRY]        = { ide_pio_read, 0 },
        [IDE_READ_SECTORS_EXT]             = { ide_pio_read, IDE_EXT },
        [IDE_READ_DMA_EXT]                 = { ide_dma, IDE_EXT | IDE_DMA },
        [IDE_READ_NATIVE_MAX_EXT]          = { read_native_max, IDE_EXT },
        [IDE_READ_MULTIPLE_EXT]            = { ide_pio_read, IDE_EXT | IDE_MULTIPLE },
        [IDE_WRITE_SECTORS]                = { ide_pio_write, IDE_WRITE },
        [IDE_WRITE_SECTORS_NO_RETRY]       = { ide_pio_write, IDE_WRITE },
        [IDE_WRITE_SECTORS_EXT]            = { ide_pio_write, IDE_WRITE | IDE_EXT },
        [IDE_WRITE_DMA_EXT]                = { ide_dma, IDE_WRITE | IDE_EXT | IDE_DMA },
        [IDE_WRITE_MULTIPLE_EXT]           = { ide_pio_write, IDE_WRITE | IDE_EXT | IDE_MULTIPLE },
        [IDE_WRITE_DMA_FUA_EXT]            = { ide_dma, IDE_WRITE | IDE_EXT | IDE_DMA | IDE_FUA },
        [IDE_READ_VERIFY]                  = { ide_read_verify, 0 },
        [IDE_READ_VERIFY_NO_RETRY]         = { ide_read_verify, 0 },
        [IDE_READ_VERIFY_EXT]              = { ide_read_verify, IDE_EXT },
        [IDE_SEEK]                         = { seek, 0 },
        [IDE_EXECUTE_DEVICE_DIAGNOSTIC]    = { ide_execute_device_diagnostic, 0 },
        [IDE_INITIALIZE_DEVICE_PARAMETERS] = { initialize_device_parameters, 0 },
        [IDE_STANDBY_IMMEDIATE_ATA3]       = { ide_power_standby, 0 },
        [IDE_IDLE_IMMEDIATE_ATA3]          = { ide_power_idle, 0 },
        [IDE_STANDBY_ATA3]                 = { ide_power_standby, 0 },
        [IDE_IDLE_ATA3]                    = { ide_power_idle, 0 },
        [IDE_CHECK_POWER_MODE_ATA3]        = { ide_check_power_mode, 0 },
        [IDE_SLEEP_ATA3]                   = { ide_power_sleep, 0 },
        [IDE_SMART]                        = { ide_smart, 0 },
        [IDE_READ_MULTIPLE]                = { ide_pio_read, IDE_MULTIPLE },
        [IDE_WRITE_MULTIPLE]               = { ide_pio_write, IDE_WRITE | IDE_MULTIPLE },
        [IDE_SET_MULTIPLE_MODE]            = { set_multiple_mode, 0 },
        [IDE_READ_DMA]                     = { ide_dma, IDE_DMA },
        [IDE_READ_DMA_NO_RETRY]            = { ide_dma, IDE_DMA },
        [IDE_WRITE_DMA]                    = { ide_dma, IDE_WRITE | IDE_DMA },
        [IDE_WRITE_DMA_NO_RETRY]           = { ide_dma, IDE_WRITE | IDE_DMA },
        [IDE_WRITE_MULTIPLE_FUA_EXT]       = { ide_pio_write, IDE_WRITE | IDE_EXT | IDE_MULTIPLE | IDE_FUA },
        [IDE_STANDBY_IMMEDIATE]            = { ide_power_standby, 0 },
        [IDE_IDLE_IMMEDIATE]               = { ide_power_idle, 0 },
        [IDE_STANDBY]                      = { ide_power_standby, 0 },
        [IDE_IDLE]                         = { ide_power_idle, 0 },
        [IDE_READ_BUFFER]                  = { read_buffer, 0 },
        [IDE_CHECK_POWER_MODE]             = { ide_check_power_mode, 0 },
        [IDE_SLEEP]                        = { ide_power_sleep, 0 },
        [IDE_FLUSH_CACHE]                  = { ide_flush_cache, 0 },
        [IDE_WRITE_BUFFER]                 = { write_buffer, IDE_WRITE },
        [IDE_FLUSH_CACHE_EXT]              = { ide_flush_cache, 0 },
        [IDE_IDENTIFY_DEVICE]              = { ide_identify, 0 },
        [IDE_SET_FEATURES]                 = { ide_set_features, 0 },
        [IDE_READ_NATIVE_MAX]              = { read_native_max, 0 },
    },
};
