/* SPDX-License-Identifier: LGPL-3.0-or-later */
#define _GNU_SOURCE
#include "args.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "tools/common/message.h"

/* All `length` characters are the number. */
static bool parse_number(const char *s, size_t length, long max, long *value)
{
    char *end;

    if (*s < '0' || *s > '9')
        return false;
    errno = 0;
    *value = strtol(s, &end, 10);
    return errno == 0 && end == s + length && *value <= max;
}

const char *args_find_key(const char *list, const char *key, unsigned int *length)
{
    size_t key_length = strlen(key);

    for (const char *item = list; item; item = strchr(item, ',')) {
        item += *item == ',';
        if (strncmp(item, key, key_length) == 0 && item[key_length] == '=') {
            const char *value = item + key_length + 1;
            *length = strcspn(value, ",");
            return value;
        }
    }
    return NULL;
}

static bool take_domid(struct args *args, const char *value)
{
    long domid;

    /* 0x7ff0 is the first reserved number (xen.h, DOMID_FIRST_RESERVED). */
    if (!parse_number(value, strlen(value), 0x7fef, &domid))
        return message("-xen-domid %s is not a domain number", value), false;
    args->domid = domid;
    return true;
}

static bool take_chardev(struct args *args, const char *value)
{
    struct args_socket socket = { .fd = -1 };
    unsigned int length;
    const char *id = args_find_key(value, "id", &length), *fd;
    long number;

    if (strncmp(value, "socket,", 7) || !id || (strncmp(id, "libxl-cmd,", 10) && strncmp(id, "libxenstat-cmd,", 15)))
        return true;
    if (args->nr_sockets == ARGS_MAX_SOCKETS)
        return message("more than %d QMP sockets", ARGS_MAX_SOCKETS), false;
    socket.path = args_find_key(value, "path", &socket.path_length);
    fd = args_find_key(value, "fd", &length);
    if (!socket.path) {
        if (!fd || !parse_number(fd, length, INT_MAX, &number))
            return message("-chardev %s has neither path= nor fd=", value), false;
        socket.fd = number;
    }
    args->sockets[args->nr_sockets++] = socket;
    return true;
}

static bool take_boot(struct args *args, const char *value)
{
    unsigned int length;
    const char *order = args_find_key(value, "order", &length);

    if (!order)
        return true;
    if (length > ARGS_BOOT_ORDER_MAX || strspn(order, "abcdefghijklmnop") < length)
        return message("-boot %s: the order is letters, such as cd", value), false;
    memcpy(args->boot_order, order, length);
    args->boot_order[length] = '\0';
    return true;
}

/* libxl describes a CD drive as if=none,readonly=on,id=ide-N[,file=PATH,format=raw]; disks are blkback's. */
static bool take_drive(struct args *args, const char *value)
{
    struct args_drive drive = { .file = NULL };
    unsigned int length, format_length = 0;
    const char *id = args_find_key(value, "id", &length), *format = args_find_key(value, "format", &format_length);
    long number;

    if (strncmp(value, "if=none,", 8) || !id || strncmp(id, "ide-", 4))
        return true;
    if (!parse_number(id + 4, length - 4, INT_MAX, &number) || !number || args->nr_drives == ARGS_MAX_DRIVES)
        return message("-drive %s: no such drive, or one too many", value), false;
    drive.virtual_device = number;
    drive.file = args_find_key(value, "file", &drive.file_length);
    if (drive.file && (format_length != 3 || strncmp(format, "raw", 3))) {
        message("-drive %s: only raw images can be read; it starts empty", value);
        drive.file = NULL;
    }
    args->drives[args->nr_drives++] = drive;
    return true;
}

/* The first port's bytes travel on the PV console ring, so that it can be a pty and nothing else.  The others have no
 * ring: xl makes none for an emulated port, and xenconsoled serves none but the console's.  They are there for a guest
 * that wants to see them, with nothing plugged in.  "none" keeps the number free, as in QEMU. */
static bool take_serial(struct args *args, const char *value)
{
    unsigned int port = args->nr_serials++;
    bool none = strcmp(value, "none") == 0, pty = strcmp(value, "pty") == 0;

    if (port == 0) {
        args->serial = pty;
        if (!pty)
            message("-serial %s: ignored; the first serial port is a pty, on the domain's console", value);
    } else if (port >= ARGS_MAX_SERIALS) {
        message("-serial %s: ignored; there are %u serial ports", value, ARGS_MAX_SERIALS);
    } else if (!none) {
        message("-serial %s: serial port %u has nothing plugged in", value, port);
        args->serial_ports[strlen(args->serial_ports)] = '1' + port;
    }
    return true;
}

static bool take_network_card(struct args *args, const char *value)
{
    if (strcmp(value, "e1000") && strcmp(value, "rtl8139"))
        return message("-reflex-nic %s: the network cards are e1000 and rtl8139", value), false;
    args->network_card = value;
    return true;
}

