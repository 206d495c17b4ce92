/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The rest of the board.  Sources: IBM PC/AT and PS/2 technical references (8042, keyboard, CMOS map, port 92h), Intel
 * 290550 (PIIX3), ACPI 2.0 4.7.3.2 (PM1 control), and the CMOS bytes that SeaBIOS and hvmloader share.
 */
#include "decode.h"

struct name {
    uint8_t code;
    bool parameter;                         /* a byte follows at the data port */
    const char *name;
};

static const char *find(const struct name *names, unsigned int count, uint8_t code, bool *parameter)
{
    *parameter = false;
    for (unsigned int i = 0; i < count; i++)
        if (names[i].code == code) {
            *parameter = names[i].parameter;
            return names[i].name;
        }
    return NULL;
}
#define FIND(names, code, parameter) find(names, sizeof(names) / sizeof((names)[0]), code, parameter)

/* ---- 8042 ------------------------------------------------------------------------------------------------------ */

static const struct name controller_commands[] = {
    { 0x20, false, "read command byte" },    { 0x60, true,  "write command byte" },
    { 0xa7, false, "disable mouse port" },   { 0xa8, false, "enable mouse port" },
    { 0xa9, false, "test mouse port" },      { 0xaa, false, "self-test" },
    { 0xab, false, "test keyboard port" },   { 0xad, false, "disable keyboard port" },
    { 0xae, false, "enable keyboard port" }, { 0xc0, false, "read input port" },
    { 0xd0, false, "read output port" },     { 0xd1, true,  "write output port" },
    { 0xd2, true,  "write keyboard buffer" },
    { 0xd3, true,  "write mouse buffer" },   { 0xd4, true,  "write to mouse" },
    { 0xe0, false, "read test inputs" },     { 0xfe, false, "pulse reset" },
};

static const struct name keyboard_commands[] = {
    { 0xed, true,  "set LEDs" },        { 0xee, false, "echo" },           { 0xf0, true,  "scan code set" },
    { 0xf2, false, "identify" },        { 0xf3, true,  "typematic rate" }, { 0xf4, false, "enable" },
    { 0xf5, false, "disable" },         { 0xf6, false, "set defaults" },   { 0xfe, false, "resend" },
    { 0xff, false, "reset" },
};

static const struct name mouse_commands[] = {
    { 0xe6, false, "scaling 1:1" },     { 0xe7, false, "scaling 2:1" },    { 0xe8, true,  "resolution" },
    { 0xe9, false, "status request" },  { 0xea, false, "stream mode" },    { 0xeb, false, "read data" },
    { 0xec, false, "end wrap mode" },   { 0xee, false, "wrap mode" },      { 0xf0, false, "remote mode" },
    { 0xf2, false, "identify" },        { 0xf3, true,  "sample rate" },    { 0xf4, false, "enable" },
    { 0xf5, false, "disable" },         { 0xf6, false, "set defaults" },   { 0xfe, false, "resend" },
    { 0xff, false, "reset" },
};

#define WRITE_TO_MOUSE 0xd4

static const struct bit_names i8042_status_bits = {
    { "parity", "timeout", "mouse data", "unlocked", "command", "system", "input full", "output full" },
};

/* A byte to a keyboard or mouse: a command, or the parameter of the one before, which is in *command. */
static void add_command(uint8_t *command, const struct name *names, unsigned int count, uint8_t value,
                        struct text *words)
{
    bool parameter;
    const char *name;

    if (*command) {
        name = find(names, count, *command, &parameter);
        text_add(words, " %s: %02x", name ? name : "parameter", value);
        *command = 0;
        return;
    }
    name = find(names, count, value, &parameter);
    text_add(words, " %s", name ? name : "unknown command");
    *command = parameter ? value : 0;
}

