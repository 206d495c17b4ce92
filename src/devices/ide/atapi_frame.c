/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A mode 1 block as it lies on a CD (ECMA-130 clause 14 and annex A), made up around the 2048 bytes of user data that
 * an image has of it: sync 12, header 4, user data 2048, EDC 4, zero 8, P parity 172, Q parity 104 bytes.
 */
#include "devices/ide/atapi_internal.h"
#include "lib/string.h"

#define SYNC_SIZE   12u
#define HEADER_SIZE 4u
#define ECC_SIZE    288u                /* EDC to Q parity */
#define EDC_POLYNOMIAL 0xd8018001u      /* bits reversed: the low bit of a byte comes first */
#define MODE_1      0x01u

/* The two parities: vectors * length bytes, of which a column's next lies `step` further on. */
#define P_VECTORS 86u
#define P_LENGTH  24u
#define Q_VECTORS 52u
#define Q_LENGTH  43u

void atapi_put_msf(uint8_t msf[3], uint32_t block)
{
    uint32_t frame = block + ATAPI_LEAD_IN;

    msf[0] = (uint8_t)(frame / (60 * 75));
    msf[1] = (uint8_t)(frame / 75 % 60);
    msf[2] = (uint8_t)(frame % 75);
}

/* Bytes of a block's fields. */
uint32_t atapi_fields_size(uint8_t fields)
{
    return (fields & ATAPI_FIELD_SYNC ? SYNC_SIZE : 0) + (fields & ATAPI_FIELD_HEADER ? HEADER_SIZE : 0) +
           (fields & ATAPI_FIELD_USER ? ATAPI_BLOCK_SIZE : 0) + (fields & ATAPI_FIELD_ECC ? ECC_SIZE : 0);
}

static uint8_t bcd(uint8_t value)
{
    return (uint8_t)((value / 10 % 10) << 4 | value % 10);
}

static void put_header(uint8_t header[HEADER_SIZE], uint32_t block)
{
    atapi_put_msf(header, block);
    for (unsigned int i = 0; i < 3; i++)
        header[i] = bcd(header[i]);
    header[3] = MODE_1;
}

static void put_sync(uint8_t sync[SYNC_SIZE])
{
    memset(sync, 0xff, SYNC_SIZE);
    sync[0] = sync[SYNC_SIZE - 1] = 0;
}

static uint32_t edc(uint32_t sum, const uint8_t *bytes, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++) {
        sum ^= bytes[i];
        for (unsigned int bit = 0; bit < 8; bit++)
            sum = sum >> 1 ^ (sum & 1 ? EDC_POLYNOMIAL : 0);
    }
    return sum;
}

/* GF(2^8) with x^8 + x^4 + x^3 + x^2 + 1 */
static uint8_t doubled(uint8_t value)
{
    return (uint8_t)(value << 1 ^ (value & 0x80 ? 0x1d : 0));
}

/* value / 3, that is value * f4h */
static uint8_t third(uint8_t value)
{
    uint8_t product = 0;

    for (uint8_t factor = 0xf4; factor; factor >>= 1) {
        product ^= factor & 1 ? value : 0;
        value = doubled(value);
    }
    return product;
}

/* The header and what follows it: neighbours on the disc, but not in the host's memory if it wants no headers. */
static uint8_t byte_at(const uint8_t *header, const uint8_t *user, uint32_t index)
{
    return index < HEADER_SIZE ? header[index] : user[index - HEADER_SIZE];
}

/* Reed-Solomon (length + 2, length) codes over even and odd bytes apart: column `vector` begins at `first`, goes on in
 * steps of `step`, and wraps around.  Both parity bytes are such that the column's sum is 0, and so is the sum with
 * each byte weighted by a power of two. */
static void put_parity(const uint8_t *header, uint8_t *user, uint8_t *parity, uint32_t vectors, uint32_t length,
                       uint32_t across, uint32_t step)
{
    for (uint32_t vector = 0; vector < vectors; vector++) {
        uint32_t index = vector / 2 * across + vector % 2;
        uint8_t sum = 0, weighted = 0;

        for (uint32_t i = 0; i < length; i++) {
            uint8_t value = byte_at(header, user, index);

            sum ^= value;
            weighted = doubled(weighted ^ value);
            index += step;
            if (index >= vectors * length)
                index -= vectors * length;
        }
        parity[vector] = third(doubled(weighted) ^ sum);
        parity[vector + vectors] = parity[vector] ^ sum;
    }
}

/* EDC, zeros and parity behind the user data. */
static void put_ecc(const uint8_t *header, uint8_t *user)
{
    uint8_t *ecc = user + ATAPI_BLOCK_SIZE, sync[SYNC_SIZE];
    uint32_t sum;

    put_sync(sync);
    sum = edc(edc(edc(0, sync, SYNC_SIZE), header, HEADER_SIZE), user, ATAPI_BLOCK_SIZE);
    for (unsigned int i = 0; i < 4; i++)
        ecc[i] = (uint8_t)(sum >> (8 * i));
    memset(ecc + 4, 0, 8);
    put_parity(header, user, ecc + 12, P_VECTORS, P_LENGTH, 2, P_VECTORS);
    put_parity(header, user, ecc + 12 + 2 * P_VECTORS, Q_VECTORS, Q_LENGTH, P_VECTORS, P_VECTORS + 2);
}

/* Writes a block's fields to `to`; the user data may overlap with where it goes. */
void atapi_make_fields(uint8_t *to, const uint8_t *user, uint32_t block, uint8_t fields)
{
    uint32_t before = atapi_fields_size(fields & (ATAPI_FIELD_SYNC | ATAPI_FIELD_HEADER));
    uint8_t header[HEADER_SIZE];

    memmove(to + before, user, ATAPI_BLOCK_SIZE);
    put_header(header, block);
    if (fields & ATAPI_FIELD_ECC)
        put_ecc(header, to + before);
    if (fields & ATAPI_FIELD_HEADER)
        memcpy(to + before - HEADER_SIZE, header, HEADER_SIZE);
    if (fields & ATAPI_FIELD_SYNC)
        put_sync(to);
}
