/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The chips that are little more than registers: CMOS, the DMA controllers and their pages, ACPI power management,
 * System Control Port A and the Reset Control Register.  Any accesses to all of them; each is compared with a model
 * of the few promises that it makes.
 */
#include "check.h"
#include "input.h"
#include "support.h"

#include "devices/acpi_pm.h"
#include "devices/acpi_pm_regs.h"
#include "devices/cmos.h"
#include "devices/dma8237.h"
#include "devices/reset_ports.h"

static struct machine {
    struct cmos cmos;
    struct dma8237 dma[2];
    struct dma_pages pages;
    struct acpi_pm pm;
    struct reset_ports reset;
    struct recorded_power power;
    /* what the guest may expect of them */
    uint8_t index, cmos_bytes[CMOS_SIZE], page[16];
    unsigned int offs, resets;
    uint8_t port92;
} m;

enum { CMOS, DMA0, DMA1, PAGES, PM1, GPE0, APM, CPU_MAP, HOTPLUG, PORT92, RC, BLOCKS };

static const struct block {
    const struct io_ops *ops;
    void *dev;
    uint32_t length;
} blocks[BLOCKS] = {
    [CMOS]    = { &cmos_ops, &m.cmos, 2 },
    [DMA0]    = { &dma8237_ops, &m.dma[0], 16 },
    [DMA1]    = { &dma8237_ops, &m.dma[1], 32 },
    [PAGES]   = { &dma_pages_ops, &m.pages, 16 },
    [PM1]     = { &acpi_pm1_control_ops, &m.pm, 2 },
    [GPE0]    = { &acpi_gpe0_ops, &m.pm, 4 },
    [APM]     = { &acpi_apm_ops, &m.pm, 2 },
    [CPU_MAP] = { &acpi_cpu_map_ops, &m.pm, ACPI_CPU_MAP_BYTES },
    [HOTPLUG] = { &acpi_pci_hotplug_ops, NULL, 16 },
    [PORT92]  = { &port92_ops, &m.reset, 1 },
    [RC]      = { &reset_control_ops, &m.reset, 1 },
};

static uint8_t read_byte(unsigned int block, uint32_t offset)
{
    uint32_t value = blocks[block].ops->read(blocks[block].dev, offset, IO_BYTE);

    CHECK(value <= 0xff);
    return (uint8_t)value;
}

static void write_byte(unsigned int block, uint32_t offset, uint8_t value)
{
    blocks[block].ops->write(blocks[block].dev, offset, IO_BYTE, value);
}

/* ---- What they promise ---------------------------------------------------------------------------------------- */

static void expect_written(unsigned int block, uint32_t offset, uint8_t value)
{
    switch (block) {
    case CMOS:
        if (offset == RTC_INDEX)
            m.index = value & CMOS_INDEX_MASK;
        else
            m.cmos_bytes[m.index] = value;
        break;
    case PAGES:
        m.page[offset] = value;
        break;
    case PM1:
        m.offs += offset == 1 && (value & (PMCNTRL_HIGH_SUS_EN | PMCNTRL_HIGH_SUS_TYP)) == PMCNTRL_HIGH_SUS_EN;
        break;
    case PORT92:
        m.resets += value & ~m.port92 & 1;
        m.port92 = value & 3;
        break;
    case RC:
        m.resets += value >> 2 & 1;
        break;
    }
}

static void check_read(unsigned int block, uint32_t offset, uint8_t value)
{
    switch (block) {
    case CMOS:
        CHECK(value == (offset == RTC_INDEX || m.index < CMOS_CLOCK_SIZE ? 0xff : m.cmos_bytes[m.index]));
        break;
    case PAGES:
        CHECK(value == m.page[offset]);
        break;
    case GPE0:
        CHECK(offset >= GPEN || value == 0);
        break;
    case CPU_MAP:
        CHECK(value == offset);
        break;
    case HOTPLUG:
        CHECK(value == 0);
        break;
    case PORT92:
        CHECK(value == m.port92);
        break;
    case RC:
        CHECK(!(value & 0x04));
        break;
    }
}

/* Whatever was done before, a word goes in and comes out after its flip-flop has been cleared. */
static void check_dma(unsigned int block, unsigned int reg, uint16_t word)
{
    unsigned int shift = m.dma[block - DMA0].address_shift;

    write_byte(block, DMA8237_CLEAR_FF << shift, 0);
    write_byte(block, reg << shift, (uint8_t)word);
    write_byte(block, reg << shift, word >> 8);
    CHECK(read_byte(block, reg << shift) == (word & 0xff));
    CHECK(read_byte(block, reg << shift) == word >> 8);
    write_byte(block, DMA8237_CLEAR << shift, 0);
    CHECK(read_byte(block, DMA8237_MASK << shift) == 0x0f);
    CHECK(read_byte(block, DMA8237_STATUS << shift) == 0);
}

static void check_checksum(void)
{
    unsigned int sum = 0;

    for (unsigned int i = CMOS_CHECKSUM_FIRST; i <= CMOS_CHECKSUM_LAST; i++)
        sum += m.cmos.bytes[i];
    CHECK((sum & 0xffff) == (m.cmos.bytes[CMOS_CHECKSUM] << 8 | m.cmos.bytes[CMOS_CHECKSUM + 1]));
}

/* ---- An execution ------------------------------------------------------------------------------------------------ */

static void power_on(struct input *input)
{
    uint8_t cpu_map[ACPI_CPU_MAP_BYTES];
    struct cmos_config config = { .vcpus = take_u8(input) + 1u };

    config.ram_below_4g = take_u32(input);
    config.ram_above_4g = take_u64(input);
    for (unsigned int i = 0; i < 4; i++) {
        config.disks[i].cylinders = take_u16(input);
        config.disks[i].heads = take_u8(input);
        config.disks[i].sectors = take_u8(input);
    }
    for (unsigned int i = 0; i < ACPI_CPU_MAP_BYTES; i++)
        cpu_map[i] = (uint8_t)i;
    memset(&m, 0, sizeof(m));
    recorded_power_init(&m.power);
    cmos_init(&m.cmos, &config);
    check_checksum();
    memcpy(m.cmos_bytes, m.cmos.bytes, sizeof(m.cmos_bytes));
    dma8237_init(&m.dma[0], 0);
    dma8237_init(&m.dma[1], 1);
    dma_pages_reset(&m.pages);
    acpi_pm_init(&m.pm, cpu_map, &m.power.power);
    reset_ports_init(&m.reset, &m.power.power);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct input input = { bytes, length };

    power_on(&input);
    while (input.left) {
        uint8_t what = take_u8(&input), value;
        unsigned int block = (what & 0x7f) % BLOCKS;
        uint32_t offset = take_u8(&input) % blocks[block].length;

        if (what & 0x80) {
            check_read(block, offset, read_byte(block, offset));
        } else {
            value = take_u8(&input);
            write_byte(block, offset, value);
            expect_written(block, offset, value);
        }
        CHECK(m.power.offs == m.offs && m.power.resets == m.resets);
    }
    check_dma(DMA0, length % 8, (uint16_t)(length * 0x1357));
    check_dma(DMA1, length % 8, (uint16_t)(length * 0x2468));
    take_log();
    return 0;
}
