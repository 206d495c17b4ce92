/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Xen as the board sees it: answers those functions of xen/hypercall.h that the board calls, and decides as Xen does
 * which accesses enter the firmware.  Hypercalls name no hypervisor, so there is one.
 */
#ifndef REFLEX_QTEST_HYPERVISOR_H
#define REFLEX_QTEST_HYPERVISOR_H

#include <stdbool.h>
#include <stdint.h>

/* Told of each change of an interrupt line of the I/O APIC. */
struct gsi_listener {
    void (*changed)(struct gsi_listener *listener, unsigned int gsi, bool high);
};

/* Nothing is claimed; lines that are high fall. */
void hypervisor_reset(void);
/* NULL: nobody listens. */
void hypervisor_listen(struct gsi_listener *listener);

/* Whether all of these bytes are claimed: the firmware is entered.  type: XEN_REFLECT_RANGE_PORT or _MEMORY. */
bool hypervisor_claimed(uint32_t type, uint64_t address, unsigned int size);
/* True: a read is answered with *value, or a write waits, and the firmware is not entered. */
bool hypervisor_shadow_read(uint32_t type, uint64_t address, unsigned int size, uint64_t *value);
bool hypervisor_shadow_write(uint32_t type, uint64_t address, unsigned int size, uint64_t value);

#endif
