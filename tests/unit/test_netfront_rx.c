/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "netfront_host.h"

#include "lib/inet_checksum.h"

#include <stdlib.h>

static uint8_t frame[65536];

static void send(uint32_t length, uint16_t flags)
{
    assert_true(fake_netback_send(&host.back, frame, length, flags));
    poll_events();
}

static void ready(unsigned int room)
{
    host.chip.room = room;
    host.front.backend.ops->ready(&host.front.backend);
}

/* --- frames ----------------------------------------------------------------------------------------------- */

static void test_every_size(void **state)
{
    (void)state;
    fill(frame, sizeof(frame), 1);
    for (uint32_t length = 14; length <= 1518; length++) {
        frame[13] = (uint8_t)length;
        send(length, 0);
        assert_int_equal(host.chip.length, length);
        assert_memory_equal(host.chip.bytes, frame, length);
        assert_int_equal(host.chip.checksum, NET_CHECKSUM_UNKNOWN);
    }
    assert_int_equal(host.chip.frames, 1505);
    assert_int_equal(host.chip.pushes, 1505);
    assert_int_equal(host.front.received, 1505);
    assert_int_equal(fake_netback_pages(&host.back), NETFRONT_RX_PAGES);
}

static void test_data_validated(void **state)
{
    (void)state;
    send(100, NETRXF_data_validated);
    assert_int_equal(host.chip.checksum, NET_CHECKSUM_GOOD);
}

static void test_pieces(void **state)
{
    (void)state;
    fill(frame, sizeof(frame), 2);
    host.back.slot_offset = 100;
    host.back.slot_bytes = 1000;
    send(5000, 0);
    assert_int_equal(host.chip.pieces, 5);
    assert_int_equal(host.chip.length, 5000);
    assert_memory_equal(host.chip.bytes, frame, 5000);
    send(5001, 0);                          /* more than a chip looks at */
    assert_int_equal(host.chip.frames, 1);
    assert_int_equal(host.front.dropped, 1);
    host.back.slot_bytes = 13;              /* the header is in two */
    send(60, 0);
    assert_int_equal(host.chip.frames, 1);
    assert_int_equal(host.front.dropped, 2);
    host.back.slot_bytes = 14;
    send(28, 0);
    assert_int_equal(host.chip.frames, 2);
    assert_int_equal(fake_netback_pages(&host.back), NETFRONT_RX_PAGES);
}

static void test_page_is_ours_when_looked_at(void **state)
{
    unsigned int in_use = fake_grants_in_use();

    (void)state;
    host.chip.room = 0;
    host.back.slot_bytes = 30;
    send(60, 0);
    assert_int_equal(fake_grants_in_use(), in_use - 2);
    ready(1);
    assert_int_equal(fake_grants_in_use(), in_use);
}

static void test_nobody_listens(void **state)
{
    (void)state;
    host.front.backend.listener = NULL;
    for (unsigned int i = 0; i < 300; i++)
        send(100, 0);
    assert_int_equal(fake_netback_pages(&host.back), NETFRONT_RX_PAGES);
    host.front.backend.listener = &host.chip.listener;
}

/* A backend on another processor: it sends whenever it gets pages, until it has no more frames. */
static unsigned int left_to_send;

static void send_all(void *owner)
{
    (void)owner;
    while (left_to_send && fake_netback_send(&host.back, frame, 60, 0))
        left_to_send--;
}

/* The firmware is left again, however much there is, and all of it comes. */
static void test_backend_that_does_not_stop(void **state)
{
    struct fake_port *port = fake_port(host.back.port);
    unsigned int entries = 0, before;

    (void)state;
    port->on_send = send_all;
    left_to_send = 5000;
    send_all(NULL);
    do {
        before = host.chip.frames;
        poll_events();
        assert_true(host.chip.frames - before <= 256 + NETFRONT_RX_PAGES);
        assert_int_equal(host.chip.pushes, ++entries);
    } while (host.chip.frames < 5000 && entries < 100);
    assert_int_equal(host.chip.frames, 5000);
    assert_true(entries < 5000 / 256 + 2);
    assert_int_equal(fake_netback_pages(&host.back), NETFRONT_RX_PAGES);
}

/* --- checksums -------------------------------------------------------------------------------------------- */

