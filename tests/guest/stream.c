/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * TCP with every byte checked at the far end, and UDP by the packet; it says how fast that was.
 *   stream serve PORT                       the far end of the others, until it is killed
 *   stream put|get|both HOST PORT MIB       to it, from it, or both at once on one connection
 *   stream send|take HOST PORT SECONDS      small UDP packets, to it or from it
 *   stream flood HOST PORT SECONDS BYTES    UDP packets of BYTES, whether somebody wants them or not
 * The server learns by one line what is wanted, and answers by one line what has arrived.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CHUNK     65536u
#define MIB       (1u << 20)
#define PATIENCE  300               /* seconds that a connection may stand still: a domain may be saved meanwhile */
#define PACKET    18                /* bytes of a small packet, which fill the shortest frame */
#define TO_SERVER 1                 /* which way a stream goes; its bytes differ */
#define TO_CLIENT 2

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static _Noreturn void give_up(const char *what)
{
    perror(what);
    exit(1);
}

/* ---- Bytes on a connection ---------------------------------------------------------------------------------- */

static void fill(uint8_t *bytes, uint64_t offset, int way)
{
    for (uint64_t i = offset / 8; i < (offset + CHUNK) / 8; i++, bytes += 8) {
        uint64_t word = (i + 1) * 0x9e3779b97f4a7c15u + (uint64_t)way;

        word ^= word >> 29;
        memcpy(bytes, &word, 8);
    }
}

static bool send_all(int fd, const void *bytes, size_t length)
{
    for (const uint8_t *at = bytes; length; ) {
        ssize_t sent = send(fd, at, length, MSG_NOSIGNAL);

        if (sent < 0)
            return false;
        at += sent;
        length -= (size_t)sent;
    }
    return true;
}

static void send_stream(int fd, unsigned int mib, int way)
{
    static uint8_t bytes[CHUNK];

    for (uint64_t at = 0; at < (uint64_t)mib * MIB; at += CHUNK) {
        fill(bytes, at, way);
        if (!send_all(fd, bytes, CHUNK))
            give_up("send");
    }
}

/* False: there were other bytes, or fewer. */
static bool take_stream(int fd, unsigned int mib, int way)
{
    static uint8_t bytes[CHUNK], wanted[CHUNK];
    bool right = true;

    for (uint64_t at = 0; at < (uint64_t)mib * MIB; at += CHUNK) {
        ssize_t length = recv(fd, bytes, CHUNK, MSG_WAITALL);

        if (length != CHUNK) {
            fprintf(stderr, "the stream ends at byte %llu: %s\n", (unsigned long long)at,
                    length < 0 ? strerror(errno) : "closed");
            return false;
        }
        fill(wanted, at, way);
        if (right && memcmp(bytes, wanted, CHUNK)) {
            fprintf(stderr, "other bytes from %llu on\n", (unsigned long long)at);
            right = false;
        }
    }
    return right;
}

static void send_line(int fd, const char *line)
{
    if (!send_all(fd, line, strlen(line)))
        give_up("send");
}

/* Byte by byte, for what follows the line is not the line's. */
static bool take_line(int fd, char *line, size_t size)
{
    for (size_t length = 0; length < size - 1; length++) {
        if (recv(fd, line + length, 1, 0) != 1)
            return false;
        if (line[length] == '\n') {
            line[length] = '\0';
            return true;
        }
    }
    return false;
}

/* Both ways at once takes two processes. */
static pid_t send_beside(int fd, unsigned int mib, int way)
{
    pid_t child = fork();

    if (child < 0)
        give_up("fork");
    if (child == 0) {
        send_stream(fd, mib, way);
        _exit(0);
    }
    return child;
}

static bool ended_well(pid_t child)
{
    int status;

    return waitpid(child, &status, 0) == child && status == 0;
}

/* ---- Packets ------------------------------------------------------------------------------------------------ */

