/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The host's side of an IDE cable: a channel with up to two RAM disks, and short names for what drivers do. */
#ifndef REFLEX_TESTS_IDE_HOST_H
#define REFLEX_TESTS_IDE_HOST_H

#include "support.h"

#include "devices/ide/bmdma_regs.h"
#include "devices/ide/ide.h"
#include "devices/ide/ide_regs.h"

#define READY (IDE_STATUS_DRDY | IDE_STATUS_DSC)
#define WANTS_DATA (READY | IDE_STATUS_DRQ)
#define FAILED (READY | IDE_STATUS_ERR)
#define BAD_NONE UINT64_MAX

/* A RAM disk that stands for the sectors from `base` on of a larger one, and has one bad sector. */
struct test_disk {
    struct blk_backend backend;
    struct ram_disk ram;
    uint64_t base, bad;
    unsigned int failures;
    uint32_t largest;                       /* sectors of the largest request */
    unsigned int most_segments;
};

struct ide_host {
    struct ide_channel channel;
    struct recorded_line line;
    struct test_memory memory;
    struct test_disk disks[2];
};

/* sectors: 0 for no device.  Each disk is filled with ide_pattern(). */
void ide_host_init(struct ide_host *host, uint64_t master_sectors, uint64_t slave_sectors);
void ide_host_free(struct ide_host *host);
/* Powers the channel on again, after a test has changed what the disks are. */
void ide_host_power(struct ide_host *host);
/* Makes disk 0 one of `sectors` of which the RAM disk holds the last. */
void ide_host_grow(struct ide_host *host, uint64_t sectors);

uint8_t ide_in(struct ide_host *host, unsigned int reg);
void ide_out(struct ide_host *host, unsigned int reg, uint8_t value);
uint8_t ide_alternate(struct ide_host *host);
void ide_control(struct ide_host *host, uint8_t value);
/* Reads Status, which acknowledges, and requires that INTRQ was high before and is low after. */
uint8_t ide_acknowledge(struct ide_host *host);
void ide_select(struct ide_host *host, unsigned int device);

/* Writes the task file of a 28-bit LBA command (device in DEV as selected), or of a 48-bit one, and the command. */
void ide_issue(struct ide_host *host, uint8_t command, uint32_t lba, uint8_t count);
void ide_issue_ext(struct ide_host *host, uint8_t command, uint64_t lba, uint16_t count);
void ide_issue_chs(struct ide_host *host, uint8_t command, unsigned int cylinder, unsigned int head,
                   unsigned int sector, uint8_t count);
void ide_issue_features(struct ide_host *host, uint8_t subcommand, uint8_t count);
/* The address in the task file as a 28-bit and a 48-bit command leave it. */
uint32_t ide_lba(struct ide_host *host);
uint64_t ide_lba_ext(struct ide_host *host);

void ide_take(struct ide_host *host, void *bytes, unsigned int length);
void ide_give(struct ide_host *host, const void *bytes, unsigned int length);
/* IDENTIFY DEVICE of the selected device. */
void ide_take_identity(struct ide_host *host, uint16_t word[256]);

/* What sector `lba` holds at first: 256 words. */
void ide_pattern(uint64_t lba, uint16_t word[256]);
void assert_pattern(const void *bytes, uint64_t lba, unsigned int sectors);
void assert_failed(struct ide_host *host, uint8_t status, uint8_t error);

/* --- bus master --- */
uint8_t bm_in(struct ide_host *host, unsigned int reg);
void bm_out(struct ide_host *host, unsigned int reg, uint8_t value);
/* Writes descriptor `i` of the table at `table`; the pointer register is bm_table()'s. */
void bm_descriptor(struct ide_host *host, uint32_t table, unsigned int i, uint32_t address, uint32_t count_eot);
void bm_table(struct ide_host *host, uint32_t table);
void bm_start(struct ide_host *host, bool to_memory);
/* Stops, checks that BMISTA reads `status`, and clears it, as an interrupt handler does. */
void bm_stop(struct ide_host *host, uint8_t status);

#endif
