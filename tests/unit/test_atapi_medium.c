/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A medium that comes and goes, and how the host hears of it: sense data, unit attention, the tray, media events. */
#include "atapi_host.h"

#define TABLE  0x2000u
#define BUFFER 0x20000u

#define READ_ALL PACKET(ATAPI_READ_10, [7] = 1)         /* 256 blocks */
#define READY_PACKET PACKET(ATAPI_TEST_UNIT_READY)
#define EJECT PACKET(ATAPI_START_STOP_UNIT, [4] = ATAPI_LOEJ)
#define LOAD PACKET(ATAPI_START_STOP_UNIT, [4] = ATAPI_LOEJ | ATAPI_START)
#define START PACKET(ATAPI_START_STOP_UNIT, [4] = ATAPI_START)
#define PREVENT PACKET(ATAPI_PREVENT_ALLOW_REMOVAL, [4] = ATAPI_PREVENT)
#define ALLOW PACKET(ATAPI_PREVENT_ALLOW_REMOVAL)

static uint8_t bytes[256 * ATAPI_BLOCK_SIZE];

static int set_up(void **state)
{
    (void)state;
    cd_host_init(&h, 1, 0);
    return 0;
}

static void assert_attention(uint16_t code)
{
    cd_assert_fails(&h, READY_PACKET, ATAPI_UNIT_ATTENTION, code);
}

static void assert_not_ready(uint16_t code)
{
    cd_assert_fails(&h, READY_PACKET, ATAPI_NOT_READY, code);
}

/* The media class's event code and status. */
static void assert_event(uint8_t event, uint8_t status)
{
    const uint8_t expected[8] = { 0, 6, 4, 0x12, event, status };

    assert_int_equal(cd_ask(&h, PACKET(ATAPI_GET_EVENT_STATUS, ATAPI_POLLED, [4] = 0x10, [8] = 8), bytes, 8), 8);
    assert_memory_equal(bytes, expected, 8);
}

static void power_on_is_quiet(void **state)
{
    (void)state;
    cd_do(&h, READY_PACKET);
    assert_event(ATAPI_EVENT_NONE, ATAPI_MEDIA_PRESENT);
}

static void a_reset_is_reported_once(void **state)
{
    (void)state;
    cd_do(&h, PREVENT);
    ide_control(&h, IDE_CONTROL_SRST);
    ide_control(&h, 0);
    ide_select(&h, 1);
    assert_int_equal(cd_wishes.unlocks, 1);
    assert_int_equal(cd_ask(&h, PACKET(ATAPI_INQUIRY, [4] = 36), bytes, 36), 36);       /* these do not mind */
    assert_int_equal(cd_ask(&h, PACKET(ATAPI_GET_CONFIGURATION, [8] = 8), bytes, 8), 8);
    assert_event(ATAPI_EVENT_NONE, ATAPI_MEDIA_PRESENT);
    cd_assert_fails(&h, PACKET(ATAPI_READ_CAPACITY), ATAPI_UNIT_ATTENTION, ATAPI_RESET_OCCURRED);
    cd_do(&h, READY_PACKET);
}

/* REQUEST SENSE with nothing else to tell reports the condition, and that is that. */
static void request_sense_reports_attention(void **state)
{
    (void)state;
    ide_out(&h, IDE_COMMAND, IDE_DEVICE_RESET);
    assert_int_equal(cd_ask(&h, PACKET(ATAPI_REQUEST_SENSE, [4] = 18), bytes, 18), 18);
    assert_int_equal(bytes[2], ATAPI_UNIT_ATTENTION);
    assert_int_equal(bytes[12], 0x29);
    cd_do(&h, READY_PACKET);
}

static void sense_lasts_until_the_next_command(void **state)
{
    (void)state;
    cd_send(&h, PACKET(0x5d), CD_LIMIT, false);
    assert_failed(&h, 0, ATAPI_ILLEGAL_REQUEST << 4 | IDE_ERROR_ABRT);
    assert_int_equal(cd_ask(&h, PACKET(ATAPI_REQUEST_SENSE, [4] = 8), bytes, 8), 8);    /* cut short */
    assert_int_equal(bytes[2], ATAPI_ILLEGAL_REQUEST);
    cd_send(&h, PACKET(0x5d), CD_LIMIT, false);
    assert_failed(&h, 0, ATAPI_ILLEGAL_REQUEST << 4 | IDE_ERROR_ABRT);
    cd_do(&h, READY_PACKET);
    assert_int_equal(cd_ask(&h, PACKET(ATAPI_REQUEST_SENSE, [4] = 18), bytes, 18), 18);
    assert_int_equal(bytes[2], ATAPI_NO_SENSE);
}

