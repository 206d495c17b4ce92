/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "netfront_host.h"

#include "lib/inet_checksum.h"

#include <stdlib.h>

static struct fake_packet seen;
static struct packet packets[700];

static uint8_t *ram(uint32_t offset)
{
    return fake_pointer(RAM + offset);
}

static bool event_pending(void)
{
    for (unsigned int i = 0; i < XEN_REFLECT_MAX_PORTS / 32; i++)
        if (fake_xen.pending[i])
            return true;
    return false;
}

/* What the packet's segments hold. */
static void assert_seen(const struct packet *packet)
{
    uint32_t at = 0;

    for (unsigned int i = 0; i < packet->packet.segment_count; i++) {
        const struct net_segment *segment = &packet->segments[i];

        assert_memory_equal(seen.bytes + at, fake_pointer(segment->address), segment->length);
        at += segment->length;
    }
    assert_int_equal(seen.length, at);
}

static bool in_copies(unsigned int slot)
{
    uint32_t first = gpa_of(host.front.pages->copies) >> XEN_PAGE_SHIFT;

    return fake_grant_entry(seen.requests[slot].gref)->frame - first < NETFRONT_COPY_PAGES;
}

static void take(void)
{
    assert_true(fake_netback_take(&host.back, &seen));
}

static void answer(int16_t status)
{
    fake_netback_answer(&host.back, &seen, status);
    poll_events();
}

/* --- where the bytes go ----------------------------------------------------------------------------------- */

static void test_small(void **state)
{
    (void)state;
    fill(ram(0), PAGE, 1);
    packet_init(&packets[0]);
    packet_add(&packets[0], RAM + 10, 54);
    packet_add(&packets[0], RAM + 0xff0, 6);
    submit(&packets[0]);
    assert_int_equal(packets[0].done, 1);
    assert_true(packets[0].sent);
    assert_false(fake_netback_take(&host.back, &seen)); /* not told of yet */
    flush();
    take();
    assert_int_equal(seen.slots, 1);
    assert_int_equal(seen.requests[0].flags, 0);
    assert_true(in_copies(0));
    assert_seen(&packets[0]);
    answer(NETIF_RSP_OKAY);
    assert_false(event_pending());
}

static void test_direct(void **state)
{
    (void)state;
    fill(ram(0), 8 * PAGE, 2);
    packet_init(&packets[0]);
    packet_add(&packets[0], RAM + 0x1010, 54);
    packet_add(&packets[0], RAM + 0x5f00, 1460); /* over a page's end */
    submit(&packets[0]);
    flush();
    assert_int_equal(packets[0].done, 0);
    take();
    assert_int_equal(seen.slots, 3);
    assert_int_equal(fake_grant_entry(seen.requests[0].gref)->frame, (RAM >> 12) + 1);
    assert_int_equal(fake_grant_entry(seen.requests[1].gref)->frame, (RAM >> 12) + 5);
    assert_int_equal(fake_grant_entry(seen.requests[2].gref)->frame, (RAM >> 12) + 6);
    assert_int_equal(seen.requests[1].flags, NETTXF_more_data);
    assert_int_equal(seen.requests[2].flags, 0);
    assert_seen(&packets[0]);
    answer(NETIF_RSP_OKAY);
    assert_int_equal(packets[0].done, 1);
    assert_true(packets[0].sent);
    assert_int_equal(fake_grants_in_use(), HOST_GRANTS);
}

/* As a driver cuts a buffer: the pieces share their page, and a page is one slot. */
static void test_neighbours(void **state)
{
    (void)state;
    fill(ram(0), 4 * PAGE, 3);
    packet_init(&packets[0]);
    packet_add(&packets[0], RAM + 0x100, 400);
    packet_add(&packets[0], RAM + 0x100 + 400, 400);
    packet_add(&packets[0], RAM + 0x100 + 800, 400);
    packet_add(&packets[0], RAM + 0x100 + 1201, 13);
    submit(&packets[0]);
    flush();
    take();
    assert_int_equal(seen.slots, 2);
    assert_seen(&packets[0]);
    answer(NETIF_RSP_OKAY);
    /* but only up to the page's end */
    packet_init(&packets[1]);
    packet_add(&packets[1], RAM + 0xf00, 0x100);
    packet_add(&packets[1], RAM + 0x1000, 0x100);
    submit(&packets[1]);
    flush();
    take();
    assert_int_equal(seen.slots, 2);
    assert_seen(&packets[1]);
    answer(NETIF_RSP_OKAY);
}

