/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A hostile backend for tests: for some seconds it writes anything it likes to the pages that the frontends of a
 * domain's screen and keyboard share with it, and rings their event channels.
 *     scribble-vfb DOMAIN-NUMBER SECONDS
 * Nobody else may have the channels: reflex-vnc is not to run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <xenevtchn.h>
#include <xenforeignmemory.h>
#include <xenstore.h>

#define PAGE   4096u
#define RINGS  16u                          /* indices are before */

struct victim {
    volatile uint8_t *page;
    xenevtchn_port_or_error_t port;
};

static unsigned long number(struct xs_handle *store, unsigned int domid, const char *device, const char *leaf)
{
    char path[128];
    char *text;

    snprintf(path, sizeof(path), "/local/domain/%u/device/%s/0/%s", domid, device, leaf);
    text = xs_read(store, XBT_NULL, path, NULL);
    return text ? strtoul(text, NULL, 10) : 0;
}

static struct victim open_victim(struct xs_handle *store, xenforeignmemory_handle *memory, xenevtchn_handle *ports,
                                 unsigned int domid, const char *device)
{
    const xen_pfn_t frame = number(store, domid, device, "page-ref");
    struct victim victim;

    victim.page = xenforeignmemory_map(memory, domid, PROT_READ | PROT_WRITE, 1, &frame, NULL);
    victim.port = xenevtchn_bind_interdomain(ports, domid,
                                             (evtchn_port_t)number(store, domid, device, "event-channel"));
    if (!victim.page || victim.port < 0) {
        fprintf(stderr, "scribble-vfb: no page or no event channel of %s\n", device);
        exit(1);
    }
    return victim;
}

/* Mostly events, now and then an index: one that cannot be ends the ring. */
static void scribble(const struct victim *victim, unsigned int round)
{
    for (unsigned int i = 0; i < 64; i++)
        victim->page[RINGS + (unsigned int)rand() % (PAGE - RINGS)] = (uint8_t)rand();
    if (round % 16 == 15)
        ((volatile uint32_t *)victim->page)[rand() % 4] += (uint32_t)(rand() % 3 ? rand() % 20 : rand());
}

int main(int argc, char *argv[])
{
    static const char *const devices[] = { "vfb", "vkbd" };
    xenforeignmemory_handle *memory = xenforeignmemory_open(NULL, 0);
    xenevtchn_handle *ports = xenevtchn_open(NULL, 0);
    struct xs_handle *store = xs_open(0);
    struct victim victims[2];
    time_t end;

    if (argc != 3 || !memory || !ports || !store)
        return 2;
    for (unsigned int i = 0; i < 2; i++)
        victims[i] = open_victim(store, memory, ports, (unsigned int)atoi(argv[1]), devices[i]);
    end = time(NULL) + atoi(argv[2]);
    for (unsigned int round = 0; time(NULL) < end; round++) {
        scribble(&victims[round % 2], round / 2);
        xenevtchn_notify(ports, (evtchn_port_t)victims[round % 2].port);
        usleep(1000);
    }
    return 0;
}
