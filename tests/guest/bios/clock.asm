; SPDX-License-Identifier: LGPL-3.0-or-later
; INT 1Ah: ticks and the clock of the CMOS.

; BELOW register, limit, what: a BCD number with two good digits below the limit
%macro BELOW 3
    mov al, %1
    call is_bcd
    jc %%bad
    cmp %1, %2
    cmc
%%bad:
    CHECK nc, %3
%endmacro

%macro CLOCK 1
    mov ah, %1
    int 0x1a
%endmacro

test_clock:
    CLOCK 0x00
    mov si, dx
    call ticks
    mov ebx, eax
    sub ax, si
    cmp ax, 2
    CHECK b, "INT 1Ah: ticks as in the BIOS data area"
    call wait_tick
    CLOCK 0x00
    sub dx, bx
    cmp dx, 1
    CHECK ae, "INT 1Ah: ticks advance"

    mov cx, 0x0012                      ; the count is set ahead, then back
    mov dx, 0x3456
    CLOCK 0x01
    CLOCK 0x00
    push dx
    mov eax, ebx
    mov dx, ax
    shr eax, 16
    mov cx, ax
    CLOCK 0x01
    pop dx
    sub dx, 0x3456
    cmp dx, 18
    CHECK b, "INT 1Ah: ticks are set"

    CLOCK 0x02
    CHECK nc, "INT 1Ah: the time"
    BELOW ch, 0x24, "INT 1Ah: an hour"
    BELOW cl, 0x60, "INT 1Ah: a minute"
    BELOW dh, 0x60, "INT 1Ah: a second"
    mov [.second], dh
    call ticks
    lea ebx, [eax + 60]
.same:
    CLOCK 0x02
    call ticks
    cmp dh, [.second]
    jne .changed
    cmp eax, ebx
    jb .same
.changed:
    cmp dh, [.second]
    CHECK ne, "INT 1Ah: the clock goes"

    CLOCK 0x02
    CLOCK 0x03
    mov bx, cx
    CLOCK 0x02
    CHECK nc, "INT 1Ah: the time is set"
    cmp bh, ch
    CHECK e, "INT 1Ah: to the same hour"
    CLOCK 0x04
    CHECK nc, "INT 1Ah: the date"
    cmp ch, 0x20
    CHECK e, "INT 1Ah: of this century"
    BELOW cl, 0x9a, "INT 1Ah: a year"
    BELOW dh, 0x13, "INT 1Ah: a month"
    BELOW dl, 0x32, "INT 1Ah: a day"
    ret
.second: db 0

; is_bcd: CF if AL is none.
is_bcd:
    push ax
    and al, 0x0f
    cmp al, 10
    pop ax
    cmc
    jc .end
    cmp al, 0xa0
    cmc
.end:
    ret

; wait_tick: until the count has changed, or long enough for a clock that stands. Clobbers EAX, ECX, EDX.
wait_tick:
    call ticks
    mov edx, eax
    mov ecx, 100000000
.wait:
    call ticks
    cmp eax, edx
    jne .end
    dec ecx
    jnz .wait
.end:
    ret
