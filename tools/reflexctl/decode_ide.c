/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The IDE channels.  Names: T13/1410D (ATA/ATAPI-6), T13/2015-D (ACS-2), SFF-8020i for ATAPI; Intel 290550 (PIIX3) for
 * the bus master.  Those of earlier standards that drivers still send are there, too.
 */
#include "decode.h"

#include "devices/ide/atapi_regs.h"
#include "devices/ide/bmdma_regs.h"
#include "devices/ide/ide_regs.h"

const struct bit_names ide_status_bits = { { "BSY", "DRDY", "DF", "DSC", "DRQ", "CORR", "IDX", "ERR" } };
const struct bit_names ide_error_bits = { { "ICRC", "UNC", "MC", "IDNF", "MCR", "ABRT", "EOM", "AMNF" } };
const struct bit_names ide_control_bits = { { "HOB", NULL, NULL, NULL, NULL, "SRST", "nIEN", NULL } };
const struct bit_names bmista_bits = { { "simplex", "DMA1CAP", "DMA0CAP", NULL, NULL, "IDEINTS", "ERROR", "BMIDEA" } };

/* Where a command's sector and count are: nowhere, in one byte of each register, or in two. */
enum form { PLAIN, SHORT, LONG };

static const struct command {
    uint8_t code;
    uint8_t form;
    const char *name;
} commands[] = {
    { 0x00, PLAIN, "NOP" },
    { 0x06, LONG,  "DATA SET MANAGEMENT" },
    { 0x08, PLAIN, "DEVICE RESET" },
    { 0x10, PLAIN, "RECALIBRATE" },
    { 0x20, SHORT, "READ SECTORS" },
    { 0x21, SHORT, "READ SECTORS (no retry)" },
    { 0x24, LONG,  "READ SECTORS EXT" },
    { 0x25, LONG,  "READ DMA EXT" },
    { 0x27, PLAIN, "READ NATIVE MAX ADDRESS EXT" },
    { 0x29, LONG,  "READ MULTIPLE EXT" },
    { 0x2f, PLAIN, "READ LOG EXT" },
    { 0x30, SHORT, "WRITE SECTORS" },
    { 0x31, SHORT, "WRITE SECTORS (no retry)" },
    { 0x34, LONG,  "WRITE SECTORS EXT" },
    { 0x35, LONG,  "WRITE DMA EXT" },
    { 0x37, PLAIN, "SET MAX ADDRESS EXT" },
    { 0x39, LONG,  "WRITE MULTIPLE EXT" },
    { 0x3d, LONG,  "WRITE DMA FUA EXT" },
    { 0x3f, PLAIN, "WRITE LOG EXT" },
    { 0x40, SHORT, "READ VERIFY SECTORS" },
    { 0x41, SHORT, "READ VERIFY SECTORS (no retry)" },
    { 0x42, LONG,  "READ VERIFY SECTORS EXT" },
    { 0x70, PLAIN, "SEEK" },
    { 0x90, PLAIN, "EXECUTE DEVICE DIAGNOSTIC" },
    { 0x91, PLAIN, "INITIALIZE DEVICE PARAMETERS" },
    { 0x94, PLAIN, "STANDBY IMMEDIATE (ATA-3)" },
    { 0x95, PLAIN, "IDLE IMMEDIATE (ATA-3)" },
    { 0x96, PLAIN, "STANDBY (ATA-3)" },
    { 0x97, PLAIN, "IDLE (ATA-3)" },
    { 0x98, PLAIN, "CHECK POWER MODE (ATA-3)" },
    { 0x99, PLAIN, "SLEEP (ATA-3)" },
    { 0xa0, PLAIN, "PACKET" },
    { 0xa1, PLAIN, "IDENTIFY PACKET DEVICE" },
    { 0xa2, PLAIN, "SERVICE" },
    { 0xb0, PLAIN, "SMART" },
    { 0xb1, PLAIN, "DEVICE CONFIGURATION" },
    { 0xc4, SHORT, "READ MULTIPLE" },
    { 0xc5, SHORT, "WRITE MULTIPLE" },
    { 0xc6, PLAIN, "SET MULTIPLE MODE" },
    { 0xc8, SHORT, "READ DMA" },
    { 0xc9, SHORT, "READ DMA (no retry)" },
    { 0xca, SHORT, "WRITE DMA" },
    { 0xcb, SHORT, "WRITE DMA (no retry)" },
    { 0xda, PLAIN, "GET MEDIA STATUS" },
    { 0xde, PLAIN, "MEDIA LOCK" },
    { 0xdf, PLAIN, "MEDIA UNLOCK" },
    { 0xe0, PLAIN, "STANDBY IMMEDIATE" },
    { 0xe1, PLAIN, "IDLE IMMEDIATE" },
    { 0xe2, PLAIN, "STANDBY" },
    { 0xe3, PLAIN, "IDLE" },
    { 0xe4, PLAIN, "READ BUFFER" },
    { 0xe5, PLAIN, "CHECK POWER MODE" },
    { 0xe6, PLAIN, "SLEEP" },
    { 0xe7, PLAIN, "FLUSH CACHE" },
    { 0xe8, PLAIN, "WRITE BUFFER" },
    { 0xea, PLAIN, "FLUSH CACHE EXT" },
    { 0xec, PLAIN, "IDENTIFY DEVICE" },
    { 0xed, PLAIN, "MEDIA EJECT" },
    { 0xef, PLAIN, "SET FEATURES" },
    { 0xf1, PLAIN, "SECURITY SET PASSWORD" },
    { 0xf5, PLAIN, "SECURITY FREEZE LOCK" },
    { 0xf8, PLAIN, "READ NATIVE MAX ADDRESS" },
    { 0xf9, PLAIN, "SET MAX ADDRESS" },
};

