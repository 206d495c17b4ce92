/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "xen/xenbus.h"

#include "lib/log.h"
#include "lib/printf.h"
#include "lib/string.h"

#include <xen/errno.h>

/* States change by xenstored, a daemon or two and hotplug scripts: no need to look more often. */
#define STATE_LOOK_NS 2000000u

/* 10^6 is 2^6 * 15625, and there is no 64-bit division here.  Good for 270 s. */
static uint32_t ms_of(uint64_t ns)
{
    return (uint32_t)(ns >> 6) / 15625;
}

int xenbus_list(struct xenstore *store, const char *device_class, char *names, size_t size)
{
    int rc = xenstore_directory(store, "device", device_class, names, size);

    return rc == -XEN_ENOENT ? 0 : rc;
}

int xenbus_open(struct xenbus_device *device, struct xenstore *store, const char *device_class, const char *name)
{
    int length;

    *device = (struct xenbus_device){ .store = store };
    length = format(device->frontend, sizeof(device->frontend), "device/%s/%s", device_class, name);
    if ((unsigned int)length >= sizeof(device->frontend))
        return -XEN_E2BIG;
    return xenbus_reopen(device);
}

int xenbus_reopen(struct xenbus_device *device)
{
    uint64_t backend_id;
    int rc = xenstore_read(device->store, device->frontend, "backend", device->backend, sizeof(device->backend));

    if (rc < 0)
        return rc;
    rc = xenstore_read_u64(device->store, device->frontend, "backend-id", &backend_id);
    if (rc)
        return rc;
    if (backend_id >= XENBUS_DOMID_MAX)
        return -XEN_EINVAL;
    device->backend_id = (domid_t)backend_id;
    return 0;
}

enum xenbus_state xenbus_backend_state(struct xenbus_device *device)
{
    uint64_t state;

    if (xenstore_read_u64(device->store, device->backend, "state", &state) || state > XenbusStateReconfigured)
        return XenbusStateUnknown;
    return (enum xenbus_state)state;
}

static const char *state_name(enum xenbus_state state)
{
    static const char *const names[] = {
        "Unknown", "Initialising", "InitWait", "Initialised", "Connected", "Closing", "Closed", "Reconfiguring",
        "Reconfigured",
    };

    return names[state];
}

int xenbus_set_state(struct xenbus_device *device, enum xenbus_state state)
{
    char digit[2] = { (char)('0' + state) };

    return xenstore_write(device->store, device->frontend, "state", digit);
}

int xenbus_write_number(struct xenbus_device *device, const char *leaf, uint32_t number)
{
    char digits[12];

    format(digits, sizeof(digits), "%u", number);
    return xenstore_write(device->store, device->frontend, leaf, digits);
}

bool xenbus_wait_backend(struct xenbus_device *device, unsigned int states, const char *purpose)
{
    uint64_t start = system_time_ns();

    for (;;) {
        enum xenbus_state state = xenbus_backend_state(device);
        uint64_t now = system_time_ns();

        if (states & XENBUS_STATE(state))
            return true;
        if (now - start >= XENBUS_TIMEOUT_NS) {
            log_error("%s: backend %s is %s; waited %u ms for it %s", device->frontend, device->backend,
                      state_name(state), ms_of(now - start), purpose);
            return false;
        }
        wait_until_ns(now + STATE_LOOK_NS);
    }
}

/* A backend that served somebody before us gets ready again when it sees Initialising. */
int xenbus_meet(struct xenbus_device *device)
{
    const unsigned int ready = XENBUS_STATE(XenbusStateInitWait) | XENBUS_STATE(XenbusStateInitialised);
    int rc = xenbus_set_state(device, XenbusStateInitialising);

    if (rc) {
        log_error("%s: cannot be written (error %d)", device->frontend, -rc);
        return rc;
    }
    return xenbus_wait_backend(device, ready, "to get ready") ? 0 : -XEN_ENODEV;
}

bool xenbus_close(struct xenbus_device *device)
{
    const unsigned int gone = XENBUS_STATE(XenbusStateUnknown) | XENBUS_STATE(XenbusStateClosed);

    xenbus_set_state(device, XenbusStateClosing);
    if (!xenbus_wait_backend(device, gone | XENBUS_STATE(XenbusStateClosing), "to let go"))
        return false;
    xenbus_set_state(device, XenbusStateClosed);
    return xenbus_wait_backend(device, gone, "to close");
}
