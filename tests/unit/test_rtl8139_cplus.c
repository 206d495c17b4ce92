/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* C+ mode, as Linux' 8139cp works it: rings, offloads, tags. */
#include "rtl8139_host.h"

static struct rtl8139_host host, *const h = &host;
static uint8_t bytes[NET_PACKET_MAX + 64];

#define PACKET (DESC_FS | DESC_LS)

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

static void poll(void)
{
    rtl_out8(h, RTL_TPPOLL, TPPOLL_NPQ);
}

static uint32_t status(uint32_t ring, unsigned int i)
{
    return descriptor(h, ring, i)->command;
}

/* Copies a frame to memory at `address` and posts it whole. */
static void post_frame(unsigned int i, uint32_t flags, uint32_t vlan, uint32_t address, uint32_t length)
{
    memcpy(h->memory.bytes + address, bytes, length);
    post(h, TX_RING, i, PACKET | flags, vlan, address, length);
}

/* --- transmit ------------------------------------------------------------------------------------------------ */

static void test_transmit(void **state)
{
    (void)state;
    open_8139cp(h, 1536, 0);
    h->wire.deferred = true;
    for (unsigned int i = 0; i < 3; i++)
        post_frame(i, 0, 0, TX_DATA + 0x800 * i, plain_frame(bytes, rtl_there, 100 + i));
    poll();
    assert_int_equal(packets_out(h), 3);
    assert_true(status(TX_RING, 0) & DESC_OWN);
    poll();                                 /* once is enough */
    assert_int_equal(packets_out(h), 3);
    wire_complete(&h->wire, 0);
    assert_int_equal(status(TX_RING, 0), PACKET | 100);
    assert_true(status(TX_RING, 1) & DESC_OWN);
    assert_int_equal(rtl_in16(h, RTL_ISR), INT_TOK);
    assert_true(h->irq.high);
    rtl_out16(h, RTL_ISR, INT_TOK);
    wire_complete(&h->wire, 0);
    wire_complete(&h->wire, 0);
    assert_int_equal(rtl_in16(h, RTL_ISR), INT_TOK | INT_TDU);
    assert_int_equal(h->wire.frames[2].length, 102);
    assert_memory_equal(h->wire.frames[2].bytes, bytes, 102);
}

static void test_ring_goes_round(void **state)
{
    (void)state;
    open_8139cp(h, 1536, 0);
    for (unsigned int i = 0; i < 300; i++) {
        post_frame(i % 64, 0, 0, TX_DATA, plain_frame(bytes, rtl_there, 60 + i));
        poll();
        assert_int_equal(h->wire.sent, i + 1);
        assert_false(status(TX_RING, i % 64) & DESC_OWN);
        assert_int_equal(!!(status(TX_RING, i % 64) & DESC_EOR), i % 64 == 63);
    }
}

/* A ring that is all with the backend is not begun again, whatever its length. */
static void test_full_ring(void **state)
{
    static const unsigned int lengths[] = { 1, 4, 64 };

    (void)state;
    for (unsigned int k = 0; k < 3; k++) {
        open_8139cp(h, 1536, 0);
        h->wire.deferred = true;
        plain_frame(bytes, rtl_there, 100);
        for (unsigned int i = 0; i < lengths[k]; i++)
            post_frame(i, i == lengths[k] - 1 ? DESC_EOR : 0, 0, TX_DATA, 100);
        for (unsigned int i = 0; i < 3; i++)
            poll();
        h->wire.sent = 0;
        while (wire_complete(&h->wire, 0))
            ;
        assert_int_equal(h->wire.sent, lengths[k]);
    }
}