/* An Ethernet frame with UDP, whose checksum field holds the pseudo-header's sum; returns its length. */
static uint32_t blank_frame(bool ipv6, uint32_t payload)
{
    struct inet_packet packet;
    struct inet_sum sum = { 0 };
    uint32_t ip = 14, udp = ip + (ipv6 ? 40 : 20), length = udp + 8 + payload;

    fill(frame, length, payload);
    memcpy(frame + 12, ipv6 ? "\x86\xdd\x60" : "\x08\x00\x45", 3);
    if (ipv6) {
        frame[ip + 4] = (uint8_t)((payload + 8) >> 8);
        frame[ip + 5] = (uint8_t)(payload + 8);
        frame[ip + 6] = INET_UDP;
    } else {
        frame[ip + 2] = (uint8_t)((payload + 28) >> 8);
        frame[ip + 3] = (uint8_t)(payload + 28);
        frame[ip + 6] = frame[ip + 7] = 0;
        frame[ip + 9] = INET_UDP;
    }
    frame[udp + 4] = (uint8_t)((payload + 8) >> 8);
    frame[udp + 5] = (uint8_t)(payload + 8);
    assert_true(inet_find(frame, length, length, &packet));
    inet_sum_add_pseudo_header(&sum, frame, &packet, packet.transport_length);
    frame[udp + 6] = (uint8_t)(inet_sum_result(&sum) >> 8);
    frame[udp + 7] = (uint8_t)inet_sum_result(&sum);
    return length;
}

/* The receiver's check: everything and the pseudo-header sums up to all ones. */
static void assert_checksum_is_right(uint32_t length)
{
    struct inet_packet packet;
    struct inet_sum sum = { 0 };

    assert_int_equal(host.chip.length, length);
    assert_true(inet_find(host.chip.bytes, length, length, &packet));
    inet_sum_add_pseudo_header(&sum, host.chip.bytes, &packet, packet.transport_length);
    inet_sum_add(&sum, host.chip.bytes + packet.transport, packet.transport_length);
    assert_int_equal(inet_sum_result(&sum), 0xffff);
    memcpy(host.chip.bytes + packet.checksum, frame + packet.checksum, 2);
    assert_memory_equal(host.chip.bytes, frame, length);
    assert_int_equal(host.chip.checksum, NET_CHECKSUM_GOOD);
}

static void test_blank_checksum(void **state)
{
    static const uint32_t slot_bytes[] = { 4096, 1000, 301, 41, 49 };

    (void)state;
    for (unsigned int i = 0; i < sizeof(slot_bytes) / sizeof(slot_bytes[0]); i++)
        for (uint32_t payload = 0; payload < 1472 && payload + 70 <= 5 * slot_bytes[i]; payload += 7) {
            uint32_t length = blank_frame(payload & 1, payload);

            host.back.slot_bytes = slot_bytes[i];
            send(length, NETRXF_csum_blank | NETRXF_data_validated);
            assert_checksum_is_right(length);
        }
    assert_int_equal(host.front.dropped, 0);
}

/* While the chip has no room a frame is completed once, not twice. */
static void test_blank_checksum_held(void **state)
{
    uint32_t length = blank_frame(false, 333);

    (void)state;
    host.chip.room = 0;
    send(length, NETRXF_csum_blank);
    netfront_poll(&host.front);
    ready(0);
    ready(1);
    assert_int_equal(host.chip.refused, 3);
    assert_checksum_is_right(length);
}

static void test_blank_where_there_is_none(void **state)
{
    (void)state;
    memset(frame, 0, 100);
    send(100, NETRXF_csum_blank);
    assert_int_equal(host.chip.frames, 0);
    assert_int_equal(host.front.dropped, 1);
}

/* --- a chip without room ---------------------------------------------------------------------------------- */

static void send_numbered(uint32_t *next)
{
    memcpy(frame + NET_HEADER_BYTES, next, sizeof(*next));
    if (fake_netback_send(&host.back, frame, 60 + *next % 1400, 0))
        ++*next;
}

/* Whatever comes when: nothing is lost, nothing changes places. */
static void test_flow(void **state)
{
    uint32_t next = 0;

    (void)state;
    host.chip.numbered = true;
    host.chip.room = 0;
    srandom(4);
    for (unsigned int round = 0; round < 5000; round++) {
        host.back.slot_bytes = random() % 2 ? 4096 : 400;
        switch (random() % 4) {
        case 0:
        case 1:
            for (unsigned int i = (unsigned int)random() % 80; i--;)
                send_numbered(&next);
            break;
        case 2:
            poll_events();
            break;
        default:
            ready((unsigned int)random() % 100);
        }
    }
    ready(UINT32_MAX);
    netfront_poll(&host.front);
    assert_true(next > 20000);
    assert_int_equal(host.chip.next, next);
    assert_int_equal(fake_netback_pages(&host.back), NETFRONT_RX_PAGES);
}

