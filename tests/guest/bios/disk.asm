; SPDX-License-Identifier: LGPL-3.0-or-later
; INT 13h on disks. Drive 81h is read and written, 82h is larger than 28 bits count; see bios.asm for what they hold.
; Written are the sectors CHS_SECTOR, EDD_SECTOR and the two after it, and the last one.

DISK        equ 0x81
LARGE       equ 0x82
ABSENT      equ 0x8f
CHS_SECTOR  equ 12345
EDD_SECTOR  equ 20000
READS       equ 16
COUNT_BEGIN equ 0xa5
COUNT_END   equ 0x5a

; TRANSFER function, sectors, drive: one of the functions that take a disk address packet, whose LBA is set.
%macro TRANSFER 3
    mov word [packet.sectors], %2
    mov ah, %1
    mov dl, %3
    mov si, packet
    int 0x13
%endmacro

; LBA sector: for TRANSFER.
%macro LBA 1
    mov dword [packet.lba], %1
    mov dword [packet.lba + 4], 0
%endmacro

; CALL13 function, drive
%macro CALL13 2
    mov ax, (%1) << 8
    mov dl, %2
    int 0x13
%endmacro

test_disks:
    call disk_queries
    call disk_chs
    call disk_read
    call disk_write
    call disk_ends
    call disk_large
    ret

disk_queries:
    CALL13 0x00, DISK
    CHECK nc, "INT 13h: reset"
    CALL13 0x01, DISK
    cmp ah, 0
    CHECK e, "INT 13h: status after success"
    CALL13 0x10, DISK
    CHECK nc, "INT 13h: drive ready"
    mov cx, 0x0001
    mov dh, 0
    CALL13 0x0c, DISK
    CHECK nc, "INT 13h: seek"
    CALL13 0x11, DISK
    CHECK nc, "INT 13h: recalibrate"
    CALL13 0x16, DISK
    CHECK c, "INT 13h: a disk has no change line"
    mov cx, 1
    mov dh, 0
    mov ax, 0x0201
    mov dl, ABSENT
    int 0x13
    CHECK c, "INT 13h: a drive that is not there"
    CALL13 0x01, DISK
    cmp ah, 0
    CHECK ne, "INT 13h: status after an error"
    mov bx, 0x55aa
    CALL13 0x41, DISK
    CHECK nc, "INT 13h: EDD is there"
    cmp bx, 0xaa55
    CHECK e, "INT 13h: EDD's signature"
    test cl, 1
    CHECK nz, "INT 13h: EDD's transfers"
    mov al, 0
    CALL13 0x45, DISK
    CHECK nc, "INT 13h: lock, which a disk grants"
    CALL13 0x46, DISK
    CHECK c, "INT 13h: a disk is not ejected"
    cmp ah, 0xb2
    CHECK e, "INT 13h: for it is not removable"
    CALL13 0x49, DISK
    CHECK nc, "INT 13h: a disk's medium has not changed"
    ret

; The geometry, and one sector by it, which CHS_SECTOR is.
disk_chs:
    mov bx, 0
    CALL13 0x08, DISK
    CHECK nc, "INT 13h: parameters"
    cmp dl, [0x475]
    CHECK e, "INT 13h: the number of disks as in the BIOS data area"
    cmp dl, 3
    CHECK ae, "INT 13h: three disks or more"
    mov [.heads], dh
    inc word [.heads]
    and cl, 0x3f
    mov [.spt], cl
    CHECK nz, "INT 13h: sectors in a track"
    xor dx, dx                          ; CHS_SECTOR = (cylinder * heads + head) * spt + sector - 1
    mov ax, CHS_SECTOR
    div word [.spt]
    inc dx
    mov cx, dx
    xor dx, dx
    div word [.heads]
    mov dh, dl
    mov ch, al
    shl ah, 6
    or cl, ah
    mov [.track], cx
    mov [.head], dh

    mov ax, BUFFER
    mov es, ax
    xor bx, bx
    mov ax, 0x0201
    mov dl, DISK
    int 0x13
    CHECK nc, "INT 13h: a sector is read by CHS"
    cmp al, 1
    CHECK e, "INT 13h: and counted"
    mov eax, CHS_SECTOR
    xor di, di
    mov cx, 1
    call is_pattern
    CHECK e, "INT 13h: and is the right one"
    mov cx, [.track]
    mov dh, [.head]
    mov ax, 0x0401
    mov dl, DISK
    int 0x13
    CHECK nc, "INT 13h: a sector is verified by CHS"

    mov eax, CHS_SECTOR
    xor di, di
    call make_written
    mov cx, [.track]
    mov dh, [.head]
    xor bx, bx
    mov ax, 0x0301
    mov dl, DISK
    int 0x13
    CHECK nc, "INT 13h: a sector is written by CHS"
    LBA CHS_SECTOR
    call clear_buffer
    TRANSFER 0x42, 1, DISK
    mov eax, CHS_SECTOR
    call is_written
    CHECK e, "INT 13h: and read by its number"

    mov cx, [.track]
    and cl, 0xc0
    mov dh, [.head]
    mov ax, 0x0201
    mov dl, DISK
    int 0x13
    CHECK c, "INT 13h: there is no sector 0"
    cmp ah, 0x01
    CHECK e, "INT 13h: and it says bad parameter"
    mov cx, 0xffc1
    mov ax, 0x0201
    mov dh, 0
    mov dl, DISK
    int 0x13
    CHECK c, "INT 13h: a cylinder that is not there"
    mov cx, 1
    mov dh, [.heads]
    mov ax, 0x0201
    mov dl, DISK
    int 0x13
    CHECK c, "INT 13h: a head that is not there"

    CALL13 0x15, DISK
    CHECK nc, "INT 13h: disk type"
    cmp ah, 3
    CHECK e, "INT 13h: a fixed disk"
    xor ax, ax
    mov es, ax
    ret
