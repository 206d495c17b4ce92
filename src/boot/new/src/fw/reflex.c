/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A domain whose devices are Reflex's: what the BIOS cannot learn from fw_cfg, which is QEMU's. */

#include "hw/pci_ids.h" // PCI_CLASS_DISPLAY_VGA
#include "hw/pcidevice.h" // foreachpci
#include "hw/reflex_disk.h" // reflex_disk_setup
#include "hw/serialio.h" // PORT_SERIAL1
#include "reflex.h" // reflex_setup
#include "romfile.h" // const_romfile_add_int
#include "x86.h" // inb

static int
have_display(void)
{
    struct pci_device *pci;
    foreachpci(pci) {
        if (pci->class == PCI_CLASS_DISPLAY_VGA)
            return 1;
    }
    return 0;
}

/* Only a UART keeps what is written to its interrupt enable register; an absent one reads all-ones. */
static int
have_serial(u16 port)
{
    outb(0x02, port + SEROFF_IER);
    int present = inb(port + SEROFF_IER) == 0x02;
    outb(0x00, port + SEROFF_IER);
    return present;
}

/*
 * With no display, INT 10h writes to the first serial port and its keys are the keyboard: boot loaders that know
 * nothing of serial ports, and our own "No bootable device", then show on `xl console`.
 */
void
reflex_setup(void)
{
    if (!have_display() && have_serial(PORT_SERIAL1))
        const_romfile_add_int("etc/sercon-port", PORT_SERIAL1);
    reflex_disk_setup();
}
