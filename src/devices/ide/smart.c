/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * SMART (T13/1410D 8.55 and T13/1699D, the SMART feature set): the drive is healthy, and knows the errors of the medium
 * that it has reported.
 *
 * A self-test is over as soon as it begins and has found nothing: what there is to test lies behind the backend.  Time
 * stamps are zero, for the drive has no clock.  Left out: WRITE LOG, the conveyance and selective tests, automatic
 * off-line collection, and every log but those below.
 */
#include "devices/ide/internal.h"
#include "lib/string.h"

/* Attributes.  Their numbers and flags are vendor specific by the standard, and the same everywhere. */
static const struct attribute {
    uint8_t id, flags, threshold;       /* flags: 0 pre-failure, 1 on-line, 2 speed, 3 rate, 4 count, 5 self-saving */
} attributes[] = {
    { 1, 0x0f, 6 },                     /* read error rate */
    { 5, 0x33, 36 },                    /* reallocated sectors */
    { 9, 0x32, 0 },                     /* hours of power */
    { 12, 0x32, 0 },                    /* power cycles */
    { 187, 0x32, 0 },                   /* uncorrectable errors reported */
    { 197, 0x12, 0 },                   /* sectors that wait for reallocation */
};
#define ATTRIBUTES (sizeof(attributes) / sizeof(attributes[0]))
#define GOOD 100u                       /* a value, from 253 down; trouble is at the threshold and below */

static void put_word(uint8_t *at, uint16_t value)
{
    at[0] = value;
    at[1] = value >> 8;
}

/* A page of zeroes in the buffer; send_page() gives it to the host. */
static uint8_t *new_page(struct ide_device *device)
{
    return memset(device->channel->buffer, 0, BLK_SECTOR_SIZE);
}

/* The last byte makes the page's sum zero. */
static void send_page(struct ide_device *device)
{
    uint8_t *page = device->channel->buffer, sum = 0;

    for (unsigned int i = 0; i < BLK_SECTOR_SIZE - 1; i++)
        sum += page[i];
    page[BLK_SECTOR_SIZE - 1] = -sum;
    ide_pio_in(device->channel, BLK_SECTOR_SIZE);
}

/* --- data --- */

static uint32_t raw_value(const struct ide_smart *smart, uint8_t id)
{
    if (id == 187)
        return smart->errors;
    return id == 12 ? 1 : 0;
}

static void read_data(struct ide_device *device)
{
    const struct ide_smart *smart = &device->smart;
    uint8_t *page = new_page(device);

    put_word(page, 0x0010);
    for (unsigned int i = 0; i < ATTRIBUTES; i++) {
        uint8_t *entry = page + 2 + 12 * i;

        entry[0] = attributes[i].id;
        entry[1] = attributes[i].flags;
        entry[3] = entry[4] = GOOD;     /* now, and the worst ever */
        put_word(&entry[5], ide_min(raw_value(smart, attributes[i].id), UINT16_MAX));
    }
    page[362] = smart->collected ? 0x02 : 0x00;     /* off-line data: complete, or never asked for */
    page[367] = 0x11;                   /* EXECUTE OFF-LINE IMMEDIATE; the short and the extended self-test */
    put_word(&page[368], 0x0003);       /* attributes survive standby; they can be saved automatically */
    page[370] = 0x01;                   /* errors are logged */
    page[372] = page[373] = 1;          /* minutes of a short, of an extended self-test */
    send_page(device);
}

static void read_thresholds(struct ide_device *device)
{
    uint8_t *page = new_page(device);

    put_word(page, 0x0010);
    for (unsigned int i = 0; i < ATTRIBUTES; i++) {
        page[2 + 12 * i] = attributes[i].id;
        page[3 + 12 * i] = attributes[i].threshold;
    }
    send_page(device);
}

/* --- logs --- */

/* The command in execution has met a bad sector, and has ended. */
void ide_smart_note_error(struct ide_device *device)
{
    struct ide_smart_error *error = &device->smart.error[device->smart.errors++ % IDE_SMART_ERRORS];

    memcpy(error->asked, device->channel->t.asked, sizeof(error->asked));
    memcpy(error->found, device->r.current, sizeof(device->r.current));
    error->found[IDE_ERROR] = device->r.error;
    error->found[IDE_DEVICE] = device->r.device;
    error->found[IDE_STATUS] = device->r.status;
}

/* The latest entry's place in a log, from 1 on; 0: the log is empty. */
static uint8_t latest(uint32_t count, uint32_t size)
{
    return count ? (count - 1) % size + 1 : 0;
}

