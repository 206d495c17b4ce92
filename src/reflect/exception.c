/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "reflect/exception.h"

#include "lib/log.h"

#define GDT_FLAT_CODE    0x00cf9b000000ffffull
#define GDT_FLAT_DATA    0x00cf93000000ffffull
#define SELECTOR_CODE    0x8u
#define INTERRUPT_GATE   0x8e00u            /* present, DPL 0, 32 bits */

/* What entry.asm and the processor leave on the stack. */
struct exception_frame {
    uint32_t cr2, vector, error_code, eip, cs, eflags;
};

extern void (*const exception_entries[EXCEPTIONS])(void);
void exception_report(const struct exception_frame *frame) __attribute__((noreturn));

void exception_report(const struct exception_frame *frame)
{
    panic("exception %u, error code 0x%x, at 0x%08x (CR2 0x%08x)", frame->vector, frame->error_code, frame->eip,
          frame->cr2);
}

void exception_tables_init(struct exception_tables *tables)
{
    tables->gdt[0] = 0;
    tables->gdt[1] = GDT_FLAT_CODE;
    tables->gdt[2] = GDT_FLAT_DATA;
    for (unsigned int i = 0; i < EXCEPTIONS; i++) {
        uint32_t entry = (uint32_t)(uintptr_t)exception_entries[i];
        uint32_t high = (entry & 0xffff0000u) | INTERRUPT_GATE;

        tables->idt[i] = ((uint64_t)high << 32) | (SELECTOR_CODE << 16) | (entry & 0xffff);
    }
}
