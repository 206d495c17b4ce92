/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The whole board as a guest that stops at nothing reaches it: accesses of any width and string instructions through
 * the dispatcher, and what disks and the terminal do meanwhile, one step for every 8 bytes of input.  After each, no
 * shadow may tell another value than its chip; at the end, the hypervisor has been told what the dispatcher knows.
 */
#include "check.h"
#include "fake_xen.h"
#include "input.h"
#include "support.h"

#include "board.h"
#include "lib/log.h"

#define SECTORS  64u
#define RAM_SIZE 0x10000u                   /* of the guest's memory, so that it can be cleared each time */

enum { OP_ACCESS, OP_STRING, OP_COMPLETE, OP_TYPE };

static struct machine {
    struct test_memory memory;
    struct recorded_power power;
    struct char_backend terminal;
    uint32_t typed;                         /* bytes that wait at the terminal */
    struct ram_disk disks[BOARD_DRIVES];
    struct board board;
} m;

/* ---- What the board is plugged into ------------------------------------------------------------------------- */

static size_t terminal_write(struct char_backend *backend, const uint8_t *bytes, size_t length)
{
    (void)backend, (void)bytes;
    return length;
}

static size_t terminal_read(struct char_backend *backend, uint8_t *bytes, size_t length)
{
    (void)backend;
    if (length > m.typed)
        length = m.typed;
    m.typed -= length;
    memset(bytes, 'x', length);
    return length;
}

static void plug_in_once(void)
{
    static const struct char_backend_ops terminal_ops = { .write = terminal_write, .read = terminal_read };

    if (m.terminal.ops)
        return;
    m.terminal.ops = &terminal_ops;
    fake_xen_init();
    test_memory_init(&m.memory);
    m.memory.size = RAM_SIZE;
    for (unsigned int i = 0; i < BOARD_DRIVES; i++)
        ram_disk_init(&m.disks[i], SECTORS);
}

static void take_writes(void)
{
    struct xen_reflect_write write;

    while (shadow_next_write(&m.board.shadows, &write)) {
        struct reflection access = dispatch_waited(&write);

        dispatch_io(&m.board.dispatcher, &access);
    }
}

static void dispatch(uint32_t flags, uint32_t port, unsigned int width, uint32_t data, uint32_t count)
{
    struct reflection reflection = {
        .what = XEN_REFLECT_WHY_IO | flags | width << XEN_REFLECT_SIZE_SHIFT,
        .address_low = port, .data_low = data, .count = count,
    };

    for (unsigned int i = 0; i < width; i++)
        if (port + i >= FAKE_PORTS || !fake_xen.claimed_ports[port + i])
            return;
    if (!flags && count == 1 && fake_shadow_write(port, width, data))
        return;
    take_writes();
    dispatch_io(&m.board.dispatcher, &reflection);
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
    struct board_config config = {
        .guest = &m.memory.memory, .power = &m.power.power, .serial = &m.terminal, .vcpus = 1, .vcpus_online = { 1 },
        .serial_ports = { true, true, true, true }, .ram_below_4g = RAM_SIZE,
    };

    plug_in_once();
    memset(fake_xen.claimed_ports, 0, sizeof(fake_xen.claimed_ports));
    memset(fake_xen.memory_claims, 0, sizeof(fake_xen.memory_claims));
    fake_xen.shadows = NULL;
    fake_xen.range_room = XEN_REFLECT_MAX_RANGES;
    memset(m.memory.bytes, 0, RAM_SIZE);
    m.typed = 0;
    recorded_power_init(&m.power);
    for (unsigned int i = 0; i < BOARD_DRIVES; i++) {
        m.disks[i].queue = NULL;
        m.disks[i].deferred = i & 1;
        memset(m.disks[i].bytes, (int)i, SECTORS * BLK_SECTOR_SIZE);
        config.drives[i] = &m.disks[i].backend;
    }
    board_boot_order(&config, "cda");
    board_init(&m.board, &config);
    enable_ide();
}

/* ---- Steps -------------------------------------------------------------------------------------------------- */

/* Often a port where something is, at times any. */
static uint32_t choose_port(uint16_t where, bool any)
{
    const struct io_space *ports = &m.board.dispatcher.ports;
    const struct io_region *region = &ports->regions[where % ports->count];

    return any ? where : region->base + (where >> 8) % region->length;
}

static void take(struct input *input)
{
    uint8_t what = take_u8(input), how = take_u8(input);
    uint16_t where = take_u16(input);
    uint32_t value = take_u32(input), port = choose_port(where, what & 0x80);
    unsigned int width = 1u << how % 3;
    uint32_t flags = how & 0x80 ? XEN_REFLECT_READ : 0;

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
        break;
    case OP_TYPE:
        m.typed += how % 32;
        m.terminal.listener->changed(m.terminal.listener);
        break;
    }
    shadow_publish(&m.board.shadows);
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
    while (input.left && !m.power.offs && !m.power.resets) {
        take(&input);
        check_shadows();
    }
    check_claims();
    take_log();
    return 0;
}
