/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Measures from inside a guest what its I/O costs. Each prints one line of numbers:
 *   measure inb PORT COUNT                 nanoseconds per read of a byte port
 *   measure outb PORT COUNT                nanoseconds per write of a zero
 *   measure insw PORT COUNT                nanoseconds per rep insw of 512 words
 *   measure disk DEVICE read|write random|sequential BYTES DEPTH SECONDS
 *                                          requests, bytes, and seconds; O_DIRECT, DEPTH requests at once
 *   measure say BYTES                      seconds until so many characters were on the wire
 *   measure listen BYTES                   seconds from the first to the last of so many characters
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/syscall.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define PAGE      4096
#define DEPTH_MAX 64
#define WORDS     512

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static int failed(const char *what)
{
    perror(what);
    return 1;
}

/* ---- Ports -------------------------------------------------------------------------------------------------- */

static int measure_port(const char *how, unsigned int port, unsigned int count)
{
    static uint16_t words[WORDS];
    double start;

    if (iopl(3))
        return failed("iopl");
    start = now();
    for (unsigned int i = 0; i < count; i++) {
        if (!strcmp(how, "inb"))
            inb(port);
        else if (!strcmp(how, "outb"))
            outb(0, port);
        else
            insw(port, words, WORDS);
    }
    printf("%.0f\n", (now() - start) * 1e9 / count);
    return 0;
}

/* ---- Disks -------------------------------------------------------------------------------------------------- */

struct load {
    int fd;
    bool write, random;
    uint32_t bytes, depth;
    off_t blocks, next;
    uint32_t seed;
    aio_context_t queue;
    struct iocb requests[DEPTH_MAX];
};

static off_t next_block(struct load *load)
{
    if (!load->random)
        return load->next++ % load->blocks;
    load->seed = load->seed * 1664525 + 1013904223;
    return (off_t)(load->seed >> 8) % load->blocks;
}

static bool submit(struct load *load, struct iocb *request)
{
    request->aio_offset = next_block(load) * load->bytes;
    return syscall(SYS_io_submit, load->queue, 1l, &request) == 1;
}

static bool prepare(struct load *load)
{
    load->blocks = lseek(load->fd, 0, SEEK_END) / load->bytes;
    if (load->blocks <= 0 || syscall(SYS_io_setup, load->depth, &load->queue))
        return false;
    for (uint32_t i = 0; i < load->depth; i++) {
        void *buffer;

        if (posix_memalign(&buffer, PAGE, load->bytes))
            return false;
        memset(buffer, 0x5a, load->bytes);
        load->requests[i] = (struct iocb){
            .aio_fildes = load->fd, .aio_lio_opcode = load->write ? IOCB_CMD_PWRITE : IOCB_CMD_PREAD,
            .aio_buf = (uintptr_t)buffer, .aio_nbytes = load->bytes, .aio_data = i,
        };
    }
    return true;
}

/* Answers are waited for one at a time, and each makes room for the next request. */
static int run(struct load *load, double seconds)
{
    double start = now(), end = start + seconds;
    uint64_t done = 0;
    uint32_t out = 0;

    while (out < load->depth && submit(load, &load->requests[out]))
        out++;
    if (out < load->depth)
        return failed("io_submit");
    while (out) {
        struct io_event event;

        if (syscall(SYS_io_getevents, load->queue, 1l, 1l, &event, NULL) != 1 || event.res != load->bytes)
            return failed("a request");
        done++;
        out--;
        if (now() < end && submit(load, &load->requests[event.data]))
            out++;
    }
    printf("%llu %llu %.3f\n", (unsigned long long)done, (unsigned long long)(done * load->bytes), now() - start);
    return 0;
}

static int measure_disk(char **arguments)
{
    static struct load load;
    const char *device = arguments[0];

    load.write = !strcmp(arguments[1], "write");
    load.random = !strcmp(arguments[2], "random");
    load.bytes = strtoul(arguments[3], NULL, 0);
    load.depth = strtoul(arguments[4], NULL, 0);
    load.seed = 1;
    load.fd = open(device, (load.write ? O_WRONLY : O_RDONLY) | O_DIRECT);
    if (load.fd < 0 || !load.depth || load.depth > DEPTH_MAX || !load.bytes || !prepare(&load))
        return failed(device);
    return run(&load, strtod(arguments[5], NULL));
}

/* ---- The console, on standard input and output -------------------------------------------------------------- */

static int measure_say(unsigned int bytes)
{
    static const char line[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-\n";
    double start;

    tcdrain(STDOUT_FILENO);
    start = now();
    for (unsigned int said = 0; said < bytes; said += sizeof(line) - 1)
        if (write(STDOUT_FILENO, line, sizeof(line) - 1) < 0)
            return failed("standard output");
    tcdrain(STDOUT_FILENO);
    printf("%.3f\n", now() - start);
    return 0;
}

static int measure_listen(unsigned int bytes)
{
    struct termios before, raw;
    unsigned int heard = 0;
    double start = 0;
    char buffer[256];

    if (tcgetattr(STDIN_FILENO, &before))
        return failed("standard input");
    raw = before;
    cfmakeraw(&raw);
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    printf("listening\r\n");
    fflush(stdout);
    while (heard < bytes) {
        ssize_t n = read(STDIN_FILENO, buffer, sizeof(buffer));

        if (n <= 0)
            break;
        if (!heard)
            start = now();
        heard += n;
    }
    tcsetattr(STDIN_FILENO, TCSANOW, &before);
    if (heard < bytes)
        return failed("standard input");
    printf("%.3f\n", now() - start);
    return 0;
}

int main(int argc, char *argv[])
{
    const char *what = argc > 1 ? argv[1] : "";

    if (argc == 4 && (!strcmp(what, "inb") || !strcmp(what, "outb") || !strcmp(what, "insw")))
        return measure_port(what, strtoul(argv[2], NULL, 0), strtoul(argv[3], NULL, 0));
    if (argc == 8 && !strcmp(what, "disk"))
        return measure_disk(argv + 2);
    if (argc == 3 && !strcmp(what, "say"))
        return measure_say(strtoul(argv[2], NULL, 0));
    if (argc == 3 && !strcmp(what, "listen"))
        return measure_listen(strtoul(argv[2], NULL, 0));
    fprintf(stderr, "usage: see the head of tests/guest/measure.c\n");
    return 2;
}
