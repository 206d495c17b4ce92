/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* PCI configuration mechanism 1.  Names: PCI Local Bus Specification 2.1, 6.1 (header type 0). */
#include "decode.h"

#define CONFADD  0u                         /* offsets of 0cf8h and 0cfch */
#define RESET    1u                         /* 0cf9h, in bytes */
#define CONFDATA 4u
#define ENABLE   0x80000000u

static const struct {
    uint8_t offset, bytes;
    const char *name;
} registers[] = {
    { 0x00, 2, "vendor" },          { 0x02, 2, "device" },         { 0x04, 2, "command" },
    { 0x06, 2, "status" },          { 0x08, 1, "revision" },       { 0x09, 3, "class" },
    { 0x0c, 1, "cache line" },      { 0x0d, 1, "latency" },        { 0x0e, 1, "header type" },
    { 0x0f, 1, "BIST" },            { 0x10, 4, "base address 0" }, { 0x14, 4, "base address 1" },
    { 0x18, 4, "base address 2" },  { 0x1c, 4, "base address 3" }, { 0x20, 4, "base address 4" },
    { 0x24, 4, "base address 5" },  { 0x2c, 2, "subsystem vendor" },
    { 0x2e, 2, "subsystem" },       { 0x30, 4, "expansion ROM" },  { 0x34, 1, "capabilities" },
    { 0x3c, 1, "interrupt line" },  { 0x3d, 1, "interrupt pin" },  { 0x3e, 1, "minimum grant" },
    { 0x3f, 1, "maximum latency" },
};

static void add_function(uint32_t confadd, struct text *words)
{
    text_add(words, "pci %02x:%02x.%x", confadd >> 16 & 0xff, confadd >> 11 & 0x1f, confadd >> 8 & 7);
}

static void add_register(unsigned int offset, struct text *words)
{
    for (unsigned int i = 0; i < sizeof(registers) / sizeof(registers[0]); i++)
        if (offset >= registers[i].offset && offset < (unsigned int)registers[i].offset + registers[i].bytes) {
            text_add(words, " %s", registers[i].name);
            return;
        }
    text_add(words, " register %02x", offset);
}

static void address(struct decoder *decoder, const struct access *access, struct text *words)
{
    uint32_t value = (uint32_t)access->value;

    if (!access->read) {
        decoder->confadd = value;
        decoder->confadd_known = true;
    }
    text_add(words, "pci address");
    if (access->under_way)
        return;
    text_add(words, ": ");
    if (value & ENABLE) {
        add_function(value, words);
        add_register(value & 0xfc, words);
    } else {
        text_add(words, "off");
    }
}

void decode_pci(struct decoder *decoder, unsigned int which, const struct access *access, struct text *words)
{
    (void)which;
    if (access->string) {
        text_add(words, "pci");
    } else if (access->offset == CONFADD && access->size == 4) {
        address(decoder, access, words);
    } else if (access->offset == RESET && access->size == 1) {
        text_add(words, "reset control");
    } else if (access->offset >= CONFDATA && !decoder->confadd_known) {
        text_add(words, "pci data");
    } else if (access->offset >= CONFDATA && decoder->confadd & ENABLE) {
        add_function(decoder->confadd, words);
        add_register((decoder->confadd & 0xfc) + (access->offset - CONFDATA), words);
    } else {
        text_add(words, "no pci access");
    }
}
