/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "rtl8139_host.h"

const uint8_t rtl_here[6] = { 0x52, 0x54, 0x00, 0x12, 0x34, 0x56 };
const uint8_t rtl_there[6] = { 0x00, 0x16, 0x3e, 0x01, 0x02, 0x03 };
const uint8_t rtl_broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
const uint8_t rtl_multicast[6] = { 0x01, 0x00, 0x5e, 0x00, 0x00, 0x01 };

static uint64_t now_ns(struct clock *clock)
{
    return ((struct test_clock *)clock)->ns;
}

void rtl8139_host_init(struct rtl8139_host *host)
{
    struct nic_wiring wiring = {
        &host->wire.backend, &host->irq.line, &host->memory.memory, &host->registers.window, &host->ports.window,
        NULL, &host->clock.clock,
    };

    test_memory_init(&host->memory);
    wire_init(&host->wire, &host->memory, rtl_here);
    recorded_line_init(&host->irq);
    recorded_window_init(&host->ports);
    recorded_window_init(&host->registers);
    host->clock = (struct test_clock){ .clock.now_ns = now_ns, .ns = 1000000 };
    rtl8139_init(&host->chip, PCI_DEVFN(3, 0), &wiring);
    set_master(host, true);
}

void rtl8139_host_free(struct rtl8139_host *host)
{
    wire_free(&host->wire);
    test_memory_free(&host->memory);
}

unsigned int packets_out(const struct rtl8139_host *host)
{
    unsigned int count = 0;

    for (const struct net_packet *packet = host->wire.out; packet; packet = packet->next)
        count++;
    return count;
}

/* In two pieces if it is long enough, so that the chip does not take the first for all. */
void push_frame(struct rtl8139_host *host, const void *bytes, uint32_t length, enum net_checksum checksum)
{
    wire_push_split(&host->wire, bytes, length, length > 100 ? length / 2 : length, checksum);
}

uint8_t rtl_in8(struct rtl8139_host *host, uint32_t offset)
{
    return (uint8_t)rtl8139_ops.read(&host->chip, offset, IO_BYTE);
}

uint16_t rtl_in16(struct rtl8139_host *host, uint32_t offset)
{
    return (uint16_t)rtl8139_ops.read(&host->chip, offset, IO_WORD);
}

uint32_t rtl_in32(struct rtl8139_host *host, uint32_t offset)
{
    return rtl8139_ops.read(&host->chip, offset, IO_DWORD);
}

void rtl_out8(struct rtl8139_host *host, uint32_t offset, uint8_t value)
{
    rtl8139_ops.write(&host->chip, offset, IO_BYTE, value);
}

void rtl_out16(struct rtl8139_host *host, uint32_t offset, uint16_t value)
{
    rtl8139_ops.write(&host->chip, offset, IO_WORD, value);
}

void rtl_out32(struct rtl8139_host *host, uint32_t offset, uint32_t value)
{
    rtl8139_ops.write(&host->chip, offset, IO_DWORD, value);
}

void set_master(struct rtl8139_host *host, bool allowed)
{
    uint16_t command = PCI_COMMAND_IO | PCI_COMMAND_MEMORY | (allowed ? PCI_COMMAND_MASTER : 0);

    pci_function_write(&host->chip.card.function, PCI_COMMAND, 2, command);
}

/* --- Linux' drivers ------------------------------------------------------------------------------------------ */

static void wire8(struct rtl8139_host *host, uint8_t value)
{
    rtl_out8(host, RTL_9346CR, EEM_PROGRAM | value);
    rtl_in8(host, RTL_9346CR);
}

uint16_t read_eeprom(struct rtl8139_host *host, unsigned int word, unsigned int address_bits)
{
    uint32_t command = word | 6u << address_bits;
    uint16_t value = 0;

    wire8(host, 0);
    wire8(host, EECS);
    for (int i = 4 + (int)address_bits; i >= 0; i--) {
        uint8_t di = command >> i & 1 ? EEDI : 0;

        wire8(host, EECS | di);
        wire8(host, EECS | di | EESK);
    }
    wire8(host, EECS);
    for (int i = 0; i < 16; i++) {
        wire8(host, EECS | EESK);
        value = (uint16_t)(value << 1 | (rtl_in8(host, RTL_9346CR) & EEDO));
        wire8(host, EECS);
    }
    rtl_out8(host, RTL_9346CR, 0);
    return value;
}

static void reset_and_set_address(struct rtl8139_host *host)
{
    rtl_out8(host, RTL_CR, CR_RST);
    assert_false(rtl_in8(host, RTL_CR) & CR_RST);
    rtl_out8(host, RTL_9346CR, EEM_CONFIG);
    rtl_out32(host, RTL_IDR0, 0x12005452);
    rtl_out32(host, RTL_IDR4, 0x00005634);
}

void open_8139too(struct rtl8139_host *host)
{
    reset_and_set_address(host);
    rtl_out32(host, RTL_RBSTART, RX_BUFFER);
    rtl_out8(host, RTL_CR, CR_RE | CR_TE);
    rtl_out32(host, RTL_RCR, 0xf78a);           /* no threshold, 32 KiB, WRAP, AB, APM */
    rtl_out32(host, RTL_TCR, 0x03000680);
    rtl_out8(host, RTL_CONFIG3, rtl_in8(host, RTL_CONFIG3) & (uint8_t)~0x20u);
    rtl_out8(host, RTL_9346CR, 0);
    for (unsigned int i = 0; i < 4; i++)
        rtl_out32(host, RTL_TSAD0 + 4 * i, TX_BUFFERS + 0x800 * i);
    rtl_out32(host, RTL_MPC, 0);
    rtl_out32(host, RTL_RCR, 0xf78a);
    rtl_out32(host, RTL_MAR0, 0);
    rtl_out32(host, RTL_MAR4, 0);
    rtl_out16(host, RTL_MULINT, rtl_in16(host, RTL_MULINT) & 0xf000);
    assert_int_equal(rtl_in8(host, RTL_CR), CR_RE | CR_TE | CR_BUFE);
    rtl_out16(host, RTL_IMR, 0xc07f);
}

