/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The 82540EM's transmitter: descriptors, write-back, what is in flight, checksums, segmentation, tags. */
#include "e1000_host.h"

#include "lib/inet_checksum.h"

#define RS_EOP (TX_CMD_RS | TX_CMD_EOP)
#define IFCS   0x02000000u

static struct e1000_host h;

static int set_up(void **state)
{
    (void)state;
    e1000_host_init(&h);
    start_rings(&h);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    e1000_host_free(&h);
    take_log();
    return 0;
}

static const uint8_t other[6] = { 0x02, 0x11, 0x22, 0x33, 0x44, 0x55 };

static uint8_t *buffer(void)
{
    return h.memory.bytes + TX_BUFFER;
}

static uint32_t distance(uint32_t from, uint32_t to)
{
    return (to + RING_ENTRIES - from) % RING_ENTRIES;
}

/* --- descriptors --- */

static void a_frame_goes_out_as_it_lies_in_memory(void **state)
{
    uint32_t length = make_frame(buffer() + 3, other, 0x88b5, 1514);

    (void)state;
    reg_write(&h, E1000_IMS, ICR_TXDW);
    tx_legacy(&h, TX_BUFFER + 3, length, RS_EOP | IFCS);
    kick(&h);
    assert_int_equal(h.wire.sent, 1);
    assert_int_equal(h.wire.flushes, 1);
    assert_int_equal(wire_last(&h.wire)->segments, 1);
    assert_int_equal(wire_last(&h.wire)->length, length);
    assert_memory_equal(wire_last(&h.wire)->bytes, buffer() + 3, length);
    assert_int_equal(tx_last(&h)->status, TX_STATUS_DD);
    assert_int_equal(reg_read(&h, E1000_TDH), 1);
    assert_true(h.line.high);
    assert_int_equal(reg_read(&h, E1000_ICR), ICR_TXDW | ICR_TXQE);
    assert_false(h.line.high);
}

static void status_is_reported_where_it_is_asked_for(void **state)
{
    make_frame(buffer(), other, 0x88b5, 100);
    (void)state;
    tx_legacy(&h, TX_BUFFER, 50, 0);
    tx_legacy(&h, TX_BUFFER + 50, 50, TX_CMD_EOP);
    tx_legacy(&h, TX_BUFFER, 100, TX_CMD_EOP | TX_CMD_RPS);
    kick(&h);
    assert_int_equal(h.wire.sent, 2);
    assert_memory_equal(h.wire.frames[0].bytes, h.wire.frames[1].bytes, 100);
    assert_int_equal(tx_descriptor(&h, 0)->status, 0);
    assert_int_equal(tx_descriptor(&h, 1)->status, 0);
    assert_int_equal(tx_descriptor(&h, 2)->status, TX_STATUS_DD);
}

static void short_frames_are_padded(void **state)
{
    make_frame(buffer(), other, 0x0806, 60);
    (void)state;
    tx_legacy(&h, TX_BUFFER, 42, RS_EOP);
    kick(&h);
    assert_int_equal(wire_last(&h.wire)->length, 60);
    assert_memory_equal(wire_last(&h.wire)->bytes, buffer(), 42);
    for (unsigned int i = 42; i < 60; i++)
        assert_int_equal(wire_last(&h.wire)->bytes[i], 0);
}

static void pieces_that_follow_each_other_are_one(void **state)
{
    make_frame(buffer(), other, 0x88b5, 1000);
    memcpy(buffer() + 0x5000, buffer() + 600, 400);
    (void)state;
    tx_data(&h, TX_BUFFER, 200, 0, 0);
    tx_data(&h, 0, 0, 0, 0);
    tx_data(&h, TX_BUFFER + 200, 400, 0, 0);
    tx_data(&h, TX_BUFFER + 0x5000, 400, RS_EOP, 0);
    kick(&h);
    assert_int_equal(wire_last(&h.wire)->segments, 2);
    assert_int_equal(wire_last(&h.wire)->length, 1000);
    assert_memory_equal(wire_last(&h.wire)->bytes, buffer(), 1000);
}

