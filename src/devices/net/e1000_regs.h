/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Intel 82540EM: "PCI/PCI-X Family of Gigabit Ethernet Controllers Software Developer's Manual", order number 317453:
 * registers (chapter 13), descriptors (3.2 and 3.3), EEPROM (5.4 and 5.6).  Offsets from the base of the register
 * block; every register has 32 bits and is read and written as such.
 */
#ifndef REFLEX_DEVICES_NET_E1000_REGS_H
#define REFLEX_DEVICES_NET_E1000_REGS_H

/* --- general --- */

#define E1000_CTRL              0x00000u
#define   CTRL_FD               0x00000001u
#define   CTRL_SLU              0x00000040u
#define   CTRL_SPEED            0x00000300u     /* 10, 100, 1000 Mb/s */
#define   CTRL_SPEED_1000       0x00000200u
#define   CTRL_FRCSPD           0x00000800u
#define   CTRL_FRCDPLX          0x00001000u
#define   CTRL_RST              0x04000000u     /* (self-clearing) */
#define   CTRL_VME              0x40000000u
#define   CTRL_PHY_RST          0x80000000u
#define E1000_CTRL_DUP          0x00004u        /* CTRL again */
#define E1000_STATUS            0x00008u        /* (RO) */
#define   STATUS_FD             0x00000001u
#define   STATUS_LU             0x00000002u
#define   STATUS_SPEED_SHIFT    6
#define   STATUS_ASDV_SHIFT     8
#define E1000_EECD              0x00010u
#define   EECD_SK               0x001u
#define   EECD_CS               0x002u
#define   EECD_DI               0x004u
#define   EECD_DO               0x008u          /* (RO) */
#define   EECD_FWE              0x030u
#define   EECD_REQ              0x040u
#define   EECD_GNT              0x080u          /* (RO) */
#define   EECD_PRES             0x100u          /* (RO) */
#define E1000_EERD              0x00014u
#define   EERD_START            0x00000001u
#define   EERD_DONE             0x00000010u
#define   EERD_ADDR_SHIFT       8
#define   EERD_DATA_SHIFT       16
#define E1000_CTRL_EXT          0x00018u
#define   CTRL_EXT_EE_RST       0x00002000u     /* (self-clearing) */
#define E1000_FLA               0x0001cu
#define E1000_MDIC              0x00020u
#define   MDIC_DATA             0x0000ffffu
#define   MDIC_REG_SHIFT        16
#define   MDIC_PHY_SHIFT        21
#define   MDIC_OP_WRITE         0x04000000u
#define   MDIC_OP_READ          0x08000000u
#define   MDIC_R                0x10000000u
#define   MDIC_I                0x20000000u
#define   MDIC_E                0x40000000u
#define E1000_FCAL              0x00028u
#define E1000_FCAH              0x0002cu
#define E1000_FCT               0x00030u
#define E1000_VET               0x00038u
#define E1000_FCTTV             0x00170u
#define E1000_TXCW              0x00178u
#define E1000_LEDCTL            0x00e00u
#define E1000_PBA               0x01000u

/* --- interrupts --- */

#define E1000_ICR               0x000c0u        /* (cleared by reading, RW1C) */
#define E1000_ITR               0x000c4u
#define E1000_ICS               0x000c8u        /* (WO; it reads as ICR does, and clears nothing) */
#define E1000_IMS               0x000d0u        /* (RW1S) */
#define E1000_IMC               0x000d8u        /* (WO) */
#define   ICR_TXDW              0x00001u
#define   ICR_TXQE              0x00002u
#define   ICR_LSC               0x00004u
#define   ICR_RXDMT0            0x00010u
#define   ICR_RXO               0x00040u
#define   ICR_RXT0              0x00080u
#define   ICR_MDAC              0x00200u
#define   ICR_SRPD              0x10000u
#define   ICR_CAUSES            0x1ffffu        /* all there are */

/* --- receive --- */

