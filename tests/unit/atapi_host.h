/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A host with a CD drive: ide_host.h, and short names for packets. */
#ifndef REFLEX_TESTS_ATAPI_HOST_H
#define REFLEX_TESTS_ATAPI_HOST_H

#include "ide_host.h"

#include "devices/ide/atapi_regs.h"

/* What a test program has one of; cd_tear_down() frees it. */
extern struct ide_host h;
int cd_set_up(void **state);                /* a drive, first and alone on its cable */
int cd_tear_down(void **state);
#define CD_TEST(name) cmocka_unit_test_setup_teardown(name, cd_set_up, cd_tear_down)

#define CD_BLOCKS 1000u
#define CD_LIMIT  0xf800u                   /* more than most answers have */

/* A packet's bytes; the rest is zero. */
#define PACKET(...) ((const uint8_t[ATAPI_PACKET_SIZE]){ __VA_ARGS__ })

/* What the drive has asked of the world. */
struct cd_wishes {
    unsigned int locks, unlocks;
};
extern struct cd_wishes cd_wishes;

/* A channel whose device `position` is a CD drive with a medium of CD_BLOCKS blocks of ide_pattern(), and whose other
 * device is a disk of `disk_sectors` (0: none).  The drive is selected. */
void cd_host_init(struct ide_host *host, unsigned int position, uint64_t disk_sectors);
/* The world changes the medium; 0 blocks: it takes it out. */
void cd_change(struct ide_host *host, uint32_t blocks);
struct blk_backend *cd_backend(struct ide_host *host);

/* Issues PACKET and gives the packet, up to where the drive has something to say. */
void cd_send(struct ide_host *host, const uint8_t *packet, uint16_t limit, bool dma);
/* Takes data that was sent for by PIO up to the good end; returns its length.  In *bursts the number of DRQ blocks. */
uint32_t cd_take(struct ide_host *host, void *bytes, uint32_t size, unsigned int *bursts);
/* Both: a packet that succeeds, its answer's length (at most `size`). */
uint32_t cd_ask(struct ide_host *host, const uint8_t *packet, void *bytes, uint32_t size);
/* A packet without data that succeeds. */
void cd_do(struct ide_host *host, const uint8_t *packet);
/* The end of a packet with CHECK CONDITION; REQUEST SENSE then tells key and code, and after it nothing. */
void cd_assert_sense(struct ide_host *host, uint8_t key, uint16_t code);
void cd_assert_fails(struct ide_host *host, const uint8_t *packet, uint8_t key, uint16_t code);

#endif
