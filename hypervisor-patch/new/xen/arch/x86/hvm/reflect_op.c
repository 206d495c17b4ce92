/* SPDX-License-Identifier: GPL-2.0-only */
/* I/O reflection: the hypercall, and the event channels behind it. */
#include <xen/event.h>
#include <xen/grant_table.h>
#include <public/memory.h>
#include <xen/hypercall.h>
#include <xen/rangeset.h>
#include <xsm/xsm.h>

#include <asm/hap.h>
#include <asm/hvm/guest_access.h>
#include <asm/hvm/hvm.h>
#include <asm/hvm/io.h>
#include <asm/hvm/irq.h>
#include <asm/hvm/reflect.h>
#include <asm/hvm/support.h>

/* ---- Set up ------------------------------------------------------------- */

const uint64_t hvm_reflect_range_max[] = {
    [XEN_REFLECT_RANGE_PORT] = 0xffff,
    [XEN_REFLECT_RANGE_MEMORY] = (1ull << 52) - 1,
    [XEN_REFLECT_RANGE_PCI] = 0xffff,
};

bool hvm_reflect_setup_valid(const struct domain *d,
                             const struct xen_reflect_setup *s)
{
    return s->version == XEN_REFLECT_ABI && !s->flags &&
           s->gdt_limit <= 0xffff && s->idt_limit <= 0xffff &&
           s->nr_gnt_frames <= XEN_REFLECT_MAX_GNT_FRAMES &&
           s->nr_gnt_frames <
           gnttab_resource_max_frames(d, XENMEM_resource_grant_table_id_shared);
}

static int reflect_setup(struct hvm_reflect *r, unsigned long arg)
{
    struct xen_reflect_setup s;
    int rc = -EBUSY;

    if ( copy_from_user_hvm(&s, (void *)arg, sizeof(s)) )
        return -EFAULT;

    if ( !hvm_reflect_setup_valid(current->domain, &s) )
        return -EINVAL;

    spin_lock(&r->lock);
    if ( !r->configured )
    {
        r->setup = s;
        r->configured = true;
        rc = 0;
    }
    spin_unlock(&r->lock);

    return rc;
}

static int reflect_lock(struct hvm_reflect *r)
{
    int rc = -EBUSY;

    spin_lock(&r->lock);
    if ( r->configured )
    {
        /* The set-up is complete before any vCPU acts on it. */
        smp_wmb();
        r->locked = true;
        rc = 0;
    }
    spin_unlock(&r->lock);

    return rc;
}

static int reflect_range(struct hvm_reflect *r, unsigned long arg)
{
    struct xen_reflect_range c;
    struct rangeset *set;
    int rc;

    if ( copy_from_user_hvm(&c, (void *)arg, sizeof(c)) )
        return -EFAULT;

    if ( c.type >= ARRAY_SIZE(hvm_reflect_range_max) || c.add > 1 ||
         c.start > c.end )
        return -EINVAL;

    c.type = array_index_nospec(c.type, ARRAY_SIZE(hvm_reflect_range_max));
    if ( c.end > hvm_reflect_range_max[c.type] ||
         (c.type == XEN_REFLECT_RANGE_PCI && c.start != c.end) )
        return -EINVAL;

    set = r->ranges[c.type];

    rc = c.add ? rangeset_add_range(set, c.start, c.end)
               : rangeset_remove_range(set, c.start, c.end);

    /* How a rangeset says that rangeset_limit() is reached. */
    return rc == -ENOMEM ? -ENOSPC : rc;
}

/* ---- Interrupt lines ---------------------------------------------------- */

static int reflect_isa_irq(struct domain *d, unsigned long irq,
                           unsigned long level)
{
    if ( irq > 15 || level > 1 )
        return -EINVAL;

    irq = array_index_nospec(irq, 16);
    if ( level )
        hvm_isa_irq_assert(d, irq, NULL);
    else
        hvm_isa_irq_deassert(d, irq);

    return 0;
}

static int reflect_intx(struct domain *d, unsigned long device,
                        unsigned long pin, unsigned long level)
{
    if ( device > 31 || pin > 3 || level > 1 )
        return -EINVAL;

    device = array_index_nospec(device, 32);
    pin = array_index_nospec(pin, 4);
    if ( level )
        hvm_pci_intx_assert(d, device, pin);
    else
        hvm_pci_intx_deassert(d, device, pin);

    return 0;
}

static int reflect_link(struct domain *d, unsigned long link,
                        unsigned long irq)
{
    if ( link > 3 || irq > 15 )
        return -EINVAL;

    return hvm_set_pci_link_route(d, array_index_nospec(link, 4),
                                  array_index_nospec(irq, 16));
}

/* ---- Event channels ----------------------------------------------------- */

/* Wakes one vCPU that can take an event: the owner, or the first that is up. */
void hvm_reflect_kick(struct domain *d)
{
    struct vcpu *target = read_atomic(&d->arch.hvm.reflect->owner);

    if ( !target )
        for_each_vcpu ( d, target )
            if ( !test_bit(_VPF_down, &target->pause_flags) )
                break;

    if ( target )
        vcpu_kick(target);
}

