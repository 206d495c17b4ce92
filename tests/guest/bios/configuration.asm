; SPDX-License-Identifier: LGPL-3.0-or-later
; INT 11h and 12h: equipment and conventional memory.

EQUIPMENT_FPU       equ 0x0002
EQUIPMENT_MOUSE     equ 0x0004
EQUIPMENT_SERIAL    equ 0x0e00

test_configuration:
    int 0x11
    cmp ax, [0x410]
    CHECK e, "INT 11h: as in the BIOS data area"
    test ax, EQUIPMENT_FPU
    CHECK nz, "INT 11h: a coprocessor"
    test ax, EQUIPMENT_MOUSE
    CHECK nz, "INT 11h: a pointing device"
    and ax, EQUIPMENT_SERIAL
    cmp ax, 0x0200
    CHECK ae, "INT 11h: a serial port"

    int 0x12
    cmp ax, [0x413]
    CHECK e, "INT 12h: as in the BIOS data area"
    cmp ax, 600
    CHECK ae, "INT 12h: 600 KiB or more"
    cmp ax, 640
    CHECK be, "INT 12h: 640 KiB or less"
    movzx eax, ax                       ; the EBDA is what is missing
    shl eax, 6
    cmp ax, [0x40e]
    CHECK e, "INT 12h: the extended BIOS data area begins there"
    ret
