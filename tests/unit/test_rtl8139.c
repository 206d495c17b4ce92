/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Registers, filters, C mode as Linux' 8139too works it, the timer. */
#include "rtl8139_host.h"

#include "devices/net/rtl8139_internal.h"

static struct rtl8139_host host, *const h = &host;
static uint8_t bytes[4096];

static int set_up(void **state)
{
    (void)state;
    rtl8139_host_init(h);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rtl8139_host_free(h);
    take_log();
    return 0;
}

static uint32_t config(unsigned int offset, unsigned int size)
{
    return pci_function_read(&h->chip.card.function, offset, size);
}

/* --- registers ----------------------------------------------------------------------------------------------- */

static void test_configuration_space(void **state)
{
    (void)state;
    assert_int_equal(config(PCI_VENDOR_ID, 4), 0x813910ec);
    assert_int_equal(config(PCI_REVISION_ID, 1), 0x20);
    assert_int_equal(config(PCI_CLASS_CODE + 1, 2), 0x0200);
    assert_int_equal(config(PCI_INTERRUPT_PIN, 1), 1);
    pci_function_write(&h->chip.card.function, PCI_BASE_ADDRESS(0), 4, 0xffffffff);
    pci_function_write(&h->chip.card.function, PCI_BASE_ADDRESS(1), 4, 0xffffffff);
    assert_int_equal(config(PCI_BASE_ADDRESS(0), 4), 0xffffff01);
    assert_int_equal(config(PCI_BASE_ADDRESS(1), 4), 0xffffff00);
    pci_function_write(&h->chip.card.function, PCI_BASE_ADDRESS(0), 4, 0xc000);
    pci_function_write(&h->chip.card.function, PCI_BASE_ADDRESS(1), 4, 0xf3000000);
    assert_true(h->ports.enabled && h->ports.base == 0xc000);
    assert_true(h->registers.enabled && h->registers.base == 0xf3000000);
}

static void test_power_on(void **state)
{
    (void)state;
    assert_int_equal(rtl_in32(h, RTL_IDR0), 0x12005452);
    assert_int_equal(rtl_in32(h, RTL_IDR4), 0x5634);
    assert_int_equal(rtl_in32(h, RTL_TCR), 0x74800000);
    assert_int_equal(rtl_in8(h, RTL_TCR + 3), 0x74);
    assert_int_equal(rtl_in8(h, RTL_CR), CR_BUFE);
    assert_int_equal(rtl_in16(h, RTL_CAPR), 0xfff0);
    assert_int_equal(rtl_in32(h, RTL_TSD0), TSD_OWN);
    assert_int_equal(rtl_in16(h, RTL_TSAD), 0x000f);
    assert_int_equal(rtl_in16(h, RTL_BMSR), 0x782d);
    assert_int_equal(rtl_in16(h, RTL_ANLPAR), 0x45e1);
    assert_false(rtl_in8(h, RTL_MSR) & MSR_LINKB);
    assert_int_equal(rtl_in32(h, 0xda), 0);     /* the RTL8169 has registers there, by which iPXE knows it */
    assert_int_equal(rtl_in8(h, 0xff), 0);
    assert_false(h->irq.high);
}

/* A wide access is what it is to each of the registers it covers. */
static void test_widths(void **state)
{
    (void)state;
    rtl_out32(h, RTL_IMR, 0xffff8001);          /* and ISR */
    assert_int_equal(rtl_in32(h, RTL_IMR), 0x8001);
    rtl_out8(h, RTL_IMR + 1, 0x40);
    assert_int_equal(rtl_in16(h, RTL_IMR), 0x4001);
    rtl_cause(&h->chip, INT_ROK | INT_SERR);
    rtl_out8(h, RTL_ISR, 0xff);                 /* the lower half only */
    assert_int_equal(rtl_in16(h, RTL_ISR), INT_SERR);
    rtl_out32(h, RTL_ERBCR, 0x0c000000);        /* CR in the upper byte */
    assert_int_equal(rtl_in8(h, RTL_CR) & ~CR_BUFE, CR_RE | CR_TE);
    rtl_out8(h, RTL_TCR + 1, 0x07);
    assert_int_equal(rtl_in32(h, RTL_TCR), 0x74800700);
    rtl_out16(h, RTL_RBSTART + 2, 0x1234);
    assert_int_equal(rtl_in32(h, RTL_RBSTART), 0x12340000);
    assert_int_equal(rtl_in16(h, RTL_RBSTART + 1), 0x3400);
    rtl_out32(h, 0xfd, 0x12345678);             /* leads over the end: nothing is there */
    assert_int_equal(rtl_in32(h, 0xfd), 0);
}