/* All pages behind the frame that waits stay, those before it go back to the backend. */
static void test_pages_of_a_full_chip(void **state)
{
    (void)state;
    host.chip.room = 10;
    for (unsigned int i = 0; i < 30; i++)
        assert_true(fake_netback_send(&host.back, frame, 60, 0));
    poll_events();
    assert_int_equal(host.chip.frames, 10);
    assert_int_equal(host.chip.pushes, 1);
    assert_int_equal(fake_netback_pages(&host.back), NETFRONT_RX_PAGES - 20);
    ready(5);
    assert_int_equal(host.chip.frames, 15);
    assert_int_equal(host.chip.pushes, 2);
    assert_int_equal(fake_netback_pages(&host.back), NETFRONT_RX_PAGES - 15);
    /* no event is asked for meanwhile */
    assert_true(fake_netback_send(&host.back, frame, 60, 0));
    assert_int_equal(fake_xen.pending[0], 0);
    ready(UINT32_MAX);
    assert_int_equal(host.chip.frames, 31);
    assert_true(fake_netback_send(&host.back, frame, 60, 0));
    assert_int_not_equal(fake_xen.pending[0], 0);
    poll_events();
    assert_int_equal(host.chip.frames, 32);
}

/* The backend hears of new pages when it had too few, and not otherwise. */
static void test_notifications(void **state)
{
    struct fake_port *port = fake_port(host.back.port);
    unsigned int sends = port->sends;

    (void)state;
    for (unsigned int i = 0; i < 20; i++)
        send(60, 0);
    assert_int_equal(port->sends, sends);
    while (fake_netback_send(&host.back, frame, 60, 0))
        ;
    assert_int_equal(fake_netback_pages(&host.back), 0);
    poll_events();
    assert_int_equal(port->sends, sends + 1);
    assert_int_equal(fake_netback_pages(&host.back), NETFRONT_RX_PAGES);
}

/* --- extra-info ------------------------------------------------------------------------------------------- */

static void send_with_extras(const struct netif_extra_info *extras, unsigned int count)
{
    fake_netback_respond(&host.back, NULL, 60, NETRXF_extra_info | NETRXF_more_data);
    for (unsigned int i = 0; i < count; i++)
        fake_netback_respond(&host.back, &extras[i], 0, 0);
    fake_netback_respond(&host.back, NULL, 40, 0);
    fake_netback_push(&host.back);
    poll_events();
}

static void test_extras(void **state)
{
    static const struct netif_extra_info extras[] = {
        { .type = XEN_NETIF_EXTRA_TYPE_HASH, .flags = XEN_NETIF_EXTRA_FLAG_MORE },
        { .type = XEN_NETIF_EXTRA_TYPE_MCAST_ADD },
        { .type = XEN_NETIF_EXTRA_TYPE_GSO, .u.gso = { .size = 1448, .type = XEN_NETIF_GSO_TYPE_TCPV4 } },
    };

    (void)state;
    send_with_extras(extras, 2);
    assert_int_equal(host.chip.frames, 1);
    assert_int_equal(host.chip.length, 100);
    send_with_extras(extras + 2, 1);        /* not asked for: to be cut yet, and nobody does */
    assert_int_equal(host.chip.frames, 1);
    assert_int_equal(host.front.dropped, 1);
    send(60, 0);
    assert_int_equal(host.chip.frames, 2);
    assert_int_equal(fake_netback_pages(&host.back), NETFRONT_RX_PAGES);
}

/* --- a backend that lies ---------------------------------------------------------------------------------- */

static void assert_failed(const char *why)
{
    struct packet late;

    fake_send(host.back.port);
    poll_events();
    assert_true(host.front.failed);
    assert_false(host.front.backend.info.up);
    assert_int_equal(host.chip.link_changes, 1);
    assert_int_equal(host.chip.frames, 0);
    assert_non_null(strstr(take_log(), why));
    ready(100);
    netfront_poll(&host.front);
    packet_at(&late, RAM, 100);
    submit(&late);
    assert_int_equal(late.done, 1);
    assert_int_equal(host.chip.frames, 0);
}

