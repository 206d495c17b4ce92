; SPDX-License-Identifier: LGPL-3.0-or-later
; INT 16h: the buffer, the PS/2 keyboard's identity, and keys that somebody types on the serial console.

KEY_PATIENCE equ 2000                   ; ticks: 110 s for each key

%macro KEY 1
    mov ah, %1
    int 0x16
%endmacro

test_keyboard:
    call key_flush
    KEY 0x01
    CHECK z, "INT 16h: the buffer is empty"
    mov cx, 0x1e61
    KEY 0x05
    cmp al, 0
    CHECK e, "INT 16h: a key is put into the buffer"
    KEY 0x01
    CHECK nz, "INT 16h: there is a key"
    cmp ax, 0x1e61
    CHECK e, "INT 16h: that one"
    KEY 0x11
    CHECK nz, "INT 16h: it is still there"
    KEY 0x00
    cmp ax, 0x1e61
    CHECK e, "INT 16h: it is taken"
    KEY 0x11
    CHECK z, "INT 16h: and is gone"
    mov bx, 16                          ; the buffer has room for fifteen
.fill:
    mov cx, bx
    KEY 0x05
    cmp al, 0
    jne .full
    dec bx
    jnz .fill
.full:
    cmp bx, 1
    CHECK e, "INT 16h: the buffer takes fifteen keys"
    call key_flush
    KEY 0x02
    test al, 0x0f
    CHECK z, "INT 16h: no shift key is down"
    KEY 0x09
    test al, 0x20
    CHECK nz, "INT 16h: it says that it knows 10h to 12h"
    xor bx, bx
    KEY 0x0a
    cmp bx, 0x41ab
    CHECK e, "INT 16h: the keyboard's identity, translated"

    SAY "READY for keys"
    call key_wait
    CHECK nz, "INT 16h: a key is typed"
    KEY 0x00
    cmp ax, 0x1e61
    CHECK e, "INT 16h: a"
    call key_wait
    KEY 0x00
    cmp ax, 0x2c5a
    CHECK e, "INT 16h: Z"
    call key_wait
    KEY 0x10
    cmp ax, 0x0635
    CHECK e, "INT 16h: 5"
    call key_wait
    KEY 0x10
    cmp ax, 0x1c0d
    CHECK e, "INT 16h: Enter"
    call key_wait
    KEY 0x10
    cmp ax, 0x48e0
    CHECK e, "INT 16h: the arrow up, as an extended key"
    call key_wait
    KEY 0x00
    cmp ax, 0x5000
    CHECK e, "INT 16h: the arrow down, as an old one"
    call key_wait
    KEY 0x00
    cmp ax, 0x3b00
    CHECK e, "INT 16h: F1"
    ret

; key_wait: until there is a key (ZF clear) or patience ends; one that never came is stood for by FFFFh. Clobbers EAX,
; EBX, CX.
key_wait:
    call ticks
    lea ebx, [eax + KEY_PATIENCE]
.wait:
    KEY 0x11
    jnz .end
    call ticks
    cmp eax, ebx
    jb .wait
    mov cx, 0xffff
    KEY 0x05
    xor ax, ax
.end:
    ret

key_flush:
    KEY 0x11
    jz .end
    KEY 0x10
    jmp key_flush
.end:
    ret
