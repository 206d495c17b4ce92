/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "machine.h"

#include "firmware.h"
#include "hypercalls.h"
#include "lib/string.h"
#include "test.h"

#define CR0_PG      0x80000000u
#define CR4_PSE     0x010u
#define CR4_PAE     0x020u
#define CR4_OSFXSR  0x200u
#define MSR_EFER    0xc0000080u
#define EFER_LME    0x100u

#define PTE_PRESENT 0x001u
#define PTE_WRITE   0x002u
#define PTE_LARGE   0x080u

#define LAPIC       0xfee00000u
#define LAPIC_EOI   0x0b0u
#define LAPIC_SVR   0x0f0u
#define LAPIC_ICR   0x300u
#define LAPIC_ICR2  0x310u
#define LAPIC_LVT0  0x350u

#define PIC1        0x20
#define PIC2        0xa0
#define PIT_HZ      1193182u

extern void (*const interrupt_entries[2][256])(void);

const char *const mode_names[MODES] = { "flat", "4 MiB pages", "PAE", "long" };
struct taken taken[256];

static uint32_t pse_directory[1024] __attribute__((aligned(4096))), pse_table[1024] __attribute__((aligned(4096)));
static uint64_t pml4[512] __attribute__((aligned(4096))), pdpt[512] __attribute__((aligned(4096)));
static uint64_t pae_directories[4][512] __attribute__((aligned(4096))), pae_table[512] __attribute__((aligned(4096)));
static uint64_t idt32[256], idt64[256][2];

static void wrmsr(uint32_t msr, uint64_t value)
{
    __asm__ volatile("wrmsr" :: "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)) : "memory");
}

static uint64_t rdmsr(uint32_t msr)
{
    uint64_t value;

    __asm__ volatile("rdmsr" : "=A"(value) : "c"(msr));
    return value;
}

/* --- paging ------------------------------------------------------------------------------------------------------- */
uint32_t pse_tables(void)
{
    for (uint32_t i = 0; i < 1024; i++)
        pse_directory[i] = i << 22 | PTE_LARGE | PTE_WRITE | PTE_PRESENT;
    pse_directory[ALIAS >> 22] = (uint32_t)pse_table | PTE_WRITE | PTE_PRESENT;
    return (uint32_t)pse_directory;
}

static uint32_t pae_tables(bool long_mode)
{
    for (uint32_t i = 0; i < 4 * 512; i++)
        pae_directories[i / 512][i % 512] = (uint64_t)i << 21 | PTE_LARGE | PTE_WRITE | PTE_PRESENT;
    pae_directories[ALIAS >> 30][ALIAS >> 21 & 511] = (uint32_t)pae_table | PTE_WRITE | PTE_PRESENT;
    for (uint32_t i = 0; i < 4; i++)
        pdpt[i] = (uint32_t)pae_directories[i] | PTE_PRESENT | (long_mode ? PTE_WRITE : 0);
    pml4[0] = (uint32_t)pdpt | PTE_WRITE | PTE_PRESENT;
    return long_mode ? (uint32_t)pml4 : (uint32_t)pdpt;
}

void alias_set(unsigned int page, uint64_t address)
{
    pse_table[page] = (uint32_t)address | PTE_WRITE | PTE_PRESENT;
    pae_table[page] = address | PTE_WRITE | PTE_PRESENT;
    __asm__ volatile("invlpg (%0)" :: "r"(ALIAS + page * XEN_PAGE_SIZE) : "memory");
}

/* --- interrupts --------------------------------------------------------------------------------------------------- */
static void load_idt(bool long_mode)
{
    struct { uint16_t limit; uint32_t base; } __attribute__((packed)) pointer;

    for (unsigned int i = 0; i < 256; i++) {
        uint32_t a = (uint32_t)interrupt_entries[0][i], b = (uint32_t)interrupt_entries[1][i];

        idt32[i] = (uint64_t)(a & 0xffff0000) << 32 | 0x8e0000000000 | CODE32 << 16 | (a & 0xffff);
        idt64[i][0] = (uint64_t)(b & 0xffff0000) << 32 | 0x8e0000000000 | 0x18 << 16 | (b & 0xffff);
        idt64[i][1] = 0;
    }
    pointer.limit = long_mode ? sizeof(idt64) - 1 : sizeof(idt32) - 1;
    pointer.base = long_mode ? (uint32_t)idt64 : (uint32_t)idt32;
    __asm__ volatile("lidt %0" :: "m"(pointer));
}

/*
 * The code is the same in all of them: long mode runs it in compatibility mode.  EFER.LME goes before CR4.PAE: with LME
 * set, PAE clear and paging off, a VM exit leaves QEMU 7.2's processor in the hypervisor without paging.
 */
void mode_set(enum mode mode)
{
    static const uint32_t cr4[MODES] = { 0, CR4_PSE, CR4_PAE, CR4_PAE };
    uint32_t cr3 = mode == MODE_PSE ? pse_tables() : pae_tables(mode == MODE_LONG);

    write_cr0(0x33);                    /* PE, MP, ET, NE */
    wrmsr(MSR_EFER, rdmsr(MSR_EFER) & ~(uint64_t)EFER_LME);
    write_cr4(cr4[mode] | CR4_OSFXSR);
    write_cr3(cr3);
    if (mode == MODE_LONG)
        wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_LME);
    load_idt(mode == MODE_LONG);
    if (mode != MODE_FLAT)
        write_cr0(read_cr0() | CR0_PG);
}