static void what_has_too_many_pieces_is_copied(void **state)
{
    make_frame(buffer() + 0x8000, other, 0x88b5, 40 * 25);
    (void)state;
    for (unsigned int i = 0; i < 40; i++) {
        memcpy(buffer() + 100 * i, buffer() + 0x8000 + 25 * i, 25);
        tx_data(&h, TX_BUFFER + 100 * i, 25, i == 39 ? RS_EOP : 0, 0);
    }
    kick(&h);
    assert_int_equal(wire_last(&h.wire)->segments, 1);
    assert_int_equal(wire_last(&h.wire)->length, 1000);
    assert_memory_equal(wire_last(&h.wire)->bytes, buffer() + 0x8000, 1000);
}

static void a_packet_waits_for_its_last_descriptor(void **state)
{
    make_frame(buffer(), other, 0x88b5, 100);
    (void)state;
    tx_legacy(&h, TX_BUFFER, 50, TX_CMD_RS);
    kick(&h);
    assert_int_equal(h.wire.sent, 0);
    tx_legacy(&h, TX_BUFFER + 50, 50, RS_EOP);
    kick(&h);
    assert_int_equal(h.wire.sent, 1);
    assert_memory_equal(wire_last(&h.wire)->bytes, buffer(), 100);
    assert_int_equal(tx_descriptor(&h, 0)->status, TX_STATUS_DD);
}

static void nothing_is_sent_while_it_is_off(void **state)
{
    make_frame(buffer(), other, 0x88b5, 100);
    (void)state;
    reg_write(&h, E1000_TCTL, 0);
    tx_legacy(&h, TX_BUFFER, 100, RS_EOP);
    kick(&h);
    assert_int_equal(h.wire.sent, 0);
    reg_write(&h, E1000_TCTL, TCTL_EN);
    assert_int_equal(h.wire.sent, 1);
}

/* --- in flight --- */

static void descriptors_are_done_in_order(void **state)
{
    (void)state;
    h.wire.deferred = true;
    for (unsigned int i = 0; i < 3; i++) {
        make_frame(buffer() + 2048 * i, other, 0x88b5, 100 + i);
        tx_legacy(&h, TX_BUFFER + 2048 * i, 100 + i, RS_EOP);
    }
    kick(&h);
    reg_read(&h, E1000_ICR);
    assert_int_equal(reg_read(&h, E1000_TDH), 0);
    wire_complete(&h.wire, 1);
    assert_int_equal(tx_descriptor(&h, 1)->status, 0);
    assert_int_equal(reg_read(&h, E1000_ICR), 0);
    wire_complete(&h.wire, 0);
    assert_int_equal(tx_descriptor(&h, 0)->status, TX_STATUS_DD);
    assert_int_equal(tx_descriptor(&h, 1)->status, TX_STATUS_DD);
    assert_int_equal(tx_descriptor(&h, 2)->status, 0);
    assert_int_equal(reg_read(&h, E1000_TDH), 2);
    assert_int_equal(reg_read(&h, E1000_ICR), ICR_TXDW);
    wire_complete(&h.wire, 0);
    assert_int_equal(reg_read(&h, E1000_ICR), ICR_TXDW | ICR_TXQE);
}

/* A whole ring several times around: no more than the chip has slots for is out, and the rest follows. */
static void the_ring_goes_around(void **state)
{
    uint32_t sent = 0, out;

    (void)state;
    h.wire.deferred = true;
    for (unsigned int i = 0; i < 200; i++) {
        make_frame(buffer() + 2048 * (i % RING_ENTRIES), other, 0x88b5, 60 + i);
        tx_legacy(&h, TX_BUFFER + 2048 * (i % RING_ENTRIES), 60 + i, RS_EOP);
        kick(&h);
        if (distance(reg_read(&h, E1000_TDH), reg_read(&h, E1000_TDT)) < RING_ENTRIES - 2)
            continue;
        out = 0;
        for (struct net_packet *packet = h.wire.out; packet; packet = packet->next)
            out++;
        assert_int_equal(out, E1000_TX_SLOTS);
        for (unsigned int n = 0; n < 20; n++)
            assert_true(wire_complete(&h.wire, 0));
    }
    while (wire_complete(&h.wire, 0))
        ;
    assert_int_equal(h.wire.sent, 200);
    assert_int_equal(reg_read(&h, E1000_TDH), 200 % RING_ENTRIES);
    for (unsigned int i = 200 - WIRE_FRAMES; i < 200; i++)
        sent += h.wire.frames[i % WIRE_FRAMES].length == 60 + i;
    assert_int_equal(sent, WIRE_FRAMES);
}

