/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Checksums and segmentation (317453, 3.5 and 3.6): in frames that the chip has put together, or as the backend's task
 * where it offers that. */
#include "devices/net/e1000_internal.h"
#include "lib/inet_checksum.h"
#include "lib/string.h"

#define IPV4_TOTAL_LENGTH    2u             /* of the header's */
#define IPV4_IDENTIFICATION  4u
#define IPV6_PAYLOAD_LENGTH  4u
#define IPV6_HEADER          40u
#define TCP_SEQUENCE         4u
#define TCP_FLAGS            13u
#define TCP_FIN_PSH          0x09u
#define UDP_LENGTH           4u

/* --- in software --- */

/* Puts the checksum of bytes [start, end], end 0: up to the last, at `at`.  What is there already counts, too: the sum
 * of the pseudo-header.  What does not lie in the frame is not done. */
static void insert_checksum(uint8_t *frame, uint32_t length, uint32_t start, uint32_t at, uint32_t end,
                            uint8_t protocol)
{
    struct inet_sum sum = { 0 };

    end = end ? end + 1 : length;
    if (end > length || start >= end || at + 2 > length)
        return;
    inet_sum_add(&sum, frame + start, end - start);
    put_be16(frame + at, inet_checksum(&sum, protocol));
}

/* Of a whole frame, which has no tag yet. */
void e1000_frame_checksums(const struct e1000 *chip, uint8_t *frame, uint32_t length)
{
    const struct e1000_tx_packet *packet = &chip->r.packet;
    const struct e1000_context *context = &chip->r.contexts[packet->segmented];
    uint32_t end = packet->segmented ? 0 : context->tucse;

    if (packet->legacy_checksum)
        insert_checksum(frame, length, packet->css, packet->cso, 0, 0);
    if (packet->ip_checksum)
        insert_checksum(frame, length, context->ipcss, context->ipcso, context->ipcse, 0);
    if (packet->checksum)
        insert_checksum(frame, length, context->tucss, context->tucso, end, context->tcp ? INET_TCP : INET_UDP);
}

static uint32_t get_be32(const uint8_t *bytes)
{
    return (uint32_t)get_be16(bytes) << 16 | get_be16(bytes + 2);
}

static void put_be32(uint8_t *bytes, uint32_t value)
{
    put_be16(bytes, value >> 16);
    put_be16(bytes + 2, (uint16_t)value);
}

/* The pseudo-header of a packet that is to be segmented has been summed without the length. */
static void add_to_pseudo_sum(uint8_t *field, uint32_t length)
{
    struct inet_sum sum = { .value = get_be16(field) };

    inet_sum_add_number(&sum, (uint16_t)length);
    put_be16(field, inet_sum_result(&sum));
}

static void put_ip_length(const struct e1000_context *context, uint8_t *frame, uint32_t length)
{
    uint8_t *ip = frame + context->ipcss;

    if (context->ip4)
        put_be16(ip + IPV4_TOTAL_LENGTH, length - context->ipcss);
    else
        put_be16(ip + IPV6_PAYLOAD_LENGTH, length - context->ipcss - IPV6_HEADER);
}

/* Makes the prototype header at the start of a frame that of its frame, with `payload` bytes behind it (3.5.7).  False:
 * the context's offsets are not those of headers.  They have 8 bits each, so that no frame's buffer is left. */
bool e1000_frame_header(struct e1000 *chip, uint8_t *frame, uint32_t payload, bool last)
{
    const struct e1000_context *context = &chip->r.contexts[1];
    uint32_t length = context->header_length + payload, transport_length = length - context->tucss;
    uint8_t *ip = frame + context->ipcss, *transport = frame + context->tucss;

    if (context->ipcss >= context->tucss || context->tucss >= context->header_length)
        return false;
    put_ip_length(context, frame, length);
    if (context->ip4)
        put_be16(ip + IPV4_IDENTIFICATION, get_be16(ip + IPV4_IDENTIFICATION) + chip->r.packet.frames);
    if (context->tcp) {
        put_be32(transport + TCP_SEQUENCE, get_be32(transport + TCP_SEQUENCE) + chip->r.packet.sent);
        if (!last)
            transport[TCP_FLAGS] &= ~TCP_FIN_PSH;
    } else {
        put_be16(transport + UDP_LENGTH, transport_length);
    }
    if (chip->r.packet.checksum)
        add_to_pseudo_sum(frame + context->tucso, transport_length);
    return true;
}

/* --- by the backend --- */

static bool offered(const struct net_info *info, const struct inet_packet *inet, bool segmentation)
{
    if (inet->version == 4)
        return info->checksum_v4 && (!segmentation || info->gso_tcpv4);
    return info->checksum_v6 && (!segmentation || info->gso_tcpv6);
}

/* The context says what the headers say, too: the backend goes by these. */
static bool agrees(const struct e1000 *chip, const struct inet_packet *inet)
{
    const struct e1000_tx_packet *packet = &chip->r.packet;
    const struct e1000_context *context = &chip->r.contexts[packet->segmented];

    if (inet->ip != NET_HEADER_BYTES || inet->transport + inet->transport_length != packet->length)
        return false;
    if (packet->checksum && (context->tucss != inet->transport || context->tucso != inet->checksum))
        return false;
    if (packet->segmented)
        return packet->checksum && inet->protocol == INET_TCP && context->header_length == inet->payload;
    return !packet->checksum || context->tucse == 0 || context->tucse + 1u == packet->length;
}

/* Leaves the packet's checksum and segmentation to the backend.  header: a copy of its first `available` bytes, which
 * become those of the packet that the backend is to get.  Returns the length of all headers; 0, and they may have
 * changed: the chip has to do it itself. */
uint32_t e1000_offload(struct e1000 *chip, uint8_t *header, uint32_t available, struct net_offload *offload)
{
    const struct e1000_tx_packet *packet = &chip->r.packet;
    const struct e1000_context *context = &chip->r.contexts[packet->segmented];
    bool many = packet->segmented && packet->length - context->header_length > context->mss;
    struct inet_packet inet;

    if (packet->segmented && context->ipcss == NET_HEADER_BYTES && available > NET_HEADER_BYTES + IPV6_HEADER)
        put_ip_length(context, header, packet->length);
    if (!inet_find(header, available, packet->length, &inet) || !agrees(chip, &inet) ||
        (packet->checksum && !offered(&chip->wiring.backend->info, &inet, many)))
        return 0;
    if (packet->ip_checksum)
        insert_checksum(header, inet.transport, context->ipcss, context->ipcso, context->ipcse, 0);
    if (packet->segmented)
        add_to_pseudo_sum(header + inet.checksum, inet.transport_length);
    *offload = (struct net_offload){
        .checksum = packet->checksum,
        .checksum_start = inet.transport,
        .checksum_offset = inet.checksum - inet.transport,
        .gso = !many ? NET_GSO_NONE : inet.version == 4 ? NET_GSO_TCPV4 : NET_GSO_TCPV6,
        .segment_bytes = many ? context->mss : 0,
    };
    return inet.payload;
}
