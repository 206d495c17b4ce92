/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Every call of the interface, as written in reflect_op.h, and the few others that a test needs.  Not the firmware's
 * own hypercall.h: that has what the firmware uses, this has everything. */
#ifndef INTERFACE_HYPERCALLS_H
#define INTERFACE_HYPERCALLS_H

#include <stdbool.h>
#include <stdint.h>
#include "xen/interface.h"
#include <xen/xen.h>
#include <xen/event_channel.h>
#include <public/hvm/reflect_op.h>

#define HYPERCALL_STRIDE 32
extern uint8_t hypercall_page[];

/* False: this is no Xen domain. */
bool hypercalls_init(void);

long hypercall(uint32_t number, uint32_t a1, uint32_t a2, uint32_t a3, uint32_t a4, uint32_t a5);
/* Arguments as they come. */
long reflect_op(uint32_t command, uint32_t a1, uint32_t a2, uint32_t a3, uint32_t a4);

long reflect_query(void);
long reflect_setup(const struct xen_reflect_setup *setup);
long reflect_lock(void);
long reflect_range(uint32_t type, uint32_t add, uint64_t start, uint64_t end);
long reflect_isa_irq(uint32_t irq, uint32_t level);
long reflect_intx(uint32_t device, uint32_t pin, uint32_t level);
long reflect_link(uint32_t link, uint32_t irq);
long reflect_msi(uint64_t address, uint32_t data);
long reflect_port_alloc(uint32_t remote, uint32_t *index, uint32_t *port);
long reflect_port_adopt(uint32_t port, uint32_t *index);
long reflect_port_close(uint32_t index);
long reflect_port_send(uint32_t index);
long reflect_events(uint32_t word, uint32_t *events);
long reflect_copy(uint64_t gpa, void *buffer, uint32_t length, uint32_t to_guest);
long reflect_vram(uint64_t first_pfn, uint32_t nr, void *buffer);
long reflect_info(uint32_t vcpu, struct xen_reflect_info *info);
long reflect_shadows(uint32_t gfn);

long event_op(uint32_t command, void *argument);
long event_send(uint32_t port);
long hvm_op(uint32_t command, void *argument);
uint64_t hvm_param(uint32_t index);         /* 0: there is none */
long sched_op(uint32_t command, void *argument);
long vcpu_op(uint32_t command, uint32_t vcpu);
long memory_op(uint32_t command, void *argument);
long grant_op(uint32_t command, void *argument);

uint64_t system_time_ns(void);
/* SCHEDOP_poll on no port: may return early. */
void wait_until_ns(uint64_t deadline_ns);

#endif
