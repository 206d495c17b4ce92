/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The screen of a guest in a text mode, as text.  The display adapter's device says where its cells are (vga_state.c);
 * both that and the cells are the guest's, so that they are bounded here, copied, and made printable: characters are
 * those of code page 437, with which a PC starts, whatever font the guest has loaded.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "tools/common/message.h"

#define TYPE "VGA"

#define PAGE_BYTES  4096u
#define CELLS_MAX   256u                    /* columns, and rows */
#define STEP_MAX    0x10000u                /* bytes from a row to the next */

struct screen {
    uint32_t address;                       /* guest-physical, of the first cell; 0: no text mode */
    uint32_t columns, rows, row_step, cell_step;
    uint32_t cursor_column, cursor_row;
    uint8_t *characters;                    /* columns x rows */
};

/* ---- Where it is ------------------------------------------------------------------------------------------------ */

static bool number(const struct snapshot *snapshot, const char *device, const char *field, uint32_t *value)
{
    uint64_t wide;

    if (!snapshot_register(snapshot, device, field, &wide) || wide > UINT32_MAX)
        return false;
    *value = (uint32_t)wide;
    return true;
}

static bool find(struct screen *screen, const struct snapshot *snapshot, const char *device)
{
    return number(snapshot, device, "text address", &screen->address) &&
           number(snapshot, device, "text columns", &screen->columns) &&
           number(snapshot, device, "text rows", &screen->rows) &&
           number(snapshot, device, "text row step", &screen->row_step) &&
           number(snapshot, device, "text cell step", &screen->cell_step) &&
           number(snapshot, device, "cursor column", &screen->cursor_column) &&
           number(snapshot, device, "cursor row", &screen->cursor_row);
}

static bool is_possible(const struct screen *screen)
{
    return screen->columns && screen->columns <= CELLS_MAX && screen->rows && screen->rows <= CELLS_MAX &&
           screen->row_step <= STEP_MAX && screen->cell_step && screen->cell_step <= 16;
}

static bool has_cursor(const struct screen *screen)
{
    return screen->cursor_column < screen->columns && screen->cursor_row < screen->rows;
}

/* Of a row, the pages it lies in are there, or it cannot be read. */
static bool read_row(struct xen *xen, uint32_t domain, const struct screen *screen, uint32_t row)
{
    uint64_t start = screen->address + (uint64_t)row * screen->row_step;
    uint64_t first = start / PAGE_BYTES, last = (start + (screen->columns - 1) * screen->cell_step) / PAGE_BYTES;
    const volatile uint8_t *memory = xen_map(xen, domain, first, last - first + 1);

    if (!memory)
        return false;
    for (uint32_t column = 0; column < screen->columns; column++)
        screen->characters[row * screen->columns + column] = memory[start % PAGE_BYTES + column * screen->cell_step];
    xen_unmap(xen, memory, last - first + 1);
    return true;
}

static bool read_all(struct xen *xen, uint32_t domain, struct screen *screen)
{
    screen->characters = calloc(screen->rows, screen->columns);
    if (!screen->characters)
        return false;
    for (uint32_t row = 0; row < screen->rows; row++)
        if (!read_row(xen, domain, screen, row))
            return false;
    return true;
}

/* ---- What it shows ---------------------------------------------------------------------------------------------- */

static const char *const glyphs[256] = {
    " ", "☺", "☻", "♥", "♦", "♣", "♠", "•", "◘", "○", "◙", "♂", "♀", "♪", "♫", "☼",
    "►", "◄", "↕", "‼", "¶", "§", "▬", "↨", "↑", "↓", "→", "←", "∟", "↔", "▲", "▼",
    " ", "!", "\"", "#", "$", "%", "&", "'", "(", ")", "*", "+", ",", "-", ".", "/",
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", ":", ";", "<", "=", ">", "?",
    "@", "A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M", "N", "O",
    "P", "Q", "R", "S", "T", "U", "V", "W", "X", "Y", "Z", "[", "\\", "]", "^", "_",
    "`", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o",
    "p", "q", "r", "s", "t", "u", "v", "w", "x", "y", "z", "{", "|", "}", "~", "⌂",
    "Ç", "ü", "é", "â", "ä", "à", "å", "ç", "ê", "ë", "è", "ï", "î", "ì", "Ä", "Å",
    "É", "æ", "Æ", "ô", "ö", "ò", "û", "ù", "ÿ", "Ö", "Ü", "¢", "£", "¥", "₧", "ƒ",
    "á", "í", "ó", "ú", "ñ", "Ñ", "ª", "º", "¿", "⌐", "¬", "½", "¼", "¡", "«", "»",
    "░", "▒", "▓", "│", "┤", "╡", "╢", "╖", "╕", "╣", "║", "╗", "╝", "╜", "╛", "┐",
    "└", "┴", "┬", "├", "─", "┼", "╞", "╟", "╚", "╔", "╩", "╦", "╠", "═", "╬", "╧",
    "╨", "╤", "╥", "╙", "╘", "╒", "╓", "╫", "╪", "┘", "┌", "█", "▄", "▌", "▐", "▀",
    "α", "ß", "Γ", "π", "Σ", "σ", "µ", "τ", "Φ", "Θ", "Ω", "δ", "∞", "φ", "ε", "∩",
    "≡", "±", "≥", "≤", "⌠", "⌡", "÷", "≈", "°", "∙", "·", "√", "ⁿ", "²", "■", " ",
};

