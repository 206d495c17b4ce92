/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Accesses of every width and kind; run in each mode of the processor that runs 32-bit code. */
#include "firmware.h"
#include "hypercalls.h"
#include "lib/string.h"
#include "machine.h"
#include "test.h"

#define PAGE 4096u
#define OUTSIDE 0x5800u                 /* a port that nobody claims */

/* Two pages that are not each other's neighbours, when seen through ALIAS. */
static uint8_t memory[4][PAGE] __attribute__((aligned(4096)));

static bool paging(void) { return read_cr0() >> 31; }
static bool wide_paging(void) { return read_cr4() & 0x20; }

static void alias_memory(void)
{
    alias_set(0, gpa_of(memory[2]));
    alias_set(1, gpa_of(memory[0]));
}

static void fill(uint8_t *bytes, uint32_t length, uint32_t seed)
{
    for (uint32_t i = 0; i < length; i++)
        bytes[i] = (uint8_t)(seed + 13 * i + (i >> 8));
}

static void expect_request(uint32_t n, uint32_t type, bool read, uint32_t size, uint64_t addr)
{
    const struct request *r = &firmware.requests[n];

    EXPECT_EQUAL(r->type, type);
    EXPECT_EQUAL(r->read, read);
    EXPECT_EQUAL(r->size, size);
    EXPECT_EQUAL(r->addr, addr);
    EXPECT_EQUAL(r->vcpu, this_vcpu());
    EXPECT_EQUAL(r->ptr, false);
    EXPECT_EQUAL(r->df, false);
}

/* --- ports -------------------------------------------------------------------------------------------------------- */
static void port_widths(void)
{
    memset(firmware.ports, 0, sizeof(firmware.ports));
    outl(PORTS + 0x10, 0x44332211);
    outw(PORTS + 0x12, 0x6655);
    outb(PORTS + 0x11, 0x77);
    EXPECT_EQUAL(inl(PORTS + 0x10), 0x66557711);
    EXPECT_EQUAL(inw(PORTS + 0x11), 0x5577);
    EXPECT_EQUAL(inb(PORTS + 0x13), 0x66);
    EXPECT_EQUAL(firmware.accesses, 6);
    expect_request(0, XEN_REFLECT_RANGE_PORT, false, 4, PORTS + 0x10);
    expect_request(1, XEN_REFLECT_RANGE_PORT, false, 2, PORTS + 0x12);
    expect_request(2, XEN_REFLECT_RANGE_PORT, false, 1, PORTS + 0x11);
    expect_request(3, XEN_REFLECT_RANGE_PORT, true, 4, PORTS + 0x10);
    expect_request(4, XEN_REFLECT_RANGE_PORT, true, 2, PORTS + 0x11);
    expect_request(5, XEN_REFLECT_RANGE_PORT, true, 1, PORTS + 0x13);
    EXPECT_EQUAL(firmware.requests[0].data, 0x44332211);
    EXPECT_EQUAL(firmware.requests[1].data, 0x6655);
    EXPECT_EQUAL(firmware.requests[2].data, 0x77);
}

/* An access must lie wholly inside a claim. */
static void port_edges(void)
{
    firmware.ports[0] = 0x12;
    EXPECT_EQUAL(inb(PORTS), 0x12);
    EXPECT_EQUAL(inb(OUTSIDE), 0xff);
    EXPECT_EQUAL(inl(OUTSIDE), 0xffffffff);
    EXPECT_EQUAL(inw(PORTS - 1), 0xffff);
    EXPECT_EQUAL(inl(PORTS_END - 2), 0xffffffff);
    outl(PORTS_END - 2, 0);
    EXPECT_EQUAL(firmware.accesses, 1);
    inl(PORTS_END - 3);
    EXPECT_EQUAL(firmware.accesses, 2);
}

/* REP INS and OUTS: `from` is where the first element goes. */
#define STRING_IO(name, instruction, register)                                                                 \
    static void *name(uint16_t port, void *at, uint32_t count, bool down)                                      \
    {                                                                                                          \
        if (down)                                                                                              \
            __asm__ volatile("std; rep " instruction "; cld" : "+" register(at), "+c"(count) : "d"(port) : "memory"); \
        else                                                                                                   \
            __asm__ volatile("cld; rep " instruction : "+" register(at), "+c"(count) : "d"(port) : "memory");  \
        EXPECT_EQUAL(count, 0);                                                                                \
        return at;                                                                                             \
    }
