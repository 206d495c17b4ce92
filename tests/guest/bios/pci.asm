; SPDX-License-Identifier: LGPL-3.0-or-later
; INT 1Ah, AH=B1h: PCI BIOS, on the function that every Reflex domain has, the PIIX3's IDE controller.

IDE_VENDOR  equ 0x8086
IDE_DEVICE  equ 0x7010
IDE_PLACE   equ 0x0009                  ; bus 0, device 1, function 1
IDE_CLASS   equ 0x010180
MLT         equ 0x0d                    ; master latency timer: bits 7-4 can be written
BMIBA       equ 0x20                    ; bus master interface's base address: 16 ports

; PCI function, register: of the IDE controller
%macro PCI 2
    mov ax, 0xb100 | (%1)
    mov bx, IDE_PLACE
    mov di, %2
    int 0x1a
%endmacro

test_pci:
    mov ax, 0xb101
    xor edi, edi
    int 0x1a
    CHECK nc, "PCI BIOS: is there"
    cmp edx, 'PCI '
    CHECK e, "PCI BIOS: its signature"
    test al, 1
    CHECK nz, "PCI BIOS: mechanism 1"

    mov ax, 0xb102
    mov cx, IDE_DEVICE
    mov dx, IDE_VENDOR
    xor si, si
    int 0x1a
    CHECK nc, "PCI BIOS: the IDE controller is found by its name"
    cmp bx, IDE_PLACE
    CHECK e, "PCI BIOS: at its place"
    mov ax, 0xb102
    mov cx, IDE_DEVICE
    mov si, 1
    int 0x1a
    CHECK c, "PCI BIOS: there is no second"
    cmp ah, 0x86
    CHECK e, "PCI BIOS: and it says so"
    mov ax, 0xb103
    mov ecx, IDE_CLASS
    xor si, si
    int 0x1a
    CHECK nc, "PCI BIOS: the IDE controller is found by its class"
    cmp bx, IDE_PLACE
    CHECK e, "PCI BIOS: at the same place"

    PCI 0x08, 0x0b
    cmp cl, IDE_CLASS >> 16
    CHECK e, "PCI BIOS: a byte is read"
    PCI 0x09, 0x02
    cmp cx, IDE_DEVICE
    CHECK e, "PCI BIOS: a word is read"
    PCI 0x0a, 0x00
    cmp ecx, IDE_DEVICE << 16 | IDE_VENDOR
    CHECK e, "PCI BIOS: a double word is read"

    PCI 0x08, MLT
    mov [.before], cl
    mov cl, 0x5f
    PCI 0x0b, MLT
    CHECK nc, "PCI BIOS: a byte is written"
    PCI 0x08, MLT
    cmp cl, 0x50
    CHECK e, "PCI BIOS: where it can be"
    mov cl, [.before]
    PCI 0x0b, MLT

    PCI 0x0a, BMIBA
    mov [.before], ecx
    mov ecx, 0xffffffff
    PCI 0x0d, BMIBA
    CHECK nc, "PCI BIOS: a double word is written"
    PCI 0x0a, BMIBA
    and ecx, 0xffff
    cmp ecx, 0xfff1
    CHECK e, "PCI BIOS: the base address says its size"
    mov cx, 0xc001
    PCI 0x0c, BMIBA
    CHECK nc, "PCI BIOS: a word is written"
    mov ecx, [.before]
    PCI 0x0d, BMIBA
    PCI 0x0a, BMIBA
    cmp ecx, [.before]
    CHECK e, "PCI BIOS: and it is as before"
    mov ax, BUFFER
    mov es, ax
    xor di, di
    LBA 42
    TRANSFER 0x42, 8, DISK
    CHECK nc, "PCI BIOS: the bus master has followed"
    mov eax, 42
    mov cx, 8
    call is_pattern
    CHECK e, "PCI BIOS: and reads the right sectors"
    xor ax, ax
    mov es, ax
    ret
.before: dd 0