/* One line, without the empty cells at its end; to be freed. */
static char *line_text(const struct screen *screen, uint32_t row)
{
    const uint8_t *cells = &screen->characters[row * screen->columns];
    char *line = malloc(screen->columns * 4 + 1), *end = line;
    uint32_t columns = screen->columns;

    if (!line)
        abort();
    while (columns && strcmp(glyphs[cells[columns - 1]], " ") == 0)
        columns--;
    for (uint32_t column = 0; column < columns; column++)
        end = stpcpy(end, glyphs[cells[column]]);
    *end = '\0';
    return line;
}

static void print(const struct screen *screen)
{
    for (uint32_t row = 0; row < screen->rows; row++) {
        char *line = line_text(screen, row);

        printf("%s\n", line);
        free(line);
    }
    if (has_cursor(screen))
        printf("cursor: line %u, column %u\n", screen->cursor_row + 1, screen->cursor_column + 1);
}

static json_t *cursor_json(const struct screen *screen)
{
    if (!has_cursor(screen))
        return json_null();
    return json_pack("{s:i, s:i}", "row", screen->cursor_row, "column", screen->cursor_column);
}

static json_t *screen_json(const struct screen *screen)
{
    json_t *lines = json_array();

    for (uint32_t row = 0; row < screen->rows; row++) {
        char *line = line_text(screen, row);

        json_array_append_new(lines, json_string(line));
        free(line);
    }
    return json_pack("{s:i, s:i, s:o, s:o}", "columns", screen->columns, "rows", screen->rows, "cursor",
                     cursor_json(screen), "lines", lines);
}

/* ---- The command ------------------------------------------------------------------------------------------------ */

static int answer_json(const struct domain *domain, const struct snapshot *snapshot, const struct screen *screen)
{
    json_t *answer = head_json(domain, snapshot);

    json_object_set_new(answer, "text", screen->address ? screen_json(screen) : json_null());
    return print_json(answer);
}

static int answer_text(const struct domain *domain, const struct screen *screen)
{
    if (screen->address) {
        print(screen);
        return 0;
    }
    message("the screen of domain %u is in a graphics mode, or dark: xl vncviewer %u shows it", domain->xen.id,
            domain->xen.id);
    return 1;
}

static bool look(struct xen *xen, const struct domain *domain, const struct snapshot *snapshot, struct screen *screen)
{
    const char *device = snapshot_device(snapshot, TYPE);

    if (!device)
        return message("domain %u has no display adapter of its firmware's", domain->xen.id), false;
    if (!find(screen, snapshot, device))
        return message("the display adapter of domain %u does not say where its text is", domain->xen.id), false;
    if (!screen->address)
        return true;
    if (!is_possible(screen))
        return message("the screen of domain %u cannot be: %u columns, %u lines", domain->xen.id, screen->columns,
                       screen->rows), false;
    if (!read_all(xen, domain->xen.id, screen))
        return message("the screen of domain %u cannot be read, at 0x%x", domain->xen.id, screen->address), false;
    return true;
}

int command_screen(struct xen *xen, const struct domain *domain, const struct snapshot *snapshot,
                   const struct options *options)
{
    struct screen screen = { .address = 0 };
    int status = 1;

    if (look(xen, domain, snapshot, &screen))
        status = options->json ? answer_json(domain, snapshot, &screen) : answer_text(domain, &screen);
    free(screen.characters);
    return status;
}
