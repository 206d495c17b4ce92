/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Firmware that breaks the rules.  Only its own domain may suffer; tests/e2e/interface looks at what becomes of it. */
#include "firmware.h"
#include "hypercalls.h"
#include "lib/string.h"
#include "machine.h"
#include "test.h"

#include <xen/sched.h>

#define HOLE 0xe0000000u                /* no memory there */

static uint32_t guest_port;

static int undefined(uint32_t unused) { (void)unused; firmware_undefined(); return 0; }
static int lose_stack(uint32_t unused) { (void)unused; firmware_lose_stack(); return 0; }

static int halt_for_ever(uint32_t unused)
{
    (void)unused;
    __asm__ volatile("hlt");
    return 0;
}

/* What was asked for first must not keep the domain from its end. */
static int power_off_and_halt(uint32_t unused)
{
    struct sched_shutdown shutdown = { .reason = SHUTDOWN_poweroff };

    sched_op(SCHEDOP_shutdown, &shutdown);
    return halt_for_ever(unused);
}

static int __attribute__((noreturn)) never_resume(uint32_t unused)
{
    (void)unused;
    for (;;)
        relax();
}

static int __attribute__((noreturn)) sleep_for_ever(uint32_t unused)
{
    (void)unused;
    for (;;)
        wait_until_ns(0);
}

/* Each event makes the next: the guest never gets on. */
static void send_again(void) { event_send(guest_port); }

static int flood(uint32_t unused)
{
    struct evtchn_bind_interdomain bind = { .remote_dom = DOMID_SELF };
    uint32_t index;

    (void)unused;
    reflect_port_alloc(DOMID_SELF, &index, &bind.remote_port);
    event_op(EVTCHNOP_bind_interdomain, &bind);
    guest_port = bind.local_port;
    firmware.on_event = send_again;
    return (int)event_send(guest_port);
}

static const struct { const char *name; int (*run)(uint32_t); } in_time[] = {
    { "undefined", undefined }, { "lost-stack", lose_stack }, { "halted", halt_for_ever },
    { "halted-after-poweroff", power_off_and_halt }, { "spinning", never_resume }, { "sleeping", sleep_for_ever },
    { "flooding", flood },
};

void misbehave(const char *how)
{
    struct xen_reflect_setup setup = {
        .version = XEN_REFLECT_ABI, .entry = (uint32_t)firmware_entry, .stack = (uint32_t)firmware_stacks[1],
        .stack_stride = FIRMWARE_STACK_BYTES, .gdt_base = (uint32_t)firmware_gdt, .gdt_limit = sizeof(firmware_gdt) - 1,
    };

    if (!strcmp(how, "nowhere"))
        setup.entry = HOLE;
    if (!strcmp(how, "stackless"))
        setup.stack = HOLE;
    reflect_setup(&setup);
    firmware_claim();
    reflect_lock();
    console_line("misbehaving");
    for (unsigned int i = 0; i < sizeof(in_time) / sizeof(in_time[0]); i++)
        if (!strcmp(how, in_time[i].name))
            in_firmware(in_time[i].run, 0);
    inb(PORTS);
    give_up("the guest goes on");
}
