/* SPDX-License-Identifier: LGPL-3.0-or-later */
#ifndef __REFLEX_H
#define __REFLEX_H

/* Chooses the screen, and the way to the disks.  To be called when the PCI devices are known, before the VGA option ROM
 * runs. */
void reflex_setup(void);

#endif
