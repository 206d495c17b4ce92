/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The PV framebuffer's rings: a far end that writes any event and any index at any time, and takes what there is now
 * and then; a chip that changes its mode and draws anything inside.  A far end that has played by the rules finds in the
 * events that it took all that was drawn: each changed place, in the picture's last shape.  However that went, after a
 * restore the picture arrives.
 */
#include "check.h"
#include "input.h"
#include "support.h"

#include "fake_xen.h"
#include "xen/fbfront.h"

#define FRONTEND "device/vfb/0"
#define BACKEND  "/local/domain/0/backend/vfb/7/0"
#define PAGES    4096u
#define PARTS    128u

enum { OP_PERIOD, OP_ASK, OP_BYTES, OP_INDEX, OP_BELL, OP_SHOW, OP_DRAW, OP_TAKE, OP_TICK, OP_COUNT };

static uint32_t frame_list[PAGES] __attribute__((aligned(4096)));
static const struct video_memory memory = { .length = PAGES * VIDEO_PAGE_BYTES, .frames = frame_list };

static struct machine {
    struct xenstore store;
    struct event_table events;
    struct fbfront front;
    struct display_listener chip;
    struct display_rectangle drawn[PARTS];  /* since it was last asked */
    unsigned int count;
    /* what a well-behaved far end has to hear of */
    struct display_rectangle owed[PARTS];
    unsigned int owed_count;
    struct display_picture known;           /* by the events that were taken */
    bool misbehaved;
    uint64_t ticks;
} m;

/* ---- The chip --------------------------------------------------------------------------------------------------- */

static void owe(const struct display_rectangle *part)
{
    if (m.owed_count == PARTS)
        m.misbehaved = true;                            /* no more is kept in mind */
    else
        m.owed[m.owed_count++] = *part;
}

static void refresh(struct display_listener *listener, bool all)
{
    (void)listener;
    (void)all;
    CHECK(m.front.period_ms && !m.front.failed);
    for (unsigned int i = 0; i < m.count; i++) {
        owe(&m.drawn[i]);
        m.front.backend.ops->changed(&m.front.backend, &m.drawn[i]);
    }
    m.count = 0;
}

static void show(struct input *input)
{
    struct display_picture picture = { .width = take_u16(input) % 1920 + 1, .height = take_u16(input) % 1200 + 1 };

    picture.depth = take_u8(input) & 1 ? 32 : 16;
    picture.stride = picture.width * 4;
    picture.offset = take_u16(input) * 4u;
    m.front.backend.ops->show(&m.front.backend, &picture);
    m.count = m.owed_count = 0;
}

static void draw(struct input *input)
{
    const struct display_picture *picture = &m.front.picture;
    struct display_rectangle part = { take_u16(input) % picture->width, take_u16(input) % picture->height, 0, 0 };

    part.width = take_u16(input) % (picture->width - part.x) + 1;
    part.height = take_u16(input) % (picture->height - part.y) + 1;
    if (m.count < PARTS)
        m.drawn[m.count++] = part;
}

/* ---- The far end ------------------------------------------------------------------------------------------------ */

static struct xenfb_page *page(void)
{
    return (struct xenfb_page *)m.front.page;
}

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

static void put_period(uint32_t period)
{
    XENFB_IN_RING_REF(m.front.page, page()->in_prod).refresh_period =
        (struct xenfb_refresh_period){ XENFB_TYPE_REFRESH_PERIOD, period };
    page()->in_prod++;
}

static void settle(const struct xenfb_update *update)
{
    unsigned int left = 0;

    CHECK(update->x >= 0 && update->y >= 0 && update->width > 0 && update->height > 0);
    CHECK((uint32_t)(update->x + update->width) <= m.known.width);
    CHECK((uint32_t)(update->y + update->height) <= m.known.height);
    for (unsigned int i = 0; i < m.owed_count; i++) {
        const struct display_rectangle *part = &m.owed[i];

        if (part->x < (uint32_t)update->x || part->x + part->width > (uint32_t)(update->x + update->width) ||
            part->y < (uint32_t)update->y || part->y + part->height > (uint32_t)(update->y + update->height))
            m.owed[left++] = *part;
    }
    m.owed_count = left;
}

