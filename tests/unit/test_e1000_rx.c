/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The 82540EM's receiver: filters, buffers, what waits and what is lost, checksums, tags; loopback; and a driver's
 * whole sequence from reset to the first frame, as Linux and iPXE go through it. */
#include "e1000_host.h"

#include "lib/inet_checksum.h"

#define FCS 4u

static struct e1000_host h;
static const uint8_t own[6] = OWN, broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
static const uint8_t other[6] = { 0x02, 0x11, 0x22, 0x33, 0x44, 0x55 };
static const uint8_t group[6] = { 0x33, 0x33, 0xff, 0x12, 0x34, 0x56 };
static uint8_t frame[2000];

static int set_up(void **state)
{
    (void)state;
    e1000_host_init(&h);
    start_rings(&h);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    e1000_host_free(&h);
    take_log();
    return 0;
}

static bool push(const uint8_t *destination, uint32_t length)
{
    make_frame(frame, destination, 0x88b5, length);
    return wire_push(&h.wire, frame, length, NET_CHECKSUM_UNKNOWN);
}

static uint32_t head(void)
{
    return reg_read(&h, E1000_RDH);
}

/* Whether a frame comes through. */
static bool arrives(const uint8_t *destination)
{
    uint32_t before = head();

    assert_true(push(destination, 100));
    return head() != before;
}

/* --- descriptors --- */

static void a_frame_arrives(void **state)
{
    const struct e1000_rx_descriptor *descriptor = rx_descriptor(&h, 0);

    (void)state;
    reg_write(&h, E1000_IMS, ICR_RXT0);
    assert_true(push(own, 1514));
    assert_int_equal(descriptor->status, RX_STATUS_DD | RX_STATUS_EOP | RX_STATUS_IXSM);
    assert_int_equal(descriptor->errors, 0);
    assert_int_equal(descriptor->length, 1514 + FCS);
    assert_memory_equal(rx_bytes(&h, 0), frame, 1514);
    assert_int_equal(head(), 1);
    assert_true(h.line.high);
    assert_int_equal(reg_read(&h, E1000_ICR), ICR_RXT0);
    assert_false(h.line.high);
}

static void short_frames_are_padded_and_the_fcs_can_be_left_out(void **state)
{
    (void)state;
    memset(rx_bytes(&h, 0), 0xee, 128);
    push(own, 42);
    assert_int_equal(rx_descriptor(&h, 0)->length, 64);
    for (unsigned int i = 42; i < 64; i++)
        assert_int_equal(rx_bytes(&h, 0)[i], 0);
    assert_int_equal(rx_bytes(&h, 0)[64], 0xee);
    reg_write(&h, E1000_RCTL, RCTL_EN | RCTL_SECRC);
    push(own, 42);
    assert_int_equal(rx_descriptor(&h, 1)->length, 60);
}

static void a_frame_in_pieces(void **state)
{
    make_frame(frame, own, 0x88b5, 1000);
    (void)state;
    assert_true(wire_push_split(&h.wire, frame, 1000, 14, NET_CHECKSUM_UNKNOWN));
    assert_int_equal(rx_descriptor(&h, 0)->length, 1004);
    assert_memory_equal(rx_bytes(&h, 0), frame, 1000);
}

static void a_frame_takes_as_many_buffers_as_it_needs(void **state)
{
    static const struct { uint32_t rctl, bytes; } sizes[] = {
        { 3u << RCTL_BSIZE_SHIFT, 256 }, { 2u << RCTL_BSIZE_SHIFT, 512 }, { 1u << RCTL_BSIZE_SHIFT, 1024 },
        { 0, 2048 }, { 3u << RCTL_BSIZE_SHIFT | RCTL_BSEX, 4096 },
    };

    (void)state;
    for (unsigned int i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        uint32_t at = 0, count = (1518 + sizes[i].bytes - 1) / sizes[i].bytes;

        start_receiver(&h, sizes[i].rctl, RING_ENTRIES, RING_ENTRIES - 1);
        push(own, 1514);
        assert_int_equal(head(), count);
        for (unsigned int n = 0; n < count; n++) {
            const struct e1000_rx_descriptor *descriptor = rx_descriptor(&h, n);
            uint32_t bytes = n + 1 < count ? sizes[i].bytes : 1518 - at;

            assert_int_equal(descriptor->length, bytes);
            assert_int_equal(descriptor->status & RX_STATUS_DD, RX_STATUS_DD);
            assert_int_equal(!!(descriptor->status & RX_STATUS_EOP), n + 1 == count);
            assert_memory_equal(rx_bytes(&h, n), frame + at, n + 1 < count ? bytes : bytes - FCS);
            at += bytes;
        }
    }
}

