/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The transmitter (317453, 3.3 and 3.4).  A packet goes out as it lies in the guest's memory where that is possible;
 * what the chip has to change, or cut into frames, it puts together in buffers of its own.
 *
 * Descriptors are read as often as they are needed and may be others each time: each reading is checked for itself, and
 * only its own memory suffers.  One call makes its way from TDH to TDT at most once.
 */
#include "devices/net/e1000_internal.h"
#include "lib/log.h"
#include "lib/string.h"

#define FRAME_MAX (NET_FRAME_MAX + VLAN_TAG)
#define NO_BUFFER (-1)

_Static_assert(E1000_FRAME_BUFFER >= VLAN_TAG + FRAME_MAX, "room for a frame, and to move it by a tag");

/* --- descriptors --- */

static bool read_descriptor(struct e1000 *chip, uint32_t i, struct e1000_tx_descriptor *descriptor)
{
    struct guest_memory *memory = chip->wiring.memory;

    if (memory->read(memory, ring_address(&chip->r.tx, i), descriptor, sizeof(*descriptor)))
        return true;
    log_limited(LOG_INFO, "e1000: transmit descriptors at %x%08x are not in RAM", (unsigned int)chip->r.tx.base_high,
                (unsigned int)chip->r.tx.base_low);
    return false;
}

static bool is_extended(const struct e1000_tx_descriptor *descriptor)
{
    return descriptor->lower & TX_CMD_DEXT;
}

static bool is_context(const struct e1000_tx_descriptor *descriptor)
{
    return is_extended(descriptor) && (descriptor->lower & TX_DTYP) != TX_DTYP_DATA;
}

static uint32_t data_length(const struct e1000_tx_descriptor *descriptor)
{
    if (is_context(descriptor))
        return 0;
    return descriptor->lower & (is_extended(descriptor) ? TX_DATA_LENGTH : TX_LEGACY_LENGTH);
}

static void load_context(struct e1000 *chip, const struct e1000_tx_descriptor *descriptor)
{
    chip->r.contexts[!!(descriptor->lower & TX_TUCMD_TSE)] = (struct e1000_context){
        .ipcss = descriptor->ipcss,
        .ipcso = descriptor->ipcso,
        .ipcse = descriptor->ipcse,
        .tucss = descriptor->tucss,
        .tucso = descriptor->tucso,
        .tucse = descriptor->tucse,
        .header_length = descriptor->option,
        .mss = descriptor->special,
        .ip4 = descriptor->lower & TX_TUCMD_IP,
        .tcp = descriptor->lower & TX_TUCMD_TCP,
    };
}

/* The first descriptor's share of a packet's description: POPTS and TSE (3.3.7). */
static void begin_packet(struct e1000_tx_packet *packet, uint32_t i, const struct e1000_tx_descriptor *descriptor)
{
    packet->first = packet->at = i;
    packet->offset = packet->length = packet->sent = 0;
    packet->frames = 0;
    packet->segmented = is_extended(descriptor) && descriptor->lower & TX_CMD_TSE;
    packet->ip_checksum = is_extended(descriptor) && descriptor->option & TX_POPTS_IXSM;
    packet->checksum = is_extended(descriptor) && descriptor->option & TX_POPTS_TXSM;
}

/* The last one's: what is qualified by EOP (3.3.3.1). */
static void end_packet(const struct e1000 *chip, struct e1000_tx_packet *packet, uint32_t end,
                       const struct e1000_tx_descriptor *descriptor)
{
    packet->end = end;
    packet->vlan = descriptor->lower & TX_CMD_VLE && chip->r.ctrl & CTRL_VME;
    packet->tag = descriptor->special;
    packet->legacy_checksum = !is_extended(descriptor) && descriptor->lower & TX_CMD_IC;
    packet->css = descriptor->option;
    packet->cso = descriptor->lower >> TX_LEGACY_CSO_SHIFT;
    packet->active = true;
}

/* The next packet of which all descriptors are there, and the contexts before it. */
static bool find_packet(struct e1000 *chip)
{
    struct e1000_tx_packet *packet = &chip->r.packet;
    struct e1000_ring *ring = &chip->r.tx;
    struct e1000_tx_descriptor descriptor;
    bool begun = false;

    for (uint32_t i = chip->r.tx_next, next; i != ring->tail; i = next) {
        if (!read_descriptor(chip, i, &descriptor))
            return false;
        next = ring_next(ring, i);
        if (is_context(&descriptor)) {
            load_context(chip, &descriptor);
            if (!begun)
                chip->r.tx_next = next;
            continue;
        }
        if (!begun)
            begin_packet(packet, i, &descriptor);
        begun = true;
        if (packet->length <= NET_PACKET_MAX)               /* else it is too long, however long */
            packet->length += data_length(&descriptor);
        if (descriptor.lower & TX_CMD_EOP) {
            end_packet(chip, packet, next, &descriptor);
            chip->r.tx_next = next;
            return true;
        }
    }
    return false;
}

