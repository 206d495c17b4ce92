/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* National Semiconductor PC16550D data sheet (June 1995); quoted section titles are its. */
#include "devices/uart16550.h"

#include <stddef.h>

#include "lib/log.h"
#include "lib/string.h"

/* --- FIFOs --------------------------------------------------------------------------------------------- */

static void fifo_push(struct uart_fifo *fifo, uint8_t byte)
{
    fifo->bytes[fifo->count++] = byte;
}

static void fifo_drop(struct uart_fifo *fifo, size_t count)
{
    fifo->count = (uint8_t)(fifo->count - count);
    memmove(fifo->bytes, fifo->bytes + count, fifo->count);
}

static void fifo_clear(struct uart_fifo *fifo)
{
    fifo->count = 0;
}

/* --- what the registers add up to ---------------------------------------------------------------------- */

static bool in_fifo_mode(const struct uart16550 *uart)
{
    return uart->regs.fcr & FCR_ENABLE;
}

static bool in_loopback(const struct uart16550 *uart)
{
    return uart->regs.mcr & MCR_LOOP;
}

/* In 16450 mode there is one byte of room in either direction. */
static unsigned int fifo_capacity(const struct uart16550 *uart)
{
    return in_fifo_mode(uart) ? UART_FIFO_SIZE : 1;
}

static unsigned int rx_trigger(const struct uart16550 *uart)
{
    static const uint8_t levels[] = {1, 4, 8, 14};

    return in_fifo_mode(uart) ? levels[uart->regs.fcr >> FCR_TRIGGER_SHIFT] : 1;
}

static uint8_t line_status(const struct uart16550 *uart)
{
    return (uart->regs.rx.count ? LSR_DR : 0) | (uart->regs.overrun ? LSR_OE : 0) |
           (uart->regs.tx.count ? 0 : LSR_THRE | LSR_TEMT);
}

/* MSR bits 7-4.  "Modem Control Register", bit 4: in loopback the four outputs stand in for the inputs. */
static uint8_t modem_inputs(const struct uart16550 *uart)
{
    uint8_t mcr = uart->regs.mcr;

    if (!in_loopback(uart))
        return uart->backend ? MSR_CTS | MSR_DSR | MSR_DCD : 0;
    return (mcr & MCR_RTS ? MSR_CTS : 0) | (mcr & MCR_DTR ? MSR_DSR : 0) |
           (mcr & MCR_OUT1 ? MSR_RI : 0) | (mcr & MCR_OUT2 ? MSR_DCD : 0);
}

/* IIR bits 3-0.  "Interrupt Identification Register", table of priorities. */
static uint8_t interrupt_source(const struct uart16550 *uart)
{
    const struct uart16550_registers *regs = &uart->regs;

    if ((regs->ier & IER_ELSI) && regs->overrun)
        return IIR_LINE_STATUS;
    if ((regs->ier & IER_ERBFI) && regs->rx.count >= rx_trigger(uart))
        return IIR_RX_DATA;
    if ((regs->ier & IER_ERBFI) && regs->rx_timeout)
        return IIR_RX_TIMEOUT;
    if ((regs->ier & IER_ETBEI) && regs->thre_pending)
        return IIR_THR_EMPTY;
    if ((regs->ier & IER_EDSSI) && regs->modem_deltas)
        return IIR_MODEM;
    return IIR_NONE;
}

/* On a PC, OUT2 gates INTR; in loopback the output pins, OUT2 among them, are off. */
static void uart16550_update_irq(struct uart16550 *uart)
{
    bool connected = (uart->regs.mcr & (MCR_OUT2 | MCR_LOOP)) == MCR_OUT2;

    irq_line_set(uart->irq, connected && interrupt_source(uart) != IIR_NONE);
}

/* --- transmitter and receiver -------------------------------------------------------------------------- */

/* A byte that arrives when there is no room is lost in FIFO mode, and replaces the unread one in 16450
 * mode ("Line Status Register", bit 1). */
