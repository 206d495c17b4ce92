/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What the guest must find as it left it, whatever its firmware did meanwhile. */
#include "firmware.h"
#include "hypercalls.h"
#include "lib/string.h"
#include "machine.h"
#include "test.h"

#define EFLAGS_ALL   0x240cd7u          /* ID, AC, OF, DF, SF, ZF, AF, PF, CF, and bit 1 */
#define EFLAGS_FIXED 0x000002u
#define IRQ          5u

struct registers { uint32_t eax, ecx, edx, ebx, ebp, esi, edi, eflags; };
extern struct registers registers_in, registers_out;
void registers_run(void (*body)(void));
void body_in(void), body_out(void), body_load(void), body_store(void), body_segments(void);
void shadow_in(void), shadow_load(void);
extern const char shadow_in_end[], shadow_load_end[], step_in_end[], step_load_end[];
void step_in(void);
void fpu_fill(const void *values);
void fpu_save(void *area);

/* --- general registers and flags ---------------------------------------------------------------------------------- */
static void expect_registers(void (*body)(void), uint32_t eflags)
{
    registers_in = (struct registers){ 0xa1a2a3a4, 0xc1c2c3c4, 0xd1d20000 | PORTS, 0xb1b2b3b4, 0xe1e2e3e4, 0x51525354,
                                       0x61626364, eflags };
    registers_run(body);
    EXPECT_EQUAL(registers_out.edx, registers_in.edx);
    EXPECT_EQUAL(registers_out.ebx, registers_in.ebx);
    EXPECT_EQUAL(registers_out.ebp, registers_in.ebp);
    EXPECT_EQUAL(registers_out.esi, registers_in.esi);
    EXPECT_EQUAL(registers_out.edi, registers_in.edi);
    EXPECT_EQUAL(registers_out.eflags, registers_in.eflags);
}

static void general_registers(void)
{
    static const uint32_t flags[] = { EFLAGS_FIXED, EFLAGS_ALL, 0x3002, 0x4002 }; /* IOPL, NT */

    firmware.ports[0] = 0x99;
    *(uint32_t *)(firmware.mmio + 0x10) = 0x12345678;
    for (unsigned int i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        expect_registers(body_in, flags[i]);
        EXPECT_EQUAL(registers_out.eax, 0xa1a2a399);
        EXPECT_EQUAL(registers_out.ecx, registers_in.ecx);
        expect_registers(body_load, flags[i]);
        EXPECT_EQUAL(registers_out.eax, registers_in.eax);
        EXPECT_EQUAL(registers_out.ecx, 0x12345678);
        expect_registers(body_out, flags[i]);
        EXPECT_EQUAL(registers_out.eax, registers_in.eax);
        EXPECT_EQUAL(registers_out.ecx, registers_in.ecx);
        EXPECT_EQUAL(*(uint16_t *)firmware.ports, 0xa3a4);
        firmware.ports[0] = 0x99;
        expect_registers(body_store, flags[i]);
        EXPECT_EQUAL(registers_out.eax, registers_in.eax);
        EXPECT_EQUAL(*(uint32_t *)(firmware.mmio + 0x10), 0xb1b2b3b4);
        *(uint32_t *)(firmware.mmio + 0x10) = 0x12345678;
    }
}

static void control_registers(void)
{
    uint32_t cr0 = read_cr0(), cr3 = read_cr3(), cr4 = read_cr4(), cr2;

    __asm__ volatile("mov %0, %%cr2" :: "r"(0x89abc000));
    inb(PORTS);
    (void)*(volatile uint8_t *)MMIO;
    __asm__ volatile("mov %%cr2, %0" : "=r"(cr2));
    EXPECT_EQUAL(cr2, 0x89abc000);
    EXPECT_EQUAL(read_cr0(), cr0);
    EXPECT_EQUAL(read_cr3(), cr3);
    EXPECT_EQUAL(read_cr4(), cr4);
}

/* --- segments ----------------------------------------------------------------------------------------------------- */
static void segments(void)
{
    static const uint32_t words[2] = { 0x600d5e60, 0x600d5e61 };
    uint32_t base = gpa_of(words);

    /* Byte granular, read-write data, of these eight bytes only. */
    gdt[TEST / 8] = 7 | (uint64_t)(base & 0xffffff) << 16 | 0x93ull << 40 | 0x4ull << 52 | (uint64_t)(base >> 24) << 56;
    registers_in = (struct registers){ .edx = PORTS, .eflags = EFLAGS_FIXED };
    registers_run(body_segments);
    EXPECT_EQUAL(registers_out.esi, words[0]);
    EXPECT_EQUAL(registers_out.edi, words[1]);
    EXPECT_EQUAL(registers_out.ecx, TEST);
    EXPECT_EQUAL(registers_out.ebx, TEST);
}

/* --- debug registers and single steps ----------------------------------------------------------------------------- */
static uint32_t steps[16], nr_steps;

