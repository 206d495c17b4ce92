/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The console's ring with a far end that does with its page what it likes: bytes and indices of both directions,
 * events, a restored domain with and without a console.  What the firmware writes must be where a far end looks for it,
 * and nothing but its own two indices and its bytes may change.
 */
#include "check.h"
#include "fake_xen.h"
#include "input.h"
#include "support.h"

#include "xen/console.h"

#include <stdlib.h>
#include <xen/hvm/params.h>

#define WRITE_MAX 3000u                     /* beyond either ring */

static struct machine {
    struct event_table events;
    struct console console;
    struct char_listener listener;
    struct xencons_interface *ring;
    struct input *input;
    bool ended;                             /* the ring was found impossible: it stays so */
} m;

static uint8_t page_before[XEN_PAGE_SIZE];

static struct xencons_interface *before(void)
{
    memcpy(page_before, m.ring, XEN_PAGE_SIZE);
    return (struct xencons_interface *)page_before;
}

/* page_before has been made what the page has to be now. */
static void check_page(void)
{
    CHECK(!memcmp(page_before, m.ring, XEN_PAGE_SIZE));
    CHECK(!m.ended || m.console.failed);
    m.ended = m.console.failed;
}

static void write_some(struct input *input)
{
    static uint8_t bytes[WRITE_MAX];
    struct xencons_interface *expected = before();
    size_t length = take_u16(input) % WRITE_MAX, taken;
    uint32_t used = expected->out_prod - expected->out_cons;

    memset(bytes, take_u8(input), sizeof(bytes));
    taken = m.console.backend.ops->write(&m.console.backend, bytes, length);
    if (m.console.failed) {
        CHECK(taken == length && (m.ended || used > sizeof(expected->out)));
    } else {
        CHECK(used <= sizeof(expected->out));
        CHECK(taken == (length < sizeof(expected->out) - used ? length : sizeof(expected->out) - used));
        for (size_t i = 0; i < taken; i++)
            expected->out[MASK_XENCONS_IDX(expected->out_prod++, expected->out)] = (char)bytes[i];
    }
    check_page();
}

static void read_some(struct input *input)
{
    size_t length = take_u16(input) % WRITE_MAX, given;
    uint8_t *bytes = malloc(length);        /* so that a byte too many is seen */
    struct xencons_interface *expected = before();
    uint32_t waiting = expected->in_prod - expected->in_cons;

    given = m.console.backend.ops->read(&m.console.backend, bytes, length);
    if (m.console.failed) {
        CHECK(given == 0 && (m.ended || waiting > sizeof(expected->in)));
    } else {
        CHECK(waiting <= sizeof(expected->in));
        CHECK(given == (length < waiting ? length : waiting));
        for (size_t i = 0; i < given; i++)
            CHECK(bytes[i] == (uint8_t)expected->in[MASK_XENCONS_IDX(expected->in_cons++, expected->in)]);
    }
    free(bytes);
    check_page();
}

static void type(struct input *input)
{
    uint8_t count = take_u8(input);

    for (unsigned int i = 0; i < count; i++)
        m.ring->in[MASK_XENCONS_IDX(m.ring->in_prod++, m.ring->in)] = (char)i;
}

static void print(struct input *input)
{
    m.ring->out_cons += take_u8(input);
}

static void any_index(struct input *input)
{
    XENCONS_RING_IDX *const indices[] = {
        &m.ring->in_cons, &m.ring->in_prod, &m.ring->out_cons, &m.ring->out_prod,
    };
    uint8_t how = take_u8(input);

    *indices[how % 4] = how & 0x80 ? take_u32(input) : *indices[how % 4] + (how >> 2) % 8 - 4;
}

static void event(struct input *input)
{
    fake_xen.pending[take_u8(input) % (XEN_REFLECT_MAX_PORTS / 32)] |= take_u32(input);
    event_dispatch(&m.events);
}

static void restore(struct input *input)
{
    uint8_t how = take_u8(input);

    fake_xen_restore();
    fake_xen.port_error = how & 1 ? -22 : 0;
    if (how & 2)
        fake_xen.params[HVM_PARAM_CONSOLE_EVTCHN] = 0;
    m.ended = how & 3;
    console_resume(&m.console, &m.events);
    CHECK(m.console.failed || !m.ended);
    fake_xen.port_error = 0;
}

static void act(struct input *input)
{
    static void (*const actions[])(struct input *input) = {
        write_some, read_some, type, print, any_index, event, restore,
    };

    actions[take_u8(input) % (sizeof(actions) / sizeof(actions[0]))](input);
}

/* The chip reads and writes when it hears that something has changed. */
static void changed(struct char_listener *listener)
{
    (void)listener;
    read_some(m.input);
    write_some(m.input);
}

static void begin(struct input *input)
{
    static bool started;

    if (!started)
        fake_xen_init();
    started = true;
    memset(fake_xen.ports, 0, sizeof(fake_xen.ports));
    memset(fake_xen.pending, 0, sizeof(fake_xen.pending));
    fake_xen.params[HVM_PARAM_CONSOLE_EVTCHN] = FAKE_CONSOLE_PORT;
    m = (struct machine){ .input = input, .listener.changed = changed };
    m.ring = fake_pointer(fake_xen.params[HVM_PARAM_CONSOLE_PFN] << XEN_PAGE_SHIFT);
    memset(m.ring, 0xee, XEN_PAGE_SIZE);
    m.ring->in_cons = m.ring->in_prod = take_u32(input);
    m.ring->out_cons = m.ring->out_prod = take_u32(input);
    event_table_init(&m.events);
    CHECK(console_init(&m.console, &m.events));
    m.console.backend.listener = &m.listener;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct input input = { bytes, length };

    begin(&input);
    while (input.left)
        act(&input);
    take_log();
    return 0;
}