static void test_fragments(void **state)
{
    (void)state;
    open_8139cp(h, 1536, 0);
    plain_frame(h->memory.bytes + TX_DATA, rtl_there, 1500);
    for (unsigned int i = 1; i < 17; i++)
        post(h, TX_RING, i, i == 16 ? DESC_LS : 0, 0, TX_DATA + 50 * i, i == 16 ? 1500 - 50 * 16 : 50);
    poll();
    assert_int_equal(h->wire.sent, 0);        /* the first comes last */
    post(h, TX_RING, 0, DESC_FS, 0, TX_DATA, 50);
    poll();
    assert_int_equal(h->wire.sent, 1);
    assert_int_equal(h->wire.frames[0].segments, 17);
    assert_memory_equal(h->wire.frames[0].bytes, h->memory.bytes + TX_DATA, 1500);
    for (unsigned int i = 0; i < 17; i++)
        assert_false(status(TX_RING, i) & DESC_OWN);
}

/* More pieces than the backend takes are copied together, one frame at a time. */
static void test_many_fragments(void **state)
{
    (void)state;
    open_8139cp(h, 1536, 0);
    h->wire.deferred = true;
    plain_frame(h->memory.bytes + TX_DATA, rtl_there, 600);
    for (unsigned int i = 0; i < 60; i++)
        post(h, TX_RING, i, i % 30 == 0 ? DESC_FS : i % 30 == 29 ? DESC_LS : 0, 0, TX_DATA + 20 * (i % 30), 20);
    poll();
    assert_int_equal(packets_out(h), 1);
    wire_complete(&h->wire, 0);
    assert_int_equal(packets_out(h), 1);
    wire_complete(&h->wire, 0);
    for (unsigned int i = 0; i < 2; i++) {
        assert_int_equal(h->wire.frames[i].segments, 1);
        assert_int_equal(h->wire.frames[i].length, 600);
        assert_memory_equal(h->wire.frames[i].bytes, h->memory.bytes + TX_DATA, 600);
    }
}

static void test_high_priority(void **state)
{
    (void)state;
    open_8139cp(h, 1536, 0);
    rtl_out32(h, RTL_THPDS, HIGH_RING);
    plain_frame(h->memory.bytes + TX_DATA, rtl_there, 200);
    post(h, TX_RING, 0, PACKET, 0, TX_DATA, 100);
    post(h, HIGH_RING, 0, PACKET, 0, TX_DATA, 200);
    rtl_out8(h, RTL_TPPOLL, TPPOLL_NPQ | TPPOLL_HPQ);
    assert_int_equal(h->wire.sent, 2);
    assert_int_equal(h->wire.frames[0].length, 200);
    assert_false(status(HIGH_RING, 0) & DESC_OWN);
}

static void test_software_interrupt(void **state)
{
    (void)state;
    open_8139cp(h, 1536, 0);
    rtl_out8(h, RTL_TPPOLL, TPPOLL_FSWINT);
    assert_int_equal(rtl_in16(h, RTL_ISR), INT_SWINT);
    assert_int_equal(rtl_in8(h, RTL_TPPOLL), 0);
}

static void test_bad_rings(void **state)
{
    (void)state;
    open_8139cp(h, 1536, 0);
    for (unsigned int i = 0; i < 64; i++)
        post(h, TX_RING, i, 0, 0, TX_DATA, 100);
    poll();                                 /* no last segment anywhere */
    assert_int_equal(h->wire.sent, 0);
    for (unsigned int i = 0; i < 64; i++)
        assert_false(status(TX_RING, i) & DESC_OWN);
    assert_true(status(TX_RING, 63) & TX_TES);
    assert_int_equal(rtl_in16(h, RTL_ISR), INT_TER | INT_TDU);
    post(h, TX_RING, 0, PACKET, 0, 0x123456789000, 100);
    poll();                                 /* no memory */
    assert_int_equal(h->wire.sent, 0);
    assert_true(status(TX_RING, 0) & TX_TES);
    assert_true(rtl_in16(h, RTL_ISR) & INT_SERR);
    rtl_out32(h, RTL_TNPDS, 0xfffff000);
    poll();
    post(h, TX_RING, 0, PACKET, 0, TX_DATA, 100);
    rtl_out32(h, RTL_TNPDS, TX_RING);
    poll();
    assert_int_equal(h->wire.sent, 1);
}