static void test_high_memory(void **state)
{
    (void)state;
    fill(fake_pointer(FAKE_HIGH_START), 2 * PAGE, 4);
    packet_at(&packets[0], FAKE_HIGH_START + 0x800, 1514);
    submit(&packets[0]);
    flush();
    take();
    assert_int_equal(fake_grant_entry(seen.requests[0].gref)->frame, FAKE_HIGH_START >> 12);
    assert_seen(&packets[0]);
    answer(NETIF_RSP_OKAY);
    packet_at(&packets[1], FAKE_HIGH_START + 0xff0, 60);
    submit(&packets[1]);
    flush();
    take();
    assert_seen(&packets[1]);
    answer(NETIF_RSP_OKAY);
}

/* The firmware's own pages have more than packets in them. */
static void test_firmware_memory(void **state)
{
    (void)state;
    fill(own_buffer, sizeof(own_buffer), 5);
    fill(ram(0), PAGE, 6);
    packet_init(&packets[0]);
    packet_add(&packets[0], gpa_of(own_buffer) + 100, 54);
    packet_add(&packets[0], RAM + 0x100, 1000);
    submit(&packets[0]);
    flush();
    take();
    assert_int_equal(seen.slots, 2);
    assert_true(in_copies(0));
    assert_false(in_copies(1));
    assert_seen(&packets[0]);
    answer(NETIF_RSP_OKAY);
    packet_init(&packets[1]);
    packet_add(&packets[1], RAM + 0x100, 1000);
    packet_add(&packets[1], gpa_of(own_buffer) + 0xfff, 500);
    submit(&packets[1]);
    flush();
    take();
    assert_int_equal(seen.slots, 1);
    assert_true(in_copies(0));
    assert_seen(&packets[1]);
    answer(NETIF_RSP_OKAY);
}

static void test_no_memory(void **state)
{
    static const struct { uint64_t address; uint32_t length; } wrongs[] = {
        { FAKE_RAM_END - 10, 1000 }, { 0xfdf00000, 60 }, { UINT64_MAX - 10, 60 }, { 0xa0000, 60 }, { RAM, 13 },
        { RAM, 1519 },
    };

    (void)state;
    for (unsigned int i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
        packet_at(&packets[i], wrongs[i].address, wrongs[i].length);
        submit(&packets[i]);
        assert_int_equal(packets[i].done, 1);
        assert_false(packets[i].sent);
    }
    flush();
    assert_false(fake_netback_take(&host.back, &seen));
}

static void test_one_slot_a_packet(void **state)
{
    host_setup_detached(state);
    host.back.sg = false;
    assert_int_equal(host_attach(), 0);
    fill(ram(0), 8 * PAGE, 7);
    packet_at(&packets[0], RAM + 0x400, 1514);
    packet_at(&packets[1], RAM + 0xf00, 1514);
    submit(&packets[0]);
    submit(&packets[1]);
    flush();
    take();
    assert_false(in_copies(0));
    assert_seen(&packets[0]);
    answer(NETIF_RSP_OKAY);
    take();
    assert_true(in_copies(0));
    assert_seen(&packets[1]);
    answer(NETIF_RSP_OKAY);
    host_teardown(state);
}

/* --- offloads --------------------------------------------------------------------------------------------- */

static void put_header(uint8_t *frame, uint16_t type)
{
    frame[12] = (uint8_t)(type >> 8);
    frame[13] = (uint8_t)type;
}

static void test_checksum(void **state)
{
    (void)state;
    fill(ram(0), PAGE, 8);
    put_header(ram(0), 0x0800);
    packet_at(&packets[0], RAM, 700);
    packets[0].packet.offload = (struct net_offload){ .checksum = true, .checksum_start = 34, .checksum_offset = 16 };
    submit(&packets[0]);
    flush();
    take();
    assert_int_equal(seen.requests[0].flags, NETTXF_csum_blank | NETTXF_data_validated);
    assert_seen(&packets[0]);
    answer(NETIF_RSP_OKAY);
}

