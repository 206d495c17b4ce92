/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Whether a PCI function may move data on its own. */
#ifndef REFLEX_BACKENDS_BUS_MASTER_H
#define REFLEX_BACKENDS_BUS_MASTER_H

#include <stdbool.h>

/* allow: the guest has given the permission, or has taken it away; called for changes only, and at first there is none.
 * When a call that takes it away returns, guest memory is the guest's: nothing is written there any more. */
struct bus_master {
    void (*allow)(struct bus_master *master, bool allowed);
};

#endif
