/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The legacy window as RAM.  In the modes in which it makes no difference, pages of RAM are shown there, and the guest
 * works on them without us.  While such a view is open its pages are what counts, and the memory behind is brought up
 * to date when the view is closed, or the picture looked at:
 *
 *   PAIRS   odd/even addressing of planes 0 and 1, which is text, and the CGA's four colours: each pair of bytes is an
 *           address of the two planes.
 *   LINEAR  chain 4, and the display interface's banks: the bytes of the memory.  A second copy, in the window's pages
 *           that are hidden then, tells what the guest has written, so that nothing else that the memory has got
 *           meanwhile is overwritten with older bytes.
 *
 * A text screen is not written back when the display interface is switched on: by then a driver may have begun to put
 * its picture into the aperture.
 */
#include "devices/vga/internal.h"

#define ALL_PAGES      0xffffffffu
#define LINEAR_PAGES   16u                  /* 64 KiB */
#define PAIRS_PAGES    8u
#define COPY_PAGE      16u                  /* where LINEAR's second copy begins */

static uint32_t page_mask(uint32_t first, uint32_t pages)
{
    return pages == VIDEO_WINDOW_PAGES ? ALL_PAGES : ((1u << pages) - 1) << first;
}

static uint32_t decoded_pages(const struct vga *vga)
{
    if (!vga->decodes_memory || !(vga->regs.misc & MISC_ERAM))
        return 0;
    if (vga_dispi_enabled(vga) && vga->regs.dispi[DISPI_BPP] >= 8)
        return page_mask(0, LINEAR_PAGES);
    switch (vga->regs.graphics[GFX_MISC] >> 2 & 3) {
    case 0:
        return ALL_PAGES;
    case 1:
        return page_mask(0, 16);
    case 2:
        return page_mask(16, 8);
    default:
        return page_mask(24, 8);
    }
}

/* What the processor writes reaches the chosen planes as it is, and what it reads is theirs. */
static bool is_plain(const struct vga_registers *regs)
{
    const uint8_t *graphics = regs->graphics;

    return !graphics[GFX_ENABLE_SET_RESET] && !graphics[GFX_DATA_ROTATE] && graphics[GFX_BIT_MASK] == 0xff &&
           !(graphics[GFX_MODE] & (MODE_WRITE_MODE | MODE_RM));
}

static bool is_chain_4(const struct vga_registers *regs)
{
    return regs->sequencer[SEQ_MEMORY_MODE] & MEMORY_CH4 && regs->sequencer[SEQ_MAP_MASK] == 0xf;
}

static bool is_pairs(const struct vga_registers *regs)
{
    return !(regs->sequencer[SEQ_MEMORY_MODE] & (MEMORY_CH4 | MEMORY_OE)) && regs->sequencer[SEQ_MAP_MASK] == 0x3 &&
           regs->graphics[GFX_MODE] & MODE_OE && regs->graphics[GFX_MISC] & MISC_CHAIN_OE &&
           !(regs->graphics[GFX_READ_MAP_SELECT] & 2);
}

static struct vga_view wanted(const struct vga *vga)
{
    const struct vga_registers *regs = &vga->regs;
    struct vga_view view = { .decoded = decoded_pages(vga) };
    bool at_a0000 = view.decoded == page_mask(0, 16);

    if (vga_dispi_enabled(vga)) {
        if (at_a0000 && regs->dispi[DISPI_BPP] >= 8 && !(regs->dispi[DISPI_ENABLE] & DISPI_LFB_ENABLED)) {
            view.kind = VGA_VIEW_LINEAR;
            view.offset = (uint32_t)regs->dispi[DISPI_BANK] << 16;
        }
    } else if (is_plain(regs)) {
        if (at_a0000 && is_chain_4(regs))
            view.kind = VGA_VIEW_LINEAR;
        else if (vga_run(view.decoded) == PAIRS_PAGES && is_pairs(regs))
            view.kind = VGA_VIEW_PAIRS;
    }
    if (view.kind != VGA_VIEW_NONE) {
        view.first = __builtin_ctz(view.decoded);
        view.pages = vga_run(view.decoded);
    }
    return view;
}

