/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The domain as its device model knows it. */
#ifndef REFLEX_DM_DOMAIN_H
#define REFLEX_DM_DOMAIN_H

#include "args.h"
#include "drive.h"
#include "nic.h"
#include "screen.h"
#include "xen.h"

/* What QEMU calls it (qapi RunState); the firmware does not depend on it. */
enum run_state { STATE_PRELAUNCH, STATE_PAUSED, STATE_RUNNING };

struct domain {
    struct xen *xen;
    bool serial;
    enum run_state state;
    struct drives drives;
    struct nics nics;
    struct screen screen;
    char *serial_tty;       /* as last written to serial/0/tty; NULL: not yet */
};

/* Turns reflection on and leaves the firmware what it needs to know.  False, after a message: the domain must not
 * start, for nobody would serve its devices. */
bool domain_enable(struct xen *xen, const struct args *args);

/* That, for a domain whose only device model this program is.  False, after a message, too when the domain was saved
 * with another one. */
bool domain_prepare(struct domain *domain, struct xen *xen, const struct args *args);

/* Makes `xl console` show the guest's first serial port, whose bytes travel on the PV console ring: the terminal
 * that xenconsoled opened for the ring becomes serial port 0's.  To be called whenever console/tty may have
 * changed; returns that terminal, or NULL when there is none yet or no serial port. */
const char *domain_update_serial(struct domain *domain);

/* Does what xen_next_event() says, once: a domain can make events as fast as they are handled, and others are to have
 * their turn.  False: the domain is gone. */
bool domain_handle_event(struct domain *domain);

/* The state of the device model in a saved domain: all of it lives in the firmware, so a signature is enough. */
bool domain_save(int fd);

#endif
