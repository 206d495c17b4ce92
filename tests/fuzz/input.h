/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A fuzzer's bytes, taken one after another.  When there are none left every value is 0. */
#ifndef REFLEX_TESTS_FUZZ_INPUT_H
#define REFLEX_TESTS_FUZZ_INPUT_H

#include <stddef.h>
#include <stdint.h>

struct input {
    const uint8_t *bytes;
    size_t left;
};

static inline uint8_t take_u8(struct input *input)
{
    if (!input->left)
        return 0;
    input->left--;
    return *input->bytes++;
}

static inline uint16_t take_u16(struct input *input)
{
    uint16_t low = take_u8(input);

    return low | take_u8(input) << 8;
}

static inline uint32_t take_u32(struct input *input)
{
    uint32_t low = take_u16(input);

    return low | (uint32_t)take_u16(input) << 16;
}

static inline uint64_t take_u64(struct input *input)
{
    uint64_t low = take_u32(input);

    return low | (uint64_t)take_u32(input) << 32;
}

/* libFuzzer's entry: one execution from a clean state.  Returns 0; whatever is wrong ends the program. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

#endif
