/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "support.h"

#include "lib/inet_checksum.h"

#include <stdlib.h>

/* As RFC 1071 defines it: 16-bit words, the high byte first, end-around carry. */
static uint16_t reference(const uint8_t *bytes, size_t length)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < length; i++)
        sum += i & 1 ? bytes[i] : bytes[i] << 8;
    while (sum >> 16)
        sum = (sum >> 16) + (sum & 0xffff);
    return (uint16_t)sum;
}

static uint16_t sum_of(const uint8_t *bytes, uint32_t length)
{
    struct inet_sum sum = { 0 };

    inet_sum_add(&sum, bytes, length);
    return inet_sum_result(&sum);
}

/* RFC 1071, section 3. */
static void test_example(void **state)
{
    static const uint8_t bytes[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };

    (void)state;
    assert_int_equal(sum_of(bytes, sizeof(bytes)), 0xddf2);
    assert_int_equal(sum_of(bytes, 0), 0);
    assert_int_equal(sum_of(bytes + 2, 1), 0xf200);
}

static void test_pieces(void **state)
{
    uint8_t bytes[3000];

    (void)state;
    srandom(1);
    for (unsigned int round = 0; round < 3000; round++) {
        uint32_t length = (uint32_t)random() % sizeof(bytes), at = 0;
        struct inet_sum sum = { 0 };

        for (uint32_t i = 0; i < length; i++)
            bytes[i] = round % 3 ? (uint8_t)random() : 0xff;
        while (at < length) {
            uint32_t step = (uint32_t)random() % (round % 2 ? 8 : 600);

            step = step < length - at ? step : length - at;
            inet_sum_add(&sum, bytes + at, step);
            at += step;
        }
        assert_int_equal(inet_sum_result(&sum), reference(bytes, length));
    }
}

static void test_carries(void **state)
{
    static uint8_t ones[70000];
    struct inet_sum sum = { 0 };

    (void)state;
    memset(ones, 0xff, sizeof(ones));
    assert_int_equal(sum_of(ones, sizeof(ones)), 0xffff);
    assert_int_equal(sum_of(ones, 69999), reference(ones, 69999));
    inet_sum_add_number(&sum, 0xffff);
    inet_sum_add_number(&sum, 2);
    assert_int_equal(inet_sum_result(&sum), 2);
    memcpy(ones + 8, "\1", 2);              /* one carry gives the next */
    assert_int_equal(sum_of(ones, 12), reference(ones, 12));
    memset(ones + 10, 0, 2);
    assert_int_equal(sum_of(ones, 12), 0x0100);
}

static void test_checksum(void **state)
{
    struct inet_sum sum = { 0 };

    (void)state;
    inet_sum_add_number(&sum, 0xffff);
    assert_int_equal(inet_checksum(&sum, INET_UDP), 0xffff);
    assert_int_equal(inet_checksum(&sum, INET_TCP), 0);
    sum = (struct inet_sum){ 0 };
    inet_sum_add_number(&sum, 0x1234);
    assert_int_equal(inet_checksum(&sum, INET_UDP), 0xedcb);
}

/* --- frames ----------------------------------------------------------------------------------------------- */

struct frame {
    uint8_t bytes[400];
    uint32_t length;
};

static void put(struct frame *frame, const void *bytes, uint32_t length)
{
    assert_true(frame->length + length <= sizeof(frame->bytes));
    memcpy(frame->bytes + frame->length, bytes, length);
    frame->length += length;
}

static void put_number(struct frame *frame, uint16_t number)
{
    uint8_t bytes[2] = { (uint8_t)(number >> 8), (uint8_t)number };

    put(frame, bytes, 2);
}

static void put_ethernet(struct frame *frame, unsigned int tags, uint16_t type)
{
    frame->length = 0;
    put(frame, "\x52\x54\x00\x01\x02\x03\x00\x16\x3e\x0a\x0b\x0c", 12);
    for (unsigned int i = 0; i < tags; i++) {
        put_number(frame, i + 1 < tags ? 0x88a8 : 0x8100);
        put_number(frame, 0x2005);
    }
    put_number(frame, type);
}

/* options: in bytes; length: of what the header is followed by. */
static void put_ipv4(struct frame *frame, uint8_t protocol, unsigned int options, uint16_t length)
{
    static const uint8_t nops[40] = { [0 ... 39] = 1 };
    uint8_t first[2] = { (uint8_t)(0x45 + options / 4), 0 };

    put(frame, first, 2);
    put_number(frame, (uint16_t)(20 + options + length));
    put(frame, "\x12\x34\x40\x00\x40", 5);
    put(frame, &protocol, 1);
    put(frame, "\x00\x00\xc0\xa8\x00\x01\xc0\xa8\x00\xc7", 10);
    put(frame, nops, options);
}

static void put_ipv6(struct frame *frame, uint8_t protocol, uint16_t length)
{
    put(frame, "\x60\x00\x00\x00", 4);
    put_number(frame, length);
    put(frame, &protocol, 1);
    put(frame, "\x40", 1);
    put(frame, "\xfe\x80\x00\x00\x00\x00\x00\x00\x50\x54\x00\xff\xfe\x12\x34\x56", 16);
    put(frame, "\xff\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01", 16);
}

