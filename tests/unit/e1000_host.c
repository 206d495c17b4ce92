/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "e1000_host.h"

#include "lib/inet_checksum.h"

static const uint8_t own[NET_ADDRESS_BYTES] = OWN;

void e1000_host_init(struct e1000_host *host)
{
    struct nic_wiring wiring = {
        .backend = &host->wire.backend, .irq = &host->line.line, .memory = &host->memory.memory,
    };

    recorded_line_init(&host->line);
    test_memory_init(&host->memory);
    wire_init(&host->wire, &host->memory, own);
    memset(&host->chip, 0xa5, sizeof(host->chip));
    e1000_init(&host->chip, 0x18, &wiring);
    allow_bus_master(host, true);
    reg_read(host, E1000_ICR);
    take_log();
}

void e1000_host_free(struct e1000_host *host)
{
    wire_free(&host->wire);
    test_memory_free(&host->memory);
}

uint32_t reg_read(struct e1000_host *host, uint32_t offset)
{
    return e1000_register_ops.read(&host->chip, offset, 4);
}

void reg_write(struct e1000_host *host, uint32_t offset, uint32_t value)
{
    e1000_register_ops.write(&host->chip, offset, 4, value);
}

void allow_bus_master(struct e1000_host *host, bool allowed)
{
    pci_function_write(&host->chip.card.function, PCI_COMMAND, 2,
                       PCI_COMMAND_MEMORY | (allowed ? PCI_COMMAND_MASTER : 0));
}

/* --- rings --- */

struct e1000_tx_descriptor *tx_descriptor(struct e1000_host *host, unsigned int i)
{
    return (struct e1000_tx_descriptor *)(host->memory.bytes + TX_RING) + i;
}

struct e1000_rx_descriptor *rx_descriptor(struct e1000_host *host, unsigned int i)
{
    return (struct e1000_rx_descriptor *)(host->memory.bytes + RX_RING) + i;
}

uint8_t *rx_bytes(struct e1000_host *host, unsigned int i)
{
    return host->memory.bytes + rx_descriptor(host, i)->address;
}

void start_receiver(struct e1000_host *host, uint32_t rctl, unsigned int entries, unsigned int filled)
{
    for (unsigned int i = 0; i < entries; i++)
        *rx_descriptor(host, i) = (struct e1000_rx_descriptor){ .address = RX_BUFFER + i * RX_BUFFER_BYTES };
    reg_write(host, E1000_RCTL, 0);
    reg_write(host, E1000_RDBAL, RX_RING);
    reg_write(host, E1000_RDBAH, 0);
    reg_write(host, E1000_RDLEN, entries * DESCRIPTOR_BYTES);
    reg_write(host, E1000_RDH, 0);
    reg_write(host, E1000_RDT, filled);
    reg_write(host, E1000_RCTL, rctl | RCTL_EN);
}

void start_rings(struct e1000_host *host)
{
    reg_write(host, E1000_TDBAL, TX_RING);
    reg_write(host, E1000_TDBAH, 0);
    reg_write(host, E1000_TDLEN, RING_ENTRIES * DESCRIPTOR_BYTES);
    reg_write(host, E1000_TDH, 0);
    reg_write(host, E1000_TDT, 0);
    reg_write(host, E1000_TCTL, TCTL_EN | 1u << 3);
    start_receiver(host, RCTL_BAM, RING_ENTRIES, RING_ENTRIES - 1);
}

/* The tail is what the driver has given away; what it has written is beyond. */
static unsigned int written(struct e1000_host *host)
{
    unsigned int i = reg_read(host, E1000_TDT);

    while (tx_descriptor(host, i)->lower && !(tx_descriptor(host, i)->status & TX_STATUS_DD))
        i = (i + 1) % RING_ENTRIES;
    return i;
}

static void append(struct e1000_host *host, const struct e1000_tx_descriptor *descriptor)
{
    unsigned int i = written(host);

    *tx_descriptor(host, i) = *descriptor;
    tx_descriptor(host, (i + 1) % RING_ENTRIES)->lower = 0;
}

void tx_legacy(struct e1000_host *host, uint32_t address, uint32_t length, uint32_t command)
{
    append(host, &(struct e1000_tx_descriptor){ .address = address, .lower = length | command });
}

void tx_data(struct e1000_host *host, uint32_t address, uint32_t length, uint32_t command, uint8_t options)
{
    append(host, &(struct e1000_tx_descriptor){
        .address = address, .lower = length | command | TX_CMD_DEXT | TX_DTYP_DATA, .option = options,
    });
}