static void test_config_lock(void **state)
{
    (void)state;
    rtl_out8(h, RTL_CONFIG1, 0xff);
    rtl_out32(h, RTL_IDR0, 0);
    rtl_out16(h, RTL_BMCR, 0);
    assert_int_equal(rtl_in8(h, RTL_CONFIG1), 0x0c);
    assert_int_equal(rtl_in32(h, RTL_IDR0), 0x12005452);
    assert_int_equal(rtl_in16(h, RTL_BMCR), BMCR_ANE);
    rtl_out8(h, RTL_9346CR, EEM_CONFIG);
    rtl_out8(h, RTL_CONFIG1, 0xff);
    rtl_out32(h, RTL_IDR0, 0x44332211);
    rtl_out16(h, RTL_BMCR, BMCR_DUPLEX);
    assert_int_equal(rtl_in8(h, RTL_CONFIG1), 0xff);
    assert_int_equal(rtl_in32(h, RTL_IDR0), 0x44332211);
    assert_int_equal(rtl_in16(h, RTL_BMCR), BMCR_DUPLEX);
    assert_true(rtl_in8(h, RTL_MSR) & MSR_SPEED_10);
    assert_int_equal(rtl_in16(h, RTL_BMSR), 0x780d);
    assert_int_equal(rtl_in16(h, RTL_ANLPAR), 0);
    rtl_out8(h, RTL_9346CR, 0);
    rtl_out16(h, RTL_BMCR, BMCR_RESET);
    assert_int_equal(rtl_in16(h, RTL_BMCR), BMCR_ANE);
}

static void test_software_reset(void **state)
{
    (void)state;
    open_8139too(h);
    rtl_out32(h, RTL_MAR0, 0x12345678);
    rtl_out8(h, RTL_9346CR, EEM_CONFIG);
    rtl_out32(h, RTL_IDR0, 0x44332211);
    rtl_cause(&h->chip, INT_ROK);
    rtl_out8(h, RTL_CR, CR_RST | CR_RE);
    assert_false(h->irq.high);
    assert_int_equal(rtl_in8(h, RTL_CR), CR_BUFE);
    assert_int_equal(rtl_in32(h, RTL_RCR), 0);
    assert_int_equal(rtl_in32(h, RTL_TCR), TCR_HWVERID);
    assert_int_equal(rtl_in32(h, RTL_MAR0), 0x12345678);
    assert_int_equal(rtl_in32(h, RTL_IDR0), 0x44332211);
    rtl_out8(h, RTL_9346CR, EEM_AUTO_LOAD);
    assert_int_equal(rtl_in8(h, RTL_9346CR), 0);
    assert_int_equal(rtl_in32(h, RTL_IDR0), 0x12005452);
    assert_int_equal(rtl_in32(h, RTL_MAR0), 0);
}

/* Linux asks for word 0 as if the chip had 8 address bits first, to see which it is. */
static void test_eeprom(void **state)
{
    (void)state;
    assert_int_not_equal(read_eeprom(h, 0, 8), 0x8129);
    assert_int_equal(read_eeprom(h, 0, 6), 0x8129);
    assert_int_equal(read_eeprom(h, 1, 6), 0x10ec);
    assert_int_equal(read_eeprom(h, 7, 6), 0x5452);
    assert_int_equal(read_eeprom(h, 8, 6), 0x1200);
    assert_int_equal(read_eeprom(h, 9, 6), 0x5634);
}

static void instruct(uint32_t bits, unsigned int count)
{
    rtl_out8(h, RTL_9346CR, EEM_PROGRAM);
    rtl_out8(h, RTL_9346CR, EEM_PROGRAM | EECS);
    while (count--) {
        uint8_t di = bits >> count & 1 ? EEDI : 0;

        rtl_out8(h, RTL_9346CR, EEM_PROGRAM | EECS | di);
        rtl_out8(h, RTL_9346CR, EEM_PROGRAM | EECS | EESK | di);
    }
    rtl_out8(h, RTL_9346CR, 0);
}

