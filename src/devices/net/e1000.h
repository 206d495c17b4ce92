/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Intel 82540EM, as the PRO/1000 MT Desktop Adapter (datasheet: e1000_regs.h).
 *
 * Differences from the chip:
 * - No clock.  Interrupts are not delayed: RDTR, RADV, TIDV, TADV and ITR read back.  What moderates them is that the
 *   backend moves frames in batches, with one interrupt for each, and that a cause which is still pending raises no
 *   second one.  Autonegotiation, resets, EEPROM and PHY accesses are done when they are asked for.  TXD_LOW never
 *   comes.
 * - The link partner can do everything.  STATUS.LU and the PHY follow the backend; frames go out and come in whether or
 *   not the driver has set the link up (SLU, which is set after a reset).
 * - There is no FIFO.  TDH moves, and descriptors are written back, when the backend has the frame.  A packet is taken
 *   when all of its descriptors are there.  Received frames for which there is no descriptor wait in the backend (RNBC
 *   counts them); only one that the whole ring cannot hold is lost (MPC, RXO).  Flow control frames do not exist.
 * - The FCS belongs to the wire: frames arrive with four zero bytes in its place (none with SECRC), and one that is
 *   sent without IFCS goes out with its last four bytes as data.  Short frames are padded whatever PSP says.  Nothing
 *   longer than 1518 bytes is sent but what is segmented, and no bad frame ever arrives, so that SBP and the counters
 *   of errors have nothing to do.
 * - Receive: the packet checksum is not computed (PCSS reads back).  TCPCS is set where the backend vouches for the
 *   checksum; otherwise the stack may look for itself.  No flow control, early receive or split headers.
 * - No power management or MSI capability, wake-up, manageability or flash; their registers read back or read as 0.
 *   What is written to the EEPROM is lost with the domain.  LEDs, and the FIFOs' diagnostic registers, are not there.
 * - I/O registers are at base address 2, as on the card; QEMU has them at 1, where the card has its flash.
 */
#ifndef REFLEX_DEVICES_NET_E1000_H
#define REFLEX_DEVICES_NET_E1000_H

#include <stdint.h>

#include "backends/io.h"
#include "backends/state.h"
#include "devices/net/e1000_regs.h"
#include "devices/net/eeprom93c46.h"
#include "devices/net/nic.h"
#include "devices/pci/pci_card.h"

#define E1000_REGISTERS_LENGTH 0x20000u     /* bytes of addresses */
#define E1000_PORTS_LENGTH     64u          /* ports */

#define E1000_ADDRESSES        16u          /* receive addresses */
#define E1000_TABLE            128u         /* registers of MTA, and of VFTA */
#define E1000_TX_SLOTS         32u          /* frames in flight; */
#define E1000_TX_BUFFERS       8u           /* of those, frames that the chip has put together */
#define E1000_HEADER_MAX       256u         /* HDRLEN has 8 bits */
#define E1000_FRAME_BUFFER     1536u

/* Registers that only read back, and those that other parts of the chip look at by name (e1000.c). */
enum e1000_plain {
    PLAIN_VET, PLAIN_RXCSUM, PLAIN_RSRPD,
    PLAIN_CTRL_EXT, PLAIN_FLA, PLAIN_FCAL, PLAIN_FCAH, PLAIN_FCT, PLAIN_ITR, PLAIN_FCTTV, PLAIN_TXCW, PLAIN_TIPG,
    PLAIN_AIT, PLAIN_LEDCTL, PLAIN_PBA, PLAIN_FCRTL, PLAIN_FCRTH, PLAIN_RDTR, PLAIN_RXDCTL, PLAIN_RADV, PLAIN_TXDMAC,
    PLAIN_TIDV, PLAIN_TXDCTL, PLAIN_TADV, PLAIN_TSPMT, PLAIN_WUC, PLAIN_WUFC, PLAIN_WUS, PLAIN_IPAV,
    PLAIN_IP4AT, PLAIN_IP6AT = PLAIN_IP4AT + 4,
    PLAIN_COUNT = PLAIN_IP6AT + 4
};

