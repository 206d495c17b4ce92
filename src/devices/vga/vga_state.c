/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What an administrator sees of the VGA; by the text fields `reflexctl screen` finds the screen. */
#include "devices/vga/vga.h"

#define FIELD(member, name, kind) STATE_FIELD(struct vga, member, name, kind)
#define PART(member, bytes, name) STATE_PART(struct vga, member, bytes, name, STATE_BYTES)

static const struct state_field fields[] = {
    FIELD(text.address,             "text address",   STATE_HEX),
    FIELD(text.columns,             "text columns",   STATE_NUMBER),
    FIELD(text.rows,                "text rows",      STATE_NUMBER),
    FIELD(text.row_bytes,           "text row step",  STATE_NUMBER),
    FIELD(text.cell_bytes,          "text cell step", STATE_NUMBER),
    FIELD(text.cursor_column,       "cursor column",  STATE_NUMBER),
    FIELD(text.cursor_row,          "cursor row",     STATE_NUMBER),
    FIELD(regs.misc,                "MISC",           STATE_HEX),
    FIELD(regs.sequencer,           "SR0-4",          STATE_BYTES),
    FIELD(regs.graphics,            "GR0-8",          STATE_BYTES),
    PART(regs.crtc[0],    13,       "CR0-C"),
    PART(regs.crtc[13],   12,       "CRD-18"),
    PART(regs.attribute[0],  16,    "AR0-F"),
    PART(regs.attribute[16], 5,     "AR10-14"),
    FIELD(regs.attribute_index,     "AR index",       STATE_HEX),
    FIELD(regs.pel_mask,            "PEL mask",       STATE_HEX),
    FIELD(regs.dispi[DISPI_ENABLE], "VBE enable",     STATE_HEX),
    FIELD(regs.dispi[DISPI_XRES],   "VBE width",      STATE_NUMBER),
    FIELD(regs.dispi[DISPI_YRES],   "VBE height",     STATE_NUMBER),
    FIELD(regs.dispi[DISPI_BPP],    "VBE bits",       STATE_NUMBER),
    FIELD(regs.dispi[DISPI_BANK],   "VBE bank",       STATE_NUMBER),
    FIELD(view.pages,               "window pages",   STATE_NUMBER),
    FIELD(frame,                    "refreshes",      STATE_NUMBER),
};
const struct state_map vga_state = STATE_MAP("VGA", fields);
