/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A host that knows no rule (random_host.h), and two disks: accesses to all three register blocks in any order,
 * descriptors of any content, and a backend that answers, fails and delays as it likes.
 */
#include "random_host.h"

#define MASTER_SECTORS 3000u
#define SLAVE_SECTORS 1000u

static uint8_t any_command(void)
{
    static const uint8_t commands[] = {
        0x20, 0x24, 0x25, 0x29, 0x30, 0x34, 0x35, 0x39, 0x40, 0x42, 0x70, 0x90, 0x91, 0xc4, 0xc5, 0xc6, 0xc8, 0xca,
        0xe0, 0xe3, 0xe5, 0xe7, 0xea, 0xec, 0xef, 0xf8, 0xc8, 0xca, 0x25, 0x35, 0x06, 0x06, 0x3d, 0xce, 0xb0, 0xe4,
        0xe8,
    };

    return any(16) ? commands[any(sizeof(commands))] : any(256);
}

/* What SMART and TRIM want to see before they do anything. */
static void any_key(struct ide_host *h)
{
    ide_out(h, IDE_FEATURES, any(3) ? 0xd0 + any(11) : IDE_DSM_TRIM);
    ide_out(h, IDE_SECTOR_COUNT, any(10));
    ide_out(h, IDE_LBA_LOW, any(8));
    ide_out(h, IDE_LBA_MID, IDE_SMART_KEY_MID);
    ide_out(h, IDE_LBA_HIGH, IDE_SMART_KEY_HIGH);
    if (any(2))
        ide_out(h, IDE_COMMAND, any(2) ? IDE_SMART : IDE_DATA_SET_MANAGEMENT);
}

/* A list for TRIM, one in three rounds a good one, where the descriptors are likely to point. */
static void any_list(struct ide_host *h)
{
    uint64_t entry = any(3 * MASTER_SECTORS) | (uint64_t)any(64) << 48;

    for (unsigned int at = any(8) * sizeof(entry); at < RANDOM_RAM; at += 512)
        memcpy(h->memory.bytes + at, &entry, sizeof(entry));
}

static void any_register(struct ide_host *h)
{
    unsigned int reg = 1 + any(7);

    if (!any(3))
        ide_in(h, reg);
    else if (reg == IDE_COMMAND)
        ide_out(h, IDE_COMMAND, any_command());
    else if (reg == IDE_DEVICE)
        ide_out(h, IDE_DEVICE, any(3) ? IDE_DEVICE_LBA | any(2) << 4 : any(256));
    else if (!any(16))
        any_key(h);
    else
        ide_out(h, reg, any(2) ? any(20) : any(256));
}

static void any_bus_master(struct ide_host *h)
{
    if (any(2))
        bm_out(h, BMICOM, any(256));
    else
        ide_bmdma_ops.write(&h->channel, any(2) ? BMISTA : 0, 1u << any(2), any(65536));
}

static void step(struct ide_host *h)
{
    switch (any(10)) {
    case 0:
        any_descriptors(h);
        break;
    case 1:
        any_bus_master(h);
        break;
    case 2:
        if (!any(8))
            ide_control(h, any(256));
        else
            any_answer(h, SLAVE_SECTORS);
        break;
    case 3:
        any_data(h, 600);
        break;
    default:
        any_register(h);
        break;
    }
}

static void power(struct ide_host *h)
{
    ide_host_init(h, MASTER_SECTORS, SLAVE_SECTORS);
    h->disks[0].backend.info.discard = true;
    any_list(h);
}

static void assert_comes_back(struct ide_host *h)
{
    assert_int_equal(ide_in(h, IDE_STATUS), READY);
    assert_false(h->line.high);
    ide_out(h, IDE_COMMAND, IDE_IDENTIFY_DEVICE);
    assert_int_equal(ide_acknowledge(h), WANTS_DATA);
}

static void survives(void **state)
{
    static const struct random_commands commands = { power, step, assert_comes_back, 4000 };

    (void)state;
    random_host_run(&commands);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(survives) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