static void test_eeprom_programming(void **state)
{
    (void)state;
    instruct(0x145u << 16 | 0xbeef, 25);    /* WRITE, which is not enabled */
    assert_int_equal(read_eeprom(h, 5, 6), 0x4020);
    instruct(0x130, 9);                     /* EWEN */
    instruct(0x145u << 12 | 0xbee, 21);     /* not all of it */
    assert_int_equal(read_eeprom(h, 5, 6), 0x4020);
    instruct(0x145u << 16 | 0xbeef, 25);
    assert_int_equal(read_eeprom(h, 5, 6), 0xbeef);
    assert_int_equal(read_eeprom(h, 4, 6), 0x8139);
    instruct(0x1c5, 9);                     /* ERASE */
    assert_int_equal(read_eeprom(h, 5, 6), 0xffff);
    instruct(0x110u << 16 | 0x1234, 25);    /* WRAL */
    assert_int_equal(read_eeprom(h, 0, 6), 0x1234);
    assert_int_equal(read_eeprom(h, 63, 6), 0x1234);
    instruct(0x100, 9);                     /* EWDS */
    instruct(0x120, 9);                     /* ERAL */
    assert_int_equal(read_eeprom(h, 63, 6), 0x1234);
}

static void test_link(void **state)
{
    (void)state;
    open_8139too(h);
    wire_link(&h->wire, false);
    assert_true(h->irq.high);
    assert_int_equal(rtl_in16(h, RTL_ISR), INT_PUN);
    assert_int_equal(rtl_in16(h, RTL_BMSR), 0x7809);
    assert_int_equal(rtl_in16(h, RTL_ANLPAR), 0);
    assert_true(rtl_in8(h, RTL_MSR) & MSR_LINKB);
    rtl_out16(h, RTL_ISR, INT_PUN);
    assert_false(h->irq.high);
    wire_link(&h->wire, true);
    assert_int_equal(rtl_in16(h, RTL_BMSR), 0x782d);
    assert_true(h->irq.high);
}

/* --- filters ------------------------------------------------------------------------------------------------- */

static bool lets_in(uint32_t rcr, const uint8_t *to)
{
    uint16_t before = rtl_in16(h, RTL_CBR);

    rtl_out32(h, RTL_RCR, 0xf780 | rcr);
    push_frame(h, bytes, plain_frame(bytes, to, 60), NET_CHECKSUM_UNKNOWN);
    return rtl_in16(h, RTL_CBR) != before;
}

static void test_filters(void **state)
{
    static const uint8_t another[6] = { 0x52, 0x54, 0x00, 0x12, 0x34, 0x57 };
    static const uint8_t router[6] = { 0x33, 0x33, 0x00, 0x00, 0x00, 0x02 };

    (void)state;
    open_8139too(h);
    assert_false(lets_in(0, rtl_here));
    assert_false(lets_in(0, rtl_broadcast));
    assert_true(lets_in(RCR_APM, rtl_here));
    assert_false(lets_in(RCR_APM, another));
    assert_false(lets_in(RCR_APM, rtl_broadcast));
    assert_true(lets_in(RCR_AAP, another));
    assert_true(lets_in(RCR_AAP, rtl_here));
    assert_false(lets_in(RCR_AAP, rtl_broadcast));
    assert_true(lets_in(RCR_AB, rtl_broadcast));
    assert_false(lets_in(RCR_AM, rtl_multicast));
    /* Linux: ether_crc() >> 26 is 31 for 01:00:5e:00:00:01 */
    rtl_out32(h, RTL_MAR0, 1u << 31);
    assert_true(lets_in(RCR_AM, rtl_multicast));
    assert_false(lets_in(RCR_APM | RCR_AB | RCR_AAP, rtl_multicast));
    assert_false(lets_in(RCR_AM, router));
    rtl_out32(h, RTL_MAR0, ~(1u << 31));
    rtl_out32(h, RTL_MAR4, 0xffffffff);
    assert_false(lets_in(RCR_AM, rtl_multicast));
    rtl_out8(h, RTL_CR, CR_TE);
    assert_false(lets_in(RCR_AAP, rtl_here));
}