static void buffers_of_the_chip_run_out_and_come_back(void **state)
{
    (void)state;
    h.wire.deferred = true;
    for (unsigned int i = 0; i < 20; i++) {
        make_frame(buffer() + 64 * i, other, 0x88b5, 50);
        buffer()[64 * i + 14] = (uint8_t)i;
        tx_legacy(&h, TX_BUFFER + 64 * i, 50, RS_EOP);
    }
    kick(&h);
    for (unsigned int i = 0; i < 20; i++) {
        assert_true(wire_complete(&h.wire, 0));
        assert_int_equal(wire_last(&h.wire)->bytes[14], i);
    }
    assert_false(wire_complete(&h.wire, 0));
    assert_int_equal(reg_read(&h, E1000_TDH), 20);
    assert_int_equal(h.chip.buffers_used, 0);
}

static void send_three(void)
{
    h.wire.deferred = true;
    for (unsigned int i = 0; i < 3; i++) {
        make_frame(buffer() + 2048 * i, other, 0x88b5, 100);
        tx_legacy(&h, TX_BUFFER + 2048 * i, 100, RS_EOP);
    }
    kick(&h);
    assert_non_null(h.wire.out);
}

static void what_is_in_flight_is_waited_for_when_mastering_is_taken_away(void **state)
{
    (void)state;
    send_three();
    allow_bus_master(&h, false);
    assert_int_equal(h.wire.settles, 1);
    assert_null(h.wire.out);
    assert_int_equal(reg_read(&h, E1000_TDH), 3);
    make_frame(buffer(), other, 0x88b5, 100);
    tx_legacy(&h, TX_BUFFER, 100, RS_EOP);
    kick(&h);
    assert_null(h.wire.out);
    allow_bus_master(&h, true);
    assert_non_null(h.wire.out);
}

static void and_when_the_transmitter_is_stopped_or_reset(void **state)
{
    (void)state;
    send_three();
    reg_write(&h, E1000_TCTL, 0);
    assert_null(h.wire.out);
    assert_int_equal(reg_read(&h, E1000_TDH), 3);
    reg_write(&h, E1000_TCTL, TCTL_EN);
    send_three();
    reg_write(&h, E1000_CTRL, CTRL_RST);
    assert_null(h.wire.out);
    assert_int_equal(h.wire.settles, 2);
    assert_int_equal(reg_read(&h, E1000_TDT), 0);
    start_rings(&h);
    send_three();
    reg_write(&h, E1000_TDBAL, TX_RING);
    assert_null(h.wire.out);
}

/* --- offload --- */

/* A context as Linux makes it (e1000_tx_csum(), e1000_tso()). */
static struct e1000_tx_descriptor context_of(const uint8_t *frame, uint32_t length, uint32_t mss)
{
    struct inet_packet packet;
    struct e1000_tx_descriptor context = { .address = 0 };

    assert_true(inet_find(frame, length, length, &packet));
    context.tucss = packet.transport;
    context.tucso = packet.checksum;
    if (packet.protocol == INET_TCP)
        context.lower |= TX_TUCMD_TCP;
    context.ipcss = 14;
    context.ipcso = 24;
    context.ipcse = packet.transport - 1;
    if (packet.version == 4)
        context.lower |= TX_TUCMD_IP;
    if (mss) {
        context.lower |= TX_TUCMD_TSE | (length - packet.payload);
        context.option = packet.payload;
        context.special = mss;
    }
    return context;
}

/* Leaves in the packet what a driver does: no header checksum, and of the other the pseudo-header's sum. */
static void leave_out_checksums(uint8_t *frame, uint32_t length, bool with_length)
{
    struct inet_packet packet;
    struct inet_sum sum = { 0 };

    assert_true(inet_find(frame, length, length, &packet));
    inet_sum_add_pseudo_header(&sum, frame, &packet, with_length ? packet.transport_length : 0);
    frame[packet.checksum] = inet_sum_result(&sum) >> 8;
    frame[packet.checksum + 1] = (uint8_t)inet_sum_result(&sum);
    if (packet.version == 4)
        frame[24] = frame[25] = 0;
}