/* Can there be frames of it? */
static bool is_possible(const struct e1000 *chip)
{
    const struct e1000_tx_packet *packet = &chip->r.packet;
    const struct e1000_context *context = &chip->r.contexts[1];
    uint32_t tag = packet->vlan ? VLAN_TAG : 0;

    if (!packet->segmented)
        return packet->length >= NET_HEADER_BYTES && packet->length + tag <= FRAME_MAX;
    return context->header_length >= NET_HEADER_BYTES && context->mss && packet->length > context->header_length &&
           packet->length <= NET_PACKET_MAX && context->header_length + context->mss + tag <= FRAME_MAX;
}

/* The packet's next bytes. */
bool e1000_tx_read(struct e1000 *chip, uint8_t *bytes, uint32_t length)
{
    struct guest_memory *memory = chip->wiring.memory;
    struct e1000_tx_packet *packet = &chip->r.packet;
    struct e1000_tx_descriptor descriptor;

    while (length && packet->at != packet->end) {
        uint32_t piece;

        if (!read_descriptor(chip, packet->at, &descriptor))
            return false;
        if (packet->offset >= data_length(&descriptor)) {
            packet->at = ring_next(&chip->r.tx, packet->at);
            packet->offset = 0;
            continue;
        }
        piece = data_length(&descriptor) - packet->offset;
        if (piece > length)
            piece = length;
        if (!memory->read(memory, descriptor.address + packet->offset, bytes, piece))
            return false;
        packet->offset += piece;
        bytes += piece;
        length -= piece;
    }
    return !length;
}

static void rewind_packet(struct e1000_tx_packet *packet)
{
    packet->at = packet->first;
    packet->offset = 0;
}

/* --- frames as they lie in memory --- */

static bool add_segment(struct e1000 *chip, struct e1000_tx_slot *slot, uint64_t address, uint32_t length)
{
    struct guest_memory *memory = chip->wiring.memory;
    unsigned int count = slot->packet.segment_count;

    if (!length)
        return true;
    if (!memory->is_ram(memory, address, length))
        return false;
    if (count && slot->segments[count - 1].address + slot->segments[count - 1].length == address) {
        slot->segments[count - 1].length += length;
        return true;
    }
    if (count == NET_SEGMENTS_MAX)
        return false;
    slot->segments[count] = (struct net_segment){ address, length };
    slot->packet.segment_count++;
    return true;
}

/* The packet's memory but for the first `skip` bytes. */
static bool gather(struct e1000 *chip, struct e1000_tx_slot *slot, uint32_t skip)
{
    const struct e1000_tx_packet *packet = &chip->r.packet;
    struct e1000_tx_descriptor descriptor;
    uint32_t total = 0;

    for (uint32_t i = packet->first; i != packet->end; i = ring_next(&chip->r.tx, i)) {
        uint32_t length, skipped;

        if (!read_descriptor(chip, i, &descriptor))
            return false;
        length = data_length(&descriptor);
        skipped = skip < length ? skip : length;
        skip -= skipped;
        total += length;
        if (total > packet->length ||
            !add_segment(chip, slot, descriptor.address + skipped, length - skipped))
            return false;
    }
    return total == packet->length;
}

/* False: this one is to be put together.  The headers are the guest's as well unless they have to change. */
static bool build_direct(struct e1000 *chip, struct e1000_tx_slot *slot)
{
    struct e1000_tx_packet *packet = &chip->r.packet;
    bool change = packet->segmented || packet->ip_checksum, parse = change || packet->checksum;
    uint32_t available = parse ? E1000_HEADER_MAX : NET_HEADER_BYTES, headers = 0;

    if (packet->length < NET_FRAME_MIN || packet->vlan || packet->legacy_checksum || e1000_loopback(chip))
        return false;
    if (available > packet->length)
        available = packet->length;
    rewind_packet(packet);
    if (!e1000_tx_read(chip, slot->header, available))
        return false;
    if (parse) {
        headers = e1000_offload(chip, slot->header, available, &slot->packet.offload);
        if (!headers)
            return false;
    }
    if (change) {
        slot->segments[0] = (struct net_segment){ (uintptr_t)slot->header, headers };
        slot->packet.segment_count = 1;
    }
    slot->packet.length = packet->length;
    return gather(chip, slot, change ? headers : 0) && slot->segments[0].length >= headers;
}

/* --- frames that are put together --- */

static int8_t take_buffer(struct e1000 *chip)
{
    for (int8_t i = 0; i < (int8_t)E1000_TX_BUFFERS; i++) {
        if (!(chip->buffers_used & 1u << i)) {
            chip->buffers_used |= 1u << i;
            return i;
        }
    }
    return NO_BUFFER;
}

