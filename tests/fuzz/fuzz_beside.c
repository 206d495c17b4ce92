/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The board beside a device model: configuration accesses of the one function that is its own, as Xen sends them, and
 * accesses of the ports that this opens, one for every 8 bytes of input.  After each, the function is what it is, and
 * no port is claimed but where it says; those of the device model never are.
 */
#include "check.h"
#include "fake_xen.h"
#include "input.h"
#include "support.h"

#include "board.h"
#include "devices/pci/piix3_regs.h"

#define IDE_FUNCTION PCI_DEVFN(1, 1)
#define TYPE_PORT    0u
#define TYPE_PCI     2u
#define SECTORS      64u
#define RAM_SIZE     0x10000u               /* of the guest's memory, so that it can be cleared each time */

struct step {
    uint8_t what, flags;
    uint16_t place;
    uint32_t value;
};

static struct machine {
    struct test_memory memory;
    struct recorded_power power;
    struct ram_disk disk;
    struct board board;
} m;

static void power_on(void)
{
    struct board_config config = {
        .elsewhere = DEVICE_ALL & ~DEVICE_IDE, .guest = &m.memory.memory, .power = &m.power.power, .vcpus = 1,
        .drives = { &m.disk.backend },
    };

    if (!m.memory.bytes) {
        fake_xen_init();
        test_memory_init(&m.memory);
        m.memory.size = RAM_SIZE;
        ram_disk_init(&m.disk, SECTORS);
    }
    memset(fake_xen.claimed_ports, 0, sizeof(fake_xen.claimed_ports));
    memset(fake_xen.claimed_functions, 0, sizeof(fake_xen.claimed_functions));
    fake_xen.shadows = NULL;
    fake_xen.range_room = XEN_REFLECT_MAX_RANGES;
    memset(m.memory.bytes, 0, RAM_SIZE);
    memset(m.disk.bytes, 0, SECTORS * BLK_SECTOR_SIZE);
    recorded_power_init(&m.power);
    board_init(&m.board, &config);
}

static uint64_t reflect(uint32_t type, uint32_t flags, uint32_t place, unsigned int width, uint32_t value)
{
    struct reflection reflection = {
        .what = XEN_REFLECT_WHY_IO | flags | type << XEN_REFLECT_TYPE_SHIFT | width << XEN_REFLECT_SIZE_SHIFT,
        .address_low = place, .address_high = type == TYPE_PCI ? IDE_FUNCTION : 0,
        .data_low = value, .count = flags & XEN_REFLECT_PTR ? value >> 24 & 0x1f : 1,
    };

    return dispatch_io(&m.board.dispatcher, &reflection);
}

static bool claimed(uint32_t port, unsigned int width)
{
    for (unsigned int i = 0; i < width; i++)
        if (port + i >= FAKE_PORTS || !fake_xen.claimed_ports[port + i])
            return false;
    return true;
}

static void take(const struct step *step)
{
    const struct io_space *ports = &m.board.dispatcher.ports;
    unsigned int width = 1u << (step->what >> 2 & 3) % 3;
    uint32_t flags = (step->flags & 0x80 ? XEN_REFLECT_READ : 0) | (step->flags & 0x40 ? XEN_REFLECT_DF : 0) |
                     (step->flags & 0x20 ? XEN_REFLECT_PTR : 0);

    if (step->what & 1 && ports->count) {
        const struct io_region *region = &ports->regions[step->place % ports->count];
        uint32_t port = region->base + (step->place >> 8) % region->length;

        if (claimed(port, width))
            reflect(TYPE_PORT, flags, port, width, step->value);
    } else {
        /* Mostly where there are registers. */
        reflect(TYPE_PCI, flags, step->place & (step->what & 2 ? 0xfff : 0x4f), width, step->value);
    }
    shadow_publish(&m.board.shadows);
}

/* Where the function's own channels may be before its bus master block. */
static bool may_be_taken(uint32_t base)
{
    return base == 0x1f0 || base == 0x170 || base == 0x3f0 || base == 0x370;
}

static uint32_t config(uint32_t reg)
{
    return (uint32_t)reflect(TYPE_PCI, XEN_REFLECT_READ, reg, 4, 0);
}

static void check(void)
{
    uint32_t base = config(PIIX3_BMIBA) & 0xfff0;
    bool io = config(PCI_COMMAND) & PCI_COMMAND_IO, placed = io && base && base != 0xfff0;

    CHECK(config(PCI_VENDOR_ID) == 0x70108086);
    CHECK(config(0x100) == 0xffffffff);
    CHECK(io || !m.board.dispatcher.ports.count);
    CHECK(m.board.dispatcher.ports.count <= 2 * 2 + 2);
    CHECK(!placed || claimed(base, 16) || may_be_taken(base));
    CHECK(!io || !(config(PIIX3_IDETIM) & IDETIM_IDE) || claimed(PIIX3_IDE_PRIMARY, 8) || may_be_taken(base));
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
