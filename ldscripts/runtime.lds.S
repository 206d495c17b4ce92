/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The runtime as hvmloader copies it: the header first (src/image/image.h), .bss last and not in the file. */
#include "ldscripts/memory_map.h"

OUTPUT_FORMAT(elf32-i386)
ENTRY(reflex_start)

SECTIONS
{
    . = RUNTIME_BASE;
    .image   : { KEEP(*(.image)) }
    .text    : { *(.text .text.*) }
    .rodata  : { *(.rodata .rodata.*) }
    .data    : { *(.data .data.*) }
    image_end = .;
    .bss     : { *(.bss .bss.*) *(COMMON) }
    . = ALIGN(4096);
    runtime_end = .;

    /DISCARD/ : { *(.comment) *(.note*) *(.eh_frame*) }

    ASSERT(runtime_end <= RUNTIME_GRANTS, "the runtime no longer fits below its grant frames: see memory_map.h")
    ASSERT(RUNTIME_STACKS - RUNTIME_GRANTS == GRANT_FRAMES * 4096, "memory_map.h: grant frames")
    ASSERT(RUNTIME_STACKS + 128 * RUNTIME_STACK_BYTES <= RUNTIME_BASE + RUNTIME_WINDOW, "memory_map.h: stacks")
}
