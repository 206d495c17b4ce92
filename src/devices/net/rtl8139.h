/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The Realtek RTL8139C+: a Fast Ethernet controller with two ways to work.
 *
 * C mode is that of all RTL8139s: four transmit buffers, whose addresses and lengths are registers, and one receive
 * buffer that goes round.  C+ mode, which CPCR turns on for each direction, has descriptor rings, checksums, TCP
 * segmentation and VLAN tags.  Offloads go to the backend when it offers them; the rest is done here.
 *
 * What a guest sees otherwise than on the data sheet's chip:
 *  - A frame for which the guest has no room is not lost but waits in the backend.  In C+ mode RDU says so, and again
 *    when it is acknowledged.  The missed packet counter counts what comes while the chip may not master the bus.
 *  - Nothing ticks here.  TCTR tells the right time, but a timeout that is due is noticed at the next access or event
 *    only.  So that a driver that lets the timer tell it of sent frames is not left waiting, a frame that has been sent
 *    ends a countdown.
 *  - The FCS behind a received frame is four zero bytes.  A frame that a driver sends with its own FCS (TCR.CRC) goes
 *    out without it.
 *  - Collisions, underruns, errors on the wire, pauses, early receive and early transmit do not happen.  A frame that is
 *    longer than the wire takes is sent, and lost; a short one is padded.  One that cannot be sent, because there is no
 *    link or no such memory, ends as aborted (C mode) or for want of a link (C+ mode), and the next one follows.
 *  - TCP's and UDP's checksum in a received frame is told of where the backend vouches for it; otherwise the frame is
 *    reported as IP, whose own checksum is looked at, and the driver's stack looks for itself.
 *  - The link is 100 Mb/s, full duplex, or what BMCR says without autonegotiation; negotiation takes no time.
 *  - Wake-up registers keep what is written, and wake nobody.  PCI power management and VPD are not there, as with
 *    CONFIG1's PMEn and VPD clear.  CardBus registers, the flash interface and big-endian mode are not there.
 */
#ifndef REFLEX_DEVICES_NET_RTL8139_H
#define REFLEX_DEVICES_NET_RTL8139_H

#include <stdbool.h>
#include <stdint.h>

#include "backends/io.h"
#include "backends/net.h"
#include "backends/state.h"
#include "devices/net/eeprom93c46.h"
#include "devices/net/nic.h"
#include "devices/net/rtl8139_regs.h"
#include "devices/pci/pci_card.h"
#include "lib/inet_checksum.h"

#define RTL8139_WINDOW   256u               /* ports, and bytes of addresses */
#define RTL8139_PACKETS  32u                /* that the backend has at a time */
#define RTL8139_FRAME    (NET_FRAME_MAX + 4)
#define RTL8139_HEADERS  (INET_HEADERS_MAX + 4)

enum rtl8139_source { RTL8139_C_MODE, RTL8139_NORMAL, RTL8139_HIGH, RTL8139_SOURCES };

/* A frame that the backend has, or a part of a large send. */
struct rtl8139_packet {
    struct net_packet packet;
    struct net_segment segments[NET_SEGMENTS_MAX];
    uint8_t headers[RTL8139_HEADERS];       /* sent in place of the guest's, where the chip has changed them */
    enum rtl8139_source source;
    uint8_t first, descriptors;             /* what it came from; descriptors 0: more parts follow */
    bool bounced, done, sent;
};

/* What is being sent: the descriptors from a first to a last segment, or one buffer of C mode. */
struct rtl8139_chain {
    bool active;
    bool broken;                            /* not to be sent: it is not in memory, or has no end */
    enum rtl8139_source source;
    uint8_t first, descriptors;
    struct net_segment segments[RTL_RING];
    unsigned int segment_count;
    uint32_t length;                        /* the segments' together */
    /* what becomes of it */
    uint8_t headers[RTL8139_HEADERS];       /* go out in place of bytes [0, replaced) */
    uint32_t header_length, replaced;
    bool checksum;                          /* TCP's or UDP's is to be made */
    struct inet_packet inet;                /* places in `headers` */
    uint32_t mss;                           /* 0: goes out in one piece */
    uint32_t at;                            /* next byte to go out */
    uint16_t pieces;                        /* gone */
};

struct rtl8139_transmitter {
    struct rtl8139_chain chain;
    struct rtl8139_packet packets[RTL8139_PACKETS];
    unsigned int oldest, count;             /* of those that the backend has, or that wait for an older one */
    bool failed;                            /* a part of the oldest chain has not been sent */
    bool running;                           /* whoever set it will look at what is done */
    bool bounce_used;
    uint8_t bounce[RTL8139_FRAME];
};

/* In guest memory, little-endian ("Dump Tally Counter"). */
struct rtl8139_tally {
    uint64_t tx_ok, rx_ok, tx_er;
    uint32_t rx_er;
    uint16_t missed, alignment;
    uint32_t tx_one_collision, tx_collisions;
    uint64_t rx_ok_physical, rx_ok_broadcast;
    uint32_t rx_ok_multicast;
    uint16_t tx_aborted, tx_underrun;
};

struct rtl8139_ring {
    bool polled;                            /* to be looked at */
    uint8_t next;
    uint8_t in_flight;                      /* descriptors before `next` that are not the driver's again */
    uint8_t oldest;                         /* the first of them */
};

struct rtl8139 {
    struct pci_card card;                   /* the PCI side */
    /* wiring */
    struct nic_wiring wiring;
    struct net_listener listener;
    struct bus_master master;
    struct eeprom93c46 eeprom;
    bool mastering;                         /* the chip may reach memory */
    struct rtl8139_transmitter tx;

    /* registers */
    struct rtl8139_registers {
        uint8_t file[RTL_REGISTERS];        /* as the guest reads them, but for what refresh() makes up */
        bool cplus;                         /* CPCR has been written: TSD0 and TSD1 are DTCCR */
        uint8_t next_tsd;                   /* C mode: the next to be sent, */
        uint8_t tsd_in_flight;              /* and a bit for each that the backend has */
        struct rtl8139_ring rings[RTL8139_SOURCES];     /* [RTL8139_C_MODE] is not used */
        uint8_t next_rx;
        bool held;                          /* the backend keeps a frame that had no room */
        uint64_t timer_start_ns;            /* TCTR was 0 */
        uint64_t timer_looked;              /* ticks since then, when TIMEOUT was last looked for */
        struct rtl8139_tally tally;
    } regs;
};

/* devfn: where the card is plugged in.  The EEPROM has the backend's address. */
void rtl8139_init(struct rtl8139 *chip, uint8_t devfn, const struct nic_wiring *wiring);

/* RST#. */
void rtl8139_reset(struct rtl8139 *chip);

/* RTL8139_WINDOW bytes of registers, the same at ports and in memory; dev is the struct rtl8139. */
extern const struct io_ops rtl8139_ops, rtl8139_port_ops;
extern const struct state_map rtl8139_state;

#endif
