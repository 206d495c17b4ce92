/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * ata-read DISK LBA: sends READ DMA EXT for one sector straight to the disk, whatever the kernel believes its size to be,
 * and prints the status and error registers afterwards ("status 50 error 00").
 * ATA PASS-THROUGH (16): SAT-2 (T10/1826-D), section 12.2.2. Linux answers success in descriptor format sense data, with an ATA
 * Return descriptor (section 12.2.6), and failure in fixed format, with the registers in the INFORMATION field (section 12.2.7);
 * before Linux 6.10 they are five bytes further on, where nothing should be, and INFORMATION is not marked valid.
 */
#include <fcntl.h>
#include <scsi/sg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>

enum {
    ATA_PASS_THROUGH_16 = 0x85,
    PROTOCOL_DMA = 6 << 1,
    EXTEND = 1,
    CK_COND = 1 << 5,               /* answer with the registers even if all went well */
    T_DIR_IN = 1 << 3,
    BYT_BLOK = 1 << 2,              /* the length is in blocks ... */
    T_LENGTH_COUNT = 2,             /* ... and in the sector count field */
    READ_DMA_EXT = 0x25,
    DEVICE_LBA = 0x40,
    SENSE_VALID = 0x80,
    SENSE_FIXED = 0x70,
    SENSE_DESCRIPTOR = 0x72,
    ATA_RETURN_DESCRIPTOR = 0x09,
};

static int print_registers(const uint8_t *sense)
{
    const uint8_t *descriptor = sense + 8, *information = sense + (sense[0] & SENSE_VALID ? 3 : 8);

    if ((sense[0] & 0x7f) == SENSE_DESCRIPTOR && descriptor[0] == ATA_RETURN_DESCRIPTOR)
        printf("status %02x error %02x\n", descriptor[13], descriptor[3]);
    else if ((sense[0] & 0x7f) == SENSE_FIXED)
        printf("status %02x error %02x\n", information[1], information[0]);
    else
        return 1;
    return 0;
}

int main(int argc, char **argv)
{
    uint64_t lba = argc == 3 ? strtoull(argv[2], NULL, 0) : 0;
    uint8_t data[512], sense[32] = { 0 };
    uint8_t command[16] = {
        ATA_PASS_THROUGH_16, PROTOCOL_DMA | EXTEND, CK_COND | T_DIR_IN | BYT_BLOK | T_LENGTH_COUNT, 0, 0, 0, 1,
        lba >> 24, lba, lba >> 32, lba >> 8, lba >> 40, lba >> 16, DEVICE_LBA, READ_DMA_EXT,
    };
    struct sg_io_hdr request = {
        .interface_id = 'S',
        .dxfer_direction = SG_DXFER_FROM_DEV,
        .cmd_len = sizeof(command),
        .cmdp = command,
        .dxfer_len = sizeof(data),
        .dxferp = data,
        .mx_sb_len = sizeof(sense),
        .sbp = sense,
        .timeout = 30000,           /* ms */
    };
    int disk;

    if (argc != 3) {
        fprintf(stderr, "usage: ata-read DISK LBA\n");
        return 2;
    }
    disk = open(argv[1], O_RDONLY | O_NONBLOCK);
    if (disk < 0 || ioctl(disk, SG_IO, &request) < 0) {
        perror(argv[1]);
        return 1;
    }
    if (print_registers(sense)) {
        fprintf(stderr, "%s: no registers in the answer\n", argv[1]);
        return 1;
    }
    return 0;
}
