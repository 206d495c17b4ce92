/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "support.h"

#include "devices/uart16550.h"

/* A wire with a limited appetite. */
struct test_wire {
    struct char_backend backend;
    uint8_t sent[512], waiting[512];
    size_t sent_count, waiting_first, waiting_count;
    size_t room;                            /* bytes that write() takes before it refuses */
};

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t wire_write(struct char_backend *backend, const uint8_t *bytes, size_t length)
{
    struct test_wire *wire = (struct test_wire *)backend;

    length = smaller(length, wire->room);
    assert_true(wire->sent_count + length <= sizeof(wire->sent));
    memcpy(wire->sent + wire->sent_count, bytes, length);
    wire->sent_count += length;
    wire->room -= length;
    return length;
}

static size_t wire_read(struct char_backend *backend, uint8_t *bytes, size_t length)
{
    struct test_wire *wire = (struct test_wire *)backend;

    length = smaller(length, wire->waiting_count);
    memcpy(bytes, wire->waiting + wire->waiting_first, length);
    wire->waiting_first += length;
    wire->waiting_count -= length;
    return length;
}

struct fixture {
    struct test_wire wire;
    struct recorded_line irq;
    struct uart16550 uart;
};

static void unlimited_wire_init(struct test_wire *wire)
{
    static const struct char_backend_ops ops = {.write = wire_write, .read = wire_read};

    *wire = (struct test_wire){.backend.ops = &ops, .room = SIZE_MAX};
}

static int set_up(void **state)
{
    static struct fixture f;

    unlimited_wire_init(&f.wire);
    recorded_line_init(&f.irq);
    uart16550_init(&f.uart, &f.wire.backend, &f.irq.line);
    *state = &f;
    return 0;
}

/* What a peek promises is what the read finds, and it promises nothing while the read has an effect. */
static uint8_t read_lsr(struct fixture *f)
{
    const struct io_shadow *lsr = uart16550_ops.shadows;
    uint32_t promised = 0, again;
    uint8_t value;
    bool still = lsr->peek(&f->uart, lsr->offset, &promised);

    assert_int_equal(lsr->peek(&f->uart, lsr->offset, &again), still);
    assert_int_equal(again, promised);
    value = (uint8_t)uart16550_ops.read(&f->uart, UART_LSR, IO_BYTE);
    assert_int_equal(promised, value);
    assert_int_equal(still, !(value & LSR_OE));
    return value;
}

static uint8_t in(struct fixture *f, uint32_t offset)
{
    if (offset == UART_LSR)
        return read_lsr(f);
    return (uint8_t)uart16550_ops.read(&f->uart, offset, IO_BYTE);
}

static void out(struct fixture *f, uint32_t offset, uint8_t value)
{
    uart16550_ops.write(&f->uart, offset, IO_BYTE, value);
}

/* The other end of the wire sends. */
static void arrive(struct fixture *f, const char *text, size_t length)
{
    memcpy(f->wire.waiting + f->wire.waiting_first + f->wire.waiting_count, text, length);
    f->wire.waiting_count += length;
    f->wire.backend.listener->changed(f->wire.backend.listener);
}

/* The other end makes room. */
static void make_room(struct fixture *f, size_t room)
{
    f->wire.room = room;
    f->wire.backend.listener->changed(f->wire.backend.listener);
}

static void assert_sent(struct fixture *f, const char *text)
{
    assert_int_equal(f->wire.sent_count, strlen(text));
    assert_memory_equal(f->wire.sent, text, strlen(text));
}

static void registers_after_reset(void **state)
{
    struct fixture *f = *state;

    out(f, UART_LCR, 0x03);
    out(f, UART_MCR, MCR_OUT2);
    out(f, UART_IER, IER_ETBEI);
    assert_true(f->irq.high);
    uart16550_reset(&f->uart);
    assert_false(f->irq.high);
    assert_int_equal(in(f, UART_IER), 0x00);
    assert_int_equal(in(f, UART_IIR), 0x01);
    assert_int_equal(in(f, UART_LCR), 0x00);
    assert_int_equal(in(f, UART_MCR), 0x00);
    assert_int_equal(in(f, UART_LSR), LSR_THRE | LSR_TEMT);
    assert_int_equal(in(f, UART_MSR), MSR_CTS | MSR_DSR | MSR_DCD);
}

