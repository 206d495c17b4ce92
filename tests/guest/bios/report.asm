; SPDX-License-Identifier: LGPL-3.0-or-later
; Verdicts on COM1. The port is polled, not written by the BIOS, which is what is being tested.

COM1        equ 0x3f8
LSR         equ 5
SCR         equ 7
THRE        equ 0x20

; CHECK condition, what: a verdict on the processor's flags; all registers and flags stay as they are.
%macro CHECK 2+
    set%1 byte [verdict]
    call report
    db %2, 0
%endmacro

; SAY text: a line of its own.
%macro SAY 1+
    call say_inline
    db %1, 0
%endmacro

; report: [verdict] nonzero is PASS; what it is about follows the call, and execution goes on after that.
; A whole line is written with interrupts off: at each tick the BIOS may move the serial console's cursor.
report:
    pushf
    cli
    pushad
    mov bp, sp
    mov si, pass_text
    cmp byte [verdict], 0
    jne .say
    mov si, fail_text
    inc word [failures]
.say:
    call print
    mov si, [bp + 34]
    call print
    mov [bp + 34], si
    cmp byte [verdict], 0
    jne .end
    call print_registers
.end:
    mov si, line_end
    call print
    popad
    popf
    ret

; print_registers: those that pushad left at BP, and ES.
print_registers:
    mov si, register_names
    mov di, 28
.next:
    call print
    mov eax, [bp + di]
    call print_hex
    sub di, 4
    jns .next
    call print
    xor eax, eax
    mov ax, es
    jmp print_hex

say_inline:
    pushf
    cli
    pushad
    mov bp, sp
    mov si, line_end
    call print
    mov si, [bp + 34]
    call print
    mov [bp + 34], si
    mov si, line_end
    call print
    popad
    popf
    ret

result:
    cmp word [failures], 0
    jne .failure
    SAY "Test result: SUCCESS"
    ret
.failure:
    SAY "Test result: FAILURE"
    ret

; print: the string at SI; SI is after its NUL then. Clobbers EAX, DX.
print:
    lodsb
    test al, al
    jz .end
    call put
    jmp print
.end:
    ret

; print_hex: EAX. Clobbers EAX, CX, DX, and digits.
print_hex:
    push si
    push di
    mov di, digits
    call hex
    mov si, digits
    call print
    pop di
    pop si
    ret

; put: the byte in AL. A port that never becomes ready loses it. Clobbers DX.
put:
    push cx
    push ax
    mov dx, COM1 + LSR
    xor cx, cx
.wait:
    in al, dx
    test al, THRE
    loopz .wait
    pop ax
    mov dx, COM1
    out dx, al
    pop cx
    ret

; hex: EAX in eight lower case digits to [DI]. Clobbers EAX, CX; DI is after them then.
hex:
    mov cx, 8
.next:
    rol eax, 4
    push ax
    and al, 15
    cmp al, 10
    sbb al, 0x69                        ; 0..9 and 10..15 become 96h..9fh and a1h..a6h
    das                                 ; and those the digits in ASCII
    or al, 0x20
    mov [di], al
    inc di
    pop ax
    loop .next
    ret

; ticks: EAX = INT 1Ah's count since midnight, from the BIOS data area.
ticks:
    mov eax, [0x46c]
    ret

verdict:    db 0
failures:   dw 0
digits:     times 8 db 0
            db 0
line_end:   db 13, 10, 0
pass_text:  db 13, 10, "PASS ", 0
fail_text:  db 13, 10, "FAIL ", 0
register_names:
    db ": eax ", 0, " ecx ", 0, " edx ", 0, " ebx ", 0, " esp ", 0, " ebp ", 0, " esi ", 0, " edi ", 0, " es ", 0