static void record_step(void)
{
    if (nr_steps < sizeof(steps) / sizeof(steps[0]))
        steps[nr_steps++] = taken[1].eip;
}

/*
 * Breakpoints on the firmware's first instruction and on its memory: the guest's business, not the firmware's.  QEMU 7.2
 * keeps its own list of them across VMRUN, whatever DR7 that loads: it meets them in other domains, or crashes.
 */
static void breakpoints(void)
{
    static volatile uint32_t watched;

    if (!options.hardware) {
        skip("QEMU 7.2's processor mixes up those of its guests");
        return;
    }
    interrupts_forget();
    write_dr0((uint32_t)firmware_entry);
    write_dr1((uint32_t)&firmware.accesses);
    write_dr7(0xd0040f);                    /* DR0: execution; DR1: writes of 4 bytes; exact */
    inb(PORTS);
    (void)*(volatile uint8_t *)MMIO;
    in_firmware(firmware_sleep, 2000000);
    EXPECT_EQUAL(read_dr7() & 0xffff03ff, 0xd0000f);
    EXPECT_EQUAL(read_dr0(), (uint32_t)firmware_entry);
    EXPECT_EQUAL(taken[1].count, 0);
    write_dr1((uint32_t)&watched);
    inb(PORTS);
    watched = 1;
    EXPECT_EQUAL(taken[1].count, 1);
    write_dr7(0x400);
}

/* A trap comes behind each reflected instruction, as behind any. */
static void single_steps(void)
{
    interrupts_forget();
    nr_steps = 0;
    taken[1].hook = record_step;
    step_in();
    EXPECT_EQUAL(steps[0], (uint32_t)step_in_end);
    EXPECT_EQUAL(steps[1], (uint32_t)step_load_end);
    EXPECT(nr_steps >= 4);
    interrupts_forget();
}

/* --- the shadow of STI -------------------------------------------------------------------------------------------- */
static int raise_irq(uint32_t irq) { return (int)reflect_isa_irq(irq, 1); }
static int lower_irq(uint32_t irq) { return (int)reflect_isa_irq(irq, 0); }

/*
 * An interrupt of the machine's own between STI and the access is a VM exit, and QEMU 7.2's VMRUN forgets the shadow then:
 * that is rare, so one try of a few must show it kept.
 */
static void expect_shadow(void (*body)(void), const char *end)
{
    for (unsigned int tries = 0; tries < 5 && taken[VECTOR_ISA + IRQ].eip != (uint32_t)end; tries++) {
        interrupts_forget();
        EXPECT_EQUAL(in_firmware(raise_irq, IRQ), 0);
        body();
        EXPECT_EQUAL(in_firmware(lower_irq, IRQ), 0);
        EXPECT_EQUAL(taken[VECTOR_ISA + IRQ].count, 1);
    }
    EXPECT_EQUAL(taken[VECTOR_ISA + IRQ].eip, (uint32_t)end);
}

static void interrupt_shadow(void)
{
    pic_unmask(IRQ);
    interrupts_forget();
    expect_shadow(shadow_in, shadow_in_end);
    expect_shadow(shadow_load, shadow_load_end);
    pic_mask_all();
}

/* --- FPU and SSE -------------------------------------------------------------------------------------------------- */
static uint8_t other_fpu[128], own_fpu[128];
static volatile bool other_stop;

static void keep_fpu_busy(void)
{
    while (!other_stop)
        fpu_fill(other_fpu);
}

/* The firmware sleeps, so that Xen takes the processor away, and the other vCPU uses its FPU meanwhile. */
static void fpu(void)
{
    static uint8_t before[512] __attribute__((aligned(16))), after[512] __attribute__((aligned(16)));

    for (unsigned int i = 0; i < sizeof(own_fpu); i++) {
        own_fpu[i] = (uint8_t)(i + 1);
        other_fpu[i] = (uint8_t)~i;
    }
    other_stop = false;
    ap_start(keep_fpu_busy);
    fpu_fill(own_fpu);
    fpu_save(before);
    for (unsigned int i = 0; i < 3; i++) {
        inb(PORTS);
        (void)*(volatile uint8_t *)MMIO;
        in_firmware(firmware_sleep, 3000000);
    }
    fpu_save(after);
    other_stop = true;
    EXPECT(ap_wait(2000));
    EXPECT(!memcmp(before + 160, own_fpu, 128));
    EXPECT(!memcmp(before + 32, after + 32, 256));  /* ST0-7, XMM0-7 */
    EXPECT(!memcmp(before, after, 5));              /* control, status, tag */
}

const struct test_case state_cases[] = {
    { "general registers and flags", general_registers },
    { "control registers", control_registers },
    { "segments' hidden parts", segments },
    { "breakpoints", breakpoints },
    { "single steps", single_steps },
    { "shadow of sti", interrupt_shadow },
    { "FPU and SSE", fpu },
    { NULL, NULL },
};
