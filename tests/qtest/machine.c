/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "machine.h"

#include <string.h>

#include "devices/pci/pci_regs.h"
#include "devices/pci/piix3_regs.h"
#include "hypervisor.h"
#include "message.h"
#include "xen/hypercall.h"

#define PCI_CONFADD_PORT  0xcf8
#define PCI_CONFDATA_PORT 0xcfc

/* ---- One access --------------------------------------------------------------------------------------------- */

static uint64_t all_ones(unsigned int size)
{
    return ~0ull >> (64 - 8 * size);
}

/* An entry of the firmware, but for what entry.asm does (src/main.c, reflect_serve()). */
static uint64_t enter(struct machine *machine, uint32_t what, uint64_t address, unsigned int size, uint64_t data)
{
    struct reflection reflection = {
        .what = XEN_REFLECT_WHY_IO | what | size << XEN_REFLECT_SIZE_SHIFT,
        .address_low = (uint32_t)address, .address_high = (uint32_t)(address >> 32),
        .data_low = (uint32_t)data, .data_high = (uint32_t)(data >> 32),
        .count = 1,
    };
    struct xen_reflect_write write;
    uint64_t value;

    while (shadow_next_write(&machine->board.shadows, &write)) {
        struct reflection access = dispatch_waited(&write);

        board_access(&machine->board, &access);
    }
    value = board_access(&machine->board, &reflection);
    shadow_settle(&machine->board.shadows);
    return value;
}

static uint64_t device_read(struct machine *machine, uint32_t type, uint64_t address, unsigned int size)
{
    uint64_t value;

    if (!hypervisor_claimed(type, address, size))
        return all_ones(size);
    if (hypervisor_shadow_read(type, address, size, &value))
        return value;
    return enter(machine, XEN_REFLECT_READ | type << XEN_REFLECT_TYPE_SHIFT, address, size, 0) & all_ones(size);
}

/* A register that resets does so before the access ends, so that the lines that fall belong to it. */
static void device_write(struct machine *machine, uint32_t type, uint64_t address, unsigned int size, uint64_t value)
{
    if (!hypervisor_claimed(type, address, size))
        return;
    value &= all_ones(size);
    if (hypervisor_shadow_write(type, address, size, value))
        return;
    enter(machine, type << XEN_REFLECT_TYPE_SHIFT, address, size, value);
    if (machine->power.wish == MACHINE_GOES_ON)
        return;
    machine->news = machine->power.wish;
    if (machine->news == MACHINE_WAS_RESET)
        machine_reset(machine);
}

/* ---- The world around the board ----------------------------------------------------------------------------- */

static void power_off(struct power *power)
{
    ((struct machine_power *)power)->wish = MACHINE_IS_OFF;
}

static void power_reset(struct power *power)
{
    struct machine_power *machine_power = (struct machine_power *)power;

    if (machine_power->wish == MACHINE_GOES_ON)
        machine_power->wish = MACHINE_WAS_RESET;
}

static uint64_t now_ns(struct clock *clock)
{
    return (uint64_t)((struct machine *)((char *)clock - offsetof(struct machine, clock)))->clock_ns;
}

static void open_disk(struct machine *machine, unsigned int slot)
{
    const struct drives *drives = &machine->options->drives;
    const struct drive *drive = &drives->slots[slot];
    struct blk_info *info = &machine->disks[slot].backend.info;

    if (drive->file)
        file_disk_open(&machine->disks[slot], &machine->memory, drive->file, drive->read_only);
    else
        file_disk_empty(&machine->disks[slot], &machine->memory);
    info->cdrom = drive->cdrom;
    if (drive->cdrom)
        return;
    info->serial = drives->serial;
    info->version = drives->version;
    info->geometry = (struct blk_geometry){ drive->cylinders, drive->heads, drive->sectors };
}

static void config_write(struct machine *machine, uint8_t devfn, uint8_t offset, uint16_t value)
{
    machine_out(machine, PCI_CONFADD_PORT, 4, CONFADD_ENABLE | devfn << 8 | (offset & ~3u));
    machine_out(machine, PCI_CONFDATA_PORT + (offset & 3), 2, value);
}

/* The little of a BIOS's work without which suites do not find the disks, for QEMU's PIIX3 always decodes their ports:
 * the 82371SB does so when it is told to. */
static void boot(struct machine *machine)
{
    const uint8_t ide = PCI_DEVFN(1, 1);

    config_write(machine, ide, PCI_COMMAND, PCI_COMMAND_IO);
    config_write(machine, ide, PIIX3_IDETIM, IDETIM_IDE);
    config_write(machine, ide, PIIX3_IDETIM + 2, IDETIM_IDE);
    machine_out(machine, PCI_CONFADD_PORT, 4, 0);
}

