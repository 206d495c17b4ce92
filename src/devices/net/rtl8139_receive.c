/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The receiver: who is meant, and the two places where frames go. */
#include "devices/net/rtl8139_internal.h"

#include "lib/log.h"
#include "lib/string.h"

#define ADDRESSES   12u                     /* bytes before the type */
#define TAG_BYTES   4u
#define FCS_BYTES   4u
#define TYPE_IPV4   0x0800u
#define TYPE_VLAN   0x8100u
#define CAPR_OFFSET 16u                     /* CAPR is so much behind what it means */

/* --- filter ------------------------------------------------------------------------------------------------ */

/* The upper six bits of the address's CRC as it goes over the wire (IEEE 802.3, 3.2.9): the register shifts downwards
 * here, so that they are the lower ones in reverse. */
static unsigned int hash(const uint8_t *address)
{
    uint32_t crc = 0xffffffff;
    unsigned int result = 0;

    for (unsigned int i = 0; i < NET_ADDRESS_BYTES; i++) {
        crc ^= address[i];
        for (unsigned int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
    for (unsigned int bit = 0; bit < 6; bit++)
        result |= (crc >> bit & 1) << (5 - bit);
    return result;
}

/* What kind of address it is, in RSR's bits, with *wanted if RCR lets such a frame in. */
static uint16_t kind_of_address(const struct rtl8139 *chip, const uint8_t *address, bool *wanted)
{
    static const uint8_t broadcast[NET_ADDRESS_BYTES] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
    uint32_t rcr = rtl_get(chip, RTL_RCR, 4);
    bool mine = !memcmp(address, &chip->regs.file[RTL_IDR0], NET_ADDRESS_BYTES);

    if (!memcmp(address, broadcast, NET_ADDRESS_BYTES)) {
        *wanted = rcr & RCR_AB;
        return RSR_BAR;
    }
    if (address[0] & 1) {
        unsigned int bit = hash(address);

        *wanted = (rcr & RCR_AM) && (chip->regs.file[RTL_MAR0 + bit / 8] >> bit % 8 & 1);
        return RSR_MAR;
    }
    *wanted = (rcr & RCR_AAP) || (mine && (rcr & RCR_APM));
    return mine ? RSR_PAM : 0;
}

static void count(struct rtl8139 *chip, uint16_t kind)
{
    struct rtl8139_tally *tally = &chip->regs.tally;

    tally->rx_ok++;
    tally->rx_ok_physical += kind == RSR_PAM;
    tally->rx_ok_broadcast += kind == RSR_BAR;
    tally->rx_ok_multicast += kind == RSR_MAR;
    rtl_cause(chip, INT_ROK);
}

static void miss(struct rtl8139 *chip)
{
    chip->regs.tally.rx_er++;
    rtl_cause(chip, INT_RER);
}

/* --- bytes of a frame -------------------------------------------------------------------------------------- */

/* Writes [from, from + length) of the frame to memory; behind its end there are zeroes, padding and FCS. */
static bool put(struct rtl8139 *chip, const struct net_frame *frame, uint32_t from, uint32_t length, uint64_t to)
{
    static const uint8_t zeroes[NET_FRAME_MIN + FCS_BYTES];

    for (unsigned int i = 0; i < frame->piece_count && length; i++) {
        const struct net_piece *piece = &frame->pieces[i];
        uint32_t part;

        if (from >= piece->length) {
            from -= piece->length;
            continue;
        }
        part = rtl_smaller(piece->length - from, length);
        if (!rtl_write_memory(chip, to, piece->bytes + from, part))
            return false;
        to += part;
        length -= part;
        from = 0;
    }
    return !length || rtl_write_memory(chip, to, zeroes, length);
}

/* --- C mode: the buffer that goes round --------------------------------------------------------------------- */

static uint32_t buffer_size(const struct rtl8139 *chip)
{
    return 8192u << ((rtl_get(chip, RTL_RCR, 4) & RCR_RBLEN) >> RCR_RBLEN_SHIFT);
}

/* Bytes that the driver has not read. */
static uint32_t buffer_used(const struct rtl8139 *chip)
{
    uint32_t read = rtl_get(chip, RTL_CAPR, 2) + CAPR_OFFSET;

    return (rtl_get(chip, RTL_CBR, 2) - read) & (buffer_size(chip) - 1);
}

bool rtl8139_buffer_empty(const struct rtl8139 *chip)
{
    return !buffer_used(chip);
}

/* With WRAP a frame that begins in the buffer ends behind it, where the driver has left room. */
static bool receive_into_buffer(struct rtl8139 *chip, const struct net_frame *frame, uint16_t kind)
{
    uint32_t length = (frame->length < NET_FRAME_MIN ? NET_FRAME_MIN : frame->length) + FCS_BYTES;
    uint32_t needed = (4 + length + 3) & ~3u, size = buffer_size(chip);
    uint32_t start = rtl_get(chip, RTL_RBSTART, 4), at = rtl_get(chip, RTL_CBR, 2);
    uint32_t header = (RSR_ROK | kind) | length << 16;
    bool whole = (rtl_get(chip, RTL_RCR, 4) & RCR_WRAP) && size < 65536;
    uint32_t first = whole ? length : rtl_smaller(length, size - at - 4);

    if (needed >= size - buffer_used(chip))
        return false;                       /* a full buffer would look like an empty one */
    if (!rtl_write_memory(chip, start + at, &header, sizeof(header)) ||
        !put(chip, frame, 0, first, start + at + 4) ||
        (first < length && !put(chip, frame, first, length - first, start))) {
        miss(chip);
        return true;
    }
    rtl_set(chip, RTL_CBR, 2, (at + needed) & (size - 1));
    count(chip, kind);
    return true;
}

/* --- C+ mode: descriptors ----------------------------------------------------------------------------------- */

uint32_t rtl8139_find_ipv4(const uint8_t *bytes, uint32_t available, uint32_t *header_length)
{
    uint32_t at = ADDRESSES;

    for (unsigned int tags = 0; tags < 2 && at + 2 <= available && rtl_get16(&bytes[at]) == TYPE_VLAN; tags++)
        at += TAG_BYTES;
    if (at + 2 + 20 > available || rtl_get16(&bytes[at]) != TYPE_IPV4)
        return 0;
    at += 2;
    *header_length = (bytes[at] & 0xfu) * 4;
    return bytes[at] >> 4 == 4 && *header_length >= 20 && *header_length <= available - at ? at : 0;
}

/* TCP and UDP are told of where the backend answers for their checksum; otherwise it is an IP packet to the driver,
 * which then looks for itself. */
static uint32_t checksum_status(const struct rtl8139 *chip, const struct net_frame *frame)
{
    const struct net_piece *head = &frame->pieces[0];
    struct inet_packet packet;
    struct inet_sum sum = { 0 };
    uint32_t length, ip;

    if (!(rtl_get(chip, RTL_CPCR, 2) & CPCR_RXCHKSUM))
        return 0;
    ip = rtl8139_find_ipv4(head->bytes, head->length, &length);
    if (!ip)
        return 0;
    inet_sum_add(&sum, &head->bytes[ip], length);
    if (inet_sum_result(&sum) != 0xffff)
        return RX_PID_IP | RX_IPF;
    if (frame->checksum != NET_CHECKSUM_GOOD || !inet_find(head->bytes, head->length, frame->length, &packet))
        return RX_PID_IP;
    return packet.protocol == INET_TCP ? RX_PID_TCP : RX_PID_UDP;
}

static uint64_t descriptor_address(const struct rtl8139 *chip, uint8_t i)
{
    return rtl_address(chip, RTL_RDSAR, 256) + i * sizeof(struct rtl8139_descriptor);
}

enum room { ROOM, NO_ROOM, NEVER };

/* The descriptors that come next have room for `length` bytes; or the ring, all of it, has not. */
static enum room look_for_room(struct rtl8139 *chip, uint32_t length)
{
    uint8_t i = chip->regs.next_rx;
    uint32_t command;

    for (unsigned int looked = 0; looked < RTL_RING; looked++) {
        if (!rtl_read_memory(chip, descriptor_address(chip, i), &command, sizeof(command)))
            return NEVER;
        if (!(command & DESC_OWN))
            return NO_ROOM;
        if ((command & RX_SIZE) >= length)
            return ROOM;
        length -= command & RX_SIZE;
        i = rtl_next_descriptor(i, command);
        if (i == chip->regs.next_rx)
            return NEVER;
    }
    return NEVER;
}

/* A frame on its way into descriptors. */
struct filling {
    const struct net_frame *frame;
    uint32_t at, length;                    /* what the driver sees of it: without the tag, with FCS */
    uint32_t status, vlan;
    bool tagged;
};

/* The next `length` bytes, without the tag. */
static bool fill(struct rtl8139 *chip, const struct filling *f, uint32_t length, uint64_t to)
{
    uint32_t before = f->tagged && f->at < ADDRESSES ? rtl_smaller(ADDRESSES - f->at, length) : 0;
    uint32_t skip = f->tagged ? TAG_BYTES : 0;

    return put(chip, f->frame, f->at, before, to) &&
           (before == length || put(chip, f->frame, f->at + before + skip, length - before, to + before));
}

/* The driver may have changed its mind since room was found. */
static bool fill_descriptor(struct rtl8139 *chip, struct filling *f)
{
    uint64_t place = descriptor_address(chip, chip->regs.next_rx);
    struct rtl8139_descriptor descriptor;
    uint32_t part, status;
    bool last;

    if (!rtl_read_memory(chip, place, &descriptor, sizeof(descriptor)) || !(descriptor.command & DESC_OWN))
        return false;
    part = rtl_smaller(descriptor.command & RX_SIZE, f->length - f->at);
    if (!fill(chip, f, part, (uint64_t)descriptor.high << 32 | descriptor.low))
        return false;
    last = f->at + part == f->length;
    status = (descriptor.command & DESC_EOR) | (f->at ? 0 : DESC_FS) | f->status;
    status |= last ? DESC_LS | f->length : part;
    f->at += part;
    if (!rtl_write_memory(chip, place + 4, &f->vlan, sizeof(f->vlan)) ||
        !rtl_write_memory(chip, place, &status, sizeof(status)))
        return false;
    chip->regs.next_rx = rtl_next_descriptor(chip->regs.next_rx, descriptor.command);
    return true;
}

static bool receive_into_descriptors(struct rtl8139 *chip, const struct net_frame *frame, uint16_t kind)
{
    const uint8_t *type = &frame->pieces[0].bytes[ADDRESSES];
    struct filling f = { .frame = frame, .length = frame->length };

    if (!rtl_address(chip, RTL_RDSAR, 256))
        return true;                        /* a driver that has turned the receiver on too early */
    f.tagged = (rtl_get(chip, RTL_CPCR, 2) & CPCR_RXVLAN) && frame->pieces[0].length >= ADDRESSES + TAG_BYTES &&
               rtl_get16(type) == TYPE_VLAN;
    if (f.tagged) {
        f.length -= TAG_BYTES;
        f.vlan = RX_TAVA | type[2] | (uint32_t)type[3] << 8;
    }
    f.length = (f.length < NET_FRAME_MIN ? NET_FRAME_MIN : f.length) + FCS_BYTES;
    f.status = (uint32_t)kind << RX_ADDRESS_SHIFT | checksum_status(chip, frame);
    switch (look_for_room(chip, f.length)) {
    case NO_ROOM:
        rtl_cause(chip, INT_RXOVW);
        return false;
    case NEVER:
        log_limited(LOG_INFO, "rtl8139: no receive descriptors for %u bytes", (unsigned int)f.length);
        miss(chip);
        return true;
    case ROOM:
        break;
    }
    for (unsigned int used = 0; used < RTL_RING && f.at < f.length; used++)
        if (!fill_descriptor(chip, &f))
            break;
    if (f.at == f.length)
        count(chip, kind);
    else
        miss(chip);
    return true;
}

/* --- both --------------------------------------------------------------------------------------------------- */

static bool in_cplus_mode(const struct rtl8139 *chip)
{
    return rtl_get(chip, RTL_CPCR, 2) & CPCR_CPRX;
}

bool rtl8139_receive(struct rtl8139 *chip, const struct net_frame *frame)
{
    bool wanted;
    uint16_t kind = kind_of_address(chip, frame->pieces[0].bytes, &wanted);

    if (!wanted)
        return true;
    if (frame->length > RTL8139_FRAME) {
        miss(chip);
        return true;
    }
    return in_cplus_mode(chip) ? receive_into_descriptors(chip, frame, kind) : receive_into_buffer(chip, frame, kind);
}

void rtl8139_reset_receiver(struct rtl8139 *chip)
{
    rtl_set(chip, RTL_CAPR, 2, (uint16_t)-CAPR_OFFSET);
    rtl_set(chip, RTL_CBR, 2, 0);
    chip->regs.next_rx = 0;
}

/* In C mode the driver makes room by writing CAPR.  In C+ mode it does so in memory, where nobody tells the chip: that
 * is looked for at each access.  Besides, a driver that has acknowledged RDU expects to be told again. */
static bool may_have_room(struct rtl8139 *chip)
{
    uint32_t command;

    if (!in_cplus_mode(chip) || !(rtl_get(chip, RTL_CR, 1) & CR_RE) || !chip->mastering ||
        !(rtl_get(chip, RTL_ISR, 2) & INT_RXOVW))
        return true;
    return !rtl_read_memory(chip, descriptor_address(chip, chip->regs.next_rx), &command, sizeof(command)) ||
           (command & DESC_OWN);
}

void rtl8139_resume_receiver(struct rtl8139 *chip)
{
    struct net_backend *backend = chip->wiring.backend;

    if (!chip->regs.held || !may_have_room(chip))
        return;
    chip->regs.held = false;
    backend->ops->ready(backend);
}