static void reserved_bits_read_zero(void **state)
{
    struct fixture *f = *state;

    out(f, UART_IER, 0xff);
    out(f, UART_MCR, 0xff);
    out(f, UART_LCR, 0x7f);
    out(f, UART_SCR, 0xa5);
    assert_int_equal(in(f, UART_IER), 0x0f);
    assert_int_equal(in(f, UART_MCR), 0x1f);
    assert_int_equal(in(f, UART_LCR), 0x7f);
    assert_int_equal(in(f, UART_SCR), 0xa5);
}

static void divisor_latch_hides_data_and_ier(void **state)
{
    struct fixture *f = *state;

    out(f, UART_IER, 0x05);
    out(f, UART_LCR, LCR_DLAB | 0x03);
    out(f, UART_DLL, 0x0c);
    out(f, UART_DLM, 0x01);
    assert_int_equal(in(f, UART_DLL), 0x0c);
    assert_int_equal(in(f, UART_DLM), 0x01);
    out(f, UART_LCR, 0x03);
    assert_int_equal(in(f, UART_IER), 0x05);
    assert_int_equal(f->wire.sent_count, 0);
}

static void status_registers_ignore_writes(void **state)
{
    struct fixture *f = *state;

    out(f, UART_LSR, 0xff);
    out(f, UART_MSR, 0xff);
    assert_int_equal(in(f, UART_LSR), LSR_THRE | LSR_TEMT);
    assert_int_equal(in(f, UART_MSR), MSR_CTS | MSR_DSR | MSR_DCD);
}

static void transmits(void **state)
{
    struct fixture *f = *state;

    for (const char *c = "hello"; *c; c++) {
        assert_int_equal(in(f, UART_LSR) & (LSR_THRE | LSR_TEMT), LSR_THRE | LSR_TEMT);
        out(f, UART_THR, (uint8_t)*c);
    }
    assert_sent(f, "hello");
}

static void unconnected_port_swallows_bytes(void **state)
{
    struct fixture *f = *state;

    uart16550_init(&f->uart, NULL, &f->irq.line);
    out(f, UART_THR, 'x');
    assert_int_equal(in(f, UART_LSR), LSR_THRE | LSR_TEMT);
    assert_int_equal(in(f, UART_MSR), 0);
}

static void full_wire_holds_the_transmitter(void **state)
{
    struct fixture *f = *state;

    f->wire.room = 0;
    out(f, UART_MCR, MCR_OUT2);
    out(f, UART_FCR, FCR_ENABLE);
    out(f, UART_IER, IER_ETBEI);
    assert_int_equal(in(f, UART_IIR), IIR_FIFOS | IIR_THR_EMPTY);
    for (const char *c = "0123456789abcdef"; *c; c++)
        out(f, UART_THR, (uint8_t)*c);
    assert_int_equal(in(f, UART_LSR) & (LSR_THRE | LSR_TEMT), 0);
    assert_int_equal(in(f, UART_IIR), IIR_FIFOS | IIR_NONE);

    make_room(f, 10);
    assert_sent(f, "0123456789");
    assert_int_equal(in(f, UART_LSR) & (LSR_THRE | LSR_TEMT), 0);
    assert_false(f->irq.high);

    make_room(f, 6);
    assert_sent(f, "0123456789abcdef");
    assert_int_equal(in(f, UART_LSR), LSR_THRE | LSR_TEMT);
    assert_true(f->irq.high);
    assert_int_equal(in(f, UART_IIR), IIR_FIFOS | IIR_THR_EMPTY);
}

