; SPDX-License-Identifier: LGPL-3.0-or-later
; INT 10h, as far as SeaBIOS's serial console serves it. What has to appear on the console, the scenario looks for.

%macro VIDEO 1
    mov ax, %1
    xor bx, bx
    int 0x10
%endmacro

test_video:
    mov ax, 0x0003
    int 0x10
    VIDEO 0x0f00
    cmp ax, 0x5003
    CHECK e, "INT 10h: mode 3 set, and told with its 80 columns"

    mov dx, 0x0a14
    VIDEO 0x0200
    xor dx, dx
    VIDEO 0x0300
    cmp dx, 0x0a14
    CHECK e, "INT 10h: the cursor is where it was put"

    mov cx, 0x0607
    VIDEO 0x0100
    xor cx, cx
    VIDEO 0x0300
    cmp cx, 0x0607
    CHECK e, "INT 10h: the cursor has the shape it was given"

    VIDEO 0x0e58
    VIDEO 0x0300
    cmp dx, 0x0a15
    CHECK e, "INT 10h: a character moves the cursor on"
    VIDEO 0x0e0d
    VIDEO 0x0e0a
    VIDEO 0x0300
    cmp dx, 0x0b00
    CHECK e, "INT 10h: carriage return and line feed"

    mov dx, 0x0b4f
    VIDEO 0x0200
    VIDEO 0x0e59
    VIDEO 0x0300
    cmp dx, 0x0c00
    CHECK e, "INT 10h: a line wraps"

    mov dx, 0x1800
    VIDEO 0x0200
    VIDEO 0x0e0a
    VIDEO 0x0300
    cmp dx, 0x1800
    CHECK e, "INT 10h: the screen scrolls at its last line"

    mov si, .text
.next:
    lodsb
    mov ah, 0x0e
    xor bx, bx
    int 0x10
    cmp byte [si], 0
    jne .next
    mov ax, 0x0923                      ; #, five times, in white
    mov bx, 0x0007
    mov cx, 5
    int 0x10
    mov ax, 0x0003                      ; and the cursor is back in its corner
    int 0x10
    ret
.text: db 13, 10, "INT 10h wrote this.", 13, 10, 0
