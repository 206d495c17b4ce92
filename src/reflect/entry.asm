; SPDX-License-Identifier: LGPL-3.0-or-later
;
; Where Xen enters the firmware, and the ways out.  Everything here runs in 32-bit protected mode, paging off,
; interrupts off, flat segments (CS 0x8, others 0x10), on the stack of the vCPU that was given to XEN_REFLECT_setup.
; Nothing is kept on that stack from one entry to the next.

bits 32

%define HYPERVISOR_reflect_op   50      ; public/hvm/reflect_op.h
%define REFLECT_resume          4
%define HYPERCALL_STUB_BYTES    32
%define EXCEPTIONS              32

extern reflect_serve                    ; uint64_t reflect_serve(const struct reflection *)
extern hypercall_page
extern exception_report                 ; does not return

section .text

; In: the registers of reflect_op.h, "On entry".  Out: never; XEN_REFLECT_resume gives the vCPU back to the guest,
; whose registers Xen keeps, so nothing needs to be saved here.
global reflect_entry
reflect_entry:
        push    ebp                     ; struct reflection (dispatch.h), last member first
        push    edi
        push    esi
        push    edx
        push    ecx
        push    ebx
        push    eax
        push    esp                     ; its address: the value before the push
        call    reflect_serve
        mov     ecx, eax                ; data, low and high (EDX has it already)
        mov     ebx, REFLECT_resume
        mov     eax, HYPERVISOR_reflect_op
        call    hypercall_page + HYPERVISOR_reflect_op * HYPERCALL_STUB_BYTES
        ud2                             ; Xen has refused to resume: the exception says where

; Exceptions 0-31.  The processor has pushed EFLAGS, CS, EIP and for some vectors an error code; the stubs make the
; two cases alike.  In: nothing else.  Out: never.
%assign vector 0
%rep EXCEPTIONS
exception_%+vector:
  %if vector != 8 && (vector < 10 || vector > 14) && vector != 17 && vector != 21
        push    0
  %endif
        push    vector
        jmp     exception_common
  %assign vector vector+1
%endrep

exception_common:
        mov     eax, cr2
        push    eax
        push    esp                     ; const struct exception_frame *
        call    exception_report
        ud2

section .rodata

; void (*const exception_entries[EXCEPTIONS])(void)
global exception_entries
exception_entries:
%assign vector 0
%rep EXCEPTIONS
        dd      exception_%+vector
  %assign vector vector+1
%endrep

section .note.GNU-stack noalloc noexec nowrite progbits
