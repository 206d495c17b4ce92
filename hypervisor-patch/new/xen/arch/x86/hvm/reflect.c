/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * I/O reflection: parking the guest and running its firmware instead.
 *
 * Per vCPU:  GUEST --latch--> WAIT --enter--> FIRMWARE --leave--> GUEST
 *
 * hvmemul_do_io() latches an access, as if it had sent it to a device model,
 * and returns X86EMUL_RETRY.  All switching is done in one place, on the way
 * to a vmentry (hvm_reflect_assist()), where every exit handler has unwound
 * and no lock is held.  Leaving runs the stock completion of the access.
 *
 * One vCPU of a domain is in the firmware at a time (the owner); others block
 * in Xen.  The firmware therefore needs no locks, and none can be preempted.
 */
#include <xen/event.h>
#include <xen/ioreq.h>
#include <xen/param.h>
#include <xen/rangeset.h>
#include <xen/softirq.h>
#include <xen/vm_event.h>

#include <asm/altp2m.h>
#include <asm/hap.h>
#include <asm/hvm/emulate.h>
#include <asm/hvm/hvm.h>
#include <asm/hvm/ioreq.h>
#include <asm/hvm/nestedhvm.h>
#include <asm/hvm/reflect.h>
#include <asm/hvm/support.h>
#include <asm/mem_sharing.h>

#include <public/sched.h>

static bool __ro_after_init opt_hvm_reflect;
boolean_param("hvm-reflect", opt_hvm_reflect);

bool hvm_reflect_available(void)
{
    return opt_hvm_reflect && hvm_funcs.reflect_switch;
}

static const enum x86_segment parked_segs[] = {
    x86_seg_cs, x86_seg_ds, x86_seg_es, x86_seg_ss, x86_seg_gdtr, x86_seg_idtr,
};

/* ---- Claims and latching ------------------------------------------------ */

/* Does the firmware claim *p?  Sets *type (XEN_REFLECT_RANGE_*) and *addr. */
static bool claimed(const struct hvm_reflect *r, const ioreq_t *p,
                    uint8_t *type, uint64_t *addr)
{
    uint64_t first, last;

    if ( !arch_ioreq_server_get_type_addr(current->domain, p, type, addr) )
        return false;

    BUILD_BUG_ON(XEN_REFLECT_RANGE_PORT != XEN_DMOP_IO_RANGE_PORT);
    BUILD_BUG_ON(XEN_REFLECT_RANGE_MEMORY != XEN_DMOP_IO_RANGE_MEMORY);
    BUILD_BUG_ON(XEN_REFLECT_RANGE_PCI != XEN_DMOP_IO_RANGE_PCI);

    if ( *type == XEN_REFLECT_RANGE_PCI )
    {
        unsigned long bdf = *addr >> 32;

        if ( rangeset_contains_range(r->ranges[*type], bdf, bdf) )
            return true;

        /* Configuration space may be claimed as ports, too. */
        *type = XEN_REFLECT_RANGE_PORT;
        *addr = p->addr;
    }

    if ( *type == XEN_REFLECT_RANGE_MEMORY )
    {
        first = ioreq_mmio_first_byte(p);
        last = ioreq_mmio_last_byte(p);
    }
    else
    {
        first = p->addr;
        last = first + p->size - 1;
    }

    return rangeset_contains_range(r->ranges[*type], first, last);
}

static void latch(struct hvm_reflect_vcpu *rv, unsigned int why)
{
    rv->why = why;
    rv->state = reflect_wait;
}

int hvm_reflect_io(ioreq_t *p)
{
    struct vcpu *v = current;
    struct hvm_reflect_vcpu *rv = v->arch.hvm.reflect;
    const struct hvm_reflect *r = v->domain->arch.hvm.reflect;
    uint8_t type;
    uint64_t addr;

    /* The firmware's own accesses are not reflected. */
    if ( !rv || rv->state != reflect_guest || !r->locked ||
         !claimed(r, p, &type, &addr) )
        return X86EMUL_UNHANDLEABLE;

    if ( hvm_reflect_shadowed(v, type, p) )
        return X86EMUL_OKAY;

    /* As ioreq_send(): the domain must not be suspended half way through. */
    if ( unlikely(!vcpu_start_shutdown_deferral(v)) )
    {
        v->io.suspended = true;
        return X86EMUL_RETRY;
    }

    rv->req = *p;
    rv->req.type = type == XEN_REFLECT_RANGE_PCI ? IOREQ_TYPE_PCI_CONFIG
                                                 : p->type;
    rv->req.addr = addr;
    rv->data = ~0ull;
    latch(rv, XEN_REFLECT_WHY_IO);

    return X86EMUL_RETRY;
}

