; SPDX-License-Identifier: LGPL-3.0-or-later
; INT 15h, AH=C2h: the PS/2 mouse, through the keyboard controller.

test_mouse:
    mov bx, 0x0300                      ; packets of three bytes
    SYSTEM 0xc205
    CHECK nc, "mouse: initialised"
    xor bx, bx
    SYSTEM 0xc201
    CHECK nc, "mouse: reset"
    cmp bx, 0x00aa
    CHECK e, "mouse: passes its test, and is a plain one"
    SYSTEM 0xc204
    cmp bh, 0
    CHECK e, "mouse: has the identity of one"
    mov bx, 0x0500
    SYSTEM 0xc202
    CHECK nc, "mouse: 100 samples a second"
    mov bx, 0x0300
    SYSTEM 0xc203
    CHECK nc, "mouse: 8 counts a millimetre"
    mov bx, 0x0200
    SYSTEM 0xc206
    CHECK nc, "mouse: scaling 2:1"
    xor bx, bx
    SYSTEM 0xc206
    CHECK nc, "mouse: status"
    cmp cl, 3
    CHECK e, "mouse: which has the resolution"
    cmp dl, 100
    CHECK e, "mouse: and the samples"
    test bl, 0x10
    CHECK nz, "mouse: and the scaling"
    mov bx, 0x0100
    SYSTEM 0xc200
    CHECK c, "mouse: not enabled without a handler"
    mov bx, .handler
    SYSTEM 0xc207
    mov bx, 0x0100
    SYSTEM 0xc200
    CHECK nc, "mouse: enabled with one"
    xor bx, bx
    SYSTEM 0xc200
    CHECK nc, "mouse: disabled"
    ret
.handler:
    retf
