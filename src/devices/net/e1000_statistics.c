/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The statistics registers (317453, 13.7): 32 bits, or pairs of 64, that stay at all-ones once they get there.  Lengths
 * are as on the wire, FCS included. */
#include "devices/net/e1000_internal.h"

static uint32_t *counter(struct e1000 *chip, uint32_t offset)
{
    return &chip->r.statistics[(offset - E1000_STATISTICS) / 4];
}

void e1000_count(struct e1000 *chip, uint32_t offset)
{
    uint32_t *count = counter(chip, offset);

    *count += *count != ~0u;
}

static void count_octets(struct e1000 *chip, uint32_t offset, uint32_t length)
{
    uint32_t *pair = counter(chip, offset);
    uint64_t sum = ((uint64_t)pair[1] << 32 | pair[0]) + length;

    if (sum < length)
        sum = ~0ull;
    pair[0] = (uint32_t)sum;
    pair[1] = sum >> 32;
}

/* The one of six registers that counts frames of this length. */
static uint32_t length_class(uint32_t first, uint32_t length)
{
    static const uint16_t limits[] = { 64, 127, 255, 511, 1023 };
    unsigned int i = 0;

    while (i < sizeof(limits) / sizeof(limits[0]) && length > limits[i])
        i++;
    return first + 4 * i;
}

static void count_destination(struct e1000 *chip, const uint8_t *destination, uint32_t broadcast, uint32_t multicast)
{
    unsigned int ones = 0;

    for (unsigned int i = 0; i < NET_ADDRESS_BYTES; i++)
        ones += destination[i] == 0xff;
    if (ones == NET_ADDRESS_BYTES)
        e1000_count(chip, broadcast);
    else if (destination[0] & 1)
        e1000_count(chip, multicast);
}

void e1000_count_sent(struct e1000 *chip, const uint8_t *destination, uint32_t length)
{
    e1000_count(chip, E1000_GPTC);
    e1000_count(chip, E1000_TPT);
    e1000_count(chip, length_class(E1000_PTC64, length));
    count_octets(chip, E1000_GOTCL, length);
    count_octets(chip, E1000_TOTL, length);
    count_destination(chip, destination, E1000_BPTC, E1000_MPTC);
}

/* Of every frame on the wire. */
void e1000_count_seen(struct e1000 *chip, uint32_t length)
{
    e1000_count(chip, E1000_TPR);
    count_octets(chip, E1000_TORL, length);
}

/* Of those that have come through the filters. */
void e1000_count_received(struct e1000 *chip, const uint8_t *destination, uint32_t length)
{
    e1000_count(chip, E1000_GPRC);
    e1000_count(chip, length_class(E1000_PRC64, length));
    count_octets(chip, E1000_GORCL, length);
    count_destination(chip, destination, E1000_BPRC, E1000_MPRC);
}

/* Of a pair, the high half. */
static bool is_high(uint32_t offset)
{
    return offset == E1000_GORCL + 4 || offset == E1000_GOTCL + 4 || offset == E1000_TORL + 4 ||
           offset == E1000_TOTL + 4;
}

static bool is_low(uint32_t offset)
{
    return is_high(offset + 4);
}

uint32_t e1000_statistic_read(struct e1000 *chip, uint32_t offset)
{
    uint32_t *count = counter(chip, offset), value = *count;

    if (!is_low(offset))
        *count = 0;
    if (is_high(offset))
        count[-1] = 0;
    return value;
}
