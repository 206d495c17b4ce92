/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A simulated Xen host for reflexctl.  SIMULATED_DOMAINS names a file with a line for each domain, by number:
 *     NUMBER NAME hvm|pv STATE FILE
 * FILE is what lies at the firmware's window, from its first page on, or `-`.
 */
#include "tools/reflexctl/xen.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/image.h"
#include "tools/reflexctl/message.h"

#define PAGE 4096u

struct row {
    uint32_t id;
    char name[256], kind[8], state[32], file[256];
};

struct xen {
    FILE *table;
    struct row row;
};

struct xen *xen_open(void)
{
    struct xen *xen = calloc(1, sizeof(*xen));
    const char *path = getenv("SIMULATED_DOMAINS");

    xen->table = path ? fopen(path, "r") : NULL;
    if (xen->table)
        return xen;
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
    *domain = (struct xen_domain){ xen->row.id, strcmp(xen->row.kind, "hvm") == 0, xen->row.state };
    return true;
}

char *xen_domain_name(struct xen *xen, uint32_t domain)
{
    return find(xen, domain) && strcmp(xen->row.name, "-") ? strdup(xen->row.name) : NULL;
}

const volatile void *xen_map(struct xen *xen, uint32_t domain, uint64_t first_gfn, size_t pages)
{
    struct stat status;
    void *memory;
    int fd;

    if (!find(xen, domain) || first_gfn != REFLEX_WINDOW_START / PAGE || strcmp(xen->row.kind, "hvm"))
        return NULL;
    fd = open(xen->row.file, O_RDONLY);
    if (fd < 0)
        return NULL;
    memory = fstat(fd, &status) == 0 && (size_t)status.st_size >= pages * PAGE
             ? mmap(NULL, pages * PAGE, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
    close(fd);
    return memory == MAP_FAILED ? NULL : memory;
}

void xen_unmap(struct xen *xen, const volatile void *memory, size_t pages)
{
    (void)xen;
    munmap((void *)memory, pages * PAGE);
}
