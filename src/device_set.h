/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Whose the devices of a PC are.  A domain can have a device model, too (QEMU): the firmware then takes those devices
 * that the domain's configuration names, and leaves it the rest.  The firmware and the program that starts the device
 * model (tools/reflex-qemu) read the same list, by this one table of names.
 */
#ifndef REFLEX_DEVICE_SET_H
#define REFLEX_DEVICE_SET_H

#include <stdbool.h>

enum {
    DEVICE_IDE = 1u << 0,                   /* both channels, their drives, and the PCI function */
    DEVICE_SERIAL = 1u << 1,                /* all serial ports */
    DEVICE_CHIPSET = 1u << 2,               /* everything else: one device, for its parts share state; and without a
                                               name, for whoever has it is the domain's device model */
    DEVICE_ALL = DEVICE_IDE | DEVICE_SERIAL | DEVICE_CHIPSET,
};

/* Room for every list, and its end. */
#define DEVICE_SET_NAMES_MAX 64

/* names: "ide,serial", in any order, each once.  False: one of them is none of ours, or there is none. */
bool device_set_parse(const char *names, unsigned int *set);

#endif
