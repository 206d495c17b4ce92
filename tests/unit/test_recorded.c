/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Real boots, request by request: what SeaBIOS, GRUB and Linux asked of the firmware in the laboratory
 * (scripts/record-boots), asked of the board once more.  What every read returned then is what it has to return now.
 * recorded/compact.py says how the lines read and what was left out.
 *
 * Two things are not the recording's.  Disks answer when it says so: a read that found the disk ready lets it finish.
 * And data is wherever this test likes: a descriptor table fits the transfer that it is for.
 *
 * The boot BIOS of then had no direct path (devices/ide/direct.h): what it and GRUB read by INT 13h went by the registers,
 * as it still does where the direct path refuses.
 */
#include "board_host.h"

#include <stdio.h>
#include <stdlib.h>

#include "devices/ide/bmdma_regs.h"
#include "devices/ide/ide_regs.h"

#define MIB          (1u << 20)
#define DISK_SECTORS (256 * MIB / BLK_SECTOR_SIZE)      /* build/guest.img */
#define CD_SECTORS   (64 * MIB / BLK_SECTOR_SIZE)       /* no smaller than the CD */
#define CD_DRIVE     2
#define BUFFER       0x10000u
#define TABLE        0x1000u
#define LINES        20000u
#define DIFFERENCES  10u                    /* that are shown */

struct line {
    enum { OUT, IN, OUTS, INS, AGAIN } kind;
    uint32_t port;                          /* AGAIN: lines */
    unsigned int width;
    uint32_t value;                         /* or count, or times */
    uint8_t sent[16];
    unsigned int sent_bytes;
};

static struct recording {
    const char *name;
    struct line lines[LINES];
    unsigned int count;
    unsigned int reads, differences;
} recording;

static struct board_host h;

/* ---- The recording ------------------------------------------------------------------------------------------ */

static void parse_sent(struct line *line, const char *digits)
{
    unsigned int byte;

    for (; sscanf(digits, "%2x", &byte) == 1; digits += 2) {
        assert_true(line->sent_bytes < sizeof(line->sent));
        line->sent[line->sent_bytes++] = (uint8_t)byte;
    }
}

static void parse_line(struct line *line, const char *text)
{
    static const char *const kinds[] = { "out", "in", "outs", "ins", "again" };
    char kind[8], value[40], sent[40] = "";
    unsigned int i = 0;

    *line = (struct line){ .width = 1 };
    assert_true(sscanf(text, "%7s", kind) == 1);
    while (strcmp(kinds[i], kind)) {
        i++;
        assert_true(i < sizeof(kinds) / sizeof(kinds[0]));
    }
    line->kind = i;
    if (line->kind == OUT || line->kind == IN) {
        assert_int_equal(sscanf(text, "%*s %x %39s", &line->port, value), 2);
        line->width = (unsigned int)strlen(value) / 2;
        line->value = (uint32_t)strtoul(value, NULL, 16);
    } else if (line->kind == AGAIN) {
        assert_int_equal(sscanf(text, "%*s %u %u", &line->port, &line->value), 2);
    } else {
        assert_in_range(sscanf(text, "%*s %x %u %u %39s", &line->port, &line->width, &line->value, sent), 3, 4);
        parse_sent(line, sent);
    }
}

static void load(const char *name)
{
    char path[100], text[200];
    FILE *file;

    recording = (struct recording){ .name = name };
    snprintf(path, sizeof(path), "tests/unit/recorded/%s.txt", name);
    file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(text, sizeof(text), file)) {
        assert_true(recording.count < LINES);
        parse_line(&recording.lines[recording.count++], text);
    }
    fclose(file);
}

/* ---- The world's answers ------------------------------------------------------------------------------------- */

/* The channel that a request is for, and in which of its blocks; -1: none. */
static int channel_of(uint32_t port, uint32_t primary, uint32_t secondary, uint32_t length)
{
    if (port - primary < length)
        return 0;
    return port - secondary < length ? 1 : -1;
}

static int command_of(uint32_t port) { return channel_of(port, 0x1f0, 0x170, 8); }
static int master_of(uint32_t port)  { return channel_of(port, 0xc000, 0xc008, 8); }

