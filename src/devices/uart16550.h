/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The PC's serial port: a National PC16550D whose wire is a character backend.
 *
 * The baud rate generator and the line format are registers only, since a byte stream has neither.  What
 * differs from the chip follows from that, and from there being no clock that could tick here:
 *  - A byte travels in no time.  The transmitter is empty again as soon as the backend has taken the byte;
 *    while the backend takes nothing, THRE and TEMT stay clear and the guest waits, as for a slow line.
 *  - The receiver takes a byte from the backend only when there is room for it, so that a slow guest
 *    loses nothing.  It can be overrun in loopback mode only.
 *  - The receiver's timeout (no byte for four character times) is reported at once when bytes below the
 *    trigger level are left and the backend has no more: those times have then passed, for the guest can
 *    tell nothing else.
 */
#ifndef REFLEX_DEVICES_UART16550_H
#define REFLEX_DEVICES_UART16550_H

#include <stdbool.h>
#include <stdint.h>

#include "backends/char.h"
#include "backends/io.h"
#include "backends/irq_line.h"
#include "backends/state.h"
#include "devices/uart16550_regs.h"

struct uart_fifo {
    uint8_t bytes[UART_FIFO_SIZE];          /* the oldest first */
    uint8_t count;
};

struct uart16550 {
    /* wiring */
    struct char_backend *backend;           /* NULL: nothing is plugged in */
    struct irq_line *irq;
    struct char_listener listener;

    /* registers */
    struct uart16550_registers {
        uint8_t ier, fcr, lcr, mcr, scr, dll, dlm;
        uint8_t modem_deltas;               /* MSR bits 3-0 */
        bool overrun;                       /* LSR.OE */
        bool thre_pending;                  /* IIR 02h is due */
        bool rx_timeout;                    /* IIR 0Ch is due */
        struct uart_fifo rx, tx;
    } regs;
};

/* Connects the port to `backend` (whose listener it becomes; NULL: transmitted bytes vanish and the modem
 * inputs are off) and to its interrupt line, and resets it. */
void uart16550_init(struct uart16550 *uart, struct char_backend *backend, struct irq_line *irq);

/* Master Reset.  The chip leaves SCR, DLL and DLM as they are and unpredictable; here they become 0. */
void uart16550_reset(struct uart16550 *uart);

/* Eight byte registers. */
extern const struct io_ops uart16550_ops;
extern const struct state_map uart16550_state;

#endif
