/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The runtime's two ways in: reflex_start(), which hvmloader calls once, and reflect_serve(), which every reflection
 * calls.  Between them they say what there is in this firmware and in which order it comes to life.
 */
#include "backends/blk.h"
#include "board.h"
#include "image/image.h"
#include "ldscripts/memory_map.h"
#include "lib/log.h"
#include "lib/parse.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "reflect/dispatch.h"
#include "reflect/exception.h"
#include "reflect/record.h"
#include "xen/blkfront.h"
#include "xen/clock.h"
#include "xen/console.h"
#include "xen/event.h"
#include "xen/fbfront.h"
#include "xen/grant.h"
#include "xen/guest_memory.h"
#include "xen/hypercall.h"
#include "xen/kbdfront.h"
#include "xen/netfront.h"
#include "xen/power.h"
#include "xen/video_memory.h"
#include "xen/xenbus.h"
#include "xen/xenstore.h"

#include <xen/errno.h>
#include <xen/hvm/hvm_info_table.h>

#define VBD_NAMES_MAX 512
#define VIF_NAMES_MAX 256
#define COUNT_SHADOWED_EVERY 1024u          /* entries: a hypercall for each vCPU */

/* The firmware is one machine: this is all that outlives an entry. */
static struct firmware {
    struct exception_tables exceptions;
    struct xen_guest_memory guest, own;
    struct xen_power power;
    struct clock clock;
    struct xenstore store;
    struct grant_table grants;
    struct event_table events;
    struct console console;
    struct blkfront disks[BOARD_DRIVES];
    struct netfront nics[BOARD_NICS];
    struct kbdfront keyboard;
    struct xen_video_memory video;
    struct fbfront screen;
    struct board board;
    struct recorder recorder;
    uint64_t count_shadowed_at;             /* as recorder.stats.recorded goes */
} firmware;

extern uint8_t image_end[], runtime_end[];
void reflect_entry(void);
int reflex_start(struct reflex_start *start);
uint64_t reflect_serve(const struct reflection *reflection);

const struct reflex_image image __attribute__((section(".image"))) = {
    .magic = REFLEX_IMAGE_MAGIC,
    .version = REFLEX_IMAGE_VERSION,
    .base = RUNTIME_BASE,
    .image_bytes = (uint32_t)image_end - RUNTIME_BASE,
    .memory_bytes = (uint32_t)runtime_end - RUNTIME_BASE,
    .entry = (uint32_t)reflex_start,
    .stack_base = RUNTIME_STACKS,
    .stack_bytes = RUNTIME_STACK_BYTES,
    .stats = (uint32_t)&firmware.recorder.stats - RUNTIME_BASE,
};

/* ---- Start-up ----------------------------------------------------------------------------------------------- */

static int set_up_reflection(struct firmware *fw)
{
    struct xen_reflect_setup setup = {
        .version = XEN_REFLECT_ABI,
        .entry = (uint32_t)reflect_entry,
        .stack = RUNTIME_STACKS + RUNTIME_STACK_BYTES,
        .stack_stride = RUNTIME_STACK_BYTES,
        .gdt_base = (uint32_t)fw->exceptions.gdt,
        .gdt_limit = sizeof(fw->exceptions.gdt) - 1,
        .idt_base = (uint32_t)fw->exceptions.idt,
        .idt_limit = sizeof(fw->exceptions.idt) - 1,
        .nr_gnt_frames = GRANT_FRAMES,
    };

    exception_tables_init(&fw->exceptions);
    return reflect_setup(&setup);
}

/* A disk that does not come up has said why in the log, and is not there for the guest.  What its backend may still
 * hold mapped (pages_lost) is never used for another. */
static void drop_disk(struct blkfront *front)
{
    if (!front->pages_lost)
        memset(front, 0, sizeof(*front));
}

static struct blkfront *free_disk(struct firmware *fw)
{
    for (unsigned int i = 0; i < BOARD_DRIVES; i++)
        if (!fw->disks[i].backend.ops && !fw->disks[i].pages_lost)
            return &fw->disks[i];
    return NULL;
}

