/* SPDX-License-Identifier: GPL-2.0-only */
/* I/O reflection: registers that Xen serves from the firmware's memory. */
#include <xen/mm.h>
#include <xen/nospec.h>

#include <asm/hvm/reflect.h>
#include <asm/hvm/support.h>
#include <asm/p2m.h>
#include <asm/paging.h>

/*
 * The page is the firmware's to write at any time, from another vCPU, too.
 * No value is relied on beyond one read of it; what follows from a lie is the
 * firmware's affair.
 */
static bool find(const struct xen_reflect_shadows *s, uint64_t key,
                 struct xen_reflect_shadow *shadow)
{
    unsigned int i, nr = min(read_atomic(&s->nr), XEN_REFLECT_MAX_SHADOWS + 0u);

    for ( i = 0; i < nr; i++ )
    {
        const struct xen_reflect_shadow *at =
            &s->shadows[array_index_nospec(i, XEN_REFLECT_MAX_SHADOWS)];

        if ( read_atomic(&at->key) != key )
            continue;
        smp_rmb();
        shadow->word = read_atomic(&at->word);
        smp_rmb();
        /*
         * It may have become another's meanwhile.  To become this one's again
         * behind that would go unseen (ABA), and the guest read another of its
         * own devices' registers; but only while it is moving that device.
         */
        return read_atomic(&at->key) == key;
    }

    return false;
}

/*
 * To be asked before find(): the firmware makes a word true before it says
 * that it has taken the write that changed it.
 */
static bool write_waits(const struct xen_reflect_shadows *s, uint64_t key)
{
    uint32_t put = read_atomic(&s->put), taken = read_atomic(&s->taken);

    for ( ; taken != put && put - taken <= XEN_REFLECT_MAX_WRITES; taken++ )
        if ( read_atomic(&s->writes[taken % XEN_REFLECT_MAX_WRITES].key) == key )
            return true;

    return false;
}

static bool queue(struct domain *d, struct xen_reflect_shadows *s,
                  uint64_t key, const ioreq_t *p)
{
    struct hvm_reflect *r = d->arch.hvm.reflect;
    struct xen_reflect_write *w;
    uint32_t put;
    bool room;

    spin_lock(&r->shadow_lock);
    put = read_atomic(&s->put);
    room = put - read_atomic(&s->taken) < XEN_REFLECT_MAX_WRITES;
    if ( room )
    {
        w = &s->writes[put % XEN_REFLECT_MAX_WRITES];
        write_atomic(&w->key, key);
        write_atomic(&w->value, (uint32_t)p->data);
        write_atomic(&w->vcpu, current->vcpu_id);
        smp_wmb();
        write_atomic(&s->put, put + 1);
    }
    spin_unlock(&r->shadow_lock);

    if ( room )
        paging_mark_dirty(d, page_to_mfn(r->shadow_page));

    return room;
}

static bool may_wait(const struct xen_reflect_shadow *shadow, const ioreq_t *p)
{
    return (shadow->flags & XEN_REFLECT_SHADOW_WRITE) &&
           (p->data & shadow->mask) == shadow->match;
}

/*
 * Judged by a word that the firmware may be changing.  The order is: queue,
 * then look at the word again; the firmware changes the word, then looks at
 * the queue for the last time.  One of the two sees the other.
 */
static bool wait_in_queue(struct domain *d, struct xen_reflect_shadows *s,
                          uint64_t key, const ioreq_t *p)
{
    struct xen_reflect_shadow shadow;

    if ( !queue(d, s, key, p) )
        return false;

    smp_mb();
    if ( !find(s, key, &shadow) || !may_wait(&shadow, p) )
    {
        /* An event without a cause. */
        set_bit(0, d->arch.hvm.reflect->events);
        smp_mb(); /* as in hvm_reflect_notify() */
        hvm_reflect_kick(d);
    }

    return true;
}

bool hvm_reflect_shadowed(struct vcpu *v, unsigned int type, ioreq_t *p)
{
    struct domain *d = v->domain;
    struct xen_reflect_shadows *s = read_atomic(&d->arch.hvm.reflect->shadows);
    struct xen_reflect_shadow shadow;
    uint64_t key = XEN_REFLECT_SHADOW_KEY(type, p->size, p->addr);
    bool read = p->dir == IOREQ_READ;

    if ( !s || p->data_is_ptr || p->count != 1 ||
         type > XEN_REFLECT_RANGE_MEMORY || p->size > 4 ||
         p->addr > XEN_REFLECT_SHADOW_ADDRESS )
        return false;

    if ( read && write_waits(s, key) )
        return false;
    smp_rmb();
    if ( !find(s, key, &shadow) )
        return false;

    if ( read )
    {
        if ( !(shadow.flags & XEN_REFLECT_SHADOW_READ) )
            return false;
        p->data = shadow.value;
        v->arch.hvm.reflect->shadowed++;
        return true;
    }

    return may_wait(&shadow, p) && wait_in_queue(d, s, key, p);
}

/* As prepare_ring_for_helper(), but of what the guest itself can write only. */
static int map(struct domain *d, unsigned long gfn, struct page_info **page,
               void **va)
{
    p2m_type_t t;

    *page = get_page_from_gfn(d, gfn, &t, P2M_ALLOC);
    if ( !*page )
        return -EINVAL;

    /* The second is the first while a live migration watches for writes. */
    if ( (t != p2m_ram_rw && t != p2m_ram_logdirty) ||
         !get_page_type(*page, PGT_writable_page) )
    {
        put_page(*page);
        return -EINVAL;
    }

    *va = __map_domain_page_global(*page);
    if ( !*va )
    {
        put_page_and_type(*page);
        return -ENOMEM;
    }

    return 0;
}

int hvm_reflect_shadows(struct domain *d, unsigned long gfn)
{
    struct hvm_reflect *r = d->arch.hvm.reflect;
    struct page_info *page;
    void *va;
    int rc;

    BUILD_BUG_ON(sizeof(struct xen_reflect_shadows) > PAGE_SIZE);

    if ( read_atomic(&r->shadows) )
        return -EBUSY;

    rc = map(d, gfn, &page, &va);
    if ( rc )
        return rc;

    /* For good, so that readers need no lock.  Another vCPU may call, too. */
    spin_lock(&r->shadow_lock);
    if ( r->shadows )
        rc = -EBUSY;
    else
    {
        r->shadow_page = page;
        write_atomic(&r->shadows, va);
    }
    spin_unlock(&r->shadow_lock);

    if ( rc )
        destroy_ring_for_helper(&va, page);

    return rc;
}

/* No vCPU of d runs, or will run before this is over. */
void hvm_reflect_forget_shadows(struct domain *d)
{
    struct hvm_reflect *r = d->arch.hvm.reflect;
    void *va = r ? r->shadows : NULL;

    if ( !va )
        return;

    r->shadows = NULL;
    destroy_ring_for_helper(&va, r->shadow_page);
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
