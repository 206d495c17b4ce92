/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What an administrator sees of the PCI bus and of its functions. */
#include "devices/pci/pci_config.h"

#define CONFIG(register, bytes, name) \
    STATE_PART(struct pci_function, registers.config[register], bytes, name, STATE_HEX)

static const struct state_field bus_fields[] = {
    STATE_FIELD(struct pci_bus, registers.confadd, "CONFADD", STATE_HEX),
};
const struct state_map pci_bus_state = STATE_MAP("pci bus", bus_fields);

static const struct state_field function_fields[] = {
    CONFIG(0x00, 2, "VID"),
    CONFIG(0x02, 2, "DID"),
    CONFIG(0x04, 2, "PCICMD"),
    CONFIG(0x06, 2, "PCISTS"),
    CONFIG(0x10, 4, "base address 0"),
    CONFIG(0x14, 4, "base address 1"),
    CONFIG(0x20, 4, "base address 4"),
    CONFIG(0x3c, 1, "interrupt line"),
};
const struct state_map pci_function_state = STATE_MAP("pci function", function_fields);