/* Linux' netback finds no TCP behind a VLAN tag, and drops what it was to find. */
static void test_checksum_behind_tag(void **state)
{
    struct inet_sum sum = { 0 };

    (void)state;
    fill(ram(0), PAGE, 9);
    put_header(ram(0), 0x8100);
    packet_init(&packets[0]);
    packet_add(&packets[0], RAM, 58);
    packet_add(&packets[0], RAM + 58, 1001);
    packets[0].packet.offload = (struct net_offload){ .checksum = true, .checksum_start = 38, .checksum_offset = 16 };
    submit(&packets[0]);
    assert_int_equal(packets[0].done, 1);
    flush();
    take();
    assert_int_equal(seen.requests[0].flags, 0);
    inet_sum_add(&sum, ram(38), 1059 - 38);
    assert_int_equal(seen.bytes[54] << 8 | seen.bytes[55], (uint16_t)~inet_sum_result(&sum));
    memcpy(ram(54), seen.bytes + 54, 2);
    assert_seen(&packets[0]);
    answer(NETIF_RSP_OKAY);
    /* one that lies outside is left alone */
    packets[0].done = 0;
    packets[0].packet.offload.checksum_start = 1050;
    submit(&packets[0]);
    packets[0].done = 0;
    packets[0].packet.offload.checksum_start = 0xffff;
    submit(&packets[0]);
    flush();
    for (unsigned int i = 0; i < 2; i++) {
        take();
        assert_seen(&packets[0]);
        answer(NETIF_RSP_OKAY);
    }
}

/* A UDP checksum that comes out as 0 is sent as 0xffff. */
static void test_checksum_of_udp(void **state)
{
    (void)state;
    memset(ram(0), 0, 100);
    put_header(ram(0), 0x8100);
    ram(0)[38] = ram(0)[39] = 0xff;
    packet_at(&packets[0], RAM, 60);
    packets[0].packet.offload = (struct net_offload){ .checksum = true, .checksum_start = 38, .checksum_offset = 6 };
    submit(&packets[0]);
    flush();
    take();
    assert_int_equal(seen.bytes[44] << 8 | seen.bytes[45], 0xffff);
    answer(NETIF_RSP_OKAY);
}

static void want_cut(struct packet *packet, enum net_gso gso)
{
    packet->packet.offload = (struct net_offload){
        .checksum = true, .checksum_start = 34, .checksum_offset = 16, .gso = gso, .segment_bytes = 1448,
    };
}

static void test_segmentation(void **state)
{
    (void)state;
    fill(ram(0), 32 * PAGE, 10);
    for (unsigned int i = 0; i < 2; i++) {
        put_header(ram(0x10), i ? 0x86dd : 0x0800);
        packet_init(&packets[i]);
        packet_add(&packets[i], RAM + 0x10, 66);
        packet_add(&packets[i], RAM + 0x1000, 0x8000);
        want_cut(&packets[i], i ? NET_GSO_TCPV6 : NET_GSO_TCPV4);
        submit(&packets[i]);
        flush();
        take();
        assert_int_equal(seen.slots, 9);
        assert_int_equal(seen.extras, 1);
        assert_int_equal(seen.requests[0].flags,
                         NETTXF_csum_blank | NETTXF_data_validated | NETTXF_more_data | NETTXF_extra_info);
        assert_int_equal(seen.extra.type, XEN_NETIF_EXTRA_TYPE_GSO);
        assert_int_equal(seen.extra.u.gso.size, 1448);
        assert_int_equal(seen.extra.u.gso.type, i ? XEN_NETIF_GSO_TYPE_TCPV6 : XEN_NETIF_GSO_TYPE_TCPV4);
        assert_int_equal(seen.extra.u.gso.features, 0);
        assert_seen(&packets[i]);
        answer(NETIF_RSP_OKAY);
        assert_true(packets[i].sent);
    }
}

static void test_segmentation_not_offered(void **state)
{
    host_setup_detached(state);
    host.back.gso6 = false;
    assert_int_equal(host_attach(), 0);
    fill(ram(0), 8 * PAGE, 11);
    put_header(ram(0), 0x86dd);
    packet_at(&packets[0], RAM, 10000);
    want_cut(&packets[0], NET_GSO_TCPV6);
    put_header(ram(0x4000), 0x8100);
    packet_at(&packets[1], RAM + 0x4000, 10000);
    want_cut(&packets[1], NET_GSO_TCPV4);
    for (unsigned int i = 0; i < 2; i++) {
        submit(&packets[i]);
        assert_int_equal(packets[i].done, 1);
        assert_false(packets[i].sent);
    }
    host_teardown(state);
}

