/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Real mode and 64-bit mode, which cannot run the other cases' code. */
#include "firmware.h"
#include "hypercalls.h"
#include "lib/string.h"
#include "machine.h"
#include "test.h"

void real_run(void);
extern uint8_t real_in[12];
extern uint16_t real_words[10], real_registers[6];

void long_run(void);
extern uint64_t long_in[14], long_out[14], long_rax[2];
enum { RBX, RCX, RDX, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15 };

struct long_call { uint64_t entry, a[5], result; };
void long_hypercall(struct long_call *call);

static void real_mode(void)
{
    memset(firmware.vga, 0, 64);
    firmware.stream_next = 100;
    firmware.stream_sum = 0;
    real_run();
    EXPECT_EQUAL(real_in[0], 0x44);
    EXPECT_EQUAL(*(uint16_t *)(real_in + 2), 0x3344);
    EXPECT_EQUAL(*(uint32_t *)(real_in + 4), 0x11223344);
    for (uint16_t i = 0; i < 10; i++)
        EXPECT_EQUAL(real_words[i], 100 + i);
    EXPECT_EQUAL(firmware.stream_sum, 1045);
    EXPECT_EQUAL(firmware.vga[0], 0x5a);
    EXPECT_EQUAL(*(uint16_t *)(firmware.vga + 2), 0x1000);
    EXPECT_EQUAL(*(uint32_t *)(firmware.vga + 4), 0xcafebabe);
    EXPECT(!memcmp(firmware.vga + 8, real_words, 20));
    EXPECT_EQUAL(*(uint32_t *)(firmware.vga + 36), 0x77777777);
    EXPECT_EQUAL(*(uint32_t *)(real_in + 8), 0xbabe1000);
    EXPECT_EQUAL(real_registers[0], 0x1234);
    EXPECT_EQUAL(real_registers[1], 0x5678);
    EXPECT_EQUAL(real_registers[2], 0x6000);
    EXPECT_EQUAL(real_registers[3], 0);
    EXPECT_EQUAL(real_registers[4], (uint16_t)((uint32_t)real_words - 2));
    EXPECT_EQUAL(real_registers[5], (uint16_t)(uint32_t)(real_words + 10));
}

static void long_mode(void)
{
    mode_set(MODE_LONG);
    memset(firmware.mmio, 0, 0x200);
    firmware.ports[0] = 0x99;
    for (unsigned int i = 0; i < 14; i++)
        long_in[i] = 0x1122334455667700ull * (i + 1) + i;
    long_in[RDX] = 0xaaaabbbb00000000 | PORTS;
    long_in[RSI] = MMIO;
    long_run();
    EXPECT_EQUAL(long_rax[0], 0x8877665544332299);
    EXPECT_EQUAL(long_rax[1] >> 32, 0);
    EXPECT(!memcmp(long_in, long_out, sizeof(long_in)));
    EXPECT_EQUAL(*(uint64_t *)firmware.mmio, long_in[R15]);
    EXPECT_EQUAL(*(uint64_t *)(firmware.mmio + 8), long_in[R14]);
    EXPECT(!memcmp(firmware.mmio + 16, long_in + R8, 16));
    EXPECT_EQUAL(*(uint64_t *)(firmware.mmio + 32), long_in[R15]);
    EXPECT(!memcmp(firmware.mmio + 0x100, long_in, sizeof(long_in)));
    mode_set(MODE_FLAT);
}

/* From 64-bit code: query for all, nothing else behind the lock. */
static void long_hypercalls(void)
{
    static struct long_call call;

    mode_set(MODE_LONG);
    call = (struct long_call){ gpa_of(hypercall_page) + __HYPERVISOR_reflect_op * HYPERCALL_STRIDE,
                               { XEN_REFLECT_query, ~0ull, ~0ull, ~0ull, ~0ull }, 0 };
    long_hypercall(&call);
    EXPECT_EQUAL(call.result, XEN_REFLECT_ABI << 16);
    call.a[0] = XEN_REFLECT_resume;
    long_hypercall(&call);
    EXPECT_EQUAL(call.result, -XEN_EPERM);
    mode_set(MODE_FLAT);
}

/* What it turns on is no business of the guest's, nor of its own next entry's (firmware.c checks that). */
static int turn_paging_on(uint32_t cr3)
{
    firmware_resume_paged(cr3);
    return 0;
}

static void firmware_with_paging(void)
{
    for (enum mode mode = MODE_FLAT; mode < MODES; mode++) {
        uint32_t cr0, cr3, cr4;

        if (!mode_works(mode))
            continue;
        mode_set(mode);
        cr0 = read_cr0();
        cr3 = read_cr3();
        cr4 = read_cr4();
        EXPECT_EQUAL(in_firmware(turn_paging_on, pse_tables()), 0);
        EXPECT_EQUAL(read_cr0(), cr0);
        EXPECT_EQUAL(read_cr3(), cr3);
        EXPECT_EQUAL(read_cr4(), cr4);
        EXPECT_EQUAL(inb(PORTS), firmware.ports[0]);
    }
    mode_set(MODE_FLAT);
}

const struct test_case mode_cases[] = {
    { "real mode", real_mode },
    { "64-bit mode: accesses and registers", long_mode },
    { "64-bit mode: hypercalls", long_hypercalls },
    { "the firmware returns with paging on", firmware_with_paging },
    { NULL, NULL },
};