static void attach_disk(struct firmware *fw, const char *name, struct board_config *config)
{
    struct blkfront *front = free_disk(fw);
    int position;

    if (!front) {
        log_warning("vbd %s: there are %u drives already", name, BOARD_DRIVES);
        return;
    }
    if (blkfront_attach(front, &fw->store, &fw->grants, &fw->events, name, &fw->guest.memory, &fw->own.memory)) {
        drop_disk(front);
        return;
    }
    position = blkfront_ide_position(front->virtual_device);
    if (position < 0 || config->drives[position]) {
        log_warning("vbd %s: no place for it on the IDE channels", name);
        blkfront_detach(front);
        drop_disk(front);
        return;
    }
    config->drives[position] = &front->backend;
}

/* Not inlined: the names have their stack to themselves. */
static __attribute__((noinline)) void attach_disks(struct firmware *fw, struct board_config *config)
{
    char names[VBD_NAMES_MAX];
    int length = xenbus_list(&fw->store, "vbd", names, sizeof(names));

    if (length < 0) {
        log_error("the list of disks cannot be read from xenstore (error %d)", -length);
        return;
    }
    for (int i = 0; i < length; i += (int)strlen(&names[i]) + 1)
        attach_disk(fw, &names[i], config);
    if (!length)
        log_info("the domain has no disk");
}

/* reflex-qemu leaves the names of the devices that are ours; reflex-dm leaves none, since all are. */
static int read_devices(struct firmware *fw, struct board_config *config)
{
    char names[DEVICE_SET_NAMES_MAX];
    unsigned int set;
    int rc = xenstore_read(&fw->store, "reflex", "devices", names, sizeof(names));

    if (rc == -XEN_ENOENT)
        return 0;
    if (rc >= 0 && device_set_parse(names, &set)) {
        log_info("a device model serves all but: %s", names);
        config->elsewhere = DEVICE_ALL & ~set;
        return 0;
    }
    log_error("reflex/devices in xenstore does not name devices of ours");
    return rc < 0 ? rc : -XEN_EINVAL;
}

/* What reflex-dm has left for us of the domain's configuration; without it, as xl's own default. */
static void read_configuration(struct firmware *fw, struct board_config *config)
{
    char order[16], ports[BOARD_SERIAL_PORTS + 1];

    if (xenstore_read(&fw->store, "reflex", "boot-order", order, sizeof(order)) < 0)
        memcpy(order, "cda", 4);
    board_boot_order(config, order);
    if (xenstore_read(&fw->store, "reflex", "serial-ports", ports, sizeof(ports)) < 0)
        ports[0] = '\0';
    for (const char *digit = ports; *digit; digit++)
        if (*digit >= '1' && *digit < '1' + BOARD_SERIAL_PORTS)
            config->serial_ports[*digit - '1'] = true;
}

/* The lowest number that is a name of a vif and not below `from`. */
static bool next_vif(const char *names, int length, uint64_t from, uint64_t *number)
{
    bool found = false;
    uint64_t n;

    for (int i = 0; i < length; i += (int)strlen(&names[i]) + 1) {
        if (!parse_u64(&names[i], &n) || n > UINT32_MAX || n < from || (found && n > *number))
            continue;
        *number = n;
        found = true;
    }
    return found;
}

/* For devices that this domain has: the image has no such pages.  address: 0 for one of hvmloader's choice. */
static void *take_pages(struct reflex_start *start, uint32_t address, uint32_t pages)
{
    return (void *)((reflex_take_pages *)start->take_pages)(start, address, pages);
}

static void attach_nic(struct firmware *fw, struct reflex_start *start, uint64_t number, unsigned int card,
                       struct board_config *config)
{
    struct netfront *front = &fw->nics[card];
    struct netfront_pages *pages = take_pages(start, 0, NETFRONT_PAGES);
    char name[12];

    format(name, sizeof(name), "%u", (uint32_t)number);
    if (netfront_attach(front, &fw->store, &fw->grants, &fw->events, name, &fw->guest.memory, &fw->own.memory, pages))
        memset(front, 0, sizeof(*front));
    else
        config->nics[card].backend = &front->backend;
}