/* Any cuts of the longest packet: at most 18 slots, no byte lost, and no more copied than has to be. */
static void test_too_many_pieces(void **state)
{
    (void)state;
    srandom(3);
    fill(ram(0), 600 * PAGE, 12);
    for (unsigned int round = 0; round < 300; round++) {
        struct packet *packet = &packets[0];
        uint32_t left = round % 3 ? NET_PACKET_MAX : 20000;

        packet_init(packet);
        packet_add(packet, RAM + 100, 54);
        put_header(ram(100), 0x0800);
        left -= 54;
        while (left) {
            unsigned int i = packet->packet.segment_count;
            uint32_t length = i == NET_SEGMENTS_MAX - 1 ? left : 1 + (uint32_t)random() % (round % 2 ? 300 : 9000);

            length = length < left ? length : left;
            packet_add(packet, RAM + i * 0x20000 + 0x1000 + (uint32_t)random() % PAGE, length);
            left -= length;
        }
        want_cut(packet, NET_GSO_TCPV4);
        submit(packet);
        flush();
        take();
        assert_in_range(seen.slots, 1, 18);
        assert_seen(packet);
        answer(NETIF_RSP_OKAY);
        assert_int_equal(packet->done, 1);
    }
}

/* As Linux' drivers cut 64 KiB: a header, and a buffer that neither begins nor ends with a page. */
static void test_headers_are_copied(void **state)
{
    (void)state;
    fill(ram(0), 32 * PAGE, 13);
    packet_init(&packets[0]);
    packet_add(&packets[0], RAM + 0x20, 66);
    packet_add(&packets[0], RAM + 0x1f00, 33000);
    packet_add(&packets[0], RAM + 0x10e00, 32000);
    put_header(ram(0x20), 0x0800);
    want_cut(&packets[0], NET_GSO_TCPV4);
    submit(&packets[0]);
    flush();
    take();
    assert_int_equal(seen.slots, 18);
    assert_true(in_copies(0));
    assert_false(in_copies(1));
    assert_seen(&packets[0]);
    assert_int_equal(packets[0].done, 0);
    answer(NETIF_RSP_OKAY);
}

/* --- many at once ----------------------------------------------------------------------------------------- */

static void number(uint32_t offset, uint32_t n)
{
    memcpy(ram(offset + 20), &n, sizeof(n));
}

static void test_full_ring(void **state)
{
    unsigned int taken = 0;

    (void)state;
    for (unsigned int i = 0; i < 700; i++) {
        number(i * PAGE, i);
        packet_at(&packets[i], RAM + i * PAGE, i % 3 ? 1000 : 60);
        submit(&packets[i]);
    }
    flush();
    while (fake_netback_take(&host.back, &seen) || (poll_events(), fake_netback_take(&host.back, &seen))) {
        assert_memory_equal(seen.bytes + 20, &taken, 4);
        fake_netback_answer(&host.back, &seen, NETIF_RSP_OKAY);
        taken++;
    }
    assert_int_equal(taken, 700);
    poll_events();
    assert_int_equal(host.finished, 700);
    assert_int_equal(host.front.sent, 700);
}

/* Small ones only: nobody asks for an event before there is no room for the next copy. */
static void test_no_events_for_copies(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < 2 * NETFRONT_COPY_PAGES; i++) {
        packet_at(&packets[i], RAM, 60);
        submit(&packets[i]);
        flush();
        take();
        fake_netback_answer(&host.back, &seen, NETIF_RSP_OKAY);
        assert_true(i == 0 || !event_pending());
        poll_events();
    }
    assert_int_equal(host.finished, 2 * NETFRONT_COPY_PAGES);
    for (unsigned int i = 0; i < 200; i++) {
        packet_at(&packets[i], RAM, 60);
        submit(&packets[i]);
    }
    flush();
    assert_in_range(host.finished, 3 * NETFRONT_COPY_PAGES, 200 + 2 * NETFRONT_COPY_PAGES - 1);
    while (fake_netback_run(&host.back))
        poll_events();
    assert_int_equal(host.finished, 200 + 2 * NETFRONT_COPY_PAGES);
}

