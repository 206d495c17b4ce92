/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The whole board as a guest that stops at nothing reaches it: accesses of any width and string instructions through
 * the dispatcher, and what disks and the terminal do meanwhile, one step for every 8 bytes of input.  After each, no
 * shadow may tell another value than its chip; at the end, the hypervisor has been told what the dispatcher knows.
 */
#include "board_host.h"
#include "check.h"
#include "input.h"

#include "devices/ide/direct_regs.h"
#include "lib/log.h"

#define SECTORS  64u
#define RAM_SIZE 0x10000u                   /* of the guest's memory, so that it can be cleared each time */

#define DIRECT_PORT 0x8a0u
#define REQUEST     0x100u

enum { OP_ACCESS, OP_STRING, OP_COMPLETE, OP_TYPE, DIRECT = 0x20, SAME_BLOCK = 0x40, ANY_PORT = 0x80 };

static struct board_host m;
static unsigned int last_block;             /* that was accessed */

static void dispatch(uint32_t flags, uint32_t port, unsigned int width, uint32_t data, uint32_t count)
{
    board_host_io(&m, flags, port, width, data, count);
}

/* As hvmloader leaves the IDE function, without which two thirds of the board cannot be reached. */
static void enable_ide(void)
{
    static const struct {
        uint8_t reg;
        uint32_t value;
    } writes[] = { { 0x40, 0x80008000 }, { 0x20, 0xc001 }, { 0x04, 0x0005 } };

    for (unsigned int i = 0; i < 3; i++) {
        dispatch(0, 0xcf8, 4, 0x80000900 | writes[i].reg, 1);
        dispatch(0, 0xcfc, 4, writes[i].value, 1);
    }
}

static void power_on(void)
{
    static const uint32_t sectors[BOARD_DRIVES] = { SECTORS, SECTORS, SECTORS, SECTORS };
    struct board_config config = {
        .vcpus = 1, .vcpus_online = { 1 }, .serial_ports = { true, true, true, true }, .ram_below_4g = RAM_SIZE,
    };

    if (!m.memory.bytes)
        board_host_plug_in(&m, RAM_SIZE, sectors);
    memset(m.memory.bytes, 0, RAM_SIZE);
    for (unsigned int i = 0; i < BOARD_DRIVES; i++) {
        m.disks[i].deferred = i & 1;
        memset(m.disks[i].bytes, (int)i, SECTORS * BLK_SECTOR_SIZE);
    }
    board_boot_order(&config, "cda");
    board_host_power(&m, &config);
    enable_ide();
}

/* ---- Steps -------------------------------------------------------------------------------------------------- */

/* At times any port, otherwise one where something is: often what it was before, for a chip wants several accesses. */
static uint32_t choose_port(uint8_t what, uint16_t where)
{
    const struct io_space *ports = &m.board.dispatcher.ports;
    const struct io_region *region;

    if (what & ANY_PORT)
        return where;
    if (!(what & SAME_BLOCK))
        last_block = where;
    region = &ports->regions[last_block % ports->count];
    return region->base + (where >> 8) % region->length;
}

/* A request that has a chance, or nearly.  Whatever it asks for, there is an answer. */
static void ask_directly(uint8_t how, uint16_t where, uint32_t value)
{
    struct direct_request request = {
        .signature = DIRECT_SIGNATURE, .drive = how & 7, .operation = how >> 3 & 3, .sectors = value >> 24,
        .sector = where % (SECTORS + 8), .buffer = value % (RAM_SIZE + 0x1000),
    };

    memcpy(m.memory.bytes + REQUEST, &request, sizeof(request));
    dispatch(0, DIRECT_PORT, 4, REQUEST, 1);
    memcpy(&request, m.memory.bytes + REQUEST, sizeof(request));
    CHECK(request.status >= DIRECT_DONE && request.status <= DIRECT_FAILED);
}

static void take(struct input *input)
{
    uint8_t what = take_u8(input), how = take_u8(input);
    uint16_t where = take_u16(input);
    uint32_t value = take_u32(input), port = choose_port(what, where);
    unsigned int width = 1u << how % 3;
    uint32_t flags = how & 0x80 ? XEN_REFLECT_READ : 0;

    if (what & DIRECT) {
        ask_directly(how, where, value);
        return;
    }
    switch (what & 3) {
    case OP_ACCESS:
        dispatch(flags, port, width, value, 1);
        break;
    case OP_STRING:
        if (how & 0x40)
            flags |= XEN_REFLECT_DF;
        dispatch(flags | XEN_REFLECT_PTR, port, width, value % (RAM_SIZE + 0x1000), value >> 24 & 0x1f);
        break;
    case OP_COMPLETE:
        m.disks[how % BOARD_DRIVES].fail_next = how & 0x80 ? BLK_ERROR : BLK_OK;
        ram_disk_complete(&m.disks[how % BOARD_DRIVES]);
        shadow_settle(&m.board.shadows);
        break;
    case OP_TYPE:
        board_host_type(&m, how % 32);
        break;
    }
}

static void check_claims(void)
{
    const struct io_space *ports = &m.board.dispatcher.ports;

    for (unsigned int i = 0; i < ports->count; i++) {
        const struct io_region *region = &ports->regions[i];

        CHECK(i == 0 || ports->regions[i - 1].base + ports->regions[i - 1].length <= region->base);
        CHECK(region->base + region->length <= FAKE_PORTS);
        for (uint32_t port = region->base; port < region->base + region->length; port++)
            CHECK(fake_xen.claimed_ports[port]);
    }
    CHECK(XEN_REFLECT_MAX_RANGES - fake_xen.range_room == ports->count + m.board.dispatcher.memory.count);
}

static void check_shadows(void)
{
    const struct io_space *ports = &m.board.dispatcher.ports;

    for (unsigned int i = 0; i < ports->count; i++) {
        const struct io_region *region = &ports->regions[i];

        for (unsigned int j = 0; j < region->ops->shadow_count; j++) {
            const struct io_shadow *what = &region->ops->shadows[j];
            uint32_t value;
            uint8_t shadow;

            if (what->size == 1 && fake_shadow_read(region->base + what->offset, &shadow))
                CHECK(what->peek(region->dev, what->offset, &value) && value == shadow);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct input input = { bytes, length };

    power_on();
    last_block = 0;
    while (input.left && !m.power.offs && !m.power.resets) {
        take(&input);
        check_shadows();
    }
    check_claims();
    take_log();
    return 0;
}