static void give_buffer(struct e1000 *chip, struct e1000_tx_slot *slot)
{
    if (slot->buffer != NO_BUFFER)
        chip->buffers_used &= ~(1u << slot->buffer);
    slot->buffer = NO_BUFFER;
}

/* The next frame of a segmented packet (3.5).  Its length; 0: the guest's memory is not what it was. */
static uint32_t next_segment(struct e1000 *chip, uint8_t *frame)
{
    struct e1000_tx_packet *packet = &chip->r.packet;
    const struct e1000_context *context = &chip->r.contexts[1];
    uint32_t header = context->header_length, payload = packet->length - header - packet->sent;
    bool last = payload <= context->mss;

    if (!last)
        payload = context->mss;
    if (!packet->frames) {
        rewind_packet(packet);
        if (!e1000_tx_read(chip, packet->header, header))
            return 0;
    }
    memcpy(frame, packet->header, header);
    if (!e1000_tx_read(chip, frame + header, payload) || !e1000_frame_header(chip, frame, payload, last))
        return 0;
    packet->sent += payload;
    packet->frames++;
    return header + payload;
}

static uint32_t whole_packet(struct e1000 *chip, uint8_t *frame)
{
    struct e1000_tx_packet *packet = &chip->r.packet;

    rewind_packet(packet);
    return e1000_tx_read(chip, frame, packet->length) ? packet->length : 0;
}

/* Puts the tag in, where there is room for it before the frame. */
static uint8_t *insert_tag(const struct e1000 *chip, uint8_t *frame)
{
    uint8_t *tagged = frame - VLAN_TAG;

    memmove(tagged, frame, ETHERNET_TYPE);
    put_be16(tagged + ETHERNET_TYPE, chip->r.plain[PLAIN_VET]);
    put_be16(tagged + ETHERNET_TYPE + 2, chip->r.packet.tag);
    return tagged;
}

static bool build_frame(struct e1000 *chip, struct e1000_tx_slot *slot)
{
    const struct e1000_tx_packet *packet = &chip->r.packet;
    uint8_t *frame = chip->buffers[slot->buffer] + VLAN_TAG;
    uint32_t length = packet->segmented ? next_segment(chip, frame) : whole_packet(chip, frame);

    if (!length)
        return false;
    e1000_frame_checksums(chip, frame, length);
    if (packet->vlan) {
        frame = insert_tag(chip, frame);
        length += VLAN_TAG;
    }
    if (length < NET_FRAME_MIN) {
        memset(frame + length, 0, NET_FRAME_MIN - length);
        length = NET_FRAME_MIN;
    }
    memcpy(slot->header, frame, NET_HEADER_BYTES);
    slot->segments[0] = (struct net_segment){ (uintptr_t)frame, length };
    slot->packet.segment_count = 1;
    slot->packet.length = length;
    slot->packet.offload = (struct net_offload){ .checksum = false };
    return true;
}

/* --- slots --- */

static void done(struct net_packet *packet, bool sent)
{
    struct e1000_tx_slot *slot = (struct e1000_tx_slot *)packet;

    (void)sent;                             /* what is lost on the wire, nobody hears of */
    slot->done = true;
    e1000_transmit(packet->owner);
}

static struct e1000_tx_slot *free_slot(struct e1000 *chip)
{
    struct e1000_tx_slot *slot = &chip->slots[(chip->oldest + chip->in_flight) % E1000_TX_SLOTS];

    slot->done = false;
    slot->buffer = NO_BUFFER;
    slot->packet = (struct net_packet){ .segments = slot->segments, .done = done, .owner = chip };
    return slot;
}

/* A packet that is to be segmented by the backend is many frames. */
static void count(struct e1000 *chip, const struct e1000_tx_slot *slot)
{
    const struct net_offload *offload = &slot->packet.offload;
    uint32_t left = slot->packet.length, full = chip->r.contexts[1].header_length + offload->segment_bytes;

    if (chip->r.packet.segmented && chip->r.packet.frames <= 1)
        e1000_count(chip, E1000_TSCTC);
    for (; offload->gso != NET_GSO_NONE && left > full; left -= offload->segment_bytes)
        e1000_count_sent(chip, slot->header, full + FRAME_FCS);
    e1000_count_sent(chip, slot->header, (left < NET_FRAME_MIN ? NET_FRAME_MIN : left) + FRAME_FCS);
}

