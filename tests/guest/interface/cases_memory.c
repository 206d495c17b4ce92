/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Registers that Xen answers from the firmware's memory, the pages that were written, and what info counts of both. */
#include "firmware.h"
#include "hypercalls.h"
#include "lib/string.h"
#include "machine.h"
#include "test.h"

#define PAGE 4096u

static uint8_t memory[8][PAGE] __attribute__((aligned(4096)));
static struct xen_reflect_shadows *const page = &shadow_page.shadows;
static struct xen_reflect_info info;

static int call_shadows(uint32_t gfn) { return (int)reflect_shadows(gfn); }
static int call_info(uint32_t vcpu) { return (int)reflect_info(vcpu, &info); }

#define READ  XEN_REFLECT_SHADOW_READ
#define WRITE XEN_REFLECT_SHADOW_WRITE
#define PORT_KEY(size, offset)   XEN_REFLECT_SHADOW_KEY(XEN_REFLECT_RANGE_PORT, size, PORTS + (offset))
#define MEMORY_KEY(size, offset) XEN_REFLECT_SHADOW_KEY(XEN_REFLECT_RANGE_MEMORY, size, MMIO + (offset))

/* No firmware runs, and the other vCPU does nothing: the page can be written in any order. */
static void set(uint32_t place, uint64_t key, uint8_t flags, uint32_t value)
{
    page->shadows[place] = (struct xen_reflect_shadow){ .key = key, .value = value, .flags = flags };
    if (page->nr <= place)
        page->nr = place + 1;
}

static void clear(void)
{
    page->nr = 0;
    page->taken = page->put;
}

static uint64_t shadowed(void)
{
    EXPECT_EQUAL(in_firmware(call_info, 0), 0);
    return info.shadowed;
}

/* --- shadows ------------------------------------------------------------------------------------------------------ */
static void shadows_page(void)
{
    EXPECT_EQUAL(in_firmware(call_shadows, gpa_of(&shadow_page) / PAGE), -XEN_EBUSY);
    EXPECT_EQUAL(in_firmware(call_shadows, gpa_of(memory[0]) / PAGE), -XEN_EBUSY);
    EXPECT_EQUAL(in_firmware(call_shadows, MMIO / PAGE), -XEN_EBUSY);
    EXPECT_EQUAL(reflect_shadows(gpa_of(memory[0]) / PAGE), -XEN_EPERM);
}

static void shadow_of_ports(void)
{
    uint64_t before = shadowed();

    memset(firmware.ports, 0xaa, 16);
    set(0, PORT_KEY(1, 0), READ, 0x11);
    set(1, PORT_KEY(2, 2), READ, 0x4433);
    set(2, PORT_KEY(4, 4), READ, 0x44332211);
    firmware_forget();
    EXPECT_EQUAL(inb(PORTS), 0x11);
    EXPECT_EQUAL(inw(PORTS + 2), 0x4433);
    EXPECT_EQUAL(inl(PORTS + 4), 0x44332211);
    page->shadows[0].value = 0x99;
    EXPECT_EQUAL(inb(PORTS), 0x99);
    EXPECT_EQUAL(firmware.accesses, 0);
    EXPECT_EQUAL(shadowed(), before + 4);
}

/* Another width, another port, a write, a string: the firmware's. */
static void shadow_only_of_its_like(void)
{
    uint8_t bytes[2];
    void *at = bytes;
    uint32_t count = 2;

    firmware_forget();
    EXPECT_EQUAL(inw(PORTS), 0xaaaa);
    EXPECT_EQUAL(inb(PORTS + 1), 0xaa);
    EXPECT_EQUAL(inb(PORTS + 2), 0xaa);
    outb(PORTS, 0x77);
    __asm__ volatile("cld; rep insb" : "+D"(at), "+c"(count) : "d"(PORTS) : "memory");
    EXPECT_EQUAL(bytes[0], 0x77);
    EXPECT_EQUAL(bytes[1], 0x77);
    EXPECT_EQUAL(firmware.accesses, 5);
    EXPECT_EQUAL(inb(PORTS), 0x99);
    page->shadows[0].flags = 0;
    EXPECT_EQUAL(inb(PORTS), 0x77);
    EXPECT_EQUAL(firmware.accesses, 6);
    page->shadows[0].flags = READ;
    EXPECT_EQUAL(inb(PORTS), 0x99);
    EXPECT_EQUAL(firmware.accesses, 6);
}

