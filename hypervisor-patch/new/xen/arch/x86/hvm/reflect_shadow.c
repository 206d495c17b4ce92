/* SPDX-License-Identifier: GPL-2.0-only */
/* I/O reflection: reads that Xen answers from the firmware's memory. */
#include <xen/domain_page.h>

#include <asm/hvm/guest_access.h>
#include <asm/hvm/reflect.h>
#include <asm/p2m.h>

static struct xen_reflect_shadow *find(struct hvm_reflect *r, uint32_t type,
                                       uint64_t address)
{
    unsigned int i;

    for ( i = 0; i < r->nr_shadows; i++ )
        if ( r->shadows[i].type == type && r->shadows[i].address == address )
            return &r->shadows[i];

    return NULL;
}

/* gpa is a multiple of size, so that one page holds all of it. */
static bool read_ram(struct domain *d, uint64_t gpa, unsigned int size,
                     uint64_t *data)
{
    p2m_type_t t;
    struct page_info *page = get_page_from_gfn(d, paddr_to_pfn(gpa), &t,
                                               P2M_ALLOC);
    const void *p;

    if ( !page )
        return false;

    if ( !p2m_is_ram(t) )
    {
        put_page(page);
        return false;
    }

    p = __map_domain_page(page) + (gpa & ~PAGE_MASK);
    switch ( size )
    {
    case 1: *data = read_atomic((const uint8_t *)p);  break;
    case 2: *data = read_atomic((const uint16_t *)p); break;
    case 4: *data = read_atomic((const uint32_t *)p); break;
    case 8: *data = read_atomic((const uint64_t *)p); break;
    }
    unmap_domain_page(p);
    put_page(page);

    return true;
}

/* Where the answer to p lies, or INVALID_PADDR. */
static uint64_t answer_to(struct hvm_reflect *r, unsigned int type,
                          const ioreq_t *p)
{
    const struct xen_reflect_shadow *s;
    uint64_t gpa = INVALID_PADDR;

    read_lock(&r->shadow_lock);
    s = find(r, type, p->addr);
    if ( s && s->size == p->size )
        gpa = s->gpa;
    read_unlock(&r->shadow_lock);

    return gpa;
}

bool hvm_reflect_shadow_read(struct vcpu *v, unsigned int type, ioreq_t *p)
{
    struct hvm_reflect *r = v->domain->arch.hvm.reflect;
    uint64_t data = 0, gpa;

    if ( !read_atomic(&r->nr_shadows) || p->dir != IOREQ_READ ||
         p->data_is_ptr )
        return false;

    gpa = answer_to(r, type, p);
    if ( gpa == INVALID_PADDR || !read_ram(v->domain, gpa, p->size, &data) )
        return false;

    /*
     * Not under the lock, since a lock of the p2m may be held.  If the shadow
     * has changed meanwhile, its memory may be something else's by now.
     */
    if ( answer_to(r, type, p) != gpa )
        return false;

    p->data = data;
    v->arch.hvm.reflect->shadowed++;

    return true;
}

static bool shadow_valid(const struct xen_reflect_shadow *s)
{
    uint64_t last = hvm_reflect_range_max[XEN_REFLECT_RANGE_PORT];
    unsigned int widest = 4;

    if ( s->type == XEN_REFLECT_RANGE_MEMORY )
    {
        last = hvm_reflect_range_max[XEN_REFLECT_RANGE_MEMORY];
        widest = 8;
    }
    else if ( s->type != XEN_REFLECT_RANGE_PORT )
        return false;

    if ( s->pad || s->add > 1 )
        return false;
    if ( !s->add )
        return !s->size && !s->gpa;

    return s->size && s->size <= widest && !(s->size & (s->size - 1)) &&
           !(s->gpa & (s->size - 1)) && !(s->gpa >> PADDR_BITS) &&
           s->address <= last - (s->size - 1);
}

int hvm_reflect_shadow(struct hvm_reflect *r, unsigned long arg)
{
    struct xen_reflect_shadow s, *old;
    int rc = 0;

    if ( copy_from_user_hvm(&s, (void *)arg, sizeof(s)) )
        return -EFAULT;

    if ( !shadow_valid(&s) )
        return -EINVAL;

    write_lock(&r->shadow_lock);
    old = find(r, s.type, s.address);
    if ( !s.add )
    {
        if ( old )
            *old = r->shadows[--r->nr_shadows];
    }
    else if ( old )
        *old = s;
    else if ( r->nr_shadows < XEN_REFLECT_MAX_SHADOWS )
        r->shadows[r->nr_shadows++] = s;
    else
        rc = -ENOSPC;
    write_unlock(&r->shadow_lock);

    return rc;
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