/*
 * An event for the firmware of v's domain.  Called with no lock held.  The
 * order is: set the bit, then look for an owner; release() is: no owner, then
 * (back in hvm_reflect_assist()) look for bits.  One of the two sees the
 * other.
 */
void cf_check hvm_reflect_notify(struct vcpu *v, unsigned int port)
{
    struct hvm_reflect *r = v->domain->arch.hvm.reflect;
    unsigned int i;

    for ( i = 0; i < XEN_REFLECT_MAX_PORTS; i++ )
        if ( read_atomic(&r->ports[i]) == port )
            break;
    if ( i == XEN_REFLECT_MAX_PORTS || test_and_set_bit(i, r->events) )
        return;

    smp_mb();
    hvm_reflect_kick(v->domain);
}

static int find_free_index(const struct hvm_reflect *r)
{
    unsigned int i;

    for ( i = 0; i < XEN_REFLECT_MAX_PORTS; i++ )
        if ( !r->ports[i] )
            return i;

    return -ENOSPC;
}

/* Both port_alloc and port_adopt: the port's origin is all that differs. */
static int reflect_port_new(struct domain *d, unsigned long arg, bool adopt)
{
    struct hvm_reflect *r = d->arch.hvm.reflect;
    struct xen_reflect_port p;
    uint32_t remote;
    int index, port;

    if ( copy_from_user_hvm(&p, (void *)arg, sizeof(p)) )
        return -EFAULT;

    remote = p.remote_domid == DOMID_SELF ? d->domain_id : p.remote_domid;
    if ( adopt ? p.remote_domid : remote >= DOMID_FIRST_RESERVED )
        return -EINVAL;

    spin_lock(&r->port_lock);
    port = index = find_free_index(r);
    if ( index >= 0 )
        port = adopt
               ? evtchn_adopt(d, p.port, hvm_reflect_notify)
               : alloc_unbound_xen_event_channel(d, 0, remote,
                                                 hvm_reflect_notify);
    if ( port >= 0 )
    {
        clear_bit(index, r->events);
        write_atomic(&r->ports[index], port);
        /* An adopted port was live: what came before is one event now. */
        if ( adopt )
            set_bit(index, r->events);
    }
    spin_unlock(&r->port_lock);

    if ( port < 0 )
        return port;

    /* Nothing to undo on failure: the port is the domain's to find again. */
    p.port = port;
    p.index = index;
    return copy_to_user_hvm((void *)arg, &p, sizeof(p)) ? -EFAULT : 0;
}

/* Both port_close and port_send.  What a restore has lost can only be closed. */
static int reflect_port(struct domain *d, unsigned long index, bool close)
{
    struct hvm_reflect *r = d->arch.hvm.reflect;
    evtchn_port_t port;
    int rc = 0;

    if ( index >= XEN_REFLECT_MAX_PORTS )
        return -EINVAL;

    index = array_index_nospec(index, XEN_REFLECT_MAX_PORTS);

    /* Held across the calls, so that the port is still the one looked up. */
    spin_lock(&r->port_lock);
    port = r->ports[index];
    if ( !port || (port == HVM_REFLECT_PORT_LOST && !close) )
        rc = -ENOENT;
    else if ( !close )
        notify_via_xen_event_channel(d, port);
    else
    {
        write_atomic(&r->ports[index], 0);
        if ( port != HVM_REFLECT_PORT_LOST )
            free_xen_event_channel(d, port);
        clear_bit(index, r->events);
    }
    spin_unlock(&r->port_lock);

    return rc;
}

static int reflect_events(struct hvm_reflect *r, unsigned long word,
                          unsigned long arg)
{
    unsigned long taken;
    uint32_t copy;
    unsigned int i;

    if ( word >= XEN_REFLECT_MAX_PORTS / 32 )
        return -EINVAL;

    word = array_index_nospec(word, XEN_REFLECT_MAX_PORTS / 32);
    copy = xchg((uint32_t *)r->events + word, 0);
    if ( !copy_to_user_hvm((void *)arg, &copy, sizeof(copy)) )
        return 0;

    taken = copy;
    for_each_set_bit ( i, &taken, 32 )
        set_bit(word * 32 + i, r->events);

    return -EFAULT;
}

/* ---- Memory ------------------------------------------------------------- */

static int reflect_copy(unsigned long arg)
{
    struct xen_reflect_copy c;
    uint8_t buf[256];
    unsigned int done, n;

    if ( copy_from_user_hvm(&c, (void *)arg, sizeof(c)) )
        return -EFAULT;

    if ( !c.length || c.length > XEN_REFLECT_COPY_MAX || c.to_guest > 1 ||
         c.pad || c.gpa >> PADDR_BITS ||
         (c.gpa + c.length - 1) >> PADDR_BITS )
        return -EINVAL;

    for ( done = 0; done < c.length; done += n )
    {
        void *fw = (void *)((unsigned long)c.buffer + done);
        bool ok;

        n = min_t(unsigned int, sizeof(buf), c.length - done);
        if ( c.to_guest )
            ok = !copy_from_user_hvm(buf, fw, n) &&
                 hvm_copy_to_guest_phys(c.gpa + done, buf, n,
                                        current) == HVMTRANS_okay;
        else
            ok = hvm_copy_from_guest_phys(buf, c.gpa + done,
                                          n) == HVMTRANS_okay &&
                 !copy_to_user_hvm(fw, buf, n);
        if ( !ok )
            return -EFAULT;
    }

    return 0;
}