static void receive_byte(struct uart16550 *uart, uint8_t byte)
{
    if (uart->regs.rx.count == fifo_capacity(uart)) {
        uart->regs.overrun = true;
        if (in_fifo_mode(uart))
            return;
        fifo_clear(&uart->regs.rx);
    }
    fifo_push(&uart->regs.rx, byte);
}

/* Sends what can go now; returns the number of bytes sent. */
static size_t send(struct uart16550 *uart, const uint8_t *bytes, size_t length)
{
    if (in_loopback(uart))
        for (size_t i = 0; i < length; i++)
            receive_byte(uart, bytes[i]);
    else if (uart->backend)
        return uart->backend->ops->write(uart->backend, bytes, length);
    return length;
}

static void transmit(struct uart16550 *uart)
{
    struct uart_fifo *tx = &uart->regs.tx;

    if (!tx->count)
        return;
    fifo_drop(tx, send(uart, tx->bytes, tx->count));
    if (!tx->count)
        uart->regs.thre_pending = true;
}

/* "Loopback": the receiver's input is disconnected from the outside. */
static void receive(struct uart16550 *uart)
{
    struct uart_fifo *rx = &uart->regs.rx;
    size_t room = fifo_capacity(uart) - rx->count;

    if (room && uart->backend && !in_loopback(uart))
        rx->count += (uint8_t)uart->backend->ops->read(uart->backend, rx->bytes + rx->count, room);
    uart->regs.rx_timeout = rx->count;
}

/* Moves what can move and recomputes the line: the end of every access. */
static void uart16550_run(struct uart16550 *uart)
{
    transmit(uart);
    receive(uart);
    uart16550_update_irq(uart);
}

static void backend_changed(struct char_listener *listener)
{
    uart16550_run((struct uart16550 *)((char *)listener - offsetof(struct uart16550, listener)));
}

/* --- registers ----------------------------------------------------------------------------------------- */

/* "FIFO Interrupt Mode Operation": reading ends a timeout, and a next one needs time to pass.  So the line
 * falls here, even if it rises at the end of this access: an edge-triggered controller must see that. */
static uint8_t read_rbr(struct uart16550 *uart)
{
    struct uart_fifo *rx = &uart->regs.rx;
    uint8_t byte = rx->bytes[0];            /* without data: whatever was there */

    if (rx->count)
        fifo_drop(rx, 1);
    uart->regs.rx_timeout = false;
    uart16550_update_irq(uart);
    return byte;
}

/* Reading IIR acknowledges the transmitter's interrupt if that is what it reports. */
static uint8_t read_iir(struct uart16550 *uart)
{
    uint8_t source = interrupt_source(uart);

    if (source == IIR_THR_EMPTY)
        uart->regs.thre_pending = false;
    return source | (in_fifo_mode(uart) ? IIR_FIFOS : 0);
}

static uint8_t read_lsr(struct uart16550 *uart)
{
    uint8_t status = line_status(uart);

    uart->regs.overrun = false;
    return status;
}

static uint8_t read_msr(struct uart16550 *uart)
{
    uint8_t status = modem_inputs(uart) | uart->regs.modem_deltas;

    uart->regs.modem_deltas = 0;
    return status;
}

static void write_thr(struct uart16550 *uart, uint8_t byte)
{
    uart->regs.thre_pending = false;
    if (uart->regs.tx.count == fifo_capacity(uart)) {
        log_limited(LOG_WARNING, "serial port: a byte written while THRE was clear is lost");
        return;
    }
    fifo_push(&uart->regs.tx, byte);
}

/* "Interrupt Enable Register", bit 1: enabling with an empty transmitter interrupts at once. */
static void write_ier(struct uart16550 *uart, uint8_t value)
{
    bool enabled = value & ~uart->regs.ier & IER_ETBEI;

    uart->regs.ier = value & IER_MASK;
    if (enabled)
        uart->regs.thre_pending = !uart->regs.tx.count;
}

/* "FIFO Control Register": bit 0 must be set for the others to count; a change of it clears both FIFOs and
 * makes the transmitter's interrupt due. */