/* --- C mode -------------------------------------------------------------------------------------------------- */

static void send_too(unsigned int n, uint32_t length)
{
    plain_frame(h->memory.bytes + TX_BUFFERS + 0x800 * n, rtl_there, length);
    rtl_out32(h, RTL_TSD0 + 4 * n, 0x00080000 | length);
}

static void test_c_transmit(void **state)
{
    (void)state;
    open_8139too(h);
    h->wire.deferred = true;
    for (unsigned int n = 0; n < 4; n++)
        send_too(n, 60 + 400 * n);
    assert_int_equal(packets_out(h), 4);
    assert_int_equal(rtl_in16(h, RTL_TSAD), 0);
    rtl_out32(h, RTL_TSD0, 1000);               /* the chip's now */
    assert_int_equal(rtl_in32(h, RTL_TSD0), 0x0008003c);
    assert_false(h->irq.high);
    wire_complete(&h->wire, 0);
    assert_true(h->irq.high);
    assert_int_equal(rtl_in16(h, RTL_ISR), INT_TOK);
    assert_int_equal(rtl_in32(h, RTL_TSD0), 0x0008003c | TSD_OWN | TSD_TOK);
    assert_int_equal(rtl_in16(h, RTL_TSAD), 0x1001);
    rtl_out16(h, RTL_ISR, INT_TOK);
    assert_false(h->irq.high);
    send_too(0, 1514);                      /* round again */
    while (wire_complete(&h->wire, 0))
        ;
    assert_int_equal(h->wire.sent, 5);
    for (unsigned int n = 0; n < 4; n++) {
        assert_int_equal(h->wire.frames[n].length, 60 + 400 * n);
        plain_frame(bytes, rtl_there, 60 + 400 * n);
        assert_memory_equal(h->wire.frames[n].bytes, bytes, 60 + 400 * n);
    }
    assert_int_equal(h->wire.frames[4].length, 1514);
    assert_int_equal(rtl_in16(h, RTL_TSAD), 0xf00f);
    assert_true(h->wire.flushes >= 5);
}

/* Buffers are sent in their order, not in that of the writes. */
static void test_c_order(void **state)
{
    (void)state;
    open_8139too(h);
    send_too(1, 200);
    assert_int_equal(h->wire.sent, 0);
    send_too(0, 100);
    assert_int_equal(h->wire.sent, 2);
    assert_int_equal(h->wire.frames[0].length, 100);
    assert_int_equal(h->wire.frames[1].length, 200);
}

static void test_c_odd_lengths(void **state)
{
    (void)state;
    open_8139too(h);
    send_too(0, 20);                        /* padded */
    assert_int_equal(h->wire.frames[0].length, 60);
    assert_int_equal(h->wire.frames[0].bytes[19], 19 * 7 + 20);
    for (unsigned int i = 20; i < 60; i++)
        assert_int_equal(h->wire.frames[0].bytes[i], 0);
    send_too(1, 0);                         /* nothing */
    send_too(2, 1792);                      /* more than a wire takes */
    assert_int_equal(h->wire.sent, 1);
    assert_int_equal(rtl_in16(h, RTL_TSAD) & 0x7000, 0x7000);
    rtl_out32(h, RTL_TCR, TCR_CRC);
    send_too(3, 104);                       /* with its own FCS */
    assert_int_equal(h->wire.frames[1].length, 100);
}

static void test_c_failures(void **state)
{
    (void)state;
    open_8139too(h);
    rtl_out32(h, RTL_TSAD0, 0xfffff000);
    rtl_out32(h, RTL_TSD0, 100);
    assert_int_equal(rtl_in32(h, RTL_TSD0), 100 | TSD_OWN | TSD_TABT | TSD_CRS);
    assert_int_equal(rtl_in16(h, RTL_ISR), INT_TER | INT_SERR);
    assert_true(config(PCI_STATUS, 2) & 0x2000);
    rtl_out16(h, RTL_ISR, 0xffff);
    h->wire.backend.info.up = false;
    send_too(1, 100);
    assert_int_equal(rtl_in16(h, RTL_ISR), INT_TER);
    h->wire.backend.info.up = true;
    h->wire.fail = true;
    send_too(2, 100);
    assert_int_equal(rtl_in32(h, RTL_TSD0 + 8) & 0xf000e000, TSD_OWN | TSD_TABT | TSD_CRS);
    assert_int_equal(h->wire.sent, 0);
}