STRING_IO(rep_insb, "insb", "D")
STRING_IO(rep_insw, "insw", "D")
STRING_IO(rep_insl, "insl", "D")
STRING_IO(rep_outsb, "outsb", "S")
STRING_IO(rep_outsw, "outsw", "S")
STRING_IO(rep_outsl, "outsl", "S")
#undef STRING_IO

static void string_in(void)
{
    uint16_t *words = (uint16_t *)memory[0];
    uint8_t *bytes = memory[0];

    memset(memory[0], 0xee, PAGE);
    firmware.stream_next = 0x1000;
    EXPECT_EQUAL((uint32_t)rep_insw(STREAM, words + 1, 512, false), (uint32_t)(words + 513));
    EXPECT_EQUAL(words[0], 0xeeee);
    for (uint32_t i = 0; i < 512; i++)
        EXPECT_EQUAL(words[1 + i], 0x1000 + i);
    EXPECT_EQUAL(words[513], 0xeeee);
    EXPECT_EQUAL(firmware.requests[0].count, 512);
    EXPECT(firmware.requests[0].ptr);
    firmware.stream_next = 0;
    EXPECT_EQUAL((uint32_t)rep_insb(STREAM, bytes + 100, 100, true), (uint32_t)bytes);
    for (uint32_t i = 0; i < 100; i++)
        EXPECT_EQUAL(bytes[1 + i], 99 - i);
    firmware.stream_next = 0x7fffffff;
    rep_insl(STREAM, bytes, 2, false);
    EXPECT_EQUAL(((uint32_t *)bytes)[1], 0x80000000);
    rep_insl(STREAM, bytes, 0, false);
    EXPECT_EQUAL(firmware.stream_next, 0x80000001);
}

static void string_out(void)
{
    uint32_t sum = 0;

    fill(memory[0], PAGE, 1);
    for (uint32_t i = 0; i < 300; i++)
        sum += memory[0][i];
    firmware.stream_sum = 0;
    rep_outsb(STREAM, memory[0], 300, false);
    EXPECT_EQUAL(firmware.stream_sum, sum);
    rep_outsb(STREAM, memory[0] + 299, 300, true);
    EXPECT_EQUAL(firmware.stream_sum, 2 * sum);
    firmware.stream_sum = 0;
    rep_outsw(STREAM, memory[0], 1, false);
    rep_outsl(STREAM, memory[0], 1, true);
    EXPECT_EQUAL(firmware.stream_sum, *(uint16_t *)memory[0] + *(uint32_t *)memory[0]);
}

/* An element that lies on two pages, and pages that are not neighbours. */
static void string_in_across_pages(void)
{
    uint8_t *at = paging() ? (uint8_t *)ALIAS : memory[0];
    uint16_t *words = (uint16_t *)(at + PAGE - 101);

    alias_memory();
    firmware.stream_next = 0x4000;
    EXPECT_EQUAL((uint32_t)rep_insw(STREAM, words, 100, false), (uint32_t)(words + 100));
    for (uint32_t i = 0; i < 100; i++)
        EXPECT_EQUAL(words[i], 0x4000 + i);
    firmware.stream_next = 0x5000;
    EXPECT_EQUAL((uint32_t)rep_insw(STREAM, words + 99, 100, true), (uint32_t)(words - 1));
    for (uint32_t i = 0; i < 100; i++)
        EXPECT_EQUAL(words[i], 0x5000 + 99 - i);
}

static void string_out_across_pages(void)
{
    uint8_t *at = paging() ? (uint8_t *)ALIAS : memory[0];
    uint32_t sum = 0;

    alias_memory();
    for (uint32_t i = 0; i < 40; i++)
        ((uint32_t *)(at + PAGE - 78))[i] = i * 0x01010101;
    for (uint32_t i = 0; i < 40; i++)
        sum += i * 0x01010101;
    firmware.stream_sum = 0;
    rep_outsl(STREAM, at + PAGE - 78, 40, false);
    EXPECT_EQUAL(firmware.stream_sum, sum);
    rep_outsl(STREAM, at + PAGE - 78 + 39 * 4, 40, true);
    EXPECT_EQUAL(firmware.stream_sum, 2 * sum);
}

