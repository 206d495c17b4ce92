/* SPDX-License-Identifier: GPL-2.0-only */
/* The firmware that hvmloader carries: REFLEX_RUNTIME, REFLEX_BIOS and REFLEX_ROMS are file names, from the Makefile. */

    .section .rodata, "a", @progbits

    .balign 16
    .globl reflex_runtime, reflex_runtime_end
reflex_runtime:
    .incbin REFLEX_RUNTIME
reflex_runtime_end:

    .balign 16
    .globl reflex_bios, reflex_bios_end
reflex_bios:
    .incbin REFLEX_BIOS
reflex_bios_end:

    .balign 16
    .globl reflex_roms, reflex_roms_end
reflex_roms:
    .incbin REFLEX_ROMS
reflex_roms_end:

    .section .note.GNU-stack, "", @progbits
