/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The transmitter.
 *
 * What is to be sent is a chain: the descriptors of a packet, or one buffer of C mode.  It goes to the backend as one
 * packet, or as many when it is a large send that the backend does not cut itself.  The guest's memory is sent as it
 * lies there; headers that the chip has to change go out as a copy.  Packets end in the order in which they were begun.
 */
#include "devices/net/rtl8139_internal.h"

#include "lib/log.h"
#include "lib/string.h"

#define ADDRESSES   12u                     /* bytes before a VLAN tag's place */
#define TAG_BYTES   4u
#define MSS_MIN     32u                     /* less is no TCP */
#define CHAINS_MAX  (2 * RTL_RING)          /* begun in one go */

#define IP_LENGTH   2u
#define IP_ID       4u
#define IP_CHECKSUM 10u
#define TCP_SEQUENCE 4u
#define TCP_FLAGS   13u
#define TCP_FIN     0x01u
#define TCP_PSH     0x08u
#define TCP_CWR     0x80u

static void put16(uint8_t *bytes, uint16_t number)
{
    bytes[0] = number >> 8;
    bytes[1] = (uint8_t)number;
}

/* --- the bytes of a chain ---------------------------------------------------------------------------------- */

/* The guest memory of [from, from + length), as segments.  Returns their number, or most + 1 if they are more. */
static unsigned int slice(const struct rtl8139_chain *chain, uint32_t from, uint32_t length,
                          struct net_segment *segments, unsigned int most)
{
    unsigned int count = 0;

    for (unsigned int i = 0; i < chain->segment_count && length; i++) {
        const struct net_segment *whole = &chain->segments[i];
        uint32_t part;

        if (from >= whole->length) {
            from -= whole->length;
            continue;
        }
        if (count == most)
            return most + 1;
        part = rtl_smaller(whole->length - from, length);
        segments[count++] = (struct net_segment){ whole->address + from, part };
        length -= part;
        from = 0;
    }
    return count;
}

static void copy_out(struct rtl8139 *chip, uint32_t from, uint8_t *to, uint32_t length)
{
    const struct rtl8139_chain *chain = &chip->tx.chain;

    for (unsigned int i = 0; i < chain->segment_count && length; i++) {
        const struct net_segment *segment = &chain->segments[i];
        uint32_t part;

        if (from >= segment->length) {
            from -= segment->length;
            continue;
        }
        part = rtl_smaller(segment->length - from, length);
        rtl_read_memory(chip, segment->address + from, to, part);
        to += part;
        length -= part;
        from = 0;
    }
}

/* The guest may change what is summed before it is sent; the checksum is wrong then, as it deserves. */
static void sum_range(struct rtl8139 *chip, struct inet_sum *sum, uint32_t from, uint32_t length)
{
    uint8_t bytes[256];

    while (length) {
        uint32_t part = rtl_smaller(length, sizeof(bytes));

        copy_out(chip, from, bytes, part);
        inet_sum_add(sum, bytes, part);
        from += part;
        length -= part;
    }
}

/* --- loading a chain --------------------------------------------------------------------------------------- */

static void begin_chain(struct rtl8139_chain *chain, enum rtl8139_source source, uint8_t first)
{
    chain->active = true;
    chain->broken = false;
    chain->source = source;
    chain->first = first;
    chain->descriptors = 0;
    chain->segment_count = chain->length = 0;
    chain->header_length = chain->replaced = chain->mss = chain->at = chain->pieces = 0;
    chain->checksum = false;
}

static void add_segment(struct rtl8139_chain *chain, uint64_t address, uint32_t length)
{
    chain->descriptors++;
    if (!length)
        return;
    chain->segments[chain->segment_count++] = (struct net_segment){ address, length };
    chain->length += length;
}

/* The driver's own FCS is not for the backend. */
static void cut_fcs(struct rtl8139 *chip)
{
    struct rtl8139_chain *chain = &chip->tx.chain;
    uint32_t fcs = rtl_smaller(4, chain->length);

    if (!(rtl_get(chip, RTL_TCR, 4) & TCR_CRC))
        return;
    chain->length -= fcs;
    while (fcs) {
        struct net_segment *last = &chain->segments[chain->segment_count - 1];
        uint32_t part = rtl_smaller(fcs, last->length);

        last->length -= part;
        fcs -= part;
        if (!last->length)
            chain->segment_count--;
    }
}