/* --- memory ------------------------------------------------------------------------------------------------------- */
#define M8(offset)  (*(volatile uint8_t *)(MMIO + (offset)))
#define M16(offset) (*(volatile uint16_t *)(MMIO + (offset)))
#define M32(offset) (*(volatile uint32_t *)(MMIO + (offset)))
#define FILE16(offset) (*(volatile uint16_t *)(firmware.mmio + (offset)))
#define FILE32(offset) (*(volatile uint32_t *)(firmware.mmio + (offset)))
#define FILE64(offset) (*(volatile uint64_t *)(firmware.mmio + (offset)))

static void mmio_widths(void)
{
    memset(firmware.mmio, 0, 64);
    M32(0) = 0x44332211;
    M16(2) = 0x6655;
    M8(1) = 0x77;
    EXPECT_EQUAL(M32(0), 0x66557711);
    EXPECT_EQUAL(M16(1), 0x5577);
    EXPECT_EQUAL(M8(3), 0x66);
    EXPECT_EQUAL(firmware.accesses, 6);
    expect_request(0, XEN_REFLECT_RANGE_MEMORY, false, 4, MMIO);
    expect_request(4, XEN_REFLECT_RANGE_MEMORY, true, 2, MMIO + 1);
    EXPECT_EQUAL(firmware.requests[2].data & 0xff, 0x77);
}

static void mmio_extensions(void)
{
    uint32_t value;

    FILE32(0x20) = 0x8081f2f3;
    __asm__ volatile("movzwl %1, %0" : "=r"(value) : "m"(M16(0x20)));
    EXPECT_EQUAL(value, 0xf2f3);
    __asm__ volatile("movswl %1, %0" : "=r"(value) : "m"(M16(0x20)));
    EXPECT_EQUAL(value, 0xfffff2f3);
    __asm__ volatile("movsbl %1, %0" : "=r"(value) : "m"(M8(0x23)));
    EXPECT_EQUAL(value, 0xffffff80);
}

static void mmio_stack_operands(void)
{
    FILE32(0x30) = 0x13579bdf;
    __asm__ volatile("pushl %0; popl %1" : "+m"(M32(0x30)), "+m"(M32(0x38)) :: "memory");
    EXPECT_EQUAL(FILE32(0x38), 0x13579bdf);
}

static void mmio_read_modify_write(void)
{
    uint32_t eax = 5, old = 7;

    FILE32(0x40) = 100;
    __asm__ volatile("addl $23, %0" : "+m"(M32(0x40)) :: "memory");
    EXPECT_EQUAL(FILE32(0x40), 123);
    EXPECT_EQUAL(firmware.accesses, 2);
    __asm__ volatile("lock xaddl %1, %0" : "+m"(M32(0x40)), "+r"(old) :: "memory");
    EXPECT_EQUAL(FILE32(0x40), 130);
    EXPECT_EQUAL(old, 123);
    __asm__ volatile("xchgl %1, %0" : "+m"(M32(0x40)), "+r"(eax) :: "memory");
    EXPECT_EQUAL(FILE32(0x40), 5);
    EXPECT_EQUAL(eax, 130);
    __asm__ volatile("lock btsl $4, %0" : "+m"(M32(0x40)) :: "memory");
    __asm__ volatile("incw %0; notb %1" : "+m"(M16(0x40)), "+m"(M8(0x43)) :: "memory");
    EXPECT_EQUAL(FILE32(0x40), 0xff000016);
}

static void mmio_compare_exchange(void)
{
    uint32_t eax = 9, low = 1, high = 2;

    FILE32(0x50) = 9;
    __asm__ volatile("lock cmpxchgl %2, %0" : "+m"(M32(0x50)), "+a"(eax) : "r"(77u) : "cc", "memory");
    EXPECT_EQUAL(FILE32(0x50), 77);
    __asm__ volatile("lock cmpxchgl %2, %0" : "+m"(M32(0x50)), "+a"(eax) : "r"(78u) : "cc", "memory");
    EXPECT_EQUAL(eax, 77);
    EXPECT_EQUAL(FILE32(0x50), 77);
    FILE64(0x58) = 0x200000001;
    __asm__ volatile("lock cmpxchg8b %0" : "+m"(M32(0x58)), "+a"(low), "+d"(high) : "b"(3), "c"(4) : "memory", "cc");
    EXPECT_EQUAL(FILE64(0x58), 0x400000003);
}