static void test_link_down(void **state)
{
    (void)state;
    open_8139cp(h, 1536, 0);
    wire_link(&h->wire, false);
    ip_frame(bytes, INET_TCP, 5000);
    post_frame(0, TX_LGSEN | 1000 << TX_MSS_SHIFT, 0, TX_DATA, 5066);
    poll();
    assert_int_equal(h->wire.sent, 0);
    assert_int_equal(status(TX_RING, 0), PACKET | TX_TES | TX_LNKF | 5066);
    assert_true(rtl_in16(h, RTL_ISR) & INT_TER);
}

/* --- offloads ------------------------------------------------------------------------------------------------ */

static struct wire_frame *checksummed(uint8_t protocol, uint32_t payload, uint32_t flags, uint32_t vlan)
{
    uint32_t length = ip_frame(bytes, protocol, payload);
    unsigned int i = h->wire.sent;

    bytes[24] = bytes[25] = 0;              /* IP's, too */
    post_frame(i, flags, vlan, TX_DATA, length);
    poll();
    assert_int_equal(h->wire.sent, i + 1);
    return &h->wire.frames[i];
}

static void test_checksums(void **state)
{
    (void)state;
    for (int offered = 0; offered < 2; offered++) {
        h->wire.backend.info.checksum_v4 = offered;
        h->wire.sent = 0;
        open_8139cp(h, 1536, 0);
        for (uint32_t payload = 0; payload < 40; payload++) {
            uint8_t protocol = payload & 1 ? INET_TCP : INET_UDP;
            uint32_t flags = TX_IPCS | (payload & 1 ? TX_TCPCS : TX_UDPCS);
            struct wire_frame *packet = checksummed(protocol, payload, flags, 0);

            assert_int_equal(packet->offload.checksum, offered);
            wire_finish(packet);
            assert_true(checksums_right(packet->bytes, packet->length));
        }
    }
}

/* What follows IP's packet in the frame is not in TCP's checksum, and the backend would sum it. */
static void test_checksum_before_padding(void **state)
{
    uint32_t length = ip_frame(bytes, INET_TCP, 50);

    (void)state;
    h->wire.backend.info.checksum_v4 = true;
    open_8139cp(h, 1536, 0);
    memset(bytes + length, 0x5a, 7);
    post_frame(0, TX_IPCS | TX_TCPCS, 0, TX_DATA, length + 7);
    poll();
    assert_int_equal(h->wire.frames[0].length, length + 7);
    assert_false(h->wire.frames[0].offload.checksum);
    assert_true(checksums_right(h->wire.frames[0].bytes, length));
}

/* Without the flag, or with that of another protocol, nothing is changed. */
static void test_no_checksums(void **state)
{
    struct wire_frame *packet;

    (void)state;
    h->wire.backend.info.checksum_v4 = true;
    open_8139cp(h, 1536, 0);
    assert_int_equal(checksummed(INET_TCP, 500, 0, 0)->segments, 1);
    packet = checksummed(INET_TCP, 500, TX_UDPCS, 0);
    assert_memory_equal(packet->bytes, bytes, packet->length);
    packet = checksummed(INET_TCP, 500, TX_IPCS, 0);
    assert_memory_equal(packet->bytes + 34, bytes + 34, packet->length - 34);
    assert_true(packet->bytes[24] || packet->bytes[25]);
    plain_frame(bytes, rtl_there, 500);  /* not IP */
    post_frame(3, TX_IPCS | TX_TCPCS, 0, TX_DATA, 500);
    poll();
    assert_memory_equal(h->wire.frames[3].bytes, bytes, 500);
    assert_false(h->wire.frames[3].offload.checksum);
}

