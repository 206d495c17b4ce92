/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * reflex-qemu: what stock xl starts in place of QEMU (device_model_override) for a domain of which the firmware
 * emulates some devices, and QEMU the rest.  It switches reflection on, leaves the firmware the list, and becomes QEMU.
 *
 * If the serial ports are the firmware's, QEMU has no terminal to tell xl of: another process stays, which does as
 * reflex-dm does, so that `xl console` shows them.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../reflex-dm/args.h"
#include "../reflex-dm/domain.h"
#include "tools/common/message.h"
#include "deal.h"

static int usage(void)
{
    fputs("usage: reflex-qemu -xen-domid N -chardev socket,id=libxl-cmd,... [-reflex DEVICE,...] [-reflex-qemu PATH]\n"
          "                   [other QEMU options]\n"
          "xl starts it: device_model_override=\"/usr/lib/reflex/reflex-qemu\" in the domain's configuration, and\n"
          "device_model_args=[ \"-reflex\", \"ide,serial\" ] if the firmware is to have more than the IDE disks.\n",
          stderr);
    return 2;
}

static bool prepare(const struct args *args)
{
    struct xen *xen = xen_open(args->domid);
    bool done = xen && domain_enable(xen, args);

    if (xen)
        xen_close(xen);
    return done;
}

/* Until the domain ends.  A connection of its own, for one does not survive a fork. */
static void keep_terminal(const struct args *args)
{
    struct domain domain = { .xen = xen_open(args->domid), .serial = args->serial };
    struct pollfd fd = { .events = POLLIN };

    if (!domain.xen)
        return;
    domain_update_serial(&domain);
    while ((fd.fd = xen_event_fd(domain.xen)) >= 0)
        if ((poll(&fd, 1, -1) < 0 && errno != EINTR) || !domain_handle_event(&domain))
            return;
}

/* What libxl opened for QEMU alone. */
static void close_qemus(const struct args *args)
{
    if (args->incoming_fd >= 0)
        close(args->incoming_fd);
    for (unsigned int i = 0; i < args->nr_sockets; i++)
        if (args->sockets[i].fd >= 0)
            close(args->sockets[i].fd);
}

/* The grandchild, so that it is init's and not QEMU's when it ends. */
static bool start_keeper(const struct args *args)
{
    pid_t child = fork();
    int status;

    if (child == 0) {
        if (fork() == 0) {
            setsid();
            close_qemus(args);
            keep_terminal(args);
        }
        _exit(0);
    }
    if (child > 0 && waitpid(child, &status, 0) == child)
        return true;
    message("cannot start a process: %s", strerror(errno));
    return false;
}

int main(int argc, char *argv[])
{
    static struct deal deal;
    struct args args;

    if (!deal_out(&deal, argc, argv) || !args_parse(&args, deal.nr_ours, deal.ours))
        return usage();
    args.devices = deal.names;
    if (!prepare(&args) || (args.serial && !start_keeper(&args)))
        return 1;
    deal.theirs[0] = (char *)(deal.qemu ? deal.qemu : REFLEX_QEMU);
    execv(deal.theirs[0], deal.theirs);
    message("cannot run %s: %s; device_model_args = [ \"-reflex-qemu\", PATH ] names another", deal.theirs[0],
            strerror(errno));
    return 1;
}
