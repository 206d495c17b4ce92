/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Connecting, restoring and losing a backend; test_netfront_tx.c and test_netfront_rx.c have the rest. */
#include "netfront_host.h"

#include "xen/link.h"

#include <stdlib.h>

#include <xen/errno.h>

static void test_attach(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < 2; i++) {  /* at the second time the backend is Closed */
        assert_int_equal(host_attach(), 0);
        assert_string_equal(fake_store_get("device/vif/0/state"), "3");
        assert_string_equal(fake_store_get("device/vif/0/feature-sg"), "1");
        assert_string_equal(fake_store_get("device/vif/0/feature-ipv6-csum-offload"), "1");
        assert_null(fake_store_get("device/vif/0/feature-gso-tcpv4"));
        assert_null(fake_store_get("device/vif/0/feature-no-csum-offload"));
        assert_memory_equal(host.front.backend.info.address, "\x00\x16\x3e\x0a\x0b\x0c", 6);
        assert_true(host.front.backend.info.up);
        assert_true(host.front.backend.info.checksum_v4 && host.front.backend.info.checksum_v6);
        assert_true(host.front.backend.info.gso_tcpv4 && host.front.backend.info.gso_tcpv6);
        assert_int_equal(fake_netback_pages(&host.back), NETFRONT_RX_PAGES);
        assert_non_null(strstr(take_log(), "device/vif/0: link up, checksums, segmentation\n"));
        netfront_detach(&host.front);
        assert_false(host.front.backend.info.up);
        host_assert_no_leak();
    }
}

static void test_offers(void **state)
{
    (void)state;
    host.back.sg = false;
    assert_int_equal(host_attach(), 0);
    assert_false(host.front.backend.info.gso_tcpv4 || host.front.backend.info.gso_tcpv6);
    netfront_detach(&host.front);
    host_setup_detached(state);
    host.back.no_csum = true;
    host.back.csum6 = false;
    assert_int_equal(host_attach(), 0);
    assert_false(host.front.backend.info.checksum_v4 || host.front.backend.info.checksum_v6);
    assert_false(host.front.backend.info.gso_tcpv4 || host.front.backend.info.gso_tcpv6);
    netfront_detach(&host.front);
}

static void test_address(void **state)
{
    static const char *const wrong[] = {
        "", "00:16:3e:0a:0b", "01:16:3e:0a:0b:0c", "00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "00:16:3e:0a:0b:0c:0d",
        "00:16:3e:0a:0b:0c and a good deal more",
    };

    (void)state;
    for (unsigned int i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        fake_store_set("device/vif/0/mac", wrong[i]);
        assert_true(host_attach() < 0);
        assert_non_null(strstr(take_log(), "device/vif/0: not a network interface with an address"));
    }
    fake_store_forget("device/vif/0/mac");
    assert_int_equal(host_attach(), -XEN_ENOENT);
    fake_store_set("/local/domain/3/backend/vif/7/0/mac", "00:16:3E:0A:0B:0d");
    assert_int_equal(host_attach(), 0);
    assert_memory_equal(host.front.backend.info.address, "\x00\x16\x3e\x0a\x0b\x0d", 6);
    netfront_detach(&host.front);
    fake_store_forget("device/vif/0/backend");
    assert_int_equal(host_attach(), -XEN_ENOENT);
    host_assert_no_leak();
}

/* The interface is there, and its link is down. */
static void assert_dead(void)
{
    struct packet packet;

    assert_false(host.front.backend.info.up);
    packet_at(&packet, RAM, 1000);
    submit(&packet);
    flush();
    assert_int_equal(packet.done, 1);
    assert_false(packet.sent);
    host.front.backend.ops->ready(&host.front.backend);
    host.front.backend.ops->settle(&host.front.backend);
    netfront_poll(&host.front);
}