static void lapic_write(uint32_t reg, uint32_t value)
{
    *(volatile uint32_t *)(LAPIC + reg) = value;
}

static void acknowledge(uint32_t vector)
{
    if (vector >= VECTOR_ISA + 8 && vector < VECTOR_ISA + 16)
        outb(PIC2, 0x20);
    if (vector >= VECTOR_ISA && vector < VECTOR_ISA + 16)
        outb(PIC1, 0x20);
    else if (vector >= 32 && vector != VECTOR_SPURIOUS)
        lapic_write(LAPIC_EOI, 0);
}

void interrupt(uint32_t vector, uint32_t error, uint32_t eip);
void interrupt(uint32_t vector, uint32_t error, uint32_t eip)
{
    struct taken *t = &taken[vector];

    if (vector < 32 && vector != 1)
        give_up("vCPU %u: exception %u, error %x, at %x, cr2 %x", this_vcpu(), vector, error, eip, ({
            uint32_t cr2; __asm__("mov %%cr2, %0" : "=r"(cr2)); cr2; }));
    t->count++;
    t->eip = eip;
    t->in_firmware += firmware.running[this_vcpu()];
    if (t->hook)
        t->hook();
    acknowledge(vector);
}

void interrupts_forget(void)
{
    memset(taken, 0, sizeof(taken));
}

void pic_mask_all(void)
{
    outb(PIC1 + 1, 0xff);
    outb(PIC2 + 1, 0xff);
}

void pic_unmask(unsigned int irq)
{
    if (irq >= 8) {
        outb(PIC2 + 1, (uint8_t)(inb(PIC2 + 1) & ~(1u << (irq - 8))));
        irq = 2;
    }
    outb(PIC1 + 1, (uint8_t)(inb(PIC1 + 1) & ~(1u << irq)));
}

static void pic_init(uint8_t base, uint8_t vector, uint8_t cascade)
{
    outb(base, 0x11);
    outb(base + 1, vector);
    outb(base + 1, cascade);
    outb(base + 1, 0x01);
}

void interrupts_init(void)
{
    if (this_vcpu() == 0) {
        pic_init(PIC1, VECTOR_ISA, 4);
        pic_init(PIC2, VECTOR_ISA + 8, 2);
        pic_mask_all();
    }
    lapic_write(LAPIC_SVR, 0x100 | VECTOR_SPURIOUS);
    lapic_write(LAPIC_LVT0, this_vcpu() == 0 ? 0x700 : 0x10700);
}

void timer_start(unsigned int hertz)
{
    uint32_t divisor = hertz ? PIT_HZ / hertz : 0;

    outb(0x43, hertz ? 0x34 : 0x30);    /* mode 2; or mode 0, which ends */
    outb(0x40, (uint8_t)divisor);
    outb(0x40, (uint8_t)(divisor >> 8));
}

static void send_ipi(unsigned int vcpu, uint32_t command)
{
    lapic_write(LAPIC_ICR2, vcpu << 25);
    lapic_write(LAPIC_ICR, command);
}

void send_init(unsigned int vcpu) { send_ipi(vcpu, 0x4500); }
void send_sipi(unsigned int vcpu) { send_ipi(vcpu, 0x4606); }