static void send_packet(unsigned int version, uint8_t protocol, uint32_t payload, uint8_t options)
{
    uint32_t length = make_packet(buffer(), version, protocol, payload);
    struct e1000_tx_descriptor context = context_of(buffer(), length, 0);

    leave_out_checksums(buffer(), length, true);
    tx_context(&h, &context);
    tx_data(&h, TX_BUFFER, length, RS_EOP, options);
    kick(&h);
    assert_int_equal(wire_last(&h.wire)->length, length < 60 ? 60 : length);
    assert_int_equal(tx_last(&h)->status, TX_STATUS_DD);
}

static void checksums_are_made_in_software(void **state)
{
    static const uint32_t payloads[] = { 1, 6, 100, 1001, 1400 };

    (void)state;
    for (unsigned int version = 4; version <= 6; version += 2) {
        uint8_t options = version == 4 ? TX_POPTS_IXSM | TX_POPTS_TXSM : TX_POPTS_TXSM;

        for (unsigned int i = 0; i < 5; i++) {
            send_packet(version, INET_TCP, payloads[i], options);
            assert_true(packet_right(wire_last(&h.wire)->bytes, wire_last(&h.wire)->length));
            assert_false(wire_last(&h.wire)->offload.checksum);
            send_packet(version, INET_UDP, payloads[i], options);
            assert_true(packet_right(wire_last(&h.wire)->bytes, wire_last(&h.wire)->length));
        }
    }
    assert_int_equal(reg_read(&h, E1000_TDH), reg_read(&h, E1000_TDT));
}

static void checksums_are_left_to_a_backend_that_offers(void **state)
{
    struct wire_frame *frame;

    (void)state;
    h.wire.backend.info.checksum_v4 = true;
    send_packet(4, INET_TCP, 1000, TX_POPTS_TXSM);
    frame = wire_last(&h.wire);
    assert_true(frame->offload.checksum);
    assert_int_equal(frame->offload.checksum_start, 34);
    assert_int_equal(frame->offload.checksum_offset, 16);
    assert_int_equal(frame->segments, 1);
    assert_memory_equal(frame->bytes, buffer(), frame->length);
    send_packet(4, INET_UDP, 1000, TX_POPTS_TXSM | TX_POPTS_IXSM);      /* the header has to be the chip's */
    frame = wire_last(&h.wire);
    assert_int_equal(frame->offload.checksum_offset, 6);
    assert_int_equal(frame->segments, 2);
    {
        struct inet_sum sum = { 0 };

        inet_sum_add(&sum, frame->bytes + 14, 20);
        assert_int_equal(inet_sum_result(&sum), 0xffff);
    }
    send_packet(6, INET_TCP, 1000, TX_POPTS_TXSM);
    assert_false(wire_last(&h.wire)->offload.checksum);
    assert_true(packet_right(wire_last(&h.wire)->bytes, wire_last(&h.wire)->length));
}

/* The header of a packet in pieces has to be in one for the backend: it is copied, or the frame is. */
static void headers_in_pieces(void **state)
{
    uint32_t length = make_packet(buffer(), 4, INET_TCP, 1000);
    struct e1000_tx_descriptor context = context_of(buffer(), length, 0);

    (void)state;
    h.wire.backend.info.checksum_v4 = true;
    leave_out_checksums(buffer(), length, true);
    memcpy(buffer() + 0x4000, buffer() + 20, length - 20);
    tx_context(&h, &context);
    tx_data(&h, TX_BUFFER, 20, 0, TX_POPTS_TXSM);
    tx_data(&h, TX_BUFFER + 0x4000, length - 20, RS_EOP, 0);
    kick(&h);
    assert_int_equal(wire_last(&h.wire)->length, length);
    assert_false(wire_last(&h.wire)->offload.checksum);
    wire_last(&h.wire)->bytes[24] = buffer()[24];
    make_packet(buffer() + 0x8000, 4, INET_TCP, 1000);
    assert_memory_equal(wire_last(&h.wire)->bytes + 34, buffer() + 0x8034 - 18, length - 34);
}