static void test_backend_stuck(void **state)
{
    static const struct { unsigned int in; const char *log; } cases[] = {
        { XenbusStateInitialising, "is Initialising; waited 10000 ms for it to get ready" },
        { XenbusStateInitWait, "is InitWait; waited 10000 ms for it to connect" },
    };

    for (unsigned int i = 0; i < 2; i++) {
        host_setup_detached(state);
        host.back.stuck_in = cases[i].in;
        assert_int_equal(host_attach(), 0);
        assert_non_null(strstr(take_log(), cases[i].log));
        assert_dead();
        host_restore();
        netfront_resume(&host.front);
        assert_dead();
        netfront_detach(&host.front);
        host_assert_no_leak();
    }
}

static void test_useless_backend(void **state)
{
    (void)state;
    host.back.rx_copy = false;
    assert_int_equal(host_attach(), 0);
    assert_non_null(strstr(take_log(), "does not copy what we receive"));
    assert_dead();
    assert_int_equal(host.back.state, XenbusStateClosed);
    netfront_detach(&host.front);
    host_assert_no_leak();
}

static void test_out_of_references(void **state)
{
    static grant_ref_t refs[FAKE_OWN_FRAMES * 512];

    (void)state;
    assert_true(grant_take(&host.grants, host.grants.count - NETFRONT_REFS + 1, refs));
    assert_int_equal(host_attach(), 0);
    assert_dead();
    netfront_detach(&host.front);
    grant_give(&host.grants, 1, refs);
    fake_xen.port_error = -XEN_ENOSPC;
    assert_int_equal(host_attach(), 0);
    assert_dead();
    netfront_detach(&host.front);
    assert_int_equal(host.grants.free_count, NETFRONT_REFS);
    assert_int_equal(fake_grants_in_use(), 0);
}

static void test_detach_under_way(void **state)
{
    static struct packet packets[3];

    host_setup(state);
    for (unsigned int i = 0; i < 3; i++) {
        packet_at(&packets[i], RAM + i * PAGE, 1000);
        submit(&packets[i]);
    }
    flush();
    netfront_detach(&host.front);
    assert_int_equal(host.finished, 3);
    assert_false(packets[0].sent);
    assert_int_equal(host.chip.link_changes, 1);
    host_assert_no_leak();
}

static void test_rings_kept(void **state)
{
    host_setup_detached(state);
    host.back.keeps_rings = true;
    assert_int_equal(host_attach(), 0);
    netfront_detach(&host.front);
    assert_true(host.front.pages_lost);
    assert_non_null(strstr(take_log(), "device/vif/0: domain 3 keeps pages mapped"));
    assert_int_equal(fake_grants_in_use(), 2);
    assert_int_equal(host.grants.free_count, host.grants.count - 2);
    assert_int_equal(fake_ports_used(), 0);
}

/* --- another backend -------------------------------------------------------------------------------------- */

static struct link_record *record;

static void find_record(void)
{
    record = fake_map((grant_ref_t)strtoul(fake_store_get("device/vif/0/reflex-link-ref"), NULL, 10), 0, true);
    assert_non_null(record);
}

static void wish(uint32_t wish)
{
    record->wish = wish;
    fake_send((evtchn_port_t)strtoul(fake_store_get("device/vif/0/reflex-link-port"), NULL, 10));
    poll_events();
}

/* As reflex-dm does: from the record to xenstore, where the backend finds it. */
static void connect_offered(void)
{
    assert_int_equal(record->state, LINK_OFFERED);
    fake_store_set("device/vif/4/request-rx-copy", "1");
    fake_store_set("device/vif/4/feature-rx-notify", "1");
    fake_store_set_number("device/vif/4/tx-ring-ref", record->tx_ref);
    fake_store_set_number("device/vif/4/rx-ring-ref", record->rx_ref);
    fake_store_set_number("device/vif/4/event-channel", record->port);
    fake_netback_init(&host.back, "4");
    host.back.domain = 0;
    fake_netback_step(&host.back);
    fake_store_set("device/vif/4/state", "4");
    fake_netback_step(&host.back);
    assert_int_equal(host.back.state, XenbusStateConnected);
}

