; SPDX-License-Identifier: LGPL-3.0-or-later
; A guest in real mode that calls the boot BIOS's services one by one, as boot loaders and DOS do, and judges the
; answers.
;
; It boots from a disk's first sector, which loads the rest, or from a CD (El Torito, no emulation), all at once.
; Verdicts go to COM1, a line each: `PASS what`, `FAIL what: registers` or `SKIP what: why`; the last line is
; `Test result: ...`.
;
; What it expects around it (tests/e2e/bios makes it):
;   81h  a disk whose every sector repeats its own number in eight hexadecimal digits; it writes the sectors
;        named in disk.asm, each with `BIOS` and the number's last four digits, and nothing else
;   82h  a disk of more than 2^28 sectors, with such a sector at 2^28 and in the last place
;   E0h  a CD in the first CD drive, or none
;   and somebody who types on COM1 what keyboard.asm waits for, once it has said `READY for keys`
; Built with -D RUNTIME_BASE= and RUNTIME_WINDOW=, where ldscripts/memory_map.h has the firmware.

bits 16
org 0x7c00

BUFFER      equ 0x1000                  ; segment of the buffer for transfers: 64 KiB and one sector more
SECTORS     equ (end - start + 511) / 512

start:
    jmp 0:.here                         ; some BIOSes enter at 07c0:0000
.here:
    cli
    xor ax, ax
    mov ds, ax
    mov es, ax
    mov ss, ax
    mov sp, start
    sti
    cld
    mov [boot_drive], dl
    cmp dword [second_sector], LOADED   ; true if the BIOS has loaded all of it
    je main
    mov word [packet.sectors], SECTORS - 1
    mov dword [packet.buffer], second_sector
    mov dword [packet.lba], 1
    mov ah, 0x42
    mov si, packet
    int 0x13
    jc .unreadable
    cmp dword [second_sector], LOADED
    je main
.unreadable:
    mov si, .message
.next:
    lodsb
    mov ah, 0x0e
    xor bx, bx
    int 0x10
    test al, al
    jnz .next
.stop:
    hlt
    jmp .stop
.message: db "the rest of the BIOS test could not be read", 13, 10, 0

boot_drive: db 0
; INT 13h's disk address packet, as all transfers here use it
packet:     db 16, 0
.sectors:   dw 0
.buffer:    dw 0, BUFFER
.lba:       dq 0

    times 510 - ($ - $$) db 0
    dw 0xaa55

LOADED      equ 0x31534f42
second_sector:
    dd LOADED

main:
    mov word [packet.buffer], 0
    mov word [packet.buffer + 2], BUFFER
    call test_video
    call test_configuration
    call test_disks
    call test_cdrom
    call test_serial
    call test_system
    call test_memory
    call test_clock
    call test_pci
    call test_mouse
    call test_keyboard
    call disk_count                     ; last, for reflexctl's trace does not reach far back
    call result
.stop:
    hlt
    jmp .stop

%include "report.asm"
%include "video.asm"
%include "configuration.asm"
%include "disk.asm"
%include "cdrom.asm"
%include "serial.asm"
%include "system.asm"
%include "memory.asm"
%include "clock.asm"
%include "pci.asm"
%include "mouse.asm"
%include "keyboard.asm"

    times (2048 - ($ - $$) % 2048) % 2048 db 0  ; whole blocks of a CD
end:
