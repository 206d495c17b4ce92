; SPDX-License-Identifier: LGPL-3.0-or-later
; INT 14h on COM1, which is the console: bytes go round in the UART's loopback, with interrupts off, for at each tick
; the BIOS takes what has arrived as keys.

MCR         equ 4
LOOPBACK    equ 0x10

%macro SERIAL 1
    mov ax, %1
    xor dx, dx
    int 0x14
%endmacro

test_serial:
    cmp word [0x400], COM1
    CHECK e, "INT 14h: COM1 is in the BIOS data area"
    cli
    SERIAL 0x00e3                       ; 9600 8N1
    and ah, 0x60
    cmp ah, 0x60
    CHECK e, "INT 14h: initialised, and ready to send"
    mov dx, COM1 + MCR
    in al, dx
    push ax
    or al, LOOPBACK
    out dx, al
    SERIAL 0x0155
    mov bl, ah
    SERIAL 0x0300
    mov bh, ah
    SERIAL 0x0200
    mov cx, ax
    mov dx, COM1 + MCR
    pop ax
    out dx, al
    sti
    test bl, 0x80
    CHECK z, "INT 14h: a byte is sent"
    test bh, 0x01
    CHECK nz, "INT 14h: the status says that it has come"
    cmp cl, 0x55
    CHECK e, "INT 14h: and it is received"
    test ch, 0x80
    CHECK z, "INT 14h: in time"
    SERIAL 0x0300
    test ah, 0x1e
    CHECK z, "INT 14h: without an error"
    ret
