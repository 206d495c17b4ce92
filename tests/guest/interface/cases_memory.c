/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Registers that Xen answers from the firmware's memory, the pages that were written, and what info counts of both. */
#include "firmware.h"
#include "hypercalls.h"
#include "lib/string.h"
#include "machine.h"
#include "test.h"

#define PAGE 4096u

static uint8_t memory[8][PAGE] __attribute__((aligned(4096)));
static struct xen_reflect_shadow shadow;
static struct xen_reflect_info info;

static int call_shadow(uint32_t unused) { (void)unused; return (int)reflect_shadow(&shadow); }
static int call_info(uint32_t vcpu) { return (int)reflect_info(vcpu, &info); }

static long shadow_add(uint32_t type, uint64_t address, uint32_t size, uint64_t gpa)
{
    shadow = (struct xen_reflect_shadow){ type, 1, address, gpa, size, 0 };
    return in_firmware(call_shadow, 0);
}

static long shadow_remove(uint32_t type, uint64_t address)
{
    shadow = (struct xen_reflect_shadow){ .type = type, .address = address };
    return in_firmware(call_shadow, 0);
}

static uint64_t shadowed(void)
{
    EXPECT_EQUAL(in_firmware(call_info, 0), 0);
    return info.shadowed;
}

/* --- shadow ------------------------------------------------------------------------------------------------------- */
static void shadow_of_ports(void)
{
    uint64_t before = shadowed();

    memcpy(memory[0], "\x11\x22\x33\x44\x55", 5);
    memset(firmware.ports, 0xaa, 16);
    EXPECT_EQUAL(shadow_add(XEN_REFLECT_RANGE_PORT, PORTS, 1, gpa_of(memory[0])), 0);
    EXPECT_EQUAL(shadow_add(XEN_REFLECT_RANGE_PORT, PORTS + 2, 2, gpa_of(memory[0] + 2)), 0);
    EXPECT_EQUAL(shadow_add(XEN_REFLECT_RANGE_PORT, PORTS + 4, 4, gpa_of(memory[0])), 0);
    firmware_forget();
    EXPECT_EQUAL(inb(PORTS), 0x11);
    EXPECT_EQUAL(inw(PORTS + 2), 0x4433);
    EXPECT_EQUAL(inl(PORTS + 4), 0x44332211);
    memory[0][0] = 0x99;
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
    EXPECT_EQUAL(firmware.accesses, 5);
}

static void shadow_of_memory(void)
{
    memcpy(memory[1], "\1\2\3\4\5\6\7\10", 8);
    memset(firmware.mmio, 0xbb, 64);
    EXPECT_EQUAL(shadow_add(XEN_REFLECT_RANGE_MEMORY, MMIO, 8, gpa_of(memory[1])), 0);
    EXPECT_EQUAL(shadow_add(XEN_REFLECT_RANGE_MEMORY, MMIO + 16, 4, gpa_of(memory[1])), 0);
    firmware_forget();
    EXPECT_EQUAL(*(volatile uint32_t *)(MMIO + 16), 0x04030201);
    EXPECT_EQUAL(firmware.accesses, 0);
    EXPECT_EQUAL(*(volatile uint32_t *)MMIO, 0xbbbbbbbb);
    EXPECT_EQUAL(firmware.accesses, 1);
    *(volatile uint32_t *)(MMIO + 16) = 7;
    EXPECT_EQUAL(firmware.accesses, 2);
    EXPECT_EQUAL(*(volatile uint32_t *)(MMIO + 16), 0x04030201);
    /* Read-modify-write: what is read is the shadow, what is written is the firmware's. */
    __asm__ volatile("addl $1, %0" : "+m"(*(volatile uint32_t *)(MMIO + 16)) :: "cc");
    EXPECT_EQUAL(firmware.accesses, 3);
    EXPECT_EQUAL(*(uint32_t *)(firmware.mmio + 16), 0x04030202);
    EXPECT_EQUAL(shadow_remove(XEN_REFLECT_RANGE_MEMORY, MMIO), 0);
    EXPECT_EQUAL(shadow_remove(XEN_REFLECT_RANGE_MEMORY, MMIO + 16), 0);
}