static void mmio_8_and_16_bytes(void)
{
    static uint8_t from[16], to[16];

    fill(firmware.mmio + 0x80, 16, 3);
    __asm__ volatile("movq 0x80(%0), %%xmm0; movq %%xmm0, (%1)" :: "r"(MMIO), "r"(to) : "memory");
    EXPECT(!memcmp(to, firmware.mmio + 0x80, 8));
    __asm__ volatile("movdqu 0x80(%0), %%xmm0; movdqu %%xmm0, (%1)" :: "r"(MMIO), "r"(to) : "memory");
    EXPECT(!memcmp(to, firmware.mmio + 0x80, 16));
    fill(from, 16, 99);
    __asm__ volatile("movdqu (%1), %%xmm1; movdqu %%xmm1, 0x91(%0)" :: "r"(MMIO), "r"(from) : "memory");
    EXPECT(!memcmp(from, firmware.mmio + 0x91, 16));
    __asm__ volatile("movq (%1), %%mm0; movq %%mm0, 0xa8(%0); emms" :: "r"(MMIO), "r"(from) : "memory");
    EXPECT(!memcmp(from, firmware.mmio + 0xa8, 8));
}

/* Pages 1 and 3 of the device next to each other, where there is paging. */
static uint32_t crossing(uint32_t *second)
{
    alias_set(0, MMIO + PAGE);
    alias_set(1, MMIO + 3 * PAGE);
    *second = paging() ? 3 * PAGE : 2 * PAGE;
    return paging() ? ALIAS + PAGE : MMIO + 2 * PAGE;
}

/* No read-modify-write: Xen's emulator remembers three parts of an instruction's accesses, and that one has four. */
static void mmio_across_pages(void)
{
    static uint8_t bytes[16];
    uint32_t second, edge = crossing(&second);
    volatile uint32_t *unaligned = (volatile uint32_t *)(edge - 1);

    *unaligned = 0x44332211;
    EXPECT_EQUAL(firmware.mmio[2 * PAGE - 1], 0x11);
    EXPECT_EQUAL(firmware.mmio[second], 0x22);
    EXPECT_EQUAL(firmware.mmio[second + 2], 0x44);
    EXPECT_EQUAL(*unaligned, 0x44332211);
    fill(bytes, 16, 7);
    __asm__ volatile("movdqu (%1), %%xmm1; movdqu %%xmm1, (%0); movdqu (%0), %%xmm2; movdqu %%xmm2, (%1)"
                     :: "r"(edge - 5), "r"(bytes) : "memory");
    EXPECT(!memcmp(bytes, firmware.mmio + 2 * PAGE - 5, 5));
    EXPECT(!memcmp(bytes + 5, firmware.mmio + second, 11));
}

/* The end of the claim, and a page of memory behind a page of the device. */
static void mmio_edges(void)
{
    FILE32(MMIO_BYTES - 4) = 0x11223344;
    EXPECT_EQUAL(M32(MMIO_BYTES - 4), 0x11223344);
    EXPECT_EQUAL(M32(MMIO_BYTES), 0xffffffff);
    EXPECT_EQUAL(firmware.accesses, 1);
    EXPECT_EQUAL(M32(MMIO_BYTES - 2), 0xffff1122);
    if (!paging())
        return;
    alias_set(0, MMIO);
    alias_set(1, gpa_of(memory[1]));
    *(uint16_t *)memory[1] = 0x7788;
    FILE16(PAGE - 2) = 0x5566;
    EXPECT_EQUAL(*(volatile uint32_t *)(ALIAS + PAGE - 2), 0x77885566);
    *(volatile uint32_t *)(ALIAS + PAGE - 2) = 0x01020304;
    EXPECT_EQUAL(FILE16(PAGE - 2), 0x0304);
    EXPECT_EQUAL(*(uint16_t *)memory[1], 0x0102);
}

