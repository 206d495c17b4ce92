/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The serial port: register accesses of any kind and order, and a far end that sends, takes and stalls as the input
 * says.  What comes out of the wire is what was written to THR, in order; what is read from RBR is what the far end
 * sent, or with loopback what was written.  At the end a driver that starts from the beginning finds the chip working.
 */
#include "check.h"
#include "input.h"
#include "support.h"

#include "devices/uart16550.h"

#define BYTES_MAX 4096u

/* Bytes on their way, of which any may be lost but none comes out of turn. */
struct passage {
    uint8_t bytes[BYTES_MAX];
    unsigned int in, out;
};

static struct machine {
    struct uart16550 uart;
    struct recorded_line line;
    struct char_backend wire;
    unsigned int room, waiting;             /* what the far end takes, and has to send */
    uint8_t next;                           /* byte that it sends */
    bool looped;
    struct passage sent, received;
} m;

static void enter(struct passage *passage, uint8_t byte)
{
    if (passage->in < BYTES_MAX)
        passage->bytes[passage->in++] = byte;
}

static void leave(struct passage *passage, uint8_t byte)
{
    if (passage->in == BYTES_MAX)
        return;
    while (passage->out < passage->in && passage->bytes[passage->out] != byte)
        passage->out++;
    CHECK(passage->out++ < passage->in);
}

static size_t wire_write(struct char_backend *backend, const uint8_t *bytes, size_t length)
{
    (void)backend;
    CHECK(length && length <= UART_FIFO_SIZE && !(m.uart.regs.mcr & MCR_LOOP));
    if (length > m.room)
        length = m.room;
    m.room -= length;
    for (size_t i = 0; i < length; i++)
        leave(&m.sent, bytes[i]);
    return length;
}

static size_t wire_read(struct char_backend *backend, uint8_t *bytes, size_t length)
{
    (void)backend;
    CHECK(length && length <= UART_FIFO_SIZE && !(m.uart.regs.mcr & MCR_LOOP));
    if (length > m.waiting)
        length = m.waiting;
    m.waiting -= length;
    for (size_t i = 0; i < length; i++) {
        bytes[i] = m.next++;
        enter(&m.received, bytes[i]);
    }
    return length;
}

static uint8_t read_register(unsigned int offset)
{
    bool to_rbr = offset == UART_RBR && !(m.uart.regs.lcr & LCR_DLAB);
    bool ready = m.uart.regs.rx.count;
    uint32_t peeked = 0;
    bool promised = uart16550_ops.shadows->peek(&m.uart, UART_LSR, &peeked);
    uint8_t value;

    value = uart16550_ops.read(&m.uart, offset, IO_BYTE);
    CHECK(offset != UART_LSR || !promised || value == peeked);
    if (to_rbr && ready && !m.looped)
        leave(&m.received, value);
    return value;
}

static void write_register(unsigned int offset, uint8_t value)
{
    if (offset == UART_THR && !(m.uart.regs.lcr & LCR_DLAB))
        enter(&m.sent, value);
    m.looped |= offset == UART_MCR && value & MCR_LOOP;
    uart16550_ops.write(&m.uart, offset, IO_BYTE, value);
}

static void wire_changes(uint8_t how)
{
    if (how & 0x80)
        m.room += how & 0x3f;
    else
        m.waiting += how & 0x3f;
    m.uart.listener.changed(&m.uart.listener);
}

enum { READ, WRITE, WRITE_MANY, WIRE, STALL, ACTIONS };

static void act(struct input *input)
{
    uint8_t what = take_u8(input), value;

    switch (what % ACTIONS) {
    case READ:
        read_register(what >> 3 & 7);
        break;
    case WRITE:
        value = take_u8(input);
        write_register(what >> 3 & 7, value);
        break;
    case WRITE_MANY:
        value = take_u8(input);
        for (unsigned int i = 0; i < 20; i++)
            write_register(UART_THR, value++);
        break;
    case WIRE:
        wire_changes(take_u8(input));
        break;
    case STALL:
        m.room = m.waiting = 0;
        break;
    }
}

static void check(void)
{
    const struct uart16550_registers *regs = &m.uart.regs;

    CHECK(regs->rx.count <= UART_FIFO_SIZE && regs->tx.count <= UART_FIFO_SIZE);
    CHECK(!m.line.high || (regs->ier && (regs->mcr & (MCR_OUT2 | MCR_LOOP)) == MCR_OUT2));
    CHECK(!regs->tx.count || !m.room);      /* nothing stays behind that could go */
    CHECK(regs->rx.count || !m.waiting || regs->mcr & MCR_LOOP);
}

/* As Linux's 8250 driver opens a port, with a byte each way. */
static void start(void)
{
    m.room = 64;
    write_register(UART_IER, 0);            /* the latch's, if DLAB is set */
    write_register(UART_LCR, 0x03);
    write_register(UART_IER, 0);
    write_register(UART_MCR, MCR_DTR | MCR_RTS | MCR_OUT2);
    write_register(UART_FCR, FCR_ENABLE);
    write_register(UART_FCR, 0);
    m.waiting = 0;
    write_register(UART_FCR, FCR_ENABLE | FCR_RX_RESET | FCR_TX_RESET);
    read_register(UART_LSR);
    read_register(UART_MSR);
    CHECK(read_register(UART_LSR) == (LSR_THRE | LSR_TEMT));
    write_register(UART_IER, IER_ERBFI);
    CHECK(!m.line.high);
    m.room = 1;
    write_register(UART_THR, 'x');
    CHECK(m.room == 0);
    m.waiting = 1;
    m.uart.listener.changed(&m.uart.listener);
    CHECK(m.line.high);
    CHECK(read_register(UART_RBR) == (uint8_t)(m.next - 1));
    CHECK(!m.line.high);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static const struct char_backend_ops wire_ops = { .write = wire_write, .read = wire_read };
    struct input input = { bytes, length };

    m.room = m.waiting = m.sent.in = m.sent.out = m.received.in = m.received.out = 0;
    m.looped = false;
    m.wire = (struct char_backend){ .ops = &wire_ops };
    recorded_line_init(&m.line);
    uart16550_init(&m.uart, &m.wire, &m.line.line);
    while (input.left) {
        act(&input);
        check();
    }
    start();
    take_log();
    return 0;
}