/* ---- Ownership ---------------------------------------------------------- */

/*
 * False: v has to block in Xen until release() or hvm_reflect_cancel() wakes
 * it.  Somebody else may clear _VPF_blocked_in_xen early
 * (default_xen_notification_fn()); v then comes here again, as does one that
 * is being stopped, when it is up: the owner is never down.
 */
static bool acquire(struct hvm_reflect *r, struct vcpu *v)
{
    bool down, taken;

    spin_lock(&r->lock);

    down = test_bit(_VPF_down, &v->pause_flags);
    taken = !down && !r->owner && (!r->heir || r->heir == v);
    if ( taken )
    {
        r->heir = NULL;
        write_atomic(&r->owner, v);
        __clear_bit(v->vcpu_id, r->waiters);
    }
    else
    {
        if ( !down )
        {
            __set_bit(v->vcpu_id, r->waiters);
            set_bit(_VPF_blocked_in_xen, &v->pause_flags);
        }
        raise_softirq(SCHEDULE_SOFTIRQ);
    }

    spin_unlock(&r->lock);

    return taken;
}

static void wake(struct vcpu *v)
{
    if ( test_and_clear_bit(_VPF_blocked_in_xen, &v->pause_flags) )
        vcpu_wake(v);
}

/*
 * The next waiter behind v becomes the heir, and nobody else the owner before
 * it: a vCPU that polls a device would be back sooner than the heir is
 * scheduled.  Called with r->lock held and no owner.
 */
static void pass_on(struct hvm_reflect *r, const struct vcpu *v)
{
    const struct domain *d = v->domain;
    unsigned int i, id = v->vcpu_id;

    r->heir = NULL;
    for ( i = 0; i < d->max_vcpus; i++ )
    {
        if ( ++id >= d->max_vcpus )
            id = 0;
        if ( !test_bit(id, r->waiters) )
            continue;
        /* One that is down waits no more: it asks again when it is up. */
        wake(d->vcpu[id]);
        if ( test_bit(_VPF_down, &d->vcpu[id]->pause_flags) )
        {
            __clear_bit(id, r->waiters);
            continue;
        }
        r->heir = d->vcpu[id];
        break;
    }
}

static void release(struct hvm_reflect *r, struct vcpu *v)
{
    struct domain *d = v->domain;
    unsigned int i;

    spin_lock(&r->lock);

    ASSERT(r->owner == v);
    write_atomic(&r->owner, NULL);

    pass_on(r, v);

    /* Somebody wanted to INIT the vCPU that was in the firmware. */
    for_each_set_bit ( i, r->init_origins, d->max_vcpus )
    {
        __clear_bit(i, r->init_origins);
        tasklet_schedule(&vcpu_vlapic(d->vcpu[i])->init_sipi.tasklet);
    }

    spin_unlock(&r->lock);

    smp_mb(); /* no owner /then/ a look at events: see hvm_reflect_notify() */
}

/* target is paused, and hence cannot enter or leave the firmware meanwhile. */
bool hvm_reflect_defer_init(struct vcpu *origin, struct vcpu *target)
{
    struct hvm_reflect *r = target->domain->arch.hvm.reflect;
    bool defer;

    if ( !target->arch.hvm.reflect )
        return false;

    spin_lock(&r->lock);
    defer = r->owner == target;
    if ( defer )
        __set_bit(origin->vcpu_id, r->init_origins);
    spin_unlock(&r->lock);

    return defer;
}

void hvm_reflect_cancel(struct vcpu *target)
{
    struct hvm_reflect *r = target->domain->arch.hvm.reflect;
    struct hvm_reflect_vcpu *rv = target->arch.hvm.reflect;

    if ( !hvm_reflect_waiting(target) )
        return;

    spin_lock(&r->lock);
    ASSERT(r->owner != target);
    rv->state = reflect_guest;
    __clear_bit(target->vcpu_id, r->waiters);
    wake(target);
    if ( r->heir == target )
        pass_on(r, target);
    spin_unlock(&r->lock);

    vcpu_end_shutdown_deferral(target);
}

