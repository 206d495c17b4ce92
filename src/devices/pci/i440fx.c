/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "devices/pci/i440fx.h"
#include "devices/pci/i440fx_regs.h"

static const struct pci_register map[] = {
    { PCI_VENDOR_ID,     4, .reset = I440FX_VID_DID },
    { PCI_COMMAND,       2, .reset = 0x0006, .writable = 0x0102 },  /* bus mastering cannot be disabled */
    { PCI_STATUS,        2, .reset = 0x0280, .clear = 0xf900 },
    { PCI_REVISION_ID,   1, .reset = 0x02 },
    { PCI_CLASS_CODE,    3, .reset = 0x060000 },
    { PCI_LATENCY_TIMER, 1, .writable = 0xf8 },
    { I440FX_PMCCFG,     2, .writable = 0xc3f4 },
    { I440FX_DETURBO,    1, .writable = 0xff },
    { I440FX_DBC,        1, .reset = 0x80 },
    { I440FX_AXC,        1, .writable = 0x82 },
    { I440FX_DRT,        2, .writable = 0xffff },
    { I440FX_DRAMC,      1, .reset = 0x01, .writable = 0x77 },
    { I440FX_DRAMT,      1, .reset = 0x10, .writable = 0x7f },
    { I440FX_PAM0,       1, .writable = 0x70 },
    { I440FX_PAM1,       2, .writable = 0x7777 },
    { I440FX_PAM1 + 2,   4, .writable = 0x77777777 },
    { I440FX_DRB0,       4, .reset = 0x01010101, .writable = 0xffffffff },
    { I440FX_DRB0 + 4,   4, .reset = 0x01010101, .writable = 0xffffffff },
    { I440FX_FDHC,       1, .writable = 0xc0 },
    { I440FX_MTT,        1, .writable = 0xf8 },
    { I440FX_CLT,        1, .reset = 0x10, .writable = 0x1f },
    { I440FX_SMRAM,      1, .reset = 0x02, .writable = 0x78 },
    { I440FX_ERRCMD,     1, .writable = 0x1b },
    { I440FX_ERRSTS,     1, .clear = 0x11 },
};

/* Setting D_LCK closes SMRAM, and from then until reset only D_CLS can change. */
static void lock_smram(struct pci_function *function)
{
    struct i440fx *bridge = (struct i440fx *)function;
    uint8_t *smram = &function->registers.config[I440FX_SMRAM];

    if (bridge->smram & SMRAM_D_LCK)
        *smram = (bridge->smram & ~SMRAM_D_CLS) | (*smram & SMRAM_D_CLS);
    else if (*smram & SMRAM_D_LCK)
        *smram &= ~SMRAM_D_OPEN;
    bridge->smram = *smram;
}

void i440fx_init(struct i440fx *bridge, uint8_t devfn)
{
    pci_function_init(&bridge->function, devfn, map, sizeof(map) / sizeof(map[0]), lock_smram);
    i440fx_reset(bridge);
}

void i440fx_reset(struct i440fx *bridge)
{
    bridge->smram = 0;
    pci_function_reset(&bridge->function);
}