static void descriptors_without_a_buffer_are_passed_over(void **state)
{
    (void)state;
    rx_descriptor(&h, 0)->address = 0;
    push(own, 100);
    assert_int_equal(head(), 2);
    assert_int_equal(rx_descriptor(&h, 0)->status, RX_STATUS_DD);
    assert_int_equal(rx_descriptor(&h, 0)->length, 0);
    assert_int_equal(rx_descriptor(&h, 1)->length, 104);
}

static void frames_wait_for_buffers(void **state)
{
    (void)state;
    start_receiver(&h, 0, 8, 2);
    reg_read(&h, E1000_ICR);
    assert_true(push(own, 100));
    assert_true(push(own, 101));
    assert_false(push(own, 102));
    assert_int_equal(head(), 2);
    assert_int_equal(reg_read(&h, E1000_RNBC), 1);
    assert_int_equal(reg_read(&h, E1000_ICR) & ~ICR_RXDMT0, ICR_RXT0);
    assert_true(push(other, 100) == false && h.wire.waiting_count == 2);
    reg_write(&h, E1000_RDT, 4);
    assert_int_equal(head(), 3);
    assert_int_equal(h.wire.waiting_count, 0);
    assert_int_equal(rx_descriptor(&h, 2)->length, 106);
    assert_true(reg_read(&h, E1000_ICR) & ICR_RXT0);
    assert_int_equal(reg_read(&h, E1000_MPC), 0);
}

/* The backend waits to be asked; what it has is of before the reset. */
static void a_reset_lets_what_waits_go(void **state)
{
    (void)state;
    start_receiver(&h, 0, 8, 0);
    assert_false(push(own, 100));
    reg_write(&h, E1000_CTRL, CTRL_RST);
    assert_int_equal(h.wire.waiting_count, 0);
    start_receiver(&h, 0, 8, 0);
    assert_false(push(own, 100));
    reg_write(&h, E1000_RCTL, 0);
    assert_int_equal(h.wire.waiting_count, 0);
    start_receiver(&h, 0, 8, 7);
    assert_true(push(own, 100));
    assert_int_equal(head(), 1);
}

static void a_frame_that_the_ring_cannot_hold_is_lost(void **state)
{
    (void)state;
    start_receiver(&h, 3u << RCTL_BSIZE_SHIFT, 8, 7);
    reg_read(&h, E1000_ICR);
    reg_write(&h, E1000_IMS, ICR_RXO);
    reg_write(&h, E1000_RCTL, RCTL_EN | RCTL_LPE | 3u << RCTL_BSIZE_SHIFT);
    assert_true(push(own, 1900));
    assert_true(h.line.high);
    assert_true(reg_read(&h, E1000_ICR) & ICR_RXO);
    assert_int_equal(reg_read(&h, E1000_MPC), 1);
    assert_int_equal(head(), 0);
    reg_write(&h, E1000_RDLEN, 0);
    assert_true(push(own, 100));
    assert_int_equal(reg_read(&h, E1000_MPC), 1);
}

/* The first buffer lies on the second descriptor, which loses its own buffer by that. */
static void what_is_behind_the_tail_is_the_drivers(void **state)
{
    struct e1000_rx_descriptor beyond = { .address = RX_BUFFER };

    (void)state;
    start_receiver(&h, 3u << RCTL_BSIZE_SHIFT, 8, 2);
    rx_descriptor(&h, 0)->address = RX_RING + sizeof(beyond) - 14;
    make_frame(frame, own, 0x88b5, 400);
    memset(frame + 14, 0, sizeof(beyond));
    for (unsigned int i = 1; i < 7; i++)
        memcpy(frame + 14 + i * sizeof(beyond), &beyond, sizeof(beyond));
    wire_push(&h.wire, frame, 400, NET_CHECKSUM_UNKNOWN);
    assert_int_equal(head(), 2);
    assert_int_equal(rx_descriptor(&h, 2)->status, 0);
}

