/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Which of the board's chips dom0 can see, and what they are called there. */
#include "board.h"

#define describe(recorder, name, map, object) record_device(recorder, name, map, object, sizeof(*(object)))

static void describe_ide(const struct board *board, struct recorder *recorder)
{
    static const char *const channels[2] = { "ide0", "ide1" };
    static const char *const drives[2][2] = { { "ide0.0", "ide0.1" }, { "ide1.0", "ide1.1" } };
    static const char *const lines[2] = { "ide0 IRQ", "ide1 IRQ" };

    for (unsigned int i = 0; i < 2; i++) {
        describe(recorder, channels[i], &ide_channel_state, &board->ide[i]);
        describe(recorder, lines[i], &isa_line_state, &board->ide_irq[i]);
        for (unsigned int j = 0; j < 2; j++)
            if (board->ide[i].devices[j].disk)
                describe(recorder, drives[i][j], &ide_device_state, &board->ide[i].devices[j]);
    }
    describe(recorder, "piix3 ide", &pci_function_state, &board->piix3_ide.function);
}

static void describe_input(const struct board *board, struct recorder *recorder)
{
    describe(recorder, "i8042", &i8042_state, &board->i8042);
    describe(recorder, "keyboard IRQ", &isa_line_state, &board->keyboard_irq);
    describe(recorder, "mouse IRQ", &isa_line_state, &board->mouse_irq);
}

static void describe_chipset(const struct board *board, struct recorder *recorder)
{
    describe_input(board, recorder);
    describe(recorder, "ide direct", &ide_direct_state, &board->ide_direct);
    describe(recorder, "pci", &pci_bus_state, &board->pci);
    describe(recorder, "i440fx", &pci_function_state, &board->i440fx.function);
    describe(recorder, "piix3 isa", &pci_function_state, &board->piix3_isa.function);
    describe(recorder, "piix4 pm", &pci_function_state, &board->piix4_pm.function);
}

static void describe_cards(const struct board *board, struct recorder *recorder)
{
    static const char *const names[BOARD_NICS] = { "nic0", "nic1", "nic2", "nic3" };
    static const char *const functions[BOARD_NICS] = { "nic0 pci", "nic1 pci", "nic2 pci", "nic3 pci" };

    for (unsigned int i = 0; i < BOARD_NICS; i++) {
        const struct board_card *card = &board->cards[i];

        if (!card->function)
            continue;
        if (card->model == BOARD_NIC_E1000)
            describe(recorder, names[i], &e1000_state, &card->chip.e1000);
        else
            describe(recorder, names[i], &rtl8139_state, &card->chip.rtl8139);
        describe(recorder, functions[i], &pci_function_state, card->function);
    }
}

/* The other serial ports have nobody at their wire. */
static void describe_serial(const struct board *board, struct recorder *recorder)
{
    describe(recorder, "serial0", &uart16550_state, &board->serial[0]);
    describe(recorder, "serial0 IRQ", &isa_line_state, &board->serial_irq[0]);
}

static void describe_vga(const struct board *board, struct recorder *recorder)
{
    describe(recorder, "vga", &vga_state, &board->vga.chip);
    describe(recorder, "vga pci", &pci_function_state, &board->vga.card.function);
}

void board_describe(const struct board *board, struct recorder *recorder)
{
    if (board_has(board, DEVICE_IDE))
        describe_ide(board, recorder);
    if (board_has(board, DEVICE_SERIAL))
        describe_serial(board, recorder);
    if (board_has(board, DEVICE_CHIPSET)) {
        describe_chipset(board, recorder);
        describe_cards(board, recorder);
        if (board->vga.plugged)
            describe_vga(board, recorder);
    }
}