/* A tag of the guest's own: the backend would look for the headers elsewhere. */
static void a_packet_with_a_tag_is_not_left_to_the_backend(void **state)
{
    uint32_t length = make_packet(buffer(), 4, INET_TCP, 500) + 4;
    struct e1000_tx_descriptor context;

    (void)state;
    h.wire.backend.info.checksum_v4 = true;
    memmove(buffer() + 16, buffer() + 12, length);
    memcpy(buffer() + 12, "\x81\x00\x00\x05", 4);
    context = context_of(buffer(), length, 0);
    leave_out_checksums(buffer(), length, true);
    tx_context(&h, &context);
    tx_data(&h, TX_BUFFER, length, RS_EOP, TX_POPTS_TXSM);
    kick(&h);
    assert_false(wire_last(&h.wire)->offload.checksum);
    wire_last(&h.wire)->bytes[24] = buffer()[24];
    make_packet(buffer() + 0x8000, 4, INET_TCP, 500);
    assert_memory_equal(wire_last(&h.wire)->bytes + 38, buffer() + 0x8000 + 34, length - 38);
}

static void legacy_checksum_insertion(void **state)
{
    struct inet_sum sum = { 0 };
    uint16_t expected;

    (void)state;
    make_frame(buffer(), other, 0x88b5, 200);
    buffer()[50] = buffer()[51] = 0;
    inet_sum_add(&sum, buffer() + 30, 170);
    expected = inet_checksum(&sum, 0);
    tx_legacy(&h, TX_BUFFER, 200, RS_EOP | TX_CMD_IC | 50u << TX_LEGACY_CSO_SHIFT);
    tx_descriptor(&h, 0)->option = 30;
    kick(&h);
    assert_int_equal(wire_last(&h.wire)->bytes[50] << 8 | wire_last(&h.wire)->bytes[51], expected);
    assert_int_equal(buffer()[50] | buffer()[51], 0);               /* memory is the guest's */
}

static void a_checksum_beyond_the_frame_is_not_made(void **state)
{
    struct e1000_tx_descriptor context = { .tucss = 200, .tucso = 250, .ipcss = 90, .ipcso = 99, .ipcse = 300 };

    (void)state;
    make_frame(buffer(), other, 0x88b5, 100);
    tx_context(&h, &context);
    tx_data(&h, TX_BUFFER, 100, RS_EOP, TX_POPTS_IXSM | TX_POPTS_TXSM);
    kick(&h);
    assert_memory_equal(wire_last(&h.wire)->bytes, buffer(), 100);
}

/* --- segmentation --- */

#define MSS 1000u

static uint32_t send_large(unsigned int version, uint32_t payload, uint32_t mss)
{
    uint32_t length = make_packet(buffer(), version, INET_TCP, payload);
    struct e1000_tx_descriptor context = context_of(buffer(), length, mss);
    uint8_t options = TX_POPTS_TXSM | (version == 4 ? TX_POPTS_IXSM : 0);

    leave_out_checksums(buffer(), length, false);
    memset(buffer() + 16, 0, version == 4 ? 2 : 0);                 /* Linux leaves the length out, too */
    tx_context(&h, &context);
    for (uint32_t at = 0; at < length; at += 4096)
        tx_data(&h, TX_BUFFER + at, length - at < 4096 ? length - at : 4096,
                TX_CMD_TSE | (length - at <= 4096 ? RS_EOP : 0), options);
    return length;
}

static void assert_segment(const struct wire_frame *frame, unsigned int version, unsigned int i, bool last,
                           uint32_t payload)
{
    unsigned int transport = version == 4 ? 34 : 54, header = transport + 20;
    uint32_t sequence = 0x00fffff0 + i * MSS;

    assert_int_equal(frame->length, header + payload);
    assert_true(packet_right(frame->bytes, frame->length));
    assert_int_equal(frame->bytes[transport + 4] << 24 | frame->bytes[transport + 5] << 16 |
                     frame->bytes[transport + 6] << 8 | frame->bytes[transport + 7], sequence);
    assert_int_equal(frame->bytes[transport + 13], last ? 0x19 : 0x10);
    if (version == 4)
        assert_int_equal(frame->bytes[18] << 8 | frame->bytes[19], 0x1234 + i);
    for (uint32_t n = 0; n < payload; n++)
        assert_int_equal(frame->bytes[header + n], (uint8_t)((i * MSS + n) * 7));
}

