/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What the firmware writes down for dom0: every figure is exact. */
#include "support.h"

#include <public/hvm/reflect_op.h>

#include "reflect/record.h"

#define TYPE_PIO  0u
#define TYPE_COPY 1u

struct gadget {
    uint8_t status;
    uint32_t left;
    char where[12];
    void *plug;
};

static const struct state_field gadget_fields[] = {
    STATE_FIELD(struct gadget, status, "status", STATE_HEX),
    STATE_FIELD(struct gadget, left, "left", STATE_NUMBER),
    STATE_FIELD(struct gadget, where, "where", STATE_TEXT),
    STATE_FIELD(struct gadget, plug, "plug", STATE_LINK),
};
static const struct state_map gadget_state = STATE_MAP("gadget", gadget_fields);

/* All that the firmware's image holds, in one piece. */
static struct machine {
    uint32_t header;
    struct dispatcher dispatcher;
    struct recorder recorder;
    struct gadget gadgets[2];
    struct test_memory memory;
    uint64_t now;
    uint32_t took;                          /* ticks, of the next access */
    struct machine *during;                 /* not NULL: look at the records while the chip works */
    struct stats_request seen;
    uint32_t seen_generation;
} machine;

static uint32_t chip_read(void *dev, uint32_t offset, unsigned int size)
{
    struct machine *m = dev;
    const struct stats *stats = &m->recorder.stats;

    (void)size;
    m->now += m->took;
    if (m->during) {
        m->seen = m->recorder.requests[(stats->recorded - 1) % STATS_REQUESTS];
        m->seen_generation = stats->generation;
    }
    return 0xffffff40 | offset;
}

static void chip_write(void *dev, uint32_t offset, unsigned int size, uint32_t value)
{
    (void)offset, (void)size, (void)value;
    ((struct machine *)dev)->now += ((struct machine *)dev)->took;
}

static const struct io_ops bytes = { .read = chip_read, .write = chip_write, .sizes = IO_BYTE };
static const struct io_ops dwords = { .read = chip_read, .write = chip_write, .sizes = IO_BYTE | IO_WORD | IO_DWORD };

static void place(struct io_space *space, const char *name, uint32_t base, uint32_t length, const struct io_ops *ops)
{
    struct io_region region = { name, base, length, ops, &machine };

    assert_true(io_space_add(space, &region));
}

/* A chip of bytes, one of dwords beside it, and one in memory. */
static int set_up(void **state)
{
    struct machine *m = &machine;

    *m = (struct machine){ .now = 1000, .took = 7 };
    memset(&m->recorder, 0xa5, sizeof(m->recorder));
    test_memory_init(&m->memory);
    m->dispatcher.guest = &m->memory.memory;
    place(&m->dispatcher.ports, "bytes", 0x100, 8, &bytes);
    place(&m->dispatcher.ports, "dwords", 0x108, 4, &dwords);
    place(&m->dispatcher.memory, "window", 0xf0000000, 16, &dwords);
    record_init(&m->recorder, m, &m->dispatcher);
    *state = m;
    return 0;
}

static int tear_down(void **state)
{
    test_memory_free(&((struct machine *)*state)->memory);
    take_log();
    return 0;
}

/* ---- Entries ------------------------------------------------------------------------------------------------ */

/* As main.c serves them. */
static uint64_t enter(struct machine *m, uint32_t what, uint32_t address, uint64_t data, uint32_t count, uint32_t vcpu)
{
    struct reflection reflection = {
        .what = what, .address_low = address, .data_low = (uint32_t)data, .data_high = (uint32_t)(data >> 32),
        .count = count, .vcpu = vcpu,
    };
    uint64_t answer = 0;

    record_begin(&m->recorder, &reflection, m->now);
    if ((what & XEN_REFLECT_WHY_MASK) == XEN_REFLECT_WHY_IO)
        answer = dispatch_io(&m->dispatcher, &reflection);
    else
        m->now += m->took;
    record_end(&m->recorder, &reflection, answer, m->now);
    return answer;
}

static uint32_t io(uint32_t flags, unsigned int type, unsigned int size)
{
    return XEN_REFLECT_WHY_IO | flags | type << XEN_REFLECT_TYPE_SHIFT | size << XEN_REFLECT_SIZE_SHIFT;
}

static void in(struct machine *m, uint32_t port, unsigned int size)
{
    enter(m, io(XEN_REFLECT_READ, TYPE_PIO, size), port, 0, 1, 0);
}

static void out(struct machine *m, uint32_t port, unsigned int size, uint32_t value)
{
    enter(m, io(0, TYPE_PIO, size), port, value, 1, 0);
}