/* Sends to where the socket is connected to; what finds no room is not sent, nor counted. */
static unsigned int send_packets(int fd, double seconds, size_t length)
{
    static const uint8_t bytes[CHUNK];
    unsigned int sent = 0;

    for (double end = now() + seconds; now() < end; )
        for (int i = 0; i < 32; i++)
            sent += send(fd, bytes, length, 0) == (ssize_t)length;
    return sent;
}

/* Counts until `control` has a line, or until none has come for a while. */
static unsigned int count_packets(int fd, int control, char *line, size_t size)
{
    struct timeval patience = { .tv_usec = 100000 };
    uint8_t bytes[2048];
    unsigned int count = 0;

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    for (;;) {
        if (recv(fd, bytes, sizeof(bytes), 0) >= 0)
            count++;
        else if (recv(control, bytes, 1, MSG_PEEK | MSG_DONTWAIT) == 1)
            return take_line(control, line, size) ? count : 0;
    }
}

static int open_packets(struct sockaddr_in *at)
{
    int fd = socket(AF_INET, SOCK_DGRAM, 0), room = 4 << 20;
    socklen_t length = sizeof(*at);

    *at = (struct sockaddr_in){ .sin_family = AF_INET };
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
    if (fd < 0 || bind(fd, (struct sockaddr *)at, sizeof(*at)) || getsockname(fd, (struct sockaddr *)at, &length))
        give_up("UDP");
    return fd;
}

static void connect_packets(int fd, const struct sockaddr_in *peer, unsigned int port)
{
    struct sockaddr_in to = *peer;

    to.sin_port = htons((uint16_t)port);
    if (connect(fd, (struct sockaddr *)&to, sizeof(to)))
        give_up("UDP");
}

/* ---- The server --------------------------------------------------------------------------------------------- */

static void serve_packets(int fd, const struct sockaddr_in *peer, bool from_us, unsigned int seconds,
                          unsigned int port)
{
    struct sockaddr_in at;
    int packets = open_packets(&at);
    char line[64];

    connect_packets(packets, peer, port);
    snprintf(line, sizeof(line), "%u\n", ntohs(at.sin_port));
    send_line(fd, line);
    if (from_us)
        snprintf(line, sizeof(line), "%u\n", send_packets(packets, seconds, PACKET));
    else
        snprintf(line, sizeof(line), "%u\n", count_packets(packets, fd, line, sizeof(line)));
    send_line(fd, line);
}

static void serve_one(int fd, const struct sockaddr_in *peer)
{
    char line[64], what[8];
    unsigned int amount, port = 0;
    pid_t sender = 0;
    bool right = true;

    if (!take_line(fd, line, sizeof(line)) || sscanf(line, "%7s %u %u", what, &amount, &port) < 2)
        return;
    if (strcmp(what, "send") == 0 || strcmp(what, "take") == 0) {
        serve_packets(fd, peer, what[0] == 't', amount, port);
        return;
    }
    if (strcmp(what, "put"))
        sender = send_beside(fd, amount, TO_CLIENT);
    if (strcmp(what, "get"))
        right = take_stream(fd, amount, TO_SERVER);
    if (sender && !ended_well(sender))
        right = false;
    send_line(fd, right ? "right\n" : "wrong\n");
}

static void be_patient(int fd)
{
    struct timeval patience = { .tv_sec = PATIENCE };

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
}

static int serve(unsigned int port)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1, fd;
    socklen_t length = sizeof(at);

    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(listener, (struct sockaddr *)&at, sizeof(at)) || listen(listener, 8))
        give_up("listen");
    for (;;) {
        fd = accept(listener, (struct sockaddr *)&at, &length);
        if (fd < 0)
            continue;
        if (fork() == 0) {
            be_patient(fd);
            serve_one(fd, &at);
            _exit(0);
        }
        close(fd);
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
    }
}

/* ---- The client --------------------------------------------------------------------------------------------- */

