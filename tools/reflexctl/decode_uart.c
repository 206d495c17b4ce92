/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The serial ports.  Names: National PC16550D. */
#include "decode.h"

#define DLAB 0x80u

const struct bit_names uart_lsr_bits = { { "error in FIFO", "TEMT", "THRE", "BI", "FE", "PE", "OE", "DR" } };
const struct bit_names uart_ier_bits = { { NULL, NULL, NULL, NULL, "EDSSI", "ELSI", "ETBEI", "ERBFI" } };
const struct bit_names uart_mcr_bits = { { NULL, NULL, NULL, "loop", "OUT2", "OUT1", "RTS", "DTR" } };
static const struct bit_names msr_bits = { { "DCD", "RI", "DSR", "CTS", "DDCD", "TERI", "DDSR", "DCTS" } };

/* By IIR bits 3-0. */
static const char *const reasons[16] = {
    [0x0] = "modem status", [0x1] = "none pending", [0x2] = "THR empty", [0x4] = "data", [0x6] = "line status",
    [0xc] = "character timeout",
};

/* Registers 0 and 1 have other meanings while DLAB is set. */
static const char *name_of(const struct decode_uart *uart, const struct access *access)
{
    static const char *const names[2][8] = {
        { "THR", "IER", "FCR", "LCR", "MCR", "LSR", "MSR", "SCR" },
        { "RBR", "IER", "IIR", "LCR", "MCR", "LSR", "MSR", "SCR" },
    };

    if (access->offset < 2 && !uart->lcr_known)
        return access->offset ? "IER or DLM" : access->read ? "RBR or DLL" : "THR or DLL";
    if (access->offset < 2 && uart->lcr & DLAB)
        return access->offset ? "DLM" : "DLL";
    return names[access->read][access->offset];
}

static void add_character(uint8_t c, struct text *words)
{
    if (c >= ' ' && c <= '~')
        text_add(words, " '%c'", c);
    else
        text_add(words, " %02x", c);
}

static void add_meaning(const struct decode_uart *uart, const struct access *access, struct text *words)
{
    bool latch = !uart->lcr_known || uart->lcr & DLAB;
    uint8_t value = (uint8_t)access->value;

    switch (access->offset) {
    case 0:
        if (!latch)
            add_character(value, words);
        break;
    case 1:
        if (!latch)
            text_add_bits(words, &uart_ier_bits, value);
        break;
    case 2:
        if (access->read && reasons[value & 0xf])
            text_add(words, " %s", reasons[value & 0xf]);
        break;
    case 4:
        text_add_bits(words, &uart_mcr_bits, value);
        break;
    case 5:
        text_add_bits(words, &uart_lsr_bits, value);
        break;
    case 6:
        text_add_bits(words, &msr_bits, value);
        break;
    }
}

void decode_know_lcr(struct decoder *decoder, unsigned int which, uint8_t lcr)
{
    decoder->uart[which].lcr = lcr;
    decoder->uart[which].lcr_known = true;
}

void decode_uart(struct decoder *decoder, unsigned int which, const struct access *access, struct text *words)
{
    const struct decode_uart *uart = &decoder->uart[which];

    text_add(words, "serial%u %s", which, name_of(uart, access));
    if (access->string) {
        text_add(words, ", %u bytes", access->count);
        return;
    }
    if (!access->under_way)
        add_meaning(uart, access, words);
    if (access->offset == 3 && !access->under_way)
        decode_know_lcr(decoder, which, (uint8_t)access->value);
}
