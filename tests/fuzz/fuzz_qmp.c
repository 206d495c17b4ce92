/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * reflex-dm's QMP server with a client that sends any bytes, in pieces of any size, some with a descriptor.  The first
 * byte of the input is the size of a piece, the second says what else the client does; the rest is what it sends.
 *
 * Each answer is a line of JSON that says what QMP lets it say, and no descriptor is left over.
 */
#define _GNU_SOURCE
#include "check.h"
#include "input.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "qmp.h"

#define ANSWERS_MAX 0x40000
#define TEXT_MAX    (QMP_MAX_REQUEST + 200)

enum { PASS_FD = 1, REPEAT = 2, HANG_UP = 4, SERIAL = 8, NO_TTY = 16 };

static struct machine {
    struct qmp qmp;
    struct domain domain;
    int client;
    uint8_t how;
    char answers[ANSWERS_MAX];
    size_t length;
} m;

/* ---- The domain, as the server sees it --------------------------------------------------------------------------- */

unsigned int xen_vcpus(struct xen *xen)
{
    (void)xen;
    return m.how >> 5;
}

char *xen_store_read(struct xen *xen, const char *node)
{
    (void)xen, (void)node;
    return m.how & NO_TTY ? NULL : strdup("/dev/pts/3");
}

bool xen_store_write(struct xen *xen, const char *node, const char *value)
{
    (void)xen, (void)node, (void)value;
    return true;
}

bool xen_store_make_readable(struct xen *xen, const char *node)
{
    (void)xen, (void)node;
    return true;
}

int xen_enable_reflection(struct xen *xen)
{
    (void)xen;
    return 0;
}

/* No frontend has connected to the drive. */
bool xen_open_rings(struct xen *xen)
{
    (void)xen;
    return true;
}

bool xen_backend_write(struct xen *xen, unsigned int virtual_device, const char *leaf, const char *value)
{
    (void)xen, (void)virtual_device, (void)leaf, (void)value;
    return true;
}

void *xen_map_page(struct xen *xen, uint32_t ref)
{
    (void)xen, (void)ref;
    return NULL;
}

void xen_unmap_page(struct xen *xen, void *page)
{
    (void)xen, (void)page;
}

bool xen_copy_to_guest(struct xen *xen, uint32_t ref, uint32_t offset, const void *bytes, uint32_t length)
{
    (void)xen, (void)ref, (void)offset, (void)bytes, (void)length;
    return false;
}

int xen_bind(struct xen *xen, uint32_t port)
{
    (void)xen, (void)port;
    return -1;
}

void xen_unbind(struct xen *xen, int port)
{
    (void)xen, (void)port;
}

void xen_notify(struct xen *xen, int port)
{
    (void)xen, (void)port;
}

enum xen_event xen_next_event(struct xen *xen, int *which)
{
    (void)xen, (void)which;
    return XEN_EVENT_NONE;
}

/* Neither interfaces nor a screen: QMP knows of a screen's password alone. */
char *xen_vif_read(struct xen *xen, unsigned int number, const char *leaf)
{
    (void)xen, (void)number, (void)leaf;
    return NULL;
}

bool xen_watch_vifs(struct xen *xen)
{
    (void)xen;
    return false;
}

bool xen_add_screen(struct xen *xen)
{
    (void)xen;
    return false;
}

bool xen_domain_exists(struct xen *xen)
{
    (void)xen;
    return true;
}

/* ---- The client -------------------------------------------------------------------------------------------------- */

static int image;                           /* a medium of two blocks, and a file to save to */

/* The sum of the numbers that the next few descriptors get: what is left open makes it greater. */
static int next_descriptors(void)
{
    int fds[8], sum = 0;

    for (unsigned int i = 0; i < 8; i++)
        sum += fds[i] = dup(STDERR_FILENO);
    for (unsigned int i = 0; i < 8; i++)
        close(fds[i]);
    return sum;
}