static void put_udp(struct frame *frame, const char *payload)
{
    put(frame, "\x00\x35\xc0\x01", 4);
    put_number(frame, (uint16_t)(8 + strlen(payload)));
    put(frame, "\x00\x00", 2);
    put(frame, payload, (uint32_t)strlen(payload));
}

static void put_tcp(struct frame *frame, unsigned int options, const char *payload)
{
    static const uint8_t nops[40] = { [0 ... 39] = 1 };
    uint8_t offset = (uint8_t)((5 + options / 4) << 4);

    put(frame, "\x00\x50\xc0\x01\x01\x02\x03\x04\x05\x06\x07\x08", 12);
    put(frame, &offset, 1);
    put(frame, "\x18\xff\xff\x00\x00\x00\x00", 7);
    put(frame, nops, options);
    put(frame, payload, (uint32_t)strlen(payload));
}

static void put_padding(struct frame *frame)
{
    while (frame->length < 60)
        put(frame, "\xee", 1);
}

static bool find(const struct frame *frame, struct inet_packet *packet)
{
    return inet_find(frame->bytes, frame->length, frame->length, packet);
}

static void assert_place(const struct inet_packet *packet, unsigned int ip, unsigned int transport,
                         unsigned int payload, unsigned int checksum, unsigned int length)
{
    assert_int_equal(packet->ip, ip);
    assert_int_equal(packet->transport, transport);
    assert_int_equal(packet->payload, payload);
    assert_int_equal(packet->checksum, checksum);
    assert_int_equal(packet->transport_length, length);
}

static void test_ipv4_udp(void **state)
{
    struct frame frame;
    struct inet_packet packet;

    (void)state;
    put_ethernet(&frame, 0, 0x0800);
    put_ipv4(&frame, INET_UDP, 0, 13);
    put_udp(&frame, "hello");
    put_padding(&frame);
    assert_true(find(&frame, &packet));
    assert_int_equal(packet.version, 4);
    assert_int_equal(packet.protocol, INET_UDP);
    assert_place(&packet, 14, 34, 42, 40, 13);
}

static void test_tags_and_options(void **state)
{
    struct frame frame;
    struct inet_packet packet;

    (void)state;
    put_ethernet(&frame, 2, 0x0800);
    put_ipv4(&frame, INET_TCP, 40, 20 + 40 + 3);
    put_tcp(&frame, 40, "abc");
    put_padding(&frame);
    assert_true(find(&frame, &packet));
    assert_place(&packet, 22, 82, 142, 98, 63);
    put_ethernet(&frame, 3, 0x0800);
    put_ipv4(&frame, INET_TCP, 0, 23);
    put_tcp(&frame, 0, "abc");
    assert_false(find(&frame, &packet));
}

static void test_ipv6(void **state)
{
    struct frame frame;
    struct inet_packet packet;

    (void)state;
    put_ethernet(&frame, 1, 0x86dd);
    put_ipv6(&frame, 0, 8 + 16 + 8 + 8 + 22);
    put(&frame, "\x2b\x00\x05\x02\x00\x00\x00\x00", 8);                     /* hop-by-hop, then routing */
    put(&frame, "\x3c\x01\x00\x00\x00\x00\x00\x00\1\1\1\1\1\1\1\1", 16);    /* used up; destination options */
    put(&frame, "\x2c\x00\x01\x04\x00\x00\x00\x00", 8);                     /* fragment */
    put(&frame, "\x06\x00\x00\x00\x12\x34\x56\x78", 8);                     /* the only one; TCP */
    put_tcp(&frame, 0, "ab");
    assert_true(find(&frame, &packet));
    assert_int_equal(packet.version, 6);
    assert_place(&packet, 18, 98, 118, 114, 22);

    frame.bytes[18 + 40 + 32 + 3] = 1;      /* more fragments */
    assert_false(find(&frame, &packet));
    frame.bytes[18 + 40 + 32 + 3] = 8;      /* not the first */
    assert_false(find(&frame, &packet));
    frame.bytes[18 + 40 + 32 + 3] = 0;
    frame.bytes[18 + 40 + 8 + 3] = 1;       /* to be routed on */
    assert_false(find(&frame, &packet));
}

static void test_not_found(void **state)
{
    static const struct { unsigned int at; uint8_t value; } wrongs[] = {
        { 13, 0x06 }, { 14, 0x55 }, { 14, 0x44 }, { 14, 0x4f }, { 16, 0xff }, { 17, 27 }, { 17, 28 + 6 }, { 20, 0x20 },
        { 21, 0x01 }, { 23, 1 }, { 38, 0xff }, { 39, 7 }, { 39, 14 },
    };
    struct frame good, frame;
    struct inet_packet packet;

    (void)state;
    put_ethernet(&good, 0, 0x0800);
    put_ipv4(&good, INET_UDP, 0, 13);
    put_udp(&good, "hello");
    for (unsigned int i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
        frame = good;
        assert_true(find(&frame, &packet));
        frame.bytes[wrongs[i].at] = wrongs[i].value;
        assert_false(find(&frame, &packet));
    }
    put_ethernet(&frame, 0, 0x0800);
    put_ipv4(&frame, INET_TCP, 0, 20);
    put_tcp(&frame, 0, "");
    assert_true(find(&frame, &packet));
    frame.bytes[34 + 12] = 0x40;
    assert_false(find(&frame, &packet));
    frame.bytes[34 + 12] = 0x60;
    assert_false(find(&frame, &packet));
}