/* In the order of their numbers, which is that of xl.cfg's. */
static void attach_nics(struct firmware *fw, struct reflex_start *start, struct board_config *config)
{
    char names[VIF_NAMES_MAX];
    int length = xenbus_list(&fw->store, "vif", names, sizeof(names));
    uint64_t number = 0;

    if (length < 0)
        log_error("the list of network interfaces cannot be read from xenstore (error %d)", -length);
    for (unsigned int i = 0; next_vif(names, length, number, &number); i++, number++) {
        if (i == BOARD_NICS) {
            log_warning("vif %u: there are %u network cards already", (uint32_t)number, BOARD_NICS);
            break;
        }
        attach_nic(fw, start, number, i, config);
    }
}

static bool boots_from_network(const struct board_config *config)
{
    for (unsigned int i = 0; i < BOARD_BOOT_DEVICES; i++)
        if (config->boot[i] == CMOS_BOOT_NETWORK)
            return true;
    return false;
}

/* A copy of the expansion ROM for the device with these IDs, for a domain that may boot from it: the others save the
 * memory, and the time that the ROM takes. */
static struct pci_rom copy_rom(struct reflex_start *start, uint32_t id)
{
    struct pci_rom rom = pci_rom_find((const uint8_t *)start->roms, start->roms_bytes, id);
    uint8_t *copy = take_pages(start, 0, (rom.length + XEN_PAGE_SIZE - 1) >> XEN_PAGE_SHIFT);

    memcpy(copy, rom.image, rom.length);
    return (struct pci_rom){ copy, rom.length };
}

/* All cards are of one model, the first unless reflex-dm has left another's name. */
static void equip_nics(struct firmware *fw, struct reflex_start *start, struct board_config *config)
{
    static const struct model {
        const char *name;
        enum board_nic_model model;
        uint32_t id;                            /* of the PCI function */
    } models[] = { { "e1000", BOARD_NIC_E1000, 0x100e8086 }, { "rtl8139", BOARD_NIC_RTL8139, 0x813910ec } };
    const struct model *model = &models[0];
    struct pci_rom rom = { .length = 0 };
    char name[16];

    if (xenstore_read(&fw->store, "reflex", "network-card", name, sizeof(name)) >= 0 && !strcmp(name, models[1].name))
        model = &models[1];
    if (config->nics[0].backend && boots_from_network(config))
        rom = copy_rom(start, model->id);
    for (unsigned int i = 0; i < BOARD_NICS; i++) {
        config->nics[i].model = model->model;
        config->nics[i].rom = rom.image;
        config->nics[i].rom_length = rom.length;
    }
}

/* A domain whose xl.cfg asks for one has a display adapter, whether or not anybody can look at it.  libxl has left
 * xl.cfg's videoram out of what it populated, which is for the aperture; but all that is taken comes out of the same
 * allotment, so that by now some of the aperture's pages may be the guest's last ones. */
static void attach_display(struct firmware *fw, struct reflex_start *start, struct board_config *config)
{
    char kind[8];

    if (xenstore_read(&fw->store, "reflex", "display", kind, sizeof(kind)) < 0)
        return;
    fw->video = (struct xen_video_memory){
        .guest = &fw->guest.memory, .home = gpa_of(take_pages(start, 0, VIDEO_HOME_PAGES)), .window = VIDEO_WINDOW,
        .end = PCI_HOLE_END,
    };
    xen_video_memory_init(&fw->video, take_pages(start, VIDEO_APERTURE, VIDEO_MEMORY_PAGES));
    fbfront_attach(&fw->screen, &fw->store, &fw->events, &fw->video.memory);
    config->video = &fw->video.memory;
    config->display = &fw->screen.backend;
    config->vgabios = copy_rom(start, VGA_PCI_ID);
}

/* When no more pages are taken, which may be the guest's last. */
static void init_memory(struct firmware *fw, const struct reflex_start *start, struct board_config *config)
{
    config->ram_below_4g = start->low_memory_end;
    config->ram_above_4g = start->high_memory_end ? start->high_memory_end - (1ull << 32) : 0;
    xen_guest_memory_init(&fw->guest, start->low_memory_end, start->high_memory_end);
    xen_firmware_memory_init(&fw->own, RUNTIME_BASE, (uint32_t)runtime_end - RUNTIME_BASE);
}

