/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "support.h"

#include "devices/cmos.h"

#define GIB (1ull << 30)
#define MIB (1ull << 20)

static uint8_t in(struct cmos *cmos, uint8_t index)
{
    cmos_ops.write(cmos, RTC_INDEX, IO_BYTE, index);
    return (uint8_t)cmos_ops.read(cmos, RTC_DATA, IO_BYTE);
}

static void out(struct cmos *cmos, uint8_t index, uint8_t value)
{
    cmos_ops.write(cmos, RTC_INDEX, IO_BYTE, index);
    cmos_ops.write(cmos, RTC_DATA, IO_BYTE, value);
}

static unsigned int in16(struct cmos *cmos, uint8_t index)
{
    return in(cmos, index) | in(cmos, index + 1u) << 8;
}

static unsigned int sum(struct cmos *cmos)
{
    unsigned int total = 0;

    for (uint8_t i = 0x10; i <= 0x2d; i++)
        total += in(cmos, i);
    return total;
}

static void bytes_of_the_clock_are_elsewhere(void **state)
{
    struct cmos cmos;

    (void)state;
    cmos_init(&cmos, &(struct cmos_config){.vcpus = 1});
    assert_int_equal(cmos_ops.read(&cmos, RTC_DATA, IO_BYTE), 0xff);    /* the index after reset is 0 */
    for (uint8_t i = 0; i < 14; i++) {
        out(&cmos, i, 0x55);
        assert_int_equal(in(&cmos, i), 0xff);
    }
}

static void the_others_hold_what_is_written(void **state)
{
    struct cmos cmos;

    (void)state;
    cmos_init(&cmos, &(struct cmos_config){.vcpus = 1});
    for (unsigned int i = 14; i < CMOS_SIZE; i++)
        out(&cmos, (uint8_t)i, (uint8_t)(i * 3));
    cmos_reset(&cmos);
    for (unsigned int i = 14; i < CMOS_SIZE; i++)
        assert_int_equal(in(&cmos, (uint8_t)i), (uint8_t)(i * 3));
}

static void bit_7_of_the_index_is_not_part_of_it(void **state)
{
    struct cmos cmos;

    (void)state;
    cmos_init(&cmos, &(struct cmos_config){.vcpus = 1});
    out(&cmos, 0x80 | 0x0f, 0x0a);                      /* SeaBIOS sets it in every access */
    assert_int_equal(in(&cmos, 0x0f), 0x0a);
    assert_int_equal(in(&cmos, 0x8f), 0x0a);
}

static void index_port_is_write_only(void **state)
{
    struct cmos cmos;

    (void)state;
    cmos_init(&cmos, &(struct cmos_config){.vcpus = 1});
    in(&cmos, 0x10);
    assert_int_equal(cmos_ops.read(&cmos, RTC_INDEX, IO_BYTE), 0xff);
}

static void small_memory(void **state)
{
    struct cmos cmos;

    (void)state;
    cmos_init(&cmos, &(struct cmos_config){.ram_below_4g = 8 * MIB, .vcpus = 1});
    assert_int_equal(in16(&cmos, 0x15), 640);
    assert_int_equal(in16(&cmos, 0x17), 7 * 1024);
    assert_int_equal(in16(&cmos, 0x30), 7 * 1024);
    assert_int_equal(in16(&cmos, 0x34), 0);
    assert_int_equal(in16(&cmos, 0x5b), 0);
}

/* hvmloader's figures for the same memory, and what SeaBIOS makes of them (fw/paravirt.c). */
static void large_memory(void **state)
{
    struct cmos cmos;
    uint64_t below, above;

    (void)state;
    cmos_init(&cmos, &(struct cmos_config){.ram_below_4g = 0xf0000000u, .ram_above_4g = 20 * GIB, .vcpus = 1});
    assert_int_equal(in16(&cmos, 0x17), 0xffff);
    assert_int_equal(in16(&cmos, 0x30), 0xffff);
    below = ((uint64_t)in(&cmos, 0x34) << 16 | (uint64_t)in(&cmos, 0x35) << 24) + 16 * MIB;
    assert_true(below == 0xf0000000u);
    above = (uint64_t)in(&cmos, 0x5b) << 16 | (uint64_t)in(&cmos, 0x5c) << 24 | (uint64_t)in(&cmos, 0x5d) << 32;
    assert_true(above == 20 * GIB);
}

static void memory_beyond_the_field_is_cut(void **state)
{
    struct cmos cmos;

    (void)state;
    cmos_init(&cmos, &(struct cmos_config){.ram_above_4g = 4096 * GIB, .vcpus = 1});
    assert_int_equal(in(&cmos, 0x5b) & in(&cmos, 0x5c) & in(&cmos, 0x5d), 0xff);
}