static const struct {
    uint8_t code;
    const char *name;
} features[] = {
    { 0x02, "write cache on" },     { 0x03, "transfer mode" },       { 0x05, "power management on" },
    { 0x10, "enable feature" },     { 0x42, "acoustic on" },         { 0x55, "look-ahead off" },
    { 0x66, "keep settings" },      { 0x82, "write cache off" },     { 0x85, "power management off" },
    { 0x90, "disable feature" },    { 0xaa, "look-ahead on" },       { 0xcc, "revert settings" },
};

/* SFF-8020i, MMC-6 */
static const struct {
    uint8_t code;
    const char *name;
} packets[] = {
    { 0x00, "TEST UNIT READY" },            { 0x03, "REQUEST SENSE" },       { 0x12, "INQUIRY" },
    { 0x1a, "MODE SENSE (6)" },             { 0x1b, "START STOP UNIT" },     { 0x1e, "PREVENT ALLOW MEDIUM REMOVAL" },
    { 0x23, "READ FORMAT CAPACITIES" },     { 0x25, "READ CAPACITY" },       { 0x28, "READ (10)" },
    { 0x2b, "SEEK (10)" },                  { 0x42, "READ SUB-CHANNEL" },    { 0x43, "READ TOC" },
    { 0x46, "GET CONFIGURATION" },          { 0x4a, "GET EVENT STATUS NOTIFICATION" },
    { 0x51, "READ DISC INFORMATION" },      { 0x52, "READ TRACK INFORMATION" },
    { 0x55, "MODE SELECT (10)" },           { 0x5a, "MODE SENSE (10)" },     { 0xa8, "READ (12)" },
    { 0xac, "GET PERFORMANCE" },            { 0xad, "READ DISC STRUCTURE" }, { 0xb9, "READ CD MSF" },
    { 0xbb, "SET CD SPEED" },               { 0xbd, "MECHANISM STATUS" },    { 0xbe, "READ CD" },
};

/* ---- The task file, as the guest has written it --------------------------------------------------------------- */

static bool know(const struct decode_ide *ide, unsigned int registers)
{
    return (ide->known & registers) == registers;
}

static void remember(struct decode_ide *ide, unsigned int reg, uint8_t value)
{
    ide->previous[reg] = ide->current[reg];
    ide->previous_known = (uint8_t)((ide->previous_known & ~(1u << reg)) | (ide->known & 1u << reg));
    ide->current[reg] = value;
    ide->known |= (uint8_t)(1u << reg);
}

void decode_know_drive(struct decoder *decoder, unsigned int which, uint8_t device)
{
    remember(&decoder->ide[which], IDE_DEVICE, device);
}

bool decode_knows_drive(const struct decoder *decoder, unsigned int which)
{
    return know(&decoder->ide[which], 1u << IDE_DEVICE);
}

static void add_drive(const struct decoder *decoder, unsigned int which, struct text *words)
{
    const struct decode_ide *ide = &decoder->ide[which];

    text_add(words, "ide%u", which);
    if (know(ide, 1u << IDE_DEVICE))
        text_add(words, ".%u", !!(ide->current[IDE_DEVICE] & IDE_DEVICE_DEV));
}

#define ADDRESS (1u << IDE_SECTOR_COUNT | 1u << IDE_LBA_LOW | 1u << IDE_LBA_MID | 1u << IDE_LBA_HIGH)

static uint32_t lba24(const uint8_t *registers)
{
    return registers[IDE_LBA_LOW] | registers[IDE_LBA_MID] << 8 | (uint32_t)registers[IDE_LBA_HIGH] << 16;
}

static void add_short(const struct decode_ide *ide, struct text *words)
{
    const uint8_t *now = ide->current;
    unsigned int head = now[IDE_DEVICE] & IDE_DEVICE_HEAD, count = now[IDE_SECTOR_COUNT];

    if (!know(ide, ADDRESS | 1u << IDE_DEVICE))
        return;
    text_add(words, ", %u sectors at ", count ? count : 256);
    if (now[IDE_DEVICE] & IDE_DEVICE_LBA)
        text_add(words, "%u", lba24(now) | head << 24);
    else
        text_add(words, "cylinder %u head %u sector %u", now[IDE_LBA_MID] | now[IDE_LBA_HIGH] << 8, head,
                 now[IDE_LBA_LOW]);
}