static void part(void)
{
    fake_store_set("device/vif/0/state", "5");
    fake_netback_step(&host.back);
}

static void test_another_backend(void **state)
{
    static struct packet packets[3];
    static struct fake_packet seen;

    host_setup(state);
    find_record();
    assert_int_equal(record->state, LINK_CONNECTED);
    packet_at(&packets[0], RAM, 1000);
    submit(&packets[0]);
    flush();
    part();
    wish(LINK_OFFERED);                     /* not in this order */
    assert_int_equal(record->state, LINK_CONNECTED);
    wish(LINK_GONE);
    assert_int_equal(record->state, LINK_GONE);
    assert_false(host.front.backend.info.up);
    assert_int_equal(host.chip.link_changes, 1);
    assert_int_equal(packets[0].done, 1);
    assert_false(host.front.pages_lost);
    assert_int_equal(fake_grants_in_use(), 1);
    packet_at(&packets[1], RAM, 1000);
    submit(&packets[1]);
    assert_false(packets[1].sent);
    wish(LINK_CONNECTED);
    assert_int_equal(record->state, LINK_GONE);

    record->number = 4;
    wish(LINK_OFFERED);
    assert_false(host.front.backend.info.up);
    connect_offered();
    record->features = LINK_FEATURE_SG | LINK_FEATURE_GSO_TCPV4 | LINK_FEATURE_NO_CSUM;
    wish(LINK_CONNECTED);
    assert_true(host.front.backend.info.up);
    assert_false(host.front.backend.info.gso_tcpv4);
    assert_int_equal(host.chip.link_changes, 2);
    assert_string_equal(host.front.bus.frontend, "device/vif/4");
    packet_at(&packets[2], RAM, 1000);
    submit(&packets[2]);
    flush();
    assert_true(fake_netback_take(&host.back, &seen));
    fake_netback_answer(&host.back, &seen, NETIF_RSP_OKAY);
    assert_true(fake_netback_send(&host.back, seen.bytes, 100, 0));
    poll_events();
    assert_true(packets[2].sent);
    assert_int_equal(host.chip.frames, 1);
    fake_store_set("device/vif/4/state", "5");
    fake_netback_step(&host.back);
    wish(LINK_GONE);
    assert_false(host.front.pages_lost);
    fake_unmap((grant_ref_t)strtoul(fake_store_get("device/vif/0/reflex-link-ref"), NULL, 10));
    netfront_detach(&host.front);
    host_assert_no_leak();
}

/* It went away before it had connected; and one that has kept pages is the last. */
static void test_no_other_backend(void **state)
{
    host_setup(state);
    find_record();
    part();
    wish(LINK_GONE);
    for (unsigned int i = 0; i < 20; i++) {
        wish(LINK_OFFERED);
        assert_int_equal(record->state, LINK_OFFERED);
        wish(LINK_GONE);
        assert_int_equal(record->state, LINK_GONE);
        assert_int_equal(fake_grants_in_use(), 1);
        assert_int_equal(fake_ports_used(), 1);
    }
    wish(1234);
    assert_int_equal(record->state, LINK_GONE);

    host_setup(state);
    find_record();
    wish(LINK_GONE);                        /* with the rings mapped */
    assert_true(host.front.pages_lost);
    take_log();
    wish(LINK_OFFERED);
    assert_int_equal(record->state, LINK_GONE);
    assert_non_null(strstr(take_log(), "no other backend"));
}

/* In the restored domain the record is another, and the interface stays away until dom0 offers something. */
static void test_restored_without_link(void **state)
{
    host_setup(state);
    find_record();
    part();
    wish(LINK_GONE);
    host_restore();
    netfront_resume(&host.front);
    find_record();
    assert_int_equal(record->state, LINK_GONE);
    assert_int_equal(record->wish, LINK_GONE);
    record->number = 4;
    wish(LINK_OFFERED);
    connect_offered();
    wish(LINK_CONNECTED);
    assert_true(host.front.backend.info.up);
}

