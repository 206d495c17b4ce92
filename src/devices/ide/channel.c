/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The cable: the two register blocks, which device answers, INTRQ, software reset, and how a command begins and ends.
 *
 * T13/1410D forbids the host much that nothing stops it from doing.  Where the standard says "indeterminate", this
 * channel does the following.  Registers are latched at any time.  A new command takes the channel over, from either
 * device and in any phase.  What the backend still owns is drained first, under BSY, and its result is dropped: until
 * then the disk may be reading or writing guest memory.  The same holds for a software reset.
 */
#include "devices/ide/internal.h"
#include "lib/log.h"
#include "lib/string.h"

#define FLOATING 0x7fu                  /* nobody drives the bus, and DD7 has a pull-down */

/* The device that DEV names, present or not. */
struct ide_device *ide_selected(struct ide_channel *channel)
{
    return &channel->devices[channel->r.selected];
}

/* The device that answers register reads, NULL: none.  Device 0 stands in for an absent device 1 (T13/1410D 9.16.1). */
static struct ide_device *answering(struct ide_channel *channel)
{
    if (ide_selected(channel)->disk)
        return ide_selected(channel);
    return channel->devices[0].disk ? &channel->devices[0] : NULL;
}

/* INTRQ follows the selected device; its rising edge sets the bus master's interrupt bit (290550, BMISTA). */
void ide_update_irq(struct ide_channel *channel)
{
    const struct ide_device *device = ide_selected(channel);
    bool intrq = device->disk && device->r.interrupt && !(channel->r.control & IDE_CONTROL_NIEN);

    if (intrq && !channel->r.intrq)
        channel->bm.bmista |= BMISTA_IDEINTS;
    channel->r.intrq = intrq;
    irq_line_set(channel->irq, intrq);
}

/* --- how a command ends --- */

static void leave(struct ide_device *device, uint8_t status, uint8_t error, bool interrupt)
{
    device->channel->t.device = NULL;
    device->r.status = status;
    device->r.error = error;
    device->r.interrupt |= interrupt;
    ide_update_irq(device->channel);
}

/* The command ends with nothing left to say, as PIO-in does when the host has taken the last word. */
void ide_idle(struct ide_device *device)
{
    leave(device, IDE_IDLE_STATUS, 0, false);
}

/* The command has succeeded. */
void ide_end(struct ide_device *device)
{
    leave(device, IDE_IDLE_STATUS, 0, true);
}

/* The command has failed.  status: 0 or IDE_STATUS_DF. */
void ide_fail(struct ide_device *device, uint8_t status, uint8_t error)
{
    leave(device, IDE_IDLE_STATUS | status | IDE_STATUS_ERR, error, true);
}

/* The device does not do this. */
void ide_abort(struct ide_device *device)
{
    ide_fail(device, 0, IDE_ERROR_ABRT);
}

/* --- reset --- */

/* The registers that tell the host what kind of device this is (T13/1410D 9.12). */
void ide_sign(struct ide_device *device)
{
    struct ide_device_registers *r = &device->r;

    r->status = device->set->signature_status;
    r->error = IDE_DIAGNOSTIC_PASSED;
    r->device = 0;
    r->current[IDE_SECTOR_COUNT] = 1;
    r->current[IDE_LBA_LOW] = 1;
    r->current[IDE_LBA_MID] = device->set->signature_mid;
    r->current[IDE_LBA_HIGH] = device->set->signature_high;
}

void ide_device_reset(struct ide_device *device)
{
    device->r = (struct ide_device_registers){
        .power = IDE_POWER_ACTIVE,
        .keep_settings = device->r.keep_settings,
        .mwdma = device->r.mwdma,
        .udma = device->r.udma,
        .settings = device->r.keep_settings ? device->r.settings : device->defaults,
    };
    ide_sign(device);
    if (device->set->reset)
        device->set->reset(device);
}

/* SRST has fallen and nothing is in flight any more: the devices come back. */
static void reset_when_drained(struct ide_channel *channel)
{
    if (!channel->r.resetting || (channel->r.control & IDE_CONTROL_SRST) || channel->state != IDE_REQUEST_FREE)
        return;
    channel->r.resetting = false;
    channel->r.selected = 0;
    ide_device_reset(&channel->devices[0]);
    ide_device_reset(&channel->devices[1]);
    ide_update_irq(channel);
}

/* --- how a command begins --- */

static void command_start(struct ide_device *device, uint8_t code)
{
    const struct ide_command *command = &device->set->commands[code];

    device->channel->t = (struct ide_transfer){ .device = device, .command = command };
    memcpy(device->channel->t.asked, device->r.current, sizeof(device->r.current));
    device->channel->t.asked[IDE_DEVICE] = device->r.device;
    device->channel->t.asked[IDE_COMMAND] = code;
    if (command->start) {
        command->start(device);
    } else {
        log_limited(LOG_DEBUG, "ide%u: device %u aborts command %02x", device->channel->number, device->number, code);
        ide_abort(device);
    }
}