static void test_tag(void **state)
{
    struct wire_frame *packet;

    (void)state;
    open_8139cp(h, 1536, 0);
    plain_frame(bytes, rtl_there, 1514);
    post_frame(0, 0, TX_TAGC | 0x2301, TX_DATA, 1514);      /* 0123h in network order */
    poll();
    packet = &h->wire.frames[0];
    assert_int_equal(packet->length, 1518);
    assert_memory_equal(packet->bytes, bytes, 12);
    assert_memory_equal(packet->bytes + 12, "\x81\x00\x01\x23", 4);
    assert_memory_equal(packet->bytes + 16, bytes + 12, 1502);
    packet = checksummed(INET_TCP, 300, TX_IPCS | TX_TCPCS, TX_TAGC | 0x2301);
    assert_memory_equal(packet->bytes + 12, "\x81\x00\x01\x23\x08\x00", 6);
    assert_true(checksums_right(packet->bytes, packet->length));
}

/* The frames of a large send, put together, are what was to be sent. */
static void check_cut(unsigned int first, uint32_t payload, uint32_t mss, unsigned int tag)
{
    uint32_t headers = 66 + tag, done = 0;

    for (unsigned int i = first; i < h->wire.sent; i++) {
        struct wire_frame *packet = &h->wire.frames[i];
        const uint8_t *ip = packet->bytes + 14 + tag, *tcp = ip + 20;
        uint32_t part = payload - done < mss ? payload - done : mss;
        bool last = done + part == payload;

        wire_finish(packet);
        assert_int_equal(packet->length, headers + part < 60 ? 60 : headers + part);
        assert_true(checksums_right(packet->bytes, packet->length));
        assert_memory_equal(packet->bytes + headers, bytes + 66 + done, part);
        assert_int_equal(ip[2] << 8 | ip[3], 52 + part);
        assert_int_equal(ip[4] << 8 | ip[5], 0x1234 + i - first);
        assert_int_equal((uint32_t)tcp[4] << 24 | tcp[5] << 16 | tcp[6] << 8 | tcp[7], 1 + done);
        assert_int_equal(tcp[13], last ? 0x19 : 0x10);
        done += part;
    }
    assert_int_equal(done, payload);
}

static void test_large_send(void **state)
{
    static const uint32_t payloads[] = { 1, 1448, 1449, 2896, 10000, 60000 };

    (void)state;
    for (int offered = 0; offered < 2; offered++) {
        h->wire.backend.info.checksum_v4 = offered;
        for (unsigned int k = 0; k < 6; k++) {
            unsigned int tag = k & 1 ? 4 : 0;
            uint32_t length = ip_frame(bytes, INET_TCP, payloads[k]);

            open_8139cp(h, 1536, 0);
            h->wire.sent = 0;
            post_frame(0, TX_LGSEN | 1448 << TX_MSS_SHIFT, tag ? TX_TAGC | 0x100 : 0, TX_DATA, length);
            poll();
            check_cut(0, payloads[k], 1448, tag);
            assert_false(status(TX_RING, 0) & DESC_OWN);
            assert_int_equal(rtl_in16(h, RTL_ISR), INT_TOK | INT_TDU);
            assert_int_equal(h->chip.regs.tally.tx_ok, 1);
        }
    }
}

/* Linux once said LGSEN in all descriptors but the first. */
static void test_large_send_of_old_linux(void **state)
{
    uint32_t length = ip_frame(bytes, INET_TCP, 3000);

    (void)state;
    open_8139cp(h, 1536, 0);
    memcpy(h->memory.bytes + TX_DATA, bytes, length);
    post(h, TX_RING, 1, DESC_LS | TX_LGSEN | 1000 << TX_MSS_SHIFT, 0, TX_DATA + 66, 3000);
    post(h, TX_RING, 0, DESC_FS | TX_IPCS | TX_TCPCS, 0, TX_DATA, 66);
    poll();
    assert_int_equal(h->wire.sent, 3);
    check_cut(0, 3000, 1000, 0);
}

/* More frames than the backend takes at a time, from many pieces, some of which have to be copied together; the guest's
 * descriptors come back when all is sent.  Windows leaves IP's length to the chip. */
