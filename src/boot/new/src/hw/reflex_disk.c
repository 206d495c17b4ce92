/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Disk transfers by one access to the firmware, where the IDE registers take a dozen. */

#include "ata.h" // struct atadrive_s
#include "biosvar.h" // GET_GLOBAL
#include "reflex_disk.h" // reflex_disk_setup
#include "x86.h" // outl

u8 HaveReflexDisk VARFSEG;

void
reflex_disk_setup(void)
{
    HaveReflexDisk = inl(PORT_REFLEX_DISK) == REFLEX_DISK_SIGNATURE;
}

/* Where on the IDE channels a drive is; -1: on another controller's. */
static int
position(struct atadrive_s *drive_gf)
{
    struct ata_channel_s *channel_gf = GET_GLOBALFLAT(drive_gf->chan_gf);
    u8 slave = GET_GLOBALFLAT(drive_gf->slave);

    switch (GET_GLOBALFLAT(channel_gf->iobase1)) {
    case PORT_ATA1_CMD_BASE:
        return slave;
    case PORT_ATA2_CMD_BASE:
        return 2 + slave;
    default:
        return -1;
    }
}

int
reflex_disk_transfer(struct disk_op_s *op, int iswrite)
{
    if (!GET_GLOBAL(HaveReflexDisk))
        return 0;
    int drive = position(container_of(op->drive_fl, struct atadrive_s, drive));
    if (drive < 0)
        return 0;

    // One by one: an initializer might be copied from the image, which 16-bit code does not find by its data segment
    struct reflex_disk_request request;
    request.signature = REFLEX_DISK_SIGNATURE;
    request.drive = drive;
    request.operation = iswrite ? REFLEX_DISK_WRITE : REFLEX_DISK_READ;
    request.sectors = op->count;
    request.sector = op->lba;
    request.buffer = (u32)op->buf_fl;
    request.status = 0;
    request.reserved = 0;
    barrier(); // which outl() is not
    outl((u32)MAKE_FLATPTR(GET_SEG(SS), &request), PORT_REFLEX_DISK);
    barrier();
    return request.status == REFLEX_DISK_DONE;
}
