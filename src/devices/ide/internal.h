/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Between the files of the IDE channel. */
#ifndef REFLEX_DEVICES_IDE_INTERNAL_H
#define REFLEX_DEVICES_IDE_INTERNAL_H

#include "devices/ide/bmdma_regs.h"
#include "devices/ide/ide.h"
#include "devices/ide/ide_regs.h"

#define IDE_IDLE_STATUS (IDE_STATUS_DRDY | IDE_STATUS_DSC)
#define IDE_MAX_MULTIPLE 16u            /* sectors; a power of two that divides the buffer */
#define IDE_LBA28_SECTORS 0x0fffffffu   /* what 28-bit commands can reach (words 60 and 61) */
#define IDE_TRIM_BLOCKS 8u              /* sectors of a TRIM's list (word 105) */

/* How a command moves its data. */
#define IDE_EXT      0x01u              /* 48-bit address and 16-bit count */
#define IDE_WRITE    0x02u
#define IDE_MULTIPLE 0x04u
#define IDE_DMA      0x08u
#define IDE_WAKES    0x10u              /* is heard in sleep */
#define IDE_BY_PACKET 0x20u             /* a packet's data; `start` goes on when the host has moved what there was */
#define IDE_LIST     0x40u              /* DMA: the data is a list for the drive, and goes to the buffer */
#define IDE_FUA      0x80u              /* ends when the data is durable, write cache or not */

struct ide_command {
    void (*start)(struct ide_device *device);   /* NULL: the device does not know the command */
    uint8_t flags;
};

/* What makes a device a disk: its commands; Status, LBA Mid and High after a reset; what else a reset does to it. */
struct ide_command_set {
    uint8_t signature_status, signature_mid, signature_high;
    void (*reset)(struct ide_device *device);   /* NULL: nothing */
    struct ide_command commands[256];
};
extern const struct ide_command_set ide_disk_commands, ide_cd_commands;

/* channel.c */
struct ide_device *ide_selected(struct ide_channel *channel);
void ide_update_irq(struct ide_channel *channel);
void ide_sign(struct ide_device *device);
void ide_device_reset(struct ide_device *device);
/* The end of a command: idle says nothing to the host, end and fail raise INTRQ. */
void ide_idle(struct ide_device *device);
void ide_end(struct ide_device *device);
void ide_fail(struct ide_device *device, uint8_t status, uint8_t error);
void ide_abort(struct ide_device *device);

/* command.c: what disks and CD drives have in common */
void ide_nop(struct ide_device *device);
void ide_execute_device_diagnostic(struct ide_device *device);
void ide_check_power_mode(struct ide_device *device);
void ide_power_idle(struct ide_device *device);
void ide_power_standby(struct ide_device *device);
void ide_power_sleep(struct ide_device *device);

/* request.c */
void ide_request(struct ide_channel *channel, enum blk_op op, uint32_t sectors, unsigned int segments, ide_next *next);
void ide_request_buffer(struct ide_channel *channel, enum blk_op op, uint32_t offset, uint32_t sectors, ide_next *next);
void ide_hold(struct ide_channel *channel);
void ide_let_go(struct ide_channel *channel);
bool ide_part_answered(struct ide_channel *channel, enum blk_status status);
void ide_flush(struct ide_channel *channel, ide_next *next);

/* address.c */
bool ide_decode_address(struct ide_device *device);
void ide_put_address(struct ide_device *device, uint64_t sector);
void ide_put_count(struct ide_device *device, uint32_t sectors);

/* disk.c */
void ide_finish(struct ide_channel *channel);
void ide_medium_error(struct ide_channel *channel);
void ide_read_verify(struct ide_device *device);
void ide_flush_cache(struct ide_device *device);

/* pio.c */
void ide_pio_read(struct ide_device *device);
void ide_pio_write(struct ide_device *device);
void ide_pio_in(struct ide_channel *channel, uint32_t bytes);
void ide_pio_out(struct ide_channel *channel, uint32_t bytes, void (*taken)(struct ide_channel *channel));
uint32_t ide_data_read(struct ide_channel *channel, unsigned int size);
void ide_data_write(struct ide_channel *channel, unsigned int size, uint32_t value);

/* bmdma.c */
enum bmdma_result {
    BMDMA_READY,
    BMDMA_WAIT,                         /* stands still */
    BMDMA_END,                          /* the table was too short */
    BMDMA_FAULT,                        /* the table leads outside of memory */
    BMDMA_BLIND,                        /* takes what it is given, and drops it */
};
enum bmdma_result bmdma_gather(struct ide_channel *channel, uint32_t sectors, unsigned int *segments);
void bmdma_commit(struct ide_channel *channel);
enum bmdma_result bmdma_copy(struct ide_channel *channel, bool to_memory);

/* dma.c */
void ide_dma(struct ide_device *device);
void ide_dma_continue(struct ide_channel *channel);
bool ide_dma_ready(struct ide_channel *channel, enum bmdma_result result);

/* atapi.c */
void atapi_power_on(struct ide_device *device);
void atapi_finish(struct ide_channel *channel);
void atapi_medium_error(struct ide_channel *channel);

/* trim.c */
bool ide_can_trim(const struct ide_device *device);
void ide_data_set_management(struct ide_device *device);
void ide_trim(struct ide_channel *channel);

/* smart.c */
void ide_smart(struct ide_device *device);
void ide_smart_note_error(struct ide_device *device);

/* identify.c */
void ide_put_text(uint16_t *word, unsigned int words, const char *text);
uint16_t ide_reset_result(const struct ide_device *device);
void ide_put_checksum(uint16_t *word);
bool ide_set_transfer_mode(struct ide_device *device);
void ide_identify(struct ide_device *device);
void ide_set_features(struct ide_device *device);

static inline uint32_t ide_min(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

#endif