#define E1000_RCTL              0x00100u
#define   RCTL_EN               0x00000002u
#define   RCTL_UPE              0x00000008u
#define   RCTL_MPE              0x00000010u
#define   RCTL_LPE              0x00000020u
#define   RCTL_LBM              0x000000c0u
#define   RCTL_RDMTS_SHIFT      8
#define   RCTL_MO_SHIFT         12
#define   RCTL_BAM              0x00008000u
#define   RCTL_BSIZE_SHIFT      16
#define   RCTL_VFE              0x00040000u
#define   RCTL_CFIEN            0x00080000u
#define   RCTL_CFI              0x00100000u
#define   RCTL_BSEX             0x02000000u
#define   RCTL_SECRC            0x04000000u
#define   RCTL_WRITABLE         0x06dfb3feu
#define E1000_FCRTL             0x02160u
#define E1000_FCRTH             0x02168u
#define E1000_RDBAL             0x02800u
#define E1000_RDBAH             0x02804u
#define E1000_RDLEN             0x02808u
#define E1000_RDH               0x02810u
#define E1000_RDT               0x02818u
#define E1000_RDTR              0x02820u
#define E1000_RXDCTL            0x02828u
#define E1000_RADV              0x0282cu
#define E1000_RSRPD             0x02c00u
#define E1000_RXCSUM            0x05000u
#define   RXCSUM_IPOFL          0x00000100u
#define   RXCSUM_TUOFL          0x00000200u
#define E1000_MTA               0x05200u        /* 128 */
#define E1000_RAL0              0x05400u        /* 16 pairs of RAL and RAH */
#define   RAH_AV                0x80000000u
#define   RAH_WRITABLE          0x8003ffffu
#define E1000_VFTA              0x05600u        /* 128 */

#define RX_STATUS_DD            0x01u
#define RX_STATUS_EOP           0x02u
#define RX_STATUS_IXSM          0x04u
#define RX_STATUS_VP            0x08u
#define RX_STATUS_TCPCS         0x20u
#define RX_STATUS_IPCS          0x40u
#define RX_STATUS_PIF           0x80u
#define RX_ERROR_IPE            0x40u

/* The legacy receive descriptor (3.2.3). */
struct e1000_rx_descriptor {
    uint64_t address;
    uint16_t length, checksum;
    uint8_t status, errors;
    uint16_t special;
};

/* --- transmit --- */

#define E1000_TCTL              0x00400u
#define   TCTL_EN               0x00000002u
#define   TCTL_WRITABLE         0x03fffffau
#define E1000_TIPG              0x00410u
#define E1000_AIT               0x00458u
#define E1000_TXDMAC            0x03000u
#define E1000_TDBAL             0x03800u
#define E1000_TDBAH             0x03804u
#define E1000_TDLEN             0x03808u
#define E1000_TDH               0x03810u
#define E1000_TDT               0x03818u
#define E1000_TIDV              0x03820u
#define E1000_TXDCTL            0x03828u
#define E1000_TADV              0x0382cu
#define E1000_TSPMT             0x03830u

#define RING_BASE_LOW           0xfffffff0u     /* of RDBAL and TDBAL */
#define RING_LENGTH             0x000fff80u     /* of RDLEN and TDLEN */
#define RING_INDEX              0x0000ffffu     /* of heads and tails */
#define DESCRIPTOR_BYTES        16u

/* The transmit descriptors (3.3): legacy, data and TCP/IP context.  What all have: */
struct e1000_tx_descriptor {
    union {
        uint64_t address;
        struct {                                /* context (3.3.6) */
            uint8_t ipcss, ipcso;
            uint16_t ipcse;
            uint8_t tucss, tucso;
            uint16_t tucse;
        };
    };
    uint32_t lower;
    uint8_t status;
    uint8_t option;                             /* CSS, POPTS, or HDRLEN */
    uint16_t special;                           /* the VLAN tag, or MSS */
};
#define TX_STATUS_AT            12u             /* byte of the descriptor */
#define TX_LEGACY_LENGTH        0x0000ffffu     /* `lower`: */
#define TX_LEGACY_CSO_SHIFT     16
#define TX_DATA_LENGTH          0x000fffffu
#define TX_DTYP                 0x00f00000u
#define   TX_DTYP_DATA          0x00100000u
#define TX_CMD_EOP              0x01000000u
#define TX_CMD_IC               0x04000000u     /* legacy */
#define TX_CMD_TSE              0x04000000u     /* data */
#define TX_CMD_RS               0x08000000u
#define TX_CMD_RPS              0x10000000u
#define TX_CMD_DEXT             0x20000000u
#define TX_CMD_VLE              0x40000000u
#define TX_TUCMD_TCP            0x01000000u     /* context */
#define TX_TUCMD_IP             0x02000000u
#define TX_TUCMD_TSE            0x04000000u
#define TX_POPTS_IXSM           0x01u
#define TX_POPTS_TXSM           0x02u
#define TX_STATUS_DD            0x01u