static void rep(struct machine *m, uint32_t flags, uint32_t port, unsigned int size, uint32_t memory, uint32_t count)
{
    enter(m, io(XEN_REFLECT_PTR | flags, TYPE_PIO, size), port, memory, count, 0);
}

static const struct stats_request *last(const struct machine *m)
{
    return &m->recorder.requests[(m->recorder.stats.recorded - 1) % STATS_REQUESTS];
}

/* As dom0 finds them: through the tables. */
static const void *at(const struct machine *m, const struct stats_table *table, unsigned int i)
{
    assert_true(i < table->count);
    return (const char *)m + table->offset + i * table->entry_bytes;
}

static const struct stats_region *counter(const struct machine *m, const struct stats_table *table, const char *name)
{
    for (unsigned int i = 0; i < table->count; i++)
        if (strcmp(((const struct stats_region *)at(m, table, i))->name, name) == 0 &&
            (name[0] || i == table->count - 1))
            return at(m, table, i);
    fail_msg("no counters of %s", name);
    return NULL;
}

static void assert_counted(const struct machine *m, const char *name, unsigned int reflections, unsigned int accesses,
                           unsigned int total)
{
    const struct stats_region *region = counter(m, &m->recorder.stats.ports, name);

    assert_int_equal(region->reflections, reflections);
    assert_int_equal(region->accesses, accesses);
    assert_int_equal(region->bytes, total);
}

/* ---- Counters ----------------------------------------------------------------------------------------------- */

static void claims_are_there_by_name_and_place(void **state)
{
    const struct machine *m = *state;
    const struct stats_region *region = counter(m, &m->recorder.stats.ports, "dwords");

    assert_int_equal(region->base, 0x108);
    assert_int_equal(region->length, 4);
    assert_true(region->claimed);
    assert_int_equal(counter(m, &m->recorder.stats.memory, "window")->base, 0xf0000000);
    assert_counted(m, "bytes", 0, 0, 0);
}

static void an_access_is_counted_where_it_begins(void **state)
{
    struct machine *m = *state;

    in(m, 0x100, 1);
    out(m, 0x107, 1, 1);
    assert_counted(m, "bytes", 2, 2, 2);
    in(m, 0x108, 4);
    assert_counted(m, "dwords", 1, 1, 4);
    enter(m, io(XEN_REFLECT_READ, TYPE_COPY, 8), 0xf0000000, 0, 1, 0);
    assert_int_equal(counter(m, &m->recorder.stats.memory, "window")->bytes, 8);
    assert_counted(m, "bytes", 2, 2, 2);
}

/* The guest made one access; how many of the chip's it takes is the chip's affair. */
static void a_split_access_is_one(void **state)
{
    struct machine *m = *state;

    in(m, 0x100, 4);
    out(m, 0x102, 2, 0x1234);
    assert_counted(m, "bytes", 2, 2, 6);
    in(m, 0x106, 4);                        /* and half of it is the next chip's */
    assert_counted(m, "bytes", 3, 3, 10);
    assert_counted(m, "dwords", 0, 0, 0);
}

static void every_element_of_a_string_is_one(void **state)
{
    struct machine *m = *state;

    rep(m, XEN_REFLECT_READ, 0x108, 2, 0x1000, 300);
    assert_counted(m, "dwords", 1, 300, 600);
    rep(m, XEN_REFLECT_DF, 0x108, 4, 0x2000, 5);
    assert_counted(m, "dwords", 2, 305, 620);
    rep(m, 0, 0x108, 4, 0x2000, 0);
    assert_counted(m, "dwords", 3, 305, 620);
}

static void what_nobody_has_is_counted_apart(void **state)
{
    struct machine *m = *state;

    in(m, 0x300, 2);
    in(m, 0xff, 2);                         /* ends in a chip */
    assert_counted(m, "", 2, 2, 4);
    assert_counted(m, "bytes", 0, 0, 0);
}

static void time_is_from_begin_to_end(void **state)
{
    struct machine *m = *state;

    in(m, 0x100, 1);
    m->took = 100;
    in(m, 0x101, 1);
    assert_int_equal(counter(m, &m->recorder.stats.ports, "bytes")->ticks, 107);
    assert_int_equal(last(m)->ticks, 100);
    assert_int_equal(last(m)->tsc, 1007);
    m->took = UINT32_MAX;
    in(m, 0x101, 2);
    assert_int_equal(last(m)->ticks, STATS_UNDER_WAY - 1);
    assert_int_equal(counter(m, &m->recorder.stats.ports, "bytes")->ticks, 107 + 2ull * UINT32_MAX);
}