/* Memory that the guest has given away answers nothing, and neither does a hole. */
static void shadow_without_ram(void)
{
    EXPECT_EQUAL(shadow_add(XEN_REFLECT_RANGE_PORT, PORTS + 8, 1, HIGH), 0);
    firmware.ports[8] = 0x5c;
    firmware_forget();
    EXPECT_EQUAL(inb(PORTS + 8), 0x5c);
    EXPECT_EQUAL(firmware.accesses, 1);
    EXPECT_EQUAL(shadow_remove(XEN_REFLECT_RANGE_PORT, PORTS + 8), 0);
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

static void shadow_replaced_and_removed(void)
{
    memory[0][8] = 0x31;
    EXPECT_EQUAL(shadow_add(XEN_REFLECT_RANGE_PORT, PORTS, 1, gpa_of(memory[0] + 8)), 0);
    EXPECT_EQUAL(inb(PORTS), 0x31);
    for (uint32_t port = 0; port < 6; port += 2)
        EXPECT_EQUAL(shadow_remove(XEN_REFLECT_RANGE_PORT, PORTS + port), 0);
    EXPECT_EQUAL(shadow_remove(XEN_REFLECT_RANGE_PORT, PORTS), 0);
    firmware_forget();
    EXPECT_EQUAL(inb(PORTS), 0x77);
    EXPECT_EQUAL(firmware.accesses, 1);
}

static void shadow_limit(void)
{
    for (uint32_t i = 0; i < XEN_REFLECT_MAX_SHADOWS; i++)
        EXPECT_EQUAL(shadow_add(XEN_REFLECT_RANGE_PORT, PORTS + i, 1, gpa_of(memory[0])), 0);
    EXPECT_EQUAL(shadow_add(XEN_REFLECT_RANGE_PORT, PORTS + 0x40, 1, gpa_of(memory[0])), -XEN_ENOSPC);
    EXPECT_EQUAL(shadow_add(XEN_REFLECT_RANGE_PORT, PORTS + 3, 1, gpa_of(memory[0])), 0);
    for (uint32_t i = 0; i < XEN_REFLECT_MAX_SHADOWS; i++)
        EXPECT_EQUAL(shadow_remove(XEN_REFLECT_RANGE_PORT, PORTS + i), 0);
}

static void shadow_arguments(void)
{
    uint32_t ram = gpa_of(memory[0]);

    EXPECT_EQUAL(shadow_add(XEN_REFLECT_RANGE_PCI, PORTS, 1, ram), -XEN_EINVAL);
    EXPECT_EQUAL(shadow_add(0xffffffff, PORTS, 1, ram), -XEN_EINVAL);
    EXPECT_EQUAL(shadow_add(XEN_REFLECT_RANGE_PORT, PORTS, 0, ram), -XEN_EINVAL);
    EXPECT_EQUAL(shadow_add(XEN_REFLECT_RANGE_PORT, PORTS, 3, ram), -XEN_EINVAL);
    EXPECT_EQUAL(shadow_add(XEN_REFLECT_RANGE_PORT, PORTS, 8, ram), -XEN_EINVAL);
    EXPECT_EQUAL(shadow_add(XEN_REFLECT_RANGE_MEMORY, MMIO, 16, ram), -XEN_EINVAL);
    EXPECT_EQUAL(shadow_add(XEN_REFLECT_RANGE_PORT, PORTS, 2, ram + 1), -XEN_EINVAL);
    EXPECT_EQUAL(shadow_add(XEN_REFLECT_RANGE_PORT, 0xffff, 1, ram), 0);
    EXPECT_EQUAL(shadow_remove(XEN_REFLECT_RANGE_PORT, 0xffff), 0);
    EXPECT_EQUAL(shadow_add(XEN_REFLECT_RANGE_PORT, 0xffff, 2, ram), -XEN_EINVAL);
    EXPECT_EQUAL(shadow_add(XEN_REFLECT_RANGE_PORT, 0x10000, 1, ram), -XEN_EINVAL);
    EXPECT_EQUAL(shadow_add(XEN_REFLECT_RANGE_MEMORY, ~0ull, 1, ram), -XEN_EINVAL);
    EXPECT_EQUAL(shadow_add(XEN_REFLECT_RANGE_PORT, PORTS, 1, 1ull << 52), -XEN_EINVAL);
    shadow = (struct xen_reflect_shadow){ .type = XEN_REFLECT_RANGE_PORT, .add = 2, .size = 1 };
    EXPECT_EQUAL(in_firmware(call_shadow, 0), -XEN_EINVAL);
    shadow = (struct xen_reflect_shadow){ .type = XEN_REFLECT_RANGE_PORT, .add = 1, .size = 1, .pad = 1 };
    EXPECT_EQUAL(in_firmware(call_shadow, 0), -XEN_EINVAL);
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
    { "shadow: of ports", shadow_of_ports },
    { "shadow: all else is reflected", shadow_only_of_its_like },
    { "shadow: of memory", shadow_of_memory },
    { "shadow: where there is no memory", shadow_without_ram },
    { "shadow: of a claimed range only", shadow_needs_claim },
    { "shadow: replaced and removed", shadow_replaced_and_removed },
    { "shadow: 16", shadow_limit },
    { "shadow: arguments", shadow_arguments },
    { "info: counts, vCPUs", info_counts },
    { "vram: what was written", vram_tells_what_was_written },
    { "vram: another run, and none", vram_of_another_run },
    { "vram: limits", vram_limits },
    { NULL, NULL },
};