static void rep_movs(uint32_t to, uint32_t from, uint32_t bytes, uint32_t size, bool down)
{
    uint32_t count = bytes / size, last = bytes - size;

    if (down) {
        to += last;
        from += last;
    }
    if (down)
        __asm__ volatile("std");
    if (size == 1)
        __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count) :: "memory");
    else if (size == 2)
        __asm__ volatile("rep movsw" : "+D"(to), "+S"(from), "+c"(count) :: "memory");
    else
        __asm__ volatile("rep movsl" : "+D"(to), "+S"(from), "+c"(count) :: "memory");
    __asm__ volatile("cld");
    EXPECT_EQUAL(count, 0);
}

/* Into the device, out of it, and within it, upwards and downwards, over one page boundary at least on each side. */
static void string_moves(void)
{
    for (uint32_t size = 1; size <= 4; size *= 2)
        for (uint32_t down = 0; down < 2; down++) {
            fill(memory[0], 2 * PAGE, size + down);
            memset(firmware.mmio, 0, MMIO_BYTES);
            rep_movs(MMIO + 0x700 + down, gpa_of(memory[0]) + 0x801, 3000, size, down);
            EXPECT(!memcmp(firmware.mmio + 0x700 + down, memory[0] + 0x801, 3000));
            EXPECT_EQUAL(firmware.mmio[0x700 + down + 3000], 0);
            memset(memory[2], 0, PAGE);
            rep_movs(gpa_of(memory[2]), MMIO + 0x700 + down, 3000, size, down);
            EXPECT(!memcmp(memory[2], memory[0] + 0x801, 3000));
            rep_movs(MMIO + 2 * PAGE - 8, MMIO + 0x700 + down, 16, size, down);
            EXPECT(!memcmp(firmware.mmio + 2 * PAGE - 8, memory[0] + 0x801, 16));
        }
}

/*
 * No element lies across the edge: when two MMIO pages that only paging makes neighbours share one, Xen 4.17 takes the
 * answer to its first half for one to the whole, and ends the domain (emulate.c, "correctly re-issued").
 */
static void string_moves_across_aliases(void)
{
    uint32_t second, edge = crossing(&second);

    fill(memory[0], PAGE, 11);
    rep_movs(edge - 50, gpa_of(memory[0]), 100, 2, false);
    EXPECT(!memcmp(firmware.mmio + 2 * PAGE - 50, memory[0], 50));
    EXPECT(!memcmp(firmware.mmio + second, memory[0] + 50, 50));
    memset(memory[1], 0, PAGE);
    rep_movs(gpa_of(memory[1]), edge - 48, 96, 4, true);
    EXPECT(!memcmp(memory[1], memory[0] + 2, 96));
}

static void string_stores(void)
{
    uint32_t to = MMIO + PAGE - 40, count = 20;

    memset(firmware.mmio, 0, 2 * PAGE);
    __asm__ volatile("cld; rep stosl" : "+D"(to), "+c"(count) : "a"(0xa1b2c3d4) : "memory");
    for (uint32_t i = 0; i < 20; i++)
        EXPECT_EQUAL(FILE32(PAGE - 40 + 4 * i), 0xa1b2c3d4);
    EXPECT_EQUAL(FILE32(PAGE + 40), 0);
    EXPECT_EQUAL(to, MMIO + PAGE + 40);
    count = 20;
    to--;
    __asm__ volatile("std; rep stosb; cld" : "+D"(to), "+c"(count) : "a"(0x5a) : "memory");
    for (uint32_t i = 0; i < 20; i++)
        EXPECT_EQUAL(firmware.mmio[PAGE + 20 + i], 0x5a);
    EXPECT_EQUAL(firmware.mmio[PAGE + 19], 0xa1);
    EXPECT_EQUAL(to, MMIO + PAGE + 19);
}

