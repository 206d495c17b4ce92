/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A host that knows no rule (random_host.h), with a disk and a CD drive on one cable: packets of any content in any
 * phase, accesses to all registers in between, media that come and go, and a backend that answers, fails and delays as
 * it likes.
 */
#include "atapi_host.h"
#include "random_host.h"

#define DISK_SECTORS 1000u

static void any_register(struct ide_host *h)
{
    unsigned int reg = 1 + any(7);

    if (!any(3))
        ide_in(h, reg);
    else if (reg == IDE_COMMAND && any(4))
        ide_out(h, IDE_COMMAND, any(3) ? IDE_PACKET : IDE_DEVICE_RESET);
    else if (reg == IDE_DEVICE)
        ide_out(h, IDE_DEVICE, any(4) ? 0xb0 : 0xa0);
    else
        ide_out(h, reg, any(256));
}

/* Every code that the drive knows, with fields that mostly make sense. */
static void any_packet(struct ide_host *h)
{
    static const uint8_t codes[] = {
        0x00, 0x03, 0x12, 0x1b, 0x1e, 0x25, 0x28, 0x28, 0x2b, 0x42, 0x43, 0x46, 0x4a, 0x51, 0x52, 0x55, 0x5a, 0xa8,
        0xad, 0xb9, 0xbb, 0xbd, 0xbe, 0xbe,
    };
    uint8_t packet[ATAPI_PACKET_SIZE];

    for (unsigned int i = 1; i < sizeof(packet); i++)
        packet[i] = any(3) ? 0 : any(256);
    packet[0] = any(16) ? codes[any(sizeof(codes))] : any(256);
    if (packet[0] == ATAPI_MODE_SELECT_10 && any(4))
        packet[1] = 0x10;
    ide_out(h, IDE_DEVICE, 0xb0);
    ide_out(h, IDE_FEATURES, any(2));
    ide_out(h, IDE_LBA_MID, any(256));
    ide_out(h, IDE_LBA_HIGH, any(256));
    ide_out(h, IDE_COMMAND, IDE_PACKET);
    ide_give(h, packet, any(32) ? ATAPI_PACKET_SIZE : any(ATAPI_PACKET_SIZE));
}

static void any_bus_master(struct ide_host *h)
{
    if (any(2))
        bm_out(h, BMICOM, any(256));
    else
        any_descriptors(h);
}

/* What is in flight has been checked against the medium that was: the RAM disk is as large as any. */
static void any_medium(struct ide_host *h)
{
    struct blk_backend *drive = cd_backend(h);

    if (any(3))
        cd_change(h, any(3) ? 1 + any(CD_BLOCKS) : 0);
    else
        drive->listener->eject_asked(drive->listener);
}

static void step(struct ide_host *h)
{
    switch (any(12)) {
    case 0:
        any_bus_master(h);
        break;
    case 1:
        any_medium(h);
        break;
    case 2:
    case 3:
        any_answer(h, DISK_SECTORS);
        break;
    case 4:
    case 5:
        any_data(h, any(2) ? 40 : 40000);
        break;
    case 6:
        if (!any(8))
            ide_control(h, any(256));
        break;
    case 7:
    case 8:
    case 9:
        any_packet(h);
        break;
    default:
        any_register(h);
        break;
    }
}

static void power(struct ide_host *h)
{
    cd_host_init(h, 1, DISK_SECTORS);
}

static void assert_comes_back(struct ide_host *h)
{
    uint8_t sense[18];

    ide_select(h, 1);
    assert_int_equal(ide_in(h, IDE_STATUS), 0);
    assert_false(h->line.high);
    cd_change(h, 10);
    for (unsigned int i = 0; i < 2; i++)
        assert_int_equal(cd_ask(h, PACKET(ATAPI_REQUEST_SENSE, [4] = 18), sense, 18), 18);
    assert_int_equal(sense[12], 0x28);
    cd_do(h, PACKET(ATAPI_TEST_UNIT_READY));
}

static void survives(void **state)
{
    static const struct random_commands commands = { power, step, assert_comes_back, 2000 };

    (void)state;
    random_host_run(&commands);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(survives) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