static void power_on(struct machine *machine, const char *boot_order)
{
    const struct options *options = machine->options;
    struct board_config config = {
        .guest = &machine->memory.guest,
        .power = &machine->power.power,
        .clock = &machine->clock,
        .vcpus = options->processors,
        .ram_below_4g = machine->memory.below_4g,
        .ram_above_4g = machine->memory.above_4g,
        .any_floppy = options->any_floppy,
        .video = options->display ? &machine->video.memory : NULL,
    };

    machine->power = (struct machine_power){ .power = { .off = power_off, .reset = power_reset } };
    for (unsigned int i = 0; i < BOARD_DRIVES; i++)
        if (machine->disks[i].backend.ops)
            config.drives[i] = &machine->disks[i].backend;
    for (unsigned int i = 0; i < options->nics.count; i++)
        config.nics[i] = (struct board_nic){
            .backend = &machine->networks[i].backend,
            .model = options->nics.slots[i].model,
            .slot = options->nics.slots[i].slot,
        };
    for (unsigned int i = 0; i < options->processors; i++)
        config.vcpus_online[i / 8] |= 1u << i % 8;
    board_boot_order(&config, boot_order);
    if (!options->machine)
        return;
    board_init(&machine->board, &config);
    boot(machine);
}

void machine_init(struct machine *machine, const struct options *options)
{
    machine->options = options;
    machine->clock.now_ns = now_ns;
    if (options->display)
        video_init(&machine->video);
    memory_init(&machine->memory, options->ram);
    for (unsigned int i = 0; i < BOARD_DRIVES; i++)
        if (options->drives.slots[i].present)
            open_disk(machine, i);
    for (unsigned int i = 0; i < options->nics.count; i++)
        socket_net_init(&machine->networks[i], &machine->memory, options->nics.slots[i].fd,
                        options->nics.slots[i].address);
    power_on(machine, options->boot_once ? options->boot_once : options->boot_order);
}

/* As in a domain, where a reset is a new one: nothing of the board outlives it. */
void machine_reset(struct machine *machine)
{
    hypervisor_reset();
    for (unsigned int i = 0; i < BOARD_NICS; i++)
        machine->networks[i].backend.listener = NULL;
    memset(&machine->board, 0, sizeof(machine->board));
    video_reset(&machine->video);
    power_on(machine, machine->options->boot_order);
}

/* An event's entry. */
void machine_receive(struct machine *machine, unsigned int nic)
{
    socket_net_receive(&machine->networks[nic]);
    shadow_settle(&machine->board.shadows);
}

enum machine_news machine_take_news(struct machine *machine)
{
    enum machine_news news = machine->news;

    machine->news = MACHINE_GOES_ON;
    return news;
}

/* ---- Ports -------------------------------------------------------------------------------------------------- */

/* libqtest reads port 0 to hear of interrupts and wants nothing else to happen there; the DMA controller has a register
 * at this port whose halves take turns.  So the read is taken back. */
static uint32_t read_port_0(struct machine *machine, unsigned int size)
{
    struct dma8237 before = machine->board.dma[0];
    uint32_t value = (uint32_t)device_read(machine, XEN_REFLECT_RANGE_PORT, 0, size);

    machine->board.dma[0] = before;
    return value;
}

uint32_t machine_in(struct machine *machine, uint16_t port, unsigned int size)
{
    return port ? (uint32_t)device_read(machine, XEN_REFLECT_RANGE_PORT, port, size) : read_port_0(machine, size);
}

void machine_out(struct machine *machine, uint16_t port, unsigned int size, uint32_t value)
{
    device_write(machine, XEN_REFLECT_RANGE_PORT, port, size, value);
}

/* ---- Memory ------------------------------------------------------------------------------------------------- */

static uint8_t *find_memory(const struct machine *machine, uint64_t address, uint64_t *length)
{
    uint8_t *video = video_find(&machine->video, address, length);

    return video ? video : memory_find(&machine->memory, address, length);
}

/* The largest access that begins here and is aligned. */
static unsigned int access_size(uint64_t address, uint64_t length)
{
    unsigned int size = 8;

    while (size > length || (address & (size - 1)))
        size /= 2;
    return size;
}

void machine_read(struct machine *machine, uint64_t address, void *bytes, size_t length)
{
    uint8_t *to = bytes;
    uint64_t run;

    for (; length; address += run, to += run, length -= run) {
        const uint8_t *ram;

        run = length;
        ram = find_memory(machine, address, &run);
        if (ram) {
            memcpy(to, ram, run);
        } else {
            uint64_t value;

            run = access_size(address, run);
            value = device_read(machine, XEN_REFLECT_RANGE_MEMORY, address, (unsigned int)run);
            memcpy(to, &value, run);
        }
    }
}

void machine_write(struct machine *machine, uint64_t address, const void *bytes, size_t length)
{
    const uint8_t *from = bytes;
    uint64_t run;

    for (; length; address += run, from += run, length -= run) {
        uint8_t *ram;

        run = length;
        ram = find_memory(machine, address, &run);
        if (ram) {
            memcpy(ram, from, run);
        } else {
            uint64_t value = 0;

            run = access_size(address, run);
            memcpy(&value, from, run);
            device_write(machine, XEN_REFLECT_RANGE_MEMORY, address, (unsigned int)run, value);
        }
    }
}