/* All of it is guest memory. */
static bool reachable(struct rtl8139 *chip)
{
    const struct rtl8139_chain *chain = &chip->tx.chain;
    struct guest_memory *memory = chip->wiring.memory;

    for (unsigned int i = 0; i < chain->segment_count; i++) {
        const struct net_segment *segment = &chain->segments[i];

        if (memory->is_ram(memory, segment->address, segment->length))
            continue;
        rtl_bus_error(chip, segment->address);
        return false;
    }
    return true;
}

static void plan(struct rtl8139 *chip, uint32_t command, uint32_t vlan);

static void loaded(struct rtl8139 *chip, uint32_t command, uint32_t vlan)
{
    struct rtl8139_chain *chain = &chip->tx.chain;

    chain->broken |= !reachable(chip);
    if (chain->broken)
        return;
    cut_fcs(chip);
    plan(chip, command, vlan);
}

static bool load_buffer(struct rtl8139 *chip)
{
    uint8_t n = chip->regs.next_tsd;
    uint32_t tsd = rtl_get(chip, RTL_TSD0 + 4 * n, 4);

    if ((tsd & TSD_OWN) || (chip->regs.tsd_in_flight & 1u << n))
        return false;
    begin_chain(&chip->tx.chain, RTL8139_C_MODE, n);
    add_segment(&chip->tx.chain, rtl_get(chip, RTL_TSAD0 + 4 * n, 4), tsd & TSD_SIZE);
    loaded(chip, 0, 0);
    chip->regs.next_tsd = (n + 1) & 3;
    chip->regs.tsd_in_flight |= 1u << n;
    return true;
}

static uint64_t descriptor_address(const struct rtl8139 *chip, enum rtl8139_source source, uint8_t i)
{
    return rtl_address(chip, source == RTL8139_HIGH ? RTL_THPDS : RTL_TNPDS, 256) +
           i * sizeof(struct rtl8139_descriptor);
}

/* Which of a chain's two ends says what is to be done: drivers agree on the last, but for old ones. */
static uint32_t commands_of(const struct rtl8139_descriptor *first, const struct rtl8139_descriptor *last)
{
    const uint32_t offloads = TX_LGSEN | TX_IPCS | TX_UDPCS | TX_TCPCS;

    return last->command & offloads ? last->command : first->command;
}

/* Loads all descriptors up to one with LS.  Not all of them there yet: the driver will poll again.  No LS in a whole
 * ring: there is no packet to be found in it, and its descriptors go back. */
static bool load_ring(struct rtl8139 *chip, enum rtl8139_source source)
{
    struct rtl8139_ring *ring = &chip->regs.rings[source];
    struct rtl8139_chain *chain = &chip->tx.chain;
    struct rtl8139_descriptor first = { 0 }, last;
    uint8_t i = ring->next;

    begin_chain(chain, source, i);
    do {
        bool room = !(ring->in_flight && i == ring->oldest) && ring->in_flight + chain->descriptors < RTL_RING;

        if (!room || !rtl_read_memory(chip, descriptor_address(chip, source, i), &last, sizeof(last)) ||
            !(last.command & DESC_OWN)) {
            ring->polled = false;
            chain->active = false;
            return false;
        }
        if (!chain->descriptors)
            first = last;
        add_segment(chain, (uint64_t)last.high << 32 | last.low, last.command & TX_SIZE);
        i = rtl_next_descriptor(i, last.command);
    } while (!(last.command & DESC_LS) && i != chain->first && chain->descriptors < RTL_RING);
    if (!ring->in_flight)
        ring->oldest = chain->first;
    ring->next = i;
    ring->in_flight += chain->descriptors;
    if (!(last.command & DESC_LS)) {
        log_limited(LOG_INFO, "rtl8139: a transmit ring without a last segment");
        chain->broken = true;
    }
    loaded(chip, commands_of(&first, &last), first.vlan & TX_TAGC ? first.vlan : last.vlan);
    return true;
}

static bool load(struct rtl8139 *chip)
{
    if (!chip->mastering || !(rtl_get(chip, RTL_CR, 1) & CR_TE))
        return false;
    if (!(rtl_get(chip, RTL_CPCR, 2) & CPCR_CPTX))
        return !chip->regs.cplus && load_buffer(chip);
    return (chip->regs.rings[RTL8139_HIGH].polled && load_ring(chip, RTL8139_HIGH)) ||
           (chip->regs.rings[RTL8139_NORMAL].polled && load_ring(chip, RTL8139_NORMAL));
}

