/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The RTL8139C+: accesses of any kind and order, any descriptors and frames in memory, and a far end that sends,
 * delays and fails as the input says.  wire.c checks what reaches the backend.  After every input a driver of either
 * mode must find the chip working.
 */
#include "check.h"
#include "input.h"
#include "rtl8139_host.h"

#include "devices/net/rtl8139_internal.h"

#define RAM 0x20000u                        /* bytes; the rest of the test's memory is none */

/* Within RAM, all of the host's places are too high. */
#define RING(i)  (0x1000u * (i))            /* receive, transmit, high priority */
#define DATA     0x8000u

static struct rtl8139_host host, *const h = &host;

/* Everything that an input can have changed. */
static void begin(struct input *input)
{
    uint8_t options = take_u8(input);
    struct nic_wiring wiring;

    if (!h->memory.bytes)
        rtl8139_host_init(h);
    wiring = h->chip.wiring;
    memset(h->memory.bytes, 0, RAM);
    h->memory.size = RAM;
    h->wire.out = NULL;
    h->wire.waiting_count = h->wire.sent = 0;
    h->wire.fail = false;
    h->wire.backend.info.up = true;
    h->wire.deferred = options & 1;
    h->wire.backend.info.checksum_v4 = options & 2;
    h->wire.backend.info.gso_tcpv4 = options & 4;
    h->clock.ns = 0;
    recorded_line_init(&h->irq);
    rtl8139_init(&h->chip, PCI_DEVFN(3, 0), &wiring);
    set_master(h, true);
    take_log();
}

/* Registers that matter come more often than they would. */
static uint32_t some_register(struct input *input)
{
    static const uint8_t often[] = {
        RTL_TSD0, RTL_TSD0 + 4, RTL_TSD0 + 8, RTL_TSD0 + 12, RTL_TNPDS, RTL_THPDS, RTL_RDSAR, RTL_RBSTART, RTL_CR,
        RTL_CAPR, RTL_IMR, RTL_ISR, RTL_TCR, RTL_RCR, RTL_TCTR, RTL_TIMERINT, RTL_9346CR, RTL_BMCR, RTL_TPPOLL, RTL_CPCR,
    };
    uint8_t which = take_u8(input);

    return which < 0x80 ? often[which % sizeof(often)] : take_u8(input);
}

static unsigned int some_size(struct input *input)
{
    static const unsigned int sizes[] = { IO_BYTE, IO_WORD, IO_DWORD };

    return sizes[take_u8(input) % 3];
}

static void read_register(struct input *input)
{
    uint32_t offset = some_register(input);

    rtl8139_ops.read(&h->chip, offset, some_size(input));
}

static void write_register(struct input *input)
{
    uint32_t offset = some_register(input), value;
    unsigned int size = some_size(input);

    value = size == IO_DWORD ? take_u32(input) : size == IO_WORD ? take_u16(input) : take_u8(input);
    rtl8139_ops.write(&h->chip, offset, size, value);
}

/* The chip as a driver sets it up, with rings within RAM. */
static void open_mode(struct input *input)
{
    uint8_t how = take_u8(input);

    rtl_out8(h, RTL_CR, CR_RST);
    rtl_out32(h, RTL_RBSTART, 0x4000);
    if (how & 1)
        rtl_out16(h, RTL_CPCR, how & CPCR_WRITABLE);
    if (how & 1) {
        rtl_out32(h, RTL_RDSAR, RING(1));
        rtl_out32(h, RTL_TNPDS, RING(2));
        rtl_out32(h, RTL_THPDS, RING(3));
    }
    rtl_out32(h, RTL_TCR, how & 4 ? TCR_LBK : 0);
    rtl_out8(h, RTL_CR, CR_RE | CR_TE);
    rtl_out32(h, RTL_RCR, RCR_AAP | RCR_AB | RCR_AM | (uint32_t)take_u8(input) << 7);
    rtl_out16(h, RTL_IMR, take_u16(input));
}

static void some_descriptor(struct input *input)
{
    uint8_t where = take_u8(input);
    struct rtl8139_descriptor *descriptor = (void *)(h->memory.bytes + RING(1 + where % 3) + take_u8(input) % 64 * 16);

    descriptor->command = (uint32_t)take_u16(input) << 16 | take_u16(input);
    descriptor->vlan = where & 0x80 ? take_u32(input) : 0;
    descriptor->low = where & 0x40 ? take_u32(input) : DATA + take_u16(input);
    descriptor->high = where & 0x20 ? take_u8(input) : 0;
}

/* A run of descriptors, of which the last has LS. */
static void some_chain(struct input *input)
{
    uint8_t where = take_u8(input), first = take_u8(input) % 64, count = take_u8(input) % 64 + 1;
    uint16_t length = take_u16(input), flags = take_u16(input);

    for (unsigned int i = 0; i < count; i++) {
        struct rtl8139_descriptor *descriptor = (void *)(h->memory.bytes + RING(1 + where % 3) + (first + i) % 64 * 16);

        descriptor->command = DESC_OWN | (uint32_t)(flags & 0x0fff) << 16 | length;
        descriptor->command |= (i ? 0 : DESC_FS) | (i == count - 1u ? DESC_LS : 0);
        descriptor->low = DATA + i * length;
        descriptor->high = 0;
    }
    rtl_out8(h, RTL_TPPOLL, where % 3 == 2 ? TPPOLL_HPQ : TPPOLL_NPQ);
}

