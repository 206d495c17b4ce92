/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * 82441FX host bridge, PCI device 0: configuration space only.
 *
 * Nothing moves when these registers change.  Xen gives the domain one flat RAM with the BIOS area always
 * readable and writable, there is no SMM, and whether a bus master reaches RAM is not the bridge's to say;
 * so PAM, SMRAM, the DRAM registers and the memory bit of the command register read back and do no more.
 * TRC (93h), which would reset the processor, is left out: the machine has 0cf9h, 64h and 92h for that.
 */
#ifndef REFLEX_DEVICES_I440FX_H
#define REFLEX_DEVICES_I440FX_H

#include "devices/pci/pci_function.h"

struct i440fx {
    struct pci_function function;           /* first: the function's callback finds the chip by it */
    /* registers */
    uint8_t smram;                          /* SMRAM as last accepted: the lock compares with it */
};

/* devfn: where the board puts it, see PCI_DEVFN. */
void i440fx_init(struct i440fx *bridge, uint8_t devfn);
void i440fx_reset(struct i440fx *bridge);

#endif
