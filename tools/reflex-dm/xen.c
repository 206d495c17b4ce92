/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "xen.h"

#include "tools/common/host.h"             /* xenctrl.h wants to be the first of the headers of Xen */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <sys/mman.h>
#include <xenevtchn.h>
#include <xengnttab.h>

#include "tools/common/message.h"
#include "watches.h"
#include <public/hvm/reflect_op.h>

#define PATH_SIZE 128

/* What is watched, by its number in watches.h. */
enum watch { WATCH_CONSOLE, WATCH_RELEASE, WATCH_FRONTENDS, WATCH_VIFS };

struct xen {
    uint32_t domid;
    struct host host;
    struct watches watches;
    xengnttab_handle *grants;               /* NULL, and so the next: xen_open_rings() was not called */
    xenevtchn_handle *ports;
    int events;                             /* epoll: readable when a watch or a port is */
    bool store_lost;
};

static const char *domain_path(const struct xen *xen, char path[static PATH_SIZE], const char *node)
{
    snprintf(path, PATH_SIZE, "/local/domain/%u/%s", xen->domid, node);
    return path;
}

static bool add_events(struct xen *xen, int fd)
{
    struct epoll_event event = { .events = EPOLLIN };

    return epoll_ctl(xen->events, EPOLL_CTL_ADD, fd, &event) == 0;
}

static bool watch(struct xen *xen)
{
    char path[PATH_SIZE];

    xen->events = epoll_create1(EPOLL_CLOEXEC);
    return watches_open(&xen->watches, xs_daemon_socket()) && add_events(xen, xen->watches.fd) &&
           watches_add(&xen->watches, domain_path(xen, path, "console/tty"), WATCH_CONSOLE) &&
           watches_add(&xen->watches, "@releaseDomain", WATCH_RELEASE);
}

struct xen *xen_open(uint32_t domid)
{
    struct xen *xen = calloc(1, sizeof(*xen));

    if (!xen)
        return NULL;
    xen->domid = domid;
    xen->events = xen->watches.fd = -1;
    if (!host_open(&xen->host))
        goto failed;
    if (!watch(xen)) {
        message("xenstore refuses a watch: %s", strerror(errno));
        goto failed;
    }
    return xen;

failed:
    xen_close(xen);
    return NULL;
}

void xen_close(struct xen *xen)
{
    if (xen->ports)
        xenevtchn_close(xen->ports);
    if (xen->grants)
        xengnttab_close(xen->grants);
    watches_close(&xen->watches);
    if (xen->events >= 0)
        close(xen->events);
    host_close(&xen->host);
    free(xen);
}

int xen_enable_reflection(struct xen *xen)
{
    return xc_hvm_param_set(xen->host.control, xen->domid, HVM_PARAM_REFLECT, 1) == 0 ? 0 : -errno;
}

/* xc_domain_getinfo answers with the next domain when the one asked for is gone. */
static bool get_info(struct xen *xen, xc_dominfo_t *info)
{
    return xc_domain_getinfo(xen->host.control, xen->domid, 1, info) == 1 && info->domid == xen->domid;
}

bool xen_domain_exists(struct xen *xen)
{
    xc_dominfo_t info;

    return get_info(xen, &info) && !info.dying;
}

unsigned int xen_vcpus(struct xen *xen)
{
    xc_dominfo_t info;

    return get_info(xen, &info) ? info.max_vcpu_id + 1 : 0;
}

char *xen_store_read(struct xen *xen, const char *node)
{
    char path[PATH_SIZE];
    char *value = xs_read(xen->host.store, XBT_NULL, domain_path(xen, path, node), NULL);

    if (value && *value)
        return value;
    free(value);
    return NULL;
}

bool xen_store_write(struct xen *xen, const char *node, const char *value)
{
    char path[PATH_SIZE];

    return xs_write(xen->host.store, XBT_NULL, domain_path(xen, path, node), value, strlen(value));
}

bool xen_store_make_readable(struct xen *xen, const char *node)
{
    /* The first entry names the owner and says what everybody else may do. */
    struct xs_permissions permissions[] = {
        { .id = 0, .perms = XS_PERM_NONE },
        { .id = xen->domid, .perms = XS_PERM_READ },
    };
    char path[PATH_SIZE];

    domain_path(xen, path, node);
    return xs_mkdir(xen->host.store, XBT_NULL, path) && xs_set_permissions(xen->host.store, XBT_NULL, path, permissions, 2);
}

bool xen_backend_write(struct xen *xen, unsigned int virtual_device, const char *leaf, const char *value)
{
    char path[PATH_SIZE];

    snprintf(path, sizeof(path), "/local/domain/0/backend/qdisk/%u/%u/%s", xen->domid, virtual_device, leaf);
    return xs_write(xen->host.store, XBT_NULL, path, value, strlen(value));
}

char *xen_vif_read(struct xen *xen, unsigned int number, const char *leaf)
{
    char path[PATH_SIZE], *value;

    snprintf(path, sizeof(path), "/local/domain/0/backend/vif/%u/%u/%s", xen->domid, number, leaf);
    value = xs_read(xen->host.store, XBT_NULL, path, NULL);
    if (value && *value)
        return value;
    free(value);
    return NULL;
}

/* A folder and what is in it: pairs of leaf and value, NULL at the end. */
static bool make_folder(struct xen *xen, const char *path, struct xs_permissions *permissions, const char *const *nodes)
{
    char node[PATH_SIZE];
    bool done = xs_mkdir(xen->host.store, XBT_NULL, path) &&
                (!permissions || xs_set_permissions(xen->host.store, XBT_NULL, path, permissions, 2));

    for (; done && *nodes; nodes += 2) {
        snprintf(node, sizeof(node), "%s/%s", path, nodes[0]);
        done = xs_write(xen->host.store, XBT_NULL, node, nodes[1], strlen(nodes[1]));
    }
    return done;
}

