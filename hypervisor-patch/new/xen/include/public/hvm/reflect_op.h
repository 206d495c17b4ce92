/* SPDX-License-Identifier: MIT */
/*
 * I/O reflection: a HVM domain's firmware serves the domain's own port and
 * MMIO accesses.
 *
 * The hypervisor parks the vCPU's general registers, CR0, CR3, CR4, EFER, CS,
 * DS, ES, SS, GDTR, IDTR and DR7, enters the firmware in flat 32-bit protected
 * mode without paging, and puts them back when the firmware resumes the guest.
 * All else stays the guest's, and the firmware leaves it as it is: FS, GS, TR,
 * LDTR, CR2, DR0-3, DR6, the FPU and extended state, MSRs, and the address
 * last written to port 0xcf8.  Hypercall __HYPERVISOR_reflect_op:
 *
 *     long reflect_op(cmd, a1, a2, a3, a4)
 *
 * Arguments are 32 bits wide; pointers are linear addresses (of a 64-bit
 * caller, whole); every structure has naturally aligned fixed-width fields, so
 * that there is no compat layout.  Unless a command says otherwise it returns
 * 0 or a negative errno value:
 *   -ENOSYS  the hypervisor was built or booted without reflection, or the
 *            command is not known
 *   -EPERM   the toolstack has not enabled reflection for this domain
 *            (HVM_PARAM_REFLECT), or the interface is locked and the caller is
 *            not the firmware
 *   -EINVAL  an argument is out of its range, or a reserved field is not 0
 *   -EFAULT  a pointer does not point to memory
 *   -EBUSY   not in this state (setup from the firmware, say)
 *   -ENOSPC  a limit below is reached
 *   -ENOENT  no port has this index
 *   -ENOMEM  the hypervisor is out of memory
 */
#ifndef XEN_PUBLIC_HVM_REFLECT_OP_H
#define XEN_PUBLIC_HVM_REFLECT_OP_H

#define XEN_REFLECT_ABI            2

/* __HYPERVISOR_arch_2; 4.17 gives it no other meaning on x86. */
#define __HYPERVISOR_reflect_op    50

/*
 * Set to 1 by the toolstack, once, before the domain runs.  The domain itself
 * can neither set nor clear it.
 */
#define HVM_PARAM_REFLECT          39

/* Limits. */
#define XEN_REFLECT_MAX_RANGES     256   /* of each type */
#define XEN_REFLECT_MAX_PORTS      64    /* event indices 0..63 */
#define XEN_REFLECT_MAX_GNT_FRAMES 16

/*
 * No arguments.  Returns XEN_REFLECT_ABI << 16 | features
 * (XEN_REFLECT_FEATURE_*, none yet).  Allowed to any domain whether or not
 * reflection is enabled for it: -EPERM then means "present, but not for you".
 */
#define XEN_REFLECT_query          0

/* a1: struct xen_reflect_setup.  Once (-EBUSY); before lock. */
#define XEN_REFLECT_setup          1
struct xen_reflect_setup {
    uint32_t version;          /* XEN_REFLECT_ABI */
    uint32_t entry;            /* EIP on every entry */
    uint32_t stack;            /* ESP of vCPU n is stack + n * stack_stride */
    uint32_t stack_stride;     /* 0: one stack, enough as things are */
    uint32_t flags;            /* 0 */
    uint32_t gdt_base, gdt_limit;
    uint32_t idt_base, idt_limit; /* not usable: an exception is a crash */
    uint32_t nr_gnt_frames;    /* the grant table's last frames, kept from the
                                * guest; less than the table can have */
};

/*
 * No arguments.  Before it nothing enters the firmware; from now on accesses
 * and events do, and only the firmware may call anything but query.  Events
 * that come before it end HLT and SCHEDOP_poll until they are taken.
 */
#define XEN_REFLECT_lock           2

/*
 * a1: struct xen_reflect_range.  An access that lies wholly inside a claimed
 * range, and that the hypervisor does not emulate itself, enters the firmware.
 * Adding what is there, or removing what is not, is no error.
 */
