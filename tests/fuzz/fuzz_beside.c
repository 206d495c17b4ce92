/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The board beside a device model: configuration accesses of the one function that is its own, as Xen sends them, and
 * accesses of the ports that this opens, one for every 8 bytes of input.  After each, the function is what it is, and
 * no port is claimed but where it says; those of the device model never are.
 */
#include "board_host.h"
#include "check.h"
#include "input.h"

#include "devices/pci/piix3_regs.h"

#define IDE_FUNCTION PCI_DEVFN(1, 1)
#define TYPE_PCI     2u
#define SECTORS      64u
#define RAM_SIZE     0x10000u               /* of the guest's memory, so that it can be cleared each time */

struct step {
    uint8_t what, flags;
    uint16_t place;
    uint32_t value;
};

static struct board_host m;

static void power_on(void)
{
    static const uint32_t sectors[BOARD_DRIVES] = { SECTORS };
    struct board_config config = { .elsewhere = DEVICE_ALL & ~DEVICE_IDE, .vcpus = 1 };

    if (!m.memory.bytes)
        board_host_plug_in(&m, RAM_SIZE, sectors);
    memset(m.memory.bytes, 0, RAM_SIZE);
    memset(m.disks[0].bytes, 0, SECTORS * BLK_SECTOR_SIZE);
    board_host_power(&m, &config);
}

/* As Xen sends them, by function and register. */
static uint64_t configure(uint32_t flags, uint32_t reg, unsigned int width, uint32_t value, uint32_t count)
{
    struct reflection reflection = {
        .what = XEN_REFLECT_WHY_IO | flags | TYPE_PCI << XEN_REFLECT_TYPE_SHIFT | width << XEN_REFLECT_SIZE_SHIFT,
        .address_low = reg, .address_high = IDE_FUNCTION, .data_low = value, .count = count,
    };

    return board_access(&m.board, &reflection);
}

static void take(const struct step *step)
{
    const struct io_space *ports = &m.board.dispatcher.ports;
    unsigned int width = 1u << (step->what >> 2 & 3) % 3;
    uint32_t flags = (step->flags & 0x80 ? XEN_REFLECT_READ : 0) | (step->flags & 0x40 ? XEN_REFLECT_DF : 0) |
                     (step->flags & 0x20 ? XEN_REFLECT_PTR : 0);
    uint32_t count = flags & XEN_REFLECT_PTR ? step->value >> 24 & 0x1f : 1;

    if (step->what & 1 && ports->count) {
        const struct io_region *region = &ports->regions[step->place % ports->count];
        uint32_t port = region->base + (step->place >> 8) % region->length;

        board_host_io(&m, flags, port, width, step->value, count);
    } else {
        /* Mostly where there are registers. */
        configure(flags, step->place & (step->what & 2 ? 0xfff : 0x4f), width, step->value, count);
    }
    shadow_settle(&m.board.shadows);
}

/* Where the function's own channels may be before its bus master block. */
static bool may_be_taken(uint32_t base)
{
    return base == 0x1f0 || base == 0x170 || base == 0x3f0 || base == 0x370;
}

static uint32_t config(uint32_t reg)
{
    return (uint32_t)configure(XEN_REFLECT_READ, reg, 4, 0, 1);
}

static void check(void)
{
    uint32_t base = config(PIIX3_BMIBA) & 0xfff0;
    bool io = config(PCI_COMMAND) & PCI_COMMAND_IO, placed = io && base && base != 0xfff0;

    CHECK(config(PCI_VENDOR_ID) == 0x70108086);
    CHECK(config(0x100) == 0xffffffff);
    CHECK(io || !m.board.dispatcher.ports.count);
    CHECK(m.board.dispatcher.ports.count <= 2 * 2 + 2);
    CHECK(!placed || board_host_claimed(base, 16) || may_be_taken(base));
    CHECK(!io || !(config(PIIX3_IDETIM) & IDETIM_IDE) || board_host_claimed(PIIX3_IDE_PRIMARY, 8) || may_be_taken(base));
    CHECK(!fake_xen.claimed_ports[0x64] || (placed && (base & 0xfff0) == 0x60));
    CHECK(!fake_xen.claimed_ports[0xcf8] || (placed && (base & 0xfff0) == 0xcf0));
    CHECK(fake_xen.range_room == XEN_REFLECT_MAX_RANGES - 1 - m.board.dispatcher.ports.count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    power_on();
    for (; size >= sizeof(struct step); data += 8, size -= 8) {
        struct step step;

        memcpy(&step, data, sizeof(step));
        take(&step);
        check();
    }
    CHECK(!m.power.offs && !m.power.resets);
    take_log();
    return 0;
}