static void the_medium_changes(void **state)
{
    (void)state;
    cd_change(&h, 0);
    assert_event(ATAPI_EVENT_MEDIA_REMOVAL, 0);
    assert_event(ATAPI_EVENT_NONE, 0);
    assert_not_ready(ATAPI_NO_MEDIUM_TRAY_CLOSED);
    assert_not_ready(ATAPI_NO_MEDIUM_TRAY_CLOSED);
    cd_assert_fails(&h, START, ATAPI_NOT_READY, ATAPI_NO_MEDIUM_TRAY_CLOSED);
    cd_change(&h, 500);
    assert_event(ATAPI_EVENT_NEW_MEDIA, ATAPI_MEDIA_PRESENT);
    assert_attention(ATAPI_MEDIUM_MAY_HAVE_CHANGED);
    cd_do(&h, READY_PACKET);
    cd_do(&h, START);
    assert_int_equal(cd_ask(&h, PACKET(ATAPI_READ_CAPACITY), bytes, 8), 8);
    assert_int_equal(bytes[2] << 8 | bytes[3], 499);
    cd_change(&h, 600);                                 /* exchanged on the spot */
    assert_attention(ATAPI_MEDIUM_MAY_HAVE_CHANGED);
    cd_change(&h, 500);                                 /* and gone before anybody asked */
    cd_change(&h, 0);
    assert_not_ready(ATAPI_NO_MEDIUM_TRAY_CLOSED);
}

/* A drive that is empty at power-on is a drive. */
static void empty_at_power_on(void **state)
{
    (void)state;
    cd_backend(&h)->info.sectors = 0;
    ide_host_power(&h);
    ide_select(&h, 1);
    assert_int_equal(ide_in(&h, IDE_LBA_HIGH), 0xeb);
    assert_not_ready(ATAPI_NO_MEDIUM_TRAY_CLOSED);
    assert_int_equal(cd_ask(&h, PACKET(ATAPI_INQUIRY, [4] = 36), bytes, 36), 36);
    cd_assert_fails(&h, PACKET(ATAPI_READ_TOC_PMA_ATIP, [8] = 12), ATAPI_NOT_READY, ATAPI_NO_MEDIUM_TRAY_CLOSED);
    cd_change(&h, 3);
    assert_attention(ATAPI_MEDIUM_MAY_HAVE_CHANGED);
    assert_int_equal(cd_ask(&h, PACKET(ATAPI_READ_10, [8] = 3), bytes, 3 * 2048), 3 * 2048);
    assert_pattern(bytes, 0, 12);
}

static void both_attentions_are_reported(void **state)
{
    (void)state;
    cd_change(&h, 77);
    ide_out(&h, IDE_COMMAND, IDE_DEVICE_RESET);
    assert_attention(ATAPI_RESET_OCCURRED);
    assert_attention(ATAPI_MEDIUM_MAY_HAVE_CHANGED);
    cd_do(&h, READY_PACKET);
}

static void the_host_opens_and_closes_the_tray(void **state)
{
    (void)state;
    cd_do(&h, EJECT);
    assert_event(ATAPI_EVENT_MEDIA_REMOVAL, ATAPI_TRAY_OPEN);
    assert_not_ready(ATAPI_NO_MEDIUM_TRAY_OPEN);
    assert_int_equal(cd_ask(&h, PACKET(ATAPI_MECHANISM_STATUS, [9] = 8), bytes, 8), 8);
    assert_int_equal(bytes[1], 0x10);
    cd_do(&h, EJECT);                                   /* open already */
    cd_do(&h, LOAD);                                    /* nobody took it */
    assert_event(ATAPI_EVENT_NEW_MEDIA, ATAPI_MEDIA_PRESENT);
    assert_attention(ATAPI_MEDIUM_MAY_HAVE_CHANGED);
    cd_do(&h, READY_PACKET);
    cd_do(&h, LOAD);
    cd_do(&h, READY_PACKET);
}