.spt:   dw 0
.heads: dw 0
.track: dw 0
.head:  db 0

disk_read:
    mov ax, BUFFER
    mov es, ax
    xor di, di
    LBA 0
    TRANSFER 0x42, 1, DISK
    CHECK nc, "INT 13h: EDD reads the first sector"
    mov eax, 0
    mov cx, 1
    call is_pattern
    CHECK e, "INT 13h: and it is the right one"

    LBA 3000
    TRANSFER 0x42, 127, DISK
    CHECK nc, "INT 13h: EDD reads 127 sectors"
    cmp word [packet.sectors], 127
    CHECK e, "INT 13h: and counts them"
    mov eax, 3000
    xor di, di
    mov cx, 127
    call is_pattern
    CHECK e, "INT 13h: and they are the right ones"

    mov word [packet.buffer], 1         ; an odd address is none for bus master DMA: this goes by PIO
    LBA 7777
    TRANSFER 0x42, 5, DISK
    CHECK nc, "INT 13h: EDD reads to an odd address"
    mov word [packet.buffer], 0
    mov eax, 7777
    mov di, 1
    mov cx, 5
    call is_pattern
    CHECK e, "INT 13h: the right sectors"

    LBA 5000
    TRANSFER 0x44, 64, DISK
    CHECK nc, "INT 13h: EDD verifies 64 sectors"
    TRANSFER 0x47, 1, DISK
    CHECK nc, "INT 13h: EDD seeks"
    xor ax, ax
    mov es, ax
    ret

; READS times the same. COM1's scratch register says to dom0, in reflexctl's trace, when they begin and when they are over:
; what the firmware has been asked in between is theirs.
disk_count:
    mov ax, BUFFER
    mov es, ax
    call clear_buffer
    mov dx, COM1 + SCR
    mov al, COUNT_BEGIN
    out dx, al
    mov cx, READS
.next:
    push cx
    LBA 3000
    TRANSFER 0x42, 127, DISK
    pop cx
    jc .end
    loop .next
.end:
    mov dx, COM1 + SCR
    mov al, COUNT_END
    out dx, al
    CHECK nc, "INT 13h: EDD reads 127 sectors again and again"
    mov eax, 3000
    xor di, di
    mov cx, 127
    call is_pattern
    CHECK e, "INT 13h: and they are the right ones"
    xor ax, ax
    mov es, ax
    ret

disk_write:
    mov ax, BUFFER
    mov es, ax
    xor di, di
    mov eax, EDD_SECTOR
    call make_written
    inc eax
    call make_written
    inc eax
    call make_written
    LBA EDD_SECTOR
    TRANSFER 0x43, 3, DISK
    CHECK nc, "INT 13h: EDD writes three sectors"
    call clear_buffer
    LBA EDD_SECTOR + 2
    TRANSFER 0x42, 1, DISK
    mov eax, EDD_SECTOR + 2
    call is_written
    CHECK e, "INT 13h: the third is read back"
    LBA EDD_SECTOR + 3
    TRANSFER 0x42, 1, DISK
    mov eax, EDD_SECTOR + 3
    xor di, di
    mov cx, 1
    call is_pattern
    CHECK e, "INT 13h: the one after it is as before"
    xor ax, ax
    mov es, ax
    ret

; edd_parameters: AH=48h of drive DL, to [edd]; CF as from there.
edd_parameters:
    mov word [edd], 30
    mov ah, 0x48
    mov si, edd
    int 0x13
    ret

