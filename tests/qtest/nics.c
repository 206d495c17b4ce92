/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "nics.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"

#define SLOT_FIRST 2                        /* before it are the bridges */
#define SLOT_LAST  31

static const struct {
    const char *driver;
    enum board_nic_model model;
} drivers[] = {
    { "e1000", BOARD_NIC_E1000 },
    { "e1000-82540em", BOARD_NIC_E1000 },
    { "rtl8139", BOARD_NIC_RTL8139 },
};

bool nics_is_device(const char *text)
{
    size_t length = strcspn(text, ",");

    for (unsigned int i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++)
        if (strlen(drivers[i].driver) == length && !strncmp(drivers[i].driver, text, length))
            return true;
    return false;
}

static enum board_nic_model model_of(const char *driver)
{
    for (unsigned int i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++)
        if (!strcmp(drivers[i].driver, driver))
            return drivers[i].model;
    fail("-device: %s is not known here", driver);
}

/* ---- Networks ----------------------------------------------------------------------------------------------- */

static struct netdev *find_netdev(struct nics *nics, const char *id)
{
    for (unsigned int i = 0; i < nics->netdev_count; i++)
        if (!strcmp(nics->netdevs[i].id, id))
            return &nics->netdevs[i];
    return NULL;
}

void nics_add_netdev(struct nics *nics, char *text)
{
    struct keyval list;
    const char *type, *id;
    unsigned int fd;

    keyval_parse(&list, "-netdev", text, "type");
    type = keyval_take(&list, "type");
    if (!type || strcmp(type, "socket") != 0)
        fail("-netdev: %s is not known here, only socket,fd=NUMBER,id=NAME", type ? type : "no type");
    id = keyval_take(&list, "id");
    fd = keyval_take_number(&list, "fd", 0, 65535, 65536);
    keyval_end(&list);
    if (!id || fd == 65536)
        fail("-netdev socket: wants fd= and id=");
    if (find_netdev(nics, id))
        fail("two networks have the name %s", id);
    if (nics->netdev_count == NICS_NAMED)
        fail("more than %u networks", NICS_NAMED);
    nics->netdevs[nics->netdev_count++] = (struct netdev){ .id = id, .fd = (int)fd };
}

/* ---- Cards -------------------------------------------------------------------------------------------------- */

void nics_add_device(struct nics *nics, char *text)
{
    if (nics->device_count == NICS_NAMED)
        fail("more than %u network cards", NICS_NAMED);
    keyval_parse(&nics->devices[nics->device_count++], "-device", text, "driver");
}

/* Six pairs of hexadecimal digits with colons between; by default QEMU's, the next for each card. */
static void take_address(struct nics *nics, struct keyval *list, struct nic *nic)
{
    const uint8_t first[NET_ADDRESS_BYTES] = { 0x52, 0x54, 0x00, 0x12, 0x34, 0x56 + (uint8_t)nics->count };
    const char *text = keyval_take(list, "mac");

    memcpy(nic->address, first, sizeof(first));
    for (unsigned int i = 0; text && i < NET_ADDRESS_BYTES; i++, text += 3) {
        char *end;

        nic->address[i] = (uint8_t)strtoul(text, &end, 16);
        if (end != text + 2 || !isxdigit((unsigned char)*text) || *end != (i + 1 < NET_ADDRESS_BYTES ? ':' : '\0'))
            fail("-device: mac= wants six pairs of hexadecimal digits with : between");
    }
}

static bool slot_is_free(const struct nics *nics, unsigned int slot)
{
    for (unsigned int i = 0; i < nics->count; i++)
        if (nics->slots[i].slot == slot)
            return false;
    return true;
}

/* addr=DEVICE[.0], in hexadecimal; without it the next one that is free. */
static uint8_t take_slot(const struct nics *nics, struct keyval *list)
{
    const char *text = keyval_take(list, "addr");
    unsigned long slot = BOARD_NIC_SLOT;
    char *end;

    while (!text && !slot_is_free(nics, slot))
        slot++;
    if (!text)
        return (uint8_t)slot;
    slot = strtoul(text, &end, 16);
    if (!isxdigit((unsigned char)*text) || (*end && strcmp(end, ".0") != 0) || slot < SLOT_FIRST || slot > SLOT_LAST)
        fail("-device: addr=%s is not a PCI device from %x to %x, function 0", text, SLOT_FIRST, SLOT_LAST);
    if (!slot_is_free(nics, slot))
        fail("-device: there is a card at addr=%s already", text);
    return (uint8_t)slot;
}

static int take_netdev(struct nics *nics, struct keyval *list)
{
    const char *id = keyval_take(list, "netdev");
    struct netdev *netdev = id ? find_netdev(nics, id) : NULL;

    if (!id)
        return -1;
    if (!netdev)
        fail("-device: there is no netdev=%s", id);
    if (netdev->plugged)
        fail("-device: netdev=%s is in use", id);
    netdev->plugged = true;
    return netdev->fd;
}

static void plug(struct nics *nics, struct keyval *list)
{
    struct nic *nic = &nics->slots[nics->count];

    if (nics->count == BOARD_NICS)
        fail("-device: there is room for %u network cards", BOARD_NICS);
    keyval_take(list, "id");
    nic->model = model_of(keyval_take(list, "driver"));
    take_address(nics, list, nic);
    nic->slot = take_slot(nics, list);
    nic->fd = take_netdev(nics, list);
    keyval_end(list);
    nics->count++;
}

void nics_plug(struct nics *nics)
{
    for (unsigned int i = 0; i < nics->device_count; i++)
        plug(nics, &nics->devices[i]);
}