static void the_world_takes_what_was_ejected(void **state)
{
    (void)state;
    cd_do(&h, EJECT);
    cd_change(&h, 0);
    assert_not_ready(ATAPI_NO_MEDIUM_TRAY_OPEN);
    cd_do(&h, LOAD);
    assert_not_ready(ATAPI_NO_MEDIUM_TRAY_CLOSED);
    cd_do(&h, EJECT);
    cd_change(&h, 99);                                  /* closes the tray */
    assert_event(ATAPI_EVENT_NEW_MEDIA, ATAPI_MEDIA_PRESENT);
    assert_attention(ATAPI_MEDIUM_MAY_HAVE_CHANGED);
    cd_do(&h, READY_PACKET);
}

static void a_locked_tray(void **state)
{
    (void)state;
    cd_do(&h, PREVENT);
    cd_do(&h, PREVENT);
    assert_int_equal(cd_wishes.locks, 1);
    cd_assert_fails(&h, EJECT, ATAPI_ILLEGAL_REQUEST, ATAPI_REMOVAL_PREVENTED);
    cd_do(&h, READY_PACKET);
    assert_int_equal(cd_ask(&h, PACKET(ATAPI_MODE_SENSE_10, [2] = 0x2a, [8] = 30), bytes, 30), 30);
    assert_int_equal(bytes[8 + 6] & 0x02, 0x02);
    cd_backend(&h)->listener->eject_asked(cd_backend(&h)->listener);
    assert_event(ATAPI_EVENT_EJECT_REQUEST, ATAPI_MEDIA_PRESENT);
    assert_event(ATAPI_EVENT_NONE, ATAPI_MEDIA_PRESENT);
    cd_do(&h, ALLOW);
    assert_int_equal(cd_wishes.unlocks, 1);
    cd_do(&h, EJECT);
    cd_assert_fails(&h, PACKET(ATAPI_PREVENT_ALLOW_REMOVAL, [4] = ATAPI_PERSISTENT), ATAPI_ILLEGAL_REQUEST,
                    ATAPI_INVALID_FIELD_IN_CDB);
}

static void the_motor(void **state)
{
    (void)state;
    cd_do(&h, PACKET(ATAPI_START_STOP_UNIT));
    cd_do(&h, START);
    cd_do(&h, READY_PACKET);
    cd_assert_fails(&h, PACKET(ATAPI_START_STOP_UNIT, [4] = 0x30), ATAPI_ILLEGAL_REQUEST, ATAPI_INVALID_FIELD_IN_CDB);
}

static void event_classes(void **state)
{
    static const struct {
        uint8_t classes, length, notification;
    } cases[] = { { 0x10, 8, 0x04 }, { 0x12, 8, 0x01 }, { 0x02, 8, 0x01 }, { 0x40, 4, 0x80 }, { 0x00, 4, 0x80 } };

    (void)state;
    for (unsigned int i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const uint8_t packet[12] = { ATAPI_GET_EVENT_STATUS, ATAPI_POLLED, [4] = cases[i].classes, [8] = 20 };

        assert_int_equal(cd_ask(&h, packet, bytes, 20), cases[i].length);
        assert_int_equal(bytes[1], cases[i].length - 2);
        assert_int_equal(bytes[2], cases[i].notification);
        assert_int_equal(bytes[3], 0x12);
    }
    cd_assert_fails(&h, PACKET(ATAPI_GET_EVENT_STATUS, [4] = 0x10, [8] = 8), ATAPI_ILLEGAL_REQUEST,
                    ATAPI_INVALID_FIELD_IN_CDB);
    cd_change(&h, 5);
    assert_int_equal(cd_ask(&h, PACKET(ATAPI_GET_EVENT_STATUS, ATAPI_POLLED, [4] = 0x12, [8] = 4), bytes, 4), 4);
    assert_int_equal(bytes[2], ATAPI_CLASS_MEDIA);      /* the header alone: the event is still there */
    assert_event(ATAPI_EVENT_NEW_MEDIA, ATAPI_MEDIA_PRESENT);
}

/* --- a read under way --- */

