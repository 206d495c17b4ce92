/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "support.h"

#include "devices/acpi_pm.h"
#include "devices/acpi_pm_regs.h"

struct fixture {
    struct acpi_pm pm;
    struct recorded_power power;
};

static int set_up(void **state)
{
    static const uint8_t one_processor[ACPI_CPU_MAP_BYTES] = { 1 };
    static struct fixture f;

    recorded_power_init(&f.power);
    acpi_pm_init(&f.pm, one_processor, &f.power.power);
    take_log();
    *state = &f;
    return 0;
}

static uint8_t in(struct fixture *f, const struct io_ops *ops, uint32_t offset)
{
    return (uint8_t)ops->read(&f->pm, offset, IO_BYTE);
}

static void out(struct fixture *f, const struct io_ops *ops, uint32_t offset, uint8_t value)
{
    ops->write(&f->pm, offset, IO_BYTE, value);
}

/* A word as the dispatcher splits it. */
static void write_pm1_control(struct fixture *f, uint16_t value)
{
    out(f, &acpi_pm1_control_ops, 0, (uint8_t)value);
    out(f, &acpi_pm1_control_ops, 1, (uint8_t)(value >> 8));
}

static uint16_t read_pm1_control(struct fixture *f)
{
    return (uint16_t)(in(f, &acpi_pm1_control_ops, 0) | in(f, &acpi_pm1_control_ops, 1) << 8);
}

static void pm1_control_keeps_its_bits(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(read_pm1_control(f), 0);
    write_pm1_control(f, 0xffff & ~0x2000);
    assert_int_equal(read_pm1_control(f), 0x1c03);      /* GBL_RLS, SLP_EN and the reserved bits read 0 */
    acpi_pm_reset(&f->pm);
    assert_int_equal(read_pm1_control(f), 0);
    assert_int_equal(f->power.offs, 0);
}

/* ACPICA's acpi_hw_legacy_sleep(): first the type, then the type with SLP_EN. */
static void s5_powers_off(void **state)
{
    struct fixture *f = *state;

    write_pm1_control(f, 0x0021);                       /* bit 5 of the low byte is none of them */
    assert_int_equal(f->power.offs, 0);
    write_pm1_control(f, 0x2001);
    assert_int_equal(f->power.offs, 1);
    assert_int_equal(read_pm1_control(f), 0x0001);
    assert_string_equal(take_log(), "");
}

static void s3_and_unknown_types_are_logged(void **state)
{
    struct fixture *f = *state;

    write_pm1_control(f, 0x2401);
    assert_non_null(strstr(take_log(), "S3"));
    assert_int_equal(read_pm1_control(f), 0x0401);
    write_pm1_control(f, 0x3c01);
    assert_non_null(strstr(take_log(), "sleep type 7"));
    assert_int_equal(f->power.offs, 0);
}

/* hvmloader's acpi_enable_sci() stops the domain if this fails. */
static void hvmloader_enables_sci(void **state)
{
    struct fixture *f = *state;

    assert_false(in(f, &acpi_pm1_control_ops, 0) & 0x01);
    out(f, &acpi_apm_ops, 0, 0xf1);
    assert_true(in(f, &acpi_pm1_control_ops, 0) & 0x01);
    out(f, &acpi_apm_ops, 0, 0xf0);
    assert_false(in(f, &acpi_pm1_control_ops, 0) & 0x01);
}

static void apm_ports_read_back(void **state)
{
    struct fixture *f = *state;

    out(f, &acpi_apm_ops, APMC, 0x12);
    out(f, &acpi_apm_ops, APMS, 0x34);
    assert_int_equal(in(f, &acpi_apm_ops, APMC), 0x12);
    assert_int_equal(in(f, &acpi_apm_ops, APMS), 0x34);
    assert_int_equal(read_pm1_control(f), 0);
}

/* ACPICA's acpi_hw_clear_gpe_block() and acpi_hw_disable_all_gpes(). */
static void gpe_status_is_clear_and_enable_reads_back(void **state)
{
    struct fixture *f = *state;

    out(f, &acpi_gpe0_ops, 0, 0xff);
    out(f, &acpi_gpe0_ops, 1, 0xff);
    out(f, &acpi_gpe0_ops, 2, 0x06);
    out(f, &acpi_gpe0_ops, 3, 0x80);
    assert_int_equal(in(f, &acpi_gpe0_ops, 0), 0);
    assert_int_equal(in(f, &acpi_gpe0_ops, 1), 0);
    assert_int_equal(in(f, &acpi_gpe0_ops, 2), 0x06);
    assert_int_equal(in(f, &acpi_gpe0_ops, 3), 0x80);
}

/* The DSDT's PRSC compares it with the MADT, in which hvmloader has marked the same processors. */
static void cpu_map_is_the_configurations(void **state)
{
    static const uint8_t map[ACPI_CPU_MAP_BYTES] = { 0x07, 0x80, [15] = 0x5a };
    struct fixture *f = *state;

    acpi_pm_init(&f->pm, map, &f->power.power);
    for (uint32_t byte = 0; byte < sizeof(map); byte++) {
        out(f, &acpi_cpu_map_ops, byte, 0x33);          /* not writable */
        assert_int_equal(in(f, &acpi_cpu_map_ops, byte), map[byte]);
    }
}

/* The DSDT ejects by writing B0EJ, and asks PCIU, PCID and B0RM. */
static void pci_hotplug_is_inert(void **state)
{
    struct fixture *f = *state;

    for (uint32_t offset = 0; offset < 16; offset++) {
        out(f, &acpi_pci_hotplug_ops, offset, 0xff);
        assert_int_equal(in(f, &acpi_pci_hotplug_ops, offset), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(pm1_control_keeps_its_bits, set_up),
        cmocka_unit_test_setup(s5_powers_off, set_up),
        cmocka_unit_test_setup(s3_and_unknown_types_are_logged, set_up),
        cmocka_unit_test_setup(hvmloader_enables_sci, set_up),
        cmocka_unit_test_setup(apm_ports_read_back, set_up),
        cmocka_unit_test_setup(gpe_status_is_clear_and_enable_reads_back, set_up),
        cmocka_unit_test_setup(cpu_map_is_the_configurations, set_up),
        cmocka_unit_test_setup(pci_hotplug_is_inert, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
