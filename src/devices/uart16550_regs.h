/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* National Semiconductor PC16550D (June 1995), "Registers": names as there, offsets in ports. */
#ifndef REFLEX_DEVICES_UART16550_REGS_H
#define REFLEX_DEVICES_UART16550_REGS_H

enum {
    UART_RBR = 0,           /* (RO) DLAB = 0: Receiver Buffer */
    UART_THR = 0,           /* (WO) DLAB = 0: Transmitter Holding */
    UART_DLL = 0,           /* (RW) DLAB = 1: Divisor Latch, low byte */
    UART_IER = 1,           /* (RW) DLAB = 0: Interrupt Enable */
    UART_DLM = 1,           /* (RW) DLAB = 1: Divisor Latch, high byte */
    UART_IIR = 2,           /* (RO) Interrupt Identification */
    UART_FCR = 2,           /* (WO) FIFO Control */
    UART_LCR = 3,           /* (RW) Line Control */
    UART_MCR = 4,           /* (RW) Modem Control */
    UART_LSR = 5,           /* (RO) Line Status */
    UART_MSR = 6,           /* (RO) Modem Status */
    UART_SCR = 7,           /* (RW) Scratch */
};

/* Interrupt Enable Register */
#define IER_ERBFI   0x01    /* received data available, and the timeout in FIFO mode */
#define IER_ETBEI   0x02    /* transmitter holding register empty */
#define IER_ELSI    0x04    /* receiver line status */
#define IER_EDSSI   0x08    /* modem status */
#define IER_MASK    0x0f    /* the others are always 0 */

/* Interrupt Identification Register: bits 3-0, highest priority first */
#define IIR_LINE_STATUS 0x06
#define IIR_RX_DATA     0x04
#define IIR_RX_TIMEOUT  0x0c
#define IIR_THR_EMPTY   0x02
#define IIR_MODEM       0x00
#define IIR_NONE        0x01
#define IIR_FIFOS       0xc0    /* set while FCR0 = 1 */

/* FIFO Control Register */
#define FCR_ENABLE      0x01
#define FCR_RX_RESET    0x02    /* clears itself */
#define FCR_TX_RESET    0x04    /* clears itself */
#define FCR_TRIGGER_SHIFT 6     /* bits 7-6: receiver trigger of 1, 4, 8, 14 bytes */

/* Line Control Register */
#define LCR_DLAB    0x80

/* Modem Control Register */
#define MCR_DTR     0x01
#define MCR_RTS     0x02
#define MCR_OUT1    0x04
#define MCR_OUT2    0x08    /* on a PC: lets the interrupt pin reach the bus */
#define MCR_LOOP    0x10
#define MCR_MASK    0x1f    /* the others are always 0 */

/* Line Status Register; parity, framing and break errors (bits 2-4, 7) need a wire to happen on */
#define LSR_DR      0x01
#define LSR_OE      0x02    /* cleared by reading LSR */
#define LSR_THRE    0x20
#define LSR_TEMT    0x40

/* Modem Status Register: bits 3-0 are cleared by reading it */
#define MSR_DCTS    0x01
#define MSR_DDSR    0x02
#define MSR_TERI    0x04    /* RI has gone from on to off; the other three: any change */
#define MSR_DDCD    0x08
#define MSR_CTS     0x10
#define MSR_DSR     0x20
#define MSR_RI      0x40
#define MSR_DCD     0x80

#define UART_FIFO_SIZE 16

#endif