/* --- what is to be done with it ---------------------------------------------------------------------------- */

static void make_ip_checksum(uint8_t *ip, uint32_t length)
{
    struct inet_sum sum = { 0 };

    put16(&ip[IP_CHECKSUM], 0);
    inet_sum_add(&sum, ip, length);
    put16(&ip[IP_CHECKSUM], inet_checksum(&sum, 0));
}

/* TCP or UDP over IPv4 whose headers are copied, for its checksum, and for being cut if there is an MSS. */
static void plan_transport(struct rtl8139_chain *chain, uint32_t mss)
{
    chain->checksum = true;
    chain->header_length = chain->replaced = chain->inet.payload;
    if (chain->length > chain->replaced + mss)
        chain->mss = mss;
}

static void plan_offloads(struct rtl8139_chain *chain, uint32_t available, uint32_t command)
{
    uint32_t ip_length, ip = rtl8139_find_ipv4(chain->headers, available, &ip_length);
    uint32_t mss = command >> TX_MSS_SHIFT & TX_MSS;
    bool found;

    if (!ip)
        return;
    if ((command & TX_LGSEN) && chain->length - ip <= 0xffff)   /* drivers differ in what they say there */
        put16(&chain->headers[ip + IP_LENGTH], (uint16_t)(chain->length - ip));
    found = inet_find(chain->headers, available, chain->length, &chain->inet);
    if (command & TX_LGSEN) {
        if (found && chain->inet.protocol == INET_TCP && mss >= MSS_MIN)
            plan_transport(chain, mss);
    } else {
        if (found && (command & (chain->inet.protocol == INET_TCP ? TX_TCPCS : TX_UDPCS)))
            plan_transport(chain, 0);
        else if (command & TX_IPCS)
            chain->header_length = chain->replaced = ip + ip_length;
    }
    if (chain->header_length && (command & (TX_LGSEN | TX_IPCS)))
        make_ip_checksum(&chain->headers[ip], ip_length);
}

static void insert_tag(struct rtl8139_chain *chain, uint32_t vlan)
{
    uint8_t *place = &chain->headers[ADDRESSES];

    if (chain->header_length < ADDRESSES)
        chain->header_length = chain->replaced = ADDRESSES;
    memmove(place + TAG_BYTES, place, chain->header_length - ADDRESSES);
    put16(place, 0x8100);
    place[2] = (uint8_t)vlan;
    place[3] = (uint8_t)(vlan >> 8);
    chain->header_length += TAG_BYTES;
    chain->inet.ip += TAG_BYTES;
    chain->inet.transport += TAG_BYTES;
    chain->inet.payload += TAG_BYTES;
    chain->inet.checksum += TAG_BYTES;
}

static void plan(struct rtl8139 *chip, uint32_t command, uint32_t vlan)
{
    struct rtl8139_chain *chain = &chip->tx.chain;
    uint32_t available = rtl_smaller(chain->length, INET_HEADERS_MAX);
    bool offload = command & (TX_LGSEN | TX_IPCS | TX_UDPCS | TX_TCPCS), tag = vlan & TX_TAGC;

    if (available < NET_HEADER_BYTES || !(offload || tag))
        return;
    copy_out(chip, 0, chain->headers, available);
    if (offload)
        plan_offloads(chain, available, command);
    if (tag)
        insert_tag(chain, vlan);
    chain->at = chain->replaced;
}

/* --- one packet of it -------------------------------------------------------------------------------------- */

bool rtl8139_loops(const struct rtl8139 *chip)
{
    return (rtl_get(chip, RTL_TCR, 4) & TCR_LBK) == TCR_LBK;
}

/* The backend is to cut it, which it does to frames without a tag. */
static bool offers_cutting(const struct rtl8139 *chip)
{
    const struct rtl8139_chain *chain = &chip->tx.chain;
    const struct net_info *info = &chip->wiring.backend->info;

    return info->gso_tcpv4 && info->checksum_v4 && !rtl8139_loops(chip) && !chain->pieces &&
           chain->inet.ip == NET_HEADER_BYTES &&
           chain->header_length + chain->length - chain->replaced <= NET_PACKET_MAX;
}