static void data_written(struct decode_i8042 *chip, uint8_t value, struct text *words)
{
    uint8_t command = chip->command;
    bool parameter;

    chip->command = 0;
    if (command == WRITE_TO_MOUSE) {
        text_add(words, "mouse");
        add_command(&chip->mouse, mouse_commands, sizeof(mouse_commands) / sizeof(mouse_commands[0]), value, words);
    } else if (command) {
        text_add(words, "i8042 %s: %02x", FIND(controller_commands, command, &parameter), value);
    } else {
        text_add(words, "keyboard");
        add_command(&chip->keyboard, keyboard_commands, sizeof(keyboard_commands) / sizeof(keyboard_commands[0]), value,
                    words);
    }
}

void decode_i8042_data(struct decoder *decoder, unsigned int which, const struct access *access, struct text *words)
{
    (void)which;
    if (access->read || access->string)
        text_add(words, "i8042 data");
    else
        data_written(&decoder->i8042, (uint8_t)access->value, words);
}

void decode_i8042_command(struct decoder *decoder, unsigned int which, const struct access *access,
                          struct text *words)
{
    const char *name;
    bool parameter;

    (void)which;
    if (access->read || access->string) {
        text_add(words, "i8042 status");
        if (!access->under_way && !access->string)
            text_add_bits(words, &i8042_status_bits, (uint8_t)access->value);
        return;
    }
    name = FIND(controller_commands, (uint8_t)access->value, &parameter);
    text_add(words, "i8042 %s", name ? name : "unknown command");
    decoder->i8042.command = parameter ? (uint8_t)access->value : 0;
}

/* ---- CMOS ------------------------------------------------------------------------------------------------------ */

static const struct name cmos_bytes[] = {
    { 0x0e, false, "diagnostic status" },    { 0x0f, false, "shutdown status" },  { 0x10, false, "floppy drives" },
    { 0x12, false, "hard disk types" },      { 0x14, false, "equipment" },        { 0x15, false, "base memory low" },
    { 0x16, false, "base memory high" },     { 0x17, false, "extended memory low" },
    { 0x18, false, "extended memory high" }, { 0x2e, false, "checksum high" },    { 0x2f, false, "checksum low" },
    { 0x30, false, "extended memory low" },  { 0x31, false, "extended memory high" },
    { 0x32, false, "century" },              { 0x34, false, "memory above 16 MiB low" },
    { 0x35, false, "memory above 16 MiB high" },
    { 0x38, false, "boot flag 2" },          { 0x39, false, "disk translation" }, { 0x3d, false, "boot flag 1" },
    { 0x5b, false, "memory above 4 GiB low" },
    { 0x5c, false, "memory above 4 GiB mid" },
    { 0x5d, false, "memory above 4 GiB high" },
    { 0x5f, false, "processors" },
};

void decode_cmos(struct decoder *decoder, unsigned int which, const struct access *access, struct text *words)
{
    const char *name;
    bool ignored;

    (void)which;
    if (access->offset == 0 && !access->read && !access->string) {
        decoder->cmos_index = access->value & 0x7f;
        decoder->cmos_known = true;
    }
    text_add(words, access->offset ? "cmos" : "cmos index");
    if (!decoder->cmos_known)
        return;
    name = FIND(cmos_bytes, decoder->cmos_index, &ignored);
    text_add(words, " %02x", decoder->cmos_index);
    if (name)
        text_add(words, " %s", name);
}

/* ---- Reset and power ------------------------------------------------------------------------------------------- */

void decode_reset(struct decoder *decoder, unsigned int which, const struct access *access, struct text *words)
{
    (void)decoder, (void)which;
    text_add(words, "port 92");
    if (!access->under_way && !access->string)
        text_add(words, "%s%s", access->value & 2 ? " A20" : "", access->value & 1 ? " reset" : "");
}

#define SLP_EN 0x2000u

void decode_acpi(struct decoder *decoder, unsigned int which, const struct access *access, struct text *words)
{
    (void)decoder, (void)which;
    text_add(words, "PM1 control");
    if (access->offset == 0 && access->size >= 2 && !access->read && !access->string && access->value & SLP_EN)
        text_add(words, " sleep, type %u", (unsigned int)(access->value >> 10 & 7));
}
