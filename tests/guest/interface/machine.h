/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The processor, and the PC's interrupt controllers and timer, which Xen emulates itself. */
#ifndef INTERFACE_MACHINE_H
#define INTERFACE_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

enum mode { MODE_FLAT, MODE_PSE, MODE_PAE, MODE_LONG, MODES };
extern const char *const mode_names[MODES];

/* Selectors of start.asm. */
#define CODE32 0x08
#define DATA32 0x10
#define TEST   0x30
extern uint64_t gdt[];

/* Interrupt vectors: ISA interrupts at 0x20, messages from 0x30 on, 0xff spurious. */
#define VECTOR_ISA      0x20
#define VECTOR_FREE     0x60
#define VECTOR_SPURIOUS 0xff

#define PORT_IO(suffix, type)                                                                  \
    static inline type in##suffix(uint16_t port)                                              \
    {                                                                                          \
        type value;                                                                            \
        __asm__ volatile("in %1, %0" : "=a"(value) : "Nd"(port) : "memory");                  \
        return value;                                                                          \
    }                                                                                          \
    static inline void out##suffix(uint16_t port, type value)                                 \
    {                                                                                          \
        __asm__ volatile("out %0, %1" :: "a"(value), "Nd"(port) : "memory");                  \
    }
PORT_IO(b, uint8_t)
PORT_IO(w, uint16_t)
PORT_IO(l, uint32_t)
#undef PORT_IO

#define CONTROL_REGISTER(name)                                                                 \
    static inline uint32_t read_##name(void)                                                  \
    {                                                                                          \
        uint32_t value;                                                                        \
        __asm__ volatile("mov %%" #name ", %0" : "=r"(value) :: "memory");                    \
        return value;                                                                          \
    }                                                                                          \
    static inline void write_##name(uint32_t value)                                           \
    {                                                                                          \
        __asm__ volatile("mov %0, %%" #name :: "r"(value) : "memory");                        \
    }
CONTROL_REGISTER(cr0)
CONTROL_REGISTER(cr3)
CONTROL_REGISTER(cr4)
CONTROL_REGISTER(dr0)
CONTROL_REGISTER(dr1)
CONTROL_REGISTER(dr7)
#undef CONTROL_REGISTER

static inline void interrupts_on(void) { __asm__ volatile("sti" ::: "memory"); }
static inline void interrupts_off(void) { __asm__ volatile("cli" ::: "memory"); }
static inline void halt(void) { __asm__ volatile("sti; hlt; cli" ::: "memory"); }
static inline void relax(void) { __asm__ volatile("pause" ::: "memory"); }

/* False: the laboratory cannot run it. */
bool mode_works(enum mode mode);
/* Of this vCPU: page tables, control registers, interrupt table. */
void mode_set(enum mode mode);
/* In every mode with paging, ALIAS is a window of ALIAS_PAGES pages to whichever physical pages (not in MODE_PSE: above
 * 4 GiB) a test wants next to each other; everything else below 4 GiB is mapped to itself. */
#define ALIAS       0x40000000u
#define ALIAS_PAGES 8
void alias_set(unsigned int page, uint64_t address);
/* Page directory of MODE_PSE. */
uint32_t pse_tables(void);

/* Both interrupt controllers masked, the local APIC of this vCPU open to them. */
void interrupts_init(void);
void pic_unmask(unsigned int irq);
void pic_mask_all(void);
/* 0: off. */
void timer_start(unsigned int hertz);

/* What has been taken on each vector since interrupts_forget(), and where the last one interrupted. */
struct taken {
    volatile uint32_t count, eip, in_firmware;
    void (*hook)(void);                 /* called before the interrupt is acknowledged */
};
extern struct taken taken[256];
void interrupts_forget(void);

/* INIT and SIPI to the other vCPU, which then runs ap_main(). */
void send_init(unsigned int vcpu);
void send_sipi(unsigned int vcpu);

#endif