static void the_threshold(void **state)
{
    (void)state;
    for (unsigned int shift = 0; shift < 3; shift++) {
        start_receiver(&h, shift << RCTL_RDMTS_SHIFT, 64, 63);
        reg_read(&h, E1000_ICR);
        for (unsigned int i = 1; i < 63; i++) {
            push(own, 100);
            assert_int_equal(!!(reg_read(&h, E1000_ICR) & ICR_RXDMT0), 63 - i <= 32u >> shift);
        }
    }
}

static void small_packets_can_be_noticed(void **state)
{
    (void)state;
    reg_write(&h, E1000_RSRPD, 104);
    push(own, 100);
    assert_true(reg_read(&h, E1000_ICR) & ICR_SRPD);
    push(own, 101);
    assert_false(reg_read(&h, E1000_ICR) & ICR_SRPD);
}

static void nothing_arrives_while_it_is_off(void **state)
{
    (void)state;
    reg_write(&h, E1000_RCTL, 0);
    assert_true(push(own, 100));
    reg_write(&h, E1000_RCTL, RCTL_EN);
    allow_bus_master(&h, false);
    assert_true(push(own, 100));
    allow_bus_master(&h, true);
    assert_int_equal(head(), 0);
    assert_int_equal(rx_descriptor(&h, 0)->status, 0);
    assert_true(push(own, 100));
    assert_int_equal(head(), 1);
}

static void memory_that_is_none(void **state)
{
    (void)state;
    rx_descriptor(&h, 0)->address = 0xf0000000;
    assert_true(push(own, 100));
    assert_int_equal(rx_descriptor(&h, 0)->status & RX_STATUS_DD, RX_STATUS_DD);
    reg_write(&h, E1000_RDBAH, 1);
    assert_true(push(own, 100));
    assert_int_equal(reg_read(&h, E1000_MPC), 1);
    reg_write(&h, E1000_RDBAH, 0);
    reg_write(&h, E1000_RDH, 1000);
    assert_false(push(own, 100));
    reg_write(&h, E1000_RDH, 1);
    assert_int_equal(head(), 2);
}

/* --- filters --- */

static void addresses(void **state)
{
    (void)state;
    assert_true(arrives(own));
    assert_false(arrives(other));
    assert_false(arrives(group));
    assert_true(arrives(broadcast));
    assert_false(rx_descriptor(&h, 1)->status & RX_STATUS_PIF);
    reg_write(&h, E1000_RCTL, RCTL_EN);
    assert_false(arrives(broadcast));
    reg_write(&h, E1000_RCTL, RCTL_EN | RCTL_UPE);
    assert_true(arrives(other));
    assert_false(arrives(group));
    reg_write(&h, E1000_RCTL, RCTL_EN | RCTL_MPE);
    assert_false(arrives(other));
    assert_true(arrives(group));
    assert_true(arrives(broadcast));
    assert_true(rx_descriptor(&h, 3)->status & RX_STATUS_PIF);
}

static void sixteen_exact_addresses(void **state)
{
    (void)state;
    for (unsigned int i = 1; i < 16; i++) {
        uint8_t address[6] = { 0x02, 0, 0, 0x80, 0xab, (uint8_t)i };

        assert_false(arrives(address));
        reg_write(&h, E1000_RAL0 + 8 * i, 0x80000002);
        reg_write(&h, E1000_RAL0 + 8 * i + 4, 0xab | i << 8);
        assert_false(arrives(address));
        reg_write(&h, E1000_RAL0 + 8 * i + 4, RAH_AV | 0xab | i << 8);
        assert_true(arrives(address));
    }
}