static void shadow_of_memory(void)
{
    memset(firmware.mmio, 0xbb, 64);
    set(3, MEMORY_KEY(4, 16), READ, 0x04030201);
    firmware_forget();
    EXPECT_EQUAL(*(volatile uint32_t *)(MMIO + 16), 0x04030201);
    EXPECT_EQUAL(firmware.accesses, 0);
    EXPECT_EQUAL(*(volatile uint16_t *)(MMIO + 16), 0xbbbb);
    EXPECT_EQUAL(firmware.accesses, 1);
    *(volatile uint32_t *)(MMIO + 16) = 7;
    EXPECT_EQUAL(firmware.accesses, 2);
    EXPECT_EQUAL(*(volatile uint32_t *)(MMIO + 16), 0x04030201);
    /* Read-modify-write: what is read is the shadow, what is written is the firmware's. */
    __asm__ volatile("addl $1, %0" : "+m"(*(volatile uint32_t *)(MMIO + 16)) :: "cc");
    EXPECT_EQUAL(firmware.accesses, 3);
    EXPECT_EQUAL(*(uint32_t *)(firmware.mmio + 16), 0x04030202);
}

static int give_back(uint32_t unused)
{
    (void)unused;
    return (int)reflect_range(XEN_REFLECT_RANGE_PORT, 0, PORTS, PORTS);
}

static int claim_all(uint32_t unused)
{
    (void)unused;
    firmware_claim();
    return 0;
}

static void shadow_needs_claim(void)
{
    EXPECT_EQUAL(in_firmware(give_back, 0), 0);
    EXPECT_EQUAL(inb(PORTS), 0xff);
    in_firmware(claim_all, 0);
    EXPECT_EQUAL(inb(PORTS), 0x99);
}

/* Whatever the page says, 64 places are looked at. */
static void shadow_limit(void)
{
    clear();
    for (uint32_t i = 0; i < XEN_REFLECT_MAX_SHADOWS; i++)
        set(i, PORT_KEY(1, i), READ, 0x80 + i);
    page->nr = 0xffffffff;
    firmware_forget();
    EXPECT_EQUAL(inb(PORTS), 0x80);
    EXPECT_EQUAL(inb(PORTS + XEN_REFLECT_MAX_SHADOWS - 1), 0x80 + XEN_REFLECT_MAX_SHADOWS - 1);
    EXPECT_EQUAL(firmware.accesses, 0);
    firmware.ports[XEN_REFLECT_MAX_SHADOWS] = 0x3d;
    EXPECT_EQUAL(inb(PORTS + XEN_REFLECT_MAX_SHADOWS), 0x3d);
    EXPECT_EQUAL(firmware.accesses, 1);
    page->nr = 1;
    firmware.ports[1] = 0x3e;
    EXPECT_EQUAL(inb(PORTS + 1), 0x3e);
    clear();
}

/* --- writes that wait --------------------------------------------------------------------------------------------- */
static void expect_write(uint32_t number, uint64_t key, uint32_t value)
{
    const struct xen_reflect_write *write = &page->writes[number % XEN_REFLECT_MAX_WRITES];

    EXPECT(write->key == key);
    EXPECT_EQUAL(write->value, value);
    EXPECT_EQUAL(write->vcpu, this_vcpu());
}