/* libxl describes a vif here only when QEMU would be at its other end, with a tap device. */
static bool take_netdev(struct args *args, const char *value)
{
    (void)value;
    args->emulated_vif = true;
    return true;
}

/* What libxl makes of vga="stdvga".  Its vga="cirrus" is a card that we do not have. */
static bool take_device(struct args *args, const char *value)
{
    if (strcmp(value, "VGA") == 0 || strncmp(value, "VGA,", 4) == 0)
        args->display = true;
    else if (strncmp(value, "cirrus-vga", 10) == 0 || strncmp(value, "qxl-vga", 7) == 0)
        message("-device %s: ignored; the display adapter of a domain is vga=\"stdvga\"", value);
    return true;
}

#define DISPLAY_MAX (UINT16_MAX - 5900)

static unsigned int display_number(const char *value, unsigned int other)
{
    return value && *value >= '0' && *value <= '9' ? (unsigned int)strtoul(value, NULL, 10) : other;
}

/* "password" alone is QEMU's short form of password=on.  What is not understood keeps viewers out. */
static bool wants_password(const char *options)
{
    unsigned int length;
    const char *value = args_find_key(options, "password", &length);

    if (value)
        return length != 3 || strncmp(value, "off", 3);
    for (; *options; options += strcspn(options, ",")) {
        options += *options == ',';
        if (strcspn(options, ",") == 8 && strncmp(options, "password", 8) == 0)
            return true;
    }
    return false;
}

/* ADDRESS:DISPLAY[,password=on][,to=LAST]; an IPv6 address stands in brackets. */
static bool take_vnc(struct args *args, const char *value)
{
    unsigned int length, end = strcspn(value, ",");
    const char *colon = memrchr(value, ':', end), *to = args_find_key(value, "to", &length);
    struct args_vnc vnc = { .wanted = true, .address = value };

    args->vnc = (struct args_vnc){ .wanted = false };
    if (strcmp(value, "none") == 0)
        return true;
    vnc.address_length = colon ? (unsigned int)(colon - value) : end;
    vnc.display = display_number(colon ? colon + 1 : NULL, UINT32_MAX);
    vnc.last = display_number(to, vnc.display);
    vnc.password = wants_password(value + end);
    if (vnc.address_length >= 2 && *value == '[' && value[vnc.address_length - 1] == ']') {
        vnc.address++;
        vnc.address_length -= 2;
    }
    if (!colon || vnc.display > DISPLAY_MAX || vnc.last > DISPLAY_MAX || vnc.address_length >= ARGS_ADDRESS_MAX)
        return message("-vnc %s is not ADDRESS:DISPLAY", value), false;
    args->vnc = vnc;
    return true;
}

static bool take_keymap(struct args *args, const char *value)
{
    (void)args;
    if (strcmp(value, "en-us"))
        message("-k %s: ignored; what viewers type is typed on a keyboard of US layout", value);
    return true;
}

static bool take_incoming(struct args *args, const char *value)
{
    long fd;

    if (strncmp(value, "fd:", 3) || !parse_number(value + 3, strlen(value + 3), INT_MAX, &fd))
        return message("-incoming %s is not fd:NUMBER", value), false;
    args->incoming_fd = fd;
    return true;
}

static bool take_stopped(struct args *args, const char *value)
{
    (void)value;
    args->stopped = true;
    return true;
}

static const struct option {
    const char *name;
    bool has_value;
    bool (*take)(struct args *args, const char *value);
} options[] = {
    { "-xen-domid", true, take_domid },
    { "-chardev", true, take_chardev },
    { "-boot", true, take_boot },
    { "-drive", true, take_drive },
    { "-serial", true, take_serial },
    { "-reflex-nic", true, take_network_card },
    { "-netdev", true, take_netdev },
    { "-device", true, take_device },
    { "-vnc", true, take_vnc },
    { "-k", true, take_keymap },
    { "-incoming", true, take_incoming },
    { "-S", false, take_stopped },
    /* Free text, which may look like an option. */
    { "-name", true, NULL },
    { "-kernel", true, NULL },
    { "-initrd", true, NULL },
    { "-append", true, NULL },
};

static const struct option *find_option(const char *name)
{
    for (unsigned int i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        if (strcmp(options[i].name, name) == 0)
            return &options[i];
    return NULL;
}

bool args_parse(struct args *args, int argc, char *const argv[])
{
    *args = (struct args){ .domid = UINT32_MAX, .incoming_fd = -1 };

    for (int i = 1; i < argc; i++) {
        const struct option *option = find_option(argv[i]);
        const char *value = NULL;

        if (!option)
            continue;       /* another option, or the value of one */
        if (option->has_value && !(value = argv[++i]))
            return message("%s wants a value", option->name), false;
        if (option->take && !option->take(args, value))
            return false;
    }
    if (args->domid == UINT32_MAX)
        return message("no -xen-domid"), false;
    if (args->nr_sockets == 0)
        return message("no -chardev socket,id=libxl-cmd,..."), false;
    return true;
}