/* --- save and restore ------------------------------------------------------------------------------------- */

static void test_resume(void **state)
{
    static struct packet packets[6];
    static struct fake_packet seen;

    host_setup(state);
    for (unsigned int i = 0; i < 6; i++) {
        packet_at(&packets[i], RAM + i * PAGE, i == 1 ? 100 : 1000 + i);
        submit(&packets[i]);
    }
    flush();
    assert_int_equal(host.finished, 1);     /* the copied one */
    assert_true(fake_netback_take(&host.back, &seen));
    fake_netback_answer(&host.back, &seen, NETIF_RSP_OKAY);
    poll_events();
    netfront_poll(&host.front);
    assert_int_equal(host.finished, 2);
    host.chip.room = 0;
    assert_true(fake_netback_send(&host.back, seen.bytes, 100, 0));
    netfront_poll(&host.front);
    assert_int_equal(host.chip.refused, 1);

    host_restore();
    host.back.csum6 = false;
    netfront_resume(&host.front);
    assert_int_equal(host.chip.link_changes, 0);
    assert_false(host.front.backend.info.checksum_v6);
    assert_int_equal(fake_netback_pages(&host.back), NETFRONT_RX_PAGES);
    assert_int_equal(host.finished, 2);
    for (unsigned int i = 2; i < 6; i++) {
        assert_true(fake_netback_take(&host.back, &seen));
        assert_int_equal(seen.length, 1000 + i);
        fake_netback_answer(&host.back, &seen, NETIF_RSP_OKAY);
    }
    assert_false(fake_netback_take(&host.back, &seen));
    poll_events();
    host.chip.room = 10;
    host.front.backend.ops->ready(&host.front.backend);
    assert_true(fake_netback_send(&host.back, seen.bytes, 100, 0));
    poll_events();
    assert_int_equal(host.chip.frames, 1);
    assert_int_equal(host.finished, 6);
    assert_true(packets[5].sent);
    host_teardown(state);
}

/* What waits for its turn comes behind what was on the ring, each once and in order, whatever was answered. */
static void test_resume_in_order(void **state)
{
    static struct packet packets[300];
    static struct fake_packet seen[4];

    host_setup(state);
    for (unsigned int i = 0; i < 300; i++) {
        packet_init(&packets[i]);
        packet_add(&packets[i], RAM + i * PAGE, 300);
        packet_add(&packets[i], RAM + i * PAGE + 1000, 1 + i);
        submit(&packets[i]);
    }
    flush();
    for (unsigned int i = 0; i < 4; i++)
        assert_true(fake_netback_take(&host.back, &seen[i]));
    fake_netback_answer(&host.back, &seen[3], NETIF_RSP_OKAY);
    fake_netback_answer(&host.back, &seen[1], NETIF_RSP_ERROR);
    netfront_poll(&host.front);
    assert_int_equal(host.finished, 2);
    host_restore();
    netfront_resume(&host.front);
    for (unsigned int i = 0; i < 300; i++) {
        if (i == 1 || i == 3)
            continue;
        if (!fake_netback_take(&host.back, &seen[0])) {
            poll_events();
            assert_true(fake_netback_take(&host.back, &seen[0]));
        }
        assert_int_equal(seen[0].length, 301 + i);
        fake_netback_answer(&host.back, &seen[0], NETIF_RSP_OKAY);
    }
    poll_events();
    assert_int_equal(host.finished, 300);
    host_teardown(state);
}

static void test_lost_in_the_restore(void **state)
{
    static struct packet packets[2];
    static grant_ref_t refs[FAKE_OWN_FRAMES * 512];
    unsigned int in_use;

    host_setup(state);
    for (unsigned int i = 0; i < 2; i++) {
        packet_at(&packets[i], RAM + i * PAGE, 1000);
        submit(&packets[i]);
    }
    flush();
    host_restore();
    host.back.stuck_in = XenbusStateInitialising;
    assert_true(grant_take(&host.grants, host.grants.count, refs)); /* others have all references by now */
    for (unsigned int i = 0; i < host.grants.count; i++)
        grant_access(&host.grants, refs[i], 0, 1, false);
    in_use = fake_grants_in_use();
    netfront_resume(&host.front);
    assert_int_equal(host.finished, 2);
    assert_false(packets[0].sent || packets[1].sent);
    assert_int_equal(host.chip.link_changes, 1);
    assert_dead();
    netfront_detach(&host.front);
    assert_int_equal(fake_grants_in_use(), in_use);
}

