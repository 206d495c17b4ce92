/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * 82371SB function 1, the IDE controller's configuration space: where the two channels and the bus master
 * block are decoded.  The channels themselves are other chips; the timings read back and time nothing.
 * Only legacy mode exists: the channels' ports are fixed and their interrupts are IRQ 14 and 15.  MSE in PCICMD, which
 * the chip hardwires for want of memory to decode, keeps what is written, as in QEMU: software that enables all of a
 * function reads it back.
 */
#ifndef REFLEX_DEVICES_PIIX3_IDE_H
#define REFLEX_DEVICES_PIIX3_IDE_H

#include "backends/bus_master.h"
#include "devices/pci/pci_function.h"

#define PIIX3_IDE_CHANNELS      2
#define PIIX3_BMIBA_LENGTH      16          /* ports: 8 a channel */
#define PIIX3_IDE_PRIMARY       0x1f0       /* command block; the control block is 206h ports above */
#define PIIX3_IDE_SECONDARY     0x170

struct piix3_ide {
    struct pci_function function;           /* first: the function's callback finds the chip by it */
    /* wiring */
    struct pci_decode channels[PIIX3_IDE_CHANNELS];
    struct bus_master *master;
    bool allowed;                           /* what it was last told */
};

/* devfn: function 1 of the device that the board makes PIIX3.  master: told of the command register's permission.
 * bus_master: a window of PIIX3_BMIBA_LENGTH ports.  primary, secondary: told the command block's base while the
 * channel is decoded (I/O space enabled in the command register and IDE decode enabled in IDETIM).  Each may be NULL:
 * nobody is told. */
void piix3_ide_init(struct piix3_ide *ide, uint8_t devfn, struct bus_master *master, struct pci_window *bus_master,
                    struct pci_window *primary, struct pci_window *secondary);
void piix3_ide_reset(struct piix3_ide *ide);

#endif
