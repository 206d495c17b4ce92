/* SPDX-License-Identifier: LGPL-3.0-or-later */
#define _GNU_SOURCE
#include "socket_net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define PREFIX 4u                           /* bytes: a frame's length */

/* ---- To the other side -------------------------------------------------------------------------------------- */

/* Nobody there: the other side will not come back. */
static void unplug(struct socket_net *net)
{
    if (net->fd >= 0)
        close(net->fd);
    net->fd = -1;
}

static void send_all(struct socket_net *net, const void *bytes, size_t length)
{
    const uint8_t *from = bytes;

    while (length && net->fd >= 0) {
        ssize_t sent = send(net->fd, from, length, MSG_NOSIGNAL);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0) {
            unplug(net);
            return;
        }
        from += sent;
        length -= (size_t)sent;
    }
}

static bool is_memory(const struct socket_net *net, const struct net_packet *packet)
{
    for (unsigned int i = 0; i < packet->segment_count; i++)
        if (!memory_segment(net->memory, packet->segments[i].address, packet->segments[i].length))
            return false;
    return true;
}

static void submit(struct net_backend *backend, struct net_packet *packet)
{
    struct socket_net *net = (struct socket_net *)backend;
    uint32_t length = htonl(packet->length);
    bool possible = is_memory(net, packet);

    if (possible && net->fd >= 0) {
        send_all(net, &length, PREFIX);
        for (unsigned int i = 0; i < packet->segment_count; i++) {
            const struct net_segment *segment = &packet->segments[i];

            send_all(net, memory_segment(net->memory, segment->address, segment->length), segment->length);
        }
    }
    packet->done(packet, possible && net->fd >= 0);
}

/* There is nothing to tell, and nothing to wait for. */
static void flush(struct net_backend *backend)
{
    (void)backend;
}

/* ---- From the other side ------------------------------------------------------------------------------------ */

/* The length of the frame that `at` begins with, 0: it is not all there.  One that is too long for a buffer is the end
 * of the stream. */
static uint32_t frame_at(struct socket_net *net, size_t at)
{
    uint32_t length;

    if (net->length - at < PREFIX)
        return 0;
    memcpy(&length, net->input + at, PREFIX);
    length = ntohl(length);
    if (!length || length > NET_PACKET_MAX) {
        unplug(net);
        net->length = at;
        return 0;
    }
    return net->length - at - PREFIX < length ? 0 : length;
}

/* A frame without a whole header is none. */
static bool deliver(struct socket_net *net, const uint8_t *bytes, uint32_t length)
{
    struct net_listener *listener = net->backend.listener;
    const struct net_piece piece = { bytes, length };
    const struct net_frame frame = { .pieces = &piece, .piece_count = 1, .length = length };

    return !listener || length < NET_HEADER_BYTES || listener->receive(listener, &frame);
}

static void deliver_all(struct socket_net *net)
{
    struct net_listener *listener = net->backend.listener;
    uint32_t length;
    size_t at = 0;

    while ((length = frame_at(net, at)) && deliver(net, net->input + at + PREFIX, length))
        at += PREFIX + length;
    net->length -= at;
    memmove(net->input, net->input + at, net->length);
    if (listener)
        listener->pushed(listener);
}

static void ready(struct net_backend *backend)
{
    deliver_all((struct socket_net *)backend);
}

int socket_net_poll_fd(const struct socket_net *net)
{
    return net->length < SOCKET_NET_INPUT ? net->fd : -1;
}

void socket_net_receive(struct socket_net *net)
{
    ssize_t received;

    do
        received = recv(net->fd, net->input + net->length, SOCKET_NET_INPUT - net->length, MSG_DONTWAIT);
    while (received < 0 && errno == EINTR);
    if (received < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return;
    if (received <= 0)
        unplug(net);
    else
        net->length += (size_t)received;
    deliver_all(net);
}

void socket_net_init(struct socket_net *net, const struct memory *memory, int fd,
                     const uint8_t address[NET_ADDRESS_BYTES])
{
    static const struct net_backend_ops ops = { submit, flush, ready, flush };

    net->backend = (struct net_backend){ .ops = &ops, .info.up = true };
    memcpy(net->backend.info.address, address, NET_ADDRESS_BYTES);
    net->memory = memory;
    net->fd = fd;
    net->length = 0;
}