bool hvm_reflect_vcpu_down(struct vcpu *v)
{
    struct hvm_reflect *r;
    bool owner;

    if ( !hvm_reflect_enabled(v->domain) )
        return true;

    r = v->domain->arch.hvm.reflect;

    spin_lock(&r->lock);
    owner = r->owner == v;
    if ( !owner )
    {
        set_bit(_VPF_down, &v->pause_flags); /* acquire() looks at it */
        if ( r->heir == v )
            pass_on(r, v);
    }
    spin_unlock(&r->lock);

    if ( owner )
        return false;

    vcpu_sleep_nosync(v);

    /* v may have been the one that an event has woken. */
    smp_mb();
    if ( hvm_reflect_event_due(v) )
        hvm_reflect_kick(v->domain);

    return true;
}

/* ---- The switch --------------------------------------------------------- */

static void load_entry_segs(struct vcpu *v, const struct xen_reflect_setup *s)
{
    struct segment_register
        code = { .sel = 0x08, .attr = 0xc9b, .limit = ~0u },
        data = { .sel = 0x10, .attr = 0xc93, .limit = ~0u },
        gdt = { .base = s->gdt_base, .limit = s->gdt_limit },
        idt = { .base = s->idt_base, .limit = s->idt_limit };

    hvm_set_segment_register(v, x86_seg_cs, &code);
    hvm_set_segment_register(v, x86_seg_ds, &data);
    hvm_set_segment_register(v, x86_seg_es, &data);
    hvm_set_segment_register(v, x86_seg_ss, &data);
    hvm_set_segment_register(v, x86_seg_gdtr, &gdt);
    hvm_set_segment_register(v, x86_seg_idtr, &idt);
}

/*
 * The guest's and the firmware's emulator states change places.  What the
 * guest's interrupted instruction has cached must neither be visible to the
 * firmware's accesses, nor be lost.
 */
static void swap_emulator(struct vcpu *v, struct hvm_reflect_vcpu *rv)
{
    SWAP(v->io, rv->io);
    SWAP(v->arch.hvm.hvm_io, rv->hvm_io);
}

static void update_mode(struct vcpu *v)
{
    hvm_update_guest_efer(v);
    hvm_update_guest_cr(v, 0);
    hvm_update_guest_cr(v, 4);
    v->arch.paging.mode = hap_paging_get_mode(v);
}

static void load_entry_regs(const struct vcpu *v,
                            const struct xen_reflect_setup *setup,
                            const struct hvm_reflect_vcpu *rv)
{
    const ioreq_t *p = &rv->req;
    struct cpu_user_regs regs = {
        .rax = rv->why,
        .rbp = v->vcpu_id,
        .rsp = (uint32_t)(setup->stack + v->vcpu_id * setup->stack_stride),
        .rip = setup->entry,
        .rflags = X86_EFLAGS_MBS,
    };

    if ( rv->why == XEN_REFLECT_WHY_IO )
    {
        uint64_t data = p->dir == IOREQ_WRITE || p->data_is_ptr ? p->data : 0;

        regs.rax |= (p->dir == IOREQ_READ ? XEN_REFLECT_READ : 0) |
                    (p->df ? XEN_REFLECT_DF : 0) |
                    (p->data_is_ptr ? XEN_REFLECT_PTR : 0) |
                    (p->type << XEN_REFLECT_TYPE_SHIFT) |
                    (p->size << XEN_REFLECT_SIZE_SHIFT);
        regs.rbx = (uint32_t)p->addr;
        regs.rcx = p->addr >> 32;
        regs.rdx = (uint32_t)data;
        regs.rsi = data >> 32;
        regs.rdi = p->count;
    }

    *guest_cpu_user_regs() = regs;
}

static void enter(struct vcpu *v, struct hvm_reflect_vcpu *rv)
{
    const struct xen_reflect_setup *s = &v->domain->arch.hvm.reflect->setup;
    unsigned int i;

    rv->regs = *guest_cpu_user_regs();
    rv->cr0 = v->arch.hvm.guest_cr[0];
    rv->cr3 = v->arch.hvm.guest_cr[3];
    rv->cr4 = v->arch.hvm.guest_cr[4];
    rv->efer = v->arch.hvm.guest_efer;
    rv->interrupt_shadow =
        alternative_call(hvm_funcs.get_interrupt_shadow, v);
    for ( i = 0; i < ARRAY_SIZE(parked_segs); i++ )
        hvm_get_segment_register(v, parked_segs[i], &rv->segs[i]);
    alternative_vcall(hvm_funcs.reflect_switch, v, &rv->hw, true);
    swap_emulator(v, rv);

    rv->resume = false;
    rv->state = reflect_firmware;
    rv->entries[rv->why]++;

    /*
     * TS keeps the guest's FPU state where it is, and makes the firmware's
     * use of the FPU fault.
     */
    v->arch.hvm.guest_cr[0] = X86_CR0_PE | X86_CR0_ET | X86_CR0_NE | X86_CR0_TS;
    v->arch.hvm.guest_cr[4] = 0;
    v->arch.hvm.guest_efer = 0;
    update_mode(v);
    alternative_vcall(hvm_funcs.set_interrupt_shadow, v, 0);

    load_entry_segs(v, s);
    load_entry_regs(v, s, rv);
}