/* Linux: e1000_hash_mc_addr(), with each filter type. */
static void the_multicast_table(void **state)
{
    static const struct { unsigned int offset, hash; } types[] = {
        { 0, 0x34 >> 4 | 0x56 << 4 }, { 1, 0x34 >> 3 | 0x56 << 5 }, { 2, 0x34 >> 2 | 0x56 << 6 },
        { 3, 0x34 | 0x56 << 8 },
    };

    (void)state;
    for (unsigned int i = 0; i < 4; i++) {
        unsigned int hash = types[i].hash & 0xfff;

        reg_write(&h, E1000_RCTL, RCTL_EN | i << RCTL_MO_SHIFT);
        assert_false(arrives(group));
        reg_write(&h, E1000_MTA + 4 * (hash >> 5), 1u << (hash & 31));
        assert_true(arrives(group));
        assert_false(arrives(other));
        reg_write(&h, E1000_MTA + 4 * (hash >> 5), ~(1u << (hash & 31)));
        assert_false(arrives(group));
        reg_write(&h, E1000_MTA + 4 * (hash >> 5), 0);
    }
}

static void long_frames(void **state)
{
    (void)state;
    assert_true(push(own, 1519));
    assert_int_equal(head(), 0);
    assert_int_equal(reg_read(&h, E1000_ROC), 1);
    assert_true(push(own, 1518));
    assert_int_equal(head(), 1);
    reg_write(&h, E1000_RCTL, RCTL_EN | RCTL_LPE);
    assert_true(push(own, 1900));
    assert_int_equal(head(), 2);
}

/* --- VLAN --- */

static void push_tagged(uint16_t tag)
{
    make_frame(frame, own, 0x8100, 200);
    frame[14] = tag >> 8;
    frame[15] = (uint8_t)tag;
    frame[16] = 0x08;
    frame[17] = 0x06;
    assert_true(wire_push(&h.wire, frame, 200, NET_CHECKSUM_UNKNOWN));
}

static void a_tag_is_taken_off(void **state)
{
    (void)state;
    push_tagged(0x6123);
    assert_int_equal(rx_descriptor(&h, 0)->length, 204);
    assert_false(rx_descriptor(&h, 0)->status & RX_STATUS_VP);
    reg_write(&h, E1000_CTRL, CTRL_SLU | CTRL_VME);
    push_tagged(0x6123);
    assert_int_equal(rx_descriptor(&h, 1)->length, 200);
    assert_true(rx_descriptor(&h, 1)->status & RX_STATUS_VP);
    assert_int_equal(rx_descriptor(&h, 1)->special, 0x6123);
    assert_memory_equal(rx_bytes(&h, 1), frame, 12);
    assert_memory_equal(rx_bytes(&h, 1) + 12, frame + 16, 184);
    push(own, 100);
    assert_false(rx_descriptor(&h, 2)->status & RX_STATUS_VP);
    make_frame(frame, own, 0x8100, 200);
    assert_true(wire_push_split(&h.wire, frame, 200, 14, NET_CHECKSUM_UNKNOWN));    /* the tag is in the second piece */
    assert_memory_equal(rx_bytes(&h, 3) + 12, frame + 16, 184);
}

static void the_vlan_filter(void **state)
{
    (void)state;
    reg_write(&h, E1000_RCTL, RCTL_EN | RCTL_VFE);
    push_tagged(0x123);
    assert_int_equal(head(), 0);
    reg_write(&h, E1000_VFTA + 4 * (0x123 >> 5), 1u << (0x123 & 31));
    push_tagged(0x123);
    assert_int_equal(head(), 1);
    push_tagged(0x124);
    assert_int_equal(head(), 1);
    push(own, 100);
    assert_int_equal(head(), 2);
    reg_write(&h, E1000_RCTL, RCTL_EN | RCTL_VFE | RCTL_CFIEN);
    push_tagged(0x1123);
    assert_int_equal(head(), 2);
    reg_write(&h, E1000_RCTL, RCTL_EN | RCTL_VFE | RCTL_CFIEN | RCTL_CFI);
    push_tagged(0x1123);
    assert_int_equal(head(), 3);
}

/* --- checksums --- */

