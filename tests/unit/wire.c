/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "wire.h"

#include <stdlib.h>

/* Guest memory by its address; the firmware is this program. */
static const uint8_t *segment_bytes(const struct wire *wire, const struct net_segment *segment)
{
    assert_true(segment->length > 0);
    if (segment->address >= wire->memory->size)
        return (const uint8_t *)(uintptr_t)segment->address;
    assert_true(segment->length <= wire->memory->size - segment->address);
    return wire->memory->bytes + segment->address;
}

static void check(const struct wire *wire, const struct net_packet *packet)
{
    const struct net_info *info = &wire->backend.info;
    const struct net_offload *offload = &packet->offload;

    assert_true(packet->segment_count >= 1 && packet->segment_count <= NET_SEGMENTS_MAX);
    assert_true(packet->length >= NET_FRAME_MIN);
    assert_true(packet->length <= (offload->gso ? NET_PACKET_MAX : NET_FRAME_MAX + 4));
    assert_true(!offload->gso || (offload->checksum && offload->segment_bytes));
    assert_true(!offload->checksum || info->checksum_v4 || info->checksum_v6);
    assert_true(offload->gso != NET_GSO_TCPV4 || info->gso_tcpv4);
    assert_true(offload->gso != NET_GSO_TCPV6 || info->gso_tcpv6);
    if (offload->checksum)
        assert_true(offload->checksum_start + offload->checksum_offset + 2u <= packet->segments[0].length);
}

/* As the far end sees it: the memory is read when the packet goes. */
static void remember(struct wire *wire, const struct net_packet *packet)
{
    struct wire_frame *frame = &wire->frames[wire->sent++ % WIRE_FRAMES];

    frame->segments = packet->segment_count;
    frame->offload = packet->offload;
    frame->length = 0;
    for (unsigned int i = 0; i < packet->segment_count; i++) {
        const struct net_segment *segment = &packet->segments[i];

        assert_true(segment->length <= sizeof(frame->bytes) - frame->length);
        memcpy(frame->bytes + frame->length, segment_bytes(wire, segment), segment->length);
        frame->length += segment->length;
    }
    assert_int_equal(frame->length, packet->length);
}

static void give_back(struct wire *wire, struct net_packet *packet)
{
    if (!wire->fail)
        remember(wire, packet);
    packet->done(packet, !wire->fail);
}

static void submit(struct net_backend *backend, struct net_packet *packet)
{
    struct wire *wire = (struct wire *)backend;
    struct net_packet **last = &wire->out;

    check(wire, packet);
    if (!wire->deferred) {
        give_back(wire, packet);
        return;
    }
    while (*last)
        last = &(*last)->next;
    *last = packet;
    packet->next = NULL;
}

bool wire_complete(struct wire *wire, unsigned int i)
{
    struct net_packet **place = &wire->out, *packet;

    while (*place && i--)
        place = &(*place)->next;
    packet = *place;
    if (!packet)
        return false;
    *place = packet->next;
    give_back(wire, packet);
    return true;
}

static void flush(struct net_backend *backend)
{
    ((struct wire *)backend)->flushes++;
}

static void settle(struct net_backend *backend)
{
    struct wire *wire = (struct wire *)backend;

    wire->settles++;
    while (wire_complete(wire, 0))
        ;
}

static bool offer(struct wire *wire, const struct waiting *frame)
{
    struct net_listener *listener = wire->backend.listener;
    const struct net_piece piece = { frame->bytes, frame->length };
    const struct net_frame pushed = { &piece, 1, frame->length, frame->checksum };

    return listener->receive(listener, &pushed);
}

static void ready(struct net_backend *backend)
{
    struct wire *wire = (struct wire *)backend;
    unsigned int count = wire->waiting_count;

    wire->readies++;
    while (wire->waiting_count && offer(wire, &wire->waiting[0]))
        memmove(&wire->waiting[0], &wire->waiting[1], --wire->waiting_count * sizeof(wire->waiting[0]));
    if (wire->waiting_count != count)
        wire->backend.listener->pushed(wire->backend.listener);
}

bool wire_push_split(struct wire *wire, const void *frame, uint32_t length, uint32_t first, enum net_checksum checksum)
{
    struct net_listener *listener = wire->backend.listener;
    const uint8_t *bytes = frame;
    const struct net_piece pieces[2] = { { bytes, first }, { bytes + first, length - first } };
    const struct net_frame pushed = { pieces, first < length ? 2 : 1, length, checksum };
    bool taken = !wire->waiting_count && listener->receive(listener, &pushed);

    if (!taken && wire->waiting_count < WIRE_WAITING && length <= sizeof(wire->waiting[0].bytes)) {
        struct waiting *waiting = &wire->waiting[wire->waiting_count++];

        memcpy(waiting->bytes, bytes, length);
        waiting->length = length;
        waiting->checksum = checksum;
    }
    listener->pushed(listener);
    return taken;
}

bool wire_push(struct wire *wire, const void *frame, uint32_t length, enum net_checksum checksum)
{
    return wire_push_split(wire, frame, length, length, checksum);
}

void wire_link(struct wire *wire, bool up)
{
    wire->backend.info.up = up;
    wire->backend.listener->link_changed(wire->backend.listener);
}

void wire_finish(struct wire_frame *frame)
{
    const struct net_offload *offload = &frame->offload;
    uint32_t sum = 0, place = offload->checksum_start + offload->checksum_offset;

    if (!offload->checksum)
        return;
    for (uint32_t i = offload->checksum_start; i < frame->length; i++)
        sum += (uint32_t)frame->bytes[i] << ((i - offload->checksum_start) & 1 ? 0 : 8);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    frame->bytes[place] = (uint8_t)(~sum >> 8);
    frame->bytes[place + 1] = (uint8_t)~sum;
}

struct wire_frame *wire_last(struct wire *wire)
{
    assert_true(wire->sent > 0);
    return &wire->frames[(wire->sent - 1) % WIRE_FRAMES];
}

void wire_init(struct wire *wire, struct test_memory *memory, const uint8_t address[NET_ADDRESS_BYTES])
{
    static const struct net_backend_ops ops = { submit, flush, ready, settle };

    *wire = (struct wire){ .backend = { .ops = &ops, .info.up = true }, .memory = memory };
    memcpy(wire->backend.info.address, address, NET_ADDRESS_BYTES);
    wire->frames = calloc(WIRE_FRAMES, sizeof(*wire->frames));
    assert_non_null(wire->frames);
}

void wire_free(struct wire *wire)
{
    free(wire->frames);
}