/* Linux reads a frame where it thinks the next one is, and says so. */
static uint32_t expect_received(uint32_t at, const uint8_t *frame, uint32_t length, uint16_t kind)
{
    const uint8_t *place = h->memory.bytes + RX_BUFFER + at;
    uint32_t padded = length < 60 ? 60 : length;

    assert_false(rtl_in8(h, RTL_CR) & CR_BUFE);
    assert_int_equal(place[0] | place[1] << 8, RSR_ROK | kind);
    assert_int_equal(place[2] | place[3] << 8, padded + 4);
    assert_memory_equal(place + 4, frame, length);
    for (uint32_t i = length; i < padded + 4; i++)
        assert_int_equal(place[4 + i], 0);
    at = (at + 4 + padded + 4 + 3) & ~3u;
    rtl_out16(h, RTL_CAPR, (uint16_t)(at - 16));
    return at % 32768;
}

static void test_c_receive(void **state)
{
    uint32_t at = 0;

    (void)state;
    open_8139too(h);
    push_frame(h, bytes, plain_frame(bytes, rtl_broadcast, 42), NET_CHECKSUM_UNKNOWN);
    assert_true(h->irq.high);
    assert_int_equal(rtl_in16(h, RTL_ISR), INT_ROK);
    rtl_out16(h, RTL_ISR, INT_ROK);
    at = expect_received(at, bytes, 42, RSR_BAR);
    assert_true(rtl_in8(h, RTL_CR) & CR_BUFE);
    for (uint32_t length = 60; length <= 1518; length++) {
        push_frame(h, bytes, plain_frame(bytes, rtl_here, length), NET_CHECKSUM_UNKNOWN);
        at = expect_received(at, bytes, length, RSR_PAM);
        assert_int_equal(rtl_in16(h, RTL_CBR), at);
    }
    push_frame(h, bytes, plain_frame(bytes, rtl_here, 1519), NET_CHECKSUM_UNKNOWN);
    assert_true(rtl_in8(h, RTL_CR) & CR_BUFE);
    assert_true(rtl_in16(h, RTL_ISR) & INT_RER);
    assert_int_equal(h->chip.regs.tally.rx_ok, 1460);
}

/* Without WRAP a frame goes on at the start of the buffer. */
static void test_c_receive_round(void **state)
{
    uint8_t *buffer = h->memory.bytes + RX_BUFFER;

    (void)state;
    open_8139too(h);
    rtl_out32(h, RTL_RCR, RCR_APM);             /* 8 KiB */
    assert_true(rtl_in8(h, RTL_CR) & CR_BUFE);
    for (unsigned int i = 0; i < 5; i++) {
        push_frame(h, bytes, plain_frame(bytes, rtl_here, 1512), NET_CHECKSUM_UNKNOWN);
        rtl_out16(h, RTL_CAPR, (uint16_t)(1520 * (i + 1) - 16));
    }
    memset(buffer + 8192, 0xaa, 2048);
    push_frame(h, bytes, plain_frame(bytes, rtl_here, 1000), NET_CHECKSUM_UNKNOWN);
    assert_int_equal(rtl_in16(h, RTL_CBR), 7600 + 1008 - 8192);
    assert_memory_equal(buffer + 7604, bytes, 8192 - 7604);
    assert_memory_equal(buffer, bytes + 8192 - 7604, 1000 - (8192 - 7604));
    assert_int_equal(buffer[8192], 0xaa);
}