/* --- wake-up, management: they read back --- */

#define E1000_WUC               0x05800u
#define E1000_WUFC              0x05808u
#define E1000_WUS               0x05810u
#define E1000_IPAV              0x05838u
#define E1000_IP4AT             0x05840u        /* 4 addresses, 8 bytes apart */
#define E1000_IP6AT             0x05880u        /* 4 */

/* --- statistics (13.7): cleared by reading --- */

#define E1000_STATISTICS        0x04000u
#define E1000_STATISTICS_END    0x04100u
#define E1000_MPC               0x04010u
#define E1000_PRC64             0x0405cu        /* and five more, to PRC1522 */
#define E1000_GPRC              0x04074u
#define E1000_BPRC              0x04078u
#define E1000_MPRC              0x0407cu
#define E1000_GPTC              0x04080u
#define E1000_GORCL             0x04088u        /* low of two; reading the high one clears both */
#define E1000_GOTCL             0x04090u
#define E1000_RNBC              0x040a0u
#define E1000_ROC               0x040acu
#define E1000_TORL              0x040c0u
#define E1000_TOTL              0x040c8u
#define E1000_TPR               0x040d0u
#define E1000_TPT               0x040d4u
#define E1000_PTC64             0x040d8u        /* and five more, to PTC1522 */
#define E1000_MPTC              0x040f0u
#define E1000_BPTC              0x040f4u
#define E1000_TSCTC             0x040f8u

/* --- the register block at ports (13.3) --- */

#define E1000_IOADDR            0u
#define E1000_IODATA            4u

/* --- EEPROM: 64 words --- */

#define NVM_ETHERNET_ADDRESS    0x00u           /* 3 words */
#define NVM_COMPATIBILITY       0x03u
#define NVM_CONTROL_1           0x0au
#define NVM_SUBSYSTEM_ID        0x0bu
#define NVM_SUBSYSTEM_VENDOR    0x0cu
#define NVM_DEVICE_ID           0x0du
#define NVM_VENDOR_ID           0x0eu
#define NVM_CONTROL_2           0x0fu
#define NVM_MANAGEMENT          0x14u
#define NVM_CONTROL_3           0x24u
#define NVM_CHECKSUM            0x3fu
#define NVM_SUM                 0xbabau         /* of all words */

/* --- PHY: IEEE 802.3 clause 22, and Marvell's 88E1011 from 16 on (13.4.6, 13.6) --- */

#define PHY_ADDRESS             1u
#define PHY_REGISTERS           32u
#define PHY_PCTRL               0u
#define   PCTRL_RESET           0x8000u         /* (self-clearing) */
#define   PCTRL_LOOPBACK        0x4000u
#define   PCTRL_SPEED_LOW       0x2000u
#define   PCTRL_AUTONEG         0x1000u
#define   PCTRL_POWER_DOWN      0x0800u
#define   PCTRL_ISOLATE         0x0400u
#define   PCTRL_RESTART         0x0200u         /* (self-clearing) */
#define   PCTRL_FULL_DUPLEX     0x0100u
#define   PCTRL_SPEED_HIGH      0x0040u
#define PHY_PSTATUS             1u
#define   PSTATUS_LINK          0x0004u         /* (latched low) */
#define   PSTATUS_AUTONEG_DONE  0x0020u
#define PHY_PID                 2u
#define PHY_EPID                3u
#define PHY_ANA                 4u
#define   ANA_10_HD             0x0020u
#define   ANA_10_FD             0x0040u
#define   ANA_100_HD            0x0080u
#define   ANA_100_FD            0x0100u
#define PHY_LPA                 5u
#define PHY_ANE                 6u
#define PHY_NPT                 7u
#define PHY_GCON                9u
#define   GCON_HD               0x0100u
#define   GCON_FD               0x0200u
#define PHY_GSTATUS             10u
#define PHY_ESTATUS             15u
#define PHY_PSCON               16u
#define PHY_PSSTAT              17u
#define   PSSTAT_LINK           0x0400u
#define   PSSTAT_RESOLVED       0x0800u
#define   PSSTAT_FULL_DUPLEX    0x2000u
#define   PSSTAT_SPEED_SHIFT    14
#define PHY_PINTE               18u
#define PHY_PINTS               19u
#define PHY_EPSCON1             20u
#define PHY_LED                 24u
#define PHY_PAGE                29u
#define PHY_PAGE_DATA           30u

#endif
