; SPDX-License-Identifier: LGPL-3.0-or-later
; INT 13h on a CD: blocks of 2,048 bytes by EDD; and what El Torito says of the boot, if it was one from CD.

CD          equ 0xe0

test_cdrom:
    mov bx, 0x55aa
    CALL13 0x41, CD
    jnc .present
    SAY "SKIP INT 13h: CD: there is no drive"
    ret
.present:
    call cdrom_queries
    call cdrom_read
    cmp byte [boot_drive], CD
    jne .end
    call cdrom_boot
.end:
    ret

cdrom_queries:
    mov dl, CD
    call edd_parameters
    CHECK nc, "INT 13h: CD: EDD's parameters"
    cmp word [edd.bytes], 2048
    CHECK e, "INT 13h: CD: blocks of 2048 bytes"
    test byte [edd.flags], 0x04
    CHECK nz, "INT 13h: CD: removable"
    CALL13 0x15, CD
    cmp ah, 3
    CHECK ne, "INT 13h: CD: not a fixed disk"
    CALL13 0x08, CD
    CHECK c, "INT 13h: CD: it has no geometry"

    mov ax, 0x4500
    mov dl, CD
    int 0x13
    CHECK nc, "INT 13h: CD: locked"
    CALL13 0x46, CD
    cmp ah, 0xb1
    CHECK e, "INT 13h: CD: not ejected while it is locked"
    mov ax, 0x4501
    mov dl, CD
    int 0x13
    CHECK nc, "INT 13h: CD: unlocked"
    mov ax, 0x4502
    mov dl, CD
    int 0x13
    cmp al, 0
    CHECK e, "INT 13h: CD: is unlocked"
    ret

; Block 16 is the primary volume descriptor: a 1 and CD001. Block 17 is El Torito's if the CD boots.
cdrom_read:
    mov ax, BUFFER
    mov es, ax
    call clear_buffer
    LBA 16
    TRANSFER 0x42, 1, CD
    CHECK nc, "INT 13h: CD: a block is read"
    cmp dword [es:1], 'CD00'
    CHECK e, "INT 13h: CD: and is a volume descriptor"
    mov ebx, [es:80]                    ; the volume's size in blocks
    mov dword [es:0x801], 0
    LBA 0
    TRANSFER 0x42, 31, CD
    CHECK nc, "INT 13h: CD: 31 blocks are read"
    cmp dword [es:16 * 2048 + 1], 'CD00'
    CHECK e, "INT 13h: CD: with the volume descriptor at its place"
    cmp [es:16 * 2048 + 80], ebx
    CHECK e, "INT 13h: CD: which says the same"
    mov word [packet.buffer], 1
    call clear_buffer
    LBA 16
    TRANSFER 0x42, 1, CD
    mov word [packet.buffer], 0
    CHECK nc, "INT 13h: CD: a block is read to an odd address"
    cmp dword [es:2], 'CD00'
    CHECK e, "INT 13h: CD: the same"
    dec ebx
    LBA ebx
    TRANSFER 0x42, 1, CD
    CHECK nc, "INT 13h: CD: the volume's last block is read"
    LBA 0x7fffffff
    TRANSFER 0x42, 1, CD
    CHECK c, "INT 13h: CD: a block that is not there"
    LBA 16
    TRANSFER 0x43, 1, CD
    CHECK c, "INT 13h: CD: is not written"
    TRANSFER 0x42, 1, CD
    CHECK nc, "INT 13h: CD: the drive works after all that"
    xor ax, ax
    mov es, ax
    ret

; AX=4B01h: the specification packet, and the image that it names is this program.
cdrom_boot:
    mov byte [eltorito], 0x13
    mov ax, 0x4b01
    mov dl, CD
    mov si, eltorito
    int 0x13
    CHECK nc, "INT 13h: CD: El Torito's status"
    cmp word [eltorito + 1], CD << 8
    CHECK e, "INT 13h: CD: booted without emulation, from this drive"
    mov ebx, [eltorito + 4]
    LBA ebx
    mov ax, BUFFER
    mov es, ax
    call clear_buffer
    TRANSFER 0x42, 1, CD
    mov si, main
    mov di, main - start
    mov cx, 64
    repe cmpsb
    CHECK e, "INT 13h: CD: and the image that it names is the one that runs"
    xor ax, ax
    mov es, ax
    ret
eltorito: times 0x13 db 0
