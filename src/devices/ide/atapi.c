/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A CD and DVD drive with the PACKET feature set (T13/1410D), one that reads: the ATA commands it has, and how its
 * packets end.  Files: atapi_packet.c carries packets and data, atapi_command.c is the list of packets.
 *
 * Left out: overlapped and queued commands, asynchronous event notification, audio, CD-R and everything else that
 * writes.  A disc is one session of one data track in mode 1, which is what an image of 2048-byte blocks can say; a
 * DVD has one layer.  The end of a reset is reported as a unit attention condition (29/00), but power-on is not: there
 * is no host yet whose settings could have got lost, and some read at once.
 */
#include "devices/ide/atapi_internal.h"
#include "lib/log.h"

/* --- how a packet ends --- */

/* The packet has done its work. */
void atapi_end(struct ide_device *device)
{
    device->atapi.r.sense = (struct atapi_sense){ .key = ATAPI_NO_SENSE };
    device->r.current[IDE_SECTOR_COUNT] = ATAPI_REASON_CD | ATAPI_REASON_IO;
    ide_end(device);
}

/* CHECK CONDITION: REQUEST SENSE tells what the Error register (sense key in 7:4) only hints at. */
void atapi_check(struct ide_device *device, uint8_t key, uint16_t code)
{
    device->atapi.r.sense = (struct atapi_sense){ .key = key, .code = code };
    device->r.current[IDE_SECTOR_COUNT] = ATAPI_REASON_CD | ATAPI_REASON_IO;
    ide_fail(device, 0, (uint8_t)(key << 4) | IDE_ERROR_ABRT);
}

void atapi_invalid_field(struct ide_device *device)
{
    atapi_check(device, ATAPI_ILLEGAL_REQUEST, ATAPI_INVALID_FIELD_IN_CDB);
}

/* The last block has passed, straight into the host's memory. */
void atapi_finish(struct ide_channel *channel)
{
    atapi_end(channel->t.device);
}

void atapi_medium_error(struct ide_channel *channel)
{
    struct ide_device *device = channel->t.device;
    uint32_t block = (uint32_t)(channel->t.sector / ATAPI_BLOCK_SECTORS);

    log_limited(LOG_WARNING, "ide%u: device %u: the backend fails at block %u", channel->number, device->number, block);
    atapi_check(device, ATAPI_MEDIUM_ERROR, ATAPI_UNRECOVERED_READ_ERROR);
    device->atapi.r.sense.valid = true;
    device->atapi.r.sense.block = block;
}

/* --- commands that are not packets --- */

/* The disk's first commands, by which a host learns that this is none (T13/1410D 8.15 and 8.34). */
static void not_a_disk(struct ide_device *device)
{
    ide_sign(device);
    ide_abort(device);
}

/* Ends whatever the device does, without an interrupt. */
static void device_reset(struct ide_device *device)
{
    ide_device_reset(device);
    device->channel->t.device = NULL;
    ide_update_irq(device->channel);
}

/* What a reset does beside the task file.  The tray stays where it is, and another medium is news still. */
static void reset(struct ide_device *device)
{
    struct atapi *atapi = &device->atapi;
    bool locked = atapi->r.locked;

    atapi->r = (struct atapi_registers){
        .reset_attention = true,
        .medium_attention = atapi->r.medium_attention,
    };
    atapi_mode_reset(atapi);
    if (locked && device->disk->ops->lock)
        device->disk->ops->lock(device->disk, false);
}

void atapi_power_on(struct ide_device *device)
{
    device->atapi = (struct atapi){ .tray_open = false };
    atapi_mode_reset(&device->atapi);
    device->listener = (struct blk_listener){ .changed = atapi_changed, .eject_asked = atapi_eject_asked };
    device->disk->listener = &device->listener;
}

const struct ide_command_set ide_cd_commands = {
    .signature_status = 0,
    .signature_mid = 0x14,
    .signature_high = 0xeb,
    .reset = reset,
    .commands = {
        [IDE_NOP]                       = { ide_nop, 0 },
        [IDE_DEVICE_RESET]              = { device_reset, IDE_WAKES },
        [IDE_READ_SECTORS]              = { not_a_disk, 0 },
        [IDE_EXECUTE_DEVICE_DIAGNOSTIC] = { ide_execute_device_diagnostic, 0 },
        [IDE_PACKET]                    = { atapi_packet, 0 },
        [IDE_IDENTIFY_PACKET_DEVICE]    = { atapi_identify, 0 },
        [IDE_STANDBY_IMMEDIATE]         = { ide_power_standby, 0 },
        [IDE_IDLE_IMMEDIATE]            = { ide_power_idle, 0 },
        [IDE_STANDBY]                   = { ide_power_standby, 0 },
        [IDE_IDLE]                      = { ide_power_idle, 0 },
        [IDE_CHECK_POWER_MODE]          = { ide_check_power_mode, 0 },
        [IDE_SLEEP]                     = { ide_power_sleep, 0 },
        [IDE_IDENTIFY_DEVICE]           = { not_a_disk, 0 },
        [IDE_SET_FEATURES]              = { atapi_set_features, 0 },
    },
};
