/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "devices/vga/internal.h"

#include "lib/string.h"

/* As after power-on, before a BIOS: no text, no graphics, a dark screen. */
void vga_reset(struct vga *vga)
{
    vga->regs = (struct vga_registers){
        .subsystem = 1,
        .pel_mask = 0xff,
        .dispi = { [DISPI_ID] = DISPI_ID5, [DISPI_BPP] = 8 },
    };
    vga->stale = true;
    vga_view_update(vga);
}

void vga_decode_memory(struct vga *vga, bool decodes)
{
    vga->decodes_memory = decodes;
    vga_view_update(vga);
}

void vga_memory_moved(struct vga *vga)
{
    vga_text_update(vga);
}

void vga_init(struct vga *vga, struct video_memory *memory, struct display_backend *display)
{
    memset(vga, 0, sizeof(*vga));
    vga->memory = memory;
    vga->display = display;
    vga->listener.refresh = vga_refresh;
    if (display)
        display->listener = &vga->listener;
    vga_reset(vga);
}