static void bytes_beyond_the_transmit_fifo_are_lost(void **state)
{
    struct fixture *f = *state;

    take_log();
    f->wire.room = 0;
    out(f, UART_FCR, FCR_ENABLE);
    for (const char *c = "0123456789abcdefX"; *c; c++)
        out(f, UART_THR, (uint8_t)*c);
    assert_non_null(strstr(take_log(), "lost"));
    make_room(f, SIZE_MAX);
    assert_sent(f, "0123456789abcdef");
}

static void character_mode_has_one_byte_of_room(void **state)
{
    struct fixture *f = *state;

    f->wire.room = 0;
    out(f, UART_THR, 'a');
    out(f, UART_THR, 'b');
    arrive(f, "xy", 2);
    assert_int_equal(f->wire.waiting_count, 1);
    make_room(f, SIZE_MAX);
    assert_sent(f, "a");
    assert_int_equal(in(f, UART_RBR), 'x');
    assert_int_equal(in(f, UART_RBR), 'y');
}

static void thre_interrupt_comes_with_its_enable(void **state)
{
    struct fixture *f = *state;

    out(f, UART_MCR, MCR_OUT2);
    out(f, UART_IER, IER_ETBEI);
    assert_true(f->irq.high);
    assert_int_equal(in(f, UART_IIR), IIR_THR_EMPTY);   /* and reading acknowledges */
    assert_false(f->irq.high);
    assert_int_equal(in(f, UART_IIR), IIR_NONE);
    out(f, UART_IER, IER_ETBEI);                        /* no edge of the enable */
    assert_int_equal(in(f, UART_IIR), IIR_NONE);
    out(f, UART_IER, 0);
    out(f, UART_IER, IER_ETBEI);
    assert_true(f->irq.high);
}

static void thre_interrupt_follows_each_byte(void **state)
{
    struct fixture *f = *state;

    out(f, UART_MCR, MCR_OUT2);
    out(f, UART_IER, IER_ETBEI);
    in(f, UART_IIR);
    for (unsigned int i = 0; i < 3; i++) {
        unsigned int rises = f->irq.rises;

        out(f, UART_THR, 'x');
        assert_int_equal(f->irq.rises, rises + 1);
        assert_int_equal(in(f, UART_IIR), IIR_THR_EMPTY);
        assert_false(f->irq.high);
    }
}

static void writing_thr_ends_the_thre_interrupt(void **state)
{
    struct fixture *f = *state;

    out(f, UART_IER, IER_ETBEI);
    f->wire.room = 0;
    out(f, UART_THR, 'x');
    assert_int_equal(in(f, UART_IIR), IIR_NONE);
}

static void iir_reports_by_priority_and_acknowledges_only_what_it_reports(void **state)
{
    struct fixture *f = *state;

    out(f, UART_MCR, MCR_LOOP);
    out(f, UART_THR, 'a');
    out(f, UART_THR, 'b');                              /* overrun: nobody has read 'a' */
    out(f, UART_MCR, MCR_LOOP | MCR_DTR);
    out(f, UART_IER, IER_MASK);
    assert_int_equal(in(f, UART_IIR), IIR_LINE_STATUS);
    assert_int_equal(in(f, UART_LSR) & (LSR_OE | LSR_DR), LSR_OE | LSR_DR);
    assert_int_equal(in(f, UART_IIR), IIR_RX_DATA);
    assert_int_equal(in(f, UART_RBR), 'b');
    assert_int_equal(in(f, UART_IIR), IIR_THR_EMPTY);
    assert_int_equal(in(f, UART_IIR), IIR_MODEM);
    in(f, UART_MSR);
    assert_int_equal(in(f, UART_IIR), IIR_NONE);
}

static void irq_needs_out2_and_no_loopback(void **state)
{
    struct fixture *f = *state;

    out(f, UART_IER, IER_ETBEI);
    assert_false(f->irq.high);
    out(f, UART_MCR, MCR_OUT2);
    assert_true(f->irq.high);
    out(f, UART_MCR, MCR_OUT2 | MCR_LOOP);
    assert_false(f->irq.high);
    assert_int_equal(in(f, UART_IIR), IIR_THR_EMPTY);   /* "fully operational" inside */
}