/* Whatever is missing at the end: no byte beyond is read (the sanitizer watches), and nothing is found. */
static void assert_needs_all(const struct frame *frame, uint32_t headers)
{
    struct inet_packet packet;

    for (uint32_t available = 0; available <= frame->length; available++) {
        uint8_t *copy = malloc(available ? available : 1);

        assert_non_null(copy);
        memcpy(copy, frame->bytes, available);
        assert_int_equal(inet_find(copy, available, frame->length, &packet), available >= headers);
        assert_int_equal(inet_find(copy, available, available, &packet), available == frame->length);
        free(copy);
    }
}

static void test_short(void **state)
{
    struct frame frame;

    (void)state;
    put_ethernet(&frame, 1, 0x0800);
    put_ipv4(&frame, INET_TCP, 8, 20 + 12 + 4);
    put_tcp(&frame, 12, "abcd");
    assert_needs_all(&frame, frame.length - 4);
    put_ethernet(&frame, 0, 0x86dd);
    put_ipv6(&frame, 60, 16 + 8 + 5);
    put(&frame, "\x11\x01\x00\x00\x00\x00\x00\x00\1\1\1\1\1\1\1\1", 16);
    put_udp(&frame, "hello");
    assert_needs_all(&frame, frame.length - 5);
}

/* Any bytes at all: what is found is inside. */
static void test_random(void **state)
{
    unsigned int found = 0;

    (void)state;
    srandom(2);
    for (unsigned int round = 0; round < 200000; round++) {
        struct frame frame;
        struct inet_packet packet;

        put_ethernet(&frame, round % 3, round & 1 ? 0x0800 : 0x86dd);
        if (round & 1)
            put_ipv4(&frame, round & 2 ? INET_TCP : INET_UDP, 4 * (round / 4 % 11), (uint16_t)(random() % 80));
        else
            put_ipv6(&frame, round & 2 ? INET_TCP : 60, (uint16_t)(random() % 80));
        while (frame.length < 160)
            put_number(&frame, (uint16_t)(random() & 0x07ff));
        for (unsigned int i = 0; i < 2; i++)
            frame.bytes[random() % frame.length] = (uint8_t)random();
        if (!find(&frame, &packet))
            continue;
        found++;
        assert_true(packet.ip < packet.transport && packet.transport + 8 <= packet.payload);
        assert_true(packet.payload <= frame.length && packet.checksum + 2 <= packet.payload);
        assert_true(packet.transport + packet.transport_length <= frame.length);
        assert_true(packet.payload <= packet.transport + packet.transport_length);
    }
    assert_true(found > 1000);
}

/* RFC 768 and RFC 8200, section 8.1. */
static void test_pseudo_header(void **state)
{
    struct frame frame;
    struct inet_packet packet;
    struct inet_sum sum = { 0 };
    uint8_t pseudo[40 + 13];

    (void)state;
    put_ethernet(&frame, 0, 0x0800);
    put_ipv4(&frame, INET_UDP, 0, 13);
    put_udp(&frame, "hello");
    assert_true(find(&frame, &packet));
    inet_sum_add_pseudo_header(&sum, frame.bytes, &packet, packet.transport_length);
    inet_sum_add(&sum, frame.bytes + packet.transport, packet.transport_length);
    memcpy(pseudo, "\xc0\xa8\x00\x01\xc0\xa8\x00\xc7\x00\x11\x00\x0d", 12);
    memcpy(pseudo + 12, frame.bytes + 34, 13);
    assert_int_equal(inet_sum_result(&sum), reference(pseudo, 25));

    put_ethernet(&frame, 0, 0x86dd);
    put_ipv6(&frame, INET_UDP, 13);
    put_udp(&frame, "hello");
    assert_true(find(&frame, &packet));
    sum = (struct inet_sum){ 0 };
    inet_sum_add_pseudo_header(&sum, frame.bytes, &packet, 0x1000d);
    inet_sum_add(&sum, frame.bytes + packet.transport, packet.transport_length);
    memcpy(pseudo, frame.bytes + 14 + 8, 32);
    memcpy(pseudo + 32, "\x00\x01\x00\x0d\x00\x00\x00\x11", 8);
    memcpy(pseudo + 40, frame.bytes + 54, 13);
    assert_int_equal(inet_sum_result(&sum), reference(pseudo, 53));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_example),
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_carries),
        cmocka_unit_test(test_checksum),
        cmocka_unit_test(test_ipv4_udp),
        cmocka_unit_test(test_tags_and_options),
        cmocka_unit_test(test_ipv6),
        cmocka_unit_test(test_not_found),
        cmocka_unit_test(test_short),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_pseudo_header),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
