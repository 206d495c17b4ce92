/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * I/O reflection: see public/hvm/reflect_op.h for the interface and
 * arch/x86/hvm/reflect.c for the state machine.
 */
#ifndef __ASM_X86_HVM_REFLECT_H__
#define __ASM_X86_HVM_REFLECT_H__

#include <xen/sched.h>
#include <asm/hvm/asid.h>
#include <asm/hvm/vcpu.h>
#include <public/hvm/reflect_op.h>

#ifdef CONFIG_HVM_REFLECT

struct hvm_reflect {
    spinlock_t lock;            /* owner, waiters, init_origins, set up */
    bool configured;            /* XEN_REFLECT_setup has succeeded */
    bool locked;                /* ranges and events are live */
    bool restored;              /* the firmware has yet to be told */
    struct xen_reflect_setup setup;
    struct rangeset *ranges[XEN_REFLECT_RANGE_PCI + 1];

    struct vcpu *heir;          /* whose turn it is, if it waits */
    struct vcpu *owner;         /* the one vCPU that may be in the firmware */
    DECLARE_BITMAP(waiters, HVM_MAX_VCPUS);
    DECLARE_BITMAP(init_origins, HVM_MAX_VCPUS); /* INIT/SIPI to be retried */

    spinlock_t port_lock;       /* ports */
    evtchn_port_t ports[XEN_REFLECT_MAX_PORTS]; /* 0: free */
#define HVM_REFLECT_PORT_LOST (~0u) /* gone with a save or a soft reset */
    DECLARE_BITMAP(events, XEN_REFLECT_MAX_PORTS);

    spinlock_t shadow_lock;     /* who puts a write into the queue */
    struct xen_reflect_shadows *shadows; /* the firmware's page, mapped */
    struct page_info *shadow_page;
};

/* What only the vendor's code can park.  DR7 is here for the same reason. */
struct hvm_reflect_hw {
    unsigned long dr7;
    union {
        struct {
            uint64_t event_inj, nextrip;
        } svm;
        struct {
            unsigned long intr_info, error_code, insn_len, pending_dbg;
            unsigned long pdpte[4];
        } vmx;
    };
};

struct hvm_reflect_vcpu {
    enum hvm_reflect_state {
        reflect_guest,          /* the guest's registers are live */
        reflect_wait,           /* as before, but must not run: enter */
        reflect_firmware,       /* the firmware's registers are live */
    } state;
    bool resume;                /* the firmware is done: leave */
    bool stale_areas;           /* runstate/time areas missed an update */
    unsigned int why;           /* XEN_REFLECT_WHY_* */
    ioreq_t req;                /* for _IO: what the guest did */
    uint64_t data;              /* for _IO: the firmware's answer */
    uint64_t entries[XEN_REFLECT_WHY_RESTORED + 1];
    uint64_t shadowed;

    /* The guest, while the firmware runs. */
    struct cpu_user_regs regs;
    unsigned long cr0, cr3, cr4, efer;
    unsigned int interrupt_shadow;
    struct segment_register segs[6];
    struct hvm_reflect_hw hw;

    /* The emulator's state of whichever of the two is not running. */
    struct vcpu_io io;
    struct hvm_vcpu_io hvm_io;

    struct hvm_vcpu_asid asid;  /* the firmware's: a switch flushes nothing */
};

static inline bool hvm_reflect_enabled(const struct domain *d)
{
    return is_hvm_domain(d) && d->arch.hvm.reflect;
}

static inline enum hvm_reflect_state hvm_reflect_state(const struct vcpu *v)
{
    const struct hvm_reflect_vcpu *rv = v->arch.hvm.reflect;

    return likely(!rv) ? reflect_guest : rv->state;
}

/* An access is latched, and the guest has yet to stop for it. */
static inline bool hvm_reflect_waiting(const struct vcpu *v)
{
    return hvm_reflect_state(v) == reflect_wait;
}

static inline bool hvm_reflect_in_firmware(const struct vcpu *v)
{
    return hvm_reflect_state(v) == reflect_firmware;
}

/* Guest linear addresses mean nothing while the firmware runs. */
static inline bool hvm_reflect_skip_areas(struct vcpu *v)
{
    if ( !is_hvm_vcpu(v) || !hvm_reflect_in_firmware(v) )
        return false;

    v->arch.hvm.reflect->stale_areas = true;
    return true;
}

/* The ASID of whichever of guest and firmware runs next. */
static inline struct hvm_vcpu_asid *hvm_reflect_asid(struct vcpu *v)
{
    return hvm_reflect_in_firmware(v) ? &v->arch.hvm.reflect->asid
                                      : &v->arch.hvm.n1asid;
}

static inline void hvm_reflect_asid_flush(struct vcpu *v)
{
    if ( v->arch.hvm.reflect )
        hvm_asid_flush_vcpu_asid(&v->arch.hvm.reflect->asid);
}

/* Built in, booted with, and possible on this machine. */
bool hvm_reflect_available(void);

