/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "xen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xenctrl.h>
#include <xenevtchn.h>
#include <xenforeignmemory.h>
#include <xenstore.h>

#include "tools/common/message.h"
#include "../reflex-dm/watches.h"

#define PATH_SIZE 128

/* What is watched, by its number in watches.h. */
enum watch { WATCH_RELEASE, WATCH_STATE };

static const char *const devices[] = { "vfb", "vkbd" };

struct xen {
    uint32_t domid;
    xc_interface *control;
    struct xs_handle *store;
    struct watches watches;
    xenforeignmemory_handle *memory;
    xenevtchn_handle *ports;
    int events;                             /* epoll: readable when a watch or a port is */
    bool store_lost;
};

static const char *frontend_path(const struct xen *xen, char path[static PATH_SIZE], const char *device,
                                 const char *leaf)
{
    snprintf(path, PATH_SIZE, "/local/domain/%u/device/%s/0/%s", xen->domid, device, leaf);
    return path;
}

static const char *backend_path(const struct xen *xen, char path[static PATH_SIZE], const char *device,
                                const char *leaf)
{
    snprintf(path, PATH_SIZE, "/local/domain/0/backend/%s/%u/0/%s", device, xen->domid, leaf);
    return path;
}

/* ---- Opening ---------------------------------------------------------------------------------------------------- */

static bool add_events(struct xen *xen, int fd)
{
    struct epoll_event event = { .events = EPOLLIN };

    return epoll_ctl(xen->events, EPOLL_CTL_ADD, fd, &event) == 0;
}

static bool watch(struct xen *xen)
{
    bool done = watches_open(&xen->watches, xs_daemon_socket()) && add_events(xen, xen->watches.fd) &&
                watches_add(&xen->watches, "@releaseDomain", WATCH_RELEASE);

    for (unsigned int i = 0; done && i < sizeof(devices) / sizeof(devices[0]); i++) {
        char path[PATH_SIZE];

        done = watches_add(&xen->watches, frontend_path(xen, path, devices[i], "state"), WATCH_STATE) &&
               watches_add(&xen->watches, backend_path(xen, path, devices[i], "state"), WATCH_STATE);
    }
    return done;
}

static bool open_all(struct xen *xen)
{
    xen->control = xc_interface_open(NULL, NULL, 0);
    xen->memory = xenforeignmemory_open(NULL, 0);
    xen->ports = xenevtchn_open(NULL, 0);
    xen->events = epoll_create1(EPOLL_CLOEXEC);
    if (!xen->control || !xen->memory || !xen->ports || fcntl(xenevtchn_fd(xen->ports), F_SETFL, O_NONBLOCK) ||
        !add_events(xen, xenevtchn_fd(xen->ports)))
        return message("no access to Xen (%s): this program runs in dom0, as root", strerror(errno)), false;
    xen->store = xs_open(0);
    if (!xen->store || !watch(xen))
        return message("no access to xenstore (%s): is xenstored running?", strerror(errno)), false;
    return true;
}

struct xen *xen_open(uint32_t domid)
{
    struct xen *xen = calloc(1, sizeof(*xen));

    if (!xen)
        return NULL;
    xen->domid = domid;
    xen->events = xen->watches.fd = -1;
    if (open_all(xen))
        return xen;
    xen_close(xen);
    return NULL;
}

void xen_close(struct xen *xen)
{
    watches_close(&xen->watches);
    if (xen->events >= 0)
        close(xen->events);
    if (xen->store)
        xs_close(xen->store);
    if (xen->ports)
        xenevtchn_close(xen->ports);
    if (xen->memory)
        xenforeignmemory_close(xen->memory);
    if (xen->control)
        xc_interface_close(xen->control);
    free(xen);
}

/* ---- The domain and its nodes ----------------------------------------------------------------------------------- */

/* xc_domain_getinfo answers with the next domain when the one asked for is gone. */
bool xen_domain_exists(struct xen *xen)
{
    xc_dominfo_t info;

    return xc_domain_getinfo(xen->control, xen->domid, 1, &info) == 1 && info.domid == xen->domid && !info.dying;
}

char *xen_domain_name(struct xen *xen)
{
    char path[PATH_SIZE];

    snprintf(path, sizeof(path), "/local/domain/%u/name", xen->domid);
    return xs_read(xen->store, XBT_NULL, path, NULL);
}