/* A piece of a large send: `payload` bytes from chain->at on. */
static void make_headers_of_piece(const struct rtl8139_chain *chain, uint8_t *headers, uint32_t payload)
{
    uint8_t *ip = &headers[chain->inet.ip], *tcp = &headers[chain->inet.transport];
    uint32_t done = chain->at - chain->replaced;
    uint32_t sequence = (uint32_t)rtl_get16(&tcp[TCP_SEQUENCE]) << 16 | rtl_get16(&tcp[TCP_SEQUENCE + 2]);

    put16(&ip[IP_LENGTH], (uint16_t)(chain->header_length - chain->inet.ip + payload));
    put16(&ip[IP_ID], (uint16_t)(rtl_get16(&ip[IP_ID]) + chain->pieces));
    make_ip_checksum(ip, (ip[0] & 0xfu) * 4);
    sequence += done;
    put16(&tcp[TCP_SEQUENCE], (uint16_t)(sequence >> 16));
    put16(&tcp[TCP_SEQUENCE + 2], (uint16_t)sequence);
    if (chain->at + payload < chain->length)
        tcp[TCP_FLAGS] &= (uint8_t)~(TCP_FIN | TCP_PSH);
    if (done)
        tcp[TCP_FLAGS] &= (uint8_t)~TCP_CWR;
}

/* TCP's or UDP's, over the headers and `payload` bytes from chain->at on: made, or left to the backend. */
static void make_checksum(struct rtl8139 *chip, struct rtl8139_packet *slot, uint32_t payload)
{
    const struct rtl8139_chain *chain = &chip->tx.chain;
    const struct inet_packet *inet = &chain->inet;
    uint32_t length = inet->transport_length;
    uint32_t headers = inet->payload - inet->transport;
    struct inet_sum sum = { 0 };

    if (chain->mss)
        length = headers + payload;
    put16(&slot->headers[inet->checksum], 0);
    inet_sum_add_pseudo_header(&sum, slot->headers, inet, length);
    if (chip->wiring.backend->info.checksum_v4 && !rtl8139_loops(chip) && length == headers + payload) {
        put16(&slot->headers[inet->checksum], inet_sum_result(&sum));
        slot->packet.offload.checksum = true;
        slot->packet.offload.checksum_start = inet->transport;
        slot->packet.offload.checksum_offset = inet->checksum - inet->transport;
        return;
    }
    inet_sum_add(&sum, &slot->headers[inet->transport], headers);
    sum_range(chip, &sum, chain->at, length - headers);
    put16(&slot->headers[inet->checksum], inet_checksum(&sum, inet->protocol));
}

/* Gathers what is in pieces too small for the backend; the caller has seen that the buffer is free. */
static void bounce(struct rtl8139 *chip, struct rtl8139_packet *slot, uint32_t payload)
{
    uint8_t *to = chip->tx.bounce;
    uint32_t headers = chip->tx.chain.header_length, length = headers + payload;

    memcpy(to, slot->headers, headers);
    copy_out(chip, chip->tx.chain.at, to + headers, payload);
    if (length < NET_FRAME_MIN)
        memset(to + length, 0, NET_FRAME_MIN - length);
    slot->packet.length = length < NET_FRAME_MIN ? NET_FRAME_MIN : length;
    slot->segments[0] = (struct net_segment){ (uintptr_t)to, slot->packet.length };
    slot->packet.segment_count = 1;
    slot->bounced = chip->tx.bounce_used = true;
}

/* Where the bytes lie.  False: they are more pieces than the backend takes. */
static bool lay_out(struct rtl8139 *chip, struct rtl8139_packet *slot, uint32_t payload)
{
    static const uint8_t padding[NET_FRAME_MIN];
    const struct rtl8139_chain *chain = &chip->tx.chain;
    struct net_packet *packet = &slot->packet;
    unsigned int count = 0, more;

    packet->length = chain->header_length + payload;
    if (chain->header_length)
        slot->segments[count++] = (struct net_segment){ (uintptr_t)slot->headers, chain->header_length };
    more = slice(chain, chain->at, payload, &slot->segments[count], NET_SEGMENTS_MAX - 1 - count);
    if (more > NET_SEGMENTS_MAX - 1 - count)
        return false;
    count += more;
    if (packet->length < NET_FRAME_MIN) {
        slot->segments[count++] = (struct net_segment){ (uintptr_t)padding, NET_FRAME_MIN - packet->length };
        packet->length = NET_FRAME_MIN;
    }
    packet->segment_count = count;
    return true;
}

