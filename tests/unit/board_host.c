/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "board_host.h"

static size_t terminal_write(struct char_backend *backend, const uint8_t *bytes, size_t length)
{
    (void)backend, (void)bytes;
    return length;
}

static size_t terminal_read(struct char_backend *backend, uint8_t *bytes, size_t length)
{
    struct board_host *host = (struct board_host *)((char *)backend - offsetof(struct board_host, terminal));

    if (length > host->typed)
        length = host->typed;
    host->typed -= length;
    memset(bytes, 'x', length);
    return length;
}

void board_host_plug_in(struct board_host *host, uint32_t ram_size, const uint32_t sectors[BOARD_DRIVES])
{
    static const struct char_backend_ops terminal_ops = { .write = terminal_write, .read = terminal_read };

    fake_xen_init();
    test_memory_init(&host->memory);
    host->memory.size = ram_size;
    host->terminal = (struct char_backend){ .ops = &terminal_ops };
    for (unsigned int i = 0; i < BOARD_DRIVES; i++)
        if (sectors[i])
            ram_disk_init(&host->disks[i], sectors[i]);
}

void board_host_free(struct board_host *host)
{
    for (unsigned int i = 0; i < BOARD_DRIVES; i++)
        ram_disk_free(&host->disks[i]);
    test_memory_free(&host->memory);
    take_log();
}

void board_host_power(struct board_host *host, struct board_config *config)
{
    memset(fake_xen.claimed_ports, 0, sizeof(fake_xen.claimed_ports));
    memset(fake_xen.claimed_functions, 0, sizeof(fake_xen.claimed_functions));
    memset(fake_xen.memory_claims, 0, sizeof(fake_xen.memory_claims));
    fake_xen.shadows = NULL;
    fake_xen.range_room = XEN_REFLECT_MAX_RANGES;
    host->typed = 0;
    recorded_power_init(&host->power);
    for (unsigned int i = 0; i < BOARD_DRIVES; i++) {
        host->disks[i].queue = NULL;
        if (host->disks[i].bytes)
            config->drives[i] = &host->disks[i].backend;
    }
    config->guest = &host->memory.memory;
    config->power = &host->power.power;
    config->serial = &host->terminal;
    board_init(&host->board, config);
}

bool board_host_claimed(uint32_t port, unsigned int width)
{
    for (unsigned int i = 0; i < width; i++)
        if (port + i >= FAKE_PORTS || !fake_xen.claimed_ports[port + i])
            return false;
    return true;
}

/* The begin of an entry. */
static void take_writes(struct board_host *host)
{
    struct xen_reflect_write write;

    while (shadow_next_write(&host->board.shadows, &write)) {
        struct reflection access = dispatch_waited(&write);

        board_access(&host->board, &access);
    }
}

uint64_t board_host_io(struct board_host *host, uint32_t flags, uint32_t port, unsigned int width, uint32_t data,
                       uint32_t count)
{
    struct reflection reflection = {
        .what = XEN_REFLECT_WHY_IO | flags | width << XEN_REFLECT_SIZE_SHIFT,
        .address_low = port, .data_low = data, .count = count,
    };
    uint64_t value;

    if (!board_host_claimed(port, width))
        return ~0ull;
    if (!flags && count == 1 && fake_shadow_write(port, width, data))
        return ~0ull;
    take_writes(host);
    value = board_access(&host->board, &reflection);
    shadow_settle(&host->board.shadows);
    return value;
}

void board_host_type(struct board_host *host, uint32_t bytes)
{
    host->typed += bytes;
    host->terminal.listener->changed(host->terminal.listener);
    shadow_settle(&host->board.shadows);
}
