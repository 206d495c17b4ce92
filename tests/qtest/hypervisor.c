/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "hypervisor.h"

#include <stddef.h>
#include <string.h>

#include <xen/errno.h>

#include "xen/hypercall.h"

#define GSIS      24
#define ISA_IRQS  16
#define PCI_DEVICES 32
#define PCI_PINS    4
#define RANGE_TYPES 2                       /* ports and memory */

static struct hypervisor {
    struct range {
        uint64_t start, end;                /* end is inside */
        bool used;
    } ranges[RANGE_TYPES][XEN_REFLECT_MAX_RANGES];
    struct xen_reflect_shadows *shadows;    /* the firmware's page */
    bool isa[ISA_IRQS], intx[PCI_DEVICES][PCI_PINS];
    unsigned int routes[PCI_PINS];          /* of links to ISA interrupts, 0: none */
    bool gsis[GSIS];
    uint64_t shadowed;
    struct gsi_listener *listener;
} xen;

/* --- claims --- */

static struct range *find_range(uint32_t type, uint64_t address)
{
    for (unsigned int i = 0; i < XEN_REFLECT_MAX_RANGES; i++) {
        struct range *range = &xen.ranges[type][i];

        if (range->used && range->start <= address && address <= range->end)
            return range;
    }
    return NULL;
}

static int add_range(uint32_t type, uint64_t start, uint64_t end)
{
    for (unsigned int i = 0; i < XEN_REFLECT_MAX_RANGES; i++) {
        if (xen.ranges[type][i].used)
            continue;
        xen.ranges[type][i] = (struct range){ start, end, true };
        return 0;
    }
    return -XEN_ENOSPC;
}

int reflect_range(uint32_t type, bool add, uint64_t start, uint64_t end)
{
    struct range *range;

    if (type >= RANGE_TYPES || start > end || (type == XEN_REFLECT_RANGE_PORT && end > 0xffff))
        return -XEN_EINVAL;
    if (add)
        return add_range(type, start, end);
    range = find_range(type, start);
    if (range)
        range->used = false;
    return 0;
}

/* Claims that touch are one. */
bool hypervisor_claimed(uint32_t type, uint64_t address, unsigned int size)
{
    for (unsigned int i = 0; i < size; i++)
        if (!find_range(type, address + i))
            return false;
    return true;
}

/* --- shadows --- */

static const struct xen_reflect_shadow *find_shadow(uint64_t key)
{
    for (unsigned int i = 0; i < xen.shadows->nr; i++)
        if (xen.shadows->shadows[i].key == key)
            return &xen.shadows->shadows[i];
    return NULL;
}

int reflect_shadows(const struct xen_reflect_shadows *page)
{
    xen.shadows = (struct xen_reflect_shadows *)page;
    return 0;
}

static bool write_waits(uint64_t key)
{
    for (uint32_t i = xen.shadows->taken; i != xen.shadows->put; i++)
        if (xen.shadows->writes[i % XEN_REFLECT_MAX_WRITES].key == key)
            return true;
    return false;
}

bool hypervisor_shadow_read(uint32_t type, uint64_t address, unsigned int size, uint64_t *value)
{
    uint64_t key = XEN_REFLECT_SHADOW_KEY(type, size, address);
    const struct xen_reflect_shadow *shadow = size <= 4 ? find_shadow(key) : NULL;

    if (!shadow || !(shadow->flags & XEN_REFLECT_SHADOW_READ) || write_waits(key))
        return false;
    *value = shadow->value;
    xen.shadowed++;
    return true;
}

bool hypervisor_shadow_write(uint32_t type, uint64_t address, unsigned int size, uint64_t value)
{
    struct xen_reflect_shadows *page = xen.shadows;
    uint64_t key = XEN_REFLECT_SHADOW_KEY(type, size, address);
    const struct xen_reflect_shadow *shadow = size <= 4 ? find_shadow(key) : NULL;

    if (!shadow || !(shadow->flags & XEN_REFLECT_SHADOW_WRITE) || (value & shadow->mask) != shadow->match ||
        page->put - page->taken == XEN_REFLECT_MAX_WRITES)
        return false;
    page->writes[page->put++ % XEN_REFLECT_MAX_WRITES] = (struct xen_reflect_write){ key, (uint32_t)value, 0 };
    return true;
}

int reflect_info(unsigned int vcpu, struct xen_reflect_info *info)
{
    if (vcpu)
        return -XEN_EINVAL;
    *info = (struct xen_reflect_info){ .nr_vcpus = 1, .shadowed = xen.shadowed };
    return 0;
}

/* --- interrupts --- */

/* ISA interrupt 0 is the timer's, and is pin 2 of the I/O APIC. */
static unsigned int isa_gsi(unsigned int irq)
{
    return irq ? irq : 2;
}

/* A PCI interrupt is on a pin of the I/O APIC and, by its link's route, on one that is an ISA interrupt's too
 * (xen/include/asm-x86/hvm/irq.h, hvm_pci_intx_gsi() and hvm_pci_intx_link()). */
static bool intx_at(unsigned int device, unsigned int pin, unsigned int gsi)
{
    unsigned int route = xen.routes[(device + pin) & 3];

    return gsi == 16 + ((4 * device + device / 8 + pin) & 31) || (route && gsi == isa_gsi(route));
}

static bool level(unsigned int gsi)
{
    for (unsigned int irq = 0; irq < ISA_IRQS; irq++)
        if (xen.isa[irq] && isa_gsi(irq) == gsi)
            return true;
    for (unsigned int device = 0; device < PCI_DEVICES; device++)
        for (unsigned int pin = 0; pin < PCI_PINS; pin++)
            if (xen.intx[device][pin] && intx_at(device, pin, gsi))
                return true;
    return false;
}

static void update_gsis(void)
{
    for (unsigned int gsi = 0; gsi < GSIS; gsi++) {
        bool high = level(gsi);

        if (xen.gsis[gsi] == high)
            continue;
        xen.gsis[gsi] = high;
        if (xen.listener)
            xen.listener->changed(xen.listener, gsi, high);
    }
}

int reflect_isa_irq(unsigned int irq, bool high)
{
    if (irq >= ISA_IRQS)
        return -XEN_EINVAL;
    xen.isa[irq] = high;
    update_gsis();
    return 0;
}

int reflect_intx(unsigned int device, unsigned int pin, bool high)
{
    if (device >= PCI_DEVICES || pin >= PCI_PINS)
        return -XEN_EINVAL;
    xen.intx[device][pin] = high;
    update_gsis();
    return 0;
}

int reflect_link(unsigned int link, unsigned int irq)
{
    if (link >= PCI_PINS || irq >= ISA_IRQS)
        return -XEN_EINVAL;
    xen.routes[link] = irq;
    update_gsis();
    return 0;
}

void hypervisor_listen(struct gsi_listener *listener)
{
    xen.listener = listener;
}

void hypervisor_reset(void)
{
    memset(xen.isa, 0, sizeof(xen.isa));
    memset(xen.intx, 0, sizeof(xen.intx));
    memset(xen.routes, 0, sizeof(xen.routes));
    memset(xen.ranges, 0, sizeof(xen.ranges));
    xen.shadows = NULL;
    update_gsis();
}
