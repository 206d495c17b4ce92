/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* An exception in the firmware is a broken invariant of ours: it ends the domain with a message. */
#ifndef REFLEX_REFLECT_EXCEPTION_H
#define REFLEX_REFLECT_EXCEPTION_H

#include <stdint.h>

#define EXCEPTIONS   32
#define GDT_ENTRIES  3                      /* null, flat code (0x8), flat data (0x10) */

/* The tables that Xen loads with every entry (Intel SDM volume 3, 3.4.5 and 6.11). */
struct exception_tables {
    uint64_t gdt[GDT_ENTRIES];
    uint64_t idt[EXCEPTIONS];
};

void exception_tables_init(struct exception_tables *tables);

#endif
