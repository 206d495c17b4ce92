/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A simulated hypervisor and xenstored for tests of src/xen and of the board: answers hypercall.h.  Hypercalls
 * name no hypervisor, so there is one, and fake_xen_init() begins it anew.  Time stands still but for
 * wait_until_ns().
 */
#ifndef REFLEX_TESTS_FAKE_XEN_H
#define REFLEX_TESTS_FAKE_XEN_H

#include "xen/hypercall.h"

#include <xen/grant_table.h>
#include <xen/io/console.h>
#include <xen/io/xs_wire.h>

#include <stddef.h>

/* RAM at its own address below 4 GiB, and some above. */
#define FAKE_RAM_START  0x20000000u
#define FAKE_RAM_END    0x21000000u
#define FAKE_HIGH_START 0x100000000ull
#define FAKE_HIGH_SIZE  0x100000u

#define FAKE_STORE_PORT     1
#define FAKE_CONSOLE_PORT   2
#define FAKE_GRANT_FRAMES   64      /* what the table can have */
#define FAKE_OWN_FRAMES     2       /* what the tests map, at fake_grant_gfn() */
#define FAKE_STORE_NODES    128
#define FAKE_PORTS          0x10000u

enum fake_store_fault {
    STORE_WORKS,
    STORE_SLOW,                     /* answers only while somebody waits */
    STORE_LATE,                     /* answers from late_until_ns on */
    STORE_WATCH_EVENTS,             /* a watch event before every answer */
    STORE_WATCH_STORM,              /* watch events and nothing else */
    STORE_DEAD,                     /* takes nothing, says nothing */
    STORE_SILENT,                   /* takes requests, says nothing */
    STORE_TRUNCATES,                /* a header and half of its payload */
    STORE_WRONG_ID,
    STORE_WRONG_TYPE,
    STORE_TOO_LONG,                 /* a length beyond the protocol's */
    STORE_UNKNOWN_ERROR,            /* of a name longer than any */
    STORE_BAD_RSP_PROD,             /* more in the ring than fits */
    STORE_BAD_REQ_CONS,             /* more taken than there was */
};

struct fake_node {
    char path[96], value[2048];
};

struct fake_port {
    bool used, lost;
    domid_t remote;
    evtchn_port_t port;
    unsigned int sends;
    void (*on_send)(void *owner);
    void *owner;
};

struct fake_xen {
    uint64_t now_ns;
    uint64_t params[64];
    struct fake_port ports[XEN_REFLECT_MAX_PORTS];
    uint32_t pending[XEN_REFLECT_MAX_PORTS / 32];
    unsigned int waits, store_sends, shutdowns, shutdown_reason, copies;
    int port_error;                 /* of reflect_port_alloc and _adopt */
    /* I/O reflection */
    bool claimed_ports[FAKE_PORTS];
    struct fake_range { uint64_t start, end; } memory_claims[16];   /* end is inside; 0: a free place */
    bool claimed_functions[256];    /* PCI bus 0, by devfn */
    unsigned int range_room;        /* claims that still fit */
    struct fake_line { bool high; unsigned int calls; } isa[16], intx[32][4];
    unsigned int links[4];          /* where each is routed, 0: nowhere */
    void (*on_interrupt)(void *owner);  /* another vCPU, which runs as soon as a line rises */
    void *on_interrupt_owner;
    struct xen_reflect_shadows *shadows;    /* the firmware's page; NULL: none */
    int shadow_error;               /* of reflect_shadows */
    unsigned int shadow_calls, shadowed;    /* reads that a shadow has answered */
    struct xen_reflect_info info[4];
    unsigned int vcpus;             /* of reflect_info; 0: the hypervisor does not know the operation */
    /* who else runs while the domain waits */
    void (*others)(void *owner);
    void *others_owner;
    /* RAM that the firmware asks for, and moves */
    unsigned int memory_moves;
    uint64_t vram_first;            /* the run that is watched, */
    uint32_t vram_pages;
    uint8_t vram_written[1024];     /* and which of it has been written: a bit each */
    int vram_error;
    /* xenstored */
    struct xenstore_domain_interface *store;
    enum fake_store_fault fault;
    uint64_t late_until_ns;
    struct fake_node nodes[FAKE_STORE_NODES];
    char in[2 * XENSTORE_PAYLOAD_MAX], out[2 * XENSTORE_PAYLOAD_MAX];
    uint32_t in_length, out_length;
    unsigned int requests;
};

extern struct fake_xen fake_xen;

void fake_xen_init(void);
/* The domain is saved, and restored as another: its memory and its claims are what they were; ports, grants and the
 * shadows' page are lost, rings empty, and the console has another port.  What xenstore says is the test's to change. */
void fake_xen_restore(void);
/* The same, but the domain is the old one, and its grants are in force. */
void fake_xen_soft_reset(void);
#define FAKE_RESTORED_CONSOLE_PORT 3

/* An access there enters the firmware. */
bool fake_memory_claimed(uint64_t address, unsigned int size);

/* A guest reads the byte at a port.  True: Xen answers with *value, and the firmware is not entered. */
bool fake_shadow_read(uint32_t port, uint8_t *value);
/* A guest writes.  True: the write waits, and the firmware is not entered. */
bool fake_shadow_write(uint32_t port, unsigned int size, uint32_t value);

/* Where a guest-physical address is in the test's memory. */
void *fake_pointer(uint64_t gpa);

/* The tree as the toolstack and backends see it.  NULL: no such node. */
void fake_store_set(const char *path, const char *value);
void fake_store_set_number(const char *path, unsigned long long value);
const char *fake_store_get(const char *path);
void fake_store_forget(const char *path);   /* and what is below it */

/* The far end of an event channel sends. */
void fake_send(evtchn_port_t port);
struct fake_port *fake_port(evtchn_port_t port);
unsigned int fake_ports_used(void);

/* RAM at its own address, where there is none, zeroed; and gives back whatever is there now. */
void *fake_memory_populate(uint32_t gfn, uint32_t pages);
void fake_memory_free(uint32_t gfn, uint32_t pages);

/* The grant table as another domain uses it; a refused mapping is NULL. */
uint32_t fake_grant_gfn(void);
struct grant_entry_v1 *fake_grant_entry(grant_ref_t ref);
void *fake_map(grant_ref_t ref, domid_t domain, bool write);
void fake_unmap(grant_ref_t ref);
unsigned int fake_grants_in_use(void);

#endif
