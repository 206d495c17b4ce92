/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Event channels: each event enters the firmware once, and the guest has no hold on the firmware's ports. */
#include "firmware.h"
#include "hypercalls.h"
#include "lib/string.h"
#include "machine.h"
#include "test.h"

#include <xen/memory.h>
#include <xen/sched.h>

#define EVENTS  200u
#define ROUNDS  20u
#define SLOW_HZ 19u                     /* the timer's slowest: a lost wake-up would wait for it */

static uint8_t shared_info_page[XEN_PAGE_SIZE] __attribute__((aligned(4096)));
static uint32_t index, firmware_port, guest_port;

static int call_alloc(uint32_t remote) { return (int)reflect_port_alloc(remote, &index, &firmware_port); }
static int call_send(uint32_t i) { return (int)reflect_port_send(i); }
static int call_close(uint32_t i) { return (int)reflect_port_close(i); }

static long bind(void)
{
    struct evtchn_bind_interdomain bind = { .remote_dom = DOMID_SELF, .remote_port = firmware_port };
    long rc = event_op(EVTCHNOP_bind_interdomain, &bind);

    guest_port = bind.local_port;
    return rc;
}

/* --- to the firmware ---------------------------------------------------------------------------------------------- */
static void to_running(void)
{
    uint32_t before;

    EXPECT_EQUAL(in_firmware(call_alloc, DOMID_SELF), 0);
    EXPECT_EQUAL(bind(), 0);
    before = firmware.events[index];
    for (uint32_t i = 1; i <= EVENTS; i++) {
        EXPECT_EQUAL(event_send(guest_port), 0);
        (void)WAIT_FOR(firmware.events[index] >= before + i, 100);
        EXPECT_EQUAL(firmware.events[index], before + i);
    }
}

/* Sent by one, while the other is about to halt, halted, or waking up. */
static volatile uint32_t sent, missed;

static void send_events(void)
{
    uint32_t before = firmware.events[index];

    for (sent = 0; sent < EVENTS; sent++) {
        event_send(guest_port);
        if (!WAIT_FOR(firmware.events[index] == before + sent + 1, 500))
            missed++;
    }
}

static void between_vcpus(void)
{
    uint32_t before = firmware.events[index];

    missed = 0;
    interrupts_forget();
    timer_start(SLOW_HZ);
    pic_unmask(0);
    ap_start(send_events);
    while (ap_busy())
        halt();
    timer_start(0);
    pic_mask_all();
    EXPECT_EQUAL(sent, EVENTS);
    EXPECT_EQUAL(missed, 0);
    EXPECT_EQUAL(firmware.events[index], before + EVENTS);
}

/* The console's port is dom0's other end: its answer comes while nobody in this domain runs. */
static int adopt_console(uint32_t port) { return (int)reflect_port_adopt(port, &console_index); }

static void adopt(void)
{
    uint32_t again;

    console_drain();
    EXPECT_EQUAL(in_firmware(adopt_console, console_port), 0);
    console_adopted = true;
    EXPECT_EQUAL(event_send(console_port), -XEN_EINVAL);
    EXPECT_EQUAL(reflect_port_adopt(console_port, &again), -XEN_EPERM);
}

static void park(void)
{
    __asm__ volatile("cli; hlt");
}

/* The firmware has dom0's answer before the timer's next tick: it was the event that woke us. */
static void to_halted(void)
{
    uint32_t woken = 0;

    ap_start(park);
    wait_until_ns(system_time_ns() + 20000000);
    interrupts_forget();
    timer_start(SLOW_HZ);
    pic_unmask(0);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        uint32_t before = firmware.events[console_index], ticks;

        halt();
        ticks = taken[VECTOR_ISA].count;
        console_put('.');
        in_firmware(call_send, console_index);
        while (firmware.events[console_index] == before && taken[VECTOR_ISA].count < ticks + 20)
            halt();
        EXPECT(firmware.events[console_index] != before);
        EXPECT_EQUAL(firmware.event_vcpu, 0);
        woken += taken[VECTOR_ISA].count == ticks;
    }
    timer_start(0);
    pic_mask_all();
    console_put('\n');
    note("events: %u of %u woke the halted vCPU before the timer did", woken, ROUNDS);
    EXPECT(woken >= ROUNDS / 4);
    ap_boot();
}

