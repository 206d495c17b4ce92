/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * 82371AB function 3, power management: configuration space only.
 *
 * The ports that PMBASE names are Xen's and the ACPI chip's, at the place that the domain's FADT states;
 * hvmloader writes that place here, and another one moves nothing.  There is no SMBus host (SMBBA stays 0
 * as nobody sets it), and no device activity is watched or trapped: those registers read back.
 */
#ifndef REFLEX_DEVICES_PIIX4_PM_H
#define REFLEX_DEVICES_PIIX4_PM_H

#include "devices/pci/pci_function.h"

struct piix4_pm {
    struct pci_function function;
};

/* devfn: function 3 of the device that the board makes PIIX3 (a PC that never was, but QEMU's: the guest's
 * drivers and hvmloader expect it). */
void piix4_pm_init(struct piix4_pm *pm, uint8_t devfn);
void piix4_pm_reset(struct piix4_pm *pm);

#endif
