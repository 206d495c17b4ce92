/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Between the files of the CD drive. */
#ifndef REFLEX_DEVICES_ATAPI_INTERNAL_H
#define REFLEX_DEVICES_ATAPI_INTERNAL_H

#include "devices/ide/internal.h"

#define ATAPI_BLOCK_SECTORS (ATAPI_BLOCK_SIZE / BLK_SECTOR_SIZE)
/* The longest DRQ block.  Whatever is left of a round and too short for one, another block still fits behind it. */
#define ATAPI_BURST         (60u << 10)

/* atapi.c: how a packet ends */
void atapi_end(struct ide_device *device);
void atapi_check(struct ide_device *device, uint8_t key, uint16_t code);
void atapi_invalid_field(struct ide_device *device);

/* atapi_medium.c */
uint32_t atapi_blocks(const struct ide_device *device);
bool atapi_medium_ready(struct ide_device *device);
struct atapi_sense atapi_take_attention(struct ide_device *device);
bool atapi_at_ease(struct ide_device *device);
void atapi_start_stop(struct ide_device *device, const uint8_t *packet);
void atapi_prevent_allow(struct ide_device *device, const uint8_t *packet);
void atapi_event_status(struct ide_device *device, const uint8_t *packet);
void atapi_mechanism_status(struct ide_device *device, const uint8_t *packet);
void atapi_changed(struct blk_listener *listener);
void atapi_eject_asked(struct blk_listener *listener);

/* atapi_packet.c: PACKET, and what moves between the channel's buffer and the host */
void atapi_packet(struct ide_device *device);
uint8_t *atapi_answer(struct ide_device *device, uint32_t size);
void atapi_give(struct ide_device *device, uint32_t length, uint32_t allocated);
void atapi_take(struct ide_device *device, uint32_t length);
void atapi_transfer_medium(struct ide_device *device, uint32_t block, uint32_t blocks, uint8_t fields);

/* atapi_command.c: what the packets ask for */
void atapi_execute(struct ide_device *device);

/* atapi_identify.c */
void atapi_identify(struct ide_device *device);
void atapi_set_features(struct ide_device *device);
void atapi_inquiry(struct ide_device *device, const uint8_t *packet);

/* atapi_read.c */
void atapi_read_10(struct ide_device *device, const uint8_t *packet);
void atapi_read_12(struct ide_device *device, const uint8_t *packet);
void atapi_read_cd(struct ide_device *device, const uint8_t *packet);
void atapi_read_cd_msf(struct ide_device *device, const uint8_t *packet);
void atapi_seek(struct ide_device *device, const uint8_t *packet);
void atapi_read_capacity(struct ide_device *device, const uint8_t *packet);

/* atapi_frame.c */
void atapi_put_msf(uint8_t msf[3], uint32_t block);
uint32_t atapi_fields_size(uint8_t fields);
void atapi_make_fields(uint8_t *to, const uint8_t *user, uint32_t block, uint8_t fields);

/* atapi_toc.c */
void atapi_read_toc(struct ide_device *device, const uint8_t *packet);
void atapi_read_sub_channel(struct ide_device *device, const uint8_t *packet);
void atapi_disc_information(struct ide_device *device, const uint8_t *packet);
void atapi_track_information(struct ide_device *device, const uint8_t *packet);

/* atapi_features.c */
bool atapi_is_dvd(const struct ide_device *device);
void atapi_get_configuration(struct ide_device *device, const uint8_t *packet);
void atapi_dvd_structure(struct ide_device *device, const uint8_t *packet);

/* atapi_mode.c */
void atapi_mode_reset(struct atapi *atapi);
void atapi_mode_sense(struct ide_device *device, const uint8_t *packet);
void atapi_mode_select(struct ide_device *device, const uint8_t *packet);
void atapi_mode_selected(struct ide_device *device, const uint8_t *list, uint32_t length);

/* Big-endian numbers of packets and answers. */
static inline uint32_t atapi_get16(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 8 | bytes[1];
}

static inline uint32_t atapi_get32(const uint8_t *bytes)
{
    return atapi_get16(bytes) << 16 | atapi_get16(bytes + 2);
}

static inline void atapi_put16(uint8_t *bytes, uint32_t value)
{
    bytes[0] = (uint8_t)(value >> 8);
    bytes[1] = (uint8_t)value;
}

static inline void atapi_put32(uint8_t *bytes, uint32_t value)
{
    atapi_put16(bytes, value >> 16);
    atapi_put16(bytes + 2, value);
}

#endif
