/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * stats_image FOLDER: the firmware's memory as dom0 finds it, made by the real board with a PV disk, the console, a
 * keyboard for dom0 and, beside it, a display adapter, on a simulated hypervisor.  running.img after some use of each
 * chip, with a DMA read that the backend has not answered; crashed.img when the next request never comes to its end.
 */
#include "fake_blkback.h"
#include "fake_xen.h"
#include "support.h"
#include "vga_host.h"

#include <stdio.h>
#include <stdlib.h>

#include <xen/hvm/params.h>

#include "board.h"
#include "image/image.h"
#include "xen/blkfront.h"
#include "xen/console.h"
#include "xen/guest_memory.h"
#include "xen/kbdfront.h"

#define TABLE  FAKE_RAM_START
#define BUFFER (FAKE_RAM_START + 0x10000)

#define BUS_MASTER 0xc000u
#define TICKS      500u                     /* of each step, at 1 GHz */

static struct machine {
    struct reflex_image image;              /* first, as in the runtime */
    struct recorder recorder;
    struct board board;
    struct blkfront disk;
    struct console console;
    struct kbdfront keyboard;
    struct event_table events;
    struct vga_host display;
    uint64_t now;
} machine __attribute__((aligned(4096)));

static struct xenstore store;
static struct grant_table grants;
static struct xen_guest_memory guest, own;
static struct fake_blkback back;
static struct recorded_power power;

/* ---- The machine -------------------------------------------------------------------------------------------- */

static void connect(struct machine *m)
{
    fake_xen_init();
    xenstore_init(&store);
    grant_init(&grants, FAKE_OWN_FRAMES, fake_grant_gfn());
    event_table_init(&m->events);
    xen_guest_memory_init(&guest, FAKE_RAM_END, 0);
    guest.ranges[1].start = FAKE_RAM_START; /* below it lies this program, which is the firmware */
    xen_firmware_memory_init(&own, gpa_of(m), sizeof(*m));
    fake_blkback_init(&back, "768", 768);
    recorded_power_init(&power);
    assert_int_equal(blkfront_attach(&m->disk, &store, &grants, &m->events, "768", &guest.memory, &own.memory), 0);
    assert_true(console_init(&m->console, &m->events));
    kbdfront_attach(&m->keyboard, &store, &grants, &m->events);
    vga_host_init(&m->display);
}

static void build(struct machine *m)
{
    struct board_config config = {
        .drives = { &m->disk.backend }, .serial = &m->console.backend, .guest = &guest.memory, .power = &power.power,
        .input = &m->keyboard.backend, .vcpus = 2, .ram_below_4g = 512u << 20,
    };

    connect(m);
    board_init(&m->board, &config);
    record_init(&m->recorder, m, &m->board.dispatcher);
    board_describe(&m->board, &m->recorder);
    record_device(&m->recorder, "console", &console_state, &m->console, sizeof(m->console));
    record_device(&m->recorder, "vbd/768", &blkfront_state, &m->disk, sizeof(m->disk));
    record_device(&m->recorder, "vkbd", &kbdfront_state, &m->keyboard, sizeof(m->keyboard));
    record_keyboard(&m->recorder, m->keyboard.page, kbdfront_dom0_port(&m->keyboard));
    record_device(&m->recorder, "vga", &vga_state, &m->display.vga, sizeof(m->display.vga));
    m->recorder.stats.tsc_khz = 1000000;
    m->recorder.stats.serving = 1;
    m->image = (struct reflex_image){
        .magic = REFLEX_IMAGE_MAGIC, .version = REFLEX_IMAGE_VERSION, .base = gpa_of(m),
        .memory_bytes = (sizeof(*m) + 4095) & ~4095u,
        .stats = (uint32_t)((uintptr_t)&m->recorder.stats - (uintptr_t)m),
    };
}

/* ---- Entries ------------------------------------------------------------------------------------------------ */

static uint64_t enter(struct machine *m, uint32_t what, uint32_t address, uint32_t data, uint32_t count)
{
    struct reflection reflection = {
        .what = what, .address_low = address, .data_low = data, .count = count, .vcpu = 1,
    };
    uint64_t answer = 0;

    record_begin(&m->recorder, &reflection, m->now += TICKS);
    if ((what & XEN_REFLECT_WHY_MASK) == XEN_REFLECT_WHY_IO)
        answer = board_access(&m->board, &reflection);
    else
        event_dispatch(&m->events);
    record_end(&m->recorder, &reflection, answer, m->now += TICKS);
    return answer;
}