static void writes_wait(void)
{
    uint32_t put = page->put;

    set(0, PORT_KEY(1, 0), WRITE, 0);
    set(1, PORT_KEY(4, 4), WRITE, 0);
    set(2, MEMORY_KEY(2, 32), WRITE, 0);
    memset(firmware.ports, 0xaa, 16);
    firmware_forget();
    outb(PORTS, 0x12);
    outl(PORTS + 4, 0x12345678);
    *(volatile uint16_t *)(MMIO + 32) = 0x9abc;
    outb(PORTS, 0xff);
    EXPECT_EQUAL(firmware.accesses, 0);
    EXPECT_EQUAL(page->put, put + 4);
    expect_write(put, PORT_KEY(1, 0), 0x12);
    expect_write(put + 1, PORT_KEY(4, 4), 0x12345678);
    expect_write(put + 2, MEMORY_KEY(2, 32), 0x9abc);
    expect_write(put + 3, PORT_KEY(1, 0), 0xff);
    outw(PORTS, 0x1234);                        /* another width */
    EXPECT_EQUAL(inb(PORTS), 0x34);             /* and reads, of which the shadow says nothing */
    EXPECT_EQUAL(firmware.accesses, 2);
    EXPECT_EQUAL(page->put, put + 4);
    page->taken = page->put;
}

static void writes_by_mask(void)
{
    uint32_t put = page->put;

    page->shadows[0].mask = 0x11;
    page->shadows[0].match = 0x10;
    firmware_forget();
    outb(PORTS, 0x10);
    outb(PORTS, 0xfe);
    EXPECT_EQUAL(firmware.accesses, 0);
    EXPECT_EQUAL(page->put, put + 2);
    outb(PORTS, 0x11);
    outb(PORTS, 0x00);
    EXPECT_EQUAL(firmware.accesses, 2);
    EXPECT_EQUAL(page->put, put + 2);
    page->taken = page->put;
    page->shadows[0].mask = page->shadows[0].match = 0;
}

static void write_waits_before_a_read(void)
{
    set(0, PORT_KEY(1, 0), READ | WRITE, 0x41);
    set(3, PORT_KEY(1, 8), READ, 0x43);
    firmware.ports[0] = 0x42;
    firmware_forget();
    EXPECT_EQUAL(inb(PORTS), 0x41);
    outb(PORTS, 0x55);
    EXPECT_EQUAL(firmware.accesses, 0);
    EXPECT_EQUAL(inb(PORTS), 0x42);             /* the firmware knows, the shadow does not */
    EXPECT_EQUAL(firmware.accesses, 1);
    EXPECT_EQUAL(inb(PORTS + 8), 0x43);
    EXPECT_EQUAL(firmware.accesses, 1);
    page->taken = page->put;
    EXPECT_EQUAL(inb(PORTS), 0x41);
    EXPECT_EQUAL(firmware.accesses, 1);
}

static void writes_limit(void)
{
    uint32_t put = page->put;

    firmware_forget();
    for (uint32_t i = 0; i < XEN_REFLECT_MAX_WRITES; i++)
        outb(PORTS, i);
    EXPECT_EQUAL(firmware.accesses, 0);
    outb(PORTS, 0x99);
    EXPECT_EQUAL(firmware.accesses, 1);
    EXPECT_EQUAL(firmware.ports[0], 0x99);
    EXPECT_EQUAL(page->put, put + XEN_REFLECT_MAX_WRITES);
    page->taken++;
    outb(PORTS, 0x9a);
    EXPECT_EQUAL(firmware.accesses, 1);
    expect_write(put + XEN_REFLECT_MAX_WRITES, PORT_KEY(1, 0), 0x9a);
    page->taken = page->put + 1;                /* a firmware that lies about it */
    outb(PORTS, 0x9b);
    EXPECT_EQUAL(firmware.accesses, 2);
    clear();
    outb(PORTS, 0x9c);
    EXPECT_EQUAL(firmware.accesses, 3);
}

/* --- info --------------------------------------------------------------------------------------------------------- */
static void info_counts(void)
{
    uint64_t before;

    EXPECT_EQUAL(in_firmware(call_info, 0), 0);
    EXPECT_EQUAL(info.nr_vcpus, VCPUS);
    EXPECT_EQUAL(info.pad, 0);
    EXPECT_EQUAL(info.entries[0], 0);
    EXPECT_EQUAL(info.entries[XEN_REFLECT_WHY_RESTORED], 0);
    before = info.entries[XEN_REFLECT_WHY_IO];
    for (unsigned int i = 0; i < 10; i++)
        inb(PORTS);
    inb(PORTS_END + 1);
    EXPECT_EQUAL(in_firmware(call_info, 0), 0);
    EXPECT_EQUAL(info.entries[XEN_REFLECT_WHY_IO], before + 11);   /* and the call's own */
    EXPECT_EQUAL(in_firmware(call_info, VCPUS), -XEN_EINVAL);
    EXPECT_EQUAL(in_firmware(call_info, 0xffffffff), -XEN_EINVAL);
}

