/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "devices/i8042/i8042.h"

#include <stddef.h>

#include "devices/i8042/i8042_regs.h"
#include "devices/i8042/scan_codes.h"
#include "lib/log.h"

/* ---- The output buffer ------------------------------------------------------------------------------------- */

static void i8042_update_irq(struct i8042 *i8042)
{
    const struct i8042_output *output = &i8042->regs.output;
    uint8_t control = i8042->regs.ram[0];

    irq_line_set(i8042->keyboard_irq, output->full && !output->aux && (control & CONTROL_KEYBOARD_INTERRUPT));
    irq_line_set(i8042->aux_irq, output->full && output->aux && (control & CONTROL_AUX_INTERRUPT));
}

static void put(struct i8042_output *output, uint8_t byte, bool aux)
{
    *output = (struct i8042_output){ .full = true, .aux = aux, .byte = byte };
}

/* A break's F0h and the byte after it, which a keyboard sends in one go, become one. */
static bool keyboard_byte(struct i8042 *i8042, uint8_t *byte)
{
    bool released = false;

    do {
        if (!i8042->keyboard->send(i8042->keyboard, byte))
            return false;
    } while ((i8042->regs.ram[0] & CONTROL_TRANSLATE) && !scan_code_translate(byte, &released));
    return true;
}

static void fill_output(struct i8042 *i8042)
{
    struct i8042_registers *regs = &i8042->regs;
    uint8_t byte;

    if (regs->answer.full) {
        regs->output = regs->answer;
        regs->answer.full = false;
    } else if (!(regs->ram[0] & CONTROL_DISABLE_KEYBOARD) && keyboard_byte(i8042, &byte)) {
        put(&regs->output, byte, false);
    } else if (!(regs->ram[0] & CONTROL_DISABLE_AUX) && i8042->aux->send(i8042->aux, &byte)) {
        put(&regs->output, byte, true);
    }
}

/* The end of every access and of every event. */
static void i8042_run(struct i8042 *i8042)
{
    if (!i8042->regs.output.full)
        fill_output(i8042);
    i8042_update_irq(i8042);
}

static void device_waiting(struct ps2_host *host)
{
    i8042_run((struct i8042 *)((char *)host - offsetof(struct i8042, host)));
}

/* ---- Commands ---------------------------------------------------------------------------------------------- */

static void answer(struct i8042 *i8042, uint8_t byte)
{
    put(&i8042->regs.answer, byte, false);
}

static void set_control(struct i8042 *i8042, uint8_t bits, bool on)
{
    if (on)
        i8042->regs.ram[0] |= bits;
    else
        i8042->regs.ram[0] &= (uint8_t)~bits;
}

static void write_output_port(struct i8042 *i8042, uint8_t value)
{
    i8042->regs.output_port = value & OUTPUT_LATCHED;
    if (!(value & OUTPUT_NOT_RESET))
        i8042->power->reset(i8042->power);
}

static uint8_t output_port(const struct i8042 *i8042)
{
    const struct i8042_output *output = &i8042->regs.output;

    return i8042->regs.output_port | (output->full ? output->aux ? OUTPUT_AUX_IRQ : OUTPUT_KEYBOARD_IRQ : 0);
}

static uint8_t test_inputs(const struct i8042 *i8042)
{
    uint8_t control = i8042->regs.ram[0];

    return (control & CONTROL_DISABLE_KEYBOARD ? 0 : TEST_KEYBOARD_CLOCK) |
           (control & CONTROL_DISABLE_AUX ? 0 : TEST_AUX_CLOCK);
}

static void single_command(struct i8042 *i8042, uint8_t command)
{
    switch (command) {
    case COMMAND_TEST_PASSWORD:
        answer(i8042, NO_PASSWORD);
        break;
    case COMMAND_ENABLE_PASSWORD:           /* there is none */
        break;
    case COMMAND_DISABLE_AUX:
    case COMMAND_ENABLE_AUX:
        set_control(i8042, CONTROL_DISABLE_AUX, command == COMMAND_DISABLE_AUX);
        break;
    case COMMAND_DISABLE_KEYBOARD:
    case COMMAND_ENABLE_KEYBOARD:
        set_control(i8042, CONTROL_DISABLE_KEYBOARD, command == COMMAND_DISABLE_KEYBOARD);
        break;
    case COMMAND_SELF_TEST:
        set_control(i8042, CONTROL_SYSTEM, true);
        answer(i8042, SELF_TEST_PASSED);
        break;
    case COMMAND_TEST_AUX:
    case COMMAND_TEST_KEYBOARD:
        answer(i8042, INTERFACE_TEST_PASSED);
        break;
    case COMMAND_READ_INPUT_PORT:
        answer(i8042, INPUT_NOT_INHIBITED | INPUT_NO_JUMPER | INPUT_AUX_DATA | INPUT_KEYBOARD_DATA);
        break;
    case COMMAND_READ_OUTPUT_PORT:
        answer(i8042, output_port(i8042));
        break;
    case COMMAND_CLOSE_A20:
        write_output_port(i8042, i8042->regs.output_port & (uint8_t)~OUTPUT_A20);
        break;
    case COMMAND_OPEN_A20:
        write_output_port(i8042, i8042->regs.output_port | OUTPUT_A20);
        break;
    case COMMAND_READ_TEST_INPUTS:
        answer(i8042, test_inputs(i8042));
        break;
    default:
        log_limited(LOG_INFO, "keyboard controller: command 0x%x is not known", command);
    }
}