static void segments_are_made_in_software(void **state)
{
    (void)state;
    for (unsigned int version = 4; version <= 6; version += 2) {
        unsigned int before = h.wire.sent;

        send_large(version, 20 * MSS + 7, MSS);
        kick(&h);
        assert_int_equal(h.wire.sent - before, 21);
        for (unsigned int i = 0; i <= 20; i++)
            assert_segment(&h.wire.frames[(before + i) % WIRE_FRAMES], version, i, i == 20, i == 20 ? 7 : MSS);
        assert_int_equal(tx_last(&h)->status, TX_STATUS_DD);
        assert_int_equal(reg_read(&h, E1000_TDH), reg_read(&h, E1000_TDT));
    }
    assert_int_equal(reg_read(&h, E1000_TSCTC), 2);
}

/* More than the chip has buffers for, with a backend that takes its time. */
static void segments_go_on_when_there_is_room(void **state)
{
    unsigned int first;

    (void)state;
    h.wire.deferred = true;
    send_large(4, 30 * MSS, MSS);
    kick(&h);
    first = reg_read(&h, E1000_TDH);
    for (unsigned int i = 0; i < 30; i++) {
        assert_int_equal(reg_read(&h, E1000_TDH), first);
        assert_true(wire_complete(&h.wire, 0));
        if (i < 29)
            first = reg_read(&h, E1000_TDH);
        assert_segment(wire_last(&h.wire), 4, i, i == 29, MSS);
    }
    assert_int_equal(reg_read(&h, E1000_TDH), reg_read(&h, E1000_TDT));
    assert_int_equal(tx_last(&h)->status, TX_STATUS_DD);
}

/* Stopped between two frames of a packet: it is sent from its first frame on when the transmitter goes on. */
static void a_packet_that_was_cut_off_begins_anew(void **state)
{
    unsigned int before;

    (void)state;
    h.wire.deferred = true;
    send_large(4, 30 * MSS, MSS);
    kick(&h);
    reg_write(&h, E1000_TCTL, 0);
    assert_int_equal(reg_read(&h, E1000_TDH), 1);                   /* the context is done */
    before = h.wire.sent;
    assert_true(before < 30);
    h.wire.deferred = false;
    reg_write(&h, E1000_TCTL, TCTL_EN);
    assert_int_equal(h.wire.sent, before + 30);
    assert_segment(&h.wire.frames[before % WIRE_FRAMES], 4, 0, false, MSS);
    assert_int_equal(reg_read(&h, E1000_TDH), reg_read(&h, E1000_TDT));
}

static void segmentation_is_left_to_a_backend_that_offers(void **state)
{
    struct wire_frame *frame;
    uint32_t length;

    (void)state;
    h.wire.backend.info = (struct net_info){ .up = true, .checksum_v4 = true, .checksum_v6 = true, .gso_tcpv4 = true,
                                             .gso_tcpv6 = true };
    for (unsigned int version = 4; version <= 6; version += 2) {
        length = send_large(version, 60000, 1400);
        kick(&h);
        frame = wire_last(&h.wire);
        assert_int_equal(frame->length, length);
        assert_int_equal(frame->offload.gso, version == 4 ? NET_GSO_TCPV4 : NET_GSO_TCPV6);
        assert_int_equal(frame->offload.segment_bytes, 1400);
        /* In one piece it is a packet, but for the checksum that is still to be completed. */
        {
            struct inet_packet packet;
            struct inet_sum sum = { 0 }, left = { 0 };

            assert_true(inet_find(frame->bytes, length, length, &packet));
            assert_int_equal(packet.transport + packet.transport_length, length);
            inet_sum_add_pseudo_header(&sum, frame->bytes, &packet, packet.transport_length);
            inet_sum_add(&left, frame->bytes + packet.checksum, 2);
            assert_int_equal(inet_sum_result(&left), inet_sum_result(&sum));
        }
    }
    assert_int_equal(h.wire.sent, 2);
    assert_int_equal(reg_read(&h, E1000_GPTC), 2 * ((60000 + 1399) / 1400));
    send_large(4, 1000, 1400);                                      /* one segment: nothing to cut */
    kick(&h);
    assert_int_equal(wire_last(&h.wire)->offload.gso, NET_GSO_NONE);
    assert_true(wire_last(&h.wire)->offload.checksum);
}

/* --- VLAN --- */

