/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Two vCPUs, one firmware.  firmware.c itself notices an entry while the other vCPU is inside. */
#include "firmware.h"
#include "hypercalls.h"
#include "machine.h"
#include "test.h"

#include <xen/vcpu.h>

#define ACCESSES 400u
#define INITS    10u
#define CELL(vcpu) (*(volatile uint32_t *)(MMIO + 0x800 + 4 * (vcpu)))

static volatile uint32_t wrong[VCPUS], done[VCPUS], done_when_first_ended;

static void contend(void)
{
    unsigned int self = this_vcpu();

    for (uint32_t i = 0; i < ACCESSES; i++) {
        CELL(self) = i;
        outb((uint16_t)(PORTS + self), (uint8_t)i);
        if (CELL(self) != i || inb((uint16_t)(PORTS + self)) != (uint8_t)i)
            wrong[self]++;
        done[self] = i + 1;
    }
    if (!done_when_first_ended)
        done_when_first_ended = done[!self];
}

static void contention(void)
{
    uint32_t before[VCPUS] = { firmware.served[0], firmware.served[1] };

    ap_start(contend);
    contend();
    EXPECT(ap_wait(20000));
    EXPECT_EQUAL(wrong[0] + wrong[1], 0);
    EXPECT_EQUAL(firmware.served[0] - before[0], 4 * ACCESSES);
    EXPECT_EQUAL(firmware.served[1] - before[1], 4 * ACCESSES);
    note("contention: %u accesses each; when one vCPU was done, the other was at %u of %u", 4 * ACCESSES,
         done_when_first_ended, ACCESSES);
    EXPECT(done_when_first_ended >= ACCESSES / 2);
}

/* --- INIT and SIPI ------------------------------------------------------------------------------------------------ */
static void stay_busy(void)
{
    for (;;)
        inb(SLOW);
}

static void restart(uint32_t boots)
{
    send_sipi(1);
    EXPECT(WAIT_FOR(ap_boots != boots, 2000));
    EXPECT_EQUAL(ap_boots, boots + 1);
    firmware.ports[5]++;
    EXPECT_EQUAL(inb(PORTS + 5), firmware.ports[5]);
}

/* The firmware is finished before its vCPU is reset: the next entry finds nobody inside (firmware.c: unexpected). */
static void init_in_firmware(void)
{
    uint32_t hit = 0;

    for (uint32_t i = 0; i < INITS; i++) {
        uint32_t boots = ap_boots;

        ap_start(stay_busy);
        EXPECT(WAIT_FOR(firmware.running[1], 1000));
        hit += firmware.running[1];
        send_init(1);
        restart(boots);
    }
    note("INIT: %u of %u while the vCPU was in the firmware", hit, INITS);
}

/* From the firmware of this vCPU, so that the other can but wait. */
static int init_from_firmware(uint32_t vcpu)
{
    firmware_sleep(2 * SLOW_NS);
    send_init(vcpu);
    return 0;
}

static void init_while_waiting(void)
{
    for (uint32_t i = 0; i < INITS; i++) {
        uint32_t boots = ap_boots;

        ap_start(stay_busy);
        EXPECT(WAIT_FOR(firmware.running[1], 1000));
        EXPECT_EQUAL(in_firmware(init_from_firmware, 1), 0);
        restart(boots);
    }
}

/* Wherever it is. */
static void init_at_random(void)
{
    for (uint32_t i = 0; i < 2 * INITS; i++) {
        uint32_t boots = ap_boots;

        ap_start(contend);
        for (uint32_t j = 0; j < i; j++)
            inb(PORTS);
        send_init(1);
        restart(boots);
    }
}

static int sipi_from_firmware(uint32_t vcpu)
{
    firmware_sleep(200000);
    send_sipi(vcpu);
    return 0;
}

/* The second of the usual two SIPIs finds its vCPU running, waiting for the firmware maybe: it must lose no access. */
static void sipi_to_running(void)
{
    uint32_t before = firmware.served[1], boots = ap_boots;

    wrong[1] = 0;
    ap_start(contend);
    while (ap_busy())
        in_firmware(sipi_from_firmware, 1);
    EXPECT_EQUAL(wrong[1], 0);
    EXPECT_EQUAL(firmware.served[1] - before, 4 * ACCESSES);
    EXPECT_EQUAL(ap_boots, boots);
}

/* --- A vCPU that the guest takes offline -------------------------------------------------------------------------- */
static void offline_in_firmware(void)
{
    uint32_t hit = 0, boots = ap_boots;

    ap_start(stay_busy);
    for (uint32_t i = 0; i < INITS; i++) {
        bool inside = WAIT_FOR(firmware.running[1], 1000);
        long rc = vcpu_op(VCPUOP_down, 1);

        EXPECT(rc == -XEN_EBUSY || !rc);
        EXPECT(inside);
        hit += rc == -XEN_EBUSY;
        firmware.ports[5]++;
        EXPECT_EQUAL(inb(PORTS + 5), firmware.ports[5]);
        EXPECT_EQUAL(vcpu_op(VCPUOP_up, 1), 0);
    }
    note("offline: %u of %u refused, the vCPU being in the firmware", hit, INITS);
    EXPECT(hit != 0);
    send_init(1);
    restart(boots);
}

static int down_from_firmware(uint32_t vcpu)
{
    firmware_sleep(200000);
    return (int)vcpu_op(VCPUOP_down, vcpu);
}

/* From the firmware of this vCPU: the other one waits its turn, or will.  It loses no access by it. */
static void offline_while_waiting(void)
{
    uint32_t before = firmware.served[1];

    wrong[1] = 0;
    ap_start(contend);
    while (ap_busy()) {
        EXPECT_EQUAL(in_firmware(down_from_firmware, 1), 0);
        EXPECT_EQUAL(inb(PORTS + 5), firmware.ports[5]);
        EXPECT_EQUAL(vcpu_op(VCPUOP_up, 1), 0);
    }
    EXPECT_EQUAL(wrong[1], 0);
    EXPECT_EQUAL(firmware.served[1] - before, 4 * ACCESSES);
}

const struct test_case smp_cases[] = {
    { "two vCPUs contend", contention },
    { "INIT to a vCPU in the firmware", init_in_firmware },
    { "INIT to a vCPU that waits for the firmware", init_while_waiting },
    { "INIT to a vCPU that accesses", init_at_random },
    { "SIPI to a vCPU that runs", sipi_to_running },
    { "offline: a vCPU in the firmware", offline_in_firmware },
    { "offline: a vCPU that waits for the firmware", offline_while_waiting },
    { NULL, NULL },
};
