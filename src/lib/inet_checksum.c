/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "lib/inet_checksum.h"

/* --- sums ------------------------------------------------------------------------------------------------- */

typedef uint32_t any_u32 __attribute__((may_alias, aligned(1)));

/* 2^16 is 1 in this arithmetic. */
static uint16_t fold(uint64_t sum)
{
    uint32_t half = (uint32_t)(sum >> 32), rest = (uint32_t)sum;

    rest = (rest >> 16) + (rest & 0xffff) + (half >> 16) + (half & 0xffff);
    rest = (rest >> 16) + (rest & 0xffff);
    return (uint16_t)((rest >> 16) + rest);
}

static uint16_t swap(uint16_t number)
{
    return (uint16_t)(number << 8 | number >> 8);
}

/* The sum of a little-endian machine's words, as such a machine reads it; that is the right sum with its bytes swapped
 * (RFC 1071, "Byte Order Independence"). */
static uint16_t sum_words(const uint8_t *bytes, uint32_t length)
{
    uint64_t sum = 0;

    for (; length >= 4; bytes += 4, length -= 4)
        sum += *(const any_u32 *)bytes;
    if (length & 2) {
        sum += (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8;
        bytes += 2;
    }
    if (length & 1)
        sum += bytes[0];
    return fold(sum);
}

void inet_sum_add(struct inet_sum *sum, const void *bytes, uint32_t length)
{
    uint16_t words = sum_words(bytes, length);

    sum->value = fold((uint64_t)sum->value + (sum->odd ? words : swap(words)));
    sum->odd ^= length & 1;
}

void inet_sum_add_number(struct inet_sum *sum, uint16_t number)
{
    sum->value = fold((uint64_t)sum->value + number);
}

uint16_t inet_sum_result(const struct inet_sum *sum)
{
    return (uint16_t)sum->value;
}

uint16_t inet_checksum(const struct inet_sum *sum, uint8_t protocol)
{
    uint16_t checksum = (uint16_t)~sum->value;

    return checksum == 0 && protocol == INET_UDP ? 0xffff : checksum;
}

/* --- frames ----------------------------------------------------------------------------------------------- */

#define ETHERNET_ADDRESSES  12u
#define TYPE_IPV4           0x0800
#define TYPE_IPV6           0x86dd
#define TYPE_VLAN           0x8100      /* IEEE 802.1Q */
#define TYPE_SERVICE_VLAN   0x88a8      /* IEEE 802.1ad */
#define VLAN_TAGS_MAX       2u

/* RFC 791 */
#define IPV4_HEADER         20u
#define IPV4_TOTAL_LENGTH   2u
#define IPV4_FRAGMENT       6u
#define IPV4_MORE_OR_OFFSET 0x3fff      /* MF and Fragment Offset */
#define IPV4_PROTOCOL       9u
#define IPV4_ADDRESSES      12u
#define IPV4_ADDRESS_BYTES  8u          /* of both */

/* RFC 8200 */
#define IPV6_HEADER         40u
#define IPV6_PAYLOAD_LENGTH 4u
#define IPV6_NEXT_HEADER    6u
#define IPV6_ADDRESSES      8u
#define IPV6_ADDRESS_BYTES  32u
#define IPV6_HOP_BY_HOP     0
#define IPV6_ROUTING        43
#define IPV6_FRAGMENT       44
#define IPV6_DESTINATION    60
#define IPV6_EXTENSIONS_MAX 8u
#define IPV6_MORE_OR_OFFSET 0xfff9
#define IPV6_EXTENSION_UNIT 8u

#define TCP_HEADER          20u
#define TCP_DATA_OFFSET     12u
#define TCP_CHECKSUM        16u
#define UDP_HEADER          8u
#define UDP_LENGTH          4u
#define UDP_CHECKSUM        6u

/* What is left to look at: bytes [at, available), of a packet that ends at `end`. */
struct walk {
    const uint8_t *bytes;
    uint32_t at, available, end;
};

static uint16_t number_at(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

/* The next `length` bytes are there to be looked at. */
static bool has(const struct walk *walk, uint32_t length)
{
    uint32_t limit = walk->available < walk->end ? walk->available : walk->end;

    return walk->at <= limit && length <= limit - walk->at;
}

/* Up to the network's header. */
static bool find_type(struct walk *walk, uint16_t *type)
{
    walk->at = ETHERNET_ADDRESSES;
    for (unsigned int tags = 0; tags <= VLAN_TAGS_MAX; tags++) {
        if (!has(walk, 2))
            return false;
        *type = number_at(&walk->bytes[walk->at]);
        walk->at += 2;
        if (*type != TYPE_VLAN && *type != TYPE_SERVICE_VLAN)
            return true;
        walk->at += 2;
    }
    return false;
}

/* The IP packet is `length` long, counted from its header; what follows it in the frame is padding. */
static bool set_end(struct walk *walk, uint32_t length)
{
    if (length > walk->end - walk->at)
        return false;
    walk->end = walk->at + length;
    return true;
}

static bool pass_ipv4(struct walk *walk, uint8_t *protocol)
{
    const uint8_t *header = &walk->bytes[walk->at];
    uint32_t header_length;

    if (!has(walk, IPV4_HEADER) || header[0] >> 4 != 4 || number_at(&header[IPV4_FRAGMENT]) & IPV4_MORE_OR_OFFSET)
        return false;
    header_length = (header[0] & 0xf) * 4u;
    if (header_length < IPV4_HEADER || !set_end(walk, number_at(&header[IPV4_TOTAL_LENGTH])) ||
        !has(walk, header_length))
        return false;
    walk->at += header_length;
    *protocol = header[IPV4_PROTOCOL];
    return true;
}

/* Passes extension headers (RFC 8200, section 4).  With a routing header that is not used up the pseudo-header has
 * another destination than the packet; nobody routes so any more (RFC 5095), and what cannot be summed is not found. */
static bool pass_extensions(struct walk *walk, uint8_t *protocol)
{
    for (unsigned int i = 0; i < IPV6_EXTENSIONS_MAX; i++) {
        const uint8_t *header = &walk->bytes[walk->at];

        if (*protocol != IPV6_HOP_BY_HOP && *protocol != IPV6_ROUTING && *protocol != IPV6_DESTINATION &&
            *protocol != IPV6_FRAGMENT)
            return true;
        if (!has(walk, IPV6_EXTENSION_UNIT))
            return false;
        if (*protocol == IPV6_FRAGMENT ? number_at(&header[2]) & IPV6_MORE_OR_OFFSET
                                       : *protocol == IPV6_ROUTING && header[3])
            return false;
        walk->at += *protocol == IPV6_FRAGMENT ? IPV6_EXTENSION_UNIT : (header[1] + 1u) * IPV6_EXTENSION_UNIT;
        *protocol = header[0];
    }
    return false;
}

static bool pass_ipv6(struct walk *walk, uint8_t *protocol)
{
    const uint8_t *header = &walk->bytes[walk->at];

    if (!has(walk, IPV6_HEADER) || header[0] >> 4 != 6 ||
        !set_end(walk, IPV6_HEADER + number_at(&header[IPV6_PAYLOAD_LENGTH])))
        return false;
    walk->at += IPV6_HEADER;
    *protocol = header[IPV6_NEXT_HEADER];
    return pass_extensions(walk, protocol);
}

static bool find_tcp(const struct walk *walk, struct inet_packet *packet)
{
    uint32_t header_length;

    if (!has(walk, TCP_HEADER))
        return false;
    header_length = (walk->bytes[walk->at + TCP_DATA_OFFSET] >> 4) * 4u;
    if (header_length < TCP_HEADER || !has(walk, header_length))
        return false;
    packet->payload = (uint16_t)(walk->at + header_length);
    packet->checksum = (uint16_t)(walk->at + TCP_CHECKSUM);
    packet->transport_length = walk->end - walk->at;
    return true;
}

/* UDP has a length of its own; IP's may be longer. */
static bool find_udp(const struct walk *walk, struct inet_packet *packet)
{
    if (!has(walk, UDP_HEADER))
        return false;
    packet->payload = (uint16_t)(walk->at + UDP_HEADER);
    packet->checksum = (uint16_t)(walk->at + UDP_CHECKSUM);
    packet->transport_length = number_at(&walk->bytes[walk->at + UDP_LENGTH]);
    return packet->transport_length >= UDP_HEADER && packet->transport_length <= walk->end - walk->at;
}

bool inet_find(const uint8_t *headers, uint32_t available, uint32_t length, struct inet_packet *packet)
{
    struct walk walk = { .bytes = headers, .available = available, .end = length };
    uint16_t type;

    *packet = (struct inet_packet){ 0 };
    if (!find_type(&walk, &type))
        return false;
    packet->ip = (uint16_t)walk.at;
    packet->version = type == TYPE_IPV4 ? 4 : 6;
    if (type == TYPE_IPV4 ? !pass_ipv4(&walk, &packet->protocol)
                          : type != TYPE_IPV6 || !pass_ipv6(&walk, &packet->protocol))
        return false;
    packet->transport = (uint16_t)walk.at;
    switch (packet->protocol) {
    case INET_TCP:
        return find_tcp(&walk, packet);
    case INET_UDP:
        return find_udp(&walk, packet);
    default:
        return false;
    }
}

void inet_sum_add_pseudo_header(struct inet_sum *sum, const uint8_t *headers, const struct inet_packet *packet,
                                uint32_t transport_length)
{
    const uint8_t *ip = &headers[packet->ip];

    if (packet->version == 4)
        inet_sum_add(sum, &ip[IPV4_ADDRESSES], IPV4_ADDRESS_BYTES);
    else
        inet_sum_add(sum, &ip[IPV6_ADDRESSES], IPV6_ADDRESS_BYTES);
    inet_sum_add_number(sum, (uint16_t)(transport_length >> 16));
    inet_sum_add_number(sum, (uint16_t)transport_length);
    inet_sum_add_number(sum, packet->protocol);
}