/* A full buffer: what comes waits, and comes in order when there is room. */
static void test_c_receive_full(void **state)
{
    uint32_t at = 0, pushed = 0, read = 0;

    (void)state;
    open_8139too(h);
    while (pushed < 60) {
        plain_frame(bytes, rtl_here, 1000 + pushed++);
        push_frame(h, bytes, 999 + pushed, NET_CHECKSUM_UNKNOWN);
    }
    assert_true(h->wire.waiting_count > 20 && h->wire.waiting_count < 40);
    rtl_out16(h, RTL_ISR, INT_ROK);
    while (!(rtl_in8(h, RTL_CR) & CR_BUFE)) {
        plain_frame(bytes, rtl_here, 1000 + read);
        at = expect_received(at, bytes, 1000 + read++, RSR_PAM);
        assert_true(!h->wire.waiting_count || rtl_in16(h, RTL_ISR) & INT_ROK);
    }
    assert_int_equal(read, 60);
    assert_int_equal(rtl_in32(h, RTL_MPC), 0);
    assert_false(rtl_in16(h, RTL_ISR) & INT_RXOVW);
}

/* After trouble Linux turns the receiver off and on, and expects to begin at the start. */
static void test_c_receiver_restart(void **state)
{
    (void)state;
    open_8139too(h);
    for (unsigned int i = 0; i < 40; i++)
        push_frame(h, bytes, plain_frame(bytes, rtl_here, 1500), NET_CHECKSUM_UNKNOWN);
    assert_true(h->wire.waiting_count);
    rtl_out8(h, RTL_CR, CR_TE);
    assert_int_equal(h->wire.waiting_count, 0);     /* nobody listens */
    rtl_out8(h, RTL_CR, CR_TE | CR_RE);
    rtl_out32(h, RTL_RCR, 0xf78a);
    assert_true(rtl_in8(h, RTL_CR) & CR_BUFE);
    push_frame(h, bytes, plain_frame(bytes, rtl_here, 200), NET_CHECKSUM_UNKNOWN);
    expect_received(0, bytes, 200, RSR_PAM);
    rtl_out32(h, RTL_RCR, 0xf78a | RCR_AAP);    /* a filter, not a buffer */
    push_frame(h, bytes, plain_frame(bytes, rtl_here, 300), NET_CHECKSUM_UNKNOWN);
    expect_received(208, bytes, 300, RSR_PAM);
}

static void test_c_receive_no_memory(void **state)
{
    (void)state;
    open_8139too(h);
    rtl_out32(h, RTL_RBSTART, 0xffffff00);
    push_frame(h, bytes, plain_frame(bytes, rtl_here, 1500), NET_CHECKSUM_UNKNOWN);
    assert_int_equal(rtl_in16(h, RTL_ISR), INT_SERR | INT_RER);
    assert_int_equal(h->wire.waiting_count, 0);
}

static void test_loopback(void **state)
{
    (void)state;
    open_8139too(h);
    rtl_out32(h, RTL_TCR, TCR_LBK);
    push_frame(h, bytes, plain_frame(bytes, rtl_here, 200), NET_CHECKSUM_UNKNOWN);
    assert_true(rtl_in8(h, RTL_CR) & CR_BUFE);  /* the wire is not connected */
    h->wire.backend.info.up = false;
    plain_frame(h->memory.bytes + TX_BUFFERS, rtl_here, 300);
    rtl_out32(h, RTL_TSD0, 300);
    assert_int_equal(rtl_in16(h, RTL_ISR), INT_TOK | INT_ROK);
    plain_frame(bytes, rtl_here, 300);
    expect_received(0, bytes, 300, RSR_PAM);
    send_too(1, 300);                       /* to somebody else: the filter counts */
    assert_true(rtl_in8(h, RTL_CR) & CR_BUFE);
    assert_int_equal(h->wire.sent, 0);
}

/* --- bus master, reset --------------------------------------------------------------------------------------- */

static void test_bus_master(void **state)
{
    (void)state;
    open_8139too(h);
    h->wire.deferred = true;
    send_too(0, 100);
    set_master(h, false);                   /* the backend has nothing of ours any more */
    assert_int_equal(packets_out(h), 0);
    assert_int_equal(h->wire.sent, 1);
    send_too(1, 100);
    push_frame(h, bytes, plain_frame(bytes, rtl_here, 200), NET_CHECKSUM_UNKNOWN);
    assert_int_equal(rtl_in32(h, RTL_MPC), 1);
    assert_int_equal(packets_out(h), 0);
    set_master(h, true);
    assert_int_equal(packets_out(h), 1);
    rtl_out32(h, RTL_MPC, 0);
    assert_int_equal(rtl_in32(h, RTL_MPC), 0);
}