/* Large copies: what finds no pages waits, and finds those that were used in halves meanwhile. */
static void test_full_copies(void **state)
{
    unsigned int taken = 0;

    (void)state;
    put_header(own_buffer, 0x0800);
    for (unsigned int i = 0; i < 40; i++) {
        packet_at(&packets[i], gpa_of(own_buffer), i % 4 == 3 ? 100 : 5000 + i * 200);
        fill(own_buffer + NET_HEADER_BYTES, sizeof(own_buffer) - NET_HEADER_BYTES, 1);
        if (i % 4 != 3)
            want_cut(&packets[i], NET_GSO_TCPV4);
        submit(&packets[i]);
    }
    flush();
    assert_in_range(host.finished, 4, 39);
    while (fake_netback_take(&host.back, &seen) || (netfront_poll(&host.front), fake_netback_take(&host.back, &seen))) {
        assert_int_equal(seen.length, packets[taken].packet.length);
        assert_seen(&packets[taken++]);
        fake_netback_answer(&host.back, &seen, NETIF_RSP_OKAY);
    }
    assert_int_equal(taken, 40);
    assert_int_equal(host.finished, 40);
}

/* The backend is told once for all that was submitted in one go, and only if it sleeps. */
static void test_notifications(void **state)
{
    struct fake_port *port = fake_port(host.back.port);
    unsigned int sends = port->sends;

    (void)state;
    for (unsigned int i = 0; i < 5; i++) {
        packet_at(&packets[i], RAM, 1000);
        submit(&packets[i]);
    }
    assert_int_equal(port->sends, sends);
    flush();
    assert_int_equal(port->sends, sends + 1);
    packet_at(&packets[5], RAM, 1000);
    submit(&packets[5]);
    flush();
    assert_int_equal(port->sends, sends + 1);
    flush();
    fake_netback_run(&host.back);
    assert_true(event_pending());
}

static void test_out_of_order(void **state)
{
    static struct fake_packet others[3];

    (void)state;
    for (unsigned int i = 0; i < 3; i++) {
        packet_init(&packets[i]);
        packet_add(&packets[i], RAM + i * PAGE, 500);
        packet_add(&packets[i], RAM + 0x20000 + i * PAGE, 500);
        submit(&packets[i]);
    }
    flush();
    for (unsigned int i = 0; i < 3; i++)
        assert_true(fake_netback_take(&host.back, &others[i]));
    fake_netback_answer(&host.back, &others[2], NETIF_RSP_OKAY);
    fake_unmap(others[0].requests[1].gref);
    fake_netback_answer_raw(&host.back, others[0].requests[1].id, NETIF_RSP_ERROR);
    netfront_poll(&host.front);
    assert_int_equal(host.finished, 1);
    assert_true(packets[2].sent);
    fake_netback_answer(&host.back, &others[1], NETIF_RSP_DROPPED);
    fake_unmap(others[0].requests[0].gref);
    fake_netback_answer_raw(&host.back, others[0].requests[0].id, NETIF_RSP_OKAY);
    netfront_poll(&host.front);
    assert_int_equal(host.finished, 3);
    assert_false(packets[0].sent || packets[1].sent);
}

/* Half of what is out is worth an event, and the last answer is. */
static void test_event_for_half(void **state)
{
    unsigned int events = 0;

    (void)state;
    for (unsigned int i = 0; i < 64; i++) {
        packet_at(&packets[i], RAM, 1000);
        submit(&packets[i]);
    }
    flush();
    poll_events();
    while (fake_netback_take(&host.back, &seen)) {
        fake_netback_answer(&host.back, &seen, NETIF_RSP_OKAY);
        events += event_pending();
        poll_events();
    }
    assert_int_equal(host.finished, 64);
    assert_in_range(events, 1, 8);
}

/* done() submits: neither lost, nor deeper and deeper. */
static void test_submit_from_done(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < 700; i++) {
        number(i * PAGE, i);
        packet_at(&packets[i], RAM + i * PAGE, i % 7 ? 60 : 1000);
        packets[i].then = i + 1 < 700 ? &packets[i + 1] : NULL;
    }
    submit(&packets[0]);
    flush();
    run();
    assert_int_equal(host.finished, 700);
    assert_true(packets[699].sent);
}