static void receives_without_loss(void **state)
{
    struct fixture *f = *state;
    char text[300];

    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (char)i;
    out(f, UART_FCR, FCR_ENABLE);
    arrive(f, text, sizeof(text));
    assert_int_equal(f->wire.waiting_count, sizeof(text) - UART_FIFO_SIZE);
    for (size_t i = 0; i < sizeof(text); i++) {
        assert_int_equal(in(f, UART_LSR), LSR_DR | LSR_THRE | LSR_TEMT);
        assert_int_equal(in(f, UART_RBR), (uint8_t)text[i]);
    }
    assert_int_equal(in(f, UART_LSR), LSR_THRE | LSR_TEMT);
}

static void any_access_finds_bytes_without_being_told(void **state)
{
    struct fixture *f = *state;

    f->wire.waiting[0] = 'p';
    f->wire.waiting_count = 1;
    in(f, UART_SCR);
    assert_true(in(f, UART_LSR) & LSR_DR);
    assert_int_equal(in(f, UART_RBR), 'p');
}

static void receiver_triggers_at_its_level(void **state)
{
    static const struct { uint8_t fcr, level; } levels[] = {{0x01, 1}, {0x41, 4}, {0x81, 8}, {0xc1, 14}};
    struct fixture *f = *state;

    out(f, UART_IER, IER_ERBFI);
    for (unsigned int i = 0; i < 4; i++) {
        out(f, UART_FCR, levels[i].fcr | FCR_RX_RESET);
        for (unsigned int n = 1; n <= UART_FIFO_SIZE; n++) {
            arrive(f, "x", 1);
            assert_int_equal(in(f, UART_IIR), IIR_FIFOS | (n < levels[i].level ? IIR_RX_TIMEOUT : IIR_RX_DATA));
        }
        for (unsigned int n = UART_FIFO_SIZE; n; n--) {
            assert_int_equal(in(f, UART_IIR), IIR_FIFOS | (n < levels[i].level ? IIR_RX_TIMEOUT : IIR_RX_DATA));
            in(f, UART_RBR);
        }
        assert_int_equal(in(f, UART_IIR), IIR_FIFOS | IIR_NONE);
    }
}

/* A driver that reads one byte an interrupt must be interrupted again for the next. */
static void each_timeout_is_an_edge(void **state)
{
    struct fixture *f = *state;

    out(f, UART_MCR, MCR_OUT2);
    out(f, UART_FCR, FCR_ENABLE | 0xc0);
    out(f, UART_IER, IER_ERBFI);
    arrive(f, "abc", 3);
    assert_int_equal(f->irq.rises, 1);
    in(f, UART_RBR);
    assert_int_equal(f->irq.rises, 2);
    in(f, UART_RBR);
    assert_int_equal(f->irq.rises, 3);
    in(f, UART_RBR);
    assert_int_equal(f->irq.rises, 3);
    assert_false(f->irq.high);
}

static void character_mode_has_no_timeout(void **state)
{
    struct fixture *f = *state;

    out(f, UART_IER, IER_ERBFI);
    arrive(f, "a", 1);
    assert_int_equal(in(f, UART_IIR), IIR_RX_DATA);
}

static void fifo_control(void **state)
{
    struct fixture *f = *state;

    out(f, UART_FCR, 0xc0);                             /* FCR0 = 0: nothing else counts */
    assert_int_equal(in(f, UART_IIR), IIR_NONE);
    arrive(f, "a", 1);
    out(f, UART_FCR, FCR_RX_RESET);
    assert_true(in(f, UART_LSR) & LSR_DR);
    assert_int_equal(in(f, UART_RBR), 'a');
    out(f, UART_FCR, FCR_ENABLE);
    assert_int_equal(in(f, UART_IIR), IIR_FIFOS | IIR_NONE);

    arrive(f, "abc", 3);
    out(f, UART_FCR, FCR_ENABLE | FCR_RX_RESET);
    assert_false(in(f, UART_LSR) & LSR_DR);

    f->wire.room = 0;
    out(f, UART_THR, 'x');
    out(f, UART_FCR, FCR_ENABLE | FCR_TX_RESET);
    assert_int_equal(in(f, UART_LSR), LSR_THRE | LSR_TEMT);
    make_room(f, SIZE_MAX);
    assert_int_equal(f->wire.sent_count, 0);

    arrive(f, "abc", 3);
    out(f, UART_FCR, 0);                                /* leaving FIFO mode clears the FIFO */
    assert_false(in(f, UART_LSR) & LSR_DR);
    assert_int_equal(in(f, UART_IIR), IIR_NONE);
}

