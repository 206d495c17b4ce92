/* SPDX-License-Identifier: GPL-2.0-only */
/* Reflex: the domain's own firmware serves its devices. */
#ifndef __HVMLOADER_REFLEX_H__
#define __HVMLOADER_REFLEX_H__

#include <stdbool.h>

struct bios_config;

/*
 * Puts the runtime in its place and starts it.  To be called once, with xenbus
 * up and before anything looks for a device.  Where there is no reflection it
 * says so and changes nothing.
 */
void reflex_install(void);

/*
 * Loads the SeaBIOS that comes with the runtime.  False, having done nothing:
 * the runtime is not active, or another kind of BIOS was asked for.
 */
bool reflex_load_bios(const struct bios_config *bios);

#endif /* __HVMLOADER_REFLEX_H__ */

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