/* Head and tail count descriptors. */
struct e1000_ring {
    uint32_t base_low, base_high, length, head, tail;
};

/* A frame that the backend has, or had. */
struct e1000_tx_slot {
    struct net_packet packet;               /* first: its callback finds the slot by it */
    struct net_segment segments[NET_SEGMENTS_MAX];
    uint32_t end;                           /* when it is done, so are the descriptors before this one */
    bool done;
    int8_t buffer;                          /* of the chip's, that it has; -1: none */
    uint8_t header[E1000_HEADER_MAX];       /* its first bytes, where they are not as the guest has them */
};

/* A TCP/IP context, as the guest has described it (3.3.6). */
struct e1000_context {
    uint8_t ipcss, ipcso, tucss, tucso, header_length;
    uint16_t ipcse, tucse, mss;
    bool ip4, tcp;
};

/* A packet in the ring, from its first descriptor up to that after its last; and how far it has been sent. */
struct e1000_tx_packet {
    bool active;
    uint32_t first, end;
    uint32_t length;                        /* bytes of all its descriptors */
    bool segmented, ip_checksum, checksum, vlan, legacy_checksum;
    uint8_t css, cso;
    uint16_t tag;
    uint32_t at, offset;                    /* the next byte's descriptor, and its place there */
    uint32_t sent;                          /* with segmented: bytes of payload in frames so far, */
    uint16_t frames;                        /* which are so many; */
    uint8_t header[E1000_HEADER_MAX];       /* and what they all begin with */
};

struct e1000 {
    struct pci_card card;                   /* the PCI side */
    struct eeprom93c46 eeprom;
    /* wiring */
    struct nic_wiring wiring;
    struct bus_master master;
    struct net_listener listener;
    bool rx_waiting;                        /* the backend has a frame for which there was no room */
    /* transmitter: what is in flight outlives a reset until the backend has given it back */
    struct e1000_tx_slot slots[E1000_TX_SLOTS];
    uint8_t buffers[E1000_TX_BUFFERS][E1000_FRAME_BUFFER];
    uint8_t buffers_used;                   /* a bit for each */
    uint32_t oldest, in_flight;             /* slots are a circle */
    bool sending;                           /* e1000_transmit() is at work */
    /* registers */
    struct e1000_registers {
        uint32_t ctrl, icr, ims, rctl, tctl, eecd, eerd, mdic, ioaddr;
        uint32_t plain[PLAIN_COUNT];
        uint32_t ra[2 * E1000_ADDRESSES], mta[E1000_TABLE], vfta[E1000_TABLE];
        uint32_t statistics[(E1000_STATISTICS_END - E1000_STATISTICS) / 4];
        struct e1000_ring rx, tx;
        bool rx_frames;                     /* the guest has one that it has not been told of */
        uint32_t tx_next;                   /* descriptor that has not been looked at; TDH is the oldest in flight */
        struct e1000_context contexts[2];   /* for checksums, and for segmentation */
        struct e1000_tx_packet packet;
    } r;
    struct e1000_phy {
        uint16_t pctrl, ana, gcon, pscon, pinte, epscon1, led, page, page_data;
        bool link_lost;                     /* and PSTATUS has not been read */
    } phy;
    bool link;                              /* as PHY and MAC last agreed on it */
};

/* devfn: where the card is plugged in. */
void e1000_init(struct e1000 *chip, uint8_t devfn, const struct nic_wiring *wiring);
/* RST#: configuration space and chip. */
void e1000_reset(struct e1000 *chip);

/* The two register blocks; dev is the struct e1000. */
extern const struct io_ops e1000_register_ops, e1000_port_ops;
extern const struct state_map e1000_state;

#endif
