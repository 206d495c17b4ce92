; SPDX-License-Identifier: LGPL-3.0-or-later
; INT 15h's ways to ask for memory: E820h, E801h, 88h. All have to agree, and the firmware's window has to be in the
; map.

SMAP        equ 0x534d4150
E820_MAX    equ 32
RAM         equ 1
RESERVED    equ 2

; one entry of the map
struc range
    .base:      resq 1
    .length:    resq 1
    .type:      resd 1
    .size:
endstruc

test_memory:
    call map_fetch
    call map_order
    call map_contents
    call other_sizes
    xor ax, ax
    mov es, ax
    ret

; The map, to the buffer; DX = entries.
map_fetch:
    mov ax, BUFFER
    mov es, ax
    xor di, di
    xor ebx, ebx
    mov word [map_entries], 0
.next:
    mov eax, 0xe820
    mov edx, SMAP
    mov ecx, range.size
    int 0x15
    jc .end
    cmp eax, SMAP
    jne .end
    inc word [map_entries]
    add di, range.size
    cmp word [map_entries], E820_MAX
    je .end
    test ebx, ebx
    jnz .next
    CHECK z, "INT 15h: E820h: the walk comes to its end"
    jmp .count
.end:
    test ebx, 0
    CHECK nz, "INT 15h: E820h: the walk comes to its end"
.count:
    cmp word [map_entries], 4
    CHECK ae, "INT 15h: E820h: four ranges or more"
    mov ecx, range.size
    mov eax, 0xe820
    xor ebx, ebx
    xor edx, edx
    int 0x15
    CHECK c, "INT 15h: E820h: asks for its signature"
    ret

; Ranges are in order, not empty, and do not overlap.
map_order:
    xor si, si
    mov cx, [map_entries]
    xor eax, eax                        ; EDX:EAX = end of the range before
    xor edx, edx
.next:
    mov ebx, [es:si + range.base]
    mov ebp, [es:si + range.base + 4]
    cmp ebx, eax
    mov edi, ebp
    sbb edi, edx
    jc .end
    mov eax, ebx
    mov edx, ebp
    add eax, [es:si + range.length]
    adc edx, [es:si + range.length + 4]
    cmp eax, ebx
    mov edi, edx
    sbb edi, ebp
    jc .end
    add si, range.size
    loop .next
.end:
    CHECK nc, "INT 15h: E820h: ranges in order, none overlaps the next"
    ret

map_contents:
    xor eax, eax
    call map_find
    cmp dword [es:si + range.type], RAM
    CHECK e, "INT 15h: E820h: memory from 0"
    int 0x12
    movzx eax, ax
    shl eax, 10
    cmp eax, [es:si + range.length]
    CHECK e, "INT 15h: E820h: as much as INT 12h says"
    mov eax, 0x100000
    call map_find
    mov [high_range], si
    cmp dword [es:si + range.type], RAM
    CHECK e, "INT 15h: E820h: memory from 1 MiB"
    mov eax, 0xf0000
    call map_find
    cmp dword [es:si + range.type], RESERVED
    CHECK e, "INT 15h: E820h: the BIOS is reserved"
    mov eax, RUNTIME_BASE
    call map_find
    cmp dword [es:si + range.type], RESERVED
    CHECK e, "INT 15h: E820h: the firmware's window is reserved"
    mov eax, [es:si + range.base]
    add eax, [es:si + range.length]
    dec eax                             ; the last byte: the range may end at 4 GiB
    cmp eax, RUNTIME_BASE + RUNTIME_WINDOW - 1
    CHECK ae, "INT 15h: E820h: all of it"
    ret

other_sizes:
    mov si, [high_range]
    mov ebx, [es:si + range.base]
    add ebx, [es:si + range.length]     ; end of memory below the hole
    push ebx
    SYSTEM 0xe801
    CHECK nc, "INT 15h: E801h"
    cmp cx, 15 * 1024
    CHECK e, "INT 15h: E801h: 15 MiB up to 16 MiB"
    pop ebx
    mov eax, ebx
    shr eax, 16
    sub ax, 0x100
    cmp dx, ax
    CHECK e, "INT 15h: E801h: the rest as E820h says"
    push ebx
    SYSTEM 0x8800
    pop ebx
    CHECK nc, "INT 15h: 88h"
    mov ecx, 64 << 20
    cmp ebx, ecx
    jbe .below
    mov ebx, ecx
.below:
    shr ebx, 10
    sub bx, 1024
    cmp ax, bx
    CHECK e, "INT 15h: 88h: as E820h says, up to 64 MiB"
    ret

; map_find: SI = the range with address EAX, or one of type 0. Clobbers ECX, EDX.
map_find:
    xor si, si
    mov cx, [map_entries]
.next:
    cmp dword [es:si + range.base + 4], 0
    jne .other
    mov edx, eax
    sub edx, [es:si + range.base]
    jb .other
    cmp dword [es:si + range.length + 4], 0
    jne .end
    cmp edx, [es:si + range.length]
    jb .end
.other:
    add si, range.size
    loop .next
    mov dword [es:si + range.type], 0
.end:
    ret

map_entries: dw 0
high_range:  dw 0
