/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What the files of the RTL8139 share. */
#ifndef REFLEX_DEVICES_NET_RTL8139_INTERNAL_H
#define REFLEX_DEVICES_NET_RTL8139_INTERNAL_H

#include "devices/net/rtl8139.h"

static inline uint32_t rtl_smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* As networks write it. */
static inline uint16_t rtl_get16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static inline uint8_t rtl_next_descriptor(uint8_t i, uint32_t command)
{
    return command & DESC_EOR ? 0 : (i + 1) % RTL_RING;
}

/* rtl8139.c: registers of 1 to 4 bytes, as the guest would read them. */
uint32_t rtl_get(const struct rtl8139 *chip, uint32_t offset, unsigned int size);
void rtl_set(struct rtl8139 *chip, uint32_t offset, unsigned int size, uint32_t value);
uint64_t rtl_address(const struct rtl8139 *chip, uint32_t offset, uint32_t alignment);

/* An interrupt cause; rtl8139_update_irq() tells the guest of it. */
void rtl_cause(struct rtl8139 *chip, uint16_t cause);
void rtl8139_update_irq(struct rtl8139 *chip);

/* Guest memory as the chip reaches it.  False: it may not, or there is none, which the guest is told as SERR. */
bool rtl_read_memory(struct rtl8139 *chip, uint64_t address, void *bytes, uint32_t length);
bool rtl_write_memory(struct rtl8139 *chip, uint64_t address, const void *bytes, uint32_t length);
void rtl_bus_error(struct rtl8139 *chip, uint64_t address);

/* A frame has been sent: whoever counts down to hear of it is told. */
void rtl8139_end_countdown(struct rtl8139 *chip);

/* rtl8139_transmit.c: sends what there is, as far as the backend's packets go. */
void rtl8139_transmit(struct rtl8139 *chip);
/* Takes everything back from the backend; what had not been sent yet never will be. */
void rtl8139_stop_transmitter(struct rtl8139 *chip);

/* rtl8139_receive.c.  False: there is no room for it. */
bool rtl8139_receive(struct rtl8139 *chip, const struct net_frame *frame);
bool rtl8139_loops(const struct rtl8139 *chip);
bool rtl8139_buffer_empty(const struct rtl8139 *chip);
void rtl8139_reset_receiver(struct rtl8139 *chip);
/* Where a frame is held: asks for it if there may be room now. */
void rtl8139_resume_receiver(struct rtl8139 *chip);

/* Where a frame's IPv4 header is, behind VLAN tags, if all of it is among the first `available` bytes; 0: nowhere. */
uint32_t rtl8139_find_ipv4(const uint8_t *bytes, uint32_t available, uint32_t *header_length);

#endif