static uint32_t io(uint32_t flags, unsigned int size)
{
    return XEN_REFLECT_WHY_IO | flags | size << XEN_REFLECT_SIZE_SHIFT;
}

static void in(struct machine *m, uint32_t port, unsigned int size)
{
    enter(m, io(XEN_REFLECT_READ, size), port, 0, 1);
}

static void out(struct machine *m, uint32_t port, unsigned int size, uint32_t value)
{
    enter(m, io(0, size), port, value, 1);
}

/* ---- Use ---------------------------------------------------------------------------------------------------- */

/* The IDE function decodes its ports and masters the bus. */
static void set_up_ide(struct machine *m)
{
    static const struct { uint8_t reg, size; uint32_t value; } writes[] = {
        { 0x40, 2, 0x8000 }, { 0x20, 4, BUS_MASTER | 1 }, { 0x04, 2, 0x0005 },
    };

    for (unsigned int i = 0; i < sizeof(writes) / sizeof(writes[0]); i++) {
        out(m, 0xcf8, 4, 0x80000900u | writes[i].reg);
        out(m, 0xcfc, writes[i].size, writes[i].value);
    }
}

/* Text of 80 columns, and the cursor in column 7 of row 1. */
static void show_text(struct machine *m)
{
    vga_set_mode(&m->display, 3);
    vga_out_indexed(&m->display, 0x3d4, CRTC_CURSOR_HIGH, 0);
    vga_out_indexed(&m->display, 0x3d4, CRTC_CURSOR_LOW, 87);
}

static void print_to_serial(struct machine *m)
{
    out(m, 0x3fb, 1, 0x83);
    out(m, 0x3f8, 1, 1);
    out(m, 0x3fb, 1, 0x03);
    out(m, 0x3f8, 1, 'H');
    in(m, 0x3fd, 1);
}

static void identify(struct machine *m)
{
    out(m, 0x1f6, 1, 0xa0);
    out(m, 0x1f7, 1, 0xec);
    in(m, 0x1f7, 1);
    enter(m, io(XEN_REFLECT_READ | XEN_REFLECT_PTR, 2), 0x1f0, BUFFER, 256);
}

static void begin_dma(struct machine *m)
{
    const uint32_t descriptor[2] = { BUFFER, 0x80000000 | 8 * 512 };

    memcpy(fake_pointer(TABLE), descriptor, sizeof(descriptor));
    out(m, BUS_MASTER + 4, 4, TABLE);
    out(m, 0x1f6, 1, 0xe0);
    out(m, 0x1f2, 1, 8);
    out(m, 0x1f3, 1, 0x00);
    out(m, 0x1f4, 1, 0x08);
    out(m, 0x1f5, 1, 0x00);
    out(m, 0x1f7, 1, 0xc8);
    out(m, BUS_MASTER, 1, 0x09);
}

static void save(const struct machine *m, const char *folder, const char *name)
{
    static const uint8_t padding[4096];
    char path[4096];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s.img", folder, name);
    file = fopen(path, "wb");
    if (!file || fwrite(m, sizeof(*m), 1, file) != 1 ||
        fwrite(padding, m->image.memory_bytes - sizeof(*m), 1, file) > 1 || fclose(file)) {
        perror(path);
        exit(1);
    }
}

int main(int argc, char *argv[])
{
    struct machine *m = &machine;
    const struct reflection last = { .what = io(XEN_REFLECT_READ, 1), .address_low = 0x1f7, .count = 1 };

    if (argc != 2)
        return 2;
    build(m);
    set_up_ide(m);
    show_text(m);
    print_to_serial(m);
    identify(m);
    begin_dma(m);
    fake_blkback_take(&back);               /* and never answers */
    enter(m, XEN_REFLECT_WHY_EVENT, 0, 0, 0);
    save(m, argv[1], "running");
    record_begin(&m->recorder, &last, m->now += TICKS);
    save(m, argv[1], "crashed");
    return 0;
}
