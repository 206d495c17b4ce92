/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Which domains the hypervisor gives reflection to, and what it refuses to one that has it. For each case a domain of
 * its own is made, with a vCPU and no memory, that never runs. Runs in dom0; prints PASS or FAIL lines.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <xenctrl.h>

#include "public/hvm/reflect_op.h"

#define ALL_DEVICES (XEN_X86_EMU_ALL & ~XEN_X86_EMU_VPCI)
#define MONITOR_PFN 16          /* any: the page is made when the monitor comes */

static xc_interface *xc;

/* 0, or the errno value that a call has failed with. */
static int error_of(int rc)
{
    return rc < 0 ? errno : 0;
}

static int reflect(uint32_t domain, uint64_t value)
{
    return error_of(xc_hvm_param_set(xc, domain, HVM_PARAM_REFLECT, value));
}

static int monitor(uint32_t domain)
{
    uint32_t port;

    return xc_monitor_enable(xc, domain, &port) ? 0 : errno;
}

static int altp2m(uint32_t domain)
{
    return error_of(xc_hvm_param_set(xc, domain, HVM_PARAM_ALTP2M, XEN_ALTP2M_mixed));
}

static int suspend_to_ram(uint32_t domain)
{
    return error_of(xc_hvm_param_set(xc, domain, HVM_PARAM_ACPI_S_STATE, 3));
}

static int enable(uint32_t domain)
{
    return reflect(domain, 1);
}

static int enable_by_two(uint32_t domain)
{
    return reflect(domain, 2);
}

/* What is done first, and with success; then what is tried, and the errno value that it fails with. */
static const struct refusal {
    const char *name;
    uint32_t emulation;
    int (*first)(uint32_t domain);
    int (*then)(uint32_t domain);
    int wanted;
} refusals[] = {
    { "a HVM domain gets it", ALL_DEVICES, NULL, enable, 0 },
    { "twice is no error", ALL_DEVICES, enable, enable, 0 },
    { "a value other than 1", ALL_DEVICES, NULL, enable_by_two, EINVAL },
    { "a domain without a PC's interrupt controllers (PVH)", XEN_X86_EMU_LAPIC, NULL, enable, EOPNOTSUPP },
    { "a domain that may use altp2m", ALL_DEVICES, altp2m, enable, EOPNOTSUPP },
    { "a domain that is monitored", ALL_DEVICES, monitor, enable, EOPNOTSUPP },
    { "altp2m of a domain that has it", ALL_DEVICES, enable, altp2m, EINVAL },
    { "a monitor of a domain that has it", ALL_DEVICES, enable, monitor, EOPNOTSUPP },
    { "suspend to RAM of a domain that has it", ALL_DEVICES, enable, suspend_to_ram, EOPNOTSUPP },
};

static int make_domain(uint32_t emulation, uint32_t *domain)
{
    struct xen_domctl_createdomain config = {
        .flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap,
        .max_vcpus = 1,
        .max_evtchn_port = UINT32_MAX,
        .max_grant_frames = -1,
        .max_maptrack_frames = -1,
        .grant_opts = XEN_DOMCTL_GRANT_version(1),
        .arch.emulation_flags = emulation,
    };
    int rc;

    *domain = 0;
    rc = error_of(xc_domain_create(xc, domain, &config));
    if (!rc)
        rc = error_of(xc_domain_max_vcpus(xc, *domain, 1));
    if (!rc)
        rc = error_of(xc_domain_setmaxmem(xc, *domain, 8192));
    if (!rc)
        rc = error_of(xc_hvm_param_set(xc, *domain, HVM_PARAM_MONITOR_RING_PFN, MONITOR_PFN));
    return rc;
}

static void try(const struct refusal *refusal)
{
    uint32_t domain;
    int rc = make_domain(refusal->emulation, &domain);

    if (rc) {
        printf("FAIL %s: no domain to try it on: %s\n", refusal->name, strerror(rc));
    } else if (refusal->first && (rc = refusal->first(domain))) {
        printf("FAIL %s: what comes first: %s\n", refusal->name, strerror(rc));
    } else {
        rc = refusal->then(domain);
        if (rc == refusal->wanted)
            printf("PASS %s\n", refusal->name);
        else
            printf("FAIL %s: %s, not %s\n", refusal->name, strerror(rc), strerror(refusal->wanted));
    }
    if (domain)
        xc_domain_destroy(xc, domain);
}

int main(void)
{
    xc = xc_interface_open(NULL, NULL, 0);
    if (!xc) {
        printf("FAIL no access to the hypervisor: %s\n", strerror(errno));
        return 1;
    }
    for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++)
        try(&refusals[i]);
    return 0;
}
