/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Xen and xenstore for tests of reflex-vnc: a test is the domain's frontends, through the socket whose number is in
 * SIMULATED_XEN.
 * From the test, a message each: frontend DEVICE LEAF VALUE  a node of the frontend's
 *                                forget DEVICE LEAF
 *                                port PORT          the domain notifies
 *                                release alive|dead some domain died; this one or not
 *                                for ever ...       one of these, again and again; what is sent later is not heard
 *                                (end of file)      xenstore is lost
 * To the test, a line each:      backend DEVICE LEAF VALUE
 *                                bind PORT, unbind PORT, notify PORT, listen PORT
 * GUEST_MEMORY is a file: the domain's frame n is its nth page, and what is beyond its end is no memory.  Ports are the
 * domain's numbers.
 */
#include "../../tools/reflex-vnc/xen.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE      4096
#define NODES_MAX 64
#define LINE_SIZE 128

struct xen {
    int fd, memory;
    bool dead, store_lost;
    unsigned int nodes;
    struct {
        char name[64], value[32];
    } node[NODES_MAX];
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
    xen->memory = open(getenv("GUEST_MEMORY"), O_RDWR | O_CLOEXEC);
    return xen;
}

void xen_close(struct xen *xen)
{
    close(xen->memory);
    free(xen);
}

bool xen_domain_exists(struct xen *xen)
{
    return !xen->dead;
}

char *xen_domain_name(struct xen *xen)
{
    (void)xen;
    return strdup("guest");
}

/* ---- Nodes: "front/vfb/state" ----------------------------------------------------------------------------------- */

static char *find(struct xen *xen, const char *end, const char *device, const char *leaf)
{
    char name[64];

    snprintf(name, sizeof(name), "%s/%s/%s", end, device, leaf);
    for (unsigned int i = 0; i < xen->nodes; i++)
        if (strcmp(xen->node[i].name, name) == 0)
            return xen->node[i].value;
    return NULL;
}

static void set(struct xen *xen, const char *end, const char *device, const char *leaf, const char *value)
{
    char *place = find(xen, end, device, leaf);

    if (!place) {
        if (xen->nodes == NODES_MAX)
            exit(98);
        snprintf(xen->node[xen->nodes].name, sizeof(xen->node[0].name), "%s/%s/%s", end, device, leaf);
        place = xen->node[xen->nodes++].value;
    }
    snprintf(place, sizeof(xen->node[0].value), "%s", value);
}

static bool number(const char *text, uint64_t *value)
{
    if (text && *text)
        *value = strtoull(text, NULL, 10);
    return text && *text;
}

bool xen_frontend_number(struct xen *xen, const char *device, const char *leaf, uint64_t *value)
{
    return number(find(xen, "front", device, leaf), value);
}

char *xen_frontend_text(struct xen *xen, const char *device, const char *leaf)
{
    const char *value = find(xen, "front", device, leaf);

    return value && *value ? strdup(value) : NULL;
}

bool xen_backend_number(struct xen *xen, const char *device, const char *leaf, uint64_t *value)
{
    return number(find(xen, "back", device, leaf), value);
}

bool xen_backend_write(struct xen *xen, const char *device, const char *leaf, unsigned int value)
{
    char digits[12];

    snprintf(digits, sizeof(digits), "%u", value);
    set(xen, "back", device, leaf, digits);
    tell(xen, "backend %s %s %u\n", device, leaf, value);
    return true;
}

/* ---- Events ----------------------------------------------------------------------------------------------------- */

int xen_event_fd(struct xen *xen)
{
    return xen->store_lost ? -1 : xen->fd;
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

enum xen_event xen_next_event(struct xen *xen, int *port)
{
    char line[LINE_SIZE], device[16], leaf[32], value[32] = "";

    if (!receive(xen, line))
        return XEN_EVENT_NONE;
    if (sscanf(line, "frontend %15s %31s %31s", device, leaf, value) == 3 ||
        sscanf(line, "forget %15s %31s", device, leaf) == 2) {
        set(xen, "front", device, leaf, value);
        return XEN_EVENT_STATE;
    }
    if (sscanf(line, "port %d", port) == 1)
        return XEN_EVENT_PORT;
    xen->dead = strcmp(line, "release dead") == 0;
    return XEN_EVENT_RELEASE;
}

/* ---- Memory and ports ------------------------------------------------------------------------------------------- */

/* In one piece; what is no memory must not be touched. */
void *xen_map(struct xen *xen, const uint64_t *frames, size_t count, bool writable, bool *mapped)
{
    uint8_t *memory = mmap(NULL, count * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct stat file;

    fstat(xen->memory, &file);
    for (size_t i = 0; i < count; i++) {
        mapped[i] = frames[i] < (uint64_t)file.st_size / PAGE;
        if (mapped[i] && mmap(memory + i * PAGE, PAGE, PROT_READ | (writable ? PROT_WRITE : 0), MAP_SHARED | MAP_FIXED,
                              xen->memory, (off_t)frames[i] * PAGE) == MAP_FAILED)
            exit(97);
    }
    return memory;
}

void xen_unmap(struct xen *xen, void *memory, size_t count)
{
    (void)xen;
    munmap(memory, count * PAGE);
}

int xen_bind(struct xen *xen, uint32_t port)
{
    tell(xen, "bind %u\n", port);
    return port < 100000 ? (int)port : -1;
}

void xen_unbind(struct xen *xen, int port)
{
    tell(xen, "unbind %d\n", port);
}

void xen_notify(struct xen *xen, int port)
{
    tell(xen, "notify %d\n", port);
}

void xen_listen(struct xen *xen, int port)
{
    tell(xen, "listen %d\n", port);
}
