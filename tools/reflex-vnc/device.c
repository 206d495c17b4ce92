/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "device.h"

#include <errno.h>
#include <string.h>

#include <xen/io/xenbus.h>

#include "tools/common/message.h"

static void disconnect(struct device *device)
{
    if (!device->page)
        return;
    xen_unbind(device->xen, device->port);
    xen_unmap(device->xen, (void *)device->page, 1);
    device->page = NULL;
}

static void set_state(struct device *device, enum xenbus_state state)
{
    uint64_t now;

    if (!xen_backend_number(device->xen, device->name, "state", &now) || now != (uint64_t)state)
        xen_backend_write(device->xen, device->name, "state", state);
}

static bool map_page(struct device *device)
{
    uint64_t frame;
    bool mapped = false;
    void *page;

    if (!xen_frontend_number(device->xen, device->name, "page-ref", &frame))
        return false;
    page = xen_map(device->xen, &frame, 1, true, &mapped);
    if (page && !mapped)
        xen_unmap(device->xen, page, 1);
    device->page = mapped ? page : NULL;
    return mapped;
}

static bool connect(struct device *device)
{
    uint64_t port;

    if (!xen_frontend_number(device->xen, device->name, "event-channel", &port) || port > UINT32_MAX ||
        !map_page(device)) {
        device_fail(device, "the frontend does not name a page and an event channel");
        return false;
    }
    device->port = xen_bind(device->xen, (uint32_t)port);
    if (device->port >= 0)
        return true;
    xen_unmap(device->xen, (void *)device->page, 1);
    device->page = NULL;
    device_fail(device, "the frontend's event channel cannot be had");
    return false;
}

bool device_follow(struct device *device)
{
    uint64_t state;

    if (!xen_frontend_number(device->xen, device->name, "state", &state)) {
        disconnect(device);                 /* it is not there yet, or not any more */
        return false;
    }
    switch (state) {
    case XenbusStateInitialising:
        disconnect(device);
        device->failed = false;
        set_state(device, XenbusStateInitWait);
        return false;
    case XenbusStateInitialised:
    case XenbusStateConnected:
        return !device->page && !device->failed && connect(device);
    case XenbusStateClosing:
    case XenbusStateClosed:
        disconnect(device);
        set_state(device, XenbusStateClosed);
        return false;
    default:
        return false;
    }
}

void device_ready(struct device *device)
{
    set_state(device, XenbusStateConnected);
}

void device_fail(struct device *device, const char *why)
{
    if (why)
        message_limited("%s: %s", device->name, why);
    disconnect(device);
    device->failed = true;
    set_state(device, XenbusStateClosed);
}

void device_close(struct device *device)
{
    disconnect(device);
}