void tx_context(struct e1000_host *host, const struct e1000_tx_descriptor *context)
{
    struct e1000_tx_descriptor descriptor = *context;

    descriptor.lower |= TX_CMD_DEXT;
    append(host, &descriptor);
}

void kick(struct e1000_host *host)
{
    reg_write(host, E1000_TDT, written(host));
}

struct e1000_tx_descriptor *tx_last(struct e1000_host *host)
{
    return tx_descriptor(host, (reg_read(host, E1000_TDT) + RING_ENTRIES - 1) % RING_ENTRIES);
}

/* --- frames --- */

uint32_t make_frame(uint8_t *frame, const uint8_t destination[6], uint16_t type, uint32_t length)
{
    static const uint8_t source[6] = { 0x00, 0x16, 0x3e, 0x01, 0x02, 0x03 };

    memcpy(frame, destination, 6);
    memcpy(frame + 6, source, 6);
    frame[12] = type >> 8;
    frame[13] = (uint8_t)type;
    for (uint32_t i = 14; i < length; i++)
        frame[i] = (uint8_t)(i - 14);
    return length;
}

static void put16(uint8_t *bytes, uint32_t value)
{
    bytes[0] = value >> 8;
    bytes[1] = (uint8_t)value;
}

static uint32_t headers_of(uint8_t *frame, unsigned int version, uint8_t protocol, uint32_t payload)
{
    uint32_t ip = 14, transport = ip + (version == 4 ? 20 : 40), header = protocol == INET_TCP ? 20 : 8;
    uint32_t length = transport + header + payload;

    memset(frame + ip, 0, transport + header - ip);
    if (version == 4) {
        frame[ip] = 0x45;
        put16(frame + ip + 2, length - ip);
        put16(frame + ip + 4, 0x1234);
        frame[ip + 8] = 64;
        frame[ip + 9] = protocol;
        memcpy(frame + ip + 12, "\x0a\x00\x00\x01\x0a\x00\x00\x02", 8);
    } else {
        frame[ip] = 0x60;
        put16(frame + ip + 4, length - transport);
        frame[ip + 6] = protocol;
        memset(frame + ip + 8, 0xfe, 32);
    }
    put16(frame + transport, 1000);
    put16(frame + transport + 2, 2000);
    if (protocol == INET_TCP) {
        memcpy(frame + transport + 4, "\x00\xff\xff\xf0", 4);
        frame[transport + 12] = 0x50;
        frame[transport + 13] = 0x19;       /* ACK, PSH, FIN */
    } else {
        put16(frame + transport + 4, header + payload);
    }
    return length;
}

static uint16_t transport_sum(const uint8_t *frame, const struct inet_packet *packet)
{
    struct inet_sum sum = { 0 };

    inet_sum_add_pseudo_header(&sum, frame, packet, packet->transport_length);
    inet_sum_add(&sum, frame + packet->transport, packet->transport_length);
    return inet_sum_result(&sum);
}

uint32_t make_packet(uint8_t *frame, unsigned int version, uint8_t protocol, uint32_t payload)
{
    static const uint8_t destination[6] = { 0x02, 0x11, 0x22, 0x33, 0x44, 0x55 };
    uint32_t length = headers_of(frame, version, protocol, payload);
    struct inet_packet packet;
    struct inet_sum sum = { 0 };

    make_frame(frame, destination, version == 4 ? 0x0800 : 0x86dd, 14);
    assert_true(inet_find(frame, length, length, &packet));
    for (uint32_t i = 0; i < payload; i++)
        frame[length - payload + i] = (uint8_t)(i * 7);
    if (version == 4) {
        inet_sum_add(&sum, frame + 14, 20);
        put16(frame + 14 + 10, inet_checksum(&sum, 0));
    }
    put16(frame + packet.checksum, (uint16_t)~transport_sum(frame, &packet));
    return length;
}

bool packet_right(const uint8_t *frame, uint32_t length)
{
    struct inet_packet packet;
    struct inet_sum sum = { 0 };

    if (!inet_find(frame, length, length, &packet))
        return false;
    inet_sum_add(&sum, frame + packet.ip, 20);
    return (packet.version == 6 || inet_sum_result(&sum) == 0xffff) && transport_sum(frame, &packet) == 0xffff;
}
