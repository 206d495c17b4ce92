/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Realtek RTL8139C+ data sheet (rev. 1.6), "Register Descriptions" and "Packet Buffering": names as there, offsets in
 * bytes.  The two 64-bit addresses that C+ mode lays over registers of C mode have their own names. */
#ifndef REFLEX_DEVICES_NET_RTL8139_REGS_H
#define REFLEX_DEVICES_NET_RTL8139_REGS_H

enum {
    RTL_IDR0     = 0x00,    /* 48 (RW) station address */
    RTL_IDR4     = 0x04,
    RTL_MAR0     = 0x08,    /* 64 (RW) multicast hash */
    RTL_MAR4     = 0x0c,
    RTL_TSD0     = 0x10,    /* 4 times 32: transmit status of descriptors, C mode */
    RTL_DTCCR    = 0x10,    /* 64 (RW) dump tally counter command, C+ mode */
    RTL_TSAD0    = 0x20,    /* 4 times 32 (RW) transmit start address, C mode */
    RTL_TNPDS    = 0x20,    /* 64 (RW) transmit normal priority descriptors, C+ mode */
    RTL_THPDS    = 0x28,    /* 64 (RW) transmit high priority descriptors, C+ mode */
    RTL_RBSTART  = 0x30,    /* 32 (RW) receive buffer, C mode */
    RTL_ERBCR    = 0x34,    /* 16 (RO) early receive byte count */
    RTL_ERSR     = 0x36,    /* 8 (RO) early receive status */
    RTL_CR       = 0x37,    /* 8 command */
    RTL_CAPR     = 0x38,    /* 16 (RW) current address of packet read, less 16 */
    RTL_CBR      = 0x3a,    /* 16 (RO) current buffer address */
    RTL_IMR      = 0x3c,    /* 16 (RW) interrupt mask */
    RTL_ISR      = 0x3e,    /* 16 (RW1C) interrupt status */
    RTL_TCR      = 0x40,    /* 32 transmit configuration */
    RTL_RCR      = 0x44,    /* 32 receive configuration */
    RTL_TCTR     = 0x48,    /* 32 timer count; any write makes it 0 */
    RTL_MPC      = 0x4c,    /* 24 missed packets; any write makes it 0 */
    RTL_9346CR   = 0x50,    /* 8 EEPROM */
    RTL_CONFIG0  = 0x51,
    RTL_CONFIG1  = 0x52,
    RTL_TIMERINT = 0x54,    /* 32 (RW) */
    RTL_MSR      = 0x58,    /* 8 media status */
    RTL_CONFIG3  = 0x59,
    RTL_CONFIG4  = 0x5a,
    RTL_MULINT   = 0x5c,    /* 16 (RW) multiple interrupt select */
    RTL_RERID    = 0x5e,    /* 8 (RO) PCI revision */
    RTL_TSAD     = 0x60,    /* 16 (RO) transmit status of all descriptors */
    RTL_BMCR     = 0x62,    /* 16 basic mode control */
    RTL_BMSR     = 0x64,    /* 16 (RO) basic mode status */
    RTL_ANAR     = 0x66,    /* 16 (RW) autonegotiation advertisement */
    RTL_ANLPAR   = 0x68,    /* 16 (RO) link partner ability */
    RTL_ANER     = 0x6a,    /* 16 (RO) autonegotiation expansion */
    RTL_DIS      = 0x6c,    /* 16 (RO) disconnect counter */
    RTL_FCSC     = 0x6e,    /* 16 (RO) false carrier sense counter */
    RTL_NWAYTR   = 0x70,    /* 16 (RW) autonegotiation test */
    RTL_REC      = 0x72,    /* 16 (RO) RX_ER counter */
    RTL_CSCR     = 0x74,    /* 16 (RW) CS configuration */
    RTL_PHY1     = 0x78,    /* 32 (RW) PHY parameter 1 */
    RTL_TWISTER  = 0x7c,    /* 32 (RW) twister parameter */
    RTL_PHY2     = 0x80,    /* 8 (RW) PHY parameter 2 */
    RTL_WAKEUP   = 0x84,    /* to D3h (RW): CRCs, masks and bytes of wake-up frames */
    RTL_WAKEUP_END = 0xd4,
    RTL_CONFIG5  = 0xd8,
    RTL_TPPOLL   = 0xd9,    /* 8 (WO) transmit priority polling */
    RTL_CPCR     = 0xe0,    /* 16 (RW) C+ command */
    RTL_RDSAR    = 0xe4,    /* 64 (RW) receive descriptors */
    RTL_ETTHR    = 0xec,    /* 8 (RW) early transmit threshold */
    RTL_REGISTERS = 0x100,
};

/* TSD */
#define TSD_SIZE        0x00001fffu
#define TSD_OWN         0x00002000u         /* the data is in the FIFO: the buffer is the driver's again */
#define TSD_TUN         0x00004000u
#define TSD_TOK         0x00008000u
#define TSD_ERTXTH      0x003f0000u
#define TSD_TABT        0x40000000u
#define TSD_CRS         0x80000000u         /* carrier sense lost */
#define TSD_STATUS      0xff00c000u         /* cleared where the register is written */

