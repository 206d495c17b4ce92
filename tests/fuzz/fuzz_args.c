/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* reflex-dm's command line, its arguments separated by newlines in the input: what is taken is whole and in range. */
#include "check.h"
#include "input.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "tools/common/message.h"

#define ARGS_MAX 64

static unsigned int messages;

/* In the place of the program's own, which would fill the log. */
void message(const char *format, ...)
{
    char line[2048];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    messages++;
}

static void check_socket(const struct args_socket *socket, const char *text, size_t length)
{
    if (!socket->path) {
        CHECK(socket->fd >= 0);
        return;
    }
    CHECK(socket->path >= text && socket->path + socket->path_length <= text + length);
    CHECK(!memchr(socket->path, '\0', socket->path_length) && !memchr(socket->path, ',', socket->path_length));
}

static void check(const struct args *args, const char *text, size_t length)
{
    char last = '1';

    CHECK(args->domid < 0x7ff0 && args->incoming_fd >= -1);
    CHECK(args->nr_sockets >= 1 && args->nr_sockets <= ARGS_MAX_SOCKETS);
    for (unsigned int i = 0; i < args->nr_sockets; i++)
        check_socket(&args->sockets[i], text, length);
    CHECK(memchr(args->boot_order, '\0', sizeof(args->boot_order)));
    CHECK(args->boot_order[strspn(args->boot_order, "abcdefghijklmnop")] == '\0');
    CHECK(memchr(args->serial_ports, '\0', sizeof(args->serial_ports)));
    for (const char *port = args->serial_ports; *port; last = *port++)
        CHECK(*port > last && *port < '1' + ARGS_MAX_SERIALS);
    CHECK(!args->network_card || strcmp(args->network_card, "e1000") == 0 ||
          strcmp(args->network_card, "rtl8139") == 0);
}

static void check_vnc(const struct args_vnc *vnc, const char *text, size_t length)
{
    if (!vnc->wanted)
        return;
    CHECK(vnc->address >= text && vnc->address + vnc->address_length <= text + length);
    CHECK(vnc->address_length < ARGS_ADDRESS_MAX && !memchr(vnc->address, ',', vnc->address_length));
    CHECK(vnc->display <= 65535 - 5900 && vnc->last <= 65535 - 5900);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char *text = malloc(length + 1), *argv[ARGS_MAX + 2] = { "reflex-dm" };
    struct args args;
    int argc = 1;

    memcpy(text, bytes, length);
    text[length] = '\0';
    for (char *arg = strtok(text, "\n"); arg && argc <= ARGS_MAX; arg = strtok(NULL, "\n"))
        argv[argc++] = arg;
    messages = 0;
    if (args_parse(&args, argc, argv))
        check(&args, text, length), check_vnc(&args.vnc, text, length);
    else
        CHECK(messages);
    free(text);
    return 0;
}
