/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* reflex-dm's CD drive and a frontend that puts a request on the ring whenever one is answered. */
#define _GNU_SOURCE
#include "support.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <xen/io/blkif.h>

#include "drive.h"

#define DEVICE 5632
#define PORT   7
#define SLOTS  32u

static uint32_t page[1024] __attribute__((aligned(4096)));
static struct drives drives;
static uint32_t more;                       /* requests that the frontend will still make */

enum { REQ_PROD, REQ_EVENT, RSP_PROD };

/* ---- Xen --------------------------------------------------------------------------------------------------------- */

bool xen_open_rings(struct xen *xen)
{
    (void)xen;
    return true;
}

void *xen_map_page(struct xen *xen, uint32_t ref)
{
    (void)xen, (void)ref;
    return page;
}

void xen_unmap_page(struct xen *xen, void *mapped)
{
    (void)xen, (void)mapped;
}

int xen_bind(struct xen *xen, uint32_t port)
{
    (void)xen;
    return (int)port;
}

void xen_unbind(struct xen *xen, int port)
{
    (void)xen, (void)port;
}

void xen_notify(struct xen *xen, int port)
{
    (void)xen, (void)port;
}

bool xen_copy_to_guest(struct xen *xen, uint32_t ref, uint32_t offset, const void *bytes, uint32_t length)
{
    (void)xen, (void)ref, (void)offset, (void)bytes, (void)length;
    if (more) {
        more--;
        page[REQ_PROD]++;
    }
    return true;
}

char *xen_store_read(struct xen *xen, const char *node)
{
    const char *leaf = strrchr(node, '/') + 1;

    (void)xen;
    return strdup(strcmp(leaf, "protocol") == 0 ? "x86_32-abi" : strcmp(leaf, "state") == 0 ? "3" : "7");
}

bool xen_backend_write(struct xen *xen, unsigned int virtual_device, const char *leaf, const char *value)
{
    (void)xen, (void)virtual_device, (void)leaf, (void)value;
    return true;
}

/* ------------------------------------------------------------------------------------------------------------------ */

/* Each slot's request reads one sector. */
static void fill_slots(void)
{
    for (unsigned int i = 0; i < SLOTS; i++) {
        uint8_t *slot = (uint8_t *)page + 64 + i * 108;

        slot[0] = BLKIF_OP_READ;
        slot[1] = 1;
    }
}

static int set_up(void **state)
{
    struct args args = { .nr_drives = 1, .drives[0].virtual_device = DEVICE };
    int image = memfd_create("image", 0);

    (void)state;
    memset(page, 0, sizeof(page));
    assert_true(drives_open(&drives, NULL, &args));
    assert_int_equal(ftruncate(image, 1 << 20), 0);
    assert_true(drive_insert(&drives.drive[0], image));
    drives_meet_frontend(&drives, DEVICE);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return !drive_eject(&drives.drive[0]);
}

/* A response overwrites its request. */
static bool serve(void)
{
    fill_slots();
    return drives_serve(&drives);
}

static void requests_without_end(void **state)
{
    (void)state;
    more = 10000;
    page[REQ_PROD] = 1;
    drives_hear(&drives, PORT);
    for (unsigned int pass = 0; pass < 100; pass++) {
        assert_true(serve());                           /* more, of which the frontend does not notify */
        assert_in_range(page[RSP_PROD], pass + 1, (pass + 1) * SLOTS);
    }
    more = 0;
    while (serve())
        continue;
    assert_int_equal(page[RSP_PROD], page[REQ_PROD]);
    assert_int_equal(page[REQ_EVENT], page[REQ_PROD] + 1);
}

static void serves_what_has_rung(void **state)
{
    (void)state;
    more = 0;
    page[REQ_PROD] = 1;
    drives_hear(&drives, PORT + 1);
    assert_false(serve());
    assert_int_equal(page[RSP_PROD], 0);
    drives_hear(&drives, PORT);
    assert_false(serve());
    assert_int_equal(page[RSP_PROD], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(requests_without_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(serves_what_has_rung, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