/* A clock of 0 is none; a restore may stop it, or set it going, within an entry. */
static void a_clock_that_stops_or_starts_takes_no_time(void **state)
{
    struct machine *m = *state;
    const struct reflection restored = { .what = XEN_REFLECT_WHY_RESTORED };

    record_begin(&m->recorder, &restored, 0);
    record_end(&m->recorder, &restored, 0, 5000);
    assert_int_equal(last(m)->ticks, 0);
    record_begin(&m->recorder, &restored, 5000);
    record_end(&m->recorder, &restored, 0, 0);
    assert_int_equal(last(m)->ticks, 0);
    assert_int_equal(m->recorder.stats.entries[XEN_REFLECT_WHY_RESTORED].ticks, 0);
}

static void entries_are_counted_by_their_reason(void **state)
{
    struct machine *m = *state;
    const struct stats_entries *entries = m->recorder.stats.entries;

    in(m, 0x100, 1);
    enter(m, XEN_REFLECT_WHY_EVENT, 0, 0, 0, 1);
    enter(m, XEN_REFLECT_WHY_EVENT, 0, 0, 0, 1);
    enter(m, XEN_REFLECT_WHY_RESTORED, 0, 0, 0, 0);
    assert_int_equal(entries[XEN_REFLECT_WHY_IO].count, 1);
    assert_int_equal(entries[XEN_REFLECT_WHY_EVENT].count, 2);
    assert_int_equal(entries[XEN_REFLECT_WHY_EVENT].ticks, 14);
    assert_int_equal(entries[XEN_REFLECT_WHY_RESTORED].count, 1);
    assert_counted(m, "bytes", 1, 1, 1);
    assert_counted(m, "", 0, 0, 0);
}

/* ---- Claims that come and go -------------------------------------------------------------------------------- */

static void a_block_that_comes_back_counts_on(void **state)
{
    struct machine *m = *state;
    struct io_space *ports = &m->dispatcher.ports;

    in(m, 0x109, 1);
    io_space_remove(ports, 0x108);
    assert_false(counter(m, &m->recorder.stats.ports, "dwords")->claimed);
    in(m, 0x109, 1);
    assert_counted(m, "dwords", 1, 1, 1);
    assert_counted(m, "", 1, 1, 1);
    place(ports, "dwords", 0x108, 4, &dwords);
    in(m, 0x109, 1);
    assert_counted(m, "dwords", 2, 2, 2);
    assert_true(counter(m, &m->recorder.stats.ports, "dwords")->claimed);
}

/* Each keeps its own counters while blocks before and behind it come and go. */
static void counters_follow_their_block(void **state)
{
    struct machine *m = *state;
    struct io_space *ports = &m->dispatcher.ports;

    in(m, 0x108, 1);
    place(ports, "first", 0x80, 1, &bytes);
    place(ports, "last", 0x200, 1, &bytes);
    in(m, 0x108, 1);
    io_space_remove(ports, 0x80);
    in(m, 0x108, 1);
    in(m, 0x200, 1);
    assert_counted(m, "dwords", 3, 3, 3);
    assert_counted(m, "last", 1, 1, 1);
    assert_counted(m, "first", 0, 0, 0);
}

/* A guest moves a window as often as it likes. */
static void old_counters_give_way_to_new_ones(void **state)
{
    struct machine *m = *state;
    struct io_space *ports = &m->dispatcher.ports;

    in(m, 0x108, 1);
    for (uint32_t base = 0x1000; base < 0x1000 + 16 * 500; base += 16) {
        place(ports, "a name of a window beyond all bounds", base, 16, &bytes);
        in(m, base, 1);
        io_space_remove(ports, base);
    }
    place(ports, "moved", 0x5000, 16, &bytes);
    in(m, 0x5000, 1);
    assert_counted(m, "moved", 1, 1, 1);
    assert_counted(m, "dwords", 1, 1, 1);
    assert_counted(m, "bytes", 0, 0, 0);
    assert_non_null(counter(m, &m->recorder.stats.ports, "a name of a win"));
}