static uint8_t checked(enum net_checksum checksum, unsigned int version, bool spoil, uint8_t *errors)
{
    uint32_t length = make_packet(frame, version, INET_TCP, 300), i = head();

    memcpy(frame, own, 6);
    if (spoil)
        frame[22]--;                        /* IPv4's time to live */
    assert_true(wire_push(&h.wire, frame, length, checksum));
    *errors = rx_descriptor(&h, i)->errors;
    return rx_descriptor(&h, i)->status & (RX_STATUS_IXSM | RX_STATUS_TCPCS | RX_STATUS_IPCS);
}

static void checksums(void **state)
{
    uint8_t errors;

    (void)state;
    assert_int_equal(checked(NET_CHECKSUM_GOOD, 4, false, &errors), RX_STATUS_IXSM);
    reg_write(&h, E1000_RXCSUM, RXCSUM_IPOFL | RXCSUM_TUOFL);
    assert_int_equal(checked(NET_CHECKSUM_GOOD, 4, false, &errors), RX_STATUS_IPCS | RX_STATUS_TCPCS);
    assert_int_equal(errors, 0);
    assert_int_equal(checked(NET_CHECKSUM_UNKNOWN, 4, false, &errors), RX_STATUS_IPCS);
    assert_int_equal(checked(NET_CHECKSUM_UNKNOWN, 4, true, &errors), RX_STATUS_IPCS);
    assert_int_equal(errors, RX_ERROR_IPE);
    assert_int_equal(checked(NET_CHECKSUM_GOOD, 6, false, &errors), RX_STATUS_TCPCS);
    assert_int_equal(checked(NET_CHECKSUM_UNKNOWN, 6, false, &errors), RX_STATUS_IXSM);
}

/* --- loopback --- */

/* Linux's ethtool -t: e1000_integrated_phy_loopback(). */
static void phy_write(unsigned int reg, uint16_t value)
{
    reg_write(&h, E1000_MDIC, value | reg << MDIC_REG_SHIFT | 1u << MDIC_PHY_SHIFT | MDIC_OP_WRITE);
}

static void loopback(void **state)
{
    (void)state;
    phy_write(PHY_PSCON, 0x0808);
    phy_write(PHY_PCTRL, 0x9140);
    phy_write(PHY_PCTRL, 0x8140);
    phy_write(PHY_PCTRL, 0x4140);
    reg_write(&h, E1000_RCTL, RCTL_EN | RCTL_UPE | RCTL_BAM);
    make_frame(h.memory.bytes + TX_BUFFER, other, 0x88b5, 1024);
    for (unsigned int i = 0; i < 10; i++)
        tx_legacy(&h, TX_BUFFER, 1024, TX_CMD_EOP | TX_CMD_RS);
    kick(&h);
    assert_int_equal(h.wire.sent, 0);
    assert_int_equal(head(), 10);
    assert_int_equal(reg_read(&h, E1000_TDH), 10);
    assert_int_equal(rx_descriptor(&h, 9)->length, 1028);
    assert_memory_equal(rx_bytes(&h, 9), h.memory.bytes + TX_BUFFER, 1024);
    assert_true(reg_read(&h, E1000_ICR) & ICR_RXT0);
    reg_write(&h, E1000_RDT, head());
    tx_legacy(&h, TX_BUFFER, 1024, TX_CMD_EOP | TX_CMD_RS);
    kick(&h);
    assert_int_equal(reg_read(&h, E1000_MPC), 1);
    phy_write(PHY_PCTRL, 0x9140);
    tx_legacy(&h, TX_BUFFER, 1024, TX_CMD_EOP | TX_CMD_RS);
    kick(&h);
    assert_int_equal(h.wire.sent, 1);
}

/* --- statistics --- */

static void statistics(void **state)
{
    (void)state;
    reg_write(&h, E1000_RCTL, RCTL_EN | RCTL_BAM | RCTL_MPE);
    push(own, 60);
    push(broadcast, 200);
    push(group, 1000);
    push(other, 1000);
    assert_int_equal(reg_read(&h, E1000_TPR), 4);
    assert_int_equal(reg_read(&h, E1000_GPRC), 3);
    assert_int_equal(reg_read(&h, E1000_BPRC), 1);
    assert_int_equal(reg_read(&h, E1000_MPRC), 1);
    assert_int_equal(reg_read(&h, E1000_PRC64), 1);
    assert_int_equal(reg_read(&h, E1000_PRC64 + 8), 1);
    assert_int_equal(reg_read(&h, E1000_PRC64 + 16), 1);
    assert_int_equal(reg_read(&h, E1000_GORCL), 64 + 204 + 1004);
    assert_int_equal(reg_read(&h, E1000_TORL), 64 + 204 + 2 * 1004);
    assert_int_equal(reg_read(&h, E1000_TORL + 4), 0);
    assert_int_equal(reg_read(&h, E1000_TORL), 0);
}

