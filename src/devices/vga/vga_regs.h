/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Registers of the VGA (IBM, "Personal System/2 Hardware Interface Technical Reference", Video Subsystem; FreeVGA names
 * the same fields) and of the Bochs display interface (the VBE DISPI interface of Bochs' VGA BIOS, id B0C5h).
 * Registers are (RW) unless it says otherwise.
 */
#ifndef REFLEX_DEVICES_VGA_REGS_H
#define REFLEX_DEVICES_VGA_REGS_H

/* General registers and the ports of the four index and data pairs, as offsets from 3c0h.  Those at 3dxh are at 3bxh
 * while IOS is 0. */
#define VGA_ATTRIBUTE           0x00        /* index and, in turn, data (WO); index (RO) */
#define VGA_ATTRIBUTE_DATA      0x01        /* (RO) */
#define VGA_MISC_WRITE          0x02        /* Miscellaneous Output (WO) */
#define VGA_INPUT_STATUS_0      0x02        /* (RO) */
#define VGA_SUBSYSTEM_ENABLE    0x03
#define VGA_SEQUENCER           0x04        /* index; data at 05h */
#define VGA_PEL_MASK            0x06
#define VGA_DAC_STATE           0x07        /* (RO) */
#define VGA_PEL_READ            0x07        /* PEL Address, Read Mode (WO) */
#define VGA_PEL_WRITE           0x08        /* PEL Address, Write Mode */
#define VGA_PEL_DATA            0x09
#define VGA_FEATURE_READ        0x0a        /* Feature Control (RO) */
#define VGA_MISC_READ           0x0c        /* Miscellaneous Output (RO) */
#define VGA_GRAPHICS            0x0e        /* index; data at 0fh */
#define VGA_CRTC                0x14        /* index; data at 15h */
#define VGA_INPUT_STATUS_1      0x1a        /* (RO) */
#define VGA_FEATURE_WRITE       0x1a        /* Feature Control (WO) */
#define VGA_PORTS               0x20
#define VGA_MONO_PORTS          0x0c        /* 3b0h to 3bbh */

#define MISC_IOS                0x01u       /* the CRTC is at 3dxh */
#define MISC_ERAM               0x02u       /* the processor reaches the memory */
#define STATUS_1_DD             0x01u       /* display disabled: blanking */
#define STATUS_1_VR             0x08u       /* vertical retrace */
#define DAC_STATE_READ          0x03u
#define FEATURE_BITS            0x0bu

/* Sequencer. */
#define SEQ_RESET               0
#define SEQ_CLOCKING            1
#define   CLOCKING_8DOT         0x01u       /* characters of 8 dots, not 9 */
#define   CLOCKING_DC           0x08u       /* dot clock halved: every dot is two wide */
#define   CLOCKING_SO           0x20u       /* screen off */
#define SEQ_MAP_MASK            2
#define SEQ_MAP_SELECT          3           /* character maps */
#define SEQ_MEMORY_MODE         4
#define   MEMORY_OE             0x04u       /* odd/even off */
#define   MEMORY_CH4            0x08u       /* chain 4 */
#define SEQ_REGISTERS           5

/* Graphics controller. */
#define GFX_SET_RESET           0
#define GFX_ENABLE_SET_RESET    1
#define GFX_COLOR_COMPARE       2
#define GFX_DATA_ROTATE         3
#define GFX_READ_MAP_SELECT     4
#define GFX_MODE                5
#define   MODE_WRITE_MODE       0x03u
#define   MODE_RM               0x08u       /* read mode 1 */
#define   MODE_OE               0x10u       /* odd/even */
#define   MODE_SR               0x20u       /* shift register: two bits a dot, as the CGA */
#define   MODE_256              0x40u
#define GFX_MISC                6
#define   MISC_GRAPHICS         0x01u
#define   MISC_CHAIN_OE         0x02u
#define   MISC_MEMORY_MAP       0x0cu
#define GFX_COLOR_DONT_CARE     7
#define GFX_BIT_MASK            8
#define GFX_REGISTERS           9

/* CRT controller. */
#define CRTC_HDE                0x01        /* Horizontal Display Enable End: characters - 1 */
#define CRTC_OVERFLOW           0x07
#define   OVERFLOW_LC8          0x10u       /* the one bit that CRTC_PROTECT spares */
#define CRTC_PRESET_ROW_SCAN    0x08
#define CRTC_MAX_SCAN_LINE      0x09
#define   MAX_SCAN_LC9          0x40u
#define   MAX_SCAN_2T4          0x80u       /* every line twice */
#define CRTC_CURSOR_START       0x0a
#define   CURSOR_OFF            0x20u
#define CRTC_CURSOR_END         0x0b
#define CRTC_START_HIGH         0x0c
#define CRTC_START_LOW          0x0d
#define CRTC_CURSOR_HIGH        0x0e
#define CRTC_CURSOR_LOW         0x0f
#define CRTC_VRE                0x11        /* Vertical Retrace End */
#define   CRTC_PROTECT          0x80u       /* registers 0 to 7 */
#define CRTC_VDE                0x12        /* Vertical Display Enable End: lines - 1, low byte */
#define CRTC_OFFSET             0x13
#define CRTC_UNDERLINE          0x14
#define CRTC_MODE_CONTROL       0x17
#define   MODE_CMS0             0x01u       /* 0: row scan bit 0 is an address bit, as in the CGA */
#define   MODE_CMS1             0x02u       /* 0: row scan bit 1 as well, as in the Hercules */
#define   MODE_BYTE             0x40u
#define CRTC_LINE_COMPARE       0x18
#define CRTC_REGISTERS          0x19

/* Attribute controller. */
#define ATTR_IPAS               0x20u       /* in the index: the screen shows the palette's colours */
#define ATTR_MODE               0x10
#define   ATTR_MODE_ME          0x02u       /* monochrome */
#define   ATTR_MODE_ELG         0x04u       /* ninth dot of line graphics */
#define   ATTR_MODE_EB          0x08u       /* blinking */
#define   ATTR_MODE_PP          0x20u       /* no panning below the split */
#define   ATTR_MODE_PS          0x80u       /* palette bits 4 and 5 come from Color Select */
#define ATTR_OVERSCAN           0x11
#define ATTR_PLANE_ENABLE       0x12
#define ATTR_PANNING            0x13
#define ATTR_COLOR_SELECT       0x14
#define ATTR_REGISTERS          0x15

/* Bochs display interface: index at 1ceh, data at 1cfh (or at 1d0h, which is aligned), words. */
#define DISPI_ID                0x0
#define   DISPI_ID0             0xb0c0u
#define   DISPI_ID5             0xb0c5u
#define DISPI_XRES              0x1
#define DISPI_YRES              0x2
#define DISPI_BPP               0x3
#define DISPI_ENABLE            0x4
#define   DISPI_ENABLED         0x01u
#define   DISPI_GETCAPS         0x02u       /* XRES, YRES and BPP read as the largest possible */
#define   DISPI_8BIT_DAC        0x20u
#define   DISPI_LFB_ENABLED     0x40u
#define   DISPI_NOCLEARMEM      0x80u
#define DISPI_BANK              0x5
#define DISPI_VIRT_WIDTH        0x6
#define DISPI_VIRT_HEIGHT       0x7         /* (RO) */
#define DISPI_X_OFFSET          0x8
#define DISPI_Y_OFFSET          0x9
#define DISPI_REGISTERS         0xa
#define DISPI_VIDEO_MEMORY_64K  0xa         /* (RO) */
#define DISPI_INDICES           0xb

/* What QEMU's stdvga has behind its base address 2. */
#define VGA_MMIO_EDID           0x000
#define VGA_MMIO_PORTS          0x400       /* 3c0h to 3dfh, a byte each */
#define VGA_MMIO_DISPI          0x500       /* a word each */

#endif
