/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* MODE SENSE (10) and MODE SELECT (10) (T10/1416D clause 6; pages: T10/1545D clause 7 and SFF-8020i 10.8.6). */
#include "devices/ide/atapi_internal.h"
#include "lib/string.h"

#define HEADER_SIZE 8u

/* Page control, byte 2 bits 7:6 */
enum page_control { PC_CURRENT, PC_CHANGEABLE, PC_DEFAULT, PC_SAVED };

/* Medium type, SFF-8020i table 19 */
#define MEDIUM_DATA  0x01u
#define MEDIUM_NONE  0x70u
#define MEDIUM_TRAY_OPEN 0x71u

/* 48 times as fast as audio, kB/s */
#define SPEED 8467u

static const uint8_t error_default[ATAPI_ERROR_PAGE_SIZE] = {
    ATAPI_PAGE_ERROR_RECOVERY, ATAPI_ERROR_PAGE_SIZE - 2, 0, 1,     /* one retry */
};
static const uint8_t error_changeable[ATAPI_ERROR_PAGE_SIZE] = {
    ATAPI_PAGE_ERROR_RECOVERY, ATAPI_ERROR_PAGE_SIZE - 2, 0x37, 0xff,
};
static const uint8_t audio_default[ATAPI_AUDIO_PAGE_SIZE] = {
    ATAPI_PAGE_CD_AUDIO, ATAPI_AUDIO_PAGE_SIZE - 2, 0x04, 0, 0, 0, 0, 75, 1, 0xff, 2, 0xff,
};
static const uint8_t audio_changeable[ATAPI_AUDIO_PAGE_SIZE] = {
    ATAPI_PAGE_CD_AUDIO, ATAPI_AUDIO_PAGE_SIZE - 2, 0, 0, 0, 0, 0, 0, 0x0f, 0xff, 0x0f, 0xff,
};

/* The host can change the numbers; they have no effect. */
void atapi_mode_reset(struct atapi *atapi)
{
    memcpy(atapi->r.error_page, error_default, sizeof(error_default));
    memcpy(atapi->r.audio_page, audio_default, sizeof(audio_default));
}

static const uint8_t *choose(enum page_control control, const uint8_t *current, const uint8_t *changeable,
                             const uint8_t *original)
{
    return control == PC_CHANGEABLE ? changeable : control == PC_DEFAULT ? original : current;
}

static uint32_t put_error_recovery(const struct ide_device *device, uint8_t *page, enum page_control control)
{
    memcpy(page, choose(control, device->atapi.r.error_page, error_changeable, error_default), ATAPI_ERROR_PAGE_SIZE);
    return ATAPI_ERROR_PAGE_SIZE;
}

static uint32_t put_cd_device(const struct ide_device *device, uint8_t *page, enum page_control control)
{
    (void)device;
    page[0] = ATAPI_PAGE_CD_DEVICE;
    page[1] = 6;
    if (control != PC_CHANGEABLE) {
        atapi_put16(&page[4], 60);      /* seconds in a minute */
        atapi_put16(&page[6], 75);      /* frames in a second */
    }
    return 8;
}

static uint32_t put_cd_audio(const struct ide_device *device, uint8_t *page, enum page_control control)
{
    memcpy(page, choose(control, device->atapi.r.audio_page, audio_changeable, audio_default), ATAPI_AUDIO_PAGE_SIZE);
    return ATAPI_AUDIO_PAGE_SIZE;
}

static uint32_t put_capabilities(const struct ide_device *device, uint8_t *page, enum page_control control)
{
    page[0] = ATAPI_PAGE_CAPABILITIES;
    page[1] = 20;
    if (control == PC_CHANGEABLE)
        return 22;
    page[2] = 0x0b;                     /* reads CD-R, CD-RW, DVD-ROM */
    page[6] = 0x29 | (device->atapi.r.locked ? 0x02 : 0);       /* a tray that can be ejected and locked */
    atapi_put16(&page[8], SPEED);
    atapi_put16(&page[12], IDE_BUFFER_SIZE / 1024);
    atapi_put16(&page[14], SPEED);
    return 22;
}

