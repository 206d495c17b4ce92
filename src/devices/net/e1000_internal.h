/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Between the files of the 82540EM. */
#ifndef REFLEX_DEVICES_NET_E1000_INTERNAL_H
#define REFLEX_DEVICES_NET_E1000_INTERNAL_H

#include "devices/net/e1000.h"

#define FRAME_FCS      4u
#define ETHERNET_TYPE  12u                  /* where a frame has it */
#define VLAN_TAG       4u                   /* bytes: type and tag */

/* e1000.c */
void e1000_update_irq(struct e1000 *chip);

/* Sets interrupt causes. */
static inline void e1000_cause(struct e1000 *chip, uint32_t causes)
{
    chip->r.icr |= causes;
    e1000_update_irq(chip);
}

/* A ring and its descriptors. */
static inline uint32_t ring_count(const struct e1000_ring *ring)
{
    return ring->length / DESCRIPTOR_BYTES;
}

static inline uint64_t ring_address(const struct e1000_ring *ring, uint32_t i)
{
    return ((uint64_t)ring->base_high << 32 | ring->base_low) + (uint64_t)i * DESCRIPTOR_BYTES;
}

static inline uint32_t ring_next(const struct e1000_ring *ring, uint32_t i)
{
    return i + 1 < ring_count(ring) ? i + 1 : 0;
}

/* How many are from one to the other. */
static inline uint32_t ring_distance(const struct e1000_ring *ring, uint32_t from, uint32_t to)
{
    return to >= from ? to - from : to + ring_count(ring) - from;
}

/* The guest can say anything; and an empty ring is one whose head has come to its tail. */
static inline bool ring_usable(const struct e1000_ring *ring)
{
    return ring->head < ring_count(ring) && ring->tail < ring_count(ring);
}

static inline uint16_t get_be16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static inline void put_be16(uint8_t *bytes, uint16_t value)
{
    bytes[0] = value >> 8;
    bytes[1] = (uint8_t)value;
}

/* e1000_nvm.c */
void e1000_nvm_init(struct e1000 *chip);
uint32_t e1000_eecd_read(const struct e1000 *chip);
void e1000_eecd_write(struct e1000 *chip, uint32_t value);
void e1000_eerd_write(struct e1000 *chip, uint32_t value);

/* e1000_phy.c */
void e1000_phy_reset(struct e1000 *chip);
void e1000_mdic_write(struct e1000 *chip, uint32_t value);
uint32_t e1000_status(const struct e1000 *chip);
void e1000_update_link(struct e1000 *chip);
bool e1000_loopback(const struct e1000 *chip);

/* e1000_rx.c */
bool e1000_receive(struct e1000 *chip, const struct net_frame *frame);
void e1000_received(struct e1000 *chip);
void e1000_rx_ready(struct e1000 *chip);

/* e1000_tx.c */
void e1000_transmit(struct e1000 *chip);
void e1000_tx_stop(struct e1000 *chip);
bool e1000_tx_read(struct e1000 *chip, uint8_t *bytes, uint32_t length);

/* e1000_offload.c */
void e1000_frame_checksums(const struct e1000 *chip, uint8_t *frame, uint32_t length);
bool e1000_frame_header(struct e1000 *chip, uint8_t *frame, uint32_t payload, bool last);
uint32_t e1000_offload(struct e1000 *chip, uint8_t *header, uint32_t available, struct net_offload *offload);

/* e1000_statistics.c */
uint32_t e1000_statistic_read(struct e1000 *chip, uint32_t offset);
void e1000_count(struct e1000 *chip, uint32_t offset);
void e1000_count_sent(struct e1000 *chip, const uint8_t *destination, uint32_t length);
void e1000_count_received(struct e1000 *chip, const uint8_t *destination, uint32_t length);
void e1000_count_seen(struct e1000 *chip, uint32_t length);

#endif