#define XEN_REFLECT_range          3
struct xen_reflect_range {
    uint32_t type;
#define XEN_REFLECT_RANGE_PORT     0     /* start, end: port numbers */
#define XEN_REFLECT_RANGE_MEMORY   1     /* start, end: guest-physical */
#define XEN_REFLECT_RANGE_PCI      2     /* start == end: bus << 8 | devfn */
    uint32_t add;              /* 1 claim, 0 give back */
    uint64_t start, end;       /* end is inside */
};

/*
 * a1, a2: low and high half of the data that the guest's read returns; ignored
 * otherwise.  From the firmware only.  The guest goes on; the call does not
 * return.  A firmware that has asked for a shutdown resumes all the same, and
 * serves the vCPUs that wait: the domain ends when none is under way.
 */
#define XEN_REFLECT_resume         4

/* a1: ISA interrupt 0-15; a2: level 0 or 1. */
#define XEN_REFLECT_isa_irq        5
/* a1: device 0-31 on bus 0; a2: pin 0-3 (INTA-INTD); a3: level 0 or 1. */
#define XEN_REFLECT_intx           6
/* a1: PCI link 0-3 (PIRQA-PIRQD); a2: ISA interrupt 1-15, or 0 for none. */
#define XEN_REFLECT_link           7
/*
 * a1, a2: low and high half of the message address; a3: data.  Also -ERANGE or
 * -ESRCH for a message to nobody.
 */
#define XEN_REFLECT_msi            8

/*
 * a1: struct xen_reflect_port.  A new event channel whose far end
 * `remote_domid` may bind; its events enter the firmware, never the guest.
 * DOMID_SELF is allowed as a remote.
 */
#define XEN_REFLECT_port_alloc     9
struct xen_reflect_port {
    uint32_t remote_domid;     /* port_alloc: IN; port_adopt: 0 */
    uint32_t index;            /* OUT: its number here, and in events */
    uint32_t port;             /* port_alloc: OUT; port_adopt: IN.  The number
                                * that xenstore knows */
};
/*
 * a1: index.  Also frees an index whose port was lost in a restore.  -ENOENT:
 * no such index.
 */
#define XEN_REFLECT_port_close     10
/* a1: index.  -ENOENT: no such index, or its port was lost in a restore. */
#define XEN_REFLECT_port_send      11

/*
 * a1: word 0 or 1; a2: uint32_t *.  Takes (reads and clears) 32 pending
 * events; bit n is index 32 * word + n.  Those not taken enter the firmware
 * again before the guest makes progress; an event may come without a cause.
 */
#define XEN_REFLECT_events         12

/*
 * a1: struct xen_reflect_copy.  Between a firmware buffer and guest RAM at any
 * address, from the firmware only.
 */
#define XEN_REFLECT_copy           13
#define XEN_REFLECT_COPY_MAX       4096
struct xen_reflect_copy {
    uint64_t gpa;
    uint32_t buffer;           /* linear */
    uint32_t length;           /* 1 to XEN_REFLECT_COPY_MAX */
    uint32_t to_guest;         /* 1: buffer to gpa, 0: gpa to buffer */
    uint32_t pad;
};

/*
 * a1: struct xen_reflect_vram.  Which pages of a run of the guest's memory
 * have been written since the last call for the same run; the first call for a
 * run starts to watch it and reports every page.  A domain has one such run,
 * and shares it with a device model's.  From the firmware only.  -EBUSY: try
 * again; after -EFAULT the pages count as told.
 */
#define XEN_REFLECT_vram           14
#define XEN_REFLECT_VRAM_MAX       8192
struct xen_reflect_vram {
    uint64_t first_pfn;
    uint32_t nr;               /* pages, XEN_REFLECT_VRAM_MAX at most;
                                * 0: watch no longer */
    uint32_t buffer;           /* linear; OUT: a bit for each page, in
                                * (nr + 7) / 8 bytes */
};

/*
 * a1: vCPU; a2: struct xen_reflect_info *.  What it has done since the domain
 * was made or restored.
 */
