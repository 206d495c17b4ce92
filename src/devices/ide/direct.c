/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "devices/ide/direct.h"

#include "devices/ide/direct_regs.h"
#include "devices/ide/internal.h"
#include "lib/log.h"

/* --- what is refused --- */

/* NULL: there is no such disk, or it is not to be disturbed. */
static struct ide_device *idle_disk(const struct ide_direct *direct, uint8_t drive)
{
    struct ide_channel *channel = &direct->channels[drive / 2 % 2];
    struct ide_device *device = &channel->devices[drive % 2];

    if (drive > 3 || !device->disk || device->disk->info.cdrom || device->r.sleeping)
        return NULL;
    if (channel->t.device || channel->r.resetting || channel->state != IDE_REQUEST_FREE || !channel->bm.allowed)
        return NULL;
    return device;
}

/* The firmware's own memory is none of the guest's, although a backend would take it. */
static bool is_possible(const struct ide_direct *direct, const struct blk_info *info, const struct direct_request *r)
{
    if (r->operation > DIRECT_WRITE || (r->operation == DIRECT_WRITE && info->read_only))
        return false;
    if (!r->sectors || r->sectors > DIRECT_SECTORS || r->sector >= info->sectors ||
        r->sectors > info->sectors - r->sector)
        return false;
    return !(r->buffer & 1) && direct->memory->is_ram(direct->memory, r->buffer, r->sectors * BLK_SECTOR_SIZE);
}

/* --- what is done --- */

static void submit(struct ide_direct *direct)
{
    struct blk_backend *disk = direct->device->disk;

    disk->ops->submit(disk, &direct->request);
}

/* Of a write, if "written" means "durable" (see ide_finish()), and the backend has something to flush. */
static bool wants_flush(const struct ide_direct *direct)
{
    return direct->request.op == BLK_WRITE && !direct->device->r.settings.write_cache &&
           direct->device->disk->info.flush;
}

static void answered(struct blk_request *request, enum blk_status status)
{
    struct ide_direct *direct = request->owner;
    struct ide_channel *channel;

    if (!direct->device)
        panic("direct: an answer to no request");
    if (status == BLK_OK && wants_flush(direct)) {
        *request = (struct blk_request){ .op = BLK_FLUSH, .done = answered, .owner = direct };
        submit(direct);
        return;
    }
    /* As in ide_flush(). */
    direct->status = request->op == BLK_FLUSH && status == BLK_UNSUPPORTED ? BLK_OK : status;
    channel = direct->device->channel;
    direct->device = NULL;
    ide_let_go(channel);
}

/* True: the disk has done it. */
static bool carry_out(struct ide_direct *direct, struct ide_device *device, const struct direct_request *r)
{
    struct blk_backend *disk = device->disk;

    device->r.power = IDE_POWER_ACTIVE;
    direct->device = device;
    direct->segment = (struct blk_segment){ .address = r->buffer, .length = r->sectors * BLK_SECTOR_SIZE };
    direct->request = (struct blk_request){
        .op = r->operation == DIRECT_WRITE ? BLK_WRITE : BLK_READ,
        .sector = r->sector,
        .sectors = r->sectors,
        .segments = &direct->segment,
        .segment_count = 1,
        .done = answered,
        .owner = direct,
    };
    ide_hold(device->channel);
    submit(direct);
    if (direct->device)
        disk->ops->settle(disk);
    if (!direct->device && direct->status == BLK_OK)
        return true;
    log_limited(LOG_WARNING, "direct: drive %u: the backend %s, %u sectors at %llu", r->drive,
                direct->device ? "does not answer" : "fails", r->sectors, (unsigned long long)r->sector);
    return false;
}

static enum direct_status serve(struct ide_direct *direct, const struct direct_request *r)
{
    struct ide_device *device = direct->device ? NULL : idle_disk(direct, r->drive);

    if (!device || !is_possible(direct, &device->disk->info, r)) {
        direct->refused++;
        return DIRECT_REFUSED;
    }
    if (!carry_out(direct, device, r)) {
        direct->failed++;
        return DIRECT_FAILED;
    }
    direct->done++;
    return DIRECT_DONE;
}

/* --- the register --- */

static uint32_t signature_read(void *dev, uint32_t offset, unsigned int size)
{
    (void)dev, (void)offset, (void)size;
    return DIRECT_SIGNATURE;
}

/* The request is looked at once, in a copy: the guest's other processors may write to it meanwhile. */
static void address_write(void *dev, uint32_t offset, unsigned int size, uint32_t address)
{
    struct ide_direct *direct = dev;
    struct direct_request request;
    uint32_t status;

    (void)offset, (void)size;
    if (!direct->memory->read(direct->memory, address, &request, sizeof(request)) ||
        request.signature != DIRECT_SIGNATURE) {
        log_limited(LOG_DEBUG, "direct: no request at 0x%x", address);
        return;
    }
    status = serve(direct, &request);
    direct->memory->write(direct->memory, (uint64_t)address + offsetof(struct direct_request, status), &status,
                          sizeof(status));
}

const struct io_ops ide_direct_ops = {
    .read = signature_read, .write = address_write, .sizes = IO_DWORD, .no_strings = true,
};

void ide_direct_init(struct ide_direct *direct, struct ide_channel *channels, struct guest_memory *memory)
{
    *direct = (struct ide_direct){ .channels = channels, .memory = memory };
}
