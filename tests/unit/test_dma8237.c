/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "support.h"
#include "devices/dma8237.h"

struct bench {
    struct dma8237 low, high;
    struct dma_pages pages;
};

static void bench_init(struct bench *b)
{
    dma8237_init(&b->low, 0);
    dma8237_init(&b->high, 1);
    dma_pages_reset(&b->pages);
}

static uint8_t in(struct bench *b, uint16_t port)
{
    if (port < 0x10)
        return dma8237_ops.read(&b->low, port, 1);
    if (port >= 0xc0)
        return dma8237_ops.read(&b->high, port - 0xc0, 1);
    return dma_pages_ops.read(&b->pages, port - 0x80, 1);
}

static void out(struct bench *b, uint16_t port, uint8_t value)
{
    if (port < 0x10)
        dma8237_ops.write(&b->low, port, 1, value);
    else if (port >= 0xc0)
        dma8237_ops.write(&b->high, port - 0xc0, 1, value);
    else
        dma_pages_ops.write(&b->pages, port - 0x80, 1, value);
}

static void words_pass_in_two_halves(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b);
    out(&b, 0x0c, 0);
    for (uint16_t port = 0; port < 8; port++) {
        out(&b, port, 0x10 + port);
        out(&b, port, 0xa0 + port);
    }
    for (uint16_t port = 0; port < 8; port++) {
        assert_int_equal(in(&b, port), 0x10 + port);
        assert_int_equal(in(&b, port), 0xa0 + port);
    }
    in(&b, 4);
    assert_int_equal(in(&b, 5), 0xa5);          /* one flip-flop for all */
    in(&b, 4);
    out(&b, 0x0c, 0);
    assert_int_equal(in(&b, 4), 0x14);
    assert_int_equal(b.high.registers.words[0], 0);
}

static void masks_and_requests(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b);
    assert_int_equal(in(&b, 0x0f), 0x0f);       /* nothing runs after reset */
    out(&b, 0x0a, 0x02);
    assert_int_equal(in(&b, 0x0f), 0x0b);
    out(&b, 0x0a, 0x06);
    assert_int_equal(in(&b, 0x0f), 0x0f);
    out(&b, 0x0e, 0);
    assert_int_equal(in(&b, 0x0f), 0x00);
    out(&b, 0x0f, 0xf5);
    assert_int_equal(in(&b, 0x0f), 0x05);
    assert_int_equal(in(&b, 0x08), 0x00);
    out(&b, 0x09, 0x05);
    assert_int_equal(in(&b, 0x08), 0x20);
    out(&b, 0x09, 0x01);
    assert_int_equal(in(&b, 0x08), 0x00);
    out(&b, 0x09, 0x05);
    out(&b, 0x0d, 0);
    assert_int_equal(in(&b, 0x08), 0x00);
    assert_int_equal(in(&b, 0x0f), 0x0f);
    assert_int_equal(in(&b, 0x0d), 0x00);
    assert_int_equal(in(&b, 0x0b), 0xff);       /* write-only */
}

/* SeaBIOS, src/hw/dma.c: dma_setup. */
static void seabios_prepares_the_cascade(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b);
    out(&b, 0x0d, 0);
    out(&b, 0xda, 0);
    out(&b, 0xd6, 0xc0);
    out(&b, 0xd4, 0x00);
    assert_int_equal(in(&b, 0xde), 0x0e);       /* channel 4 runs, 5 to 7 do not */
    assert_int_equal(in(&b, 0xdf), 0x0e);       /* the odd port is the same register */
    assert_int_equal(in(&b, 0x0f), 0x0f);
}

static void pages_read_back(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b);
    for (uint16_t port = 0x80; port < 0x90; port++)
        out(&b, port, port ^ 0x5a);
    for (uint16_t port = 0x80; port < 0x90; port++)
        assert_int_equal(in(&b, port), port ^ 0x5a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_pass_in_two_halves),
        cmocka_unit_test(masks_and_requests),
        cmocka_unit_test(seabios_prepares_the_cascade),
        cmocka_unit_test(pages_read_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