static bool read_number(struct xen *xen, const char *path, uint64_t *number)
{
    char *text = xs_read(xen->store, XBT_NULL, path, NULL), *end;
    bool done = text && *text >= '0' && *text <= '9';

    if (done) {
        errno = 0;
        *number = strtoull(text, &end, 10);
        done = !*end && !errno;
    }
    free(text);
    return done;
}

bool xen_frontend_number(struct xen *xen, const char *device, const char *leaf, uint64_t *number)
{
    char path[PATH_SIZE];

    return read_number(xen, frontend_path(xen, path, device, leaf), number);
}

char *xen_frontend_text(struct xen *xen, const char *device, const char *leaf)
{
    char path[PATH_SIZE];

    return xs_read(xen->store, XBT_NULL, frontend_path(xen, path, device, leaf), NULL);
}

bool xen_backend_number(struct xen *xen, const char *device, const char *leaf, uint64_t *number)
{
    char path[PATH_SIZE];

    return read_number(xen, backend_path(xen, path, device, leaf), number);
}

/* Not below a folder that somebody has removed: that would make it anew. */
bool xen_backend_write(struct xen *xen, const char *device, const char *leaf, unsigned int number)
{
    char path[PATH_SIZE], digits[12];
    uint64_t state;

    if (!xen_backend_number(xen, device, "state", &state))
        return false;
    snprintf(digits, sizeof(digits), "%u", number);
    return xs_write(xen->store, XBT_NULL, backend_path(xen, path, device, leaf), digits, strlen(digits));
}

/* ---- Events ----------------------------------------------------------------------------------------------------- */

int xen_event_fd(struct xen *xen)
{
    return xen->events;
}

static enum xen_event next_watch_event(struct xen *xen)
{
    int number = xen->store_lost ? -1 : watches_next(&xen->watches);

    if (number == WATCH_STATE)
        return XEN_EVENT_STATE;
    if (number == WATCH_RELEASE)
        return XEN_EVENT_RELEASE;
    if (!xen->store_lost && errno != EAGAIN) {
        message("xenstore is lost (%s)", strerror(errno));
        xen->store_lost = true;
        epoll_ctl(xen->events, EPOLL_CTL_DEL, xen->watches.fd, NULL);
    }
    return XEN_EVENT_NONE;
}

enum xen_event xen_next_event(struct xen *xen, int *port)
{
    enum xen_event event = next_watch_event(xen);

    if (event != XEN_EVENT_NONE)
        return event;
    *port = xenevtchn_pending(xen->ports);
    return *port >= 0 ? XEN_EVENT_PORT : XEN_EVENT_NONE;
}

/* ---- Memory and ports ------------------------------------------------------------------------------------------- */

void *xen_map(struct xen *xen, const uint64_t *frames, size_t count, bool writable, bool *mapped)
{
    xen_pfn_t *numbers = calloc(count, sizeof(*numbers));
    int *errors = calloc(count, sizeof(*errors));
    void *memory = NULL;

    if (numbers && errors) {
        for (size_t i = 0; i < count; i++)
            numbers[i] = frames[i];
        memory = xenforeignmemory_map(xen->memory, xen->domid, PROT_READ | (writable ? PROT_WRITE : 0), count, numbers,
                                      errors);
    }
    for (size_t i = 0; memory && i < count; i++)
        mapped[i] = !errors[i];
    free(numbers);
    free(errors);
    return memory;
}

void xen_unmap(struct xen *xen, void *memory, size_t count)
{
    xenforeignmemory_unmap(xen->memory, memory, count);
}

int xen_bind(struct xen *xen, uint32_t port)
{
    return xenevtchn_bind_interdomain(xen->ports, xen->domid, port);
}

void xen_unbind(struct xen *xen, int port)
{
    xenevtchn_unbind(xen->ports, (evtchn_port_t)port);
}

void xen_notify(struct xen *xen, int port)
{
    xenevtchn_notify(xen->ports, (evtchn_port_t)port);
}

void xen_listen(struct xen *xen, int port)
{
    xenevtchn_unmask(xen->ports, (evtchn_port_t)port);
}