/* Both kinds of pages in runs, for moving a run costs hardly more than moving a page. */
static void set_shown(struct vga *vga, uint32_t pages, bool show)
{
    const struct video_memory_ops *ops = vga->memory->ops;

    pages &= show ? ~vga->shown_pages : vga->shown_pages;
    vga->shown_pages ^= pages;
    while (pages) {
        uint32_t first = __builtin_ctz(pages), count = vga_run(pages);

        if (show)
            ops->show(vga->memory, first, count);
        else
            ops->hide(vga->memory, first, count);
        pages &= ~page_mask(first, count);
    }
}

static void load_pairs(struct vga *vga)
{
    uint16_t *pairs = vga->memory->ops->window(vga->memory, vga->view.first);
    const uint32_t *memory = (const uint32_t *)vga->memory->bytes;

    for (uint32_t i = 0; i < PAIRS_PAGES * VIDEO_PAGE_BYTES / 2; i++)
        pairs[i] = memory[i];
}

static void sync_pairs(struct vga *vga)
{
    const uint16_t *pairs = vga->memory->ops->window(vga->memory, vga->view.first);
    uint32_t *memory = (uint32_t *)vga->memory->bytes;

    for (uint32_t i = 0; i < PAIRS_PAGES * VIDEO_PAGE_BYTES / 2; i++) {
        uint32_t planes = (memory[i] & 0xffff0000) | pairs[i];

        if (planes != memory[i]) {
            memory[i] = planes;
            vga_touch(vga, 4 * i);
        }
    }
}

static void load_linear(struct vga *vga)
{
    uint32_t *window = vga->memory->ops->window(vga->memory, vga->view.first);
    uint32_t *copy = vga->memory->ops->window(vga->memory, COPY_PAGE);
    const uint32_t *memory = (const uint32_t *)&vga->memory->bytes[vga->view.offset];

    for (uint32_t i = 0; i < LINEAR_PAGES * VIDEO_PAGE_BYTES / 4; i++)
        window[i] = copy[i] = memory[i];
}

static void sync_linear(struct vga *vga)
{
    const uint32_t *window = vga->memory->ops->window(vga->memory, vga->view.first);
    uint32_t *copy = vga->memory->ops->window(vga->memory, COPY_PAGE);
    uint32_t *memory = (uint32_t *)&vga->memory->bytes[vga->view.offset];

    for (uint32_t i = 0; i < LINEAR_PAGES * VIDEO_PAGE_BYTES / 4; i++) {
        uint32_t value = window[i];

        if (value != copy[i]) {
            copy[i] = memory[i] = value;
            vga_touch(vga, vga->view.offset + 4 * i);
        }
    }
}

void vga_view_sync(struct vga *vga)
{
    if (vga->view.kind == VGA_VIEW_PAIRS)
        sync_pairs(vga);
    else if (vga->view.kind == VGA_VIEW_LINEAR)
        sync_linear(vga);
}

static bool same(const struct vga_view *a, const struct vga_view *b)
{
    return a->kind == b->kind && a->first == b->first && a->pages == b->pages && a->offset == b->offset &&
           a->decoded == b->decoded;
}

/* Pages that are in nobody's way stay shown, so that loading a font between two letters moves less.  What has to leave
 * leaves before the last look at it. */
void vga_view_update(struct vga *vga)
{
    struct vga_view next = wanted(vga);
    uint32_t shown = next.pages ? page_mask(next.first, next.pages) : 0;
    uint32_t hidden = next.decoded ? next.decoded & ~shown : ALL_PAGES;

    if (next.kind == VGA_VIEW_LINEAR)
        hidden |= page_mask(COPY_PAGE, LINEAR_PAGES);
    if (!same(&next, &vga->view)) {
        set_shown(vga, hidden, false);
        if (vga->view.kind != VGA_VIEW_PAIRS || !vga_dispi_enabled(vga))
            vga_view_sync(vga);
        vga->view = next;
        if (next.kind == VGA_VIEW_PAIRS)
            load_pairs(vga);
        else if (next.kind == VGA_VIEW_LINEAR)
            load_linear(vga);
        set_shown(vga, shown, true);
    }
    vga_text_update(vga);
}

uint8_t *vga_view_byte(struct vga *vga, uint32_t offset)
{
    const struct vga_view *view = &vga->view;
    uint32_t page = offset / VIDEO_PAGE_BYTES;

    if (page - view->first >= view->pages)
        return NULL;
    return (uint8_t *)vga->memory->ops->window(vga->memory, view->first) + offset - view->first * VIDEO_PAGE_BYTES;
}
