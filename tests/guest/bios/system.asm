; SPDX-License-Identifier: LGPL-3.0-or-later
; INT 15h: A20, waiting, moving memory, tables.

SYSTEM_WAIT equ 200000                  ; microseconds: 3.6 ticks

%macro SYSTEM 1
    mov ax, %1
    int 0x15
%endmacro

test_system:
    SYSTEM 0x2403
    CHECK nc, "INT 15h: A20 support"
    test bx, 3
    CHECK nz, "INT 15h: by the keyboard controller or port 92h"
    SYSTEM 0x2400
    CHECK nc, "INT 15h: A20 off"
    SYSTEM 0x2402
    cmp al, 0
    CHECK e, "INT 15h: A20 is off"
    SYSTEM 0x2401
    CHECK nc, "INT 15h: A20 on"
    SYSTEM 0x2402
    cmp al, 1
    CHECK e, "INT 15h: A20 is on"

    SYSTEM 0x4f1e
    CHECK c, "INT 15h: a key is let through"
    cmp al, 0x1e
    CHECK e, "INT 15h: as it is"
    SYSTEM 0xc000
    CHECK nc, "INT 15h: configuration table"
    cmp byte [es:bx + 2], 0xfc
    CHECK e, "INT 15h: an AT"
    SYSTEM 0xc100
    mov cx, es
    cmp cx, [0x40e]
    CHECK e, "INT 15h: the extended BIOS data area as in the other"
    xor bx, bx
    mov es, bx
    SYSTEM 0x5300
    CHECK nc, "INT 15h: APM is there"
    cmp bx, 'MP'
    CHECK e, "INT 15h: with its signature"
    SYSTEM 0xd800
    CHECK c, "INT 15h: what is not there says so"

    call ticks
    mov ebx, eax
    mov cx, SYSTEM_WAIT >> 16
    mov dx, SYSTEM_WAIT & 0xffff
    SYSTEM 0x8600
    CHECK nc, "INT 15h: a wait of 200 ms"
    call ticks
    sub eax, ebx
    cmp eax, 3
    CHECK ae, "INT 15h: takes that time"

; A block goes to 2 MiB and comes back.
    mov ax, BUFFER
    mov es, ax
    xor di, di
    mov eax, 0x12345
    call make_written
    push es
    push 0
    pop es
    mov si, .up
    mov cx, 256
    mov ah, 0x87
    int 0x15
    pop es
    CHECK nc, "INT 15h: a block goes to high memory"
    call clear_buffer
    push es
    push 0
    pop es
    mov si, .down
    mov cx, 256
    mov ah, 0x87
    int 0x15
    pop es
    CHECK nc, "INT 15h: and back"
    mov eax, 0x12345
    call is_written
    CHECK e, "INT 15h: and is the same"
    xor ax, ax
    mov es, ax
    ret

; Descriptors: none, the GDT's, source, destination, code, stack; the BIOS fills in the rest
.up:
    times 2 dq 0
    dw 0xffff, (BUFFER << 4) & 0xffff, 0x9300 | (BUFFER >> 12), 0
    dw 0xffff, 0x0000, 0x9320, 0
    times 2 dq 0
.down:
    times 2 dq 0
    dw 0xffff, 0x0000, 0x9320, 0
    dw 0xffff, (BUFFER << 4) & 0xffff, 0x9300 | (BUFFER >> 12), 0
    times 2 dq 0