static void a_full_space_counts_every_block(void **state)
{
    struct machine *m = *state;
    struct io_space *ports = &m->dispatcher.ports;

    io_space_remove(ports, 0x100);
    io_space_remove(ports, 0x108);
    for (unsigned int i = 0; i < IO_SPACE_REGIONS; i++)
        place(ports, "one of many", 0x1000 + i, 1, &bytes);
    for (unsigned int i = 0; i < IO_SPACE_REGIONS; i++)
        in(m, 0x1000 + i, 1);
    for (unsigned int i = 0; i < IO_SPACE_REGIONS; i++) {
        const struct stats_region *region = at(m, &m->recorder.stats.ports, i);

        assert_string_equal(region->name, "one of many");
        assert_int_equal(region->accesses, 1);
    }
    assert_counted(m, "", 0, 0, 0);
}

/* ---- Requests ----------------------------------------------------------------------------------------------- */

static void a_request_is_written_down_as_it_came(void **state)
{
    struct machine *m = *state;

    enter(m, io(XEN_REFLECT_READ, TYPE_PIO, 1), 0x105, 0, 1, 3);
    assert_int_equal(last(m)->number, 1);
    assert_int_equal(last(m)->what, io(XEN_REFLECT_READ, TYPE_PIO, 1));
    assert_int_equal(last(m)->address, 0x105);
    assert_int_equal(last(m)->data, 0x45);
    assert_int_equal(last(m)->count, 1);
    assert_int_equal(last(m)->vcpu, 3);
    out(m, 0x108, 4, 0x12345678);
    assert_int_equal(last(m)->number, 2);
    assert_int_equal(last(m)->data, 0x12345678);
    enter(m, io(XEN_REFLECT_PTR | XEN_REFLECT_READ, TYPE_PIO, 2), 0x108, 0x100000002000, 9, 0);
    assert_true(last(m)->data == 0x100000002000);
    assert_int_equal(last(m)->count, 9);
}

/* The request that a domain dies of is there. */
static void a_request_is_there_before_it_is_served(void **state)
{
    struct machine *m = *state;

    in(m, 0x100, 1);
    assert_int_equal(m->recorder.stats.generation, 2);
    m->during = m;
    in(m, 0x103, 1);
    assert_int_equal(m->seen.address, 0x103);
    assert_int_equal(m->seen.number, 2);
    assert_int_equal(m->seen.ticks, STATS_UNDER_WAY);
    assert_int_equal(m->seen_generation, 3);
    assert_int_equal(m->recorder.stats.generation, 4);
    assert_int_equal(last(m)->ticks, 7);
}

static void the_ring_keeps_the_last(void **state)
{
    struct machine *m = *state;
    const struct stats_table *table = &m->recorder.stats.requests;

    for (uint32_t i = 1; i <= 2 * STATS_REQUESTS + 10; i++)
        out(m, 0x108, 4, i);
    assert_int_equal(m->recorder.stats.recorded, 2 * STATS_REQUESTS + 10);
    assert_int_equal(table->count, STATS_REQUESTS);
    for (uint32_t n = STATS_REQUESTS + 11; n <= 2 * STATS_REQUESTS + 10; n++) {
        const struct stats_request *request = at(m, table, (n - 1) % STATS_REQUESTS);

        assert_int_equal(request->number, n);
        assert_int_equal(request->data, n);
    }
}

static void numbers_go_on_beyond_32_bits(void **state)
{
    struct machine *m = *state;

    m->recorder.stats.recorded = UINT32_MAX;
    in(m, 0x100, 1);
    assert_true(m->recorder.stats.recorded == 1ull << 32);
    assert_int_equal(m->recorder.requests[STATS_REQUESTS - 1].number, 0);
    in(m, 0x101, 1);
    assert_int_equal(m->recorder.requests[0].number, 1);
}

/* The next one will be at the same place in the guest's memory. */
static void what_a_short_string_writes_is_kept(void **state)
{
    static const uint8_t nothing[STATS_SENT];
    struct machine *m = *state;

    for (unsigned int i = 0; i < 32; i++)
        m->memory.bytes[0x1000 + i] = 0x40 + i;
    rep(m, 0, 0x108, 2, 0x1000, 6);
    assert_memory_equal(last(m)->sent, m->memory.bytes + 0x1000, 12);
    assert_memory_equal(last(m)->sent + 12, nothing, STATS_SENT - 12);
    rep(m, 0, 0x108, 4, 0x1001, 4);
    assert_memory_equal(last(m)->sent, m->memory.bytes + 0x1001, 16);
    rep(m, 0, 0x108, 1, 0x1000, 17);
    assert_memory_equal(last(m)->sent, nothing, STATS_SENT);
    record_begin(&m->recorder, &(struct reflection){
        .what = io(XEN_REFLECT_PTR, TYPE_PIO, 4), .data_low = 0x1000, .count = 0x40000004,     /* 16 bytes in 32 bits */
    }, 0);
    assert_memory_equal(last(m)->sent, nothing, STATS_SENT);
    rep(m, XEN_REFLECT_READ, 0x108, 2, 0x1000, 6);
    assert_memory_equal(last(m)->sent, nothing, STATS_SENT);
    rep(m, XEN_REFLECT_DF, 0x108, 2, 0x1010, 6);
    assert_memory_equal(last(m)->sent, nothing, STATS_SENT);
    out(m, 0x108, 4, 0x1000);
    assert_memory_equal(last(m)->sent, nothing, STATS_SENT);
    rep(m, 0, 0x108, 2, TEST_MEMORY_SIZE, 6);
    assert_memory_equal(last(m)->sent, nothing, STATS_SENT);
}