/* The answer that comes after the change may be of either medium, and is not given out. */
static void changed_while_the_backend_reads(void **state)
{
    struct ram_disk *ram = &h.disks[1].ram;

    (void)state;
    ram->deferred = true;
    cd_send(&h, READ_ALL, CD_LIMIT, false);
    cd_change(&h, 400);
    assert_int_equal(ide_alternate(&h), IDE_STATUS_BSY);
    assert_true(ram_disk_complete(ram));
    ram->deferred = false;
    cd_assert_sense(&h, ATAPI_UNIT_ATTENTION, ATAPI_MEDIUM_MAY_HAVE_CHANGED);
    cd_do(&h, READY_PACKET);
    ram->deferred = true;
    cd_send(&h, READ_ALL, CD_LIMIT, false);
    cd_change(&h, 0);
    assert_true(ram_disk_complete(ram));
    cd_assert_sense(&h, ATAPI_NOT_READY, ATAPI_NO_MEDIUM_TRAY_CLOSED);
}

/* What the drive has in its buffer was read from the old medium, and is good. */
static void changed_while_the_host_takes_data(void **state)
{
    (void)state;
    cd_send(&h, READ_ALL, 2048, false);
    for (unsigned int i = 0; i < 32; i++) {
        assert_int_equal(ide_acknowledge(&h), WANTS_DATA);
        if (i == 3)
            cd_change(&h, 400);
        ide_take(&h, bytes, 2048);
        assert_pattern(bytes, i * 4, 4);
    }
    cd_assert_sense(&h, ATAPI_UNIT_ATTENTION, ATAPI_MEDIUM_MAY_HAVE_CHANGED);
}

static void changed_while_dma_waits(void **state)
{
    (void)state;
    bm_descriptor(&h, TABLE, 0, BUFFER, 0x8000 | PRD_EOT);
    bm_table(&h, TABLE);
    cd_send(&h, READ_ALL, 0, true);
    bm_start(&h, true);
    assert_pattern(h.memory.bytes + BUFFER, 0, 64);
    assert_false(h.line.high);
    cd_change(&h, 10);
    cd_assert_sense(&h, ATAPI_UNIT_ATTENTION, ATAPI_MEDIUM_MAY_HAVE_CHANGED);
    bm_out(&h, BMICOM, 0);
    bm_start(&h, true);                                 /* moves nothing any more */
    assert_false(h.line.high);
    cd_do(&h, READY_PACKET);
}

static void changed_under_another_command(void **state)
{
    (void)state;
    cd_send(&h, PACKET(ATAPI_INQUIRY, [4] = 36), CD_LIMIT, false);
    cd_change(&h, 0);
    assert_int_equal(ide_acknowledge(&h), WANTS_DATA);
    ide_take(&h, bytes, 36);
    assert_int_equal(ide_acknowledge(&h), READY);
}

/* A read that a reset has ended is not ended again. */
static void changed_while_a_reset_drains(void **state)
{
    struct ram_disk *ram = &h.disks[1].ram;

    (void)state;
    ram->deferred = true;
    cd_send(&h, READ_ALL, CD_LIMIT, false);
    ide_out(&h, IDE_COMMAND, IDE_DEVICE_RESET);
    cd_change(&h, 5);
    assert_true(ram_disk_complete(ram));
    assert_int_equal(ide_in(&h, IDE_STATUS), 0);
    assert_false(h.line.high);
    assert_attention(ATAPI_RESET_OCCURRED);
    assert_attention(ATAPI_MEDIUM_MAY_HAVE_CHANGED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, cd_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(power_on_is_quiet),
        TEST(a_reset_is_reported_once),
        TEST(request_sense_reports_attention),
        TEST(sense_lasts_until_the_next_command),
        TEST(the_medium_changes),
        TEST(empty_at_power_on),
        TEST(both_attentions_are_reported),
        TEST(the_host_opens_and_closes_the_tray),
        TEST(the_world_takes_what_was_ejected),
        TEST(a_locked_tray),
        TEST(the_motor),
        TEST(event_classes),
        TEST(changed_while_the_backend_reads),
        TEST(changed_while_the_host_takes_data),
        TEST(changed_while_dma_waits),
        TEST(changed_under_another_command),
        TEST(changed_while_a_reset_drains),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
