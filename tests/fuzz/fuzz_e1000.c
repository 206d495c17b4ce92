/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The 82540EM: register accesses of any kind, any descriptors and frames in memory, frames from the wire, and a wire
 * that answers, delays and offers as the input says.
 *
 * wire.c checks what is sent.  After every input a reset must bring the chip back: a frame goes out, and one comes in.
 */
#include "e1000_host.h"
#include "input.h"

#include "check.h"
#include "lib/inet_checksum.h"

#define RAM       0x40000u                  /* bytes; the rest of the test's memory is none */
#define TX_FRAME  0x30000u
#define FRAME_MAX 4096u

static struct e1000_host h;

static const uint8_t own[6] = OWN, broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

/* --- the surroundings --- */

/* Everything that an input can have changed.  The memory is much larger than what is used of it. */
static void begin(struct input *input)
{
    static const uint8_t address[6] = OWN;
    uint8_t options = take_u8(input);
    struct nic_wiring wiring = { &h.wire.backend, &h.line.line, &h.memory.memory, NULL, NULL, NULL, NULL };

    if (!h.memory.bytes) {
        e1000_host_init(&h);
        h.memory.size = RAM;
    }
    memset(h.memory.bytes, 0, RAM);
    recorded_line_init(&h.line);
    h.wire = (struct wire){ .backend = { .ops = h.wire.backend.ops }, .memory = &h.memory, .frames = h.wire.frames };
    h.wire.deferred = options & 1;
    h.wire.backend.info = (struct net_info){
        .up = true, .checksum_v4 = options & 2, .checksum_v6 = options & 4, .gso_tcpv4 = (options & 10) == 10,
        .gso_tcpv6 = (options & 20) == 20,
    };
    memcpy(h.wire.backend.info.address, address, sizeof(address));
    memset(&h.chip, 0, sizeof(h.chip));
    e1000_init(&h.chip, 0x18, &wiring);
    allow_bus_master(&h, true);
    if (options & 32)
        start_rings(&h);
    take_log();
}

static void end(void)
{
    uint8_t frame[100];
    unsigned int sent;

    reg_write(&h, E1000_CTRL, CTRL_RST);
    reg_write(&h, E1000_MDIC, PCTRL_RESET | 1u << MDIC_PHY_SHIFT | MDIC_OP_WRITE);
    CHECK(!h.wire.out && !h.line.high && !h.chip.buffers_used && !h.chip.in_flight && !h.wire.waiting_count);
    allow_bus_master(&h, true);
    h.wire.deferred = false;
    sent = h.wire.sent;
    memset(h.memory.bytes, 0, RAM);
    start_rings(&h);
    make_frame(h.memory.bytes + TX_FRAME, own, 0x88b5, sizeof(frame));
    tx_legacy(&h, TX_FRAME, sizeof(frame), TX_CMD_EOP | TX_CMD_RS);
    kick(&h);
    CHECK(h.wire.sent == sent + 1 && tx_descriptor(&h, 0)->status == TX_STATUS_DD);
    for (unsigned int i = 0; i < 4; i++)
        rx_descriptor(&h, i)->address = TX_FRAME + 2048 * i;
    make_frame(frame, broadcast, 0x88b5, sizeof(frame));         /* its own address may have been overwritten */
    CHECK(wire_push(&h.wire, frame, sizeof(frame), NET_CHECKSUM_UNKNOWN));
    CHECK(rx_descriptor(&h, 0)->status & RX_STATUS_DD && memcmp(rx_bytes(&h, 0), frame, sizeof(frame)) == 0);
}

/* --- what an input can do --- */

/* Those that do something, more often than the others. */
static uint32_t some_register(struct input *input)
{
    static const uint32_t active[] = {
        E1000_CTRL, E1000_STATUS, E1000_EECD, E1000_EERD, E1000_CTRL_EXT, E1000_MDIC, E1000_VET, E1000_ICR, E1000_ICS,
        E1000_IMS, E1000_IMC, E1000_RCTL, E1000_RDBAL, E1000_RDBAH, E1000_RDLEN, E1000_RDH, E1000_RDT, E1000_RSRPD,
        E1000_RXCSUM, E1000_RAL0, E1000_RAL0 + 4, E1000_MTA, E1000_VFTA, E1000_TCTL, E1000_TDBAL, E1000_TDBAH,
        E1000_TDLEN, E1000_TDH, E1000_TDT, E1000_TORL, E1000_TORL + 4, 0x420, 0x110,
    };
    uint8_t which = take_u8(input);

    return which < 224 ? active[which % (sizeof(active) / sizeof(active[0]))]
                       : take_u16(input) * 2u % E1000_REGISTERS_LENGTH & ~3u;
}

static void read_register(struct input *input)
{
    reg_read(&h, some_register(input));
}

static void write_register(struct input *input)
{
    uint32_t offset = some_register(input);

    reg_write(&h, offset, take_u32(input));
}

/* Values with which something happens. */
static void write_small(struct input *input)
{
    uint32_t offset = some_register(input);

    reg_write(&h, offset, take_u8(input));
}

static void ports(struct input *input)
{
    uint8_t how = take_u8(input);

    if (how & 1)
        e1000_port_ops.write(&h.chip, how >> 1 & 0x3c, 4, take_u32(input));
    else
        e1000_port_ops.read(&h.chip, how >> 1 & 0x3c, 4);
}

