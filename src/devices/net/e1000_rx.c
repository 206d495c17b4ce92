/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The receiver (317453, 3.2): filters, and the way of a frame into the guest's buffers. */
#include "devices/net/e1000_internal.h"
#include "lib/inet_checksum.h"
#include "lib/log.h"
#include "lib/string.h"

#define FRAME_LIMIT      1522u              /* bytes with FCS, without LPE; */
#define LONG_FRAME_LIMIT 16384u             /* and with it */
#define HEADER_BYTES     80u                /* Ethernet, a tag, and IPv4 with all options */
#define IPV4_HEADER_MIN  20u

/* What the receiver knows of a frame. */
struct rx_frame {
    uint8_t header[HEADER_BYTES];           /* its first bytes, zeroes behind the last */
    uint32_t available;                     /* of them */
    uint32_t length;                        /* padded, without FCS */
    bool tagged, hashed;                    /* with a VLAN tag; passed by a filter that is not exact */
    uint16_t tag;
};

/* What goes to memory: the frame in pieces, without the tag if the chip takes it off, with padding and FCS. */
struct rx_source {
    struct net_piece pieces[NET_PIECES_MAX + 2];
    unsigned int count;
    uint32_t length;
};

static void look(const struct e1000 *chip, const struct net_frame *frame, struct rx_frame *rx)
{
    *rx = (struct rx_frame){ .length = frame->length < NET_FRAME_MIN ? NET_FRAME_MIN : frame->length };
    for (unsigned int i = 0; i < frame->piece_count && rx->available < HEADER_BYTES; i++) {
        uint32_t room = HEADER_BYTES - rx->available, length = frame->pieces[i].length;

        memcpy(&rx->header[rx->available], frame->pieces[i].bytes, length < room ? length : room);
        rx->available += length < room ? length : room;
    }
    rx->tagged = get_be16(&rx->header[ETHERNET_TYPE]) == chip->r.plain[PLAIN_VET];
    rx->tag = get_be16(&rx->header[ETHERNET_TYPE + 2]);
}

/* --- filters --- */

static bool exact(const struct e1000 *chip, const uint8_t *header)
{
    for (unsigned int i = 0; i < E1000_ADDRESSES; i++) {
        uint32_t low = chip->r.ra[2 * i], high = chip->r.ra[2 * i + 1];
        const uint8_t *address = header + (high >> 16 & 3 ? NET_ADDRESS_BYTES : 0);     /* AS: the source's */

        if (high & RAH_AV && memcmp(address, &low, 4) == 0 && memcmp(address + 4, &high, 2) == 0)
            return true;
    }
    return false;
}

/* Twelve bits of the address's last two bytes, those that MO chooses. */
static bool in_table(const struct e1000 *chip, const uint8_t *destination)
{
    static const uint8_t shifts[4] = { 4, 3, 2, 0 };
    unsigned int bits = destination[4] | destination[5] << 8;
    unsigned int hash = bits >> shifts[chip->r.rctl >> RCTL_MO_SHIFT & 3] & 0xfff;

    return chip->r.mta[hash >> 5] >> (hash & 31) & 1;
}

static bool destination_passes(const struct e1000 *chip, struct rx_frame *rx)
{
    static const uint8_t broadcast[NET_ADDRESS_BYTES] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
    uint32_t rctl = chip->r.rctl;

    if (exact(chip, rx->header))
        return true;
    if (rctl & RCTL_BAM && memcmp(rx->header, broadcast, NET_ADDRESS_BYTES) == 0)
        return true;
    rx->hashed = true;
    if (!(rx->header[0] & 1))
        return rctl & RCTL_UPE;
    return rctl & RCTL_MPE || in_table(chip, rx->header);
}

static bool vlan_passes(const struct e1000 *chip, const struct rx_frame *rx)
{
    uint32_t rctl = chip->r.rctl;
    unsigned int id = rx->tag & 0xfff;

    if (!rx->tagged || !(rctl & RCTL_VFE))
        return true;
    if (rctl & RCTL_CFIEN && !(rx->tag & 0x1000) != !(rctl & RCTL_CFI))
        return false;
    return chip->r.vfta[id >> 5] >> (id & 31) & 1;
}

static bool too_long(const struct e1000 *chip, const struct rx_frame *rx)
{
    return rx->length + FRAME_FCS > (chip->r.rctl & RCTL_LPE ? LONG_FRAME_LIMIT : FRAME_LIMIT);
}

/* --- the way to memory --- */

static uint32_t buffer_bytes(const struct e1000 *chip)
{
    uint32_t size = 2048u >> (chip->r.rctl >> RCTL_BSIZE_SHIFT & 3);

    return chip->r.rctl & RCTL_BSEX ? 16 * size : size;
}

