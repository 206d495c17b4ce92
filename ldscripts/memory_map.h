/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The firmware's window: the last 2 MiB of what hvmloader keeps for itself below 4 GiB (it gives memory
 * out from RESERVED_MEMORY_DYNAMIC_END down, and this is the first it gives), reserved in the E820 map.
 *
 *   0xfde00000  image, then .bss                          RAM, as much as the image needs
 *   0xfdf7c000  the grant table's last GRANT_FRAMES frames
 *   0xfdf80000  stacks, one page a vCPU                   RAM, as many pages as the domain has vCPUs
 *   0xfe000000  end
 *
 * Read by C and by the linker script: numbers only.
 */
#ifndef REFLEX_MEMORY_MAP_H
#define REFLEX_MEMORY_MAP_H

#define RUNTIME_BASE        0xfde00000
#define RUNTIME_WINDOW      0x00200000
#define RUNTIME_GRANTS      0xfdf7c000
#define RUNTIME_STACKS      0xfdf80000
#define RUNTIME_STACK_BYTES 0x1000
#define GRANT_FRAMES        4

/* The display adapter's memory before the guest has given it another place: that which hvmloader gives to what is
 * largest, so that nothing has to be moved. */
#define VIDEO_APERTURE      0xf0000000
/* Where hvmloader's own memory begins: no window of a PCI function is placed from here on. */
#define PCI_HOLE_END        0xfc000000

#endif
