/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The PV keyboard's ring, with the real keyboard and mouse behind it: a far end that writes any event and any index at
 * any time, and a guest that reads now and then.  The first byte says whose ring it is, a backend's or dom0's.
 * However that went, after a restore keys arrive.
 */
#include "check.h"
#include "input.h"
#include "support.h"

#include "devices/i8042/i8042.h"
#include "devices/i8042/ps2_keyboard.h"
#include "devices/i8042/ps2_mouse.h"
#include "fake_xen.h"
#include "input.h"
#include "xen/kbdfront.h"

#define FRONTEND "device/vkbd/0"
#define BACKEND  "/local/domain/3/backend/vinput/7/0"
#define OUTPUT_FULL 0x01

enum { OP_EVENT, OP_BYTES, OP_PUT, OP_INDEX, OP_BELL, OP_READ, OP_COUNT };

static struct machine {
    struct xenstore store;
    struct grant_table grants;
    struct event_table events;
    struct kbdfront front;
    struct i8042 i8042;
    struct ps2_keyboard keyboard;
    struct ps2_mouse mouse;
    struct recorded_line irq1, irq12;
    struct recorded_power power;
} m;

/* ---- The far end ------------------------------------------------------------------------------------------------ */

static struct xenkbd_page *page(void)
{
    return (struct xenkbd_page *)m.front.page;
}

/* A backend that follows its frontend. */
static void backend(void *owner)
{
    const char *state = fake_store_get(FRONTEND "/state");

    (void)owner;
    fake_store_set(BACKEND "/state", state && *state == '0' + XenbusStateInitialising ? "2" : "4");
}

static void ring_bell(void)
{
    fake_send(m.front.event.port);
    event_dispatch(&m.events);
}

static void put_event(struct input *input)
{
    union xenkbd_in_event *event = &XENKBD_IN_RING_REF(m.front.page, page()->in_prod);

    *event = (union xenkbd_in_event){ .key = { .type = XENKBD_TYPE_KEY } };
    if (take_u8(input) & 1) {
        event->key.pressed = take_u8(input) & 1;
        event->key.keycode = take_u16(input) % (BTN_EXTRA + 8);
    } else {
        event->motion = (struct xenkbd_motion){ XENKBD_TYPE_MOTION, (int32_t)take_u32(input), (int32_t)take_u32(input),
                                                (int32_t)take_u32(input) };
    }
    page()->in_prod++;
}

static void put_bytes(struct input *input)
{
    uint8_t *bytes = (uint8_t *)XENKBD_IN_RING(m.front.page) + take_u16(input) % XENKBD_IN_RING_SIZE;

    *bytes = take_u8(input);
}

/* ---- The guest -------------------------------------------------------------------------------------------------- */

static void write_mouse(uint8_t value)
{
    i8042_command_ops.write(&m.i8042, 0, IO_BYTE, 0xd4);
    i8042_data_ops.write(&m.i8042, 0, IO_BYTE, value);
}

static uint8_t status(void)
{
    return (uint8_t)i8042_command_ops.read(&m.i8042, 0, IO_BYTE);
}

static uint8_t data_byte(void)
{
    return (uint8_t)i8042_data_ops.read(&m.i8042, 0, IO_BYTE);
}

static void drain(void)
{
    for (unsigned int count = 0; status() & OUTPUT_FULL; count++) {
        data_byte();
        CHECK(count < 64);
    }
}

static void plug_in(void)
{
    recorded_line_init(&m.irq1);
    recorded_line_init(&m.irq12);
    recorded_power_init(&m.power);
    ps2_keyboard_init(&m.keyboard, &m.front.backend);
    ps2_mouse_init(&m.mouse, &m.front.backend);
    i8042_init(&m.i8042, &m.keyboard.device, &m.mouse.device, &m.irq1.line, &m.irq12.line, &m.power.power);
    i8042_command_ops.write(&m.i8042, 0, IO_BYTE, 0x60);
    i8042_data_ops.write(&m.i8042, 0, IO_BYTE, 0x47);
    write_mouse(0xf4);
    i8042_data_ops.write(&m.i8042, 0, IO_BYTE, 0xf4);
    drain();
}

/* ---- One execution ---------------------------------------------------------------------------------------------- */

/* Of the simulated hypervisor only what was used: all of its RAM would take most of the time. */
static void init_xen(void)
{
    static bool begun;

    if (!begun)
        fake_xen_init();
    begun = true;
    fake_xen_restore();
    memset(fake_xen.ports, 0, sizeof(fake_xen.ports));
    fake_store_forget("device");
    fake_xen.others = NULL;
}

static void init(bool for_dom0)
{
    m = (struct machine){ .irq1.high = false };
    init_xen();
    xenstore_init(&m.store);
    grant_init(&m.grants, FAKE_OWN_FRAMES, fake_grant_gfn());
    event_table_init(&m.events);
    if (!for_dom0) {
        fake_store_set(FRONTEND "/backend", BACKEND);
        fake_store_set(FRONTEND "/backend-id", "3");
        fake_xen.others = backend;
    }
    kbdfront_attach(&m.front, &m.store, &m.grants, &m.events);
    CHECK(!m.front.failed && m.front.for_dom0 == for_dom0);
    plug_in();
}

static void step(struct input *input)
{
    switch (take_u8(input) % OP_COUNT) {
    case OP_EVENT:
        put_event(input);
        break;
    case OP_BYTES:
        put_bytes(input);
        break;
    case OP_PUT:
        page()->in_prod += take_u8(input) % (XENKBD_IN_RING_LEN + 1);
        break;
    case OP_INDEX:
        *(take_u8(input) & 1 ? &page()->in_prod : &page()->in_cons) = take_u32(input);
        break;
    case OP_BELL:
        ring_bell();
        break;
    case OP_READ:
        data_byte();
        break;
    }
}

static void check(uint32_t before)
{
    CHECK(m.front.taken - before <= XENKBD_IN_RING_LEN);
    CHECK(!m.front.failed || m.front.taken == before);
}

static void restore(void)
{
    fake_xen_restore();
    xenstore_init(&m.store);
    grant_init(&m.grants, FAKE_OWN_FRAMES, fake_grant_gfn());
    kbdfront_resume(&m.front);
    CHECK(!m.front.failed && !page()->in_prod);
    drain();
    XENKBD_IN_RING_REF(page(), 0).key = (struct xenkbd_key){ XENKBD_TYPE_KEY, 1, KEY_A };
    page()->in_prod = 1;
    ring_bell();
    CHECK(page()->in_cons == 1 && data_byte() == 0x1e);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct input input = { bytes, length };

    init(take_u8(&input) & 1);
    while (input.left) {
        uint32_t before = m.front.taken;

        step(&input);
        check(before);
    }
    restore();
    take_log();
    return 0;
}