static void mode_change_makes_the_thre_interrupt_due(void **state)
{
    struct fixture *f = *state;

    out(f, UART_IER, IER_ETBEI);
    in(f, UART_IIR);
    out(f, UART_FCR, FCR_ENABLE | FCR_TX_RESET);
    assert_int_equal(in(f, UART_IIR), IIR_FIFOS | IIR_THR_EMPTY);
    out(f, UART_FCR, FCR_ENABLE | FCR_TX_RESET);        /* was empty already */
    assert_int_equal(in(f, UART_IIR), IIR_FIFOS | IIR_NONE);
}

static void loopback_connects_modem_lines(void **state)
{
    static const struct { uint8_t mcr, msr; } pairs[] = {
        {MCR_DTR, MSR_DSR}, {MCR_RTS, MSR_CTS}, {MCR_OUT1, MSR_RI}, {MCR_OUT2, MSR_DCD},
    };
    struct fixture *f = *state;

    for (unsigned int i = 0; i < 4; i++) {
        out(f, UART_MCR, MCR_LOOP | pairs[i].mcr);
        assert_int_equal(in(f, UART_MSR) & 0xf0, pairs[i].msr);
    }
}

static void modem_deltas(void **state)
{
    struct fixture *f = *state;

    out(f, UART_MCR, MCR_LOOP);                         /* the backend's three lines go off */
    assert_int_equal(in(f, UART_MSR), MSR_DCTS | MSR_DDSR | MSR_DDCD);
    assert_int_equal(in(f, UART_MSR), 0);
    out(f, UART_MCR, MCR_LOOP | MCR_OUT1);              /* RI on: not a trailing edge */
    assert_int_equal(in(f, UART_MSR), MSR_RI);
    out(f, UART_MCR, MCR_LOOP);
    assert_int_equal(in(f, UART_MSR), MSR_TERI);
    out(f, UART_IER, IER_EDSSI);
    out(f, UART_MCR, MCR_LOOP | MCR_RTS);
    assert_int_equal(in(f, UART_IIR), IIR_MODEM);
    assert_int_equal(in(f, UART_MSR), MSR_CTS | MSR_DCTS);
    assert_int_equal(in(f, UART_IIR), IIR_NONE);
}

static void loopback_keeps_bytes_inside_and_the_wire_out(void **state)
{
    struct fixture *f = *state;

    out(f, UART_FCR, FCR_ENABLE);
    out(f, UART_MCR, MCR_LOOP);
    arrive(f, "outside", 7);
    out(f, UART_THR, 'i');
    assert_int_equal(f->wire.sent_count, 0);
    assert_int_equal(in(f, UART_RBR), 'i');
    assert_false(in(f, UART_LSR) & LSR_DR);
    out(f, UART_MCR, 0);
    assert_int_equal(in(f, UART_RBR), 'o');
}

static void loopback_overruns(void **state)
{
    struct fixture *f = *state;

    out(f, UART_FCR, FCR_ENABLE);
    out(f, UART_MCR, MCR_LOOP);
    for (unsigned int i = 0; i < UART_FIFO_SIZE + 2; i++)
        out(f, UART_THR, (uint8_t)i);
    assert_true(in(f, UART_LSR) & LSR_OE);
    assert_false(in(f, UART_LSR) & LSR_OE);             /* reading clears */
    for (unsigned int i = 0; i < UART_FIFO_SIZE; i++)
        assert_int_equal(in(f, UART_RBR), i);
    assert_false(in(f, UART_LSR) & LSR_DR);
}

