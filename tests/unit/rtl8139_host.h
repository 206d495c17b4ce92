/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* An RTL8139C+ with memory, a wire and a clock, and what drivers do with it. */
#ifndef REFLEX_TESTS_RTL8139_HOST_H
#define REFLEX_TESTS_RTL8139_HOST_H

#include "wire.h"
#include "pci_machine.h"

#include "devices/net/rtl8139.h"

/* Places in memory. */
#define RX_BUFFER    0x100000u              /* C mode; 64 KiB and a frame */
#define TX_BUFFERS   0x120000u              /* C mode: 2 KiB each */
#define RX_RING      0x130000u
#define TX_RING      0x131000u
#define HIGH_RING    0x132000u
#define RX_DATA      0x200000u              /* C+ mode: 2 KiB for each descriptor */
#define TX_DATA      0x300000u

struct test_clock {
    struct clock clock;
    uint64_t ns;
};

struct rtl8139_host {
    struct rtl8139 chip;
    struct wire wire;
    struct recorded_line irq;
    struct recorded_window ports, registers;
    struct test_memory memory;
    struct test_clock clock;
};

/* The chip after power-on, allowed to master the bus. */
void rtl8139_host_init(struct rtl8139_host *host);
void rtl8139_host_free(struct rtl8139_host *host);

uint8_t rtl_in8(struct rtl8139_host *host, uint32_t offset);
uint16_t rtl_in16(struct rtl8139_host *host, uint32_t offset);
uint32_t rtl_in32(struct rtl8139_host *host, uint32_t offset);
void rtl_out8(struct rtl8139_host *host, uint32_t offset, uint8_t value);
void rtl_out16(struct rtl8139_host *host, uint32_t offset, uint16_t value);
void rtl_out32(struct rtl8139_host *host, uint32_t offset, uint32_t value);

/* Packets that the backend has. */
unsigned int packets_out(const struct rtl8139_host *host);
void push_frame(struct rtl8139_host *host, const void *bytes, uint32_t length, enum net_checksum checksum);

void set_master(struct rtl8139_host *host, bool allowed);

/* As Linux' 8139too opens the card (its read-backs included), and reads a word of the EEPROM. */
void open_8139too(struct rtl8139_host *host);
uint16_t read_eeprom(struct rtl8139_host *host, unsigned int word, unsigned int address_bits);
/* As Linux' 8139cp does, with 64 receive descriptors of `buffer` bytes and empty transmit rings. */
void open_8139cp(struct rtl8139_host *host, uint32_t buffer, uint16_t cpcr);

/* A descriptor of a ring. */
struct rtl8139_descriptor *descriptor(struct rtl8139_host *host, uint32_t ring, unsigned int i);
/* Puts a descriptor of `length` bytes at `address` into the normal ring; the last of 64 has EOR. */
void post(struct rtl8139_host *host, uint32_t ring, unsigned int i, uint32_t flags, uint32_t vlan, uint64_t address,
          uint32_t length);

/* Frames: to, from, type, then a pattern.  Returns `length`. */
uint32_t plain_frame(uint8_t *bytes, const uint8_t *to, uint32_t length);
/* TCP or UDP over IPv4 with `payload` bytes, all checksums 0 but for IP's.  Returns the length. */
uint32_t ip_frame(uint8_t *bytes, uint8_t protocol, uint32_t payload);
/* All of a frame's checksums are right. */
bool checksums_right(const uint8_t *bytes, uint32_t length);

extern const uint8_t rtl_here[6], rtl_there[6], rtl_broadcast[6], rtl_multicast[6];

#endif
