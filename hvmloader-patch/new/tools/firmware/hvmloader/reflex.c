/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * reflex.c: installs the Reflex runtime, the part of the firmware that serves
 * the domain's port and MMIO accesses by I/O reflection.
 */

#include "config.h"
#include "hypercall.h"
#include "reflex.h"
#include "util.h"

#include <xen/errno.h>
#include <xen/hvm/hvm_info_table.h>
#include <xen/hvm/reflect_op.h>
#include <image/image.h>

/* reflex_blobs.S: runtime.bin, bios.bin and roms.bin. */
extern const struct reflex_image reflex_runtime[];
extern const char reflex_runtime_end[], reflex_bios[], reflex_bios_end[];
extern const char reflex_roms[], reflex_roms_end[];

/* The boot BIOS is the one that belongs to the runtime. */
static bool own_bios;

/* How many pages the runtime has taken beside its own. */
static uint32_t device_pages;

static bool have_reflection(void)
{
    /* All five arguments, for a debug hypervisor overwrites their registers. */
    int rc = _hypercall5(int, reflect_op, XEN_REFLECT_query, 0, 0, 0, 0);

    if ( rc >= 0 && (rc >> 16) == XEN_REFLECT_ABI )
        return true;

    if ( rc == -XEN_ENOSYS )
        printf("Reflex: this Xen has no I/O reflection");
    else if ( rc == -XEN_EPERM )
        printf("Reflex: I/O reflection is not enabled for this domain");
    else if ( rc < 0 )
        printf("Reflex: I/O reflection fails with error %d", rc);
    else
        printf("Reflex: this Xen has version %d of I/O reflection, not %d",
               rc >> 16, XEN_REFLECT_ABI);
    printf("; devices stay with the device model\n");

    return false;
}

static bool in_window(uint32_t start, uint32_t size)
{
    return !((start | size) & (PAGE_SIZE - 1)) &&
           start >= REFLEX_WINDOW_START && start <= REFLEX_WINDOW_END &&
           size <= REFLEX_WINDOW_END - start;
}

/* The image was built together with this file: a wrong one is a broken build. */
static bool valid(const struct reflex_image *image)
{
    uint32_t file_bytes = reflex_runtime_end - (const char *)image;

    return file_bytes >= sizeof(*image) &&
           image->magic == REFLEX_IMAGE_MAGIC &&
           image->version == REFLEX_IMAGE_VERSION &&
           image->base == REFLEX_WINDOW_START &&
           image->image_bytes <= file_bytes &&
           image->image_bytes <= image->memory_bytes &&
           image->entry - image->base < image->image_bytes &&
           in_window(image->base, image->memory_bytes) &&
           image->stack_bytes &&
           in_window(image->stack_base, image->stack_bytes) &&
           image->stack_base >= image->base + image->memory_bytes;
}

static bool usable(const struct reflex_image *image)
{
    uint32_t stacks;

    if ( !valid(image) )
    {
        printf("Reflex: the runtime inside hvmloader is not a valid one;"
               " devices stay with the device model\n");
        return false;
    }

    stacks = (REFLEX_WINDOW_END - image->stack_base) / image->stack_bytes;
    if ( hvm_info->nr_vcpus > stacks )
    {
        printf("Reflex: the runtime has stacks for %u vCPUs, not %u;"
               " devices stay with the device model\n",
               stacks, hvm_info->nr_vcpus);
        return false;
    }

    return true;
}

/*
 * The window is the top of the reserved region, so it is what the first
 * allocation of its size yields, and mem_alloc() and the PCI pass stay clear
 * of it.  E820 has it reserved as it has everything from RESERVED_MEMBASE up.
 */
static bool reserve_window(void)
{
    uint32_t pages = (REFLEX_WINDOW_END - REFLEX_WINDOW_START) >> PAGE_SHIFT;

    if ( mem_hole_alloc(pages) == REFLEX_WINDOW_START >> PAGE_SHIFT )
        return true;

    printf("Reflex: the runtime's memory at %08x is taken;"
           " devices stay with the device model\n", REFLEX_WINDOW_START);
    return false;
}

static void populate(uint32_t start, uint32_t size)
{
    mem_hole_populate_ram(start >> PAGE_SHIFT, size >> PAGE_SHIFT);
    memset((void *)start, 0, size);
}

static void place(const struct reflex_image *image)
{
    populate(image->base, image->memory_bytes);
    memcpy((void *)image->base, image, image->image_bytes);
    populate(image->stack_base, image->stack_bytes * hvm_info->nr_vcpus);
}

/* Populating may have taken pages from the end of RAM. */
static void tell_memory(struct reflex_start *start)
{
    start->low_memory_end = hvm_info->low_mem_pgend << PAGE_SHIFT;
    start->high_memory_end = (uint64_t)hvm_info->high_mem_pgend << PAGE_SHIFT;
}

/*
 * What the runtime needs beyond its image, for devices of this domain: at
 * address, or if that is 0 where there is room.
 */
static uint32_t take_pages(struct reflex_start *start, uint32_t address,
                           uint32_t pages)
{
    if ( !address )
        address = mem_hole_alloc(pages) << PAGE_SHIFT;

    populate(address, pages << PAGE_SHIFT);
    tell_memory(start);
    device_pages += pages;

    return address;
}

void reflex_install(void)
{
    const struct reflex_image *image = reflex_runtime;
    struct reflex_start start = {
        .version = REFLEX_START_VERSION,
        .vcpus = hvm_info->nr_vcpus,
        .roms = (uint32_t)reflex_roms,
        .roms_bytes = reflex_roms_end - reflex_roms,
        .take_pages = (uint32_t)(reflex_take_pages *)take_pages,
    };
    int (*entry)(struct reflex_start *) = (void *)image->entry;
    int rc;

    if ( !have_reflection() || !usable(image) || !reserve_window() )
        return;

    place(image);
    tell_memory(&start);

    rc = entry(&start);
    own_bios = rc == REFLEX_STARTED;
    if ( rc == REFLEX_STARTED || rc == REFLEX_STARTED_BESIDE )
        printf("Reflex: %u KiB at %08x serve this domain's devices%s\n",
               ((image->memory_bytes + image->stack_bytes * start.vcpus) >> 10) +
               device_pages * (PAGE_SIZE >> 10),
               image->base, own_bios ? "" : ", beside a device model");
    else
        printf("Reflex: the runtime did not start;"
               " devices stay with the device model\n");
}

bool reflex_load_bios(const struct bios_config *bios)
{
    if ( !own_bios || bios != &seabios_config )
        return false;

    bios->bios_load(bios, (void *)reflex_bios, reflex_bios_end - reflex_bios,
                    NULL);
    return true;
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