/* What Linux's 8250 driver does to tell what it has: autoconfig(), autoconfig_16550a(), size_fifo(). */
static void linux_finds_a_16550a(void **state)
{
    struct fixture *f = *state;
    unsigned int count;

    out(f, UART_IER, 0);
    assert_int_equal(in(f, UART_IER) & 0x0f, 0x00);
    out(f, UART_IER, 0x0f);
    assert_int_equal(in(f, UART_IER) & 0x0f, 0x0f);
    out(f, UART_IER, 0);

    out(f, UART_MCR, MCR_LOOP | MCR_OUT2 | MCR_RTS);
    assert_int_equal(in(f, UART_MSR) & 0xf0, MSR_DCD | MSR_CTS);
    out(f, UART_MCR, 0);

    out(f, UART_LCR, 0xbf);
    out(f, UART_FCR, 0);                                /* an EFR, were it a 16650 */
    out(f, UART_LCR, 0);
    out(f, UART_FCR, FCR_ENABLE);
    assert_int_equal(in(f, UART_IIR) >> 6, 3);

    out(f, UART_LCR, LCR_DLAB);
    assert_int_not_equal(in(f, UART_IIR), 0);           /* no EFR */
    out(f, UART_LCR, 0xbf);
    assert_int_not_equal(in(f, UART_IIR), 0);
    out(f, UART_LCR, 0);
    out(f, UART_FCR, FCR_ENABLE | 0x20);                /* no 16750's 64 byte mode */
    assert_int_equal(in(f, UART_IIR) & 0xe0, 0xc0);
    out(f, UART_LCR, LCR_DLAB);
    out(f, UART_FCR, FCR_ENABLE | 0x20);
    assert_int_equal(in(f, UART_IIR) & 0xe0, 0xc0);
    out(f, UART_LCR, 0);
    out(f, UART_IER, 0x40);                             /* no XScale's UUE */
    assert_int_equal(in(f, UART_IER), 0);

    out(f, UART_FCR, FCR_ENABLE | FCR_RX_RESET | FCR_TX_RESET);
    out(f, UART_MCR, MCR_LOOP);
    out(f, UART_LCR, LCR_DLAB);
    out(f, UART_DLL, 1);
    out(f, UART_DLM, 0);
    out(f, UART_LCR, 0x03);
    for (count = 0; count < 256; count++)
        out(f, UART_THR, (uint8_t)count);
    for (count = 0; (in(f, UART_LSR) & LSR_DR) && count < 256; count++)
        in(f, UART_RBR);
    assert_int_equal(count, 16);
}

/* serial8250_do_startup(): a transmitter interrupt that is lost or late makes the driver fall back to a timer. */
static void linux_trusts_the_thre_interrupt(void **state)
{
    struct fixture *f = *state;

    out(f, UART_IER, IER_ETBEI);
    assert_int_equal(in(f, UART_IIR), IIR_THR_EMPTY);
    out(f, UART_IER, 0);
    out(f, UART_IER, IER_ETBEI);
    assert_int_equal(in(f, UART_IIR), IIR_THR_EMPTY);   /* no UART_BUG_THRE */
    out(f, UART_IER, 0);

    out(f, UART_LCR, 0x03);
    out(f, UART_MCR, MCR_OUT2 | MCR_DTR | MCR_RTS);
    out(f, UART_IER, IER_ETBEI);
    assert_true(in(f, UART_LSR) & LSR_TEMT);
    assert_int_equal(in(f, UART_IIR), IIR_THR_EMPTY);   /* no UART_BUG_TXEN */
    out(f, UART_IER, 0);
    assert_false(f->irq.high);
}

