/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A simulated block backend: connects as Linux's does, and answers when, what and in what order the test says. */
#ifndef REFLEX_TESTS_FAKE_BLKBACK_H
#define REFLEX_TESTS_FAKE_BLKBACK_H

#include "fake_xen.h"

#include <stdbool.h>
#include <xen/io/blkif.h>
#include <xen/io/xenbus.h>

#define FAKE_DISK_SECTORS 4096u
#define FAKE_BLKBACK_MAX  64

struct fake_blkback {
    char frontend[64], backend[64];
    domid_t domain;
    /* behaviour, set before the frontend attaches */
    unsigned int stuck_in;          /* a state that it never leaves; 0: none */
    unsigned int sector_size, info;
    unsigned int sectors;           /* what it says: FAKE_DISK_SECTORS */
    bool flush, barrier, discard;
    bool medium;                    /* keeps a record of its medium (xen/medium.h) */
    bool keeps_pages;               /* never unmaps what it mapped for a request */
    bool keeps_ring;                /* never unmaps the ring, and never closes */
    /* what the test looks at */
    enum xenbus_state state;
    grant_ref_t ring_ref;
    evtchn_port_t port;
    struct blkif_back_ring ring;
    struct blkif_request requests[FAKE_BLKBACK_MAX];    /* taken off the ring, not yet answered, oldest first */
    unsigned int request_count;
    unsigned int reads, writes, flushes, barriers, discards, refused_grants;
    uint8_t disk[FAKE_DISK_SECTORS * 512];
};

/* A disk with every feature but barriers, described in xenstore as device/vbd/<name>. */
void fake_blkback_init(struct fake_blkback *back, const char *name, unsigned int virtual_device);
/* Its half of the state machine; run by fake_xen while the domain waits. */
void fake_blkback_step(void *back);

/* The domain was restored: another backend, which has the disk as it is, waits for its frontend.  What the old one
 * was asked for it does not know. */
void fake_blkback_restore(struct fake_blkback *back);

/* Another medium of as many blocks of 2048 bytes, 0: none; or somebody's wish for it. */
void fake_blkback_change(struct fake_blkback *back, uint32_t blocks);
void fake_blkback_wish(struct fake_blkback *back);
struct medium_record *fake_blkback_record(struct fake_blkback *back);

/* Takes new requests off the ring; returns how many are unanswered. */
unsigned int fake_blkback_take(struct fake_blkback *back);
/* Does and answers requests[n]; `status` is the answer, and nothing is done unless it is BLKIF_RSP_OKAY. */
void fake_blkback_answer(struct fake_blkback *back, unsigned int n, int16_t status);
/* Any answer at all. */
void fake_blkback_answer_raw(struct fake_blkback *back, uint64_t id, uint8_t operation, int16_t status);
/* Takes and answers until there is no more. */
void fake_blkback_run(struct fake_blkback *back);

#endif