static void finish(int channel)
{
    for (unsigned int i = 0; i < 2; i++)
        while (ram_disk_complete(&h.disks[2 * channel + i]))
            ;
    shadow_settle(&h.board.shadows);
}

static void let_the_disk_answer(const struct line *line)
{
    int command = command_of(line->port), master = master_of(line->port);

    if (command >= 0 && (line->kind == INS || (line->port & 7) != IDE_STATUS || !(line->value & IDE_STATUS_BSY)))
        finish(command);
    if (master >= 0 && (line->port & 7) == BMISTA && line->value & BMISTA_IDEINTS)
        finish(master);
}

/* One that the transfer fills to its end. */
static void make_table(int channel)
{
    uint32_t left = h.board.ide[channel].t.sectors * BLK_SECTOR_SIZE;
    struct bmdma_prd *entry = (struct bmdma_prd *)(h.memory.bytes + TABLE);

    for (; left; entry++) {
        uint32_t part = left < 0x10000 ? left : 0x10000;

        left -= part;
        *entry = (struct bmdma_prd){ BUFFER, (part & 0xffff) | (left ? 0 : PRD_EOT) };
    }
}

/* ---- The guest's requests ------------------------------------------------------------------------------------ */

static void compare(const struct line *line, uint64_t value)
{
    uint32_t got = (uint32_t)value & (0xffffffff >> (32 - 8 * line->width));

    recording.reads++;
    if (got == line->value)
        return;
    if (recording.differences++ < DIFFERENCES)
        print_error("%s.txt:%u: port %x read %x, and now %x\n", recording.name,
                    (unsigned int)(line - recording.lines) + 1, line->port, line->value, got);
}

static void play_out(const struct line *line)
{
    int channel = master_of(line->port);
    uint32_t value = line->value;

    if (channel >= 0 && (line->port & 7) == BMIDTP)
        value = TABLE;
    if (channel >= 0 && (line->port & 7) == BMICOM && value & BMICOM_SSBM)
        make_table(channel);
    board_host_io(&h, 0, line->port, line->width, value, 1);
}

static void play(const struct line *line)
{
    switch (line->kind) {
    case OUT:
        play_out(line);
        break;
    case IN:
        let_the_disk_answer(line);
        compare(line, board_host_io(&h, XEN_REFLECT_READ, line->port, line->width, 0, 1));
        break;
    case OUTS:
        memcpy(h.memory.bytes + BUFFER, line->sent, line->sent_bytes);
        board_host_io(&h, XEN_REFLECT_PTR, line->port, line->width, BUFFER, line->value);
        break;
    case INS:
        let_the_disk_answer(line);
        board_host_io(&h, XEN_REFLECT_PTR | XEN_REFLECT_READ, line->port, line->width, BUFFER, line->value);
        break;
    case AGAIN:
        assert_true(line->port && line->port <= line - recording.lines);
        for (uint32_t times = line->value; times; times--)
            for (uint32_t i = line->port; i; i--)
                play(line - i);
        break;
    }
}

/* As tests/e2e/record makes the domain. */
static void boot(const char *name, bool disk, const char *order)
{
    const uint32_t sectors[BOARD_DRIVES] = { [0] = disk ? DISK_SECTORS : 0, [CD_DRIVE] = CD_SECTORS };
    struct board_config config = { .vcpus = 1, .vcpus_online = { 1 }, .ram_below_4g = 256 * MIB };

    load(name);
    board_host_plug_in(&h, TEST_MEMORY_SIZE, sectors);
    h.disks[0].deferred = h.disks[CD_DRIVE].deferred = true;
    h.disks[CD_DRIVE].backend.info.cdrom = h.disks[CD_DRIVE].backend.info.read_only = true;
    board_boot_order(&config, order);
    board_host_power(&h, &config);
    for (unsigned int i = 0; i < recording.count; i++)
        play(&recording.lines[i]);
    assert_int_equal(recording.differences, 0);
    print_message("# %s: %u reads are what they were\n", name, recording.reads);
}

static int tear_down(void **state)
{
    (void)state;
    board_host_free(&h);
    return 0;
}

static void from_disk(void **state)
{
    (void)state;
    boot("from-disk", true, "c");
}

static void from_cd(void **state)
{
    (void)state;
    boot("from-cd", false, "d");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(from_disk, tear_down),
        cmocka_unit_test_teardown(from_cd, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
