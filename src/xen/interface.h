/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * What Xen's public headers want to know before the first of them is read: the interface version that we
 * speak, and the barriers that the shared-ring macros of xen/io/ring.h use.
 */
#ifndef REFLEX_XEN_INTERFACE_H
#define REFLEX_XEN_INTERFACE_H

#ifndef __XEN_INTERFACE_VERSION__
#define __XEN_INTERFACE_VERSION__ 0x00040e00
#endif

/* x86 keeps loads in order with loads and stores with stores; only a store before a load needs help. */
#define xen_rmb() __asm__ volatile("" ::: "memory")
#define xen_wmb() __asm__ volatile("" ::: "memory")
#define xen_mb()  __sync_synchronize()

/* One read of a word that the other side may be changing. */
#define read_once(word) (*(const volatile __typeof__(word) *)&(word))

/* The protocols' page, and a firmware object's address as the guest-physical number it is. */
#define XEN_PAGE_SHIFT 12
#define XEN_PAGE_SIZE  4096u
#define gpa_of(object) ((uint32_t)(uintptr_t)(object))

#endif