static void test_reset_with_packets_out(void **state)
{
    (void)state;
    open_8139too(h);
    h->wire.deferred = true;
    send_too(0, 100);
    send_too(1, 100);
    rtl_out8(h, RTL_CR, CR_RST);
    assert_int_equal(h->wire.settles, 1);
    assert_int_equal(packets_out(h), 0);
    assert_int_equal(rtl_in16(h, RTL_ISR), 0);
    open_8139too(h);
    send_too(0, 200);
    assert_int_equal(packets_out(h), 1);
}

/* --- timer --------------------------------------------------------------------------------------------------- */

static void pass(uint64_t ns)
{
    h->clock.ns += ns;
}

static void test_timer_counts(void **state)
{
    (void)state;
    pass(300);
    rtl_out32(h, RTL_TCTR, 12345);
    assert_int_equal(rtl_in32(h, RTL_TCTR), 0);
    pass(30);
    assert_int_equal(rtl_in32(h, RTL_TCTR), 1);
    pass(1000000000);
    assert_in_range(rtl_in32(h, RTL_TCTR), 33333332, 33333335);
    pass(300ull * 1000000000);              /* has gone round */
    assert_in_range(rtl_in32(h, RTL_TCTR), 1443398739, 1443398745);
    h->clock.ns = 5;                        /* restored elsewhere */
    rtl_in32(h, RTL_TCTR);
    pass(3000);
    assert_in_range(rtl_in32(h, RTL_TCTR), 99, 100);
}

static bool timed_out(void)
{
    bool is = rtl_in16(h, RTL_ISR) & INT_TIMEOUT;

    rtl_out16(h, RTL_ISR, INT_TIMEOUT);
    return is;
}

static void test_timeout(void **state)
{
    (void)state;
    rtl_out32(h, RTL_TCTR, 0);
    pass(1000000);
    assert_false(timed_out());              /* none is asked for */
    rtl_out32(h, RTL_TIMERINT, 1000);
    assert_false(timed_out());              /* it has gone by */
    rtl_out32(h, RTL_TCTR, 0);
    pass(29900);
    assert_false(timed_out());
    pass(200);
    assert_true(timed_out());
    pass(1000000);
    assert_false(timed_out());
    pass(129ull * 1000000000);
    assert_true(timed_out());               /* the next time round */
    rtl_out32(h, RTL_TCTR, 0);
    pass(40000);
    rtl_out32(h, RTL_TCTR, 0);                  /* it was due before that */
    assert_true(timed_out());
    pass(40000);
    rtl_out32(h, RTL_TIMERINT, 0);
    assert_true(timed_out());
    rtl_out16(h, RTL_IMR, INT_TIMEOUT);
    rtl_out32(h, RTL_TIMERINT, 1000);
    rtl_out32(h, RTL_TCTR, 0);
    pass(40000);
    assert_false(h->irq.high);
    rtl_in8(h, RTL_CR);                         /* any access notices */
    assert_true(h->irq.high);
}

/* NetBSD's re does not ask for TOK: it sets the timer going when it sends, and looks when it is over. */
static void test_sending_ends_a_countdown(void **state)
{
    (void)state;
    open_8139too(h);
    rtl_out16(h, RTL_IMR, INT_TIMEOUT);
    rtl_out32(h, RTL_TIMERINT, 0x400);
    h->wire.deferred = true;
    rtl_out32(h, RTL_TCTR, 1);
    send_too(0, 100);
    assert_false(h->irq.high);
    wire_complete(&h->wire, 0);
    assert_true(h->irq.high);
    assert_true(timed_out());
    pass(40000);
    rtl_in32(h, RTL_TCTR);
    assert_true(timed_out());
    send_too(1, 100);
    wire_complete(&h->wire, 0);
    assert_false(timed_out());              /* nothing has been counting down */
    rtl_out16(h, RTL_IMR, INT_TOK);
    rtl_out32(h, RTL_TCTR, 1);
    send_too(2, 100);
    wire_complete(&h->wire, 0);
    assert_false(timed_out());              /* nobody is waiting for it */
}

/* --- registers that Xen serves ----------------------------------------------------------------------------- */