/* The backend has given back what nobody waits for any more. */
static void drained(struct ide_channel *channel, enum blk_status status)
{
    struct ide_device *device = channel->r.commanded;

    (void)status;
    channel->r.commanded = NULL;
    if (device)
        command_start(device, channel->r.command);
    reset_when_drained(channel);
}

/* Takes the channel from the command in execution, if any. */
static void take_over(struct ide_channel *channel)
{
    struct ide_device *device = channel->t.device ? channel->t.device : channel->r.commanded;

    if (device)
        leave(device, IDE_IDLE_STATUS | IDE_STATUS_ERR, IDE_ERROR_ABRT, false);
    channel->r.commanded = NULL;
    if (channel->state != IDE_REQUEST_FREE)
        channel->next = drained;
}

static bool hears(const struct ide_device *device, uint8_t code)
{
    if (!device->disk || device->channel->r.resetting)
        return false;
    return !device->r.sleeping || device->set->commands[code].flags & IDE_WAKES;
}

static void command_write(struct ide_channel *channel, uint8_t code)
{
    struct ide_device *device = ide_selected(channel);

    /* The one command that an absent device 1 does not swallow: device 0 runs it for both (9.16.1). */
    if (!device->disk && code == IDE_EXECUTE_DEVICE_DIAGNOSTIC)
        device = &channel->devices[0];
    if (!hears(device, code))
        return;
    take_over(channel);
    device->r.status = IDE_STATUS_BSY;
    device->r.interrupt = false;
    ide_update_irq(channel);
    if (channel->state == IDE_REQUEST_FREE) {
        command_start(device, code);
    } else {
        channel->r.commanded = device;
        channel->r.command = code;
    }
}

/* --- the command block --- */

static uint32_t status_read(struct ide_channel *channel)
{
    struct ide_device *device = answering(channel);

    if (!device)
        return FLOATING;
    return device == ide_selected(channel) ? device->r.status : 0;
}

static uint32_t register_read(struct ide_channel *channel, uint32_t offset)
{
    struct ide_device *device = answering(channel);

    if (!device)
        return FLOATING;
    switch (offset) {
    case IDE_ERROR:
        return device->r.error;
    case IDE_DEVICE:
        return (device->r.device & ~IDE_DEVICE_DEV) | (channel->r.selected ? IDE_DEVICE_DEV : 0);
    case IDE_STATUS: {
        uint32_t status = status_read(channel);

        ide_selected(channel)->r.interrupt = false;
        ide_update_irq(channel);
        return status;
    }
    default:
        return channel->r.control & IDE_CONTROL_HOB ? device->r.previous[offset] : device->r.current[offset];
    }
}

static void device_write(struct ide_channel *channel, uint8_t value)
{
    channel->devices[0].r.device = value;
    channel->devices[1].r.device = value;
    channel->r.selected = value & IDE_DEVICE_DEV ? 1 : 0;
    ide_update_irq(channel);
}

/* Both devices hear every write but a command. */
static void register_write(struct ide_channel *channel, uint32_t offset, uint8_t value)
{
    channel->r.control &= ~IDE_CONTROL_HOB;
    if (offset == IDE_COMMAND) {
        command_write(channel, value);
    } else if (offset == IDE_DEVICE) {
        device_write(channel, value);
    } else {
        for (unsigned int i = 0; i < 2; i++) {
            struct ide_device_registers *r = &channel->devices[i].r;

            r->previous[offset] = r->current[offset];
            r->current[offset] = value;
        }
    }
}

/* The data register is 16 or 32 bits wide.  Every other register is a byte; a wider access is as many of them. */
static uint32_t command_block_read(void *dev, uint32_t offset, unsigned int size)
{
    struct ide_channel *channel = dev;
    uint32_t value = 0;

    if (offset == IDE_DATA)
        return ide_data_read(channel, size);
    for (unsigned int i = 0; i < size && offset + i <= IDE_STATUS; i++)
        value |= register_read(channel, offset + i) << (8 * i);
    return value;
}

static void command_block_write(void *dev, uint32_t offset, unsigned int size, uint32_t value)
{
    struct ide_channel *channel = dev;

    if (offset == IDE_DATA) {
        ide_data_write(channel, size, value);
        return;
    }
    for (unsigned int i = 0; i < size && offset + i <= IDE_COMMAND; i++)
        register_write(channel, offset + i, value >> (8 * i));
}

/* Reading Status acknowledges an interrupt; while there is none the read has no effect. */
static bool peek_status(void *dev, uint32_t offset, uint32_t *value)
{
    struct ide_channel *channel = dev;

    (void)offset;
    *value = status_read(channel);
    return !ide_selected(channel)->r.interrupt;
}

/* These registers say something when a command comes. */
static bool post_parameter(void *dev, uint32_t offset, uint8_t *mask, uint8_t *match)
{
    (void)dev;
    (void)offset;
    *mask = *match = 0;
    return true;
}

/* Device too, unless it selects the other one, whose status is another. */
static bool post_device(void *dev, uint32_t offset, uint8_t *mask, uint8_t *match)
{
    const struct ide_channel *channel = dev;

    (void)offset;
    *mask = IDE_DEVICE_DEV;
    *match = channel->r.selected ? IDE_DEVICE_DEV : 0;
    return true;
}

