/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The hypercalls that the firmware makes.  hypercall.c issues them in a domain; host tests put a simulated
 * hypervisor in its place.  Results are 0 (or the value said) or a negative errno of xen/errno.h.
 *
 * The firmware runs with paging off, so an object's address is its guest-physical address.
 */
#ifndef REFLEX_XEN_HYPERCALL_H
#define REFLEX_XEN_HYPERCALL_H

#include <stdbool.h>
#include <stdint.h>
#include "xen/interface.h"
#include <xen/xen.h>
#include <xen/event_channel.h>
#include <public/hvm/reflect_op.h>

/* Finds Xen by CPUID and installs our own hypercall page.  False: this is not a Xen HVM domain. */
bool hypercall_init(void);

/* reflect_op: see reflect_op.h for each. */
int reflect_setup(const struct xen_reflect_setup *setup);
int reflect_lock(void);
int reflect_range(uint32_t type, bool add, uint64_t start, uint64_t end);
int reflect_isa_irq(unsigned int irq, bool high);
int reflect_intx(unsigned int device, unsigned int pin, bool high);
int reflect_link(unsigned int link, unsigned int irq);
int reflect_port_alloc(domid_t remote, unsigned int *index, evtchn_port_t *port);
int reflect_port_adopt(evtchn_port_t port, unsigned int *index);
int reflect_port_close(unsigned int index);
int reflect_port_send(unsigned int index);
int reflect_events(unsigned int word, uint32_t *events);
int reflect_copy(uint64_t gpa, void *buffer, uint32_t length, bool to_guest);
int reflect_info(unsigned int vcpu, struct xen_reflect_info *info);
/* bitmap: a bit for each of `pages`, in (pages + 7) / 8 bytes. */
int reflect_vram(uint64_t first_pfn, uint32_t pages, uint8_t *bitmap);
int reflect_shadows(const struct xen_reflect_shadows *page);

/* Ticks of the time stamp counter in a millisecond.  0: unknown, or Xen emulates the counter for this domain, so that
 * each look at it is an exit. */
uint32_t tsc_khz(void);
/* HVMOP_get_param of this domain. */
int hvm_param(unsigned int index, uint64_t *value);
/* Nanoseconds since the domain began; the clock of every bounded wait. */
uint64_t system_time_ns(void);
/* SCHEDOP_poll on no port: gives the processor away until an event for the firmware comes (or, during start-up,
 * until anything happens) or `deadline_ns` of system_time_ns() is reached.  May return early. */
void wait_until_ns(uint64_t deadline_ns);
/* EVTCHNOP_send on a port of the guest's own kind (xenstore's, while hvmloader owns it). */
int event_send(evtchn_port_t port);
/* GNTTABOP_query_size: the most frames the table can have; and XENMEM_add_to_physmap of one of its frames at gfn. */
int grant_table_max_frames(uint32_t *frames);
int grant_table_map(uint32_t frame, uint32_t gfn);
/* XENMEM_add_to_physmap: takes pages of RAM from one run of guest frames to another, which does not overlap it and has
 * none.  At most 65535 pages. */
int memory_move(uint32_t from_gfn, uint32_t to_gfn, uint32_t pages);
/* SCHEDOP_shutdown; reason: SHUTDOWN_poweroff, _reboot, _crash. */
int domain_shutdown(unsigned int reason);

#endif
