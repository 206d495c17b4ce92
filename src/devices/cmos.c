/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "devices/cmos.h"

#define BASE_MEMORY_KIB 640u
#define MIB             (1u << 20)

/* --- ports --------------------------------------------------------------------------------------------- */

/* The index port cannot be read back (82371SB, "Real Time Clock Index"), and Xen answers so too.  Bytes of
 * the clock are not here: an index below 14 with no write seen is the one after reset. */
static uint32_t cmos_read(void *dev, uint32_t offset, unsigned int size)
{
    const struct cmos *cmos = dev;

    (void)size;
    if (offset == RTC_INDEX || cmos->regs.index < CMOS_CLOCK_SIZE)
        return 0xff;
    return cmos->bytes[cmos->regs.index];
}

/* Bit 7 of the index masks NMI, which Xen leaves unmasked as well. */
static void cmos_write(void *dev, uint32_t offset, unsigned int size, uint32_t value)
{
    struct cmos *cmos = dev;

    (void)size;
    if (offset == RTC_INDEX)
        cmos->regs.index = value & CMOS_INDEX_MASK;
    else
        cmos->bytes[cmos->regs.index] = (uint8_t)value;
}

const struct io_ops cmos_ops = {.read = cmos_read, .write = cmos_write, .sizes = IO_BYTE};

/* --- contents ------------------------------------------------------------------------------------------ */

static void put_le16(struct cmos *cmos, unsigned int at, uint32_t value)
{
    cmos->bytes[at] = (uint8_t)value;
    cmos->bytes[at + 1] = (uint8_t)(value >> 8);
}

/* In units of 1 << shift bytes, at most what `bits` bits hold. */
static uint32_t units(uint64_t bytes, unsigned int shift, unsigned int bits)
{
    uint64_t count = bytes >> shift, most = (1u << bits) - 1;

    return (uint32_t)(count < most ? count : most);
}

static uint64_t beyond(uint64_t bytes, uint32_t limit)
{
    return bytes > limit ? bytes - limit : 0;
}

/* The same figures that hvmloader writes (hvmloader.c, cmos_write_memory_size()), and those above 4 GiB. */
static void put_memory(struct cmos *cmos, const struct cmos_config *config)
{
    uint32_t extended = units(beyond(config->ram_below_4g, MIB), 10, 16);
    uint32_t above_4g = units(config->ram_above_4g, 16, 24);

    put_le16(cmos, CMOS_BASE_MEMORY, BASE_MEMORY_KIB);
    put_le16(cmos, CMOS_EXTENDED_MEMORY, extended);
    put_le16(cmos, CMOS_EXTENDED_MEMORY_2, extended);
    put_le16(cmos, CMOS_MEMORY_ABOVE_16M, units(beyond(config->ram_below_4g, 16 * MIB), 16, 16));
    put_le16(cmos, CMOS_MEMORY_ABOVE_4G, above_4g);
    cmos->bytes[CMOS_MEMORY_ABOVE_4G + 2] = (uint8_t)(above_4g >> 16);
}

static void put_boot_order(struct cmos *cmos, const struct cmos_config *config)
{
    cmos->bytes[CMOS_BOOTFLAG2] = (uint8_t)(config->boot[0] | config->boot[1] << 4);
    cmos->bytes[CMOS_BOOTFLAG1] = (uint8_t)(config->boot[2] << 4 | (config->any_floppy ? BOOTFLAG1_ANY_FLOPPY : 0));
}

/* What int 13h can address as it is (1024 cylinders), with doubled heads (LARGE), or only through LBA. */
static enum cmos_translation translation(const struct cmos_disk *disk)
{
    if (disk->cylinders <= 1024 && disk->heads <= 16)
        return TRANSLATION_NONE;
    return (uint32_t)disk->cylinders * disk->heads <= 1024 * 128 ? TRANSLATION_LARGE : TRANSLATION_LBA;
}

/* A type 47 entry: cylinders, heads, write precompensation (none), control, landing zone, sectors. */
static void put_geometry(struct cmos *cmos, unsigned int at, const struct cmos_disk *disk)
{
    put_le16(cmos, at, disk->cylinders);
    cmos->bytes[at + 2] = disk->heads;
    put_le16(cmos, at + 3, 0xffff);
    cmos->bytes[at + 5] = DISK_CONTROL_RETRIES | (disk->heads > 8 ? DISK_CONTROL_HEADS : 0);
    put_le16(cmos, at + 6, disk->cylinders);
    cmos->bytes[at + 8] = disk->sectors;
}

static void put_disks(struct cmos *cmos, const struct cmos_config *config)
{
    const struct cmos_disk *disks = config->disks;

    for (unsigned int i = 0; i < 4; i++)
        if (disks[i].cylinders)
            cmos->bytes[CMOS_TRANSLATION] |= (uint8_t)(translation(&disks[i]) << 2 * i);
    if (disks[0].cylinders) {
        cmos->bytes[CMOS_DISK_TYPE] |= DISK_TYPE_EXTENDED << 4;
        cmos->bytes[CMOS_DISK0_TYPE] = DISK_TYPE_USER;
        put_geometry(cmos, CMOS_DISK0_GEOMETRY, &disks[0]);
    }
    if (disks[1].cylinders) {
        cmos->bytes[CMOS_DISK_TYPE] |= DISK_TYPE_EXTENDED;
        cmos->bytes[CMOS_DISK1_TYPE] = DISK_TYPE_USER;
        put_geometry(cmos, CMOS_DISK1_GEOMETRY, &disks[1]);
    }
}

static void put_checksum(struct cmos *cmos)
{
    unsigned int sum = 0;

    for (unsigned int i = CMOS_CHECKSUM_FIRST; i <= CMOS_CHECKSUM_LAST; i++)
        sum += cmos->bytes[i];
    cmos->bytes[CMOS_CHECKSUM] = (uint8_t)(sum >> 8);
    cmos->bytes[CMOS_CHECKSUM + 1] = (uint8_t)sum;
}

void cmos_reset(struct cmos *cmos)
{
    cmos->regs = (struct cmos_registers){0};
}

/* No floppy drives, so CMOS_FLOPPY_TYPE and their bits in CMOS_EQUIPMENT stay 0. */
void cmos_init(struct cmos *cmos, const struct cmos_config *config)
{
    *cmos = (struct cmos){0};
    cmos->bytes[CMOS_EQUIPMENT] = EQUIPMENT_FPU;
    cmos->bytes[CMOS_CENTURY] = 0x20;
    cmos->bytes[CMOS_SMP_COUNT] = (uint8_t)(config->vcpus - 1);
    put_memory(cmos, config);
    put_boot_order(cmos, config);
    put_disks(cmos, config);
    put_checksum(cmos);
    cmos_reset(cmos);
}
