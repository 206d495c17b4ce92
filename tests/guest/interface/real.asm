; SPDX-License-Identifier: LGPL-3.0-or-later
; Accesses from real mode: ports and, through the VGA window, memory.  Runs below 1 MiB; results are read by modes.c.

%include "tests/guest/interface/layout.inc"

%define STACK 0x6000

section .text
bits 32

; void real_run(void): from flat mode and back, interrupts off.
global real_run
real_run:
        pushad
        mov     [saved_esp], esp
        sidt    [saved_idt]
        jmp     CODE16:real16

section .low
bits 16
real16: mov     ax, DATA16
        mov     ds, ax
        mov     es, ax
        mov     ss, ax
        mov     fs, ax
        mov     gs, ax
        mov     eax, cr0
        and     al, ~1
        mov     cr0, eax
        jmp     0:.real
.real:  xor     ax, ax
        mov     ds, ax
        mov     ss, ax
        mov     sp, STACK
        call    ports
        call    strings
        call    memory
        mov     [real_registers], bx
        mov     [real_registers + 2], bp
        mov     [real_registers + 4], sp
        mov     ax, ss
        mov     [real_registers + 6], ax
        mov     eax, cr0
        or      al, 1
        mov     cr0, eax
        jmp     dword CODE32:back

; Each width out and in again.
ports:  mov     bx, 0x1234
        mov     bp, 0x5678
        mov     dx, PORTS + 0x20
        mov     eax, 0x11223344
        out     dx, eax
        in      al, dx
        mov     [real_in], al
        in      ax, dx
        mov     [real_in + 2], ax
        in      eax, dx
        mov     [real_in + 4], eax
        ret

; Ten words in, upwards, and out, downwards.
strings:
        xor     ax, ax
        mov     es, ax
        mov     di, real_words
        mov     cx, 10
        mov     dx, STREAM
        cld
        rep insw
        mov     si, real_words + 18
        mov     cx, 10
        std
        rep outsw
        cld
        mov     [real_registers + 8], si
        mov     [real_registers + 10], di
        ret

; Stores, loads, a read-modify-write, MOVS and STOS in the VGA window.
memory: mov     ax, VGA >> 4
        mov     es, ax
        mov     byte [es:0], 0x5a
        mov     word [es:2], 0x0fff
        mov     dword [es:4], 0xcafebabe
        add     word [es:2], 1
        mov     si, real_words
        mov     di, 8
        mov     cx, 5
        rep movsd
        mov     eax, 0x77777777
        mov     cx, 3
        rep stosd
        mov     eax, [es:2]
        mov     [real_in + 8], eax
        ret

global real_in, real_words, real_registers
align 4
real_in:        times 12 db 0
real_words:     times 10 dw 0
real_registers: times 6 dw 0

section .text
bits 32
back:   mov     eax, DATA32
        mov     ds, eax
        mov     es, eax
        mov     fs, eax
        mov     gs, eax
        mov     ss, eax
        mov     esp, [saved_esp]
        lidt    [saved_idt]
        popad
        ret

section .bss
saved_esp: resd 1
saved_idt: resb 6

section .note.GNU-stack noalloc noexec nowrite progbits