/* --- drivers --- */

/* Linux 6.1: e1000_probe(), e1000_open(), e1000_intr(), the first frames. */
static void linux_from_probe_to_frames(void **state)
{
    (void)state;
    reg_write(&h, E1000_IMC, ~0u);
    reg_write(&h, E1000_RCTL, 0);
    reg_write(&h, E1000_TCTL, 1u << 3);
    e1000_port_ops.write(&h.chip, E1000_IOADDR, 4, E1000_CTRL);
    e1000_port_ops.write(&h.chip, E1000_IODATA, 4, reg_read(&h, E1000_CTRL) | CTRL_RST);
    assert_false(reg_read(&h, E1000_CTRL) & CTRL_RST);
    reg_write(&h, 0x5820, reg_read(&h, 0x5820) & ~0x2000u);         /* MANC: no ARP offload */
    reg_write(&h, E1000_IMC, ~0u);
    reg_read(&h, E1000_ICR);
    reg_write(&h, E1000_VET, 0);
    for (unsigned int i = 0; i < 128; i++)
        reg_write(&h, E1000_VFTA + 4 * i, 0);
    reg_write(&h, E1000_RAL0, own[0] | own[1] << 8 | own[2] << 16 | (uint32_t)own[3] << 24);
    reg_write(&h, E1000_RAL0 + 4, RAH_AV | own[4] | own[5] << 8);
    for (unsigned int i = 0; i < 128; i++)
        reg_write(&h, E1000_MTA + 4 * i, 0);
    reg_write(&h, E1000_CTRL, (reg_read(&h, E1000_CTRL) | CTRL_SLU) & ~(CTRL_FRCSPD | CTRL_FRCDPLX));
    phy_write(PHY_ANA, 0x0de1);
    phy_write(PHY_GCON, GCON_FD);
    phy_write(PHY_PCTRL, PCTRL_AUTONEG | PCTRL_RESTART | PCTRL_FULL_DUPLEX | PCTRL_SPEED_HIGH);
    reg_write(&h, E1000_VET, 0x8100);
    /* e1000_configure_tx(), _setup_rctl(), _configure_rx(), _irq_enable() */
    start_rings(&h);
    reg_write(&h, E1000_TIPG, 0x00602008);
    reg_write(&h, E1000_TIDV, 8);
    reg_write(&h, E1000_TADV, 32);
    reg_write(&h, E1000_RDTR, 0);
    reg_write(&h, E1000_RADV, 8);
    reg_write(&h, E1000_ITR, 488);
    reg_write(&h, E1000_RXCSUM, RXCSUM_TUOFL);
    reg_write(&h, E1000_IMS, ICR_RXT0 | ICR_TXDW | ICR_RXDMT0 | 8 | ICR_LSC);
    reg_write(&h, E1000_ICS, ICR_LSC);
    assert_true(h.line.high);
    assert_true(reg_read(&h, E1000_ICR) & ICR_LSC);
    assert_false(h.line.high);
    assert_int_equal(reg_read(&h, E1000_STATUS) & 0xc3, STATUS_LU | STATUS_FD | 2u << STATUS_SPEED_SHIFT);
    assert_true(push(own, 100));
    assert_true(h.line.high);
    assert_int_equal(reg_read(&h, E1000_ICR), ICR_RXT0);
    reg_write(&h, E1000_IMC, ~0u);                                  /* NAPI */
    make_frame(h.memory.bytes + TX_BUFFER, other, 0x88b5, 100);
    tx_data(&h, TX_BUFFER, 100, TX_CMD_EOP | TX_CMD_RS | 0x82000000, 0);    /* IDE, IFCS */
    kick(&h);
    assert_int_equal(tx_last(&h)->status, TX_STATUS_DD);
    reg_write(&h, E1000_IMS, ICR_TXDW);
    assert_true(h.line.high);
    /* e1000_down() */
    reg_write(&h, E1000_RCTL, reg_read(&h, E1000_RCTL) & ~RCTL_EN);
    reg_write(&h, E1000_TCTL, reg_read(&h, E1000_TCTL) & ~TCTL_EN);
    reg_write(&h, E1000_IMC, ~0u);
    assert_false(h.line.high);
}