/* DTCCR */
#define DTCCR_CMD       0x00000008u
#define DTCCR_ADDRESS   0xffffffc0u

/* CR */
#define CR_BUFE         0x01u
#define CR_TE           0x04u
#define CR_RE           0x08u
#define CR_RST          0x10u

/* IMR, ISR */
#define INT_ROK         0x0001u
#define INT_RER         0x0002u
#define INT_TOK         0x0004u
#define INT_TER         0x0008u
#define INT_RXOVW       0x0010u             /* RDU in C+ mode: no receive descriptor */
#define INT_PUN         0x0020u             /* underrun, or the link has changed */
#define INT_FOVW        0x0040u
#define INT_TDU         0x0080u             /* no transmit descriptor */
#define INT_SWINT       0x0100u
#define INT_LENCHG      0x2000u
#define INT_TIMEOUT     0x4000u
#define INT_SERR        0x8000u
#define INT_ALL         0xe1ffu

/* TCR */
#define TCR_CRC         0x00010000u         /* the driver sends the FCS itself */
#define TCR_LBK         0x00060000u         /* both: loopback */
#define TCR_HWVERID     0x74800000u         /* RTL8139C+ */
#define TCR_WRITABLE    0x030f07f0u

/* RCR */
#define RCR_AAP         0x00000001u
#define RCR_APM         0x00000002u
#define RCR_AM          0x00000004u
#define RCR_AB          0x00000008u
#define RCR_WRAP        0x00000080u
#define RCR_RBLEN       0x00001800u
#define RCR_RBLEN_SHIFT 11
#define RCR_WRITABLE    0x0f03ffbfu         /* all but 9356SEL: a 93C46 it is */

/* 9346CR */
#define EEM             0xc0u
#define EEM_AUTO_LOAD   0x40u
#define EEM_PROGRAM     0x80u
#define EEM_CONFIG      0xc0u               /* configuration registers may be written */
#define EECS            0x08u
#define EESK            0x04u
#define EEDI            0x02u
#define EEDO            0x01u

/* MSR */
#define MSR_LINKB       0x04u
#define MSR_SPEED_10    0x08u
#define MSR_AUX         0x10u

/* BMCR and its kin (IEEE 802.3, 22.2.4) */
#define BMCR_RESET      0x8000u
#define BMCR_SPEED      0x2000u
#define BMCR_ANE        0x1000u
#define BMCR_RESTART    0x0200u
#define BMCR_DUPLEX     0x0100u
#define BMSR_MODES      0x7809u             /* 100 and 10 Mb/s, both duplexes; negotiates; has further registers */
#define BMSR_COMPLETE   0x0020u
#define BMSR_LINK       0x0004u
#define AN_ALL_MODES    0x05e1u             /* with pause, 802.3 */
#define AN_ACKNOWLEDGE  0x4000u
#define ANER_PARTNER    0x0001u             /* the partner negotiates, too */
#define CSCR_RESET      0x0340u
#define CSCR_CONNECTED  0x0008u

/* TPPoll */
#define TPPOLL_FSWINT   0x01u
#define TPPOLL_NPQ      0x40u
#define TPPOLL_HPQ      0x80u

/* CPCR */
#define CPCR_CPTX       0x0001u
#define CPCR_CPRX       0x0002u
#define CPCR_RXCHKSUM   0x0020u
#define CPCR_RXVLAN     0x0040u
#define CPCR_WRITABLE   0x007bu

/* C mode, the word pair before a frame in the receive buffer: status, then length with FCS */
#define RSR_ROK         0x0001u
#define RSR_BAR         0x2000u
#define RSR_PAM         0x4000u
#define RSR_MAR         0x8000u

/* C+ mode descriptors: two words of commands or status, and an address */
#define RTL_RING        64u                 /* at most */
struct rtl8139_descriptor {
    uint32_t command, vlan, low, high;
};
#define DESC_OWN        0x80000000u         /* the chip's */
#define DESC_EOR        0x40000000u         /* the ring begins anew behind this one */
#define DESC_FS         0x20000000u
#define DESC_LS         0x10000000u
#define DESC_TAG        0x0000ffffu         /* second word: as on the wire, its first byte first */
/* transmit */
#define TX_LGSEN        0x08000000u
#define TX_MSS_SHIFT    16
#define TX_MSS          0x7ffu
#define TX_IPCS         0x00040000u
#define TX_UDPCS        0x00020000u
#define TX_TCPCS        0x00010000u
#define TX_SIZE         0x0000ffffu
#define TX_TAGC         0x00020000u         /* second word */
#define TX_TES          0x00800000u         /* status: error summary */
#define TX_LNKF         0x00200000u         /* status: no link */
#define TX_STATUS       0x0fff0000u         /* where the chip leaves its status, in place of the commands */
/* receive */
#define RX_SIZE         0x00001fffu
#define RX_ADDRESS_SHIFT 11                 /* status MAR, PAM, BAR: where RSR's are, shifted up */
#define RX_PID_TCP      0x00010000u
#define RX_PID_UDP      0x00020000u
#define RX_PID_IP       0x00030000u
#define RX_IPF          0x00008000u
#define RX_TAVA         0x00010000u         /* second word */

#endif