static void done(struct net_packet *packet, bool sent);

static struct rtl8139_packet *new_slot(struct rtl8139 *chip)
{
    struct rtl8139_transmitter *tx = &chip->tx;
    struct rtl8139_packet *slot = &tx->packets[(tx->oldest + tx->count) % RTL8139_PACKETS];

    slot->packet = (struct net_packet){ .segments = slot->segments, .done = done, .owner = chip };
    memcpy(slot->headers, tx->chain.headers, tx->chain.header_length);
    slot->source = tx->chain.source;
    slot->first = tx->chain.first;
    slot->descriptors = 0;
    slot->bounced = slot->done = false;
    slot->sent = true;
    return slot;
}

static void loop(struct rtl8139 *chip, struct rtl8139_packet *slot)
{
    const struct net_piece piece = { chip->tx.bounce, slot->packet.length };
    const struct net_frame frame = { &piece, 1, slot->packet.length, NET_CHECKSUM_UNKNOWN };

    slot->done = true;
    if ((rtl_get(chip, RTL_CR, 1) & CR_RE) && !rtl8139_receive(chip, &frame))
        rtl_set(chip, RTL_MPC, 3, rtl_get(chip, RTL_MPC, 3) + 1);
}

/* Headers, checksum, and where the bytes lie, for the whole rest of the chain if the backend cuts it, or for a frame.
 * *payload: bytes of the chain that go with it.  False: it has to wait for the buffer. */
static bool make_packet(struct rtl8139 *chip, struct rtl8139_packet *slot, uint32_t *payload)
{
    const struct rtl8139_chain *chain = &chip->tx.chain;
    uint32_t rest = chain->length - chain->at;
    bool cutting = chain->mss && offers_cutting(chip) && lay_out(chip, slot, rest);
    bool direct = cutting;

    *payload = chain->mss && !cutting ? rtl_smaller(rest, chain->mss) : rest;
    if (chain->mss && !cutting)
        make_headers_of_piece(chain, slot->headers, *payload);
    if (!cutting && chain->header_length + *payload > RTL8139_FRAME) {
        log_limited(LOG_INFO, "rtl8139: a frame of %u bytes is lost", (unsigned int)(chain->header_length + *payload));
        slot->done = true;
        return true;
    }
    if (!cutting)
        direct = !rtl8139_loops(chip) && lay_out(chip, slot, *payload);
    if (!direct && chip->tx.bounce_used)
        return false;
    if (chain->checksum)
        make_checksum(chip, slot, *payload);
    if (cutting) {
        slot->packet.offload.gso = NET_GSO_TCPV4;
        slot->packet.offload.segment_bytes = (uint16_t)chain->mss;
    }
    if (!direct)
        bounce(chip, slot, *payload);
    return true;
}

/* Sends the next packet of the chain.  False: it has to wait until the backend is done with others. */
static bool send_piece(struct rtl8139 *chip)
{
    struct rtl8139_transmitter *tx = &chip->tx;
    struct rtl8139_chain *chain = &tx->chain;
    struct net_backend *backend = chip->wiring.backend;
    bool looped = rtl8139_loops(chip), lost = chain->broken || (!backend->info.up && !looped);
    struct rtl8139_packet *slot;
    uint32_t payload = chain->length - chain->at;

    if (tx->count == RTL8139_PACKETS)
        return false;
    slot = new_slot(chip);
    slot->done = lost || !chain->length;
    slot->sent = !lost;
    if (!slot->done && !make_packet(chip, slot, &payload))
        return false;
    chain->at += payload;
    chain->pieces++;
    chain->active = chain->at < chain->length;
    if (!chain->active)
        slot->descriptors = chain->descriptors;
    tx->count++;
    if (!slot->done && looped)
        loop(chip, slot);
    else if (!slot->done)
        backend->ops->submit(backend, &slot->packet);
    return true;
}

/* --- what has been sent ------------------------------------------------------------------------------------ */

static void give_back_buffer(struct rtl8139 *chip, uint8_t n, bool sent)
{
    uint32_t tsd = rtl_get(chip, RTL_TSD0 + 4 * n, 4);

    rtl_set(chip, RTL_TSD0 + 4 * n, 4, tsd | TSD_OWN | (sent ? TSD_TOK : TSD_TABT | TSD_CRS));
    chip->regs.tsd_in_flight &= (uint8_t)~(1u << n);
}