/* SeaBIOS' boot_init(): three nibbles. */
static void boot_order(void **state)
{
    struct cmos cmos;
    unsigned int order;

    (void)state;
    cmos_init(&cmos, &(struct cmos_config){
        .vcpus = 1, .boot = {CMOS_BOOT_CDROM, CMOS_BOOT_DISK, CMOS_BOOT_NETWORK},
    });
    order = in(&cmos, 0x3d) | (in(&cmos, 0x38) & 0xf0u) << 4;
    assert_int_equal(order & 0x00f, 3);
    assert_int_equal(order >> 4 & 0x00f, 2);
    assert_int_equal(order >> 8, 4);
    assert_int_equal(in(&cmos, 0x38) & 1, 0);           /* floppy signature check stays */
    cmos_init(&cmos, &(struct cmos_config){ .vcpus = 1, .boot = { [2] = CMOS_BOOT_FLOPPY }, .any_floppy = true });
    assert_int_equal(in(&cmos, 0x38), 0x11);
}

static void disks(void **state)
{
    static const uint8_t geometry[] = {0xff, 0x3f, 16, 0xff, 0xff, 0xc8, 0xff, 0x3f, 63};
    struct cmos cmos;

    (void)state;
    cmos_init(&cmos, &(struct cmos_config){
        .vcpus = 1,
        .disks = {{16383, 16, 63}, {0}, {8192, 16, 63}, {1024, 16, 63}},
    });
    assert_int_equal(in(&cmos, 0x12), 0xf0);
    assert_int_equal(in(&cmos, 0x19), 47);
    assert_int_equal(in(&cmos, 0x1a), 0);
    for (uint8_t i = 0; i < sizeof(geometry); i++)
        assert_int_equal(in(&cmos, 0x1b + i), geometry[i]);
    for (uint8_t i = 0x24; i < 0x2d; i++)
        assert_int_equal(in(&cmos, i), 0);
    assert_int_equal(in(&cmos, 0x39), TRANSLATION_LBA | TRANSLATION_LARGE << 4);
}

static void second_disk(void **state)
{
    struct cmos cmos;

    (void)state;
    cmos_init(&cmos, &(struct cmos_config){.vcpus = 1, .disks = {{0}, {615, 4, 17}}});
    assert_int_equal(in(&cmos, 0x12), 0x0f);
    assert_int_equal(in(&cmos, 0x1a), 47);
    assert_int_equal(in16(&cmos, 0x24), 615);
    assert_int_equal(in(&cmos, 0x26), 4);
    assert_int_equal(in(&cmos, 0x29), 0xc0);
    assert_int_equal(in(&cmos, 0x2c), 17);
}

/* What SeaBIOS reads besides. */
static void other_bytes(void **state)
{
    struct cmos cmos;

    (void)state;
    cmos_init(&cmos, &(struct cmos_config){.vcpus = 4});
    assert_int_equal(in(&cmos, 0x0f), 0);               /* no resume */
    assert_int_equal(in(&cmos, 0x10), 0);               /* no floppy drives */
    assert_int_equal(in(&cmos, 0x14), 0x02);
    assert_int_equal(in(&cmos, 0x32), 0x20);
    assert_int_equal(in(&cmos, 0x5f), 3);
}

static void checksum_is_right_after_start_and_after_hvmloader(void **state)
{
    struct cmos cmos;
    unsigned int before;

    (void)state;
    cmos_init(&cmos, &(struct cmos_config){.ram_below_4g = GIB, .vcpus = 1, .disks = {{16383, 16, 63}}});
    before = in(&cmos, 0x2e) << 8 | in(&cmos, 0x2f);
    assert_int_equal(before, sum(&cmos));
    assert_int_not_equal(before, 0);

    /* cmos_write_memory_size() with low_mem_pgend of 1 GiB */
    out(&cmos, 0x15, 0x80), out(&cmos, 0x16, 0x02);
    out(&cmos, 0x17, 0xff), out(&cmos, 0x18, 0xff), out(&cmos, 0x30, 0xff), out(&cmos, 0x31, 0xff);
    out(&cmos, 0x34, 0x00), out(&cmos, 0x35, 0x3f);
    assert_int_equal(sum(&cmos), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_of_the_clock_are_elsewhere),
        cmocka_unit_test(the_others_hold_what_is_written),
        cmocka_unit_test(bit_7_of_the_index_is_not_part_of_it),
        cmocka_unit_test(index_port_is_write_only),
        cmocka_unit_test(small_memory),
        cmocka_unit_test(large_memory),
        cmocka_unit_test(memory_beyond_the_field_is_cut),
        cmocka_unit_test(boot_order),
        cmocka_unit_test(disks),
        cmocka_unit_test(second_disk),
        cmocka_unit_test(other_bytes),
        cmocka_unit_test(checksum_is_right_after_start_and_after_hvmloader),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
