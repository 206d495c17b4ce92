/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "devices/i8042.h"

#include "devices/i8042_regs.h"

static uint32_t data_read(void *dev, uint32_t offset, unsigned int size)
{
    (void)dev, (void)offset, (void)size;
    return 0xff;
}

static void data_write(void *dev, uint32_t offset, unsigned int size, uint32_t value)
{
    struct i8042 *i8042 = dev;

    (void)offset, (void)size;
    if (i8042->regs.output_port_next && !(value & OUTPUT_NOT_RESET))
        i8042->power->reset(i8042->power);
    i8042->regs.output_port_next = false;
}

static uint32_t status_read(void *dev, uint32_t offset, unsigned int size)
{
    (void)dev, (void)offset, (void)size;
    return 0xff & ~STATUS_INPUT_FULL;
}

static void command_write(void *dev, uint32_t offset, unsigned int size, uint32_t value)
{
    struct i8042 *i8042 = dev;

    (void)offset, (void)size;
    i8042->regs.output_port_next = value == COMMAND_WRITE_OUTPUT_PORT;
    if ((value & COMMAND_PULSE_MASK) == COMMAND_PULSE && !(value & OUTPUT_NOT_RESET))
        i8042->power->reset(i8042->power);
}

const struct io_ops i8042_data_ops = {.read = data_read, .write = data_write, .sizes = IO_BYTE};
const struct io_ops i8042_command_ops = {.read = status_read, .write = command_write, .sizes = IO_BYTE};

void i8042_reset(struct i8042 *i8042)
{
    i8042->regs = (struct i8042_registers){0};
}

void i8042_init(struct i8042 *i8042, struct power *power)
{
    *i8042 = (struct i8042){.power = power};
    i8042_reset(i8042);
}