static void describe_keyboard(struct firmware *fw)
{
    if (fw->keyboard.store)
        record_keyboard(&fw->recorder, fw->keyboard.page, kbdfront_dom0_port(&fw->keyboard));
}

/* What dom0 can see.  Disks and interfaces are called by what their places in xenstore end in. */
static void describe(struct firmware *fw)
{
    struct recorder *recorder = &fw->recorder;

    record_init(recorder, (const void *)RUNTIME_BASE, &fw->board.dispatcher);
    recorder->stats.tsc_khz = tsc_khz();
    board_describe(&fw->board, recorder);
    if (fw->console.backend.ops)
        record_device(recorder, "console", &console_state, &fw->console, sizeof(fw->console));
    if (fw->keyboard.store)
        record_device(recorder, "vkbd", &kbdfront_state, &fw->keyboard, sizeof(fw->keyboard));
    describe_keyboard(fw);
    if (fw->video.memory.ops)
        record_device(recorder, "video memory", &xen_video_memory_state, &fw->video, sizeof(fw->video));
    if (fw->screen.store)
        record_device(recorder, "vfb", &fbfront_state, &fw->screen, sizeof(fw->screen));
    for (unsigned int i = 0; i < BOARD_DRIVES; i++) {
        const struct blkfront *disk = &fw->disks[i];
        char name[STATS_NAME];

        if (!disk->backend.ops)
            continue;
        format(name, sizeof(name), "vbd/%u", disk->virtual_device);
        record_device(recorder, name, &blkfront_state, disk, sizeof(*disk));
    }
    for (unsigned int i = 0; i < BOARD_NICS; i++) {
        const struct netfront *nic = &fw->nics[i];

        if (nic->backend.ops)               /* its directory is device/vif/<number> */
            record_device(recorder, nic->bus.frontend + strlen("device/"), &netfront_state, nic, sizeof(*nic));
    }
}

static void attach_console(struct firmware *fw, struct board_config *config)
{
    if (console_init(&fw->console, &fw->events))
        config->serial = &fw->console.backend;
    else
        log_warning("the domain has no console: the serial port is unplugged");
}

/* Of a keyboard controller that is elsewhere, the keyboard is, too. */
static void attach_keyboard(struct firmware *fw, struct board_config *config)
{
    kbdfront_attach(&fw->keyboard, &fw->store, &fw->grants, &fw->events);
    config->input = &fw->keyboard.backend;
}

/* Called on hvmloader's stack, in its mode, while it is idle between two xenstore requests.  REFLEX_STARTED_*, or a
 * negative errno with the reason in the log: the devices then stay with whoever else serves them. */
int reflex_start(struct reflex_start *start)
{
    struct firmware *fw = &firmware;
    struct board_config config = {
        .guest = &fw->guest.memory,
        .power = &fw->power.power,
        .clock = &fw->clock,
        .vcpus = start->vcpus,
    };
    int rc;

    if (!hypercall_init()) {
        log_error("no Xen hypercalls here");
        return -XEN_ENOSYS;
    }
    memcpy(config.vcpus_online, ((const struct hvm_info_table *)HVM_INFO_PADDR)->vcpu_online,
           sizeof(config.vcpus_online));
    xen_power_init(&fw->power);
    xen_clock_init(&fw->clock);
    event_table_init(&fw->events);

    rc = xenstore_init(&fw->store);
    if (!rc)
        rc = grant_init(&fw->grants, GRANT_FRAMES, RUNTIME_GRANTS >> XEN_PAGE_SHIFT);
    if (!rc)
        rc = set_up_reflection(fw);
    if (!rc)
        rc = read_devices(fw, &config);
    if (rc) {
        log_error("cannot set up reflection (error %d)", -rc);
        return rc;
    }

    if (!(config.elsewhere & DEVICE_SERIAL))
        attach_console(fw, &config);
    if (!(config.elsewhere & DEVICE_IDE))
        attach_disks(fw, &config);
    read_configuration(fw, &config);
    if (!(config.elsewhere & DEVICE_CHIPSET)) {
        attach_keyboard(fw, &config);
        attach_nics(fw, start, &config);
        equip_nics(fw, start, &config);
        attach_display(fw, start, &config);
    }
    init_memory(fw, start, &config);
    board_init(&fw->board, &config);
    describe(fw);

    rc = reflect_lock();
    if (rc) {
        log_error("cannot lock the interface (error %d)", -rc);
        return rc;
    }
    log_info("serving %u register blocks", fw->board.dispatcher.ports.count + fw->board.dispatcher.pci.count);
    fw->recorder.stats.serving = 1;
    return config.elsewhere ? REFLEX_STARTED_BESIDE : REFLEX_STARTED;
}

