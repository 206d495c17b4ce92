/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The firmware's interrupts reach the guest, and the timer's keep coming. */
#include "firmware.h"
#include "hypercalls.h"
#include "machine.h"
#include "test.h"

#define ELCR2      0x4d1
#define ISA_IRQ    5u
#define INTX_IRQ   10u
#define DEVICE     4u                   /* its INTA is link 0 */
#define MSI        0xfee00000u
#define HERTZ      1000u
#define ACCESSES   400u
#define PATIENCE_NS 30000000000ull
#define SLEEPS     30u

static int raise_isa(uint32_t irq) { return (int)reflect_isa_irq(irq, 1); }
static int lower_isa(uint32_t irq) { return (int)reflect_isa_irq(irq, 0); }
static int raise_intx(uint32_t device) { return (int)reflect_intx(device, 0, 1); }
static int lower_intx(uint32_t device) { return (int)reflect_intx(device, 0, 0); }
static int route(uint32_t irq) { return (int)reflect_link(0, irq); }
static int message(uint32_t data) { return (int)reflect_msi(MSI, data); }
static int message_other(uint32_t data) { return (int)reflect_msi(MSI | 2u << 12, data); }

static void window(void)
{
    interrupts_on();
    for (unsigned int i = 0; i < 10; i++)
        relax();
    interrupts_off();
}

static void isa_irq(void)
{
    interrupts_forget();
    pic_unmask(ISA_IRQ);
    for (uint32_t i = 1; i <= 20; i++) {
        EXPECT_EQUAL(in_firmware(raise_isa, ISA_IRQ), 0);
        window();
        EXPECT_EQUAL(taken[VECTOR_ISA + ISA_IRQ].count, i);
        EXPECT_EQUAL(in_firmware(lower_isa, ISA_IRQ), 0);
    }
    window();
    EXPECT_EQUAL(taken[VECTOR_ISA + ISA_IRQ].count, 20);
    pic_mask_all();
}

static void lower(void) { in_firmware(lower_intx, DEVICE); }

static void intx(void)
{
    interrupts_forget();
    outb(ELCR2, 1u << (INTX_IRQ - 8));
    EXPECT_EQUAL(in_firmware(route, INTX_IRQ), 0);
    pic_unmask(INTX_IRQ);
    taken[VECTOR_ISA + INTX_IRQ].hook = lower;
    for (uint32_t i = 1; i <= 20; i++) {
        EXPECT_EQUAL(in_firmware(raise_intx, DEVICE), 0);
        window();
        EXPECT_EQUAL(taken[VECTOR_ISA + INTX_IRQ].count, i);
    }
    pic_mask_all();
}

/* The level follows the link: routed elsewhere, it no longer comes here. */
static void link_moves(void)
{
    interrupts_forget();
    pic_unmask(INTX_IRQ);
    taken[VECTOR_ISA + INTX_IRQ].hook = lower;
    EXPECT_EQUAL(in_firmware(route, 0), 0);
    EXPECT_EQUAL(in_firmware(raise_intx, DEVICE), 0);
    window();
    EXPECT_EQUAL(taken[VECTOR_ISA + INTX_IRQ].count, 0);
    EXPECT_EQUAL(in_firmware(route, INTX_IRQ), 0);
    window();
    EXPECT_EQUAL(taken[VECTOR_ISA + INTX_IRQ].count, 1);
    EXPECT_EQUAL(in_firmware(route, 0), 0);
    outb(ELCR2, 0);
    pic_mask_all();
}

static void msi(void)
{
    interrupts_forget();
    for (uint32_t i = 1; i <= 20; i++) {
        EXPECT_EQUAL(in_firmware(message, VECTOR_FREE + i), 0);
        EXPECT_EQUAL(taken[VECTOR_FREE + i].count, 0);
        window();
        EXPECT_EQUAL(taken[VECTOR_FREE + i].count, 1);
    }
}

static void take_message(void)
{
    interrupts_on();
    (void)WAIT_FOR(taken[VECTOR_FREE].count, 2000);
    interrupts_off();
}

static void msi_to_other_vcpu(void)
{
    interrupts_forget();
    ap_start(take_message);
    EXPECT_EQUAL(in_firmware(message_other, VECTOR_FREE), 0);
    EXPECT(ap_wait(3000));
    EXPECT_EQUAL(taken[VECTOR_FREE].count, 1);
}

/* Ticks come between accesses, never in the firmware, and every access still does what it should. */
static void timer_during_accesses(void)
{
    uint64_t began = system_time_ns();
    uint32_t ms;

    interrupts_forget();
    firmware.stream_next = 0;
    timer_start(HERTZ);
    pic_unmask(0);
    interrupts_on();
    for (uint32_t i = 0; i < ACCESSES && system_time_ns() < began + PATIENCE_NS; i++) {
        EXPECT_EQUAL(inl(STREAM), i);
        *(volatile uint32_t *)(MMIO + 0x100) = i;
        __asm__ volatile("lock addl $1, %0" : "+m"(*(volatile uint32_t *)(MMIO + 0x100)));
        EXPECT_EQUAL(*(volatile uint32_t *)(MMIO + 0x100), i + 1);
    }
    interrupts_off();
    ms = (uint32_t)(system_time_ns() - began) / 1000000;
    timer_start(0);
    pic_mask_all();
    note("timer: %u ticks in %u ms of %u accesses", taken[VECTOR_ISA].count, ms, firmware.stream_next);
    EXPECT_EQUAL(firmware.stream_next, ACCESSES);
    EXPECT(taken[VECTOR_ISA].count >= ACCESSES);        /* the emulated machine misses some of the ticks */
    EXPECT_EQUAL(taken[VECTOR_ISA].in_firmware, 0);
}

static void timer_during_sleep(void)
{
    uint64_t began = system_time_ns();
    uint32_t ms;

    interrupts_forget();
    timer_start(HERTZ);
    pic_unmask(0);
    interrupts_on();
    for (uint32_t i = 0; i < SLEEPS && system_time_ns() < began + PATIENCE_NS; i++)
        EXPECT_EQUAL(inb(SLOW), 0);
    interrupts_off();
    ms = (uint32_t)(system_time_ns() - began) / 1000000;
    timer_start(0);
    pic_mask_all();
    note("timer: %u ticks in %u ms, %u of them in a sleeping firmware", taken[VECTOR_ISA].count, ms,
         SLEEPS * SLOW_NS / 1000000);
    EXPECT(ms >= SLEEPS * SLOW_NS / 1000000);
    EXPECT(taken[VECTOR_ISA].count >= SLEEPS);
    EXPECT_EQUAL(taken[VECTOR_ISA].in_firmware, 0);
}

const struct test_case interrupt_cases[] = {
    { "isa_irq reaches the guest", isa_irq },
    { "intx reaches the guest", intx },
    { "link moves an interrupt", link_moves },
    { "msi reaches the guest", msi },
    { "msi reaches the other vCPU", msi_to_other_vcpu },
    { "a 1 kHz timer during accesses", timer_during_accesses },
    { "a 1 kHz timer while the firmware sleeps", timer_during_sleep },
    { NULL, NULL },
};