static void switch_on(struct input *input)
{
    uint32_t rctl = take_u32(input);

    reg_write(&h, E1000_TDBAL, TX_RING);
    reg_write(&h, E1000_TDBAH, 0);
    reg_write(&h, E1000_TDLEN, RING_ENTRIES * DESCRIPTOR_BYTES);
    reg_write(&h, E1000_RDBAL, RX_RING);
    reg_write(&h, E1000_RDBAH, 0);
    reg_write(&h, E1000_RDLEN, RING_ENTRIES * DESCRIPTOR_BYTES);
    reg_write(&h, E1000_RCTL, rctl | RCTL_EN);
    reg_write(&h, E1000_TCTL, TCTL_EN);
}

static void tx_anything(struct input *input)
{
    struct e1000_tx_descriptor *descriptor = tx_descriptor(&h, take_u8(input) % RING_ENTRIES);

    descriptor->address = take_u32(input) % (RAM + 0x1000);
    descriptor->lower = take_u32(input);
    descriptor->status = 0;
    descriptor->option = take_u8(input);
    descriptor->special = take_u16(input);
}

/* A packet that has a chance, from the tail on, and its context. */
static void tx_packet(struct input *input)
{
    uint8_t how = take_u8(input), options = take_u8(input);
    uint32_t payload = take_u16(input) % 20000, length, pieces = take_u8(input) % 24 + 1, at = 0;
    uint32_t tail = reg_read(&h, E1000_TDT) % RING_ENTRIES;
    struct e1000_tx_descriptor context = {
        .ipcss = 14, .ipcso = 24, .ipcse = how & 1 ? 33 : 53, .tucss = how & 1 ? 34 : 54, .lower = TX_CMD_DEXT,
    };

    if (!(how & 16))
        payload %= 1460;
    length = make_packet(h.memory.bytes + TX_FRAME, how & 1 ? 4 : 6, how & 2 ? INET_TCP : INET_UDP, payload);
    context.tucso = context.tucss + (how & 2 ? 16 : 6);
    context.lower |= (how & 2 ? TX_TUCMD_TCP : 0) | (how & 1 ? TX_TUCMD_IP : 0) | (how & 4 ? TX_TUCMD_TSE : 0);
    context.option = how & 8 ? context.tucss + (how & 2 ? 20 : 8) : take_u8(input);
    context.special = how & 32 ? take_u16(input) : 1400;
    *tx_descriptor(&h, tail) = context;
    for (unsigned int i = 0; i < pieces; i++) {
        uint32_t piece = i + 1 == pieces ? length - at : length / pieces;

        tail = (tail + 1) % RING_ENTRIES;
        *tx_descriptor(&h, tail) = (struct e1000_tx_descriptor){
            .address = TX_FRAME + at, .option = options, .special = options,
            .lower = piece | TX_CMD_DEXT | TX_DTYP_DATA | TX_CMD_RS | (how & 4 ? TX_CMD_TSE : 0) |
                     (how & 64 ? TX_CMD_VLE : 0) | (i + 1 == pieces ? TX_CMD_EOP : 0),
        };
        at += piece;
    }
    reg_write(&h, E1000_TDT, (tail + 1) % RING_ENTRIES);
}

static void rx_anything(struct input *input)
{
    rx_descriptor(&h, take_u8(input) % RING_ENTRIES)->address = take_u32(input) % (RAM + 0x1000);
}

static void fill_receiver(struct input *input)
{
    for (unsigned int i = 0; i < RING_ENTRIES; i++)
        rx_descriptor(&h, i)->address = TX_FRAME + i * 256;
    reg_write(&h, E1000_RDT, take_u8(input));
}

static void push(struct input *input)
{
    uint8_t bytes[FRAME_MAX] = { 0 }, how = take_u8(input);
    uint32_t length = 14 + take_u16(input) % (FRAME_MAX - 14), first = 14 + take_u16(input) % (length - 13);

    for (unsigned int i = 0; i < 40; i++)
        bytes[i] = take_u8(input);
    if (how & 1)
        memcpy(bytes, own, sizeof(own));
    if (how & 2)
        memcpy(bytes + 12, "\x81\x00", 2);
    wire_push_split(&h.wire, bytes, length, how & 4 ? length : first,
                    how & 8 ? NET_CHECKSUM_GOOD : NET_CHECKSUM_UNKNOWN);
}

static void wire(struct input *input)
{
    uint8_t how = take_u8(input);

    h.wire.deferred = how & 1;
    if (how & 2)
        wire_link(&h.wire, how & 4);
    wire_complete(&h.wire, how >> 3);
}

static void permission(struct input *input)
{
    allow_bus_master(&h, take_u8(input) & 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static void (*const actions[])(struct input *input) = {
        read_register, write_register, write_small, ports, switch_on, tx_anything, tx_packet, rx_anything,
        fill_receiver, push, wire, permission,
    };
    struct input input = { bytes, length };

    begin(&input);
    while (input.left)
        actions[take_u8(&input) % (sizeof(actions) / sizeof(actions[0]))](&input);
    end();
    return 0;
}
