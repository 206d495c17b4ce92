/* SPDX-License-Identifier: GPL-2.0-only */
/* I/O reflection: the part of the guest's state that only SVM code reaches. */
#include <xen/sched.h>

#include <asm/debugreg.h>
#include <asm/hvm/reflect.h>
#include <asm/hvm/svm/svm.h>
#include <asm/hvm/svm/vmcb.h>

void cf_check svm_reflect_switch(struct vcpu *v, struct hvm_reflect_hw *hw,
                                 bool enter)
{
    struct vmcb_struct *vmcb = v->arch.hvm.svm.vmcb;

    if ( enter )
    {
        /* Injection that the guest is due: a fault in delivery, or a #DB. */
        hw->svm.event_inj = vmcb->event_inj.raw;
        hw->svm.nextrip = vmcb->nextrip;
        vmcb->event_inj.raw = 0;

        /* The guest's breakpoints must not hit the firmware's addresses. */
        hw->dr7 = v->arch.hvm.flag_dr_dirty ? vmcb_get_dr7(vmcb)
                                            : v->arch.dr7;
        v->arch.dr7 = X86_DR7_DEFAULT;
        vmcb_set_dr7(vmcb, X86_DR7_DEFAULT);

        return;
    }

    vmcb->event_inj.raw = hw->svm.event_inj;
    vmcb->nextrip = hw->svm.nextrip;

    /* We may have been descheduled meanwhile, and DR0-3 be saved. */
    v->arch.dr7 = hw->dr7;
    vmcb_set_dr7(vmcb, hw->dr7);
    svm_restore_dr(v);
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