#define XEN_REFLECT_info           15
struct xen_reflect_info {
    uint32_t nr_vcpus;         /* of the domain */
    uint32_t pad;              /* 0 */
    uint64_t entries[4];       /* by XEN_REFLECT_WHY_*; [0] is 0 */
    uint64_t shadowed;         /* reads that a shadow has answered */
};

/*
 * a1: the number of a page of RAM, struct xen_reflect_shadows, which Xen looks
 * at from now on: for registers that need not bring the guest into the
 * firmware at each access.  Once, for the life of the domain: -EBUSY after
 * that.  It does not survive a restore or a soft reset: the firmware gives the
 * page again, and may find writes in it from before.
 *
 * A shadow is one register of a claimed range.  An access of just its size at
 * just its address, one that is not handed over by pointer (PTR):
 * - with SHADOW_READ a read returns the low bytes of `value`, unless a write
 *   to the same register waits in the queue;
 * - with SHADOW_WRITE a write whose low byte, masked, equals `match` is put
 *   into the queue, if it has room.
 * Every other access enters the firmware.  The first place with the key
 * counts; the words of two registers are not one snapshot.
 *
 * What the firmware owes for that.  Before it serves any entry it takes what is
 * in the queue: first `put`, then the writes before it.  It makes the shadows
 * true, and only then moves `taken`.  It makes them true again before it
 * resumes, and before it raises an interrupt (isa_irq, intx, msi), which other
 * vCPUs hear at once.  While it runs, other vCPUs may go on queueing writes,
 * judged by the words of before: it takes them behind the last change, too
 * (that store, a full barrier, then `put`), and serves whatever it finds as any
 * write.  Xen looks at the word again when it has queued a write; if that would
 * not wait any more, an event without a cause follows.  So a read may have a
 * shadow while it has no effect, and a write while nothing that the guest can
 * see without entering the firmware depends on it but that register.
 *
 * Key and word are each written with one store.  A place that shall be another
 * register's has its word cleared, then its key changed, then its word set: Xen
 * reads the key before the word and behind it.  A place that becomes another's,
 * and the first one's again, in between would go unseen (ABA), which matters to
 * a guest only that reads a register while it is moving it.
 * `put` and `taken` start equal and count without end; a distance above
 * XEN_REFLECT_MAX_WRITES is a full queue.  -EINVAL: no page of RAM that the
 * guest can write.
 */
#define XEN_REFLECT_shadows        16
#define XEN_REFLECT_MAX_SHADOWS    64
#define XEN_REFLECT_MAX_WRITES     128
#define XEN_REFLECT_SHADOW_ADDRESS 0x0fffffffffffffffULL
#define XEN_REFLECT_SHADOW_KEY(type, size, address) \
    ((uint64_t)(type) << 63 | (uint64_t)(size) << 60 | (address))
struct xen_reflect_shadow {
    uint64_t key;          /* XEN_REFLECT_RANGE_PORT or _MEMORY; size 1, 2, 4 */
    union {
        uint64_t word;
        struct {
            uint32_t value;
            uint8_t flags; /* 0: none of the two */
#define XEN_REFLECT_SHADOW_READ    1U
#define XEN_REFLECT_SHADOW_WRITE   2U
            uint8_t mask, match;
            uint8_t pad;   /* 0 */
        };
    };
};
struct xen_reflect_write {
    uint64_t key;          /* of the shadow */
    uint32_t value;
    uint32_t vcpu;         /* who has written it */
};
struct xen_reflect_shadows {
    uint32_t nr;           /* of shadows[] */
    uint32_t put;          /* Xen's: writes ever queued; number n is at place */
                           /* n % XEN_REFLECT_MAX_WRITES */
    uint32_t taken;        /* the firmware's: writes that it has served */
    uint32_t pad;          /* 0 */
    struct xen_reflect_shadow shadows[XEN_REFLECT_MAX_SHADOWS];
    struct xen_reflect_write writes[XEN_REFLECT_MAX_WRITES];
};