/* --- a backend that lies ---------------------------------------------------------------------------------- */

static void two_under_way(void **state)
{
    host_setup(state);
    for (unsigned int i = 0; i < 3; i++) {
        packet_at(&packets[i], RAM + i * PAGE, 1000);
        submit(&packets[i]);
    }
    flush();
    take();
}

static void assert_failed(const char *why)
{
    struct packet late;

    poll_events();
    netfront_poll(&host.front);
    assert_true(host.front.failed);
    assert_false(host.front.backend.info.up);
    assert_int_equal(host.chip.link_changes, 1);
    assert_non_null(strstr(take_log(), why));
    packet_at(&late, RAM, 100);
    submit(&late);
    flush();
    assert_int_equal(late.done, 1);
    assert_false(late.sent);
    assert_int_equal(fake_xen.shutdowns, 0);
}

static void assert_given_up(const char *why)
{
    assert_failed(why);
    assert_int_equal(host.finished, 4);
    for (unsigned int i = 0; i < 3; i++)
        assert_int_equal(packets[i].done, 1);
}

static void test_lies(void **state)
{
    two_under_way(state);
    fake_netback_answer_raw(&host.back, 256, NETIF_RSP_OKAY);
    assert_given_up("an answer to no request");
    two_under_way(state);
    fake_netback_answer_raw(&host.back, 0xffff, NETIF_RSP_OKAY);
    assert_given_up("an answer to no request");
    two_under_way(state);
    fake_netback_answer_raw(&host.back, 200, NETIF_RSP_OKAY);
    assert_given_up("an answer to no request");
    two_under_way(state);
    fake_netback_answer(&host.back, &seen, NETIF_RSP_OKAY);
    fake_netback_answer_raw(&host.back, seen.requests[0].id, NETIF_RSP_OKAY);
    assert_given_up("an answer to no request");
    two_under_way(state);
    fake_netback_answer_raw(&host.back, 0, NETIF_RSP_NULL);
    assert_given_up("an answer to extra-info that there was not");
    two_under_way(state);
    host.back.tx.sring->rsp_prod += 4;
    fake_send(host.back.port);
    assert_given_up("more answers than requests");
    two_under_way(state);
    host.back.tx.sring->rsp_prod -= 1;
    fake_send(host.back.port);
    assert_given_up("more answers than requests");
}

/* The page is the backend's for ever: neither its reference nor the interface's pages are used again. */
static void test_pages_kept(void **state)
{
    unsigned int free_count;

    two_under_way(state);
    host.back.keeps_pages = true;
    free_count = host.grants.free_count;
    fake_netback_answer(&host.back, &seen, NETIF_RSP_OKAY);
    assert_given_up("an answer to a request whose page it keeps");
    assert_true(host.front.pages_lost);
    netfront_detach(&host.front);
    assert_true(host.front.pages_lost);
    assert_int_equal(host.grants.free_count, free_count + NETFRONT_REFS + 1 - 1);
    assert_int_equal(fake_grants_in_use(), 1);
    host_setup(state);
    for (unsigned int i = 0; i < 20; i++) {
        packet_at(&packets[i], RAM, 60);
        submit(&packets[i]);
    }
    flush();
    take();
    host.back.keeps_pages = true;
    fake_netback_answer(&host.back, &seen, NETIF_RSP_OKAY);
    assert_failed("an answer to a request whose page it keeps");
    assert_true(host.front.pages_lost);
}

/* --- settle ----------------------------------------------------------------------------------------------- */

static void answer_late(void *owner)
{
    (void)owner;
    if (fake_xen.now_ns > 2050000000ull)
        fake_netback_run(&host.back);
}

static void test_settle(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < 200; i++) {
        packet_at(&packets[i], RAM, 1000);
        submit(&packets[i]);
    }
    fake_xen.now_ns = 2000000000;
    fake_xen.others = answer_late;
    host.front.backend.ops->settle(&host.front.backend);
    assert_int_equal(host.finished, 200);
    assert_true(packets[199].sent);
    host.front.backend.ops->settle(&host.front.backend);
    fake_xen.others = fake_netback_step;
}

static void nothing(void *owner)
{
    (void)owner;
}