static void leave(struct vcpu *v, struct hvm_reflect_vcpu *rv)
{
    unsigned int i;

    /*
     * First, so that everything below acts on the guest; the completion may
     * latch the instruction's next access.
     */
    rv->state = reflect_guest;

    v->arch.hvm.guest_cr[0] = rv->cr0;
    v->arch.hvm.guest_cr[4] = rv->cr4;
    v->arch.hvm.guest_efer = rv->efer;
    update_mode(v);
    if ( v->arch.hvm.guest_cr[3] != rv->cr3 )
    {
        v->arch.hvm.guest_cr[3] = v->arch.hvm.hw_cr[3] = rv->cr3;
        hvm_update_guest_cr3(v, false);
    }
    for ( i = 0; i < ARRAY_SIZE(parked_segs); i++ )
        hvm_set_segment_register(v, parked_segs[i], &rv->segs[i]);
    alternative_vcall(hvm_funcs.set_interrupt_shadow, v, rv->interrupt_shadow);
    alternative_vcall(hvm_funcs.reflect_switch, v, &rv->hw, false);
    swap_emulator(v, rv);
    *guest_cpu_user_regs() = rv->regs;
    if ( unlikely(rv->stale_areas) )
    {
        rv->stale_areas = false;
        update_runstate_area(v);
        force_update_vcpu_system_time(v);
    }

    if ( rv->why == XEN_REFLECT_WHY_RESTORED )
        write_atomic(&v->domain->arch.hvm.reflect->restored, false);
    release(v->domain->arch.hvm.reflect, v);

    if ( rv->why != XEN_REFLECT_WHY_IO )
    {
        vcpu_end_shutdown_deferral(v);
        return;
    }

    if ( ioreq_needs_completion(&v->io.req) )
        v->io.req.data = rv->data;
    vcpu_ioreq_handle_completion(v);
}

/* ---- The way to a vmentry ----------------------------------------------- */

bool hvm_reflect_event_pending(const struct vcpu *v)
{
    const struct hvm_reflect *r = v->domain->arch.hvm.reflect;
    const struct vcpu *owner;

    if ( bitmap_empty(r->events, XEN_REFLECT_MAX_PORTS) )
        return false;

    owner = read_atomic(&r->owner);

    return !owner || owner == v;
}

/* Between two instructions of the guest, with nothing of them outstanding? */
static bool latch_event(struct vcpu *v, struct hvm_reflect_vcpu *rv)
{
    if ( !v->domain->arch.hvm.reflect->locked || !hvm_reflect_event_due(v) ||
         v->io.req.state != STATE_IOREQ_NONE || vcpu_ioreq_pending(v) ||
         vcpu_vlapic(v)->init_sipi.icr ||
         !vcpu_start_shutdown_deferral(v) )
        return false;

    latch(rv, XEN_REFLECT_WHY_EVENT);

    return true;
}

/*
 * The firmware is told of a restore before a vCPU runs the guest: every one of
 * them waits for the first to come back.
 */
static bool latch_restored(struct vcpu *v, struct hvm_reflect_vcpu *rv)
{
    if ( likely(!read_atomic(&v->domain->arch.hvm.reflect->restored)) ||
         !vcpu_start_shutdown_deferral(v) )
        return false;

    latch(rv, XEN_REFLECT_WHY_RESTORED);

    return true;
}

/* v, now the owner, has waited for a vCPU that told the firmware. */
static bool told_by_another(struct vcpu *v, struct hvm_reflect_vcpu *rv)
{
    struct hvm_reflect *r = v->domain->arch.hvm.reflect;

    if ( rv->why != XEN_REFLECT_WHY_RESTORED || read_atomic(&r->restored) )
        return false;

    rv->state = reflect_guest;
    release(r, v);
    vcpu_end_shutdown_deferral(v);

    return true;
}