static void string_scans(void)
{
    uint32_t at = MMIO + 0x200, count = 64, other = gpa_of(memory[0]);

    fill(firmware.mmio + 0x200, 64, 5);
    __asm__ volatile("cld; repne scasb" : "+D"(at), "+c"(count) : "a"(firmware.mmio[0x200 + 9]) : "cc", "memory");
    EXPECT_EQUAL(at, MMIO + 0x200 + 10);
    EXPECT_EQUAL(count, 54);
    memcpy(memory[0], firmware.mmio + 0x200, 64);
    memory[0][33] ^= 1;
    at = MMIO + 0x200;
    count = 64;
    __asm__ volatile("cld; repe cmpsb" : "+D"(at), "+S"(other), "+c"(count) :: "cc", "memory");
    EXPECT_EQUAL(count, 64 - 34);
    at = MMIO + 0x200;
    __asm__ volatile("cld; lodsl" : "+S"(at), "=a"(count) :: "memory");
    EXPECT_EQUAL(count, FILE32(0x200));
}

/* --- PCI configuration space, the VGA window, and memory beyond 4 GiB --------------------------------------------- */
static void pci(void)
{
    memset(firmware.pci, 0, sizeof(firmware.pci));
    outl(0xcf8, 0x80000000 | PCI_BDF << 8 | 0x10);
    outl(0xcfc, 0x55667788);
    EXPECT_EQUAL(inw(0xcfe), 0x5566);
    EXPECT_EQUAL(firmware.accesses, 2);
    expect_request(0, XEN_REFLECT_RANGE_PCI, false, 4, (uint64_t)PCI_BDF << 32 | 0x10);
    expect_request(1, XEN_REFLECT_RANGE_PCI, true, 2, (uint64_t)PCI_BDF << 32 | 0x12);
    outl(0xcf8, 0x80000000 | (PCI_BDF + 1) << 8);
    EXPECT_EQUAL(inl(0xcfc), 0xffffffff);
    outl(0xcf8, PCI_BDF << 8);
    EXPECT_EQUAL(inl(0xcfc), 0xffffffff);
    EXPECT_EQUAL(firmware.accesses, 2);
}

static void vga(void)
{
    *(volatile uint32_t *)(VGA + 4) = 0x07410742;
    *(volatile uint8_t *)(VGA + 5) = 0x17;
    EXPECT_EQUAL(*(volatile uint32_t *)(VGA + 4), 0x07411742);
    EXPECT_EQUAL(*(volatile uint8_t *)(VGA - 0x8000), 0xff);
    EXPECT_EQUAL(firmware.accesses, 3);
}

static void beyond_4_gib(void)
{
    if (!wide_paging())
        return;
    alias_set(2, HIGH);
    *(volatile uint16_t *)(ALIAS + 2 * PAGE + 6) = 0x1234;
    EXPECT_EQUAL(*(uint16_t *)(firmware.high + 6), 0x1234);
    EXPECT_EQUAL(*(volatile uint32_t *)(ALIAS + 2 * PAGE + 4), 0x12340000);
    EXPECT_EQUAL(firmware.accesses, 2);
    expect_request(0, XEN_REFLECT_RANGE_MEMORY, false, 2, HIGH + 6);
    memset(firmware.high, 0, 8);
    fill(memory[0], 64, 9);
    rep_movs(ALIAS + 2 * PAGE + 64, gpa_of(memory[0]), 64, 4, false);
    EXPECT(!memcmp(firmware.high + 64, memory[0], 64));
    memset(firmware.high, 0, 8);
}

const struct test_case access_cases[] = {
    { "port: every width", port_widths },
    { "port: edges of a claim", port_edges },
    { "port: rep ins", string_in },
    { "port: rep outs", string_out },
    { "port: rep ins across pages", string_in_across_pages },
    { "port: rep outs across pages", string_out_across_pages },
    { "memory: every width", mmio_widths },
    { "memory: zero and sign extension", mmio_extensions },
    { "memory: push and pop", mmio_stack_operands },
    { "memory: read-modify-write", mmio_read_modify_write },
    { "memory: compare and exchange", mmio_compare_exchange },
    { "memory: 8 and 16 bytes", mmio_8_and_16_bytes },
    { "memory: across pages", mmio_across_pages },
    { "memory: edges of a claim", mmio_edges },
    { "memory: rep movs", string_moves },
    { "memory: rep movs across pages", string_moves_across_aliases },
    { "memory: rep stos", string_stores },
    { "memory: scas, cmps, lods", string_scans },
    { "PCI configuration space", pci },
    { "VGA window", vga },
    { "memory beyond 4 GiB", beyond_4_gib },
    { NULL, NULL },
};