/* --- soft reset ------------------------------------------------------------------------------------------- */

/* The backend has rings, record and one page to send from, which are in the firmware's memory or the guest's. */
static void begin_anew(bool rings, bool packet, bool link)
{
    static struct packet packets[2];
    static struct fake_packet seen;

    host_setup(NULL);
    for (unsigned int i = 0; i < 2; i++) {
        packet_at(&packets[i], RAM + i * PAGE, 1000);
        submit(&packets[i]);
    }
    flush();
    assert_true(fake_netback_take(&host.back, &seen));
    if (!packet)
        fake_unmap(seen.requests[0].gref);
    if (!rings) {
        fake_unmap(host.back.tx_ref);
        fake_unmap(host.back.rx_ref);
    }
    find_record();
    if (!link)
        fake_unmap(host.front.link_ref);
    fake_xen_soft_reset();
    fake_netback_restore(&host.back);
    assert_int_equal(xenstore_init(&host.store), 0);
    assert_int_equal(grant_init(&host.grants, FAKE_OWN_FRAMES, fake_grant_gfn()), 0);
    take_log();
    netfront_resume(&host.front);
}

static void test_soft_reset(void **state)
{
    static struct fake_packet seen;

    begin_anew(false, false, false);
    assert_true(host.front.backend.info.up);
    assert_int_equal(host.finished, 0);
    assert_true(fake_netback_take(&host.back, &seen));
    fake_netback_answer(&host.back, &seen, NETIF_RSP_OKAY);
    run();
    assert_int_equal(host.finished, 2);
    host_teardown(state);
}

/* What is mapped yet is nobody else's, and so there is no interface without it. */
static void test_soft_reset_with_pages_kept(void **state)
{
    (void)state;
    for (unsigned int i = 0; i < 3; i++) {
        struct netif_tx_sring *ring;

        begin_anew(i == 0, i == 1, i == 2);
        assert_non_null(strstr(take_log(), "mapped since before the reset"));
        assert_int_equal(host.finished, 2);
        assert_dead();
        assert_true(host.front.pages_lost);
        assert_int_equal(host.chip.link_changes, 1);
        assert_int_equal(fake_grants_in_use(), i == 0 ? 2 : 1);
        ring = (struct netif_tx_sring *)host.front.pages->tx_ring;
        assert_int_equal(ring->req_prod, 2); /* as it was */
        assert_int_equal(fake_ports_used(), 0);
        netfront_resume(&host.front);       /* it is mapped yet */
        assert_true(host.front.pages_lost);
        netfront_detach(&host.front);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_attach, host_setup_detached),
        cmocka_unit_test_setup(test_offers, host_setup_detached),
        cmocka_unit_test_setup(test_address, host_setup_detached),
        cmocka_unit_test(test_backend_stuck),
        cmocka_unit_test_setup(test_useless_backend, host_setup_detached),
        cmocka_unit_test_setup(test_out_of_references, host_setup_detached),
        cmocka_unit_test(test_detach_under_way),
        cmocka_unit_test(test_rings_kept),
        cmocka_unit_test(test_another_backend),
        cmocka_unit_test(test_no_other_backend),
        cmocka_unit_test(test_restored_without_link),
        cmocka_unit_test(test_resume),
        cmocka_unit_test(test_resume_in_order),
        cmocka_unit_test(test_lost_in_the_restore),
        cmocka_unit_test(test_soft_reset),
        cmocka_unit_test(test_soft_reset_with_pages_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
