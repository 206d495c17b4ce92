/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "devices/pci/piix4_pm.h"
#include "devices/pci/piix4_pm_regs.h"

static const struct pci_register map[] = {
    { PCI_VENDOR_ID,      4, .reset = PIIX4_PM_VID_DID },
    { PCI_COMMAND,        2, .writable = PCI_COMMAND_IO },
    { PCI_STATUS,         2, .reset = 0x0280, .clear = 0x0800 },
    { PCI_REVISION_ID,    1, .reset = 0x03 },       /* PIIX4M: Linux distrusts the first two steppings */
    { PCI_CLASS_CODE,     3, .reset = 0x068000 },
    { PCI_INTERRUPT_LINE, 1, .writable = 0xff },
    { PCI_INTERRUPT_PIN,  1, .reset = 0x01 },
    { PIIX4_PMBASE,       4, .reset = PCI_BASE_IO, .writable = 0x0000ffc0 },
    { PIIX4_CNTA,         4, .writable = 0xffffffff },
    { PIIX4_CNTB,         4, .writable = 0x0173ffff },
    { PIIX4_GPICTL,       4, .writable = 0x0fffffff },
    { PIIX4_DEVRESD,      3, .writable = 0x7f583f },
    { PIIX4_DEVACTA,      4, .writable = 0xffffffff },
    { PIIX4_DEVACTB,      4, .writable = 0x03ffff77 },
    { PIIX4_DEVRESA,      4, .writable = 0xffffffff },
    { PIIX4_DEVRESB,      4, .writable = 0xf7ffffff },
    { PIIX4_DEVRESC,      4, .writable = 0xffefffff },
    { PIIX4_DEVRESE,      3, .writable = 0x1fffff },
    { PIIX4_DEVRESF,      4, .writable = 0xffff80ff },
    { PIIX4_DEVRESG,      3, .writable = 0x1fffff },
    { PIIX4_DEVRESH,      4, .writable = 0xffff80ff },
    { PIIX4_DEVRESI,      3, .writable = 0x1fffff },
    { PIIX4_DEVRESJ,      3, .writable = 0x1fffff },
    { PIIX4_PMREGMISC,    1, .writable = 0x01 },
    { PIIX4_SMBBA,        4, .reset = PCI_BASE_IO, .writable = 0x0000fff0 },
    { PIIX4_SMBHSTCFG,    1, .writable = 0x0f },
    { PIIX4_SMBSLVC,      1, .writable = 0xff },
    { PIIX4_SMBSHDW1,     1, .writable = 0xff },
    { PIIX4_SMBSHDW2,     1, .writable = 0xff },
};

void piix4_pm_init(struct piix4_pm *pm, uint8_t devfn)
{
    pci_function_init(&pm->function, devfn, map, sizeof(map) / sizeof(map[0]), NULL);
    piix4_pm_reset(pm);
}

void piix4_pm_reset(struct piix4_pm *pm)
{
    pci_function_reset(&pm->function);
}