static void send_piece(const uint8_t *bytes, size_t length)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = { .header = { .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS } };
    struct iovec part = { (void *)bytes, length };
    struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1 };
    int fd = m.how & PASS_FD ? dup(image) : -1;

    if (fd >= 0) {
        memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
        header.msg_control = &control;
        header.msg_controllen = CMSG_LEN(sizeof(int));
    }
    sendmsg(m.client, &header, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (fd >= 0)
        close(fd);
}

static void hear(void)
{
    ssize_t length;

    while ((length = recv(m.client, m.answers + m.length, ANSWERS_MAX - m.length, MSG_DONTWAIT)) > 0)
        m.length += length;
}

/* Once, as after a poll() that says that the client has sent something. */
static void serve(void)
{
    struct pollfd fds[QMP_MAX_FDS];

    memset(fds, 0, sizeof(fds));
    fds[ARGS_MAX_SOCKETS].revents = m.qmp.clients[0].fd >= 0 ? POLLIN : 0;
    qmp_handle_poll(&m.qmp, fds);
    CHECK(m.qmp.clients[0].fd < 0 || m.qmp.clients[0].used < QMP_MAX_REQUEST);
    hear();
}

static void connect_client(void)
{
    int ends[2];

    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    m.qmp.domain = &m.domain;
    for (unsigned int i = 1; i < QMP_MAX_CLIENTS; i++)
        m.qmp.clients[i].fd = -1;
    m.qmp.clients[0].fd = ends[0];
    m.qmp.clients[0].used = 0;
    session_init(&m.qmp.clients[0].session);
    m.client = ends[1];
    m.length = 0;
}

/* What it has sent before is answered: a piece, or more, each time. */
static void hang_up(void)
{
    unsigned int rounds = 0;

    shutdown(m.client, SHUT_WR);
    for (; m.qmp.clients[0].fd >= 0; serve())
        CHECK(rounds++ < TEXT_MAX);
    close(m.client);
}

static void check_answers(void)
{
    char *line = m.answers, *end;

    for (; line < m.answers + m.length; line = end + 2) {
        json_t *answer, *error;

        end = memmem(line, m.answers + m.length - line, "\r\n", 2);
        CHECK(end);
        answer = json_loadb(line, end - line, 0, NULL);
        CHECK(json_is_object(answer));
        error = json_object_get(answer, "error");
        CHECK(!json_object_get(answer, "return") == !!error);
        CHECK(!error || json_is_string(json_object_get(error, "desc")));
        json_decref(answer);
    }
}

/* The rest of the input, or so much of it that it is beyond what the server takes. */
static size_t compose(struct input *input, uint8_t *text)
{
    size_t most = m.how & REPEAT && input->left ? TEXT_MAX : input->left;

    for (size_t i = 0; i < most; i++)
        text[i] = input->bytes[i % input->left];
    return most;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static uint8_t text[TEXT_MAX];
    struct input input = { bytes, length };
    struct drive *drive = &m.domain.drives.drive[0];
    size_t piece, most;
    int first;

    if (!image)
        CHECK((image = memfd_create("image", 0)) > 0 && ftruncate(image, 4096) == 0);
    first = next_descriptors();
    piece = (take_u8(&input) + 1u) * 4;
    m.how = take_u8(&input);
    m.domain = (struct domain){ .serial = m.how & SERIAL, .drives.count = 1 };
    *drive = (struct drive){ .virtual_device = 5632, .image = -1 };
    connect_client();
    most = compose(&input, text);
    for (size_t at = 0; at < most && m.qmp.clients[0].fd >= 0; at += piece) {
        send_piece(text + at, at + piece < most ? piece : most - at);
        if (!(m.how & HANG_UP))
            serve();
    }
    hang_up();
    check_answers();
    free(m.domain.serial_tty);
    CHECK(drive_eject(drive));
    CHECK(next_descriptors() == first);
    return 0;
}