static void a_tag_is_put_in(void **state)
{
    (void)state;
    make_frame(buffer(), other, 0x88b5, 1514);
    reg_write(&h, E1000_CTRL, CTRL_SLU | CTRL_VME);
    tx_legacy(&h, TX_BUFFER, 1514, RS_EOP | TX_CMD_VLE);
    tx_descriptor(&h, 0)->special = 0x6123;
    kick(&h);
    assert_int_equal(wire_last(&h.wire)->length, 1518);
    assert_memory_equal(wire_last(&h.wire)->bytes, buffer(), 12);
    assert_memory_equal(wire_last(&h.wire)->bytes + 12, "\x81\x00\x61\x23", 4);
    assert_memory_equal(wire_last(&h.wire)->bytes + 16, buffer() + 12, 1502);
}

static void a_tag_and_a_checksum(void **state)
{
    uint32_t length = make_packet(buffer(), 4, INET_TCP, 500);
    struct e1000_tx_descriptor context = context_of(buffer(), length, 0);

    (void)state;
    h.wire.backend.info.checksum_v4 = true;
    reg_write(&h, E1000_CTRL, CTRL_SLU | CTRL_VME);
    leave_out_checksums(buffer(), length, true);
    tx_context(&h, &context);
    tx_data(&h, TX_BUFFER, length, RS_EOP | TX_CMD_VLE, TX_POPTS_TXSM | TX_POPTS_IXSM);
    tx_descriptor(&h, 1)->special = 5;
    kick(&h);
    assert_int_equal(wire_last(&h.wire)->length, length + 4);
    assert_true(packet_right(wire_last(&h.wire)->bytes, length + 4));
    assert_false(wire_last(&h.wire)->offload.checksum);
}

/* --- what no driver does --- */

static void packets_that_cannot_be_are_dropped(void **state)
{
    struct e1000_tx_descriptor context = { .lower = TX_TUCMD_TSE | TX_TUCMD_TCP | TX_TUCMD_IP, .option = 54,
                                           .ipcss = 14, .tucss = 34, .tucso = 50 };

    (void)state;
    tx_legacy(&h, TX_BUFFER, 13, RS_EOP);
    tx_legacy(&h, TX_BUFFER, 1519, RS_EOP);
    tx_data(&h, TX_BUFFER, 0xfffff, RS_EOP, 0);
    tx_data(&h, TX_BUFFER, 1000, RS_EOP | TX_CMD_TSE, 0);           /* no context yet */
    tx_context(&h, &context);
    tx_data(&h, TX_BUFFER, 1000, RS_EOP | TX_CMD_TSE, 0);           /* MSS 0 */
    tx_legacy(&h, 0xf0000000, 100, RS_EOP);                         /* no RAM */
    kick(&h);
    assert_int_equal(h.wire.sent, 0);
    assert_int_equal(reg_read(&h, E1000_TDH), 7);
    assert_int_equal(tx_last(&h)->status, TX_STATUS_DD);
    assert_true(strstr(take_log(), "cannot be sent") != NULL);
    tx_legacy(&h, TX_BUFFER, 100, RS_EOP);
    kick(&h);
    assert_int_equal(h.wire.sent, 1);
}

static void a_ring_that_is_none(void **state)
{
    (void)state;
    reg_write(&h, E1000_TDH, 100);                                  /* beyond the ring */
    reg_write(&h, E1000_TDT, 3);
    reg_write(&h, E1000_TDT, 200);
    reg_write(&h, E1000_TDH, 0);
    reg_write(&h, E1000_TDT, 64);
    reg_write(&h, E1000_TDLEN, 0);
    reg_write(&h, E1000_TDT, 1);
    reg_write(&h, E1000_TDLEN, 0x400);
    reg_write(&h, E1000_TDBAH, 0x12);
    reg_write(&h, E1000_TDT, 5);
    assert_int_equal(h.wire.sent, 0);
    assert_true(strstr(take_log(), "not in RAM") != NULL);
}

/* 4 GiB and 100 bytes. */
static void a_packet_whose_length_overflows(void **state)
{
    (void)state;
    for (unsigned int i = 0; i <= 4096; i++)
        tx_descriptor(&h, i)->lower = TX_CMD_DEXT | TX_DTYP_DATA | TX_DATA_LENGTH;
    tx_descriptor(&h, 4096)->lower = TX_CMD_DEXT | TX_DTYP_DATA | RS_EOP | (0x1000 + 100);
    reg_write(&h, E1000_TDLEN, 8192 * DESCRIPTOR_BYTES);
    reg_write(&h, E1000_TDT, 4097);
    assert_int_equal(h.wire.sent, 0);
    assert_int_equal(tx_descriptor(&h, 4096)->status, TX_STATUS_DD);
}

