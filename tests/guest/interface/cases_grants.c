/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The grant table's last frames are the firmware's: XEN_REFLECT_MAX_GNT_FRAMES of them, as set up. */
#include "firmware.h"
#include "hypercalls.h"
#include "test.h"

#include <xen/grant_table.h>
#include <xen/memory.h>

static uint8_t frame[XEN_PAGE_SIZE] __attribute__((aligned(4096)));
static uint32_t all;

static int call_size(uint32_t unused)
{
    struct gnttab_query_size query = { .dom = DOMID_SELF };

    (void)unused;
    return grant_op(GNTTABOP_query_size, &query) || query.status ? 0 : (int)query.max_nr_frames;
}

static int call_map(uint32_t n)
{
    struct xen_add_to_physmap map = {
        .domid = DOMID_SELF, .space = XENMAPSPACE_grant_table, .idx = n, .gpfn = gpa_of(frame) >> XEN_PAGE_SHIFT,
    };

    return (int)memory_op(XENMEM_add_to_physmap, &map);
}

static void sizes(void)
{
    all = (uint32_t)in_firmware(call_size, 0);
    EXPECT(all > XEN_REFLECT_MAX_GNT_FRAMES);
    EXPECT_EQUAL(call_size(0), all - XEN_REFLECT_MAX_GNT_FRAMES);
}

static void mapping(void)
{
    EXPECT_EQUAL(call_map(all - 1), -XEN_EPERM);
    EXPECT_EQUAL(call_map(all - XEN_REFLECT_MAX_GNT_FRAMES), -XEN_EPERM);
    EXPECT_EQUAL(in_firmware(call_map, all - 1), 0);
    EXPECT(call_map(all) < 0);
    EXPECT_EQUAL(call_map(all - XEN_REFLECT_MAX_GNT_FRAMES - 1), 0);
}

static void version(void)
{
    struct gnttab_set_version set = { .version = 2 };

    EXPECT_EQUAL(grant_op(GNTTABOP_set_version, &set), -XEN_EBUSY);
    set.version = 1;
    EXPECT_EQUAL(grant_op(GNTTABOP_set_version, &set), 0);
}

const struct test_case grant_cases[] = {
    { "grants: the guest sees a shorter table", sizes },
    { "grants: the last frames are the firmware's", mapping },
    { "grants: the version stays", version },
    { NULL, NULL },
};
