/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "devices/reset_ports.h"

/* IBM PS/2 Technical Reference, "System Control Port A"; Intel 82801AA, "PORT92: Fast A20 and Init". */
#define PORT92_INIT_NOW 0x01    /* a change from 0 to 1 resets */
#define PORT92_A20      0x02    /* only remembered: Xen keeps A20 open */

/* Intel 82371SB (PIIX3), "RC: Reset Control Register". */
#define RC_SRST         0x02    /* 1: a reset is a hard one */
#define RC_RCPU         0x04    /* a change from 0 to 1 resets; never reads as 1, so every 1 is one */

static uint32_t port92_read(void *dev, uint32_t offset, unsigned int size)
{
    const struct reset_ports *ports = dev;

    (void)offset, (void)size;
    return ports->regs.port92;
}

static void port92_write(void *dev, uint32_t offset, unsigned int size, uint32_t value)
{
    struct reset_ports *ports = dev;
    uint32_t risen = value & ~(uint32_t)ports->regs.port92;

    (void)offset, (void)size;
    ports->regs.port92 = value & (PORT92_INIT_NOW | PORT92_A20);
    if (risen & PORT92_INIT_NOW)
        ports->power->reset(ports->power);
}

static uint32_t reset_control_read(void *dev, uint32_t offset, unsigned int size)
{
    const struct reset_ports *ports = dev;

    (void)offset, (void)size;
    return ports->regs.rc;
}

static void reset_control_write(void *dev, uint32_t offset, unsigned int size, uint32_t value)
{
    struct reset_ports *ports = dev;

    (void)offset, (void)size;
    ports->regs.rc = value & RC_SRST;
    if (value & RC_RCPU)
        ports->power->reset(ports->power);
}

const struct io_ops port92_ops = {.read = port92_read, .write = port92_write, .sizes = IO_BYTE};
const struct io_ops reset_control_ops = {.read = reset_control_read, .write = reset_control_write, .sizes = IO_BYTE};

void reset_ports_reset(struct reset_ports *ports)
{
    ports->regs = (struct reset_ports_registers){0};
}

void reset_ports_init(struct reset_ports *ports, struct power *power)
{
    *ports = (struct reset_ports){.power = power};
    reset_ports_reset(ports);
}