/* --- from the firmware -------------------------------------------------------------------------------------------- */
static volatile uint32_t *pending_word(uint32_t port)
{
    struct shared_info *info = (struct shared_info *)shared_info_page;

    return (volatile uint32_t *)&info->evtchn_pending[port / 32];
}

static void from_firmware(void)
{
    struct xen_add_to_physmap map = {
        .domid = DOMID_SELF, .space = XENMAPSPACE_shared_info, .gpfn = gpa_of(shared_info_page) >> XEN_PAGE_SHIFT,
    };
    uint32_t bit = 1u << (guest_port % 32);

    EXPECT_EQUAL(memory_op(XENMEM_add_to_physmap, &map), 0);
    for (uint32_t i = 0; i < 10; i++) {
        *pending_word(guest_port) &= ~bit;
        EXPECT_EQUAL(*pending_word(guest_port) & bit, 0);
        EXPECT_EQUAL(in_firmware(call_send, index), 0);
        EXPECT_EQUAL(*pending_word(guest_port) & bit, bit);
    }
    EXPECT_EQUAL(*pending_word(firmware_port) & 1u << (firmware_port % 32), 0);
}

/* --- the guest's hands off ---------------------------------------------------------------------------------------- */
static void expect_works(void)
{
    uint32_t before = firmware.events[index];

    EXPECT_EQUAL(event_send(guest_port), 0);
    (void)WAIT_FOR(firmware.events[index] != before, 100);
    EXPECT_EQUAL(firmware.events[index], before + 1);
}

static void not_the_guests(void)
{
    struct evtchn_close close = { .port = firmware_port };
    struct evtchn_bind_vcpu bind_vcpu = { .port = firmware_port, .vcpu = 1 };
    struct sched_poll poll = { .nr_ports = 1, .timeout = 1 };
    evtchn_port_t port = firmware_port;

    set_xen_guest_handle(poll.ports, &port);
    EXPECT_EQUAL(event_op(EVTCHNOP_close, &close), -XEN_EINVAL);
    EXPECT_EQUAL(event_send(firmware_port), -XEN_EINVAL);
    EXPECT_EQUAL(event_op(EVTCHNOP_bind_vcpu, &bind_vcpu), -XEN_EINVAL);
    EXPECT_EQUAL(sched_op(SCHEDOP_poll, &poll), -XEN_EINVAL);
    expect_works();
}

static void reset(void)
{
    struct evtchn_reset reset = { .dom = DOMID_SELF };

    EXPECT_EQUAL(event_op(EVTCHNOP_reset, &reset), 0);
    EXPECT_EQUAL(event_send(guest_port), -XEN_EINVAL);
    EXPECT_EQUAL(bind(), 0);
    expect_works();
}

/* The guest's end goes first, then comes back; then the firmware's goes. */
static void closing(void)
{
    struct evtchn_close close = { .port = guest_port };

    EXPECT_EQUAL(event_op(EVTCHNOP_close, &close), 0);
    EXPECT_EQUAL(in_firmware(call_send, index), 0);
    EXPECT_EQUAL(bind(), 0);
    expect_works();
    EXPECT_EQUAL(in_firmware(call_close, index), 0);
    EXPECT_EQUAL(in_firmware(call_close, index), -XEN_ENOENT);
    EXPECT_EQUAL(in_firmware(call_send, index), -XEN_ENOENT);
    close.port = guest_port;
    EXPECT_EQUAL(event_op(EVTCHNOP_close, &close), 0);
}

const struct test_case event_cases[] = {
    { "events to a running vCPU, each once", to_running },
    { "events from one vCPU to another, each once", between_vcpus },
    { "port: adopt the console's", adopt },
    { "events to a halted vCPU", to_halted },
    { "events from the firmware", from_firmware },
    { "the guest cannot use the firmware's ports", not_the_guests },
    { "EVTCHNOP_reset leaves the firmware's ports", reset },
    { "ports closed on either side", closing },
    { NULL, NULL },
};
