/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* An 82540EM on a wire, and short names for what its drivers do. */
#ifndef REFLEX_TESTS_E1000_HOST_H
#define REFLEX_TESTS_E1000_HOST_H

#include "support.h"
#include "wire.h"

#include "devices/net/e1000.h"

/* Guest memory. */
#define TX_RING   0x10000u
#define RX_RING   0x20000u
#define TX_BUFFER 0x100000u
#define RX_BUFFER 0x200000u
#define RX_BUFFER_BYTES 2048u
#define RING_ENTRIES 64u

#define OWN { 0x52, 0x54, 0x00, 0x12, 0x34, 0x56 }

struct e1000_host {
    struct e1000 chip;
    struct recorded_line line;
    struct test_memory memory;
    struct wire wire;
};

/* Powered on, with the permission to master the bus. */
void e1000_host_init(struct e1000_host *host);
void e1000_host_free(struct e1000_host *host);

uint32_t reg_read(struct e1000_host *host, uint32_t offset);
void reg_write(struct e1000_host *host, uint32_t offset, uint32_t value);
void allow_bus_master(struct e1000_host *host, bool allowed);

/* Rings of RING_ENTRIES descriptors, the receiver's all but one filled with buffers; both enabled. */
void start_rings(struct e1000_host *host);
void start_receiver(struct e1000_host *host, uint32_t rctl, unsigned int entries, unsigned int filled);

struct e1000_tx_descriptor *tx_descriptor(struct e1000_host *host, unsigned int i);
struct e1000_rx_descriptor *rx_descriptor(struct e1000_host *host, unsigned int i);
uint8_t *rx_bytes(struct e1000_host *host, unsigned int i);

/* Appends to the ring; kick() gives it to the chip. */
void tx_legacy(struct e1000_host *host, uint32_t address, uint32_t length, uint32_t command);
void tx_data(struct e1000_host *host, uint32_t address, uint32_t length, uint32_t command, uint8_t options);
void tx_context(struct e1000_host *host, const struct e1000_tx_descriptor *context);
void kick(struct e1000_host *host);
/* The last one appended. */
struct e1000_tx_descriptor *tx_last(struct e1000_host *host);

/* Frames.  Each returns the length; payload bytes count up from 0. */
uint32_t make_frame(uint8_t *frame, const uint8_t destination[6], uint16_t type, uint32_t length);
/* TCP or UDP in IPv4 or IPv6 (version) with right checksums everywhere. */
uint32_t make_packet(uint8_t *frame, unsigned int version, uint8_t protocol, uint32_t payload);
/* True: the frame's IPv4 header checksum, and its TCP or UDP checksum, are right. */
bool packet_right(const uint8_t *frame, uint32_t length);

#endif