static void test_large_send_waits(void **state)
{
    uint32_t length = ip_frame(bytes, INET_TCP, 60000), at = 0;
    unsigned int i = 0;

    (void)state;
    open_8139cp(h, 1536, 0);
    h->wire.deferred = true;
    bytes[16] = bytes[17] = 0;
    memcpy(h->memory.bytes + TX_DATA, bytes, length);
    while (at < length) {
        uint32_t part = i < 30 ? 30 : 2000;

        part = part < length - at ? part : length - at;
        post(h, TX_RING, i, (at ? 0 : DESC_FS) | (at + part == length ? DESC_LS : 0) | TX_LGSEN | 1000 << TX_MSS_SHIFT,
             0, TX_DATA + at, part);
        at += part;
        i++;
    }
    poll();
    assert_true(packets_out(h) <= RTL8139_PACKETS);
    while (packets_out(h)) {
        assert_true(status(TX_RING, 0) & DESC_OWN);
        wire_complete(&h->wire, 0);
    }
    assert_int_equal(h->wire.sent, 60);
    check_cut(0, 60000, 1000, 0);
    while (i--)
        assert_false(status(TX_RING, i) & DESC_OWN);
}

static void test_large_send_by_backend(void **state)
{
    uint32_t length = ip_frame(bytes, INET_TCP, 60000);
    struct wire_frame *packet = &h->wire.frames[0];

    (void)state;
    h->wire.backend.info.checksum_v4 = h->wire.backend.info.gso_tcpv4 = true;
    open_8139cp(h, 1536, 0);
    post_frame(0, TX_LGSEN | 1448 << TX_MSS_SHIFT, 0, TX_DATA, length);
    poll();
    assert_int_equal(h->wire.sent, 1);
    assert_int_equal(packet->offload.gso, NET_GSO_TCPV4);
    assert_int_equal(packet->offload.segment_bytes, 1448);
    assert_int_equal(packet->offload.checksum_start, 34);
    assert_int_equal(packet->offload.checksum_offset, 16);
    wire_finish(packet);
    assert_int_equal(packet->length, length);
    assert_true(checksums_right(packet->bytes, length));
    assert_memory_equal(packet->bytes + 66, bytes + 66, 60000);
    length = ip_frame(bytes, INET_TCP, 1448);          /* fits into one frame */
    post_frame(1, TX_LGSEN | 1448 << TX_MSS_SHIFT, 0, TX_DATA, length);
    poll();
    assert_int_equal(h->wire.frames[1].offload.gso, NET_GSO_NONE);
    assert_true(h->wire.frames[1].offload.checksum);
    length = ip_frame(bytes, INET_TCP, 3000);               /* with a tag the backend cuts nothing */
    post_frame(2, TX_LGSEN | 1448 << TX_MSS_SHIFT, TX_TAGC | 0x100, TX_DATA, length);
    poll();
    check_cut(2, 3000, 1448, 4);
}

/* The driver resets the chip in the middle. */
static void test_large_send_cut_short(void **state)
{
    uint32_t length = ip_frame(bytes, INET_TCP, 60000);

    (void)state;
    open_8139cp(h, 1536, 0);
    h->wire.deferred = true;
    post_frame(0, TX_LGSEN | 100 << TX_MSS_SHIFT, 0, TX_DATA, length);
    poll();
    assert_int_equal(packets_out(h), RTL8139_PACKETS);
    set_master(h, false);
    assert_int_equal(packets_out(h), 0);
    assert_true(status(TX_RING, 0) & TX_TES);
    assert_true(rtl_in16(h, RTL_ISR) & INT_TER);
    set_master(h, true);
    plain_frame(bytes, rtl_there, 100);
    post_frame(1, 0, 0, TX_DATA, 100);
    poll();
    assert_int_equal(packets_out(h), 1);
    wire_complete(&h->wire, 0);
    assert_int_equal(status(TX_RING, 1), PACKET | 100);
}

