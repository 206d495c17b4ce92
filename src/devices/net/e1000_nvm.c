/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The EEPROM (317453, 5.4 to 5.6, 13.4.3 and 13.4.4): 64 words behind a Microwire interface, which software clocks by
 * EECD, or has the chip do it by EERD.
 */
#include "devices/net/e1000_internal.h"

#define ERASED 0xffffu

void e1000_nvm_init(struct e1000 *chip)
{
    const uint8_t *address = chip->wiring.backend->info.address;
    uint16_t *nvm = chip->eeprom.words, sum = 0;

    for (unsigned int i = 0; i < EEPROM93C46_WORDS; i++)
        nvm[i] = ERASED;
    for (unsigned int i = 0; i < NET_ADDRESS_BYTES / 2; i++)
        nvm[NVM_ETHERNET_ADDRESS + i] = address[2 * i] | address[2 * i + 1] << 8;
    nvm[NVM_COMPATIBILITY] = 0x0000;        /* not a server adapter */
    nvm[NVM_CONTROL_1] = 0x4408;            /* the signature, subsystem IDs as below */
    nvm[NVM_SUBSYSTEM_ID] = pci_function_read(&chip->card.function, PCI_SUBSYSTEM_ID + 2, 2);
    nvm[NVM_SUBSYSTEM_VENDOR] = pci_function_read(&chip->card.function, PCI_SUBSYSTEM_ID, 2);
    nvm[NVM_DEVICE_ID] = pci_function_read(&chip->card.function, PCI_DEVICE_ID, 2);
    nvm[NVM_VENDOR_ID] = pci_function_read(&chip->card.function, PCI_VENDOR_ID, 2);
    nvm[NVM_CONTROL_2] = 0x3000;            /* full duplex, 1000 Mb/s */
    nvm[NVM_MANAGEMENT] = nvm[NVM_CONTROL_3] = 0x0000;      /* none, and no wake-up */
    for (unsigned int i = 0; i < NVM_CHECKSUM; i++)
        sum += nvm[i];
    nvm[NVM_CHECKSUM] = NVM_SUM - sum;
}

/* Bits beyond the EEPROM's address select nothing. */
void e1000_eerd_write(struct e1000 *chip, uint32_t value)
{
    uint32_t word = value >> EERD_ADDR_SHIFT & 0xff;

    chip->r.eerd = word << EERD_ADDR_SHIFT;
    if (value & EERD_START)
        chip->r.eerd |= EERD_DONE |
                        (uint32_t)(word < EEPROM93C46_WORDS ? chip->eeprom.words[word] : ERASED) << EERD_DATA_SHIFT;
}

void e1000_eecd_write(struct e1000 *chip, uint32_t value)
{
    chip->r.eecd = value & (EECD_SK | EECD_CS | EECD_DI | EECD_FWE | EECD_REQ);
    eeprom93c46_set(&chip->eeprom, value & EECD_CS, value & EECD_SK, value & EECD_DI);
}

uint32_t e1000_eecd_read(const struct e1000 *chip)
{
    uint32_t eecd = chip->r.eecd | EECD_PRES;

    if (eecd & EECD_REQ)
        eecd |= EECD_GNT;
    return eecd | (eeprom93c46_out(&chip->eeprom) ? EECD_DO : 0);
}