static bool read_descriptor(struct e1000 *chip, uint32_t i, struct e1000_rx_descriptor *descriptor)
{
    struct guest_memory *memory = chip->wiring.memory;

    if (memory->read(memory, ring_address(&chip->r.rx, i), descriptor, sizeof(*descriptor)))
        return true;
    log_limited(LOG_INFO, "e1000: receive descriptors at %x%08x are not in RAM", (unsigned int)chip->r.rx.base_high,
                (unsigned int)chip->r.rx.base_low);
    return false;
}

enum room { ROOM, ROOM_LATER, ROOM_NEVER };

/* A descriptor without a buffer is passed over, done. */
static enum room find_room(struct e1000 *chip, uint32_t length)
{
    const struct e1000_ring *ring = &chip->r.rx;
    uint32_t bytes = buffer_bytes(chip), i = ring->head;
    struct e1000_rx_descriptor descriptor;

    if (!ring_count(ring) || length > (ring_count(ring) - 1) * bytes)
        return ROOM_NEVER;
    if (!ring_usable(ring))
        return ROOM_LATER;
    for (; length; i = ring_next(ring, i)) {
        if (i == ring->tail)
            return ROOM_LATER;
        if (!read_descriptor(chip, i, &descriptor))
            return ROOM_NEVER;
        if (descriptor.address)
            length -= length < bytes ? length : bytes;
    }
    return ROOM;
}

static void add_piece(struct rx_source *source, const uint8_t *bytes, uint32_t length)
{
    if (!length)
        return;
    source->pieces[source->count++] = (struct net_piece){ bytes, length };
    source->length += length;
}

static void make_source(const struct e1000 *chip, const struct net_frame *frame, const struct rx_frame *rx,
                        struct rx_source *source)
{
    static const uint8_t zeroes[NET_FRAME_MIN + FRAME_FCS];
    bool strip = rx->tagged && chip->r.ctrl & CTRL_VME;
    uint32_t skip = strip ? ETHERNET_TYPE + VLAN_TAG : 0;

    *source = (struct rx_source){ .count = 0 };
    if (strip)
        add_piece(source, rx->header, ETHERNET_TYPE);
    for (unsigned int i = 0; i < frame->piece_count; i++) {
        uint32_t length = frame->pieces[i].length, skipped = skip < length ? skip : length;

        add_piece(source, frame->pieces[i].bytes + skipped, length - skipped);
        skip -= skipped;
    }
    add_piece(source, zeroes, rx->length - frame->length + (chip->r.rctl & RCTL_SECRC ? 0 : FRAME_FCS));
}

/* Moves the source's next bytes, up to `room`.  Returns how many.  Where there is no RAM they are lost, as on the
 * bus. */
static uint32_t fill_buffer(struct e1000 *chip, struct rx_source *source, uint64_t address, uint32_t room)
{
    struct guest_memory *memory = chip->wiring.memory;
    uint32_t filled = 0;

    for (struct net_piece *piece = source->pieces; filled < room && piece < &source->pieces[source->count]; piece++) {
        uint32_t length = piece->length < room - filled ? piece->length : room - filled;

        if (length && !memory->write(memory, address + filled, piece->bytes, length))
            log_limited(LOG_INFO, "e1000: a receive buffer at 0x%llx is not in RAM", (unsigned long long)address);
        piece->bytes += length;
        piece->length -= length;
        filled += length;
    }
    source->length -= filled;
    return filled;
}

/* Other processors look at the status: it comes last. */
static void write_back(struct e1000 *chip, const struct e1000_rx_descriptor *descriptor)
{
    struct guest_memory *memory = chip->wiring.memory;
    uint64_t address = ring_address(&chip->r.rx, chip->r.rx.head);
    struct e1000_rx_descriptor undone = *descriptor;
    unsigned int at = offsetof(struct e1000_rx_descriptor, length);

    undone.status = 0;
    memory->write(memory, address + at, (const uint8_t *)&undone + at, sizeof(undone) - at);
    memory->write(memory, address + offsetof(struct e1000_rx_descriptor, status), &descriptor->status, 1);
    chip->r.rx.head = ring_next(&chip->r.rx, chip->r.rx.head);
}

/* Of an IPv4 header: whether its checksum is right; `found` is false if there is none. */
static bool ipv4_right(const struct rx_frame *rx, bool *found)
{
    uint32_t type_at = rx->tagged ? ETHERNET_TYPE + VLAN_TAG : ETHERNET_TYPE;
    const uint8_t *ip = &rx->header[type_at + 2];
    uint32_t length = (ip[0] & 0xfu) * 4;
    struct inet_sum sum = { 0 };

    *found = get_be16(&rx->header[type_at]) == 0x0800 && ip[0] >> 4 == 4 && length >= IPV4_HEADER_MIN &&
             type_at + 2 + length <= rx->available;
    if (*found)
        inet_sum_add(&sum, ip, length);
    return inet_sum_result(&sum) == 0xffff;
}

