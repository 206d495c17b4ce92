/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Xen and xenstore for tests of reflex-dm: a test steers them through the socket whose number is in SIMULATED_XEN.
 * From the test, a line each:    console TTY        xenconsoled opened TTY
 *                                frontend NODE VALUE   NODE below the domain's folder changed; a vif's backend has
 *                                                   its nodes in backend/vif/N, and "gone" is no value
 *                                ring PORT          the domain notifies, on the program's PORT
 *                                for ever ...       one of these, again and again; what is sent later is not heard
 *                                release alive|dead some domain died; this one or not
 *                                (end of file)      xenstore is lost
 * To the test, a line each:      enable             HVM_PARAM_REFLECT was set
 *                                write NODE VALUE   NODE without /local/domain/<domid>/
 *                                backend DEVICE LEAF VALUE
 *                                readable NODE
 *                                notify PORT
 *                                screen             the nodes of a screen were made
 *                                running            the device model is announced
 * ENABLE_ERRNO is what enabling fails with (0: nothing); VCPUS how many there are.  GUEST_MEMORY is a file: what the
 * domain has granted as reference n is its nth page.
 */
#include "../../tools/reflex-dm/xen.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define PAGE      4096
#define NODES_MAX 256
#define LINE_SIZE 128

struct xen {
    int fd;
    bool dead, store_lost;
    char tty[64];
    unsigned int nodes;
    struct {
        char name[64], value[32];
    } node[NODES_MAX];
    int memory;
};

static void tell(struct xen *xen, const char *format, ...)
{
    char line[256];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    if (send(xen->fd, line, strlen(line), MSG_NOSIGNAL) < 0)
        exit(99);
}

struct xen *xen_open(uint32_t domid)
{
    struct xen *xen = calloc(1, sizeof(*xen));

    (void)domid;
    xen->fd = atoi(getenv("SIMULATED_XEN"));
    return xen;
}

void xen_close(struct xen *xen)
{
    free(xen);
}

int xen_enable_reflection(struct xen *xen)
{
    tell(xen, "enable\n");
    return -atoi(getenv("ENABLE_ERRNO"));
}

bool xen_domain_exists(struct xen *xen)
{
    return !xen->dead;
}

unsigned int xen_vcpus(struct xen *xen)
{
    (void)xen;
    return atoi(getenv("VCPUS"));
}

bool xen_backend_write(struct xen *xen, unsigned int virtual_device, const char *leaf, const char *value)
{
    tell(xen, "backend %u %s %s\n", virtual_device, leaf, value);
    return true;
}

bool xen_watch_vifs(struct xen *xen)
{
    (void)xen;
    return true;
}

bool xen_open_rings(struct xen *xen)
{
    if (!getenv("GUEST_MEMORY") || xen->memory > 0)
        return true;
    xen->memory = open(getenv("GUEST_MEMORY"), O_RDWR | O_CLOEXEC);
    return xen->memory >= 0;
}

void *xen_map_page(struct xen *xen, uint32_t ref)
{
    void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, xen->memory, (off_t)ref * PAGE);

    return page == MAP_FAILED ? NULL : page;
}

void xen_unmap_page(struct xen *xen, void *page)
{
    munmap(page, PAGE);
    tell(xen, "unmap\n");
}

bool xen_copy_to_guest(struct xen *xen, uint32_t ref, uint32_t offset, const void *bytes, uint32_t length)
{
    if (offset + length > PAGE)
        exit(98);
    return ref && pwrite(xen->memory, bytes, length, (off_t)ref * PAGE + offset) == (ssize_t)length;
}

int xen_bind(struct xen *xen, uint32_t port)
{
    (void)xen;
    return port < 100000 ? (int)port + 100 : -1;
}

void xen_unbind(struct xen *xen, int port)
{
    (void)xen;
    (void)port;
}

void xen_notify(struct xen *xen, int port)
{
    tell(xen, "notify %d\n", port);
}

char *xen_store_read(struct xen *xen, const char *node)
{
    for (unsigned int i = 0; i < xen->nodes; i++)
        if (strcmp(xen->node[i].name, node) == 0)
            return strcmp(xen->node[i].value, "gone") ? strdup(xen->node[i].value) : NULL;
    return strcmp(node, "console/tty") == 0 && xen->tty[0] ? strdup(xen->tty) : NULL;
}

char *xen_vif_read(struct xen *xen, unsigned int number, const char *leaf)
{
    char node[64];

    snprintf(node, sizeof(node), "backend/vif/%u/%s", number, leaf);
    return xen_store_read(xen, node);
}

bool xen_store_write(struct xen *xen, const char *node, const char *value)
{
    tell(xen, "write %s %s\n", node, value);
    return true;
}

bool xen_store_make_readable(struct xen *xen, const char *node)
{
    tell(xen, "readable %s\n", node);
    return true;
}

bool xen_add_screen(struct xen *xen)
{
    tell(xen, "screen\n");
    return true;
}

bool xen_store_announce_running(struct xen *xen)
{
    tell(xen, "running\n");
    return true;
}

int xen_event_fd(struct xen *xen)
{
    return xen->store_lost ? -1 : xen->fd;
}

static void set_node(struct xen *xen, const char *name, const char *value)
{
    unsigned int i = 0;

    while (i < xen->nodes && strcmp(xen->node[i].name, name))
        i++;
    if (i == NODES_MAX)
        exit(97);
    if (i == xen->nodes)
        snprintf(xen->node[xen->nodes++].name, sizeof(xen->node[0].name), "%s", name);
    snprintf(xen->node[i].value, sizeof(xen->node[0].value), "%s", value);
}

/* The number behind the class, as in device/vbd/5632/state. */
static int device_in(const char *name)
{
    const char *class = strstr(name, "/v");

    return class && strlen(class) > 5 ? atoi(class + 5) : XEN_ANY;
}

/* The socket keeps the borders between messages: one is one event. */
static bool receive(struct xen *xen, char line[static LINE_SIZE])
{
    ssize_t length = recv(xen->fd, line, LINE_SIZE - 1, MSG_DONTWAIT | MSG_PEEK);

    xen->store_lost = length == 0;
    if (length <= 0)
        return false;
    line[length] = '\0';
    if (strncmp(line, "for ever ", 9) == 0)
        memmove(line, line + 9, (size_t)length - 8);
    else
        recv(xen->fd, (char [LINE_SIZE]){ "" }, LINE_SIZE, MSG_DONTWAIT);
    return true;
}

enum xen_event xen_next_event(struct xen *xen, int *which)
{
    char line[LINE_SIZE], name[64], value[32];

    if (!receive(xen, line))
        return XEN_EVENT_NONE;
    if (sscanf(line, "console %63s", xen->tty) == 1)
        return XEN_EVENT_CONSOLE;
    if (sscanf(line, "frontend %63s %31s", name, value) == 2) {
        set_node(xen, name, value);
        *which = device_in(name);
        return strstr(name, "/vif") ? XEN_EVENT_VIF : XEN_EVENT_FRONTEND;
    }
    if (sscanf(line, "ring %d", which) == 1)
        return XEN_EVENT_RING;
    xen->dead = strcmp(line, "release dead\n") == 0;
    return XEN_EVENT_RELEASE;
}