static void give_back_descriptors(struct rtl8139 *chip, enum rtl8139_source source, uint8_t first, uint8_t count,
                                  bool sent)
{
    struct rtl8139_ring *ring = &chip->regs.rings[source];
    uint8_t i = first;

    for (unsigned int left = count; left; left--) {
        uint64_t address = descriptor_address(chip, source, i);
        uint32_t command;

        if (!rtl_read_memory(chip, address, &command, sizeof(command)))
            break;
        i = rtl_next_descriptor(i, command);
        command &= ~(DESC_OWN | TX_STATUS);
        if (!sent && left == 1)
            command |= TX_TES | TX_LNKF;
        rtl_write_memory(chip, address, &command, sizeof(command));
    }
    ring->in_flight -= count;
    ring->oldest = i;
}

/* All of a chain has been sent, or lost: `count` descriptors. */
static void end_chain(struct rtl8139 *chip, enum rtl8139_source source, uint8_t first, uint8_t count)
{
    bool sent = !chip->tx.failed;

    chip->tx.failed = false;
    if (source == RTL8139_C_MODE)
        give_back_buffer(chip, first, sent);
    else
        give_back_descriptors(chip, source, first, count, sent);
    if (sent)
        chip->regs.tally.tx_ok++;
    else
        chip->regs.tally.tx_er++;
    rtl_cause(chip, sent ? INT_TOK : INT_TER);
    rtl8139_end_countdown(chip);
}

/* Returns whether descriptors went back. */
static bool reap(struct rtl8139 *chip)
{
    struct rtl8139_transmitter *tx = &chip->tx;
    bool any = false;

    while (tx->count && tx->packets[tx->oldest].done) {
        struct rtl8139_packet *slot = &tx->packets[tx->oldest];

        tx->oldest = (tx->oldest + 1) % RTL8139_PACKETS;
        tx->count--;
        if (slot->bounced)
            tx->bounce_used = false;
        tx->failed |= !slot->sent;
        if (!slot->descriptors)
            continue;
        end_chain(chip, slot->source, slot->first, slot->descriptors);
        any |= slot->source != RTL8139_C_MODE;
    }
    return any;
}

static bool out_of_descriptors(const struct rtl8139 *chip)
{
    return !chip->tx.count && !chip->tx.chain.active && !chip->regs.rings[RTL8139_NORMAL].polled &&
           !chip->regs.rings[RTL8139_HIGH].polled;
}

static void done(struct net_packet *packet, bool sent)
{
    struct rtl8139_packet *slot = (struct rtl8139_packet *)packet;
    struct rtl8139 *chip = packet->owner;

    slot->done = true;
    slot->sent = sent;
    if (chip->tx.running)
        return;
    rtl8139_transmit(chip);
    rtl8139_update_irq(chip);
}

/* A backend that is done at once would let a guest that fills its ring as fast keep the loop going. */
void rtl8139_transmit(struct rtl8139 *chip)
{
    struct rtl8139_transmitter *tx = &chip->tx;
    struct net_backend *backend = chip->wiring.backend;
    unsigned int chains = 0;
    bool any = false, ended;

    if (tx->running)
        return;
    tx->running = true;
    ended = reap(chip);
    while (tx->chain.active || (chains++ < CHAINS_MAX && load(chip))) {
        if (!send_piece(chip))
            break;
        any = true;
        ended |= reap(chip);
    }
    tx->running = false;
    if (ended && out_of_descriptors(chip))
        rtl_cause(chip, INT_TDU);
    if (any)
        backend->ops->flush(backend);
}

void rtl8139_stop_transmitter(struct rtl8139 *chip)
{
    struct rtl8139_transmitter *tx = &chip->tx;
    struct rtl8139_chain *chain = &tx->chain;
    struct net_backend *backend = chip->wiring.backend;

    tx->running = true;
    if (tx->count)
        backend->ops->settle(backend);
    reap(chip);
    if (tx->count)
        panic("rtl8139: %u packets are not settled", tx->count);
    if (chain->active) {
        chain->active = false;
        tx->failed = true;
        end_chain(chip, chain->source, chain->first, chain->descriptors);
    }
    tx->running = false;
}