/* The backend has not looked at anything: all of it can be had back, and the link lives on. */
static void test_settle_in_vain(void **state)
{
    uint64_t start = fake_xen.now_ns;

    (void)state;
    for (unsigned int i = 0; i < 400; i++) {
        packet_at(&packets[i], RAM, i < 2 ? 100 : 1000);
        submit(&packets[i]);
    }
    fake_xen.others = nothing;
    host.front.backend.ops->settle(&host.front.backend);
    assert_true(fake_xen.now_ns - start <= 200000000);
    assert_int_equal(host.finished, 400);
    assert_true(packets[0].sent);
    assert_false(packets[399].sent);
    assert_true(host.front.backend.info.up);
    assert_int_equal(fake_grants_in_use(), HOST_GRANTS + 2);
    /* Its answers come at last. */
    for (RING_IDX i = 0; i != host.back.tx.sring->req_prod; i++)
        fake_netback_answer_raw(&host.back, RING_GET_REQUEST(&host.back.tx, i)->id, NETIF_RSP_ERROR);
    host.back.tx.req_cons = host.back.tx.sring->req_prod;
    packet_at(&packets[0], RAM, 1000);
    submit(&packets[0]);
    flush();
    run();
    assert_true(packets[0].sent);
    fake_xen.others = fake_netback_step;
}

static struct fake_packet in_use;
static unsigned int finished_before;

static void answer_the_one_in_use(void *owner)
{
    (void)owner;
    if (fake_xen.now_ns < 5000000000ull || host.finished == 200)
        return;
    finished_before = host.finished;
    fake_netback_answer(&host.back, &in_use, NETIF_RSP_OKAY);
}

/* What is being read is waited for, alone, and its answer is seen though no event tells of it. */
static void test_settle_with_one_in_use(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < 200; i++) {
        packet_at(&packets[i], RAM, 1000);
        submit(&packets[i]);
    }
    flush();
    assert_true(fake_netback_take(&host.back, &in_use));
    fake_xen.now_ns = 2000000000;
    fake_xen.others = answer_the_one_in_use;
    host.front.backend.ops->settle(&host.front.backend);
    assert_int_equal(finished_before, 199);
    assert_int_equal(host.finished, 200);
    assert_true(packets[0].sent);
    assert_false(packets[1].sent);
    assert_true(fake_xen.now_ns < 6000000000ull);
    for (unsigned int i = 1; i < 200; i++)
        fake_netback_answer_raw(&host.back, RING_GET_REQUEST(&host.back.tx, i)->id, NETIF_RSP_ERROR);
    host.back.tx.req_cons = host.back.tx.sring->req_prod;
    fake_xen.others = fake_netback_step;
}

static void test_settle_lost(void **state)
{
    two_under_way(state);                   /* and one of them has been looked at */
    fake_xen.others = nothing;
    host.front.backend.ops->settle(&host.front.backend);
    assert_given_up("it may yet read the guest's memory; the link is down");
    assert_true(host.front.pages_lost);
}

int main(void)
{
#define WORKS(test) cmocka_unit_test_setup_teardown(test, host_setup, host_teardown)
    const struct CMUnitTest tests[] = {
        WORKS(test_small),
        WORKS(test_direct),
        WORKS(test_neighbours),
        WORKS(test_high_memory),
        WORKS(test_firmware_memory),
        WORKS(test_no_memory),
        cmocka_unit_test(test_one_slot_a_packet),
        WORKS(test_checksum),
        WORKS(test_checksum_behind_tag),
        WORKS(test_checksum_of_udp),
        WORKS(test_segmentation),
        cmocka_unit_test(test_segmentation_not_offered),
        WORKS(test_too_many_pieces),
        WORKS(test_headers_are_copied),
        WORKS(test_full_ring),
        WORKS(test_full_copies),
        WORKS(test_no_events_for_copies),
        WORKS(test_notifications),
        WORKS(test_out_of_order),
        WORKS(test_event_for_half),
        WORKS(test_submit_from_done),
        cmocka_unit_test(test_lies),
        cmocka_unit_test(test_pages_kept),
        WORKS(test_settle),
        WORKS(test_settle_in_vain),
        WORKS(test_settle_with_one_in_use),
        cmocka_unit_test(test_settle_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