/* ---- After a restore ---------------------------------------------------------------------------------------- */

/* What other domains had given us is gone with the domain that was saved, and its guest has yet to run: nobody else
 * is on the xenstore ring.  A disk that does not come back answers every request with an error. */
static void reconnect(struct firmware *fw)
{
    int rc;

    shadow_restored(&fw->board.shadows);
    fw->recorder.stats.tsc_khz = tsc_khz();
    rc = xenstore_init(&fw->store);
    if (!rc)
        rc = grant_init(&fw->grants, GRANT_FRAMES, RUNTIME_GRANTS >> XEN_PAGE_SHIFT);
    if (rc)
        give_up("neither xenstore nor grants after the restore (error %d)", -rc);
    if (fw->console.backend.ops)            /* there was one at start-up */
        console_resume(&fw->console, &fw->events);
    for (unsigned int i = 0; i < BOARD_DRIVES; i++)
        if (fw->disks[i].backend.ops)
            blkfront_resume(&fw->disks[i]);
    for (unsigned int i = 0; i < BOARD_NICS; i++)
        if (fw->nics[i].backend.ops)
            netfront_resume(&fw->nics[i]);
    if (fw->keyboard.store) {
        kbdfront_resume(&fw->keyboard);
        describe_keyboard(fw);
    }
    if (fw->screen.store)
        fbfront_resume(&fw->screen);
}

/* ---- One reflection ----------------------------------------------------------------------------------------- */

static uint64_t serve(struct firmware *fw, const struct reflection *reflection)
{
    switch (reflection->what & XEN_REFLECT_WHY_MASK) {
    case XEN_REFLECT_WHY_IO:
        return board_access(&fw->board, reflection);
    case XEN_REFLECT_WHY_EVENT:
        event_dispatch(&fw->events);
        return 0;
    case XEN_REFLECT_WHY_RESTORED:
        reconnect(fw);
        return 0;
    default:
        panic("entered for an unknown reason (0x%x)", reflection->what);
    }
}

static uint64_t now(const struct firmware *fw)
{
    return fw->recorder.stats.tsc_khz ? __builtin_ia32_rdtsc() : 0;
}

static void count_shadowed(struct firmware *fw)
{
    struct stats *stats = &fw->recorder.stats;

    if (stats->recorded < fw->count_shadowed_at)
        return;
    fw->count_shadowed_at = stats->recorded + COUNT_SHADOWED_EVERY;
    if (shadow_count(&stats->shadowed))
        stats->shadowed_at = stats->recorded;
}

/* Writes that Xen has kept for us, in their order, before what comes after them. */
static void serve_waiting(struct firmware *fw)
{
    struct xen_reflect_write write;

    while (shadow_next_write(&fw->board.shadows, &write)) {
        struct reflection access = dispatch_waited(&write);

        record_begin(&fw->recorder, &access, now(fw));
        board_access(&fw->board, &access);
        record_end(&fw->recorder, &access, 0, now(fw));
    }
}

uint64_t reflect_serve(const struct reflection *reflection)
{
    struct firmware *fw = &firmware;
    uint64_t data;

    serve_waiting(fw);
    record_begin(&fw->recorder, reflection, now(fw));
    data = serve(fw, reflection);
    fbfront_tick(&fw->screen, now(fw), fw->recorder.stats.tsc_khz);
    shadow_settle(&fw->board.shadows);
    count_shadowed(fw);
    record_end(&fw->recorder, reflection, data, now(fw));
    serve_waiting(fw);                      /* of other vCPUs, judged by what was true before this entry */
    return data;
}
