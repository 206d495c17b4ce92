/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "xen/power.h"

#include "lib/log.h"
#include "xen/hypercall.h"

#include <xen/sched.h>

static void request(struct power *generic, unsigned int reason, const char *name)
{
    struct xen_power *power = (struct xen_power *)generic;
    int rc;

    if (power->requested)
        return;
    power->requested = true;
    log_info("%s", name);
    rc = domain_shutdown(reason);
    if (rc)
        panic("%s: SCHEDOP_shutdown answered %d", name, rc);
}

static void off(struct power *power)
{
    request(power, SHUTDOWN_poweroff, "power off");
}

static void reset(struct power *power)
{
    request(power, SHUTDOWN_reboot, "reset");
}

void xen_power_init(struct xen_power *power)
{
    *power = (struct xen_power){ .power = { .off = off, .reset = reset } };
}