/*
 * Per-domain switch (HVM_PARAM_REFLECT or a save record, whichever comes
 * first), and its end.
 */
int hvm_reflect_enable(struct domain *d, uint64_t value);
void hvm_reflect_destroy(struct domain *d);
/* The domain is dying: gives back its page, without which it cannot go. */
void hvm_reflect_forget_shadows(struct domain *d);

/*
 * hvmemul_do_io()'s question.  X86EMUL_RETRY: latched (or, with
 * v->io.suspended, to be retried); _OKAY: a shadow has served it, with a
 * read's answer in p->data; _UNHANDLEABLE: not for the firmware.
 */
int hvm_reflect_io(ioreq_t *p);

/*
 * First thing on the way to a vmentry: switches where a switch is due.
 * True: nothing may be injected on this pass.
 */
bool hvm_reflect_switch(struct vcpu *v);
static inline bool hvm_reflect_assist(struct vcpu *v)
{
    return unlikely(v->arch.hvm.reflect) && hvm_reflect_switch(v);
}

/* An event waits that this vCPU could take to the firmware. */
bool hvm_reflect_event_pending(const struct vcpu *v);
static inline bool hvm_reflect_event_due(const struct vcpu *v)
{
    return unlikely(v->arch.hvm.reflect) && hvm_reflect_event_pending(v);
}

/*
 * INIT or SIPI for target, which is paused: true if it is in the firmware, in
 * which case the origin's request is run again when it has left.
 */
bool hvm_reflect_defer_init(struct vcpu *origin, struct vcpu *target);
/* target, paused and down, has been reset: forget what it was waiting for. */
void hvm_reflect_cancel(struct vcpu *target);
/*
 * v is to be stopped.  False: it is in the firmware, and everybody would wait
 * for it.  Otherwise a v with reflection is down now, and what it alone was to
 * do is another's.
 */
bool hvm_reflect_vcpu_down(struct vcpu *v);

/* A triple fault, of v, the current vCPU.  True: it was the firmware's. */
bool hvm_reflect_triple_fault(struct vcpu *v);

/* How many of the grant table's last frames the caller must leave alone. */
unsigned int hvm_reflect_gnt_frames(const struct domain *d);

/* The toolstack has thrown away what the firmware was connected to. */
void hvm_reflect_soft_reset(struct domain *d);

/* {svm,vmx}/reflect.c: hvm_funcs.reflect_switch. */
void cf_check svm_reflect_switch(struct vcpu *v, struct hvm_reflect_hw *hw,
                                 bool enter);
void cf_check vmx_reflect_switch(struct vcpu *v, struct hvm_reflect_hw *hw,
                                 bool enter);

/* reflect_op.c: the consumer of the firmware's event channels. */
void cf_check hvm_reflect_notify(struct vcpu *v, unsigned int port);
void hvm_reflect_kick(struct domain *d);
/* reflect_shadow.c: true if it has served p, of a claimed range's type. */
bool hvm_reflect_shadowed(struct vcpu *v, unsigned int type, ioreq_t *p);
int hvm_reflect_shadows(struct domain *d, unsigned long gfn);
/* And what both the hypercall and a save record must keep to. */
extern const uint64_t hvm_reflect_range_max[XEN_REFLECT_RANGE_PCI + 1];
bool hvm_reflect_setup_valid(const struct domain *d,
                             const struct xen_reflect_setup *s);

#else /* !CONFIG_HVM_REFLECT */

#include <xen/reflect.h>

static inline bool hvm_reflect_enabled(const struct domain *d) { return false; }
static inline bool hvm_reflect_waiting(const struct vcpu *v) { return false; }
static inline struct hvm_vcpu_asid *hvm_reflect_asid(struct vcpu *v)
{
    return &v->arch.hvm.n1asid;
}
static inline void hvm_reflect_asid_flush(struct vcpu *v) {}
static inline int hvm_reflect_enable(struct domain *d, uint64_t value)
{
    return -EOPNOTSUPP;
}
static inline void hvm_reflect_destroy(struct domain *d) {}
static inline void hvm_reflect_forget_shadows(struct domain *d) {}
static inline void hvm_reflect_soft_reset(struct domain *d) {}
static inline int hvm_reflect_io(ioreq_t *p)
{
    return X86EMUL_UNHANDLEABLE;
}
static inline bool hvm_reflect_assist(struct vcpu *v) { return false; }
static inline bool hvm_reflect_event_due(const struct vcpu *v) { return false; }
static inline bool hvm_reflect_defer_init(struct vcpu *origin,
                                          struct vcpu *target)
{
    return false;
}
static inline void hvm_reflect_cancel(struct vcpu *target) {}
static inline bool hvm_reflect_triple_fault(struct vcpu *v) { return false; }
static inline bool hvm_reflect_skip_areas(struct vcpu *v) { return false; }

#endif /* CONFIG_HVM_REFLECT */

#endif /* __ASM_X86_HVM_REFLECT_H__ */
