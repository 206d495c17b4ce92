/* SPDX-License-Identifier: GPL-2.0-only */
/* I/O reflection, as common code knows it: see asm/hvm/reflect.h. */
#ifndef __XEN_REFLECT_H__
#define __XEN_REFLECT_H__

#ifdef CONFIG_HVM_REFLECT

#include <asm/hvm/reflect.h>

#else

#include <xen/sched.h>

static inline bool hvm_reflect_in_firmware(const struct vcpu *v)
{
    return false;
}
static inline bool hvm_reflect_vcpu_down(struct vcpu *v) { return true; }
static inline unsigned int hvm_reflect_gnt_frames(const struct domain *d)
{
    return 0;
}

#endif

#endif /* __XEN_REFLECT_H__ */