/* As libxl__device_generic_add() makes a device, its note of it for the domain's end included. */
bool xen_add_screen(struct xen *xen)
{
    struct xs_permissions guests[] = { { .id = xen->domid, .perms = XS_PERM_NONE }, { .perms = XS_PERM_READ } };
    struct xs_permissions ours[] = { { .perms = XS_PERM_NONE }, { .id = xen->domid, .perms = XS_PERM_READ } };
    char front[PATH_SIZE], back[PATH_SIZE], note[PATH_SIZE], keyboard[PATH_SIZE], domid[12];
    const char *const front_nodes[] = { "backend", back, "backend-id", "0", "state", "1", NULL };
    const char *const back_nodes[] = { "frontend", front, "frontend-id", domid, "online", "1", "state", "1", NULL };
    const char *const notes[] = { "frontend", front, "backend", back, NULL };
    unsigned int length;
    char *state;

    domain_path(xen, front, "device/vfb/0");
    snprintf(domid, sizeof(domid), "%u", xen->domid);
    snprintf(back, sizeof(back), "/local/domain/0/backend/vfb/%u/0", xen->domid);
    snprintf(note, sizeof(note), "/libxl/%u/device/vfb/0", xen->domid);
    snprintf(keyboard, sizeof(keyboard), "/local/domain/0/backend/vkbd/%u/0/state", xen->domid);
    if (!make_folder(xen, note, NULL, notes) || !make_folder(xen, back, ours, back_nodes) ||
        !make_folder(xen, front, guests, front_nodes))
        return false;
    state = xs_read(xen->host.store, XBT_NULL, keyboard, &length);
    free(state);
    return !state || xs_write(xen->host.store, XBT_NULL, keyboard, "2", 1);
}

bool xen_store_announce_running(struct xen *xen)
{
    char path[PATH_SIZE];

    snprintf(path, sizeof(path), "/local/domain/0/device-model/%u/state", xen->domid);
    return xs_write(xen->host.store, XBT_NULL, path, "running", strlen("running"));
}

int xen_event_fd(struct xen *xen)
{
    return xen->events;
}

static bool has_port_event(struct xen *xen, int *port)
{
    *port = xenevtchn_pending(xen->ports);
    return *port >= 0 && xenevtchn_unmask(xen->ports, (evtchn_port_t)*port) == 0;
}

/* Which one's folder a path below that of all devices is in. */
static int device_in(const char *below)
{
    unsigned long number;

    if (!*below)
        return XEN_ANY;
    number = strtoul(below + 1, NULL, 10);
    return number < INT_MAX ? (int)number : INT_MAX;
}

static enum xen_event next_watch_event(struct xen *xen, int *which)
{
    int number = xen->store_lost ? -1 : watches_next(&xen->watches);

    if (number >= 0)
        *which = device_in(xen->watches.below);
    switch (number) {
    case WATCH_CONSOLE:
        return XEN_EVENT_CONSOLE;
    case WATCH_RELEASE:
        return XEN_EVENT_RELEASE;
    case WATCH_FRONTENDS:
        return XEN_EVENT_FRONTEND;
    case WATCH_VIFS:
        return XEN_EVENT_VIF;
    }
    if (!xen->store_lost && errno != EAGAIN) {
        message("xenstore is lost (%s)", strerror(errno));
        xen->store_lost = true;
        epoll_ctl(xen->events, EPOLL_CTL_DEL, xen->watches.fd, NULL);
    }
    return XEN_EVENT_NONE;
}

enum xen_event xen_next_event(struct xen *xen, int *which)
{
    enum xen_event event = next_watch_event(xen, which);

    return event == XEN_EVENT_NONE && xen->ports && has_port_event(xen, which) ? XEN_EVENT_RING : event;
}

/* --- for a backend --- */

bool xen_open_rings(struct xen *xen)
{
    char path[PATH_SIZE];

    if (xen->ports)
        return true;
    xen->grants = xengnttab_open(NULL, 0);
    xen->ports = xenevtchn_open(NULL, 0);
    return xen->grants && xen->ports && fcntl(xenevtchn_fd(xen->ports), F_SETFL, O_NONBLOCK) == 0 &&
           add_events(xen, xenevtchn_fd(xen->ports)) &&
           watches_add(&xen->watches, domain_path(xen, path, "device/vbd"), WATCH_FRONTENDS);
}

bool xen_watch_vifs(struct xen *xen)
{
    char path[PATH_SIZE];

    if (!watches_add(&xen->watches, domain_path(xen, path, "device/vif"), WATCH_VIFS))
        return false;
    snprintf(path, sizeof(path), "/local/domain/0/backend/vif/%u", xen->domid);
    return watches_add(&xen->watches, path, WATCH_VIFS);
}

void *xen_map_page(struct xen *xen, uint32_t ref)
{
    return xengnttab_map_grant_ref(xen->grants, xen->domid, ref, PROT_READ | PROT_WRITE);
}

void xen_unmap_page(struct xen *xen, void *page)
{
    xengnttab_unmap(xen->grants, page, 1);
}

bool xen_copy_to_guest(struct xen *xen, uint32_t ref, uint32_t offset, const void *bytes, uint32_t length)
{
    xengnttab_grant_copy_segment_t copy = {
        .source.virt = (void *)bytes,
        .dest.foreign = { .ref = ref, .offset = (uint16_t)offset, .domid = (uint16_t)xen->domid },
        .len = (uint16_t)length,
        .flags = GNTCOPY_dest_gref,
    };

    return xengnttab_grant_copy(xen->grants, 1, &copy) == 0 && copy.status == GNTST_okay;
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