static void loop_back(struct e1000 *chip, struct e1000_tx_slot *slot)
{
    const struct net_piece piece = { (const uint8_t *)(uintptr_t)slot->segments[0].address, slot->packet.length };
    const struct net_frame frame = { .pieces = &piece, .piece_count = 1, .length = piece.length };

    if (!e1000_receive(chip, &frame)) {     /* nobody keeps it */
        e1000_count(chip, E1000_MPC);
        chip->r.icr |= ICR_RXO;
    }
    e1000_received(chip);
    slot->done = true;
}

static void submit(struct e1000 *chip, struct e1000_tx_slot *slot)
{
    struct net_backend *backend = chip->wiring.backend;
    struct e1000_tx_packet *packet = &chip->r.packet;
    bool last = slot->buffer == NO_BUFFER || !packet->segmented ||
                packet->sent == packet->length - chip->r.contexts[1].header_length;

    slot->end = last ? packet->end : packet->first;
    packet->active = !last;
    chip->in_flight++;
    count(chip, slot);
    if (e1000_loopback(chip))
        loop_back(chip, slot);
    else
        backend->ops->submit(backend, &slot->packet);
}

/* One frame, or one packet that needs no frames of its own.  False: there is none, or no room for it now. */
static bool send_next(struct e1000 *chip)
{
    struct e1000_tx_packet *packet = &chip->r.packet;
    struct e1000_tx_slot *slot;

    if (chip->in_flight == E1000_TX_SLOTS || (!packet->active && !find_packet(chip)))
        return false;
    slot = free_slot(chip);
    if (!is_possible(chip)) {
        log_limited(LOG_INFO, "e1000: a packet of %u bytes cannot be sent", packet->length);
        packet->active = false;
        return true;
    }
    if (!packet->frames && build_direct(chip, slot)) {
        submit(chip, slot);
        return true;
    }
    slot->buffer = take_buffer(chip);
    if (slot->buffer == NO_BUFFER)
        return false;
    if (build_frame(chip, slot)) {
        submit(chip, slot);
    } else {
        log_limited(LOG_INFO, "e1000: a packet that is not in RAM");
        give_buffer(chip, slot);
        packet->active = false;
    }
    return true;
}

/* --- write-back (3.3.3.2, 3.4.3) --- */

/* The descriptors before `end` are done. */
static void write_back(struct e1000 *chip, uint32_t end)
{
    struct guest_memory *memory = chip->wiring.memory;
    struct e1000_ring *ring = &chip->r.tx;
    struct e1000_tx_descriptor descriptor;

    if (ring->head == end)
        return;
    for (; ring->head != end; ring->head = ring_next(ring, ring->head)) {
        if (!read_descriptor(chip, ring->head, &descriptor) || !(descriptor.lower & (TX_CMD_RS | TX_CMD_RPS)))
            continue;
        descriptor.status |= TX_STATUS_DD;
        memory->write(memory, ring_address(ring, ring->head) + TX_STATUS_AT, &descriptor.status, 1);
        chip->r.icr |= ICR_TXDW;
    }
    if (ring->head == ring->tail)
        chip->r.icr |= ICR_TXQE;
}

/* In their order, however the backend has them done. */
static void retire(struct e1000 *chip)
{
    while (chip->in_flight && chip->slots[chip->oldest].done) {
        struct e1000_tx_slot *slot = &chip->slots[chip->oldest];

        give_buffer(chip, slot);
        chip->oldest = (chip->oldest + 1) % E1000_TX_SLOTS;
        chip->in_flight--;
        write_back(chip, slot->end);
    }
    if (!chip->in_flight)
        write_back(chip, chip->r.packet.active ? chip->r.packet.first : chip->r.tx_next);
}

static bool enabled(const struct e1000 *chip)
{
    return chip->r.tctl & TCTL_EN && chip->card.allowed && ring_usable(&chip->r.tx);
}

/* Whatever has happened: sends what can be sent, and writes back what is done.  What the backend gives back at once
 * makes room for more. */
void e1000_transmit(struct e1000 *chip)
{
    struct net_backend *backend = chip->wiring.backend;
    bool submitted;

    if (chip->sending)
        return;
    chip->sending = true;
    do {
        submitted = false;
        while (enabled(chip) && send_next(chip))
            submitted = true;
        if (submitted)
            backend->ops->flush(backend);
        retire(chip);
    } while (submitted);
    chip->sending = false;
    e1000_update_irq(chip);
}

/* Nothing of the guest's is in flight when this returns, and what has not been sent is forgotten: if the transmitter
 * goes on, it does from TDH. */
void e1000_tx_stop(struct e1000 *chip)
{
    struct net_backend *backend = chip->wiring.backend;

    chip->sending = true;
    if (chip->in_flight)
        backend->ops->settle(backend);
    retire(chip);
    chip->sending = false;
    if (chip->in_flight)
        panic("e1000: %u packets are still in flight", chip->in_flight);
    chip->r.packet.active = false;
    chip->r.tx_next = chip->r.tx.head;
}