static void some_frame(struct input *input)
{
    uint8_t kind = take_u8(input);
    uint32_t payload = take_u16(input) % 0x4000;

    if (kind & 1)
        ip_frame(h->memory.bytes + DATA, kind & 2 ? INET_TCP : INET_UDP, payload);
    for (unsigned int i = 0; i < kind >> 5; i++) {
        uint8_t place = take_u8(input);

        h->memory.bytes[DATA + place % 80] = take_u8(input);
    }
}

static void push(struct input *input)
{
    uint8_t kind = take_u8(input);
    uint8_t bytes[4096];
    uint32_t length = NET_HEADER_BYTES + take_u16(input) % 2000;

    if (h->wire.waiting_count == WIRE_WAITING)
        return;
    if (kind & 1)
        length = ip_frame(bytes, kind & 2 ? INET_TCP : INET_UDP, length % 1400);
    else
        plain_frame(bytes, kind & 2 ? rtl_broadcast : rtl_here, length);
    if (kind & 8)
        memcpy(bytes + 12, "\x81\x00", 2);
    for (unsigned int i = 0; i < kind >> 5; i++) {
        uint8_t place = take_u8(input);

        bytes[place % length] = take_u8(input);
    }
    push_frame(h, bytes, length, kind & 4 ? NET_CHECKSUM_GOOD : NET_CHECKSUM_UNKNOWN);
}

static void backend(struct input *input)
{
    uint8_t how = take_u8(input);

    h->wire.deferred = how & 1;
    h->wire.fail = how & 2;
    for (unsigned int i = 0; i < how >> 5; i++)
        wire_complete(&h->wire, 0);
    if (how & 4)
        wire_link(&h->wire, how & 8);
}

static void permission(struct input *input)
{
    bool allowed = take_u8(input) & 1;

    set_master(h, allowed);
    CHECK(allowed || !packets_out(h));
}

static void time_passes(struct input *input)
{
    h->clock.ns += (uint64_t)take_u32(input) << 16;
}

static void check(void)
{
    const struct rtl8139_registers *regs = &h->chip.regs;
    bool cause = rtl_get(&h->chip, RTL_ISR, 2) & rtl_get(&h->chip, RTL_IMR, 2);

    CHECK(h->irq.high == cause);
    CHECK(packets_out(h) <= h->chip.tx.count && h->chip.tx.count <= RTL8139_PACKETS);
    CHECK(!h->chip.tx.running);
    CHECK(regs->held == (h->wire.waiting_count != 0));
    for (unsigned int i = 0; i < RTL8139_SOURCES; i++)
        CHECK(regs->rings[i].in_flight <= RTL_RING && regs->rings[i].next < RTL_RING);
    if (!h->chip.tx.count && !h->chip.tx.chain.active)
        CHECK(!regs->tsd_in_flight && !regs->rings[RTL8139_NORMAL].in_flight && !regs->rings[RTL8139_HIGH].in_flight);
    CHECK(rtl_get(&h->chip, RTL_CBR, 2) % 4 == 0);
}

/* A frame each way, after Linux' start. */
static void start(bool cplus)
{
    uint8_t frame[200];

    wire_link(&h->wire, true);
    if (cplus)
        open_8139cp(h, 1536, 0);
    else
        open_8139too(h);
    CHECK(!packets_out(h) && !h->wire.waiting_count);
    h->wire.sent = 0;
    plain_frame(h->memory.bytes + TX_BUFFERS, rtl_there, 200);
    rtl_out16(h, RTL_ISR, 0xffff);
    if (cplus) {
        post(h, TX_RING, 0, DESC_FS | DESC_LS, 0, TX_BUFFERS, 200);
        rtl_out8(h, RTL_TPPOLL, TPPOLL_NPQ);
    } else {
        rtl_out32(h, RTL_TSD0, 200);
    }
    CHECK(h->wire.sent == 1 && !memcmp(h->wire.frames[0].bytes, h->memory.bytes + TX_BUFFERS, 200));
    push_frame(h, frame, plain_frame(frame, rtl_here, 200), NET_CHECKSUM_UNKNOWN);
    CHECK(!memcmp(h->memory.bytes + (cplus ? RX_DATA : RX_BUFFER + 4), frame, 200));
    CHECK(rtl_in16(h, RTL_ISR) == (INT_TOK | INT_ROK | (cplus ? INT_TDU : 0)) && h->irq.high);
}

static void end(void)
{
    h->memory.size = TEST_MEMORY_SIZE;
    h->wire.deferred = h->wire.fail = false;
    set_master(h, true);
    start(false);
    start(true);
    start(false);
    take_log();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static void (*const actions[])(struct input *input) = {
        read_register, write_register, write_register, open_mode, some_descriptor, some_chain, some_frame, push, push,
        backend, permission, time_passes,
    };
    struct input input = { bytes, length };

    begin(&input);
    while (input.left) {
        actions[take_u8(&input) % (sizeof(actions) / sizeof(actions[0]))](&input);
        check();
    }
    end();
    return 0;
}