struct rtl8139_descriptor *descriptor(struct rtl8139_host *host, uint32_t ring, unsigned int i)
{
    return (struct rtl8139_descriptor *)(void *)(host->memory.bytes + ring + i * sizeof(struct rtl8139_descriptor));
}

void post(struct rtl8139_host *host, uint32_t ring, unsigned int i, uint32_t flags, uint32_t vlan, uint64_t address,
          uint32_t length)
{
    *descriptor(host, ring, i) = (struct rtl8139_descriptor){
        DESC_OWN | flags | length | (i == RTL_RING - 1 ? DESC_EOR : 0), vlan, (uint32_t)address,
        (uint32_t)(address >> 32),
    };
}

void open_8139cp(struct rtl8139_host *host, uint32_t buffer, uint16_t cpcr)
{
    memset(host->memory.bytes + RX_RING, 0, 0x3000);
    descriptor(host, TX_RING, RTL_RING - 1)->command = DESC_EOR;
    for (unsigned int i = 0; i < RTL_RING; i++)
        post(host, RX_RING, i, 0, 0, RX_DATA + 0x800 * i, buffer);
    reset_and_set_address(host);
    rtl_out16(host, RTL_CPCR, CPCR_CPTX | CPCR_CPRX | 0x0008 | cpcr);
    rtl_out32(host, RTL_THPDS, 0);
    rtl_out32(host, RTL_THPDS + 4, 0);
    rtl_out32(host, RTL_RDSAR, RX_RING);
    rtl_out32(host, RTL_RDSAR + 4, 0);
    rtl_out32(host, RTL_TNPDS, TX_RING);
    rtl_out32(host, RTL_TNPDS + 4, 0);
    rtl_out8(host, RTL_CR, CR_RE | CR_TE);
    rtl_out8(host, RTL_ETTHR, 6);
    rtl_out32(host, RTL_RCR, 0xa400 | RCR_AB | RCR_APM);
    rtl_out32(host, RTL_MAR0, 0);
    rtl_out32(host, RTL_MAR4, 0);
    rtl_out32(host, RTL_TCR, 0x03000600);
    rtl_out8(host, RTL_CONFIG1, rtl_in8(host, RTL_CONFIG1) | 0x21);
    rtl_out8(host, RTL_CONFIG3, 0x40);
    rtl_out8(host, RTL_CONFIG5, rtl_in8(host, RTL_CONFIG5) & 1);
    rtl_out16(host, RTL_MULINT, 0);
    rtl_out8(host, RTL_9346CR, 0);
    rtl_out16(host, RTL_IMR, 0x80ff);
}

/* --- frames -------------------------------------------------------------------------------------------------- */

uint32_t plain_frame(uint8_t *bytes, const uint8_t *to, uint32_t length)
{
    memcpy(bytes, to, 6);
    memcpy(bytes + 6, rtl_there, 6);
    bytes[12] = 0x88;
    bytes[13] = 0xb5;
    for (uint32_t i = 14; i < length; i++)
        bytes[i] = (uint8_t)(i * 7 + length);
    return length;
}

static uint32_t sum_of(const uint8_t *bytes, uint32_t length)
{
    uint32_t sum = 0;

    for (uint32_t i = 0; i < length; i++)
        sum += (uint32_t)bytes[i] << (i & 1 ? 0 : 8);
    return sum;
}

static uint16_t folded(uint32_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}

uint32_t ip_frame(uint8_t *bytes, uint8_t protocol, uint32_t payload)
{
    uint32_t transport = protocol == INET_TCP ? 32 : 8, ip_length = 20 + transport + payload;
    uint32_t length = plain_frame(bytes, rtl_here, 14 + ip_length);
    uint8_t *ip = bytes + 14, *header = ip + 20;
    const uint8_t start[20] = {
        0x45, 0, (uint8_t)(ip_length >> 8), (uint8_t)ip_length, 0x12, 0x34, 0x40, 0, 64, protocol, 0, 0,
        10, 0, 0, 1, 10, 0, 0, 2,
    };
    uint16_t sum;

    bytes[12] = 0x08;
    bytes[13] = 0x00;
    memcpy(ip, start, sizeof(start));
    sum = (uint16_t)~folded(sum_of(ip, 20));
    ip[10] = sum >> 8;
    ip[11] = (uint8_t)sum;
    memset(header, 0, transport);
    header[1] = 80;
    header[3] = 81;
    if (protocol == INET_TCP) {
        header[7] = 1;                      /* sequence */
        header[12] = 8 << 4;                /* 32 bytes of header */
        header[13] = 0x19;                  /* ACK, PSH, FIN */
    } else {
        header[4] = (uint8_t)((8 + payload) >> 8);
        header[5] = (uint8_t)(8 + payload);
    }
    return length;
}

bool checksums_right(const uint8_t *bytes, uint32_t length)
{
    const uint8_t *ip = bytes + (bytes[12] == 0x81 ? 18 : 14);
    uint32_t ip_length = (uint32_t)ip[2] << 8 | ip[3], header = (ip[0] & 15u) * 4;

    if (ip + ip_length > bytes + length || folded(sum_of(ip, header)) != 0xffff)
        return false;
    return folded(sum_of(ip + 12, 8) + ip[9] + ip_length - header + sum_of(ip + header, ip_length - header)) == 0xffff;
}
