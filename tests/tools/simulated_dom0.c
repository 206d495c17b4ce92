/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A simulated Xen host for reflexctl.  SIMULATED_DOMAINS names a file with a line for each domain, by number:
 *     NUMBER NAME hvm|pv STATE FILE
 * FILE is what lies at the firmware's window, from its first page on, or `-`.
 * SIMULATED_TEXT is what lies at B8000h and on, in all of them.
 * The domain's end of its keyboard's ring takes one event for each notification, up to SIMULATED_APPETITE of them in
 * all, and adds a line for each to the file SIMULATED_INPUT.  SIMULATED_PORT is the port that can be bound.
 */
#include "tools/reflexctl/xen.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xen/io/kbdif.h>

#include "image/image.h"
#include "tools/common/message.h"

#define PAGE       4096u
#define TEXT_FRAME 0xb8u

struct row {
    uint32_t id;
    char name[256], kind[8], state[32], file[256];
};

struct xen {
    FILE *table;
    struct row row;
    struct xenkbd_page *keyboard;
    unsigned int taken;
};

struct xen *xen_open(void)
{
    struct xen *xen = calloc(1, sizeof(*xen));
    const char *path = getenv("SIMULATED_DOMAINS");

    xen->table = path ? fopen(path, "r") : NULL;
    if (xen->table) {
        setvbuf(xen->table, NULL, _IONBF, 0);       /* a test may change it */
        return xen;
    }
    free(xen);
    message("no access to Xen (simulated): this program runs in dom0, as root");
    return NULL;
}

void xen_close(struct xen *xen)
{
    fclose(xen->table);
    free(xen);
}

static bool find(struct xen *xen, uint32_t from)
{
    struct row *row = &xen->row;

    rewind(xen->table);
    while (fscanf(xen->table, "%u %255s %7s %31s %255s", &row->id, row->name, row->kind, row->state, row->file) == 5)
        if (row->id >= from)
            return true;
    return false;
}

bool xen_find_domain(struct xen *xen, uint32_t from, struct xen_domain *domain)
{
    if (!find(xen, from))
        return false;
    *domain = (struct xen_domain){
        .id = xen->row.id, .hvm = strcmp(xen->row.kind, "hvm") == 0, .state = xen->row.state,
        .ended = strcmp(xen->row.state, "running") && strcmp(xen->row.state, "paused"),
    };
    return true;
}

char *xen_domain_name(struct xen *xen, uint32_t domain)
{
    return find(xen, domain) && strcmp(xen->row.name, "-") ? strdup(xen->row.name) : NULL;
}

/* Pages of a file, all of them inside. */
static void *map_file(const char *name, uint64_t first, size_t pages)
{
    int fd = name ? open(name, O_RDONLY) : -1;
    struct stat status;
    void *memory;

    if (fd < 0)
        return NULL;
    memory = fstat(fd, &status) == 0 && (uint64_t)status.st_size >= (first + pages) * PAGE
             ? mmap(NULL, pages * PAGE, PROT_READ, MAP_SHARED, fd, (off_t)(first * PAGE)) : MAP_FAILED;
    close(fd);
    return memory == MAP_FAILED ? NULL : memory;
}

const volatile void *xen_map(struct xen *xen, uint32_t domain, uint64_t first_gfn, size_t pages)
{
    if (!find(xen, domain) || strcmp(xen->row.kind, "hvm"))
        return NULL;
    if (first_gfn == REFLEX_WINDOW_START / PAGE)
        return map_file(xen->row.file, 0, pages);
    return first_gfn >= TEXT_FRAME ? map_file(getenv("SIMULATED_TEXT"), first_gfn - TEXT_FRAME, pages) : NULL;
}

void xen_unmap(struct xen *xen, const volatile void *memory, size_t pages)
{
    (void)xen;
    munmap((void *)memory, pages * PAGE);
}

/* ---- The keyboard ----------------------------------------------------------------------------------------------- */

void *xen_map_writable(struct xen *xen, uint32_t domain, uint64_t gfn)
{
    off_t offset = (off_t)(gfn - REFLEX_WINDOW_START / PAGE) * PAGE;
    struct stat status;
    void *page;
    int fd;

    if (!find(xen, domain))
        return NULL;
    fd = open(xen->row.file, O_RDWR);
    if (fd < 0)
        return NULL;
    page = fstat(fd, &status) == 0 && status.st_size >= offset + (off_t)PAGE
           ? mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset) : MAP_FAILED;
    close(fd);
    xen->keyboard = page == MAP_FAILED ? NULL : page;
    return xen->keyboard;
}

int xen_bind(struct xen *xen, uint32_t domain, uint32_t port)
{
    const char *only = getenv("SIMULATED_PORT");

    (void)xen;
    (void)domain;
    return only && (uint32_t)atoi(only) == port ? 5 : -1;
}

void xen_unbind(struct xen *xen, int port)
{
    (void)xen;
    (void)port;
}

static void tell(FILE *file, const union xenkbd_in_event *event)
{
    if (event->type == XENKBD_TYPE_KEY)
        fprintf(file, "key %u %s\n", event->key.keycode, event->key.pressed ? "down" : "up");
    else if (event->type == XENKBD_TYPE_MOTION)
        fprintf(file, "motion %d %d %d\n", event->motion.rel_x, event->motion.rel_y, event->motion.rel_z);
    else
        fprintf(file, "nothing\n");
}

void xen_notify(struct xen *xen, int port)
{
    const char *appetite = getenv("SIMULATED_APPETITE");
    struct xenkbd_page *page = xen->keyboard;
    FILE *file;

    if (port != 5 || page->in_cons == page->in_prod || (appetite && xen->taken >= (unsigned int)atoi(appetite)))
        return;
    file = fopen(getenv("SIMULATED_INPUT"), "a");
    tell(file, &XENKBD_IN_RING_REF(page, page->in_cons));
    fclose(file);
    page->in_cons++;
    xen->taken++;
}

void xen_wait(struct xen *xen, unsigned int ms)
{
    (void)xen;
    (void)ms;
}