/* --- vram --------------------------------------------------------------------------------------------------------- */
static struct { uint64_t first; uint32_t nr; uint8_t bits[XEN_REFLECT_VRAM_MAX / 8 + 1]; } vram;

static int call_vram(uint32_t unused)
{
    (void)unused;
    return (int)reflect_vram(vram.first, vram.nr, vram.bits);
}

static long written(uint64_t first, uint32_t nr)
{
    vram.first = first;
    vram.nr = nr;
    memset(vram.bits, 0x55, sizeof(vram.bits));
    return in_firmware(call_vram, 0);
}

static void vram_tells_what_was_written(void)
{
    uint64_t first = gpa_of(memory[0]) / PAGE;

    EXPECT_EQUAL(written(first, 8), 0);
    EXPECT_EQUAL(vram.bits[0], 0xff);
    EXPECT_EQUAL(vram.bits[1], 0x55);
    EXPECT_EQUAL(written(first, 8), 0);
    EXPECT_EQUAL(vram.bits[0], 0);
    memory[2][1] = 1;
    memory[5][PAGE - 1] = 1;
    EXPECT_EQUAL(written(first, 8), 0);
    EXPECT_EQUAL(vram.bits[0], 1u << 2 | 1u << 5);
    EXPECT_EQUAL(memory[3][0], 0);
    EXPECT_EQUAL(written(first, 8), 0);
    EXPECT_EQUAL(vram.bits[0], 0);
}

static void vram_of_another_run(void)
{
    EXPECT_EQUAL(written(gpa_of(memory[1]) / PAGE, 3), 0);
    EXPECT_EQUAL(vram.bits[0], 0xff);
    EXPECT_EQUAL(written(gpa_of(memory[1]) / PAGE, 3), 0);
    EXPECT_EQUAL(vram.bits[0], 0);
    EXPECT_EQUAL(written(0, 0), 0);
    EXPECT_EQUAL(vram.bits[0], 0x55);
}

static void vram_limits(void)
{
    EXPECT_EQUAL(written(0x100000, XEN_REFLECT_VRAM_MAX), 0);
    EXPECT_EQUAL(vram.bits[XEN_REFLECT_VRAM_MAX / 8 - 1], 0xff);
    EXPECT_EQUAL(vram.bits[XEN_REFLECT_VRAM_MAX / 8], 0x55);
    EXPECT_EQUAL(written(0, XEN_REFLECT_VRAM_MAX + 1), -XEN_EINVAL);
    EXPECT_EQUAL(written(0, 0xffffffff), -XEN_EINVAL);
    EXPECT_EQUAL(written(1ull << 40, 1), -XEN_EINVAL);
    EXPECT_EQUAL(written((1ull << 40) - 1, 1), 0);
    EXPECT_EQUAL(written(0, 0), 0);
    EXPECT_EQUAL(reflect_vram(0, 0, vram.bits), -XEN_EPERM);
}

const struct test_case memory_cases[] = {
    { "shadows: the page", shadows_page },
    { "shadow: of ports", shadow_of_ports },
    { "shadow: all else is reflected", shadow_only_of_its_like },
    { "shadow: of memory", shadow_of_memory },
    { "shadow: of a claimed range only", shadow_needs_claim },
    { "shadow: 64", shadow_limit },
    { "writes: wait in their order", writes_wait },
    { "writes: by mask", writes_by_mask },
    { "writes: a read behind one", write_waits_before_a_read },
    { "writes: 128", writes_limit },
    { "info: counts, vCPUs", info_counts },
    { "vram: what was written", vram_tells_what_was_written },
    { "vram: another run, and none", vram_of_another_run },
    { "vram: limits", vram_limits },
    { NULL, NULL },
};