static void add_long(const struct decode_ide *ide, struct text *words)
{
    unsigned int count = ide->current[IDE_SECTOR_COUNT] | ide->previous[IDE_SECTOR_COUNT] << 8;

    if (know(ide, ADDRESS) && (ide->previous_known & ADDRESS) == ADDRESS)
        text_add(words, ", %u sectors at %llu", count ? count : 65536,
                 lba24(ide->current) | (unsigned long long)lba24(ide->previous) << 24);
}

static void add_feature(const struct decode_ide *ide, struct text *words)
{
    if (!know(ide, 1u << IDE_FEATURES))
        return;
    text_add(words, " %02x", ide->current[IDE_FEATURES]);
    for (unsigned int i = 0; i < sizeof(features) / sizeof(features[0]); i++)
        if (features[i].code == ide->current[IDE_FEATURES])
            text_add(words, " %s", features[i].name);
    if (ide->current[IDE_FEATURES] == IDE_FEATURE_TRANSFER_MODE && know(ide, 1u << IDE_SECTOR_COUNT))
        text_add(words, " %02x", ide->current[IDE_SECTOR_COUNT]);
}

static void add_command(const struct decode_ide *ide, uint8_t code, struct text *words)
{
    for (unsigned int i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (commands[i].code != code)
            continue;
        text_add(words, " %s", commands[i].name);
        if (commands[i].form == SHORT)
            add_short(ide, words);
        else if (commands[i].form == LONG)
            add_long(ide, words);
        if (code == IDE_SET_FEATURES)
            add_feature(ide, words);
        return;
    }
    text_add(words, " unknown command %02x", code);
}

/* ---- Registers ------------------------------------------------------------------------------------------------ */

/* Nothing else is as short as a packet. */
static void add_packet(const uint8_t *packet, struct text *words)
{
    text_add(words, " packet");
    for (unsigned int i = 0; i < sizeof(packets) / sizeof(packets[0]); i++)
        if (packets[i].code == packet[0])
            text_add(words, " %s", packets[i].name);
    for (unsigned int i = 0; i < ATAPI_PACKET_SIZE; i++)
        text_add(words, "%s%02x", i ? " " : ": ", packet[i]);
}

static void add_data(const struct access *access, struct text *words)
{
    if (access->sent && access->count * access->size == ATAPI_PACKET_SIZE) {
        add_packet(access->sent, words);
        return;
    }
    text_add(words, " data");
    if (access->string)
        text_add(words, ", %llu bytes", (unsigned long long)access->count * access->size);
}

static void add_bits(const struct access *access, const char *name, const struct bit_names *names, struct text *words)
{
    text_add(words, " %s", name);
    if (!access->under_way && !access->string)
        text_add_bits(words, names, (uint8_t)access->value);
}

void decode_ide_command(struct decoder *decoder, unsigned int which, const struct access *access, struct text *words)
{
    static const char *const names[8] = {
        "data", "features", "sector count", "LBA low", "LBA mid", "LBA high", "device", "command",
    };
    struct decode_ide *ide = &decoder->ide[which];
    uint8_t value = (uint8_t)access->value;

    if (!access->read && !access->string && access->offset && access->offset < IDE_COMMAND)
        remember(ide, access->offset, value);
    add_drive(decoder, which, words);
    if (access->offset == IDE_DATA)
        add_data(access, words);
    else if (access->string)
        text_add(words, " %s", names[access->offset]);
    else if (access->offset == IDE_COMMAND && !access->read)
        add_command(ide, value, words);
    else if (access->offset == IDE_STATUS)
        add_bits(access, "status", &ide_status_bits, words);
    else if (access->offset == IDE_ERROR && access->read)
        add_bits(access, "error", &ide_error_bits, words);
    else
        text_add(words, " %s", names[access->offset]);
}

void decode_ide_control(struct decoder *decoder, unsigned int which, const struct access *access, struct text *words)
{
    if (access->read) {
        add_drive(decoder, which, words);
        add_bits(access, "alternate status", &ide_status_bits, words);
    } else {
        text_add(words, "ide%u", which);
        add_bits(access, "device control", &ide_control_bits, words);
    }
}

void decode_ide_master(struct decoder *decoder, unsigned int which, const struct access *access, struct text *words)
{
    (void)decoder;
    text_add(words, "ide%u bus master", which);
    if (access->offset >= BMIDTP) {
        text_add(words, " descriptor table");
    } else if (access->offset == BMISTA) {
        add_bits(access, "status", &bmista_bits, words);
    } else if (access->offset == BMICOM) {
        text_add(words, " command");
        if (!access->under_way && !access->string)
            text_add(words, "%s%s", access->value & BMICOM_SSBM ? " start" : " stop",
                     access->value & BMICOM_RWCON ? ", to memory" : "");
    }
}

/* What is asked for is in the guest's memory, which may have been used for something else since. */
void decode_ide_direct(struct decoder *decoder, unsigned int which, const struct access *access, struct text *words)
{
    (void)decoder, (void)which;
    text_add(words, "ide direct path");
    if (!access->read && !access->string)
        text_add(words, ", request at %x", (unsigned int)access->value);
}
