/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Interrupt wires: what the hypervisor is told of them, and when. */
#include "fake_xen.h"
#include "support.h"

#include "xen/irq.h"

static struct shadow_table shadows;

static int set_up(void **state)
{
    (void)state;
    fake_xen_init();
    shadow_table_init(&shadows);
    return 0;
}

static void assert_wire(const struct fake_line *wire, bool high, unsigned int calls)
{
    assert_int_equal(wire->high, high);
    assert_int_equal(wire->calls, calls);
}

static void changes_alone_are_forwarded(void **state)
{
    struct isa_line isa;
    struct intx_line intx;

    (void)state;
    isa_line_init(&isa, 5, &shadows);
    intx_line_init(&intx, 4, 1, &shadows);
    irq_line_set(&isa.line, false);
    irq_line_set(&intx.line, false);
    assert_wire(&fake_xen.isa[5], false, 0);
    assert_wire(&fake_xen.intx[4][0], false, 0);
    irq_line_set(&isa.line, true);
    irq_line_set(&isa.line, true);
    irq_line_set(&intx.line, true);
    irq_line_set(&intx.line, true);
    assert_wire(&fake_xen.isa[5], true, 1);
    assert_wire(&fake_xen.intx[4][0], true, 1);
    irq_line_set(&isa.line, false);
    irq_line_set(&intx.line, false);
    assert_wire(&fake_xen.isa[5], false, 2);
    assert_wire(&fake_xen.intx[4][0], false, 2);
}

/* The Interrupt Pin register counts from 1. */
static void every_pin_is_its_own(void **state)
{
    struct intx_line pins[4];

    (void)state;
    for (unsigned int pin = 0; pin < 4; pin++) {
        intx_line_init(&pins[pin], 31, pin + 1, &shadows);
        irq_line_set(&pins[pin].line, true);
        assert_wire(&fake_xen.intx[31][pin], true, 1);
    }
}

static void a_shared_wire_is_high_while_either_end_is(void **state)
{
    struct isa_line first, second, other;

    (void)state;
    isa_line_init(&first, 4, &shadows);
    isa_line_init(&second, 4, &shadows);
    isa_line_init(&other, 3, &shadows);
    isa_line_share(&second, &first);
    irq_line_set(&second.line, true);
    assert_wire(&fake_xen.isa[4], true, 1);
    irq_line_set(&first.line, true);
    irq_line_set(&second.line, false);
    assert_wire(&fake_xen.isa[4], true, 1);
    irq_line_set(&first.line, false);
    assert_wire(&fake_xen.isa[4], false, 2);
    irq_line_set(&other.line, true);
    assert_wire(&fake_xen.isa[4], false, 2);
    assert_wire(&fake_xen.isa[3], true, 1);
}

static void a_wire_may_have_three_ends(void **state)
{
    struct isa_line ends[3];

    (void)state;
    for (unsigned int i = 0; i < 3; i++) {
        isa_line_init(&ends[i], 7, &shadows);
        if (i)
            isa_line_share(&ends[i], &ends[0]);
    }
    for (unsigned int last = 0; last < 3; last++) {
        fake_xen.isa[7].calls = 0;
        for (unsigned int i = 0; i < 3; i++)
            irq_line_set(&ends[i].line, true);
        irq_line_set(&ends[(last + 1) % 3].line, false);
        irq_line_set(&ends[(last + 2) % 3].line, false);
        assert_wire(&fake_xen.isa[7], true, 1);
        irq_line_set(&ends[last].line, false);
        assert_wire(&fake_xen.isa[7], false, 2);
    }
}

/* A register that Xen answers has its new value before another vCPU can take the interrupt. */
static bool peek(void *dev, uint32_t offset, uint32_t *value)
{
    (void)offset;
    *value = *(const uint8_t *)dev;
    return true;
}

static void read_polled(void *seen)
{
    assert_true(fake_shadow_read(0x300, seen));
}

static void what_xen_answers_is_true_when_a_line_rises(void **state)
{
    static const struct io_shadow shadow = { 0, 1, peek, NULL };
    static const struct io_ops ops = { .shadows = &shadow, .shadow_count = 1 };
    uint8_t value = 1, seen = 0;
    struct io_region region = { "chip", 0x300, 1, &ops, &value };
    struct isa_line isa;
    struct intx_line intx;

    (void)state;
    fake_xen.claimed_ports[0x300] = true;
    shadow_add(&shadows, XEN_REFLECT_RANGE_PORT, &region);
    isa_line_init(&isa, 5, &shadows);
    intx_line_init(&intx, 3, 1, &shadows);
    fake_xen.on_interrupt = read_polled;
    fake_xen.on_interrupt_owner = &seen;
    value = 2;
    irq_line_set(&isa.line, true);
    assert_int_equal(seen, 2);
    value = 3;
    irq_line_set(&intx.line, true);
    assert_int_equal(seen, 3);
}

static void links_are_routed(void **state)
{
    struct pci_link router;

    (void)state;
    link_router_init(&router);
    router.route(&router, 2, 11);
    assert_int_equal(fake_xen.links[2], 11);
    router.route(&router, 2, 0);
    assert_int_equal(fake_xen.links[2], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(changes_alone_are_forwarded, set_up),
        cmocka_unit_test_setup(every_pin_is_its_own, set_up),
        cmocka_unit_test_setup(a_shared_wire_is_high_while_either_end_is, set_up),
        cmocka_unit_test_setup(a_wire_may_have_three_ends, set_up),
        cmocka_unit_test_setup(what_xen_answers_is_true_when_a_line_rises, set_up),
        cmocka_unit_test_setup(links_are_routed, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
