; SPDX-License-Identifier: LGPL-3.0-or-later
; 64-bit code, called from compatibility mode by a far call; addresses are below 4 GiB.

%include "tests/guest/interface/layout.inc"

section .text
bits 32

; void long_run(void): accesses with all sixteen registers known; long_in, long_out of modes.c.
global long_run
long_run:
        pushad
        call    CODE64:accesses
        popad
        ret

; void long_hypercall(struct { uint64_t entry, a[5], result; } *): any hypercall with 64-bit arguments.
global long_hypercall
long_hypercall:
        mov     eax, [esp + 4]
        pushad
        call    CODE64:hypercall
        popad
        ret

bits 64
%macro for_each_register 1
  %assign n 0
  %rep 14
    %define reg_0 rbx
    %define reg_1 rcx
    %define reg_2 rdx
    %define reg_3 rbp
    %define reg_4 rsi
    %define reg_5 rdi
    %define reg_6 r8
    %define reg_7 r9
    %define reg_8 r10
    %define reg_9 r11
    %define reg_10 r12
    %define reg_11 r13
    %define reg_12 r14
    %define reg_13 r15
        %1 reg_%+n, n
    %assign n n+1
  %endrep
%endmacro
%macro load 2
        mov     %1, [abs long_in + 8 * %2]
%endmacro
%macro store 2
        mov     [abs long_out + 8 * %2], %1
%endmacro

; RDX of long_in is a port, RSI an address in the MMIO range.  RAX: what was read.
accesses:
        cld
        for_each_register load
        mov     rax, 0x8877665544332211
        in      al, dx
        mov     [abs long_rax], rax
        mov     [rsi], r15
        mov     rax, [rsi]
        add     qword [rsi + 8], r14
        movdqu  xmm0, [abs long_in + 8 * 6]
        movdqu  [rsi + 16], xmm0
        push    qword [rsi]
        pop     qword [rsi + 32]
        in      eax, dx
        mov     [abs long_rax + 8], rax
        for_each_register store
        mov     edi, esi
        add     edi, 0x100
        mov     esi, long_in
        mov     ecx, 14
        rep movsq
        retf

hypercall:
        push    rax
        mov     rdi, [rax + 8]
        mov     rsi, [rax + 16]
        mov     rdx, [rax + 24]
        mov     r10, [rax + 32]
        mov     r8, [rax + 40]
        mov     rax, [rax]
        call    rax
        pop     rcx
        mov     [rcx + 48], rax
        retf

bits 32
section .data
global long_in, long_out, long_rax
align 16
long_in:  times 14 dq 0
long_out: times 14 dq 0
long_rax: times 2 dq 0

section .note.GNU-stack noalloc noexec nowrite progbits