/* iPXE: intel_reset(), intel_open(), intel_poll(). */
static void ipxe_from_reset_to_frames(void **state)
{
    uint32_t ctrl;

    (void)state;
    ctrl = reg_read(&h, E1000_CTRL);
    reg_write(&h, E1000_CTRL, ctrl | CTRL_RST | CTRL_PHY_RST);
    ctrl = reg_read(&h, E1000_CTRL);
    reg_write(&h, E1000_CTRL, (ctrl | CTRL_SLU | 0x20) & ~(CTRL_FRCSPD | CTRL_FRCDPLX | CTRL_PHY_RST | 0x8));
    reg_write(&h, E1000_EERD, EERD_START);
    assert_true(reg_read(&h, E1000_EERD) & EERD_DONE);
    assert_int_equal(reg_read(&h, E1000_EERD) >> EERD_DATA_SHIFT, own[0] | own[1] << 8);
    reg_write(&h, E1000_TDBAL, TX_RING);
    reg_write(&h, E1000_TDBAH, 0);
    reg_write(&h, E1000_TDLEN, 16 * DESCRIPTOR_BYTES);
    reg_write(&h, E1000_TDH, 0);
    reg_write(&h, E1000_TDT, 0);
    reg_write(&h, E1000_TXDCTL, reg_read(&h, E1000_TXDCTL) | 1u << 25);
    start_receiver(&h, RCTL_UPE | RCTL_MPE | RCTL_BAM | RCTL_SECRC, 16, 8);
    reg_write(&h, E1000_TCTL, TCTL_EN | 8 | 0x0ff0 | 0x40000);
    assert_true(reg_read(&h, E1000_STATUS) & STATUS_LU);
    make_frame(h.memory.bytes + TX_BUFFER, broadcast, 0x0806, 60);
    tx_legacy(&h, TX_BUFFER, 42, TX_CMD_EOP | TX_CMD_RS | 0x02000000);
    kick(&h);
    assert_int_equal(wire_last(&h.wire)->length, 60);
    assert_true(push(own, 60));
    assert_int_equal(reg_read(&h, E1000_ICR) & (ICR_RXT0 | ICR_TXDW), ICR_RXT0 | ICR_TXDW);
    assert_int_equal(tx_descriptor(&h, 0)->status, TX_STATUS_DD);
    assert_int_equal(rx_descriptor(&h, 0)->length, 60);
    reg_write(&h, E1000_RDT, 9);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_frame_arrives),
        TEST(short_frames_are_padded_and_the_fcs_can_be_left_out),
        TEST(a_frame_in_pieces),
        TEST(a_frame_takes_as_many_buffers_as_it_needs),
        TEST(descriptors_without_a_buffer_are_passed_over),
        TEST(frames_wait_for_buffers),
        TEST(a_reset_lets_what_waits_go),
        TEST(a_frame_that_the_ring_cannot_hold_is_lost),
        TEST(what_is_behind_the_tail_is_the_drivers),
        TEST(the_threshold),
        TEST(small_packets_can_be_noticed),
        TEST(nothing_arrives_while_it_is_off),
        TEST(memory_that_is_none),
        TEST(addresses),
        TEST(sixteen_exact_addresses),
        TEST(the_multicast_table),
        TEST(long_frames),
        TEST(a_tag_is_taken_off),
        TEST(the_vlan_filter),
        TEST(checksums),
        TEST(loopback),
        TEST(statistics),
        TEST(linux_from_probe_to_frames),
        TEST(ipxe_from_reset_to_frames),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
