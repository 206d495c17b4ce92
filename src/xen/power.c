/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "xen/power.h"

#include "lib/log.h"
#include "xen/hypercall.h"

#include <xen/sched.h>

/* What the domain has asked of the firmware, for who reads the log afterwards.  A hypervisor that does not count gives
 * no lines. */
static void log_activity(void)
{
    struct xen_reflect_info info;
    unsigned int vcpu = 0;

    do {
        if (reflect_info(vcpu, &info))
            return;
        log_info("vcpu %u: %llu accesses, %llu events, %llu shadowed reads", vcpu,
                 (unsigned long long)info.entries[XEN_REFLECT_WHY_IO],
                 (unsigned long long)info.entries[XEN_REFLECT_WHY_EVENT], (unsigned long long)info.shadowed);
    } while (++vcpu < info.nr_vcpus);
}

static void request(struct power *generic, unsigned int reason, const char *name)
{
    struct xen_power *power = (struct xen_power *)generic;
    int rc;

    if (power->requested)
        return;
    power->requested = true;
    log_info("%s", name);
    log_activity();
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