; The last sector, and what is behind it.
disk_ends:
    mov dl, DISK
    call edd_parameters
    CHECK nc, "INT 13h: EDD's parameters"
    cmp word [edd.bytes], 512
    CHECK e, "INT 13h: sectors of 512 bytes"
    mov ax, BUFFER
    mov es, ax
    xor di, di
    mov ebx, [edd.sectors]
    dec ebx
    LBA ebx
    TRANSFER 0x42, 1, DISK
    CHECK nc, "INT 13h: the last sector is read"
    mov eax, ebx
    mov cx, 1
    call is_pattern
    CHECK e, "INT 13h: and is the right one"
    mov eax, ebx
    xor di, di
    call make_written
    TRANSFER 0x43, 1, DISK
    CHECK nc, "INT 13h: the last sector is written"
    call clear_buffer
    TRANSFER 0x42, 1, DISK
    mov eax, ebx
    call is_written
    CHECK e, "INT 13h: and is read back"
    TRANSFER 0x42, 2, DISK
    CHECK c, "INT 13h: two sectors from the last one are refused"
    inc ebx
    LBA ebx
    TRANSFER 0x42, 1, DISK
    CHECK c, "INT 13h: reading behind the last sector is refused"
    TRANSFER 0x43, 1, DISK
    CHECK c, "INT 13h: writing behind the last sector is refused"
    LBA 1
    xor di, di
    TRANSFER 0x42, 1, DISK
    CHECK nc, "INT 13h: the disk works after all that"
    mov eax, 1
    mov cx, 1
    call is_pattern
    CHECK e, "INT 13h: and reads the right sector"
    xor ax, ax
    mov es, ax
    ret

disk_large:
    mov dl, LARGE
    call edd_parameters
    CHECK nc, "INT 13h: the large disk's parameters"
    cmp dword [edd.sectors], 1 << 28
    CHECK a, "INT 13h: more than 2^28 sectors"
    mov ax, BUFFER
    mov es, ax
    xor di, di
    LBA 1 << 28
    TRANSFER 0x42, 1, LARGE
    CHECK nc, "INT 13h: sector 2^28 is read"
    mov eax, 1 << 28
    mov cx, 1
    call is_pattern
    CHECK e, "INT 13h: and is the right one"
    mov ebx, [edd.sectors]
    dec ebx
    LBA ebx
    TRANSFER 0x42, 1, LARGE
    CHECK nc, "INT 13h: the large disk's last sector is read"
    mov eax, ebx
    xor di, di
    mov cx, 1
    call is_pattern
    CHECK e, "INT 13h: and is the right one"
    xor ax, ax
    mov es, ax
    ret

; --- what sectors hold -----------------------------------------------------------------------------------------------
; is_pattern: ZF if ES:DI holds CX sectors from number EAX on as dom0 made them. Clobbers EAX, CX, DI.
is_pattern:
    push dx
    push ebx
.sector:
    push cx
    push di
    push eax
    mov di, digits
    call hex
    pop eax
    pop di
    mov dx, 64
.next:
    mov ebx, [es:di]
    cmp ebx, [digits]
    jne .end
    mov ebx, [es:di + 4]
    cmp ebx, [digits + 4]
    jne .end
    add di, 8
    dec dx
    jnz .next
    inc eax
    pop cx
    loop .sector
    push cx
    cmp cx, cx
.end:
    pop cx
    pop ebx
    pop dx
    ret

; written_text: in digits, what we write to sector EAX. Clobbers CX.
written_text:
    push eax
    push di
    mov di, digits
    call hex
    mov dword [digits], 'BIOS'
    pop di
    pop eax
    ret

; make_written: a sector of that at ES:DI for sector EAX; DI is after it then. Clobbers CX.
make_written:
    call written_text
    push eax
    mov cx, 64
.next:
    mov eax, [digits]
    stosd
    mov eax, [digits + 4]
    stosd
    loop .next
    pop eax
    ret

; is_written: ZF if the buffer begins with what make_written made for sector EAX. Clobbers CX, SI, DI.
is_written:
    call written_text
    xor di, di
    mov cx, 64
.next:
    mov si, digits
    push cx
    mov cx, 8
    repe cmpsb
    pop cx
    jne .end
    loop .next
    cmp cx, cx
.end:
    ret

; clear_buffer: the first sector of it. Clobbers CX, DI, leaves DI 0.
clear_buffer:
    push eax
    xor eax, eax
    xor di, di
    mov cx, 128
    rep stosd
    xor di, di
    pop eax
    ret

; INT 13h's answer to AH=48h
edd:            dw 30
.flags:         dw 0
.cylinders:     dd 0
.heads:         dd 0
.spt:           dd 0
.sectors:       dq 0
.bytes:         dw 0
.dpte:          dd 0
