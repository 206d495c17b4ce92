/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * reflex-dm: what stock xl starts in place of QEMU (device_model_override) for a domain that emulates its own
 * devices.  It switches reflection on, tells libxl and the firmware what they want to know, starts reflex-vnc if there
 * is to be a screen, and sleeps, but for the media of CD drives, of which it is the backend.  The guest does not need
 * it to run otherwise: its end costs the domain its CDs, its screen, and xl's pause, save and the like.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "args.h"
#include "domain.h"
#include "tools/common/message.h"
#include "qmp.h"

static int usage(void)
{
    fputs("usage: reflex-dm -xen-domid N -chardev socket,id=libxl-cmd,path=SOCKET[,...] [-boot order=LETTERS]\n"
          "                 [-serial pty]... [-reflex-nic MODEL] [-vnc ADDRESS:DISPLAY[,password=on][,to=LAST]]\n"
          "                 [-incoming fd:N] [-S] [other QEMU options, ignored]\n"
          "xl starts it: device_model_override=\"/usr/lib/reflex/reflex-dm\" in the domain's configuration.\n", stderr);
    return 2;
}

/* SIGHUP is how libxl ends a device model; SIGCHLD is the screen's. */
static int open_signals(void)
{
    sigset_t signals;

    sigemptyset(&signals);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGCHLD);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    return signalfd(-1, &signals, SFD_CLOEXEC);
}

/* False: the program is to end. */
static bool take_signal(int signals, struct domain *domain)
{
    struct signalfd_siginfo info;

    if (read(signals, &info, sizeof(info)) != sizeof(info) || info.ssi_signo != SIGCHLD)
        return false;
    screen_reap(&domain->screen);
    return true;
}

/* Until a signal or the domain's end. */
static void serve(struct domain *domain, struct qmp *qmp, int signals)
{
    struct pollfd fds[2 + QMP_MAX_FDS];

    for (;;) {
        fds[0] = (struct pollfd){ .fd = signals, .events = POLLIN };
        fds[1] = (struct pollfd){ .fd = xen_event_fd(domain->xen), .events = POLLIN };
        qmp_fill_poll(qmp, fds + 2);
        if (poll(fds, sizeof(fds) / sizeof(fds[0]), drives_serve(&domain->drives) ? 0 : -1) < 0) {
            if (errno == EINTR)
                continue;
            return;
        }
        if ((fds[0].revents && !take_signal(signals, domain)) || (fds[1].revents && !domain_handle_event(domain)))
            return;
        qmp_handle_poll(qmp, fds + 2);
    }
}

/* False, after a message, when the domain cannot have us. */
static bool run(struct xen *xen, const struct args *args, int signals)
{
    static struct qmp qmp;
    struct domain domain;

    if (!domain_prepare(&domain, xen, args) || !qmp_open(&qmp, &domain, args))
        return false;
    if (!xen_store_announce_running(xen)) {
        message("cannot tell libxl that the domain is ready: %s", strerror(errno));
        return false;
    }
    serve(&domain, &qmp, signals);
    return true;
}

int main(int argc, char *argv[])
{
    struct args args;
    struct xen *xen;
    int signals;
    bool done;

    if (!args_parse(&args, argc, argv))
        return usage();
    signals = open_signals();
    xen = xen_open(args.domid);
    if (!xen)
        return 1;
    done = run(xen, &args, signals);
    xen_close(xen);
    return done ? 0 : 1;
}
