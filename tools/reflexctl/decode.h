/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Requests in words: "ide0.0 READ DMA, 8 sectors at 2048".  The ports are a PC's own, and the one block that moves is
 * known by its claim's name.  What a request means may depend on earlier ones (which drive is selected, which PCI
 * register is addressed): a decoder reads them in order and remembers.  What came before the first it has seen is
 * unknown, and it then says less.
 */
#ifndef REFLEXCTL_DECODE_H
#define REFLEXCTL_DECODE_H

#include <stdbool.h>
#include <stdint.h>

#include "image/stats.h"
#include "text.h"

/* One access to one register block, as far as its words go. */
struct access {
    bool read;
    bool string;                            /* the data is in memory: value means nothing */
    bool under_way;                         /* a read that has no value yet */
    unsigned int size;                      /* bytes */
    uint32_t offset;                        /* in the block */
    uint32_t count;                         /* elements of a string instruction; else 1 */
    uint64_t value;
    const uint8_t *sent;                    /* what a string instruction has written, if that is known; else NULL */
};

struct decoder {
    struct decode_ide {
        uint8_t current[8], previous[8];    /* the task file, as written */
        uint8_t known, previous_known;      /* a bit for each register */
    } ide[2];
    struct decode_uart {
        bool lcr_known;
        uint8_t lcr;
    } uart[4];
    bool confadd_known;
    uint32_t confadd;
    bool cmos_known;
    uint8_t cmos_index;
    struct decode_i8042 {
        uint8_t command;                    /* whose parameter comes next; 0: none */
        uint8_t keyboard, mouse;            /* the same */
    } i8042;
};

/* One request, and the claim that it went to (NULL: none).  *words ends empty when there is nothing to say. */
void decode(struct decoder *decoder, const struct stats_request *request, const struct stats_region *claim,
            struct text *words);

/* What is known otherwise of the time before the first request: a serial port's LCR, a channel's device register. */
void decode_know_lcr(struct decoder *decoder, unsigned int which, uint8_t lcr);
void decode_know_drive(struct decoder *decoder, unsigned int which, uint8_t device);
bool decode_knows_drive(const struct decoder *decoder, unsigned int which);

/* The same of a device's register: the bits of `value` by their names, nothing for those that have none. */
void decode_register(const char *type, const char *field, uint64_t value, struct text *words);

/* Of each chip; `which` counts them.  A block of byte registers gets single bytes only. */
void decode_ide_command(struct decoder *decoder, unsigned int which, const struct access *access, struct text *words);
void decode_ide_control(struct decoder *decoder, unsigned int which, const struct access *access, struct text *words);
void decode_ide_master(struct decoder *decoder, unsigned int which, const struct access *access, struct text *words);
void decode_ide_direct(struct decoder *decoder, unsigned int which, const struct access *access, struct text *words);
void decode_uart(struct decoder *decoder, unsigned int which, const struct access *access, struct text *words);
void decode_pci(struct decoder *decoder, unsigned int which, const struct access *access, struct text *words);
void decode_cmos(struct decoder *decoder, unsigned int which, const struct access *access, struct text *words);
void decode_i8042_data(struct decoder *decoder, unsigned int which, const struct access *access, struct text *words);
void decode_i8042_command(struct decoder *decoder, unsigned int which, const struct access *access,
                          struct text *words);
void decode_reset(struct decoder *decoder, unsigned int which, const struct access *access, struct text *words);
void decode_acpi(struct decoder *decoder, unsigned int which, const struct access *access, struct text *words);

extern const struct bit_names ide_status_bits, ide_error_bits, ide_control_bits, bmista_bits;
extern const struct bit_names uart_lsr_bits, uart_ier_bits, uart_mcr_bits;

#endif
