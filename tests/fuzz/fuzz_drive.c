/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * reflex-dm's CD drive, a program of dom0, with a frontend that does as the input says: requests of any shape, any
 * bytes in the ring's page, any text in xenstore, states in any order, while media come and go.
 *
 * What is copied to the frontend are sectors of the image in their order, inside a page; the backend lets go of what it
 * maps and binds; and of the ring's page serving changes responses and the backend's two indices.
 */
#define _GNU_SOURCE
#include "check.h"
#include "input.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xen/io/blkif.h>

#include "domain.h"
#include "tools/common/message.h"
#include "xen/medium.h"

#define PAGE         4096u
#define BLOCKS       16u                    /* of the image */
#define DRIVE        5632
#define PORT         7
#define SLOTS        32u
#define SLOT_OFFSET  64u                    /* of the first in the ring's page, */
#define SLOT_SIZE    108u                   /* as a 32-bit frontend has them */
#define TEXT_MAX     40u

enum { PROTOCOL, RING_REF, EVENT_CHANNEL, STATE, LEAVES };
enum { REQ_PROD, REQ_EVENT, RSP_PROD, RSP_EVENT, INDICES };

static struct machine {
    struct input *input;
    struct drives drives;
    char leaves[LEAVES][TEXT_MAX + 1];
    uint8_t page[PAGE] __attribute__((aligned(4096)));
    bool mapped, bound;
    uint64_t copied;                        /* bytes */
} m;

static uint8_t before[PAGE] __attribute__((aligned(4096)));
static int image;

static uint8_t pattern(uint64_t sector)
{
    return (uint8_t)(sector * 7 + 1);
}

void message(const char *format, ...)
{
    char line[2048];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
}

/* ---- Xen --------------------------------------------------------------------------------------------------------- */

bool xen_open_rings(struct xen *xen)
{
    (void)xen;
    return true;
}

void *xen_map_page(struct xen *xen, uint32_t ref)
{
    (void)xen;
    CHECK(!m.mapped);
    m.mapped = ref != 0;
    return m.mapped ? m.page : NULL;
}

void xen_unmap_page(struct xen *xen, void *page)
{
    (void)xen;
    CHECK(m.mapped && !m.bound && page == m.page);
    m.mapped = false;
}

int xen_bind(struct xen *xen, uint32_t port)
{
    (void)xen;
    CHECK(m.mapped && !m.bound);
    m.bound = port != 0;
    return m.bound ? PORT : -1;
}

void xen_unbind(struct xen *xen, int port)
{
    (void)xen;
    CHECK(m.bound && port == PORT);
    m.bound = false;
}

void xen_notify(struct xen *xen, int port)
{
    (void)xen;
    CHECK(m.bound && port == PORT);
}

/* Of one sector of the image all bytes are the same, and each of them is one after the other. */
bool xen_copy_to_guest(struct xen *xen, uint32_t ref, uint32_t offset, const void *bytes, uint32_t length)
{
    const uint8_t *sectors = bytes;

    (void)xen;
    CHECK(length && offset % 512 == 0 && length % 512 == 0 && offset + length <= PAGE);
    for (uint32_t at = 0; at < length; at += 512)
        CHECK(!memcmp(sectors + at, sectors + at + 1, 511) && sectors[at] == (uint8_t)(sectors[0] + at / 512 * 7));
    m.copied += length;
    return ref != 0;
}

char *xen_store_read(struct xen *xen, const char *node)
{
    static const char *const names[] = { "protocol", "ring-ref", "event-channel", "state" };

    (void)xen;
    for (unsigned int i = 0; i < LEAVES; i++)
        if (!strcmp(strrchr(node, '/') + 1, names[i]))
            return m.leaves[i][0] ? strdup(m.leaves[i]) : NULL;
    return NULL;
}

bool xen_store_write(struct xen *xen, const char *node, const char *value)
{
    (void)xen, (void)node, (void)value;
    CHECK(false);                           /* a drive writes nothing but its backend's folder */
    return true;
}

bool xen_backend_write(struct xen *xen, unsigned int virtual_device, const char *leaf, const char *value)
{
    (void)xen;
    CHECK(virtual_device == DRIVE && leaf && value);
    return true;
}

/* ---- The frontend ------------------------------------------------------------------------------------------------ */

static uint32_t *indices(void)
{
    return (uint32_t *)m.page;
}

static void request(struct input *input)
{
    uint8_t *slot = m.page + SLOT_OFFSET + indices()[REQ_PROD] % SLOTS * SLOT_SIZE, segments = take_u8(input) % 13;
    uint64_t sector = take_u8(input);

    slot[0] = take_u8(input) % 7;
    slot[1] = segments;
    memcpy(slot + 12, &sector, sizeof(sector));
    for (unsigned int i = 0; i < segments && i < BLKIF_MAX_SEGMENTS_PER_REQUEST; i++) {
        uint8_t *segment = slot + 20 + i * 8, which = take_u8(input);

        memset(segment, 0, 8);
        segment[0] = which >> 6;            /* its reference */
        segment[4] = which & 7;
        segment[5] = which >> 6 == 3 ? take_u8(input) : which >> 3 & 7;
    }
    indices()[REQ_PROD]++;
}

