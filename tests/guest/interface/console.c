/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The guest end of its PV console (xl console), and Xen's debug port (xl dmesg). */
#include "firmware.h"
#include "hypercalls.h"
#include "lib/string.h"
#include "machine.h"
#include "test.h"

#include <xen/hvm/params.h>
#include <xen/io/console.h>

#define DRAIN_MS 2000

uint32_t console_port, console_index;
bool console_adopted;
static struct xencons_interface *ring;

void console_init(void)
{
    ring = (struct xencons_interface *)(uint32_t)(hvm_param(HVM_PARAM_CONSOLE_PFN) << XEN_PAGE_SHIFT);
    console_port = (uint32_t)hvm_param(HVM_PARAM_CONSOLE_EVTCHN);
}

void console_drain(void)
{
    if (ring)
        (void)WAIT_FOR(read_once(ring->out_cons) == ring->out_prod, DRAIN_MS);
}

void console_put(char c)
{
    outb(XEN_HVM_DEBUGCONS_IOPORT, (uint8_t)c);
    if (!ring)
        return;
    if (ring->out_prod - read_once(ring->out_cons) >= sizeof(ring->out))
        console_drain();
    if (ring->out_prod - read_once(ring->out_cons) >= sizeof(ring->out)) {
        ring = NULL;                    /* nobody reads it: the debug port is left */
        return;
    }
    ring->out[MASK_XENCONS_IDX(ring->out_prod, ring->out)] = c;
    xen_wmb();
    ring->out_prod++;
}

static int send(uint32_t index) { return (int)reflect_port_send(index); }

void console_line(const char *line)
{
    for (; *line; line++)
        console_put(*line);
    console_put('\n');
    if (console_adopted)
        in_firmware(send, console_index);
    else
        event_send(console_port);
}
