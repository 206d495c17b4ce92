/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "xen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <sys/mman.h>
#include <xenctrl.h>
#include <xenevtchn.h>
#include <xengnttab.h>
#include <xenstore.h>

#include "message.h"
#include <public/hvm/reflect_op.h>

#define PATH_SIZE 128

/* A connection for each watch: the static libxenstore has no reader thread, and there an event that arrives while a
 * request is under way would be taken for its answer. */
enum watch { WATCH_CONSOLE, WATCH_RELEASE, WATCH_FRONTENDS, WATCHES };

struct xen {
    uint32_t domid;
    xc_interface *control;
    struct xs_handle *store;
    struct xs_handle *watches[WATCHES];     /* NULL: not watched */
    xengnttab_handle *grants;               /* NULL, and so the next: xen_open_rings() was not called */
    xenevtchn_handle *ports;
    int events;                             /* epoll: readable when a watch is */
    bool store_lost;
};

static const char *domain_path(const struct xen *xen, char path[static PATH_SIZE], const char *node)
{
    snprintf(path, PATH_SIZE, "/local/domain/%u/%s", xen->domid, node);
    return path;
}

static bool watch(struct xen *xen, enum watch which, const char *path)
{
    struct epoll_event event = { .events = EPOLLIN };
    struct xs_handle *handle = xs_open(0);

    xen->watches[which] = handle;
    return handle && xs_watch(handle, path, "reflex-dm") &&
           epoll_ctl(xen->events, EPOLL_CTL_ADD, xs_fileno(handle), &event) == 0;
}

static bool watch_all(struct xen *xen)
{
    char path[PATH_SIZE];

    xen->events = epoll_create1(EPOLL_CLOEXEC);
    return watch(xen, WATCH_CONSOLE, domain_path(xen, path, "console/tty")) &&
           watch(xen, WATCH_RELEASE, "@releaseDomain");
}

struct xen *xen_open(uint32_t domid)
{
    struct xen *xen = calloc(1, sizeof(*xen));

    if (!xen)
        return NULL;
    xen->domid = domid;
    xen->events = -1;
    xen->control = xc_interface_open(NULL, NULL, 0);
    if (!xen->control) {
        message("no access to Xen (%s): this program runs in dom0, as root", strerror(errno));
        goto failed;
    }
    xen->store = xs_open(0);
    if (!xen->store) {
        message("no access to xenstore (%s): is xenstored running?", strerror(errno));
        goto failed;
    }
    if (!watch_all(xen)) {
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
    for (unsigned int i = 0; i < WATCHES; i++)
        xs_close(xen->watches[i]);
    if (xen->events >= 0)
        close(xen->events);
    xs_close(xen->store);
    if (xen->control)
        xc_interface_close(xen->control);
    free(xen);
}

int xen_enable_reflection(struct xen *xen)
{
    return xc_hvm_param_set(xen->control, xen->domid, HVM_PARAM_REFLECT, 1) == 0 ? 0 : -errno;
}

/* xc_domain_getinfo answers with the next domain when the one asked for is gone. */
static bool get_info(struct xen *xen, xc_dominfo_t *info)
{
    return xc_domain_getinfo(xen->control, xen->domid, 1, info) == 1 && info->domid == xen->domid;
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
    char *value = xs_read(xen->store, XBT_NULL, domain_path(xen, path, node), NULL);

    if (value && *value)
        return value;
    free(value);
    return NULL;
}

bool xen_store_write(struct xen *xen, const char *node, const char *value)
{
    char path[PATH_SIZE];

    return xs_write(xen->store, XBT_NULL, domain_path(xen, path, node), value, strlen(value));
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
    return xs_mkdir(xen->store, XBT_NULL, path) && xs_set_permissions(xen->store, XBT_NULL, path, permissions, 2);
}

bool xen_backend_write(struct xen *xen, unsigned int virtual_device, const char *leaf, const char *value)
{
    char path[PATH_SIZE];

    snprintf(path, sizeof(path), "/local/domain/0/backend/qdisk/%u/%u/%s", xen->domid, virtual_device, leaf);
    return xs_write(xen->store, XBT_NULL, path, value, strlen(value));
}

bool xen_store_announce_running(struct xen *xen)
{
    char path[PATH_SIZE];

    snprintf(path, sizeof(path), "/local/domain/0/device-model/%u/state", xen->domid);
    return xs_write(xen->store, XBT_NULL, path, "running", strlen("running"));
}

int xen_event_fd(struct xen *xen)
{
    return xen->store_lost ? -1 : xen->events;
}

static bool has_event(struct xen *xen, enum watch which)
{
    char **event = xs_check_watch(xen->watches[which]);

    if (event) {
        free(event);
        return true;
    }
    if (errno != EAGAIN && !xen->store_lost) {
        message("xenstore is lost (%s)", strerror(errno));
        xen->store_lost = true;
    }
    return false;
}

/* Which of the ports it is does not matter: there are few. */
static bool has_port_event(struct xen *xen)
{
    xenevtchn_port_or_error_t port = xenevtchn_pending(xen->ports);

    return port >= 0 && xenevtchn_unmask(xen->ports, (evtchn_port_t)port) == 0;
}

enum xen_event xen_next_event(struct xen *xen)
{
    if (has_event(xen, WATCH_RELEASE))
        return XEN_EVENT_RELEASE;
    if (xen->watches[WATCH_FRONTENDS] && has_event(xen, WATCH_FRONTENDS))
        return XEN_EVENT_FRONTEND;
    if (xen->ports && has_port_event(xen))
        return XEN_EVENT_RING;
    return has_event(xen, WATCH_CONSOLE) ? XEN_EVENT_CONSOLE : XEN_EVENT_NONE;
}

/* --- for a backend --- */

bool xen_open_rings(struct xen *xen)
{
    struct epoll_event event = { .events = EPOLLIN };
    char path[PATH_SIZE];

    xen->grants = xengnttab_open(NULL, 0);
    xen->ports = xenevtchn_open(NULL, 0);
    return xen->grants && xen->ports && fcntl(xenevtchn_fd(xen->ports), F_SETFL, O_NONBLOCK) == 0 &&
           epoll_ctl(xen->events, EPOLL_CTL_ADD, xenevtchn_fd(xen->ports), &event) == 0 &&
           watch(xen, WATCH_FRONTENDS, domain_path(xen, path, "device/vbd"));
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
