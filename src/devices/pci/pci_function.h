/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * One PCI function: 256 bytes of configuration space and the windows that its base addresses open.
 *
 * A chip describes its configuration space as the list of registers that its datasheet has.  What the list
 * leaves out is reserved: it reads as zero and ignores writes.
 *
 * Base addresses are of 32 bits; a 64-bit one is no use below the firmware's 4 GiB.
 */
#ifndef REFLEX_DEVICES_PCI_FUNCTION_H
#define REFLEX_DEVICES_PCI_FUNCTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backends/io.h"
#include "backends/pci_window.h"
#include "devices/pci/pci_regs.h"

#define PCI_CONFIG_SIZE 256u

/* size: 1 to 4 bytes.  writable: bits that keep what is written; clear: bits that writing a 1 clears;
 * all others keep their reset value. */
struct pci_register {
    uint8_t offset, size;
    uint32_t reset, writable, clear;
};

/* A window and what it was last told. */
struct pci_decode {
    struct pci_window *window;              /* NULL: nobody listens */
    bool enabled;
    uint32_t base;
};

/* Tells the window when this is news. */
void pci_decode_update(struct pci_decode *decode, bool enabled, uint32_t base);

#define PCI_BARS    7                       /* six base addresses and the expansion ROM's */
#define PCI_BAR_ROM 6

struct pci_function {
    /* configuration */
    uint8_t devfn;
    const struct pci_register *map;
    unsigned int map_length;
    void (*written)(struct pci_function *function); /* after each configuration write and reset, or NULL */
    /* wiring: the chip sets bars[n].window for each base address that its map has */
    struct pci_decode bars[PCI_BARS];
    /* registers */
    struct pci_function_registers {
        uint8_t config[PCI_CONFIG_SIZE];
    } registers;
};

/* Sets the configuration group and leaves every base address without a window; the caller connects its own
 * windows and then resets.  `map` has `map_length` entries that do not overlap. */
void pci_function_init(struct pci_function *function, uint8_t devfn, const struct pci_register *map,
                       unsigned int map_length, void (*written)(struct pci_function *function));

/* RST#: every register has its reset value, which closes every window. */
void pci_function_reset(struct pci_function *function);

/* One configuration cycle of 1 to 4 bytes.  Bytes beyond the end of configuration space read as all-ones
 * and ignore writes.  A write takes effect as a whole: windows move once, when all its bytes are there. */
uint32_t pci_function_read(const struct pci_function *function, unsigned int offset, unsigned int size);
void pci_function_write(struct pci_function *function, unsigned int offset, unsigned int size, uint32_t value);

/* Configuration space as a register block of PCI_CONFIG_SIZE bytes, for a function that is reached without a
 * struct pci_bus; dev is the struct pci_function. */
extern const struct io_ops pci_function_ops;

/* True when all bits of `mask` are set in the command register. */
bool pci_function_commands(const struct pci_function *function, uint16_t mask);

#endif
