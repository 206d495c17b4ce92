/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * One IDE channel: two devices, disks or CD drives, the cable's registers, and the bus master of a PIIX3 that moves
 * their DMA data.
 *
 * Three register blocks, each with the channel as its `dev`: the command block (8 bytes, 0x1f0 on a PC), the control
 * block (1 byte, 0x3f6), the bus master block (8 bytes, BMIBA + 0 or + 8).
 *
 * A disk is an ATA8-ACS device that keeps what older hosts use (CHS, the power commands of ATA-3).  What it does not do
 * aborts: security, SET MAX, queued commands, advanced power and acoustic management, general purpose logs, READ and
 * WRITE LONG, CFA's commands.
 */
#ifndef REFLEX_DEVICES_IDE_H
#define REFLEX_DEVICES_IDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backends/blk.h"
#include "backends/guest_memory.h"
#include "backends/io.h"
#include "backends/irq_line.h"
#include "backends/state.h"
#include "devices/ide/atapi.h"

#define IDE_BUFFER_SIZE 65536u          /* one PIO round between host and disk: 128 sectors */
#define IDE_SEGMENTS    256u            /* the smallest DMA region is 2 bytes: this many always hold a sector */

struct ide_channel;
struct ide_device;
struct ide_command_set;

/* What carries on when the backend has answered. */
typedef void ide_next(struct ide_channel *channel, enum blk_status status);

/* What a software reset may put back to its power-on value (SET FEATURES 66h and CCh). */
struct ide_settings {
    uint16_t cylinders;                 /* the current CHS translation */
    uint8_t heads, sectors_per_track;
    uint8_t multiple;                   /* sectors per DRQ block of READ and WRITE MULTIPLE; 0: disabled */
    bool write_cache, look_ahead;
};

/* An error of the medium, as the SMART error log keeps it: IDE_FEATURES to IDE_COMMAND as the host wrote them, and
 * IDE_ERROR to IDE_STATUS as it then found them; [0] is not used. */
struct ide_smart_error {
    uint8_t asked[8], found[8];
};

/* What the drive remembers over a reset, and its SMART logs are made of; the latest of each kind is at
 * (count - 1) % size. */
#define IDE_SMART_ERRORS 5u
#define IDE_SMART_TESTS  21u
struct ide_smart {
    bool enabled;
    bool collected;                     /* off-line data, on request */
    uint32_t errors, tests;             /* all there have been */
    struct ide_smart_error error[IDE_SMART_ERRORS];
    uint8_t test[IDE_SMART_TESTS];      /* LBA Low of EXECUTE OFF-LINE IMMEDIATE */
};

struct ide_device {
    /* configuration */
    uint8_t number;                     /* 0: master, 1: slave */
    const struct ide_command_set *set;
    struct ide_settings defaults;
    /* wiring */
    struct ide_channel *channel;
    struct blk_backend *disk;           /* NULL: no such device */
    struct blk_listener listener;       /* of a CD drive */
    /* registers */
    struct ide_device_registers {
        uint8_t status, error, device;
        uint8_t current[6], previous[6];        /* IDE_FEATURES to IDE_LBA_HIGH, two bytes deep */
        bool interrupt;                         /* wants INTRQ; heard while selected and nIEN = 0 */
        uint8_t power;                          /* as CHECK POWER MODE tells it */
        bool sleeping;
        bool keep_settings;
        uint8_t mwdma, udma;                    /* the selected mode's bit, 0: none */
        struct ide_settings settings;
    } r;
    struct ide_smart smart;
    struct atapi atapi;                 /* of a CD drive */
};

struct ide_channel {
    /* Page aligned, so that a frontend can grant it as it is. */
    uint8_t buffer[IDE_BUFFER_SIZE] __attribute__((aligned(4096)));
    /* configuration */
    unsigned int number;                /* 0: primary; only for the serial numbers */
    /* wiring */
    struct irq_line *irq;
    struct guest_memory *memory;
    struct ide_device devices[2];
    /* registers */
    struct ide_channel_registers {
        uint8_t selected;               /* DEV */
        uint8_t control;
        bool intrq;                     /* the wire's level */
        bool resetting;                 /* SRST has risen and the devices have not come back */
        struct ide_device *commanded;   /* has a command that waits for the backend to drain, NULL: none */
        uint8_t command;                /* which */
    } r;
    struct bmdma {
        uint8_t bmicom, bmista;
        uint32_t bmidtp;
        struct bmdma_cursor {
            uint32_t next;              /* address of the next descriptor */
            uint32_t address, left;     /* of the present region; bytes */
            bool last;                  /* its descriptor says EOT */
        } at, after;                    /* where the controller is; where the request in flight takes it */
        bool stopped;                   /* came to a stop while a request was in flight */
        bool allowed;                   /* by the PCI function's command register */
        bool blind;                     /* was started without that, and reaches no memory */
    } bm;
    /* The command in execution.  Bytes are offsets into the buffer. */
    struct ide_transfer {
        struct ide_device *device;      /* NULL: none */
        const struct ide_command *command;
        uint64_t sector;                /* the next to pass between disk and memory or buffer */
        uint32_t sectors;               /* still to pass */
        uint32_t part;                  /* of these, in the request in flight */
        bool careful;                   /* a request failed: sector by sector, to learn which */
        uint32_t block;                 /* bytes per DRQ block */
        uint32_t at, end;               /* the host's place in the present DRQ block, and the block's end */
        uint32_t filled;                /* the end of this round */
        uint32_t stored;                /* PIO-out: written to the disk so far */
        void (*taken)(struct ide_channel *channel);     /* PIO-out that is not for the disk: what follows it */
        uint8_t asked[8];               /* IDE_FEATURES to IDE_COMMAND as the host wrote them */
    } t;
    /* The one request; see request.c. */
    enum ide_request_state { IDE_REQUEST_FREE, IDE_REQUEST_QUEUED, IDE_REQUEST_OUT, IDE_REQUEST_ANSWERED } state;
    bool pumping;
    enum blk_status status;
    ide_next *next;
    struct blk_request request;
    struct blk_segment segments[IDE_SEGMENTS];
};

/* Powers the channel on with the disks and CD drives given (NULL: no device).  number: 0 primary, 1 secondary. */
void ide_channel_init(struct ide_channel *channel, unsigned int number, struct blk_backend *master,
                      struct blk_backend *slave, struct irq_line *irq, struct guest_memory *memory);

/* The PCI function may be a bus master, or may not: see backends/bus_master.h.  A bus master that has been stopped
 * so, or started without permission, stays so until SSBM rises again: whoever gives the permission back may have
 * another use for the memory that its table names. */
void ide_allow_master(struct ide_channel *channel, bool allowed);

extern const struct io_ops ide_command_ops, ide_control_ops, ide_bmdma_ops;
extern const struct state_map ide_channel_state, ide_device_state;

#endif