/* --- receive ------------------------------------------------------------------------------------------------- */

static void push(uint32_t length, enum net_checksum checksum)
{
    push_frame(h, bytes, length, checksum);
}

static const uint8_t *received(unsigned int i)
{
    return h->memory.bytes + RX_DATA + 0x800 * i;
}

static void test_receive(void **state)
{
    (void)state;
    open_8139cp(h, 1536, 0);
    push(plain_frame(bytes, rtl_broadcast, 42), NET_CHECKSUM_UNKNOWN);
    assert_int_equal(status(RX_RING, 0), PACKET | 0x01000000 | 64);
    assert_memory_equal(received(0), bytes, 42);
    assert_int_equal(received(0)[42], 0);
    assert_int_equal(rtl_in16(h, RTL_ISR), INT_ROK);
    assert_true(h->irq.high);
    for (unsigned int i = 1; i < 64; i++) {
        push(plain_frame(bytes, rtl_here, 1450 + i), NET_CHECKSUM_UNKNOWN);
        assert_int_equal(status(RX_RING, i), PACKET | 0x02000000 | (1454 + i) | (i == 63 ? DESC_EOR : 0));
        assert_memory_equal(received(i), bytes, 1450 + i);
    }
    rtl_out32(h, RTL_RCR, RCR_AM);
    rtl_out32(h, RTL_MAR0, 0xffffffff);
    post(h, RX_RING, 0, 0, 0, RX_DATA, 1536);
    push(plain_frame(bytes, rtl_multicast, 60), NET_CHECKSUM_UNKNOWN);
    assert_int_equal(status(RX_RING, 0), PACKET | 0x04000000 | 64);
}

/* What has no descriptor waits.  The driver makes room in memory, and need not say so. */
static void test_receive_waits(void **state)
{
    (void)state;
    open_8139cp(h, 1536, 0);
    for (unsigned int i = 0; i < 100; i++)
        push(plain_frame(bytes, rtl_here, 100 + i), NET_CHECKSUM_UNKNOWN);
    assert_int_equal(h->wire.waiting_count, 36);
    assert_int_equal(rtl_in16(h, RTL_ISR), INT_ROK | INT_RXOVW);
    for (unsigned int i = 0; i < 36; i++)
        post(h, RX_RING, i, 0, 0, RX_DATA + 0x800 * i, 1536);
    rtl_in16(h, RTL_ISR);
    assert_int_equal(h->wire.waiting_count, 0);
    assert_int_equal(status(RX_RING, 35) & RX_SIZE, 199 + 4);
    assert_int_equal(rtl_in32(h, RTL_MPC), 0);
}

/* Linux acknowledges before it looks: for as long as there is no room it hears of it again. */
static void test_no_room_is_told_again(void **state)
{
    (void)state;
    open_8139cp(h, 1536, 0);
    for (unsigned int i = 0; i < 65; i++)
        push(plain_frame(bytes, rtl_here, 100), NET_CHECKSUM_UNKNOWN);
    for (unsigned int i = 0; i < 3; i++) {
        unsigned int readies = h->wire.readies;

        rtl_in16(h, RTL_ISR);
        rtl_in16(h, RTL_ISR);
        assert_int_equal(h->wire.readies, readies);
        rtl_out16(h, RTL_ISR, 0x0053);
        assert_int_equal(rtl_in16(h, RTL_ISR), INT_RXOVW);
    }
    post(h, RX_RING, 0, 0, 0, RX_DATA, 1536);
    rtl_out16(h, RTL_IMR, 0x80ff);
    assert_int_equal(h->wire.waiting_count, 0);
    assert_true(rtl_in16(h, RTL_ISR) & INT_ROK);
}