static uint8_t medium_type(const struct ide_device *device)
{
    if (device->atapi.tray_open)
        return MEDIUM_TRAY_OPEN;
    return atapi_blocks(device) ? MEDIUM_DATA : MEDIUM_NONE;
}

void atapi_mode_sense(struct ide_device *device, const uint8_t *packet)
{
    static const struct {
        uint8_t code;
        uint32_t (*put)(const struct ide_device *device, uint8_t *page, enum page_control control);
    } pages[] = {
        { ATAPI_PAGE_ERROR_RECOVERY, put_error_recovery },
        { ATAPI_PAGE_CD_DEVICE, put_cd_device },
        { ATAPI_PAGE_CD_AUDIO, put_cd_audio },
        { ATAPI_PAGE_CAPABILITIES, put_capabilities },
    };
    uint8_t *answer = atapi_answer(device, 128), code = packet[2] & 0x3f;
    enum page_control control = packet[2] >> 6;
    uint32_t length = HEADER_SIZE;

    if (control == PC_SAVED) {
        atapi_check(device, ATAPI_ILLEGAL_REQUEST, ATAPI_SAVING_NOT_SUPPORTED);
        return;
    }
    for (unsigned int i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
        if (code == pages[i].code || code == ATAPI_PAGE_ALL)
            length += pages[i].put(device, answer + length, control);
    if (length == HEADER_SIZE || (packet[3] && (code != ATAPI_PAGE_ALL || packet[3] != 0xff))) {
        atapi_invalid_field(device);
        return;
    }
    atapi_put16(answer, length - 2);
    answer[2] = medium_type(device);
    atapi_give(device, length, atapi_get16(&packet[7]));
}

void atapi_mode_select(struct ide_device *device, const uint8_t *packet)
{
    uint32_t length = atapi_get16(&packet[7]);

    if ((packet[1] & 0x11) != 0x10)     /* pages as the standard has them, and not to be saved */
        atapi_invalid_field(device);
    else if (!length)
        atapi_end(device);
    else
        atapi_take(device, length);
}

/* The size of a page that begins the list and changes only what can be changed; 0: there is none. */
static uint32_t page_size(const struct atapi_registers *r, const uint8_t *list, uint32_t length)
{
    const uint8_t *current = NULL, *changeable = NULL;
    uint32_t size = 0;

    if (list[0] == ATAPI_PAGE_ERROR_RECOVERY) {
        current = r->error_page;
        changeable = error_changeable;
        size = ATAPI_ERROR_PAGE_SIZE;
    } else if (list[0] == ATAPI_PAGE_CD_AUDIO) {
        current = r->audio_page;
        changeable = audio_changeable;
        size = ATAPI_AUDIO_PAGE_SIZE;
    }
    if (size > length || list[1] != size - 2)
        return 0;
    for (uint32_t i = 2; i < size; i++)
        if ((list[i] ^ current[i]) & ~changeable[i])
            return 0;
    return size;
}

/* The whole list is looked at before anything is changed. */
void atapi_mode_selected(struct ide_device *device, const uint8_t *list, uint32_t length)
{
    struct atapi_registers *r = &device->atapi.r;
    struct atapi_registers changed = *r;

    if (length < HEADER_SIZE) {
        atapi_check(device, ATAPI_ILLEGAL_REQUEST, ATAPI_PARAMETER_LIST_LENGTH);
        return;
    }
    for (uint32_t at = HEADER_SIZE, size; at < length; at += size) {
        size = length - at < 2 || atapi_get16(&list[6]) ? 0 : page_size(r, &list[at], length - at);
        if (!size) {
            atapi_check(device, ATAPI_ILLEGAL_REQUEST, ATAPI_INVALID_FIELD_IN_LIST);
            return;
        }
        memcpy(list[at] == ATAPI_PAGE_CD_AUDIO ? changed.audio_page : changed.error_page, &list[at], size);
    }
    *r = changed;
    atapi_end(device);
}
