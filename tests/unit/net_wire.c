/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "net_wire.h"

extern char __executable_start[], end[];    /* the linker's: this program's image */

/* A segment is guest RAM, or one of the chip's own buffers: a static object. */
static const uint8_t *reach(const struct net_wire *wire, const struct net_segment *segment)
{
    const char *place = (const char *)(uintptr_t)segment->address;

    assert_true(segment->length);
    if (wire->memory->memory.is_ram(&wire->memory->memory, segment->address, segment->length))
        return wire->memory->bytes + segment->address;
    assert_true(place >= __executable_start && place + segment->length <= end);
    return (const uint8_t *)place;
}

static void check_packet(const struct net_wire *wire, const struct net_packet *packet)
{
    const struct net_info *info = &wire->backend.info;
    const struct net_offload *offload = &packet->offload;
    uint32_t length = 0;

    assert_in_range(packet->segment_count, 1, NET_SEGMENTS_MAX);
    for (unsigned int i = 0; i < packet->segment_count; i++)
        length += packet->segments[i].length;
    assert_int_equal(packet->length, length);
    assert_in_range(length, NET_FRAME_MIN, offload->gso ? NET_PACKET_MAX : NET_FRAME_MAX + 4);
    assert_true(!offload->gso || (offload->checksum && offload->segment_bytes && info->gso_tcpv4));
    assert_true(!offload->checksum || info->checksum_v4);
    if (offload->checksum)
        assert_in_range(offload->checksum_start + offload->checksum_offset + 2, 36, packet->segments[0].length);
}

static void finish(struct net_wire *wire, struct net_packet *packet)
{
    check_packet(wire, packet);
    if (wire->sent_count < WIRE_SENT && !wire->fail) {
        struct wire_packet *sent = &wire->sent[wire->sent_count];

        sent->length = packet->length;
        sent->segments = packet->segment_count;
        sent->offload = packet->offload;
        for (uint32_t i = 0, at = 0; i < packet->segment_count; at += packet->segments[i++].length)
            memcpy(sent->bytes + at, reach(wire, &packet->segments[i]), packet->segments[i].length);
    }
    wire->sent_count += !wire->fail;
    packet->done(packet, !wire->fail);
}

static void submit(struct net_backend *backend, struct net_packet *packet)
{
    struct net_wire *wire = (struct net_wire *)backend;
    struct net_packet **last = &wire->queue;

    check_packet(wire, packet);
    if (!wire->deferred) {
        finish(wire, packet);
        return;
    }
    while (*last)
        last = &(*last)->next;
    packet->next = NULL;
    *last = packet;
    wire->queued++;
}

bool net_wire_complete(struct net_wire *wire)
{
    struct net_packet *packet = wire->queue;

    if (!packet)
        return false;
    wire->queue = packet->next;
    wire->queued--;
    finish(wire, packet);
    return true;
}

static void settle(struct net_backend *backend)
{
    struct net_wire *wire = (struct net_wire *)backend;

    wire->settles++;
    while (net_wire_complete(wire))
        ;
}

static void flush(struct net_backend *backend)
{
    ((struct net_wire *)backend)->flushes++;
}

/* In three pieces, so that chips do not take the first for all. */
static bool offer(struct net_wire *wire, const struct wire_frame *frame)
{
    struct net_listener *listener = wire->backend.listener;
    uint32_t first = frame->length / 2 < 64 ? frame->length < 64 ? frame->length : 64 : frame->length / 2;
    uint32_t second = (frame->length - first) / 2, third = frame->length - first - second;
    const struct net_piece pieces[3] = {
        { frame->bytes, first }, { frame->bytes + first, second }, { frame->bytes + first + second, third },
    };
    struct net_frame offered = { pieces, third ? second ? 3 : 2 : 1, frame->length, frame->checksum };
    const struct net_piece two[2] = { pieces[0], pieces[2] };

    if (third && !second)
        offered.pieces = two;
    return listener->receive(listener, &offered);
}

static void push_waiting(struct net_wire *wire)
{
    while (wire->waiting_count && offer(wire, &wire->waiting[wire->waiting_first])) {
        wire->waiting_first = (wire->waiting_first + 1) % WIRE_WAITING;
        wire->waiting_count--;
    }
    wire->backend.listener->pushed(wire->backend.listener);
}

static void ready(struct net_backend *backend)
{
    struct net_wire *wire = (struct net_wire *)backend;

    wire->readies++;
    push_waiting(wire);
}

void net_wire_push(struct net_wire *wire, const void *bytes, uint32_t length, enum net_checksum checksum)
{
    unsigned int place = (wire->waiting_first + wire->waiting_count) % WIRE_WAITING;
    bool idle = !wire->waiting_count;

    assert_true(wire->waiting_count < WIRE_WAITING && length <= sizeof(wire->waiting[0].bytes));
    wire->waiting[place].length = length;
    wire->waiting[place].checksum = checksum;
    memcpy(wire->waiting[place].bytes, bytes, length);
    wire->waiting_count++;
    if (idle)
        push_waiting(wire);
}

void net_wire_set_up(struct net_wire *wire, bool up)
{
    wire->backend.info.up = up;
    wire->backend.listener->link_changed(wire->backend.listener);
}

void net_wire_finish(struct wire_packet *packet)
{
    const struct net_offload *offload = &packet->offload;
    uint32_t sum = 0, place = offload->checksum_start + offload->checksum_offset;

    if (!offload->checksum)
        return;
    for (uint32_t i = offload->checksum_start; i < packet->length; i++)
        sum += (uint32_t)packet->bytes[i] << ((i - offload->checksum_start) & 1 ? 0 : 8);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    packet->bytes[place] = (uint8_t)(~sum >> 8);
    packet->bytes[place + 1] = (uint8_t)~sum;
}

void net_wire_init(struct net_wire *wire, struct test_memory *memory)
{
    static const struct net_backend_ops ops = { submit, flush, ready, settle };

    wire->backend = (struct net_backend){
        .ops = &ops, .info = { .address = { 0x52, 0x54, 0x00, 0x12, 0x34, 0x56 }, .up = true },
    };
    wire->memory = memory;
    wire->deferred = wire->fail = false;
    wire->queue = NULL;
    wire->queued = wire->flushes = wire->readies = wire->settles = 0;
    wire->sent_count = wire->waiting_first = wire->waiting_count = 0;
}