static void test_receive_scattered(void **state)
{
    (void)state;
    open_8139cp(h, 256, CPCR_RXVLAN);
    plain_frame(bytes, rtl_here, 1000);
    memcpy(bytes + 12, "\x81\x00\x01\x23", 4);
    push(1000, NET_CHECKSUM_UNKNOWN);
    assert_int_equal(status(RX_RING, 0), DESC_FS | 0x02000000 | 256);
    assert_int_equal(status(RX_RING, 1), 0x02000000 | 256);
    assert_int_equal(status(RX_RING, 3), DESC_LS | 0x02000000 | 1000);
    assert_int_equal(descriptor(h, RX_RING, 3)->vlan, RX_TAVA | 0x2301);
    assert_memory_equal(received(0), bytes, 12);
    assert_memory_equal(received(0) + 12, bytes + 16, 244);
    assert_memory_equal(received(1), bytes + 260, 256);
    assert_memory_equal(received(3), bytes + 772, 228);
    assert_true(status(RX_RING, 4) & DESC_OWN);
    for (unsigned int i = 4; i < 64; i++)
        post(h, RX_RING, i, 0, 0, RX_DATA, 16);     /* all of them together are too few */
    for (unsigned int i = 0; i < 4; i++)
        post(h, RX_RING, i, 0, 0, RX_DATA, 16);
    plain_frame(bytes, rtl_here, 1200);
    push(1200, NET_CHECKSUM_UNKNOWN);
    assert_int_equal(h->wire.waiting_count, 0);
    assert_true(rtl_in16(h, RTL_ISR) & INT_RER);
    assert_true(status(RX_RING, 4) & DESC_OWN);
}

static void test_tag_stripped(void **state)
{
    (void)state;
    for (int on = 0; on < 2; on++) {
        open_8139cp(h, 1536, on ? CPCR_RXVLAN : 0);
        plain_frame(bytes, rtl_here, 1518);
        memcpy(bytes + 12, "\x81\x00\x01\x23", 4);
        push(1518, NET_CHECKSUM_UNKNOWN);
        assert_int_equal(status(RX_RING, 0) & RX_SIZE, on ? 1518 : 1522);
        assert_int_equal(descriptor(h, RX_RING, 0)->vlan, on ? RX_TAVA | 0x2301 : 0);
        assert_memory_equal(received(0) + 12, bytes + (on ? 16 : 12), 1500);
    }
    plain_frame(bytes, rtl_here, 100);
    push(100, NET_CHECKSUM_UNKNOWN);        /* none to be stripped */
    assert_int_equal(descriptor(h, RX_RING, 1)->vlan, 0);
}

static uint32_t protocol_of(unsigned int i, uint32_t length, enum net_checksum checksum)
{
    push(length, checksum);
    return status(RX_RING, i) & (RX_PID_IP | RX_IPF | 0x6000);
}

static void test_receive_checksums(void **state)
{
    (void)state;
    open_8139cp(h, 1536, CPCR_RXCHKSUM);
    assert_int_equal(protocol_of(0, ip_frame(bytes, INET_TCP, 100), NET_CHECKSUM_GOOD), RX_PID_TCP);
    assert_int_equal(protocol_of(1, ip_frame(bytes, INET_UDP, 100), NET_CHECKSUM_GOOD), RX_PID_UDP);
    assert_int_equal(protocol_of(2, ip_frame(bytes, INET_UDP, 100), NET_CHECKSUM_UNKNOWN), RX_PID_IP);
    ip_frame(bytes, INET_UDP, 100);
    bytes[24] ^= 1;
    assert_int_equal(protocol_of(3, 142, NET_CHECKSUM_GOOD), RX_PID_IP | RX_IPF);
    assert_int_equal(protocol_of(4, plain_frame(bytes, rtl_here, 100), NET_CHECKSUM_GOOD), 0);
    open_8139cp(h, 1536, 0);
    assert_int_equal(protocol_of(0, ip_frame(bytes, INET_TCP, 100), NET_CHECKSUM_GOOD), 0);
}