static int reflect_vram(struct domain *d, unsigned long arg)
{
    struct xen_reflect_vram c;
    int rc;

    if ( copy_from_user_hvm(&c, (void *)arg, sizeof(c)) )
        return -EFAULT;

    if ( c.nr > XEN_REFLECT_VRAM_MAX ||
         c.first_pfn >> (PADDR_BITS - PAGE_SHIFT) )
        return -EINVAL;

    rc = domain_pause_except_self(d);
    if ( rc )
        return -EBUSY;
    /* What asserts that the domain is paused looks at the domain's count. */
    domain_pause_nosync(d);
    rc = hap_track_dirty_vram(d, c.first_pfn, c.nr,
                              (XEN_GUEST_HANDLE(void)){ (void *)(unsigned long)
                                                        c.buffer });
    domain_unpause(d);
    domain_unpause_except_self(d);

    return rc;
}

/* ---- What has happened -------------------------------------------------- */

static int reflect_info(const struct domain *d, unsigned long id,
                        unsigned long arg)
{
    const struct vcpu *v = id < d->max_vcpus ? domain_vcpu(d, id) : NULL;
    const struct hvm_reflect_vcpu *rv = v ? v->arch.hvm.reflect : NULL;
    struct xen_reflect_info info = { .nr_vcpus = d->max_vcpus };

    if ( !rv )
        return -EINVAL;

    BUILD_BUG_ON(sizeof(info.entries) != sizeof(rv->entries));
    memcpy(info.entries, rv->entries, sizeof(info.entries));
    info.shadowed = rv->shadowed;

    return copy_to_user_hvm((void *)arg, &info, sizeof(info)) ? -EFAULT : 0;
}

/* ---- The hypercall ------------------------------------------------------ */

static bool only_firmware(unsigned int cmd)
{
    return cmd == XEN_REFLECT_resume || cmd == XEN_REFLECT_copy ||
           cmd == XEN_REFLECT_vram;
}

long do_reflect_op(unsigned int cmd, unsigned long a1, unsigned long a2,
                   unsigned long a3, unsigned long a4)
{
    struct vcpu *v = current;
    struct domain *d = v->domain;
    struct hvm_reflect *r = d->arch.hvm.reflect; /* only HVM has this call */
    bool firmware;
    int rc;

    if ( !r )
        return hvm_reflect_available() ? -EPERM : -ENOSYS;

    firmware = hvm_reflect_in_firmware(v);

    /* The hot one first. */
    if ( cmd == XEN_REFLECT_resume )
    {
        if ( !firmware )
            return -EPERM;
        v->arch.hvm.reflect->data = (uint32_t)a1 | ((uint64_t)a2 << 32);
        v->arch.hvm.reflect->resume = true;
        return 0;
    }

    if ( cmd == XEN_REFLECT_query )
        return XEN_REFLECT_ABI << 16;

    if ( !firmware && (r->locked || only_firmware(cmd)) )
        return -EPERM;

    /* Our commands are no HVMOP: none of its numbers may be meant. */
    rc = xsm_hvm_param(XSM_TARGET, d, ~0UL);
    if ( rc )
        return rc;
    block_speculation();

    switch ( cmd )
    {
    case XEN_REFLECT_setup:
        return reflect_setup(r, a1);
    case XEN_REFLECT_lock:
        return reflect_lock(r);
    case XEN_REFLECT_range:
        return reflect_range(r, a1);
    case XEN_REFLECT_isa_irq:
        return reflect_isa_irq(d, a1, a2);
    case XEN_REFLECT_intx:
        return reflect_intx(d, a1, a2, a3);
    case XEN_REFLECT_link:
        return reflect_link(d, a1, a2);
    case XEN_REFLECT_msi:
        return hvm_inject_msi(d, (uint32_t)a1 | ((uint64_t)a2 << 32), a3);
    case XEN_REFLECT_port_alloc:
        return reflect_port_new(d, a1, false);
    case XEN_REFLECT_port_adopt:
        return reflect_port_new(d, a1, true);
    case XEN_REFLECT_port_close:
        return reflect_port(d, a1, true);
    case XEN_REFLECT_port_send:
        return reflect_port(d, a1, false);
    case XEN_REFLECT_events:
        return reflect_events(r, a1, a2);
    case XEN_REFLECT_copy:
        return reflect_copy(a1);
    case XEN_REFLECT_vram:
        return reflect_vram(d, a1);
    case XEN_REFLECT_info:
        return reflect_info(d, a1, a2);
    case XEN_REFLECT_shadows:
        return hvm_reflect_shadows(d, a1);
    default:
        return -ENOSYS;
    }
}

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