static const struct io_shadow *shadow_of(uint32_t offset)
{
    for (unsigned int i = 0; i < rtl8139_ops.shadow_count; i++)
        if (rtl8139_ops.shadows[i].offset == offset)
            return &rtl8139_ops.shadows[i];
    fail();
    return NULL;
}

static bool can_be_read(uint32_t offset)
{
    uint32_t promised = 0xa5a5a5a5;
    bool can = shadow_of(offset)->peek(&h->chip, offset, &promised);

    assert_int_equal(promised, rtl_in16(h, offset));
    return can;
}

static bool can_wait(uint32_t offset, uint8_t low)
{
    uint8_t mask = 0xa5, match = 0xa5;

    return shadow_of(offset)->post(&h->chip, offset, &mask, &match) && (low & mask) == match;
}

static void give_frame(void)
{
    uint8_t frame[60];

    push_frame(h, frame, plain_frame(frame, rtl_here, sizeof(frame)), NET_CHECKSUM_UNKNOWN);
}

/* An interrupt as 8139cp handles it: what enters, and what need not. */
static void test_shadows(void **state)
{
    (void)state;
    open_8139too(h);
    rtl_out16(h, RTL_ISR, INT_ALL);
    assert_int_equal(rtl_in16(h, RTL_ISR), 0);
    assert_true(can_be_read(RTL_ISR));
    assert_true(can_be_read(RTL_IMR));
    assert_true(can_wait(RTL_IMR, 0xff));
    give_frame();
    assert_true(h->irq.high);
    assert_true(can_be_read(RTL_ISR));
    assert_true(can_be_read(RTL_IMR));
    assert_true(can_wait(RTL_ISR, 0));
    for (unsigned int bit = 0; bit < 8; bit++)
        assert_false(can_wait(RTL_ISR, (uint8_t)(1u << bit)));
    assert_false(can_wait(RTL_IMR, 0));
    rtl_out16(h, RTL_IMR, 0);
    assert_false(h->irq.high);
    assert_false(can_wait(RTL_IMR, 0xff));
    rtl_out16(h, RTL_ISR, INT_ROK);
    assert_true(can_wait(RTL_IMR, 0xff));
    assert_false(can_wait(RTL_ISR, INT_ROK)); /* of a frame that may come in this moment */
    rtl_out8(h, RTL_TPPOLL, TPPOLL_FSWINT);
    assert_false(can_wait(RTL_ISR, 0));     /* there are 8 bits more */
    assert_false(can_wait(RTL_IMR, 0xff));
}

/* Every access looks at these. */
static void test_no_shadows_while_something_waits(void **state)
{
    (void)state;
    open_8139too(h);
    rtl_out32(h, RTL_TIMERINT, 1000);
    for (unsigned int i = 0; i < 2; i++) {
        uint32_t offset = i ? RTL_ISR : RTL_IMR;

        assert_false(can_be_read(offset) || can_wait(offset, 0));
    }
    rtl_out32(h, RTL_TIMERINT, 0);
    assert_true(can_be_read(RTL_ISR));
    for (unsigned int i = 0; i < 2000 && !h->wire.waiting_count; i++)
        give_frame();
    assert_true(h->wire.waiting_count);
    rtl_out16(h, RTL_ISR, INT_ALL);
    assert_true(h->chip.regs.held);
    assert_false(can_be_read(RTL_IMR) || can_wait(RTL_IMR, 0) || can_wait(RTL_ISR, 0));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_configuration_space),
        TEST(test_power_on),
        TEST(test_widths),
        TEST(test_config_lock),
        TEST(test_software_reset),
        TEST(test_eeprom),
        TEST(test_eeprom_programming),
        TEST(test_link),
        TEST(test_filters),
        TEST(test_c_transmit),
        TEST(test_c_order),
        TEST(test_c_odd_lengths),
        TEST(test_c_failures),
        TEST(test_c_receive),
        TEST(test_c_receive_round),
        TEST(test_c_receive_full),
        TEST(test_c_receiver_restart),
        TEST(test_c_receive_no_memory),
        TEST(test_loopback),
        TEST(test_bus_master),
        TEST(test_reset_with_packets_out),
        TEST(test_timer_counts),
        TEST(test_timeout),
        TEST(test_sending_ends_a_countdown),
        TEST(test_shadows),
        TEST(test_no_shadows_while_something_waits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
