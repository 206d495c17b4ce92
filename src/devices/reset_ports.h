/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The chip set's two registers that reset the machine: System Control Port A at 92h and the Reset Control
 * Register at CF9h.  Both can ask for a reset of the processor alone (INIT); here every reset is the
 * machine's, for no guest of our time returns from the other.
 */
#ifndef REFLEX_DEVICES_RESET_PORTS_H
#define REFLEX_DEVICES_RESET_PORTS_H

#include <stdint.h>

#include "backends/io.h"
#include "backends/power.h"

struct reset_ports {
    /* wiring */
    struct power *power;

    /* registers */
    struct reset_ports_registers {
        uint8_t port92, rc;
    } regs;
};

void reset_ports_init(struct reset_ports *ports, struct power *power);
void reset_ports_reset(struct reset_ports *ports);

extern const struct io_ops port92_ops;          /* one byte */
extern const struct io_ops reset_control_ops;   /* one byte, which lies among those of CONFADD: only byte
                                                   accesses are its */

#endif
