/* SPDX-License-Identifier: GPL-2.0-only */
/* I/O reflection: the HVM save record (see public/hvm/reflect_op.h). */
#include <xen/event.h>
#include <xen/rangeset.h>

#include <asm/hvm/reflect.h>
#include <asm/hvm/support.h>

#define RANGE_TYPES (XEN_REFLECT_RANGE_PCI + 1)
#define RECORD_MAX  (sizeof(struct xen_reflect_record) + \
                     RANGE_TYPES * XEN_REFLECT_MAX_RANGES * \
                     sizeof(struct xen_reflect_saved_range))

static int cf_check count_range(unsigned long start, unsigned long end,
                                void *arg)
{
    ++*(uint32_t *)arg;

    return 0;
}

static int cf_check write_range(unsigned long start, unsigned long end,
                                void *arg)
{
    struct xen_reflect_saved_range range = { .start = start, .end = end };

    _hvm_write_entry(arg, &range, sizeof(range));

    return 0;
}

/* The domain is paused, so that its ranges and ports are what they are. */
static int cf_check reflect_save(struct vcpu *v, hvm_domain_context_t *h)
{
    const struct hvm_reflect *r = v->domain->arch.hvm.reflect;
    struct xen_reflect_record rec = { };
    unsigned int i, length = sizeof(rec);

    if ( !r || !r->configured )
        return 0;

    rec.setup = r->setup;
    rec.flags = r->locked ? XEN_REFLECT_RECORD_LOCKED : 0;
    for ( i = 0; i < XEN_REFLECT_MAX_PORTS; i++ )
        if ( r->ports[i] )
            rec.ports[i / 32] |= 1u << (i % 32);
    for ( i = 0; i < RANGE_TYPES; i++ )
    {
        rangeset_report_ranges(r->ranges[i], 0, ~0ul, count_range,
                               &rec.nr_ranges[i]);
        length += rec.nr_ranges[i] * sizeof(struct xen_reflect_saved_range);
    }

    if ( _hvm_init_entry(h, REFLECT_CODE, 0, length) )
        return -ENOSPC;

    _hvm_write_entry(h, &rec, sizeof(rec));
    for ( i = 0; i < RANGE_TYPES; i++ )
        rangeset_report_ranges(r->ranges[i], 0, ~0ul, write_range, h);

    return 0;
}

/* Adds the ranges of a record to those of r or, without an r, checks them. */
static int load_ranges(struct hvm_reflect *r,
                       const struct xen_reflect_record *rec,
                       const uint8_t *from)
{
    unsigned int type, i;
    int rc = 0;

    for ( type = 0; type < RANGE_TYPES; type++ )
        for ( i = 0; i < rec->nr_ranges[type] && !rc; i++ )
        {
            struct xen_reflect_saved_range range;

            memcpy(&range, from, sizeof(range));
            from += sizeof(range);
            if ( r )
                rc = rangeset_add_range(r->ranges[type], range.start,
                                        range.end);
            else if ( range.start > range.end ||
                      range.end > hvm_reflect_range_max[type] )
                rc = -EINVAL;
        }

    return rc;
}

static bool record_valid(const struct domain *d,
                         const struct xen_reflect_record *rec,
                         const uint8_t *ranges, unsigned int length)
{
    unsigned int i, nr = 0;

    if ( !hvm_reflect_setup_valid(d, &rec->setup) ||
         (rec->flags & ~XEN_REFLECT_RECORD_LOCKED) )
        return false;

    for ( i = 0; i < RANGE_TYPES; i++ )
    {
        if ( rec->nr_ranges[i] > XEN_REFLECT_MAX_RANGES )
            return false;
        nr += rec->nr_ranges[i];
    }

    return length == sizeof(*rec) +
                     nr * sizeof(struct xen_reflect_saved_range) &&
           !load_ranges(NULL, rec, ranges);
}

/*
 * Everything is checked before anything changes.  The domain has not run yet,
 * so nothing below races with it.
 */
static int cf_check reflect_load(struct domain *d, hvm_domain_context_t *h)
{
    const struct hvm_save_descriptor *desc = (void *)&h->data[h->cur];
    struct xen_reflect_record rec;
    struct hvm_reflect *r;
    const uint8_t *ranges;
    unsigned int i;
    int rc;

    if ( desc->instance || desc->length < sizeof(rec) ||
         _hvm_check_entry(h, REFLECT_CODE, desc->length, true) )
        return -EINVAL;

    memcpy(&rec, &h->data[h->cur], sizeof(rec));
    ranges = &h->data[h->cur + sizeof(rec)];
    h->cur += desc->length;
    if ( !record_valid(d, &rec, ranges, desc->length) )
        return -EINVAL;

    if ( d->creation_finished ||
         (d->arch.hvm.reflect && d->arch.hvm.reflect->configured) )
        return -EBUSY;

    rc = hvm_reflect_enable(d, 1);
    if ( rc )
        return rc;

    r = d->arch.hvm.reflect;
    rc = load_ranges(r, &rec, ranges);
    if ( rc )
        return rc;

    for ( i = 0; i < XEN_REFLECT_MAX_PORTS; i++ )
        if ( rec.ports[i / 32] & (1u << (i % 32)) )
            r->ports[i] = HVM_REFLECT_PORT_LOST;
    r->setup = rec.setup;
    r->configured = true;
    r->locked = r->restored = rec.flags & XEN_REFLECT_RECORD_LOCKED;

    return 0;
}

/*
 * To the firmware it is a restore: new backends wait.  The domain is shut down,
 * hence no vCPU is in the firmware.  The ports are closed, because the
 * toolstack counts on getting the old number for the console's again.
 */
void hvm_reflect_soft_reset(struct domain *d)
{
    struct hvm_reflect *r = d->arch.hvm.reflect;
    unsigned int i;

    if ( !r )
        return;

    domain_pause(d);
    hvm_reflect_forget_shadows(d);
    domain_unpause(d);

    spin_lock(&r->port_lock);
    for ( i = 0; i < XEN_REFLECT_MAX_PORTS; i++ )
        if ( r->ports[i] && r->ports[i] != HVM_REFLECT_PORT_LOST )
        {
            free_xen_event_channel(d, r->ports[i]);
            write_atomic(&r->ports[i], HVM_REFLECT_PORT_LOST);
        }
    bitmap_zero(r->events, XEN_REFLECT_MAX_PORTS);
    spin_unlock(&r->port_lock);

    r->restored = r->locked;
}

static int __init cf_check register_record(void)
{
    hvm_register_savevm(REFLECT_CODE, "REFLECT", reflect_save, reflect_load,
                        sizeof(struct hvm_save_descriptor) + RECORD_MAX,
                        HVMSR_PER_DOM);

    return 0;
}
__initcall(register_record);

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