static void test_receive_trouble(void **state)
{
    (void)state;
    open_8139cp(h, 1536, 0);
    post(h, RX_RING, 0, 0, 0, 0xfffff000, 1536);
    push(plain_frame(bytes, rtl_here, 100), NET_CHECKSUM_UNKNOWN);
    assert_true(rtl_in16(h, RTL_ISR) & INT_SERR);
    assert_int_equal(h->wire.waiting_count, 0);
    rtl_out32(h, RTL_RDSAR, 0xfffff000);
    push(plain_frame(bytes, rtl_here, 100), NET_CHECKSUM_UNKNOWN);
    assert_int_equal(h->wire.waiting_count, 0);
    rtl_out32(h, RTL_RDSAR, 0);                 /* Linux, before it has its rings: lost without a word */
    rtl_out16(h, RTL_ISR, 0xffff);
    push(plain_frame(bytes, rtl_here, 100), NET_CHECKSUM_UNKNOWN);
    assert_int_equal(rtl_in16(h, RTL_ISR), 0);
}

static void test_loopback(void **state)
{
    uint32_t length = ip_frame(bytes, INET_TCP, 3000);

    (void)state;
    h->wire.backend.info.checksum_v4 = h->wire.backend.info.gso_tcpv4 = true;
    open_8139cp(h, 1536, 0);
    rtl_out32(h, RTL_TCR, TCR_LBK);
    post_frame(0, TX_LGSEN | 1000 << TX_MSS_SHIFT, 0, TX_DATA, length);
    poll();
    assert_int_equal(h->wire.sent, 0);
    for (unsigned int i = 0; i < 3; i++) {
        assert_int_equal(status(RX_RING, i) & RX_SIZE, 1070);
        assert_true(checksums_right(received(i), 1066));
    }
    assert_true(status(RX_RING, 3) & DESC_OWN);
    assert_false(status(TX_RING, 0) & DESC_OWN);
}

/* --- tally --------------------------------------------------------------------------------------------------- */

static void test_tally(void **state)
{
    const struct rtl8139_tally *tally = (void *)(h->memory.bytes + 0x400040);

    (void)state;
    open_8139cp(h, 1536, 0);
    push(plain_frame(bytes, rtl_here, 100), NET_CHECKSUM_UNKNOWN);
    push(plain_frame(bytes, rtl_broadcast, 100), NET_CHECKSUM_UNKNOWN);
    post_frame(0, 0, 0, TX_DATA, plain_frame(bytes, rtl_there, 100));
    poll();
    rtl_out32(h, RTL_DTCCR + 4, 0);
    rtl_out32(h, RTL_DTCCR, 0x400040 | DTCCR_CMD);
    assert_false(rtl_in32(h, RTL_DTCCR) & DTCCR_CMD);
    assert_int_equal(sizeof(*tally), 64);
    assert_int_equal(tally->tx_ok, 1);
    assert_int_equal(tally->rx_ok, 2);
    assert_int_equal(tally->rx_ok_physical, 1);
    assert_int_equal(tally->rx_ok_broadcast, 1);
    assert_int_equal(tally->rx_ok_multicast, 0);
    assert_int_equal(h->wire.sent, 1);        /* and TSD0 it was not */
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_transmit),
        TEST(test_ring_goes_round),
        TEST(test_full_ring),
        TEST(test_fragments),
        TEST(test_many_fragments),
        TEST(test_high_priority),
        TEST(test_software_interrupt),
        TEST(test_bad_rings),
        TEST(test_link_down),
        TEST(test_checksums),
        TEST(test_checksum_before_padding),
        TEST(test_no_checksums),
        TEST(test_tag),
        TEST(test_large_send),
        TEST(test_large_send_of_old_linux),
        TEST(test_large_send_waits),
        TEST(test_large_send_by_backend),
        TEST(test_large_send_cut_short),
        TEST(test_receive),
        TEST(test_receive_waits),
        TEST(test_no_room_is_told_again),
        TEST(test_receive_scattered),
        TEST(test_tag_stripped),
        TEST(test_receive_checksums),
        TEST(test_receive_trouble),
        TEST(test_loopback),
        TEST(test_tally),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
