; SPDX-License-Identifier: LGPL-3.0-or-later
;
; Instructions whose surroundings C cannot see: with every register known before and after, and right behind STI.
; 32-bit code; all modes but real mode and 64-bit mode run it (those have real.asm and long.asm).

bits 32

%include "tests/guest/interface/layout.inc"

section .text

; void registers_run(void (*body)(void)): loads registers_in, calls body, stores registers_out.  struct registers:
; EAX, ECX, EDX, EBX, EBP, ESI, EDI, EFLAGS.
global registers_run
registers_run:
        mov     eax, [esp + 4]
        pushad
        pushfd
        mov     [body], eax
        push    dword [registers_in + 28]
        popfd
        mov     eax, [registers_in]
        mov     ecx, [registers_in + 4]
        mov     edx, [registers_in + 8]
        mov     ebx, [registers_in + 12]
        mov     ebp, [registers_in + 16]
        mov     esi, [registers_in + 20]
        mov     edi, [registers_in + 24]
        call    [body]
        mov     [registers_out], eax
        mov     [registers_out + 4], ecx
        mov     [registers_out + 8], edx
        mov     [registers_out + 12], ebx
        mov     [registers_out + 16], ebp
        mov     [registers_out + 20], esi
        mov     [registers_out + 24], edi
        pushfd
        pop     dword [registers_out + 28]
        popfd
        popad
        ret

; Bodies.  DX is the port.
global body_in, body_out, body_load, body_store
body_in:
        in      al, dx
        ret
body_out:
        out     dx, ax
        ret
body_load:
        mov     ecx, [MMIO + 0x10]
        ret
body_store:
        mov     [MMIO + 0x10], ebx
        ret

; ES and FS are loaded from TEST, whose descriptor then goes away: what counts is the processor's hidden copy.
; Out: ESI, EDI what is at offset 0 and 4 of them; ECX, EBX their selectors.
global body_segments
body_segments:
        push    es
        push    fs
        mov     ecx, TEST
        mov     es, ecx
        mov     fs, ecx
        mov     dword [gdt + TEST], 0
        mov     dword [gdt + TEST + 4], 0
        in      al, dx
        mov     bl, [MMIO]
        mov     esi, [es:0]
        mov     edi, [fs:4]
        mov     ecx, es
        mov     ebx, fs
        pop     fs
        pop     es
        ret
extern gdt

; The interrupt that is pending may come only behind the instruction after STI.
global shadow_in, shadow_in_end, shadow_load, shadow_load_end
shadow_in:
        mov     edx, PORTS
        sti
        in      al, dx
shadow_in_end:
        cli
        ret
shadow_load:
        sti
        mov     eax, [MMIO]
shadow_load_end:
        cli
        ret

; Single steps: one trap behind each instruction from the one after POPFD on.
global step_in, step_in_end
step_in:
        mov     edx, PORTS
        pushfd
        or      dword [esp], 0x100
        popfd
        in      al, dx
step_in_end:
        mov     ecx, [MMIO]
global step_load_end
step_load_end:
        pushfd
        and     dword [esp], ~0x100
        popfd
        ret

; void fpu_fill(const void *values_of_128_bytes): XMM0-7, and ST0-1.
global fpu_fill
fpu_fill:
        mov     eax, [esp + 4]
        fninit
        fldpi
        fldl2e
%assign n 0
%rep 8
        movups  xmm%+n, [eax + 16 * n]
  %assign n n+1
%endrep
        ret

; void fpu_save(void *area): FXSAVE, 512 bytes on a 16-byte boundary.
global fpu_save
fpu_save:
        mov     eax, [esp + 4]
        fxsave  [eax]
        ret

section .data
global registers_in, registers_out
align 4
registers_in:   times 8 dd 0
registers_out:  times 8 dd 0
body:           dd 0

section .note.GNU-stack noalloc noexec nowrite progbits
