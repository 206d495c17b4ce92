/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "domain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/common/message.h"

static const char signature[] = "reflex-dm 1\n";

bool domain_save(int fd)
{
    return write(fd, signature, strlen(signature)) == (ssize_t)strlen(signature);
}

static bool saved_by_us(int fd)
{
    char start[sizeof(signature)] = "";
    ssize_t length = read(fd, start, strlen(signature));

    close(fd);
    return length == (ssize_t)strlen(signature) && strcmp(start, signature) == 0;
}

static bool enable_reflection(struct xen *xen)
{
    int rc = xen_enable_reflection(xen);

    switch (-rc) {
    case 0:
        return true;
    case EINVAL:
        message("this Xen has no I/O reflection: boot the hypervisor that carries Reflex's patch");
        break;
    case EOPNOTSUPP:
    case ENOSYS:
        message("Xen has I/O reflection switched off (its command line wants hvm-reflect=1), or cannot give it to "
                "this domain: it needs hap=1, and neither nestedhvm nor altp2m");
        break;
    default:
        message("Xen refuses to enable I/O reflection for this domain: %s", strerror(-rc));
    }
    return false;
}

static bool publish(struct xen *xen, const struct args *args)
{
    bool done = xen_store_make_readable(xen, "reflex");

    if (done && args->boot_order[0])
        done = xen_store_write(xen, "reflex/boot-order", args->boot_order);
    if (done && args->devices)
        done = xen_store_write(xen, "reflex/devices", args->devices);
    if (done && args->serial_ports[0])
        done = xen_store_write(xen, "reflex/serial-ports", args->serial_ports);
    if (done && args->display && !args->devices)
        done = xen_store_write(xen, "reflex/display", "stdvga");
    if (done && args->network_card)
        done = xen_store_write(xen, "reflex/network-card", args->network_card);
    if (done)
        return true;
    message("cannot write to the domain's xenstore folder: %s", strerror(errno));
    return false;
}

bool domain_enable(struct xen *xen, const struct args *args)
{
    return enable_reflection(xen) && publish(xen, args);
}

bool domain_prepare(struct domain *domain, struct xen *xen, const struct args *args)
{
    *domain = (struct domain){ .xen = xen, .serial = args->serial, .state = STATE_RUNNING };

    /* The guest's card would be wired to the vif all the same; but xl waits for a tap device that nobody makes. */
    if (args->emulated_vif) {
        message("a vif without type=vif is QEMU's to emulate, and there is no QEMU: write vif = [ \"type=vif,...\" ]");
        return false;
    }
    if (args->incoming_fd >= 0 && !saved_by_us(args->incoming_fd)) {
        message("the domain was saved with another device model; it cannot go on without it");
        return false;
    }
    if (args->stopped)
        domain->state = args->incoming_fd >= 0 ? STATE_PAUSED : STATE_PRELAUNCH;
    if (!domain_enable(xen, args) || !drives_open(&domain->drives, xen, args) ||
        !screen_open(&domain->screen, xen, args))
        return false;
    nics_open(&domain->nics, xen);
    return true;
}

const char *domain_update_serial(struct domain *domain)
{
    char *tty = domain->serial ? xen_store_read(domain->xen, "console/tty") : NULL;

    if (!tty)
        return domain->serial_tty;
    if (domain->serial_tty && strcmp(tty, domain->serial_tty) == 0) {
        free(tty);
        return domain->serial_tty;
    }
    if (!xen_store_write(domain->xen, "serial/0/tty", tty))
        message("cannot write serial/0/tty: %s", strerror(errno));
    free(domain->serial_tty);
    domain->serial_tty = tty;
    return tty;
}

bool domain_handle_event(struct domain *domain)
{
    int which;

    switch (xen_next_event(domain->xen, &which)) {
    case XEN_EVENT_NONE:
        break;
    case XEN_EVENT_CONSOLE:
        domain_update_serial(domain);
        break;
    case XEN_EVENT_FRONTEND:
        drives_meet_frontend(&domain->drives, which);
        break;
    case XEN_EVENT_VIF:
        nics_look(&domain->nics, which);
        break;
    case XEN_EVENT_RING:
        drives_hear(&domain->drives, which);
        nics_hear(&domain->nics, which);
        break;
    case XEN_EVENT_RELEASE:
        return xen_domain_exists(domain->xen);
    }
    return true;
}
