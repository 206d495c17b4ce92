/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "xen.h"

#include "tools/common/host.h"             /* xenctrl.h wants to be the first of the headers of Xen */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <xenevtchn.h>
#include <xenforeignmemory.h>

#include "tools/common/message.h"

struct xen {
    struct host host;
    xenforeignmemory_handle *memory;
    xenevtchn_handle *ports;                /* while one is bound */
};

struct xen *xen_open(void)
{
    struct xen *xen = calloc(1, sizeof(*xen));

    if (!xen)
        return NULL;
    if (!host_open(&xen->host))
        goto failed;
    xen->memory = xenforeignmemory_open(NULL, 0);
    if (!xen->memory) {
        message("no access to the memory of domains: %s", strerror(errno));
        goto failed;
    }
    return xen;

failed:
    xen_close(xen);
    return NULL;
}

void xen_close(struct xen *xen)
{
    if (xen->memory)
        xenforeignmemory_close(xen->memory);
    host_close(&xen->host);
    free(xen);
}

/* ---- Domains ------------------------------------------------------------------------------------------------- */

static const char *state_of(const xc_dominfo_t *info)
{
    static const char *const reasons[] = {
        [SHUTDOWN_poweroff] = "powered off", [SHUTDOWN_reboot] = "rebooting", [SHUTDOWN_suspend] = "suspended",
        [SHUTDOWN_crash] = "crashed", [SHUTDOWN_watchdog] = "ended by its watchdog",
        [SHUTDOWN_soft_reset] = "in a soft reset",
    };

    if (info->dying)
        return "dying";
    if (info->shutdown)
        return info->shutdown_reason < sizeof(reasons) / sizeof(reasons[0]) ? reasons[info->shutdown_reason]
                                                                            : "shut down";
    if (info->paused)
        return "paused";
    return info->blocked ? "blocked" : "running";
}

bool xen_find_domain(struct xen *xen, uint32_t from, struct xen_domain *domain)
{
    xc_dominfo_t info;

    if (xc_domain_getinfo(xen->host.control, from, 1, &info) != 1)
        return false;
    *domain = (struct xen_domain){ .id = info.domid, .hvm = info.hvm, .ended = info.dying || info.shutdown,
                                    .state = state_of(&info) };
    return true;
}

char *xen_domain_name(struct xen *xen, uint32_t domain)
{
    char path[64];

    snprintf(path, sizeof(path), "/local/domain/%u/name", domain);
    return xs_read(xen->host.store, XBT_NULL, path, NULL);
}

/* ---- Memory -------------------------------------------------------------------------------------------------- */

const volatile void *xen_map(struct xen *xen, uint32_t domain, uint64_t first_gfn, size_t pages)
{
    xen_pfn_t *gfns = calloc(pages, sizeof(*gfns));
    const volatile void *memory;

    if (!gfns)
        return NULL;
    for (size_t i = 0; i < pages; i++)
        gfns[i] = first_gfn + i;
    memory = xenforeignmemory_map(xen->memory, domain, PROT_READ, pages, gfns, NULL);
    free(gfns);
    return memory;
}

void xen_unmap(struct xen *xen, const volatile void *memory, size_t pages)
{
    xenforeignmemory_unmap(xen->memory, (void *)memory, pages);
}

void *xen_map_writable(struct xen *xen, uint32_t domain, uint64_t gfn)
{
    xen_pfn_t number = gfn;

    return xenforeignmemory_map(xen->memory, domain, PROT_READ | PROT_WRITE, 1, &number, NULL);
}

/* ---- Event channels ------------------------------------------------------------------------------------------- */

int xen_bind(struct xen *xen, uint32_t domain, uint32_t port)
{
    int ours;

    xen->ports = xenevtchn_open(NULL, 0);
    if (!xen->ports)
        return -1;
    ours = xenevtchn_bind_interdomain(xen->ports, domain, port);
    if (ours < 0) {
        xenevtchn_close(xen->ports);
        xen->ports = NULL;
    }
    return ours;
}

void xen_unbind(struct xen *xen, int port)
{
    xenevtchn_unbind(xen->ports, (evtchn_port_t)port);
    xenevtchn_close(xen->ports);
    xen->ports = NULL;
}

void xen_notify(struct xen *xen, int port)
{
    xenevtchn_notify(xen->ports, (evtchn_port_t)port);
}

void xen_wait(struct xen *xen, unsigned int ms)
{
    struct pollfd fd = { .fd = xenevtchn_fd(xen->ports), .events = POLLIN };
    xenevtchn_port_or_error_t port;

    if (poll(&fd, 1, (int)ms) != 1)
        return;
    port = xenevtchn_pending(xen->ports);
    if (port >= 0)
        xenevtchn_unmask(xen->ports, (evtchn_port_t)port);
}
