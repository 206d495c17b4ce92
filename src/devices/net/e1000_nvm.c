/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The EEPROM (317453, 5.4 to 5.6, 13.4.3 and 13.4.4): 64 words behind a Microwire interface, which software clocks by
 * EECD, or has the chip do it by EERD.  It is write-protected: commands other than READ change nothing, and report at
 * once that they are done.
 */
#include "devices/net/e1000_internal.h"

#define ERASED 0xffffu

void e1000_nvm_init(struct e1000 *chip)
{
    const uint8_t *address = chip->wiring.backend->info.address;
    uint16_t *nvm = chip->nvm, sum = 0;

    for (unsigned int i = 0; i < NVM_WORDS; i++)
        nvm[i] = ERASED;
    for (unsigned int i = 0; i < NET_ADDRESS_BYTES / 2; i++)
        nvm[NVM_ETHERNET_ADDRESS + i] = address[2 * i] | address[2 * i + 1] << 8;
    nvm[0x03] = 0x0000;                     /* compatibility: not a server adapter */
    nvm[NVM_CONTROL_1] = 0x4408;            /* the signature, subsystem IDs as below */
    nvm[NVM_SUBSYSTEM_ID] = pci_function_read(&chip->card.function, PCI_SUBSYSTEM_ID + 2, 2);
    nvm[NVM_SUBSYSTEM_VENDOR] = pci_function_read(&chip->card.function, PCI_SUBSYSTEM_ID, 2);
    nvm[NVM_DEVICE_ID] = pci_function_read(&chip->card.function, PCI_DEVICE_ID, 2);
    nvm[NVM_VENDOR_ID] = pci_function_read(&chip->card.function, PCI_VENDOR_ID, 2);
    nvm[NVM_CONTROL_2] = 0x3000;            /* full duplex, 1000 Mb/s */
    nvm[0x14] = nvm[0x24] = 0x0000;         /* no wake-up, no manageability */
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
        chip->r.eerd |= (uint32_t)(word < NVM_WORDS ? chip->nvm[word] : ERASED) << EERD_DATA_SHIFT | EERD_DONE;
}

/* A command is a start bit, two bits of operation and the address; the zeroes before its start bit do not count. */
static void clock_in(struct e1000 *chip, bool bit)
{
    uint16_t command = chip->r.microwire.command << 1 | bit;
    uint16_t complete = 1u << (2 + NVM_ADDRESS_BITS);

    chip->r.microwire.command = command;
    chip->r.microwire.output = true;        /* ready: nothing takes time */
    if (!(command & complete))
        return;
    chip->r.microwire.command = 0;
    chip->r.microwire.bits = 0;
    chip->r.microwire.reading = (command >> NVM_ADDRESS_BITS & 3) == NVM_OPCODE_READ;
    chip->r.microwire.data = chip->nvm[command % NVM_WORDS];
    chip->r.microwire.output = !chip->r.microwire.reading;      /* the data come behind a 0 */
}

/* Reading on, one gets the next words. */
static void clock_out(struct e1000 *chip)
{
    chip->r.microwire.output = chip->r.microwire.data >> (15 - chip->r.microwire.bits) & 1;
    chip->r.microwire.bits = (chip->r.microwire.bits + 1) % 16;
}

void e1000_eecd_write(struct e1000 *chip, uint32_t value)
{
    bool rises = value & ~chip->r.microwire.eecd & EECD_SK;

    chip->r.microwire.eecd = value & (EECD_SK | EECD_CS | EECD_DI | EECD_FWE | EECD_REQ);
    if (!(value & EECD_CS)) {
        chip->r.microwire.command = 0;
        chip->r.microwire.reading = false;
        chip->r.microwire.output = true;
    } else if (rises && chip->r.microwire.reading) {
        clock_out(chip);
    } else if (rises) {
        clock_in(chip, value & EECD_DI);
    }
}

uint32_t e1000_eecd_read(const struct e1000 *chip)
{
    uint32_t eecd = chip->r.microwire.eecd | EECD_PRES;

    if (eecd & EECD_REQ)
        eecd |= EECD_GNT;
    return eecd | (chip->r.microwire.output ? EECD_DO : 0);
}