static void any_index(struct input *input)
{
    uint8_t how = take_u8(input);

    indices()[how % INDICES] = how & 0x80 ? take_u32(input) : indices()[how % INDICES] + (int8_t)take_u8(input);
}

static void scribble(struct input *input)
{
    uint16_t at = take_u16(input) % PAGE;

    for (uint8_t left = take_u8(input) % 32; left && at < PAGE; left--)
        m.page[at++] = take_u8(input);
}

static void number(struct input *input)
{
    snprintf(m.leaves[1 + take_u8(input) % (LEAVES - 1)], TEXT_MAX, "%u", take_u8(input));
}

static void text(struct input *input)
{
    char *leaf = m.leaves[take_u8(input) % LEAVES];
    uint8_t length = take_u8(input) % TEXT_MAX;

    for (unsigned int i = 0; i < length; i++)
        leaf[i] = (char)take_u8(input);
    leaf[length] = '\0';
}

static void state(struct input *input)
{
    snprintf(m.leaves[STATE], TEXT_MAX, "%u", take_u8(input) % 8);
    drives_meet_frontend(&m.drives, DRIVE);
}

/* Serving changes nothing that is the frontend's; a response may lie anywhere in the slots. */
static void serve(struct input *input)
{
    struct medium_record *now = (struct medium_record *)(m.page + MEDIUM_RECORD_OFFSET);
    struct medium_record *was = (struct medium_record *)(before + MEDIUM_RECORD_OFFSET);

    (void)input;
    memcpy(before, m.page, PAGE);
    m.copied = 0;
    drives_hear(&m.drives, PORT);
    drives_serve(&m.drives);
    CHECK(indices()[REQ_PROD] == ((uint32_t *)before)[REQ_PROD]);
    CHECK(indices()[RSP_EVENT] == ((uint32_t *)before)[RSP_EVENT]);
    CHECK(!memcmp(m.page + 16, before + 16, SLOT_OFFSET - 16));
    CHECK(!memcmp(m.page + SLOT_OFFSET + SLOTS * SLOT_SIZE, before + SLOT_OFFSET + SLOTS * SLOT_SIZE,
                  MEDIUM_RECORD_OFFSET - SLOT_OFFSET - SLOTS * SLOT_SIZE));
    CHECK(!memcmp(now, was, sizeof(*now)));
    CHECK(m.copied <= SLOTS * BLKIF_MAX_SEGMENTS_PER_REQUEST * PAGE);
    CHECK(!m.copied || m.drives.drive[0].blocks);
}

static void eject(struct input *input)
{
    (void)input;
    drive_eject(&m.drives.drive[0]);
}

static void insert(struct input *input)
{
    int fd = dup(image);

    (void)input;
    CHECK(drive_insert(&m.drives.drive[0], fd));
}

/* What a frontend of ours does. */
static void connect(void)
{
    snprintf(m.leaves[PROTOCOL], TEXT_MAX, "x86_32-abi");
    snprintf(m.leaves[RING_REF], TEXT_MAX, "9");
    snprintf(m.leaves[EVENT_CHANNEL], TEXT_MAX, "9");
    snprintf(m.leaves[STATE], TEXT_MAX, "3");
    drives_meet_frontend(&m.drives, DRIVE);
    CHECK(m.bound);
}

static void make_image(void)
{
    uint8_t sector[512];

    image = memfd_create("image", 0);
    CHECK(image > 0);
    for (unsigned int i = 0; i < BLOCKS * 4; i++) {
        memset(sector, pattern(i), sizeof(sector));
        CHECK(write(image, sector, sizeof(sector)) == sizeof(sector));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static void (*const actions[])(struct input *input) = {
        request, serve, request, serve, state, any_index, scribble, number, text, eject, insert,
    };
    struct args args = { .nr_drives = 1, .drives[0].virtual_device = DRIVE };
    struct input input = { bytes, length };

    if (!image)
        make_image();
    memset(&m, 0, sizeof(m));
    CHECK(drives_open(&m.drives, NULL, &args));
    insert(&input);
    connect();
    while (input.left)
        actions[take_u8(&input) % (sizeof(actions) / sizeof(actions[0]))](&input);
    snprintf(m.leaves[STATE], TEXT_MAX, "6");
    drives_meet_frontend(&m.drives, DRIVE);
    CHECK(!m.mapped && !m.bound);
    CHECK(drive_eject(&m.drives.drive[0]));
    return 0;
}
