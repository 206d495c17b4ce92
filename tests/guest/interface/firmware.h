/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The test's own firmware.  Its one device is memory behind ports and behind addresses: what is written is there to
 * be read again, and every request is recorded as Xen handed it over.
 */
#ifndef INTERFACE_FIRMWARE_H
#define INTERFACE_FIRMWARE_H

#include <stdbool.h>
#include <stdint.h>

#include "hypercalls.h"

#define VCPUS        2

/* layout.inc has the same for the assembler. */
#define PORTS        0x5600u            /* 256 ports: a byte of firmware.ports each */
#define STREAM       0x5700u            /* each element read is one more than the last; what is written is summed up */
#define SLOW         0x5704u            /* a read takes SLOW_NS */
#define DOORBELL     0x5708u            /* runs what in_firmware() wants */
#define PORTS_END    0x57ffu
#define MMIO         0xf0000000u        /* MMIO_BYTES of firmware.mmio */
#define MMIO_BYTES   0x4000u
#define VGA          0x000b8000u        /* 4 KiB of firmware.vga */
#define HIGH         0x2345678000ull    /* 4 KiB of firmware.high, above 4 GiB */
#define PCI_BDF      0x20u              /* 00:04.0: 256 bytes of firmware.pci */
#define SLOW_NS      3000000u
#define REQUESTS     512u

/* The registers at entry: firmware_entry.asm pushes them. */
struct entry {
    uint32_t eax, ebx, ecx, edx, esi, edi, ebp, esp, eflags;
};

struct request {
    uint32_t type, size, count, vcpu;
    bool read, df, ptr;
    uint64_t addr, data;
};

struct firmware {
    uint8_t ports[256], mmio[MMIO_BYTES], vga[4096], high[4096], pci[256];
    uint32_t stream_next, stream_sum;

    volatile uint32_t accesses;         /* since firmware_forget() */
    struct request requests[REQUESTS];  /* the first of them */
    volatile uint32_t served[VCPUS];    /* accesses, ever */
    volatile uint32_t events[64];       /* how often each index was taken, ever */
    volatile uint32_t event_entries, event_vcpu;
    void (*on_event)(void);             /* called once an entry, when set */
    volatile bool running[VCPUS];
    volatile uint32_t unexpected;       /* entries in a state, or with a request, that the interface does not allow */
    uint32_t unexpected_what;
};

extern struct firmware firmware;
/* Xen is given it before the first case.  The firmware does not take what is queued: cases do. */
extern union shadow_page { struct xen_reflect_shadows shadows; uint8_t bytes[4096]; } shadow_page;

extern const char firmware_entry[];
#define FIRMWARE_STACK_BYTES 0x4000u
extern uint8_t firmware_stacks[VCPUS][FIRMWARE_STACK_BYTES];
extern const uint64_t firmware_gdt[3];

void firmware_forget(void);
void firmware_claim(void);              /* every range above; no error if claimed already */

/* Runs function(argument) in the firmware of this vCPU.  It must not use in_firmware() itself. */
int in_firmware(int (*function)(uint32_t), uint32_t argument);
/* Passes the time in the firmware, asleep in Xen. */
int firmware_sleep(uint32_t ns);

/* Number of the calling vCPU. */
unsigned int this_vcpu(void);

void firmware_undefined(void);
void firmware_lose_stack(void);
void firmware_resume_paged(uint32_t cr3);

#endif
