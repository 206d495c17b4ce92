/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* PCI Local Bus Specification 2.1: configuration mechanism 1 (3.7.4.1) and the type 0 header (6.1, 6.2). */
#ifndef REFLEX_DEVICES_PCI_REGS_H
#define REFLEX_DEVICES_PCI_REGS_H

/* The two registers of mechanism 1, as offsets from port 0cf8h. */
#define PCI_CONFADD             0u
#define   CONFADD_ENABLE        (1u << 31)
#define   CONFADD_IMPLEMENTED   0x80fffffcu     /* enable, bus, device, function, register */
#define   CONFADD_LOW_BITS      0x00000003u     /* read as 0 */
#define PCI_CONFDATA            4u
#define PCI_CONFIG_PORTS        8u
#define PCI_RESET_CONTROL       1u              /* not PCI's: the 82371SB's RC at 0cf9h lies between */

#define PCI_DEVFN(device, function) ((device) << 3 | (function))

#define PCI_VENDOR_ID           0x00            /* 16 (RO) */
#define PCI_DEVICE_ID           0x02            /* 16 (RO) */
#define PCI_COMMAND             0x04            /* 16 (RW) */
#define   PCI_COMMAND_IO        0x0001u
#define   PCI_COMMAND_MEMORY    0x0002u
#define   PCI_COMMAND_MASTER    0x0004u
#define PCI_STATUS              0x06            /* 16 (RO, RW1C) */
#define PCI_REVISION_ID         0x08            /* 8 (RO) */
#define PCI_CLASS_CODE          0x09            /* 24 (RO): programming interface, sub-class, base class */
#define PCI_CACHE_LINE_SIZE     0x0c            /* 8 (RW) */
#define PCI_LATENCY_TIMER       0x0d            /* 8 (RW) */
#define PCI_HEADER_TYPE         0x0e            /* 8 (RO) */
#define   PCI_MULTI_FUNCTION    0x80u
#define PCI_BASE_ADDRESS(n)     (0x10 + 4 * (n))    /* 32 (RW), n = 0 to 5 */
#define   PCI_BASE_IO           0x00000001u
#define   PCI_BASE_IO_FLAGS     0x00000003u
#define   PCI_BASE_MEMORY_FLAGS 0x0000000fu
#define PCI_SUBSYSTEM_ID        0x2c            /* 32 (RO): vendor, then device */
#define PCI_ROM_ADDRESS         0x30            /* 32 (RW) */
#define   PCI_ROM_ENABLE        0x00000001u
#define   PCI_ROM_FLAGS         0x000007ffu
#define PCI_INTERRUPT_LINE      0x3c            /* 8 (RW) */
#define PCI_INTERRUPT_PIN       0x3d            /* 8 (RO): 1 = INTA# */
#define PCI_MIN_GNT             0x3e            /* 8 (RO) */
#define PCI_MAX_LAT             0x3f            /* 8 (RO) */

#endif