/* SeaBIOS' detect_serial() and its INT 14h services 0 to 2. */
static void seabios_detects_and_uses_it(void **state)
{
    struct fixture *f = *state;

    out(f, UART_IER, 0x02);
    assert_int_equal(in(f, UART_IER), 0x02);
    assert_int_equal(in(f, UART_IIR) & 0x3f, 0x02);
    out(f, UART_IER, 0x00);

    out(f, UART_LCR, in(f, UART_LCR) | LCR_DLAB);
    out(f, UART_DLL, 0x0c);
    out(f, UART_DLM, 0x00);
    out(f, UART_LCR, 0x03);
    assert_int_equal(in(f, UART_LSR) & 0x60, 0x60);
    out(f, UART_THR, 'S');
    assert_sent(f, "S");
    arrive(f, "k", 1);
    assert_int_equal(in(f, UART_LSR) & 0x01, 0x01);
    assert_int_equal(in(f, UART_RBR), 'k');
}

/* GRUB's ns8250 driver: FIFO on, DTR, RTS and OUT2, then polling both ways. */
static void grub_polls_it(void **state)
{
    struct fixture *f = *state;

    out(f, UART_SCR, 0x5a);                             /* is there a port? */
    assert_int_equal(in(f, UART_SCR), 0x5a);
    out(f, UART_IER, 0);
    out(f, UART_LCR, LCR_DLAB);
    out(f, UART_DLL, 1);
    out(f, UART_DLM, 0);
    out(f, UART_LCR, 0x03);
    out(f, UART_FCR, 0xc7);
    out(f, UART_MCR, 0x0b);
    while (in(f, UART_LSR) & LSR_DR)
        in(f, UART_RBR);
    for (const char *c = "GRUB"; *c; c++) {
        assert_true(in(f, UART_LSR) & LSR_THRE);
        out(f, UART_THR, (uint8_t)*c);
    }
    assert_sent(f, "GRUB");
    assert_false(f->irq.high);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(registers_after_reset, set_up),
        cmocka_unit_test_setup(reserved_bits_read_zero, set_up),
        cmocka_unit_test_setup(divisor_latch_hides_data_and_ier, set_up),
        cmocka_unit_test_setup(status_registers_ignore_writes, set_up),
        cmocka_unit_test_setup(transmits, set_up),
        cmocka_unit_test_setup(unconnected_port_swallows_bytes, set_up),
        cmocka_unit_test_setup(full_wire_holds_the_transmitter, set_up),
        cmocka_unit_test_setup(bytes_beyond_the_transmit_fifo_are_lost, set_up),
        cmocka_unit_test_setup(character_mode_has_one_byte_of_room, set_up),
        cmocka_unit_test_setup(thre_interrupt_comes_with_its_enable, set_up),
        cmocka_unit_test_setup(thre_interrupt_follows_each_byte, set_up),
        cmocka_unit_test_setup(writing_thr_ends_the_thre_interrupt, set_up),
        cmocka_unit_test_setup(iir_reports_by_priority_and_acknowledges_only_what_it_reports, set_up),
        cmocka_unit_test_setup(irq_needs_out2_and_no_loopback, set_up),
        cmocka_unit_test_setup(receives_without_loss, set_up),
        cmocka_unit_test_setup(any_access_finds_bytes_without_being_told, set_up),
        cmocka_unit_test_setup(receiver_triggers_at_its_level, set_up),
        cmocka_unit_test_setup(each_timeout_is_an_edge, set_up),
        cmocka_unit_test_setup(character_mode_has_no_timeout, set_up),
        cmocka_unit_test_setup(fifo_control, set_up),
        cmocka_unit_test_setup(mode_change_makes_the_thre_interrupt_due, set_up),
        cmocka_unit_test_setup(loopback_connects_modem_lines, set_up),
        cmocka_unit_test_setup(modem_deltas, set_up),
        cmocka_unit_test_setup(loopback_keeps_bytes_inside_and_the_wire_out, set_up),
        cmocka_unit_test_setup(loopback_overruns, set_up),
        cmocka_unit_test_setup(linux_finds_a_16550a, set_up),
        cmocka_unit_test_setup(linux_trusts_the_thre_interrupt, set_up),
        cmocka_unit_test_setup(seabios_detects_and_uses_it, set_up),
        cmocka_unit_test_setup(grub_polls_it, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