static bool is_known(void)
{
    const struct display_picture *a = &m.known, *b = &m.front.picture;

    return a->offset == b->offset && a->width == b->width && a->height == b->height && a->stride == b->stride &&
           a->depth == b->depth;
}

static void learn(const struct xenfb_resize *resize)
{
    m.known = (struct display_picture){ (uint32_t)resize->offset, (uint32_t)resize->width, (uint32_t)resize->height,
                                        (uint32_t)resize->stride, resize->depth };
    if (is_known())
        m.owed_count = 0;
}

static void take(void)
{
    uint32_t waiting = page()->out_prod - page()->out_cons;

    if (m.misbehaved || waiting > XENFB_OUT_RING_LEN)
        return;
    for (; page()->out_cons != page()->out_prod; page()->out_cons++) {
        const union xenfb_out_event *event = &XENFB_OUT_RING_REF(m.front.page, page()->out_cons);

        CHECK(event->type == XENFB_TYPE_UPDATE || event->type == XENFB_TYPE_RESIZE);
        if (event->type == XENFB_TYPE_RESIZE)
            learn(&event->resize);
        else
            settle(&event->update);
    }
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
    fake_store_set(FRONTEND "/backend", BACKEND);
    fake_store_set(FRONTEND "/backend-id", "0");
    fake_store_set(BACKEND "/feature-resize", "1");
    fake_store_set(BACKEND "/request-update", "1");
    fake_xen.others = backend;
}

static void init(void)
{
    m = (struct machine){ .chip.refresh = refresh };
    init_xen();
    xenstore_init(&m.store);
    event_table_init(&m.events);
    fbfront_attach(&m.front, &m.store, &m.events, &memory);
    m.front.backend.listener = &m.chip;
    CHECK(m.front.event.port && m.front.wants_updates);
}

static void misbehave(struct input *input)
{
    uint32_t *const indices[] = { &page()->in_prod, &page()->in_cons, &page()->out_prod, &page()->out_cons };

    m.misbehaved = true;
    *indices[take_u8(input) % 4] = take_u32(input);
}

static void step(struct input *input)
{
    switch (take_u8(input) % OP_COUNT) {
    case OP_PERIOD:
        put_period(take_u8(input));
        break;
    case OP_ASK:
        put_period(30);
        ring_bell();
        break;
    case OP_BYTES:
        m.front.page[XENFB_IN_RING_OFFS + take_u16(input) % XENFB_IN_RING_SIZE] = take_u8(input);
        break;
    case OP_INDEX:
        misbehave(input);
        break;
    case OP_BELL:
        ring_bell();
        break;
    case OP_SHOW:
        show(input);
        break;
    case OP_DRAW:
        draw(input);
        break;
    case OP_TAKE:
        take();
        break;
    case OP_TICK:
        m.ticks += take_u16(input);
        fbfront_tick(&m.front, m.ticks, take_u8(input));
        break;
    }
}

/* What was on its way may fill the ring, and what had no room comes after that. */
static void check_all_arrives(void)
{
    for (unsigned int i = 0; i < 3; i++) {
        take();
        put_period(30);
        ring_bell();
    }
    take();
    CHECK(m.misbehaved || m.front.failed || (!m.owed_count && is_known()));
}

static void restore(void)
{
    fake_xen_restore();
    xenstore_init(&m.store);
    fbfront_resume(&m.front);
    CHECK(!m.front.failed && m.front.event.port && !page()->in_prod && !page()->out_prod);
    m.misbehaved = false;
    m.known = (struct display_picture){ 0 };
    m.owed_count = 0;
    check_all_arrives();
    CHECK(is_known());
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct input input = { bytes, length };

    init();
    while (input.left) {
        uint32_t taken = m.front.taken, put = m.front.put;

        step(&input);
        CHECK(m.front.taken - taken <= XENFB_IN_RING_LEN && m.front.put - put <= XENFB_OUT_RING_LEN);
    }
    check_all_arrives();
    restore();
    take_log();
    return 0;
}