bool hvm_reflect_switch(struct vcpu *v)
{
    struct hvm_reflect_vcpu *rv = v->arch.hvm.reflect;

    for ( ; ; )
        switch ( rv->state )
        {
        case reflect_firmware:
            if ( !rv->resume )
                return true;
            leave(v, rv);
            break;

        case reflect_wait:
            if ( !acquire(v->domain->arch.hvm.reflect, v) )
                return true;
            if ( told_by_another(v, rv) )
                break;
            enter(v, rv);
            return true;

        case reflect_guest:
            if ( !latch_restored(v, rv) && !latch_event(v, rv) )
                return false;
            break;
        }
}

bool hvm_reflect_triple_fault(struct vcpu *v)
{
    if ( !hvm_reflect_in_firmware(v) )
        return false;

    gprintk(XENLOG_ERR, "Triple fault in the firmware, at %08lx\n",
            guest_cpu_user_regs()->rip);
    domain_crash(v->domain);

    return true;
}

/* ---- Life and death ----------------------------------------------------- */

static int alloc_vcpu(struct vcpu *v)
{
    struct hvm_reflect_vcpu *rv = xzalloc(struct hvm_reflect_vcpu);
    int rc;

    if ( !rv )
        return -ENOMEM;

    /* The firmware's emulator cache: made in place of the vCPU's, then kept. */
    rv->hvm_io.cache = v->arch.hvm.hvm_io.cache;
    rc = hvmemul_cache_init(v);
    SWAP(rv->hvm_io.cache, v->arch.hvm.hvm_io.cache);
    if ( rc )
    {
        xfree(rv);
        return rc;
    }

    v->arch.hvm.reflect = rv;

    return 0;
}

static void free_vcpu(struct vcpu *v)
{
    if ( !v->arch.hvm.reflect )
        return;

    /* Whichever of the two caches is not the vCPU's now. */
    xfree(v->arch.hvm.reflect->hvm_io.cache);
    XFREE(v->arch.hvm.reflect);
}

static int alloc_domain(struct domain *d)
{
    static const char *const names[] = { "port", "memory", "pci" };
    struct hvm_reflect *r = xzalloc(struct hvm_reflect);
    unsigned int i;

    if ( !r )
        return -ENOMEM;

    spin_lock_init(&r->lock);
    spin_lock_init(&r->port_lock);
    spin_lock_init(&r->shadow_lock);
    d->arch.hvm.reflect = r;

    for ( i = 0; i < ARRAY_SIZE(r->ranges); i++ )
    {
        char name[16];

        snprintf(name, sizeof(name), "reflect %s", names[i]);
        r->ranges[i] = rangeset_new(d, name, RANGESETF_prettyprint_hex);
        if ( !r->ranges[i] )
            return -ENOMEM;
        rangeset_limit(r->ranges[i], XEN_REFLECT_MAX_RANGES);
    }

    return 0;
}

int hvm_reflect_enable(struct domain *d, uint64_t value)
{
    struct vcpu *v;
    unsigned int i;
    int rc;

    if ( value != 1 )
        return -EINVAL;
    if ( !hvm_reflect_available() || !paging_mode_hap(d) || !has_vpic(d) ||
         nestedhvm_enabled(d) || altp2m_active(d) ||
         d->arch.hvm.params[HVM_PARAM_ALTP2M] || mem_sharing_enabled(d) ||
         vm_event_check_ring(d->vm_event_monitor) )
        return -EOPNOTSUPP;
    if ( d->arch.hvm.reflect )
        return 0;
    /* No vCPU has run, so nothing below races with one. */
    if ( d->creation_finished || !d->vcpu )
        return -EBUSY;
    for ( i = 0; i < d->max_vcpus; i++ )
        if ( !d->vcpu[i] )
            return -EBUSY;

    rc = alloc_domain(d);
    for_each_vcpu ( d, v )
        if ( !rc )
            rc = alloc_vcpu(v);
    if ( rc )
        hvm_reflect_destroy(d);

    return rc;
}

void hvm_reflect_destroy(struct domain *d)
{
    struct hvm_reflect *r = d->arch.hvm.reflect;
    struct vcpu *v;
    unsigned int i;

    if ( !r )
        return;

    for_each_vcpu ( d, v )
        free_vcpu(v);
    for ( i = 0; i < ARRAY_SIZE(r->ranges); i++ )
        rangeset_destroy(r->ranges[i]);
    XFREE(d->arch.hvm.reflect);
}

unsigned int hvm_reflect_gnt_frames(const struct domain *d)
{
    const struct hvm_reflect *r;

    if ( !hvm_reflect_enabled(d) )
        return 0;

    r = d->arch.hvm.reflect;
    if ( !r->locked ||
         (current->domain == d && hvm_reflect_in_firmware(current)) )
        return 0;

    return r->setup.nr_gnt_frames;
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