/* Summary error log: five entries, each of five commands, the last of which failed, and of how it did. */
static void put_error_log(const struct ide_device *device, uint8_t *page)
{
    const struct ide_smart *smart = &device->smart;

    page[0] = 1;
    page[1] = latest(smart->errors, IDE_SMART_ERRORS);
    for (unsigned int i = 0; i < ide_min(smart->errors, IDE_SMART_ERRORS); i++) {
        uint8_t *entry = page + 2 + 90 * i, *command = entry + 4 * 12, *error = entry + 5 * 12;

        memcpy(&command[1], &smart->error[i].asked[1], 7);
        memcpy(&error[1], &smart->error[i].found[1], 7);
        error[27] = 0x03;               /* the drive was active or idle */
    }
    put_word(&page[452], ide_min(smart->errors, UINT16_MAX));
}

static void put_self_test_log(const struct ide_device *device, uint8_t *page)
{
    const struct ide_smart *smart = &device->smart;

    put_word(page, 0x0001);
    for (unsigned int i = 0; i < ide_min(smart->tests, IDE_SMART_TESTS); i++)
        page[2 + 24 * i] = smart->test[i];      /* [1], the result: 0, completed without error */
    page[508] = latest(smart->tests, IDE_SMART_TESTS);
}

static void put_directory(const struct ide_device *device, uint8_t *page)
{
    (void)device;
    put_word(page, 0x0001);
    page[2 * IDE_SMART_ERROR_LOG] = 1;
    page[2 * IDE_SMART_SELF_TEST_LOG] = 1;
}

static void read_log(struct ide_device *device)
{
    void (*put)(const struct ide_device *device, uint8_t *page) = NULL;

    switch (device->r.current[IDE_LBA_LOW]) {
    case IDE_SMART_LOG_DIRECTORY:
        put = put_directory;
        break;
    case IDE_SMART_ERROR_LOG:
        put = put_error_log;
        break;
    case IDE_SMART_SELF_TEST_LOG:
        put = put_self_test_log;
        break;
    }
    if (!put || device->r.current[IDE_SECTOR_COUNT] != 1) {
        ide_abort(device);
        return;
    }
    put(device, new_page(device));
    send_page(device);
}

/* --- commands without data; false: the drive does not do this --- */

static bool execute_off_line(struct ide_device *device)
{
    struct ide_smart *smart = &device->smart;
    uint8_t which = device->r.current[IDE_LBA_LOW];

    switch (which) {
    case IDE_SMART_COLLECT_DATA:
        smart->collected = true;
        return true;
    case IDE_SMART_ABORT_TEST:
        return true;
    case IDE_SMART_SHORT_TEST:
    case IDE_SMART_EXTENDED_TEST:
    case IDE_SMART_CAPTIVE | IDE_SMART_SHORT_TEST:
    case IDE_SMART_CAPTIVE | IDE_SMART_EXTENDED_TEST:
        smart->test[smart->tests++ % IDE_SMART_TESTS] = which;
        return true;
    default:
        return false;
    }
}

/* There is nothing to save that could get lost, and so no difference between on and off. */
static bool set_autosave(struct ide_device *device)
{
    uint8_t wanted = device->r.current[IDE_SECTOR_COUNT];

    return wanted == IDE_SMART_AUTOSAVE_ON || wanted == IDE_SMART_AUTOSAVE_OFF;
}

static bool without_data(struct ide_device *device, uint8_t subcommand)
{
    switch (subcommand) {
    case IDE_SMART_AUTOSAVE:
        return set_autosave(device);
    case IDE_SMART_EXECUTE_OFF_LINE:
        return execute_off_line(device);
    case IDE_SMART_SAVE_ATTRIBUTES:
    case IDE_SMART_RETURN_STATUS:       /* the key in LBA Mid and High means: no threshold is exceeded */
        return true;
    case IDE_SMART_ENABLE:
    case IDE_SMART_DISABLE:
        device->smart.enabled = subcommand == IDE_SMART_ENABLE;
        return true;
    default:
        return false;
    }
}

/* True: the command has its key, and SMART is enabled or is to be. */
static bool allowed(const struct ide_device *device)
{
    const uint8_t *current = device->r.current;

    return current[IDE_LBA_MID] == IDE_SMART_KEY_MID && current[IDE_LBA_HIGH] == IDE_SMART_KEY_HIGH &&
           (device->smart.enabled || current[IDE_FEATURES] == IDE_SMART_ENABLE);
}

void ide_smart(struct ide_device *device)
{
    uint8_t subcommand = device->r.current[IDE_FEATURES];

    if (!allowed(device))
        ide_abort(device);
    else if (subcommand == IDE_SMART_READ_DATA)
        read_data(device);
    else if (subcommand == IDE_SMART_READ_THRESHOLDS)
        read_thresholds(device);
    else if (subcommand == IDE_SMART_READ_LOG)
        read_log(device);
    else if (without_data(device, subcommand))
        ide_end(device);
    else
        ide_abort(device);
}