static const struct io_shadow command_block_shadows[] = {
    { IDE_FEATURES, 1, NULL, post_parameter }, { IDE_SECTOR_COUNT, 1, NULL, post_parameter },
    { IDE_LBA_LOW, 1, NULL, post_parameter },  { IDE_LBA_MID, 1, NULL, post_parameter },
    { IDE_LBA_HIGH, 1, NULL, post_parameter }, { IDE_DEVICE, 1, NULL, post_device },
    { IDE_STATUS, 1, peek_status, NULL },
};

const struct io_ops ide_command_ops = {
    .read = command_block_read,
    .write = command_block_write,
    .sizes = IO_BYTE | IO_WORD | IO_DWORD,
    .alone = true,
    .shadows = command_block_shadows,
    .shadow_count = sizeof(command_block_shadows) / sizeof(command_block_shadows[0]),
};

/* --- the control block --- */

static uint32_t control_block_read(void *dev, uint32_t offset, unsigned int size)
{
    (void)offset;
    (void)size;
    return status_read(dev);
}

/* Unlike Status, Alternate Status never acknowledges the interrupt (T13/1410D clause 7). */
static bool peek_alternate_status(void *dev, uint32_t offset, uint32_t *value)
{
    (void)offset;
    *value = status_read(dev);
    return true;
}

static const struct io_shadow alternate_status_shadow = { 0, 1, peek_alternate_status, NULL };

static void reset_begin(struct ide_channel *channel)
{
    take_over(channel);
    channel->r.resetting = true;
    for (unsigned int i = 0; i < 2; i++) {
        channel->devices[i].r.status = IDE_STATUS_BSY;
        channel->devices[i].r.interrupt = false;
    }
}

static void control_block_write(void *dev, uint32_t offset, unsigned int size, uint32_t value)
{
    struct ide_channel *channel = dev;
    bool srst_rises = (value & IDE_CONTROL_SRST) && !(channel->r.control & IDE_CONTROL_SRST);

    (void)offset;
    (void)size;
    channel->r.control = value;
    if (srst_rises)
        reset_begin(channel);
    reset_when_drained(channel);
    ide_update_irq(channel);
}

const struct io_ops ide_control_ops = {
    .read = control_block_read,
    .write = control_block_write,
    .sizes = IO_BYTE,
    .alone = true,
    .shadows = &alternate_status_shadow,
    .shadow_count = 1,
};

/* --- power on --- */

_Static_assert(sizeof(void *) > 4 || sizeof(struct ide_channel) <= IDE_BUFFER_SIZE + 4096, "a channel's budget");

/* The drive's own geometry, if a task file can say it (4 bits of head); else 16 heads of 63 sectors, and the cylinders
 * that fit, 16383 at most (ATA-5 annex C). */
static struct blk_geometry geometry(const struct blk_info *info)
{
    uint32_t cylinders = info->sectors < 16383u * 1008u ? (uint32_t)info->sectors / 1008u : 16383u;
    struct blk_geometry own = info->geometry;

    if (own.cylinders && own.heads && own.heads <= 16 && own.sectors_per_track)
        return own;
    return (struct blk_geometry){ .cylinders = cylinders ? cylinders : 1, .heads = 16, .sectors_per_track = 63 };
}

static struct ide_settings default_settings(const struct blk_info *info)
{
    struct blk_geometry chs = geometry(info);

    return (struct ide_settings){
        .cylinders = chs.cylinders,
        .heads = chs.heads,
        .sectors_per_track = chs.sectors_per_track,
        .write_cache = info->flush,
        .look_ahead = true,
    };
}

static void device_init(struct ide_channel *channel, uint8_t number, struct blk_backend *disk)
{
    struct ide_device *device = &channel->devices[number];

    *device = (struct ide_device){
        .number = number,
        .set = disk && disk->info.cdrom ? &ide_cd_commands : &ide_disk_commands,
        .channel = channel,
        .disk = disk && (disk->info.sectors || disk->info.cdrom) ? disk : NULL,
        .r.mwdma = 1u << 2,
        .smart.enabled = true,
    };
    if (device->disk)
        device->defaults = default_settings(&disk->info);
    ide_device_reset(device);
    if (device->disk && disk->info.cdrom)
        atapi_power_on(device);
}

void ide_channel_init(struct ide_channel *channel, unsigned int number, struct blk_backend *master,
                      struct blk_backend *slave, struct irq_line *irq, struct guest_memory *memory)
{
    channel->number = number;
    channel->irq = irq;
    channel->memory = memory;
    channel->r = (struct ide_channel_registers){ 0 };
    channel->bm = (struct bmdma){ 0 };
    channel->t = (struct ide_transfer){ 0 };
    channel->state = IDE_REQUEST_FREE;
    channel->pumping = false;
    device_init(channel, 0, master);
    device_init(channel, 1, slave);
    ide_update_irq(channel);
}
