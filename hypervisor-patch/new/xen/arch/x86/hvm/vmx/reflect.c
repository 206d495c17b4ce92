/* SPDX-License-Identifier: GPL-2.0-only */
/* I/O reflection: the part of the guest's state that only VMX code reaches. */
#include <xen/sched.h>

#include <asm/debugreg.h>
#include <asm/hvm/reflect.h>
#include <asm/hvm/vmx/vmcs.h>
#include <asm/hvm/vmx/vmx.h>

/* Loaded by the processor from the VMCS, not from memory, at VM entry. */
static bool has_pdptes(const struct vcpu *v)
{
    return hvm_paging_enabled(v) && hvm_pae_enabled(v) &&
           !hvm_long_mode_active(v);
}

static void park(struct vcpu *v, struct hvm_reflect_hw *hw)
{
    unsigned int i;

    __vmread(VM_ENTRY_INTR_INFO, &hw->vmx.intr_info);
    __vmread(VM_ENTRY_EXCEPTION_ERROR_CODE, &hw->vmx.error_code);
    __vmread(VM_ENTRY_INSTRUCTION_LEN, &hw->vmx.insn_len);
    __vmread(GUEST_PENDING_DBG_EXCEPTIONS, &hw->vmx.pending_dbg);
    __vmwrite(VM_ENTRY_INTR_INFO, 0);
    __vmwrite(GUEST_PENDING_DBG_EXCEPTIONS, 0);

    if ( has_pdptes(v) )
        for ( i = 0; i < ARRAY_SIZE(hw->vmx.pdpte); i++ )
            __vmread(GUEST_PDPTE(i), &hw->vmx.pdpte[i]);

    /* The guest's breakpoints must not hit the firmware's addresses. */
    if ( v->arch.hvm.flag_dr_dirty )
        __vmread(GUEST_DR7, &hw->dr7);
    else
        hw->dr7 = v->arch.dr7;
    v->arch.dr7 = X86_DR7_DEFAULT;
    __vmwrite(GUEST_DR7, X86_DR7_DEFAULT);
}

/* The guest's control registers are already back. */
static void unpark(struct vcpu *v, const struct hvm_reflect_hw *hw)
{
    unsigned int i;

    __vmwrite(VM_ENTRY_INTR_INFO, hw->vmx.intr_info);
    __vmwrite(VM_ENTRY_EXCEPTION_ERROR_CODE, hw->vmx.error_code);
    __vmwrite(VM_ENTRY_INSTRUCTION_LEN, hw->vmx.insn_len);
    __vmwrite(GUEST_PENDING_DBG_EXCEPTIONS, hw->vmx.pending_dbg);

    if ( has_pdptes(v) )
        for ( i = 0; i < ARRAY_SIZE(hw->vmx.pdpte); i++ )
            __vmwrite(GUEST_PDPTE(i), hw->vmx.pdpte[i]);

    /* We may have been descheduled meanwhile, and DR0-3 be saved. */
    v->arch.dr7 = hw->dr7;
    __vmwrite(GUEST_DR7, hw->dr7);
    vmx_restore_dr(v);
}

void cf_check vmx_reflect_switch(struct vcpu *v, struct hvm_reflect_hw *hw,
                                 bool enter)
{
    const struct hvm_vcpu_asid *next = enter ? &v->arch.hvm.reflect->asid
                                             : &v->arch.hvm.n1asid;

    if ( enter )
        park(v, hw);
    else
        unpark(v, hw);

    /* vmx_vmenter_helper() looks no further than whether this changes. */
    if ( next->asid )
        __vmwrite(VIRTUAL_PROCESSOR_ID, next->asid);
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