/* The last descriptor's words about the frame. */
static void describe(const struct e1000 *chip, const struct net_frame *frame, const struct rx_frame *rx,
                     struct e1000_rx_descriptor *descriptor)
{
    uint32_t rxcsum = chip->r.plain[PLAIN_RXCSUM];
    bool ipv4, right = ipv4_right(rx, &ipv4);

    descriptor->status |= RX_STATUS_EOP;
    if (rx->hashed)
        descriptor->status |= RX_STATUS_PIF;
    if (rx->tagged && chip->r.ctrl & CTRL_VME) {
        descriptor->status |= RX_STATUS_VP;
        descriptor->special = rx->tag;
    }
    if (rxcsum & RXCSUM_IPOFL && ipv4) {
        descriptor->status |= RX_STATUS_IPCS;
        descriptor->errors = right ? 0 : RX_ERROR_IPE;
    }
    if (rxcsum & RXCSUM_TUOFL && frame->checksum == NET_CHECKSUM_GOOD)
        descriptor->status |= RX_STATUS_TCPCS;
    if (!(descriptor->status & (RX_STATUS_IPCS | RX_STATUS_TCPCS)))
        descriptor->status |= RX_STATUS_IXSM;
}

/* Not beyond the tail, even if descriptors have changed since find_room(). */
static void store(struct e1000 *chip, const struct net_frame *frame, const struct rx_frame *rx,
                  struct rx_source *source)
{
    uint32_t bytes = buffer_bytes(chip);

    while (source->length && chip->r.rx.head != chip->r.rx.tail) {
        struct e1000_rx_descriptor descriptor = { .address = 0 };

        if (!read_descriptor(chip, chip->r.rx.head, &descriptor))
            return;
        descriptor = (struct e1000_rx_descriptor){ .address = descriptor.address, .status = RX_STATUS_DD };
        if (descriptor.address)
            descriptor.length = fill_buffer(chip, source, descriptor.address, bytes);
        if (!source->length)
            describe(chip, frame, rx, &descriptor);
        write_back(chip, &descriptor);
    }
}

/* Descriptors are running out. */
static bool below_threshold(const struct e1000 *chip)
{
    const struct e1000_ring *ring = &chip->r.rx;
    unsigned int shift = (chip->r.rctl >> RCTL_RDMTS_SHIFT & 3) + 1;

    return ring_distance(ring, ring->head, ring->tail) <= ring_count(ring) >> shift;
}

/* --- the world's side --- */

static void drop(struct e1000 *chip, const struct rx_frame *rx)
{
    e1000_count_seen(chip, rx->length + FRAME_FCS);
    if (too_long(chip, rx))
        e1000_count(chip, E1000_ROC);
}

static void take(struct e1000 *chip, const struct net_frame *frame, const struct rx_frame *rx,
                 struct rx_source *source)
{
    uint32_t length = rx->length + FRAME_FCS;

    e1000_count_seen(chip, length);
    e1000_count_received(chip, rx->header, length);
    store(chip, frame, rx, source);
    chip->r.rx_frames = true;
    if (length <= chip->r.plain[PLAIN_RSRPD])
        chip->r.icr |= ICR_SRPD;
    if (below_threshold(chip))
        chip->r.icr |= ICR_RXDMT0;
}

/* A frame from the wire, or looped back.  False: there is no room for it now. */
bool e1000_receive(struct e1000 *chip, const struct net_frame *frame)
{
    struct rx_frame rx;
    struct rx_source source;

    if (!(chip->r.rctl & RCTL_EN) || !chip->card.allowed)
        return true;
    look(chip, frame, &rx);
    if (!destination_passes(chip, &rx) || !vlan_passes(chip, &rx) || too_long(chip, &rx)) {
        drop(chip, &rx);
        return true;
    }
    make_source(chip, frame, &rx, &source);
    switch (find_room(chip, source.length)) {
    case ROOM_LATER:
        e1000_count(chip, E1000_RNBC);
        return false;
    case ROOM_NEVER:
        e1000_count_seen(chip, rx.length + FRAME_FCS);
        e1000_count(chip, E1000_MPC);
        chip->r.icr |= ICR_RXO;
        return true;
    case ROOM:
        take(chip, frame, &rx, &source);
        break;
    }
    return true;
}

/* The end of a batch: the guest shall know. */
void e1000_received(struct e1000 *chip)
{
    if (chip->r.rx_frames)
        chip->r.icr |= ICR_RXT0;
    chip->r.rx_frames = false;
    e1000_update_irq(chip);
}

/* There may be room now, or the frame that waits is not wanted any more. */
void e1000_rx_ready(struct e1000 *chip)
{
    struct net_backend *backend = chip->wiring.backend;

    if (!chip->rx_waiting)
        return;
    chip->rx_waiting = false;
    backend->ops->ready(backend);
}