static void test_lies(void **state)
{
    static const struct { struct netif_rx_response response; const char *why; } lies[] = {
        { { .id = 1, .status = 60 }, "a response in another's place" },
        { { .id = 64, .status = 60 }, "a response in another's place" },
        { { .id = 0xffff, .status = 60 }, "a response in another's place" },
        { { .offset = 4096, .status = 60 }, "a frame beyond its page" },
        { { .offset = 4037, .status = 60 }, "a frame beyond its page" },
        { { .offset = 0xffff, .status = 1 }, "a frame beyond its page" },
        { { .status = 4097 }, "a frame beyond its page" },
        { { .status = 0x7fff }, "a frame beyond its page" },
    };

    for (unsigned int i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        host_setup(state);
        fake_netback_respond(&host.back, &lies[i].response, 0, 0);
        fake_netback_push(&host.back);
        assert_failed(lies[i].why);
        netfront_detach(&host.front);
        host_assert_no_leak();
    }
}

static void test_index_lies(void **state)
{
    host_setup(state);
    host.back.rx.sring->rsp_prod = NETFRONT_RX_PAGES + 1;
    assert_failed("more frames than pages");
    host_setup(state);
    host.back.rx.sring->rsp_prod = (RING_IDX)-1;
    assert_failed("more frames than pages");
}

static void test_extra_lies(void **state)
{
    static const struct netif_extra_info none, unknown = { .type = XEN_NETIF_EXTRA_TYPE_MAX };

    host_setup(state);
    send_with_extras(&none, 1);
    assert_failed("extra-info of no type");
    host_setup(state);
    send_with_extras(&unknown, 1);
    assert_failed("extra-info of no type");
}

static void test_without_end(void **state)
{
    static const struct netif_extra_info endless = {
        .type = XEN_NETIF_EXTRA_TYPE_HASH, .flags = XEN_NETIF_EXTRA_FLAG_MORE,
    };

    host_setup(state);
    for (unsigned int i = 0; i < 19; i++)
        fake_netback_respond(&host.back, NULL, 60, NETRXF_more_data);
    fake_netback_push(&host.back);
    assert_failed("a frame without an end");
    host_setup(state);
    fake_netback_respond(&host.back, NULL, 60, NETRXF_extra_info);
    for (unsigned int i = 1; i < NETFRONT_RX_PAGES; i++)
        fake_netback_respond(&host.back, &endless, 0, 0);
    fake_netback_push(&host.back);
    assert_failed("a frame without an end");
}

static void test_page_kept(void **state)
{
    host_setup(state);
    host.back.keeps_pages = true;
    assert_true(fake_netback_send(&host.back, frame, 60, 0));
    assert_failed("a frame in a page that it keeps");
    netfront_detach(&host.front);
    assert_true(host.front.pages_lost);
    assert_int_equal(fake_grants_in_use(), 1);
}

/* The backend's own misfortunes are no lies. */
static void test_errors(void **state)
{
    static const int16_t statuses[] = { NETIF_RSP_ERROR, NETIF_RSP_DROPPED, 0, INT16_MIN, 13 };

    (void)state;
    for (unsigned int i = 0; i < 5; i++) {
        fake_netback_respond(&host.back, NULL, statuses[i], 0);
        fake_netback_push(&host.back);
    }
    send(60, 0);
    assert_int_equal(host.chip.frames, 1);
    assert_int_equal(host.front.dropped, 5);
    /* nor is what comes in two goes */
    fake_netback_respond(&host.back, NULL, 60, NETRXF_more_data);
    fake_netback_push(&host.back);
    poll_events();
    assert_int_equal(host.chip.frames, 1);
    fake_netback_respond(&host.back, NULL, 60, 0);
    fake_netback_push(&host.back);
    poll_events();
    assert_int_equal(host.chip.frames, 2);
    assert_int_equal(host.chip.length, 120);
}

int main(void)
{
#define WORKS(test) cmocka_unit_test_setup_teardown(test, host_setup, host_teardown)
    const struct CMUnitTest tests[] = {
        WORKS(test_every_size),
        WORKS(test_data_validated),
        WORKS(test_pieces),
        WORKS(test_page_is_ours_when_looked_at),
        WORKS(test_nobody_listens),
        WORKS(test_backend_that_does_not_stop),
        WORKS(test_blank_checksum),
        WORKS(test_blank_checksum_held),
        WORKS(test_blank_where_there_is_none),
        WORKS(test_flow),
        WORKS(test_pages_of_a_full_chip),
        WORKS(test_notifications),
        WORKS(test_extras),
        cmocka_unit_test(test_lies),
        cmocka_unit_test(test_index_lies),
        cmocka_unit_test(test_extra_lies),
        cmocka_unit_test(test_without_end),
        cmocka_unit_test(test_page_kept),
        WORKS(test_errors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