static int transfer(int fd, const char *what, unsigned int mib)
{
    bool put = strcmp(what, "get"), get = strcmp(what, "put"), right = true;
    double start = now(), seconds;
    pid_t sender = 0;
    char line[64];

    snprintf(line, sizeof(line), "%s %u\n", what, mib);
    send_line(fd, line);
    if (put)
        sender = send_beside(fd, mib, TO_SERVER);
    if (get)
        right = take_stream(fd, mib, TO_CLIENT);
    if (sender && !ended_well(sender))
        right = false;
    if (!take_line(fd, line, sizeof(line)) || strcmp(line, "right"))
        right = false;
    seconds = now() - start;
    printf("%s %u MiB: %s, %.2f s, %.3f MiB/s\n", what, mib, right ? "right" : "wrong", seconds,
           (put + get) * mib / seconds);
    return !right;
}

static int packets(int fd, const struct sockaddr_in *server, const char *what, unsigned int seconds)
{
    struct sockaddr_in at;
    int packets = open_packets(&at);
    unsigned int port, arrived, sent;
    char line[64];

    snprintf(line, sizeof(line), "%s %u %u\n", what, seconds, ntohs(at.sin_port));
    send_line(fd, line);
    if (!take_line(fd, line, sizeof(line)) || sscanf(line, "%u", &port) != 1)
        give_up("the server");
    connect_packets(packets, server, port);
    if (what[0] == 't') {
        arrived = count_packets(packets, fd, line, sizeof(line));
        sent = (unsigned int)atoi(line);
    } else {
        sent = send_packets(packets, seconds, PACKET);
        send_line(fd, "end\n");
        arrived = take_line(fd, line, sizeof(line)) ? (unsigned int)atoi(line) : 0;
    }
    printf("%s %u s: %u sent, %u arrived, %.0f packets/s\n", what, seconds, sent, arrived,
           (double)arrived / seconds);
    return arrived == 0;
}

static int flood(const struct sockaddr_in *to, unsigned int seconds, unsigned int length)
{
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    connect_packets(fd, to, ntohs(to->sin_port));
    printf("flood %u s: %u sent\n", seconds, send_packets(fd, seconds, length < CHUNK ? length : CHUNK - 1));
    return 0;
}

static int client(const char *what, const struct sockaddr_in *server, unsigned int amount)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    be_patient(fd);
    if (connect(fd, (const struct sockaddr *)server, sizeof(*server)))
        give_up("connect");
    if (strcmp(what, "send") == 0 || strcmp(what, "take") == 0)
        return packets(fd, server, what, amount);
    return transfer(fd, what, amount);
}

int main(int argc, char *argv[])
{
    static const char *const wishes[] = { "put", "get", "both", "send", "take" };
    struct sockaddr_in server = { .sin_family = AF_INET };
    const char *what = argc > 1 ? argv[1] : "";

    signal(SIGPIPE, SIG_IGN);
    setlinebuf(stdout);
    if (argc == 3 && strcmp(what, "serve") == 0)
        return serve((unsigned int)atoi(argv[2]));
    if (argc >= 5 && inet_aton(argv[2], &server.sin_addr)) {
        server.sin_port = htons((uint16_t)atoi(argv[3]));
        if (argc == 6 && strcmp(what, "flood") == 0)
            return flood(&server, (unsigned int)atoi(argv[4]), (unsigned int)atoi(argv[5]));
        for (unsigned int i = 0; argc == 5 && i < sizeof(wishes) / sizeof(wishes[0]); i++)
            if (strcmp(what, wishes[i]) == 0)
                return client(what, &server, (unsigned int)atoi(argv[4]));
    }
    fputs("usage: stream serve PORT | put|get|both HOST PORT MIB | send|take HOST PORT SECONDS |\n"
          "       stream flood HOST PORT SECONDS BYTES\n", stderr);
    return 2;
}
