/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "decode.h"

#include <string.h>

#include <public/hvm/reflect_op.h>

typedef void decode_fn(struct decoder *decoder, unsigned int which, const struct access *access, struct text *words);

/* A PC's fixed ports.  bytes: wider accesses are taken apart, low byte first, as the firmware does it. */
static const struct block {
    uint16_t first, last;
    decode_fn *fn;
    unsigned int which;
    bool bytes;
} blocks[] = {
    { 0x0060, 0x0060, decode_i8042_data,    0, true },
    { 0x0064, 0x0064, decode_i8042_command, 0, true },
    { 0x0070, 0x0071, decode_cmos,          0, true },
    { 0x0092, 0x0092, decode_reset,         0, true },
    { 0x0170, 0x0177, decode_ide_command,   1, false },
    { 0x01f0, 0x01f7, decode_ide_command,   0, false },
    { 0x02e8, 0x02ef, decode_uart,          3, true },
    { 0x02f8, 0x02ff, decode_uart,          1, true },
    { 0x0376, 0x0376, decode_ide_control,   1, true },
    { 0x03e8, 0x03ef, decode_uart,          2, true },
    { 0x03f6, 0x03f6, decode_ide_control,   0, true },
    { 0x03f8, 0x03ff, decode_uart,          0, true },
    { 0x08a0, 0x08a3, decode_ide_direct,    0, false },
    { 0x0cf8, 0x0cff, decode_pci,           0, false },
    { 0xb004, 0xb005, decode_acpi,          0, false },
};

/* The bus master's two halves lie where the guest put them. */
static const char bus_master[] = "bmide";

static uint64_t cut(uint64_t value, unsigned int size)
{
    return size < 8 ? value & ((1ull << 8 * size) - 1) : value;
}

static struct access access_of(const struct stats_request *request)
{
    unsigned int size = (request->what >> XEN_REFLECT_SIZE_SHIFT) & 0xff;
    bool read = request->what & XEN_REFLECT_READ, string = request->what & XEN_REFLECT_PTR;
    bool known = string && !read && !(request->what & XEN_REFLECT_DF) && request->count <= STATS_SENT &&
                 size * request->count <= STATS_SENT;

    return (struct access){
        .read = read, .string = string, .under_way = read && request->ticks == STATS_UNDER_WAY, .size = size,
        .count = string ? request->count : 1, .value = cut(request->data, size),
        .sent = known ? request->sent : NULL,
    };
}

static void decode_bytes(struct decoder *decoder, const struct block *block, const struct access *wide,
                         struct text *words)
{
    for (unsigned int i = 0; i < wide->size && wide->offset + i <= (uint32_t)block->last - block->first; i++) {
        struct access byte = *wide;

        byte.size = 1;
        byte.offset += i;
        byte.value = (wide->value >> 8 * i) & 0xff;
        if (i)
            text_add(words, "; ");
        block->fn(decoder, block->which, &byte, words);
    }
}

static void decode_port(struct decoder *decoder, uint32_t port, struct access *access, struct text *words)
{
    for (unsigned int i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        const struct block *block = &blocks[i];

        if (port < block->first || port > block->last)
            continue;
        access->offset = port - block->first;
        if (block->bytes)
            decode_bytes(decoder, block, access, words);
        else
            block->fn(decoder, block->which, access, words);
    }
}

void decode(struct decoder *decoder, const struct stats_request *request, const struct stats_region *claim,
            struct text *words)
{
    struct access access = access_of(request);

    *words = (struct text){ .length = 0 };
    if ((request->what & XEN_REFLECT_WHY_MASK) > XEN_REFLECT_WHY_IO || request->what & XEN_REFLECT_TYPE_MASK ||
        access.size > 8)
        return;
    if (claim && strcmp(claim->name, bus_master) == 0) {
        access.offset = request->address & 7;
        decode_ide_master(decoder, request->address >> 3 & 1, &access, words);
    } else {
        decode_port(decoder, request->address, &access, words);
    }
}

void decode_register(const char *type, const char *field, uint64_t value, struct text *words)
{
    static const struct {
        const char *type, *field;
        const struct bit_names *names;
    } registers[] = {
        { "ide device",  "status",         &ide_status_bits },
        { "ide device",  "error",          &ide_error_bits },
        { "ide channel", "device control", &ide_control_bits },
        { "ide channel", "BMISTA",         &bmista_bits },
        { "16550",       "IER",            &uart_ier_bits },
        { "16550",       "MCR",            &uart_mcr_bits },
    };
    static const char *const requests[] = { "none", "waits for its turn", "at the backend", "answered" };

    *words = (struct text){ .length = 0 };
    for (unsigned int i = 0; i < sizeof(registers) / sizeof(registers[0]); i++)
        if (strcmp(registers[i].type, type) == 0 && strcmp(registers[i].field, field) == 0)
            text_add_bits(words, registers[i].names, (uint8_t)value);
    if (strcmp(type, "ide channel") == 0 && strcmp(field, "request") == 0 && value < 4)
        text_add(words, " %s", requests[value]);
}
