; SPDX-License-Identifier: LGPL-3.0-or-later
;
; Where the domain builder and SIPI enter, the descriptors, and what a processor finds at its interrupts.

bits 32

%include "tests/guest/interface/layout.inc"

extern main
extern ap_main
extern interrupt                        ; void interrupt(uint32_t vector, uint32_t error, uint32_t eip)
extern low_image
extern low_start
extern low_end

; Clobbers EAX.
%macro load_segments 0
        mov     eax, DATA32
        mov     ds, eax
        mov     es, eax
        mov     fs, eax
        mov     gs, eax
        mov     ss, eax
%endmacro

section .text

; In: flat 32-bit protected mode, paging off, EBX = struct hvm_start_info.
global _start
_start:
        cld
        lgdt    [gdt_pointer]
        jmp     CODE32:.flat
.flat:
        load_segments
        mov     esp, boot_stack.top
        mov     esi, low_image
        mov     edi, low_start
        mov     ecx, low_end
        sub     ecx, edi
        rep movsb
        push    ebx
        call    main
        ud2

; The second processor comes here from ap_real, each time anew.
ap_flat:
        load_segments
        mov     esp, ap_stack.top
        call    ap_main
        ud2

; --- interrupts: a stub for each vector makes those with and without an error code alike ------------------------
%macro error_or_zero 1
  %if %1 != 8 && (%1 < 10 || %1 > 14) && %1 != 17 && %1 != 21
        push    0
  %endif
%endmacro

%assign vector 0
%rep 256
interrupt32_%+vector:
        error_or_zero vector
        push    dword vector
        jmp     common32
  %assign vector vector+1
%endrep

common32:
        pushad
        mov     eax, [esp + 32]
        mov     ecx, [esp + 36]
        mov     edx, [esp + 40]
        call    call_interrupt
        popad
        add     esp, 8
        iretd

; In: EAX vector, ECX error, EDX where.
call_interrupt:
        cld
        push    edx
        push    ecx
        push    eax
        call    interrupt
        add     esp, 12
        ret

; Long mode enters here in 64-bit mode; the C code runs in compatibility mode.
call_interrupt_far:
        call    call_interrupt
        retf

bits 64
%assign vector 0
%rep 256
interrupt64_%+vector:
        error_or_zero vector
        push    vector
        jmp     common64
  %assign vector vector+1
%endrep


common64:
%assign n 0
%rep 15
  %define reg_0 rax
  %define reg_1 rcx
  %define reg_2 rdx
  %define reg_3 rbx
  %define reg_4 rbp
  %define reg_5 rsi
  %define reg_6 rdi
  %define reg_7 r8
  %define reg_8 r9
  %define reg_9 r10
  %define reg_10 r11
  %define reg_11 r12
  %define reg_12 r13
  %define reg_13 r14
  %define reg_14 r15
        push    reg_%+n
  %assign n n+1
%endrep
        mov     eax, [rsp + 15 * 8]
        mov     ecx, [rsp + 16 * 8]
        mov     edx, [rsp + 17 * 8]
        call    far dword [abs interrupt_pointer] ; 16:32: not every processor knows 16:64
%assign n 14
%rep 15
        pop     reg_%+n
  %assign n n-1
%endrep
        add     rsp, 16
        iretq

bits 32
section .rodata

interrupt_pointer:
        dd      call_interrupt_far
        dw      CODE32

; void (*const interrupt_entries[2][256])(void): of 32-bit mode, of long mode.
global interrupt_entries
interrupt_entries:
%assign vector 0
%rep 256
        dd      interrupt32_%+vector
  %assign vector vector+1
%endrep
%assign vector 0
%rep 256
        dd      interrupt64_%+vector
  %assign vector vector+1
%endrep

section .data

align 8
global gdt
gdt:    dq      0
        dq      0x00cf9b000000ffff      ; CODE32
        dq      0x00cf93000000ffff      ; DATA32
        dq      0x00af9b000000ffff      ; CODE64
        dq      0x00009b000000ffff      ; CODE16
        dq      0x000093000000ffff      ; DATA16
        dq      0                       ; TEST, filled as a test needs it
.end:
gdt_pointer:
        dw      gdt.end - gdt - 1
        dd      gdt

section .low
bits 16
; SIPI: real mode, CS = 0x600, IP = 0.
ap_real:
        cli
        xor     ax, ax
        mov     ds, ax
        lgdt    [low_gdt_pointer]
        mov     eax, cr0
        or      al, 1
        mov     cr0, eax
        jmp     dword CODE32:ap_flat
low_gdt_pointer:
        dw      gdt.end - gdt - 1
        dd      gdt

section .bss
align 16
boot_stack:
        resb    0x4000
.top:
ap_stack:
        resb    0x4000
.top:

section .note.GNU-stack noalloc noexec nowrite progbits