static bool takes_data(uint8_t command)
{
    return (command & COMMAND_RAM_GROUP) == COMMAND_WRITE_RAM || command == COMMAND_LOAD_PASSWORD ||
           (command >= COMMAND_WRITE_OUTPUT_PORT && command <= COMMAND_WRITE_AUX);
}

/* The pulse of a line lasts 6 microseconds: of those but the reset nothing is left to see. */
static void start_command(struct i8042 *i8042, uint8_t command)
{
    i8042->regs.command = 0;
    if (takes_data(command)) {
        i8042->regs.command = command;
    } else if ((command & COMMAND_RAM_GROUP) == COMMAND_READ_RAM) {
        answer(i8042, i8042->regs.ram[command % I8042_RAM_SIZE]);
    } else if ((command & COMMAND_PULSE_MASK) == COMMAND_PULSE) {
        if (!(command & OUTPUT_NOT_RESET))
            i8042->power->reset(i8042->power);
    } else {
        single_command(i8042, command);
    }
}

/* Whoever sends to a device enables its interface, as the controller must in order to clock the bits out. */
static void send(struct i8042 *i8042, struct ps2_device *device, uint8_t disable_bit, uint8_t byte)
{
    set_control(i8042, disable_bit, false);
    device->receive(device, byte);
}

static void finish_command(struct i8042 *i8042, uint8_t value)
{
    uint8_t command = i8042->regs.command;

    i8042->regs.command = 0;
    switch (command) {
    case 0:
        send(i8042, i8042->keyboard, CONTROL_DISABLE_KEYBOARD, value);
        break;
    case COMMAND_LOAD_PASSWORD:
        i8042->regs.command = value ? command : 0;
        break;
    case COMMAND_WRITE_OUTPUT_PORT:
        write_output_port(i8042, value);
        break;
    case COMMAND_WRITE_KEYBOARD_OUT:
    case COMMAND_WRITE_AUX_OUT:
        put(&i8042->regs.answer, value, command == COMMAND_WRITE_AUX_OUT);
        break;
    case COMMAND_WRITE_AUX:
        send(i8042, i8042->aux, CONTROL_DISABLE_AUX, value);
        break;
    default:
        i8042->regs.ram[command % I8042_RAM_SIZE] = value;
    }
}

/* ---- Registers --------------------------------------------------------------------------------------------- */

static uint8_t status(const struct i8042 *i8042)
{
    const struct i8042_registers *regs = &i8042->regs;

    return (regs->output.full ? STATUS_OUTPUT_FULL : 0) |
           (regs->output.full && regs->output.aux ? STATUS_AUX_OUTPUT_FULL : 0) |
           (regs->ram[0] & CONTROL_SYSTEM ? STATUS_SYSTEM : 0) |
           (regs->last_was_command ? STATUS_COMMAND : 0) | STATUS_NOT_INHIBITED;
}

/* The line must fall even if there is a next byte: an edge-triggered interrupt controller waits for that. */
static uint32_t data_read(void *dev, uint32_t offset, unsigned int size)
{
    struct i8042 *i8042 = dev;
    uint8_t byte = i8042->regs.output.byte; /* an empty buffer keeps its last one */

    (void)offset, (void)size;
    i8042->regs.output.full = false;
    i8042_update_irq(i8042);
    i8042_run(i8042);
    return byte;
}

static void data_write(void *dev, uint32_t offset, unsigned int size, uint32_t value)
{
    struct i8042 *i8042 = dev;

    (void)offset, (void)size;
    i8042->regs.last_was_command = false;
    finish_command(i8042, (uint8_t)value);
    i8042_run(i8042);
}

static uint32_t status_read(void *dev, uint32_t offset, unsigned int size)
{
    (void)offset, (void)size;
    return status(dev);
}

static void command_write(void *dev, uint32_t offset, unsigned int size, uint32_t value)
{
    struct i8042 *i8042 = dev;

    (void)offset, (void)size;
    i8042->regs.last_was_command = true;
    start_command(i8042, (uint8_t)value);
    i8042_run(i8042);
}

static bool peek_status(void *dev, uint32_t offset, uint32_t *value)
{
    (void)offset;
    *value = status(dev);
    return true;
}

static const struct io_shadow status_shadow = { 0, 1, peek_status, NULL };

const struct io_ops i8042_data_ops = { .read = data_read, .write = data_write, .sizes = IO_BYTE };
const struct io_ops i8042_command_ops = {
    .read = status_read, .write = command_write, .sizes = IO_BYTE,
    .shadows = &status_shadow, .shadow_count = 1,
};

void i8042_reset(struct i8042 *i8042)
{
    i8042->regs = (struct i8042_registers){
        .ram = { CONTROL_DISABLE_KEYBOARD | CONTROL_DISABLE_AUX },
        .output_port = OUTPUT_LATCHED,
    };
    i8042_update_irq(i8042);
}

void i8042_init(struct i8042 *i8042, struct ps2_device *keyboard, struct ps2_device *aux,
                struct irq_line *keyboard_irq, struct irq_line *aux_irq, struct power *power)
{
    *i8042 = (struct i8042){
        .host.waiting = device_waiting, .keyboard = keyboard, .aux = aux,
        .keyboard_irq = keyboard_irq, .aux_irq = aux_irq, .power = power,
    };
    keyboard->host = &i8042->host;
    aux->host = &i8042->host;
    i8042_reset(i8042);
}
