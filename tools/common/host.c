/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "tools/common/host.h"

#include <errno.h>
#include <string.h>

#include "tools/common/message.h"

bool host_open(struct host *host)
{
    *host = (struct host){ .control = xc_interface_open(NULL, NULL, 0) };
    if (!host->control) {
        message("no access to Xen (%s): this program runs in dom0, as root", strerror(errno));
        return false;
    }
    host->store = xs_open(0);
    if (!host->store)
        message("no access to xenstore (%s): is xenstored running?", strerror(errno));
    return host->store;
}

void host_close(struct host *host)
{
    if (host->store)
        xs_close(host->store);
    if (host->control)
        xc_interface_close(host->control);
}
