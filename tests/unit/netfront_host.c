/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "netfront_host.h"

struct netfront_host host;
uint8_t own_buffer[4 * PAGE] __attribute__((aligned(4096)));
static struct netfront_pages pages __attribute__((aligned(4096)));

/* --- a chip ----------------------------------------------------------------------------------------------- */

static bool receive(struct net_listener *listener, const struct net_frame *frame)
{
    struct chip *chip = (struct chip *)listener;

    if (!chip->room) {
        chip->refused++;
        return false;
    }
    chip->room--;
    chip->frames++;
    chip->length = 0;
    chip->pieces = frame->piece_count;
    chip->checksum = frame->checksum;
    assert_in_range(frame->piece_count, 1, NET_PIECES_MAX);
    assert_true(frame->pieces[0].length >= NET_HEADER_BYTES);
    for (unsigned int i = 0; i < frame->piece_count; i++) {
        memcpy(chip->bytes + chip->length, frame->pieces[i].bytes, frame->pieces[i].length);
        chip->length += frame->pieces[i].length;
    }
    assert_int_equal(chip->length, frame->length);
    if (chip->numbered) {
        assert_memory_equal(chip->bytes + NET_HEADER_BYTES, &chip->next, sizeof(chip->next));
        chip->next++;
    }
    return true;
}

static void link_changed(struct net_listener *listener)
{
    ((struct chip *)listener)->link_changes++;
}

static void pushed(struct net_listener *listener)
{
    ((struct chip *)listener)->pushes++;
}

/* --- the interface ---------------------------------------------------------------------------------------- */

int host_attach(void)
{
    int rc = netfront_attach(&host.front, &host.store, &host.grants, &host.events, "0", &host.guest.memory,
                             &host.firmware.memory, &pages);

    host.front.backend.listener = &host.chip.listener;
    return rc;
}

int host_setup_detached(void **state)
{
    (void)state;
    memset(&host, 0, sizeof(host));
    memset(&pages, 0xa5, sizeof(pages));
    fake_xen_init();
    assert_int_equal(xenstore_init(&host.store), 0);
    assert_int_equal(grant_init(&host.grants, FAKE_OWN_FRAMES, fake_grant_gfn()), 0);
    event_table_init(&host.events);
    xen_guest_memory_init(&host.guest, FAKE_RAM_END, FAKE_HIGH_START + FAKE_HIGH_SIZE);
    host.guest.ranges[1].start = FAKE_RAM_START; /* below it lies the test program, which is the firmware */
    xen_firmware_memory_init(&host.firmware, gpa_of(own_buffer), sizeof(own_buffer));
    fake_netback_init(&host.back, "0");
    host.chip.listener = (struct net_listener){ receive, link_changed, pushed };
    host.chip.room = UINT32_MAX;
    take_log();
    return 0;
}

int host_setup(void **state)
{
    host_setup_detached(state);
    assert_int_equal(host_attach(), 0);
    assert_true(host.front.backend.info.up);
    take_log();
    return 0;
}

void host_assert_no_leak(void)
{
    assert_int_equal(fake_grants_in_use(), 0);
    assert_int_equal(host.grants.free_count, host.grants.count);
    assert_int_equal(fake_ports_used(), 0);
}

int host_teardown(void **state)
{
    (void)state;
    run();
    assert_false(host.front.failed);
    assert_int_equal(host.front.lent, 0);
    assert_null(host.front.first);
    assert_int_equal(fake_grants_in_use(), HOST_GRANTS);
    assert_int_equal(host.front.free_halves[0] & host.front.free_halves[1], UINT32_MAX);
    netfront_detach(&host.front);
    assert_int_equal(host.back.state, XenbusStateClosed);
    assert_false(host.front.pages_lost);
    host_assert_no_leak();
    return 0;
}

void host_restore(void)
{
    fake_xen_restore();
    fake_netback_restore(&host.back);
    assert_int_equal(xenstore_init(&host.store), 0);
    assert_int_equal(grant_init(&host.grants, FAKE_OWN_FRAMES, fake_grant_gfn()), 0);
}

/* --- packets ---------------------------------------------------------------------------------------------- */

static void on_done(struct net_packet *generic, bool sent)
{
    struct packet *packet = generic->owner;

    assert_int_equal(packet->done, 0);
    assert_false(host.in_done);             /* the firmware's stack is a page */
    host.in_done = true;
    packet->done++;
    packet->sent = sent;
    host.finished++;
    host.last_finished = packet;
    if (packet->then)
        submit(packet->then);
    host.in_done = false;
}

void packet_init(struct packet *packet)
{
    memset(packet, 0xa5, sizeof(*packet)); /* the backend's fields mean nothing before submit() */
    packet->packet.segments = packet->segments;
    packet->packet.segment_count = 0;
    packet->packet.length = 0;
    packet->packet.offload = (struct net_offload){ 0 };
    packet->packet.done = on_done;
    packet->packet.owner = packet;
    packet->done = 0;
    packet->then = NULL;
}

void packet_add(struct packet *packet, uint64_t address, uint32_t length)
{
    packet->segments[packet->packet.segment_count++] = (struct net_segment){ .address = address, .length = length };
    packet->packet.length += length;
}

void packet_at(struct packet *packet, uint64_t address, uint32_t length)
{
    packet_init(packet);
    packet_add(packet, address, length);
}

void submit(struct packet *packet)
{
    host.front.backend.ops->submit(&host.front.backend, &packet->packet);
}

void flush(void)
{
    host.front.backend.ops->flush(&host.front.backend);
}

void poll_events(void)
{
    event_dispatch(&host.events);
}

void run(void)
{
    do {
        fake_netback_run(&host.back);
        netfront_poll(&host.front);
    } while (fake_netback_run(&host.back));
}

void fill(void *bytes, size_t length, unsigned int seed)
{
    for (size_t i = 0; i < length; i++)
        ((uint8_t *)bytes)[i] = (uint8_t)((i + seed) * 2654435761u >> 13);
}