static void write_fcr(struct uart16550 *uart, uint8_t value)
{
    struct uart16550_registers *regs = &uart->regs;
    bool mode_changed = (value ^ regs->fcr) & FCR_ENABLE;

    if (!(value & FCR_ENABLE))
        value = 0;
    if (mode_changed || (value & FCR_RX_RESET))
        fifo_clear(&regs->rx);
    if (mode_changed || ((value & FCR_TX_RESET) && regs->tx.count)) {
        fifo_clear(&regs->tx);
        regs->thre_pending = true;
    }
    regs->fcr = value;                      /* nobody reads it back, so the reset bits may stay */
}

/* Only what MCR does to the modem inputs can change them: the backend's end of the cable never does. */
static void write_mcr(struct uart16550 *uart, uint8_t value)
{
    uint8_t before = modem_inputs(uart), after;

    uart->regs.mcr = value & MCR_MASK;
    after = modem_inputs(uart);
    uart->regs.modem_deltas |= (before ^ after) >> 4 & (MSR_DCTS | MSR_DDSR | MSR_DDCD);
    uart->regs.modem_deltas |= (before & ~after) >> 4 & MSR_TERI;
}

static uint8_t read_register(struct uart16550 *uart, uint32_t offset)
{
    bool dlab = uart->regs.lcr & LCR_DLAB;

    switch (offset) {
    case UART_RBR: return dlab ? uart->regs.dll : read_rbr(uart);
    case UART_IER: return dlab ? uart->regs.dlm : uart->regs.ier;
    case UART_IIR: return read_iir(uart);
    case UART_LCR: return uart->regs.lcr;
    case UART_MCR: return uart->regs.mcr;
    case UART_LSR: return read_lsr(uart);
    case UART_MSR: return read_msr(uart);
    default:       return uart->regs.scr;
    }
}

static void write_register(struct uart16550 *uart, uint32_t offset, uint8_t value)
{
    bool dlab = uart->regs.lcr & LCR_DLAB;

    switch (offset) {
    case UART_THR:
        if (dlab)
            uart->regs.dll = value;
        else
            write_thr(uart, value);
        break;
    case UART_IER:
        if (dlab)
            uart->regs.dlm = value;
        else
            write_ier(uart, value);
        break;
    case UART_FCR:
        write_fcr(uart, value);
        break;
    case UART_LCR:
        uart->regs.lcr = value;
        break;
    case UART_MCR:
        write_mcr(uart, value);
        break;
    case UART_SCR:
        uart->regs.scr = value;
        break;
    default:                                /* LSR and MSR are for reading */
        break;
    }
}

static uint32_t uart16550_read(void *dev, uint32_t offset, unsigned int size)
{
    struct uart16550 *uart = dev;
    uint8_t value = read_register(uart, offset);

    (void)size;
    uart16550_run(uart);
    return value;
}

static void uart16550_write(void *dev, uint32_t offset, unsigned int size, uint32_t value)
{
    struct uart16550 *uart = dev;

    (void)size;
    write_register(uart, offset, (uint8_t)value);
    uart16550_run(uart);
}

static bool peek_lsr(void *dev, uint32_t offset, uint32_t *value)
{
    const struct uart16550 *uart = dev;

    (void)offset;
    *value = line_status(uart);
    return !uart->regs.overrun;             /* a read would clear it */
}

static const struct io_shadow lsr_shadow = { UART_LSR, 1, peek_lsr, NULL };

const struct io_ops uart16550_ops = {
    .read = uart16550_read, .write = uart16550_write, .sizes = IO_BYTE, .alone = true,
    .shadows = &lsr_shadow, .shadow_count = 1,
};

void uart16550_reset(struct uart16550 *uart)
{
    uart->regs = (struct uart16550_registers){0};
    uart16550_update_irq(uart);
}

void uart16550_init(struct uart16550 *uart, struct char_backend *backend, struct irq_line *irq)
{
    *uart = (struct uart16550){.backend = backend, .irq = irq, .listener.changed = backend_changed};
    if (backend)
        backend->listener = &uart->listener;
    uart16550_reset(uart);
}