/* ---- Devices ------------------------------------------------------------------------------------------------ */

static void show(struct machine *m, const char *name, struct gadget *gadget)
{
    record_device(&m->recorder, name, &gadget_state, gadget, sizeof(*gadget));
}

static void devices_are_found_by_their_fields(void **state)
{
    struct machine *m = *state;
    const struct stats *stats = &m->recorder.stats;
    const struct stats_device *device;
    const struct stats_field *field;

    m->gadgets[1].left = 77;
    show(m, "one", &m->gadgets[0]);
    show(m, "two", &m->gadgets[1]);
    assert_int_equal(stats->devices.count, 2);
    device = at(m, &stats->devices, 1);
    assert_string_equal(device->name, "two");
    assert_string_equal(device->type, "gadget");
    assert_int_equal(device->field_count, 4);
    field = at(m, &stats->fields, device->first_field + 1);
    assert_string_equal(field->name, "left");
    assert_int_equal(field->kind, STATE_NUMBER);
    assert_int_equal(field->bytes, 4);
    assert_int_equal(*(const uint32_t *)((const char *)m + device->offset + field->offset), 77);
}

static void devices_of_a_type_share_their_fields(void **state)
{
    struct machine *m = *state;
    const struct stats *stats = &m->recorder.stats;

    show(m, "one", &m->gadgets[0]);
    for (unsigned int i = 1; i < RECORD_DEVICES; i++)
        show(m, "more", &m->gadgets[1]);
    assert_int_equal(stats->fields.count, 4);
    assert_int_equal(((const struct stats_device *)at(m, &stats->devices, RECORD_DEVICES - 1))->first_field, 0);
    expect_assert_failure(show(m, "too many", &m->gadgets[0]));
}

static void a_name_that_does_not_fit_panics(void **state)
{
    struct machine *m = *state;

    expect_assert_failure(show(m, "sixteen letters!", &m->gadgets[0]));
}

static void more_fields_than_fit_panic(void **state)
{
    static const struct state_map crowd = { "crowd", gadget_fields, RECORD_FIELDS + 1 };
    struct machine *m = *state;

    expect_assert_failure(record_device(&m->recorder, "crowd", &crowd, m->gadgets, sizeof(m->gadgets)));
}

static void the_head_says_what_it_is(void **state)
{
    const struct machine *m = *state;
    const struct stats *stats = &m->recorder.stats;

    assert_int_equal(stats->magic, STATS_MAGIC);
    assert_int_equal(stats->version, STATS_VERSION);
    assert_int_equal(stats->bytes, sizeof(*stats));
    assert_int_equal(stats->generation, 0);
    assert_int_equal(stats->recorded, 0);
    assert_int_equal(stats->devices.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(claims_are_there_by_name_and_place, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_access_is_counted_where_it_begins, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_split_access_is_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_element_of_a_string_is_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_nobody_has_is_counted_apart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(time_is_from_begin_to_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_clock_that_stops_or_starts_takes_no_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(entries_are_counted_by_their_reason, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_block_that_comes_back_counts_on, set_up, tear_down),
        cmocka_unit_test_setup_teardown(counters_follow_their_block, set_up, tear_down),
        cmocka_unit_test_setup_teardown(old_counters_give_way_to_new_ones, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_full_space_counts_every_block, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_request_is_written_down_as_it_came, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_request_is_there_before_it_is_served, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_ring_keeps_the_last, set_up, tear_down),
        cmocka_unit_test_setup_teardown(numbers_go_on_beyond_32_bits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_a_short_string_writes_is_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(devices_are_found_by_their_fields, set_up, tear_down),
        cmocka_unit_test_setup_teardown(devices_of_a_type_share_their_fields, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_name_that_does_not_fit_panics, set_up, tear_down),
        cmocka_unit_test_setup_teardown(more_fields_than_fit_panic, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_head_says_what_it_is, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
