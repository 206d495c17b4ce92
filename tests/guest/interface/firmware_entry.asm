; SPDX-License-Identifier: LGPL-3.0-or-later
;
; Where Xen enters the test firmware.  In: the registers of reflect_op.h, "On entry".  Out: never.

bits 32

%define HYPERVISOR_reflect_op   50
%define REFLECT_resume          4
%define HYPERCALL_STUB_BYTES    32

extern hypercall_page
extern firmware_serve                   ; uint64_t firmware_serve(const struct entry *)

section .text

global firmware_entry
firmware_entry:
        pushfd                          ; struct entry (firmware.h), last member first
        push    esp
        push    ebp
        push    edi
        push    esi
        push    edx
        push    ecx
        push    ebx
        push    eax
        push    esp
        call    firmware_serve
        mov     ecx, eax
        mov     ebx, REFLECT_resume
        mov     eax, HYPERVISOR_reflect_op
        call    hypercall_page + HYPERVISOR_reflect_op * HYPERCALL_STUB_BYTES
        ud2                             ; Xen has refused to resume

; The ways of a firmware that misbehaves.
global firmware_undefined
firmware_undefined:
        ud2

; Returns with paging on, and with another stack, code segment and descriptor table than it was given.
global firmware_resume_paged
firmware_resume_paged:                  ; void (uint32_t cr3): 4 MiB pages
        mov     eax, [esp + 4]
        mov     cr3, eax
        mov     eax, cr4
        or      eax, 0x10
        mov     cr4, eax
        mov     eax, cr0
        or      eax, 0x80000000
        mov     cr0, eax
        ret

global firmware_lose_stack
firmware_lose_stack:
        mov     esp, 0xdffffffc         ; no memory there
        push    eax
        ud2

section .note.GNU-stack noalloc noexec nowrite progbits