/* 64 KiB of descriptors that never end a packet, and a ring full of contexts. */
static void a_ring_without_a_packet(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < 4096; i++)
        tx_descriptor(&h, i)->lower = TX_CMD_RS;
    reg_write(&h, E1000_TDLEN, 4096 * DESCRIPTOR_BYTES);
    reg_write(&h, E1000_TDT, 4095);
    assert_int_equal(reg_read(&h, E1000_TDH), 0);
    for (unsigned int i = 0; i < 4096; i++)
        tx_descriptor(&h, i)->lower = TX_CMD_RS | TX_CMD_DEXT;
    reg_write(&h, E1000_TDT, 4094);
    assert_int_equal(reg_read(&h, E1000_TDH), 4094);
    assert_int_equal(tx_descriptor(&h, 7)->status, TX_STATUS_DD);
}

/* --- statistics --- */

static void statistics(void **state)
{
    static const uint8_t broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff }, group[6] = { 1, 0, 0x5e, 0, 0, 1 };

    (void)state;
    make_frame(buffer(), other, 0x88b5, 60);
    make_frame(buffer() + 2048, broadcast, 0x88b5, 124);
    make_frame(buffer() + 4096, group, 0x88b5, 1514);
    tx_legacy(&h, TX_BUFFER, 60, RS_EOP);
    tx_legacy(&h, TX_BUFFER + 2048, 124, RS_EOP);
    tx_legacy(&h, TX_BUFFER + 4096, 1514, RS_EOP);
    kick(&h);
    assert_int_equal(reg_read(&h, E1000_PTC64), 1);
    assert_int_equal(reg_read(&h, E1000_PTC64 + 8), 1);
    assert_int_equal(reg_read(&h, E1000_PTC64 + 20), 1);
    assert_int_equal(reg_read(&h, E1000_BPTC), 1);
    assert_int_equal(reg_read(&h, E1000_MPTC), 1);
    assert_int_equal(reg_read(&h, E1000_TPT), 3);
    assert_int_equal(reg_read(&h, E1000_TPT), 0);
    assert_int_equal(reg_read(&h, E1000_TOTL), 64 + 128 + 1518);
    assert_int_equal(reg_read(&h, E1000_TOTL), 64 + 128 + 1518);
    assert_int_equal(reg_read(&h, E1000_TOTL + 4), 0);
    assert_int_equal(reg_read(&h, E1000_TOTL), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_frame_goes_out_as_it_lies_in_memory),
        TEST(status_is_reported_where_it_is_asked_for),
        TEST(short_frames_are_padded),
        TEST(pieces_that_follow_each_other_are_one),
        TEST(what_has_too_many_pieces_is_copied),
        TEST(a_packet_waits_for_its_last_descriptor),
        TEST(nothing_is_sent_while_it_is_off),
        TEST(descriptors_are_done_in_order),
        TEST(the_ring_goes_around),
        TEST(buffers_of_the_chip_run_out_and_come_back),
        TEST(what_is_in_flight_is_waited_for_when_mastering_is_taken_away),
        TEST(and_when_the_transmitter_is_stopped_or_reset),
        TEST(checksums_are_made_in_software),
        TEST(checksums_are_left_to_a_backend_that_offers),
        TEST(headers_in_pieces),
        TEST(a_packet_with_a_tag_is_not_left_to_the_backend),
        TEST(legacy_checksum_insertion),
        TEST(a_checksum_beyond_the_frame_is_not_made),
        TEST(segments_are_made_in_software),
        TEST(segments_go_on_when_there_is_room),
        TEST(a_packet_that_was_cut_off_begins_anew),
        TEST(segmentation_is_left_to_a_backend_that_offers),
        TEST(a_tag_is_put_in),
        TEST(a_tag_and_a_checksum),
        TEST(packets_that_cannot_be_are_dropped),
        TEST(a_ring_that_is_none),
        TEST(a_packet_whose_length_overflows),
        TEST(a_ring_without_a_packet),
        TEST(statistics),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