/*
 * a1: struct xen_reflect_port.  Takes over a port of this domain that is
 * unbound or bound to another domain (the console's, which the toolstack
 * made): its events enter the firmware from now on, and the guest can no
 * longer use it.  One event is pending at once, for what may have come before.
 */
#define XEN_REFLECT_port_adopt     17

/*
 * On entry: 32-bit protected mode, paging off, IF=0, flat CS 0x8, DS/ES/SS
 * 0x10, CR0.TS=1, EFLAGS=2, and
 *   EAX      XEN_REFLECT_WHY_* | flags | ioreq type << 12 |
 *            access size in bytes << 16
 *   ECX:EBX  port number, guest-physical address, or
 *            bus << 40 | devfn << 32 | register
 *   ESI:EDX  data written; or, with XEN_REFLECT_PTR, the guest-physical address
 *            of the data
 *   EDI      count of elements: 1 without XEN_REFLECT_PTR, but for REP STOS,
 *            which stores the same data in each
 *   EBP      vCPU
 *   ESP      as set up
 * Everything but EAX, EBP and ESP is 0 unless the reason is an access.  The
 * firmware keeps IF=0, does not HLT (it waits with SCHEDOP_poll), and keeps
 * nothing on its stack: changes to what is parked end with resume.  It may be
 * entered for an event that was taken meanwhile, and for a range that was
 * given back meanwhile.
 */
#define XEN_REFLECT_WHY_MASK       0xffu
#define XEN_REFLECT_WHY_IO         1u    /* an access to a claimed range */
#define XEN_REFLECT_WHY_EVENT      2u    /* an event is pending */
#define XEN_REFLECT_WHY_RESTORED   3u    /* restored, or reset: see below */
#define XEN_REFLECT_READ           0x100u
#define XEN_REFLECT_DF             0x200u    /* elements go down in memory */
#define XEN_REFLECT_PTR            0x400u
#define XEN_REFLECT_TYPE_SHIFT     12    /* IOREQ_TYPE_* */
#define XEN_REFLECT_TYPE_MASK      0xf000u
#define XEN_REFLECT_SIZE_SHIFT     16

/*
 * Save, restore, migration.  A domain is saved only while no vCPU waits for
 * the firmware or is in it: a suspend that is asked for meanwhile takes effect
 * when it has left.  The firmware's memory travels as the guest's; the set-up,
 * the lock and the ranges travel in HVM save record 21, REFLECT, which is
 * there if XEN_REFLECT_setup has succeeded.  Loading it enables reflection, as
 * HVM_PARAM_REFLECT does: either may come first, both before the domain runs.
 *
 * If the interface was locked, the first thing that the restored domain runs
 * is the firmware, with XEN_REFLECT_WHY_RESTORED: once, on one vCPU, while all
 * others wait.  By then
 *   - event channels are gone, and pending events with them.  Their indices
 *     stay taken until port_close, so that none is mistaken for another;
 *   - grants are gone, and so are the mappings of grant table frames in the
 *     domain's memory;
 *   - xenstore, the console and all backends are others, found by the same
 *     means as before.
 * A domain that goes on after it was saved (a checkpoint, or a migration that
 * failed) keeps everything, and its firmware is not told.  After a soft reset
 * it is told, as after a restore; but then grants stay in force, and a backend
 * of before may have pages mapped for as long as it likes.
 *
 * The record is struct xen_reflect_record, and then as many struct
 * xen_reflect_saved_range as nr_ranges[] says: ports first, then memory, then
 * PCI functions.
 */
struct xen_reflect_record {
    struct xen_reflect_setup setup;
    uint32_t flags;
#define XEN_REFLECT_RECORD_LOCKED  1u
    uint32_t nr_ranges[3];     /* by type; XEN_REFLECT_MAX_RANGES at most */
    uint32_t ports[2];         /* bit n of word w: index 32 * w + n is taken */
};
struct xen_reflect_saved_range {
    uint64_t start, end;       /* end is inside */
};

#endif /* XEN_PUBLIC_HVM_REFLECT_OP_H */
